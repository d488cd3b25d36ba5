import pytest

from benchmarks.conversation import create_engine
from bot.conversation.engine import ConversationEngine
from bot.sources import starter
from tests.conftest import FILM_IDS_FILE


@pytest.fixture(scope="session")
def engine() -> ConversationEngine:
    """The engine over the films of the starter catalogue that tests use."""
    chosen = set(FILM_IDS_FILE.read_text(encoding="utf-8").split())
    films = starter.load(starter.bundled_data_path("films.jsonl")).films
    return create_engine([film for film in films if film.id in chosen])
