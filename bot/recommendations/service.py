"""Answers members: films for one, films like one, films for a group, how far two tastes agree."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.films.models import Film
from bot.members.server_settings import ServerSettings
from bot.members.server_settings_repository import ServerSettingsRepository
from bot.recommendations.filters import Wishes, allowed
from bot.recommendations.group_sessions import Evening
from bot.recommendations.groups import GroupPick, Guest, burdens_after, picks_of, taste_of_group
from bot.recommendations.model import Model, Recommendation
from bot.recommendations.model_cache import Models
from bot.recommendations.onboarding import films_to_rate
from bot.recommendations.rating_history import FactSource, History, TasteStore, home_name
from bot.recommendations.reasons import TOLD_RATERS, CrowdMean, Reason
from bot.recommendations.similar import similar
from bot.recommendations.taste_match import Agreement, agreement_of

COUNT = 5
"""Films in one answer."""
FIRST = 10
"""Films offered to be rated by somebody of whom nothing is known."""


class Films(Protocol):
    """Where films are looked up."""

    async def get(self, film_id: str) -> Film | None:
        """Give the film of that id, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A film with why; `stars` are predicted, None where nobody in particular was asked for."""

    film: Film
    reasons: tuple[Reason, ...]
    stars: float | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Some films, best first, whether there are `more`, and how many of the member's ratings they rest on."""

    films: tuple[Suggestion, ...]
    more: bool = False
    rated: int = 0


@dataclass(frozen=True, slots=True)
class GroupFilm:
    """A film for a group: predicted stars by member, who has seen it, who would like it least."""

    film: Film
    stars: Mapping[int, float]
    seen_by: frozenset[int]
    least_happy: int


@dataclass(frozen=True, slots=True)
class GroupFilms:
    """Films for a group, best first, whether there are `more`, and what it knows of the members.

    `rated` counts each member's ratings here; `burdens` is how far they were outvoted before.
    """

    films: tuple[GroupFilm, ...]
    more: bool
    rated: Mapping[int, int]
    burdens: Mapping[int, float]


class Recommender:
    """Recommends. A question reads the member's ratings anew, so that one counts at once. `now` gives the time."""

    def __init__(
        self,
        tastes: TasteStore,
        facts: FactSource,
        films: Films,
        server_settings: ServerSettingsRepository,
        now: Callable[[], datetime],
    ) -> None:
        self.tastes = tastes
        self.models = Models(tastes, facts)
        self._films = films
        self._server_settings = server_settings
        self._now = now
        self._looked_for: set[str] = set()

    async def close(self) -> None:
        """Wait for what runs in the background."""
        await self.models.close()

    async def recommend(
        self, server_id: int, member_id: int, wishes: Wishes, skip: int = 0, among: Collection[str] | None = None
    ) -> Suggestions:
        """Give the member's next films after the `skip` best: none seen, none refused.

        Of those in `among` alone where it is given: the others are left out of what was ranked without it.
        Nothing at all for a member without ratings: `first` has something for them.
        """
        history = await self.history(server_id, member_id)
        if not history.own:
            return Suggestions(())
        model = await self.models.of(server_id)
        who = history, home_name(member_id)
        found = await asyncio.to_thread(_ranked, model, who, wishes, (skip, among))
        shown = found[:COUNT]
        means = await self.tastes.means(server_id, [each.film_id for each in shown])
        films = [
            Suggestion(film, _with_mean(each.reasons, means.get(film.id)), each.stars)
            for each in shown
            if (film := await self._films.get(each.film_id)) is not None
        ]
        return Suggestions(tuple(films), len(found) > COUNT, len(history.own))

    async def best(self, server_id: int, member_ids: Sequence[int], wishes: Wishes, count: int) -> list[str]:
        """Give the ids of the films most to the members' taste together, wherever they may be watched."""
        histories = await self.tastes.histories(server_id, member_ids)
        model = await self.models.of(server_id)
        return await asyncio.to_thread(_best, model, histories, wishes, count)

    async def first(self, server_id: int, member_id: int) -> list[Film]:
        """Give films whose ratings would tell most about the member, none that they saw or refused."""
        history = await self.history(server_id, member_id)
        model = await self.models.of(server_id)
        ids = await asyncio.to_thread(films_to_rate, model, FIRST, history.done)
        return await self._get(ids)

    async def similar(self, server_id: int, film_id: str, skip: int = 0) -> Suggestions:
        """Give films like that one, most alike first, with why."""
        model = await self.models.of(server_id)
        if film_id not in model.content.at and film_id not in self._looked_for:
            self._looked_for.add(film_id)  # once: it may have come to the catalogue after the model
            self.models.catalogue_changed()
            model = await self.models.of(server_id)
        found = (await asyncio.to_thread(similar, model, film_id, skip + COUNT + 1))[skip:]
        means = await self.tastes.means(server_id, [each.film_id for each in found[:COUNT]])
        films = [
            Suggestion(film, _with_mean(each.reasons, means.get(film.id)))
            for each in found[:COUNT]
            if (film := await self._films.get(each.film_id)) is not None
        ]
        return Suggestions(tuple(films), len(found) > COUNT)

    async def agreement(self, server_id: int, one: int, other: int) -> Agreement:
        """Compare two members by what both rated in this server."""
        histories = await self.tastes.histories(server_id, [one, other])
        model = await self.models.of(server_id)
        return await asyncio.to_thread(agreement_of, model, histories[one].own, histories[other].own)

    async def for_group(
        self, evening: Evening, burdens: Mapping[int, float], skip: int = 0, among: Collection[str] | None = None
    ) -> GroupFilms:
        """Give films for the evening's group after the `skip` best: none refused by anybody, none seen by all.

        Of those in `among` alone where it is given, as in `recommend`.
        """
        histories = await self.tastes.histories(evening.server_id, evening.members)
        model = await self.models.of(evening.server_id)
        guests = _guests(histories, burdens)
        picks = await asyncio.to_thread(_group_ranked, model, guests, (histories, evening), (skip, among))
        films = [
            GroupFilm(
                film,
                {int(name): stars for name, stars in pick.stars.items()},
                frozenset(member for member, history in histories.items() if film.id in history.seen),
                int(pick.least_happy),
            )
            for pick in picks[:COUNT]
            if (film := await self._films.get(pick.film_id)) is not None
        ]
        rated = {member: len(history.own) for member, history in histories.items()}
        return GroupFilms(tuple(films), len(picks) > COUNT, rated, burdens)

    async def burdens_of(self, evening: Evening, film_id: str, before: Mapping[int, float]) -> dict[int, float]:
        """Give how far each member has been outvoted once the group has watched that film."""
        histories = await self.tastes.histories(evening.server_id, evening.members)
        model = await self.models.of(evening.server_id)
        if film_id not in model.content.at:
            return dict(before)
        guests = _guests(histories, before)
        stars = await asyncio.to_thread(_stars_of, model, guests, film_id)
        pick = GroupPick(film_id, 0.0, stars, (), min(stars, key=lambda name: stars[name]))
        after = burdens_after(pick, {guest.name: guest.burden for guest in guests})
        return {int(name): burden for name, burden in after.items()}

    async def history(self, server_id: int, member_id: int) -> History:
        """Give the member's history in that server."""
        return (await self.tastes.histories(server_id, [member_id]))[member_id]

    async def refuse(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Never recommend the film to the member again; tell whether that is new. Raises FilmGoneError."""
        return await self.tastes.refuse(server_id, member_id, film_id, self._now())

    async def readmit(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Let the film be recommended again; tell whether it had been refused."""
        return await self.tastes.readmit(server_id, member_id, film_id)

    async def set_server_shares(self, server_id: int, shares: bool) -> None:
        """Let the server learn from others and them from it, or keep it to itself."""

        def change(settings: ServerSettings) -> ServerSettings:
            shared_at = (settings.ratings_shared_at or self._now()) if shares else None
            return replace(settings, ratings_shared_at=shared_at)

        await self._server_settings.change(server_id, change)

    async def set_member_shares(self, member_id: int, shares: bool) -> None:
        """Let other servers learn from the member's stars, or not."""
        await self.tastes.set_member_shares(member_id, shares, self._now())

    async def _get(self, film_ids: Iterable[str]) -> list[Film]:
        found = [await self._films.get(film_id) for film_id in film_ids]
        return [film for film in found if film is not None]


Shown = tuple[int, Collection[str] | None]
"""How many films came before, and the only ones that may be shown, None for all."""


def _ranked(model: Model, who: tuple[History, str], wishes: Wishes, shown: Shown) -> list[Recommendation]:
    """Give what is shown and one more, which tells whether there is more."""
    history, name = who
    skip, among = shown
    asked = model.ask(history.own, history.refused, name)
    may = allowed(model.content, wishes, history.done)
    count = skip + COUNT + 1
    if among is None:
        rows = model.rank(asked, count, may, wishes.surprise)
    else:  # where films stream is for showing alone: all are ranked first, so that the model never meets it
        ranked = model.rank(asked, len(may), may, wishes.surprise)
        rows = ranked[[model.content.ids[row] in among for row in ranked.tolist()]][:count]
    return model.explain(asked, rows[skip:])


def _best(model: Model, histories: Mapping[int, History], wishes: Wishes, count: int) -> list[str]:
    taste = taste_of_group(model, _guests(histories, {}), wishes)
    done = frozenset[str].intersection(*(history.done for history in histories.values()))
    ids = (model.content.ids[row] for row in taste.rows[: count + len(done)])
    return [film_id for film_id in ids if film_id not in done][:count]


def _with_mean(reasons: Sequence[Reason], mean: tuple[float, int] | None) -> tuple[Reason, ...]:
    """Give the reasons with the server's mean as it is now rather than when the model was fitted."""
    kept: list[Reason] = [reason for reason in reasons if not isinstance(reason, CrowdMean)]
    if mean is not None and mean[1] >= TOLD_RATERS:
        kept.append(CrowdMean(*mean))
    return tuple(kept)


def _guests(histories: Mapping[int, History], burdens: Mapping[int, float]) -> list[Guest]:
    return [
        Guest(home_name(member), history.own, history.refused, burdens.get(member, 0.0))
        for member, history in histories.items()
    ]


def _group_ranked(
    model: Model, guests: list[Guest], asked: tuple[Mapping[int, History], Evening], shown: Shown
) -> list[GroupPick]:
    histories, evening = asked
    skip, among = shown
    # Seen without stars counts as seen too, which a guest's ratings do not tell.
    seen_by_all = frozenset[str].intersection(*(history.seen for history in histories.values()))
    count = skip + COUNT + 1
    taste = taste_of_group(model, guests, evening.wishes)
    if among is not None:  # as in `_ranked`: left out after every film has its score
        taste = taste.only(among)
    picks = picks_of(taste, count + len(seen_by_all), evening.weight / 100)
    return [pick for pick in picks if pick.film_id not in seen_by_all][skip:count]


def _stars_of(model: Model, guests: Sequence[Guest], film_id: str) -> dict[str, float]:
    row = model.content.at[film_id]
    return {guest.name: float(model.ask(guest.own, guest.refused, guest.name).stars[row]) for guest in guests}
