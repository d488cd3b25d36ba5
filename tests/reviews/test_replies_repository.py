"""Replies, votes and decisions on both databases, at the same moment too."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.members.repository import ServerSettingsRepository
from bot.moderation.models import Action, AlreadyReportedError, ContentRef, HiddenBy, LogEntry, Reason
from bot.moderation.service import ModerationService
from bot.moderation.tables import reply_reports
from bot.reviews.models import Draft, Reply, ReplyGoneError, ReplyResult, ReviewGoneError
from bot.reviews.tables import replies
from tests.repositories import (
    list_log,
    moderation_repository,
    privacy_repository,
    reply_repository,
    review_repository,
)

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM, NOOR = 1, 2, 3, 4
FILM = "night-bus-1994"


@pytest.fixture
async def review_id(database: Database) -> int:
    await FilmRepository(database).save_many([Film(id=FILM, title=FILM, original_title=FILM, year=1994)])
    return (await review_repository(database).store(Draft(HERE, MINA, FILM, 8, "Rain."), NOW)).review.id


@pytest.fixture
async def reply_id(database: Database, review_id: int) -> int:
    return (await reply_repository(database).add(HERE, review_id, Reply(0, JONAS, "Only rain?", NOW))).reply.id


async def at_once(*work: Any) -> list[str]:
    """What came of each, errors by name, in the order of the alphabet."""
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    return sorted(type(each).__name__ if isinstance(each, Exception) else str(each) for each in outcomes)


async def test_another_server_has_no_access_to_a_reply(database: Database, reply_id: int) -> None:
    store, moderation = reply_repository(database), moderation_repository(database)
    assert await store.get(THERE, reply_id) is None
    assert not await store.edit(THERE, Reply(reply_id, JONAS, "Hail.", NOW, edited_at=NOW))
    assert not await store.delete(THERE, reply_id, member_id=JONAS)
    ref = ContentRef(reply_id, is_reply=True)
    with pytest.raises(ReplyGoneError):
        await moderation.report(THERE, ref, member_id=SAM, reason=Reason.SPAM, now=NOW)
    assert await moderation.decide(THERE, ref, LogEntry(Action.DELETE, SAM, None, NOW)) is None
    stored = await store.get(HERE, reply_id)
    assert stored is not None
    assert (stored.text, stored.edited_at, stored.hidden_by) == ("Only rain?", None, None)


async def test_votes_at_once_count_once_each(database: Database, review_id: int) -> None:
    store = review_repository(database)
    votes = [store.toggle_helpful_vote(HERE, review_id, member, NOW) for member in (JONAS, SAM, JONAS, SAM, JONAS)]
    assert sum("is_counted=True" in outcome for outcome in await at_once(*votes)) == 3
    stored = await store.get(HERE, review_id)
    assert stored is not None
    assert stored.helpful_count == 1  # Jonas's third; Sam took his back


async def test_reports_at_once_hide_once_and_are_logged_once(database: Database, reply_id: int) -> None:
    moderation = moderation_repository(database)
    service = ModerationService(moderation, ServerSettingsRepository(database), lambda: NOW)
    await service.change_settings(HERE, SAM, {"report_threshold": 2})
    ref = ContentRef(reply_id, is_reply=True)
    outcomes = await at_once(
        *(
            moderation.report(HERE, ref, member_id=each, reason=Reason.HATE, now=NOW)
            for each in (MINA, SAM, NOOR, MINA)
        )
    )
    assert outcomes == [AlreadyReportedError.__name__, "False", "False", "True"]
    (case,) = await moderation.list_queue(HERE)
    assert case.content.hidden_by is HiddenBy.REPORTS
    assert case.reasons == {Reason.HATE: 3}
    assert [each.content.ref for each in await moderation.list_hidden(HERE)] == [ref]
    assert len(await list_log(moderation, HERE)) == 2
    hide = [moderation.decide(HERE, ref, LogEntry(Action.DELETE, SAM, None, NOW)) for _ in range(3)]
    assert (await at_once(*hide)).count("None") == 2
    assert len(await list_log(moderation, HERE)) == 3


async def test_a_reply_reported_and_changed_while_it_is_deleted(database: Database, review_id: int) -> None:
    store, moderation = reply_repository(database), moderation_repository(database)

    async def edited(reply: Reply) -> bool:
        return await store.edit(HERE, reply) is not None

    for _ in range(5):
        own_id = (await store.add(HERE, review_id, Reply(0, JONAS, "Only rain?", NOW))).reply.id
        ref = ContentRef(own_id, is_reply=True)
        outcomes = await at_once(
            moderation.report(HERE, ref, member_id=SAM, reason=Reason.SPAM, now=NOW),
            edited(Reply(own_id, JONAS, "Hail, too.", NOW, edited_at=NOW)),
            store.delete(HERE, own_id, member_id=JONAS),
        )
        assert set(outcomes) <= {"True", "False", ReplyGoneError.__name__}
        assert await store.get(HERE, own_id) is None
    async with database.read() as connection:
        assert not (await connection.execute(select(reply_reports))).all()


async def test_replies_come_or_go_with_a_review_deleted_meanwhile(database: Database, review_id: int) -> None:
    store, reviews = reply_repository(database), review_repository(database)
    outcomes = await at_once(
        reviews.delete(HERE, MINA, FILM),
        *(store.add(HERE, review_id, Reply(0, each, "Rain?", NOW)) for each in (JONAS, SAM, NOOR)),
    )
    assert "True" in outcomes
    assert {each for each in outcomes if each.endswith("Error")} <= {ReviewGoneError.__name__}
    async with database.read() as connection:
        assert not (await connection.execute(select(replies))).all()


async def decide(database: Database, reply: Reply, action: Action) -> None:
    ref = ContentRef(reply.id, is_reply=True)
    assert await moderation_repository(database).decide(HERE, ref, LogEntry(action, SAM, None, NOW))


async def test_a_reply_after_one_that_was_taken_down_needs_approval(database: Database, review_id: int) -> None:
    store, moderation = reply_repository(database), moderation_repository(database)

    async def answer(text: str, member: int = JONAS) -> ReplyResult:
        return await store.add(HERE, review_id, Reply(0, member, text, NOW))

    async def queued() -> list[tuple[str, HiddenBy | None]]:
        return [(each.content.text, each.content.hidden_by) for each in await moderation.list_queue(HERE)]

    rude = (await answer("Rude.")).reply
    await decide(database, rude, Action.HIDE)
    same = await store.edit(HERE, replace(rude, edited_at=NOW))
    assert same is not None
    assert (same.needs_review, same.reply.hidden_by) == (False, HiddenBy.MODERATOR)  # nothing new to read in it
    ruder = await store.edit(HERE, replace(rude, text="Ruder.", edited_at=NOW))
    assert ruder is not None
    assert (ruder.needs_review, ruder.reply.hidden_by) == (True, HiddenBy.PRE_MODERATION)
    assert await queued() == [("Ruder.", HiddenBy.PRE_MODERATION)]
    for action in (Action.HIDE, Action.DELETE):  # deleting what was taken down is no way around it
        await decide(database, ruder.reply, action)
        assert await queued() == []
        await store.delete(HERE, ruder.reply.id, member_id=JONAS)
        ruder = await answer("Rude again.")
        assert (ruder.needs_review, ruder.reply.hidden_by) == (True, HiddenBy.PRE_MODERATION)
        assert await store.get(HERE, ruder.reply.id) == ruder.reply
        worse = await store.edit(HERE, replace(ruder.reply, text="And again.", edited_at=NOW))
        assert worse is not None
        assert not worse.needs_review  # the moderators know
        assert await queued() == [("And again.", HiddenBy.PRE_MODERATION)]
        stored = await review_repository(database).get(HERE, review_id)
        assert stored is not None
        assert stored.replies == ()
    # Others' replies, and what the same member posts besides, are as before.
    assert not (await answer("Mild.", NOOR)).needs_review
    assert not (await review_repository(database).store(Draft(HERE, JONAS, FILM, 2, "Dry."), NOW)).needs_review
    await decide(database, ruder.reply, Action.RESTORE)
    assert await queued() == []
    assert not (await answer("Polite, too.")).needs_review


async def test_taken_down_replies_do_not_affect_reviews_and_the_other_way_round(
    database: Database, review_id: int
) -> None:
    store, reviews, moderation = (
        reply_repository(database),
        review_repository(database),
        moderation_repository(database),
    )
    await moderation.decide(HERE, ContentRef(review_id), LogEntry(Action.DELETE, SAM, None, NOW))
    second = (await reviews.store(Draft(HERE, JONAS, FILM, 8, "Fog."), NOW)).review
    assert not (await store.add(HERE, second.id, Reply(0, MINA, "Fog?", NOW))).needs_review
    noors = (await store.add(HERE, second.id, Reply(0, NOOR, "Rude.", NOW))).reply
    ref = ContentRef(noors.id, is_reply=True)
    for member in (MINA, SAM, 5):
        await moderation.report(HERE, ref, member_id=member, reason=Reason.INSULT, now=NOW)
    await store.delete(HERE, noors.id, member_id=NOOR)
    # Reports are enough, and another review of the film is no way around either.
    sams = (await reviews.store(Draft(HERE, SAM, FILM, 8, "Sleet."), NOW)).review
    outcomes = await asyncio.gather(
        *(store.add(HERE, each, Reply(0, NOOR, "Rude.", NOW)) for each in (second.id, sams.id))
    )
    assert [each.needs_review for each in outcomes] == [True, True]
    assert len(await moderation.list_queue(HERE)) == 2
    await privacy_repository(database).delete_data(NOOR)  # nothing is left to know her by
    assert not (await store.add(HERE, second.id, Reply(0, NOOR, "Rude.", NOW))).needs_review
