import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bot.films.film import Film
from bot.films.moderation.model import Action, Block, LogEntry, Reason, ReviewSettings, Subject
from bot.films.moderation.service import Moderation
from bot.films.reviews import BlockedError, Draft, HiddenBy, Reply, ReviewGoneError, Sort
from bot.films.stars import Totals
from bot.storage.database import Database
from bot.storage.films import FilmStore
from bot.storage.moderation import ModerationStore
from bot.storage.presence import PresenceStore
from bot.storage.privacy import PrivacyStore
from bot.storage.replies import ReplyStore
from bot.storage.reviews import ReviewStore
from bot.storage.schema import helpful_votes, rating_totals, ratings, replies, viewings
from bot.storage.totals import totals_of

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM, NOOR = 1, 2, 3, 4
FILMS = ("night-bus-1994", "glass-harbour-2003", "salt-2011")


@pytest.fixture
async def store(database: Database) -> ReviewStore:
    await FilmStore(database).put_many(
        [Film(id=film_id, title=film_id, original_title=film_id, year=2000) for film_id in FILMS]
    )
    return ReviewStore(database)


def draft(member: int = MINA, film: str = FILMS[0], stars: int = 8, server: int = HERE, **more: object) -> Draft:
    return Draft(server, member, film, stars, **more)  # type: ignore[arg-type]


async def recount(database: Database) -> None:
    """Hold every total against the ratings themselves."""
    async with database.read() as connection:
        rows = (await connection.execute(select(ratings).where(ratings.c.counted))).all()
        kept = (await connection.execute(select(rating_totals))).all()
    expected: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        expected.setdefault((row.server_id, row.film_id), []).append(row.stars)
    for row in kept:
        stars = expected.pop((row.server_id, row.film_id), [])
        assert totals_of(row) == Totals.of(stars)
        assert (row.count, row.sum) == (len(stars), sum(stars))
    assert not expected


async def test_a_rating_counts_at_once_and_a_second_one_updates_it(database: Database, store: ReviewStore) -> None:
    first = await store.put(draft(stars=8, text="Rain on every window.", spoiler=True), NOW)
    assert first.first
    assert first.review.text == "Rain on every window."
    again = await store.put(draft(stars=3), NOW + timedelta(days=2))
    assert not again.first
    assert again.review.id == first.review.id
    kept = await store.own(HERE, MINA, FILMS[0])
    assert kept is not None
    assert (kept.stars, kept.text, kept.spoiler) == (3, "Rain on every window.", True)
    assert (kept.created, kept.edited) == (NOW, NOW + timedelta(days=2))
    assert again.review == kept
    stars = await store.film_stars(HERE, FILMS[0], MINA)
    assert stars.totals == Totals.of([3])
    assert stars.own == 3
    await recount(database)


async def test_a_text_that_takes_anothers_place_is_an_edit_and_the_first_is_none(store: ReviewStore) -> None:
    told = []
    for day, words in enumerate((None, "Rain on every window.", "Rain on every window.", None, "Fog, rather.")):
        await store.put(draft(stars=3 + day, text=words), NOW + timedelta(days=day))
        kept = await store.own(HERE, MINA, FILMS[0])
        assert kept is not None
        told.append((kept.edited, kept.reworded))
    later = [NOW + timedelta(days=day) for day in range(5)]
    assert told == [(None, None), (later[1], None), (later[2], None), (later[3], None), (later[4], later[4])]


async def test_the_diary_keeps_each_viewing(database: Database, store: ReviewStore) -> None:
    async def kept() -> list[tuple[date | None, int | None, bool]]:
        async with database.read() as connection:
            rows = await connection.execute(select(viewings).order_by(viewings.c.id))
            return [(row.watched_on, row.stars, row.rewatch) for row in rows]

    await store.put(draft(stars=6), NOW)
    assert await kept() == [(None, 6, False)]
    day = date(2026, 11, 20)
    assert not (await store.put(draft(stars=7, watched_on=day), NOW + timedelta(hours=1))).rewatch
    assert await kept() == [(day, 7, False)]
    later = date(2026, 12, 24)
    assert (await store.put(draft(stars=9, watched_on=later), NOW + timedelta(days=34))).rewatch
    assert await kept() == [(day, 7, False), (later, 9, True)]
    assert not (await store.put(draft(stars=10), NOW + timedelta(days=35))).rewatch
    assert await kept() == [(day, 7, False), (later, 10, True)]
    assert not (await store.put(draft(stars=2, watched_on=day), NOW + timedelta(days=36))).rewatch
    assert await kept() == [(day, 2, False), (later, 10, True)]


async def test_many_at_once_are_all_stored_and_counted(database: Database, store: ReviewStore) -> None:
    drafts = [
        draft(member=member, film=FILMS[member % 3], stars=1 + member % 10, server=HERE + member % 2)
        for member in range(1, 97)
    ]
    posted = await asyncio.gather(*(store.put(each, NOW) for each in drafts))
    assert all(each.first for each in posted)
    assert len({each.review.id for each in posted}) == len(drafts)
    for each, asked in zip(posted, drafts, strict=True):
        assert await store.get(asked.server_id, each.review.id) == each.review
    await recount(database)


async def test_one_member_posting_twice_at_once_has_one_rating(database: Database, store: ReviewStore) -> None:
    posted = await asyncio.gather(*(store.put(draft(stars=stars), NOW) for stars in (4, 7, 9, 1)))
    assert Counter(each.first for each in posted) == {True: 1, False: 3}
    assert len({each.review.id for each in posted}) == 1
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(ratings))).scalar_one() == 1
        assert (await connection.execute(select(func.count()).select_from(viewings))).scalar_one() == 1
    await recount(database)


async def test_a_bad_draft_in_a_group_harms_no_other(database: Database, store: ReviewStore) -> None:
    outcomes = await asyncio.gather(
        store.put(draft(member=MINA), NOW),
        store.put(draft(member=JONAS, film="no-such-film"), NOW),
        store.put(draft(member=2**64), NOW),  # no database has such a number: the whole transaction fails
        store.put(draft(member=NOOR, text="Fine."), NOW),
        return_exceptions=True,
    )
    refused = "OverflowError" if database.is_sqlite else "DatabaseRefusedError"
    assert [type(each).__name__ for each in outcomes] == ["Posted", "FilmGoneError", refused, "Posted"]
    await recount(database)


async def test_a_blocked_member_is_refused_until_the_block_ends(database: Database, store: ReviewStore) -> None:
    moderation = ModerationStore(database)
    block = Block(MINA, NOW + timedelta(days=2), "Shouting", NOW)
    await moderation.block(HERE, block, LogEntry(Action.BLOCK, SAM, MINA, NOW))
    with pytest.raises(BlockedError) as refused:
        await store.put(draft(), NOW + timedelta(days=1))
    assert (refused.value.until, refused.value.reason) == (block.until, "Shouting")
    assert (await store.put(draft(server=THERE), NOW)).first
    assert (await store.put(draft(), NOW + timedelta(days=2))).first
    await recount(database)


async def test_deleting_takes_everything_but_the_viewing(database: Database, store: ReviewStore) -> None:
    review = (await store.put(draft(text="Slow, then not."), NOW)).review
    await ReplyStore(database).add(HERE, review.id, Reply(0, JONAS, "Quite.", NOW))
    await store.set_helpful(HERE, review.id, JONAS, NOW)
    assert await store.delete(HERE, MINA, FILMS[0])
    assert not await store.delete(HERE, MINA, FILMS[0])
    assert await store.get(HERE, review.id) is None
    async with database.read() as connection:
        for table in (replies, helpful_votes):
            assert not (await connection.execute(select(table))).all()
        assert [row.stars for row in await connection.execute(select(viewings))] == [None]
    await recount(database)


async def test_editing_while_deleting_leaves_one_clean_outcome(database: Database, store: ReviewStore) -> None:
    for _ in range(10):
        await store.put(draft(stars=5, text="One."), NOW)
        edited, deleted = await asyncio.gather(
            store.put(draft(stars=9, text="Two."), NOW), store.delete(HERE, MINA, FILMS[0])
        )
        assert deleted
        kept = await store.own(HERE, MINA, FILMS[0])
        # Either the edit came first and went with the review, or it came after and made a new one.
        assert kept is None if not edited.first else kept == edited.review
        await recount(database)
        await store.delete(HERE, MINA, FILMS[0])


async def test_another_servers_review_is_not_there(database: Database, store: ReviewStore) -> None:
    review = (await store.put(draft(text="Ours."), NOW)).review
    assert await store.get(THERE, review.id) is None
    assert (await store.page(THERE, FILMS[0], Sort.NEWEST, 0)).count == 0
    assert (await store.film_stars(THERE, FILMS[0], MINA)).totals.count == 0
    assert (await store.film_stars(THERE, FILMS[0], MINA)).own is None
    with pytest.raises(ReviewGoneError):
        await store.set_helpful(THERE, review.id, JONAS, NOW)
    with pytest.raises(ReviewGoneError):
        await ReplyStore(database).add(THERE, review.id, Reply(0, JONAS, "Hello.", NOW))
    assert not await store.delete(THERE, MINA, FILMS[0])
    kept = await store.get(HERE, review.id)
    assert kept == review


async def test_pages_come_in_each_order_and_leave_out_what_is_hidden(
    database: Database, store: ReviewStore
) -> None:
    for member in range(1, 9):
        minutes = timedelta(minutes=member)
        stars = (3 * member) % 10 + 1
        await store.put(
            draft(member=member, stars=stars, text=f"Number {member}." if member < 8 else None), NOW + minutes
        )
    fifth = await store.own(HERE, 5, FILMS[0])
    assert fifth is not None
    for voter in (6, 7, 7):
        await store.set_helpful(HERE, fifth.id, voter, NOW)
    third = await store.own(HERE, 3, FILMS[0])
    assert third is not None
    hide = LogEntry(Action.HIDE, SAM, None, NOW)
    await ModerationStore(database).decide(HERE, Subject(third.id), hide)

    async def members(sort: Sort) -> list[int]:
        pages = [await store.page(HERE, FILMS[0], sort, number) for number in range(2)]
        assert {page.count for page in pages} == {6}
        return [review.member_id for page in pages for review in page.reviews]

    assert await members(Sort.NEWEST) == [7, 6, 5, 4, 2, 1]
    assert await members(Sort.HIGHEST) == [6, 2, 5, 1, 4, 7]
    assert await members(Sort.LOWEST) == [7, 4, 1, 5, 2, 6]
    assert await members(Sort.HELPFUL) == [5, 7, 6, 4, 2, 1]
    assert (await store.page(HERE, FILMS[0], Sort.HELPFUL, 0)).reviews[0].helpful == 2
    assert (await store.page(HERE, FILMS[0], Sort.NEWEST, 99)).page == 1


async def test_who_left_does_not_count_until_they_come_back(database: Database, store: ReviewStore) -> None:
    presence = PresenceStore(database)
    await store.put(draft(member=MINA, stars=10, text="Mine."), NOW)
    await store.put(draft(member=JONAS, stars=2), NOW)
    for _ in range(2):  # told twice, counted once
        await presence.departed(HERE, [MINA], NOW)
        assert (await store.film_stars(HERE, FILMS[0], None)).totals == Totals.of([2])
        assert (await store.page(HERE, FILMS[0], Sort.NEWEST, 0)).count == 0
        await recount(database)
    await presence.present(HERE, [MINA], NOW)
    assert (await store.film_stars(HERE, FILMS[0], None)).totals == Totals.of([2, 10])
    await recount(database)
    await presence.departed(HERE, [MINA], NOW)
    await store.put(draft(member=MINA, film=FILMS[1], stars=5), NOW)  # who rates is there
    assert (await store.film_stars(HERE, FILMS[0], None)).totals == Totals.of([2, 10])
    await store.delete(HERE, MINA, FILMS[0])
    await presence.departed(HERE, [MINA], NOW)
    await store.delete(HERE, MINA, FILMS[1])
    await recount(database)


async def test_who_was_not_looked_up_for_longest_comes_first(database: Database, store: ReviewStore) -> None:
    presence = PresenceStore(database)
    for member in (MINA, JONAS, SAM):
        await store.put(draft(member=member), NOW + timedelta(hours=member))
    assert await presence.unchecked(HERE, NOW + timedelta(hours=3), 5) == [MINA, JONAS]
    await presence.present(HERE, [MINA], NOW + timedelta(hours=9))
    assert await presence.unchecked(HERE, NOW + timedelta(hours=10), 2) == [JONAS, SAM]
    assert await presence.unchecked(THERE, NOW + timedelta(hours=10), 5) == []


async def test_enough_reports_hide_a_review_until_a_moderator_decides(
    database: Database, store: ReviewStore
) -> None:
    moderation = ModerationStore(database)
    review = (await store.put(draft(text="Rude."), NOW)).review
    reports = [(Subject(review.id), member, Reason.INSULT) for member in (JONAS, SAM, NOOR)]
    assert [await moderation.report(HERE, report, NOW) for report in reports] == [False, False, True]
    hidden = await store.get(HERE, review.id)
    assert hidden is not None
    assert hidden.hidden is HiddenBy.REPORTS
    (waiting,) = await moderation.queue(HERE)
    assert waiting.reasons == {Reason.INSULT: 3}
    before = await moderation.decide(
        HERE, Subject(review.id), LogEntry(Action.DISMISS, SAM, None, NOW, reason="Fine")
    )
    assert before is not None
    assert before.review == hidden
    restored = await store.get(HERE, review.id)
    assert restored is not None
    assert restored.hidden is None
    assert await moderation.queue(HERE) == []
    log = await moderation.log(HERE, 0)
    assert [(entry.action, entry.actor_id, entry.member_id) for entry in log.entries] == [
        (Action.DISMISS, SAM, MINA),
        (Action.AUTO_HIDE, None, MINA),
    ]
    assert (await moderation.log(THERE, 0)).count == 0
    assert await moderation.decide(THERE, Subject(review.id), LogEntry(Action.DELETE, SAM, None, NOW)) is None


async def test_settings_changed_at_once_are_all_kept(database: Database) -> None:
    def service() -> Moderation:
        return Moderation(ModerationStore(database), lambda: NOW)

    changes = ({"minimum_raters": 5}, {"report_threshold": 7}, {"log_channel": 9}, {"moderator_role": 11})
    await asyncio.gather(
        *(
            Moderation(ModerationStore(database), lambda: NOW).change_settings(HERE, SAM, **each)
            for each in changes
        )
    )
    kept = await ModerationStore(database).settings(HERE)
    assert (kept.minimum_raters, kept.report_threshold, kept.log_channel, kept.moderator_role) == (5, 7, 9, 11)
    assert (await ModerationStore(database).log(HERE, None)).count == len(changes)
    again = await service().change_settings(HERE, SAM, log_channel=9)
    assert again == kept
    assert (await ModerationStore(database).log(HERE, None)).count == len(changes)


async def test_the_database_refuses_to_change_the_log(database: Database) -> None:
    moderation = ModerationStore(database)
    await moderation.change_settings(
        HERE, lambda known: replace(known, minimum_raters=5), LogEntry(Action.SETTINGS, SAM, None, NOW)
    )
    assert await ModerationStore(database).settings(HERE) == ReviewSettings(minimum_raters=5)
    for statement in ("UPDATE moderation_log SET reason = 'x'", "DELETE FROM moderation_log"):
        with pytest.raises(DBAPIError, match="can only be added to"):
            async with database.write() as connection:
                await connection.execute(text(statement))
    assert (await moderation.log(HERE, None)).count == 1


async def test_two_processes_on_one_database_count_right(
    database_url: str, database: Database, store: ReviewStore
) -> None:
    other = await Database.open(database_url)
    try:
        second = ReviewStore(other)
        await asyncio.gather(
            *(
                each.put(draft(member=member, stars=1 + (member + turn) % 10), NOW)
                for turn, each in enumerate((store, second))
                for member in range(1, 25)
            )
        )
    finally:
        await other.close()
    assert (await store.film_stars(HERE, FILMS[0], None)).totals.count == 24
    await recount(database)


async def test_what_is_stored_is_there_after_opening_anew(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'again.db'}"
    database = await Database.open(url)
    await FilmStore(database).put_many(
        [Film(id=FILMS[0], title="Night Bus", original_title="Night Bus", year=1994)]
    )
    posted = await ReviewStore(database).put(draft(text="Ünïcødé, 雨, 🌧️"), NOW)
    await database.close()
    database = await Database.open(url)
    assert await ReviewStore(database).get(HERE, posted.review.id) == posted.review
    await database.close()


async def test_what_is_posted_anew_after_it_was_taken_down_is_held(database: Database, store: ReviewStore) -> None:
    moderation = ModerationStore(database)

    async def decide(review_id: int, action: Action) -> None:
        await moderation.decide(HERE, Subject(review_id), LogEntry(action, SAM, None, NOW))

    first = (await store.put(draft(text="Rude."), NOW)).review
    await decide(first.id, Action.HIDE)
    assert not (await store.put(draft(), NOW)).held  # nothing new to read in it
    assert (await store.put(draft(text="Ruder."), NOW)).held
    assert [each.review.text for each in await moderation.queue(HERE)] == ["Ruder."]
    await decide(first.id, Action.HIDE)
    assert await moderation.queue(HERE) == []
    for _ in range(2):  # deleting what is held and posting it anew is no way around either
        assert await store.delete(HERE, MINA, FILMS[0])
        starred = await store.put(draft(stars=3), NOW)
        assert not starred.held
        assert starred.review.hidden is None
        posted = await store.put(draft(text="Rude again."), NOW)
        assert posted.held
        assert posted.review.hidden is HiddenBy.HELD
        assert not (await store.put(draft(text="And again."), NOW)).held  # the moderators know
        (waiting,) = await moderation.queue(HERE)
        assert (waiting.review.text, waiting.hidden, waiting.reasons) == ("And again.", HiddenBy.HELD, {})
        assert (await store.page(HERE, FILMS[0], Sort.NEWEST, 0)).count == 0
        assert (await store.film_stars(HERE, FILMS[0], None)).totals.count == 1
    # Others, other films and other servers are as before; with the text gone nothing waits.
    for other in (
        draft(JONAS, text="Mild."),
        draft(film=FILMS[1], text="Mild."),
        draft(server=THERE, text="Mild."),
    ):
        assert (await store.put(other, NOW)).review.hidden is None
    await store.put(draft(text=""), NOW)
    assert await moderation.queue(HERE) == []
    again = (await store.put(draft(text="Polite."), NOW)).review
    await decide(again.id, Action.RESTORE)
    assert await moderation.queue(HERE) == []
    await store.delete(HERE, MINA, FILMS[0])
    assert (await store.put(draft(text="Polite, too."), NOW)).review.hidden is None
    await recount(database)


async def test_a_review_that_reports_hid_or_a_moderator_deleted_comes_back_through_the_queue(
    database: Database, store: ReviewStore
) -> None:
    moderation = ModerationStore(database)
    both = [draft(text="Rude."), draft(JONAS, text="Rude.")]
    reported, deleted = [(await store.put(each, NOW)).review for each in both]
    for member in (SAM, NOOR, 5):
        await moderation.report(HERE, (Subject(reported.id), member, Reason.INSULT), NOW)
    await store.delete(HERE, MINA, FILMS[0])
    await moderation.decide(HERE, Subject(deleted.id), LogEntry(Action.DELETE, SAM, None, NOW))
    results = await asyncio.gather(*(store.put(each, NOW) for each in both))
    assert [each.held for each in results] == [True, True]
    await moderation.report(HERE, (Subject(results[0].review.id), SAM, Reason.SPAM), NOW)
    assert {each.review.member_id for each in await moderation.queue(HERE)} == {MINA, JONAS}
    await PrivacyStore(database).delete(MINA)  # nothing is left to know her by
    assert not (await store.put(both[0], NOW)).held


async def _waiting(database: Database) -> int:
    """How many transactions wait for another's lock."""
    async with database.read() as connection:
        held_up = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return int((await connection.execute(held_up)).scalar_one())


@pytest.mark.postgres
async def test_a_vote_that_comes_while_the_voter_deletes_their_data_is_counted_right(postgres_url: str) -> None:
    database = await Database.open(postgres_url)
    try:
        await FilmStore(database).put_many([Film(each, each, each, 2000) for each in FILMS])
        store = ReviewStore(database)
        first, second = [(await store.put(draft(film=film, text="Rain."), NOW)).review.id for film in FILMS[:2]]
        await store.set_helpful(HERE, first, JONAS, NOW)
        async with database.write() as connection:
            # Somebody reads the first review for a reply, so that the deletion waits in its middle.
            await connection.execute(select(ratings).where(ratings.c.id == first).with_for_update())
            deletion = asyncio.create_task(PrivacyStore(database).delete(JONAS))
            while await _waiting(database) < 1:
                pass
            vote = asyncio.create_task(store.set_helpful(HERE, second, JONAS, NOW))
            while not vote.done() and await _waiting(database) < 2:
                pass
        await asyncio.gather(deletion, vote)
        votes = select(func.count()).where(helpful_votes.c.rating_id == ratings.c.id).scalar_subquery()
        rows = await database.rows(select(ratings.c.helpful, votes.label("votes")))
        assert [row.helpful for row in rows] == [row.votes for row in rows]
    finally:
        await database.close()
