"""A check of the counts that are stored of imported rating sets."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.consistency import ConsistencyCheck
from bot.core.database.engine import Database
from bot.core.text.i18n import gettext_noop, ngettext
from bot.recommendations.repository import PACKED_RATING
from bot.recommendations.tables import rating_set_members, rating_sets

_OF_SET = rating_set_members.c.set_name == rating_sets.c.name
_MEMBER_COUNT = select(func.count()).where(_OF_SET).scalar_subquery()
_BYTES = select(func.coalesce(func.sum(func.length(rating_set_members.c.ratings)), 0)).where(_OF_SET)
_BYTES_EACH = PACKED_RATING.itemsize


async def _find(connection: AsyncConnection) -> Sequence[str]:
    is_wrong = or_(
        rating_sets.c.member_count != _MEMBER_COUNT,
        rating_sets.c.rating_count * _BYTES_EACH != _BYTES.scalar_subquery(),
    )
    return (await connection.execute(select(rating_sets.c.name).where(is_wrong))).scalars().all()


async def _repair(database: Database, names: Sequence[str]) -> None:
    async with database.write() as connection:
        for name in names:
            of_set = update(rating_sets).where(rating_sets.c.name == name)
            rating_count = _BYTES.scalar_subquery() // _BYTES_EACH
            await connection.execute(of_set.values(member_count=_MEMBER_COUNT, rating_count=rating_count))


CONSISTENCY_CHECKS = (
    ConsistencyCheck(
        name=gettext_noop("imported rating sets"),
        problem=lambda count: ngettext(
            "{count} imported rating set counts other members or ratings than it has",
            "{count} imported rating sets count other members or ratings than they have",
            count,
        ),
        find=_find,
        repair=_repair,
    ),
)
