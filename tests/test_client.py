"""The bot as it is built, before it connects."""

from dataclasses import replace

from bot.client import create_bot
from bot.config import Shards
from bot.services import Services


async def test_a_process_runs_the_part_of_the_shards_it_was_given(services: Services) -> None:
    settings = replace(services.settings, shards=Shards(8, (2, 3)))
    bot = create_bot(replace(services, settings=settings))
    assert (bot.shard_count, bot.shard_ids) == (8, [2, 3])


async def test_a_process_that_was_given_no_part_runs_all(services: Services) -> None:
    bot = create_bot(services)
    assert (bot.shard_count, bot.shard_ids) == (1, None)
