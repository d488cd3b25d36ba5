"""Buttons, menus and the modal of reviews, diaries, profiles and rankings, and the messages that they change."""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import RadioGroupOption, ui

from bot.core.discord import (
    Button,
    Menu,
    Modal,
    ModalValues,
    Response,
    View,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
    respond,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.errors import InvalidInputError
from bot.core.text.formatting import clean_input, clean_line, format_count, truncate, with_year
from bot.films.card import CardAction, FilmButton
from bot.films.models import Film
from bot.films.views import FilmMenu, require_film
from bot.members.context import MemberNames, get_member_names, refresh_members, with_mentions
from bot.moderation.automod import require_allowed_words
from bot.moderation.notifications import post_pre_moderation_notice
from bot.moderation.views import ReportButton
from bot.reviews.embeds import (
    REVIEW_ROOM,
    SORT_LABELS,
    build_diary_embed,
    build_profile_embed,
    build_reviews_embed,
    build_stars_embed,
    build_top_embed,
    build_whole_review_embed,
    create_star_histogram,
    create_top_chart,
    describe_stored,
    format_review,
)
from bot.reviews.models import REVIEW_LENGTH_LIMIT, Draft, Review, ReviewPage, SortOrder
from bot.reviews.reply_views import ReplyButton, create_reply_menus
from bot.reviews.service import DiaryService, ReviewService
from bot.reviews.stars import (
    MAX_HALF_STARS,
    MIN_HALF_STARS,
    format_stars,
    format_stars_in_words,
    parse_stars,
)
from bot.reviews.top import RankedFilm

_STARS, _REVIEW, _SPOILER, _WATCHED = "stars", "review", "spoiler", "watched"


class RateModal(Modal):
    """Stars, review, spoiler mark and the day of the viewing, filled in with the member's stored review."""

    template = re.compile(r"v1:rating:(?P<film_id>[a-z0-9-]+)")

    def __init__(self, film_id: str, title: str = "", stored: Review | None = None) -> None:
        self.film_id = film_id
        super().__init__(title=f"Rate {title}", custom_id=custom_id("rating", film_id))
        options = [
            RadioGroupOption(
                label=f"{format_stars(half_stars)} · {format_stars_in_words(half_stars)}",
                value=str(half_stars),
                default=stored is not None and stored.half_stars == half_stars,
            )
            for half_stars in range(MAX_HALF_STARS, MIN_HALF_STARS - 1, -1)
        ]
        text = stored.text if stored is not None else ""
        review: ui.TextInput[Any] = ui.TextInput(
            custom_id=_REVIEW,
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=REVIEW_LENGTH_LIMIT,
            default=text or None,
        )
        day: ui.TextInput[Any] = ui.TextInput(
            custom_id=_WATCHED, required=False, max_length=20, placeholder="today, yesterday, 2026-11-20"
        )
        is_spoiler = stored is not None and stored.is_spoiler
        self.add_item(ui.Label(text="Stars", component=ui.RadioGroup(custom_id=_STARS, options=options)))
        self.add_item(ui.Label(text=f"Review ({len(text)}/{REVIEW_LENGTH_LIMIT} characters)", component=review))
        self.add_item(
            ui.Label(text="Contains spoilers", component=ui.Checkbox(custom_id=_SPOILER, default=is_spoiler))
        )
        self.add_item(ui.Label(text="Watched on", description="Leave it out if you don't know", component=day))

    def get_text_to_return(self, values: ModalValues) -> str:
        """Return the review as it was typed."""
        return str(values.get(_REVIEW) or "")

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store the rating, then confirm it."""
        server_id = require_guild_id(interaction)
        text = clean_input(self.get_text_to_return(values))
        stars = values.get(_STARS)
        if not isinstance(stars, str) or not stars.isascii() or not stars.isdigit():
            raise InvalidInputError("Pick the stars.")
        draft = Draft(
            server_id,
            interaction.user.id,
            self.film_id,
            int(stars),
            text,
            bool(values.get(_SPOILER)),
            get_service(interaction, DiaryService).parse_day(str(values.get(_WATCHED) or "")),
        )
        film = await require_film(interaction, self.film_id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await require_allowed_words(interaction, text)
        await _store_and_confirm(interaction, film, draft)


async def open_rate_modal(interaction: discord.Interaction[Any], film_id: str) -> None:
    """Open the modal for the film, filled in with the member's stored review. Raises FilmGoneError."""
    server_id = require_guild_id(interaction)
    film = await require_film(interaction, film_id)
    repository = get_service(interaction, ReviewService).repository
    stored = await repository.get_own(server_id, interaction.user.id, film_id)
    await interaction.response.send_modal(RateModal(film_id, film.title, stored))


async def rate_film(interaction: discord.Interaction[Any], film: Film, stars: str) -> None:
    """Store the stars, as they were typed, with what else the member has stored about the film, and confirm it."""
    draft = Draft(require_guild_id(interaction), interaction.user.id, film.id, parse_stars(stars))
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _store_and_confirm(interaction, film, draft)


async def _store_and_confirm(interaction: discord.Interaction[Any], film: Film, draft: Draft) -> None:
    """Store the draft and show the server's stars with it. The interaction has been deferred."""
    reviews = get_service(interaction, ReviewService)
    result = await reviews.post(draft)
    stars = await reviews.repository.get_film_stars(draft.server_id, film.id, draft.member_id)
    server_name = interaction.guild.name if interaction.guild else None
    histogram = create_star_histogram(stars.totals)
    response = Response(
        describe_stored(film, result),
        embeds=(build_stars_embed(stars, server_name),),
        files=(histogram,) if histogram is not None else (),
    )
    await respond(interaction, response, ephemeral=True)
    if result.needs_review:
        await post_pre_moderation_notice(interaction, draft.server_id, "review")
    await refresh_members(interaction)


class RateButton(FilmButton, name="rate", label="Rate", style=discord.ButtonStyle.primary):
    """Opens the modal in which a film is rated."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the modal."""
        await open_rate_modal(interaction, self.film_id)


class ReviewsButton(FilmButton, name="read", label="Reviews"):
    """Shows a film's reviews."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page privately."""
        film = await require_film(interaction, self.film_id)
        await respond(interaction, await render_reviews(interaction, film), ephemeral=True)


async def render_reviews(
    interaction: discord.Interaction[Any], film: Film, sort_order: SortOrder = SortOrder.NEWEST, page: int = 0
) -> Response:
    """Return the response with a page of the film's reviews in this server."""
    repository = get_service(interaction, ReviewService).repository
    review_page = await repository.get_page(require_guild_id(interaction), film.id, sort_order, page)
    members = {review.member_id for review in review_page.reviews}
    members |= {reply.member_id for review in review_page.reviews for reply in review.replies}
    names = await get_member_names(interaction, members)
    embed = build_reviews_embed(film, review_page, names)
    return with_mentions(Response(embeds=(embed,), view=_create_reviews_view(film, review_page)))


def _create_reviews_view(film: Film, page: ReviewPage) -> View:
    """Return what is under a page of reviews: a row of buttons for each, the orders, the other pages."""
    if not page.review_count:
        return View(RateButton(film.id))
    view = View()
    for row, review in enumerate(page.reviews):
        buttons: list[ui.Item[Any]] = [
            HelpfulButton(str(review.id), f"{page.first_number + row} · Helpful"),
            ReplyButton(str(review.id)),
            ReportButton(str(review.id)),
        ]
        if (label := _get_show_label(review)) is not None:
            buttons.append(ShowButton(str(review.id), label))
        for button in buttons:
            button.row = row
            view.add_item(button)
    if page.review_count > 1:
        view.add_item(SortMenu(film.id, page.sort_order))
    if page.page > 0:
        view.add_item(PageButton(film.id, page.sort_order.value, str(page.page - 1), "Back"))
    if page.page + 1 < page.page_count:
        view.add_item(PageButton(film.id, page.sort_order.value, str(page.page + 1), "More"))
    return view


def _get_show_label(review: Review) -> str | None:
    """Return the label of the button that shows the whole review, or None if the page has all of it."""
    if review.is_spoiler:
        return "Show (spoilers)"
    if review.replies:
        return format_count(len(review.replies), "reply", "replies")
    return "Show all" if len(format_review(review, MemberNames({}))) > REVIEW_ROOM else None


class PageButton(
    Button,
    template=r"v1:reviews:(?P<film_id>[a-z0-9-]+):(?P<sort>newest|highest|lowest|helpful):(?P<page>\d{1,6})",
):
    """Shows another page of a film's reviews."""

    def __init__(self, film_id: str, sort: str, page: str, label: str = "More") -> None:
        self.film_id = film_id
        self.sort_order = SortOrder(sort)
        self.page = int(page)
        button: ui.Button[Any] = ui.Button(
            label=label, row=4, custom_id=custom_id("reviews", film_id, sort, self.page)
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member whose command it was, show it privately to others."""
        film = await require_film(interaction, self.film_id)
        response = await render_reviews(interaction, film, self.sort_order, self.page)
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


class SortMenu(Menu, template=r"v1:sort:(?P<film_id>[a-z0-9-]+)"):
    """The orders in which a film's reviews can be listed."""

    def __init__(self, film_id: str, sort_order: SortOrder) -> None:
        self.film_id = film_id
        options = [
            discord.SelectOption(label=label, value=each.value, default=each is sort_order)
            for each, label in SORT_LABELS.items()
        ]
        super().__init__(ui.Select(row=3, options=options, custom_id=custom_id("sort", film_id)))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the film's id."""
        self.film_id = state["film_id"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page in that order."""
        film = await require_film(interaction, self.film_id)
        response = await render_reviews(interaction, film, SortOrder(self.item.values[0]))
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


class HelpfulButton(Button, template=r"v1:helpful:(?P<review_id>\d{1,18})"):
    """Votes that a review helped."""

    def __init__(self, review_id: str, label: str = "Helpful") -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label=label, custom_id=custom_id("helpful", review_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Count the vote, once for each member."""
        reviews = get_service(interaction, ReviewService)
        is_new = await reviews.vote_helpful(require_guild_id(interaction), self.review_id, interaction.user.id)
        message = "Counted: the review helped." if is_new else "You have said before that it helped."
        await respond(interaction, Response(message, is_ephemeral=True))


class ShowButton(Button, template=r"v1:show:(?P<review_id>\d{1,18})"):
    """Shows a whole review, spoilers and all."""

    def __init__(self, review_id: str, label: str = "Show") -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label=label, custom_id=custom_id("show", review_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it privately, with as many replies as fit and menus of all of them."""
        review = await get_service(interaction, ReviewService).get(require_guild_id(interaction), self.review_id)
        names = await get_member_names(
            interaction, {review.member_id, *(reply.member_id for reply in review.replies)}
        )
        embed = build_whole_review_embed(review, names)
        response = with_mentions(Response(embeds=(embed,), view=View(*create_reply_menus(review))))
        await respond(interaction, response, ephemeral=True)


async def render_diary(interaction: discord.Interaction[Any], member_id: int, page: int = 0) -> Response:
    """Return the response with a page of a member's diary. Raises PrivateDiaryError for who may not read it."""
    diary_page = await get_service(interaction, DiaryService).get_page(
        require_guild_id(interaction), member_id, page, reader_id=interaction.user.id
    )
    owner = None
    if member_id != interaction.user.id:
        owner = (await get_member_names(interaction, [member_id])).format(member_id)
    view = View()
    if diary_page.page > 0:
        view.add_item(DiaryButton(str(member_id), str(diary_page.page - 1), "Later"))
    if diary_page.page + 1 < diary_page.page_count:
        view.add_item(DiaryButton(str(member_id), str(diary_page.page + 1), "Earlier"))
    return with_mentions(Response(embeds=(build_diary_embed(diary_page, owner=owner),), view=view))


class DiaryButton(Button, template=r"v1:diary:(?P<member_id>[0-8]?\d{1,18}):(?P<page>\d{1,5})"):
    """Shows another page of a diary; whether this member may read it is checked again."""

    def __init__(self, member_id: str, page: str, label: str = "Earlier") -> None:
        self.member_id = int(member_id)
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("diary", member_id, self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member whose command it was, show it privately to others."""
        response = await render_diary(interaction, self.member_id, self.page)
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


async def render_profile(interaction: discord.Interaction[Any], member_id: int) -> Response:
    """Return the response with what a member's ratings in this server add up to.

    It is ephemeral for a member who hides their name. Raises PrivateProfileError for others who ask for theirs.
    """
    profile = await get_service(interaction, DiaryService).get_profile(
        require_guild_id(interaction), member_id, reader_id=interaction.user.id
    )
    names = await get_member_names(interaction, [member_id])
    is_private = names.is_hidden(member_id)
    embed = build_profile_embed(profile, owner=None if is_private else names.format(member_id))
    histogram = create_star_histogram(profile.totals)
    files = (histogram,) if histogram is not None else ()
    return with_mentions(Response(embeds=(embed,), files=files, is_ephemeral=is_private))


def render_top(films: list[RankedFilm], *, filters: str, minimum_raters: int) -> Response:
    """Return the response with the server's best films, and a menu to open one of them.

    `filters` says which films are ranked, "" for all.
    """
    embed = build_top_embed(films, filters=filters, minimum_raters=minimum_raters)
    if not films:
        return Response(embeds=(embed,))
    options = [
        discord.SelectOption(
            label=truncate(clean_line(with_year(film.title, film.year)), CHOICE_LENGTH_LIMIT), value=film.film_id
        )
        for film in films
    ]
    return Response(embeds=(embed,), view=View(FilmMenu(options)), files=(create_top_chart(films),))


ITEMS = (RateButton, ReviewsButton, PageButton, SortMenu, HelpfulButton, ShowButton, DiaryButton)

CARD_ACTIONS = (
    CardAction("rate", 10, RateButton, is_guild_only=True),
    CardAction("reviews", 20, ReviewsButton, is_guild_only=True),
)
