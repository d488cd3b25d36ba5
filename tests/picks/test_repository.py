import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.errors import FilmGoneError, InvalidInputError
from bot.picks.models import (
    DayTakenError,
    Errand,
    NewPick,
    PickGoneError,
    PickSettings,
    Posted,
    QueueFullError,
    SeriesError,
    State,
)
from bot.picks.repository import PickStore
from bot.picks.scheduler import LEASE, REFRESHED_AFTER
from bot.picks.tables import pick_settings
from tests.picks.marquees import FILMS, HERE, SAM, START, THERE, Marquee


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
    assert (programme.current.id, programme.current.started_at) == (second, marquee.now)
    history = await marquee.voices.history(HERE)
    assert [(pick.id, pick.state, pick.ended_at) for pick in history.picks] == [(first, State.PAST, marquee.now)]


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
    assert [(task.kind, task.subject_id, task.again) for task in claimed] == [(Errand.ANNOUNCE, first, False)]


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


async def test_whoever_takes_over_looks_back_to_the_first_claim(marquee: Marquee) -> None:
    """Who claimed first may have posted before dying; those who died since may not even have looked."""
    first = await marquee.announcing(FILMS[0])
    for _ in range(3):
        marquee.now += LEASE
        taken = await marquee.clock.claim(HERE)
        assert taken is not None
        assert (taken.again, taken.since) == (True, first.since)
    await marquee.clock.postpone(taken, timedelta(minutes=15))
    assert await marquee.clock.claim(HERE) is None
    assert await marquee.clock.wait() == timedelta(minutes=15)
    marquee.now += timedelta(minutes=15)
    assert await marquee.clock.due() == [HERE]
    taken = await marquee.clock.claim(HERE)
    assert taken is not None
    assert (taken.again, taken.since) == (True, first.since)
    await marquee.clock.settle(taken)
    marquee.now += timedelta(days=1)
    assert await marquee.clock.claim(HERE) is None


async def test_a_claim_that_nobody_will_take_over_hides_no_other(marquee: Marquee) -> None:
    await marquee.weekly()
    await marquee.plan(FILMS[0])
    await marquee.picks.bring_on(THERE, (await marquee.picks.add(THERE, NewPick(FILMS[1], SAM))).id)
    assert await marquee.clock.claim(THERE) is not None  # then Marquee is thrown out of that server
    marquee.now += timedelta(hours=8)
    await marquee.clock.advance(HERE)
    assert await marquee.clock.claim(HERE) is not None
    assert await marquee.clock.wait() == LEASE


async def test_a_card_is_renewed_once_for_all_that_changed_meanwhile(marquee: Marquee) -> None:
    await marquee.weekly()
    (first,) = await marquee.plan(FILMS[0])
    marquee.now += timedelta(hours=8)
    await marquee.clock.advance(HERE)
    assert not await marquee.clock.refresh(HERE)  # nothing is announced yet that could be changed
    task = await marquee.clock.claim(HERE)
    assert task is not None
    await marquee.clock.posted(task, Posted(7, 8))
    await marquee.clock.settle(task)
    assert not await marquee.clock.refresh(HERE, FILMS[1])
    assert not await marquee.clock.refresh(THERE, FILMS[0])
    assert await marquee.clock.refresh(HERE, FILMS[0])
    marquee.now += REFRESHED_AFTER / 2
    assert await marquee.clock.refresh(HERE)
    assert await marquee.clock.wait() == REFRESHED_AFTER / 2  # what comes later puts nothing off
    marquee.now += REFRESHED_AFTER / 2
    claimed = await marquee.clock.claim(HERE)
    assert claimed is not None
    assert (claimed.kind, claimed.subject_id) == (Errand.REFRESH, first)
    assert await marquee.clock.refresh(HERE)  # what changes while it is renewed renews it once more
    await marquee.clock.settle(claimed)
    marquee.now += REFRESHED_AFTER
    assert await marquee.errands() == [(Errand.REFRESH, first)]
    await marquee.picks.edit(HERE, first, note="New.")
    assert await marquee.errands() == [(Errand.REFRESH, first)]  # an edit at once


async def test_the_servers_that_plan_something(marquee: Marquee) -> None:
    assert await PickStore(marquee.database).planning() == []
    (first,) = await marquee.plan(FILMS[0])
    series = await marquee.picks.create_series(THERE, "Trams")
    assert await PickStore(marquee.database).planning() == [HERE, THERE]
    await marquee.picks.bring_on(HERE, first)
    await marquee.picks.close_series(THERE, series.id)
    assert await PickStore(marquee.database).planning() == [HERE]
    await marquee.picks.remove(HERE, first)
    assert await PickStore(marquee.database).planning() == []
    fresh = Marquee(marquee.database)
    await fresh.picks.warm([HERE, THERE])
    assert fresh.picks.outlooks.of(HERE) is None
    await fresh.picks.outlooks.close()


async def test_what_could_not_be_done_comes_again(marquee: Marquee) -> None:
    task = await marquee.announcing(FILMS[0])
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
    dated = await marquee.picks.add(HERE, NewPick(FILMS[0], SAM, starts_at=day))
    with pytest.raises(DayTakenError, match=r"Film-0 is planned for 22 November 2026"):
        await marquee.picks.add(HERE, NewPick(FILMS[1], SAM, starts_at=day + timedelta(hours=3)))
    other = await marquee.picks.add(HERE, NewPick(FILMS[1], SAM, note=" Note. ", duration_days=3))
    assert (other.note, other.duration_days) == ("Note.", 3)
    with pytest.raises(DayTakenError):
        await marquee.picks.move(HERE, other.id, starts=day)
    await marquee.picks.move(HERE, dated.id, starts=day + timedelta(hours=1))
    with pytest.raises(FilmGoneError):
        await marquee.picks.add(HERE, NewPick("no-such-film", SAM))
    for bad in (NewPick(FILMS[2], SAM, note="x" * 501), NewPick(FILMS[2], SAM, duration_days=0)):
        with pytest.raises(InvalidInputError):
            await marquee.picks.add(HERE, bad)
    with pytest.raises(PickGoneError):
        await marquee.picks.get(THERE, other.id)
    monkeypatch.setattr("bot.picks.repository.QUEUE_LIMIT", 2)
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
    assert (await marquee.picks.edit(HERE, second, duration_days=2)).ends_at == START + timedelta(days=2)
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


async def test_settings_changed_at_once_are_all_kept(marquee: Marquee) -> None:
    await marquee.weekly()
    await marquee.plan(*FILMS[:2])
    marquee.now += timedelta(hours=8)
    await asyncio.gather(
        marquee.picks.change_settings(HERE, channel_id=7),
        marquee.picks.change_settings(HERE, role_id=8),
        marquee.clock.advance(HERE),
    )
    settings = await marquee.picks.settings(HERE)
    assert (settings.channel_id, settings.role_id) == (7, 8)
    assert settings.next_at == marquee.now + timedelta(days=7)  # the rotation that was moved on stays so
    assert not await marquee.clock.advance(HERE)


async def test_what_another_process_changed_meanwhile_is_changed_back(
    marquee: Marquee, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await marquee.picks.change_settings(HERE, channel_id=7)
    await Marquee(marquee.database).picks.change_settings(HERE, channel_id=8)

    async def settings(_: PickStore, __: int) -> PickSettings:
        return before  # as it was read before the other process was done

    with monkeypatch.context() as patched:
        patched.setattr(PickStore, "settings", settings)
        await marquee.picks.change_settings(HERE, channel_id=7)
    assert (await marquee.picks.settings(HERE)).channel_id == 7


async def test_settings_that_stay_as_they_are_are_not_stored(marquee: Marquee) -> None:
    kept = await marquee.picks.settings(THERE)
    assert await marquee.picks.change_settings(THERE, thread=kept.thread) == kept
    async with marquee.database.read() as connection:
        assert (await connection.execute(select(pick_settings))).all() == []
