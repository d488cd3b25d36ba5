"""Nights in the database: planning, choosing the film, moving, repeating, and jobs that each come once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.database.engine import Database
from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.jobs import LEASE
from bot.core.tasks import Foreground
from bot.films.local_titles import FilmTitle
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.nights.ballots import BallotMethod
from bot.nights.models import (
    Answer,
    BallotClosedError,
    NightGoneError,
    NightJobKind,
    NightOverError,
    NightState,
    NominationGoneError,
    NominationLimitError,
    NominationsClosedError,
    NoNightError,
    Repeat,
    StruckError,
    ThemeMismatchError,
    UnknownNightError,
)
from bot.nights.service import NightEdit, NightService, PlannedNights
from bot.nights.tables import night_fairness_debts
from bot.recommendations.filters import RecommendationFilters
from tests.nights.cinema import HERE, JONAS, MINA, SAM, THERE, Cinema
from tests.picks.moments import utc
from tests.repositories import delete_film, membership_repository, privacy_repository


async def test_an_evening_from_nominations_to_the_morning_after(cinema: Cinema) -> None:
    night = await cinema.plan()
    assert (night.starts_at, night.ballot_closes_at) == (utc("2026-03-06T20:00"), utc("2026-03-06T19:00"))
    assert night.nominations_close_at == utc("2026-03-05T19:00")
    await cinema.nominate(night, MINA, "alien", "For the cat.")
    await cinema.nominate(night, JONAS, "brazil")
    await cinema.nominate(night, SAM, "alien")  # a double becomes support
    await cinema.come(night, MINA, JONAS)
    await cinema.come(night, SAM, answer=Answer.MAYBE)
    snapshot = await cinema.get(night)
    assert [(each.film_id, each.member_id, each.supporters) for each in snapshot.nominations] == [
        ("alien", MINA, (SAM,)), ("brazil", JONAS, ()),
    ]  # fmt: skip
    with pytest.raises(BallotClosedError):
        await cinema.vote(night, MINA, "alien")
    assert await cinema.advance_to("2026-03-05T19:00") == ["announce", "ballot"]
    with pytest.raises(NominationsClosedError):
        await cinema.nominate(night, SAM, "clue")
    for member, first, second in ((MINA, "alien", "brazil"), (JONAS, "brazil", "alien"), (SAM, "alien", "brazil")):
        await cinema.vote(night, member, second, first)
        await cinema.vote(night, member, first, second)  # changeable until it closes
    # The reminder is due when the ballot closes: both come.
    assert sorted(await cinema.advance_to("2026-03-06T19:00")) == ["remind:60", "result"]
    with pytest.raises(BallotClosedError):
        await cinema.nights.press_choice(HERE, night.id, MINA, "brazil")
    decided = (await cinema.get(night)).night
    assert (decided.state, decided.film_id, decided.runtime) == (NightState.READY, "alien", 100)
    box = await cinema.nights.repository.get_ballot_box(HERE, night.id)
    assert box is not None
    assert sorted(ballot.choices for ballot in box.ballots) == [
        ("alien", "brazil"), ("alien", "brazil"), ("brazil", "alien"),
    ]  # fmt: skip
    assert await cinema.advance_to("2026-03-06T20:00") == ["start"]
    assert await cinema.advance_to("2026-03-06T21:40") == ["rate"]
    assert await cinema.advance_to("2026-03-08T00:00") == ["summary"]
    assert (await cinema.get(night)).night.state is NightState.ENDED
    # Jonas was outvoted, and nobody else.
    assert await cinema.nights.choices.get_fairness_debt(HERE, JONAS) == pytest.approx(2 / 3)
    assert await cinema.nights.choices.get_fairness_debt(HERE, MINA) == 0
    with pytest.raises(NightOverError):
        await cinema.come(night, MINA)


async def test_moving_a_night_moves_everything_once(cinema: Cinema) -> None:
    night = await cinema.plan(reminders="1d, 1h")
    await cinema.nominate(night, MINA, "alien")
    await cinema.nominate(night, JONAS, "brazil")
    assert await cinema.advance_to("2026-03-05T21:00") == ["announce", "ballot", "remind:1440"]
    moved = await cinema.nights.edit(HERE, night.id, NightEdit(starts="2026-03-13 21:00", name="Later"))
    assert (moved.state, moved.ballot_closes_at) == (NightState.VOTING, utc("2026-03-13T20:00"))
    await cinema.vote(night, MINA, "brazil")
    jobs = await cinema.advance_to("2026-03-14T12:00")
    told = f"moved:{moved.version}:{utc('2026-03-06T20:00').timestamp():.0f}"
    assert sorted(jobs) == [told, "rate", "remind:1440", "remind:60", "result", "start", "summary"]
    assert (await cinema.get(night)).night.film_id == "brazil"


async def test_who_deletes_their_data_while_reminders_go_out_is_not_stored_again(cinema: Cinema) -> None:
    night = await cinema.plan(film_id="clue", reminders="1d")
    await cinema.come(night, MINA, JONAS)
    cinema.now = utc("2026-03-05T20:30")
    while (job := await cinema.scheduler.claim_job(HERE)) is not None and job.kind.kind is not NightJobKind.REMIND:
        await cinema.scheduler.repository.settle_job(job)
    assert job is not None
    await privacy_repository(cinema.database).delete_data(MINA)
    await cinema.scheduler.repository.settle_reminder(job, [MINA, JONAS], cinema.now)
    assert await cinema.settle_jobs() == [f"direct:1440:{JONAS}"]


async def test_a_renamed_night_reminds_nobody_again(cinema: Cinema) -> None:
    night = await cinema.plan(film_id="clue", reminders="1d")
    assert await cinema.advance_to("2026-03-05T20:30") == ["announce", "remind:1440"]
    await cinema.nights.edit(HERE, night.id, NightEdit(name="Clue night"))
    assert await cinema.advance_to("2026-03-06T20:00") == ["start"]
    with pytest.raises(NightOverError):
        await cinema.nights.edit(HERE, night.id, NightEdit(name="Too late"))


async def test_a_cancelled_night_leads_to_nothing(cinema: Cinema) -> None:
    night = await cinema.plan(repeat=Repeat.WEEK)
    await cinema.advance_to("2026-03-03T00:00")
    assert (await cinema.nights.cancel(HERE, night.id)).state is NightState.CANCELLED
    assert await cinema.advance_to("2026-03-20T00:00") == ["cancelled"]  # those who come are told
    assert await cinema.nights.repository.list_open(HERE) == []
    with pytest.raises(NightOverError):
        await cinema.nights.cancel(HERE, night.id)
    with pytest.raises(NightGoneError):
        await cinema.nights.cancel(THERE, night.id)


@pytest.mark.parametrize(("nominated", "film"), [((), None), (("clue",), "clue")])
async def test_fewer_than_two_films_need_no_ballot(
    cinema: Cinema, nominated: tuple[str, ...], film: str | None
) -> None:
    night = await cinema.plan()
    for each in nominated:
        await cinema.nominate(night, MINA, each)
    assert "ballot" not in await cinema.advance_to("2026-03-05T19:00")
    decided = (await cinema.get(night)).night
    assert (decided.state, decided.film_id) == (NightState.READY, film)
    await cinema.nights.edit(HERE, night.id, NightEdit(film_id="dune"))
    assert (await cinema.get(night)).film == FilmTitle("dune", "Dune", 2003)


async def test_limits_strikes_and_withdrawals(cinema: Cinema) -> None:
    night = await cinema.plan(nominations_each=1)
    choices = cinema.nights.choices
    await cinema.nominate(night, MINA, "alien")
    with pytest.raises(NominationLimitError):
        await cinema.nominate(night, MINA, "brazil")
    await cinema.nominate(night, MINA, "alien")  # again: neither new nor refused
    (alien,) = (await cinema.get(night)).standing
    assert await choices.support(HERE, night.id, alien.id, JONAS, cinema.now)
    assert not await choices.support(HERE, night.id, alien.id, JONAS, cinema.now)
    await choices.support(HERE, night.id, alien.id, SAM, cinema.now)
    assert await choices.withdraw(HERE, night.id, alien.id, MINA, cinema.now)  # its supporter nominates it now
    (alien,) = (await cinema.get(night)).standing
    assert (alien.member_id, alien.supporters) == (SAM, ())
    with pytest.raises(NominationGoneError):
        await choices.withdraw(HERE, night.id, alien.id, MINA, cinema.now)
    await choices.strike(HERE, night.id, alien.id, "Too long.", cinema.now)
    with pytest.raises(StruckError) as raised:
        await cinema.nominate(night, MINA, "alien")
    assert raised.value.reason == "Too long."
    await cinema.nominate(night, SAM, "brazil")  # what was struck does not count
    (brazil,) = (await cinema.get(night)).standing
    assert not await choices.withdraw(HERE, night.id, brazil.id, SAM, cinema.now)
    assert (await cinema.get(night)).standing == ()


async def test_a_film_must_fit_the_theme(cinema: Cinema) -> None:
    night = await cinema.plan(filters=RecommendationFilters(decade=1980, max_minutes=100))
    stored = (await cinema.get(night)).night.filters
    assert stored == RecommendationFilters(decade=1980, max_minutes=100)
    for year, runtime, fits in ((1985, 100, True), (1985, None, True), (1991, 90, False), (1985, 101, False)):
        film = Film(id="alien", title="A", original_title="A", year=year, runtime=runtime)
        if fits:
            await cinema.nights.nominate(HERE, night, MINA, film)
        else:
            with pytest.raises(ThemeMismatchError):
                await cinema.nights.nominate(HERE, night, MINA, film)


@pytest.mark.parametrize(
    "options",
    [
        {"name": " "}, {"name": "n" * 101}, {"starts": "yesterday"}, {"starts": "2026-03-01"},
        {"reminders": "soon"},
        {"reminders": "1h,2h,3h,4h"}, {"reminders": "15d"}, {"nominations_each": 11}, {"place": "p" * 101},
        {"ballot_closes": "saturday"}, {"nominations_close": "friday 19:30"},
    ],
)  # fmt: skip
async def test_what_cannot_be_planned_is_refused(cinema: Cinema, options: dict[str, object]) -> None:
    with pytest.raises(MarqueeError):
        await cinema.plan(**options)
    with pytest.raises(NoNightError):
        await cinema.nights.find(HERE, None)


async def test_nights_are_found_by_id_and_name(cinema: Cinema) -> None:
    later = await cinema.plan(name="Later", starts="2026-03-20")
    sooner = await cinema.plan(name="Sooner")
    assert [await cinema.nights.find(HERE, text) for text in (None, str(later.id), "SOONER ")] == [
        sooner, later, sooner,
    ]  # fmt: skip
    for unknown in ("Never", "999"):
        with pytest.raises(UnknownNightError, match=f"called “{unknown}”. Pick one from the list."):
            await cinema.nights.find(HERE, unknown)
    cancelled = await cinema.nights.cancel(HERE, later.id)
    with pytest.raises(NightOverError):
        await cinema.nights.find(HERE, str(cancelled.id))
    with pytest.raises(NoNightError):
        await cinema.nights.find(THERE, None)
    with pytest.raises(InvalidInputError):
        await cinema.nights.edit(HERE, sooner.id, NightEdit(ballot_closes="2026-03-08"))


async def test_a_weekly_night_comes_again_with_what_lost(cinema: Cinema) -> None:
    await cinema.server_settings.change(HERE, lambda before: before.with_changes({"time_zone": "Europe/Berlin"}))
    night = await cinema.plan(repeat=Repeat.WEEK, has_carry_over=True, nominations_each=1)
    assert night.starts_at == utc("2026-03-06T19:00")
    await cinema.nominate(night, MINA, "alien")
    await cinema.nominate(night, JONAS, "brazil")
    await cinema.advance_to("2026-03-05T19:00")
    await cinema.vote(night, MINA, "alien")
    await cinema.advance_to("2026-03-06T21:00")
    following = await cinema.nights.find(HERE, None)
    assert (following.starts_at, following.film_id) == (utc("2026-03-13T19:00"), None)
    assert following.seed != night.seed
    (carried,) = (await cinema.get(following)).standing
    assert (carried.film_id, carried.member_id, carried.is_carried_over) == ("brazil", JONAS, True)
    await cinema.nominate(following, MINA, "clue")  # hers was watched, so she may again
    with pytest.raises(NominationLimitError):
        await cinema.nominate(following, JONAS, "dune")
    # The clocks change on 29 March: it stays at eight in the evening.
    jobs = await cinema.advance_to("2026-04-03T12:00")
    # Nothing was left to nominate for the last of the three.
    assert [jobs.count(kind) for kind in ("announce", "start", "rate", "summary")] == [3, 3, 2, 3]
    assert (await cinema.nights.find(HERE, None)).starts_at == utc("2026-04-03T18:00")


async def test_nights_missed_in_a_long_pause_are_not_made_up_for(cinema: Cinema) -> None:
    await cinema.plan(repeat=Repeat.WEEK, film_id="alien")
    cinema.now = utc("2026-05-01T12:00")
    await cinema.advance_to("2026-05-01T12:00")
    (following,) = await cinema.nights.repository.list_open(HERE)
    assert following.starts_at == utc("2026-05-01T20:00")


async def test_a_vanished_film_leaves_the_rest(cinema: Cinema) -> None:
    night = await cinema.plan()
    for member, film in ((MINA, "alien"), (JONAS, "brazil"), (SAM, "clue")):
        await cinema.nominate(night, member, film)
    await cinema.advance_to("2026-03-05T19:00")
    for member in (MINA, JONAS):
        await cinema.vote(night, member, "alien", "brazil")
    await delete_film(cinema.database, FilmRepository(cinema.database), "alien")
    await cinema.advance_to("2026-03-06T19:00")
    assert (await cinema.get(night)).film == FilmTitle("brazil", "Brazil", 2001)
    await delete_film(cinema.database, FilmRepository(cinema.database), "brazil")
    jobs = await cinema.advance_to("2026-03-07T12:00")
    assert (await cinema.get(night)).night.state is NightState.ENDED
    assert jobs == ["start"]  # nothing to rate


@pytest.mark.parametrize("counts", [None, False])
async def test_ballots_of_members_who_left_count_unless_the_server_says_otherwise(
    cinema: Cinema, counts: bool | None
) -> None:
    changes = {"counts_departed_ballots": counts}
    await cinema.server_settings.change(HERE, lambda before: before.with_changes(changes))
    night = await cinema.plan(method=BallotMethod.ONE_VOTE)
    await cinema.nominate(night, MINA, "alien")
    await cinema.nominate(night, JONAS, "brazil")
    await cinema.advance_to("2026-03-05T19:00")
    for member, film in ((MINA, "alien"), (JONAS, "brazil"), (SAM, "brazil")):
        await cinema.vote(night, member, film)
    await membership_repository(cinema.database).mark_departed(HERE, [JONAS, SAM], cinema.now)
    await cinema.advance_to("2026-03-06T19:00")
    assert (await cinema.get(night)).night.film_id == ("brazil" if counts is None else "alien")


async def test_who_is_outvoted_counts_more_where_the_host_wants_it(cinema: Cinema) -> None:
    for number, is_weighted in enumerate((False, True)):
        start = utc("2026-03-06T20:00") + timedelta(days=7 * number)
        night = await cinema.plan(
            starts=f"{start:%Y-%m-%d}", is_weighted=is_weighted, method=BallotMethod.ONE_VOTE
        )
        await cinema.nominate(night, MINA, "alien")
        await cinema.nominate(night, JONAS, "brazil")
        await cinema.advance_to(f"{start - timedelta(days=1):%Y-%m-%dT19:00}")
        await cinema.vote(night, MINA, "alien")
        await cinema.vote(night, JONAS, "brazil")
        if not is_weighted:
            await cinema.vote(night, SAM, "alien")
        await cinema.advance_to(f"{start:%Y-%m-%dT20:00}")
        assert (await cinema.get(night)).night.film_id == ("brazil" if is_weighted else "alien")
    box = await cinema.nights.repository.get_ballot_box(HERE, night.id)
    assert box is not None
    assert sorted(ballot.weight for ballot in box.ballots) == [100, 167]
    assert box.count().tie_breaks == ()


async def test_presses_at_once_are_all_kept(cinema: Cinema) -> None:
    night = await cinema.plan()
    for member, film in ((MINA, "alien"), (JONAS, "brazil"), (SAM, "clue")):
        await cinema.nominate(night, member, film)
    await cinema.advance_to("2026-03-05T19:00")
    presses = (cinema.nights.press_choice(HERE, night.id, MINA, film) for film in ("clue", "alien", "brazil"))
    await asyncio.gather(*presses)
    assert sorted(await cinema.nights.choices.get_choices(night.id, MINA)) == ["alien", "brazil", "clue"]
    assert await cinema.nights.press_choice(HERE, night.id, MINA, "unknown") != ("unknown",)


async def test_interest_in_the_event_counts_unless_answered_here(cinema: Cinema) -> None:
    night = await cinema.plan(film_id="alien")
    await cinema.come(night, JONAS, answer=Answer.NO)
    repository = cinema.nights.repository
    await repository.sync_event_users(HERE, night.id, [MINA, JONAS], cinema.now)
    assert (await cinema.get(night)).list_members(Answer.YES) == [MINA]
    await repository.sync_event_users(HERE, night.id, [JONAS], cinema.now)
    assert (await cinema.get(night)).list_members(Answer.YES) == []
    await repository.sync_event_users(HERE, night.id, [MINA], cinema.now)
    await cinema.come(night, MINA)  # who answers here stays, whatever the event says
    await repository.sync_event_users(HERE, night.id, [], cinema.now)
    assert (await cinema.get(night)).list_members(Answer.YES) == [MINA]


async def test_two_processes_take_each_step_and_job_once(cinema: Cinema, database_url: str) -> None:
    night = await cinema.plan()
    await cinema.nominate(night, MINA, "alien")
    await cinema.nominate(night, JONAS, "brazil")
    second_database = await Database.open(database_url)
    other = Cinema(second_database)
    jobs: list[str] = []
    for moment in ("2026-03-05T19:00", "2026-03-06T19:00", "2026-03-06T20:00", "2026-03-07T12:00"):
        cinema.now = other.now = utc(moment)
        for _ in range(2):
            await asyncio.gather(*(each.scheduler.advance(HERE) for each in (cinema, other)))
            for settled in await asyncio.gather(*(each.settle_jobs() for each in (cinema, other, cinema))):
                jobs += settled
    assert sorted(jobs) == ["announce", "ballot", "rate", "remind:60", "result", "start", "summary"]
    await second_database.close()


async def test_a_job_whose_process_died_is_reclaimed(cinema: Cinema) -> None:
    await cinema.plan()
    job = await cinema.scheduler.claim_job(HERE)
    assert job is not None
    assert not job.is_reclaimed
    await cinema.settle_jobs()
    assert await cinema.scheduler.get_wait() == LEASE
    cinema.now += LEASE
    again = await cinema.scheduler.claim_job(HERE)
    assert again is not None
    assert (again.kind, again.is_reclaimed, again.first_claimed_at) == (job.kind, True, job.first_claimed_at)
    assert not await cinema.scheduler.repository.settle_job(job)
    await cinema.scheduler.postpone_job(again)
    assert await cinema.scheduler.claim_job(HERE) is None


async def test_a_reminder_leads_to_one_message_for_each_who_wants_it_directly(cinema: Cinema) -> None:
    night = await cinema.plan(film_id="alien", reminders="30m")
    await cinema.come(night, MINA, JONAS)
    await cinema.nights.repository.set_direct(HERE, night.id, MINA, is_direct=True)
    await cinema.advance_to("2026-03-06T19:29")
    cinema.now = utc("2026-03-06T19:30")
    job = await cinema.scheduler.claim_job(HERE)
    assert job is not None
    for _ in range(2):  # a claim that was settled leads to nothing more
        await cinema.scheduler.repository.settle_reminder(job, [MINA], cinema.now)
    assert await cinema.settle_jobs() == [f"direct:30:{MINA}"]
    assert await cinema.settle_jobs() == []
    later = await cinema.plan(name="Later", starts="2026-03-13", film_id="alien")
    await cinema.come(later, MINA)  # remembered from the last time
    rsvp = await cinema.nights.repository.find_rsvp(later.id, MINA)
    assert rsvp is not None
    assert rsvp.is_direct


async def test_what_is_stored_about_a_member_is_exported_and_deleted(cinema: Cinema) -> None:
    night = await cinema.plan(host_id=MINA)
    await cinema.nominate(night, MINA, "alien", "My reason.")
    await cinema.nominate(night, JONAS, "brazil")
    await cinema.nominate(night, MINA, "brazil")
    await cinema.come(night, MINA, JONAS)
    await cinema.advance_to("2026-03-05T19:00")
    await cinema.vote(night, MINA, "brazil", "alien")
    await cinema.vote(night, JONAS, "brazil")
    await cinema.nights.repository.set_card(night.id, night.channel_id, 5)
    await cinema.advance_to("2026-03-06T19:00")
    privacy = privacy_repository(cinema.database)
    counts = (await privacy.export(MINA)).count_rows()
    tables = (
        "night_rsvps",
        "night_nominations",
        "night_supporters",
        "night_ballots",
        "night_fairness_debts",
        "nights",
    )
    assert {name: counts.get(name) for name in tables} == dict.fromkeys(tables, 1)
    assert await privacy.delete_data(MINA) == [HERE]
    left = (await privacy.export(MINA)).count_rows()
    assert not {name for name in left if name.startswith("night")}
    snapshot = await cinema.get(night)
    assert (snapshot.night.host_id, snapshot.list_members(Answer.YES)) == (None, [JONAS])
    assert [(each.member_id, each.reason) for each in snapshot.nominations] == [(None, ""), (JONAS, "")]
    debts = await cinema.database.fetch_all(select(night_fairness_debts.c.member_id))
    assert [row.member_id for row in debts] == [JONAS]
    # The anonymous count stays: it names nobody.
    box = await cinema.nights.repository.get_ballot_box(HERE, night.id)
    assert box is not None
    assert len(box.ballots) == 2


async def test_the_cache_has_the_nights_to_come(cinema: Cinema) -> None:
    night = await cinema.plan()
    assert cinema.nights.cache.get(HERE) == PlannedNights([night], "UTC")
    other = NightService(
        cinema.nights.repository, cinema.nights.choices, cinema.server_settings, lambda: cinema.now, Foreground()
    )
    await other.preload([HERE, THERE])
    assert other.cache.get(HERE) == PlannedNights([night], "UTC")
    await other.cache.close()


async def test_a_film_watched_elsewhere_makes_room_and_losers_of_a_single_night_come_again(cinema: Cinema) -> None:
    first = await cinema.plan(nominations_each=1, has_carry_over=True)
    later = await cinema.plan(name="Later", starts="2026-03-20", nominations_each=1)
    await cinema.nominate(later, MINA, "alien")
    await cinema.nominate(first, MINA, "alien")
    await cinema.nominate(first, JONAS, "brazil")
    with pytest.raises(NominationLimitError):
        await cinema.nominate(later, MINA, "clue")
    await cinema.advance_to("2026-03-05T19:00")
    await cinema.vote(first, JONAS, "alien")
    await cinema.advance_to("2026-03-07T12:00")
    assert (await cinema.get(first)).night.film_id == "alien"
    await cinema.nominate(later, MINA, "clue")
    with pytest.raises(NominationLimitError):
        await cinema.nominate(later, MINA, "dune")
    third = await cinema.plan(name="Third", starts="2026-03-27")
    assert [(each.film_id, each.member_id) for each in (await cinema.get(third)).standing] == [("brazil", JONAS)]
    fourth = await cinema.plan(name="Fourth", starts="2026-03-28")
    assert (await cinema.get(fourth)).standing == ()
