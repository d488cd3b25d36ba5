import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.errors import InvalidInputError
from bot.films.models import FilmGoneError
from bot.members.tables import server_settings
from bot.picks.models import (
    LEASE,
    Announcement,
    DayTakenError,
    JobKind,
    NewPick,
    Notice,
    PickChange,
    PickGoneError,
    PickState,
    QueueFullError,
    SeriesError,
)
from bot.picks.scheduler_service import REFRESH_DELAY
from bot.picks.tables import pick_schedules
from tests.picks.marquees import FILMS, HERE, SAM, START, THERE, Marquee
from tests.repositories import pick_repository


async def test_a_rotation_brings_picks_on_and_notes_what_is_to_be_done(marquee: Marquee) -> None:
    await marquee.weekly()
    first, second = await marquee.plan(*FILMS[:2])
    assert await marquee.scheduler.list_due_servers() == []
    assert await marquee.scheduler.get_wait() == timedelta(hours=8)
    marquee.now += timedelta(hours=8)
    assert await marquee.scheduler.list_due_servers() == [HERE]
    assert await marquee.scheduler.advance(HERE)
    assert not await marquee.scheduler.advance(HERE)
    assert await marquee.errands() == [(JobKind.ANNOUNCE, first)]
    assert await marquee.scheduler.list_due_servers() == []
    marquee.now += timedelta(days=7)
    assert await marquee.scheduler.advance(HERE)
    assert sorted(await marquee.errands()) == [
        (JobKind.ANNOUNCE, second), (JobKind.CLOSE, first), (JobKind.RETROSPECT, first),
    ]  # fmt: skip
    programme = await marquee.picks.repository.get_programme(HERE)
    assert programme.current is not None
    assert (programme.current.id, programme.current.started_at) == (second, marquee.now)
    history = await marquee.engagement.repository.get_history(HERE)
    assert [(pick.id, pick.state, pick.ended_at) for pick in history.picks] == [
        (first, PickState.PAST, marquee.now)
    ]


async def test_processes_at_once_move_on_once_and_claim_once(marquee: Marquee) -> None:
    await marquee.weekly()
    (first, _) = await marquee.plan(*FILMS[:2])
    marquee.now += timedelta(hours=8)
    others = [Marquee(marquee.database) for _ in range(6)]
    for other in others:
        other.now = marquee.now
    moved = await asyncio.gather(*(other.scheduler.advance(HERE) for other in others))
    assert sorted(moved) == [False] * 5 + [True]
    claimed = [
        task for task in await asyncio.gather(*(other.scheduler.claim_job(HERE) for other in others)) if task
    ]
    assert [(task.kind, task.subject_id, task.is_reclaimed) for task in claimed] == [
        (JobKind.ANNOUNCE, first, False)
    ]


async def test_a_claim_that_is_never_settled_is_taken_over_once(marquee: Marquee) -> None:
    await marquee.weekly()
    (first,) = await marquee.plan(FILMS[0])
    marquee.now += timedelta(hours=8)
    await marquee.scheduler.advance(HERE)
    lost = await marquee.scheduler.claim_job(HERE)
    assert lost is not None
    assert await marquee.scheduler.claim_job(HERE) is None
    assert await marquee.scheduler.get_wait() == LEASE
    marquee.now += LEASE
    assert await marquee.scheduler.list_due_servers() == [HERE]
    taken = await marquee.scheduler.claim_job(HERE)
    assert taken is not None
    assert (taken.is_reclaimed, taken.first_claimed_at) == (True, lost.first_claimed_at)
    await marquee.scheduler.postpone_job(lost)
    await marquee.scheduler.repository.settle_job(lost)
    assert (
        await marquee.scheduler.list_due_servers() == []
    )  # the claim lost can neither end nor give back the one that holds
    await marquee.scheduler.repository.set_announcement(taken.subject_id, Announcement(7, 8, 9))
    pick = await marquee.picks.get_pick(HERE, first)
    assert pick.announcement == Announcement(7, 8, 9)
    await marquee.scheduler.repository.settle_job(taken)
    marquee.now += timedelta(days=3)
    assert await marquee.scheduler.claim_job(HERE) is None


async def test_whoever_takes_over_looks_back_to_the_first_claim(marquee: Marquee) -> None:
    """Who claimed first may have posted before dying; those who died since may not even have looked."""
    first = await marquee.announcing(FILMS[0])
    for _ in range(3):
        marquee.now += LEASE
        taken = await marquee.scheduler.claim_job(HERE)
        assert taken is not None
        assert (taken.is_reclaimed, taken.first_claimed_at) == (True, first.first_claimed_at)
    await marquee.scheduler.postpone_job(taken, timedelta(minutes=15))
    assert await marquee.scheduler.claim_job(HERE) is None
    assert await marquee.scheduler.get_wait() == timedelta(minutes=15)
    marquee.now += timedelta(minutes=15)
    assert await marquee.scheduler.list_due_servers() == [HERE]
    taken = await marquee.scheduler.claim_job(HERE)
    assert taken is not None
    assert (taken.is_reclaimed, taken.first_claimed_at) == (True, first.first_claimed_at)
    await marquee.scheduler.repository.settle_job(taken)
    marquee.now += timedelta(days=1)
    assert await marquee.scheduler.claim_job(HERE) is None


async def test_a_claim_that_nobody_will_take_over_hides_no_other(marquee: Marquee) -> None:
    await marquee.weekly()
    await marquee.plan(FILMS[0])
    await marquee.picks.start(THERE, (await marquee.picks.add(THERE, NewPick(FILMS[1], SAM))).id)
    assert await marquee.scheduler.claim_job(THERE) is not None  # then Marquee is thrown out of that server
    marquee.now += timedelta(hours=8)
    await marquee.scheduler.advance(HERE)
    assert await marquee.scheduler.claim_job(HERE) is not None
    assert await marquee.scheduler.get_wait() == LEASE


async def test_a_card_is_renewed_once_for_all_that_changed_meanwhile(marquee: Marquee) -> None:
    await marquee.weekly()
    (first,) = await marquee.plan(FILMS[0])
    marquee.now += timedelta(hours=8)
    await marquee.scheduler.advance(HERE)
    assert not await marquee.scheduler.request_refresh(HERE)  # nothing is announced yet that could be changed
    task = await marquee.scheduler.claim_job(HERE)
    assert task is not None
    await marquee.scheduler.repository.set_announcement(task.subject_id, Announcement(7, 8))
    await marquee.scheduler.repository.settle_job(task)
    assert not await marquee.scheduler.request_refresh(HERE, FILMS[1])
    assert not await marquee.scheduler.request_refresh(THERE, FILMS[0])
    assert await marquee.scheduler.request_refresh(HERE, FILMS[0])
    marquee.now += REFRESH_DELAY / 2
    assert await marquee.scheduler.request_refresh(HERE)
    assert await marquee.scheduler.get_wait() == REFRESH_DELAY / 2  # what comes later puts nothing off
    marquee.now += REFRESH_DELAY / 2
    claimed = await marquee.scheduler.claim_job(HERE)
    assert claimed is not None
    assert (claimed.kind, claimed.subject_id) == (JobKind.REFRESH, first)
    assert await marquee.scheduler.request_refresh(HERE)  # what changes while it is renewed renews it once more
    await marquee.scheduler.repository.settle_job(claimed)
    marquee.now += REFRESH_DELAY
    assert await marquee.errands() == [(JobKind.REFRESH, first)]
    await marquee.picks.edit(HERE, first, PickChange(note="New."))
    assert await marquee.errands() == [(JobKind.REFRESH, first)]  # an edit at once


async def test_the_servers_that_plan_something(marquee: Marquee) -> None:
    assert await pick_repository(marquee.database).list_active_servers() == []
    (first,) = await marquee.plan(FILMS[0])
    series = await marquee.picks.create_series(THERE, "Trams")
    assert await pick_repository(marquee.database).list_active_servers() == [HERE, THERE]
    await marquee.picks.start(HERE, first)
    await marquee.picks.close_series(THERE, series.id)
    assert await pick_repository(marquee.database).list_active_servers() == [HERE]
    await marquee.picks.remove(HERE, first)
    assert await pick_repository(marquee.database).list_active_servers() == []
    fresh = Marquee(marquee.database)
    await fresh.picks.preload([HERE, THERE])
    assert fresh.picks.cache.get(HERE) is None
    await fresh.picks.cache.close()


async def test_what_could_not_be_done_comes_again(marquee: Marquee) -> None:
    task = await marquee.announcing(FILMS[0])
    await marquee.scheduler.postpone_job(task, timedelta(minutes=15))
    assert await marquee.scheduler.claim_job(HERE) is None
    assert await marquee.scheduler.get_wait() == timedelta(minutes=15)
    marquee.now += timedelta(minutes=15)
    again = await marquee.scheduler.claim_job(HERE)
    assert again is not None
    assert not again.is_reclaimed


async def test_missed_picks_are_told_of_and_never_announced(marquee: Marquee) -> None:
    await marquee.weekly()
    _, _, third = await marquee.plan(*FILMS[:3])
    marquee.now += timedelta(days=15)
    await marquee.scheduler.advance(HERE)
    assert await marquee.errands() == [(JobKind.ANNOUNCE, third)]
    (notice,) = await marquee.scheduler.repository.list_pending_notices(HERE)
    assert notice.kind == "missed"
    assert "Film-0, Film-1" in notice.text
    await marquee.scheduler.repository.mark_delivered(HERE, notice)
    assert await marquee.scheduler.repository.list_pending_notices(HERE) == []


async def test_a_notice_is_new_until_its_problem_is_solved(marquee: Marquee) -> None:
    notice = Notice("channel", "gone")
    assert await marquee.scheduler.add_notice(HERE, notice)
    assert not await marquee.scheduler.add_notice(HERE, notice)
    await marquee.scheduler.repository.clear_notices(HERE, ("channel", "role"))
    assert await marquee.scheduler.add_notice(HERE, notice)


async def test_planning_is_checked_where_it_is_stored(marquee: Marquee, monkeypatch: pytest.MonkeyPatch) -> None:
    day = START + timedelta(days=2)
    dated = await marquee.picks.add(HERE, NewPick(FILMS[0], SAM, starts_at=day))
    with pytest.raises(DayTakenError, match=r"Film-0 is planned for 22 November 2026"):
        await marquee.picks.add(HERE, NewPick(FILMS[1], SAM, starts_at=day + timedelta(hours=3)))
    other = await marquee.picks.add(HERE, NewPick(FILMS[1], SAM, note=" Note. ", duration_days=3))
    assert (other.note, other.duration_days) == ("Note.", 3)
    with pytest.raises(DayTakenError):
        await marquee.picks.move(HERE, other.id, starts_at=day)
    await marquee.picks.move(HERE, dated.id, starts_at=day + timedelta(hours=1))
    with pytest.raises(FilmGoneError):
        await marquee.picks.add(HERE, NewPick("no-such-film", SAM))
    for bad in (NewPick(FILMS[2], SAM, note="x" * 501), NewPick(FILMS[2], SAM, duration_days=0)):
        with pytest.raises(InvalidInputError):
            await marquee.picks.add(HERE, bad)
    with pytest.raises(PickGoneError):
        await marquee.picks.get_pick(THERE, other.id)
    monkeypatch.setattr("bot.picks.repository.PLANNED_LIMIT", 2)
    with pytest.raises(QueueFullError):
        await marquee.picks.add(HERE, NewPick(FILMS[2], SAM))


async def test_the_queue_is_put_in_order(marquee: Marquee) -> None:
    ids = await marquee.plan(*FILMS[:4])

    async def order() -> list[int]:
        return [ids.index(pick.id) for pick in (await marquee.picks.repository.get_programme(HERE)).queue]

    await marquee.picks.move(HERE, ids[3], position=1)
    assert await order() == [3, 0, 1, 2]
    await marquee.picks.move(HERE, ids[3], position=99)
    assert await order() == [0, 1, 2, 3]
    await marquee.picks.move(HERE, ids[1], starts_at=START + timedelta(days=1))
    assert await order() == [0, 2, 3]
    await marquee.picks.move(HERE, ids[1], position=2)
    assert await order() == [0, 1, 2, 3]
    await marquee.picks.remove(HERE, ids[0])
    assert await order() == [1, 2, 3]
    with pytest.raises(PickGoneError):
        await marquee.picks.remove(HERE, ids[0])


async def test_bringing_on_and_taking_off(marquee: Marquee) -> None:
    first, second = await marquee.plan(*FILMS[:2])
    await marquee.picks.start(HERE, second)
    assert (await marquee.picks.edit(HERE, second, PickChange(duration_days=2))).ends_at == START + timedelta(
        days=2
    )
    await marquee.picks.start(HERE, first)
    programme = await marquee.picks.repository.get_programme(HERE)
    assert programme.current is not None
    assert programme.current.id == first
    await marquee.picks.remove(HERE, first)
    assert (await marquee.picks.repository.get_programme(HERE)).current is None
    with pytest.raises(PickGoneError):
        await marquee.picks.start(HERE, first)


async def test_series(marquee: Marquee) -> None:
    series = await marquee.picks.create_series(HERE, "  Night  buses ")
    assert series.name == "Night buses"
    with pytest.raises(SeriesError, match="already"):
        await marquee.picks.create_series(HERE, "Night buses")
    pick = await marquee.picks.add(HERE, NewPick(FILMS[0], SAM, series_id=series.id))
    await marquee.picks.rename_series(HERE, series.id, "Trams")
    renamed = (await marquee.picks.get_pick(HERE, pick.id)).series
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
        marquee.picks.change_settings(HERE, {"announcement_channel_id": 7}),
        marquee.picks.change_settings(HERE, {"announcement_role_id": 8}),
        marquee.scheduler.advance(HERE),
    )
    settings = await marquee.picks.repository.get_settings(HERE)
    assert (settings.announcement_channel_id, settings.announcement_role_id) == (7, 8)
    # The rotation that was moved on stays so.
    assert settings.next_rotation_at == marquee.now + timedelta(days=7)
    assert not await marquee.scheduler.advance(HERE)


async def test_what_another_process_changed_meanwhile_is_changed_back(marquee: Marquee) -> None:
    await marquee.picks.change_settings(HERE, {"announcement_channel_id": 7})
    # This marquee's own memory of the settings still says 7 then.
    await Marquee(marquee.database).picks.change_settings(HERE, {"announcement_channel_id": 8})
    assert (await marquee.picks.repository.get_settings(HERE)).announcement_channel_id == 8
    changed = await marquee.picks.change_settings(HERE, {"announcement_channel_id": 7})
    assert changed.announcement_channel_id == 7
    assert await marquee.picks.repository.get_settings(HERE) == changed


async def test_settings_that_stay_as_they_are_are_not_stored(marquee: Marquee) -> None:
    before = await marquee.picks.repository.get_settings(THERE)
    assert await marquee.picks.change_settings(THERE, {"has_announcement_thread": None}) == before
    async with marquee.database.read() as connection:
        for table in (server_settings, pick_schedules):
            assert (await connection.execute(select(table))).all() == []


async def test_a_marquee_that_no_longer_rotates_has_no_next_rotation(marquee: Marquee) -> None:
    await marquee.weekly()
    settings = await marquee.picks.change_settings(HERE, {"rotation_interval": None})
    assert settings == await marquee.picks.repository.get_settings(HERE)
    assert settings.next_rotation_at is None
    async with marquee.database.read() as connection:
        assert (await connection.execute(select(pick_schedules))).all() == []
