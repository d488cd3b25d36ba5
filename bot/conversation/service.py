"""Answers members' questions: one engine for all, each member's conversation from the database, and the limits."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zlib import crc32

import numpy as np

from bot.conversation.dialogue import Predictions
from bot.conversation.engine import ConversationEngine
from bot.conversation.models import (
    Action,
    Answer,
    Conversation,
    ConversationBusyError,
    ConversationGoneError,
    FilmDocument,
    Part,
    Request,
    TextKind,
    TooManyQuestionsError,
    Understood,
)
from bot.conversation.repository import ConversationRepository, DocumentRepository
from bot.conversation.vocabulary import OWN_SERVICES
from bot.core.runtime import gc_paused
from bot.films.service import FilmService
from bot.members.service import PreferenceService
from bot.recommendations.models import RatingHistory, member_key
from bot.recommendations.ranking_model import RankingModel
from bot.recommendations.service import RecommendationService
from bot.streaming.service import SubscriptionService

CONVERSATION_LIFETIME = timedelta(minutes=15)
"""How long after an answer the next text is taken for what follows."""
KEPT_FOR = timedelta(minutes=25)
"""How long a conversation is kept; what is older is deleted every half hour, so that none is there for an hour."""
QUESTIONS_A_MINUTE = 5
MINUTE = timedelta(minutes=1)
QUEUE_LIMIT = 10
"""Questions of one server, or of all direct messages, that may be under way at once."""
REBUILD_AFTER = timedelta(minutes=10)
"""How old the films in memory may be before changes of the catalogue are looked for."""
TRACKED_MEMBERS = 10_000


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where: `server_id` is None in direct messages. `member_ids` are further members mentioned."""

    member_id: int
    channel_id: int
    server_id: int | None
    member_ids: tuple[int, ...] = ()


def part_key(part: Part) -> str:
    """Return a few characters that tell a part of a request from its others, for a button's custom_id."""
    return f"{crc32(repr((part.field, part.values)).encode()):08x}"


class ConversationService:
    """Answers what members ask. `now` returns the current time.

    The films are read at the first question, so that a bot that nobody asks spends nothing on it.
    """

    def __init__(
        self,
        repository: ConversationRepository,
        documents: DocumentRepository,
        *,
        films: FilmService,
        recommendations: RecommendationService,
        subscriptions: SubscriptionService,
        preferences: PreferenceService,
        now: Callable[[], datetime],
    ) -> None:
        self.repository = repository
        self._documents = documents
        self._films = films
        self._recommendations = recommendations
        self._subscriptions = subscriptions
        self._preferences = preferences
        self._now = now
        self._engine: ConversationEngine | None = None
        self._built_at: datetime | None = None
        self._version = ""
        self._building = asyncio.Lock()
        self._under_way: dict[int, int] = defaultdict(int)
        self._asked_at: dict[int, deque[datetime]] = {}

    async def get_engine(self) -> ConversationEngine:
        """Return the engine, built anew if the catalogue has changed since."""
        now = self._now()
        if self._engine is not None and self._built_at is not None and abs(now - self._built_at) < REBUILD_AFTER:
            return self._engine
        async with self._building:
            version = await self._documents.get_version()
            if self._engine is None or version != self._version:
                documents = await self._documents.list_documents()
                self._engine = await asyncio.to_thread(self._build, documents)
                self._version = version
            self._built_at = now
        return self._engine

    def _build(self, documents: Sequence[FilmDocument]) -> ConversationEngine:
        with gc_paused():
            return ConversationEngine(self._films.index, documents)

    async def ask(self, text: str, asker: Asker) -> Answer:
        """Return the answer to a text, which goes on from the member's conversation in the channel.

        Raises TooManyQuestionsError, ConversationBusyError.
        """
        self._count_question(asker.member_id)
        async with self._place_in_queue(asker):
            engine = await self.get_engine()
            conversation = await self._get_conversation(asker)
            understood = await asyncio.to_thread(engine.read, text, conversation, self._now().date())
            if understood.request.group and asker.member_ids:
                request = replace(understood.request, member_ids=asker.member_ids)
                understood = replace(understood, request=request)
            return await self._answer(engine, understood, conversation, asker)

    async def remove_part(self, key: str, asker: Asker) -> Answer:
        """Return the answer without one part of what was asked. Raises ConversationGoneError."""
        conversation = await self._require_conversation(asker)
        request = conversation.request
        part = next((part for part in request.parts() if part_key(part) == key), None)
        if part is None:
            raise ConversationGoneError
        return await self._answer_again(request.without(part), conversation, asker)

    async def show_more(self, asker: Asker) -> Answer:
        """Return further films for what was asked. Raises ConversationGoneError."""
        conversation = await self._require_conversation(asker)
        return await self._answer_again(conversation.request, conversation, asker, Action.MORE)

    async def answer_question(self, field: str, value: str, is_yes: bool, asker: Asker) -> Answer:
        """Return the answer once a question about the film described is answered. Raises ConversationGoneError."""
        conversation = await self._require_conversation(asker)
        conversation = replace(conversation, answers=(*conversation.answers, (field, value, is_yes)))
        return await self._answer_again(conversation.request, conversation, asker)

    async def forget(self, asker: Asker) -> None:
        """Forget the member's conversation in the channel."""
        await self.repository.delete(asker.member_id, asker.channel_id)

    async def forget_old(self) -> None:
        """Forget all conversations that are over."""
        now = self._now()
        # What is later than now was said before the clock was set back.
        await self.repository.delete_outside(now - KEPT_FOR, now + KEPT_FOR)

    async def _answer_again(
        self, request: Request, conversation: Conversation, asker: Asker, action: Action = Action.NONE
    ) -> Answer:
        async with self._place_in_queue(asker):
            engine = await self.get_engine()
            understood = Understood(conversation.kind, request, action=action, is_follow_up=True)
            return await self._answer(engine, understood, conversation, asker)

    async def _answer(
        self, engine: ConversationEngine, understood: Understood, conversation: Conversation, asker: Asker
    ) -> Answer:
        predictions = on_services = None
        if understood.kind is TextKind.REQUEST:
            predictions = await self._predict(understood.request, asker)
            on_services = await self._list_on_services(understood.request, asker)
        answer, after = await asyncio.to_thread(
            engine.answer, understood, conversation, predictions=predictions, on_services=on_services
        )
        if understood.action is Action.FORGET:
            await self.forget(asker)
        elif after is not conversation:
            await self.repository.save(
                after,
                server_id=asker.server_id or 0,
                channel_id=asker.channel_id,
                member_id=asker.member_id,
                now=self._now(),
            )
        return answer

    async def _get_conversation(self, asker: Asker) -> Conversation:
        since = self._now() - CONVERSATION_LIFETIME
        return await self.repository.get(asker.channel_id, asker.member_id, since)

    async def _require_conversation(self, asker: Asker) -> Conversation:
        """Return the conversation that a button belongs to. Raises ConversationGoneError."""
        since = self._now() - KEPT_FOR
        conversation = await self.repository.get(asker.channel_id, asker.member_id, since)
        if conversation == Conversation():
            raise ConversationGoneError
        return conversation

    async def _predict(self, request: Request, asker: Asker) -> Predictions | None:
        """Return what the members would give films, None where none of them has rated anything."""
        if asker.server_id is None:
            return None
        member_ids = tuple(dict.fromkeys((asker.member_id, *request.member_ids)))
        histories = await self._recommendations.repository.get_rating_histories(asker.server_id, member_ids)
        dismissed = frozenset[str]().union(*(history.dismissed for history in histories.values()))
        seen = frozenset[str].intersection(*(history.excluded for history in histories.values()))
        if not any(history.ratings for history in histories.values()):
            return Predictions({}, dismissed | seen)
        model = await self._recommendations.models.get(asker.server_id)
        stars = await asyncio.to_thread(_predict_stars, model, histories)
        return Predictions(stars, dismissed | seen)

    async def _list_on_services(self, request: Request, asker: Asker) -> frozenset[str] | None:
        """Return the films that the member's own services have; None where they are not asked for or unknown."""
        if OWN_SERVICES not in request.services:
            return None
        country = await self._preferences.get_country_code(asker.member_id, asker.server_id)
        if country is None or not await self._subscriptions.repository.get_subscriptions(asker.member_id):
            return None
        return frozenset(await self._subscriptions.list_services_by_film({asker.member_id: country}))

    def _count_question(self, member_id: int) -> None:
        """Count a question of the member's. Raises TooManyQuestionsError, without counting it."""
        now = self._now()
        if member_id not in self._asked_at and len(self._asked_at) >= TRACKED_MEMBERS:
            self._asked_at = {
                each: times for each, times in self._asked_at.items() if times and now - times[-1] < MINUTE
            }
        times = self._asked_at.setdefault(member_id, deque())
        while times and not now - MINUTE < times[0] <= now:  # a clock set back makes later times wrong
            times.popleft()
        if len(times) >= QUESTIONS_A_MINUTE:
            raise TooManyQuestionsError(times[0] + MINUTE)
        times.append(now)

    @asynccontextmanager
    async def _place_in_queue(self, asker: Asker) -> AsyncIterator[None]:
        key = asker.server_id or 0
        if self._under_way[key] >= QUEUE_LIMIT:
            raise ConversationBusyError
        self._under_way[key] += 1
        try:
            yield
        finally:
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]


def _predict_stars(model: RankingModel, histories: dict[int, RatingHistory]) -> dict[str, float]:
    """Return the mean of the stars that those who have rated films would give, by film id."""
    stars = [
        model.score_films(history.ratings, history.dismissed, member_key(member_id)).stars
        for member_id, history in histories.items()
        if history.ratings
    ]
    return dict(zip(model.content.ids, np.mean(stars, axis=0).tolist(), strict=True))
