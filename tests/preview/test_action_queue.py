"""Actions of the try page's visitors and background actions wait for each other."""

import asyncio

import pytest
import simcord
from simcord.backend.errors import SetupError

from bot.preview.clock import ActionQueue
from tests.conftest import World


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
    actions, advance = ActionQueue(), TimeAdvance(world.env)
    clock = asyncio.create_task(actions.run_in_background(advance.run))
    await advance.started.wait()
    with pytest.raises(SetupError):  # if this fails, SimCord waits by itself and `ActionQueue` can go
        await world.mina.slash(world.channel, "help")
    press = asyncio.create_task(actions.run(lambda: world.mina.slash(world.channel, "help")))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not press.done()
    advance.finish.set()
    result = await press
    assert advance.is_finished
    assert result.response is not None
    await clock
    await actions.close()
    late = asyncio.create_task(actions.run(lambda: world.mina.slash(world.channel, "help")))
    await asyncio.sleep(0)
    assert not late.done()  # nothing begins while the bot stops
    late.cancel()
