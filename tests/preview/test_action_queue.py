"""Actions of the try page's visitors and background actions wait for each other."""

import asyncio
from typing import Any

import pytest
import simcord
from simcord.backend.errors import SetupError

from bot.preview.clock import ActionQueue
from tests.conftest import World


def refresh_action(page: simcord.Preview) -> dict[str, Any]:
    """Return what a visitor's page sends when they press “refresh”."""
    preview: Any = page
    return {
        "protocol_version": 3, "sequence": 1, "request_id": "one", "kind": "refresh",
        "generation": preview._python.generation, "bot_generation": preview.env._generation,
    }  # fmt: skip


class TimeAdvance:
    """An advance of SimCord's time that ends when `finish` is set."""

    def __init__(self, env: simcord.Env) -> None:
        self.env, self.started, self.finish, self.is_finished = env, asyncio.Event(), asyncio.Event(), False

    async def run(self) -> None:
        self.env._begin_operation("advance_time")
        self.started.set()
        await self.finish.wait()
        self.is_finished = True
        self.env._end_operation()


async def test_an_action_during_a_time_advance_waits_for_it_and_is_answered(world: World) -> None:
    async with world.env.preview(world.channel, viewers=[world.mina], layout="channel") as page:
        actions, advance = ActionQueue(world.env, page), TimeAdvance(world.env)
        clock = asyncio.create_task(actions.run(advance.run))
        await advance.started.wait()
        press = asyncio.create_task(page._action(page._python.id, refresh_action(page)))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not press.done()
        advance.finish.set()
        reply = await press
        assert advance.is_finished
        await clock
        assert not reply["rejected"]


async def test_simcord_itself_rejects_such_an_action(world: World) -> None:
    """If this fails, SimCord waits by itself and `ActionQueue` can go."""
    async with world.env.preview(world.channel, viewers=[world.mina], layout="channel") as page:
        advance = TimeAdvance(world.env)
        clock = asyncio.create_task(advance.run())
        await advance.started.wait()
        with pytest.raises(SetupError):
            await page._action(page._python.id, refresh_action(page))
        advance.finish.set()
        await clock


async def test_the_page_is_refreshed_only_if_the_bot_sent_something(world: World) -> None:
    async with world.env.preview(world.channel, viewers=[world.mina], layout="channel") as page:
        actions, revision = ActionQueue(world.env, page), page._python.revision

        async def nothing() -> None: ...

        async def something() -> None:
            await world.mina.slash(world.channel, "help")

        await actions.run(nothing)
        assert page._python.revision == revision
        await actions.run(something)
        assert page._python.revision > revision
