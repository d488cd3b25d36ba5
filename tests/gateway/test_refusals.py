"""What keeps `marquee run` from serving is one sentence and exit code 2; what does not is one line of the log."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.gateway.bot_process import running_bot
from tests.gateway.standin import Connection, StandIn, reply, stored_command

CLOSES = {
    4004: "DISCORD_TOKEN",
    4010: "SHARDS",
    4011: "SHARDS=auto",
    4012: "Update Marquee",
    4013: "intent",
    4014: "intent",
}


def _assert_one_sentence(code: int, log: str, words: str) -> None:
    assert code == 2, log
    assert len(log.splitlines()) == 1, log
    assert log.startswith("marquee: ")
    assert words in log


@pytest.mark.parametrize(("code", "words"), CLOSES.items())
async def test_a_gateway_that_refuses_the_bot(
    discord_standin: StandIn, data_folder: Path, code: int, words: str
) -> None:
    async def refuse(connection: Connection) -> None:
        await connection.close(code)

    discord_standin.on_identify = refuse
    async with running_bot(discord_standin, data_folder) as bot:
        _assert_one_sentence(await bot.wait(), bot.log, words)


async def test_a_gateway_that_closes_for_good_later(discord_standin: StandIn, data_folder: Path) -> None:
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        await (await discord_standin.slash("help")).answered()
        await discord_standin.connections[-1].close(4004)
        _assert_one_sentence(await bot.wait(), bot.log, "DISCORD_TOKEN")


def _overwrite_pages(file: Path, first: int) -> None:
    """Write noise over all pages of the SQLite file from that one on."""
    content = bytearray(file.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    content[first * size :] = b"\xa5" * (len(content) - first * size)
    file.write_bytes(bytes(content))


@pytest.mark.parametrize("first", [0, 1, 20])
async def test_a_damaged_database(discord_standin: StandIn, data_folder: Path, first: int) -> None:
    file = data_folder / "marquee.db"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    _overwrite_pages(file, first)
    async with running_bot(discord_standin, data_folder) as bot:
        _assert_one_sentence(await bot.wait(), bot.log, "marquee.db")


@pytest.mark.postgres
async def test_a_statement_timeout(discord_standin: StandIn, data_folder: Path, empty_postgres_url: str) -> None:
    name = make_url(empty_postgres_url).database
    engine = create_async_engine(empty_postgres_url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"ALTER DATABASE {name} SET statement_timeout = '1ms'"))
    await engine.dispose()
    async with running_bot(discord_standin, data_folder, DATABASE_URL=empty_postgres_url) as bot:
        _assert_one_sentence(await bot.wait(), bot.log, "statement_timeout")


SYNC_REFUSALS = {
    "forbidden": reply({"message": "Missing Access", "code": 50001}, 403),
    "invalid": reply({"message": "Invalid Form Body", "code": 50035, "errors": {}}, 400),
    "rate limited": reply({"message": "You are being rate limited.", "retry_after": 600.0}, 429, Via="1.1 google"),
}


@pytest.mark.parametrize("kind", SYNC_REFUSALS)
@pytest.mark.parametrize("can_read", [True, False])
async def test_commands_that_discord_does_not_take_keep_nobody_from_the_known_ones(
    discord_standin: StandIn, data_folder: Path, kind: str, *, can_read: bool
) -> None:
    refusal = SYNC_REFUSALS[kind]

    async def refuse(request: web.Request) -> web.StreamResponse | None:
        if not request.path.endswith("/commands") or (can_read and request.method == "GET"):
            return None
        if request.method == "GET":
            return reply({"message": "Missing Access", "code": 50001}, 403)
        return web.Response(body=refusal.body, status=refusal.status, headers=refusal.headers)

    discord_standin.commands = [stored_command({"name": "film", "description": "Look a film up"}, 7)]
    discord_standin.on_request = refuse
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        # After a refusal the ids are there from the start, beside a rate limit they are read in the background.
        await discord_standin.wait_for_requests("/commands", 2)
        await asyncio.sleep(0.5)
        answer = await (await discord_standin.slash("help")).answered()
        assert ("</film:7>" if can_read else "`/film`") in answer
        assert "`/rate`" in answer
        assert len(bot.log.splitlines()) == 1, bot.log
        code, _ = await bot.stop()
        assert code == 0
