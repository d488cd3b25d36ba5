"""The try page with recorded replies of TMDB: poster, stills, two countries side by side, an alert."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.preview.test_page import ROOT, browser, folder, marquee_try, open_option, pick_command, pick_value

__all__ = ["browser", "folder"]
pytestmark = pytest.mark.browser
REPLAY = ("--tmdb-replay", str(ROOT / "data" / "tmdb-replay"), "--direct")
NIGHTLY_JOB_TIMEOUT = 45_000
"""Milliseconds within which the nightly job sends the alert."""


def use_command(page: Page, command: str, option: str, typed: str, shown: str) -> None:
    """Use a command with an optional option."""
    pick_command(page, command)
    pick_value(page, option, option)
    pick_value(page, typed, shown)
    page.locator("#send-message").click()


def compare_countries(page: Page) -> None:
    """Use /where with two countries, again where a refresh of the page interrupted the typing."""
    for is_last_attempt in (False, False, True):
        try:
            pick_command(page, "where")
            pick_value(page, "john wick 2014", "John Wick (2014)")
            for option, typed in (("country", "Germany"), ("country2", "United States")):
                open_option(page, option)
                pick_value(page, typed.lower(), typed)
            page.locator("#send-message").click()
            return
        except AssertionError:
            if is_last_attempt:
                raise
            page.get_by_role("button", name="Exit command mode").click()


def test_poster_stills_offers_and_an_alert(browser: Browser, folder: Path) -> None:
    with marquee_try(folder, *REPLAY) as address:
        page = browser.new_page()
        page.goto(address)
        timeline = page.locator("#channel-timeline")
        use_command(page, "me country", "country", "germany", "Germany")
        expect(timeline).to_contain_text("Your country is Germany")
        use_command(page, "services", "add", "lantern", "Lantern+")
        expect(timeline).to_contain_text("✓ Lantern+")
        use_command(page, "alert", "film", "burning", "Burning (2018)")
        expect(timeline).to_contain_text("I'll message you when")

        pick_command(page, "film")
        pick_value(page, "john wick 2014", "John Wick (2014)")
        page.locator("#send-message").click()
        expect(timeline).to_contain_text("Data from TMDB")
        expect(timeline).to_contain_text("John Wick, 1 of 4")
        expect(timeline).to_contain_text("✓ Lantern+ (yours), Reelhouse")
        timeline.get_by_role("button", name="Stills").click()
        expect(timeline.get_by_alt_text("Still 10 of 10 from John Wick (2014)")).to_be_visible()

        compare_countries(page)
        expect(timeline).to_contain_text("Open Projector")  # what there is in the United States
        expect(timeline).to_contain_text("Streaming data by JustWatch")

        expect(timeline).to_contain_text("A film you want is now streaming", timeout=NIGHTLY_JOB_TIMEOUT)
        page.close()
