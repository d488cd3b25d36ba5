"""Looking back: what the server thought of a pick, posted when it ends."""

from typing import Any

import discord

from bot.core.discord import ServiceRegistry, View
from bot.core.text.escaping import format_user_text
from bot.core.text.formatting import clean_line, truncate
from bot.members.names import MemberNames, with_mentions
from bot.members.privacy_service import PrivacyService
from bot.picks.card import colour_of
from bot.picks.engagement import PickEngagementService
from bot.picks.models import Pick
from bot.reviews.embeds import STARS_IMAGE_URL, create_star_histograms, summarise_stars
from bot.reviews.service import ReviewService
from bot.reviews.stars import format_stars
from bot.reviews.views import RateButton, ReviewsButton


def heading(pick: Pick) -> str:
    """Give the title of the retrospect."""
    return truncate(f"Looking back at {clean_line(pick.title)}", 256)


async def retrospect(services: ServiceRegistry, guild: discord.Guild, pick: Pick) -> dict[str, Any] | None:
    """Give the message with what the server thought of the pick, None where nobody rated it."""
    stars = await services.get(ReviewService).repository.get_film_stars(guild.id, pick.film_id)
    if not stars.totals.rating_count:
        return None
    best = await services.get(PickEngagementService).best_review(guild.id, pick.film_id)
    apart = await services.get(PickEngagementService).disagreement(guild.id, pick.film_id)
    members = {best.member_id} if best is not None else set()
    if apart is not None:
        members |= {apart.high_member, apart.low_member}
    names = MemberNames(await services.get(PrivacyService).list_privacy(members))
    embed = discord.Embed(title=heading(pick), colour=colour_of(guild), description=summarise_stars(stars))
    if best is not None:
        who = f"{names.format(best.member_id)} · {format_stars(best.stars)}"
        helped = f" · helped {best.helpful_count:,}" if best.helpful_count else ""
        text = format_user_text(best.text, 800, spoiler=best.is_spoiler)
        embed.add_field(name="The review that helped most", value=f"{who}{helped}\n{text}", inline=False)
    if apart is not None:
        told = (
            f"{names.format(apart.high_member)} gave {format_stars(apart.high)}, "
            f"{names.format(apart.low_member)} {format_stars(apart.low)}."
        )
        embed.add_field(name="Furthest apart", value=told, inline=False)
    embed.set_image(url=STARS_IMAGE_URL)
    view = View(RateButton(pick.film_id), ReviewsButton(pick.film_id))
    return with_mentions({"embed": embed, "files": create_star_histograms(stars.totals), "view": view})
