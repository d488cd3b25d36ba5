"""Stores members' accounts at Letterboxd, what was seen of their feeds, and what is to be posted."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, insert, or_, select, update

from bot.core.database.engine import Database, upsert
from bot.core.database.executors import AnyRow
from bot.imports.following_models import (
    LONGEST_BACK_OFF,
    Account,
    AccountTakenError,
    Post,
    SeenEntry,
    TakenEntry,
    entry_to_json,
)
from bot.imports.following_tables import letterboxd_accounts, letterboxd_entries, letterboxd_posts
from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.members.repository import MembershipRepository
from bot.members.tables import server_members
from bot.moderation.models import LogEntry
from bot.moderation.repository import write_log
from bot.sources.letterboxd.client import FeedValidators
from bot.sources.letterboxd.feed import FeedEntry

HOUR = timedelta(hours=1)
LONGEST_WAIT = LONGEST_BACK_OFF + HOUR


class FollowingRepository:
    """Reads and writes accounts, the entries that were seen, and posts."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def connect(self, account: Account, entries: Sequence[FeedEntry]) -> None:
        """Store a member's account in place of an earlier one; these entries count as seen.

        Raises AccountTakenError if another member of the server has it.
        """
        server_id, member_id = account.server_id, account.member_id
        table = letterboxd_accounts
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            is_taken = and_(
                table.c.server_id == server_id,
                table.c.username == account.username,
                table.c.member_id != member_id,
            )
            if (await connection.execute(select(table.c.id).where(is_taken))).first() is not None:
                raise AccountTakenError
            of_member = and_(table.c.server_id == server_id, table.c.member_id == member_id)
            await connection.execute(delete(table).where(of_member))
            await self._membership.record_activity(connection, server_id, member_id, account.connected_at)
            row = {
                "server_id": server_id,
                "member_id": member_id,
                "username": account.username,
                "takes_reviews": account.takes_reviews,
                "etag": account.validators.etag,
                "last_modified": account.validators.last_modified,
                "next_poll_at": account.next_poll_at,
                "failure_count": 0,
                "missing_count": 0,
                "connected_at": account.connected_at,
            }
            stored = await connection.execute(insert(table).values(row).returning(table.c.id))
            if rows := _entry_rows(int(stored.scalar_one()), entries):
                await connection.execute(insert(letterboxd_entries), rows)

    async def get(self, server_id: int, member_id: int) -> Account | None:
        """Return the member's account in the server, or None."""
        table = letterboxd_accounts
        statement = select(table).where(table.c.server_id == server_id, table.c.member_id == member_id)
        rows = await self._database.fetch_all(statement)
        return _account_from_row(rows[0]) if rows else None

    async def delete(
        self, server_id: int, member_id: int, account_id: int | None = None, *, entry: LogEntry | None = None
    ) -> bool:
        """Delete the member's account in the server with what was seen of it; return whether there was one.

        With `account_id` only that one: they may have connected another meanwhile. `entry` is added to the
        moderation log if there was one.
        """
        table = letterboxd_accounts
        of_member = and_(table.c.server_id == server_id, table.c.member_id == member_id)
        if account_id is not None:
            of_member = and_(of_member, table.c.id == account_id)
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            was_connected = (await connection.execute(delete(table).where(of_member))).rowcount > 0
            if was_connected and entry is not None:
                await write_log(connection, server_id, entry)
        return was_connected

    async def list_due(self, now: datetime, is_served: Callable[[int], bool], limit: int) -> list[Account]:
        """Return at most `limit` accounts whose feed is to be read, of members who are in their server.

        A time that is farther off than any wait was stored before the clock was set back.
        """
        has_left = exists().where(
            server_members.c.server_id == letterboxd_accounts.c.server_id,
            server_members.c.member_id == letterboxd_accounts.c.member_id,
            server_members.c.departed_at.is_not(None),
        )
        next_poll_at = letterboxd_accounts.c.next_poll_at
        is_due = or_(next_poll_at <= now, next_poll_at > now + LONGEST_WAIT)
        statement = (
            select(letterboxd_accounts).where(is_due, ~has_left).order_by(letterboxd_accounts.c.next_poll_at)
        )
        rows = await self._database.fetch_all(statement)
        return [_account_from_row(row) for row in rows if is_served(row.server_id)][:limit]

    async def claim(self, account: Account, next_poll_at: datetime) -> bool:
        """Return whether this process is the one to read the feed now; it is read again at that time."""
        table = letterboxd_accounts
        is_due = and_(table.c.id == account.id, table.c.next_poll_at == account.next_poll_at)
        async with self._database.write(member_ids=[account.member_id], is_upkeep=True) as connection:
            statement = update(table).where(is_due).values(next_poll_at=next_poll_at)
            return (await connection.execute(statement)).rowcount > 0

    async def set_outcome(
        self,
        account: Account,
        next_poll_at: datetime,
        *,
        failure_count: int = 0,
        missing_count: int = 0,
        validators: FeedValidators | None = None,
        username: str | None = None,
    ) -> None:
        """Store what came of reading a feed."""
        values: dict[str, Any] = {
            "next_poll_at": next_poll_at,
            "failure_count": failure_count,
            "missing_count": missing_count,
        }
        if validators is not None:
            values |= {"etag": validators.etag, "last_modified": validators.last_modified}
        if username is not None:
            values["username"] = username
        async with self._database.write(member_ids=[account.member_id], is_upkeep=True) as connection:
            of_account = letterboxd_accounts.c.id == account.id
            await connection.execute(update(letterboxd_accounts).where(of_account).values(values))

    async def list_seen(self, account: Account) -> dict[str, SeenEntry] | None:
        """Return an account's entries that were seen, by their ids in the feed.

        None where the account is gone: everything would look new.
        """
        statement = select(letterboxd_entries).where(letterboxd_entries.c.account_id == account.id)
        async with self._database.read() as connection:
            if (await connection.execute(select_account(account))).first() is None:
                return None
            return {
                row.guid: SeenEntry(row.digest, TakenEntry.from_json(row.taken) if row.taken else None)
                for row in await connection.execute(statement)
            }

    async def add_seen(
        self,
        account: Account,
        entries: Sequence[FeedEntry],
        posts: Sequence[tuple[FeedEntry, str | None]],
        now: datetime,
    ) -> bool:
        """Record that entries were seen, and which of them are to be posted, with their films.

        Return False where the account is gone, since its member disconnected it or deleted their data.
        """
        server_id, member_id = account.server_id, account.member_id
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            if (await connection.execute(select_account(account))).first() is None:
                return False
            if rows := _entry_rows(account.id, entries):
                statement = upsert(
                    connection.dialect.name, letterboxd_entries, ("account_id", "guid"), ("digest", "taken")
                )
                await connection.execute(statement, rows)
            if posts:
                values = [
                    {
                        "server_id": server_id,
                        "member_id": member_id,
                        "account_id": account.id,
                        "entry": entry_to_json(entry, with_review=account.takes_reviews),
                        "film_id": film_id,
                        "published_at": entry.published_at or now,
                        "posted_at": None,
                    }
                    for entry, film_id in posts
                ]
                await connection.execute(insert(letterboxd_posts), values)
        return True

    async def claim_post(self, server_id: int, limit: int, now: datetime, lifetime: timedelta) -> Post | None:
        """Return the server's oldest entry that is to be posted now, which counts as posted from then on.

        None where there is none, or where `limit` of them were posted within the hour. Old ones are dropped.
        """
        table = letterboxd_posts
        async with self._database.write(server_ids=[server_id], is_upkeep=True) as connection:
            is_old = or_(
                and_(table.c.posted_at.is_(None), table.c.published_at < now - lifetime),
                ~table.c.posted_at.between(now - HOUR, now + HOUR),
            )
            await connection.execute(delete(table).where(table.c.server_id == server_id, is_old))
            of_server = table.c.server_id == server_id
            count = select(func.count()).select_from(table).where(of_server, table.c.posted_at.is_not(None))
            if (await connection.execute(count)).scalar_one() >= limit:
                return None
            waiting = select(table).where(of_server, table.c.posted_at.is_(None))
            row = (
                await connection.execute(waiting.order_by(table.c.published_at, table.c.id).limit(1))
            ).one_or_none()
            if row is None:
                return None
            await connection.execute(update(table).where(table.c.id == row.id).values(posted_at=now))
        return _post_from_row(row)

    async def list_posting_servers(self) -> list[int]:
        """Return the servers with entries that wait to be posted."""
        statement = select(letterboxd_posts.c.server_id).where(letterboxd_posts.c.posted_at.is_(None)).distinct()
        return [row.server_id for row in await self._database.fetch_all(statement)]


def select_account(account: Account) -> Select[Any]:
    """Return the statement that selects the account's id, as long as it is connected."""
    return select(letterboxd_accounts.c.id).where(letterboxd_accounts.c.id == account.id)


def _entry_rows(account_id: int, entries: Sequence[FeedEntry]) -> list[dict[str, Any]]:
    return [
        {
            "account_id": account_id,
            "guid": entry.guid,
            "digest": entry.digest,
            "taken": TakenEntry.of(entry).to_json(),
        }
        for entry in entries
    ]


def _account_from_row(row: AnyRow) -> Account:
    return Account(
        id=row.id,
        server_id=row.server_id,
        member_id=row.member_id,
        username=row.username,
        takes_reviews=row.takes_reviews,
        validators=FeedValidators(row.etag, row.last_modified),
        next_poll_at=row.next_poll_at,
        failure_count=row.failure_count,
        missing_count=row.missing_count,
        connected_at=row.connected_at,
    )


def _post_from_row(row: AnyRow) -> Post:
    entry: Mapping[str, Any] = row.entry
    watched_on = entry.get("watched")
    return Post(
        id=row.id,
        server_id=row.server_id,
        member_id=row.member_id,
        title=entry.get("title", ""),
        year=entry.get("year"),
        film_id=row.film_id,
        half_stars=entry.get("stars"),
        is_rewatch=entry.get("rewatch", False),
        is_liked=entry.get("liked", False),
        review=entry.get("review", ""),
        is_spoiler=entry.get("spoiler", False),
        link=entry.get("link", ""),
        watched_on=date.fromisoformat(watched_on) if watched_on else None,
    )


def _select_entries(member_id: int) -> Select[Any]:
    return (
        select(letterboxd_entries)
        .join(letterboxd_accounts, letterboxd_accounts.c.id == letterboxd_entries.c.account_id)
        .where(letterboxd_accounts.c.member_id == member_id)
        .order_by(letterboxd_entries.c.account_id, letterboxd_entries.c.guid)
    )


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(letterboxd_accounts, 440),
        ExportedRows(letterboxd_entries.name, 450, _select_entries),
        export_table(letterboxd_posts, 460),
    ),
    deleted_tables=(letterboxd_posts, letterboxd_accounts),
)
"""What was seen of an account goes with it."""
