"""The film that a night's surprise is."""

from bot.lists.service import ListService
from bot.nights.models import Answer, NightSnapshot
from bot.nights.scheduler_repository import NightSchedulerRepository
from bot.recommendations.models import MAX_GROUP_SIZE, GroupSession
from bot.recommendations.service import PAGE_SIZE, RecommendationService

SURPRISE_PAGES = 20
"""Pages of the group's films that are looked through for one that no night had."""


class SurpriseFinder:
    """Finds films for those who come to a night."""

    def __init__(
        self, repository: NightSchedulerRepository, recommendations: RecommendationService, lists: ListService
    ) -> None:
        self._repository = repository
        self._recommendations = recommendations
        self._lists = lists

    async def find(self, snapshot: NightSnapshot) -> str | None:
        """Return the film that those who come should like best, of those that no night here had, or None."""
        night = snapshot.night
        members = snapshot.list_members(Answer.YES) or snapshot.list_members(Answer.MAYBE)
        if not members and night.host_id is not None:
            members = [night.host_id]
        if not members:
            return None
        group = GroupSession(0, night.server_id, tuple(members[:MAX_GROUP_SIZE]), night.filters)
        watched = await self._repository.list_watched(night.server_id)
        only = None
        if night.list_id is not None:
            # A list that was deleted binds nobody.
            only = await self._lists.repository.list_film_ids(night.server_id, night.list_id) or None
        for page in range(SURPRISE_PAGES):
            found = await self._recommendations.recommend_for_group(
                group, {}, skip=page * PAGE_SIZE, only_film_ids=only
            )
            for each in found.films:
                if each.film.id not in watched:
                    return each.film.id
            if not found.has_more:
                break
        return None
