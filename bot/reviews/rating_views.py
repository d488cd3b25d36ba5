"""The form in which members rate and review, what they can do after it, and the deletion of a review."""

import re
from typing import Any

import discord
from discord import RadioGroupOption, ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Modal,
    ModalValues,
    Response,
    View,
    acknowledge,
    acknowledge_press,
    custom_id,
    edit_or_respond,
    get_reader_locale,
    get_service,
    is_ephemeral,
    replace_items,
    require_guild_id,
    respond,
    use_member_language,
    use_public_language,
)
from bot.core.discord.error_handler import get_error_message, read_returned_input, return_input
from bot.core.discord.questions import KeepButton
from bot.core.discord.response import list_custom_ids
from bot.core.errors import InvalidInputError, MarqueeError, StorageUnavailableError
from bot.core.rate_limiter import TooFastError
from bot.core.text.cldr import format_date, format_number
from bot.core.text.formatting import clean_input, escape_line
from bot.core.text.i18n import _, get_locale, gettext_noop, use_locale
from bot.films.card import FilmButton, FilmCard
from bot.films.choice_views import Completion
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.films.views import require_film
from bot.members.context import refresh_members, remember_language
from bot.moderation.automod import require_allowed_words
from bot.moderation.models import ContentRef
from bot.moderation.notifications import post_pre_moderation_notice
from bot.moderation.views import ReportButton
from bot.moderation.word_filter import RefusedWordsError
from bot.reviews.diary import Viewing, describe_typed_days, format_day_as_typed, require_released
from bot.reviews.embeds import (
    build_shared_rating_embed,
    build_stars_embed,
    create_star_histogram,
    describe_deleted,
    describe_saved,
    replace_stars,
)
from bot.reviews.models import REVIEW_LENGTH_LIMIT, Draft, PostResult, Review
from bot.reviews.reply_views import HelpfulButton, ReplyButton, ShowButton, describe_replies
from bot.reviews.service import DiaryService, ReviewService
from bot.reviews.sharing_repository import SharedReviewRepository
from bot.reviews.star_emojis import show_stars
from bot.reviews.stars import (
    MAX_HALF_STARS,
    MIN_HALF_STARS,
    format_stars,
    format_stars_in_words,
    parse_stars,
)

STARS_FIELD, REVIEW_FIELD, SPOILER_FIELD = "stars", "review", "spoiler"
"""The custom_ids of a form's fields, also where a private review is published."""
_WATCHED, _REWATCH = "watched", "rewatch"
DAY_LENGTH_LIMIT = 40


def build_stars_field(selected: int | None = None) -> ui.Label[Any]:
    """Return the form's choice of stars, with `selected` half-stars chosen."""
    options = [
        RadioGroupOption(
            label=f"{format_stars(half_stars)} · {format_stars_in_words(half_stars)}",
            value=str(half_stars),
            default=half_stars == selected,
        )
        for half_stars in range(MAX_HALF_STARS, MIN_HALF_STARS - 1, -1)
    ]
    return ui.Label(text=_("Stars"), component=ui.RadioGroup(custom_id=STARS_FIELD, options=options))


def build_review_field(text: str | None, *, is_required: bool) -> ui.Label[Any]:
    """Return the form's field for the review, filled in with `text`."""
    review: ui.TextInput[Any] = ui.TextInput(
        custom_id=REVIEW_FIELD,
        style=discord.TextStyle.paragraph,
        required=is_required,
        max_length=REVIEW_LENGTH_LIMIT,
        default=text or None,
    )
    length = _("Up to {limit} characters").format(limit=format_number(REVIEW_LENGTH_LIMIT))
    return ui.Label(text=_("Review"), description=length, component=review)


def build_spoiler_field(*, is_spoiler: bool) -> ui.Label[Any]:
    """Return the form's checkbox for spoilers."""
    spoiler: ui.Checkbox[Any] = ui.Checkbox(custom_id=SPOILER_FIELD, default=is_spoiler)
    return ui.Label(text=_("Contains spoilers"), component=spoiler)


class RateModal(Modal):
    """Stars, review, spoiler mark and the day of the viewing, filled in with what is stored.

    With `viewing`, a colon and its id, the day is that of this viewing in the member's diary, to be corrected.
    """

    template = re.compile(r"v1:rating:(?P<film_id>[a-z0-9-]+)(?P<viewing>:\d{1,18})?")

    def __init__(
        self,
        film_id: str,
        viewing: str | None = None,
        *,
        title: str = "",
        stored: Review | None = None,
        text: str | None = None,
        day: str = "",
    ) -> None:
        self.film_id = film_id
        self.viewing_id = int(viewing.removeprefix(":")) if viewing is not None else None
        identifier = custom_id("rating", film_id) + (viewing or "")
        super().__init__(title=_("Rate {title}").format(title=title), custom_id=identifier)
        if text is None and stored is not None:
            text = stored.text
        watched: ui.TextInput[Any] = ui.TextInput(
            custom_id=_WATCHED,
            required=False,
            max_length=DAY_LENGTH_LIMIT,
            placeholder=describe_typed_days(),
            default=day[:DAY_LENGTH_LIMIT] or None,
        )
        self.add_item(build_stars_field(stored.half_stars if stored is not None else None))
        self.add_item(build_review_field(text, is_required=False))
        self.add_item(build_spoiler_field(is_spoiler=stored is not None and stored.is_spoiler))
        self.add_item(
            ui.Label(text=_("Watched on"), description=_("Leave empty if you don't remember"), component=watched)
        )
        rewatch: ui.Checkbox[Any] = ui.Checkbox(custom_id=_REWATCH)
        rewatch_description = (
            _("You've seen it before") if viewing is None else _("Adds another viewing to your diary")
        )
        self.add_item(ui.Label(text=_("Rewatch"), description=rewatch_description, component=rewatch))

    def get_text_to_return(self, values: ModalValues) -> str:
        """Return the review as it was typed."""
        return str(values.get(REVIEW_FIELD) or "")

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store what can be stored, bring the card up to date, and confirm it.

        What can't be stored is told, with a button that opens the form again with it.
        """
        await _acknowledge_form(interaction)
        stars, typed_day = values.get(STARS_FIELD), str(values.get(_WATCHED) or "").strip()
        if not isinstance(stars, str) or not stars.isascii() or not stars.isdigit():
            raise InvalidInputError(_("Choose how many stars you give it."))
        film = await require_film(interaction, self.film_id)
        typed_text = self.get_text_to_return(values)
        text: str | None = clean_input(typed_text)
        problems: list[MarqueeError] = []
        try:
            await require_allowed_words(interaction, text or "")
        except RefusedWordsError as error:
            problems.append(error)
            text = None
        if text:
            await remember_language(interaction)  # a moderator may decide about it
        draft = await self._build_draft(interaction, film, int(stars), text, values, typed_day, problems)
        try:
            result = await get_service(interaction, ReviewService).post(draft)
        except TooFastError as error:
            response = return_input(get_error_message(error) or "", typed_text)
            reopen = ReopenButton(film.id, str(self.viewing_id or 0), typed_day)
            await _answer_form(interaction, _with_items(response, reopen))
            return
        await _confirm(interaction, film, result, problems, typed_text if text is None else "", typed_day)

    async def _build_draft(
        self,
        interaction: discord.Interaction[Any],
        film: Film,
        half_stars: int,
        text: str | None,
        values: ModalValues,
        typed_day: str,
        problems: list[MarqueeError],
    ) -> Draft:
        """Return what is to be stored; a day that can't be read joins the problems and is left out."""
        server_id, member_id = require_guild_id(interaction), interaction.user.id
        diary = get_service(interaction, DiaryService)
        viewing_id, is_rewatch = self.viewing_id, bool(values.get(_REWATCH))
        try:
            day = await diary.parse_day(server_id, typed_day, str(interaction.locale))
            require_released(day, film.get_known_title(get_locale()), film.year)
        except InvalidInputError as error:
            problems.append(error)
            day, viewing_id = None, None
        if is_rewatch and self.viewing_id is not None and day is not None:
            earlier = await diary.repository.get_viewing(server_id, member_id, self.viewing_id)
            if earlier is not None and earlier.watched_on == day:
                day = None  # the day that the form was filled in with is that of the earlier viewing
        return Draft(
            server_id,
            member_id,
            film.id,
            half_stars,
            text,
            bool(values.get(SPOILER_FIELD)),
            day,
            viewing_id,
            is_rewatch,
        )


async def _acknowledge_form(interaction: discord.Interaction[Any]) -> None:
    """Acknowledge a form: that of a button by saying that its message changes, so that a card can be updated."""
    await acknowledge_press(interaction, edit=interaction.message is not None)


async def _answer_form(interaction: discord.Interaction[Any], response: Response) -> None:
    """Reply privately to a form or a choice; where that came from an earlier reply, it changes that reply."""
    is_again = any(
        each.startswith(("v1:reopen:", "v1:choose:", "v1:chosen:")) for each in list_custom_ids(interaction)
    )
    await edit_or_respond(interaction, response, edit=is_again)


def _with_items(response: Response, *items: ui.Item[Any]) -> Response:
    return Response(response.content, view=View(*items), files=response.files)


async def open_rate_modal(
    interaction: discord.Interaction[Any],
    film_id: str,
    *,
    viewing_id: int = 0,
    text: str | None = None,
    day: str | None = None,
) -> None:
    """Open the modal for the film, filled in with what the member has stored. Raises FilmGoneError.

    `text` and `day` are put in the place of what is stored. The day is that of the viewing `viewing_id`, or of the
    latest one if that is 0 or gone.
    """
    server_id = require_guild_id(interaction)
    film = await require_film(interaction, film_id)
    stored = await get_service(interaction, ReviewService).repository.get_own(
        server_id, interaction.user.id, film_id
    )
    viewing: Viewing | None = None
    if stored is not None:
        diary = get_service(interaction, DiaryService).repository
        viewing = await diary.get_viewing(server_id, interaction.user.id, viewing_id) if viewing_id else None
        viewing = viewing or await diary.get_latest_viewing(server_id, interaction.user.id, film_id)
    if day is None:
        day = format_day_as_typed(viewing.watched_on if viewing is not None else None, str(interaction.locale))
    modal = RateModal(
        film_id,
        f":{viewing.id}" if viewing is not None else None,
        title=film.get_known_title(get_locale()),
        stored=stored,
        text=text,
        day=day,
    )
    await interaction.response.send_modal(modal)


async def rate_film(interaction: discord.Interaction[Any], film: Film, stars: str) -> None:
    """Store the stars, as they were typed, with what else the member has stored about the film, and confirm it."""
    await acknowledge(interaction, ephemeral=True)
    draft = Draft(require_guild_id(interaction), interaction.user.id, film.id, parse_stars(stars))
    await _confirm(interaction, film, await get_service(interaction, ReviewService).post(draft))


async def complete_rating(interaction: discord.Interaction[Any], film: Film, completion: Completion) -> None:
    """Rate the film that a member chose with the stars that they gave with the command."""
    await rate_film(interaction, film, completion.details)


async def _confirm(
    interaction: discord.Interaction[Any],
    film: Film,
    result: PostResult,
    problems: list[MarqueeError] | None = None,
    unsaved_text: str = "",
    typed_day: str = "",
) -> None:
    """Show that a rating is saved, with the server's stars and what can be done next, and what was not saved."""
    server_id, review = require_guild_id(interaction), result.review
    stars = await get_service(interaction, ReviewService).repository.get_film_stars(
        server_id, film.id, interaction.user.id
    )
    diary, member_id = get_service(interaction, DiaryService).repository, interaction.user.id
    viewing = (
        await diary.get_viewing(server_id, member_id, result.viewing_id)
        if result.viewing_id is not None
        else await diary.get_newest_viewing(server_id, member_id, film.id)
    )
    server_name = interaction.guild.name if interaction.guild else None
    histogram = create_star_histogram(stars.totals)
    content, files = describe_saved(film, result), (histogram,) if histogram is not None else ()
    if typed_day and not problems and viewing is not None and viewing.watched_on is not None:
        # Translators: below “Saved: ★★★★ for Burning (2018).”; {day} is when the member watched the film
        content += "\n" + _("In your diary on {day}.").format(day=format_date(viewing.watched_on))
    view = View()
    if problems:
        told = "\n".join(get_error_message(problem) or "" for problem in problems)
        returned = return_input(f"{content}\n\n⚠ {told}", unsaved_text)
        content, files = returned.content or content, (*files, *returned.files)
        view.add_item(ReopenButton(film.id, str(viewing.id if viewing else 0), typed_day))
    else:
        view.add_item(EditReviewButton(film.id, has_text=bool(review.text)))
    view.add_item(LikeButton(film.id, str(int(review.is_liked))))
    if viewing is not None:
        is_own = result.is_first or result.is_rewatch or (result.viewing_id is not None and viewing.is_rewatch)
        view.add_item(create_rewatch_button(film.id, viewing, is_new=is_own))
    view.add_item(ShareButton(film.id))
    response = Response(content, embeds=(build_stars_embed(stars, server_name),), files=files, view=view)
    await _answer_form(interaction, response)
    await _update_card(interaction, film)
    if result.needs_review:
        await post_pre_moderation_notice(interaction, server_id, "review")
    await refresh_members(interaction)


async def _update_card(interaction: discord.Interaction[Any], film: Film) -> None:
    """Show the new stars on the film's card from which the form was opened, to everybody who sees it."""
    message = interaction.message
    if message is None or interaction.response.type is not discord.InteractionResponseType.deferred_message_update:
        return
    buttons = get_service(interaction, FilmCard).list_action_ids(film.id, is_guild=True)
    if not message.embeds or not set(buttons).issubset(list_custom_ids(interaction)):
        return
    metadata = message.interaction_metadata
    reader = metadata.user if metadata is not None and not is_ephemeral(interaction) else interaction.user
    with use_locale(get_reader_locale(interaction, is_private=is_ephemeral(interaction))):
        edit = await replace_stars(interaction, message, film.id, reader)
    await interaction.edit_original_response(**edit)


class RateButton(FilmButton, name="rate", label=gettext_noop("Rate"), style=discord.ButtonStyle.primary):
    """Opens the modal in which a film is rated."""

    acknowledgement = Acknowledgement.NONE

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the modal."""
        await open_rate_modal(interaction, self.film_id)


class EditReviewButton(FilmButton, name="review", label=gettext_noop("Add a review")):
    """Opens the same modal after a rating."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, film_id: str, *, has_text: bool = False) -> None:
        super().__init__(film_id)
        self.item.label = _("Edit review") if has_text else _("Add a review")

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the modal."""
        await open_rate_modal(interaction, self.film_id)


class ReopenButton(Button, template=r"(?s)v1:reopen:(?P<film_id>[a-z0-9-]+):(?P<viewing_id>\d{1,18}):(?P<day>.*)"):
    """Opens the form again with what could not be saved: the day is in the button, the review in the message."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, film_id: str, viewing_id: str, day: str) -> None:
        self.film_id = film_id
        self.viewing_id = int(viewing_id)
        self.day = day
        button: ui.Button[Any] = ui.Button(
            label=_("Fix it"),
            style=discord.ButtonStyle.primary,
            custom_id=custom_id("reopen", film_id, viewing_id, day),
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the modal."""
        text = read_returned_input(interaction.message)
        await open_rate_modal(
            interaction, self.film_id, viewing_id=self.viewing_id, text=text, day=self.day or None
        )


class LikeButton(Button, template=r"v1:like:(?P<film_id>[a-z0-9-]+):(?P<liked>[01])"):
    """The heart of a rating; `liked` is 1 if the film has it, so that a press takes it away."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, liked: str) -> None:
        self.film_id = film_id
        self.is_liked = liked == "1"
        button: ui.Button[Any] = ui.Button(
            label=_("Liked") if self.is_liked else _("Like"),
            emoji="❤️" if self.is_liked else "🤍",
            custom_id=custom_id("like", film_id, int(self.is_liked)),
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Give the rating a heart or take it away, and show so in place of this button."""
        is_liked, server_id = not self.is_liked, require_guild_id(interaction)
        reviews = get_service(interaction, ReviewService)
        await reviews.set_liked(server_id, interaction.user.id, self.film_id, is_liked=is_liked)
        interaction.client.dispatch("shared_reviews_outdated", server_id, self.film_id)
        await _replace_button(interaction, self, LikeButton(self.film_id, str(int(is_liked))))


REWATCH_STATES = "mark|unmark|add|undo"


def create_rewatch_button(film_id: str, viewing: Viewing, *, is_new: bool) -> "RewatchButton":
    """Return the button that says whether the viewing was a rewatch, or adds another viewing to the diary.

    `is_new` tells that the rating which was just saved added the viewing, or that the form was about it.
    """
    state = ("unmark" if viewing.is_rewatch else "mark") if is_new else "add"
    return RewatchButton(film_id, str(viewing.id), state)


class RewatchButton(
    Button,
    template=rf"v1:rewatch:(?P<film_id>[a-z0-9-]+):(?P<viewing_id>\d{{1,18}}):(?P<state>{REWATCH_STATES})",
):
    """Marks a viewing as a rewatch, or adds one of today to the diary; a second press takes that back."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, viewing_id: str, state: str) -> None:
        self.film_id = film_id
        self.viewing_id = int(viewing_id)
        self.state = state
        is_rewatch = state in ("unmark", "undo")
        button: ui.Button[Any] = ui.Button(
            label=_("Rewatch"),
            emoji="🔁",
            style=discord.ButtonStyle.success if is_rewatch else discord.ButtonStyle.secondary,
            custom_id=custom_id("rewatch", film_id, viewing_id, state),
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Change the diary, and show so in place of this button."""
        server_id, member_id = require_guild_id(interaction), interaction.user.id
        diary = get_service(interaction, DiaryService)
        viewing_id = self.viewing_id
        if self.state == "add":
            viewing_id = await diary.add_rewatch(server_id, member_id, self.film_id)
        elif self.state == "undo":
            await diary.delete_viewing(server_id, member_id, viewing_id)
        else:
            viewing = await diary.get_own_viewing(server_id, member_id, viewing_id)
            await diary.change_viewing(
                server_id,
                member_id,
                viewing_id,
                watched_on=viewing.watched_on,
                is_rewatch=self.state == "mark",
            )
        following = {"mark": "unmark", "unmark": "mark", "add": "undo", "undo": "add"}[self.state]
        button = RewatchButton(self.film_id, str(viewing_id), following)
        content = interaction.message.content if interaction.message is not None else ""
        told = _("Added to your diary as a rewatch.")
        lines = [line for line in content.split("\n") if line != told]
        if following in ("unmark", "undo"):
            lines.insert(1, told)
        await _replace_button(interaction, self, button, content="\n".join(lines))


async def _replace_button(
    interaction: discord.Interaction[Any], pressed: Button, button: ui.Item[Any], *, content: str | None = None
) -> None:
    """Show the button in the place of the one that was pressed, below `content` if that changes."""
    if interaction.message is not None:
        view = replace_items(interaction.message, {str(pressed.item.custom_id): button})
        content = interaction.message.content if content is None else content
        await interaction.edit_original_response(content=content, view=view)


class ShareButton(FilmButton, name="share", label=gettext_noop("Share here")):
    """Posts the member's stars and review of the film to the channel, under their name."""

    acknowledgement = Acknowledgement.EDIT

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Post the card, and have it follow the review from then on.

        Raises NotRatedError if the rating was deleted.
        """
        film, server_id = await require_film(interaction, self.film_id), require_guild_id(interaction)
        review = await get_service(interaction, ReviewService).get_own(server_id, interaction.user.id, film.id)
        use_public_language(interaction)
        poster = await get_poster(get_service(interaction, MetadataService), film)
        response = render_shared_review(film, review, interaction.user, poster)
        message_id = await respond(interaction, response, ephemeral=False)
        if message_id is None or interaction.channel_id is None:
            return
        try:
            await get_service(interaction, SharedReviewRepository).add(
                review, channel_id=interaction.channel_id, message_id=message_id
            )
        except StorageUnavailableError:
            await interaction.followup.delete_message(message_id)  # it could never be taken back
            raise
        use_member_language(interaction)
        await _replace_button(interaction, self, create_shared_button())
        interaction.client.dispatch("shared_reviews_outdated", server_id, film.id)


def create_shared_button() -> ui.Button[Any]:
    """Return what takes the place of the button once the card is posted."""
    # Translators: a button that was “Share here”, after the press
    return ui.Button(label=_("Shared"), disabled=True, custom_id=custom_id("shared"))


def render_shared_review(
    film: Film, review: Review, author: discord.User | discord.Member, poster: str | None
) -> Response:
    """Return the public card of a member's stars and review, with what others can do about the review."""
    view = View()
    if review.readable_text:
        view.add_item(HelpfulButton(str(review.id), count=review.helpful_count))
        view.add_item(ReplyButton(str(review.id)))
        if review.replies:
            view.add_item(ShowButton(str(review.id), describe_replies(len(review.replies))))
        view.add_item(ReportButton(str(ContentRef(review.id))))
    view.add_item(RateButton(film.id))
    return Response(embeds=(build_shared_rating_embed(film, review, author, poster),), view=view)


async def get_poster(metadata: MetadataService, film: Film) -> str | None:
    """Return the address of the film's poster, or None where none is cached."""
    cached = await metadata.get_cached(film)
    return cached.details.poster if cached is not None and cached.details is not None else None


def render_delete_question(film: Film, review: Review) -> Response:
    """Return the question whether the member wants to delete their stars and review of the film."""
    title = f"**{escape_line(film.shown_title, 200)}**"
    stars = show_stars(review.half_stars)
    question = (
        _("Delete your {stars} and your review of {title}? Its replies go too. This can't be undone.")
        if review.text
        else _("Delete your {stars} for {title}?")
    )
    view = View(DeleteReviewButton(film.id), KeepButton())
    return Response(question.format(stars=stars, title=title), view=view, is_ephemeral=True)


class DeleteReviewButton(
    FilmButton, name="review-delete", label=gettext_noop("Delete"), style=discord.ButtonStyle.danger
):
    """Deletes the member's stars and review of a film."""

    acknowledgement = Acknowledgement.EDIT

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete them, then confirm it in place of the question."""
        film = await require_film(interaction, self.film_id)
        reviews = get_service(interaction, ReviewService)
        await reviews.delete(require_guild_id(interaction), interaction.user.id, film.id)
        await edit_or_respond(interaction, Response(describe_deleted(film), view=View()), edit=True)


ITEMS = (
    RateButton,
    EditReviewButton,
    ReopenButton,
    LikeButton,
    RewatchButton,
    ShareButton,
    DeleteReviewButton,
)
MODALS = (RateModal,)
