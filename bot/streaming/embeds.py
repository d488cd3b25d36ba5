"""Streaming as Discord shows it: offers, a member's services, alerts and notifications."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import discord

from bot.core.discord import COLOUR, get_service
from bot.core.discord.limits import FIELD_LIMIT
from bot.core.text.countries import country_name, format_country
from bot.core.text.escaping import escape_line, escape_line_to_fit
from bot.core.text.formatting import format_date, join_limited, truncate
from bot.core.text.i18n import _
from bot.films.card import TMDB_NOTICE, CardAddition, CardContext, CardSection
from bot.films.metadata import CachedMetadata, CountryOffers, service_key
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.members.views import CountryButton
from bot.streaming.models import Alert, AlertNotification, NoServicesError
from bot.streaming.service import SubscriptionService

JUSTWATCH_NOTICE = "Streaming data by JustWatch"
OFFERS_LENGTH_LIMIT = 850
"""Characters of the offers in a field, so that the lines below them always fit."""
LIST_LENGTH_LIMIT = 3_500
"""Characters of a list of films, well inside an embed's 4,096."""
ALERT_BUTTONS_LIMIT = 20
UNKNOWN = "Nothing known."


def describe_attribution(stale_since: datetime | None) -> str:
    """Return the credit for JustWatch, with the age of offers that are stale."""
    if stale_since is None:
        return f"*{JUSTWATCH_NOTICE}*"
    return f"*{JUSTWATCH_NOTICE}, as of {discord.utils.format_dt(stale_since, 'R')}*"


def offers_heading(country: str | None) -> str:
    """Return the heading above the offers in a country."""
    return f"Where to stream in {format_country(country)}" if country else "Where to stream"


def describe_availability(film: Film, country: str | None) -> str:
    """Return where the film streams according to the catalogue; without a country only what is everywhere."""
    lines = []
    for item in film.availability:
        if item.covers(country):
            parts = [f"**{escape_line(item.service, 80)}**"]
            if country is None:
                parts.append("everywhere")
            if item.since:
                parts.append(f"since {format_date(item.since)}")
            lines.append(" · ".join([*parts, f"as of {format_date(item.as_of)}"]))
    if country is None:
        lines.append("No country set: `/me country` shows what streams in yours.")
    return join_limited(lines or [UNKNOWN], FIELD_LIMIT, "\n")


def describe_offers(offers: CountryOffers, subscriptions: Collection[str]) -> str:
    """Return a line for each kind of offer, the services with the keys `subscriptions` first and marked."""
    lines = []
    for offer, services in offers.services.items():
        own = [f"✓ **{escape_line(name, 80)}** (yours)" for name in services if service_key(name) in subscriptions]
        others = [escape_line(name, 80) for name in services if service_key(name) not in subscriptions]
        lines.append(f"**{offer.value}:** {join_limited([*own, *others], 300)}")
    return join_limited(lines, OFFERS_LENGTH_LIMIT, "\n") or UNKNOWN


def describe_offers_with_attribution(
    offers: CountryOffers, subscriptions: Collection[str], stale_since: datetime | None
) -> str:
    """Return the offers as a field of the film card shows them."""
    lines = [describe_offers(offers, subscriptions), describe_attribution(stale_since)]
    if offers.link:
        lines.append(_format_link(offers))
    return truncate("\n".join(lines), FIELD_LIMIT)


def _format_link(offers: CountryOffers) -> str:
    return f"[Links to all of them]({offers.link})"


def build_availability_embed(film: Film, country: str) -> discord.Embed:
    """Return where the film streams in the country according to the catalogue."""
    embed = discord.Embed(title=escape_line_to_fit(film.dated_title, 256), colour=COLOUR)
    return embed.add_field(name=offers_heading(country), value=describe_availability(film, country), inline=False)


def build_offers_embed(
    film: Film,
    metadata: CachedMetadata,
    countries: Sequence[str],
    subscriptions: Collection[str],
    stale_since: datetime | None,
) -> discord.Embed:
    """Return the offers of several countries side by side."""
    embed = discord.Embed(title=escape_line_to_fit(film.dated_title, 256), colour=COLOUR)
    for country in countries:
        offers = metadata.streaming.get_country(country) if metadata.streaming is not None else CountryOffers()
        value = describe_offers(offers, subscriptions)
        if offers.link:
            value += f"\n{_format_link(offers)}"
        embed.add_field(name=format_country(country), value=value, inline=len(countries) > 1)
    if metadata.details is not None and metadata.details.poster:
        embed.set_thumbnail(url=metadata.details.poster)
    embed.description = describe_attribution(stale_since)
    embed.set_footer(text=TMDB_NOTICE)
    return embed


def build_subscriptions_embed(
    subscriptions: Mapping[str, str],
    country: str | None,
    *,
    discontinued: Collection[str],
    has_menu: bool,
    is_menu_local: bool,
) -> discord.Embed:
    """Return the member's services, names by key, and what the menu below them offers.

    Services with the keys `discontinued` no longer exist, and are marked. Without `has_menu` no service is known
    at all; with `is_menu_local` the menu has the services of the country.
    """
    embed = discord.Embed(title="Your streaming services", colour=COLOUR)
    lines = [
        _("✗ {service} · no longer exists").format(service=escape_line(name, 80))
        if key in discontinued
        else f"✓ {escape_line(name, 80)}"
        for key, name in subscriptions.items()
    ]
    services = join_limited(lines, 3_000, "\n")
    embed.description = services or "None named yet. Cards mark yours, and alerts tell of them."
    if not has_menu:
        return embed.set_footer(text=str(NoServicesError()))
    if country is None:
        hint = "Set your country with /me country to see its services in the menu"
    elif is_menu_local:
        hint = f"The menu has the services of {format_country(country)}"
    else:
        hint = f"No service of {format_country(country)} is known, so the menu has others"
    return embed.set_footer(text=f"{hint}; /services add finds any other.")


def build_alerts_embed(alerts: Sequence[tuple[Alert, Film]], *, has_subscriptions: bool) -> discord.Embed:
    """Return the member's alerts with their films."""
    embed = discord.Embed(title="Films you wait for", colour=COLOUR)
    lines = [_describe_alert(alert, film) for alert, film in alerts]
    embed.description = join_limited(lines, LIST_LENGTH_LIMIT, "\n") or "None. `/alert` with a film adds one."
    if alerts and not has_subscriptions:
        embed.description += "\n\nYou name no service, so nothing can come: `/services`."
    if len(alerts) > ALERT_BUTTONS_LIMIT:
        embed.set_footer(
            text=f"Buttons are below for the first {ALERT_BUTTONS_LIMIT}; those after them get theirs as these go."
        )
    return embed


def _describe_alert(alert: Alert, film: Film) -> str:
    name = f"**{escape_line(film.dated_title, 150)}** · {format_country(alert.country)}"
    if alert.available_at is None:
        return f"{name} · since {discord.utils.format_dt(alert.created_at, 'd')}"
    available_on = discord.utils.format_dt(alert.available_at, "d")
    services = join_limited([escape_line(service, 80) for service in alert.services], 300)
    return f"{name} · **came to {services}** on {available_on}; your direct messages are closed to me"


def build_notifications_embed(notifications: Sequence[AlertNotification]) -> discord.Embed:
    """Return all films that came to the member's services in one night."""
    films = "a film" if len(notifications) == 1 else f"{len(notifications)} films"
    embed = discord.Embed(title=f"Now on your services: {films} you wait for", colour=COLOUR)
    lines = []
    for notification in notifications:
        services = join_limited([f"**{escape_line(name, 80)}**" for name in notification.services], 300)
        title = escape_line(notification.film.dated_title, 150)
        lines.append(f"**{title}**: {services} in {country_name(notification.country)}")
    embed.description = join_limited(lines, LIST_LENGTH_LIMIT, "\n") + f"\n*{JUSTWATCH_NOTICE}*"
    embed.set_footer(text=TMDB_NOTICE)
    return embed


def describe_alert_added(film: Film, country: str) -> str:
    """Return the reply to a member who added an alert."""
    return (
        f"You get one direct message when **{escape_line(film.dated_title)}** comes to a service of yours "
        f"in {format_country(country)}. It is looked up every night."
    )


def describe_already_available(film: Film, country: str, services: Sequence[str]) -> str:
    """Return the reply to a member who wants an alert for a film that their services show already."""
    names = join_limited([f"**{escape_line(name, 80)}**" for name in services], 500)
    title = escape_line(film.dated_title)
    return f"**{title}** is there already: {names} in {format_country(country)}. *{JUSTWATCH_NOTICE}*"


async def _render_card_section(context: CardContext) -> CardAddition:
    """Return the offers in the member's country; without one, what is everywhere and a button that sets one."""
    country, metadata = context.country, context.metadata
    if country is None:
        field = (offers_heading(None), describe_availability(context.film, None))
        return CardAddition(fields=(field,), items=(CountryButton(context.film.id),))
    offers = describe_availability(context.film, country)
    if metadata is not None and metadata.details is not None and metadata.streaming is not None:
        subscriptions = await get_service(context.interaction, SubscriptionService).repository.get_subscriptions(
            context.interaction.user.id
        )
        stale_since = get_service(context.interaction, MetadataService).get_stale_fetch_time(metadata)
        offers = describe_offers_with_attribution(
            metadata.streaming.get_country(country), subscriptions, stale_since
        )
    return CardAddition(fields=((offers_heading(country), offers),))


CARD_SECTION = CardSection("offers", 80, _render_card_section)
"""Where to stream, on a film's card."""
