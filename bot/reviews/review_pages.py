"""A film's reviews, page by page."""

from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Button,
    Menu,
    View,
    custom_id,
    get_service,
    is_command_author,
    is_ephemeral,
    require_guild_id,
    show,
)
from bot.core.text.escaping import escape, format_user_text
from bot.core.text.formatting import clean_line, truncate
from bot.films.context import require_film
from bot.films.models import Film
from bot.members.names import MemberNames, get_member_names, with_mentions
from bot.reviews.rating_form import RateButton
from bot.reviews.reply_views import ReplyButton, reply_line
from bot.reviews.report_views import ReportButton
from bot.reviews.review_views import HelpfulButton, ShowButton
from bot.reviews.service import Review, ReviewPage, ReviewService, Sort
from bot.reviews.stars_embeds import stars_text

TEXT_SHOWN, REPLY_SHOWN, REPLIES_SHOWN = 700, 320, 2
"""Characters of a review and of a reply on a page, and replies of each review: three reviews fit an embed."""
SORTS = {
    Sort.NEWEST: "Newest first",
    Sort.HIGHEST: "Highest first",
    Sort.LOWEST: "Lowest first",
    Sort.HELPFUL: "Most helpful first",
}


async def page_of(
    interaction: discord.Interaction[Any], film: Film, sort: Sort = Sort.NEWEST, page: int = 0
) -> dict[str, Any]:
    """Give the message with a page of the film's reviews in this server."""
    found = await get_service(interaction, ReviewService).page(require_guild_id(interaction), film.id, sort, page)
    names = await get_member_names(interaction, members_in(found.reviews))
    return with_mentions({"embed": embed(film, found, names), "view": view(film, found)})


def members_in(reviews: tuple[Review, ...]) -> set[int]:
    """Give all whose names a list of reviews shows."""
    return {review.member_id for review in reviews} | {
        reply.member_id for review in reviews for reply in review.replies
    }


def embed(film: Film, page: ReviewPage, names: MemberNames) -> discord.Embed:
    """Give the page as an embed."""
    title = truncate(f"Reviews of {escape(clean_line(film.dated_title))}", 256)
    shown = discord.Embed(title=title, colour=COLOUR)
    if not page.count:
        shown.description = "Nobody here has written about it yet. **Rate** takes a few words too."
        return shown
    first = page.page * len(page.reviews) if page.page + 1 < page.pages else page.count - len(page.reviews)
    for number, review in enumerate(page.reviews, start=first + 1):
        shown.add_field(name=heading(number, review), value=body(review, names), inline=False)
    reviews = "1 review" if page.count == 1 else f"{page.count:,} reviews"
    shown.set_footer(text=f"{reviews} · page {page.page + 1} of {page.pages} · {SORTS[page.sort].lower()}")
    return shown


def heading(number: int, review: Review) -> str:
    """Give the line above a review: its number and stars."""
    return f"{number} · {stars_text(review.stars)}"


def body(review: Review, names: MemberNames, *, reveal: bool = False) -> str:
    """Give a review with who wrote it and when, and the last replies; what spoils is hidden unless `reveal`."""
    when = discord.utils.format_dt(review.text_edited_at or review.edited_at or review.created_at, "d")
    marks = [names.format(review.member_id), f"edited {when}" if review.text_edited_at else when]
    if review.is_spoiler:
        marks.append("spoilers")
    if review.helpful_count:
        marks.append(f"helped {review.helpful_count:,}")
    hidden = review.is_spoiler and not reveal
    parts = [" · ".join(marks), format_user_text(review.text, TEXT_SHOWN - 100, spoiler=hidden)]
    left = 1_024 - len("\n".join(parts))
    for reply in review.replies[-REPLIES_SHOWN:]:
        room = min(REPLY_SHOWN, left - len(reply_line(reply, names, 0)) - 1)
        if room < 20:
            break
        told = reply_line(reply, names, room, spoiler=hidden)
        parts.append(told)
        left -= len(told) + 1
    return "\n".join(parts)


def view(film: Film, page: ReviewPage) -> View:
    """Give what is under a page: a row of buttons for each review, the pages, the orders."""
    if not page.count:
        return View(RateButton(film.id))
    shown = View()
    first = page.page * len(page.reviews) if page.page + 1 < page.pages else page.count - len(page.reviews)
    for row, review in enumerate(page.reviews):
        number = first + row + 1
        buttons: list[ui.Item[Any]] = [
            HelpfulButton(str(review.id), f"{number} · Helpful"),
            ReplyButton(str(review.id)),
            ReportButton(str(review.id)),
        ]
        if (label := _show_label(review)) is not None:
            buttons.append(ShowButton(str(review.id), label))
        for button in buttons:
            button.row = row
            shown.add_item(button)
    if page.count > 1:
        shown.add_item(SortMenu(film.id, page.sort))
    if page.page > 0:
        shown.add_item(PageButton(film.id, page.sort.value, str(page.page - 1), "Back"))
    if page.page + 1 < page.pages:
        shown.add_item(PageButton(film.id, page.sort.value, str(page.page + 1), "More"))
    return shown


def _show_label(review: Review) -> str | None:
    """Give what the button says that shows the whole review, or None where the page has all there is."""
    if review.is_spoiler:
        return "Show (spoilers)"
    if review.replies:
        return "1 reply" if len(review.replies) == 1 else f"{len(review.replies)} replies"
    return "Show all" if len(body(review, MemberNames({}))) > TEXT_SHOWN else None


class PageButton(
    Button,
    template=r"v1:reviews:(?P<film_id>[a-z0-9-]+):(?P<sort>newest|highest|lowest|helpful):(?P<page>\d{1,6})",
):
    """Another page of a film's reviews."""

    def __init__(self, film_id: str, sort: str, page: str, label: str = "More") -> None:
        self.film_id = film_id
        self.sort = Sort(sort)
        self.page = int(page)
        button: ui.Button[Any] = ui.Button(
            label=label, row=4, custom_id=custom_id("reviews", film_id, sort, self.page)
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member who asked, show it privately to others."""
        film = await require_film(interaction, self.film_id)
        message = await page_of(interaction, film, self.sort, self.page)
        await show(interaction, replace=is_command_author(interaction) or is_ephemeral(interaction), **message)


class ReviewsButton(Button, template=r"v1:read:(?P<film_id>[a-z0-9-]+)"):
    """Opens a film's reviews beside its card."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(ui.Button(label="Reviews", custom_id=custom_id("read", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page privately."""
        film = await require_film(interaction, self.film_id)
        await show(interaction, replace=False, **await page_of(interaction, film))


class SortMenu(Menu, template=r"v1:sort:(?P<film_id>[a-z0-9-]+)"):
    """The orders that reviews come in."""

    def __init__(self, film_id: str, sort: Sort) -> None:
        self.film_id = film_id
        options = [
            discord.SelectOption(label=label, value=each.value, default=each is sort)
            for each, label in SORTS.items()
        ]
        super().__init__(ui.Select(row=3, options=options, custom_id=custom_id("sort", film_id)))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Keep whose reviews it sorts."""
        self.film_id = state["film_id"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page in that order."""
        film = await require_film(interaction, self.film_id)
        message = await page_of(interaction, film, Sort(self.item.values[0]))
        await show(interaction, replace=is_command_author(interaction) or is_ephemeral(interaction), **message)


ITEMS = (PageButton, ReviewsButton, SortMenu)
