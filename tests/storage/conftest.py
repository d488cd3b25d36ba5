import pytest

from bot.films.film import Film
from bot.storage.database import Database
from bot.storage.films import FilmStore
from tests.storage.marquees import FILMS, Marquee


@pytest.fixture
async def marquee(database: Database) -> Marquee:
    films = [Film(id=film_id, title=film_id.title(), original_title=film_id, year=2000) for film_id in FILMS]
    await FilmStore(database).put_many(films)
    return Marquee(database)
