"""What reviews add to a film's card: buttons to rate it and to read its reviews, and the server's stars."""

from dataclasses import replace

from bot.core.discord import get_service, is_ephemeral
from bot.films.card import CardAction, CardAddition, CardContext, CardSection
from bot.members.names import get_member_names
from bot.reviews.embeds import create_star_histograms, create_stars_embed
from bot.reviews.service import ReviewService
from bot.reviews.views import RateButton, ReviewsButton


async def _render_stars(card: CardContext) -> CardAddition | None:
    """Return the server's stars for the film, or None outside a server and if nobody there has rated the film.

    A member who hides their name sees their own stars only on a card that nobody else sees: above a reply Discord
    shows whose command it answers.
    """
    interaction, user = card.interaction, card.interaction.user
    if interaction.guild_id is None:
        return None
    repository = get_service(interaction, ReviewService).repository
    stars = await repository.get_film_stars(interaction.guild_id, card.film.id, user.id)
    if not stars.totals.rating_count and stars.own_stars is None:
        return None
    is_hidden = stars.own_stars is not None and (await get_member_names(interaction, [user.id])).is_hidden(user.id)
    if is_hidden and not is_ephemeral(interaction):
        stars = replace(stars, own_stars=None)
    server_name = interaction.guild.name if interaction.guild else None
    embed = create_stars_embed(stars, server_name, "You" if is_hidden else user.display_name)
    return CardAddition(embeds=(embed,), files=create_star_histograms(stars.totals))


CARD_ACTIONS = (
    CardAction("rate", 10, lambda film: RateButton(film.id), is_guild_only=True),
    CardAction("reviews", 20, lambda film: ReviewsButton(film.id), is_guild_only=True),
)
STARS_SECTION = CardSection("stars", 90, _render_stars)
