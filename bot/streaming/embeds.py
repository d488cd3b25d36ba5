"""Where a film streams, as Discord shows it."""

from collections.abc import Collection, Sequence
from datetime import datetime

import discord

from bot.core.discord import COLOUR
from bot.core.text.countries import country_name, flag
from bot.core.text.escaping import escape, escape_line
from bot.core.text.formatting import clean_line, join_limited, truncate
from bot.films.embeds import TMDB_NOTICE
from bot.films.metadata import Known
from bot.films.models import Film
from bot.films.offers import CountryOffers, service_key

JUSTWATCH = "Streaming data by JustWatch"
OFFERS_LIMIT = 850
"""Characters of the offers in a field, so that what must stand below them always fits."""


def offers_text(offers: CountryOffers, mine: Collection[str]) -> str:
    """Give one line for each kind of offer; the reader's own services come first and are marked."""
    lines = []
    for offer, names in offers.services.items():
        own = [name for name in names if service_key(name) in mine]
        others = [name for name in names if service_key(name) not in mine]
        told = [f"✓ **{escape_line(name, 80)}** (yours)" for name in own] + [
            escape_line(name, 80) for name in others
        ]
        lines.append(f"**{offer.value}:** {join_limited(told, 300)}")
    return join_limited(lines, OFFERS_LIMIT, "\n") or "Nothing known."


def attribution(stale_since: datetime | None) -> str:
    """Return the credit for JustWatch, with the age of offers that are stale."""
    if stale_since is None:
        return f"*{JUSTWATCH}*"
    return f"*{JUSTWATCH}, as of {discord.utils.format_dt(stale_since, 'R')}*"


def where_card(
    film: Film, known: Known, countries: Sequence[str], mine: Collection[str], stale_since: datetime | None
) -> discord.Embed:
    """Give the offers of several countries side by side."""
    embed = discord.Embed(title=truncate(escape(clean_line(film.dated_title)), 256), colour=COLOUR)
    for country in countries:
        offers = known.streaming.within(country) if known.streaming is not None else CountryOffers()
        links = f"\n[Links to all of them]({offers.link})" if offers.link else ""
        name = f"{country_name(country)} {flag(country)}"
        embed.add_field(name=name, value=offers_text(offers, mine) + links, inline=len(countries) > 1)
    if known.details is not None and known.details.poster:
        embed.set_thumbnail(url=known.details.poster)
    embed.description = attribution(stale_since)
    embed.set_footer(text=TMDB_NOTICE)
    return embed
