from datetime import timedelta

import pytest

from bot.picks.models import (
    AlreadySuggestedError,
    Job,
    JobKind,
    NewPick,
    PickGoneError,
    QueueFullError,
    RefillMode,
    SuggestionDecidedError,
    SuggestionState,
)
from bot.reviews.models import Draft
from bot.watchlists.repository import WatchlistRepository
from tests.picks.marquees import FILMS, HERE, JONAS, MINA, SAM, START, THERE, Marquee
from tests.repositories import membership_repository, review_repository


async def test_who_goes(marquee: Marquee) -> None:
    first, second = await marquee.plan(*FILMS[:2])
    with pytest.raises(PickGoneError):
        await marquee.engagement.toggle_rsvp(HERE, first, MINA)
    await marquee.picks.start(HERE, first)
    assert await marquee.engagement.toggle_rsvp(HERE, first, MINA)
    marquee.now += timedelta(minutes=1)
    assert await marquee.engagement.toggle_rsvp(HERE, first, JONAS)
    assert await marquee.engagement.repository.list_rsvps(first) == [MINA, JONAS]
    assert not await marquee.engagement.toggle_rsvp(HERE, first, MINA)
    assert await marquee.engagement.repository.list_rsvps(first) == [JONAS]
    assert await marquee.engagement.repository.list_rsvps(second) == []


async def test_suggestions(marquee: Marquee) -> None:
    made = await marquee.engagement.suggest(HERE, MINA, FILMS[0], "It rains.")
    assert (made.title, made.reason) == ("Film-0", "It rains.")
    with pytest.raises(AlreadySuggestedError):
        await marquee.engagement.suggest(HERE, JONAS, FILMS[0])
    other = await marquee.engagement.suggest(HERE, MINA, FILMS[1])
    assert [each.id for each in await marquee.engagement.repository.list_open_suggestions(HERE)] == [
        made.id,
        other.id,
    ]
    with pytest.raises(SuggestionDecidedError):
        await marquee.engagement.decide(THERE, made.id, SuggestionState.ACCEPTED)
    assert (
        await marquee.engagement.decide(HERE, made.id, SuggestionState.ACCEPTED)
    ).state is SuggestionState.ACCEPTED
    await marquee.engagement.decide(HERE, other.id, SuggestionState.DECLINED)
    with pytest.raises(SuggestionDecidedError):
        await marquee.engagement.decide(HERE, made.id, SuggestionState.DECLINED)
    assert [pick.film_id for pick in (await marquee.picks.repository.get_programme(HERE)).queue] == [FILMS[0]]
    assert [each.state for each in await marquee.engagement.repository.list_suggestions_by(HERE, MINA)] == [
        SuggestionState.DECLINED, SuggestionState.ACCEPTED,
    ]  # fmt: skip


async def rate(marquee: Marquee, film: str, *stars: int) -> None:
    store = review_repository(marquee.database)
    for member, each in enumerate(stars, start=1):
        await store.store(Draft(HERE, member, film, each, text=f"From {member}."), marquee.now)


async def test_an_empty_queue_fills_itself_with_the_best_not_featured(marquee: Marquee) -> None:
    await rate(marquee, FILMS[0], 10, 10, 10)
    await rate(marquee, FILMS[1], 9, 9, 9)
    await rate(marquee, FILMS[2], 10, 10)  # too few raters
    await marquee.weekly(refill=RefillMode.BEST_RATED.value)
    on = []
    for _ in range(3):
        marquee.now += timedelta(days=7)
        await marquee.scheduler.advance(HERE)
        current = (await marquee.picks.repository.get_programme(HERE)).current
        assert current is not None
        on.append(current.film_id)
    assert on == [FILMS[0], FILMS[1], FILMS[1]]  # nothing is left: the last one stays
    assert [notice.kind for notice in await marquee.scheduler.repository.list_pending_notices(HERE)] == ["empty"]


async def test_an_empty_queue_fills_itself_with_what_most_want_to_see(marquee: Marquee) -> None:
    lists = WatchlistRepository(marquee.database, membership_repository(marquee.database))
    for member, films in ((MINA, FILMS[:3]), (JONAS, FILMS[1:3]), (SAM, FILMS[2:3])):
        for film in films:
            await lists.add_film(HERE, member, film, is_kept=False, now=START)
    await lists.add_film(THERE, MINA, FILMS[5], is_kept=False, now=START)
    await marquee.weekly(refill=RefillMode.MOST_WANTED.value)
    on = []
    for _ in range(4):
        marquee.now += timedelta(days=7)
        await marquee.scheduler.advance(HERE)
        current = (await marquee.picks.repository.get_programme(HERE)).current
        assert current is not None
        on.append(current.film_id)
    assert on == [FILMS[2], FILMS[1], FILMS[0], FILMS[0]]


async def test_a_queue_is_not_filled_unless_that_is_wanted(marquee: Marquee) -> None:
    await rate(marquee, FILMS[0], 10, 10, 10)
    await marquee.weekly()
    marquee.now += timedelta(days=7)
    await marquee.scheduler.advance(HERE)
    assert (await marquee.picks.repository.get_programme(HERE)).current is None


async def called(marquee: Marquee, later: timedelta) -> Job:
    """Let the marquee, so much later, find its queue empty and call a vote; give the errand to post it."""
    await rate(marquee, FILMS[1], 9, 9, 9)
    await marquee.engagement.suggest(HERE, MINA, FILMS[5])
    await marquee.weekly(refill=RefillMode.POLL.value)
    marquee.now += later
    assert await marquee.scheduler.advance(HERE)
    vote = await marquee.scheduler.claim_job(HERE)
    assert vote is not None
    assert vote.kind is JobKind.OPEN_POLL
    return vote


async def elected(marquee: Marquee, film: str) -> Job:
    """Count the vote that is over: the film won, and is on; give the errand to count it."""
    count = await marquee.scheduler.claim_job(HERE)
    assert count is not None
    assert count.kind is JobKind.COUNT_POLL
    await marquee.scheduler.settle_counted_poll(count, film)
    current = (await marquee.picks.repository.get_programme(HERE)).current
    assert current is not None
    assert current.film_id == film
    return count


async def test_a_vote_among_three_is_called_counted_and_kept_from_overruling(marquee: Marquee) -> None:
    await rate(marquee, FILMS[0], 10, 10, 10)
    task = await called(marquee, timedelta(hours=8))
    vote = await marquee.scheduler.repository.find_poll(HERE, task.subject_id)
    assert vote is not None
    assert vote.film_ids == (FILMS[5], FILMS[0], FILMS[1])
    assert vote.ends_at == marquee.now + timedelta(hours=24)
    ends = vote.ends_at + timedelta(minutes=40)
    await marquee.scheduler.repository.settle_opened_poll(task, channel_id=7, message_id=8, ends_at=ends)
    marquee.now = vote.ends_at
    assert await marquee.scheduler.claim_job(HERE) is None
    marquee.now = ends
    count = await elected(marquee, FILMS[1])
    current = (await marquee.picks.repository.get_programme(HERE)).current
    await marquee.scheduler.settle_counted_poll(count, FILMS[0])  # counted before: nothing happens
    assert (await marquee.picks.repository.get_programme(HERE)).current == current


async def test_a_full_plan_of_dated_picks_keeps_no_refill_from_coming_on(
    marquee: Marquee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.picks.repository.PLANNED_LIMIT", 2)
    for number in range(2):
        day = START + timedelta(days=60 + number)
        await marquee.picks.add(HERE, NewPick(FILMS[2 + number], SAM, starts_at=day))
    await rate(marquee, FILMS[0], 10, 10, 10)
    await marquee.weekly(refill=RefillMode.BEST_RATED.value)
    marquee.now += timedelta(hours=8)
    assert await marquee.scheduler.advance(HERE)
    assert [task[0] for task in await marquee.errands()] == [JobKind.ANNOUNCE]
    vote = await called(marquee, timedelta(days=7))
    await marquee.scheduler.repository.settle_opened_poll(vote, channel_id=7, message_id=8, ends_at=marquee.now)
    await elected(marquee, FILMS[5])
    with pytest.raises(QueueFullError):  # what members plan keeps to the limit
        await marquee.plan(FILMS[6])


async def test_what_the_server_thought(marquee: Marquee) -> None:
    assert await marquee.engagement.repository.find_disagreement(HERE, FILMS[0]) is None
    await rate(marquee, FILMS[0], 9, 2, 6)
    found = await marquee.engagement.repository.find_disagreement(HERE, FILMS[0])
    assert found is not None
    assert (found.highest_member_id, found.highest, found.lowest_member_id, found.lowest) == (1, 9, 2, 2)
    store = review_repository(marquee.database)
    review = await store.get_own(HERE, 3, FILMS[0])
    assert review is not None
    await store.add_helpful_vote(HERE, review.id, MINA, START)
    best = await marquee.engagement.repository.find_most_helpful_review(HERE, FILMS[0])
    assert best is not None
    assert best.text == "From 3."
