"""TMDB's terms bar its content from machine learning: none of it may reach what a model learns from."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot import recommendations
from bot.films.models import Credit, CreditJob, Film
from bot.recommendations.facts import LEARNABLE_SOURCES, FilmFacts, build_content, estimate_raters, film_facts
from bot.recommendations.repository import RecommendationRepository
from bot.services import Services
from bot.sources.tmdb.parse import parse_film
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


def film(source: str) -> Film:
    credits = (
        Credit("Dora Lind", CreditJob.DIRECTOR, None, "dora"),
        Credit("Ada Voss", CreditJob.CAST, "Eve", "ada"),
    )
    return Film("a", "A", "A", 1999, genres=("Drama",), languages=("de",), countries=("DE",), runtime=90,
                credits=credits, fame=80.0, source=source)  # fmt: skip


@pytest.mark.parametrize("source", ["tmdb", "somebody's", ""])
def test_nothing_of_a_film_reaches_the_model_unless_its_source_allows_it(source: str) -> None:
    assert film_facts(film(source)) == FilmFacts("a")
    assert film_facts(film(source), {"a": 7}) == FilmFacts("a", fame=7.0)  # members' ratings are not the source's
    assert "tmdb" not in LEARNABLE_SOURCES


def test_the_facts_of_a_film_that_may_be_learnt_from_come_through() -> None:
    facts = film_facts(film("starter"))
    assert (facts.directors, facts.cast, facts.genres, facts.year) == (("dora",), ("ada",), ("Drama",), 1999)
    assert facts.fame == estimate_raters(80.0) > estimate_raters(20.0) > estimate_raters(0.0) == 0.0


def test_a_film_that_may_not_be_learnt_from_is_unlike_every_other() -> None:
    other = FilmFacts("b", 1999, ("Drama",), ("dora",), ("ada",), ("de",))
    content = build_content([film_facts(film("tmdb")), other])
    first, second = np.array([0]), np.array([1])
    assert all(content.cosines(field, first, second)[0, 0] == 0 for field in content.vectors)


def test_a_film_parsed_from_tmdb_gives_nothing_but_its_id() -> None:
    parsed = parse_film(marked("7", f"{MARK} film"))
    assert parsed is not None
    assert parsed.source not in LEARNABLE_SOURCES
    assert film_facts(parsed) == FilmFacts(parsed.id)


def test_a_film_of_the_catalogue_gives_its_facts() -> None:
    facts = film_facts(Film("a-2001", "A", "A", 2001, genres=("Drama",), runtime=90, logline="A line."))
    assert (facts.film_id, facts.year, facts.genres, facts.runtime) == ("a-2001", 2001, ("Drama",), 90)
    assert "A line." not in repr(facts)


async def test_nothing_fetched_from_tmdb_changes_what_may_be_learnt(
    online_services: Services, tmdb: ReplayServer
) -> None:
    services = online_services
    tmdb.replies += [
        details_reply(marked(BURNING, "Burning")),
        RecordedReply("/3/search/movie", [found(("9000", f"{MARK} Unheard", "2024-01-01"))]),
        details_reply(marked("9000", f"{MARK} Unheard")),
    ]
    repository = RecommendationRepository(services.database)
    before = await repository.list_film_facts()
    assert "burning-2018" in {facts.film_id for facts in before}
    burning = await services.film_repository.get("burning-2018")
    assert burning is not None
    known = await services.metadata.refresh(burning)
    assert known is not None
    assert known.details is not None
    assert known.details.source == "tmdb"
    ingested = await services.metadata.ingest("9000")
    assert ingested is not None
    after = await repository.list_film_facts()
    assert [facts for facts in after if facts not in before] == [FilmFacts(ingested.id)]
    assert [facts for facts in after if facts.film_id != ingested.id] == before
    assert MARK.lower() not in repr([replace(facts, film_id="") for facts in after]).lower()


def test_what_models_are_fitted_on_knows_no_source_and_nothing_fetched() -> None:
    folder = Path(recommendations.__file__).parent
    learning = (
        "facts", "models", "crowd", "signals", "ranking_model", "reasons", "groups",
        "taste_match", "onboarding", "filters", "moods", "evaluation", "model_cache", "repository",
    )  # fmt: skip
    film_imports: dict[str, set[str]] = {}
    for name in learning:
        tree = ast.parse((folder / f"{name}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                assert not node.module.startswith(("bot.sources", "bot.streaming")), name
                if node.module.startswith("bot.films"):
                    film_imports.setdefault(node.module, set()).update(alias.name for alias in node.names)
    assert film_imports == {
        "bot.films.models": {"GENRE_NAMES", "Credit", "CreditJob", "Film", "FilmGoneError"},
        "bot.films.tables": {"credits", "film_ids", "films", "people", "titles"},
    }
