"""All SQL of recommendations: film facts, rating sets, rating histories, dismissals, sharing, group sessions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Column, ColumnElement, Select, and_, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.executors import AnyRow
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository, key_values
from bot.core.text.folding import fold
from bot.films.models import Credit, CreditJob, Film, FilmGoneError
from bot.films.tables import credits, film_ids, films, people, titles
from bot.members.personal_data import PersonalData, export_table
from bot.members.tables import server_settings
from bot.recommendations.adaptation import Adaptation
from bot.recommendations.facts import FilmFacts, film_facts
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.models import (
    DataVersion,
    FilmLookup,
    GroupSession,
    Rating,
    RatingHistory,
    RatingSet,
    TrainingData,
    member_key,
    other_server_member_key,
)
from bot.recommendations.moods import Mood
from bot.recommendations.reasons import ServerMean
from bot.recommendations.tables import (
    dismissed_films,
    group_session_members,
    group_sessions,
    rating_set_films,
    rating_set_members,
    rating_sets,
    rating_sharing_members,
)
from bot.reviews.tables import rating_totals, ratings, viewings

MAX_FILMS = 100_000
"""Films that models are fitted on, the most famous first."""
MEMBERS_PER_INSERT = 1_000
ADAPTATION_PREFIX = "recommendation weights "
"""Begins the names under which adapted weights are stored; a model's key follows."""
PACKED_RATING = np.dtype([("film", "<u4"), ("halves", "u1")])
"""One rating of a rating set's member as it is stored: 5 bytes, the set's film number and half-stars (1 to 10)."""


class RecommendationRepository:
    """Reads training data and rating histories; stores rating sets, dismissed films and members who share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_film_facts(
        self, rater_counts: Mapping[str, int] | None = None, limit: int = MAX_FILMS
    ) -> list[FilmFacts]:
        """Return what may be learnt of the `limit` most famous films, by id.

        `rater_counts` are the raters by film id in imported rating sets.
        """
        chosen = select(films).order_by(films.c.fame.desc(), films.c.id).limit(limit).subquery()
        credits_of_chosen = (
            select(credits.c.film_id, credits.c.job, credits.c.person_id, people.c.name)
            .join(people, people.c.id == credits.c.person_id)
            .join(chosen, chosen.c.id == credits.c.film_id)
            .where(credits.c.job.in_((CreditJob.DIRECTOR, CreditJob.CAST)))
            .order_by(credits.c.film_id, credits.c.job, credits.c.position)
        )
        titles_of_chosen = (
            select(titles.c.film_id, titles.c.title)
            .join(chosen, chosen.c.id == titles.c.film_id)
            .where(titles.c.region.is_(None), titles.c.language.is_(None))
            .order_by(titles.c.film_id, titles.c.position)
        )
        credits_by_film: dict[str, list[Credit]] = defaultdict(list)
        titles_by_film: dict[str, list[str]] = defaultdict(list)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(chosen).order_by(chosen.c.id))).all()
            for film_id, title in (await connection.execute(titles_of_chosen)).all():
                titles_by_film[film_id].append(title)
            for row in (await connection.execute(credits_of_chosen)).all():
                credits_by_film[row.film_id].append(Credit(row.name, CreditJob(row.job), None, row.person_id))
        return [
            film_facts(
                Film(
                    id=row.id,
                    title=row.title,
                    original_title=row.original_title,
                    year=row.year,
                    runtime=row.runtime,
                    countries=tuple(row.countries),
                    languages=tuple(row.languages),
                    genres=tuple(row.genres),
                    fame=row.fame,
                    source=row.source,
                    credits=tuple(credits_by_film.get(row.id, ())),
                    other_titles=tuple(titles_by_film.get(row.id, ())),
                ),
                rater_counts,
            )
            for row in rows
        ]

    async def get_adaptation(self, key: int) -> Adaptation | None:
        """Return the weights learnt for the model of that key, None for none or outdated ones."""
        text = await KeyValueRepository(self._database).get(f"{ADAPTATION_PREFIX}{key}")
        return None if text is None else Adaptation.from_json(text)

    async def save_adaptation(self, key: int, adaptation: Adaptation) -> None:
        """Store the weights learnt for the model of that key."""
        await KeyValueRepository(self._database).set(f"{ADAPTATION_PREFIX}{key}", adaptation.to_json())

    async def list_adaptations(self) -> list[Adaptation]:
        """Return the weights learnt for all models."""
        query = select(key_values.c.value).where(key_values.c.name.startswith(ADAPTATION_PREFIX))
        async with self._database.read() as connection:
            texts = (await connection.execute(query.order_by(key_values.c.name))).scalars().all()
        return [each for text in texts if (each := Adaptation.from_json(text)) is not None]

    async def get_film_lookup(self) -> FilmLookup:
        """Return a lookup of every film; a title and year that several films share finds none of them."""
        by_title: dict[tuple[str, int], str] = {}
        ambiguous: set[tuple[str, int]] = set()
        columns = select(films.c.id, films.c.title, films.c.original_title, films.c.year)
        other_titles = select(films.c.id, titles.c.title, films.c.year).join(
            titles, titles.c.film_id == films.c.id
        )
        async with self._database.read() as connection:
            id_rows = (await connection.execute(select(film_ids))).all()
            film_rows = (await connection.execute(columns)).all()
            title_rows = (await connection.execute(other_titles)).all()
        titled = [(row.id, title, row.year) for row in film_rows for title in {row.title, row.original_title}]
        for film_id, title, year in [*titled, *((row.id, row.title, row.year) for row in title_rows)]:
            if year is not None:
                key = fold(title), year
                if by_title.setdefault(key, film_id) != film_id:
                    ambiguous.add(key)
        return FilmLookup(
            {(row.source, row.value): row.film_id for row in id_rows},
            {key: film_id for key, film_id in by_title.items() if key not in ambiguous},
        )

    async def save_rating_set(self, rating_set: RatingSet, now: datetime) -> None:
        """Store the set in one transaction; it replaces one of the same name."""
        packed = np.empty(len(rating_set), dtype=PACKED_RATING)
        packed["film"], packed["halves"] = rating_set.film, rating_set.half_stars
        starts = np.flatnonzero(np.r_[True, np.diff(rating_set.member) != 0][: len(rating_set)])
        ends = np.r_[starts[1:], len(rating_set)]
        film_rows = [
            {"set_name": rating_set.name, "number": number, "film_id": film_id}
            for number, film_id in enumerate(rating_set.film_ids)
        ]
        row = {
            "name": rating_set.name,
            "imported_at": now,
            "member_count": rating_set.member_count,
            "rating_count": len(rating_set),
        }
        async with self._database.write() as connection:
            for table in (rating_set_members, rating_set_films):
                await connection.execute(delete(table).where(table.c.set_name == rating_set.name))
            await connection.execute(delete(rating_sets).where(rating_sets.c.name == rating_set.name))
            await connection.execute(rating_sets.insert(), [row])
            if film_rows:
                await connection.execute(rating_set_films.insert(), film_rows)
            for first in range(0, len(starts), MEMBERS_PER_INSERT):
                members = slice(first, first + MEMBERS_PER_INSERT)
                rows = [
                    {
                        "set_name": rating_set.name,
                        "member_number": int(rating_set.member[start]),
                        "ratings": packed[start:end].tobytes(),
                    }
                    for start, end in zip(starts[members].tolist(), ends[members].tolist(), strict=True)
                ]
                await connection.execute(rating_set_members.insert(), rows)

    async def list_rating_sets(self) -> list[RatingSet]:
        """Return every stored set, by name, without ratings of films that have left the catalogue."""
        names = select(rating_sets.c.name).order_by(rating_sets.c.name)
        async with self._database.read() as connection:
            stored_sets = []
            for name in list((await connection.execute(names)).scalars()):
                film_rows = (
                    await connection.execute(select(rating_set_films).where(rating_set_films.c.set_name == name))
                ).all()
                member_rows = (
                    await connection.execute(
                        select(rating_set_members)
                        .where(rating_set_members.c.set_name == name)
                        .order_by(rating_set_members.c.member_number)
                    )
                ).all()
                film_of_number = {row.number: row.film_id for row in film_rows}
                stored_sets.append(_unpack_rating_set(name, film_of_number, member_rows))
        return stored_sets

    async def get_shared_data_version(self) -> DataVersion:
        """Return a version of the catalogue and the rating sets, which every model is fitted on."""
        catalogue_version = select(key_values.c.value).where(key_values.c.name == CATALOGUE_VERSION)
        sets = select(rating_sets.c.name, rating_sets.c.imported_at).order_by(rating_sets.c.name)
        async with self._database.read() as connection:
            version = (await connection.execute(catalogue_version)).scalar_one_or_none()
            return (version, *map(tuple, (await connection.execute(sets)).all()))

    async def get_training_data_version(self, server_id: int) -> DataVersion:
        """Return a version of the server's training data."""
        async with self._database.read() as connection:
            own = (await connection.execute(_ratings_version(_is_own(server_id)))).one()
            shared: tuple[object, ...] = ()
            if await _is_server_sharing(connection, server_id):
                shared = tuple((await connection.execute(_ratings_version(_is_shared_with(server_id)))).one())
            return (*own, "shared", *shared)

    async def get_training_data(self, server_id: int) -> TrainingData:
        """Return the ratings of the server's present members, then those that other servers share with it.

        A member of this server is not counted a second time for ratings in other servers.
        """
        columns = select(ratings.c.member_id, ratings.c.film_id, ratings.c.stars).order_by(ratings.c.id)
        async with self._database.read() as connection:
            own_rows = (await connection.execute(columns.where(_is_own(server_id)))).all()
            shared_rows = (
                (await connection.execute(columns.where(_is_shared_with(server_id)))).all()
                if await _is_server_sharing(connection, server_id)
                else []
            )
        own_members = {row.member_id for row in own_rows}
        training_ratings: list[Rating] = [
            (member_key(row.member_id), row.film_id, row.stars / 2) for row in own_rows
        ]
        training_ratings += [
            (other_server_member_key(row.member_id), row.film_id, row.stars / 2)
            for row in shared_rows
            if row.member_id not in own_members
        ]
        return TrainingData(training_ratings, frozenset(map(member_key, own_members)))

    async def get_rating_history(self, server_id: int, member_id: int) -> RatingHistory:
        """Return the member's rating history in that server."""
        return (await self.get_rating_histories(server_id, [member_id]))[member_id]

    async def get_rating_histories(self, server_id: int, member_ids: Collection[int]) -> dict[int, RatingHistory]:
        """Return each member's rating history in that server."""
        stars: dict[int, dict[str, float]] = defaultdict(dict)
        seen: dict[int, set[str]] = defaultdict(set)
        dismissed: dict[int, set[str]] = defaultdict(set)
        async with self._database.read() as connection:
            for row in await connection.execute(
                select(ratings.c.member_id, ratings.c.film_id, ratings.c.stars)
                .where(ratings.c.server_id == server_id, ratings.c.member_id.in_(member_ids))
                .order_by(ratings.c.id)
            ):
                stars[row.member_id][row.film_id] = row.stars / 2
            for table, by_member in ((viewings, seen), (dismissed_films, dismissed)):
                for entry in await connection.execute(
                    select(table.c.member_id, table.c.film_id)
                    .where(table.c.server_id == server_id, table.c.member_id.in_(member_ids))
                    .distinct()
                ):
                    by_member[entry.member_id].add(entry.film_id)
        return {
            member: RatingHistory(
                stars[member], frozenset(seen[member] | stars[member].keys()), frozenset(dismissed[member])
            )
            for member in member_ids
        }

    async def get_mean_stars(self, server_id: int, film_ids: Iterable[str]) -> dict[str, ServerMean]:
        """Return the mean stars of the server's present members by film id, for each film that somebody rated."""
        totals = rating_totals.c
        statement = select(totals.film_id, totals.rating_count, totals.half_star_sum).where(
            totals.server_id == server_id, totals.film_id.in_(sorted(set(film_ids))), totals.rating_count > 0
        )
        rows = await self._database.fetch_all(statement)
        return {film_id: ServerMean(total / count / 2, count) for film_id, count, total in rows}

    async def dismiss(self, server_id: int, member_id: int, film_id: str, now: datetime) -> bool:
        """Store that the member never wants the film; return whether that is new. Raises FilmGoneError."""
        statement = upsert(self._database.dialect, dismissed_films, ("server_id", "member_id", "film_id"), ())
        row = {"server_id": server_id, "member_id": member_id, "film_id": film_id, "created_at": now}
        async with self._database.write(member_ids=[member_id]) as connection:
            if not (await connection.execute(select(films.c.id).where(films.c.id == film_id))).all():
                raise FilmGoneError
            return (await connection.execute(statement, row)).rowcount > 0

    async def restore(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Delete a dismissal; return whether there was one."""
        statement = delete(dismissed_films).where(
            dismissed_films.c.server_id == server_id,
            dismissed_films.c.member_id == member_id,
            dismissed_films.c.film_id == film_id,
        )
        async with self._database.write(member_ids=[member_id]) as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def is_member_sharing(self, member_id: int) -> bool:
        """Return whether other servers' models may learn from the member's ratings."""
        member = rating_sharing_members.c.member_id
        return bool(await self._database.fetch_all(select(member).where(member == member_id)))

    async def set_member_sharing(self, member_id: int, is_sharing: bool, now: datetime) -> None:
        """Store whether other servers' models may learn from the member's ratings."""
        insert = upsert(self._database.dialect, rating_sharing_members, ("member_id",), ())
        async with self._database.write(member_ids=[member_id]) as connection:
            if is_sharing:
                await connection.execute(insert, {"member_id": member_id, "created_at": now})
            else:
                is_member = rating_sharing_members.c.member_id == member_id
                await connection.execute(delete(rating_sharing_members).where(is_member))


class GroupSessionRepository:
    """Reads and writes group sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: GroupSession, now: datetime) -> GroupSession:
        """Store a new session and return it with its id."""
        row = {
            "server_id": session.server_id,
            "filters": asdict(session.filters),
            "least_happy_weight": session.least_happy_weight,
            "created_at": now,
        }
        async with self._write(session, session.members) as connection:
            result = await connection.execute(group_sessions.insert().returning(group_sessions.c.id), [row])
            session = replace(session, id=result.scalar_one())
            await _insert_session_members(connection, session, session.members)
        return session

    def _write(
        self, session: GroupSession, member_ids: Iterable[int]
    ) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._database.write(member_ids=member_ids, server_ids=[session.server_id])

    async def get(self, server_id: int, session_id: int) -> GroupSession | None:
        """Return the server's session of that id, or None."""
        session = select(group_sessions).where(
            group_sessions.c.id == session_id, group_sessions.c.server_id == server_id
        )
        members = (
            select(group_session_members.c.member_id)
            .where(group_session_members.c.group_session_id == session_id)
            .order_by(group_session_members.c.member_id)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(session)).one_or_none()
            member_ids = (await connection.execute(members)).scalars().all()
        if row is None:
            return None
        return GroupSession(
            id=row.id,
            server_id=row.server_id,
            members=tuple(member_ids),
            filters=_filters_from_json(row.filters),
            least_happy_weight=row.least_happy_weight,
            film_id=row.film_id,
            chosen_at=row.chosen_at,
        )

    async def set_members(self, session: GroupSession, member_ids: Sequence[int]) -> bool:
        """Store who takes part in the session; return whether it exists and no film was chosen."""
        is_open = select(group_sessions.c.id).where(_is_open(session))
        async with self._write(session, member_ids) as connection:
            if (await connection.execute(is_open)).one_or_none() is None:
                return False
            await connection.execute(
                delete(group_session_members).where(group_session_members.c.group_session_id == session.id)
            )
            await _insert_session_members(connection, session, member_ids)
        return True

    async def set_least_happy_weight(self, session: GroupSession, weight: int) -> bool:
        """Store how much the least happy member counts; return whether the session exists without a film."""
        statement = update(group_sessions).where(_is_open(session)).values(least_happy_weight=weight)
        async with self._write(session, ()) as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def set_filters(self, session: GroupSession, filters: RecommendationFilters) -> bool:
        """Store which films are looked for; return whether the session exists without a film."""
        statement = update(group_sessions).where(_is_open(session)).values(filters=asdict(filters))
        async with self._write(session, ()) as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def reopen(self, session: GroupSession) -> None:
        """Take the chosen film back: each member's debt is again what it was after the session before."""
        statement = update(group_sessions).where(
            group_sessions.c.id == session.id, group_sessions.c.server_id == session.server_id
        )
        async with self._write(session, session.members) as connection:
            await connection.execute(statement.values(film_id=None, chosen_at=None))

    async def close(self, session: GroupSession, fairness_debts: Mapping[int, float]) -> bool:
        """Store the session's film and each member's debt after it; return whether no film was chosen before."""
        statement = (
            update(group_sessions)
            .where(_is_open(session))
            .values(film_id=session.film_id, chosen_at=session.chosen_at)
        )
        async with self._write(session, fairness_debts) as connection:
            if not (await connection.execute(statement)).rowcount:
                return False
            for member_id, debt in fairness_debts.items():
                await connection.execute(
                    update(group_session_members)
                    .where(
                        group_session_members.c.group_session_id == session.id,
                        group_session_members.c.member_id == member_id,
                    )
                    .values(fairness_debt=debt)
                )
        return True

    async def get_fairness_debts(self, server_id: int, member_ids: Sequence[int]) -> dict[int, float]:
        """Return each member's debt after the latest closed session that they took part in, 0 for none."""
        latest = (
            select(group_session_members.c.member_id, func.max(group_sessions.c.chosen_at).label("chosen_at"))
            .join(group_sessions, group_sessions.c.id == group_session_members.c.group_session_id)
            .where(
                group_sessions.c.server_id == server_id,
                group_sessions.c.chosen_at.is_not(None),
                group_session_members.c.member_id.in_(member_ids),
            )
            .group_by(group_session_members.c.member_id)
            .subquery()
        )
        statement = (
            select(group_session_members.c.member_id, group_session_members.c.fairness_debt)
            .join(group_sessions, group_sessions.c.id == group_session_members.c.group_session_id)
            .join(
                latest,
                and_(
                    latest.c.member_id == group_session_members.c.member_id,
                    latest.c.chosen_at == group_sessions.c.chosen_at,
                ),
            )
            .where(group_sessions.c.server_id == server_id)
            .order_by(group_sessions.c.id)
        )
        rows = await self._database.fetch_all(statement)
        return dict.fromkeys(member_ids, 0.0) | {row.member_id: row.fairness_debt or 0.0 for row in rows}

    async def delete_open_before(self, before: datetime) -> None:
        """Delete sessions created before that time for which no film was chosen."""
        is_old = and_(group_sessions.c.chosen_at.is_(None), group_sessions.c.created_at < before)
        servers = await self._database.fetch_all(select(group_sessions.c.server_id).where(is_old).distinct())
        for row in servers:
            async with self._database.write(server_ids=[row.server_id], is_upkeep=True) as connection:
                of_server = group_sessions.c.server_id == row.server_id
                await connection.execute(delete(group_sessions).where(of_server, is_old))


def _unpack_rating_set(name: str, film_of_number: dict[int, str], member_rows: Sequence[AnyRow]) -> RatingSet:
    """Return the set without ratings of film numbers that are missing, those of films deleted since the import."""
    packed = [np.frombuffer(row.ratings, dtype=PACKED_RATING) for row in member_rows]
    all_ratings = np.concatenate(packed) if packed else np.zeros(0, dtype=PACKED_RATING)
    members = np.array([row.member_number for row in member_rows], dtype=np.uint32)
    member = np.repeat(members, [len(part) for part in packed])
    numbers = sorted(film_of_number)
    index_of_number = np.full(max(numbers, default=-1) + 2, -1, dtype=np.int64)
    index_of_number[numbers] = np.arange(len(numbers))
    film = index_of_number[np.minimum(all_ratings["film"], len(index_of_number) - 1)]
    is_known = film >= 0
    return RatingSet(
        name,
        tuple(film_of_number[number] for number in numbers),
        member[is_known],
        film[is_known].astype(np.uint32),
        all_ratings["halves"][is_known],
    )


def _ratings_version(condition: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """Return a query whose row changes whenever the ratings that meet the condition do."""
    latest_change = func.max(func.coalesce(ratings.c.edited_at, ratings.c.created_at))
    return select(func.count(), func.sum(ratings.c.stars), func.max(ratings.c.id), latest_change).where(condition)


def _is_own(server_id: int) -> ColumnElement[bool]:
    """Return the condition for ratings of the server's present members."""
    return and_(ratings.c.server_id == server_id, ratings.c.is_counted)


def _is_shared_with(server_id: int) -> ColumnElement[bool]:
    """Return the condition for ratings that other sharing servers' sharing members share with this server."""
    return and_(
        ratings.c.server_id != server_id,
        ratings.c.is_counted,
        exists().where(_is_sharing_server(ratings.c.server_id)),
        exists().where(rating_sharing_members.c.member_id == ratings.c.member_id),
    )


def _is_sharing_server(server_id: int | Column[int]) -> ColumnElement[bool]:
    """Return the condition for the settings of that server, if it shares ratings."""
    return and_(server_settings.c.server_id == server_id, server_settings.c.ratings_shared_at.is_not(None))


async def _is_server_sharing(connection: AsyncConnection, server_id: int) -> bool:
    statement = select(server_settings.c.server_id).where(_is_sharing_server(server_id))
    return (await connection.execute(statement)).one_or_none() is not None


def _is_open(session: GroupSession) -> ColumnElement[bool]:
    """Return the condition for the stored session, as long as no film was chosen."""
    return and_(
        group_sessions.c.id == session.id,
        group_sessions.c.server_id == session.server_id,
        group_sessions.c.chosen_at.is_(None),
    )


async def _insert_session_members(
    connection: AsyncConnection, session: GroupSession, member_ids: Iterable[int]
) -> None:
    rows = [{"group_session_id": session.id, "member_id": member_id} for member_id in member_ids]
    await connection.execute(group_session_members.insert(), rows)


def _filters_from_json(stored: dict[str, Any]) -> RecommendationFilters:
    mood = stored.get("mood")
    return RecommendationFilters(**{**stored, "mood": Mood(mood) if mood else None})


def _select_servers(member_id: int) -> Select[Any]:
    """Return the statement that selects the servers with group sessions that the member took part in."""
    return (
        select(group_sessions.c.server_id)
        .join(group_session_members, group_session_members.c.group_session_id == group_sessions.c.id)
        .where(group_session_members.c.member_id == member_id)
    )


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(dismissed_films, 140),
        export_table(group_session_members, 150),
        export_table(rating_sharing_members, 160),
    ),
    deleted_tables=(dismissed_films, group_session_members, rating_sharing_members),
    select_further_servers=_select_servers,
)
