"""Edits of entries at Letterboxd: what came of the entry here follows, where its member has not changed it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.executors import AnyRow
from bot.imports.following_models import Account, TakenEntry, digest_review
from bot.imports.following_repository import select_account
from bot.imports.tables import imported_reviews
from bot.reviews.tables import ratings, viewings
from bot.sources.letterboxd.feed import FeedEntry


class EditsRepository:
    """Writes what an edited entry changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def follow(self, account: Account, film_id: str, before: TakenEntry, entry: FeedEntry) -> bool:
        """Change the viewing and the review that an entry brought; return whether a new text is to be published.

        A viewing that has another day here, or a review with another text, is the member's own by now.
        """
        server_id, member_id = account.server_id, account.member_id
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            if (await connection.execute(select_account(account))).first() is None:
                return False
            await _follow_viewing(connection, account, film_id, before, entry)
            return await _follow_review(connection, account, film_id, before, entry)


def _of_film(table: Any, account: Account, film_id: str) -> ColumnElement[bool]:
    return and_(
        table.c.server_id == account.server_id,
        table.c.member_id == account.member_id,
        table.c.film_id == film_id,
    )


async def _follow_viewing(
    connection: AsyncConnection, account: Account, film_id: str, before: TakenEntry, entry: FeedEntry
) -> None:
    of_film = _of_film(viewings, account, film_id)
    statement = select(viewings).where(of_film).order_by(viewings.c.id)
    stored = (await connection.execute(statement)).all()
    meant = [row for row in stored if row.import_id is not None and row.watched_on == before.watched_on]
    if not meant:
        return
    values: dict[str, Any] = {"is_rewatch": entry.is_rewatch}
    if entry.half_stars is not None and await _read_rating(connection, account, film_id) is not None:
        values["stars"] = entry.half_stars
    if all(row.watched_on != entry.watched_on for row in stored):  # else it would be there twice
        values["watched_on"] = entry.watched_on
    await connection.execute(update(viewings).where(viewings.c.id == meant[0].id).values(values))


async def _follow_review(
    connection: AsyncConnection, account: Account, film_id: str, before: TakenEntry, entry: FeedEntry
) -> bool:
    of_film = _of_film(imported_reviews, account, film_id)
    reviews = (await connection.execute(select(imported_reviews).where(of_film))).all()
    meant = [row for row in reviews if before.review_digest and digest_review(row.text) == before.review_digest]
    if not meant or not entry.review:  # what was deleted there stays here
        return False
    values = {"text": entry.review, "is_spoiler": entry.is_spoiler, "watched_on": entry.watched_on}
    if private := [row for row in meant if row.published_at is None]:
        of_review = imported_reviews.c.id == private[0].id
        await connection.execute(update(imported_reviews).where(of_review).values(values))
        return True
    rating = await _read_rating(connection, account, film_id)
    if rating is None or digest_review(rating.text or "") != before.review_digest:
        return False
    if rating.text == entry.review:
        of_rating = update(ratings).where(ratings.c.id == rating.id)
        await connection.execute(of_rating.values(is_spoiler=entry.is_spoiler))
        return False
    kept = {name: value for name, value in meant[0]._mapping.items() if name != "id"}
    row = {**kept, **values, "published_at": None}
    await connection.execute(insert(imported_reviews).values(row))
    return True


async def _read_rating(connection: AsyncConnection, account: Account, film_id: str) -> AnyRow | None:
    statement = select(ratings).where(_of_film(ratings, account, film_id))
    return (await connection.execute(statement)).one_or_none()
