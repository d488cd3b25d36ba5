"""The retrospective of a pick: what the server thought of it, posted when it ends."""

import discord

from bot.core.discord import Response, View
from bot.core.text.escaping import escape_line_to_fit, format_user_text
from bot.members.names import MemberNames, with_mentions
from bot.members.privacy_service import PrivacyService
from bot.picks.embeds import get_guild_colour
from bot.picks.engagement_repository import PickEngagementRepository
from bot.picks.models import Pick
from bot.reviews.embeds import STARS_IMAGE_URL, create_star_histograms, summarise_stars
from bot.reviews.service import ReviewService
from bot.reviews.stars import format_stars
from bot.reviews.views import RateButton, ReviewsButton


def format_heading(pick: Pick) -> str:
    """Return the title of the pick's retrospective, by which an earlier one is found."""
    return f"Looking back at {escape_line_to_fit(pick.title, 240)}"


class Retrospectives:
    """Renders retrospectives."""

    def __init__(
        self, *, engagement: PickEngagementRepository, reviews: ReviewService, privacy: PrivacyService
    ) -> None:
        self._engagement = engagement
        self._reviews = reviews
        self._privacy = privacy

    async def render(self, guild: discord.Guild, pick: Pick) -> Response | None:
        """Return the message with what the server thought of the pick, or None if nobody rated it."""
        stars = await self._reviews.repository.get_film_stars(guild.id, pick.film_id)
        if not stars.totals.rating_count:
            return None
        review = await self._engagement.find_most_helpful_review(guild.id, pick.film_id)
        disagreement = await self._engagement.find_disagreement(guild.id, pick.film_id)
        member_ids = {review.member_id} if review is not None else set()
        if disagreement is not None:
            member_ids |= {disagreement.highest_member_id, disagreement.lowest_member_id}
        names = MemberNames(await self._privacy.list_privacy(member_ids))
        embed = discord.Embed(
            title=format_heading(pick), colour=get_guild_colour(guild), description=summarise_stars(stars)
        )
        if review is not None:
            author = f"{names.format(review.member_id)} · {format_stars(review.stars)}"
            helpful = f" · helped {review.helpful_count:,}" if review.helpful_count else ""
            text = format_user_text(review.text, 800, spoiler=review.is_spoiler)
            embed.add_field(name="The review that helped most", value=f"{author}{helpful}\n{text}", inline=False)
        if disagreement is not None:
            value = (
                f"{names.format(disagreement.highest_member_id)} gave {format_stars(disagreement.highest)}, "
                f"{names.format(disagreement.lowest_member_id)} {format_stars(disagreement.lowest)}."
            )
            embed.add_field(name="Furthest apart", value=value, inline=False)
        embed.set_image(url=STARS_IMAGE_URL)
        view = View(RateButton(pick.film_id), ReviewsButton(pick.film_id))
        return with_mentions(Response(embeds=(embed,), files=create_star_histograms(stars.totals), view=view))
