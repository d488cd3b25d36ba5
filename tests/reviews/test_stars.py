import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.core.rate_limiter import MEMBER_LIMIT, SERVER_LIMIT, WINDOW, TooFastError
from bot.core.rate_limiter import RateLimiter
from bot.moderation.word_filter import WordRule, parse_words
from bot.reviews.diary import parse_day
from bot.reviews.stars import Prior, parse_stars
from bot.reviews.stars import StarTotals

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
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
    ],
)
def test_stars_are_understood(text: str, half_stars: int) -> None:
    assert parse_stars(text) == half_stars


@given(st.text(max_size=12))
def test_any_text_is_stars_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInputError):
        assert 1 <= parse_stars(text) <= 10


@given(stars)
def test_totals_say_what_the_stars_say(given_stars: list[int]) -> None:
    totals = StarTotals.of(given_stars)
    assert (totals.count, totals.sum) == (len(given_stars), sum(given_stars))
    if given_stars:
        assert totals.mean == pytest.approx(sum(given_stars) / len(given_stars) / 2)
        assert 0 <= totals.spread <= 2.25 + 1e-9


@given(stars, stars)
def test_the_average_lies_between_the_prior_and_the_mean(film: list[int], server: list[int]) -> None:
    prior = Prior.of(max(1, len(server) // 3), len(server), sum(server))
    average = prior.average(len(film), sum(film))
    ends = sorted((prior.mean / 2, StarTotals.of(film).mean if film else prior.mean / 2))
    assert ends[0] - 1e-9 <= average <= ends[1] + 1e-9


def test_many_ratings_outweigh_the_prior_and_one_does_not() -> None:
    prior = Prior.of(films=100, count=1_000, total=7_000)
    assert prior.weight == 10
    assert prior.average(1, 10) < 3.8
    assert prior.average(1_000, 10_000) > 4.9


def test_divisive_needs_spread_and_enough_raters() -> None:
    assert StarTotals.of([1, 1, 10, 10, 10]).divisive
    assert not StarTotals.of([1, 10, 10, 1]).divisive
    assert not StarTotals.of([6, 7, 8, 6, 7]).divisive


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", None), ("today", date(2026, 11, 20)), (" Yesterday ", date(2026, 11, 19)),
        ("2026-11-20", date(2026, 11, 20)), ("20.11.2026", date(2026, 11, 20)), ("1. 2. 1999", date(1999, 2, 1)),
        ("2026-11-21", date(2026, 11, 21)),  # begun already where the day begins first
    ],
)  # fmt: skip
def test_days_are_understood(text: str, day: date | None) -> None:
    assert parse_day(text, NOW) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-11-22", "still to come"),
        ("30.02.2024", "no such day"),
        ("last week", "written like"),
        ("1800-01-01", "no films"),
    ],
)
def test_other_days_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        parse_day(text, NOW)


def test_a_flood_is_stopped_and_told_until_when() -> None:
    flood = RateLimiter()
    for number in range(MEMBER_LIMIT):
        flood.count(1, 7, NOW + timedelta(seconds=number))
    with pytest.raises(TooFastError) as refused:
        flood.count(1, 7, NOW + timedelta(minutes=5))
    assert refused.value.until == NOW + WINDOW
    flood.count(1, 8, NOW + timedelta(minutes=5))
    flood.count(2, 7, NOW + timedelta(minutes=5))
    flood.count(1, 7, NOW + WINDOW)
    crowd = RateLimiter()
    for member in range(SERVER_LIMIT):
        crowd.count(1, member, NOW)
    with pytest.raises(TooFastError, match="This server's members"):
        crowd.count(1, 10_000, NOW)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a grot", True), ("Grotty", True), ("grotto", False), ("groттo grot", True), ("softfizz", True),
        ("fizzy", False), ("foo bar", True), ("foobar", False), ("xmidy", True), ("BAAAD", True), ("grоt", True),
        ("g\u200brot", True), ("gró t", False), ("grót", True), ("fine", False), ("", False),
    ],
)  # fmt: skip
def test_words_are_found_as_automod_finds_them(text: str, found: bool) -> None:
    rule = WordRule(("grot*", "*fizz", "foo bar", "*mid*"), ("ba+d", "(unclosed"), ("grotto",))
    assert (rule.find(text) is not None) == found


@pytest.mark.parametrize("unseen", [0x200B, 0x034F, 0xFE0F, 0x180B, 0x115F, 0x1160, 0x3164, 0xFFA0, 0xE0100])
def test_what_nobody_sees_in_a_word_does_not_hide_it(unseen: int) -> None:
    rule = WordRule(("grot*", "바보*"))
    assert rule.find(f"gr{chr(unseen)}otty") == "grotty"
    assert rule.find(f"이 바{chr(unseen)}보야") == "바보야"
    assert WordRule((f"gr{chr(unseen)}ot*",)).find("grotty") == "grotty"


def test_a_pattern_made_to_take_for_ever_does_not() -> None:
    rule = WordRule(("grot",), ("(a+)+$", "ba+d"))
    assert rule.find("a" * 400 + "b") is None
    assert rule.find("a" * 400 + "b bad") == "bad"
    # Once the time of all patterns together is up, words are still looked for.
    assert rule.find("bad", until=0.0) is None
    assert rule.find("bad grot", until=0.0) == "grot"


@given(st.text(max_size=80))
def test_any_list_of_words_and_any_text_is_taken(text: str) -> None:
    words = parse_words(text[:60])
    found = WordRule(words, (text,)).find(text)
    assert found is None or found
