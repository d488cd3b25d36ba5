"""What ranks lower without a rating, held against models asked again without it."""

import numpy as np
import pytest

from bot.recommendations.counterfactuals import LeaveOneOut
from bot.recommendations.signals import compute_signals_of, gather_signal_parts, without_rating
from tests.recommendations.world import fit_model

OWN = {"noir-1": 5.0, "noir-2": 4.5, "space-3": 1.0, "noir-5": 4.0, "space-5": 3.5}


@pytest.mark.parametrize("own", [OWN, {"noir-1": 5.0}])
def test_a_few_films_signals_are_those_of_all(own: dict[str, float]) -> None:
    model = fit_model()
    scores, weights = model.score_films(own), model.signal_weights
    films = np.array([2, 6, 9, 16])
    few = compute_signals_of(
        gather_signal_parts(films, scores.profile, model.signal_inputs),
        scores.profile,
        model.signal_inputs,
        spread=scores.signals.spread,
        low=weights.low,
        high=weights.high,
    )
    assert np.allclose(few, scores.signals.values[:, films], atol=1e-5)


def test_a_profile_without_a_rating_is_that_of_a_member_who_never_gave_it() -> None:
    model = fit_model()
    profile = model.score_films(OWN, {"alone"}).profile
    for at, row in enumerate(profile.rows.tolist()):
        others = {film: stars for film, stars in OWN.items() if film != model.content.ids[row]}
        expected, left = model.score_films(others, {"alone"}).profile, without_rating(profile, at, model.crowd)
        place = {each: number for number, each in enumerate(expected.rows.tolist())}
        order = [place[each] for each in left.rows.tolist()]
        assert np.allclose(left.preference, expected.preference[order])
        assert np.allclose(left.engagement, expected.engagement[order])
        assert left.mean_stars == pytest.approx(expected.mean_stars)
        assert left.dismissed_rows.tolist() == expected.dismissed_rows.tolist()


@pytest.mark.parametrize("dismissed", [(), ("noir-7",)])
def test_what_ranks_lower_without_a_rating_does_so_when_asked_again(dismissed: tuple[str, ...]) -> None:
    model = fit_model()
    scores = model.score_films(OWN, dismissed)
    unseen = np.array([row for row in range(len(model.content)) if row not in scores.profile.rows])
    leave_one_out = LeaveOneOut(
        scores.profile,
        scores.signals,
        scores.scores,
        unseen,
        inputs=model.signal_inputs,
        weights=model.signal_weights,
    )
    answers = []
    for at, row in enumerate(scores.profile.rows.tolist()):
        others = {film: stars for film, stars in OWN.items() if film != model.content.ids[row]}
        without = model.score_films(others, dismissed).scores[unseen]
        before = scores.scores[unseen]
        for place, film in enumerate(unseen.tolist()):
            better_before = int((before > before[place]).sum())
            better_without = int((without > without[place]).sum())
            if better_before or better_without:
                answers.append(leave_one_out.lowers(at, film) == (better_without > better_before))
    assert len(answers) >= 40
    # What signals are divided by is kept, so that near ties may fall either way.
    assert np.mean(answers) >= 0.9
