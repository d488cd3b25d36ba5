"""Where a film streams, on its card."""

from collections.abc import Collection
from datetime import datetime

import discord

from bot.core.discord import COLOUR, get_service
from bot.core.text.countries import country_name, flag
from bot.core.text.escaping import escape, escape_line
from bot.core.text.formatting import clean_line, format_date, join_limited, truncate
from bot.films.card import CardAddition, CardContext, CardSection
from bot.films.metadata import Known
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.members.country_views import CountryButton
from bot.streaming.embeds import attribution, offers_text
from bot.streaming.subscriptions import SubscriptionService

FIELD_LIMIT = 1_024


async def _render_offers(card: CardContext) -> CardAddition:
    """Return the offers in the member's country, or without one what the catalogue knows and a way to set it."""
    country, metadata = card.country, card.metadata
    if country is None:
        return CardAddition(
            fields=((offers_heading(None), describe_availability(card.film, None)),),
            items=(CountryButton(card.film.id),),
        )
    offers = describe_availability(card.film, country)
    if metadata is not None and metadata.details is not None and metadata.streaming is not None:
        own = await get_service(card.interaction, SubscriptionService).of(card.interaction.user.id)
        stale_since = get_service(card.interaction, MetadataService).stale_since(metadata)
        offers = describe_offers(metadata, country, own, stale_since)
    return CardAddition(fields=((offers_heading(country), offers),))


def offers_heading(country: str | None) -> str:
    """Return the heading above the offers in a country."""
    return f"Where to stream in {country_name(country)} {flag(country)}" if country else "Where to stream"


def availability_embed(film: Film, country: str) -> discord.Embed:
    """Return where the film streams in the country as the catalogue knows it."""
    embed = discord.Embed(title=truncate(escape(clean_line(film.dated_title)), 256), colour=COLOUR)
    return embed.add_field(name=offers_heading(country), value=describe_availability(film, country), inline=False)


def describe_availability(film: Film, country: str | None) -> str:
    """Return where the film streams as the catalogue knows it; without a country only what is everywhere."""
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
    elif not lines:
        lines.append("Nothing known.")
    return join_limited(lines, FIELD_LIMIT, "\n")


def describe_offers(
    metadata: Known, country: str, own_services: Collection[str], stale_since: datetime | None
) -> str:
    """Return the offers in the country with the credit for them; `own_services` are keys of the member's."""
    if metadata.streaming is None:
        return "Nothing known."
    offers = metadata.streaming.within(country)
    lines = [offers_text(offers, own_services), attribution(stale_since)]
    if offers.link:
        lines.append(f"[Links to all of them]({offers.link})")
    return truncate("\n".join(lines), FIELD_LIMIT)


CARD_SECTION = CardSection("offers", 80, _render_offers)
