"""Who goes, what members suggest, and what they thought, in and out of the database."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, lock_servers
from bot.core.database.read_executor import AnyRow
from bot.core.errors import FilmGoneError
from bot.films.tables import films
from bot.members.membership_repository import MembershipRepository
from bot.members.tables import server_members
from bot.picks.models import (
    HISTORY_ON_PAGE,
    AlreadySuggestedError,
    Decision,
    Disagreement,
    History,
    NewPick,
    PickOverError,
    State,
    Suggestion,
    SuggestionGoneError,
)
from bot.picks.repository import plan
from bot.picks.rows import pick_of, read_pick, whole_picks
from bot.picks.tables import pick_rsvps, pick_suggestions, picks
from bot.reviews.models import Review
from bot.reviews.replies_repository import review_from_row
from bot.reviews.tables import rating_totals, ratings
from bot.reviews.totals_repository import read_prior

SUGGESTIONS_SHOWN = 25
LEAST_APART = 2
"""Half-stars: ratings closer than one star are no disagreement."""


class PickVoiceStore:
    """Reads and writes what members say."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def set_going(self, server_id: int, pick_id: int, member_id: int, now: datetime) -> bool:
        """Put the member on the pick's list, or take them off; tell whether they are on it now.

        Raises PickOverError for one that is not on.
        """
        theirs = and_(pick_rsvps.c.pick_id == pick_id, pick_rsvps.c.member_id == member_id)
        row = {"pick_id": pick_id, "member_id": member_id, "created_at": now}
        async with self._database.write() as connection:
            await self._membership.record_activity(connection, server_id, member_id, now)
            pick = await read_pick(connection, server_id, pick_id)
            if pick is None or pick.state is not State.CURRENT:
                raise PickOverError
            if (await connection.execute(delete(pick_rsvps).where(theirs))).rowcount:
                return False
            await connection.execute(insert(pick_rsvps).values(**row))
        return True

    async def goers(self, pick_id: int) -> list[int]:
        """Give who plans to watch the pick, first who said so first; those who left the server do not."""
        there = and_(
            picks.c.id == pick_rsvps.c.pick_id,
            server_members.c.server_id == picks.c.server_id,
            server_members.c.member_id == pick_rsvps.c.member_id,
            server_members.c.departed_at.is_(None),
        )
        statement = (
            select(pick_rsvps.c.member_id)
            .join(picks, picks.c.id == pick_rsvps.c.pick_id)
            .join(server_members, there)
            .where(pick_rsvps.c.pick_id == pick_id)
            .order_by(pick_rsvps.c.created_at, pick_rsvps.c.member_id)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(statement)).scalars())

    async def history(self, server_id: int, page: int) -> History:
        """Give a page of past picks, latest first; one past the end is the last."""
        past = and_(picks.c.server_id == server_id, picks.c.state == State.PAST.value)
        async with self._database.read() as connection:
            counted = select(func.count()).select_from(picks).where(past)
            count = (await connection.execute(counted)).scalar_one()
            page = min(page, max(0, -(-count // HISTORY_ON_PAGE) - 1))
            statement = whole_picks().where(past).order_by(picks.c.ended_at.desc(), picks.c.id.desc())
            statement = statement.limit(HISTORY_ON_PAGE).offset(page * HISTORY_ON_PAGE)
            found = tuple(pick_of(row) for row in (await connection.execute(statement)).all())
            prior = await read_prior(connection, server_id)
            totals = select(
                rating_totals.c.film_id, rating_totals.c.rating_count, rating_totals.c.half_star_sum
            ).where(
                rating_totals.c.server_id == server_id,
                rating_totals.c.film_id.in_([pick.film_id for pick in found]),
                rating_totals.c.rating_count > 0,
            )
            stars = {
                row[0]: (prior.bayesian_average(row[1], row[2]), row[1])
                for row in await connection.execute(totals)
            }
        return History(found, stars, count, page)

    async def best_review(self, server_id: int, film_id: str) -> Review | None:
        """Give the readable review that helped most, the longer of two as helpful, or None."""
        statement = (
            select(ratings)
            .where(
                ratings.c.server_id == server_id,
                ratings.c.film_id == film_id,
                ratings.c.text.is_not(None),
                ratings.c.text != "",
                ratings.c.hidden_by.is_(None),
                ratings.c.is_counted,
            )
            .order_by(ratings.c.helpful_count.desc(), func.length(ratings.c.text).desc(), ratings.c.id)
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return review_from_row(row) if row is not None else None

    async def disagreement(self, server_id: int, film_id: str) -> Disagreement | None:
        """Give the highest and the lowest rating, each the earliest of its kind, where they lie apart."""
        those = select(ratings.c.member_id, ratings.c.stars).where(
            ratings.c.server_id == server_id, ratings.c.film_id == film_id, ratings.c.is_counted
        )
        async with self._database.read() as connection:
            high = (
                await connection.execute(those.order_by(ratings.c.stars.desc(), ratings.c.id).limit(1))
            ).one_or_none()
            low = (
                await connection.execute(those.order_by(ratings.c.stars.asc(), ratings.c.id).limit(1))
            ).one_or_none()
        if high is None or low is None or high.stars - low.stars < LEAST_APART:
            return None
        return Disagreement(high.member_id, high.stars, low.member_id, low.stars)

    async def suggest(self, suggestion: Suggestion) -> Suggestion:
        """Store it. Raises AlreadySuggestedError, FilmGoneError."""
        server_id, member_id = suggestion.server_id, suggestion.member_id
        values = {
            "server_id": server_id, "member_id": suggestion.member_id, "film_id": suggestion.film_id,
            "reason": suggestion.reason, "created_at": suggestion.created_at, "decision": Decision.OPEN.value,
        }  # fmt: skip
        same = and_(
            pick_suggestions.c.server_id == server_id,
            pick_suggestions.c.film_id == suggestion.film_id,
            pick_suggestions.c.decision == Decision.OPEN.value,
        )
        async with self._database.write() as connection:
            await self._membership.record_activity(connection, server_id, member_id, suggestion.created_at)
            known = select(films.c.id).where(films.c.id == suggestion.film_id)
            if (await connection.execute(known)).one_or_none() is None:
                raise FilmGoneError
            if (await connection.execute(select(pick_suggestions.c.id).where(same))).one_or_none() is not None:
                raise AlreadySuggestedError
            stored = insert(pick_suggestions).values(**values).returning(pick_suggestions.c.id)
            suggestion_id = (await connection.execute(stored)).scalar_one()
            return await _suggestion(connection, server_id, suggestion_id)

    async def waiting(self, server_id: int) -> list[Suggestion]:
        """Give undecided suggestions, oldest first."""
        statement = _suggestions(server_id).where(pick_suggestions.c.decision == Decision.OPEN.value)
        statement = statement.order_by(pick_suggestions.c.id).limit(SUGGESTIONS_SHOWN)
        async with self._database.read() as connection:
            return [_of(row) for row in (await connection.execute(statement)).all()]

    async def suggested_by(self, server_id: int, member_id: int) -> list[Suggestion]:
        """Give a member's suggestions, latest first."""
        statement = _suggestions(server_id).where(pick_suggestions.c.member_id == member_id)
        statement = statement.order_by(pick_suggestions.c.id.desc()).limit(SUGGESTIONS_SHOWN)
        async with self._database.read() as connection:
            return [_of(row) for row in (await connection.execute(statement)).all()]

    async def decide(self, server_id: int, suggestion_id: int, decision: Decision, now: datetime) -> Suggestion:
        """Decide it, and plan a taken one's film at the end of the queue; give it as it is now.

        Raises SuggestionGoneError, QueueFullError.
        """
        waiting = and_(
            pick_suggestions.c.id == suggestion_id,
            pick_suggestions.c.server_id == server_id,
            pick_suggestions.c.decision == Decision.OPEN.value,
        )
        statement = update(pick_suggestions).where(waiting).values(decision=decision.value, decided_at=now)
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            if not (await connection.execute(statement)).rowcount:
                raise SuggestionGoneError
            suggestion = await _suggestion(connection, server_id, suggestion_id)
            if decision is Decision.TAKEN:
                await plan(connection, server_id, NewPick(suggestion.film_id, None))
        return suggestion


def _suggestions(server_id: int) -> Select[Any]:
    return (
        select(pick_suggestions, films.c.title, films.c.year)
        .join(films, films.c.id == pick_suggestions.c.film_id)
        .where(pick_suggestions.c.server_id == server_id)
    )


async def _suggestion(connection: AsyncConnection, server_id: int, suggestion_id: int) -> Suggestion:
    statement = _suggestions(server_id).where(pick_suggestions.c.id == suggestion_id)
    return _of((await connection.execute(statement)).one())


def _of(row: AnyRow) -> Suggestion:
    return Suggestion(
        row.id, row.server_id, row.member_id, row.film_id, row.title, row.year, row.reason, row.created_at,
        Decision(row.decision),
    )  # fmt: skip
