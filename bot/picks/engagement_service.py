"""What members do with picks: say that they will watch one, and suggest films."""

from collections.abc import Callable
from datetime import datetime

from bot.core.errors import InvalidInputError
from bot.picks.engagement_repository import PickEngagementRepository
from bot.picks.models import REASON_LIMIT, Suggestion, SuggestionState
from bot.reviews.models import check_length


class PickEngagementService:
    """Takes RSVPs, suggestions and decisions about them. `now` returns the current time."""

    def __init__(self, repository: PickEngagementRepository, now: Callable[[], datetime]) -> None:
        self.repository = repository
        self._now = now

    async def toggle_rsvp(self, server_id: int, pick_id: int, member_id: int) -> bool:
        """Add the member to the current pick's RSVPs, or remove them, and return whether they are on the list now.

        Raises PickNotCurrentError.
        """
        return await self.repository.toggle_rsvp(server_id, pick_id, member_id, self._now())

    async def suggest(self, server_id: int, member_id: int, film_id: str, reason: str = "") -> Suggestion:
        """Store a suggestion and return it. Raises InvalidInputError, AlreadySuggestedError, FilmGoneError."""
        try:
            reason = check_length(reason, REASON_LIMIT)
        except InvalidInputError as error:
            raise InvalidInputError(f"The reason is too long. {error}") from None
        return await self.repository.add_suggestion(server_id, member_id, film_id, reason=reason, now=self._now())

    async def decide(self, server_id: int, suggestion_id: int, decision: SuggestionState) -> Suggestion:
        """Accept or decline a suggestion and return it.

        An accepted film goes to the end of the queue. Raises SuggestionDecidedError, QueueFullError.
        """
        return await self.repository.decide(server_id, suggestion_id, decision, self._now())
