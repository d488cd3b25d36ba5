"""Takes films of an import over into ratings, diary, watchlist and private reviews, and undoes it again.

A transaction takes a batch of films: small enough that other members' writes need not wait, and whole, so that
after a restart the next batch goes on where the last one ended.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.films.tables import films
from bot.imports.history import FilmHistory
from bot.imports.member_repository import IDS_PER_QUERY, ROWS_PER_STATEMENT, read_stored
from bot.imports.models import FilmState, Import, ImportCounting, ImportState, StagedFilm
from bot.imports.plan import FilmPlan, StoredFilm, plan_film, start_of
from bot.imports.tables import import_films, imported_reviews, imports, liked_films
from bot.members.repository import MembershipRepository
from bot.members.tables import server_members
from bot.moderation.repository import require_not_blocked
from bot.reviews.posting_repository import RatingChange, change_totals
from bot.reviews.repository import delete_ratings
from bot.reviews.tables import ratings, viewings
from bot.watchlists.models import WATCHLIST_LIMIT
from bot.watchlists.tables import watchlist

FILMS_PER_BATCH = 100
"""Films taken in one transaction."""
_SET_APPLIED = (
    update(import_films)
    .where(import_films.c.import_id == bindparam("of_import"), import_films.c.number == bindparam("of_number"))
    .values(state=FilmState.APPLIED, entries=None, film_id=bindparam("of_film"), undo=bindparam("before"))
)
_SET_RATING = (
    update(ratings)
    .where(ratings.c.id == bindparam("of_rating"))
    .values(stars=bindparam("new_stars"), edited_at=bindparam("new_edited_at"))
)
_DATE_VIEWING = (
    update(viewings)
    .where(viewings.c.id == bindparam("of_viewing"))
    .values(
        watched_on=bindparam("day"),
        stars=bindparam("new_stars"),
        is_rewatch=bindparam("new_is_rewatch"),
        tags=bindparam("new_tags"),
        import_id=bindparam("by_import"),
    )
)
_GIVE_HEART = (
    update(ratings)
    .where(
        ratings.c.server_id == bindparam("of_server"),
        ratings.c.member_id == bindparam("of_member"),
        ratings.c.film_id == bindparam("of_film"),
    )
    .values(is_liked=True)
)

_UNDATED: dict[str, Any] = {"watched_on": None, "stars": None, "is_rewatch": False, "tags": None}
"""What a viewing without a day is."""


@dataclass(slots=True)
class _Rows:
    """What one batch writes."""

    new_ratings: list[dict[str, Any]] = field(default_factory=list)
    changed_ratings: list[dict[str, Any]] = field(default_factory=list)
    viewings: list[dict[str, Any]] = field(default_factory=list)
    dated_viewings: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    watchlist: list[dict[str, Any]] = field(default_factory=list)
    likes: list[dict[str, Any]] = field(default_factory=list)
    hearts: list[dict[str, Any]] = field(default_factory=list)
    applied: list[dict[str, Any]] = field(default_factory=list)
    totals: list[RatingChange] = field(default_factory=list)


class ApplyRepository:
    """Writes what imports bring, and takes it back."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def apply(
        self,
        import_: Import,
        batch: Sequence[tuple[StagedFilm, FilmHistory]],
        counting: ImportCounting,
        now: datetime,
        *,
        states: Collection[ImportState] = (ImportState.RUNNING,),
    ) -> bool:
        """Take over films whose `film_id` is known; return False if the import is in none of the states any more.

        Films that have left the catalogue become unknown. Raises BlockedError.
        """
        server_id, member_id = import_.server_id, import_.member_id
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            current = (await connection.execute(select(imports).where(imports.c.id == import_.id))).one_or_none()
            if current is None or current.state not in states:
                return False
            await require_not_blocked(connection, server_id, member_id, now)
            await self._membership.record_activity(connection, server_id, member_id, now)
            named = sorted({staged.film_id for staged, _ in batch if staged.film_id})
            existing = set((await connection.execute(select(films.c.id).where(films.c.id.in_(named)))).scalars())
            stored = await read_stored(connection, server_id, member_id, existing)
            counted = await _list_countable(connection, server_id, existing, counting)
            room = WATCHLIST_LIMIT - await _count_watchlist(connection, server_id, member_id)
            rows, stored_counts, lost = _Rows(), Counter[str](current.result), []
            taken: set[str] = set()
            for staged, history in batch:
                film_id = staged.film_id or ""
                if film_id not in existing:
                    lost.append(staged.number)
                    continue
                if film_id in taken:  # named twice in the file: the next batch knows what this one stored
                    continue
                taken.add(film_id)
                plan = plan_film(history, stored[film_id], import_.choices)
                if plan.is_watchlisted and len(rows.watchlist) >= room:
                    plan.is_watchlisted = False
                    stored_counts["not on the full watchlist"] += 1
                for kind, count in plan.count().items():
                    stored_counts[kind] += count
                is_countable = film_id in counted
                await _add_rows(connection, rows, import_, staged, plan, stored[film_id], is_countable, now)
            await _write(connection, rows)
            if lost:
                is_lost = and_(import_films.c.import_id == import_.id, import_films.c.number.in_(lost))
                unknown = update(import_films).where(is_lost)
                await connection.execute(unknown.values(state=FilmState.UNKNOWN, film_id=None))
            values = {"result": {name: count for name, count in stored_counts.items() if count}, "updated_at": now}
            await connection.execute(update(imports).where(imports.c.id == import_.id).values(values))
        return True

    async def undo(self, import_: Import, now: datetime) -> bool:
        """Take back a batch of films; return whether more follow.

        What the member changed here since then stays as it is.
        """
        server_id, member_id = import_.server_id, import_.member_id
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            applied = (
                select(import_films)
                .where(import_films.c.import_id == import_.id, import_films.c.state == FilmState.APPLIED)
                .order_by(import_films.c.number)
                .limit(FILMS_PER_BATCH)
            )
            rows = (await connection.execute(applied)).all()
            by_film = {row.film_id: row.undo or {} for row in rows}
            await self._undo_ratings(connection, import_, by_film)
            await self._undo_lists(connection, import_, by_film)
            numbers = [row.number for row in rows]
            is_done = and_(import_films.c.import_id == import_.id, import_films.c.number.in_(numbers))
            await connection.execute(delete(import_films).where(is_done))
            has_more = len(rows) == FILMS_PER_BATCH
            if not has_more:
                await connection.execute(delete(import_films).where(import_films.c.import_id == import_.id))
                values = {"state": ImportState.UNDONE, "updated_at": now}
                await connection.execute(update(imports).where(imports.c.id == import_.id).values(values))
        return has_more

    async def _undo_ratings(
        self, connection: AsyncConnection, import_: Import, by_film: Mapping[str, Mapping[str, Any]]
    ) -> None:
        server_id = import_.server_id
        of_member = and_(ratings.c.server_id == server_id, ratings.c.member_id == import_.member_id)
        is_here = and_(of_member, ratings.c.film_id.in_(list(by_film)))
        liked = [film_id for film_id, undo in by_film.items() if undo.get("liked")]
        await connection.execute(
            update(ratings).where(of_member, ratings.c.film_id.in_(liked)).values(is_liked=False)
        )
        deleted = []
        for rating in (await connection.execute(select(ratings).where(is_here))).all():
            undo = by_film[rating.film_id]
            if "rated" in undo and rating.import_id == import_.id and rating.text is None:
                deleted.append(rating)
            elif "changed" in undo and rating.stars == undo["changed"]["to"]:
                before = undo["changed"]["from"]
                restore = update(ratings).where(ratings.c.id == rating.id)
                await connection.execute(restore.values(stars=before))
                if rating.is_counted:
                    change = RatingChange(server_id, rating.film_id, before=rating.stars, after=before)
                    await change_totals(connection, [change])
        await delete_ratings(connection, deleted)
        dated = [pair for undo in by_film.values() for pair in undo.get("dated", ())]
        for viewing_id, import_id in dated:
            is_dated = and_(viewings.c.id == viewing_id, viewings.c.import_id == import_.id)
            undated = update(viewings).where(is_dated)
            await connection.execute(undated.values(**_UNDATED, import_id=import_id))

    async def _undo_lists(
        self, connection: AsyncConnection, import_: Import, by_film: Mapping[str, Mapping[str, Any]]
    ) -> None:
        ids = list(by_film)
        for table in (viewings, imported_reviews, liked_films):
            is_imported = and_(
                table.c.server_id == import_.server_id,
                table.c.member_id == import_.member_id,
                table.c.film_id.in_(ids),
                table.c.import_id == import_.id,
            )
            if table is imported_reviews:
                is_imported = and_(is_imported, imported_reviews.c.published_at.is_(None))
            await connection.execute(delete(table).where(is_imported))
        listed = [film_id for film_id, undo in by_film.items() if undo.get("watchlisted")]
        is_listed = and_(
            watchlist.c.server_id == import_.server_id,
            watchlist.c.member_id == import_.member_id,
            watchlist.c.film_id.in_(listed),
            watchlist.c.is_kept.is_(False),
        )
        await connection.execute(delete(watchlist).where(is_listed))

    async def recount(self, server_id: int, counting: ImportCounting, film_id: str | None = None) -> int:
        """Count the server's imported ratings, or those of one film, by its rule; return how many changed.

        A transaction changes some hundreds of them.
        """
        changed = 0
        while True:
            async with self._database.write(server_ids=[server_id], is_upkeep=True) as connection:
                count = await _recount_some(connection, server_id, counting, film_id)
            changed += count
            if count < IDS_PER_QUERY:
                return changed

    async def require_unblocked(self, server_id: int, member_id: int, now: datetime) -> None:
        """Raise BlockedError if moderators keep the member from rating and reviewing."""
        async with self._database.read() as connection:
            await require_not_blocked(connection, server_id, member_id, now)

    async def has_imported_ratings(self, server_id: int, film_id: str) -> bool:
        """Return whether somebody imported a rating of the film."""
        imported = and_(
            ratings.c.server_id == server_id, ratings.c.film_id == film_id, ratings.c.import_id.is_not(None)
        )
        return bool((await self._database.fetch_all(select(exists().where(imported))))[0][0])


async def _count_watchlist(connection: AsyncConnection, server_id: int, member_id: int) -> int:
    of_member = and_(watchlist.c.server_id == server_id, watchlist.c.member_id == member_id)
    return int((await connection.execute(select(func.count()).where(of_member))).scalar_one())


def _is_countable(server_id: int, film_id: ColumnElement[str], counting: ImportCounting) -> ColumnElement[bool]:
    """Return the condition that imported ratings of the film count by the rule."""
    if counting is not ImportCounting.RATED_HERE:
        return literal(counting is ImportCounting.AT_ONCE)
    own = ratings.alias()
    is_own = and_(own.c.server_id == server_id, own.c.film_id == film_id, own.c.import_id.is_(None))
    return exists().where(is_own)


async def _list_countable(
    connection: AsyncConnection, server_id: int, film_ids: Collection[str], counting: ImportCounting
) -> set[str]:
    """Return those of the films whose imported ratings count by the rule."""
    is_counted = _is_countable(server_id, films.c.id, counting)
    statement = select(films.c.id).where(films.c.id.in_(film_ids), is_counted)
    return set((await connection.execute(statement)).scalars())


async def _recount_some(
    connection: AsyncConnection, server_id: int, counting: ImportCounting, film_id: str | None
) -> int:
    """Turn round whether imported ratings may count, where the rule says otherwise; return how many.

    Those of members who left stay out of the totals.
    """
    conditions = [ratings.c.server_id == server_id, ratings.c.import_id.is_not(None)]
    if film_id is not None:
        conditions.append(ratings.c.film_id == film_id)
    conditions.append(ratings.c.is_countable != _is_countable(server_id, ratings.c.film_id, counting))
    is_departed = exists().where(
        server_members.c.server_id == server_id,
        server_members.c.member_id == ratings.c.member_id,
        server_members.c.departed_at.is_not(None),
    )
    columns = (ratings.c.id, ratings.c.film_id, ratings.c.stars, ratings.c.is_countable, ratings.c.is_counted)
    statement = select(*columns, is_departed.label("is_departed")).where(*conditions).limit(IDS_PER_QUERY)
    rows = (await connection.execute(statement)).all()
    changes = []
    for is_countable, is_counted in ((True, True), (True, False), (False, False)):
        group = [
            row
            for row in rows
            if row.is_countable != is_countable and (is_countable and not row.is_departed) == is_counted
        ]
        of_group = update(ratings).where(ratings.c.id.in_([row.id for row in group]))
        await connection.execute(of_group.values(is_countable=is_countable, is_counted=is_counted))
        changes += [
            RatingChange(
                server_id,
                row.film_id,
                before=row.stars if row.is_counted else None,
                after=row.stars if is_counted else None,
            )
            for row in group
        ]
    await change_totals(connection, changes)
    return len(rows)


async def _plan_change(
    connection: AsyncConnection, rows: _Rows, key: Mapping[str, Any], plan: FilmPlan, now: datetime
) -> dict[str, Any]:
    """Add the change of a rating that is stored here, and return what undoing it needs."""
    of_film = [ratings.c[name] == value for name, value in key.items()]
    rating = (await connection.execute(select(ratings).where(*of_film))).one()
    rows.changed_ratings.append(
        {
            "of_rating": rating.id,
            "new_stars": plan.half_stars,
            "new_edited_at": max(start_of(plan.rated_on, now), rating.created_at),
        }
    )
    if rating.is_counted:
        change = RatingChange(key["server_id"], key["film_id"], before=rating.stars, after=plan.half_stars)
        rows.totals.append(change)
    return {"changed": {"from": rating.stars, "to": plan.half_stars}}


async def _add_rows(
    connection: AsyncConnection,
    rows: _Rows,
    import_: Import,
    staged: StagedFilm,
    plan: FilmPlan,
    stored: StoredFilm,
    is_countable: bool,
    now: datetime,
) -> None:
    """Add what the plan of one film writes, and what undoing it needs."""
    film_id = staged.film_id or ""
    key = {"server_id": import_.server_id, "member_id": import_.member_id, "film_id": film_id}
    undo: dict[str, Any] = {}
    if plan.half_stars is not None and stored.half_stars is None:
        rows.new_ratings.append(
            {
                **key,
                "stars": plan.half_stars,
                "text": None,
                "is_spoiler": False,
                "created_at": start_of(plan.rated_on, now),
                "is_counted": is_countable,
                "is_countable": is_countable,
                "helpful_count": 0,
                "import_id": import_.id,
            }
        )
        undo["rated"] = True
        if is_countable:
            rows.totals.append(RatingChange(import_.server_id, film_id, after=plan.half_stars))
    elif plan.half_stars is not None:
        undo |= await _plan_change(connection, rows, key, plan, now)
    for viewing in plan.viewings:
        rows.viewings.append(
            {
                **key,
                "watched_on": viewing.watched_on,
                "stars": viewing.half_stars,
                "is_rewatch": viewing.is_rewatch,
                "created_at": start_of(viewing.logged_on, now),
                "import_id": import_.id,
                "tags": list(viewing.tags) or None,
            }
        )
    for undated, viewing in plan.dated:
        rows.dated_viewings.append(
            {
                "of_viewing": undated.id,
                "day": viewing.watched_on,
                "new_stars": viewing.half_stars,
                "new_is_rewatch": viewing.is_rewatch,
                "new_tags": list(viewing.tags) or None,
                "by_import": import_.id,
            }
        )
    if plan.dated:
        undo["dated"] = [[undated.id, undated.import_id] for undated, _ in plan.dated]
    rows.reviews += [
        {
            **key,
            "import_id": import_.id,
            "text": review.text,
            "is_spoiler": review.is_spoiler,
            "watched_on": review.watched_on,
            "written_on": review.written_on,
            "published_at": None,
        }
        for review in plan.reviews
    ]
    if plan.is_watchlisted:
        rows.watchlist.append({**key, "added_at": start_of(plan.watchlisted_on, now), "is_kept": False})
        undo["watchlisted"] = True
    if plan.is_liked:
        rows.likes.append({**key, "import_id": import_.id, "liked_at": now})
        undo["liked"] = True
    if plan.is_liked or (stored.is_liked and stored.half_stars is None):
        rows.hearts.append({f"of_{name.removesuffix('_id')}": value for name, value in key.items()})
    rows.applied.append(
        {"of_import": import_.id, "of_number": staged.number, "of_film": film_id, "before": undo or None}
    )


async def _write(connection: AsyncConnection, rows: _Rows) -> None:
    dialect = connection.dialect.name
    listed = upsert(dialect, watchlist, ("server_id", "member_id", "film_id"), ())
    liked = upsert(dialect, liked_films, ("server_id", "member_id", "film_id"), ())
    for statement, values in (
        (insert(ratings), rows.new_ratings),
        (_SET_RATING, rows.changed_ratings),
        (insert(viewings), rows.viewings),
        (_DATE_VIEWING, rows.dated_viewings),
        (insert(imported_reviews), rows.reviews),
        (listed, rows.watchlist),
        (liked, rows.likes),
        (_GIVE_HEART, rows.hearts),
        (_SET_APPLIED, rows.applied),
    ):
        for start in range(0, len(values), ROWS_PER_STATEMENT):
            await connection.execute(statement, values[start : start + ROWS_PER_STATEMENT])
    await change_totals(connection, rows.totals)
