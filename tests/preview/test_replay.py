"""The try page with recorded replies in TMDB's place: poster, stills, two countries side by side, an alert."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.preview.test_page import ROOT, browser, folder, marquee_try, open_option, pick_command, pick_value

__all__ = ["browser", "folder"]
pytestmark = pytest.mark.browser
REPLAY = ("--tmdb-replay", str(ROOT / "data" / "tmdb-replay"), "--direct")
SOON = 45_000
"""Milliseconds within which the night comes that brings the news."""


def with_option(page: Page, command: str, option: str, typed: str, shown: str) -> None:
    """Use a command with an option that may be left out."""
    pick_command(page, command)
    pick_value(page, option, option)
    pick_value(page, typed, shown)
    page.locator("#send-message").click()


def side_by_side(page: Page) -> None:
    """Ask where a film streams in two countries; typed anew where the night's refresh of the page came between."""
    for last in (False, False, True):
        try:
            pick_command(page, "where")
            pick_value(page, "john wick 2014", "John Wick (2014)")
            for option, typed in (("country", "Germany"), ("country2", "United States")):
                open_option(page, option)
                pick_value(page, typed.lower(), typed)
            page.locator("#send-message").click()
            return
        except AssertionError:
            if last:
                raise
            page.get_by_role("button", name="Exit command mode").click()


def test_poster_stills_offers_and_an_alert(browser: Browser, folder: Path) -> None:
    with marquee_try(folder, *REPLAY) as address:
        page = browser.new_page()
        page.goto(address)
        timeline = page.locator("#channel-timeline")
        with_option(page, "me country", "country", "germany", "Germany")
        expect(timeline).to_contain_text("Your country is Germany")
        with_option(page, "services", "add", "lantern", "Lantern+")
        expect(timeline).to_contain_text("✓ Lantern+")
        with_option(page, "alert", "film", "burning", "Burning (2018)")
        expect(timeline).to_contain_text("one direct message")

        pick_command(page, "film")
        pick_value(page, "john wick 2014", "John Wick (2014)")
        page.locator("#send-message").click()
        expect(timeline).to_contain_text("not endorsed or certified by TMDB")
        expect(timeline).to_contain_text("John Wick, 1 of 4")
        expect(timeline).to_contain_text("✓ Lantern+ (yours), Reelhouse")
        timeline.get_by_role("button", name="Stills").click()
        expect(timeline.get_by_alt_text("Still 10 of 10 from John Wick (2014)")).to_be_visible()

        side_by_side(page)
        expect(timeline).to_contain_text("Open Projector")  # what there is in the United States
        expect(timeline).to_contain_text("Streaming data by JustWatch")

        expect(timeline).to_contain_text("Now on your services: a film you wait for", timeout=SOON)
        page.close()
