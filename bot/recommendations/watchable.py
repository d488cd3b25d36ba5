"""“Only my services”: which films members can watch, what is told of it, and whose data that is.

It only chooses among films that are ranked already: where they stream never reaches the recommender.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import discord

from bot.core.discord import get_service, require_guild_id
from bot.core.text.countries import country_name, flag
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import join_limited
from bot.films.embeds import TMDB_NOTICE
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.films.offers import service_key
from bot.members.preference_service import PreferenceService
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.service import RecommendationService
from bot.streaming.embeds import JUSTWATCH_NOTICE
from bot.streaming.subscription_service import SubscriptionService
from bot.streaming.views import require_country_and_subscriptions

CANDIDATES = 300
"""Films, those most to the members' taste, whose offers are worth knowing."""
ASKED_AT_ONCE = 20
"""Of them, how many are asked for with one answer where their offers are missing or stale."""
PATIENCE = 1.0
"""Seconds that an answer waits for that; what comes later is known the next time."""
SERVICES_TOLD = 160
NOBODYS = (
    "None of you has named streaming services and a country yet: `/services` and `/me country`, "
    "then choose again who is watching."
)


@dataclass(frozen=True, slots=True)
class Watchable:
    """Services by the id of each film that members can watch, the members' countries, and all their services.

    `whole` tells whether the offers of all films worth knowing are known.
    """

    films: Mapping[str, tuple[str, ...]]
    countries: Mapping[int, str]
    named: tuple[str, ...] = ()
    whole: bool = True

    def told(self, film_id: str) -> str:
        """Name the services that show the film."""
        names = join_limited(
            [f"**{escape_line(name, 80)}**" for name in self.films.get(film_id, ())], SERVICES_TOLD
        )
        return f"✓ On {names}" if names else ""

    def nothing(self) -> str:
        """Say that none of the services is known to show anything, and what can be done."""
        names = join_limited([f"**{escape_line(name, 80)}**" for name in self.named], SERVICES_TOLD)
        places = dict.fromkeys(self.countries.values())
        where = join_limited([f"{country_name(code)} {flag(code)}" for code in places], 200)
        later = "" if self.whole else " More films are being looked up: ask again in a moment."
        return (
            f"No film that fits is known to be on {names} in {where}.{later} `/where film` asks where a single "
            "film streams; `/services` changes what counts."
        )


async def mine(interaction: discord.Interaction[Any], filters: RecommendationFilters) -> Watchable | None:
    """Give what the member who acts can watch, or None where they did not ask for that alone.

    Raises InvalidInputError for a member who has named no country or no services.
    """
    if not filters.on_services:
        return None
    country, _ = await require_country_and_subscriptions(interaction)
    member = interaction.user.id
    return await _watchable(interaction, [member], {member: country}, filters)


async def ours(
    interaction: discord.Interaction[Any], members: Sequence[int], filters: RecommendationFilters
) -> Watchable | None:
    """Give what one of the members at least can watch, or None where that alone was not asked for."""
    if not filters.on_services:
        return None
    countries = {}
    preferences = get_service(interaction, PreferenceService)
    subscriptions = get_service(interaction, SubscriptionService).repository
    for member in members:
        country = await preferences.get_country(member, require_guild_id(interaction))
        if country is not None and await subscriptions.get_subscriptions(member):
            countries[member] = country.code
    return await _watchable(interaction, members, countries, filters) if countries else Watchable({}, {})


async def _watchable(
    interaction: discord.Interaction[Any],
    members: Sequence[int],
    countries: Mapping[int, str],
    filters: RecommendationFilters,
) -> Watchable:
    whole = True
    if get_service(interaction, MetadataService).is_enabled:
        best = await get_service(interaction, RecommendationService).list_best_film_ids(
            require_guild_id(interaction), members, filters, CANDIDATES
        )
        whole = await get_service(interaction, MetadataService).refresh_offers(best, ASKED_AT_ONCE, PATIENCE)
    named: dict[str, str] = {}
    for member in countries:
        named |= await get_service(interaction, SubscriptionService).repository.get_subscriptions(member)
    return Watchable(
        await get_service(interaction, SubscriptionService).list_services_by_film(countries),
        countries,
        tuple(named.values()),
        whole,
    )


async def attribution(
    interaction: discord.Interaction[Any], films: Iterable[Film], watchable: Watchable | None
) -> str:
    """Name those whose data says where the films stream, with its age where that matters; "" for the catalogue.

    Says too where more is being looked up.
    """
    if watchable is None:
        return ""
    online, foreign, oldest = get_service(interaction, MetadataService), False, None
    for film in films:
        if _catalogue_says(film, watchable):
            continue
        foreign = True
        known = await online.get_cached(film)
        if known is not None and (stale_since := online.stale_since(known)) is not None:
            oldest = min(oldest or stale_since, stale_since)
    told = f"{JUSTWATCH_NOTICE}{_as_of(oldest)}. {TMDB_NOTICE}" if foreign else ""
    more = "" if watchable.whole else "More films are being looked up: ask again for them."
    return " ".join(part for part in (more, told) if part)


def _catalogue_says(film: Film, watchable: Watchable) -> bool:
    """Tell whether the catalogue itself has all of the film's services, so that no other source was used."""
    own = {
        service_key(item.service)
        for item in film.availability
        if any(item.covers(country) for country in watchable.countries.values())
    }
    return {service_key(name) for name in watchable.films.get(film.id, ())} <= own


def _as_of(oldest: datetime | None) -> str:
    return "" if oldest is None else f", as of {discord.utils.format_dt(oldest, 'R')}"
