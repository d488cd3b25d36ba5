"""Reasons must be true: each is worked out again here from the ratings and the films alone."""

import numpy as np
from bot.recommendations.model import Model

from bot.recommendations.reasons import (
    TOLD_RATERS,
    BecauseYouRated,
    CrowdMean,
    PeopleWhoLiked,
    SameKind,
    SamePeople,
    contributions,
)
from bot.recommendations.signals import ALIKE, AT, PAIRS
from bot.recommendations.similar import similar
from tests.recommendations.world import FILMS, model, ratings

OWN = {"noir-1": 5.0, "noir-2": 4.5, "space-3": 1.0, "noir-5": 4.0}
FACTS = {film.film_id: film for film in FILMS}
LIKES = {film: {m for m, f, s in ratings() if f == film and s >= 4} for film in FACTS}


def check_people(reason: PeopleWhoLiked, film: str) -> None:
    assert reason.of == len(LIKES[reason.film_id])
    assert reason.liked == len(LIKES[reason.film_id] & LIKES[film]) >= TOLD_RATERS


def check_shared(reason: SamePeople | SameKind, film: str) -> None:
    field = reason.job if isinstance(reason, SamePeople) else reason.field
    shared = set(getattr(FACTS[film], field)) & set(getattr(FACTS[reason.film_id], field))
    assert set(reason.people if isinstance(reason, SamePeople) else reason.shared) == shared != set()


def test_every_reason_of_a_recommendation_is_true() -> None:
    kinds = set()
    for one in model().recommend(OWN, 8):
        for reason in one.reasons:
            kinds.add(type(reason))
            if isinstance(reason, BecauseYouRated):
                assert all(OWN[rated.film_id] == rated.stars >= 3.5 for rated in reason.films)
                assert 0 < sum(rated.share for rated in reason.films) <= 1
            elif isinstance(reason, PeopleWhoLiked):
                check_people(reason, one.film_id)
            elif isinstance(reason, CrowdMean):
                given = [stars for _, film, stars in ratings() if film == one.film_id]
                assert (reason.raters, round(reason.stars, 9)) == (len(given), round(float(np.mean(given)), 9))
            else:
                check_shared(reason, one.film_id)
    assert kinds >= {BecauseYouRated, CrowdMean, PeopleWhoLiked, SamePeople}


def test_contributions_add_up_to_what_the_sums_over_ratings_say() -> None:
    fitted = model()
    asked = fitted.ask(OWN)
    for film in ("noir-3", "space-1", "alone"):
        row = fitted.content.at[film]
        weighing = asked.signals, asked.weights
        added = contributions(asked.taste, fitted.content, fitted.crowd, np.array([row]), weighing)[0]
        whole = sum(asked.weights[AT[name]] * asked.signals.table[AT[name], row] for name in PAIRS + ALIKE)
        assert np.isclose(added.sum(), whole)


def test_without_the_rating_named_first_the_film_stands_lower() -> None:
    fitted = model()
    best = fitted.recommend(OWN, 1)[0]
    because = next(reason for reason in best.reasons if isinstance(reason, BecauseYouRated))
    first = because.films[0].film_id
    row = fitted.content.at[best.film_id]

    def sums(own: dict[str, float]) -> float:
        asked = fitted.ask(own)
        weighing = fitted.ask(OWN).signals, fitted.ask(OWN).weights
        added = contributions(asked.taste, fitted.content, fitted.crowd, np.array([row]), weighing)
        return float(added.sum())

    assert sums({film: stars for film, stars in OWN.items() if film != first}) < sums(OWN)


def test_a_mean_is_told_of_the_members_own_server_alone_and_not_of_a_few() -> None:
    home = frozenset({"m00", "m02", "m04", "m06"})
    fitted = Model.fit(ratings(), FILMS, home)
    told = 0
    for one in fitted.recommend(OWN, 12):
        given = [stars for member, film, stars in ratings() if film == one.film_id and member in home]
        means = [reason for reason in one.reasons if isinstance(reason, CrowdMean)]
        assert bool(means) == (len(given) >= TOLD_RATERS)
        for reason in means:
            told += 1
            assert (reason.raters, round(reason.stars, 9)) == (len(given), round(float(np.mean(given)), 9))
    assert told


def test_a_film_without_a_personal_reason_claims_none() -> None:
    for one in model().recommend({}, 5):
        assert all(isinstance(reason, CrowdMean) for reason in one.reasons)


def test_similar_films_come_from_the_same_camp_with_true_reasons() -> None:
    found = similar(model(), "noir-1", 4)
    assert len(found) == 4
    assert all(one.film_id.startswith("noir") and one.film_id != "noir-1" for one in found)
    for one in found:
        for reason in one.reasons:
            if isinstance(reason, PeopleWhoLiked):
                assert reason.film_id == "noir-1"
                check_people(reason, one.film_id)
            else:
                assert isinstance(reason, SamePeople | SameKind)
                check_shared(reason, one.film_id)
        assert {type(reason) for reason in one.reasons} >= {PeopleWhoLiked, SamePeople, SameKind}


def test_similar_to_a_film_nobody_rated_is_by_content_and_to_an_unknown_film_nothing() -> None:
    bare = Model.fit([], FILMS)
    assert all(one.film_id.startswith("space") for one in similar(bare, "space-1", 5))
    assert similar(bare, "unheard-of") == []
