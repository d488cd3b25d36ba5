"""The try page in real Chromium, as a visitor uses it."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bot.config import Settings
from tests.required import skip_or_fail

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent.parent
FLAGS = (
    "--no-sandbox",  # CI runs as root, where Chromium has no sandbox
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        skip_or_fail("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def folder(settings: Settings) -> Path:
    """A data folder with the starter catalogue loaded for the page, as at every start but the first."""
    (settings.data_dir / "marquee.db").rename(settings.data_dir / "try.db")
    return settings.data_dir


@contextmanager
def marquee_try(folder: Path, *options: str) -> Iterator[str]:
    """Run the try page and yield its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "try", "--port", "0", *options],
        cwd=ROOT,
        env={**os.environ, "MARQUEE_DATA_DIR": str(folder), "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split("Marquee is at ")[1].strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def view_as(page: Page, member: str) -> None:
    """Change the viewer and wait for the page to reload, which would discard anything typed before."""
    page.get_by_label("Viewing as").select_option(label=member)
    expect(page.get_by_role("banner").get_by_role("status")).to_have_text("Preview ready")


def pick_command(page: Page, name: str) -> None:
    """Pick a slash command in the composer."""
    entry = page.locator(".command-entry").filter(has_text=f"/{name}").first
    expect(page.get_by_role("banner").get_by_role("status")).not_to_have_text(re.compile("…"))  # at rest
    for _ in range(5):  # a change of viewer or an arriving message can empty the composer
        page.locator("#channel-composer-input").fill("")
        page.locator("#channel-composer-input").click()
        page.keyboard.type(f"/{name}")
        with contextlib.suppress(PlaywrightTimeout):
            entry.click(timeout=2_000)
            return
    entry.click()


def pick_value(page: Page, typed: str, shown: str) -> None:
    """Type into the focused option and pick the first suggestion."""
    page.keyboard.type(typed)
    choice = page.locator(".command-suggestion").first
    expect(choice).to_contain_text(shown)
    choice.click()


def open_option(page: Page, name: str) -> None:
    """Open an optional option; its value is typed or picked next."""
    option = page.locator(f".command-suggestion[data-value={name}]")
    if not option.is_visible():
        page.locator(".command-row").get_by_text(re.compile(r"^\+\d+ (options|more)")).click()
    option.click()


def pick_option(page: Page, name: str, shown: str) -> None:
    """Open an optional option and pick one of its values."""
    open_option(page, name)
    page.locator(".command-suggestion").filter(has_text=shown).first.click()


def test_a_visitor_looks_up_a_film_and_presses_its_buttons(browser: Browser, tmp_path: Path) -> None:
    with marquee_try(tmp_path) as address:
        page = browser.new_page()
        requested_hosts: set[str | None] = set()
        page.on("request", lambda request: requested_hosts.add(urlsplit(request.url).hostname))
        page.goto(address)
        expect(page.get_by_label("Viewing as").locator("option")).to_have_text(
            ["Mina", "Jonas", "Sam (moderator)"]
        )

        pick_command(page, "film")
        pick_value(page, "balerina 2023", "Ballerina (2023) · Lee Chung-hyun")
        page.locator("#send-message").click()

        timeline = page.locator("#channel-timeline")
        expect(timeline).to_contain_text("발레리나")
        expect(timeline).to_contain_text("1 h 33 min")
        expect(timeline).to_contain_text("Jeon Jong-seo as Ok-ju")
        timeline.get_by_role("button", name="Cast").click()
        expect(timeline).to_contain_text("Cast of Ballerina (2023)")
        pick_command(page, "help")
        page.locator("#send-message").click()
        expect(timeline).to_contain_text("/top · See which films")
        assert requested_hosts <= {"127.0.0.1", None}  # blob: addresses have no host
        page.close()


def test_members_data_survives_a_restart(browser: Browser, folder: Path) -> None:
    with marquee_try(folder) as address:
        page = browser.new_page()
        page.goto(address)
        pick_command(page, "me country")
        pick_value(page, "", "country")
        pick_value(page, "south k", "South Korea")
        page.locator("#send-message").click()
        expect(page.locator("#channel-timeline")).to_contain_text("Your country is South Korea")
        page.close()
    with marquee_try(folder) as address:
        page = browser.new_page()
        page.goto(address)
        pick_command(page, "me country")
        page.locator("#send-message").click()
        expect(page.locator("#channel-timeline")).to_contain_text("Your country is South Korea")
        page.close()


MONTH = {
    "burning 2018": "Burning (2018)",
    "ballerina 2023": "Ballerina (2023)",
    "oldboy 2003": "Oldboy (2003)",
    "parasite 2019": "Parasite (2019)",
}


def test_a_moderator_plans_picks_and_a_fast_clock_announces_them(browser: Browser, folder: Path) -> None:
    with marquee_try(folder) as address:
        page = browser.new_page()
        page.goto(address)
        view_as(page, "Sam (moderator)")
        timeline = page.locator("#channel-timeline")
        for typed, shown in MONTH.items():
            pick_command(page, "pick add")
            pick_value(page, typed, shown)
            page.locator("#send-message").click()
            expect(timeline).to_contain_text(f"Planned: {shown}")
        pick_command(page, "pick rotate")
        expect(page.locator(".command-suggestion[data-value=every]")).to_be_visible()
        pick_option(page, "every", "Every week")
        pick_option(page, "channel", "films")
        page.locator("#send-message").click()
        expect(timeline).to_contain_text("A new pick every Friday at 20:00.")
        page.close()
    with marquee_try(folder, "--clock", "604800x") as address:
        page = browser.new_page()
        page.goto(address)
        timeline = page.locator("#channel-timeline")
        # A week takes a second: all picks are announced, and the cards of earlier ones say that they are over.
        ended = timeline.get_by_text("Was featured", exact=True)
        expect(ended).to_have_count(len(MONTH) - 1, timeout=30_000)
        expect(timeline.get_by_text("Featured film", exact=True)).to_have_count(1)
        for shown in MONTH.values():
            expect(timeline).to_contain_text(shown)
        page.close()


def test_a_newcomer_rates_with_buttons_and_gets_recommendations(browser: Browser, folder: Path) -> None:
    with marquee_try(folder) as address:
        page = browser.new_page()
        page.goto(address)
        timeline = page.locator("#channel-timeline")
        pick_command(page, "recommend")
        page.locator("#send-message").click()
        expect(timeline).to_contain_text("Rate a few films and I'll learn your taste")
        timeline.get_by_role("button", name="5 ★").first.click()
        expect(timeline).to_contain_text("★★★★★ saved")
        timeline.get_by_role("button", name="Get recommendations").click()
        expect(timeline).to_contain_text("Based on your 1 rating in this server")
        expect(timeline).to_contain_text("Because you gave ★★★★★ to")
        pick_command(page, "tonight")
        page.locator("#send-message").click()
        expect(timeline).to_contain_text("Choose the film")
        page.close()


def test_a_member_with_ratings_gets_recommendations_and_compares_tastes(browser: Browser, folder: Path) -> None:
    with marquee_try(folder) as address:
        page = browser.new_page()
        page.goto(address)
        timeline = page.locator("#channel-timeline")
        view_as(page, "Jonas")
        pick_command(page, "recommend")
        page.locator("#send-message").click()
        expect(timeline).to_contain_text("Based on your 14 ratings in this server")
        expect(timeline).to_contain_text("Because you gave ★")
        pick_command(page, "taste")
        page.locator(".command-suggestion").filter(has_text="Sam").click()
        page.locator("#send-message").click()
        expect(timeline).to_contain_text("from 6 films you both rated")
        page.close()


def test_a_member_fills_in_the_rating_form_by_mouse(browser: Browser, folder: Path) -> None:
    with marquee_try(folder) as address:
        page = browser.new_page()
        page.goto(address)
        timeline, form = page.locator("#channel-timeline"), page.get_by_role("dialog")
        pick_command(page, "film")
        pick_value(page, "burning 2018", "Burning (2018)")
        page.locator("#send-message").click()
        timeline.get_by_role("button", name="Rate").click()
        form.get_by_text("★★★★½ · 4½ stars", exact=True).click()
        form.locator("[name=review]").fill("Slow burn, then the barn.")
        form.get_by_text("Contains spoilers").click()
        form.locator("[name=watched]").fill("yesterday")
        form.get_by_role("button", name="Submit").click()
        expect(timeline).to_contain_text("Saved: ★★★★½")
        # The histogram arrives a moment later and redraws the page, which would lose a press at that moment.
        expect(timeline.get_by_role("img", name="Embed 1 image")).to_be_visible()
        timeline.get_by_role("button", name="Reviews").click()
        expect(timeline).to_contain_text("@Mina")
        timeline.get_by_role("button", name="Show spoilers").click()
        expect(timeline.get_by_text("Slow burn, then the barn.").last).to_be_visible()
        page.close()
