"""What is due when, and jobs that are claimed once."""

import asyncio
from datetime import timedelta

from bot.core.jobs import LEASE
from bot.core.scheduler import REFRESH_DELAY
from bot.picks.models import Announcement, JobKind, NewPick, Notice, NoticeKind, PickChange, PickState
from tests.picks.marquee import FILMS, HERE, SAM, THERE, Marquee


async def test_a_rotation_starts_picks_and_enqueues_jobs(marquee: Marquee) -> None:
    await marquee.rotate_weekly()
    first, second = await marquee.plan(*FILMS[:2])
    assert await marquee.scheduler.list_due_servers() == []
    assert await marquee.scheduler.get_wait() == timedelta(hours=8)
    marquee.now += timedelta(hours=8)
    assert await marquee.scheduler.list_due_servers() == [HERE]
    assert await marquee.scheduler.advance(HERE)
    assert not await marquee.scheduler.advance(HERE)
    assert await marquee.settle_jobs() == [(JobKind.ANNOUNCE, first)]
    assert await marquee.scheduler.list_due_servers() == []
    marquee.now += timedelta(days=7)
    assert await marquee.scheduler.advance(HERE)
    assert sorted(await marquee.settle_jobs()) == [
        (JobKind.ANNOUNCE, second), (JobKind.CLOSE, first), (JobKind.RETROSPECT, first),
    ]  # fmt: skip
    programme = await marquee.get_programme()
    assert programme.current is not None
    assert (programme.current.id, programme.current.started_at) == (second, marquee.now)
    history = await marquee.engagement.repository.get_history(HERE)
    assert [(pick.id, pick.state, pick.ended_at) for pick in history.picks] == [
        (first, PickState.PAST, marquee.now)
    ]


async def test_processes_at_once_advance_once_and_claim_once(marquee: Marquee) -> None:
    await marquee.rotate_weekly()
    (first, _) = await marquee.plan(*FILMS[:2])
    marquee.now += timedelta(hours=8)
    others = [Marquee(marquee.database) for _ in range(6)]
    for other in others:
        other.now = marquee.now
    moved = await asyncio.gather(*(other.scheduler.advance(HERE) for other in others))
    assert sorted(moved) == [False] * 5 + [True]
    claimed = [job for job in await asyncio.gather(*(other.scheduler.claim_job(HERE) for other in others)) if job]
    assert [(job.kind, job.subject_id, job.is_reclaimed) for job in claimed] == [(JobKind.ANNOUNCE, first, False)]


async def test_a_claim_that_is_never_settled_is_reclaimed_once(marquee: Marquee) -> None:
    await marquee.rotate_weekly()
    (first,) = await marquee.plan(FILMS[0])
    marquee.now += timedelta(hours=8)
    await marquee.scheduler.advance(HERE)
    lost = await marquee.claim_job()
    assert await marquee.scheduler.claim_job(HERE) is None
    assert await marquee.scheduler.get_wait() == LEASE
    marquee.now += LEASE
    assert await marquee.scheduler.list_due_servers() == [HERE]
    reclaimed = await marquee.claim_job()
    assert (reclaimed.is_reclaimed, reclaimed.first_claimed_at) == (True, lost.first_claimed_at)
    await marquee.scheduler.postpone_job(lost)
    await marquee.scheduler.repository.settle_job(lost)
    # The lapsed claim can neither settle nor postpone the job.
    assert await marquee.scheduler.list_due_servers() == []
    await marquee.scheduler.repository.set_announcement(reclaimed.subject_id, Announcement(7, 8, 9))
    pick = await marquee.picks.get_pick(HERE, first)
    assert pick.announcement == Announcement(7, 8, 9)
    await marquee.scheduler.repository.settle_job(reclaimed)
    marquee.now += timedelta(days=3)
    assert await marquee.scheduler.claim_job(HERE) is None


async def test_a_reclaimed_job_keeps_the_time_of_its_first_claim(marquee: Marquee) -> None:
    """The first claim may have posted before its process died; later ones may not even have searched."""
    first = await marquee.claim_announcement(FILMS[0])
    for _ in range(3):
        marquee.now += LEASE
        reclaimed = await marquee.claim_job()
        assert (reclaimed.is_reclaimed, reclaimed.first_claimed_at) == (True, first.first_claimed_at)
    await marquee.scheduler.postpone_job(reclaimed, timedelta(minutes=15))
    assert await marquee.scheduler.claim_job(HERE) is None
    assert await marquee.scheduler.get_wait() == timedelta(minutes=15)
    marquee.now += timedelta(minutes=15)
    assert await marquee.scheduler.list_due_servers() == [HERE]
    reclaimed = await marquee.claim_job()
    assert (reclaimed.is_reclaimed, reclaimed.first_claimed_at) == (True, first.first_claimed_at)
    await marquee.scheduler.repository.settle_job(reclaimed)
    marquee.now += timedelta(days=1)
    assert await marquee.scheduler.claim_job(HERE) is None


async def test_a_claim_that_nobody_will_reclaim_hides_no_other(marquee: Marquee) -> None:
    await marquee.rotate_weekly()
    await marquee.plan(FILMS[0])
    await marquee.picks.start(THERE, (await marquee.picks.add(THERE, NewPick(FILMS[1], SAM))).id)
    assert await marquee.scheduler.claim_job(THERE) is not None  # then Marquee is removed from that server
    marquee.now += timedelta(hours=8)
    await marquee.scheduler.advance(HERE)
    assert await marquee.scheduler.claim_job(HERE) is not None
    assert await marquee.scheduler.get_wait() == LEASE


async def test_changes_until_a_refresh_are_one_refresh(marquee: Marquee) -> None:
    await marquee.rotate_weekly()
    (first,) = await marquee.plan(FILMS[0])
    marquee.now += timedelta(hours=8)
    await marquee.scheduler.advance(HERE)
    assert not await marquee.scheduler.request_refresh(HERE)  # nothing is announced yet
    job = await marquee.claim_job()
    await marquee.scheduler.repository.set_announcement(job.subject_id, Announcement(7, 8))
    await marquee.scheduler.repository.settle_job(job)
    assert not await marquee.scheduler.request_refresh(HERE, FILMS[1])
    assert not await marquee.scheduler.request_refresh(THERE, FILMS[0])
    assert await marquee.scheduler.request_refresh(HERE, FILMS[0])
    marquee.now += REFRESH_DELAY / 2
    assert await marquee.scheduler.request_refresh(HERE)
    assert await marquee.scheduler.get_wait() == REFRESH_DELAY / 2  # a later request delays nothing
    marquee.now += REFRESH_DELAY / 2
    claimed = await marquee.claim_job()
    assert (claimed.kind, claimed.subject_id) == (JobKind.REFRESH, first)
    assert await marquee.scheduler.request_refresh(HERE)  # a change meanwhile refreshes it once more
    await marquee.scheduler.repository.settle_job(claimed)
    marquee.now += REFRESH_DELAY
    assert await marquee.settle_jobs() == [(JobKind.REFRESH, first)]
    await marquee.picks.edit(HERE, first, PickChange(note="New."))
    assert await marquee.settle_jobs() == [(JobKind.REFRESH, first)]  # an edit at once


async def test_a_postponed_job_comes_again(marquee: Marquee) -> None:
    job = await marquee.claim_announcement(FILMS[0])
    await marquee.scheduler.postpone_job(job, timedelta(minutes=15))
    assert await marquee.scheduler.claim_job(HERE) is None
    assert await marquee.scheduler.get_wait() == timedelta(minutes=15)
    marquee.now += timedelta(minutes=15)
    again = await marquee.claim_job()
    assert not again.is_reclaimed


async def test_missed_picks_get_a_notice_and_no_announcement(marquee: Marquee) -> None:
    await marquee.rotate_weekly()
    _, _, third = await marquee.plan(*FILMS[:3])
    marquee.now += timedelta(days=15)
    await marquee.scheduler.advance(HERE)
    assert await marquee.settle_jobs() == [(JobKind.ANNOUNCE, third)]
    (notice,) = await marquee.scheduler.repository.list_pending_notices(HERE)
    assert notice.kind == "missed"
    assert "Film-0, Film-1" in notice.text
    await marquee.scheduler.repository.mark_delivered(HERE, notice)
    assert await marquee.scheduler.repository.list_pending_notices(HERE) == []


async def test_a_notice_is_new_until_its_problem_is_solved(marquee: Marquee) -> None:
    notice = Notice(NoticeKind.CHANNEL, "gone")
    assert await marquee.scheduler.add_notice(HERE, notice)
    assert not await marquee.scheduler.add_notice(HERE, notice)
    await marquee.scheduler.repository.clear_notices(HERE, (NoticeKind.CHANNEL, NoticeKind.ROLE))
    assert await marquee.scheduler.add_notice(HERE, notice)
