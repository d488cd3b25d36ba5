"""Checks of what is stored of people although it follows from other rows: their films, fame and search keys."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.consistency import ConsistencyCheck
from bot.core.database.engine import Database
from bot.core.text.i18n import gettext_noop, ngettext
from bot.films.models import name_key
from bot.films.repository import BATCH, lock_catalogue, update_film_counts
from bot.films.tables import credits, films, people

PEOPLE_PER_QUERY = 5_000
FAME_TOLERANCE = 1e-6
"""Fame is a sum of fractions, which depends a little on their order."""


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


async def _find_film_counts(connection: AsyncConnection) -> Sequence[str]:
    parts = select(credits.c.person_id, credits.c.film_id).distinct().subquery()
    counted = (
        select(parts.c.person_id, func.count().label("film_count"), func.sum(films.c.fame).label("fame"))
        .join(films, films.c.id == parts.c.film_id)
        .group_by(parts.c.person_id)
        .subquery()
    )
    difference = func.abs(people.c.fame - func.coalesce(counted.c.fame, 0))
    statement = (
        select(people.c.id)
        .join(counted, counted.c.person_id == people.c.id, isouter=True)
        .where(
            or_(
                people.c.film_count != func.coalesce(counted.c.film_count, 0),
                difference > FAME_TOLERANCE * (1 + func.abs(people.c.fame)),
            )
        )
        .order_by(people.c.id)
    )
    return (await connection.execute(statement)).scalars().all()


async def _repair_film_counts(database: Database, ids: Sequence[str]) -> None:
    for some in _slices(ids):
        async with database.write() as connection:
            await lock_catalogue(connection)
            await update_film_counts(connection, some)


async def _find_name_keys(connection: AsyncConnection) -> Sequence[str]:
    found: list[str] = []
    last = ""
    while True:
        statement = select(people.c.id, people.c.name, people.c.name_key).where(people.c.id > last)
        rows = (await connection.execute(statement.order_by(people.c.id).limit(PEOPLE_PER_QUERY))).all()
        found += [row.id for row in rows if row.name_key != name_key(row.name)]
        if len(rows) < PEOPLE_PER_QUERY:
            return found
        last = rows[-1].id


async def _repair_name_keys(database: Database, ids: Sequence[str]) -> None:
    for some in _slices(ids):
        async with database.write() as connection:
            await lock_catalogue(connection)
            names = (
                await connection.execute(select(people.c.id, people.c.name).where(people.c.id.in_(some)))
            ).all()
            for row in names:
                of_person = update(people).where(people.c.id == row.id)
                await connection.execute(of_person.values(name_key=name_key(row.name)))


CONSISTENCY_CHECKS = (
    ConsistencyCheck(
        name=gettext_noop("people's films"),
        problem=lambda count: ngettext(
            "{count} person has another number of films, or other fame, than their credits say",
            "{count} people have another number of films, or other fame, than their credits say",
            count,
        ),
        find=_find_film_counts,
        repair=_repair_film_counts,
    ),
    ConsistencyCheck(
        name=gettext_noop("people's names"),
        problem=lambda count: ngettext(
            "{count} person is not found by their name",
            "{count} people are not found by their names",
            count,
        ),
        find=_find_name_keys,
        repair=_repair_name_keys,
    ),
)
