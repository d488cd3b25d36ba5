"""Streaming as Discord shows it: offers, a member's services, alerts and notifications."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import discord

from bot.core.discord import COLOUR, get_service
from bot.core.discord.limits import FIELD_LIMIT
from bot.core.text.cldr import country_name, format_country, format_date
from bot.core.text.formatting import escape_line, escape_line_to_fit, join_limited, truncate
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.card import TMDB_CREDIT, CardAddition, CardContext, CardSection
from bot.films.metadata import CachedMetadata, CountryOffers, OfferKind, service_key
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.members.service import PreferenceService
from bot.members.views import CountryButton
from bot.streaming.models import Alert, AlertNotification, NoServicesError
from bot.streaming.service import SubscriptionService

JUSTWATCH_NOTICE = "Streaming data by JustWatch"
OFFERS_LENGTH_LIMIT = 850
"""Characters of the offers in a field, so that the lines below them always fit."""
LIST_LENGTH_LIMIT = 3_500
"""Characters of a list of films, well inside an embed's 4,096."""
ALERT_BUTTONS_LIMIT = 20
SIDE_BY_SIDE = 2
"""Countries whose offers have room beside each other."""
OFFER_LABELS = {
    OfferKind.SUBSCRIPTION: gettext_noop("Subscription"),
    OfferKind.FREE: gettext_noop("Free"),
    OfferKind.ADS: gettext_noop("With ads"),
    OfferKind.RENT: gettext_noop("Rent"),
    OfferKind.BUY: gettext_noop("Buy"),
}
COUNTRY_HINT = "country hint"
"""The key in an interaction's extras that says that its card tells how to set a country."""


def describe_attribution(stale_since: datetime | None) -> str:
    """Return the credit for JustWatch, with the age of offers that are stale."""
    if stale_since is None:
        return f"*{JUSTWATCH_NOTICE}*"
    # Translators: {notice} names the source of offers, {when} is such as “3 weeks ago”
    message = _("{notice}, updated {when}")
    return f"*{message.format(notice=JUSTWATCH_NOTICE, when=discord.utils.format_dt(stale_since, 'R'))}*"


def offers_heading(country: str | None) -> str:
    """Return the heading above the offers in a country."""
    if country is None:
        return _("Where to stream")
    # Translators: a heading; {country} is a name with its flag, such as “United States 🇺🇸”
    return _("Where to stream · {country}").format(country=format_country(country))


def describe_no_offers() -> str:
    """Return what stands in the place of offers where none are known."""
    return _("No offers found.")


def describe_availability(film: Film, country: str | None) -> str:
    """Return where the film streams according to the catalogue, "" if it doesn't say.

    Without a country only what is everywhere.
    """
    lines = []
    for item in film.availability:
        if item.covers(country):
            parts = [f"**{escape_line(item.service, 80)}**"]
            if country is None:
                parts.append(_("everywhere"))
            if item.since:
                parts.append(_("since {day}").format(day=format_date(item.since)))
            parts.append(_("checked {day}").format(day=format_date(item.as_of)))
            lines.append(" · ".join(parts))
    return join_limited(lines, FIELD_LIMIT - 200, "\n")


def describe_offers(offers: CountryOffers, subscriptions: Collection[str]) -> str:
    """Return a line for each kind of offer, the services with the keys `subscriptions` first and marked.

    "" for none. What a member subscribes to is private: where others read, `subscriptions` is empty.
    """
    lines = []
    for offer, services in offers.services.items():
        own = [
            _("✓ **{service}** (yours)").format(service=escape_line(name, 80))
            for name in services
            if service_key(name) in subscriptions
        ]
        others = [escape_line(name, 80) for name in services if service_key(name) not in subscriptions]
        lines.append(f"**{_(OFFER_LABELS[offer])}:** {join_limited([*own, *others], 300)}")
    return join_limited(lines, OFFERS_LENGTH_LIMIT, "\n")


def describe_offers_with_attribution(
    offers: CountryOffers, subscriptions: Collection[str], stale_since: datetime | None
) -> str:
    """Return the offers as a field of the film card shows them, "" for none."""
    services = describe_offers(offers, subscriptions)
    if not services:
        return ""
    lines = [services, describe_attribution(stale_since)]
    if offers.link:
        lines.append(_format_link(offers))
    return truncate("\n".join(lines), FIELD_LIMIT)


def _format_link(offers: CountryOffers) -> str:
    label = _("Links to these offers")
    return f"[{label}]({offers.link})"


def build_availability_embed(film: Film, country: str | None) -> discord.Embed:
    """Return where the film streams in the country according to the catalogue; for None, what is everywhere."""
    embed = discord.Embed(title=escape_line_to_fit(film.shown_title, 256), colour=COLOUR)
    value = describe_availability(film, country) or describe_no_offers()
    return embed.add_field(name=offers_heading(country), value=value, inline=False)


def build_offers_embed(
    film: Film,
    metadata: CachedMetadata,
    countries: Sequence[str],
    subscriptions: Collection[str],
    stale_since: datetime | None,
) -> discord.Embed:
    """Return the offers of several countries, of two side by side: three columns would break words."""
    embed = discord.Embed(title=escape_line_to_fit(film.shown_title, 256), colour=COLOUR)
    for country in countries:
        offers = metadata.streaming.get_country(country) if metadata.streaming is not None else CountryOffers()
        value = describe_offers(offers, subscriptions) or describe_no_offers()
        if offers.link:
            value += f"\n{_format_link(offers)}"
        embed.add_field(name=format_country(country), value=value, inline=len(countries) == SIDE_BY_SIDE)
    if metadata.details is not None and metadata.details.poster:
        embed.set_thumbnail(url=metadata.details.poster)
    embed.description = describe_attribution(stale_since)
    embed.set_footer(text=_(TMDB_CREDIT))
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
    embed = discord.Embed(title=_("Your streaming services"), colour=COLOUR)
    lines = [
        _("✗ {service} · no longer exists").format(service=escape_line(name, 80))
        if key in discontinued
        else f"✓ {escape_line(name, 80)}"
        for key, name in subscriptions.items()
    ]
    services = join_limited(lines, 3_000, "\n")
    embed.description = services or _("None yet. Pick yours below: alerts and recommendations use them.")
    if not has_menu:
        return embed.set_footer(text=str(NoServicesError()))
    if country is None:
        hint = _("Set your country with /me country to see its services. Find any other with /services add.")
    elif is_menu_local:
        hint = _("Services in {country}. Find any other with /services add.")
    else:
        hint = _(
            "I don't know the services in {country}, so these are from elsewhere. Find any with /services add."
        )
    return embed.set_footer(text=hint.format(country=format_country(country) if country else ""))


def build_alerts_embed(alerts: Sequence[tuple[Alert, Film]], *, has_subscriptions: bool) -> discord.Embed:
    """Return the member's alerts with their films."""
    embed = discord.Embed(title=_("Your alerts"), colour=COLOUR)
    lines = [_describe_alert(alert, film) for alert, film in alerts]
    embed.description = join_limited(lines, LIST_LENGTH_LIMIT, "\n") or _(
        "No alerts yet. Add one with `/alert` and a film."
    )
    if alerts and not has_subscriptions:
        note = _("Choose your streaming services with `/services` so I can alert you.")
        embed.description += f"\n\n{note}"
    if len(alerts) > ALERT_BUTTONS_LIMIT:
        embed.set_footer(
            text=_("Buttons for the first {count}. Remove others with /alert remove.").format(
                count=ALERT_BUTTONS_LIMIT
            )
        )
    return embed


def _describe_alert(alert: Alert, film: Film) -> str:
    name = f"**{escape_line(film.shown_title, 150)}** · {format_country(alert.country)}"
    if alert.available_at is None:
        return _("{film} · since {day}").format(film=name, day=discord.utils.format_dt(alert.created_at, "D"))
    available_on = discord.utils.format_dt(alert.available_at, "D")
    services = join_limited([escape_line(service, 80) for service in alert.services], 300)
    return _("{film} · **now on {services}** since {day}. I couldn't message you: your DMs are closed.").format(
        film=name, services=services, day=available_on
    )


def build_notifications_embed(notifications: Sequence[AlertNotification]) -> discord.Embed:
    """Return all films that came to the member's services in one night."""
    count = len(notifications)
    title = ngettext("A film you want is now streaming", "{count} films you want are now streaming", count)
    embed = discord.Embed(title=title.format(count=count), colour=COLOUR)
    lines = []
    for notification in notifications:
        services = join_limited([f"**{escape_line(name, 80)}**" for name in notification.services], 300)
        title = escape_line(notification.film.shown_title, 150)
        line = _("**{title}** is on {services} in {country}")
        lines.append(line.format(title=title, services=services, country=country_name(notification.country)))
    embed.description = join_limited(lines, LIST_LENGTH_LIMIT, "\n") + f"\n*{JUSTWATCH_NOTICE}*"
    embed.set_footer(text=_(TMDB_CREDIT))
    return embed


def describe_alert_added(film: Film, country: str) -> str:
    """Return the reply to a member who added an alert."""
    return _("I'll message you when **{title}** comes to one of your services in {country}.").format(
        title=escape_line(film.shown_title), country=format_country(country)
    )


def describe_already_available(film: Film, country: str, services: Sequence[str]) -> str:
    """Return the reply to a member who wants an alert for a film that their services show already."""
    names = join_limited([f"**{escape_line(name, 80)}**" for name in services], 500)
    title = escape_line(film.shown_title)
    message = _("**{title}** is already on {services} in {country}.")
    return f"{message.format(title=title, services=names, country=format_country(country))} *{JUSTWATCH_NOTICE}*"


async def _render_card_section(context: CardContext) -> CardAddition | None:
    """Return the offers in the member's country as far as any are known.

    Without a country, what is everywhere; and once for each member, how to set one.
    """
    country, metadata = context.country, context.metadata
    offers = describe_availability(context.film, country)
    if country is None:
        is_hinted = await _is_country_hinted(context)
        if is_hinted:
            hint = _("Set your country with `/me country` to see where films stream.")
            offers = "\n".join(filter(None, (offers, f"-# {hint}")))
        items = (CountryButton(context.film.id),) if is_hinted else ()
        return CardAddition(fields=((offers_heading(None), offers),), items=items) if offers else None
    if metadata is not None and metadata.details is not None and metadata.streaming is not None:
        subscriptions: Collection[str] = ()
        if context.is_private:
            repository = get_service(context.interaction, SubscriptionService).repository
            subscriptions = await repository.get_subscriptions(context.interaction.user.id)
        stale_since = get_service(context.interaction, MetadataService).get_stale_fetch_time(metadata)
        offers = describe_offers_with_attribution(
            metadata.streaming.get_country(country), subscriptions, stale_since
        )
    return CardAddition(fields=((offers_heading(country), offers),)) if offers else None


async def _is_country_hinted(context: CardContext) -> bool:
    """Return whether the card tells how to set a country; a card that is rendered again goes on telling."""
    interaction = context.interaction
    if COUNTRY_HINT not in interaction.extras:
        has_offers = get_service(interaction, MetadataService).is_enabled or bool(context.film.availability)
        preferences = get_service(interaction, PreferenceService)
        interaction.extras[COUNTRY_HINT] = has_offers and await preferences.claim_country_hint(interaction.user.id)
    return bool(interaction.extras[COUNTRY_HINT])


CARD_SECTION = CardSection("offers", 80, _render_card_section)
"""Where to stream, on a film's card."""
