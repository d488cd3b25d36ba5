"""Pages of a film's reviews with their buttons, and the buttons that rate and review on the film's card."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Menu,
    Response,
    View,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
    respond,
)
from bot.core.text.i18n import _, gettext_noop
from bot.films.card import CardAction, FilmButton
from bot.films.models import Film
from bot.films.views import require_film
from bot.members.context import get_member_names, with_mentions
from bot.moderation.views import ReportButton
from bot.reviews.embeds import KEYCAP, SORT_LABELS, build_reviews_embed
from bot.reviews.models import ReviewPage, SortOrder
from bot.reviews.rating_views import RateButton, open_rate_modal
from bot.reviews.reply_views import HelpfulButton, ReplyButton, ShowButton, get_show_label
from bot.reviews.service import ReviewService


class ReviewsButton(FilmButton, name="read", label=gettext_noop("Reviews")):
    """Shows a film's reviews."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page privately."""
        film = await require_film(interaction, self.film_id)
        await respond(interaction, await render_reviews(interaction, film), ephemeral=True)


class RateMenu(Menu, template=r"v1:rate-one"):
    """Films of a list, to rate one after the other: choosing one opens its form."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, options: Sequence[discord.SelectOption]) -> None:
        select: ui.Select[Any] = ui.Select(
            custom_id=custom_id("rate-one"), options=list(options), placeholder=_("Rate a film")
        )
        super().__init__(select)

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read nothing: the chosen value names the film."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form, filled in with what the member gave the film."""
        await open_rate_modal(interaction, self.item.values[0])


async def render_reviews(
    interaction: discord.Interaction[Any],
    film: Film,
    sort_order: SortOrder = SortOrder.NEWEST,
    page: int = 0,
    *,
    can_sort: bool = True,
) -> Response:
    """Return the response with a page of the film's reviews in this server.

    Without `can_sort` the menu of orders is left out, where its row is needed.
    """
    repository = get_service(interaction, ReviewService).repository
    review_page = await repository.get_page(require_guild_id(interaction), film.id, sort_order, page)
    members = {review.member_id for review in review_page.reviews}
    members |= {reply.member_id for review in review_page.reviews for reply in review.replies}
    names = await get_member_names(interaction, members)
    embed = build_reviews_embed(film, review_page, names)
    return with_mentions(
        Response(embeds=(embed,), view=_create_reviews_view(film, review_page, can_sort=can_sort))
    )


def _create_reviews_view(film: Film, page: ReviewPage, *, can_sort: bool) -> View:
    """Return what is under a page of reviews: a row of buttons for each, the orders, the other pages."""
    if not page.review_count:
        return View(RateButton(film.id))
    view = View()
    for row, review in enumerate(page.reviews):
        buttons: list[ui.Item[Any]] = [
            HelpfulButton(str(review.id), count=review.helpful_count, emoji=f"{row + 1}{KEYCAP}"),
            ReplyButton(str(review.id)),
            ReportButton(str(review.id)),
        ]
        if (label := get_show_label(review)) is not None:
            buttons.append(ShowButton(str(review.id), label))
        for button in buttons:
            button.row = row
            view.add_item(button)
    if can_sort and page.review_count > 1:
        view.add_item(SortMenu(film.id, page.sort_order))
    if page.page > 0:
        view.add_item(PageButton(film.id, page.sort_order.value, str(page.page - 1), _("Back")))
    if page.page + 1 < page.page_count:
        view.add_item(PageButton(film.id, page.sort_order.value, str(page.page + 1), _("More")))
    return view


class PageButton(
    Button,
    template=r"v1:reviews:(?P<film_id>[a-z0-9-]+):(?P<sort>newest|highest|lowest|helpful):(?P<page>\d{1,6})",
):
    """Shows another page of a film's reviews."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, film_id: str, sort: str, page: str, label: str = "") -> None:
        self.film_id = film_id
        self.sort_order = SortOrder(sort)
        self.page = int(page)
        button: ui.Button[Any] = ui.Button(
            label=label or _("More"), row=4, custom_id=custom_id("reviews", film_id, sort, self.page)
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member whose command it was, show it privately to others."""
        film = await require_film(interaction, self.film_id)
        response = await render_reviews(interaction, film, self.sort_order, self.page)
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


class SortMenu(Menu, template=r"v1:sort:(?P<film_id>[a-z0-9-]+)"):
    """The orders in which a film's reviews can be listed."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, film_id: str, sort_order: SortOrder) -> None:
        self.film_id = film_id
        options = [
            discord.SelectOption(label=_(label), value=each.value, default=each is sort_order)
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


ITEMS = (ReviewsButton, RateMenu, PageButton, SortMenu)

CARD_ACTIONS = (
    CardAction("rate", 10, RateButton, is_guild_only=True),
    CardAction("reviews", 20, ReviewsButton, is_guild_only=True),
)
