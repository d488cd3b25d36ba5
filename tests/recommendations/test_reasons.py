"""Reasons must be true: each is worked out again here from the ratings and the films alone."""

import numpy as np
import pytest

from bot.recommendations.facts import FilmFacts
from bot.recommendations.ranking_model import RankingModel, find_similar_films
from bot.recommendations.reasons import (
    MIN_RATERS,
    BecauseYouRated,
    PeopleWhoLiked,
    ServerMean,
    SharedAttributes,
    SharedPeople,
    rating_contributions,
)
from bot.recommendations.signals import CONTENT_SIGNALS, PAIR_SIGNALS, SIGNAL_ROW
from tests.recommendations.world import FILMS, fit_model, ratings, recommend

OWN = {"noir-1": 5.0, "noir-2": 4.5, "space-3": 1.0, "noir-5": 4.0}
FACTS = {film.film_id: film for film in FILMS}
LIKES = {film: {m for m, f, s in ratings() if f == film and s >= 4} for film in FACTS}


def check_people(reason: PeopleWhoLiked, film: str) -> None:
    assert reason.likers == len(LIKES[reason.film_id])
    assert reason.liked_both == len(LIKES[reason.film_id] & LIKES[film]) >= MIN_RATERS


def check_shared(reason: SharedPeople | SharedAttributes, film: str) -> None:
    field = reason.job if isinstance(reason, SharedPeople) else reason.field
    shared = set(getattr(FACTS[film], field)) & set(getattr(FACTS[reason.film_id], field))
    assert set(reason.people if isinstance(reason, SharedPeople) else reason.values) == shared != set()


def test_every_reason_of_a_recommendation_is_true() -> None:
    kinds = set()
    for one in recommend(fit_model(), OWN, 8):
        for reason in one.reasons:
            kinds.add(type(reason))
            if isinstance(reason, BecauseYouRated):
                assert all(OWN[rated.film_id] == rated.stars >= 3.5 for rated in reason.ratings)
                assert 0 < sum(rated.share for rated in reason.ratings) <= 1 + 1e-9
            elif isinstance(reason, PeopleWhoLiked):
                check_people(reason, one.film_id)
            elif isinstance(reason, ServerMean):
                stars_given = [stars for _, film, stars in ratings() if film == one.film_id]
                assert (reason.raters, round(reason.stars, 9)) == (
                    len(stars_given),
                    round(float(np.mean(stars_given)), 9),
                )
            else:
                check_shared(reason, one.film_id)
    assert kinds >= {BecauseYouRated, ServerMean, PeopleWhoLiked, SharedPeople}


def test_contributions_add_up_to_what_the_sums_over_ratings_say() -> None:
    fitted = fit_model()
    scores = fitted.score_films(OWN)
    for film in ("noir-3", "space-1", "alone"):
        row = fitted.content.row_of[film]
        added = rating_contributions(
            scores.profile,
            fitted.content,
            fitted.crowd,
            np.array([row]),
            signals=scores.signals,
            weights=scores.weights,
        )[0]
        whole = sum(
            scores.weights[SIGNAL_ROW[name]] * scores.signals.values[SIGNAL_ROW[name], row]
            for name in PAIR_SIGNALS + CONTENT_SIGNALS
        )
        assert np.isclose(added.sum(), whole)


def test_without_the_rating_named_first_the_film_stands_lower() -> None:
    fitted = fit_model()
    best = recommend(fitted, OWN, 1)[0]
    because = next(reason for reason in best.reasons if isinstance(reason, BecauseYouRated))
    first = because.ratings[0].film_id
    row = fitted.content.row_of[best.film_id]

    before = fitted.score_films(OWN)

    def sums(own: dict[str, float]) -> float:
        scores = fitted.score_films(own)
        added = rating_contributions(
            scores.profile,
            fitted.content,
            fitted.crowd,
            np.array([row]),
            signals=before.signals,
            weights=before.weights,
        )
        return float(added.sum())

    assert sums({film: stars for film, stars in OWN.items() if film != first}) < sums(OWN)


def test_a_mean_is_told_of_the_members_own_server_alone_and_not_of_a_few() -> None:
    server_members = frozenset({"m00", "m02", "m04", "m06"})
    fitted = RankingModel.fit(ratings(), FILMS, server_members)
    shown = 0
    for one in recommend(fitted, OWN, 12):
        stars_given = [
            stars for member, film, stars in ratings() if film == one.film_id and member in server_members
        ]
        means = [reason for reason in one.reasons if isinstance(reason, ServerMean)]
        assert bool(means) == (len(stars_given) >= MIN_RATERS)
        for reason in means:
            shown += 1
            assert (reason.raters, round(reason.stars, 9)) == (
                len(stars_given),
                round(float(np.mean(stars_given)), 9),
            )
    assert shown


def test_a_film_without_a_personal_reason_claims_none() -> None:
    for one in recommend(fit_model(), {}, 5):
        assert all(isinstance(reason, ServerMean) for reason in one.reasons)


def test_similar_films_come_from_the_same_camp_with_true_reasons() -> None:
    similar_films = find_similar_films(fit_model(), "noir-1", 4)
    assert len(similar_films) == 4
    assert all(one.film_id.startswith("noir") and one.film_id != "noir-1" for one in similar_films)
    for one in similar_films:
        for reason in one.reasons:
            if isinstance(reason, PeopleWhoLiked):
                assert reason.film_id == "noir-1"
                check_people(reason, one.film_id)
            else:
                assert isinstance(reason, SharedPeople | SharedAttributes)
                check_shared(reason, one.film_id)
        assert {type(reason) for reason in one.reasons} >= {PeopleWhoLiked, SharedPeople, SharedAttributes}


def test_similar_to_a_film_nobody_rated_is_by_content_and_to_an_unknown_film_nothing() -> None:
    bare = RankingModel.fit([], FILMS)
    assert all(one.film_id.startswith("space") for one in find_similar_films(bare, "space-1", 5))
    assert find_similar_films(bare, "unheard-of") == []


@pytest.mark.parametrize(
    ("liked", "is_named"),
    [
        (FilmFacts("same director", 1950, ("Western",), ("dora",)), True),
        (FilmFacts("same lead", 1950, ("Noir", "Western"), ("x",), ("lead",)), True),
        (FilmFacts("same kind and time", 1995, ("Noir", "Crime"), ("x",)), True),
        (FilmFacts("same kind long ago", 1950, ("Noir", "Crime"), ("x",)), False),
        (FilmFacts("one genre in common", 1995, ("Noir",), ("x",)), False),
        (FilmFacts("a lead in a film of another kind", 1995, ("Western",), ("x",), ("lead",)), False),
        (FilmFacts("a small part", 1995, ("Noir", "Western"), ("x",), (*"abcde", "lead")), False),
    ],
)
def test_a_rating_is_named_only_for_films_that_have_something_to_do_with_each_other(
    liked: FilmFacts, is_named: bool
) -> None:
    film = FilmFacts("film", 1990, ("Noir", "Crime"), ("dora",), ("lead", "other"))
    others = [FilmFacts(f"other-{n}", 1990, (genre,), (f"d{n}",)) for n, genre in enumerate(["Drama", "War"] * 9)]
    fitted = RankingModel.fit([], [film, liked, *others])
    scores = fitted.score_films({liked.film_id: 5.0})
    (told,) = fitted.explain(scores, np.array([fitted.content.row_of["film"]]))
    assert any(isinstance(reason, BecauseYouRated) for reason in told.reasons) == is_named
