"""`/import reviews`: a member's imported reviews, one at a time, with what publishes them."""

import re
from functools import partial
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    Modal,
    ModalValues,
    Response,
    View,
    acknowledge,
    custom_id,
    get_service,
    require_guild_id,
    respond,
)
from bot.core.discord.error_handler import formats_error
from bot.core.text.cldr import format_date, format_number
from bot.core.text.formatting import clean_input, escape_line_to_fit, format_user_text
from bot.core.text.i18n import _, get_locale, ngettext
from bot.films.service import FilmService
from bot.imports.models import PrivateReviewGoneError
from bot.imports.reviews_repository import PrivateReview, PublishResult
from bot.imports.reviews_service import PrivateReviewService, PublishedAll
from bot.moderation.automod import require_allowed_words
from bot.moderation.notifications import post_pre_moderation_notice
from bot.reviews.models import REVIEW_LENGTH_LIMIT
from bot.reviews.rating_views import (
    REVIEW_FIELD,
    SPOILER_FIELD,
    STARS_FIELD,
    build_review_field,
    build_spoiler_field,
    build_stars_field,
)
from bot.reviews.stars import format_stars

SHOWN_LENGTH = 1_500
"""Characters of a review that are shown before it is published."""


async def render_private_review(interaction: discord.Interaction[Any], after: int = 0) -> Response:
    """Return the member's private review after the one of that id."""
    service, server_id, member_id = (
        get_service(interaction, PrivateReviewService),
        require_guild_id(interaction),
        interaction.user.id,
    )
    review = await service.get_next(server_id, member_id, after)
    if review is None:
        return Response(
            _("You have no imported reviews to publish here. Import your films with `/import file`."),
            is_ephemeral=True,
        )
    count = await service.repository.count(server_id, member_id)
    film = await get_service(interaction, FilmService).repository.get(review.film_id)
    title = escape_line_to_fit(film.shown_title if film is not None else review.film_id, 256)
    embed = discord.Embed(colour=COLOUR, title=title)
    embed.description = format_user_text(review.text, SHOWN_LENGTH)
    stars = [format_stars(review.half_stars)] if review.half_stars is not None else []
    days = [format_date(review.written_on)] if review.written_on is not None else []
    spoiler = [_("marked as a spoiler")] if review.is_spoiler else []
    left = ngettext("{count} private review", "{count} private reviews", count).format(count=format_number(count))
    embed.set_footer(text=" · ".join((*stars, *days, *spoiler, left)))
    view = View()
    if _is_publishable(review):
        view.add_item(PublishButton(str(review.id)))
    view.add_item(EditButton(str(review.id)))
    if count > 1:
        view.add_item(NextReviewButton(str(review.id)))
        label = _("Publish all {count}").format(count=format_number(count))
        view.add_item(PublishAllButton(label))
    return Response(_describe_state(review), embeds=(embed,), view=view, is_ephemeral=True)


def _is_publishable(review: PrivateReview) -> bool:
    return review.half_stars is not None and len(review.text) <= REVIEW_LENGTH_LIMIT


def _describe_state(review: PrivateReview) -> str:
    lines = [_("Only you can see this review. Publish it for everyone in this server.")]
    if len(review.text) > REVIEW_LENGTH_LIMIT:
        text = _("That's {length} characters. Shorten it to {limit} first.")
        lines.append(text.format(length=format_number(len(review.text)), limit=format_number(REVIEW_LENGTH_LIMIT)))
    if review.half_stars is None:
        lines.append(_("You haven't rated the film here yet. Rate it first."))
    elif review.posted_text:
        lines.append(_("It replaces your review of this film here."))
    return "\n".join(lines)


def _describe_published(result: PublishResult) -> str:
    if result.needing_review:
        return _("Thanks! A moderator will look at your review before others see it.")
    return _("Published. Everyone in this server can read your review now.")


def describe_published_all(result: PublishedAll) -> str:
    """Return what came of publishing all of a member's private reviews."""
    text = ngettext("Published {count} review.", "Published {count} reviews.", result.published)
    lines = [text.format(count=format_number(result.published))]
    reasons = (
        (
            result.needing_review,
            ngettext(
                "A moderator will look at {count} of them first.",
                "A moderator will look at {count} of them first.",
                result.needing_review,
            ),
        ),
        (
            result.reviewed_here,
            ngettext(
                "{count} stays private: you have a review of that film here.",
                "{count} stay private: you have reviews of these films here.",
                result.reviewed_here,
            ),
        ),
        (
            result.too_long,
            ngettext(
                "{count} stays private: it's too long. Shorten it first.",
                "{count} stay private: they're too long. Shorten them one by one.",
                result.too_long,
            ),
        ),
        (
            result.unrated,
            ngettext(
                "{count} stays private: you haven't rated the film here.",
                "{count} stay private: you haven't rated the films here.",
                result.unrated,
            ),
        ),
        (
            result.refused,
            ngettext(
                "{count} stays private: this server blocks a word in it.",
                "{count} stay private: this server blocks words in them.",
                result.refused,
            ),
        ),
    )
    lines += [reason.format(count=format_number(count)) for count, reason in reasons if count]
    return "\n".join(lines)


async def _after_publishing(interaction: discord.Interaction[Any], *, needing_review: int) -> None:
    if needing_review:
        await post_pre_moderation_notice(interaction, require_guild_id(interaction), "review")


class _ReviewButton(Button, template="^$"):
    """A button about one imported review; only its author sees it, and only they may press it."""

    def __init__(self, name: str, review_id: str, label: str, style: discord.ButtonStyle) -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label=label, style=style, custom_id=custom_id(name, review_id)))


class PublishButton(_ReviewButton, template=r"v1:import-publish:(?P<private_review>\d{1,18})"):
    """Publishes a review as it is, and shows the next one."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, private_review: str) -> None:
        super().__init__("import-publish", private_review, _("Publish"), discord.ButtonStyle.primary)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Publish it."""
        service, server_id = get_service(interaction, PrivateReviewService), require_guild_id(interaction)
        review = await service.require(server_id, interaction.user.id, self.review_id)
        await require_allowed_words(interaction, review.text)
        result = await service.publish(
            server_id,
            interaction.user.id,
            review.id,
            text=review.text,
            is_spoiler=review.is_spoiler,
            half_stars=None,
        )
        response = await render_private_review(interaction, review.id)
        await interaction.edit_original_response(**response.as_edit())
        await respond(interaction, Response(_describe_published(result), is_ephemeral=True))
        await _after_publishing(interaction, needing_review=result.needing_review)


class NextReviewButton(_ReviewButton, template=r"v1:import-next:(?P<private_review>\d{1,18})"):
    """Shows the next private review."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, private_review: str) -> None:
        super().__init__("import-next", private_review, _("Next"), discord.ButtonStyle.secondary)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it."""
        response = await render_private_review(interaction, self.review_id)
        await interaction.edit_original_response(**response.as_edit())


class EditButton(_ReviewButton, template=r"v1:import-edit:(?P<private_review>\d{1,18})"):
    """Opens the form with the review, to change it before it is published."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, private_review: str) -> None:
        super().__init__("import-edit", private_review, _("Edit and publish"), discord.ButtonStyle.secondary)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        service = get_service(interaction, PrivateReviewService)
        review = await service.require(require_guild_id(interaction), interaction.user.id, self.review_id)
        film = await get_service(interaction, FilmService).repository.get(review.film_id)
        unrated = None if review.half_stars is not None else ":stars"
        title = film.get_known_title(get_locale()) if film is not None else review.film_id
        await interaction.response.send_modal(PublishModal(str(review.id), unrated, title=title, review=review))


class PublishAllButton(Button, template=r"v1:import-publish-all"):
    """Publishes all private reviews that can be as they are."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, label: str = "") -> None:
        super().__init__(ui.Button(label=label or _("Publish all"), custom_id=custom_id("import-publish-all")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Publish them, and say which stay private."""
        result = await get_service(interaction, PrivateReviewService).publish_all(
            require_guild_id(interaction), interaction.user.id, partial(require_allowed_words, interaction)
        )
        await interaction.edit_original_response(**Response(describe_published_all(result)).as_edit())
        await _after_publishing(interaction, needing_review=result.needing_review)


class PrivateReviewsButton(Button, template=r"v1:import-reviews"):
    """Shows the member's private reviews beside the result of an import."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self) -> None:
        super().__init__(ui.Button(label=_("Publish reviews"), custom_id=custom_id("import-reviews"), row=1))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first one."""
        await respond(interaction, await render_private_review(interaction))


class PublishModal(Modal):
    """A private review to be changed and published; it asks for stars where the film is not rated here."""

    template = re.compile(r"v1:import-review:(?P<private_review>\d{1,18})(?P<unrated>:stars)?")

    def __init__(
        self,
        private_review: str,
        unrated: str | None = None,
        *,
        title: str = "",
        review: PrivateReview | None = None,
    ) -> None:
        self.review_id = int(private_review)
        identifier = custom_id("import-review", private_review) + (unrated or "")
        super().__init__(title=_("Review {title}").format(title=title), custom_id=identifier)
        if unrated is not None:
            self.add_item(build_stars_field())
        text = review.text[:REVIEW_LENGTH_LIMIT] if review is not None else None
        self.add_item(build_review_field(text, is_required=True))
        self.add_item(build_spoiler_field(is_spoiler=review is not None and review.is_spoiler))

    def get_text_to_return(self, values: ModalValues) -> str:
        """Return the review as it was typed."""
        return str(values.get(REVIEW_FIELD) or "")

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Publish the review as it was changed."""
        await acknowledge(interaction, ephemeral=True)
        text, stars = clean_input(self.get_text_to_return(values)), values.get(STARS_FIELD)
        await require_allowed_words(interaction, text)
        result = await get_service(interaction, PrivateReviewService).publish(
            require_guild_id(interaction),
            interaction.user.id,
            self.review_id,
            text=text,
            is_spoiler=bool(values.get(SPOILER_FIELD)),
            half_stars=int(stars) if isinstance(stars, str) and stars.isdecimal() else None,
        )
        await respond(interaction, Response(_describe_published(result), is_ephemeral=True))
        await _after_publishing(interaction, needing_review=result.needing_review)


@formats_error(PrivateReviewGoneError)
def _describe_gone(_error: PrivateReviewGoneError) -> str:
    return _("That review is already published or deleted. See the others with `/import reviews`.")


ITEMS = (PublishButton, NextReviewButton, EditButton, PublishAllButton, PrivateReviewsButton)
MODALS = (PublishModal,)
