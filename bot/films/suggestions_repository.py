"""Reads what a server's members are offered before they have typed anything."""

from sqlalchemy import BigInteger, Integer, bindparam, func, select

from bot.core.database.engine import Database
from bot.films.suggestions import OnLately
from bot.picks.models import PickState
from bot.picks.tables import picks
from bot.reviews.tables import ratings

LATEST = 5_000
"""Ratings of all servers among which a server's latest are looked for: lately is what it is about, and reading
a large server's every rating to sort them is not worth it."""
_SERVER = bindparam("server", type_=BigInteger)
_ON_LATELY = (
    select(picks.c.film_id)
    .where(picks.c.server_id == _SERVER, picks.c.state == PickState.CURRENT.value)
    .order_by(picks.c.id),
    select(ratings.c.film_id)
    # Reckoned with, so that the index over servers is left for the short walk down the newest.
    .where(
        ratings.c.id > select(func.max(ratings.c.id) - bindparam("latest", type_=Integer)).scalar_subquery(),
        ratings.c.server_id + 0 == _SERVER,
        ratings.c.hidden_by.is_(None),
    )
    .order_by(ratings.c.id.desc())
    .limit(bindparam("most", type_=Integer)),
)


class OnLatelyStore:
    """Reads a server's current picks and latest ratings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_lately(self, server_id: int, limit: int) -> OnLately:
        """Give what is on the server's marquee, and at most `limit` films rated there lately."""
        featured, rated = await self._database.together(
            _ON_LATELY, server=server_id, latest=LATEST, most=4 * limit
        )
        films = dict.fromkeys(row.film_id for row in rated)
        return OnLately(tuple(row.film_id for row in featured), tuple(films)[:limit])
