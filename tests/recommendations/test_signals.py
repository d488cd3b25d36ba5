"""The signals of one member, and their learnt weights."""

from dataclasses import replace

import numpy as np
import pytest

from bot.recommendations.crowd import build_crowd
from bot.recommendations.facts import build_content
from bot.recommendations.signals import (
    SIGNAL_ROW,
    SIGNALS,
    Signals,
    build_signal_inputs,
    build_taste_profile,
    compute_signals,
)
from bot.recommendations.weights import shipped_weights
from tests.recommendations.world import FILMS, NOIR_FAN, fit_model, ratings


def test_nobody_is_their_own_neighbour() -> None:
    model = fit_model()
    own = {film: stars for member, film, stars in ratings() if member == "m00"}
    row = model.crowd.member_keys.index("m00")
    profile = build_taste_profile(own, model.content, model.crowd, crowd_row=row)
    with_self = compute_signals(build_taste_profile(own, model.content, model.crowd), model.signal_inputs)
    without = compute_signals(profile, model.signal_inputs)
    assert not np.allclose(with_self.values, without.values)


def test_the_weights_are_at_most_a_hundred_numbers_and_bounded_in_the_situation() -> None:
    weights = shipped_weights()
    assert weights.terms.size + weights.low.size + weights.high.size + 1 <= 100
    assert len(weights.at(5, 3_000, 30)) == len(SIGNALS)
    assert np.array_equal(weights.at(5_000, 10**9, 30), weights.at(50, 10**5, 30))
    assert np.array_equal(weights.at(0, 0, 0), weights.at(1, 0, 0))


def test_what_few_members_say_of_a_film_counts_little() -> None:
    few, many = (shipped_weights().at(5, 3_000, members) for members in (4, 400))
    for name in SIGNALS:
        row = SIGNAL_ROW[name]
        if name in ("liked", "quality"):
            assert few[row] == pytest.approx(many[row] * 0.4 / (400 / 406))
        else:
            assert few[row] == many[row]
    assert not shipped_weights().at(5, 0, 0)[[SIGNAL_ROW["liked"], SIGNAL_ROW["quality"]]].any()


def compute(own: dict[str, float], years: int = 0) -> Signals:
    """The signals of a member where every film is so many years newer."""
    films = [replace(film, year=(film.year or 0) + years) for film in FILMS]
    content = build_content(films)
    crowd = build_crowd(ratings(), content)
    return compute_signals(build_taste_profile(own, content, crowd), build_signal_inputs(content, crowd))


def test_dates_are_relative_to_the_crowds() -> None:
    assert np.allclose(compute(NOIR_FAN).values, compute(NOIR_FAN, years=30).values, atol=1e-5)


def test_signals_are_clipped_to_the_range_they_were_learnt_on() -> None:
    model = fit_model()
    weights = shipped_weights()
    values = model.score_films(dict.fromkeys([film.film_id for film in FILMS[:12]], 5.0)).signals.values
    assert (values >= weights.low[:, None].astype(np.float32)).all()
    assert (values <= weights.high[:, None].astype(np.float32)).all()


def test_low_stars_speak_against_films_seen_or_made_with_what_got_them() -> None:
    liked, hated = compute({"noir-1": 5.0, "noir-2": 5.0}), compute({"noir-1": 0.5, "noir-2": 0.5})
    other = [film.film_id for film in FILMS].index("noir-5")
    for name in ("directors", "genres", "ease_liked", "ease_seen", "lift_seen"):
        if name in SIGNALS:
            row = SIGNAL_ROW[name]
            assert liked.values[row, other] > 0 > hated.values[row, other], name
