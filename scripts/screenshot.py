"""Take the README's screenshots of the try page: the first minute, at a desktop's width and at a phone's.

    python scripts/screenshot.py [FOLDER]

Starts `marquee try` with a database of its own, drives the page in Chromium (on the PATH) and writes try.png,
try-phone.png and a picture of each of ANSWERS into docs/. With a folder it writes there: both widths in light and
dark, with long titles and other scripts, to look at before a release.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
DESKTOP, PHONE = (1060, 1262), (390, 844)
FIRST_CARD = "/film balerina"
ANSWERS = {
    "card": "/film burning",
    "recommendations": "/recommend",
    "group": "/tonight",
    "profile": "/profile",
    "announcement": "/featured",
}
"""What README shows of answers, each by the name of its picture."""
ANSWER_HEIGHT = 2_400
"""Of the page on which answers are photographed: the longest is seen as a whole."""
OTHER_LINES = {
    "hangul": "/film 기생충",
    "long": "/film dr strangelove or how i learned to stop worrying and love the bomb",
    "spirited": "/film spirited away",
    "tonight": "/tonight",
    "recommend": "/recommend",
    "reviews": "/reviews burning 2018",
    "featured": "/featured",
}
FLAGS = ("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking")


@contextmanager
def try_page() -> Iterator[str]:
    """Run the try page with a database of its own and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "try", "--port", "0", "--no-browser"],
            env={**os.environ, "MARQUEE_DATA_DIR": folder},
            stdout=subprocess.PIPE,
            text=True,
        )
        if process.stdout is None:
            raise RuntimeError("the page said nothing")
        try:
            yield process.stdout.readline().split("Marquee is at ")[1].strip()
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()


def open_page(browser: Browser, address: str, size: tuple[int, int], theme: str) -> Page:
    """Open the page at that size, in the dark or the light theme."""
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]}, device_scale_factor=1.5, color_scheme=theme
    )
    page.goto(address)
    page.locator(".chip").first.wait_for(timeout=60_000)
    return page


def use(page: Page, line: str) -> None:
    """Send a command and wait until its answer is there with its pictures."""
    answers = page.locator(".message")
    before = answers.count()
    page.locator(".composer-text").fill(line)
    page.keyboard.press("Enter")
    answers.nth(before).locator(".embed, .container").first.wait_for()
    page.wait_for_timeout(700)
    page.mouse.move(0, 0)


def main() -> None:
    """Take the screenshots."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with try_page() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, size in (("try", DESKTOP), ("try-phone", PHONE)):
            page = open_page(browser, address, size, "dark")
            if folder is not None:
                page.screenshot(path=folder / f"{name}-welcome.png")
            use(page, FIRST_CARD)
            page.screenshot(path=(folder or DOCS) / f"{name}.png")
            page.close()
            if folder is not None:
                look_around(browser, address, name, size, folder)
        for suffix, size in (("", DESKTOP), ("-phone", PHONE)):
            if folder is not None or not suffix:
                take_answers(browser, address, (size[0], ANSWER_HEIGHT), folder or DOCS, suffix)
        browser.close()


def take_answers(browser: Browser, address: str, size: tuple[int, int], folder: Path, suffix: str) -> None:
    """Take a picture of each of ANSWERS alone, the group's with all three people."""
    page = open_page(browser, address, size, "dark")
    for name, line in ANSWERS.items():
        use(page, line)
        answer = page.locator(".message").last
        if name == "group":
            answer.locator(".picker-button").first.click()
            for member in ("Jonas", "Sam"):
                page.locator(".options:popover-open .option", has_text=member).click()
            page.keyboard.press("Escape")
            page.wait_for_timeout(1_500)
            page.locator(".composer-text").focus()
        page.wait_for_timeout(700)
        answer.screenshot(path=folder / f"{name}{suffix}.png")
    page.close()


def look_around(browser: Browser, address: str, name: str, size: tuple[int, int], folder: Path) -> None:
    """Take a screenshot of each of the other answers, in both themes by turns."""
    for number, (what, line) in enumerate(OTHER_LINES.items()):
        page = open_page(browser, address, size, ("light", "dark")[number % 2])
        use(page, line)
        page.screenshot(path=folder / f"{name}-{what}.png")
        page.close()


if __name__ == "__main__":
    main()
