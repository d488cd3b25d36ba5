"""Replies, votes and decisions on both databases, at the same moment too."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmStore
from bot.members.server_settings_repository import ServerSettingsRepository
from bot.moderation.models import Action, AlreadyReportedError, LogEntry, Reason, Subject
from bot.moderation.repository import ModerationStore
from bot.moderation.service import ModerationService
from bot.moderation.tables import reply_reports
from bot.reviews.replies import Replied, ReplyGoneError
from bot.reviews.repository import ReviewStore
from bot.reviews.service import Draft, HiddenBy, Reply, ReviewGoneError
from bot.reviews.tables import replies
from tests.repositories import privacy_repository, reply_repository

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM, NOOR = 1, 2, 3, 4
FILM = "night-bus-1994"


@pytest.fixture
async def review_id(database: Database) -> int:
    await FilmStore(database).put_many([Film(id=FILM, title=FILM, original_title=FILM, year=1994)])
    return (await ReviewStore(database).put(Draft(HERE, MINA, FILM, 8, "Rain."), NOW)).review.id


@pytest.fixture
async def reply_id(database: Database, review_id: int) -> int:
    return (await reply_repository(database).add(HERE, review_id, Reply(0, JONAS, "Only rain?", NOW))).reply.id


async def at_once(*work: Any) -> list[str]:
    """What came of each, errors by name, in the order of the alphabet."""
    found = await asyncio.gather(*work, return_exceptions=True)
    return sorted(type(each).__name__ if isinstance(each, Exception) else str(each) for each in found)


async def test_a_reply_is_its_servers_alone(database: Database, reply_id: int) -> None:
    store, moderation = reply_repository(database), ModerationStore(database)
    assert await store.get(THERE, reply_id) is None
    assert not await store.edit(THERE, Reply(reply_id, JONAS, "Hail.", NOW, edited_at=NOW))
    assert not await store.delete(THERE, reply_id)
    subject = Subject(reply_id, is_reply=True)
    with pytest.raises(ReplyGoneError):
        await moderation.report(THERE, (subject, SAM, Reason.SPAM), NOW)
    assert await moderation.decide(THERE, subject, LogEntry(Action.DELETE, SAM, None, NOW)) is None
    kept = await store.get(HERE, reply_id)
    assert kept is not None
    assert (kept.text, kept.edited_at, kept.hidden_by) == ("Only rain?", None, None)


async def test_votes_at_once_count_once_each(database: Database, review_id: int) -> None:
    store = ReviewStore(database)
    votes = [store.set_helpful(HERE, review_id, member, NOW) for member in (JONAS, SAM, JONAS, SAM, JONAS)]
    assert await at_once(*votes) == ["False"] * 3 + ["True"] * 2
    kept = await store.get(HERE, review_id)
    assert kept is not None
    assert kept.helpful_count == 2


async def test_reports_at_once_hide_once_and_are_logged_once(database: Database, reply_id: int) -> None:
    moderation = ModerationStore(database)
    service = ModerationService(moderation, ServerSettingsRepository(database), lambda: NOW)
    await service.change_settings(HERE, SAM, {"report_threshold": 2})
    subject = Subject(reply_id, is_reply=True)
    told = await at_once(
        *(moderation.report(HERE, (subject, each, Reason.HATE), NOW) for each in (MINA, SAM, NOOR, MINA))
    )
    assert told == [AlreadyReportedError.__name__, "False", "False", "True"]
    (waiting,) = await moderation.queue(HERE)
    assert waiting.hidden_by is HiddenBy.REPORTS
    assert waiting.reasons == {Reason.HATE: 3}
    assert [each.subject for each in await moderation.hidden(HERE)] == [subject]
    assert (await moderation.log(HERE, None)).count == 2
    hide = [moderation.decide(HERE, subject, LogEntry(Action.DELETE, SAM, None, NOW)) for _ in range(3)]
    assert (await at_once(*hide)).count("None") == 2
    assert (await moderation.log(HERE, None)).count == 3


async def test_a_reply_reported_and_changed_while_it_is_deleted(database: Database, review_id: int) -> None:
    store, moderation = reply_repository(database), ModerationStore(database)

    async def edited(reply: Reply) -> bool:
        return await store.edit(HERE, reply) is not None

    for _ in range(5):
        mine = (await store.add(HERE, review_id, Reply(0, JONAS, "Only rain?", NOW))).reply.id
        subject = Subject(mine, is_reply=True)
        told = await at_once(
            moderation.report(HERE, (subject, SAM, Reason.SPAM), NOW),
            edited(Reply(mine, JONAS, "Hail, too.", NOW, edited_at=NOW)),
            store.delete(HERE, mine),
        )
        assert set(told) <= {"True", "False", ReplyGoneError.__name__}
        assert await store.get(HERE, mine) is None
    async with database.read() as connection:
        assert not (await connection.execute(select(reply_reports))).all()


async def test_replies_come_or_go_with_a_review_deleted_meanwhile(database: Database, review_id: int) -> None:
    store, reviews = reply_repository(database), ReviewStore(database)
    told = await at_once(
        reviews.delete(HERE, MINA, FILM),
        *(store.add(HERE, review_id, Reply(0, each, "Rain?", NOW)) for each in (JONAS, SAM, NOOR)),
    )
    assert "True" in told
    assert {each for each in told if each.endswith("Error")} <= {ReviewGoneError.__name__}
    async with database.read() as connection:
        assert not (await connection.execute(select(replies))).all()


async def decide(database: Database, reply: Reply, action: Action) -> None:
    subject = Subject(reply.id, is_reply=True)
    assert await ModerationStore(database).decide(HERE, subject, LogEntry(action, SAM, None, NOW))


async def test_a_reply_written_anew_after_one_was_taken_down_is_held(database: Database, review_id: int) -> None:
    store, moderation = reply_repository(database), ModerationStore(database)

    async def answer(text: str, member: int = JONAS) -> Replied:
        return await store.add(HERE, review_id, Reply(0, member, text, NOW))

    async def queued() -> list[tuple[str, HiddenBy | None]]:
        return [(each.text, each.hidden_by) for each in await moderation.queue(HERE)]

    rude = (await answer("Rude.")).reply
    await decide(database, rude, Action.HIDE)
    same = await store.edit(HERE, replace(rude, edited_at=NOW))
    assert same is not None
    assert (same.held, same.reply.hidden_by) == (False, HiddenBy.MODERATOR)  # nothing new to read in it
    ruder = await store.edit(HERE, replace(rude, text="Ruder.", edited_at=NOW))
    assert ruder is not None
    assert (ruder.held, ruder.reply.hidden_by) == (True, HiddenBy.HELD)
    assert await queued() == [("Ruder.", HiddenBy.HELD)]
    for action in (Action.HIDE, Action.DELETE):  # deleting what was taken down is no way around it
        await decide(database, ruder.reply, action)
        assert await queued() == []
        await store.delete(HERE, ruder.reply.id)
        ruder = await answer("Rude again.")
        assert (ruder.held, ruder.reply.hidden_by) == (True, HiddenBy.HELD)
        assert await store.get(HERE, ruder.reply.id) == ruder.reply
        worse = await store.edit(HERE, replace(ruder.reply, text="And again.", edited_at=NOW))
        assert worse is not None
        assert not worse.held  # the moderators know
        assert await queued() == [("And again.", HiddenBy.HELD)]
        kept = await ReviewStore(database).get(HERE, review_id)
        assert kept is not None
        assert kept.replies == ()
    # Others' replies, and what the same member posts besides, are as before.
    assert not (await answer("Mild.", NOOR)).held
    assert not (await ReviewStore(database).put(Draft(HERE, JONAS, FILM, 2, "Dry."), NOW)).held
    await decide(database, ruder.reply, Action.RESTORE)
    assert await queued() == []
    assert not (await answer("Polite, too.")).held


async def test_replies_taken_down_and_reviews_taken_down_are_apart(database: Database, review_id: int) -> None:
    store, reviews, moderation = (
        reply_repository(database),
        ReviewStore(database),
        ModerationStore(database),
    )
    await moderation.decide(HERE, Subject(review_id), LogEntry(Action.DELETE, SAM, None, NOW))
    again = (await reviews.put(Draft(HERE, JONAS, FILM, 8, "Fog."), NOW)).review
    assert not (await store.add(HERE, again.id, Reply(0, MINA, "Fog?", NOW))).held
    noors = (await store.add(HERE, again.id, Reply(0, NOOR, "Rude.", NOW))).reply
    for member in (MINA, SAM, 5):
        await moderation.report(HERE, (Subject(noors.id, is_reply=True), member, Reason.INSULT), NOW)
    await store.delete(HERE, noors.id)
    # Reports are enough, and another review of the film is no way around either.
    sams = (await reviews.put(Draft(HERE, SAM, FILM, 8, "Sleet."), NOW)).review
    told = await asyncio.gather(
        *(store.add(HERE, each, Reply(0, NOOR, "Rude.", NOW)) for each in (again.id, sams.id))
    )
    assert [each.held for each in told] == [True, True]
    assert len(await moderation.queue(HERE)) == 2
    await privacy_repository(database).delete_data(NOOR)  # nothing is left to know her by
    assert not (await store.add(HERE, again.id, Reply(0, NOOR, "Rude.", NOW))).held
