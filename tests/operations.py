"""What members and moderators do, straight to the repositories, for tests of what happens at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.conversation.models import Conversation
from bot.conversation.repository import ConversationRepository
from bot.core.database.columns import metadata
from bot.core.database.engine import Database
from bot.core.errors import MarqueeError
from bot.films.models import Credit, CreditJob, Film
from bot.films.repository import FilmRepository
from bot.imports.apply_repository import ApplyRepository
from bot.imports.following_models import Account
from bot.imports.following_repository import FollowingRepository
from bot.imports.history import FilmHistory, ImportedReview, NamedFilm, Service
from bot.imports.member_repository import MemberImportRepository
from bot.imports.models import FilmState, ImportCounting, ImportGoneError, ImportState, StagedFilm
from bot.imports.reviews_repository import NewText, PrivateReviewRepository
from bot.lists.repository import ListRepository
from bot.lists.tables import film_lists
from bot.members.models import Privacy
from bot.members.repository import PreferenceRepository
from bot.moderation.models import Action, Block, ContentRef, LogEntry, Reason
from bot.nights.choice_repository import ChoiceRepository
from bot.nights.models import Answer, Night, NightGoneError, NightState
from bot.nights.repository import NightRepository
from bot.nights.scheduler_repository import NightSchedulerRepository
from bot.nights.tables import night_nominations, nights
from bot.picks.engagement_repository import PickEngagementRepository
from bot.picks.models import NewPick, SuggestionState
from bot.picks.tables import pick_suggestions, picks
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.models import GroupSession
from bot.recommendations.repository import GroupSessionRepository, RecommendationRepository
from bot.recommendations.tables import group_sessions
from bot.reviews.models import Draft, Reply, ReplyGoneError, ReviewGoneError
from bot.reviews.tables import ratings, replies
from bot.sources.letterboxd.client import FeedValidators
from bot.sources.letterboxd.feed import FeedEntry
from bot.streaming.models import Alert
from bot.streaming.repository import StreamingRepository
from bot.watchlists.repository import WatchlistRepository
from tests.repositories import (
    membership_repository,
    moderation_repository,
    pick_repository,
    privacy_repository,
    reply_repository,
    review_repository,
)

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SERVERS = (100, 200, 300, 400)
MEMBERS = (1, 2, 3)
MODERATOR = 9
FILMS = ("night-bus-1994", "glass-harbour-2003", "salt-2011")
MEMBER_TABLES = tuple(
    table for table in metadata.sorted_tables if "member_id" in table.c and table.name != "blocks"
)
"""Every table with rows about a member that go with their data; blocks stay, being the moderators'."""

ENTRY = FeedEntry("letterboxd-watch-1", "Rain", 2001, None, None, 7, False, False, "", False, "", None)


def _film(film_id: str) -> Film:
    director = Credit("Noor Haddad", CreditJob.DIRECTOR, None, "noor-haddad")
    return Film(film_id, film_id, film_id, 2000, fame=float(FILMS.index(film_id)), credits=(director,))


class Operations:
    """Each method is one thing that somebody does. What is not there to be done raises a member's error."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.films = FilmRepository(database)
        self.reviews = review_repository(database)
        self.replies = reply_repository(database)
        self.moderation = moderation_repository(database)
        self.membership = membership_repository(database)
        self.preferences = PreferenceRepository(database)
        self.privacy = privacy_repository(database)
        self.watchlists = WatchlistRepository(database, self.membership)
        self.streaming = StreamingRepository(database)
        self.recommendations = RecommendationRepository(database)
        self.sessions = GroupSessionRepository(database)
        self.picks = pick_repository(database)
        self.engagement = PickEngagementRepository(database, self.membership)
        self.nights = NightRepository(database, self.membership)
        self.choices = ChoiceRepository(database, self.membership)
        self.night_scheduler = NightSchedulerRepository(database)
        self.lists = ListRepository(database, self.membership)
        self.conversations = ConversationRepository(database)
        self.imports = MemberImportRepository(database)
        self.import_writer = ApplyRepository(database, self.membership)
        self.private_reviews = PrivateReviewRepository(database, self.membership)
        self.following = FollowingRepository(database, self.membership)

    async def prepare(self) -> None:
        """Store the films, and let each server have a current pick."""
        await self.films.save_many([_film(film_id) for film_id in FILMS])
        for server in SERVERS:
            async with self._database.write() as connection:
                row = {"server_id": server, "name": "All", "name_key": "all", "is_shared": True, "created_at": NOW}
                await connection.execute(film_lists.insert().values(**row))
            pick = await self.picks.add(server, NewPick(FILMS[0], None), lambda _: None)
            await self.picks.start(server, pick.id, NOW, actor_id=None)
            for state in (NightState.NOMINATING, NightState.VOTING):
                times = {
                    "starts_at": NOW + DAY,
                    "ballot_closes_at": NOW + DAY,
                    "nominations_close_at": NOW + DAY / 2,
                }
                await self.nights.add(
                    Night(0, server, "Friday", None, channel_id=1, seed="s", state=state, **times), NOW
                )
            days = {"starts_at": NOW + DAY, "poll_times": (NOW + DAY,), "poll_closes_at": NOW + DAY / 2}
            polling = Night(0, server, "Some day", None, channel_id=1, seed="s", state=NightState.POLLING, **days)
            await self.nights.add(polling, NOW)
            async with self._database.write() as connection:
                night_id = await self._night(server, NightState.VOTING)
                for film_id in FILMS:
                    row = {
                        "night_id": night_id, "film_id": film_id, "member_id": None, "reason": "",
                        "is_carried_over": False, "created_at": NOW,
                    }  # fmt: skip
                    await connection.execute(night_nominations.insert().values(**row))

    async def converse(self, member: int) -> None:
        await self.conversations.save(Conversation(), server_id=0, channel_id=1, member_id=member, now=NOW)

    async def import_film(self, server: int, member: int, film: str) -> None:
        """Import a file with one film: rated, reviewed, liked."""
        named = NamedFilm(film, 2000)
        staged = StagedFilm(1, FilmState.SURE, named, film)
        history = FilmHistory(named, half_stars=7, reviews=[ImportedReview("Rain again.")], is_liked=True)
        import_id = await self.imports.add(server, member, Service.LETTERBOXD, 1, NOW)
        await self.imports.add_films(import_id, member, [staged], [history])
        added = await self.imports.get(import_id, member)
        if added is None:
            raise ImportGoneError
        await self.import_writer.apply(
            added, [(staged, history)], ImportCounting.AT_ONCE, NOW, states=tuple(ImportState)
        )
        await self.imports.set_state(added, ImportState.DONE, NOW)

    async def undo_import(self, server: int, member: int) -> None:
        for each in await self.imports.list_of_member(server, member, 1):
            if await self.imports.set_state(each, ImportState.UNDOING, NOW, only_from=(ImportState.DONE,)):
                await self.import_writer.undo(each, NOW)

    async def publish(self, server: int, member: int) -> None:
        reviews = await self.private_reviews.list_after(server, member, 0, 10)
        texts = [NewText(each.id, each.text, each.is_spoiler) for each in reviews]
        await self.private_reviews.publish(server, member, texts, NOW)

    async def connect_letterboxd(self, server: int, member: int) -> None:
        """Connect an account, with an entry that waits to be posted."""
        account = Account(0, server, member, f"member_{member}", False, FeedValidators(), NOW, 0, 0, NOW)
        await self.following.connect(account, [])
        stored = await self.following.get(server, member)
        if stored is not None:
            await self.following.add_seen(stored, [ENTRY], [(ENTRY, None)], NOW)

    async def rate(self, server: int, member: int, film: str, stars: int = 8, text: str | None = "Rain.") -> None:
        await self.reviews.store(Draft(server, member, film, stars, text), NOW)

    async def unrate(self, server: int, member: int, film: str) -> None:
        await self.reviews.delete(server, member, film)

    async def vote(self, server: int, member: int, author: int, film: str) -> None:
        await self.reviews.toggle_helpful_vote(server, await self._review(server, author, film), member, NOW)

    async def reply(self, server: int, member: int, author: int, film: str) -> None:
        await self.replies.add(
            server, await self._review(server, author, film), Reply(0, member, "Hail, too.", NOW)
        )

    async def edit_reply(self, server: int, member: int) -> None:
        reply = Reply(await self._reply(server, member), member, "Hail, rather.", NOW, edited_at=NOW)
        await self.replies.edit(server, reply)

    async def delete_reply(self, server: int, member: int) -> None:
        await self.replies.delete(server, await self._reply(server, member), member_id=member)

    async def report_review(self, server: int, member: int, author: int, film: str) -> None:
        await self._report(server, ContentRef(await self._review(server, author, film)), member)

    async def report_reply(self, server: int, member: int, author: int) -> None:
        await self._report(server, ContentRef(await self._reply(server, author), is_reply=True), member)

    async def _report(self, server: int, ref: ContentRef, member: int) -> None:
        await self.moderation.report(server, ref, member_id=member, reason=Reason.SPAM, now=NOW)

    async def decide_review(self, server: int, author: int, film: str, action: Action) -> None:
        await self._decide(server, ContentRef(await self._review(server, author, film)), action)

    async def decide_reply(self, server: int, author: int, action: Action) -> None:
        await self._decide(server, ContentRef(await self._reply(server, author), is_reply=True), action)

    async def _decide(self, server: int, ref: ContentRef, action: Action) -> None:
        await self.moderation.decide(server, ref, LogEntry(action, MODERATOR, None, NOW))

    async def block(self, server: int, member: int) -> None:
        entry = LogEntry(Action.BLOCK, MODERATOR, member, NOW)
        await self.moderation.block(server, Block(member, None, "", NOW), entry)

    async def unblock(self, server: int, member: int) -> None:
        await self.moderation.unblock(server, member, LogEntry(Action.UNBLOCK, MODERATOR, member, NOW))

    async def depart(self, server: int, member: int) -> None:
        await self.membership.mark_departed(server, [member], NOW)

    async def come_back(self, server: int, member: int) -> None:
        await self.membership.mark_present(server, [member], NOW)

    async def watch(self, server: int, member: int, film: str) -> None:
        await self.watchlists.add_film(server, member, film, is_kept=False, now=NOW)

    async def unwatch(self, server: int, member: int, film: str) -> None:
        await self.watchlists.remove_film(server, member, film)

    async def dismiss(self, server: int, member: int, film: str) -> None:
        await self.recommendations.dismiss(server, member, film, NOW)

    async def restore(self, server: int, member: int, film: str) -> None:
        await self.recommendations.restore(server, member, film)

    async def suggest(self, server: int, member: int, film: str) -> None:
        await self.engagement.add_suggestion(server, member, film, reason="Rain.", now=NOW)

    async def accept_suggestion(self, server: int) -> None:
        statement = select(pick_suggestions.c.id).where(pick_suggestions.c.server_id == server)
        for row in await self._database.fetch_all(statement.order_by(pick_suggestions.c.id.desc()).limit(1)):
            await self.engagement.decide(server, row.id, SuggestionState.ACCEPTED, NOW)

    async def toggle_rsvp(self, server: int, member: int) -> None:
        statement = select(picks.c.id).where(picks.c.server_id == server, picks.c.state == "current")
        for row in await self._database.fetch_all(statement):
            await self.engagement.toggle_rsvp(server, row.id, member, NOW)

    async def plan(self, server: int, member: int, film: str) -> None:
        await self.picks.add(server, NewPick(film, member), lambda _: None)

    async def _night(self, server: int, state: NightState) -> int:
        statement = select(nights.c.id).where(nights.c.server_id == server, nights.c.state == state.value)
        rows = await self._database.fetch_all(statement)
        if not rows:
            raise NightGoneError
        return int(rows[0].id)

    async def come(self, server: int, member: int) -> None:
        await self.nights.answer(server, await self._night(server, NightState.NOMINATING), member, Answer.YES, NOW)

    async def nominate(self, server: int, member: int, film: str) -> None:
        await self.choices.nominate(
            server, await self._night(server, NightState.NOMINATING), member, film, "Rain.", NOW
        )

    async def cast(self, server: int, member: int, film: str) -> None:
        night_id = await self._night(server, NightState.VOTING)
        await self.choices.change_ballot(server, night_id, member, lambda *_: (film,), NOW)

    async def choose_days(self, server: int, member: int) -> None:
        await self.nights.vote_days(
            server, await self._night(server, NightState.POLLING), member, [NOW + DAY], NOW
        )

    async def count_ballots(self, server: int) -> None:
        await self.night_scheduler.advance(server, NOW + DAY)

    async def begin_list(self, server: int, member: int) -> None:
        await self.lists.create(server, member, f"List of {member}", NOW, is_shared=False)

    async def add_to_list(self, server: int, member: int, film: str) -> None:
        """Add the film to the list that everybody shares."""
        (shared, *_others) = [each for each in await self.lists.list_all(server) if each.is_shared]
        await self.lists.add_film(server, shared.id, member, film, NOW)

    async def begin_session(self, server: int, members: Sequence[int]) -> None:
        await self.sessions.add(GroupSession(0, server, tuple(members), RecommendationFilters()), NOW)

    async def change_session(self, server: int, members: Sequence[int]) -> None:
        if (session := await self._session(server)) is not None:
            await self.sessions.set_members(session, members)

    async def weigh_session(self, server: int) -> None:
        if (session := await self._session(server)) is not None:
            await self.sessions.set_least_happy_weight(session, 75)

    async def hide_name(self, member: int) -> None:
        await self.privacy.change_privacy(member, lambda before: Privacy(True, before.is_diary_public))

    async def open_diary(self, member: int) -> None:
        await self.privacy.change_privacy(member, lambda before: Privacy(before.is_name_hidden, True))

    async def set_country(self, member: int) -> None:
        await self.preferences.set_country(member, "DE")

    async def subscribe(self, member: int, service: str = "Lantern") -> None:
        await self.streaming.change_subscriptions(member, lambda before: {**before, service.lower(): service})

    async def wait_for(self, member: int, film: str) -> None:
        await self.streaming.save_alert(Alert(member, film, "DE", NOW))

    async def stop_waiting(self, member: int, film: str) -> None:
        await self.streaming.delete_alerts(member, [film])

    async def fail_to_notify(self, member: int, film: str) -> None:
        await self.streaming.count_failed_attempt(member, [film])

    async def share(self, member: int) -> None:
        await self.recommendations.set_member_sharing(member, True, NOW)

    async def save_film(self, film: str) -> None:
        await self.films.save_many([_film(film)])

    async def delete_data(self, member: int) -> None:
        await self.privacy.delete_data(member)

    async def _review(self, server: int, author: int, film: str) -> int:
        own = await self.reviews.get_own(server, author, film)
        if own is None:
            raise ReviewGoneError
        return own.id

    async def _reply(self, server: int, author: int) -> int:
        statement = (
            select(replies.c.id)
            .join(ratings, ratings.c.id == replies.c.rating_id)
            .where(ratings.c.server_id == server, replies.c.member_id == author)
        )
        rows = await self._database.fetch_all(statement.order_by(replies.c.id).limit(1))
        if not rows:
            raise ReplyGoneError
        return int(rows[0].id)

    async def _session(self, server: int) -> GroupSession | None:
        statement = select(group_sessions.c.id).where(group_sessions.c.server_id == server)
        rows = await self._database.fetch_all(statement.order_by(group_sessions.c.id.desc()).limit(1))
        return await self.sessions.get(server, rows[0].id) if rows else None


Operation = Callable[[Operations], Awaitable[None]]
NamedOperation = tuple[str, tuple[Any, ...]]
"""The name of a method of Operations, and its arguments."""
_STARS = range(1, 11)
_TEXTS = ("Rain.", None, "")
_GROUPS = ((1, 2), (2, 3), (1, 2, 3))
_DECISIONS = (Action.HIDE, Action.RESTORE, Action.DISMISS, Action.DELETE)
ARGUMENTS: dict[str, tuple[Sequence[Any], ...]] = {
    "rate": (SERVERS, MEMBERS, FILMS, _STARS, _TEXTS),
    "unrate": (SERVERS, MEMBERS, FILMS),
    "vote": (SERVERS, MEMBERS, MEMBERS, FILMS),
    "reply": (SERVERS, MEMBERS, MEMBERS, FILMS),
    "edit_reply": (SERVERS, MEMBERS),
    "delete_reply": (SERVERS, MEMBERS),
    "report_review": (SERVERS, MEMBERS, MEMBERS, FILMS),
    "report_reply": (SERVERS, MEMBERS, MEMBERS),
    "decide_review": (SERVERS, MEMBERS, FILMS, _DECISIONS),
    "decide_reply": (SERVERS, MEMBERS, _DECISIONS),
    "block": (SERVERS, MEMBERS),
    "unblock": (SERVERS, MEMBERS),
    "depart": (SERVERS, MEMBERS),
    "come_back": (SERVERS, MEMBERS),
    "watch": (SERVERS, MEMBERS, FILMS),
    "unwatch": (SERVERS, MEMBERS, FILMS),
    "dismiss": (SERVERS, MEMBERS, FILMS),
    "restore": (SERVERS, MEMBERS, FILMS),
    "suggest": (SERVERS, MEMBERS, FILMS),
    "accept_suggestion": (SERVERS,),
    "toggle_rsvp": (SERVERS, MEMBERS),
    "plan": (SERVERS, MEMBERS, FILMS),
    "come": (SERVERS, MEMBERS),
    "nominate": (SERVERS, MEMBERS, FILMS),
    "cast": (SERVERS, MEMBERS, FILMS),
    "count_ballots": (SERVERS,),
    "begin_session": (SERVERS, _GROUPS),
    "change_session": (SERVERS, _GROUPS),
    "weigh_session": (SERVERS,),
    "hide_name": (MEMBERS,),
    "open_diary": (MEMBERS,),
    "set_country": (MEMBERS,),
    "subscribe": (MEMBERS,),
    "wait_for": (MEMBERS, FILMS),
    "stop_waiting": (MEMBERS, FILMS),
    "fail_to_notify": (MEMBERS, FILMS),
    "share": (MEMBERS,),
    "converse": (MEMBERS,),
    "import_film": (SERVERS, MEMBERS, FILMS),
    "undo_import": (SERVERS, MEMBERS),
    "publish": (SERVERS, MEMBERS),
    "save_film": (FILMS,),
    "delete_data": (MEMBERS,),
}
"""Every operation, with the values that each of its arguments may have."""
_ABOUT_AUTHOR = ("decide_review", "decide_reply", "depart", "come_back", "delete_data")
"""What leaves nothing about the member behind who is named, if they have nothing."""


def by(member: int, operation: NamedOperation) -> NamedOperation:
    """Return the same operation of this member, or about them."""
    name, arguments = operation
    place = next((place for place, values in enumerate(ARGUMENTS[name]) if values is MEMBERS), None)
    if place is None:
        return operation
    return name, (*arguments[:place], member, *arguments[place + 1 :])


def adds_nothing_about(member: int, operation: NamedOperation) -> bool:
    """Return whether nothing about the member is left once they have deleted their data, whatever comes first."""
    name, arguments = operation
    if name in _ABOUT_AUTHOR:
        return True
    if name in ("vote", "reply", "report_review", "report_reply"):
        return bool(arguments[1] != member)  # the member may be the author
    return not any(member == each or (isinstance(each, tuple) and member in each) for each in arguments)


async def run_at_once(processes: Sequence[Operations], operations: Sequence[NamedOperation]) -> None:
    """Run the operations at the same time, in turns through each process. What members are told is no failure."""
    acts = [
        getattr(processes[number % len(processes)], name)(*arguments)
        for number, (name, arguments) in enumerate(operations)
    ]
    for outcome in await asyncio.gather(*acts, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, MarqueeError):
            raise outcome


async def count_rows_of(database: Database, member: int) -> dict[str, int]:
    """Return how many rows of the member each table of MEMBER_TABLES has, without those that have none."""
    counts: dict[str, int] = {}
    async with database.read() as connection:
        for table in MEMBER_TABLES:
            rows = (await connection.execute(select(table).where(table.c.member_id == member))).all()
            if rows:
                counts[table.name] = len(rows)
    return counts
