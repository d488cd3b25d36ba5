"""Mistakes in what curators and members type, and buttons that somebody forged: told privately, nothing lost."""

import sys
from typing import Any

import discord
import pytest

from bot.core.discord import custom_id
from bot.picks.models import PLANNED_LIMIT, NewPick
from bot.picks.repository import SERIES_LIMIT
from tests.conftest import World
from tests.picks.test_commands import OTHER, THIRD, films_of, plan, rotating
from tests.reading import FILM, last, refused, told


async def test_mistakes_are_told_with_what_was_typed(world: World) -> None:
    note = "All `typed` once. " * 30
    result = await plan(world, FILM, note=note)
    refused(world, result, "The note is too long. That is 539 characters; 500 fit.")
    assert note.strip() in told(result).replace("\u200b", "")
    assert FILM in told(result)
    for typed, sentence in (
        ("31.2.", "no such day"),
        ("2025-01-01", "is past"),
        ("some day", "written like"),
        ("2026-06-01 26:00", "time is written like"),
    ):
        result = await plan(world, FILM, **{"from": typed, "note": "Keep me."})
        refused(world, result, sentence)
        assert f"from: {typed}" in told(result)
        assert "note: Keep me." in told(result)
    assert "Planned" in told(await plan(world, FILM, **{"from": "2026-06-01 20:00"}))
    taken = await plan(world, OTHER, **{"from": "1.6.2026 22:00"})
    refused(world, taken, "Burning is planned for 1 June 2026 already")
    refused(world, await plan(world, OTHER, for_days=0), "1 to 366 days")
    refused(world, await plan(world, OTHER, series="Nothing"), "There is no series of that name")
    unknown = await plan(world, "qqqqqqqq")
    assert last(unknown).ephemeral
    assert "No film found" in told(unknown)
    for command in ("edit", "move", "remove"):
        more = {"note": "x"} if command == "edit" else {"to_place": 1} if command == "move" else {}
        result = await world.sam.slash(world.channel, f"pick {command}", pick="what I typed", **more)
        refused(world, result, "no longer planned")


async def test_what_else_was_typed_is_given_back_where_the_film_is_not_clear(world: World) -> None:
    for typed in ("qqqqqqqq", "burnin"):
        result = await plan(world, typed, note="Keep me.", **{"from": "2026-06-01 20:00"}, for_days=3)
        assert all(message.ephemeral for message in (result.response, *result.followups) if message)
        text = told(result)
        assert "Nothing is planned yet" in text
        for given in (f"film: {typed}", "note: Keep me.", "from: 2026-06-01 20:00", "for_days: 3"):
            assert given in text
    result = await world.mina.slash(world.channel, "pick suggest", film="qqqqqqqq", why="It rains.")
    assert "Nothing is suggested yet" in told(result)
    assert "why: It rains." in told(result)
    assert (await world.services.picks.repository.get_programme(world.server.id)).planned == ()


async def test_a_film_that_is_gone_is_told_with_what_was_typed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await world.services.film_repository.get(FILM)

    async def stale(*_: object) -> Any:
        return found

    monkeypatch.setattr(sys.modules["cogs.picks"], "resolve_film", stale)  # it went between look-up and storing
    await world.services.films.delete(FILM)
    result = await plan(world, FILM, note="Keep me.")
    refused(world, result, "no longer")
    assert "note: Keep me." in told(result)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"note": "x" * 501}, "The note is too long. That is 501 characters; 500 fit."),
        ({"for_days": 367}, "1 to 366 days"),
        ({"for_days": -1}, "1 to 366 days"),
        ({"series": "No such thing"}, "There is no series of that name"),
        ({}, "Say what to change"),
    ],
)
async def test_mistakes_in_an_edit_change_nothing_and_are_given_back(
    world: World, typed: dict[str, Any], sentence: str
) -> None:
    await plan(world, FILM, note="As it was.")
    (choice,) = await world.sam.autocomplete(world.channel, "pick edit", "pick", "")
    result = await world.sam.slash(world.channel, "pick edit", pick=choice["value"], **typed)
    refused(world, result, sentence)
    for name, value in typed.items():
        assert f"{name}: {value}" in told(result)
    (pick,) = (await world.services.picks.repository.get_programme(world.server.id)).queue
    assert (pick.note, pick.duration_days, pick.series) == ("As it was.", None, None)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"to_day": "yesterday"}, "written like"),
        ({"to_day": "1.1.2025"}, "is past"),
        ({"to_day": "30.2."}, "no such day"),
        ({"to_day": "2026-06-01 08:00"}, "Ballerina is planned for 1 June 2026 already"),
        ({"to_day": "2031-01-01"}, "two years"),
        ({"to_place": 0}, "count from 1"),
        ({"to_place": 1, "to_day": "tomorrow"}, "either a day"),
        ({}, "either a day"),
    ],
)
async def test_mistakes_in_a_move_change_nothing_and_are_given_back(
    world: World, typed: dict[str, Any], sentence: str
) -> None:
    await plan(world, OTHER, **{"from": "2026-06-01 20:00"})
    await plan(world, FILM)
    result = await world.sam.slash(world.channel, "pick move", pick="Burning", **typed)
    refused(world, result, sentence)
    for name, value in typed.items():
        assert f"{name}: {value}" in told(result)
    assert [
        pick.film_id for pick in (await world.services.picks.repository.get_programme(world.server.id)).queue
    ] == [FILM]


async def test_a_series_name_has_something_to_see(world: World) -> None:
    for name in ("\u200b", "\u202e \u2060"):
        result = await world.sam.slash(world.channel, "pick series create", name=name)
        assert result.response is not None
        assert "A series' name has 1 to 80 characters" in result.response.content


async def test_mistakes_in_series_are_given_back(world: World) -> None:
    long = "A very long name " * 6
    result = await world.sam.slash(world.channel, "pick series create", name=long)
    refused(world, result, "1 to 80 characters; that has 101")
    assert f"name: {long.strip()}" in told(result)
    await world.sam.slash(world.channel, "pick series create", name="Killers")
    result = await world.sam.slash(world.channel, "pick series create", name="Killers")
    refused(world, result, "already")
    assert "name: Killers" in told(result)
    for command in ("rename", "close"):
        more = {"name": "Others"} if command == "rename" else {}
        result = await world.sam.slash(world.channel, f"pick series {command}", series="Nothing", **more)
        refused(world, result, "There is no series of that name")
        assert "series: Nothing" in told(result)
    await world.sam.slash(world.channel, "pick series close", series="killers")
    refused(world, await plan(world, FILM, series="Killers"), "is closed")


async def test_all_of_a_rotation_is_given_back(world: World) -> None:
    result = await rotating(world, at="25:00", zone="Europe/Berlin")
    refused(world, result, "time is written like")
    for given in ("every: week", "at: 25:00", "zone: Europe/Berlin", "weekday: Friday"):
        assert given in told(result)
    assert (await world.services.picks.repository.get_settings(world.server.id)).next_rotation_at is None


async def test_limits_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.picks.repository.PLANNED_LIMIT", 1)
    monkeypatch.setattr("bot.picks.repository.SERIES_LIMIT", 0)
    await plan(world, FILM)
    result = await plan(world, OTHER, note="Keep me.")
    refused(world, result, f"{PLANNED_LIMIT} picks are planned, and that is the limit")
    assert "note: Keep me." in told(result)
    refused(world, await world.sam.slash(world.channel, "pick series create", name="x"), "0 series here")
    assert SERIES_LIMIT == 100


async def forged(world: World, identity: str) -> Any:
    """Let somebody press a button that the bot never posted with this custom_id."""
    guild = world.env.bot.get_guild(world.server.id)
    assert guild is not None
    channel = guild.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Forged", custom_id=identity))
    with world.env.time_context():
        return await channel.send("Forged", view=view)


async def elsewhere(world: World) -> tuple[int, int, int, int]:
    """Another server with a pick that is on, one that is planned and a suggestion; give its id and theirs."""
    server = world.env.create_guild("Other club").id
    picks = world.services.picks
    on = await picks.add(server, NewPick(FILM, None))
    await picks.start(server, on.id)
    planned = await picks.add(server, NewPick(OTHER, None))
    suggested = await world.services.pick_engagement.suggest(server, 7, THIRD)
    return server, on.id, planned.id, suggested.id


async def test_nothing_of_another_server_is_reached_by_a_forged_button_or_id(world: World) -> None:
    other, on, planned, suggested = await elsewhere(world)
    going = await world.mina.click(await forged(world, custom_id("going", on)), label="Forged")
    refused(world, going, "not on the marquee any more")
    assert await world.services.pick_engagement.repository.list_rsvps(on) == []
    for decision in ("taken", "declined"):
        button = await forged(world, custom_id("suggested", decision, suggested))
        refused(world, await world.sam.click(button, label="Forged"), "decided already. `/pick suggestions` shows")
    for command, more in (("edit", {"note": "Mine now."}), ("move", {"to_place": 1}), ("remove", {})):
        for pick in (on, planned):
            result = await world.sam.slash(world.channel, f"pick {command}", pick=str(pick), **more)
            refused(world, result, "no longer planned")
    programme = await world.services.picks.repository.get_programme(other)
    assert programme.current is not None
    assert (programme.current.id, [pick.id for pick in programme.queue]) == (on, [planned])
    assert [each.id for each in await world.services.pick_engagement.repository.list_open_suggestions(other)] == [
        suggested
    ]
    assert "Nothing is planned" in told(await world.sam.slash(world.channel, "pick list"))
    assert "Nothing was on" in told(await world.sam.slash(world.channel, "featured", history=True))
    assert await world.sam.autocomplete(world.channel, "pick edit", "pick", "") == []


async def test_who_may_is_asked_anew_at_every_press(world: World) -> None:
    for film in await films_of(world, 9):
        await plan(world, film)
    await world.mina.slash(world.channel, "pick suggest", film=FILM)
    (suggestion,) = await world.services.pick_engagement.repository.list_open_suggestions(world.server.id)
    for identity in (
        custom_id("programme", 1),
        custom_id("suggested", "taken", suggestion.id),
        custom_id("suggestions", 0),
    ):
        button = await forged(world, identity)
        refused(world, await world.mina.click(button, label="Forged"), "That is for curators")
    assert [
        each.id for each in await world.services.pick_engagement.repository.list_open_suggestions(world.server.id)
    ] == [suggestion.id]


async def test_a_curator_whose_role_was_taken_decides_nothing_any_more(world: World) -> None:
    role = world.server.create_role("Curators")
    noor = world.server.add_member(world.env.create_user("noor"), roles=[role])
    await world.sam.slash(world.channel, "settings picks", curator_role=role)
    await world.mina.slash(world.channel, "pick suggest", film=FILM)
    waiting = await noor.slash(world.channel, "pick suggestions")
    await world.sam.slash(world.channel, "settings picks")
    refused(world, await noor.click(last(waiting), label="Take it"), "That is for curators")
    refused(world, await noor.slash(world.channel, "pick next"), "That is for curators")


async def test_a_film_that_is_planned_already_is_planned_again_and_that_is_said(world: World) -> None:
    await rotating(world, every="off")
    first = await plan(world, FILM)
    assert "already" not in told(first)
    second = await plan(world, FILM)
    assert "Planned: **Burning (2018)**, number 2 in the queue" in told(second)
    assert "It was planned already: number 1 in the queue" in told(second)
    assert last(second).ephemeral
    await world.sam.slash(world.channel, "pick next")
    third = await plan(world, FILM, **{"from": "2026-06-01 20:00"})
    assert "Planned: **Burning (2018)**, Monday, 1 June 2026 at 20:00" in told(third)
    assert "It was planned already: on until Monday, 1 June 2026 at 20:00" in told(third)
    assert told(third).endswith("; number 1 in the queue.")
    assert "already" not in told(await plan(world, OTHER))
    programme = await world.services.picks.repository.get_programme(world.server.id)
    assert [pick.film_id for pick in programme.planned] == [FILM, FILM, OTHER]


@pytest.mark.parametrize("length", [1_900, 6_000])
async def test_a_note_longer_than_a_message_is_given_back_in_a_file(world: World, length: int) -> None:
    note = "x" * length
    for result, sentence in (
        (await plan(world, FILM, note=note), "The note is too long"),
        (await world.mina.slash(world.channel, "pick suggest", film=FILM, why=note), "The reason is too long"),
        (await plan(world, "q" * length), "Nothing is planned yet"),
    ):
        refused(world, result, sentence)
        (file,) = last(result).attachments
        assert file.filename == "what-you-typed.txt"
        assert "x" * length in (text := (await file.read()).decode()) or "q" * length in text
