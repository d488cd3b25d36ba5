"""The try page in real Chromium, as visitors use it: two walks, on a desktop and on a phone."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.preview.conftest import marquee_try

pytestmark = [pytest.mark.browser, pytest.mark.long]
NIGHTLY_JOB_TIMEOUT = 45_000
"""Milliseconds within which the nightly job sends the alert."""
axe = Axe()
PICKS = {"burning 2018": "Burning (2018)", "ballerina 2023": "Ballerina (2023)", "oldboy 2003": "Oldboy (2003)"}


class Visitor:
    """Somebody in front of the page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.hosts: set[str | None] = set()
        self.problems: list[str] = []
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))
        page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.goto(address)
        expect(self.chips.first).to_be_visible()

    @property
    def chips(self) -> Locator:
        return self.page.locator(".chip")

    @property
    def last(self) -> Locator:
        """The newest message."""
        return self.page.locator(".message").last

    @property
    def focused(self) -> Locator:
        return self.page.locator(":focus")

    def type_line(self, line: str) -> None:
        """Type a line into the composer and send it."""
        composer = self.page.locator(".composer-text")
        expect(composer).to_be_visible()
        # An answer may be shown before its request is done.
        expect(self.page.locator("form[aria-busy]")).to_have_count(0)
        composer.fill(line)
        self.page.keyboard.press("Enter")

    def ask(self, line: str, answer: str | re.Pattern[str]) -> Locator:
        """Send a command as it is typed, wait for the answer and return it."""
        before = self.last.get_attribute("id") if self.page.locator(".message").count() else ""
        self.type_line(line)
        expect(self.last).not_to_have_id(before or "")
        expect(self.last).to_contain_text(answer)
        return self.pin(self.last)

    def pin(self, message: Locator) -> Locator:
        """Return the message that is found now, whatever comes after it."""
        return self.page.locator(f"#{message.get_attribute('id')}")

    def be(self, name: str) -> None:
        """Become another person."""
        self.page.get_by_role("radio", name=name).click()
        expect(self.page.get_by_role("radio", name=name)).to_be_checked()
        expect(self.chips.first).to_be_attached()

    def open_channel(self, name: str) -> None:
        self.page.locator(f".place:has(.place-label:text-is('{name}'))").click()

    def choose(self, menu: Locator, *options: str) -> None:
        """Choose from a menu by mouse, beside what is chosen in it already."""
        menu.click()
        for name in options:
            option = self.page.locator(".options:popover-open .option", has_text=name)
            if option.get_attribute("aria-selected") != "true":
                option.click()
        if len(options) > 1:
            self.page.keyboard.press("Escape")

    def assert_accessible(self) -> None:
        """Check the page as it is now with axe."""
        assert not (found := axe.run(self.page)).violations_count, found.generate_report()

    def assert_nothing_is_cut_off(self) -> None:
        """Check that nothing is wider than the page."""
        widths = self.page.evaluate(
            "[...document.querySelectorAll('html, .log, .message')].map((e) => e.scrollWidth - e.clientWidth)"
        )
        assert max(widths) <= 0


def test_a_visitor_walks_through_the_page(browser: Browser, folder: Path) -> None:
    with marquee_try(folder) as address:
        visitor = Visitor(browser.new_page(viewport={"width": 1280, "height": 900}), address)
        page = visitor.page
        expect(page.get_by_role("radio")).to_have_count(3)
        press_the_chips(visitor)
        look_films_up(visitor)
        use_the_composer(visitor)
        rate_by_form(visitor, "Mina", "la la land", "Damien Chazelle")
        plan_an_evening(visitor)
        ask_in_plain_words(visitor)
        bring_a_file(visitor)
        ask_for_an_alert(visitor)
        compare_tastes(visitor)
        plan_picks(visitor)
        plan_a_night(visitor)
        read_direct_messages(visitor)
        start_anew(visitor)
        assert visitor.hosts == {"127.0.0.1"}
        assert not visitor.problems
        page.close()
    with marquee_try(folder, "--clock", "604800x") as address:
        find_it_all_again(browser, address)


def press_the_chips(visitor: Visitor) -> None:
    """All five, one after another: each answer is in sight, and the last opens a form."""
    page = visitor.page
    answers = ("발레리나", "Based on your 13 ratings", "@Jonas", "Portrait of a Lady on Fire (2019)")
    for chip, answer in zip(visitor.chips.all(), answers, strict=False):
        chip.click()
        expect(visitor.last).to_contain_text(answer)
        expect(visitor.last.locator(".used-line")).to_be_in_viewport()
    expect(visitor.last.get_by_role("button", name="I'm in")).to_be_visible()
    visitor.chips.nth(4).click()
    form = page.get_by_role("dialog")
    expect(form).to_contain_text("Past Lives")
    expect(form.get_by_text("★★★★★ · 5 stars", exact=True)).to_be_visible()
    visitor.assert_accessible()
    form.get_by_role("button", name="Cancel").click()
    expect(form).to_be_hidden()


def look_films_up(visitor: Visitor) -> None:
    """A command typed and sent, then buttons of its card."""
    card = visitor.ask("/film ballerina 2023", "1 h 33 min")
    expect(card.locator(".used-line")).to_be_in_viewport()
    expect(card).to_contain_text("Lantern+")
    expect(card.locator(".embed-image img")).to_have_js_property("complete", value=True)
    expect(card).to_contain_text("Jeon Jong-seo as Ok-ju")
    card.get_by_role("button", name="Cast").click()
    expect(visitor.last).to_contain_text("Cast of Ballerina (2023)")
    expect(visitor.last).to_contain_text("Only you can see this")
    visitor.last.get_by_role("button", name="Dismiss message").click()
    expect(visitor.page.get_by_text("Cast of Ballerina (2023)")).to_have_count(0)
    card = visitor.ask("/film john wick 2014", "Data from TMDB")
    expect(card.locator("img").nth(1)).to_have_js_property("complete", value=True)
    card.get_by_role("button", name="Stills").click()
    still = visitor.page.get_by_alt_text("Still 10 of 10 from John Wick (2014)")
    expect(still).to_be_visible()
    still.click()
    expect(visitor.page.get_by_role("dialog", name="Picture")).to_be_visible()
    visitor.page.keyboard.press("Escape")


def use_the_composer(visitor: Visitor) -> None:
    """Commands with their descriptions, Discord's keys, errors beside the option."""
    page, keyboard = visitor.page, visitor.page.keyboard
    page.locator(".composer-text").click()
    keyboard.type("/fi")
    suggestion = page.locator(".suggestions .option.is-active")
    expect(suggestion).to_contain_text("/film")
    expect(suggestion.locator(".option-description")).not_to_be_empty()
    keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="title")).to_be_focused()
    keyboard.press("Enter")
    expect(page.locator(".option-error", has_text="This option is required.")).to_be_visible()
    keyboard.type("parasite 2019")
    expect(page.locator(".suggestions .option")).to_have_count(2)  # the list of the whole text
    expect(page.locator(".suggestions .option").first).to_contain_text("Parasite (2019)")
    keyboard.press("ArrowDown")
    expect(suggestion).to_contain_text("Parasite (2019)")
    keyboard.press("Tab")  # takes the choice and goes on to the options that are left
    expect(visitor.focused).to_have_attribute("placeholder", "+1 option")
    expect(page.locator(".suggestions")).to_contain_text("year")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="year")).to_be_focused()
    keyboard.type("soon")
    keyboard.press("Enter")
    expect(page.locator(".option-error", has_text="Enter a whole number.")).to_be_visible()
    for _ in "soon!":  # the last one takes the option away
        keyboard.press("Backspace")
    expect(page.get_by_role("combobox", name="year")).to_have_count(0)
    keyboard.press("Escape")  # closes the list
    keyboard.press("Enter")
    expect(visitor.last).to_contain_text("기생충")
    visitor.type_line("/nonsense at all")
    expect(page.get_by_role("alert").filter(has_text="There is no command /nonsense.")).to_be_visible()
    visitor.type_line("/pick list")
    expect(page.get_by_role("alert").filter(has_text="Only Sam, the moderator, can use /pick.")).to_be_visible()
    page.locator(".composer-text").fill("Hello @Jonas, **this** is ||a secret|| <script>alert(1)</script>")
    keyboard.press("Enter")
    expect(visitor.last.locator(".mention")).to_have_text("@Jonas")
    expect(visitor.last.locator("strong").last).to_have_text("this")
    expect(visitor.last).to_contain_text("<script>alert(1)</script>")
    expect(visitor.last.locator(".spoiler")).to_have_accessible_name("Spoiler, press to reveal")
    visitor.last.locator(".spoiler").click()
    expect(visitor.last.locator(".spoiler.is-open")).to_contain_text("a secret")
    help_message = visitor.ask("/help", "Find a film")
    expect(help_message.locator(".mention").first).to_have_text("/film")


def rate_by_form(visitor: Visitor, name: str, film: str, director: str) -> None:
    page = visitor.page
    card = visitor.ask(f"/film {film}", director)
    rate = card.get_by_role("button", name="Rate")
    rate.click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="Submit").click()
    expect(form.get_by_text("Choose one.")).to_be_visible()
    form.get_by_text("★★★★½ · 4½ stars", exact=True).click()
    form.locator("[name=review]").fill("I walked home whistling.")
    form.get_by_text("Contains spoilers").click()
    form.locator("[name=watched]").fill("yesterday")
    form.get_by_role("button", name="Submit").click()
    expect(form).to_be_hidden()
    expect(visitor.last).to_contain_text("★★★★½")
    reviews = visitor.ask(f"/reviews {film}", f"@{name}")
    reviews.get_by_role("button", name=re.compile("Show .*spoilers")).click()
    expect(visitor.last).to_contain_text("I walked home whistling.")


def plan_an_evening(visitor: Visitor) -> None:
    """A menu of members, by mouse; a list in place of what the last answer showed."""
    group = visitor.ask("/tonight", "Tonight")
    visitor.choose(group.get_by_role("combobox", name="Who's watching?"), "Mina", "Jonas", "Sam")
    expect(group).to_contain_text("@Jonas")
    expect(group).to_contain_text("@Sam")


def ask_in_plain_words(visitor: Visitor) -> None:
    visitor.ask("@Marquee a korean thriller under two hours", "South Korea · Thriller")
    expect(visitor.page.locator(".message .reply-text").last).to_contain_text("@Marquee a korean thriller")
    visitor.last.hover()
    visitor.last.get_by_role("button", name="Reply to Marquee").click()
    visitor.ask("shorter", "South Korea")


def bring_a_file(visitor: Visitor) -> None:
    visitor.type_line("/import file")
    form = visitor.page.get_by_role("dialog")
    export = b"Date,Name,Year,Letterboxd URI,Rating\n2024-01-01,Heat,1995,https://boxd.it/2aHi,4.5\n"
    form.locator("input[type=file]").set_input_files(
        {"name": "ratings.csv", "mimeType": "text/csv", "buffer": export}
    )
    form.get_by_role("button", name="Submit").click()
    expect(form).to_be_hidden()
    expect(visitor.last).to_contain_text("Letterboxd")


def ask_for_an_alert(visitor: Visitor) -> None:
    visitor.ask("/me country germany", "Germany")
    visitor.ask("/services lantern+", "✓ Lantern+")
    visitor.ask("/alert burning", "I'll message you when")
    offers = visitor.ask("/where film: john wick 2014 country: Germany country2: United States", "Open Projector")
    expect(offers).to_contain_text("Subscription: Lantern+, Reelhouse")


def compare_tastes(visitor: Visitor) -> None:
    visitor.be("Jonas")
    expect(visitor.page.get_by_text("Only you can see this")).to_have_count(0)  # those were Mina's
    visitor.ask("/recommend", "Based on your 16 ratings in this server")
    expect(visitor.last).to_contain_text("Because you gave ★")
    visitor.ask("/taste sam", "from 8 films you both rated")


def plan_picks(visitor: Visitor) -> None:
    """Commands for moderators, and a channel that is not shown."""
    visitor.be("Sam")
    for typed, shown in PICKS.items():
        visitor.ask(f"/pick add {typed}", f"Planned: {shown}")
    visitor.ask("/pick rotate every: week channel: films thread: True", "A new pick every Friday at 20:00.")
    visitor.open_channel("marquee")
    expect(visitor.page.locator(".log")).to_contain_text("Featured film")
    visitor.open_channel("films")


def plan_a_night(visitor: Visitor) -> None:
    """A night is among the server's events, where members say that they are interested."""
    visitor.ask(
        "/night plan name: Friday film when: tomorrow 20:00 place: Mina's sofa", "Friday film is planned for"
    )
    event = visitor.page.locator(".event", has_text="Friday film")
    expect(event).to_contain_text("Mina's sofa")
    event.get_by_role("button", name="Interested").click()
    expect(event.get_by_role("button")).to_have_text("✓ Interested · 1")


def read_direct_messages(visitor: Visitor) -> None:
    """The alert that Mina asked for arrives where it is not looked at; commands work there, too."""
    visitor.be("Mina")
    visitor.open_channel("Marquee")
    alert = "A film you want is now streaming"
    expect(visitor.page.locator(".message").filter(has_text=alert)).to_be_visible(timeout=NIGHTLY_JOB_TIMEOUT)
    visitor.ask("/film burning", "Burning (2018)")
    visitor.ask("a funny film with a bear", "Paddington")
    visitor.open_channel("films")


def start_anew(visitor: Visitor) -> None:
    """Mina deletes everything, and is a newcomer."""
    visitor.ask("/mydata delete", "delete")
    visitor.last.get_by_role("button", name="Delete it all").click()
    expect(visitor.page.get_by_text("Delete it all")).to_have_count(0)
    second_half = visitor.ask("/recommend", "5 more films")
    first_half = visitor.pin(visitor.page.locator(".message").nth(-2))
    expect(first_half).to_contain_text("Rate a few films and I'll learn your taste")
    expect(first_half).to_be_in_viewport()  # an answer of two messages is shown from its beginning
    first_half.get_by_role("button", name="5 ★").first.click()
    expect(first_half).to_contain_text("★★★★★ saved")
    second_half.get_by_role("button", name="Get recommendations").click()
    expect(visitor.last).to_contain_text("Based on your 1 rating in this server")
    visitor.ask("/me country south korea", "Your country is South Korea")


def find_it_all_again(browser: Browser, address: str) -> None:
    """After a restart, with a fast clock, on a phone: the data is there, and all picks are announced."""
    visitor = Visitor(browser.new_page(viewport={"width": 390, "height": 844}), address)
    page = visitor.page
    expect(page.locator(".welcome")).to_contain_text("Welcome back")
    expect(page.locator(".speed[aria-pressed=true]")).to_have_text("1 week/s")
    # A week takes a second: the cards of earlier picks say that they are over.
    expect(page.get_by_text("Previously featured", exact=True)).to_have_count(len(PICKS), timeout=30_000)
    expect(page.get_by_text("Featured film", exact=True)).to_have_count(1)
    page.get_by_role("button", name="Pause the clock").click()
    expect(page.locator(".speed[aria-pressed=true]")).to_have_text("Pause")
    page.locator(".thread-link").last.click()
    expect(page.get_by_text("This is the beginning of the thread.")).to_be_visible()
    page.get_by_role("button", name="Channels").click()
    visitor.open_channel("films")
    visitor.ask("/me country", "Your country is South Korea")
    visitor.assert_nothing_is_cut_off()
    visitor.assert_accessible()
    use_a_phone(visitor)
    assert not visitor.problems
    page.close()


def use_a_phone(visitor: Visitor) -> None:
    """What was done on a desktop, by somebody else at phone width."""
    visitor.be("Jonas")
    answers = ("발레리나", re.compile(r"Based on your \d+ ratings"), "@Sam")
    for chip, answer in zip(visitor.chips.all(), answers, strict=False):
        chip.click()
        expect(visitor.last).to_contain_text(answer)
        visitor.assert_nothing_is_cut_off()
    look_films_up(visitor)
    use_the_composer(visitor)
    rate_by_form(visitor, "Jonas", "memento", "Christopher Nolan")
    plan_an_evening(visitor)
    visitor.assert_nothing_is_cut_off()
    visitor.assert_accessible()
