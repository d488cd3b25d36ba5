"""Mistakes in what curators and members type: answered privately, with the input returned."""

import sys
from typing import Any

import pytest

from bot.picks.models import PLANNED_LIMIT
from bot.picks.repository import SERIES_LIMIT
from tests.conftest import World
from tests.picks.steps import OTHER, get_programme, plan, set_rotation
from tests.repositories import delete_indexed_film
from tests.responses import FILM, assert_refused, read_text, require_response


async def test_mistakes_in_a_new_pick_return_the_input(world: World) -> None:
    note = "All `typed` once. " * 30
    result = await plan(world, FILM, note=note)
    assert_refused(world, result, "The note is too long. That's 539 characters. Shorten it to 500.")
    assert note.strip() in read_text(result).replace("\u200b", "")
    assert "film: Burning (2018)" in read_text(result)
    assert FILM not in read_text(result)  # nobody typed an id
    for typed, sentence in (
        ("31.2.", "no such day"),
        ("2025-01-01", "is in the past"),
        ("some day", "can't read that day"),
        ("2026-06-01 26:00", "can't read that time"),
    ):
        result = await plan(world, FILM, **{"from": typed, "note": "Keep me."})
        assert_refused(world, result, sentence)
        assert f"from: {typed}" in read_text(result)
        assert "note: Keep me." in read_text(result)
    assert "Planned" in read_text(await plan(world, FILM, **{"from": "2026-06-01 20:00"}))
    taken = await plan(world, OTHER, **{"from": "1.6.2026 22:00"})
    assert_refused(world, taken, "Burning (2018) is already planned for June 1, 2026")
    assert_refused(world, await plan(world, OTHER, for_days=0), "1 to 366 days")
    assert_refused(world, await plan(world, OTHER, series="Nothing"), "No series is called “Nothing”. Pick one")
    unknown = await plan(world, "qqqqqqqq")
    assert require_response(unknown).ephemeral
    assert "No film found" in read_text(unknown)
    for command in ("edit", "move", "remove"):
        more = {"note": "x"} if command == "edit" else {"to_place": 1} if command == "move" else {}
        result = await world.sam.slash(world.channel, f"pick {command}", pick="what I typed", **more)
        assert_refused(world, result, "No planned film is called “what I typed”. Pick one from the list.")


async def test_the_input_is_returned_if_the_film_is_not_clear(world: World) -> None:
    result = await plan(world, "qqqqqqqq", note="Keep me.", **{"from": "2026-06-01 20:00"}, for_days=3)
    assert all(message.ephemeral for message in (result.response, *result.followups) if message)
    text = read_text(result)
    assert "Use the command again with another title." in text
    for line in ("film: qqqqqqqq", "note: Keep me.", "from: 2026-06-01 20:00", "for_days: 3"):
        assert line in text
    result = await world.mina.slash(world.channel, "suggest", film="qqqqqqqq", why="It rains.")
    assert "Use the command again with another title." in read_text(result)
    assert "why: It rains." in read_text(result)
    assert (await get_programme(world)).planned == ()


async def test_the_input_is_returned_if_the_film_is_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    film = await world.services.film_repository.get(FILM)

    async def return_film(*_: object) -> Any:
        return film

    # The film is deleted between its look-up and the storing of the pick.
    monkeypatch.setattr(sys.modules["cogs.picks"], "find_or_ask", return_film)
    await delete_indexed_film(world.services, FILM)
    result = await plan(world, FILM, note="Keep me.")
    assert_refused(world, result, "no longer")
    assert "note: Keep me." in read_text(result)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"note": "x" * 501}, "The note is too long. That's 501 characters. Shorten it to 500."),
        ({"for_days": 367}, "1 to 366 days"),
        ({"for_days": -1}, "1 to 366 days"),
        ({"series": "No such thing"}, "No series is called “No such thing”."),
        ({}, "Choose what to change"),
    ],
)
async def test_mistakes_in_an_edit_change_nothing_and_return_the_input(
    world: World, typed: dict[str, Any], sentence: str
) -> None:
    await plan(world, FILM, note="As it was.")
    (choice,) = await world.sam.autocomplete(world.channel, "pick edit", "pick", "")
    result = await world.sam.slash(world.channel, "pick edit", pick=choice["value"], **typed)
    assert_refused(world, result, sentence)
    for name, value in typed.items():
        assert f"{name}: {value}" in read_text(result)
    (pick,) = (await get_programme(world)).queue
    assert (pick.note, pick.duration_days, pick.series) == ("As it was.", None, None)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"to_day": "yesterday"}, "is in the past"),
        ({"to_day": "1.1.2025"}, "is in the past"),
        ({"to_day": "30.2."}, "no such day"),
        ({"to_day": "2026-06-01 08:00"}, "Ballerina (2023) is already planned for June 1, 2026"),
        ({"to_day": "2031-01-01"}, "two years"),
        ({"to_place": 0}, "1 or more"),
        ({"to_place": 1, "to_day": "tomorrow"}, "either a day"),
        ({}, "either a day"),
    ],
)
async def test_mistakes_in_a_move_change_nothing_and_return_the_input(
    world: World, typed: dict[str, Any], sentence: str
) -> None:
    await plan(world, OTHER, **{"from": "2026-06-01 20:00"})
    await plan(world, FILM)
    result = await world.sam.slash(world.channel, "pick move", pick="Burning", **typed)
    assert_refused(world, result, sentence)
    for name, value in typed.items():
        assert f"{name}: {value}" in read_text(result)
    assert [pick.film_id for pick in (await get_programme(world)).queue] == [FILM]


async def test_a_series_name_must_be_visible(world: World) -> None:
    for name in ("\u200b", "\u202e \u2060"):
        result = await world.sam.slash(world.channel, "pick series create", name=name)
        assert result.response is not None
        assert "Enter a name of 1 to 80 characters." in result.response.content


async def test_mistakes_in_series_return_the_input(world: World) -> None:
    too_long = "A very long name " * 6
    result = await world.sam.slash(world.channel, "pick series create", name=too_long)
    assert_refused(world, result, "1 to 80 characters")
    assert f"name: {too_long.strip()}" in read_text(result)
    await world.sam.slash(world.channel, "pick series create", name="Killers")
    result = await world.sam.slash(world.channel, "pick series create", name="Killers")
    assert_refused(world, result, "already")
    assert "name: Killers" in read_text(result)
    for command in ("rename", "close"):
        more = {"name": "Others"} if command == "rename" else {}
        result = await world.sam.slash(world.channel, f"pick series {command}", series="Nothing", **more)
        assert_refused(world, result, "No series is called “Nothing”.")
        assert "series: Nothing" in read_text(result)
    await world.sam.slash(world.channel, "pick series close", series="killers")
    assert_refused(world, await plan(world, FILM, series="Killers"), "is closed")


async def test_mistakes_in_a_rotation_return_the_input(world: World) -> None:
    result = await set_rotation(world, at="25:00", zone="Europe/Berlin", publish=True, poll_hours=48)
    assert_refused(world, result, "can't read that time")
    lines = (
        "every: week",
        "at: 25:00",
        "zone: Europe/Berlin",
        "weekday: Friday",
        "publish: True",
        "poll_hours: 48",
    )
    for line in lines:
        assert line in read_text(result)
    assert (await world.services.picks.repository.get_settings(world.server.id)).next_rotation_at is None


async def test_limits_are_answered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.picks.repository.PLANNED_LIMIT", 1)
    monkeypatch.setattr("bot.picks.repository.SERIES_LIMIT", 0)
    await plan(world, FILM)
    result = await plan(world, OTHER, note="Keep me.")
    assert_refused(world, result, f"This server already has {PLANNED_LIMIT} planned picks.")
    assert "note: Keep me." in read_text(result)
    assert_refused(
        world,
        await world.sam.slash(world.channel, "pick series create", name="x"),
        "This server already has 0 series, which",
    )
    assert SERIES_LIMIT == 100


@pytest.mark.parametrize("length", [1_980, 6_000])
async def test_input_longer_than_a_message_is_returned_in_a_file(world: World, length: int) -> None:
    note = "x" * length
    for result, sentence in (
        (await plan(world, FILM, note=note), "The note is too long"),
        (await world.mina.slash(world.channel, "suggest", film=FILM, why=note), "The reason is too long"),
        (await plan(world, "q" * length), "Use the command again with another title."),
    ):
        assert_refused(world, result, sentence)
        (file,) = require_response(result).attachments
        assert file.filename == "your-text.txt"
        assert "x" * length in (text := (await file.read()).decode()) or "q" * length in text
