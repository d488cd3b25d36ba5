"""Profiles and a server's top films as Discord shows them, each film to be opened and rated."""

import asyncio
from collections.abc import Sequence
from typing import Any, Self

import aiohttp
import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    Response,
    acknowledge,
    acknowledge_press,
    can_edit_message,
    custom_id,
    edit_or_respond,
    format_decade,
    get_reader_locale,
    get_service,
    require_guild_id,
    use_reply_language,
    utcnow,
)
from bot.core.images.covers import Cover, ProfilePicture, create_cover_sheet, create_profile_picture
from bot.core.paging import clamp_page, count_pages
from bot.core.text.cldr import format_decimal, format_number
from bot.core.text.formatting import clean_line, escape_line, escape_line_to_fit, join_list, truncate, with_year
from bot.core.text.i18n import _, gettext_noop, ngettext, set_locale
from bot.films.lists import create_list_view, film_option
from bot.films.local_titles import known_title, shown_title
from bot.films.models import parse_genre
from bot.members.context import get_member_names, with_mentions
from bot.reviews.diary import Profile
from bot.reviews.embeds import format_average
from bot.reviews.service import DiaryService
from bot.reviews.stars import STAR_LABELS, format_stars
from bot.reviews.top import TOP_PAGE_SIZE, RankedFilm, TopFilters, TopPeriod

PROFILE_FILENAME, TOP_FILENAME = "profile.png", "top.png"
PERIOD_LABELS = {
    TopPeriod.WEEK: gettext_noop("Rated in the last week"),
    TopPeriod.MONTH: gettext_noop("Rated in the last month"),
    TopPeriod.YEAR: gettext_noop("Rated in the last year"),
}
AVATAR_SIZE, AVATAR_SECONDS = 256, 1.5
"""Pixels of the avatar that is drawn, and how long its picture may take to arrive."""


async def render_profile(
    interaction: discord.Interaction[Any], server_id: int, owner: discord.User | discord.Member
) -> Response:
    """Return the response with what a member's ratings in the server add up to, and a picture of that.

    It is ephemeral for a member who hides their name. The interaction is acknowledged before the picture is drawn.
    Raises PrivateProfileError for others who ask for theirs.
    """
    profile = await get_service(interaction, DiaryService).get_profile(
        server_id, owner.id, reader_id=interaction.user.id
    )
    names = await get_member_names(interaction, [owner.id])
    is_own = owner.id == interaction.user.id
    # A newcomer's own profile has nothing that others would want to see.
    is_private = names.is_hidden(owner.id) or (is_own and not profile.totals.rating_count)
    set_locale(get_reader_locale(interaction, is_private=is_private))
    embed = build_profile_embed(profile, owner, is_private=names.is_hidden(owner.id), is_own=is_own)
    if not profile.totals.rating_count:
        return with_mentions(Response(embeds=(embed,), is_ephemeral=is_private))
    await acknowledge(interaction, ephemeral=is_private)
    picture = _describe_picture(profile, owner, await _read_avatar(owner))
    file = await asyncio.to_thread(
        create_profile_picture, picture, filename=PROFILE_FILENAME, description=_describe_profile(picture)
    )
    options = [film_option(film) for film in profile.favourites]
    view = create_list_view(interaction, options)
    return with_mentions(Response(embeds=(embed,), files=(file,), view=view, is_ephemeral=is_private))


def build_profile_embed(
    profile: Profile, owner: discord.User | discord.Member, *, is_private: bool, is_own: bool
) -> discord.Embed:
    """Return the embed with a member's profile, to be sent with its picture if they have rated anything."""
    name = clean_line(owner.display_name)
    embed = discord.Embed(colour=COLOUR, title=escape_line_to_fit(_("{name}'s profile").format(name=name), 256))
    if is_private:
        embed.set_footer(text=_("Only you can see this. Your profile is private."))
    if not profile.totals.rating_count:
        embed.set_thumbnail(url=owner.display_avatar.url)
        embed.description = (
            _("You haven't rated anything here yet. Rate a film with `/rate`.")
            if is_own
            else _("No ratings here yet.")
        )
        return embed
    return embed.set_image(url=f"attachment://{PROFILE_FILENAME}")


def _summarise(profile: Profile) -> str:
    """Return how many films were rated, their average and the hours watched."""
    count = profile.totals.rating_count
    parts = [
        ngettext("{count} film rated", "{count} films rated", count).format(count=format_number(count)),
        _("★ {average} average").format(average=format_decimal(profile.totals.average)),
    ]
    if hours := profile.hours_watched:
        text = ngettext("{count} hour watched", "{count} hours watched", hours)
        parts.append(text.format(count=format_number(hours)))
    return " · ".join(parts)


def _list_favourites(profile: Profile) -> list[tuple[str, tuple[str, ...]]]:
    """Return the favourite genres, decades and directors under their labels, without kinds that have none."""
    kinds = (
        (_("Favourite genres"), tuple(_(genre) for genre in profile.genres)),
        (_("Favourite decades"), tuple(format_decade(year) for year in profile.decades)),
        (_("Favourite directors"), profile.directors),
    )
    return [(label, values) for label, values in kinds if values]


def _describe_picture(profile: Profile, owner: discord.User | discord.Member, avatar: bytes) -> ProfilePicture:
    return ProfilePicture(
        name=clean_line(owner.display_name),
        summary=_summarise(profile),
        facts=tuple(_list_favourites(profile)),
        counts=profile.totals.counts,
        labels=STAR_LABELS,
        covers=tuple(_create_cover(film, format_stars(film.half_star_sum)) for film in profile.favourites),
        avatar=avatar,
    )


def _describe_profile(picture: ProfilePicture) -> str:
    """Return the alt text of a profile's picture."""
    counts = join_list(
        f"{label}: {count}" for label, count in zip(picture.labels, picture.counts, strict=True) if count
    )
    films = join_list(f"{with_year(cover.title, cover.year)} {cover.caption}" for cover in picture.covers)
    facts = "".join(f" {label}: {', '.join(values)}." for label, values in picture.facts)
    text = _("{name}'s profile: {summary}.{facts} Favourite films: {films}. Ratings by stars: {counts}.")
    return text.format(name=picture.name, summary=picture.summary, facts=facts, films=films, counts=counts)


async def _read_avatar(owner: discord.User | discord.Member) -> bytes:
    """Return the avatar's picture, b"" where it can't be had in time."""
    asset = owner.display_avatar.replace(size=AVATAR_SIZE, static_format="png")
    try:
        async with asyncio.timeout(AVATAR_SECONDS):
            return await asset.read()
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError):
        return b""


async def render_top(interaction: discord.Interaction[Any], filters: TopFilters, page: int = 0) -> Response:
    """Return the response with a page of the server's best films and their covers."""
    server_id = require_guild_id(interaction)
    diary = get_service(interaction, DiaryService)
    minimum_raters = await diary.get_minimum_raters(server_id)
    ranked = await diary.repository.list_top_films(server_id, filters.as_query(minimum_raters, utcnow()))
    page = clamp_page(page, len(ranked), TOP_PAGE_SIZE)
    page_count = count_pages(len(ranked), TOP_PAGE_SIZE)
    embed = _build_top_embed(interaction, filters, minimum_raters)
    if not ranked:
        empty = ngettext(
            "No film has ratings from {count} member yet. Rate one with `/rate`.",
            "No film has ratings from {count} members yet. Rate one with `/rate`.",
            minimum_raters,
        ).format(count=minimum_raters)
        if minimum_raters <= 1:
            empty = _("Nothing here yet. Rate a film with `/rate` to add it.")
        embed.description = "\n".join(filter(None, (embed.description, empty)))
        embed.remove_footer()
        return Response(embeds=(embed,))
    first = page * TOP_PAGE_SIZE
    shown = ranked[first : first + TOP_PAGE_SIZE]
    lines = [
        f"{place}. **{_format_title(film)}** · {format_average(film.average, film.rating_count)}"
        for place, film in enumerate(shown, start=first + 1)
    ]
    embed.description = "\n".join(filter(None, (embed.description, *lines)))
    if page_count > 1:
        pages = _("Page {page} of {pages}").format(page=page + 1, pages=page_count)
        embed.set_footer(text=f"{embed.footer.text} {pages}")
    buttons = []
    if page > 0:
        buttons.append(TopButton.from_filters(filters, page - 1, _("Back")))
    if page + 1 < page_count:
        buttons.append(TopButton.from_filters(filters, page + 1, _("More")))
    embed.set_image(url=f"attachment://{TOP_FILENAME}")
    view = create_list_view(interaction, [film_option(film) for film in shown], *buttons)
    return Response(embeds=(embed,), files=(await _create_sheet(shown, first + 1),), view=view)


async def _create_sheet(films: Sequence[RankedFilm], first_place: int) -> discord.File:
    covers = [
        _create_cover(film, f"{place} · ★ {format_decimal(film.average)}")
        for place, film in enumerate(films, start=first_place)
    ]
    titles = join_list(f"{cover.caption} {with_year(cover.title, cover.year)}" for cover in covers)
    return await asyncio.to_thread(
        create_cover_sheet, covers, filename=TOP_FILENAME, description=_("Covers: {films}").format(films=titles)
    )


def _build_top_embed(
    interaction: discord.Interaction[Any], filters: TopFilters, minimum_raters: int
) -> discord.Embed:
    """Return the embed that says which films are ranked."""
    server_name = interaction.guild.name if interaction.guild is not None else ""
    title = _("Top films in {server}").format(server=escape_line_to_fit(server_name, 120))
    embed = discord.Embed(title=truncate(title, 256), colour=COLOUR)
    decade = format_decade(filters.decade) if filters.decade is not None else None
    period = _(PERIOD_LABELS[filters.period]) if filters.period is not None else None
    described = " · ".join(filter(None, (_(filters.genre) if filters.genre else None, decade, period)))
    embed.description = f"**{described}**" if described else None
    rule = ngettext(
        "Films rated by at least {count} member here.",
        "Films rated by at least {count} members here.",
        minimum_raters,
    )
    embed.set_footer(text=rule.format(count=minimum_raters))
    return embed


class TopButton(
    Button,
    template=(
        r"v1:top:(?P<page>\d{1,2}):(?P<decade>\d{4}|-):(?P<period>week|month|year|-):(?P<genre>[A-Za-z-]{0,40})"
    ),
):
    """Shows another page of the server's top films."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, page: str, decade: str, period: str, genre: str, label: str = "") -> None:
        self.page = int(page)
        self.filters = TopFilters(
            parse_genre(genre.replace("-", " ")),
            int(decade) if decade != "-" else None,
            TopPeriod(period) if period != "-" else None,
        )
        identifier = custom_id("top", page, decade, period, genre)
        super().__init__(ui.Button(label=label or _("More"), custom_id=identifier))

    @classmethod
    def from_filters(cls, filters: TopFilters, page: int, label: str) -> Self:
        """Return the button of that page of the same films."""
        genre = (filters.genre or "").replace(" ", "-")
        return cls(str(page), str(filters.decade or "-"), filters.period or "-", genre, label)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member whose command it was, show it privately to others."""
        is_own = can_edit_message(interaction)
        await acknowledge_press(interaction, edit=is_own)
        use_reply_language(interaction, edit=is_own)
        await edit_or_respond(interaction, await render_top(interaction, self.filters, self.page), edit=is_own)


def _create_cover(film: RankedFilm, caption: str) -> Cover:
    """Return the film's cover, which is drawn with the title that readers know."""
    return Cover(film.film_id, known_title(film.film_id, film.title), film.year, caption)


def _format_title(film: RankedFilm) -> str:
    return escape_line(shown_title(film), 120)


ITEMS = (TopButton,)
