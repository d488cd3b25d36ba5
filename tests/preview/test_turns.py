"""What visitors of the try page do, and what happens there by itself, wait for each other."""

import asyncio
from typing import Any

import pytest
import simcord
from simcord.backend.errors import SetupError

from bot.preview.turns import Turns
from tests.conftest import World


def asks_to_refresh(page: simcord.Preview) -> dict[str, Any]:
    """What a visitor's page sends when they press “refresh”."""
    shown: Any = page
    return {
        "protocol_version": 3, "sequence": 1, "request_id": "one", "kind": "refresh",
        "generation": shown._python.generation, "bot_generation": shown.env._generation,
    }  # fmt: skip


class Moving:
    """Time that moves on in SimCord until it is told that it has."""

    def __init__(self, env: simcord.Env) -> None:
        self.env, self.begun, self.told, self.over = env, asyncio.Event(), asyncio.Event(), False

    async def on(self) -> None:
        self.env._begin_operation("advance_time")
        self.begun.set()
        await self.told.wait()
        self.over = True
        self.env._end_operation()


async def test_who_acts_while_time_moves_on_waits_for_it_and_is_answered(world: World) -> None:
    async with world.env.preview(world.channel, viewers=[world.mina], layout="channel") as page:
        turns, moving = Turns(world.env, page), Moving(world.env)
        clock = asyncio.create_task(turns.take(moving.on))
        await moving.begun.wait()
        press = asyncio.create_task(page._action(page._python.id, asks_to_refresh(page)))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not press.done()
        moving.told.set()
        answer = await press
        assert moving.over
        await clock
        assert not answer["rejected"]


async def test_simcord_itself_would_leave_them_without_an_answer(world: World) -> None:
    """If this fails, SimCord waits by itself and `Turns` can go."""
    async with world.env.preview(world.channel, viewers=[world.mina], layout="channel") as page:
        moving = Moving(world.env)
        clock = asyncio.create_task(moving.on())
        await moving.begun.wait()
        with pytest.raises(SetupError):
            await page._action(page._python.id, asks_to_refresh(page))
        moving.told.set()
        await clock


async def test_the_page_is_shown_anew_only_where_the_bot_did_something(world: World) -> None:
    async with world.env.preview(world.channel, viewers=[world.mina], layout="channel") as page:
        turns, revision = Turns(world.env, page), page._python.revision

        async def nothing() -> None: ...

        async def something() -> None:
            await world.mina.slash(world.channel, "help")

        await turns.take(nothing)
        assert page._python.revision == revision
        await turns.take(something)
        assert page._python.revision > revision
