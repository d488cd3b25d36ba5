import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.reviews.stars import Prior, StarTotals, format_mean, parse_stars, round_average

stars = st.lists(st.integers(1, 10), max_size=60)


@pytest.mark.parametrize(
    ("text", "half_stars"),
    [
        ("½", 1),
        ("1/2", 1),
        ("0.5", 1),
        ("1", 2),
        ("3,5", 7),
        ("3½", 7),
        ("★★★½", 7),
        ("4/5", 8),
        (" 5 stars ", 10),
        ("⭐⭐", 4),
        ("4½", 9),
        ("4.50", 9),
        (".5", 1),
        ("3 1/2", 7),
        ("9/10", 9),
        ("8/10", 8),
        ("★★★★☆", 8),
        ("5/5", 10),
    ],
)
def test_stars_are_parsed(text: str, half_stars: int) -> None:
    assert parse_stars(text) == half_stars


@pytest.mark.parametrize("text", ["11/2", "7.5/10", "0/10", "☆☆☆☆☆", "4,25", "6/5", "11/10", "★★★★★★"])
def test_what_is_no_number_of_half_stars_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_stars(text)


@pytest.mark.parametrize(
    ("ratings", "average"), [([8, 9], 4.3), ([7, 7, 6], 3.3), ([10], 5.0), ([9, 8, 8, 9], 4.3)]
)
def test_an_average_has_one_decimal_and_a_half_is_rounded_up(ratings: list[int], average: float) -> None:
    assert StarTotals.from_ratings(ratings).average == round_average(len(ratings), sum(ratings)) == average
    assert format_mean(StarTotals.from_ratings(ratings).mean) == f"{average:.1f}"


@given(st.text(max_size=12))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInputError):
        assert 1 <= parse_stars(text) <= 10


@given(stars)
def test_totals_match_the_ratings(given_stars: list[int]) -> None:
    totals = StarTotals.from_ratings(given_stars)
    assert (totals.rating_count, totals.half_star_sum) == (len(given_stars), sum(given_stars))
    if given_stars:
        assert totals.mean == pytest.approx(sum(given_stars) / len(given_stars) / 2)
        assert 0 <= totals.standard_deviation <= 2.25 + 1e-9


@given(stars, stars)
def test_the_average_lies_between_the_prior_and_the_mean(film: list[int], server: list[int]) -> None:
    prior = Prior.from_server_totals(
        film_count=max(1, len(server) // 3), rating_count=len(server), half_star_sum=sum(server)
    )
    average = prior.bayesian_average(len(film), sum(film))
    ends = sorted((prior.mean / 2, StarTotals.from_ratings(film).mean if film else prior.mean / 2))
    assert ends[0] - 1e-9 <= average <= ends[1] + 1e-9


def test_many_ratings_outweigh_the_prior_and_one_does_not() -> None:
    prior = Prior.from_server_totals(film_count=100, rating_count=1_000, half_star_sum=7_000)
    assert prior.weight == 10
    assert prior.bayesian_average(1, 10) < 3.8
    assert prior.bayesian_average(1_000, 10_000) > 4.9


def test_divisive_needs_spread_and_enough_raters() -> None:
    assert StarTotals.from_ratings([1, 1, 10, 10, 10]).is_divisive
    assert not StarTotals.from_ratings([1, 10, 10, 1]).is_divisive
    assert not StarTotals.from_ratings([6, 7, 8, 6, 7]).is_divisive
