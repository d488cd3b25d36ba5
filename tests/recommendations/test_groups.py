"""Recommendations for a group, and fairness debts."""

import numpy as np
import pytest

from bot.core.errors import InvalidInputError
from bot.recommendations.facts import FilmFacts
from bot.recommendations.groups import (
    GroupMember,
    blend_stars,
    order_fairly,
    rank_for_group,
    score_for_group,
    updated_fairness_debts,
)
from bot.recommendations.ranking_model import RankingModel
from tests.recommendations.world import FILMS, NOIR_FAN, SPACE_FAN, fit_model

MODEL = fit_model()


def test_a_group_sees_each_members_stars_who_rated_it_and_who_would_like_it_least() -> None:
    members = [GroupMember("ana", NOIR_FAN, {"space-7"}), GroupMember("ben", SPACE_FAN)]
    picks = rank_for_group(score_for_group(MODEL, members), 20)
    assert len(picks) == len(FILMS) - 1  # only what was refused is gone; nothing was seen by both
    for pick in picks:
        assert set(pick.stars) == {"ana", "ben"}
        assert pick.stars[pick.least_happy] == min(pick.stars.values())
        assert pick.rated_by == tuple(member.key for member in members if pick.film_id in member.ratings)
        for member in members:
            scores = MODEL.score_films(member.ratings, member.dismissed)
            assert pick.stars[member.key] == scores.stars[MODEL.content.row_of[pick.film_id]]


def test_a_list_has_a_film_for_whoever_the_others_leave_out() -> None:
    values = np.array([4.0, 3.9, 3.8, 3.7, 3.5])
    likelihoods = np.array([[0.5, 0.5, 0.5, 0.5, 0.0]] * 3 + [[0.0, 0.0, 0.0, 0.0, 0.5]])
    no_debts = np.zeros(4)
    assert np.argsort(-values).tolist() == [0, 1, 2, 3, 4]
    assert order_fairly(values, likelihoods, no_debts).tolist() == [0, 1, 4, 2, 3]
    assert order_fairly(values, likelihoods, np.array([0.0, 0.0, 0.0, 6.0]))[0] == 4  # outvoted before
    assert order_fairly(values, likelihoods * 0, no_debts).tolist() == [0, 1, 2, 3, 4]


def test_a_groups_page_has_one_film_that_somebody_rated_or_that_belongs_to_one_of_theirs() -> None:
    saga = [
        FilmFacts(f"saga-{n}", 2000 + n, ("Action",), ("sam",), fame=90.0, title=f"Saga {n}") for n in range(6)
    ]
    others = [
        FilmFacts(f"other-{n}", 2000 + n, ("Action",), (f"d{n}",), fame=60.0 - n, title=f"Other{chr(97 + n) * 4}")
        for n in range(20)
    ]
    model = RankingModel.fit([], [*saga, *others])
    members = [GroupMember("ana", {"saga-0": 5.0, "saga-1": 5.0}), GroupMember("ben", {"other-0": 5.0})]
    picks = [pick.film_id for pick in rank_for_group(score_for_group(model, members), 10)]
    for page in (picks[:5], picks[5:]):
        assert sum(film.startswith("saga") or film == "other-0" for film in page) == 1


def test_the_weight_moves_the_list_from_the_mean_to_the_least_happy() -> None:
    stars = np.array([[5.0, 3.5], [1.0, 2.4]])
    assert np.argmax(blend_stars(stars, 0.0, np.zeros(2))) == 0
    assert np.argmax(blend_stars(stars, 1.0, np.zeros(2))) == 1


def test_who_was_outvoted_last_time_counts_more_the_next() -> None:
    members = [
        GroupMember("ana", NOIR_FAN),
        GroupMember("cy", NOIR_FAN | {"noir-4": 4.5}),
        GroupMember("ben", SPACE_FAN),
    ]
    first = rank_for_group(score_for_group(MODEL, members), 1, least_happy_weight=0.0)[0]
    debts = updated_fairness_debts(first.stars, {})
    assert first.film_id.startswith("noir")
    assert debts["ben"] > 0 == debts["ana"]
    outvoted = [GroupMember(one.key, one.ratings, fairness_debt=10 * debts[one.key]) for one in members]
    again = rank_for_group(score_for_group(MODEL, outvoted), 1, least_happy_weight=0.0)
    assert again[0].film_id.startswith("space")
    assert updated_fairness_debts(first.stars, {"ana": 1.0})["ana"] == 0.5


@pytest.mark.parametrize("count", [0, 11])
def test_a_group_is_one_to_ten(count: int) -> None:
    with pytest.raises(InvalidInputError, match="1 to 10"):
        score_for_group(MODEL, [GroupMember(str(n), {}) for n in range(count)])
