"""Take the README's screenshots of the try page: the card at a desktop's width and at a phone's.

    python scripts/screenshot.py

Starts `marquee try` with a database of its own, drives the page in Chromium (on the PATH) and writes
docs/card.png and docs/card-phone.png.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
SIZES = {"card.png": (900, 900), "card-phone.png": (412, 1000)}


def show_card(page: Page) -> None:
    """Use `/film` in the page's composer and wait for the card."""
    page.locator(".composer-text").fill("/film balerina 2023")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cast").wait_for()
    page.mouse.move(0, 0)


def main() -> None:
    """Take the screenshots."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "try", "--port", "0", "--no-browser"],
            env={**os.environ, "MARQUEE_DATA_DIR": folder},
            stdout=subprocess.PIPE,
            text=True,
        )
        if process.stdout is None:
            raise RuntimeError("the page said nothing")
        address = process.stdout.readline().split("Marquee is at ")[1].strip()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-quic"])
        for name, (width, height) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=1.5)
            page.goto(address)
            show_card(page)
            page.wait_for_timeout(500)
            page.screenshot(path=DOCS / name)
            page.close()
        browser.close()
        process.send_signal(signal.SIGINT)
        process.communicate()


if __name__ == "__main__":
    main()
