import pytest

from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmRepository
from tests.picks.marquee import FILMS, Marquee


@pytest.fixture
async def marquee(database: Database) -> Marquee:
    films = [Film(id=film_id, title=film_id.title(), original_title=film_id, year=2000) for film_id in FILMS]
    await FilmRepository(database).save_many(films)
    return Marquee(database)
