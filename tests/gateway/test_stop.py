"""`marquee run` stops: soon, quietly, and with every member answered who was being served."""

import asyncio
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from aiohttp import web

from tests.gateway.bot_process import running_bot
from tests.gateway.standin import INVALID_SESSION, Connection, StandIn, Step, say_hello

SECONDS = 10.0
"""How long a stop may take, on a busy machine too."""
FILM = "ballerina-2023"


async def _stay_silent(connection: Connection) -> None:
    """Never say HELLO."""


async def _invalidate(connection: Connection) -> None:
    await connection.send(INVALID_SESSION, False)


async def _close(connection: Connection) -> None:
    await connection.close(4000)


async def _hello_then_close(connection: Connection) -> None:
    await say_hello(connection)
    await connection.close(4000)


def _count_ratings(data_folder: Path) -> int:
    connection = sqlite3.connect(data_folder / "marquee.db")
    (count,) = connection.execute("SELECT count(*) FROM viewings").fetchone()
    connection.close()
    return int(count)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_connected_bot_stops(discord_standin: StandIn, data_folder: Path, number: signal.Signals) -> None:
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        await (await discord_standin.slash("help")).answered()
        code, seconds = await bot.stop(number)
        assert (code, bot.log) == (0, "")
    assert seconds < SECONDS


@pytest.mark.parametrize(
    ("fault", "number"),
    [
        (_stay_silent, signal.SIGTERM),
        (_stay_silent, signal.SIGINT),
        (_invalidate, signal.SIGTERM),
        (_close, signal.SIGINT),
        (_hello_then_close, signal.SIGTERM),
    ],
)
async def test_a_bot_that_reconnects_stops(
    discord_standin: StandIn, data_folder: Path, number: signal.Signals, fault: Step
) -> None:
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        discord_standin.on_connect = fault
        await discord_standin.connections[-1].close(4000)
        await discord_standin.wait_for_connections(2)
        await asyncio.sleep(0.2)
        code, seconds = await bot.stop(number)
        assert (code, bot.log) == (0, "")
    assert seconds < SECONDS


async def test_who_is_being_served_is_answered_and_nobody_else(
    discord_standin: StandIn, data_folder: Path
) -> None:
    may_acknowledge = asyncio.Event()

    async def acknowledge_late(request: web.Request) -> None:
        if request.path.endswith("/callback"):
            await may_acknowledge.wait()

    discord_standin.on_request = acknowledge_late
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        begun = [await discord_standin.slash("rate", film=FILM, stars="4") for _ in range(3)]
        await discord_standin.wait_for_requests("/callback", 3)
        bot.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        late = await discord_standin.slash("help")
        await asyncio.sleep(0.5)
        may_acknowledge.set()
        answers = [await interaction.answered() for interaction in begun]
        assert (await bot.wait(), bot.log) == (0, "")
    assert all("1 rating" in answer for answer in answers), answers
    assert not late.is_acknowledged.is_set()
    assert _count_ratings(data_folder) == 1


async def test_a_stop_does_not_wait_for_a_locked_database(discord_standin: StandIn, data_folder: Path) -> None:
    lock = sqlite3.connect(data_folder / "marquee.db", isolation_level=None)
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        await (await discord_standin.slash("help")).answered()
        lock.execute("BEGIN IMMEDIATE")
        rating = await discord_standin.slash("rate", film=FILM, stars="4")
        await asyncio.wait_for(rating.is_acknowledged.wait(), SECONDS)
        _, seconds = await bot.stop()
        assert seconds < SECONDS + 1
        assert "restarting" in rating.texts
        assert "Traceback" not in bot.log
        assert len(bot.log.splitlines()) <= 1
    lock.close()


async def test_a_second_signal_ends_the_process_at_once(discord_standin: StandIn, data_folder: Path) -> None:
    async def never_answer(request: web.Request) -> None:
        if request.path.endswith("/callback"):
            await asyncio.Event().wait()

    discord_standin.on_request = never_answer
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        await discord_standin.slash("help")
        await discord_standin.wait_for_requests("/callback", 1)
        bot.send_signal(signal.SIGTERM)
        await asyncio.sleep(1)
        code, seconds = await bot.stop()
        assert (code, bot.log) == (128 + signal.SIGTERM, "")
    assert seconds < 2


async def test_a_stop_while_starting_ends_soon(discord_standin: StandIn, data_folder: Path) -> None:
    """The database is locked, so that the start waits for it."""
    (data_folder / "titles.index").unlink()
    lock = sqlite3.connect(data_folder / "marquee.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    async with running_bot(discord_standin, data_folder) as bot:
        await asyncio.sleep(3)
        started = time.monotonic()
        await bot.stop()
        assert time.monotonic() - started < SECONDS + 1
        assert "Traceback" not in bot.log
    lock.close()
