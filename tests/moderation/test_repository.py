"""Reports, decisions, blocks, settings and the log on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.core.database.engine import Database
from bot.members.repository import ServerSettingsRepository
from bot.members.server_settings import ServerSettings
from bot.moderation.models import (
    Action,
    Block,
    BlockedError,
    ContentRef,
    HiddenBy,
    LogEntry,
    Reason,
)
from bot.moderation.service import ModerationService
from bot.reviews.models import SortOrder
from bot.reviews.repository import ReviewRepository
from tests.repositories import list_log, moderation_repository, privacy_repository
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


async def test_a_blocked_member_is_refused_until_the_block_ends(
    database: Database, store: ReviewRepository
) -> None:
    moderation = moderation_repository(database)
    block = Block(MINA, NOW + timedelta(days=2), "Shouting", NOW)
    await moderation.block(HERE, block, LogEntry(Action.BLOCK, SAM, MINA, NOW))
    with pytest.raises(BlockedError) as refused:
        await store.store(draft(), NOW + timedelta(days=1))
    assert (refused.value.expires_at, refused.value.reason) == (block.expires_at, "Shouting")
    assert (await store.store(draft(server=THERE), NOW)).is_first
    assert (await store.store(draft(), NOW + timedelta(days=2))).is_first
    await check_totals(database)


async def test_enough_reports_hide_a_review_until_a_moderator_decides(
    database: Database, store: ReviewRepository
) -> None:
    moderation = moderation_repository(database)
    review = (await store.store(draft(text="Rude."), NOW)).review
    ref = ContentRef(review.id)
    reports = [
        await moderation.report(HERE, ref, member_id=member, reason=Reason.INSULT, now=NOW)
        for member in (JONAS, SAM, NOOR)
    ]
    assert reports == [False, False, True]
    hidden = await store.get(HERE, review.id)
    assert hidden is not None
    assert hidden.hidden_by is HiddenBy.REPORTS
    (case,) = await moderation.list_queue(HERE)
    assert case.reasons == {Reason.INSULT: 3}
    before = await moderation.decide(
        HERE, ContentRef(review.id), LogEntry(Action.DISMISS, SAM, None, NOW, reason="Fine")
    )
    assert before is not None
    assert before.content.ref == ContentRef(review.id)
    assert (before.content.text, before.content.hidden_by) == ("Rude.", HiddenBy.REPORTS)
    restored = await store.get(HERE, review.id)
    assert restored is not None
    assert restored.hidden_by is None
    assert await moderation.list_queue(HERE) == []
    log = await moderation.get_log_page(HERE, 0)
    assert [(entry.action, entry.actor_id, entry.member_id) for entry in log.entries] == [
        (Action.DISMISS, SAM, MINA),
        (Action.AUTO_HIDE, None, MINA),
    ]
    assert (await moderation.get_log_page(THERE)).entry_count == 0
    assert await moderation.decide(THERE, ContentRef(review.id), LogEntry(Action.DELETE, SAM, None, NOW)) is None


async def test_settings_changed_at_once_are_all_kept(database: Database) -> None:
    def service() -> ModerationService:
        return ModerationService(moderation_repository(database), ServerSettingsRepository(database), lambda: NOW)

    changes: tuple[dict[str, object], ...] = (
        {"minimum_raters": 5},
        {"report_threshold": 7},
        {"log_channel_id": 9},
        {"moderator_role_id": 11},
        {"word_filter": ("grot",)},
    )
    await asyncio.gather(*(service().change_settings(HERE, SAM, each) for each in changes))
    stored = await ServerSettingsRepository(database).get(HERE)
    assert stored == ServerSettings(
        minimum_raters=5, report_threshold=7, log_channel_id=9, moderator_role_id=11, word_filter=("grot",)
    )
    log = await list_log(moderation_repository(database), HERE)
    assert {entry.reason for entry in log} == {
        "minimum raters: 5",
        "report threshold: 7",
        "log channel: 9",
        "moderator role: 11",
        "blocked words: 1 word",
    }
    unchanged = await service().change_settings(HERE, SAM, {"log_channel_id": 9})
    assert unchanged == stored
    assert len(await list_log(moderation_repository(database), HERE)) == len(changes)


async def test_the_database_refuses_to_change_the_log(database: Database) -> None:
    moderation = moderation_repository(database)
    service = ModerationService(moderation, ServerSettingsRepository(database), lambda: NOW)
    await service.change_settings(HERE, SAM, {"minimum_raters": 5})
    assert await ServerSettingsRepository(database).get(HERE) == ServerSettings(minimum_raters=5)
    for statement in ("UPDATE moderation_log SET reason = 'x'", "DELETE FROM moderation_log"):
        with pytest.raises(DBAPIError, match="can only be added to"):
            async with database.write() as connection:
                await connection.execute(text(statement))
    assert len(await list_log(moderation, HERE)) == 1


async def test_a_review_after_one_that_was_taken_down_needs_approval(
    database: Database, store: ReviewRepository
) -> None:
    moderation = moderation_repository(database)

    async def decide(review_id: int, action: Action) -> None:
        await moderation.decide(HERE, ContentRef(review_id), LogEntry(action, SAM, None, NOW))

    first = (await store.store(draft(text="Rude."), NOW)).review
    await decide(first.id, Action.HIDE)
    assert not (await store.store(draft(), NOW)).needs_review  # nothing new to read in it
    assert (await store.store(draft(text="Ruder."), NOW)).needs_review
    assert [each.content.text for each in await moderation.list_queue(HERE)] == ["Ruder."]
    await decide(first.id, Action.HIDE)
    assert await moderation.list_queue(HERE) == []
    for _ in range(2):  # deleting what is held and posting it anew is no way around either
        assert await store.delete(HERE, MINA, FILMS[0])
        starred = await store.store(draft(stars=3), NOW)
        assert not starred.needs_review
        assert starred.review.hidden_by is None
        posted = await store.store(draft(text="Rude again."), NOW)
        assert posted.needs_review
        assert posted.review.hidden_by is HiddenBy.PRE_MODERATION
        assert not (await store.store(draft(text="And again."), NOW)).needs_review  # the moderators know
        (case,) = await moderation.list_queue(HERE)
        assert (case.content.text, case.content.hidden_by, case.reasons) == (
            "And again.",
            HiddenBy.PRE_MODERATION,
            {},
        )
        assert (await store.get_page(HERE, FILMS[0], SortOrder.NEWEST, 0)).review_count == 0
        assert (await store.get_film_stars(HERE, FILMS[0], None)).totals.rating_count == 1
    # Others, other films and other servers are as before; with the text gone nothing waits.
    for other in (
        draft(JONAS, text="Mild."),
        draft(film=FILMS[1], text="Mild."),
        draft(server=THERE, text="Mild."),
    ):
        assert (await store.store(other, NOW)).review.hidden_by is None
    await store.store(draft(text=""), NOW)
    assert await moderation.list_queue(HERE) == []
    unchanged = (await store.store(draft(text="Polite."), NOW)).review
    await decide(unchanged.id, Action.RESTORE)
    assert await moderation.list_queue(HERE) == []
    await store.delete(HERE, MINA, FILMS[0])
    assert (await store.store(draft(text="Polite, too."), NOW)).review.hidden_by is None
    await check_totals(database)


async def test_reviews_hidden_by_reports_or_deleted_need_approval_when_posted_again(
    database: Database, store: ReviewRepository
) -> None:
    moderation = moderation_repository(database)
    both = [draft(text="Rude."), draft(JONAS, text="Rude.")]
    reported, deleted = [(await store.store(each, NOW)).review for each in both]
    for member in (SAM, NOOR, 5):
        await moderation.report(HERE, ContentRef(reported.id), member_id=member, reason=Reason.INSULT, now=NOW)
    await store.delete(HERE, MINA, FILMS[0])
    await moderation.decide(HERE, ContentRef(deleted.id), LogEntry(Action.DELETE, SAM, None, NOW))
    results = await asyncio.gather(*(store.store(each, NOW) for each in both))
    assert [each.needs_review for each in results] == [True, True]
    await moderation.report(HERE, ContentRef(results[0].review.id), member_id=SAM, reason=Reason.SPAM, now=NOW)
    assert {each.content.author_id for each in await moderation.list_queue(HERE)} == {MINA, JONAS}
    await privacy_repository(database).delete_data(MINA)  # nothing is left to know her by
    assert not (await store.store(both[0], NOW)).needs_review
