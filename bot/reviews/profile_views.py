"""Profiles and a server's top films as Discord shows them, each film to be opened."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.core.discord import COLOUR, Response, View, get_service, require_guild_id
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.text.escaping import escape_line, escape_line_to_fit
from bot.core.text.formatting import clean_line, truncate, with_year
from bot.core.text.i18n import _, ngettext
from bot.films.views import FilmMenu
from bot.members.context import get_member_names, with_mentions
from bot.reviews.diary import Profile
from bot.reviews.embeds import STARS_IMAGE_URL, create_star_histogram, format_average
from bot.reviews.service import DiaryService
from bot.reviews.stars import format_stars
from bot.reviews.top import RankedFilm


async def render_profile(interaction: discord.Interaction[Any], owner: discord.User | discord.Member) -> Response:
    """Return the response with what a member's ratings in this server add up to.

    It is ephemeral for a member who hides their name. Raises PrivateProfileError for others who ask for theirs.
    """
    profile = await get_service(interaction, DiaryService).get_profile(
        require_guild_id(interaction), owner.id, reader_id=interaction.user.id
    )
    names = await get_member_names(interaction, [owner.id])
    is_private = names.is_hidden(owner.id)
    embed = build_profile_embed(profile, owner, is_private=is_private)
    histogram = create_star_histogram(profile.totals)
    files = (histogram,) if histogram is not None else ()
    view = View(*([_create_film_menu(profile.favourites)] if profile.favourites else []))
    return with_mentions(Response(embeds=(embed,), files=files, view=view, is_ephemeral=is_private))


def build_profile_embed(
    profile: Profile, owner: discord.User | discord.Member, *, is_private: bool
) -> discord.Embed:
    """Return the embed with a member's profile, to be sent with `create_star_histogram`."""
    name = clean_line(owner.display_name)
    embed = discord.Embed(colour=COLOUR, title=escape_line_to_fit(_("{name}'s profile").format(name=name), 256))
    embed.set_thumbnail(url=owner.display_avatar.url)
    if is_private:
        embed.set_footer(text=_("Only you can see this. Your profile is private."))
    rating_count = profile.totals.rating_count
    if not rating_count:
        embed.description = _("No ratings here yet.")
        return embed
    films = ngettext("{count} film", "{count} films", rating_count).format(count=f"{rating_count:,}")
    embed.add_field(name=_("Rated"), value=films)
    embed.add_field(name=_("Average"), value=f"★ {profile.totals.average:.1f}")
    hours = ngettext("{count} hour", "{count} hours", profile.hours_watched)
    embed.add_field(name=_("Watched"), value=hours.format(count=f"{profile.hours_watched:,}"))
    kinds = {
        _("Favourite genres"): [escape_line(genre, 40) for genre in profile.genres],
        _("Favourite decades"): [_("{year}s").format(year=year) for year in profile.decades],
        _("Favourite directors"): [escape_line(director, 60) for director in profile.directors],
    }
    for label, values in kinds.items():
        if values:
            embed.add_field(name=label, value=", ".join(values), inline=False)
    favourites = [f"{format_stars(film.half_star_sum)} {_format_title(film)}" for film in profile.favourites]
    embed.add_field(name=_("Favourite films"), value="\n".join(favourites), inline=False)
    return embed.set_image(url=STARS_IMAGE_URL)


def render_top(
    films: Sequence[RankedFilm], *, server_name: str, filters: Sequence[str], minimum_raters: int
) -> Response:
    """Return the response with the server's best films, and a menu to open one of them.

    `filters` say which films are ranked, none for all.
    """
    title = _("Top films in {server}").format(server=escape_line_to_fit(server_name, 120))
    embed = discord.Embed(title=truncate(title, 256), colour=COLOUR)
    described = " · ".join(filters)
    rule = ngettext(
        "Films rated by at least {count} member here.",
        "Films rated by at least {count} members here.",
        minimum_raters,
    ).format(count=minimum_raters)
    if not films:
        empty = ngettext(
            "No film has ratings from {count} member yet. Rate one with `/rate`.",
            "No film has ratings from {count} members yet. Rate one with `/rate`.",
            minimum_raters,
        ).format(count=minimum_raters)
        embed.description = "\n".join(filter(None, (f"**{described}**" if described else "", empty)))
        return Response(embeds=(embed,))
    lines = [f"**{described}**"] if described else []
    lines += [
        f"{place}. **{_format_title(film)}** · {format_average(film.average, film.rating_count)}"
        for place, film in enumerate(films, start=1)
    ]
    embed.description = "\n".join(lines)
    embed.set_footer(text=rule)
    return Response(embeds=(embed,), view=View(_create_film_menu(films)))


def _create_film_menu(films: Sequence[RankedFilm]) -> FilmMenu:
    return FilmMenu(
        [
            discord.SelectOption(
                label=truncate(clean_line(with_year(film.title, film.year)), CHOICE_LENGTH_LIMIT),
                value=film.film_id,
            )
            for film in films
        ],
        _("Open a film"),
    )


def _format_title(film: RankedFilm) -> str:
    return escape_line(with_year(film.title, film.year), 120)
