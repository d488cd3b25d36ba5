"""Weights adapted to a crowd: learnt only where it is large enough, kept only where members held out gain."""

from dataclasses import replace

import numpy as np

from bot.cli.doctor import describe_adaptations
from bot.core.database.engine import Database
from bot.recommendations.adaptation import MIN_MEMBERS, Adaptation, adapt_weights, is_adaptation_due
from bot.recommendations.crowd import build_crowd
from bot.recommendations.facts import FilmFacts, build_content
from bot.recommendations.models import Rating
from bot.recommendations.repository import RecommendationRepository
from bot.recommendations.signals import SIGNAL_ROW
from bot.recommendations.weights import shipped_weights

FILMS = [
    FilmFacts(f"{director}-{n}", 1990 + n, ("Drama",), (f"by {director}",), fame=float(60 - 2 * n))
    for n in range(12)
    for director in "abcdefgh"
]
CONTENT = build_content(FILMS)


def draw_ratings(members: int) -> list[Rating]:
    """Everybody loves all that one director made, and is lukewarm about some other famous films."""
    random = np.random.default_rng(1)
    rows: list[Rating] = []
    for member in range(members):
        director = "abcdefgh"[member % 8]
        rows += [(f"m{member:03d}", f"{director}-{n}", 5.0) for n in range(12)]
        others = [film.film_id for film in FILMS[:40] if not film.film_id.startswith(director)]
        rows += [(f"m{member:03d}", film, 2.5) for film in random.choice(others, 12, replace=False)]
    return rows


def test_weights_follow_a_crowd_and_are_kept_where_members_held_out_gain() -> None:
    crowd = build_crowd(draw_ratings(104), CONTENT)
    start = shipped_weights()
    # As if directors had meant nothing where the weights were learnt, and fame everything.
    terms = start.terms * 0.0
    terms[SIGNAL_ROW["fame"], 0] = 1.0
    adapted = adapt_weights(CONTENT, crowd, replace(start, terms=terms))
    assert adapted is not None
    assert adapted.is_kept
    assert adapted.gain > 0.2
    assert adapted.member_count == 104
    situation = 10, float(crowd.rater_counts.sum()), len(crowd)
    assert adapted.weights.at(*situation)[SIGNAL_ROW["directors"]] > 0.05
    assert not is_adaptation_due(crowd, adapted)
    assert is_adaptation_due(crowd, replace(adapted, member_count=60))
    again = adapt_weights(CONTENT, crowd, replace(start, terms=terms))
    assert again is not None
    assert np.array_equal(again.weights.terms, adapted.weights.terms)


def test_a_small_crowd_learns_nothing() -> None:
    crowd = build_crowd(draw_ratings(MIN_MEMBERS - 1), CONTENT)
    assert adapt_weights(CONTENT, crowd, shipped_weights()) is None
    assert not is_adaptation_due(crowd, None)


def test_chance_alone_is_not_kept() -> None:
    assert not Adaptation(shipped_weights(), 120, gain=0.01, error=0.008).is_kept
    assert Adaptation(shipped_weights(), 120, gain=0.01, error=0.004).is_kept


async def test_an_adaptation_is_stored_until_other_weights_are_shipped(database: Database) -> None:
    repository = RecommendationRepository(database)
    assert await repository.get_adaptation(7) is None
    adaptation = Adaptation(shipped_weights(), 120, 0.02, 0.005)
    await repository.save_adaptation(7, adaptation)
    stored = await repository.get_adaptation(7)
    assert stored is not None
    assert (stored.member_count, stored.gain, stored.error) == (120, 0.02, 0.005)
    assert np.array_equal(stored.weights.terms, adaptation.weights.terms)
    assert await repository.get_adaptation(8) is None
    assert describe_adaptations(await repository.list_adaptations(), is_on=True) == (
        "recommendations: adapted to members in 1 server (+0.020 NDCG@10)"
    )
    await repository.save_adaptation(7, replace(adaptation, gain=-0.1))
    assert "as shipped" in describe_adaptations(await repository.list_adaptations(), is_on=True)
    assert Adaptation.from_json(adaptation.to_json().replace('"shipped": "', '"shipped": "x')) is None


def test_doctor_says_that_nothing_was_adapted_or_that_it_is_off() -> None:
    assert "a server needs 100 members who rate" in describe_adaptations([], is_on=True)
    assert "ADAPT_RECOMMENDATIONS=off" in describe_adaptations([], is_on=False)
