"""What members say to the marquee: who goes, what they suggest, and what they thought of what was on."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.core.errors import InvalidInputError
from bot.picks.models import WHY_LIMIT, Decision, Disagreement, History, Suggestion
from bot.reviews.models import Review, check_length


class PickVoiceStore(Protocol):
    """Where it is kept."""

    async def set_going(self, server_id: int, pick_id: int, member_id: int, now: datetime) -> bool:
        """Put the member on the pick's list, or take them off; tell whether they are on it now.

        Raises PickGoneError for one that is not on.
        """
        ...

    async def goers(self, pick_id: int) -> list[int]:
        """Give who plans to watch the pick, first who said so first."""
        ...

    async def history(self, server_id: int, page: int) -> History:
        """Give a page of past picks, latest first; one past the end is the last."""
        ...

    async def best_review(self, server_id: int, film_id: str) -> Review | None:
        """Give the readable review that helped most, or None."""
        ...

    async def disagreement(self, server_id: int, film_id: str) -> Disagreement | None:
        """Give the two ratings of present members furthest apart, or None."""
        ...

    async def suggest(self, suggestion: Suggestion) -> Suggestion:
        """Store it. Raises AlreadySuggestedError, FilmGoneError."""
        ...

    async def waiting(self, server_id: int) -> list[Suggestion]:
        """Give undecided suggestions, oldest first."""
        ...

    async def suggested_by(self, server_id: int, member_id: int) -> list[Suggestion]:
        """Give a member's suggestions, latest first."""
        ...

    async def decide(self, server_id: int, suggestion_id: int, decision: Decision, now: datetime) -> Suggestion:
        """Decide it, and plan a taken one's film at the end of the queue; give it as it is now.

        Raises SuggestionGoneError, QueueFullError.
        """
        ...


class PickEngagementService:
    """Takes what members say. `now` gives the time."""

    def __init__(self, store: PickVoiceStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def set_going(self, server_id: int, pick_id: int, member_id: int) -> bool:
        """Put the member on the current pick's list, or take them off; tell whether they are on it now.

        Raises PickGoneError.
        """
        return await self._store.set_going(server_id, pick_id, member_id, self._now())

    async def goers(self, pick_id: int) -> list[int]:
        """Give who plans to watch the pick, first who said so first."""
        return await self._store.goers(pick_id)

    async def history(self, server_id: int, page: int = 0) -> History:
        """Give a page of past picks, latest first; one past the end is the last."""
        return await self._store.history(server_id, page)

    async def best_review(self, server_id: int, film_id: str) -> Review | None:
        """Give the readable review that helped most, or None."""
        return await self._store.best_review(server_id, film_id)

    async def disagreement(self, server_id: int, film_id: str) -> Disagreement | None:
        """Give the two ratings furthest apart, or None where all agree."""
        return await self._store.disagreement(server_id, film_id)

    async def suggest(self, server_id: int, member_id: int, film_id: str, why: str = "") -> Suggestion:
        """Suggest a film. Raises InvalidInputError, AlreadySuggestedError, FilmGoneError."""
        try:
            why = check_length(why, WHY_LIMIT)
        except InvalidInputError as error:
            raise InvalidInputError(f"The reason is too long. {error}") from None
        return await self._store.suggest(Suggestion(0, server_id, member_id, film_id, "", None, why, self._now()))

    async def waiting(self, server_id: int) -> list[Suggestion]:
        """Give undecided suggestions, oldest first."""
        return await self._store.waiting(server_id)

    async def suggested_by(self, server_id: int, member_id: int) -> list[Suggestion]:
        """Give a member's suggestions, latest first."""
        return await self._store.suggested_by(server_id, member_id)

    async def decide(self, server_id: int, suggestion_id: int, decision: Decision) -> Suggestion:
        """Take or decline a suggestion; give it as it is now. Raises SuggestionGoneError, QueueFullError."""
        return await self._store.decide(server_id, suggestion_id, decision, self._now())
