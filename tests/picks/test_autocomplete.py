"""Autocomplete for curators, out of memory and never out of the database."""

import asyncio
from typing import Any

import pytest

from bot.client import create_bot
from bot.core.tasks import Foreground
from bot.films.models import Film
from bot.picks.models import NewPick
from bot.picks.service import PickService
from bot.services import running_services
from tests.conftest import World
from tests.picks.steps import OTHER, THIRD, advance_to, plan, set_rotation, show_pick_to
from tests.repositories import pick_repository
from tests.responses import FILM, assert_refused, read_text, require_response


async def list_choices(
    world: World, command: str = "pick edit", option: str = "pick", typed: str = ""
) -> list[str]:
    return [choice["name"] for choice in await world.sam.autocomplete(world.channel, command, option, typed)]


def forbid_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("an autocomplete read the database")

    for method in ("read", "fetch_all", "fetch_snapshot", "write", "run_script"):
        monkeypatch.setattr(type(world.services.database), method, never)


async def test_no_choice_waits_for_the_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    role = world.server.create_role("Curators")
    noor = world.server.add_member(world.env.create_user("noor"), roles=[role])
    show_pick_to(world, role, world.mina)
    await world.sam.slash(world.channel, "settings picks", curator_role=role)
    await world.sam.slash(world.channel, "pick series create", name="Killers")
    for film in (FILM, OTHER):
        await plan(world, film)
    forbid_database(world, monkeypatch)
    assert await list_choices(world) == [
        "Burning (2018) · number 1 in the queue",
        "Ballerina (2023) · number 2 in the queue",
    ]
    assert await list_choices(world, "pick move", typed="baller") == ["Ballerina (2023) · number 2 in the queue"]
    for command in ("pick add", "pick edit", "pick series rename", "pick series close"):
        assert await list_choices(world, command, "series", "kill") == ["Killers"]
    assert (await list_choices(world, "pick add", "film", "burning 2018"))[0] == "Burning (2018) · Lee Chang-dong"
    assert len(await list_choices(world, "pick rotate", "zone", "europe")) == 25
    assert await noor.autocomplete(world.channel, "pick remove", "pick", "burn") != []
    for option, command in (("pick", "pick remove"), ("series", "pick edit")):
        assert await world.mina.autocomplete(world.channel, command, option, "") == []


async def test_choices_follow_every_change(world: World) -> None:
    await set_rotation(world)
    for film in (FILM, OTHER, THIRD):
        await plan(world, film)
    choices = await world.sam.autocomplete(world.channel, "pick move", "pick", "wick")
    await world.sam.slash(world.channel, "pick move", pick=choices[0]["value"], to_place=1)
    assert await list_choices(world) == [
        "John Wick (2014) · number 1 in the queue",
        "Burning (2018) · number 2 in the queue",
        "Ballerina (2023) · number 3 in the queue",
    ]
    await advance_to(world, "2026-01-02T19:01")
    assert await list_choices(world) == [
        "John Wick (2014) · now",
        "Burning (2018) · number 1 in the queue",
        "Ballerina (2023) · number 2 in the queue",
    ]
    question = await world.sam.slash(world.channel, "pick remove", pick=choices[0]["value"])
    assert "Stop featuring **John Wick (2014)** now?" in read_text(question)
    await world.sam.click(require_response(question), label="Stop featuring")
    assert await list_choices(world) == [
        "Burning (2018) · number 1 in the queue",
        "Ballerina (2023) · number 2 in the queue",
    ]
    await world.mina.slash(world.channel, "suggest", film=THIRD)
    waiting = await world.sam.slash(world.channel, "suggestions")
    await world.sam.click(waiting.response, label="Accept")
    assert len(await list_choices(world)) == 3


async def test_a_bot_that_has_just_started_offers_planned_picks(world: World) -> None:
    await plan(world, FILM)
    async with running_services(world.services.settings) as services:
        await world.env.restart_bot(create_bot(services))
        assert await list_choices(world) == ["Burning (2018) · number 1 in the queue"]
        await world.env.restart_bot(create_bot(world.services))


async def test_changes_by_another_process_are_offered_soon(world: World) -> None:
    await plan(world, FILM)
    other = PickService(pick_repository(world.services.database), world.env.now, Foreground())
    (pick,) = (await other.repository.get_programme(world.server.id)).queue
    await other.remove(world.server.id, pick.id)
    await world.env.advance_time(60)
    await list_choices(world)  # the old ones, read again in the background
    assert await list_choices(world) == []


async def test_typed_titles_and_names_are_understood_without_a_choice(world: World) -> None:
    await plan(world, FILM)
    await plan(world, OTHER)
    await world.sam.slash(world.channel, "pick series create", name="Killers, January")
    edited = await world.sam.slash(world.channel, "pick edit", pick="burning", series="killers, january")
    assert "Updated **Burning (2018)**" in read_text(edited)
    question = await world.sam.slash(world.channel, "pick remove", pick="Ballerina (2023)")
    removed = await world.sam.click(require_response(question), label="Remove")
    assert "from the planned films" in read_text(removed)
    await plan(world, FILM)
    assert_refused(
        world,
        await world.sam.slash(world.channel, "pick remove", pick="burning"),
        "Several planned films are called “burning”.",
    )


async def test_two_equal_titles_are_distinguished_by_the_year(world: World) -> None:
    other = Film(id="burning-1999", title="Burning", original_title="Burning", year=1999)
    await world.services.film_repository.save_many([other])
    for film in (FILM, other.id):
        await world.services.picks.add(world.server.id, NewPick(film, None))
    assert_refused(
        world,
        await world.sam.slash(world.channel, "pick remove", pick="Burning"),
        "Several planned films are called",
    )
    question = await world.sam.slash(world.channel, "pick remove", pick="burning (1999)")
    removed = await world.sam.click(require_response(question), label="Remove")
    assert "Removed **Burning (1999)** from the planned films." in read_text(removed)


async def test_a_failing_cache_does_not_fail_a_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        await asyncio.sleep(0)
        raise ConnectionError

    monkeypatch.setattr(world.services.picks.repository, "get_snapshot", fails)
    assert "Planned" in read_text(await plan(world, FILM))
    await list_choices(world)  # whatever was kept before
    monkeypatch.undo()
    await list_choices(world)
    assert await list_choices(world) == ["Burning (2018) · number 1 in the queue"]
