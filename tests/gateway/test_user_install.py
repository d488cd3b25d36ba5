"""A member who added the app to their own account uses it in a server that the bot is not in."""

import sqlite3
from pathlib import Path

from tests.gateway.bot_process import running_bot
from tests.gateway.standin import StandIn

ELSEWHERE = "900000000000000001"


async def test_nothing_is_kept_for_a_server_that_the_bot_is_not_in(
    discord_standin: StandIn, data_folder: Path
) -> None:
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        here = await (await discord_standin.slash("film", title="burning-2018")).answered()
        assert "v1:rate:burning-2018" in here
        card = await (await discord_standin.slash("film", server_id=ELSEWHERE, title="burning-2018")).answered()
        assert "Burning (2018)" in card
        assert "v1:rate:burning-2018" not in card
        refused = await discord_standin.slash("rate", server_id=ELSEWHERE, film="burning-2018", stars="5")
        assert "Use this command in a server" in await refused.answered()
        added = await discord_standin.slash("watchlist add", server_id=ELSEWHERE, film="burning-2018")
        assert "Use this command in a server first" in await added.answered()
        # Whoever uses the bot in a server of its own has their things everywhere.
        await (await discord_standin.slash("rate", film="burning-2018", stars="5")).answered()
        diary = await (await discord_standin.slash("diary", server_id=ELSEWHERE)).answered()
        assert "Burning (2018)" in diary
        assert '"flags": 64' in diary  # only the member reads it
        await bot.stop()
    installs = {each["name"]: each["integration_types"] for each in discord_standin.commands}
    everywhere = {"film", "person", "where", "alert", "services", "me", "watchlist", "diary"}
    assert everywhere <= {name for name, types in installs.items() if 1 in types}
    assert "rate" not in {name for name, types in installs.items() if 1 in types}
    assert all(each["contexts"] for each in discord_standin.commands)
    with sqlite3.connect(data_folder / "marquee.db") as database:
        kept = "\n".join(database.iterdump())
    database.close()
    assert ELSEWHERE not in kept
