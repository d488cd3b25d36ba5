"""What became of nights: who rated the film, past nights, and what they add up to."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from bot.core.database.engine import Database
from bot.core.paging import clamp_page, count_pages
from bot.films.local_titles import FilmTitle
from bot.films.tables import films
from bot.nights.models import HISTORY_PAGE_SIZE, Answer, NightState
from bot.nights.tables import night_nominations, night_rsvps, nights
from bot.reviews.tables import ratings

TOP_LIMIT = 5
"""Members named in each list of the statistics."""
MIN_RATERS = 2
"""Ratings that a night needs to be the best or the worst."""


@dataclass(frozen=True, slots=True)
class NightRating:
    """What somebody who was there gave the film, in half-stars, and what was predicted, None if nothing was."""

    member_id: int
    half_stars: int
    predicted_stars: float | None


@dataclass(frozen=True, slots=True)
class PastNight:
    """A night that was held: its film, who came, and the half-stars of those who rated it.

    One without a film to which nobody came was not held.
    """

    id: int
    name: str
    starts_at: datetime
    film: FilmTitle | None
    host_id: int | None
    attendees: int
    half_stars: tuple[int, ...]

    @property
    def average(self) -> float | None:
        """The average in stars, None if nobody rated it."""
        return sum(self.half_stars) / len(self.half_stars) / 2 if self.half_stars else None


@dataclass(frozen=True, slots=True)
class NightHistory:
    """One page of past nights, latest first; `page` counts from 0, `count` is of all pages."""

    nights: tuple[PastNight, ...]
    count: int
    page: int

    @property
    def page_count(self) -> int:
        """How many pages there are, at least one."""
        return count_pages(self.count, HISTORY_PAGE_SIZE)


@dataclass(frozen=True, slots=True)
class NightStats:
    """What a server's nights add up to; members with how often, most often first."""

    count: int
    film_count: int
    hosts: tuple[tuple[int, int], ...]
    winners: tuple[tuple[int, int], ...]
    regulars: tuple[tuple[int, int], ...]
    rated: tuple[PastNight, ...]
    best: PastNight | None
    worst: PastNight | None


_CAME = or_(
    night_rsvps.c.has_attended.is_(True),
    and_(night_rsvps.c.answer == Answer.YES.value, night_rsvps.c.has_attended.is_(None)),
)
"""Who came: those who said so afterwards, or said before that they would and took nothing back."""


def _has_come(member_id: int) -> ColumnElement[bool]:
    """Return the condition that the member came to the night."""
    came = exists().where(night_rsvps.c.night_id == nights.c.id, night_rsvps.c.member_id == member_id, _CAME)
    return came.correlate(nights)


class NightHistoryRepository:
    """Reads past nights."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_ratings(self, server_id: int, night_id: int) -> list[NightRating]:
        """Return what those who came gave the night's film, the highest first."""
        statement = (
            select(ratings.c.member_id, ratings.c.stars, night_rsvps.c.predicted_stars)
            .join(nights, and_(nights.c.server_id == ratings.c.server_id, nights.c.film_id == ratings.c.film_id))
            .join(
                night_rsvps,
                and_(night_rsvps.c.night_id == nights.c.id, night_rsvps.c.member_id == ratings.c.member_id),
            )
            .where(nights.c.id == night_id, nights.c.server_id == server_id, _CAME)
            .order_by(ratings.c.stars.desc(), ratings.c.id)
        )
        rows = await self._database.fetch_all(statement)
        return [NightRating(row.member_id, row.stars, row.predicted_stars) for row in rows]

    async def get_history(self, server_id: int, page: int = 0, *, together: Collection[int] = ()) -> NightHistory:
        """Return a page of the server's past nights; a page past the end is the last one.

        With members only of those to which all of them came.
        """
        past = await self._list_past(server_id, together)
        page = clamp_page(page, len(past), HISTORY_PAGE_SIZE)
        start = page * HISTORY_PAGE_SIZE
        return NightHistory(tuple(past[start : start + HISTORY_PAGE_SIZE]), len(past), page)

    async def get_stats(self, server_id: int) -> NightStats:
        """Return what the server's past nights add up to."""
        past = await self._list_past(server_id)
        won = (
            select(night_nominations.c.member_id)
            .join(nights, nights.c.id == night_nominations.c.night_id)
            .where(
                nights.c.server_id == server_id,
                nights.c.state == NightState.ENDED.value,
                nights.c.film_id == night_nominations.c.film_id,
                night_nominations.c.member_id.is_not(None),
            )
        )
        came = (
            select(night_rsvps.c.member_id)
            .join(nights, nights.c.id == night_rsvps.c.night_id)
            .where(nights.c.server_id == server_id, nights.c.state == NightState.ENDED.value, _CAME)
        )
        winners = [row.member_id for row in await self._database.fetch_all(won)]
        regulars = [row.member_id for row in await self._database.fetch_all(came)]
        rated = [each for each in past if len(each.half_stars) >= MIN_RATERS]
        ranked = sorted(rated, key=lambda each: (-(each.average or 0), -len(each.half_stars), each.id))
        return NightStats(
            count=len(past),
            film_count=len({each.film.film_id for each in past if each.film is not None}),
            hosts=_most_often([each.host_id for each in past if each.host_id is not None]),
            winners=_most_often(winners),
            regulars=_most_often(regulars),
            rated=tuple(ranked),
            best=ranked[0] if ranked else None,
            worst=ranked[-1] if len(ranked) > 1 else None,
        )

    async def _list_past(self, server_id: int, together: Collection[int] = ()) -> list[PastNight]:
        is_past = and_(
            nights.c.server_id == server_id,
            nights.c.state == NightState.ENDED.value,
            *(_has_come(member_id) for member_id in together),
        )
        statement = (
            select(nights, films.c.title, films.c.year)
            .join(films, films.c.id == nights.c.film_id, isouter=True)
            .where(is_past)
            .order_by(nights.c.starts_at.desc(), nights.c.id.desc())
        )
        came = (
            select(night_rsvps.c.night_id, func.count().label("attendees"))
            .join(nights, nights.c.id == night_rsvps.c.night_id)
            .where(is_past, _CAME)
            .group_by(night_rsvps.c.night_id)
        )
        rated = (
            select(night_rsvps.c.night_id, ratings.c.stars)
            .join(nights, nights.c.id == night_rsvps.c.night_id)
            .join(
                ratings,
                and_(
                    ratings.c.server_id == nights.c.server_id,
                    ratings.c.film_id == nights.c.film_id,
                    ratings.c.member_id == night_rsvps.c.member_id,
                ),
            )
            .where(is_past, _CAME)
            .order_by(ratings.c.stars)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
            attendees = {row.night_id: row.attendees for row in await connection.execute(came)}
            stars: dict[int, list[int]] = {}
            for row in await connection.execute(rated):
                stars.setdefault(row.night_id, []).append(row.stars)
        held = [row for row in rows if row.film_id is not None or attendees.get(row.id)]
        return [
            PastNight(
                id=row.id,
                name=row.name,
                starts_at=row.starts_at,
                film=FilmTitle(row.film_id, row.title, row.year) if row.title is not None else None,
                host_id=row.host_id,
                attendees=attendees.get(row.id, 0),
                half_stars=tuple(stars.get(row.id, ())),
            )
            for row in held
        ]


def _most_often(member_ids: Sequence[int]) -> tuple[tuple[int, int], ...]:
    counts = Counter(member_ids)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP_LIMIT])
