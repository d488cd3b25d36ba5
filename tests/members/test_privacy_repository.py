"""What is kept about a member, in whichever table: all of it handed out, and all of it deleted."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Float, Integer, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import Column, Table

from bot.core.database.columns import Moment, metadata
from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmStore
from tests.repositories import privacy_repository

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
HERE, MINA, JONAS = 100, 1, 2
FILM = "night-bus-1994"
WHO = {"member_id", "actor_id", "curator_id"}
"""Columns that name a member."""
OTHERS = {
    "id", "server_id", "subject_id", "member_number",
    "channel_id", "message_id", "thread_id", "log_channel_id", "announcement_channel_id",
    "role_id", "announcement_role_id", "moderator_role_id", "curator_role_id", "curator_role",
    "rating_id", "reply_id", "pick_id", "series_id", "group_session_id",
}  # fmt: skip
"""Columns of large numbers that name something else; `member_number` is one of a ratings set from outside."""
KEPT = {("blocks", "member_id"), ("moderation_log", "actor_id")}
"""What is the moderators', not the member's."""


def _value(column: Column[Any]) -> Any:
    """Give something that the column takes."""
    named = {"film_id": FILM, "stars": 5, "state": "past", "subject": "x", "value": "x"}
    if column.name in named and not isinstance(column.type, BigInteger):
        return named[column.name]
    for kind, value in (
        (Boolean, True), (Moment, NOW), (Date, date(2026, 1, 1)), (Float, 0.5), (Integer, 5), (BigInteger, 5),
    ):  # fmt: skip
        if isinstance(column.type, kind):
            return value
    return [] if column.type.__class__.__name__ == "JSON" else "x"


async def _leave(connection: AsyncConnection, member: int, ids: dict[str, int]) -> dict[str, int]:
    """Put a row of the member's into every table that names members, and one into those it hangs on.

    What hangs on something hangs on what `ids` name; gives the ids of the new rows by the columns that name them.
    """
    made: dict[str, int] = {}
    for table in metadata.sorted_tables:
        if not (WHO & set(table.c.keys()) or table.name == "group_sessions"):
            continue
        row: dict[str, Any] = {}
        for column in table.c:
            if column.name in WHO:
                row[column.name] = member
            elif column.name == "server_id":
                row[column.name] = HERE
            elif column.name in ids and column.foreign_keys:
                row[column.name] = ids[column.name]
            elif column.name != "id" and not column.nullable:
                row[column.name] = f"x{member}" if column.unique else _value(column)
        done = await connection.execute(table.insert(), row)
        name = {
            "ratings": "rating_id",
            "replies": "reply_id",
            "group_sessions": "group_session_id",
            "picks": "pick_id",
        }
        if table.name in name:
            (made[name[table.name]],) = done.inserted_primary_key or ()
            ids = {**made, **ids}
    return made


def _naming() -> list[tuple[Table, Column[Any]]]:
    return [(table, column) for table in metadata.sorted_tables for column in table.c if column.name in WHO]


async def test_every_table_hands_out_and_lets_go_of_what_it_has_of_a_member(database: Database) -> None:
    large = {c.name for table in metadata.sorted_tables for c in table.c if isinstance(c.type, BigInteger)}
    assert large | {"id"} == WHO | OTHERS  # whoever adds a column says here whether it names a member
    await FilmStore(database).put_many([Film(id=FILM, title=FILM, original_title=FILM, year=1994)])
    async with database.write() as connection:
        await _leave(connection, MINA, await _leave(connection, JONAS, {}))
    store = privacy_repository(database)
    export = await store.export(MINA)
    handed_out = export.count_rows()
    for table, column in _naming():
        match table.name:
            case "log_subjects":
                continue  # a word that means nothing by itself; the entries that it names are handed out
            case "moderation_log":
                assert handed_out["moderation_by_you"] == 1
            case _:
                assert handed_out.get(table.name) == 1, (table.name, column.name)
    await store.delete_data(MINA)
    async with database.read() as connection:
        for table, column in _naming():
            left = (await connection.execute(select(table).where(column == MINA))).all()
            assert len(left) == ((table.name, column.name) in KEPT), (table.name, column.name)
            others = (await connection.execute(select(table).where(column == JONAS))).all()
            assert len(others) == 1, (table.name, column.name)
