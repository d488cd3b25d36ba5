"""What Discord sends and nobody can read: an event is left out, anything else ends the bot with one sentence."""

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.bot_process import running_bot
from tests.gateway.standin import StandIn


async def test_events_that_cannot_be_read_are_left_out(discord_standin: StandIn, data_folder: Path) -> None:
    events: list[tuple[str, Any]] = [
        ("INTERACTION_CREATE", {"id": "1"}),
        ("INTERACTION_CREATE", None),
        ("GUILD_CREATE", {"id": "no number"}),
        ("MESSAGE_CREATE", []),
        ("SOMETHING_NEW", {"id": "1"}),
    ]
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        for event, data in events:
            await discord_standin.connections[-1].dispatch(event, data)
        await (await discord_standin.slash("film", title="ballerina")).answered()
        assert bot.log.count("error ") == 4, bot.log
        assert "no number" not in bot.log
        code, _ = await bot.stop()
        assert code == 0
        assert len(discord_standin.connections) == 1


@pytest.mark.parametrize("frame", ["no JSON {", "[]", '{"op": 10, "d": null}', '{"op": 0, "t": "READY", "d": {}}'])
async def test_a_frame_that_cannot_be_read(discord_standin: StandIn, data_folder: Path, frame: str) -> None:
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        await (await discord_standin.slash("help")).answered()
        await discord_standin.connections[-1].socket.send_str(frame)
        code = await bot.wait()
        assert code == 1, bot.log
        assert bot.log.startswith("marquee: Discord sent something that can't be read ("), bot.log
        assert len(bot.log.splitlines()) == 1, bot.log
