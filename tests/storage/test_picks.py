import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.films.errors import FilmGoneError, InvalidInputError
from bot.films.film import Film
from bot.films.picks.clock import LEASE, PickClock
from bot.films.picks.model import (
    AlreadySuggestedError,
    DayTakenError,
    Decision,
    Errand,
    NewPick,
    PickGoneError,
    Posted,
    QueueFullError,
    Refill,
    SeriesError,
    State,
    SuggestionGoneError,
)
from bot.films.picks.plans import Picks
from bot.films.picks.rotation import Every
from bot.films.picks.voices import PickVoices
from bot.films.reviews import Draft
from bot.storage.database import Database
from bot.storage.films import FilmStore
from bot.storage.picks import PickClockStore, PickStore, PickVoiceStore
from bot.storage.reviews import ReviewStore

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM = 1, 2, 3
FILMS = tuple(f"film-{number}" for number in range(8))


class Marquee:
    """The services on one database, and a clock that the test sets."""

    def __init__(self, database: Database) -> None:
        self.now = START
        self.database = database
        self.picks = Picks(PickStore(database), lambda: self.now)
        self.clock = PickClock(PickClockStore(database), lambda: self.now, timedelta(days=1))
        self.voices = PickVoices(PickVoiceStore(database), lambda: self.now)

    async def weekly(self, **more: object) -> None:
        await self.picks.change_settings(HERE, every=Every.WEEK, at=20 * 60, weekday=4, **more)

    async def plan(self, *films: str) -> list[int]:
        return [(await self.picks.add(HERE, NewPick(film, SAM))).id for film in films]

    async def errands(self) -> list[tuple[Errand, int]]:
        found = []
        while (task := await self.clock.claim(HERE)) is not None:
            found.append((task.errand, task.subject))
            await self.clock.settle(task)
        return found


@pytest.fixture
async def marquee(database: Database) -> Marquee:
    films = [Film(id=film_id, title=film_id.title(), original_title=film_id, year=2000) for film_id in FILMS]
    await FilmStore(database).put_many(films)
    return Marquee(database)


async def test_a_rotation_brings_picks_on_and_notes_what_is_to_be_done(marquee: Marquee) -> None:
    await marquee.weekly()
    first, second = await marquee.plan(*FILMS[:2])
    assert await marquee.clock.due() == []
    assert await marquee.clock.wait() == timedelta(hours=8)
    marquee.now += timedelta(hours=8)
    assert await marquee.clock.due() == [HERE]
    assert await marquee.clock.advance(HERE)
    assert not await marquee.clock.advance(HERE)
    assert await marquee.errands() == [(Errand.ANNOUNCE, first)]
    assert await marquee.clock.due() == []
    marquee.now += timedelta(days=7)
    assert await marquee.clock.advance(HERE)
    assert sorted(await marquee.errands()) == [
        (Errand.ANNOUNCE, second), (Errand.CLOSE, first), (Errand.RETROSPECT, first),
    ]  # fmt: skip
    programme = await marquee.picks.programme(HERE)
    assert programme.current is not None
    assert (programme.current.id, programme.current.began) == (second, marquee.now)
    history = await marquee.voices.history(HERE)
    assert [(pick.id, pick.state, pick.ended) for pick in history.picks] == [(first, State.PAST, marquee.now)]


async def test_processes_at_once_move_on_once_and_claim_once(marquee: Marquee) -> None:
    await marquee.weekly()
    (first, _) = await marquee.plan(*FILMS[:2])
    marquee.now += timedelta(hours=8)
    others = [Marquee(marquee.database) for _ in range(6)]
    for other in others:
        other.now = marquee.now
    moved = await asyncio.gather(*(other.clock.advance(HERE) for other in others))
    assert sorted(moved) == [False] * 5 + [True]
    claimed = [task for task in await asyncio.gather(*(other.clock.claim(HERE) for other in others)) if task]
    assert [(task.errand, task.subject, task.again) for task in claimed] == [(Errand.ANNOUNCE, first, False)]


async def test_a_claim_that_is_never_settled_is_taken_over_once(marquee: Marquee) -> None:
    await marquee.weekly()
    (first,) = await marquee.plan(FILMS[0])
    marquee.now += timedelta(hours=8)
    await marquee.clock.advance(HERE)
    lost = await marquee.clock.claim(HERE)
    assert lost is not None
    assert await marquee.clock.claim(HERE) is None
    assert await marquee.clock.wait() == LEASE
    marquee.now += LEASE
    assert await marquee.clock.due() == [HERE]
    taken = await marquee.clock.claim(HERE)
    assert taken is not None
    assert (taken.again, taken.since) == (True, lost.since)
    await marquee.clock.postpone(lost)
    await marquee.clock.settle(lost)
    assert await marquee.clock.due() == []  # the claim lost can neither end nor give back the one that holds
    await marquee.clock.posted(taken, Posted(7, 8, 9))
    pick = await marquee.picks.get(HERE, first)
    assert pick.posted == Posted(7, 8, 9)
    await marquee.clock.settle(taken)
    marquee.now += timedelta(days=3)
    assert await marquee.clock.claim(HERE) is None


async def test_what_could_not_be_done_comes_again(marquee: Marquee) -> None:
    await marquee.weekly()
    await marquee.plan(FILMS[0])
    marquee.now += timedelta(hours=8)
    await marquee.clock.advance(HERE)
    task = await marquee.clock.claim(HERE)
    assert task is not None
    await marquee.clock.postpone(task, timedelta(minutes=15))
    assert await marquee.clock.claim(HERE) is None
    assert await marquee.clock.wait() == timedelta(minutes=15)
    marquee.now += timedelta(minutes=15)
    again = await marquee.clock.claim(HERE)
    assert again is not None
    assert not again.again


async def test_missed_picks_are_told_of_and_never_announced(marquee: Marquee) -> None:
    await marquee.weekly()
    _, _, third = await marquee.plan(*FILMS[:3])
    marquee.now += timedelta(days=15)
    await marquee.clock.advance(HERE)
    assert await marquee.errands() == [(Errand.ANNOUNCE, third)]
    ((kind, text),) = await marquee.clock.untold(HERE)
    assert kind == "missed"
    assert "Film-0, Film-1" in text
    await marquee.clock.told(HERE, "missed")
    assert await marquee.clock.untold(HERE) == []


async def test_a_notice_is_news_until_it_is_mended(marquee: Marquee) -> None:
    assert await marquee.clock.notice(HERE, "channel", "gone")
    assert not await marquee.clock.notice(HERE, "channel", "gone")
    await marquee.clock.mended(HERE, "channel", "role")
    assert await marquee.clock.notice(HERE, "channel", "gone")


async def test_planning_is_checked_where_it_is_stored(marquee: Marquee, monkeypatch: pytest.MonkeyPatch) -> None:
    day = START + timedelta(days=2)
    dated = await marquee.picks.add(HERE, NewPick(FILMS[0], SAM, starts=day))
    with pytest.raises(DayTakenError, match=r"Film-0 is planned for 22 November 2026"):
        await marquee.picks.add(HERE, NewPick(FILMS[1], SAM, starts=day + timedelta(hours=3)))
    other = await marquee.picks.add(HERE, NewPick(FILMS[1], SAM, note=" Note. ", days=3))
    assert (other.note, other.days) == ("Note.", 3)
    with pytest.raises(DayTakenError):
        await marquee.picks.move(HERE, other.id, starts=day)
    await marquee.picks.move(HERE, dated.id, starts=day + timedelta(hours=1))
    with pytest.raises(FilmGoneError):
        await marquee.picks.add(HERE, NewPick("no-such-film", SAM))
    for bad in (NewPick(FILMS[2], SAM, note="x" * 501), NewPick(FILMS[2], SAM, days=0)):
        with pytest.raises(InvalidInputError):
            await marquee.picks.add(HERE, bad)
    with pytest.raises(PickGoneError):
        await marquee.picks.get(THERE, other.id)
    monkeypatch.setattr("bot.storage.picks.plans.QUEUE_LIMIT", 2)
    with pytest.raises(QueueFullError):
        await marquee.picks.add(HERE, NewPick(FILMS[2], SAM))


async def test_the_queue_is_put_in_order(marquee: Marquee) -> None:
    ids = await marquee.plan(*FILMS[:4])

    async def order() -> list[int]:
        return [ids.index(pick.id) for pick in (await marquee.picks.programme(HERE)).queue]

    await marquee.picks.move(HERE, ids[3], position=1)
    assert await order() == [3, 0, 1, 2]
    await marquee.picks.move(HERE, ids[3], position=99)
    assert await order() == [0, 1, 2, 3]
    await marquee.picks.move(HERE, ids[1], starts=START + timedelta(days=1))
    assert await order() == [0, 2, 3]
    await marquee.picks.move(HERE, ids[1], position=2)
    assert await order() == [0, 1, 2, 3]
    await marquee.picks.remove(HERE, ids[0])
    assert await order() == [1, 2, 3]
    with pytest.raises(PickGoneError):
        await marquee.picks.remove(HERE, ids[0])


async def test_bringing_on_and_taking_off(marquee: Marquee) -> None:
    first, second = await marquee.plan(*FILMS[:2])
    await marquee.picks.bring_on(HERE, second)
    assert (await marquee.picks.edit(HERE, second, days=2)).ends == START + timedelta(days=2)
    await marquee.picks.bring_on(HERE, first)
    programme = await marquee.picks.programme(HERE)
    assert programme.current is not None
    assert programme.current.id == first
    await marquee.picks.remove(HERE, first)
    assert (await marquee.picks.programme(HERE)).current is None
    with pytest.raises(PickGoneError):
        await marquee.picks.bring_on(HERE, first)


async def test_series(marquee: Marquee) -> None:
    series = await marquee.picks.create_series(HERE, "  Night  buses ")
    assert series.name == "Night buses"
    with pytest.raises(SeriesError, match="already"):
        await marquee.picks.create_series(HERE, "Night buses")
    pick = await marquee.picks.add(HERE, NewPick(FILMS[0], SAM, series_id=series.id))
    await marquee.picks.rename_series(HERE, series.id, "Trams")
    renamed = (await marquee.picks.get(HERE, pick.id)).series
    assert renamed is not None
    assert renamed.name == "Trams"
    await marquee.picks.close_series(HERE, series.id)
    for series_id in (series.id, 999):
        with pytest.raises(SeriesError):
            await marquee.picks.add(HERE, NewPick(FILMS[1], SAM, series_id=series_id))
    with pytest.raises(SeriesError):
        await marquee.picks.rename_series(THERE, series.id, "Theirs")


async def test_who_goes(marquee: Marquee) -> None:
    first, second = await marquee.plan(*FILMS[:2])
    with pytest.raises(PickGoneError):
        await marquee.voices.set_going(HERE, first, MINA)
    await marquee.picks.bring_on(HERE, first)
    assert await marquee.voices.set_going(HERE, first, MINA)
    marquee.now += timedelta(minutes=1)
    assert await marquee.voices.set_going(HERE, first, JONAS)
    assert await marquee.voices.goers(first) == [MINA, JONAS]
    assert not await marquee.voices.set_going(HERE, first, MINA)
    assert await marquee.voices.goers(first) == [JONAS]
    assert await marquee.voices.goers(second) == []


async def test_suggestions(marquee: Marquee) -> None:
    made = await marquee.voices.suggest(HERE, MINA, FILMS[0], "It rains.")
    assert (made.title, made.why) == ("Film-0", "It rains.")
    with pytest.raises(AlreadySuggestedError):
        await marquee.voices.suggest(HERE, JONAS, FILMS[0])
    other = await marquee.voices.suggest(HERE, MINA, FILMS[1])
    assert [each.id for each in await marquee.voices.waiting(HERE)] == [made.id, other.id]
    with pytest.raises(SuggestionGoneError):
        await marquee.voices.decide(THERE, made.id, Decision.TAKEN)
    assert (await marquee.voices.decide(HERE, made.id, Decision.TAKEN)).decision is Decision.TAKEN
    await marquee.voices.decide(HERE, other.id, Decision.DECLINED)
    with pytest.raises(SuggestionGoneError):
        await marquee.voices.decide(HERE, made.id, Decision.DECLINED)
    assert [pick.film_id for pick in (await marquee.picks.programme(HERE)).queue] == [FILMS[0]]
    assert [each.decision for each in await marquee.voices.suggested_by(HERE, MINA)] == [
        Decision.DECLINED, Decision.TAKEN,
    ]  # fmt: skip


async def rate(marquee: Marquee, film: str, *stars: int) -> None:
    store = ReviewStore(marquee.database)
    for member, each in enumerate(stars, start=1):
        await store.put(Draft(HERE, member, film, each, text=f"From {member}."), marquee.now)


async def test_an_empty_queue_fills_itself_with_the_best_not_featured(marquee: Marquee) -> None:
    await rate(marquee, FILMS[0], 10, 10, 10)
    await rate(marquee, FILMS[1], 9, 9, 9)
    await rate(marquee, FILMS[2], 10, 10)  # too few raters
    await marquee.weekly(refill=Refill.BEST)
    on = []
    for _ in range(3):
        marquee.now += timedelta(days=7)
        await marquee.clock.advance(HERE)
        current = (await marquee.picks.programme(HERE)).current
        assert current is not None
        on.append(current.film_id)
    assert on == [FILMS[0], FILMS[1], FILMS[1]]  # nothing is left: the last one stays
    assert [kind for kind, _ in await marquee.clock.untold(HERE)] == ["empty"]


async def test_a_vote_among_three_is_called_counted_and_kept_from_overruling(marquee: Marquee) -> None:
    await rate(marquee, FILMS[0], 10, 10, 10)
    await rate(marquee, FILMS[1], 9, 9, 9)
    await marquee.voices.suggest(HERE, MINA, FILMS[5])
    await marquee.weekly(refill=Refill.VOTE)
    marquee.now += timedelta(hours=8)
    await marquee.clock.advance(HERE)
    task = await marquee.clock.claim(HERE)
    assert task is not None
    assert task.errand is Errand.VOTE
    vote = await marquee.clock.vote(HERE, task.subject)
    assert vote is not None
    assert vote.film_ids == (FILMS[5], FILMS[0], FILMS[1])
    assert vote.ends == marquee.now + timedelta(hours=24)
    await marquee.clock.vote_posted(task, 7, 8)
    assert await marquee.clock.claim(HERE) is None
    marquee.now = vote.ends
    count = await marquee.clock.claim(HERE)
    assert count is not None
    assert count.errand is Errand.COUNT
    await marquee.clock.elect(count, FILMS[1])
    current = (await marquee.picks.programme(HERE)).current
    assert current is not None
    assert current.film_id == FILMS[1]
    await marquee.clock.elect(count, FILMS[0])  # counted before: nothing happens
    assert (await marquee.picks.programme(HERE)).current == current


async def test_what_the_server_thought(marquee: Marquee) -> None:
    assert await marquee.voices.disagreement(HERE, FILMS[0]) is None
    await rate(marquee, FILMS[0], 9, 2, 6)
    found = await marquee.voices.disagreement(HERE, FILMS[0])
    assert found is not None
    assert (found.high_member, found.high, found.low_member, found.low) == (1, 9, 2, 2)
    store = ReviewStore(marquee.database)
    review = await store.own(HERE, 3, FILMS[0])
    assert review is not None
    await store.set_helpful(HERE, review.id, MINA, START)
    best = await marquee.voices.best_review(HERE, FILMS[0])
    assert best is not None
    assert best.text == "From 3."
