"""“Only my services”: the films that members can watch, and whose data says so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.core.discord import get_service, require_guild_id
from bot.core.text.cldr import country_name, flag
from bot.core.text.formatting import escape_line, join_limited
from bot.core.text.i18n import _, gettext_noop
from bot.films.card import TMDB_NOTICE
from bot.films.metadata import service_key
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.members.service import PreferenceService
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.service import RecommendationService
from bot.streaming.embeds import describe_attribution
from bot.streaming.service import SubscriptionService
from bot.streaming.views import require_country_and_subscriptions

CANDIDATES = 300
"""The highest ranked films whose offers are worth knowing."""
MAX_REFRESHED = 20
"""Films whose offers are fetched for one reply, if they are missing or stale."""
REFRESH_TIMEOUT = 1.0
"""Seconds that the reply waits for it; what comes later is known the next time."""
SERVICES_LENGTH_LIMIT = 160
NOBODY_HAS_SERVICES = gettext_noop(
    "None of you has chosen streaming services and a country. Use `/services` and `/me country`, then choose who's"
    " watching."
)


@dataclass(frozen=True, slots=True)
class WatchableFilms:
    """The names of services by film that some members can watch.

    `countries` are the members' countries, `service_names` all their services; `is_complete` is false while offers
    of some films worth knowing are still being fetched.
    """

    services_by_film: Mapping[str, tuple[str, ...]]
    countries: Mapping[int, str]
    service_names: tuple[str, ...] = ()
    is_complete: bool = True

    def describe_services(self, film_id: str) -> str:
        """Return the services that show the film in words, "" for none."""
        names = _join_services(self.services_by_film.get(film_id, ()))
        return _("✓ On {services}").format(services=names) if names else ""

    def describe_nothing_found(self) -> str:
        """Return the message that none of the services shows a film that fits, and what can be done."""
        codes = dict.fromkeys(self.countries.values())
        countries = join_limited([f"{country_name(code)} {flag(code)}" for code in codes], 200)
        sentences = [
            _("I found no matching film on {services} in {countries}.").format(
                services=_join_services(self.service_names), countries=countries
            )
        ]
        if not self.is_complete:
            sentences.append(_("I'm still looking up more films. Try again in a moment."))
        sentences.append(_("Change your services with `/services`, or look up one film with `/where film`."))
        return " ".join(sentences)


def _join_services(names: Iterable[str]) -> str:
    return join_limited([f"**{escape_line(name, 80)}**" for name in names], SERVICES_LENGTH_LIMIT)


async def list_watchable_for_member(
    interaction: discord.Interaction[Any], server_id: int, filters: RecommendationFilters
) -> WatchableFilms | None:
    """Return what the member who acts can watch, or None if the filters don't ask for it.

    Raises InvalidInputError for a member who has named no country or no services.
    """
    if not filters.on_services:
        return None
    country, _ = await require_country_and_subscriptions(interaction)
    member_id = interaction.user.id
    return await _list_watchable(interaction, server_id, [member_id], {member_id: country}, filters)


async def list_watchable_for_group(
    interaction: discord.Interaction[Any], member_ids: Sequence[int], filters: RecommendationFilters
) -> WatchableFilms | None:
    """Return what at least one of the members can watch, or None if the filters don't ask for it."""
    if not filters.on_services:
        return None
    preferences = get_service(interaction, PreferenceService)
    subscriptions = get_service(interaction, SubscriptionService).repository
    server_id, countries = require_guild_id(interaction), {}
    for member_id in member_ids:
        country = await preferences.get_country(member_id, server_id)
        if country is not None and await subscriptions.get_subscriptions(member_id):
            countries[member_id] = country.code
    if not countries:
        return WatchableFilms({}, {})
    return await _list_watchable(interaction, server_id, member_ids, countries, filters)


async def _list_watchable(
    interaction: discord.Interaction[Any],
    server_id: int,
    member_ids: Sequence[int],
    countries: Mapping[int, str],
    filters: RecommendationFilters,
) -> WatchableFilms:
    is_complete = True
    metadata = get_service(interaction, MetadataService)
    if metadata.is_enabled:
        best = await get_service(interaction, RecommendationService).list_best_film_ids(
            server_id, member_ids, filters, CANDIDATES
        )
        is_complete = await metadata.refresh_offers(best, MAX_REFRESHED, REFRESH_TIMEOUT)
    subscriptions = get_service(interaction, SubscriptionService)
    names: dict[str, str] = {}
    for member_id in countries:
        names |= await subscriptions.repository.get_subscriptions(member_id)
    services_by_film = await subscriptions.list_services_by_film(countries)
    return WatchableFilms(services_by_film, countries, tuple(names.values()), is_complete)


async def describe_sources(
    interaction: discord.Interaction[Any], films: Iterable[Film], watchable: WatchableFilms | None
) -> str:
    """Return whose data says where the films stream, with its age if it is stale; "" for the catalogue's own.

    Also says if more films are being looked up.
    """
    if watchable is None:
        return ""
    metadata = get_service(interaction, MetadataService)
    is_from_source, oldest = False, None
    for film in films:
        services = {service_key(name) for name in watchable.services_by_film.get(film.id, ())}
        in_catalogue = {
            service_key(item.service)
            for item in film.availability
            if any(item.covers(country) for country in watchable.countries.values())
        }
        if services <= in_catalogue:
            continue
        is_from_source = True
        cached = await metadata.get_cached(film)
        if cached is not None and (stale_since := metadata.get_stale_fetch_time(cached)) is not None:
            oldest = min(oldest or stale_since, stale_since)
    notice = f"{describe_attribution(oldest)} {TMDB_NOTICE}" if is_from_source else ""
    more = "" if watchable.is_complete else _("I'm still looking up more films. Try again in a moment.")
    return " ".join(part for part in (more, notice) if part)
