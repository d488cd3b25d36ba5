"""What the try page's people did before, and what a restart brings back."""

from typing import Any

import pytest
import simcord

from bot.client import Marquee
from bot.preview.seed import RATINGS, count_ratings, restore_events, seed
from bot.preview.world import create_world


@pytest.mark.begins("2026-11-30 12:00")
async def test_a_restart_keeps_what_was_done_and_makes_events_again(env: simcord.Env, bot: Marquee) -> None:
    world = create_world(env)
    services = bot.services
    assert await seed(services, world)
    assert not await seed(services, world)
    ratings = [await count_ratings(services, world, member_id) for member_id in world.people]
    assert ratings == [len(each) for each in RATINGS.values()]
    sam = list(world.members.values())[-1]
    await sam.slash(
        world.channels[0], "night plan", name="Friday film", when="2026-12-04 20:00", place="Mina's sofa"
    )
    await env.advance_time(60)
    guild: Any = env.backend.get_guild(world.server.id)
    assert [event.name for event in guild.scheduled_events.values()] == ["Friday film"]
    guild.scheduled_events.clear()  # as it is when the simulated Discord starts anew
    with env.time_context():
        await restore_events(services, world)
    bot.dispatch("nights_changed", world.server.id)  # a bot that starts looks for itself
    await env.advance_time(60)
    assert [event.name for event in guild.scheduled_events.values()] == ["Friday film"]
