import pytest

from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmRepository
from tests.nights.cinema import FILMS, Cinema


@pytest.fixture
async def cinema(database: Database) -> Cinema:
    films = [
        Film(id=film_id, title=film_id.title(), original_title=film_id, year=2000 + place, runtime=100 + place)
        for place, film_id in enumerate(FILMS)
    ]
    await FilmRepository(database).save_many(films)
    return Cinema(database)
