"""Planning picks and series, each change in one transaction."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.errors import InvalidInputError
from bot.films.models import FilmGoneError
from bot.members.tables import server_settings
from bot.picks.models import (
    DayTakenError,
    NewPick,
    PickChange,
    PickGoneError,
    QueueFullError,
    SeriesError,
)
from bot.picks.rotation import RotationInterval
from bot.picks.tables import pick_schedules, picks
from tests.picks.marquee import FILMS, HERE, SAM, START, THERE, Marquee


async def test_the_servers_with_a_programme_are_preloaded(marquee: Marquee) -> None:
    assert await marquee.picks.repository.list_active_servers() == []
    (first,) = await marquee.plan(FILMS[0])
    series = await marquee.picks.create_series(THERE, "Trams")
    assert await marquee.picks.repository.list_active_servers() == [HERE, THERE]
    await marquee.picks.start(HERE, first)
    await marquee.picks.close_series(THERE, series.id)
    assert await marquee.picks.repository.list_active_servers() == [HERE]
    await marquee.picks.remove(HERE, first)
    assert await marquee.picks.repository.list_active_servers() == []
    other = Marquee(marquee.database)
    await other.picks.preload([HERE, THERE])
    assert other.picks.cache.get(HERE) is None
    await other.picks.cache.close()


async def test_a_programme_read_before_the_clock_was_set_back_is_read_again(marquee: Marquee) -> None:
    other = Marquee(marquee.database)
    await other.picks.preload([HERE])
    assert other.picks.cache.get(HERE) is None
    await other.picks.cache.refresh(HERE)
    await marquee.plan(FILMS[0])
    other.now -= timedelta(days=365)
    assert other.picks.cache.get(HERE) is not None
    await asyncio.gather(*other.picks.cache._background._tasks)
    snapshot = other.picks.cache.get(HERE)
    assert snapshot is not None
    assert [pick.film_id for pick in snapshot.programme.picks] == [FILMS[0]]
    await other.picks.cache.close()


async def test_picks_are_checked_in_the_transaction_that_stores_them(
    marquee: Marquee, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = START + timedelta(days=2)
    dated = await marquee.picks.add(HERE, NewPick(FILMS[0], SAM, starts_at=day))
    with pytest.raises(DayTakenError, match=r"Film-0 .*is already planned for 22 November 2026"):
        await marquee.picks.add(HERE, NewPick(FILMS[1], SAM, starts_at=day + timedelta(hours=3)))
    other = await marquee.picks.add(HERE, NewPick(FILMS[1], SAM, note=" Note. ", duration_days=3))
    assert (other.note, other.duration_days) == ("Note.", 3)
    with pytest.raises(DayTakenError):
        await marquee.picks.move(HERE, other.id, starts_at=day)
    await marquee.picks.move(HERE, dated.id, starts_at=day + timedelta(hours=1))
    with pytest.raises(FilmGoneError):
        await marquee.picks.add(HERE, NewPick("no-such-film", SAM))
    for invalid in (NewPick(FILMS[2], SAM, note="x" * 501), NewPick(FILMS[2], SAM, duration_days=0)):
        with pytest.raises(InvalidInputError):
            await marquee.picks.add(HERE, invalid)
    with pytest.raises(PickGoneError):
        await marquee.picks.get_pick(THERE, other.id)
    monkeypatch.setattr("bot.picks.repository.PLANNED_LIMIT", 2)
    with pytest.raises(QueueFullError):
        await marquee.picks.add(HERE, NewPick(FILMS[2], SAM))


async def test_picks_are_moved_in_the_queue(marquee: Marquee) -> None:
    ids = await marquee.plan(*FILMS[:4])

    async def order() -> list[int]:
        return [ids.index(pick.id) for pick in (await marquee.get_programme()).queue]

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


async def test_picks_are_started_and_removed(marquee: Marquee) -> None:
    first, second = await marquee.plan(*FILMS[:2])
    await marquee.picks.start(HERE, second)
    edited = await marquee.picks.edit(HERE, second, PickChange(duration_days=2))
    assert edited.ends_at == START + timedelta(days=2)
    await marquee.picks.start(HERE, first)
    programme = await marquee.get_programme()
    assert programme.current is not None
    assert programme.current.id == first
    await marquee.picks.remove(HERE, first)
    assert (await marquee.get_programme()).current is None
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
    await marquee.rotate_weekly()
    await marquee.plan(*FILMS[:2])
    marquee.now += timedelta(hours=8)
    await asyncio.gather(
        marquee.picks.change_settings(HERE, {"announcement_channel_id": 7}),
        marquee.picks.change_settings(HERE, {"announcement_role_id": 8}),
        marquee.scheduler.advance(HERE),
    )
    settings = await marquee.picks.repository.get_settings(HERE)
    assert (settings.announcement_channel_id, settings.announcement_role_id) == (7, 8)
    assert settings.next_rotation_at == marquee.now + timedelta(days=7)  # the advanced rotation stays
    assert not await marquee.scheduler.advance(HERE)


async def test_a_change_meanwhile_by_another_process_is_overwritten(marquee: Marquee) -> None:
    await marquee.picks.change_settings(HERE, {"announcement_channel_id": 7})
    # Afterwards this process still has 7 in its cache of settings.
    await Marquee(marquee.database).picks.change_settings(HERE, {"announcement_channel_id": 8})
    assert (await marquee.picks.repository.get_settings(HERE)).announcement_channel_id == 8
    changed = await marquee.picks.change_settings(HERE, {"announcement_channel_id": 7})
    assert changed.announcement_channel_id == 7
    assert await marquee.picks.repository.get_settings(HERE) == changed


async def test_unchanged_settings_are_not_stored(marquee: Marquee) -> None:
    before = await marquee.picks.repository.get_settings(THERE)
    assert await marquee.picks.change_settings(THERE, {}) == before
    async with marquee.database.read() as connection:
        for table in (server_settings, pick_schedules):
            assert (await connection.execute(select(table))).all() == []


async def test_a_marquee_that_no_longer_rotates_has_no_next_rotation(marquee: Marquee) -> None:
    await marquee.rotate_weekly()
    settings = await marquee.picks.change_settings(HERE, {"rotation_interval": RotationInterval.OFF.value})
    assert settings == await marquee.picks.repository.get_settings(HERE)
    assert settings.next_rotation_at is None
    async with marquee.database.read() as connection:
        assert (await connection.execute(select(pick_schedules))).all() == []


async def test_a_removed_pick_can_be_planned_again_for_a_day(marquee: Marquee) -> None:
    day = START + timedelta(hours=30)
    series = await marquee.picks.create_series(HERE, "Trams")
    planned = NewPick(FILMS[0], SAM, "With trams.", starts_at=day, duration_days=2, series_id=series.id)
    dated = await marquee.picks.add(HERE, planned)
    first, second = await marquee.plan(FILMS[1], FILMS[2])
    for pick in (dated.id, first):
        await marquee.picks.remove(HERE, pick)
        with pytest.raises(PickGoneError):
            await marquee.picks.restore(THERE, pick)
    assert await marquee.picks.restore(HERE, dated.id) == dated
    await marquee.picks.restore(HERE, first)
    programme = await marquee.picks.repository.get_programme(HERE)
    assert [pick.id for pick in programme.queue] == [first, second]
    with pytest.raises(PickGoneError):
        await marquee.picks.restore(HERE, first)  # it is planned

    await marquee.picks.remove(HERE, dated.id)
    other = await marquee.picks.add(HERE, NewPick(FILMS[3], SAM, starts_at=day))
    with pytest.raises(DayTakenError):
        await marquee.picks.restore(HERE, dated.id)
    await marquee.picks.remove(HERE, other.id)
    marquee.now = day - timedelta(hours=6)
    await marquee.picks.remove(HERE, second)
    assert (await marquee.picks.restore(HERE, other.id)).starts_at == day
    await marquee.picks.remove(HERE, other.id)
    marquee.now = day + timedelta(hours=1)
    assert (await marquee.picks.restore(HERE, other.id)).starts_at is None  # its day is over
    marquee.now += timedelta(days=1)
    with pytest.raises(PickGoneError):
        await marquee.picks.restore(HERE, second)
    await marquee.picks.remove(HERE, first)
    rows = await marquee.database.fetch_all(select(picks.c.id).where(picks.c.removed_at.is_not(None)))
    assert [row.id for row in rows] == [first]  # the others are gone for good
