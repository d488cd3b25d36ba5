"""What tests share: databases of both kinds, services with the starter catalogue, a server with members in it."""

import asyncio
import gc
import json
import os
import re
import shutil
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, TypeVar

import asyncpg
import discord
import hypothesis
import pytest
import simcord
from sqlalchemy import make_url

from bot.client import Marquee, create_bot
from bot.command_sync import CommandSync
from bot.config import Settings
from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository
from bot.core.discord.error_handler import get_error_message, unwrap_error
from bot.films.repository import FilmRepository
from bot.imports.starter import STARTER_FILE, STARTER_FINGERPRINT, import_starter
from bot.preview.simulator import accept_event_pictures
from bot.services import Services, running_services
from bot.sources.starter import bundled_data_path, fingerprint
from bot.sources.tmdb.replay import ReplayServer
from tests import postgres, quick_databases, quick_simcord, shared, start_caches
from tests.required import skip_or_fail

gc.disable()  # until all tests are collected: importing and rewriting them leaves no garbage worth looking for
# A loaded machine is no failure of the code: nothing here is a timed test.
hypothesis.settings.register_profile("marquee", deadline=None)
hypothesis.settings.load_profile("marquee")
T = TypeVar("T")
GARBAGE_THRESHOLD = 20_000
"""New objects until the youngest are looked through: a simulated Discord makes thousands for each command."""
DATABASE_KINDS = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
"""The kinds of databases that storage is tested on."""
FILM_IDS_FILE = Path(__file__).parent / "data" / "catalogue.txt"
FULLY_CREDITED_IDS = {"ballerina-2023"}
"""Films that keep all their people in what tests load of the starter catalogue."""
SETTLE_TIMEOUT = 60.0
"""Seconds after which the simulated Discord stops waiting for a bot that is still busy."""
_INDIVIDUAL_IDS = re.compile(r"\d{5,}|simcord_interaction_\w+")
"""The ids and tokens in a path: those of one interaction, message or server."""


def _requests_checked() -> dict[str, int]:
    """Return the counts of the plugin that checks requests by Discord's schema; empty without the plugin."""
    counts: dict[str, int] = getattr(sys.modules.get("discord_payloads"), "counts", {})
    return counts


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary files into memory, and check a body that every start sends by Discord's schema only once.

    SQLite waits for the disk at every commit. What the schema says of a body, such as all commands, is the same
    each time.
    """
    shared.open_folder(config)
    if (memory := postgres.find_memory_folder()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
    plugin: Any = sys.modules.get("discord_payloads")
    if plugin is None:
        return
    check, passed = plugin.check, set()

    def check_once(method: str, path: str, body: Any) -> None:
        sent = (method, _INDIVIDUAL_IDS.sub("*", path), json.dumps(body, sort_keys=True))
        if sent in passed:
            plugin.counts["checked"] += 1
            return
        before = len(plugin.refused), plugin.counts["checked"]
        check(method, path, body)
        if (len(plugin.refused), plugin.counts["checked"] - 1) == before:
            passed.add(sent)

    plugin.check = check_once


class CogFinder(MetaPathFinder, Loader):
    """Executes each module in cogs/ once in a process, for all the bots that tests start in it.

    discord.py executes an extension anew for each bot that loads it, which took a third of a small test's time. A
    cog keeps nothing in its module: each bot gets cogs and commands of its own from `setup`.
    """

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType] = {}

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if not fullname.startswith("cogs."):
            return None
        if fullname not in self._modules:
            spec = PathFinder.find_spec(fullname, path, target)
            if spec is None or spec.loader is None:
                return spec
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            self._modules[fullname] = module
        return spec_from_loader(fullname, self, origin=self._modules[fullname].__file__)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module was executed when it was first found."""


sys.meta_path.insert(0, CogFinder())
start_caches.install()
quick_databases.install()
quick_simcord.install()
# Over simulated weeks, nearly all rounds of the bots' loops were of these two: one deletes what is hours old, one
# asks TMDB for a few titles more. Each bot still begins with a round of both.
import_module("cogs.conversation").ConversationCog.forget_old.change_interval(hours=24)
import_module("cogs.films").FilmCog.learn_titles.change_interval(hours=24)


def pytest_unconfigure(config: pytest.Config) -> None:
    shared.close_folder(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of a parallel run the folder that all of them share."""
    node.workerinput["shared_folder"] = str(node.config.stash[shared.FOLDER])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first: one that begins last would keep the other processes of a run waiting."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through all modules and tests again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])
    gc.enable()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a worker of a parallel run report how many requests it checked, so that the summary adds them up."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["requests_checked"] = _requests_checked()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for name, count in getattr(node, "workeroutput", {}).get("requests_checked", {}).items():
        _requests_checked()[name] += count


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """The URL of the PostgreSQL server, one for all processes of a parallel run."""
    if postgres.find_binaries() is None:
        skip_or_fail("PostgreSQL's server")

    def start(folder: Path) -> None:
        (folder / "url").write_text(postgres.start(folder))

    return (shared.build_once(pytestconfig, "postgres", start) / "url").read_text()


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
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def create_template(server: str, name: str, fill: Callable[[str], Awaitable[None]]) -> None:
    """Create the database of that name, to be copied."""
    async with connect_postgres(server) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
    await fill(make_url(server).set(database=name).render_as_string(hide_password=False))


async def _migrate(url: str) -> None:
    await (await Database.open(url)).close()


def run_in_thread(work: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine in a thread of its own: where a browser is driven, its event loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def migrated(pytestconfig: pytest.Config) -> Path:
    """A SQLite file with all tables and nothing in them, to be copied."""

    def build(folder: Path) -> None:
        run_in_thread(_migrate(f"sqlite+aiosqlite:///{folder / 'marquee.db'}"))

    return shared.build_once(pytestconfig, "migrated", build) / "marquee.db"


@pytest.fixture(scope="session")
def migrated_postgres(pytestconfig: pytest.Config, postgres_server: str) -> str:
    """The name of a PostgreSQL database with all tables and nothing in them, to be copied."""

    def build(_folder: Path) -> None:
        run_in_thread(create_template(postgres_server, "migrated", _migrate))

    shared.build_once(pytestconfig, "migrated-postgres", build)
    return "migrated"


@pytest.fixture
async def postgres_url(postgres_server: str, migrated_postgres: str) -> AsyncIterator[str]:
    """A PostgreSQL database for one test, with empty tables."""
    async with postgres_database(postgres_server, migrated_postgres) as url:
        yield url


@pytest.fixture
async def empty_postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """A PostgreSQL database for one test, without tables."""
    async with postgres_database(postgres_server) as url:
        yield url


@pytest.fixture(params=DATABASE_KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with all tables and nothing in them, once of each kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    path = tmp_path / "marquee.db"
    shutil.copy(request.getfixturevalue("migrated"), path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=DATABASE_KINDS)
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
    return Settings.from_env({"MARQUEE_DATA_DIR": str(folder), "LETTERBOXD_URL": "off", **values})


@pytest.fixture(scope="session")
def prepared(pytestconfig: pytest.Config, migrated: Path) -> Path:
    """A folder with a SQLite database that holds the starter catalogue, to be copied."""

    def build(folder: Path) -> None:
        shutil.copy(migrated, folder / "marquee.db")
        run_in_thread(load_starter(settings_in(folder)))

    return shared.build_once(pytestconfig, "prepared", build)


async def mark_catalogue_as_loaded(database_url: str) -> None:
    """Let the bot take the starter catalogue for loaded, whatever is in the database."""
    database = await Database.open(database_url)
    await KeyValueRepository(database).set(STARTER_FINGERPRINT, fingerprint(bundled_data_path(STARTER_FILE)))
    await database.close()


def _choose_films() -> list[dict[str, Any]]:
    """Return the records of the starter catalogue that tests use, as `load_starter` describes them."""
    chosen = set(FILM_IDS_FILE.read_text(encoding="utf-8").split())
    with bundled_data_path(STARTER_FILE).open(encoding="utf-8") as lines:
        films = [film for film in map(json.loads, lines) if film["id"] in chosen]
    appearances = Counter(name for film in films for name in _list_names(film))
    for film in films:
        if film["id"] not in FULLY_CREDITED_IDS:
            film["cast"][3:] = [part for part in film["cast"][3:] if appearances[part["name"]] > 1]
            for job in ("writers", "music"):
                film[job] = [name for name in film[job] if appearances[name] > 1]
    return films


def _list_names(film: dict[str, Any]) -> set[str]:
    return {*film["directors"], *film["writers"], *film["music"], *(part["name"] for part in film["cast"])}


async def load_starter(settings: Settings) -> None:
    """Load a part of the starter catalogue and start a bot, so that each other start is not the database's first.

    The part are the films of tests/data/catalogue.txt, and of their people those with several of these films, all
    directors, and the first three of each cast: enough for what tests look up, and an eighth of what each of a
    thousand tests would have to read into memory.
    """
    part = settings.data_dir / "part.jsonl"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text("".join(json.dumps(film) + "\n" for film in _choose_films()), encoding="utf-8")
    database = await Database.open(settings.database_url)
    await import_starter(database, FilmRepository(database), part)
    await database.close()
    part.unlink()
    await mark_catalogue_as_loaded(settings.database_url)
    # What a bot does at its first start only, such as cleaning up, is done.
    async with running_services(settings) as services, simcord.run(create_bot(services)):
        pass


@pytest.fixture
def settings(prepared: Path, tmp_path: Path) -> Settings:
    """Settings whose database is a fresh copy with the starter catalogue in it."""
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    return settings_in(folder)


@pytest.fixture(scope="session")
def prepared_postgres(postgres_server: str, pytestconfig: pytest.Config) -> Path:
    """A folder with the indexes of the PostgreSQL database `prepared`, which holds the starter catalogue."""

    def build(folder: Path) -> None:
        async def fill(url: str) -> None:
            await load_starter(settings_in(folder, DATABASE_URL=url))

        run_in_thread(create_template(postgres_server, "prepared", fill))

    return shared.build_once(pytestconfig, "prepared-postgres", build)


@pytest.fixture
async def postgres_settings(
    postgres_server: str, prepared_postgres: Path, tmp_path: Path
) -> AsyncIterator[Settings]:
    """Settings whose PostgreSQL database is a fresh copy with the starter catalogue in it."""
    folder = tmp_path / "postgres"
    shutil.copytree(prepared_postgres, folder)
    async with postgres_database(postgres_server, "prepared") as url:
        yield settings_in(folder, DATABASE_URL=url)


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


class SharedCommandSync(CommandSync):
    """Registers the commands of the bots that tests start as the first of them in this process did.

    They are the same each time, and to describe, send and read them takes a quarter of a small test's time.
    """

    _known: ClassVar[dict[frozenset[str], tuple[dict[Any, dict[str, Any]], dict[str, int]]]] = {}
    """What is registered and the commands' ids, by the names of a bot's commands: some tests add their own."""

    def __init__(self, env: simcord.Env, bot: Marquee) -> None:
        super().__init__(bot.tree, KeyValueRepository(bot.services.database), env.now)
        self._env = env

    async def sync(self, *, is_forced: bool = False) -> dict[str, int]:
        """Return the commands' ids by name."""
        names = frozenset(command.qualified_name for command in self._tree.walk_commands())
        if names not in self._known or is_forced:
            ids = await super().sync(is_forced=is_forced)
            self._known[names] = (self._env.backend.commands[None], ids)
        else:
            for _ in self._known[names][1]:
                self._env.backend.snowflake()  # an id that a command has: nobody else in this Discord gets it
        registered, ids = self._known[names]
        self._env.backend.commands[None] = dict(registered)
        return dict(ids)


@pytest.fixture
def bot(services: Services) -> Marquee:
    """The real bot, not yet connected."""
    return create_bot(services)


@pytest.fixture
async def env(
    bot: Marquee, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[simcord.Env]:
    """A simulated Discord with the real bot in it.

    A failure that the bot did not expect fails the test, except those marked `expects_errors`. The mark `begins`
    names the UTC time at which the bot starts: advancing the time instead would run each night's jobs on the way.
    """
    accept_event_pictures()
    env = simcord.Env(bot, settle_timeout=SETTLE_TIMEOUT)
    if (begins := request.node.get_closest_marker("begins")) is not None:
        start = datetime.fromisoformat(begins.args[0]).replace(tzinfo=UTC)
        env.backend.advance_clock((start - env.now()).total_seconds())
    bot.command_sync = SharedCommandSync(env, bot)
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
