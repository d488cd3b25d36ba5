"""Everything that reads and answers a text: grammar, follow-ups and retrieval over one set of films."""

from collections.abc import Iterable
from datetime import date

from bot.conversation.dialogue import Dialogue, Predictions
from bot.conversation.follow_ups import FollowUps
from bot.conversation.gazetteer import Gazetteer
from bot.conversation.grammar import Grammar
from bot.conversation.models import Answer, Conversation, FilmDocument, Understood
from bot.conversation.retrieval import FilmIndex
from bot.search.engine import TitleIndex


class ConversationEngine:
    """Answers texts in memory. It may be called from several threads: nothing of it changes."""

    def __init__(self, titles: TitleIndex, films: Iterable[FilmDocument]) -> None:
        self.index = FilmIndex(films)
        self.grammar = Grammar(Gazetteer(titles, self.index.films))
        self.dialogue = Dialogue(self.index)
        self.follow_ups = FollowUps(self.grammar, self.index, self.dialogue.filter)

    def read(self, text: str, conversation: Conversation, today: date) -> Understood:
        """Return what a text means after what was said before; `today` is the reader's day."""
        return self.follow_ups.read(text, conversation, today)

    def answer(
        self,
        understood: Understood,
        conversation: Conversation,
        *,
        predictions: Predictions | None = None,
        on_services: frozenset[str] | None = None,
    ) -> tuple[Answer, Conversation]:
        """Return the answer and the conversation after it."""
        answer = self.dialogue.answer(
            understood, predictions=predictions, on_services=on_services, conversation=conversation
        )
        return answer, self.dialogue.remember(conversation, answer)
