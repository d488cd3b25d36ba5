"""What tests share: databases of both kinds, services with the starter catalogue, a server with members in it."""

import asyncio
import gc
import json
import re
import shutil
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import discord
import hypothesis
import pytest
import simcord
from sqlalchemy import make_url

from bot.client import Marquee, create_bot
from bot.config import Settings
from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository
from bot.core.discord.error_handler import get_error_message, unwrap_error
from bot.films.repository import FilmRepository
from bot.imports.starter import STARTER_FILE, STARTER_FINGERPRINT, import_starter
from bot.services import Services, running_services
from bot.sources.starter import bundled_data_path, fingerprint
from bot.sources.tmdb.replay import ReplayServer
from tests import postgres
from tests.required import missing

# A loaded machine is no failure of the code: nothing here is a timed test.
hypothesis.settings.register_profile("marquee", deadline=None)
hypothesis.settings.load_profile("marquee")
T = TypeVar("T")
KINDS = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
"""Of databases."""
FILM_IDS_FILE = Path(__file__).parent / "data" / "catalogue.txt"
PATIENCE = 60.0
"""Seconds until a simulated Discord gives a bot up that does not come to rest."""
_ONES_OWN = re.compile(r"\d{5,}|simcord_interaction_\w+")
"""What in a path is one interaction's, message's or server's own."""


def _requests_checked() -> dict[str, int]:
    """How many requests the plugin that holds them against Discord's schema has seen, where it is loaded."""
    counts: dict[str, int] = getattr(sys.modules.get("discord_payloads"), "counts", {})
    return counts


def pytest_configure(config: pytest.Config) -> None:
    """Hold a body that every start sends, such as all commands, against Discord's schema once.

    What the schema says of the same body at the same kind of path is the same each time.
    """
    plugin: Any = sys.modules.get("discord_payloads")
    if plugin is None:
        return
    check, passed = plugin.check, set()

    def check_once(method: str, path: str, body: Any) -> None:
        sent = (method, _ONES_OWN.sub("*", path), json.dumps(body, sort_keys=True))
        if sent in passed:
            plugin.counts["checked"] += 1
            return
        before = len(plugin.refused), plugin.counts["checked"]
        check(method, path, body)
        if (len(plugin.refused), plugin.counts["checked"] - 1) == before:
            passed.add(sent)

    plugin.check = check_once


def pytest_collection_finish() -> None:
    """Keep the collector of garbage from looking through all modules and tests again and again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a worker of a parallel run report what it checked, so that the summary adds it up."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["requests_checked"] = _requests_checked()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for name, count in getattr(node, "workeroutput", {}).get("requests_checked", {}).items():
        _requests_checked()[name] += count


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    if postgres.binaries() is None:
        missing("PostgreSQL's server")
    with postgres.server() as url:
        yield url


@asynccontextmanager
async def connect_postgres(server: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect to the PostgreSQL server without a transaction, in which databases can't be created."""
    connection = await asyncpg.connect(make_url(server).set(drivername="postgresql").render_as_string(False))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def postgres_database(server: str, template: str = "template1") -> AsyncIterator[str]:
    """Create a database for one test."""
    name = f"test_{uuid.uuid4().hex}"
    async with connect_postgres(server) as connection:
        # Since version 15 a copy goes through the log by default, which takes longer than the files in memory.
        strategy = "STRATEGY FILE_COPY" if connection.get_server_version().major >= 15 else ""
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {strategy}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    async with connect_postgres(server) as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def postgres_template(server: str, name: str, fill: Callable[[str], Awaitable[None]]) -> str:
    """Make the database of that name, to be copied."""
    async with connect_postgres(server) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
    await fill(make_url(server).set(database=name).render_as_string(hide_password=False))
    return name


async def _migrate(url: str) -> None:
    await (await Database.open(url)).close()


def beside(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: a browser that is driven meanwhile has its loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "marquee.db"
    beside(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """The name of a PostgreSQL database with all tables and nothing in them, to be copied."""
    return beside(postgres_template(postgres_server, "migrated", _migrate))


@pytest.fixture
async def postgres_url(postgres_server: str, migrated_postgres: str) -> AsyncIterator[str]:
    """A PostgreSQL database of the test's own, with all tables and nothing in them."""
    async with postgres_database(postgres_server, migrated_postgres) as url:
        yield url


@pytest.fixture
async def empty_postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """A PostgreSQL database of the test's own, without any table."""
    async with postgres_database(postgres_server) as url:
        yield url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with all tables and nothing in them, once of each kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    path = tmp_path / "marquee.db"
    shutil.copy(request.getfixturevalue("migrated"), path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, once of each kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("empty_postgres_url"))
    return f"sqlite+aiosqlite:///{tmp_path / 'marquee.db'}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    yield database
    await database.close()


def settings_in(folder: Path, **values: str) -> Settings:
    return Settings.from_env({"MARQUEE_DATA_DIR": str(folder), **values})


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a SQLite database that holds the starter catalogue, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")

    beside(load_starter(settings_in(folder)))
    return folder


async def load_starter(settings: Settings) -> None:
    """Load a part of the starter catalogue and build the indexes, so that the bot takes it for loaded.

    The part are the films of tests/data/catalogue.txt: enough for what tests look up, and a third of what each of
    a thousand tests would have to read into memory.
    """
    chosen = set(FILM_IDS_FILE.read_text(encoding="utf-8").split())
    bundled = bundled_data_path(STARTER_FILE)
    lines = bundled.read_text(encoding="utf-8").splitlines(keepends=True)
    part = settings.data_dir / "part.jsonl"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text("".join(line for line in lines if json.loads(line)["id"] in chosen), encoding="utf-8")
    database = await Database.open(settings.database_url)
    await import_starter(database, FilmRepository(database), part)
    await KeyValueRepository(database).set(STARTER_FINGERPRINT, fingerprint(bundled))
    await database.close()
    part.unlink()
    async with running_services(settings):
        pass


@pytest.fixture
def settings(prepared: Path, tmp_path: Path) -> Settings:
    """Settings whose database is a fresh copy with the starter catalogue in it."""
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    return settings_in(folder)


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    async with running_services(settings) as services:
        yield services


@pytest.fixture
async def tmdb() -> AsyncIterator[ReplayServer]:
    """A stand-in for TMDB that knows nothing yet; tests append to its `replies`."""
    async with ReplayServer([]) as server:
        yield server


@pytest.fixture
async def online_services(settings: Settings, tmdb: ReplayServer) -> AsyncIterator[Services]:
    """Services with a key for the stand-in."""
    async with running_services(replace(settings, tmdb_token="a" * 32), tmdb.url) as services:
        yield services


@dataclass(frozen=True)
class World:
    """A server with two members and a moderator, and the real bot in it."""

    env: simcord.Env
    services: Services
    server: simcord.builders.GuildHandle
    channel: simcord.builders.ChannelHandle
    mina: simcord.actors.MemberActor
    jonas: simcord.actors.MemberActor
    sam: simcord.actors.MemberActor


@pytest.fixture
def bot(services: Services) -> Marquee:
    """The real bot, not yet connected."""
    return create_bot(services)


@pytest.fixture
async def env(
    bot: Marquee, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[simcord.Env]:
    """A simulated Discord with the real bot in it.

    A failure that the bot did not expect fails the test, but for tests marked `expects_errors`. `begins` names
    the UTC time at which the bot starts; one that is to get there by itself lives through every night on the way.
    """
    env = simcord.Env(bot, settle_timeout=PATIENCE)
    if (begins := request.node.get_closest_marker("begins")) is not None:
        start = datetime.fromisoformat(begins.args[0]).replace(tzinfo=UTC)
        env.backend.advance_clock((start - env.now()).total_seconds())
    await env.start()
    yield env
    await env.shutdown()
    if request.node.get_closest_marker("expects_errors") is None:
        unexpected = [error for error in env.errors if get_error_message(unwrap_error(error)) is None]
        reported = [
            record.getMessage()
            for record in caplog.get_records("call")
            if record.name == "bot.core.discord.error_handler"
        ]
        assert not unexpected
        assert not reported


@pytest.fixture
async def world(env: simcord.Env, services: Services) -> World:
    server = env.create_guild("Film club")
    rights = discord.Permissions(manage_guild=True, manage_messages=True)
    moderators = server.create_role("Moderators", permissions=rights)
    return World(
        env=env,
        services=services,
        server=server,
        channel=server.create_text_channel("films"),
        mina=server.add_member(env.create_user("mina")),
        jonas=server.add_member(env.create_user("jonas")),
        sam=server.add_member(env.create_user("sam"), roles=[moderators]),
    )
