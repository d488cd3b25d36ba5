"""Every table that has a column for a member is exported and deleted with the member's data."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Float, Integer, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import Column, Table

from bot.core.database.columns import UtcDateTime, metadata
from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.members.models import Privacy
from bot.members.service import PrivacyService
from bot.members.views import ROW_LABELS
from bot.services import PERSONAL_DATA
from tests.repositories import privacy_repository

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
HERE, MINA, JONAS = 100, 1, 2
FILM = "night-bus-1994"
MEMBER_COLUMNS = {"member_id", "actor_id", "curator_id", "host_id", "turn_member_id"}
"""Columns with the id of a member."""
OTHER_COLUMNS = {
    "id", "server_id", "subject_id", "member_number",
    "channel_id", "message_id", "thread_id", "log_channel_id", "announcement_channel_id",
    "announcement_role_id", "moderator_role_id", "curator_role_id",
    "rating_id", "reply_id", "pick_id", "series_id", "group_session_id", "night_id", "nomination_id", "list_id",
    "voice_channel_id", "event_id", "night_host_role_id", "viewing_id", "old_channel_id", "old_message_id",
    "import_id", "account_id", "letterboxd_channel_id", "ballot_message_id",
}  # fmt: skip
"""Other columns of large numbers; `member_number` is one of a ratings set from outside."""
REMAINING = {("blocks", "member_id"), ("moderation_log", "actor_id")}
"""Columns that a deletion leaves as they are: they belong to the moderators."""


def _example_value(column: Column[Any]) -> Any:
    """Return a value that the column accepts."""
    named = {"film_id": FILM, "stars": 5, "state": "past", "subject": "x", "value": "x"}
    if column.name in named and not isinstance(column.type, BigInteger):
        return named[column.name]
    for kind, value in (
        (Boolean, True), (UtcDateTime, NOW), (Date, date(2026, 1, 1)), (Float, 0.5), (Integer, 5), (BigInteger, 5),
    ):  # fmt: skip
        if isinstance(column.type, kind):
            return value
    return [] if column.type.__class__.__name__ == "JSON" else "x"


async def _insert_rows(connection: AsyncConnection, member: int, ids: dict[str, int]) -> dict[str, int]:
    """Insert a row into every table that has a column for a member, and into the tables it refers to.

    Foreign keys are taken from `ids`. Return the new rows' ids by the names of the columns that refer to them.
    """
    new_ids: dict[str, int] = {}
    for table in metadata.sorted_tables:
        if not (MEMBER_COLUMNS & set(table.c.keys()) or table.name == "group_sessions"):
            continue
        row: dict[str, Any] = {}
        for column in table.c:
            if column.name in MEMBER_COLUMNS:
                row[column.name] = member
            elif column.name == "server_id":
                row[column.name] = HERE
            elif column.name in ids and column.foreign_keys:
                row[column.name] = ids[column.name]
            elif column.name != "id" and not column.nullable:
                row[column.name] = f"x{member}" if column.unique else _example_value(column)
        if table.name == "night_nominations":  # a night has each film once
            row["night_id"] = new_ids["night_id"]
        if table.name == "letterboxd_accounts":  # a name on Letterboxd belongs to one member
            row["username"] = f"x{member}"
        if table.name == "letterboxd_posts":
            row["account_id"] = new_ids["account_id"]
        if table.name == "film_list_entries":  # and a list has each film once
            row["list_id"] = new_ids["list_id"]
        if table.name == "film_lists":  # a server has one list of each name
            row["name_key"] = f"x{member}"
        result = await connection.execute(table.insert(), row)
        name = {
            "ratings": "rating_id",
            "replies": "reply_id",
            "group_sessions": "group_session_id",
            "picks": "pick_id",
            "nights": "night_id",
            "film_lists": "list_id",
            "letterboxd_accounts": "account_id",
            "night_nominations": "nomination_id",
        }
        if table.name in name:
            (new_ids[name[table.name]],) = result.inserted_primary_key or ()
            ids = {**new_ids, **ids}
    return new_ids


def _list_member_columns() -> list[tuple[Table, Column[Any]]]:
    return [
        (table, column) for table in metadata.sorted_tables for column in table.c if column.name in MEMBER_COLUMNS
    ]


async def test_every_table_with_a_member_is_exported_and_deleted(database: Database) -> None:
    large = {c.name for table in metadata.sorted_tables for c in table.c if isinstance(c.type, BigInteger)}
    assert large | {"id"} == MEMBER_COLUMNS | OTHER_COLUMNS  # a new column must be listed in one of the two
    await FilmRepository(database).save_many([Film(id=FILM, title=FILM, original_title=FILM, year=1994)])
    async with database.write() as connection:
        await _insert_rows(connection, MINA, await _insert_rows(connection, JONAS, {}))
    repository = privacy_repository(database)
    export = await repository.export(MINA)
    counts = export.count_rows()
    for table, column in _list_member_columns():
        match table.name:
            case "log_subjects":
                continue  # a random word; the log entries that it refers to are exported
            case "moderation_log":
                assert counts["moderation_by_you"] == 1
            case _:
                assert counts.get(table.name) == 1, (table.name, column.name)
    await repository.delete_data(MINA)
    async with database.read() as connection:
        for table, column in _list_member_columns():
            left = (await connection.execute(select(table).where(column == MINA))).all()
            assert len(left) == ((table.name, column.name) in REMAINING), (table.name, column.name)
            others = (await connection.execute(select(table).where(column == JONAS))).all()
            assert len(others) == 1, (table.name, column.name)


async def test_choices_made_at_once_are_all_kept(database: Database) -> None:
    privacy = PrivacyService(privacy_repository(database))
    await asyncio.gather(privacy.set_name_hidden(MINA, True), privacy.set_diary_public(MINA, True))
    assert await privacy.get_privacy(MINA) == Privacy(is_name_hidden=True, is_diary_public=True)


def test_every_deleted_table_is_listed_in_the_confirmation() -> None:
    exported = [rows.name for data in PERSONAL_DATA for rows in data.exported_rows]
    assert len(exported) == len(set(exported))
    assert set(exported) - set(ROW_LABELS) == {"blocks", "moderation_by_you"}  # the moderators', so they stay
    positions = [rows.position for data in PERSONAL_DATA for rows in data.exported_rows]
    assert len(positions) == len(set(positions))
    deleted = {table.name for data in PERSONAL_DATA for table in data.deleted_tables}
    assert deleted <= set(ROW_LABELS) | {"log_subjects"}
