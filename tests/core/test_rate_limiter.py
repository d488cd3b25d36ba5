from datetime import UTC, datetime, timedelta

import pytest

from bot.core.rate_limiter import MEMBER_LIMIT, SERVER_LIMIT, WINDOW, RateLimiter, TooFastError

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_too_many_posts_are_refused_with_the_time_to_go_on() -> None:
    limiter = RateLimiter()
    for number in range(MEMBER_LIMIT):
        limiter.record(1, 7, NOW + timedelta(seconds=number))
    with pytest.raises(TooFastError) as refused:
        limiter.record(1, 7, NOW + timedelta(minutes=5))
    assert refused.value.until == NOW + WINDOW
    limiter.record(1, 8, NOW + timedelta(minutes=5))
    limiter.record(2, 7, NOW + timedelta(minutes=5))
    limiter.record(1, 7, NOW + WINDOW)


@pytest.mark.parametrize("step", [timedelta(days=365), timedelta(minutes=11), timedelta(seconds=1)])
def test_a_clock_set_back_keeps_nobody_from_posting(step: timedelta) -> None:
    limiter = RateLimiter()
    for _ in range(MEMBER_LIMIT):
        limiter.record(1, 7, NOW)
    for _ in range(MEMBER_LIMIT):
        limiter.record(1, 7, NOW - step)
    with pytest.raises(TooFastError) as refused:
        limiter.record(1, 7, NOW - step)
    assert refused.value.until == NOW - step + WINDOW


def test_a_crowded_server_waits_as_a_whole() -> None:
    crowded = RateLimiter()
    for member in range(SERVER_LIMIT):
        crowded.record(1, member, NOW)
    with pytest.raises(TooFastError, match="This server is posting too fast"):
        crowded.record(1, 10_000, NOW)
