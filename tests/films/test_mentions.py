"""Films that a message names, found in its text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.films.mentions import TEXT_LIMIT, find_named_films
from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry
from tests.conftest import World
from tests.responses import first_embed, read_text, require_response

FILMS = {
    "heat-1986": ("Heat", 1986, 20.0),
    "heat-1995": ("Heat", 1995, 86.0),
    "parasite-2019": ("Parasite", 2019, 95.0),
    "get-out-2017": ("Get Out", 2017, 90.0),
    "it-2017": ("It", 2017, 90.0),
    "up-2009": ("Up", 2009, 90.0),
    "good-1998": ("Good", 1998, 2.0),
    "in-the-mood": ("In the Mood for Love", 2000, 85.0),
    "fallout": ("Mission: Impossible – Fallout", 2018, 85.0),
    "mission": ("Mission: Impossible", 1996, 85.0),
    "alien": ("Alien", 1979, 95.0),
    "alien-3": ("Alien 3", 1992, 60.0),
    "all-at-once": ("Everything Everywhere All at Once", 2022, 90.0),
}
INDEX = TitleIndex(
    TitleEntry(film_id, title, "기생충" if film_id == "parasite-2019" else title, year, fame=fame)
    for film_id, (title, year, fame) in FILMS.items()
)


@pytest.mark.parametrize(
    ("text", "film_ids"),
    [
        ("Just watched Heat (1986), wow", ["heat-1986"]),
        ("Just watched Heat, wow", ["heat-1995"]),
        ("Heat (1971) is another film", []),
        (
            "My top 3:\n1. Parasite\n2) in the mood for love (2000) - 5/5\n- **Up** ★★★★",
            ["parasite-2019", "in-the-mood", "up-2009"],
        ),
        ("in the mood for love", ["in-the-mood"]),
        ("we were in the mood for love and wine", []),
        ("I loved everything everywhere all at once", ["all-at-once"]),
        ("Get out of here. It was Good.", []),
        ("get out", ["get-out-2017"]),
        ('Is "it" any good?', ["it-2017"]),
        ("Mission: Impossible – Fallout, then Alien, then Alien 3", ["fallout", "alien-3", "alien"]),
        ("어제 기생충 봤어", ["parasite-2019"]),
        ("`Alien` <@123456> <:heat:1234>", []),
        ("||Alien|| or *heat*?", ["heat-1995", "alien"]),
        ("nothing at all here", []),
    ],
)
def test_titles_are_found_where_they_are_meant(text: str, film_ids: list[str]) -> None:
    found = [film.film_id for film in find_named_films(text, INDEX).films]
    assert found[: len(film_ids)] == film_ids
    assert bool(found) == bool(film_ids)


def test_addresses_and_ids_are_left_to_the_look_up() -> None:
    named = find_named_films("<https://letterboxd.com/film/past-lives/> tt0133093 https://example.org/heat", INDEX)
    assert named.addresses == ("<https://letterboxd.com/film/past-lives/>", "tt0133093")
    assert named.films == ()


@given(st.text(max_size=300) | st.text(alphabet='Heat "*_[]()\n-1995', max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    named = find_named_films(text, INDEX)
    assert len(named.films) <= 10
    assert len({film.film_id for film in named.films}) == len(named.films)


@pytest.mark.parametrize(
    "text",
    [
        "a" + " " * 3_900 + "b",
        "a" + "\n" * 3_900 + "b",
        "★" * 3_999 + "x",
        "_a" * 2_000,
        "[" * 4_000,
        "<@" * 2_000,
    ],
    ids=["spaces", "line breaks", "stars", "italics", "brackets", "mentions"],
)
def test_no_text_takes_long(text: str) -> None:
    """Four hundred spaces once took a minute, in which the bot answered nobody."""
    started = time.thread_time()
    find_named_films(text, INDEX)
    assert time.thread_time() - started < 1


def test_a_long_text_is_read_in_part() -> None:
    assert find_named_films("x" * TEXT_LIMIT + "\nHeat", INDEX).films == ()


async def test_the_message_menu_shows_a_card_or_a_list(world: World) -> None:
    named = await world.jonas.send(world.channel, "Burning (2018), then *Parasite*")
    found = await world.mina.context_menu(world.channel, "Films named here", named)
    assert require_response(found).ephemeral
    assert "1. Parasite (2019)\n2. Burning (2018)" in read_text(found)
    opened = await world.mina.select(require_response(found), ["burning-2018"])
    assert first_embed(opened).title == "Burning (2018)"

    one = await world.jonas.send(world.channel, "have you seen https://www.imdb.com/title/tt7282468/?ref_=x")
    card = await world.mina.context_menu(world.channel, "Films named here", one)
    assert require_response(card).ephemeral
    assert first_embed(card).title == "Burning (2018)"

    none = await world.jonas.send(world.channel, "good morning")
    assert "no film titles" in read_text(await world.mina.context_menu(world.channel, "Films named here", none))
