"""Recommendations for one member and for a group, similar films, taste matches, and group sessions."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.members.server_settings import ServerSettings
from bot.moderation.service import ModerationService
from bot.recommendations.filters import RecommendationFilters, allowed_films
from bot.recommendations.groups import (
    GroupMember,
    GroupRecommendation,
    rank_for_group,
    score_for_group,
    updated_fairness_debts,
)
from bot.recommendations.lists import MIXED_FILMS, mix_list
from bot.recommendations.model_cache import ModelCache
from bot.recommendations.models import (
    GroupSession,
    GroupSessionClosedError,
    GroupSessionGoneError,
    RatingHistory,
    check_group_size,
    member_key,
)
from bot.recommendations.onboarding import choose_onboarding_films
from bot.recommendations.ranking_model import RankingModel, Recommendation, SimilarFilm, find_similar_films
from bot.recommendations.reasons import MIN_RATERS, Reason, ServerMean
from bot.recommendations.repository import GroupSessionRepository, RecommendationRepository
from bot.recommendations.taste_match import TasteMatch, match_tastes

PAGE_SIZE = 5
"""Films on one page of recommendations."""
ONBOARDING_FILMS = 10
OPEN_SESSION_LIFETIME = timedelta(days=2)
"""How long a group session for which nothing was chosen is kept."""
MEMBERS_TO_ONE_REPEAT = 4
"""For so many members of a group, one may have seen a film that is proposed to all."""


@dataclass(frozen=True, slots=True)
class RecommendedFilm:
    """A film with the reasons; `stars` (0.5 to 5) are predicted for the member, None where there is no member."""

    film: Film
    reasons: tuple[Reason, ...]
    stars: float | None = None


@dataclass(frozen=True, slots=True)
class RecommendationPage:
    """A page of films, best first; whether more follow; how many ratings of the member it is based on."""

    films: tuple[RecommendedFilm, ...]
    has_more: bool = False
    rating_count: int = 0


@dataclass(frozen=True, slots=True)
class GroupFilm:
    """A film for a group: each member's stars, given or else predicted, and who has seen and rated it."""

    film: Film
    stars: Mapping[int, float]
    seen_by: frozenset[int]
    rated_by: frozenset[int]

    @property
    def least_happy(self) -> int:
        """The member with the fewest stars."""
        return min(self.stars, key=lambda member: self.stars[member])


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A page of films for a group, by how the group weighs their stars; whether more follow.

    By member: how many films they rated, and their fairness debt.
    """

    films: tuple[GroupFilm, ...]
    has_more: bool
    rating_counts: Mapping[int, int]
    fairness_debts: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class FilmPredictions:
    """A member's predicted stars (0.5 to 5) by film, of films that they have not rated, and those they have seen.

    A member without ratings gets no predictions.
    """

    stars: Mapping[str, float]
    seen: frozenset[str]


class RecommendationService:
    """Recommends films. Members' ratings are read with every request, so that a new one counts at once."""

    def __init__(
        self,
        repository: RecommendationRepository,
        films: FilmRepository,
        moderation: ModerationService,
        now: Callable[[], datetime],
        *,
        adapts_weights: bool = True,
    ) -> None:
        self.repository = repository
        self._moderation = moderation
        self.models = ModelCache(repository, adapts_weights=adapts_weights)
        self._films = films
        self._now = now
        self._reloaded_for: set[str] = set()

    async def close(self) -> None:
        """Wait for models being fitted in the background."""
        await self.models.close()

    async def recommend(
        self,
        server_id: int,
        member_id: int,
        filters: RecommendationFilters,
        skip: int = 0,
        only_film_ids: Collection[str] | None = None,
    ) -> RecommendationPage:
        """Return the member's films after the `skip` best: none seen, none dismissed.

        With `only_film_ids` all other films are left out after ranking. A member without ratings gets an empty
        page: `list_onboarding_films` has something for them.
        """
        history = await self.repository.get_rating_history(server_id, member_id)
        if not history.ratings:
            return RecommendationPage(())
        model = await self.models.get(server_id)
        ranked = await asyncio.to_thread(
            _recommend,
            model,
            history,
            member_key(member_id),
            filters,
            skip=skip,
            count=PAGE_SIZE + 1,
            only_film_ids=only_film_ids,
        )
        films = await self._with_films(server_id, ranked[:PAGE_SIZE])
        return RecommendationPage(films, len(ranked) > PAGE_SIZE, len(history.ratings))

    async def list_best_film_ids(
        self, server_id: int, member_ids: Sequence[int], filters: RecommendationFilters, count: int
    ) -> list[str]:
        """Return the ids of the films with the members' best mean scores, whatever services show them."""
        histories = await self.repository.get_rating_histories(server_id, member_ids)
        model = await self.models.get(server_id)
        group = await asyncio.to_thread(score_for_group, model, _group_members(histories, {}), filters)
        excluded = frozenset[str].intersection(*(history.excluded for history in histories.values()))
        ids = (model.content.ids[row] for row in group.rows[: count + len(excluded)])
        return [film_id for film_id in ids if film_id not in excluded][:count]

    async def list_onboarding_films(self, server_id: int, member_id: int) -> list[Film]:
        """Return films whose ratings would say most about the member, none of them seen or dismissed."""
        history = await self.repository.get_rating_history(server_id, member_id)
        model = await self.models.get(server_id)
        film_ids = await asyncio.to_thread(choose_onboarding_films, model, ONBOARDING_FILMS, history.excluded)
        films = [await self._films.get(film_id) for film_id in film_ids]
        return [film for film in films if film is not None]

    async def find_similar(self, server_id: int, film_id: str, skip: int = 0) -> RecommendationPage:
        """Return the films most similar to one, after the `skip` most similar."""
        model = await self.models.get(server_id)
        if film_id not in model.content.row_of and film_id not in self._reloaded_for:
            self._reloaded_for.add(film_id)  # once: it may have come to the catalogue after the model was fitted
            self.models.reload_shared_data()
            model = await self.models.get(server_id)
        similar_films = await asyncio.to_thread(find_similar_films, model, film_id, skip + PAGE_SIZE + 1)
        films = await self._with_films(server_id, similar_films[skip : skip + PAGE_SIZE])
        return RecommendationPage(films, len(similar_films) > skip + PAGE_SIZE)

    async def match_tastes(self, server_id: int, first: int, second: int) -> TasteMatch:
        """Return how two members' ratings in this server compare."""
        histories = await self.repository.get_rating_histories(server_id, [first, second])
        model = await self.models.get(server_id)
        return await asyncio.to_thread(match_tastes, model, histories[first].ratings, histories[second].ratings)

    async def recommend_for_group(
        self,
        session: GroupSession,
        fairness_debts: Mapping[int, float],
        skip: int = 0,
        only_film_ids: Collection[str] | None = None,
    ) -> GroupPage:
        """Return films for the group after the `skip` best: none dismissed by anybody, none seen by all.

        Films that more than a few have seen come after all others. Those of a page are ordered by their stars.
        With `only_film_ids` all other films are left out after ranking.
        """
        histories = await self.repository.get_rating_histories(session.server_id, session.members)
        model = await self.models.get(session.server_id)
        ranked = await asyncio.to_thread(
            _recommend_for_group,
            model,
            histories,
            fairness_debts,
            session,
            skip=skip,
            count=PAGE_SIZE + 1,
            only_film_ids=only_film_ids,
        )
        films = [
            _for_group(film, each, histories)
            for each in ranked[:PAGE_SIZE]
            if (film := await self._films.get(each.film_id)) is not None
        ]
        films = _order_by_stars(films, session, fairness_debts)
        rating_counts = {member: len(history.ratings) for member, history in histories.items()}
        return GroupPage(tuple(films), len(ranked) > PAGE_SIZE, rating_counts, fairness_debts)

    async def compute_fairness_debts(
        self, session: GroupSession, film_id: str, debts_before: Mapping[int, float]
    ) -> dict[int, float]:
        """Return each member's fairness debt once the group has chosen that film."""
        histories = await self.repository.get_rating_histories(session.server_id, session.members)
        model = await self.models.get(session.server_id)
        if film_id not in model.content.row_of:
            return dict(debts_before)
        members = _group_members(histories, debts_before)
        stars = await asyncio.to_thread(_predict_stars, model, members, film_id)
        debts = updated_fairness_debts(stars, {member.key: member.fairness_debt for member in members})
        return {int(key): debt for key, debt in debts.items()}

    async def predict_stars(
        self, server_id: int, member_ids: Sequence[int], film_ids: Collection[str]
    ) -> dict[int, FilmPredictions]:
        """Return what each of the members can be expected to give the films, and which they have seen."""
        histories = await self.repository.get_rating_histories(server_id, member_ids)
        model = await self.models.get(server_id)
        known = [film_id for film_id in film_ids if film_id in model.content.row_of]
        stars = await asyncio.to_thread(_predict_all_stars, model, histories, known)
        return {
            member: FilmPredictions(stars[member], history.seen & set(film_ids))
            for member, history in histories.items()
        }

    async def dismiss(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Store that the film is never to be recommended to the member; return whether that is new.

        Raises FilmGoneError.
        """
        return await self.repository.dismiss(server_id, member_id, film_id, self._now())

    async def set_server_sharing(self, server_id: int, is_sharing: bool, *, actor_id: int) -> None:
        """Store whether the server's model learns from other servers, and theirs from it, and log the change."""

        def change(settings: ServerSettings) -> ServerSettings:
            shared_at = (settings.ratings_shared_at or self._now()) if is_sharing else None
            return replace(settings, ratings_shared_at=shared_at)

        await self._moderation.apply_settings(server_id, actor_id, change)

    async def set_member_sharing(self, member_id: int, is_sharing: bool) -> None:
        """Store whether other servers' models may learn from the member's ratings."""
        await self.repository.set_member_sharing(member_id, is_sharing, self._now())

    async def _with_films(
        self, server_id: int, recommendations: Sequence[Recommendation | SimilarFilm]
    ) -> tuple[RecommendedFilm, ...]:
        """Return the films that the catalogue has, with the server's mean as it is now, not as it was fitted."""
        means = await self.repository.get_mean_stars(server_id, [each.film_id for each in recommendations])
        films = []
        for each in recommendations:
            if (film := await self._films.get(each.film_id)) is not None:
                reasons: list[Reason] = [reason for reason in each.reasons if not isinstance(reason, ServerMean)]
                mean = means.get(film.id)
                if mean is not None and mean.raters >= MIN_RATERS:
                    reasons.append(mean)
                stars = each.stars if isinstance(each, Recommendation) else None
                films.append(RecommendedFilm(film, tuple(reasons), stars))
        return tuple(films)


class GroupSessionService:
    """Keeps group sessions: who watches together, with which filters, and which film they chose."""

    def __init__(self, repository: GroupSessionRepository, now: Callable[[], datetime]) -> None:
        self.repository = repository
        self._now = now

    async def create(self, server_id: int, members: Sequence[int], filters: RecommendationFilters) -> GroupSession:
        """Store a new session and return it. Raises InvalidInputError for no member or too many."""
        now = self._now()
        await self.repository.delete_open_before(now - OPEN_SESSION_LIFETIME)
        return await self.repository.add(GroupSession(0, server_id, _distinct(members), filters), now)

    async def get_open(self, server_id: int, session_id: int) -> GroupSession:
        """Return a session for which nothing was chosen.

        Raises GroupSessionGoneError for one that was deleted or that all its members left by deleting their data,
        GroupSessionClosedError for one with a film.
        """
        session = await self.repository.get(server_id, session_id)
        if session is None or not session.members:
            raise GroupSessionGoneError
        if session.chosen_at is not None:
            raise GroupSessionClosedError
        return session

    async def set_members(self, session: GroupSession, members: Sequence[int]) -> GroupSession:
        """Store who takes part; return the session. Raises InvalidInputError, GroupSessionClosedError."""
        members = _distinct(members)
        if not await self.repository.set_members(session, members):
            raise GroupSessionClosedError
        return replace(session, members=members)

    async def set_least_happy_weight(self, session: GroupSession, weight: int) -> GroupSession:
        """Store how much the least happy counts, 0 to 100; return the session as it is then.

        Raises InvalidInputError, GroupSessionGoneError, GroupSessionClosedError.
        """
        if not 0 <= weight <= 100:
            raise InvalidInputError(_("Pick one of the choices in the menu."))
        if not await self.repository.set_least_happy_weight(session, weight):
            raise GroupSessionClosedError
        return await self.get_open(session.server_id, session.id)

    async def set_filters(self, session: GroupSession, filters: RecommendationFilters) -> GroupSession:
        """Store which films are looked for; return the session. Raises GroupSessionClosedError."""
        if not await self.repository.set_filters(session, filters):
            raise GroupSessionClosedError
        return replace(session, filters=filters)

    async def reopen(self, server_id: int, session_id: int) -> GroupSession:
        """Take back which film was chosen, and return the session. Raises GroupSessionGoneError."""
        session = await self.repository.get(server_id, session_id)
        if session is None or not session.members:
            raise GroupSessionGoneError
        await self.repository.reopen(session)
        return replace(session, film_id=None, chosen_at=None)

    async def choose_film(self, session: GroupSession, film_id: str, fairness_debts: Mapping[int, float]) -> None:
        """Store the chosen film and each member's fairness debt after it. Raises GroupSessionClosedError."""
        closed = replace(session, film_id=film_id, chosen_at=self._now())
        if not await self.repository.close(closed, fairness_debts):
            raise GroupSessionClosedError


def _distinct(members: Sequence[int]) -> tuple[int, ...]:
    distinct = tuple(dict.fromkeys(members))
    check_group_size(distinct)
    return distinct


def _recommend(
    model: RankingModel,
    history: RatingHistory,
    key: str,
    filters: RecommendationFilters,
    *,
    skip: int,
    count: int,
    only_film_ids: Collection[str] | None,
) -> list[Recommendation]:
    scores = model.score_films(history.ratings, history.dismissed, key)
    allowed = allowed_films(model.content, filters, history.excluded)
    if only_film_ids is None:
        ranked = model.rank(scores.scores, max(MIXED_FILMS, skip + count), allowed, filters.surprise)
        rows = mix_list(model, scores, ranked, skip + count)
    else:  # where films stream must never reach the model: all are ranked first, as without it
        ranked = model.rank(scores.scores, len(allowed), allowed, filters.surprise)
        mixed = mix_list(model, scores, ranked, len(ranked))
        rows = mixed[[model.content.ids[row] in only_film_ids for row in mixed.tolist()]]
    return model.explain(scores, rows[skip : skip + count])


def _group_members(
    histories: Mapping[int, RatingHistory], fairness_debts: Mapping[int, float]
) -> list[GroupMember]:
    return [
        GroupMember(member_key(member), history.ratings, history.dismissed, fairness_debts.get(member, 0.0))
        for member, history in histories.items()
    ]


def _recommend_for_group(
    model: RankingModel,
    histories: Mapping[int, RatingHistory],
    fairness_debts: Mapping[int, float],
    session: GroupSession,
    *,
    skip: int,
    count: int,
    only_film_ids: Collection[str] | None,
) -> list[GroupRecommendation]:
    # Films seen without stars count as seen too, which the members' ratings do not say.
    seen = Counter(film_id for history in histories.values() for film_id in history.seen)
    group = score_for_group(model, _group_members(histories, fairness_debts), session.filters)
    if only_film_ids is not None:  # after every film has its score, as in `_recommend`
        group = group.limited_to(only_film_ids)
    weight, end = session.least_happy_weight / 100, skip + count
    few = len(histories) // MEMBERS_TO_ONE_REPEAT
    film_ids = [model.content.ids[row] for row in group.rows]
    new = [film_id for film_id in film_ids if seen[film_id] <= few]
    ranked = rank_for_group(group.limited_to(frozenset(new)), end, weight) if new else []
    again = frozenset(film_id for film_id in film_ids if few < seen[film_id] < len(histories))
    if len(ranked) < end and again:
        ranked += rank_for_group(group.limited_to(again), end - len(ranked), weight)
    return ranked[skip:end]


def _for_group(film: Film, ranked: GroupRecommendation, histories: Mapping[int, RatingHistory]) -> GroupFilm:
    """Return the film with what its raters gave it in place of what was predicted for them."""
    given = {
        member: history.ratings[film.id] for member, history in histories.items() if film.id in history.ratings
    }
    stars = {int(key): given.get(int(key), stars) for key, stars in ranked.stars.items()}
    seen_by = frozenset(member for member, history in histories.items() if film.id in history.seen)
    return GroupFilm(film, stars, seen_by, frozenset(given))


def _order_by_stars(
    films: Sequence[GroupFilm], session: GroupSession, fairness_debts: Mapping[int, float]
) -> list[GroupFilm]:
    """Return the films by the stars that are shown, weighed as the group chose; as they were where these agree.

    Anybody can work it out from the stars: with balanced weights, half the average and half the lowest.
    """
    if not films:
        return []
    members = tuple(films[0].stars)
    stars = np.array([[round(film.stars[member], 1) for film in films] for member in members])
    debts = np.array([fairness_debts.get(member, 0.0) for member in members])
    average = np.average(stars, axis=0, weights=1 + debts)
    weight = session.least_happy_weight / 100
    values = np.round((1 - weight) * average + weight * stars.min(axis=0), 6)
    return [films[place] for place in np.lexsort((-np.round(average, 6), -values))]


def _predict_stars(model: RankingModel, members: Sequence[GroupMember], film_id: str) -> dict[str, float]:
    row = model.content.row_of[film_id]
    return {
        member.key: float(model.score_films(member.ratings, member.dismissed, member.key).stars[row])
        for member in members
    }


def _predict_all_stars(
    model: RankingModel, histories: Mapping[int, RatingHistory], film_ids: Collection[str]
) -> dict[int, dict[str, float]]:
    predicted: dict[int, dict[str, float]] = {member: {} for member in histories}
    for member, history in histories.items():
        if history.ratings and film_ids:
            scores = model.score_films(history.ratings, history.dismissed, member_key(member))
            predicted[member] = {
                film_id: float(scores.stars[model.content.row_of[film_id]])
                for film_id in film_ids
                if film_id not in history.ratings
            }
    return predicted
