"""Reads what a server's members are offered before they have typed anything."""

from sqlalchemy import func, select

from bot.films.picks.model import State
from bot.films.shown_first import OnLately
from bot.storage.database import Database
from bot.storage.schema import picks, ratings

LATEST = 5_000
"""Ratings of all servers among which a server's latest are looked for: lately is what it is about, and reading
a large server's every rating to sort them is not worth it."""


class OnLatelyStore:
    """Reads a server's current picks and latest ratings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_lately(self, server_id: int, limit: int) -> OnLately:
        """Give what is on the server's marquee, and at most `limit` films rated there lately."""
        on = select(picks.c.film_id).where(picks.c.server_id == server_id, picks.c.state == State.CURRENT)
        after = select(func.max(ratings.c.id) - LATEST).scalar_subquery()
        lately = (
            select(ratings.c.film_id)
            # Reckoned with, so that the index over servers is left for the short walk down the newest.
            .where(ratings.c.id > after, ratings.c.server_id + 0 == server_id, ratings.c.hidden.is_(None))
            .order_by(ratings.c.id.desc())
            .limit(4 * limit)
        )
        async with self._database.read() as connection:
            featured = tuple((await connection.execute(on.order_by(picks.c.id))).scalars())
            rated = dict.fromkeys((await connection.execute(lately)).scalars())
        return OnLately(featured, tuple(rated)[:limit])
