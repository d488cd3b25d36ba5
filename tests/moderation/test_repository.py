"""Reports, decisions, blocks, settings and the log on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.core.database.engine import Database
from bot.members.server_settings import ServerSettings
from bot.members.server_settings_repository import ServerSettingsRepository
from bot.moderation.models import Action, Block, LogEntry, Reason, Subject
from bot.moderation.repository import ModerationStore
from bot.moderation.service import ModerationService
from bot.reviews.repository import ReviewStore
from bot.reviews.service import BlockedError, HiddenBy, Sort
from tests.repositories import privacy_repository
from tests.reviews.reviewing import FILMS, HERE, JONAS, MINA, NOOR, NOW, SAM, THERE, draft, recount, review_store


@pytest.fixture
async def store(database: Database) -> ReviewStore:
    return await review_store(database)


async def test_a_blocked_member_is_refused_until_the_block_ends(database: Database, store: ReviewStore) -> None:
    moderation = ModerationStore(database)
    block = Block(MINA, NOW + timedelta(days=2), "Shouting", NOW)
    await moderation.block(HERE, block, LogEntry(Action.BLOCK, SAM, MINA, NOW))
    with pytest.raises(BlockedError) as refused:
        await store.put(draft(), NOW + timedelta(days=1))
    assert (refused.value.expires_at, refused.value.reason) == (block.expires_at, "Shouting")
    assert (await store.put(draft(server=THERE), NOW)).first
    assert (await store.put(draft(), NOW + timedelta(days=2))).first
    await recount(database)


async def test_enough_reports_hide_a_review_until_a_moderator_decides(
    database: Database, store: ReviewStore
) -> None:
    moderation = ModerationStore(database)
    review = (await store.put(draft(text="Rude."), NOW)).review
    reports = [(Subject(review.id), member, Reason.INSULT) for member in (JONAS, SAM, NOOR)]
    assert [await moderation.report(HERE, report, NOW) for report in reports] == [False, False, True]
    hidden = await store.get(HERE, review.id)
    assert hidden is not None
    assert hidden.hidden_by is HiddenBy.REPORTS
    (waiting,) = await moderation.queue(HERE)
    assert waiting.reasons == {Reason.INSULT: 3}
    before = await moderation.decide(
        HERE, Subject(review.id), LogEntry(Action.DISMISS, SAM, None, NOW, reason="Fine")
    )
    assert before is not None
    assert before.review == hidden
    restored = await store.get(HERE, review.id)
    assert restored is not None
    assert restored.hidden_by is None
    assert await moderation.queue(HERE) == []
    log = await moderation.log(HERE, 0)
    assert [(entry.action, entry.actor_id, entry.member_id) for entry in log.entries] == [
        (Action.DISMISS, SAM, MINA),
        (Action.AUTO_HIDE, None, MINA),
    ]
    assert (await moderation.log(THERE, 0)).count == 0
    assert await moderation.decide(THERE, Subject(review.id), LogEntry(Action.DELETE, SAM, None, NOW)) is None


async def test_settings_changed_at_once_are_all_kept(database: Database) -> None:
    def service() -> ModerationService:
        return ModerationService(ModerationStore(database), ServerSettingsRepository(database), lambda: NOW)

    changes: tuple[dict[str, object], ...] = (
        {"minimum_raters": 5},
        {"report_threshold": 7},
        {"log_channel_id": 9},
        {"moderator_role_id": 11},
        {"word_filter": ("grot",)},
    )
    await asyncio.gather(*(service().change_settings(HERE, SAM, each) for each in changes))
    kept = await ServerSettingsRepository(database).get(HERE)
    assert kept == ServerSettings(
        minimum_raters=5, report_threshold=7, log_channel_id=9, moderator_role_id=11, word_filter=("grot",)
    )
    log = await ModerationStore(database).log(HERE, None)
    assert {entry.reason for entry in log.entries} == {
        "minimum raters: 5",
        "report threshold: 7",
        "log channel: 9",
        "moderator role: 11",
        "blocked words: 1 word",
    }
    again = await service().change_settings(HERE, SAM, {"log_channel_id": 9})
    assert again == kept
    assert (await ModerationStore(database).log(HERE, None)).count == len(changes)


async def test_the_database_refuses_to_change_the_log(database: Database) -> None:
    moderation = ModerationStore(database)
    service = ModerationService(moderation, ServerSettingsRepository(database), lambda: NOW)
    await service.change_settings(HERE, SAM, {"minimum_raters": 5})
    assert await ServerSettingsRepository(database).get(HERE) == ServerSettings(minimum_raters=5)
    for statement in ("UPDATE moderation_log SET reason = 'x'", "DELETE FROM moderation_log"):
        with pytest.raises(DBAPIError, match="can only be added to"):
            async with database.write() as connection:
                await connection.execute(text(statement))
    assert (await moderation.log(HERE, None)).count == 1


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
        assert starred.review.hidden_by is None
        posted = await store.put(draft(text="Rude again."), NOW)
        assert posted.held
        assert posted.review.hidden_by is HiddenBy.HELD
        assert not (await store.put(draft(text="And again."), NOW)).held  # the moderators know
        (waiting,) = await moderation.queue(HERE)
        assert (waiting.review.text, waiting.hidden_by, waiting.reasons) == ("And again.", HiddenBy.HELD, {})
        assert (await store.page(HERE, FILMS[0], Sort.NEWEST, 0)).count == 0
        assert (await store.film_stars(HERE, FILMS[0], None)).totals.count == 1
    # Others, other films and other servers are as before; with the text gone nothing waits.
    for other in (
        draft(JONAS, text="Mild."),
        draft(film=FILMS[1], text="Mild."),
        draft(server=THERE, text="Mild."),
    ):
        assert (await store.put(other, NOW)).review.hidden_by is None
    await store.put(draft(text=""), NOW)
    assert await moderation.queue(HERE) == []
    again = (await store.put(draft(text="Polite."), NOW)).review
    await decide(again.id, Action.RESTORE)
    assert await moderation.queue(HERE) == []
    await store.delete(HERE, MINA, FILMS[0])
    assert (await store.put(draft(text="Polite, too."), NOW)).review.hidden_by is None
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
    await privacy_repository(database).delete_data(MINA)  # nothing is left to know her by
    assert not (await store.put(both[0], NOW)).held
