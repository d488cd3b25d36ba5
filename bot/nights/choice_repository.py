"""How a night's film is chosen, in the database: nominations and their supporters, ballots, fairness debts."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.films.models import FilmGoneError
from bot.films.tables import films
from bot.members.repository import MembershipRepository
from bot.moderation.repository import require_not_blocked
from bot.nights.models import (
    NOMINEES_LIMIT,
    Answer,
    BallotClosedError,
    BlindAnswers,
    Night,
    NightState,
    Nomination,
    NominationGoneError,
    NominationLimitError,
    NominationsClosedError,
    NomineesFullError,
    NotComingError,
    StruckError,
)
from bot.nights.tables import night_ballots, night_fairness_debts, night_nominations, night_supporters, nights
from bot.nights.transactions import (
    enqueue_updates,
    find_watched_since,
    read_nominations,
    read_snapshot,
    require_night,
    store_night,
)


@dataclass(frozen=True, slots=True)
class NominationResult:
    """What nominating led to: the nomination, and whether it is new or got another supporter.

    `watched_at` is when an earlier night here had the film, None if none had.
    """

    nomination: Nomination
    is_new: bool
    is_supported: bool
    watched_at: datetime | None


class ChoiceRepository:
    """Reads and writes nominations and ballots."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def nominate(
        self, server_id: int, night_id: int, member_id: int, film_id: str, reason: str, now: datetime
    ) -> NominationResult:
        """Nominate the film, or support it if it is nominated already.

        Raises NightGoneError, NominationsClosedError, NominationLimitError, NomineesFullError, StruckError,
        FilmGoneError, BlockedError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await require_not_blocked(connection, server_id, member_id, now)
            night = await _require_nominating(connection, server_id, night_id)
            await self._membership.record_activity(connection, server_id, member_id, now)
            nominations = await read_nominations(connection, night_id)
            existing = next((each for each in nominations if each.film_id == film_id), None)
            is_supported = False
            if existing is not None:
                if existing.is_struck:
                    raise StruckError(existing.strike_reason or "")
                if existing.member_id != member_id:
                    is_supported = await _add_supporter(connection, existing.id, member_id, now)
            else:
                watched = await find_watched_since(connection, server_id, nominations)
                _check_limits(night, nominations, member_id, watched)
                if (await connection.execute(select(films.c.id).where(films.c.id == film_id))).first() is None:
                    raise FilmGoneError
                row = {
                    "night_id": night_id, "film_id": film_id, "member_id": member_id, "reason": reason,
                    "strike_reason": None, "is_carried_over": False, "created_at": now,
                }  # fmt: skip
                await connection.execute(insert(night_nominations).values(**row))
            watched_at = await _find_watched(connection, server_id, film_id)
            nominations = await read_nominations(connection, night_id)
            nomination = next(each for each in nominations if each.film_id == film_id)
            await enqueue_updates(connection, night, now, has_event=False)
        return NominationResult(nomination, existing is None, is_supported, watched_at)

    async def support(
        self, server_id: int, night_id: int, nomination_id: int, member_id: int, now: datetime
    ) -> bool:
        """Support a nomination, or take the support back; return whether the member supports it now.

        A member's own nomination is withdrawn by `withdraw`. Raises NightGoneError, NominationsClosedError,
        NominationGoneError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await _require_nominating(connection, server_id, night_id)
            await self._membership.record_activity(connection, server_id, member_id, now)
            nomination = await _require_nomination(connection, night_id, nomination_id)
            is_supporting = member_id not in nomination.supporters
            if is_supporting:
                await _add_supporter(connection, nomination_id, member_id, now)
            else:
                await _remove_supporter(connection, nomination_id, member_id)
            await enqueue_updates(connection, night, now, has_event=False)
        return is_supporting

    async def withdraw(
        self, server_id: int, night_id: int, nomination_id: int, member_id: int, now: datetime
    ) -> bool:
        """Withdraw the member's nomination; return whether it stays, with its first supporter as its nominator.

        Raises NightGoneError, NominationsClosedError, NominationGoneError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await _require_nominating(connection, server_id, night_id)
            nomination = await _require_nomination(connection, night_id, nomination_id)
            if nomination.member_id != member_id:
                raise NominationGoneError
            is_row = night_nominations.c.id == nomination_id
            if nomination.supporters:
                heir = nomination.supporters[0]
                values = {"member_id": heir, "reason": ""}
                await connection.execute(update(night_nominations).where(is_row).values(**values))
                await _remove_supporter(connection, nomination_id, heir)
            else:
                await connection.execute(delete(night_nominations).where(is_row))
            await enqueue_updates(connection, night, now, has_event=False)
        return bool(nomination.supporters)

    async def strike(
        self, server_id: int, night_id: int, nomination_id: int, reason: str, now: datetime
    ) -> Nomination:
        """Take a film off the night, with a reason, and return its nomination.

        Raises NightGoneError, NightOverError, NominationGoneError.
        """
        async with self._database.write(server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            night.require_open()
            nomination = await _require_nomination(connection, night_id, nomination_id)
            statement = update(night_nominations).where(night_nominations.c.id == nomination_id)
            await connection.execute(statement.values(strike_reason=reason))
            await enqueue_updates(connection, night, now, has_event=False)
        return nomination

    async def change_ballot(
        self,
        server_id: int,
        night_id: int,
        member_id: int,
        change: Callable[[tuple[str, ...], Night], Sequence[str]],
        now: datetime,
    ) -> tuple[str, ...]:
        """Store what `change` makes of the member's choices and return them; without choices there is no ballot.

        Presses that come at once are applied one after the other. Raises NightGoneError, BallotClosedError, and
        what `change` raises.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            if night.state is not NightState.VOTING or (night.ballot_closes_at or night.starts_at) <= now:
                raise BallotClosedError
            await self._membership.record_activity(connection, server_id, member_id, now)
            nominees = {
                each.film_id for each in await read_nominations(connection, night_id) if not each.is_struck
            }
            before = await _read_choices(connection, night_id, member_id)
            choices = tuple(each for each in change(before, night) if each in nominees)
            is_own = and_(night_ballots.c.night_id == night_id, night_ballots.c.member_id == member_id)
            if choices:
                columns = ("film_ids", "cast_at")
                statement = upsert(connection.dialect.name, night_ballots, ("night_id", "member_id"), columns)
                row = {"night_id": night_id, "member_id": member_id, "film_ids": list(choices), "cast_at": now}
                await connection.execute(statement, row)
            else:
                await connection.execute(delete(night_ballots).where(is_own))
        return choices

    async def answer_blindly(
        self, server_id: int, night_id: int, member_id: int, film_id: str, now: datetime, *, accepts: bool
    ) -> BlindAnswers:
        """Store whether the member would watch the film, and return all that they answered.

        Once two or more come and all of them would watch one film, the round is over: it closes `now`.
        Raises NightGoneError, BallotClosedError, NotComingError, NominationGoneError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            if night.state is not NightState.VOTING or (night.ballot_closes_at or night.starts_at) <= now:
                raise BallotClosedError
            snapshot = await read_snapshot(connection, server_id, night_id)
            coming = snapshot.list_members(Answer.YES)
            if member_id not in coming:
                raise NotComingError
            if film_id not in {each.film_id for each in snapshot.standing}:
                raise NominationGoneError
            await self._membership.record_activity(connection, server_id, member_id, now)
            before = await _read_answers(connection, night_id, member_id)
            accepted = [each for each in before.accepted if each != film_id]
            declined = [each for each in before.declined if each != film_id]
            (accepted if accepts else declined).append(film_id)
            row = {
                "night_id": night_id, "member_id": member_id, "film_ids": accepted, "declined_ids": declined,
                "cast_at": now,
            }  # fmt: skip
            columns = ("film_ids", "declined_ids", "cast_at")
            statement = upsert(connection.dialect.name, night_ballots, ("night_id", "member_id"), columns)
            await connection.execute(statement, row)
            if accepts and len(coming) > 1:
                ballots = select(night_ballots.c.film_ids).where(
                    night_ballots.c.night_id == night_id, night_ballots.c.member_id.in_(coming)
                )
                cast = (await connection.execute(ballots)).scalars().all()
                if len(cast) == len(coming) and all(film_id in films_ for films_ in cast):
                    await store_night(connection, replace(night, ballot_closes_at=now))
        return BlindAnswers(tuple(accepted), tuple(declined))

    async def get_answers(self, night_id: int, member_id: int) -> BlindAnswers:
        """Return what the member answered in a blind round."""
        async with self._database.read() as connection:
            return await _read_answers(connection, night_id, member_id)

    async def get_choices(self, night_id: int, member_id: int) -> tuple[str, ...]:
        """Return what is on the member's ballot; nothing if they cast none."""
        async with self._database.read() as connection:
            return await _read_choices(connection, night_id, member_id)

    async def get_fairness_debt(self, server_id: int, member_id: int) -> float:
        """Return how long the member has been outvoted here; 0 for not."""
        async with self._database.read() as connection:
            return (await read_fairness_debts(connection, server_id, [member_id])).get(member_id, 0.0)


def _check_limits(
    night: Night, nominations: Sequence[Nomination], member_id: int, watched: Collection[str]
) -> None:
    """Raise NominationLimitError or NomineesFullError if the member can't nominate another film.

    A film that was watched since it was nominated, at another night, makes room for another one.
    """
    standing = [each for each in nominations if not each.is_struck]
    own = [each for each in standing if each.member_id == member_id and each.film_id not in watched]
    if len(own) >= night.nominations_each:
        raise NominationLimitError(night.nominations_each)
    if len(standing) >= NOMINEES_LIMIT:
        raise NomineesFullError


async def _require_nominating(connection: AsyncConnection, server_id: int, night_id: int) -> Night:
    night = await require_night(connection, server_id, night_id)
    if not night.takes_nominations:
        raise NominationsClosedError
    return night


async def _require_nomination(connection: AsyncConnection, night_id: int, nomination_id: int) -> Nomination:
    nominations = await read_nominations(connection, night_id)
    nomination = next((each for each in nominations if each.id == nomination_id and not each.is_struck), None)
    if nomination is None:
        raise NominationGoneError
    return nomination


async def _add_supporter(
    connection: AsyncConnection, nomination_id: int, member_id: int, now: datetime
) -> bool:  # fmt: skip
    statement = upsert(connection.dialect.name, night_supporters, ("nomination_id", "member_id"), ())
    row = {"nomination_id": nomination_id, "member_id": member_id, "created_at": now}
    return (await connection.execute(statement, row)).rowcount > 0


async def _remove_supporter(connection: AsyncConnection, nomination_id: int, member_id: int) -> None:
    is_supporter = and_(
        night_supporters.c.nomination_id == nomination_id, night_supporters.c.member_id == member_id
    )
    await connection.execute(delete(night_supporters).where(is_supporter))


async def _find_watched(connection: AsyncConnection, server_id: int, film_id: str) -> datetime | None:
    """Return when a night of the server last had the film, or None."""
    statement = select(func.max(nights.c.starts_at)).where(
        nights.c.server_id == server_id, nights.c.film_id == film_id, nights.c.state == NightState.ENDED.value
    )
    watched_at: datetime | None = (await connection.execute(statement)).scalar_one_or_none()
    return watched_at


async def _read_choices(connection: AsyncConnection, night_id: int, member_id: int) -> tuple[str, ...]:
    statement = select(night_ballots.c.film_ids).where(
        night_ballots.c.night_id == night_id, night_ballots.c.member_id == member_id
    )
    return tuple((await connection.execute(statement)).scalar_one_or_none() or ())


async def _read_answers(connection: AsyncConnection, night_id: int, member_id: int) -> BlindAnswers:
    statement = select(night_ballots.c.film_ids, night_ballots.c.declined_ids).where(
        night_ballots.c.night_id == night_id, night_ballots.c.member_id == member_id
    )
    row = (await connection.execute(statement)).one_or_none()
    return BlindAnswers(tuple(row.film_ids), tuple(row.declined_ids or ())) if row is not None else BlindAnswers()


async def read_fairness_debts(
    connection: AsyncConnection, server_id: int, member_ids: Collection[int]
) -> dict[int, float]:
    """Return the fairness debts of those of the members who have one."""
    table = night_fairness_debts
    statement: Any = select(table).where(table.c.server_id == server_id, table.c.member_id.in_(sorted(member_ids)))
    return {row.member_id: row.fairness_debt for row in await connection.execute(statement)}
