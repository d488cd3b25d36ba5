"""What members do with picks, in the database: RSVPs, suggestions, and what they thought of a film."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.executors import AnyRow
from bot.core.paging import clamp_page
from bot.films.models import FilmGoneError
from bot.films.tables import films
from bot.members.repository import MembershipRepository, is_present_member
from bot.members.tables import server_members
from bot.moderation.repository import require_not_blocked
from bot.picks.models import (
    HISTORY_PAGE_SIZE,
    AlreadySuggestedError,
    AverageStars,
    Disagreement,
    NewPick,
    PickGoneError,
    PickHistory,
    PickNotCurrentError,
    PickState,
    Suggestion,
    SuggestionDecidedError,
    SuggestionState,
)
from bot.picks.repository import UNDO_TIME, insert_pick_within_limit, pick_from_row, read_pick, select_picks
from bot.picks.tables import pick_rsvps, pick_suggestions, picks
from bot.reviews.models import Review
from bot.reviews.replies_repository import review_from_row
from bot.reviews.stars import round_average
from bot.reviews.tables import rating_totals, ratings

SUGGESTIONS_SHOWN = 25
MINIMUM_DISAGREEMENT = 2
"""Half-stars: ratings closer than one star are no disagreement."""


class PickEngagementRepository:
    """Reads and writes RSVPs and suggestions; reads past picks and what members thought of them."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def toggle_rsvp(self, server_id: int, pick_id: int, member_id: int, now: datetime) -> bool:
        """Add the member to the pick's RSVPs, or remove them, and return whether they are on the list now.

        Raises PickNotCurrentError.
        """
        is_theirs = and_(pick_rsvps.c.pick_id == pick_id, pick_rsvps.c.member_id == member_id)
        row = {"pick_id": pick_id, "member_id": member_id, "created_at": now}
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await self._membership.record_activity(connection, server_id, member_id, now)
            pick = await read_pick(connection, server_id, pick_id)
            if pick is None or pick.state is not PickState.CURRENT:
                raise PickNotCurrentError
            if (await connection.execute(delete(pick_rsvps).where(is_theirs))).rowcount:
                return False
            await connection.execute(insert(pick_rsvps).values(**row))
        return True

    async def list_rsvps(self, pick_id: int) -> list[int]:
        """Return the ids of the members who plan to watch the pick and are in the server, the earliest first."""
        statement = (
            select(pick_rsvps.c.member_id)
            .join(picks, picks.c.id == pick_rsvps.c.pick_id)
            .join(server_members, is_present_member(picks.c.server_id, pick_rsvps.c.member_id))
            .where(pick_rsvps.c.pick_id == pick_id)
            .order_by(pick_rsvps.c.created_at, pick_rsvps.c.member_id)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(statement)).scalars())

    async def get_history(self, server_id: int, page: int = 0) -> PickHistory:
        """Return a page of past picks, the latest first; a page past the end is the last one."""
        is_past = and_(picks.c.server_id == server_id, picks.c.state == PickState.PAST.value)
        async with self._database.read() as connection:
            total_count = (
                await connection.execute(select(func.count()).select_from(picks).where(is_past))
            ).scalar_one()
            page = clamp_page(page, total_count, HISTORY_PAGE_SIZE)
            statement = (
                select_picks()
                .where(is_past)
                .order_by(picks.c.ended_at.desc(), picks.c.id.desc())
                .limit(HISTORY_PAGE_SIZE)
                .offset(page * HISTORY_PAGE_SIZE)
            )
            past = tuple(pick_from_row(row) for row in (await connection.execute(statement)).all())
            totals = select(rating_totals).where(
                rating_totals.c.server_id == server_id,
                rating_totals.c.film_id.in_([pick.film_id for pick in past]),
                rating_totals.c.rating_count > 0,
            )
            stars = {
                row.film_id: AverageStars(round_average(row.rating_count, row.half_star_sum), row.rating_count)
                for row in await connection.execute(totals)
            }
        return PickHistory(past, stars, total_count, page)

    async def find_most_helpful_review(self, server_id: int, film_id: str) -> Review | None:
        """Return the visible review with most helpful votes, the longer of two with as many, or None."""
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

    async def find_disagreement(self, server_id: int, film_id: str) -> Disagreement | None:
        """Return the highest and the lowest rating of members in the server, the earliest of each.

        None if they are closer than MINIMUM_DISAGREEMENT.
        """
        statement = select(ratings.c.member_id, ratings.c.stars).where(
            ratings.c.server_id == server_id, ratings.c.film_id == film_id, ratings.c.is_counted
        )
        by_stars = [statement.order_by(order, ratings.c.id).limit(1)
                    for order in (ratings.c.stars.desc(), ratings.c.stars.asc())]  # fmt: skip
        async with self._database.read() as connection:
            high, low = [(await connection.execute(each)).one_or_none() for each in by_stars]
        if high is None or low is None or high.stars - low.stars < MINIMUM_DISAGREEMENT:
            return None
        return Disagreement(high.member_id, high.stars, low.member_id, low.stars)

    async def add_suggestion(
        self, server_id: int, member_id: int, film_id: str, *, reason: str, now: datetime
    ) -> Suggestion:
        """Store an open suggestion and return it, with the members who suggested the film before.

        Raises AlreadySuggestedError, FilmGoneError, BlockedError.
        """
        values = {
            "server_id": server_id, "member_id": member_id, "film_id": film_id, "reason": reason,
            "created_at": now, "decision": SuggestionState.OPEN.value,
        }  # fmt: skip
        is_same = and_(
            pick_suggestions.c.server_id == server_id,
            pick_suggestions.c.film_id == film_id,
            pick_suggestions.c.decision == SuggestionState.OPEN.value,
        )
        others = select(pick_suggestions.c.member_id).where(is_same).order_by(pick_suggestions.c.id)
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await require_not_blocked(connection, server_id, member_id, now)
            await self._membership.record_activity(connection, server_id, member_id, now)
            if (await connection.execute(select(films.c.id).where(films.c.id == film_id))).one_or_none() is None:
                raise FilmGoneError
            supporter_ids = tuple((await connection.execute(others)).scalars())
            if member_id in supporter_ids:
                raise AlreadySuggestedError
            statement = insert(pick_suggestions).values(**values).returning(pick_suggestions.c.id)
            suggestion_id = (await connection.execute(statement)).scalar_one()
            suggestion = await _read_suggestion(connection, server_id, suggestion_id)
        return replace(suggestion, supporter_ids=supporter_ids)

    async def list_open_suggestions(self, server_id: int) -> list[Suggestion]:
        """Return the films with open suggestions, those most wanted first, at most SUGGESTIONS_SHOWN.

        Each is the first suggestion of the film, with the members who suggested it after that.
        """
        statement = (
            _select_suggestions(server_id)
            .where(pick_suggestions.c.decision == SuggestionState.OPEN.value)
            .order_by(pick_suggestions.c.id)
        )
        by_film: dict[str, list[Suggestion]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(statement):
                by_film.setdefault(row.film_id, []).append(_suggestion_from_row(row))
        suggestions = [
            replace(first, supporter_ids=tuple(other.member_id for other in others))
            for first, *others in by_film.values()
        ]
        suggestions.sort(key=lambda each: (-len(each.supporter_ids), each.id))
        return suggestions[:SUGGESTIONS_SHOWN]

    async def list_suggestions_by(self, server_id: int, member_id: int) -> list[Suggestion]:
        """Return a member's suggestions, latest first, at most SUGGESTIONS_SHOWN."""
        statement = (
            _select_suggestions(server_id)
            .where(pick_suggestions.c.member_id == member_id)
            .order_by(pick_suggestions.c.id.desc())
            .limit(SUGGESTIONS_SHOWN)
        )
        async with self._database.read() as connection:
            return [_suggestion_from_row(row) for row in (await connection.execute(statement)).all()]

    async def decide(
        self, server_id: int, suggestion_id: int, decision: SuggestionState, now: datetime
    ) -> Suggestion:
        """Store the decision for all who suggested the film, put an accepted one at the end of the queue.

        Return the suggestion, with the pick if it is one. Raises SuggestionDecidedError, QueueFullError.
        """
        is_open = and_(
            pick_suggestions.c.id == suggestion_id,
            pick_suggestions.c.server_id == server_id,
            pick_suggestions.c.decision == SuggestionState.OPEN.value,
        )
        statement = update(pick_suggestions).where(is_open).values(decision=decision.value, decided_at=now)
        async with self._database.write(server_ids=[server_id]) as connection:
            if not (await connection.execute(statement)).rowcount:
                raise SuggestionDecidedError
            suggestion = await _read_suggestion(connection, server_id, suggestion_id)
            is_supported = and_(
                pick_suggestions.c.server_id == server_id,
                pick_suggestions.c.film_id == suggestion.film_id,
                pick_suggestions.c.decision == SuggestionState.OPEN.value,
            )
            others = update(pick_suggestions).where(is_supported)
            await connection.execute(others.values(decision=decision.value, decided_at=now))
            if decision is SuggestionState.ACCEPTED:
                pick_id = await insert_pick_within_limit(connection, server_id, NewPick(suggestion.film_id, None))
                suggestion = replace(suggestion, pick_id=pick_id)
        return suggestion

    async def undo_decision(
        self, server_id: int, suggestion_id: int, pick_id: int | None, now: datetime
    ) -> Suggestion:
        """Open a suggestion again that was decided lately, for all who suggested the film, and return it.

        The pick of one that was accepted is taken out of the programme. Raises SuggestionDecidedError for one
        decided longer ago than UNDO_TIME, and PickGoneError where its pick is no longer planned.
        """
        of_suggestion = and_(pick_suggestions.c.id == suggestion_id, pick_suggestions.c.server_id == server_id)
        async with self._database.write(server_ids=[server_id]) as connection:
            row = (await connection.execute(select(pick_suggestions).where(of_suggestion))).one_or_none()
            if row is None or row.decided_at is None or row.decided_at < now - UNDO_TIME:
                raise SuggestionDecidedError
            if row.decision == SuggestionState.ACCEPTED.value:
                added = and_(
                    picks.c.id == pick_id,
                    picks.c.server_id == server_id,
                    picks.c.film_id == row.film_id,
                    picks.c.state == PickState.PLANNED.value,
                )
                if not (await connection.execute(delete(picks).where(added))).rowcount:
                    raise PickGoneError
            again = pick_suggestions.alias()  # whoever has suggested the film again since has an open one
            has_open = exists().where(
                again.c.server_id == server_id,
                again.c.film_id == row.film_id,
                again.c.member_id == pick_suggestions.c.member_id,
                again.c.decision == SuggestionState.OPEN.value,
            )
            together = update(pick_suggestions).where(
                pick_suggestions.c.server_id == server_id,
                pick_suggestions.c.film_id == row.film_id,
                pick_suggestions.c.decided_at == row.decided_at,
                ~has_open,
            )
            await connection.execute(together.values(decision=SuggestionState.OPEN.value, decided_at=None))
            return await _read_suggestion(connection, server_id, suggestion_id)


def _select_suggestions(server_id: int) -> Select[Any]:
    return (
        select(pick_suggestions, films.c.title, films.c.year)
        .join(films, films.c.id == pick_suggestions.c.film_id)
        .where(pick_suggestions.c.server_id == server_id)
    )


async def _read_suggestion(connection: AsyncConnection, server_id: int, suggestion_id: int) -> Suggestion:
    statement = _select_suggestions(server_id).where(pick_suggestions.c.id == suggestion_id)
    return _suggestion_from_row((await connection.execute(statement)).one())


def _suggestion_from_row(row: AnyRow) -> Suggestion:
    return Suggestion(
        id=row.id,
        server_id=row.server_id,
        member_id=row.member_id,
        film_id=row.film_id,
        title=row.title,
        year=row.year,
        reason=row.reason,
        created_at=row.created_at,
        state=SuggestionState(row.decision),
    )
