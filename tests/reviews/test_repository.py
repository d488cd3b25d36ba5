"""Ratings and reviews on both databases, at the same moment too, with every total held against them."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.moderation.models import Action, ContentRef, LogEntry
from bot.reviews.models import Reply, ReviewGoneError, SortOrder
from bot.reviews.repository import ReviewRepository
from bot.reviews.stars import StarTotals
from bot.reviews.tables import helpful_votes, ratings, replies, viewings
from tests.repositories import (
    membership_repository,
    moderation_repository,
    privacy_repository,
    reply_repository,
    review_repository,
)
from tests.reviews.ratings import (
    FILMS,
    HERE,
    JONAS,
    MINA,
    NOOR,
    NOW,
    SAM,
    THERE,
    check_totals,
    create_review_repository,
    draft,
)


@pytest.fixture
async def store(database: Database) -> ReviewRepository:
    return await create_review_repository(database)


async def test_a_rating_counts_at_once_and_a_second_one_updates_it(
    database: Database, store: ReviewRepository
) -> None:
    first = await store.store(draft(stars=8, text="Rain on every window.", is_spoiler=True), NOW)
    assert first.is_first
    assert first.review.text == "Rain on every window."
    second = await store.store(draft(stars=3), NOW + timedelta(days=2))
    assert not second.is_first
    assert second.review.id == first.review.id
    stored = await store.get_own(HERE, MINA, FILMS[0])
    assert stored is not None
    assert (stored.half_stars, stored.text, stored.is_spoiler) == (3, "Rain on every window.", True)
    assert (stored.created_at, stored.edited_at) == (NOW, NOW + timedelta(days=2))
    assert second.review == stored
    stars = await store.get_film_stars(HERE, FILMS[0], MINA)
    assert stars.totals == StarTotals.from_ratings([3])
    assert stars.own_half_stars == 3
    await check_totals(database)


async def test_only_a_text_that_replaces_another_is_an_edit(store: ReviewRepository) -> None:
    edit_times = []
    for day, words in enumerate((None, "Rain on every window.", "Rain on every window.", None, "Fog, rather.")):
        await store.store(draft(stars=3 + day, text=words), NOW + timedelta(days=day))
        stored = await store.get_own(HERE, MINA, FILMS[0])
        assert stored is not None
        edit_times.append((stored.edited_at, stored.text_edited_at))
    later = [NOW + timedelta(days=day) for day in range(5)]
    assert edit_times == [(None, None), (later[1], None), (later[2], None), (later[3], None), (later[4], later[4])]


async def test_the_diary_keeps_each_viewing(database: Database, store: ReviewRepository) -> None:
    async def stored() -> list[tuple[date | None, int | None, bool]]:
        async with database.read() as connection:
            rows = await connection.execute(select(viewings).order_by(viewings.c.id))
            return [(row.watched_on, row.stars, row.is_rewatch) for row in rows]

    await store.store(draft(stars=6), NOW)
    assert await stored() == [(None, 6, False)]
    day = date(2026, 11, 20)
    assert not (await store.store(draft(stars=7, watched_on=day), NOW + timedelta(hours=1))).is_rewatch
    assert await stored() == [(day, 7, False)]
    later = date(2026, 12, 24)
    assert (await store.store(draft(stars=9, watched_on=later), NOW + timedelta(days=34))).is_rewatch
    assert await stored() == [(day, 7, False), (later, 9, True)]
    assert not (await store.store(draft(stars=10), NOW + timedelta(days=35))).is_rewatch
    assert await stored() == [(day, 7, False), (later, 10, True)]
    assert not (await store.store(draft(stars=2, watched_on=day), NOW + timedelta(days=36))).is_rewatch
    assert await stored() == [(day, 2, False), (later, 10, True)]


async def test_many_at_once_are_all_stored_and_counted(database: Database, store: ReviewRepository) -> None:
    drafts = [
        draft(member=member, film=FILMS[member % 3], stars=1 + member % 10, server=HERE + member % 2)
        for member in range(1, 97)
    ]
    posted = await asyncio.gather(*(store.store(each, NOW) for each in drafts))
    assert all(each.is_first for each in posted)
    assert len({each.review.id for each in posted}) == len(drafts)
    for each, asked in zip(posted, drafts, strict=True):
        assert await store.get(asked.server_id, each.review.id) == each.review
    await check_totals(database)


async def test_one_member_posting_twice_at_once_has_one_rating(
    database: Database, store: ReviewRepository
) -> None:
    posted = await asyncio.gather(*(store.store(draft(stars=stars), NOW) for stars in (4, 7, 9, 1)))
    assert Counter(each.is_first for each in posted) == {True: 1, False: 3}
    assert len({each.review.id for each in posted}) == 1
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(ratings))).scalar_one() == 1
        assert (await connection.execute(select(func.count()).select_from(viewings))).scalar_one() == 1
    await check_totals(database)


async def test_a_bad_draft_in_a_group_harms_no_other(database: Database, store: ReviewRepository) -> None:
    outcomes = await asyncio.gather(
        store.store(draft(member=MINA), NOW),
        store.store(draft(member=JONAS, film="no-such-film"), NOW),
        store.store(draft(member=2**64), NOW),  # no database has such a number: the whole transaction fails
        store.store(draft(member=NOOR, text="Fine."), NOW),
        return_exceptions=True,
    )
    refused = "OverflowError" if database.is_sqlite else "StatementFailedError"
    assert [type(each).__name__ for each in outcomes] == ["PostResult", "FilmGoneError", refused, "PostResult"]
    await check_totals(database)


async def test_deleting_takes_everything_but_the_viewing(database: Database, store: ReviewRepository) -> None:
    review = (await store.store(draft(text="Slow, then not."), NOW)).review
    await reply_repository(database).add(HERE, review.id, Reply(0, JONAS, "Quite.", NOW))
    await store.toggle_helpful_vote(HERE, review.id, JONAS, NOW)
    assert await store.delete(HERE, MINA, FILMS[0])
    assert not await store.delete(HERE, MINA, FILMS[0])
    assert await store.get(HERE, review.id) is None
    async with database.read() as connection:
        for table in (replies, helpful_votes):
            assert not (await connection.execute(select(table))).all()
        assert [row.stars for row in await connection.execute(select(viewings))] == [None]
    await check_totals(database)


async def test_editing_while_deleting_leaves_one_clean_outcome(
    database: Database, store: ReviewRepository
) -> None:
    for _ in range(10):
        await store.store(draft(stars=5, text="One."), NOW)
        edited, deleted = await asyncio.gather(
            store.store(draft(stars=9, text="Two."), NOW), store.delete(HERE, MINA, FILMS[0])
        )
        assert deleted
        stored = await store.get_own(HERE, MINA, FILMS[0])
        # Either the edit came first and went with the review, or it came after and made a new one.
        assert stored is None if not edited.is_first else stored == edited.review
        await check_totals(database)
        await store.delete(HERE, MINA, FILMS[0])


async def test_another_servers_review_is_not_there(database: Database, store: ReviewRepository) -> None:
    review = (await store.store(draft(text="Ours."), NOW)).review
    assert await store.get(THERE, review.id) is None
    assert (await store.get_page(THERE, FILMS[0], SortOrder.NEWEST, 0)).review_count == 0
    assert (await store.get_film_stars(THERE, FILMS[0], MINA)).totals.rating_count == 0
    assert (await store.get_film_stars(THERE, FILMS[0], MINA)).own_half_stars is None
    with pytest.raises(ReviewGoneError):
        await store.toggle_helpful_vote(THERE, review.id, JONAS, NOW)
    with pytest.raises(ReviewGoneError):
        await reply_repository(database).add(THERE, review.id, Reply(0, JONAS, "Hello.", NOW))
    assert not await store.delete(THERE, MINA, FILMS[0])
    stored = await store.get(HERE, review.id)
    assert stored == review


async def test_pages_come_in_each_order_and_leave_out_what_is_hidden(
    database: Database, store: ReviewRepository
) -> None:
    for member in range(1, 9):
        minutes = timedelta(minutes=member)
        stars = (3 * member) % 10 + 1
        await store.store(
            draft(member=member, stars=stars, text=f"Number {member}." if member < 8 else None), NOW + minutes
        )
    fifth = await store.get_own(HERE, 5, FILMS[0])
    assert fifth is not None
    for voter in (6, 7, 8, 8):
        await store.toggle_helpful_vote(HERE, fifth.id, voter, NOW)
    third = await store.get_own(HERE, 3, FILMS[0])
    assert third is not None
    hide = LogEntry(Action.HIDE, SAM, None, NOW)
    await moderation_repository(database).decide(HERE, ContentRef(third.id), hide)

    async def members(sort: SortOrder) -> list[int]:
        pages = [await store.get_page(HERE, FILMS[0], sort, number) for number in range(2)]
        assert {page.review_count for page in pages} == {6}
        return [review.member_id for page in pages for review in page.reviews]

    assert await members(SortOrder.NEWEST) == [7, 6, 5, 4, 2, 1]
    assert await members(SortOrder.HIGHEST) == [6, 2, 5, 1, 4, 7]
    assert await members(SortOrder.LOWEST) == [7, 4, 1, 5, 2, 6]
    assert await members(SortOrder.HELPFUL) == [5, 7, 6, 4, 2, 1]
    assert (await store.get_page(HERE, FILMS[0], SortOrder.HELPFUL, 0)).reviews[0].helpful_count == 2
    assert (await store.get_page(HERE, FILMS[0], SortOrder.NEWEST, 99)).page == 1


async def test_departed_members_do_not_count_until_they_return(
    database: Database, store: ReviewRepository
) -> None:
    membership = membership_repository(database)
    await store.store(draft(member=MINA, stars=10, text="Mine."), NOW)
    await store.store(draft(member=JONAS, stars=2), NOW)
    for _ in range(2):  # told twice, counted once
        await membership.mark_departed(HERE, [MINA], NOW)
        assert (await store.get_film_stars(HERE, FILMS[0], None)).totals == StarTotals.from_ratings([2])
        assert (await store.get_page(HERE, FILMS[0], SortOrder.NEWEST, 0)).review_count == 0
        await check_totals(database)
    await membership.mark_present(HERE, [MINA], NOW)
    assert (await store.get_film_stars(HERE, FILMS[0], None)).totals == StarTotals.from_ratings([2, 10])
    await check_totals(database)
    await membership.mark_departed(HERE, [MINA], NOW)
    await store.store(draft(member=MINA, film=FILMS[1], stars=5), NOW)  # who rates is there
    assert (await store.get_film_stars(HERE, FILMS[0], None)).totals == StarTotals.from_ratings([2, 10])
    await store.delete(HERE, MINA, FILMS[0])
    await membership.mark_departed(HERE, [MINA], NOW)
    await store.delete(HERE, MINA, FILMS[1])
    await check_totals(database)


async def test_members_not_looked_up_for_longest_come_first(database: Database, store: ReviewRepository) -> None:
    membership = membership_repository(database)

    async def list_unchecked(hours: int, limit: int, server: int = HERE) -> list[int]:
        before = NOW + timedelta(hours=hours)
        after = before + timedelta(days=2)
        return await membership.list_unchecked(server, before=before, after=after, limit=limit)

    for member in (MINA, JONAS, SAM):
        await store.store(draft(member=member), NOW + timedelta(hours=member))
    assert await list_unchecked(3, 5) == [MINA, JONAS]
    await membership.mark_present(HERE, [MINA], NOW + timedelta(hours=9))
    assert await list_unchecked(10, 2) == [JONAS, SAM]
    assert await list_unchecked(10, 5, THERE) == []
    # The clock was set back since: whoever was looked up later than it can be is looked up again.
    assert await list_unchecked(-24 * 365, 5) == [JONAS, SAM, MINA]


async def test_two_processes_on_one_database_count_right(
    database_url: str, database: Database, store: ReviewRepository
) -> None:
    other = await Database.open(database_url)
    try:
        second = review_repository(other)
        await asyncio.gather(
            *(
                each.store(draft(member=member, stars=1 + (member + turn) % 10), NOW)
                for turn, each in enumerate((store, second))
                for member in range(1, 25)
            )
        )
    finally:
        await other.close()
    assert (await store.get_film_stars(HERE, FILMS[0], None)).totals.rating_count == 24
    await check_totals(database)


async def test_stored_reviews_are_there_after_reopening(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'second.db'}"
    database = await Database.open(url)
    await FilmRepository(database).save_many(
        [Film(id=FILMS[0], title="Night Bus", original_title="Night Bus", year=1994)]
    )
    posted = await review_repository(database).store(draft(text="Ünïcødé, 雨, 🌧️"), NOW)
    await database.close()
    database = await Database.open(url)
    assert await review_repository(database).get(HERE, posted.review.id) == posted.review
    await database.close()


async def _waiting(database: Database) -> int:
    """How many transactions wait for another's lock."""
    async with database.read() as connection:
        held_up = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return int((await connection.execute(held_up)).scalar_one())


@pytest.mark.postgres
async def test_a_vote_that_comes_while_the_voter_deletes_their_data_is_counted_right(postgres_url: str) -> None:
    database = await Database.open(postgres_url)
    try:
        await FilmRepository(database).save_many([Film(each, each, each, 2000) for each in FILMS])
        store = review_repository(database)
        first, second = [(await store.store(draft(film=film, text="Rain."), NOW)).review.id for film in FILMS[:2]]
        await store.toggle_helpful_vote(HERE, first, JONAS, NOW)
        async with database.write() as connection:
            # Somebody reads the first review for a reply, so that the deletion waits in its middle.
            await connection.execute(select(ratings).where(ratings.c.id == first).with_for_update())
            deletion = asyncio.create_task(privacy_repository(database).delete_data(JONAS))
            while await _waiting(database) < 1:
                pass
            vote = asyncio.create_task(store.toggle_helpful_vote(HERE, second, JONAS, NOW))
            while not vote.done() and await _waiting(database) < 2:
                pass
        await asyncio.gather(deletion, vote)
        votes = select(func.count()).where(helpful_votes.c.rating_id == ratings.c.id).scalar_subquery()
        rows = await database.fetch_all(select(ratings.c.helpful_count, votes.label("votes")))
        assert [row.helpful_count for row in rows] == [row.votes for row in rows]
    finally:
        await database.close()
