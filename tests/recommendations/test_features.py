"""TMDB's terms bar its content from machine learning: none of it may be learnt from."""

import ast
from pathlib import Path

import bot
from bot.films import features
from bot.films.features import learnable
from bot.films.models import Film
from bot.services import Services
from bot.sources.tmdb import parse
from bot.sources.tmdb.replay import RecordedReply, ReplayServer
from tests.tmdb_payloads import BURNING, details_reply, found, movie, translation

MARK = "Tmdbmark"


def marked(tmdb_id: str, title: str) -> dict[str, object]:
    """An answer of TMDB in which every text, name and code that could be learnt is recognizable."""
    return movie(
        tmdb_id,
        title,
        overview=f"{MARK} overview",
        tagline=f"{MARK} tagline",
        runtime=999,
        genres=[{"id": 1, "name": f"{MARK} genre"}],
        production_companies=[{"id": 1, "name": f"{MARK} company"}],
        credits={
            "cast": [{"name": f"{MARK} Player", "character": f"{MARK} role", "order": 0}],
            "crew": [{"name": f"{MARK} Director", "job": "Director"}],
        },
        translations={"translations": [translation("de", "DE", f"{MARK} Titel", f"{MARK} Inhalt")]},
    )


def test_a_film_of_tmdbs_gives_nothing_to_learn_from() -> None:
    film = parse.film(marked("7", f"{MARK} film"))
    assert film is not None
    assert film.source in features.NOT_FOR_LEARNING
    assert learnable(film) is None


def test_a_film_of_the_catalogues_gives_its_facts() -> None:
    film = Film("a-2001", "A", "A", 2001, genres=("Drama",), logline="A line.")
    learnt = learnable(film)
    assert learnt is not None
    assert (learnt.film_id, learnt.genres, learnt.logline) == ("a-2001", ("Drama",), "A line.")


async def test_nothing_fetched_from_tmdb_changes_what_may_be_learnt(
    online_services: Services, tmdb: ReplayServer
) -> None:
    services = online_services
    tmdb.replies += [
        details_reply(marked(BURNING, "Burning")),
        RecordedReply("/3/search/movie", [found(("9000", f"{MARK} Unheard", "2024-01-01"))]),
        details_reply(marked("9000", f"{MARK} Unheard")),
    ]
    ids = [entry.film_id async for entry in services.film_store.entries() if entry.year == 2018]
    assert "burning-2018" in ids
    before = [learnable(film) for film_id in ids if (film := await services.film_store.get(film_id))]
    burning = await services.catalogue.get("burning-2018")
    assert burning is not None
    known = await services.online.fetch(burning)
    assert known is not None
    assert known.details is not None
    assert known.details.source == "tmdb"
    adopted = await services.online.adopt("9000")
    assert adopted is not None
    services.film_store._cache.clear()
    assert adopted.id in [entry.film_id async for entry in services.film_store.entries()]
    ids.append(adopted.id)
    after = [
        what for film_id in ids if (film := await services.film_store.get(film_id)) and (what := learnable(film))
    ]
    assert {each.film_id: each for each in after} == {each.film_id: each for each in before if each}
    assert MARK.lower() not in repr(after).lower()


def test_what_is_learnt_from_knows_nothing_of_what_was_fetched() -> None:
    source = Path(features.__file__).read_text("utf-8")
    imported = {
        node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) and node.module
    }
    assert imported == {"dataclasses", "bot.films.models"}
    assert Path(bot.__file__).parent in Path(features.__file__).parents
