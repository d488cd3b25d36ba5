"""A database written by the release before opens with everything in it, on SQLite and PostgreSQL.

`data/schema_0090.*` were written by the code of commit 192db5e, whose last migration is 0090: its stores filled
every table. The SQLite file is as that code left it; the SQL file has what its migrations executed on PostgreSQL,
and the rows.
"""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.cli.verify import CONSISTENCY_CHECKS
from bot.core.database import migrate
from bot.core.database.columns import metadata
from bot.core.database.consistency import find_problems
from bot.core.database.engine import Database
from bot.core.database.migrations.run import script_directory
from bot.members.models import Privacy
from bot.members.server_settings import ServerSettings
from bot.moderation.models import Action, Block, HiddenBy, Reason
from bot.picks.models import (
    Announcement,
    JobKind,
    Notice,
    NoticeKind,
    PickSettings,
    PickState,
    RefillMode,
    SuggestionState,
)
from bot.picks.rotation import Rotation, RotationInterval
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.moods import Mood
from bot.recommendations.repository import GroupSessionRepository
from bot.services import Services, running_services
from tests.conftest import (
    DATABASE_KINDS,
    create_template,
    mark_catalogue_as_loaded,
    postgres_database,
    run_in_thread,
    settings_in,
)
from tests.repositories import list_blocks, list_log
from tests.shared import build_once

DATA = Path(__file__).parent / "data"
HERE, THERE, QUIET = 100, 200, 300
MINA, JONAS, SAM, IDA = 11, 12, 13, 14
BUS, LAMP, WELL = "night-bus-1994", "lamplight-2001", "the-well-2010"
PIER, KITE = "last-pier-2015", "paper-kite-2020"
MIGRATION: Any = script_directory(migrate.MIGRATIONS).get_revision("0100").module
Rows = dict[str, list[dict[str, Any]]]
"""The rows of each table, in the order of their primary keys."""


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


async def execute_script(url: str, script: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(script)
    await connection.close()


@pytest.fixture(params=DATABASE_KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of the database, each once."""
    return str(request.param)


@pytest.fixture
def old_database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A copy of the old database."""
    if kind == "postgres":
        url = str(request.getfixturevalue("empty_postgres_url"))
        run_in_thread(execute_script(url, (DATA / "schema_0090.sql").read_text()))
        return url
    shutil.copy(DATA / "schema_0090.sqlite3", tmp_path / "old.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'old.db'}"


async def upgrade(url: str) -> None:
    await (await Database.open(url)).close()


@pytest.fixture
async def upgraded_postgres_url(pytestconfig: pytest.Config, postgres_server: str) -> AsyncIterator[str]:
    async def fill(url: str) -> None:
        await execute_script(url, (DATA / "schema_0090.sql").read_text())
        await upgrade(url)

    def build(_folder: Path) -> None:
        run_in_thread(create_template(postgres_server, "upgraded", fill))

    build_once(pytestconfig, "upgraded-postgres", build)
    async with postgres_database(postgres_server, "upgraded") as url:
        yield url


def copy_upgraded_file(config: pytest.Config, target: Path) -> str:
    def build(folder: Path) -> None:
        shutil.copy(DATA / "schema_0090.sqlite3", folder / "marquee.db")
        run_in_thread(upgrade(f"sqlite+aiosqlite:///{folder / 'marquee.db'}"))

    shutil.copy(build_once(config, "upgraded", build) / "marquee.db", target)
    return f"sqlite+aiosqlite:///{target}"


@pytest.fixture
def upgraded_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The old database upgraded: each kind is upgraded once and copied for each test."""
    if kind == "postgres":
        return str(request.getfixturevalue("upgraded_postgres_url"))
    return copy_upgraded_file(request.config, tmp_path / "marquee.db")


@pytest.fixture
async def upgraded(upgraded_url: str) -> AsyncIterator[Database]:
    database = await Database.open(upgraded_url)
    yield database
    await database.close()


async def read_all_rows(url: str) -> Rows:
    """Return the rows of all tables as the driver reads them, without what `bot` knows of types."""

    def read(connection: Connection) -> Rows:
        inspector = inspect(connection)
        rows: Rows = {}
        for table in inspector.get_table_names():
            keys = ", ".join(inspector.get_pk_constraint(table)["constrained_columns"])
            result = connection.execute(text(f"SELECT * FROM {table} ORDER BY {keys}"))
            rows[table] = [dict(row) for row in result.mappings()]
        return rows

    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(read)
    finally:
        await engine.dispose()


async def test_every_value_of_every_table_arrives(old_database_url: str, upgraded_url: str) -> None:
    before = await read_all_rows(old_database_url)
    assert all(before.values())
    after = await read_all_rows(upgraded_url)
    for merged in ("alembic_version", "server_settings", *MIGRATION.SERVER_SETTINGS):
        before.pop(merged)
    expected = {}
    for table, rows in before.items():
        name = MIGRATION.TABLES.get(table, table)
        columns = MIGRATION.COLUMNS.get(name, {})
        expected[name] = [{columns.get(column, column): row[column] for column in row} for row in rows]
    # Later migrations add tables and columns; what was there is there.
    arrived = {
        table: [{column: row[column] for column in old} for row, old in zip(after[table], rows, strict=True)]
        for table, rows in expected.items()
    }
    assert arrived == expected
    for row in after["ratings"]:
        assert not row["is_liked"]
        written_at = row["text_edited_at"] or row["created_at"] if row["text"] else None
        assert row["text_written_at"] == written_at
    assert {len(after[table]) for table in ("server_settings", "pick_schedules")} == {2, 3}


async def test_the_schema_is_that_of_a_new_database(upgraded: Database) -> None:
    def compare(connection: Connection) -> list[Any]:
        differences: list[Any] = compare_metadata(MigrationContext.configure(connection), metadata)
        return differences

    async with upgraded.read() as connection:
        assert await connection.run_sync(compare) == []


async def test_the_log_still_refuses_changes(upgraded: Database) -> None:
    for statement in ("UPDATE moderation_log SET reason = 'x'", "DELETE FROM moderation_log"):
        with pytest.raises(DBAPIError, match="can only be added to"):
            async with upgraded.write() as connection:
                await connection.execute(text(statement))
    async with upgraded.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM moderation_log"))).scalar_one() == 8


async def test_what_hangs_on_a_row_still_goes_with_it(upgraded: Database) -> None:
    async def count(statement: str) -> int:
        number: int = (await connection.execute(text(f"SELECT count(*) FROM {statement}"))).scalar_one()
        return number

    async with upgraded.write() as connection:
        if upgraded.is_sqlite:
            assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
        await connection.execute(text(f"DELETE FROM films WHERE id IN ('{BUS}', '{WELL}')"))
        await connection.execute(text("DELETE FROM rating_sets"))
        await connection.execute(text("DELETE FROM group_sessions WHERE id = 1"))
        for table in ("film_metadata", "film_offers", "helpful_votes", "replies", "reports", "reply_reports"):
            assert await count(table) == 0, table
        assert await count("rating_set_films") == await count("rating_set_members") == 0
        assert await count("group_session_members WHERE group_session_id = 1") == 0
        assert await count("group_session_members") == 1
        assert await count("pick_rsvps") == 1


async def test_ids_go_on_where_they_were(upgraded: Database) -> None:
    inserts = {
        "pick_jobs": "(server_id, kind, subject_id, state, due_at) VALUES (1, 'close', 99, 'due', '2026-1-1')",
        "pick_polls": "(server_id, film_ids, ends_at) VALUES (1, '[]', '2026-01-01')",
        "group_sessions": "(server_id, filters, least_happy_weight, created_at) VALUES (1, '{}', 50, '2026-1-1')",
    }
    async with upgraded.write() as connection:
        for table, insert in inserts.items():
            last = (await connection.execute(text(f"SELECT max(id) FROM {table}"))).scalar_one()
            await connection.execute(text(f"DELETE FROM {table}"))
            new = (await connection.execute(text(f"INSERT INTO {table} {insert} RETURNING id"))).scalar_one()
            assert new == last + 1, table


async def test_the_services_read_what_was_written(upgraded_url: str, tmp_path: Path) -> None:
    await mark_catalogue_as_loaded(upgraded_url)
    async with running_services(settings_in(tmp_path, DATABASE_URL=upgraded_url)) as services:
        await check_what_members_wrote(services)
        await check_what_moderators_decided(services)
        await check_the_marquee(services)
        await check_what_recommendations_and_films_are_made_of(services)
        assert await find_problems(services.database, CONSISTENCY_CHECKS) == []


async def check_what_members_wrote(services: Services) -> None:
    first = await services.reviews.get(HERE, 1)
    assert (first.member_id, first.film_id, first.half_stars) == (MINA, BUS, 10)
    assert first.text == "It never stops, and nor should it."
    assert (first.created_at, first.edited_at, first.text_edited_at) == (
        utc(20, 12),
        utc(21, 12, 4),
        utc(21, 12, 4),
    )
    assert (first.is_spoiler, first.hidden_by, first.helpful_count) == (False, None, 2)
    (reply,) = first.replies  # the other one is hidden
    assert (reply.member_id, reply.text) == (JONAS, "It stops at the depot, at five.")
    assert (reply.created_at, reply.edited_at) == (utc(21, 12, 5), utc(21, 12, 10))
    second = await services.reviews.get(HERE, 2)
    assert (second.is_spoiler, second.edited_at, second.text_edited_at) == (True, None, None)
    hidden = await services.reviews.repository.get(HERE, 3)
    assert hidden is not None
    assert hidden.hidden_by is HiddenBy.REPORTS
    stars = await services.reviews.repository.get_film_stars(HERE, BUS, MINA)
    assert (stars.totals.rating_count, stars.totals.half_star_sum, stars.own_half_stars) == (
        3,
        21,
        10,
    )  # who left is not counted
    diary = await services.diary.repository.get_page(HERE, MINA)
    assert [(each.film_id, each.watched_on, each.half_stars, each.is_rewatch) for each in diary.viewings] == [
        (BUS, date(2026, 11, 21), 10, True),
        (LAMP, None, 10, False),
        (BUS, date(2026, 11, 19), 9, False),
    ]
    watchlist = await services.watchlists.repository.get_page(HERE, MINA)
    assert [(each.film_id, each.added_at, each.is_kept) for each in watchlist.films] == [
        (KITE, utc(21, 12, 21), False),
        (WELL, utc(21, 12, 20), True),
    ]
    assert await services.privacy.get_privacy(MINA) == Privacy(is_name_hidden=False, is_diary_public=True)
    assert await services.privacy.get_privacy(JONAS) == Privacy(is_name_hidden=True, is_diary_public=False)
    subscriptions = await services.alerts.repository.get_subscriptions(MINA)
    assert subscriptions == {"lantern plus": "Lantern+", "reelhouse": "Reelhouse"}
    waiting, available = await services.alerts.repository.list_alerts(MINA)
    assert (waiting.film_id, waiting.created_at, waiting.available_at) == (LAMP, utc(11, 12), None)
    assert (available.film_id, available.services, available.available_at) == (BUS, ("Lantern+",), utc(19, 12))
    assert available.attempts == 2
    export = await services.privacy.repository.export(JONAS)
    assert {name: len(rows) for name, rows in export.rows.items() if rows} == {
        "ratings": 3, "viewings": 3, "helpful_votes": 1, "replies": 1, "reply_reports": 1, "server_members": 1,
        "member_privacy": 1, "member_settings": 1, "dismissed_films": 1, "group_session_members": 1,
        "pick_rsvps": 1, "pick_suggestions": 1, "moderation_log": 2,
    }  # fmt: skip


async def check_what_moderators_decided(services: Services) -> None:
    assert await list_blocks(services.database, THERE) == [Block(IDA, None, "For good", utc(21, 12, 20))]
    async with services.database.read() as connection:
        expiry = await connection.execute(text(f"SELECT expires_at FROM blocks WHERE server_id = {HERE}"))
        assert str(expiry.scalar_one()).startswith("2026-11-24 12:15:00")
    (case,) = await services.moderation.repository.list_queue(HERE)
    assert (case.content.review_id, case.reasons, case.since) == (3, {Reason.SPOILER: 1}, utc(21, 12, 10))
    log = await list_log(services.moderation.repository, HERE)
    assert [(entry.action, entry.actor_id, entry.member_id, entry.created_at) for entry in log] == [
        (Action.BLOCK, SAM, IDA, utc(21, 12, 15)),
        (Action.HIDE, SAM, IDA, utc(21, 12, 15)),
        (Action.AUTO_HIDE, None, IDA, utc(21, 12, 10)),
        (Action.AUTO_HIDE, None, SAM, utc(21, 12, 10)),
        (Action.SETTINGS, SAM, None, utc(21, 12, 10)),
    ]
    assert await services.server_settings.get(HERE) == ServerSettings(
        country="DE",
        minimum_raters=2,
        report_threshold=1,
        moderator_role_id=901,
        log_channel_id=902,
        word_filter=("grot", "dreck*"),
        curator_role_id=905,
        time_zone="Europe/Berlin",
        rotation_interval="week",
        rotation_time=19 * 60 + 30,
        rotation_weekday=2,
        rotation_day=1,
        announcement_channel_id=903,
        announcement_role_id=904,
        has_announcement_thread=True,
        has_retrospective=True,
        refill="vote",
        ratings_shared_at=utc(21, 12, 21),
    )
    assert await services.server_settings.get(THERE) == ServerSettings(ratings_shared_at=utc(21, 12, 22))


async def check_the_marquee(services: Services) -> None:
    repository, scheduler = services.picks.repository, services.pick_scheduler.repository
    programme = await repository.get_programme(HERE)
    assert programme.settings == PickSettings(
        rotation=Rotation(RotationInterval.WEEK, "Europe/Berlin", 19 * 60 + 30, 2, 1),
        announcement_channel_id=903,
        has_announcement_thread=True,
        announcement_role_id=904,
        has_retrospective=True,
        refill=RefillMode.POLL,
        curator_role_id=905,
        next_rotation_at=utc(25, 18, 30),
    )
    quiet = await repository.get_settings(QUIET)
    assert (quiet.rotation, quiet.next_rotation_at) == (
        Rotation(RotationInterval.MONTH, month_day=31),
        utc(30, 20),
    )
    current = programme.current
    assert current is not None
    assert (current.film_id, current.note, current.duration_days, current.curator_id) == (LAMP, "Light.", 5, SAM)
    assert (current.started_at, current.ends_at, current.ended_at) == (utc(23, 12, 28), utc(28, 12, 28), None)
    assert current.series is not None
    assert (current.series.name, current.series.is_closed) == ("Autumn nights", False)
    (dated,) = programme.dated
    assert (dated.film_id, dated.starts_at) == (PIER, datetime(2027, 1, 2, 12, 28, tzinfo=UTC))
    assert (dated.duration_days, [pick.film_id for pick in programme.queue]) == (2, [KITE])
    past = await repository.find_pick(HERE, 1)
    assert past is not None
    assert (past.state, past.started_at, past.ended_at) == (PickState.PAST, utc(21, 12, 28), utc(23, 12, 28))
    assert past.announcement == Announcement(903, 9001, 9002)
    assert [(each.name, each.is_closed) for each in await repository.list_series(HERE)] == [
        ("Old series", True),
        ("Autumn nights", False),
    ]
    assert [notice.kind for notice in await scheduler.list_pending_notices(HERE)] == ["pin"]
    assert not await scheduler.add_notice(HERE, Notice(NoticeKind.ROLE, "known already"), utc(23, 13))
    assert await services.pick_engagement.repository.list_rsvps(2) == [JONAS]
    (suggestion,) = await services.pick_engagement.repository.list_open_suggestions(HERE)
    assert (suggestion.film_id, suggestion.member_id, suggestion.reason) == (WELL, MINA, "It is deep.")
    (declined,) = await services.pick_engagement.repository.list_suggestions_by(HERE, JONAS)
    assert declined.state is SuggestionState.DECLINED
    poll = await scheduler.find_poll(HERE, 1)
    assert poll is not None
    assert (poll.film_ids, poll.ends_at, poll.message_id) == ((WELL, PIER), utc(23, 18, 30), 9003)
    job = await scheduler.claim_job(HERE, utc(23, 12, 29), "token")
    assert job is not None
    assert (job.kind, job.subject_id) == (JobKind.RETROSPECT, 1)
    taken_over = await scheduler.claim_job(HERE, utc(23, 12, 30), "token")
    assert taken_over is not None
    assert (taken_over.kind, taken_over.subject_id, taken_over.first_claimed_at) == (
        JobKind.CLOSE,
        1,
        utc(23, 12, 28),
    )


async def check_what_recommendations_and_films_are_made_of(services: Services) -> None:
    repository = services.recommendations.repository
    history = await repository.get_rating_history(HERE, JONAS)
    assert history.dismissed == {KITE}
    assert await repository.is_member_sharing(MINA)
    rating_set = next(each for each in await repository.list_rating_sets() if each.name == "sample")
    assert rating_set.film_ids == (BUS, LAMP)
    assert rating_set.member.tolist() == [1, 1, 70_000]
    assert rating_set.half_stars.tolist() == [9, 3, 10]
    sessions = GroupSessionRepository(services.database)
    chosen = await sessions.get(HERE, 1)
    assert chosen is not None
    assert (chosen.members, chosen.film_id, chosen.chosen_at) == ((MINA, JONAS), WELL, utc(21, 12, 28))
    assert (chosen.filters, chosen.least_happy_weight) == (RecommendationFilters("Drama", Mood.CRY), 75)
    assert await sessions.get_fairness_debts(HERE, [MINA, JONAS]) == {MINA: 0.25, JONAS: 1.5}
    film = await services.film_repository.get(BUS)
    assert film is not None
    assert (film.release_date, film.production_companies) == (date(1994, 5, 17), ("Sample Pictures",))
    assert [person.id for person in services.people.search("ada sample")][:1] == ["ada-sample"]
    known = await services.metadata_repository.get(BUS)
    assert known is not None
    assert known.details is not None
    assert (known.fetched_at, known.offers_fetched_at) == (utc(18, 12), utc(20, 9))
    assert known.details.texts["en"].tagline == "Mind the gap"
    assert known.collection is not None
    assert [part.title for part in known.collection.parts] == ["Night Bus", "Night Tram"]
    assert await services.alerts.repository.list_including_services("DE", [BUS]) == {BUS: {"lantern plus"}}
    assert {each.name: each.display_priorities for each in await services.alerts.repository.list_services()} == {
        "Lantern+": {"DE": 1, "AT": 3},
        "Reelhouse": {"DE": 2},
    }
