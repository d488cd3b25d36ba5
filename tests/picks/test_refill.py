"""What starts where a rotation finds the queue empty."""

from datetime import timedelta

import pytest

from bot.picks.models import JobKind, NewPick, PickJob, QueueFullError, RefillMode
from bot.watchlists.repository import WatchlistRepository
from tests.picks.marquee import FILMS, HERE, JONAS, MINA, SAM, START, THERE, Marquee
from tests.repositories import membership_repository


async def test_the_best_rated_films_refill_the_queue(marquee: Marquee) -> None:
    await marquee.rate(FILMS[0], 10, 10, 10)
    await marquee.rate(FILMS[1], 9, 9, 9)
    await marquee.rate(FILMS[2], 10)  # too few raters
    await marquee.rotate_weekly(refill=RefillMode.BEST_RATED)
    shown = []
    for _ in range(3):
        marquee.now += timedelta(days=7)
        await marquee.scheduler.advance(HERE)
        shown.append(await marquee.get_current_film())
    assert shown == [FILMS[0], FILMS[1], FILMS[1]]  # nothing is left: the last one stays
    assert [notice.kind for notice in await marquee.scheduler.repository.list_pending_notices(HERE)] == ["empty"]


async def test_the_most_wanted_films_refill_the_queue(marquee: Marquee) -> None:
    watchlists = WatchlistRepository(marquee.database, membership_repository(marquee.database))
    for member, films in ((MINA, FILMS[:3]), (JONAS, FILMS[1:3]), (SAM, FILMS[2:3])):
        for film in films:
            await watchlists.add_film(HERE, member, film, is_kept=False, now=START)
    await watchlists.add_film(THERE, MINA, FILMS[5], is_kept=False, now=START)
    await marquee.rotate_weekly(refill=RefillMode.MOST_WANTED)
    shown = []
    for _ in range(4):
        marquee.now += timedelta(days=7)
        await marquee.scheduler.advance(HERE)
        shown.append(await marquee.get_current_film())
    assert shown == [FILMS[2], FILMS[1], FILMS[0], FILMS[0]]


async def test_a_queue_is_not_refilled_unless_the_settings_say_so(marquee: Marquee) -> None:
    await marquee.rate(FILMS[0], 10, 10, 10)
    await marquee.rotate_weekly()
    marquee.now += timedelta(days=7)
    await marquee.scheduler.advance(HERE)
    assert (await marquee.get_programme()).current is None


async def claim_poll(marquee: Marquee, later: timedelta) -> PickJob:
    """Let a rotation, so much later, find the queue empty and open a poll; return the job that posts it."""
    await marquee.rate(FILMS[1], 9, 9, 9)
    await marquee.engagement.suggest(HERE, MINA, FILMS[5])
    await marquee.rotate_weekly(refill=RefillMode.POLL)
    marquee.now += later
    assert await marquee.scheduler.advance(HERE)
    job = await marquee.claim_job()
    assert job.kind is JobKind.OPEN_POLL
    return job


async def count_poll(marquee: Marquee, film: str) -> PickJob:
    """Count the poll that has ended, won by that film, which starts; return the job that counted it."""
    job = await marquee.claim_job()
    assert job.kind is JobKind.COUNT_POLL
    await marquee.scheduler.settle_counted_poll(job, film)
    assert await marquee.get_current_film() == film
    return job


async def test_a_poll_among_three_is_opened_and_counted_once(marquee: Marquee) -> None:
    await marquee.rate(FILMS[0], 10, 10, 10)
    job = await claim_poll(marquee, timedelta(hours=8))
    poll = await marquee.scheduler.repository.find_poll(HERE, job.subject_id)
    assert poll is not None
    assert poll.film_ids == (FILMS[5], FILMS[0], FILMS[1])
    assert poll.ends_at == marquee.now + timedelta(hours=24)
    ends_at = poll.ends_at + timedelta(minutes=40)
    await marquee.scheduler.repository.settle_opened_poll(job, channel_id=7, message_id=8, ends_at=ends_at)
    marquee.now = poll.ends_at
    assert await marquee.scheduler.claim_job(HERE) is None
    marquee.now = ends_at
    counted = await count_poll(marquee, FILMS[1])
    current = (await marquee.get_programme()).current
    await marquee.scheduler.settle_counted_poll(counted, FILMS[0])  # counted before: nothing happens
    assert (await marquee.get_programme()).current == current


async def test_a_refill_starts_even_if_the_limit_of_planned_picks_is_reached(
    marquee: Marquee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.picks.repository.PLANNED_LIMIT", 2)
    for number in range(2):
        day = START + timedelta(days=60 + number)
        await marquee.picks.add(HERE, NewPick(FILMS[2 + number], SAM, starts_at=day))
    await marquee.rate(FILMS[0], 10, 10, 10)
    await marquee.rotate_weekly(refill=RefillMode.BEST_RATED)
    marquee.now += timedelta(hours=8)
    assert await marquee.scheduler.advance(HERE)
    assert [kind for kind, _ in await marquee.settle_jobs()] == [JobKind.ANNOUNCE]
    job = await claim_poll(marquee, timedelta(days=7))
    await marquee.scheduler.repository.settle_opened_poll(job, channel_id=7, message_id=8, ends_at=marquee.now)
    await count_poll(marquee, FILMS[5])
    with pytest.raises(QueueFullError):  # what curators plan keeps to the limit
        await marquee.plan(FILMS[6])
