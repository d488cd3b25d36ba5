"""Diaries, profiles and the server's best."""

from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Button,
    View,
    custom_id,
    get_service,
    is_command_author,
    is_ephemeral,
    require_guild_id,
    show,
)
from bot.core.images.charts import histogram, ranking
from bot.core.text.escaping import escape, escape_line
from bot.core.text.formatting import clean_line, format_date, truncate, with_year
from bot.films.card import CHOICE_LIMIT
from bot.films.views import FilmMenu
from bot.members.names import get_member_names, with_mentions
from bot.members.privacy_service import PrivacyService
from bot.reviews.diary import DiaryPage, DiaryService, PrivateDiaryError, PrivateProfileError, RankedFilm, Viewing
from bot.reviews.stars_embeds import PICTURE, stars_text

TOP_PICTURE = "attachment://top.png"


async def diary_of(interaction: discord.Interaction[Any], member_id: int, page: int = 0) -> dict[str, Any]:
    """Give the message with a page of a member's diary. Raises PrivateDiaryError for who may not read it."""
    mine = member_id == interaction.user.id
    if not mine and not (await get_service(interaction, PrivacyService).get_privacy(member_id)).is_diary_public:
        raise PrivateDiaryError
    shown = await get_service(interaction, DiaryService).page(require_guild_id(interaction), member_id, page)
    name = (await get_member_names(interaction, [member_id])).format(member_id)
    embed = discord.Embed(title="Your diary" if mine else "Diary", colour=COLOUR)
    lines = [] if mine else [f"of {name}"]
    lines += [_viewing(viewing) for viewing in shown.viewings]
    if not shown.count:
        lines.append("Nothing yet: `/rate`, or **Rate** on a film's card." if mine else "Nothing yet.")
    embed.description = "\n".join(lines)
    if shown.count:
        viewings = "1 viewing" if shown.count == 1 else f"{shown.count:,} viewings"
        embed.set_footer(text=f"{viewings} · page {shown.page + 1} of {shown.pages}")
    return with_mentions({"embed": embed, "view": _turning(member_id, shown)})


def _viewing(viewing: Viewing) -> str:
    when = (
        format_date(viewing.watched_on)
        if viewing.watched_on
        else f"rated {discord.utils.format_dt(viewing.created_at, 'd')}"
    )
    parts = [when, f"**{escape_line(with_year(viewing.title, viewing.year), 150)}**"]
    if viewing.stars:
        parts.append(stars_text(viewing.stars))
    if viewing.is_rewatch:
        parts.append("seen again")
    return " · ".join(parts)


def _turning(member_id: int, page: DiaryPage) -> View:
    view = View()
    if page.page > 0:
        view.add_item(DiaryButton(str(member_id), str(page.page - 1), "Later"))
    if page.page + 1 < page.pages:
        view.add_item(DiaryButton(str(member_id), str(page.page + 1), "Earlier"))
    return view


class DiaryButton(Button, template=r"v1:diary:(?P<member_id>[0-8]?\d{1,18}):(?P<page>\d{1,5})"):
    """Another page of a diary; whether it may be read is asked again."""

    def __init__(self, member_id: str, page: str, label: str = "Earlier") -> None:
        self.member_id = int(member_id)
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("diary", member_id, self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member who asked, show it privately to others."""
        message = await diary_of(interaction, self.member_id, self.page)
        await show(interaction, replace=is_command_author(interaction) or is_ephemeral(interaction), **message)


async def profile_of(interaction: discord.Interaction[Any], member_id: int) -> dict[str, Any]:
    """Give the message with what a member's stars come to in this server.

    Who keeps their name out of lists has it for themselves alone. Raises PrivateProfileError for others.
    """
    profile = await get_service(interaction, DiaryService).profile(require_guild_id(interaction), member_id)
    names = await get_member_names(interaction, [member_id])
    private = names.is_hidden(member_id)
    if private and member_id != interaction.user.id:
        raise PrivateProfileError
    embed = discord.Embed(title="Your profile" if private else "Profile", colour=COLOUR)
    embed.description = None if private else names.format(member_id)
    count = profile.totals.count
    if not count:
        embed.add_field(name="Rated", value="No film rated here yet.")
        return with_mentions({"embed": embed, "ephemeral": private})
    embed.add_field(name="Rated", value=f"{count:,} film" + ("" if count == 1 else "s"))
    embed.add_field(name="Mean", value=f"★ {profile.totals.mean:.2f}")
    embed.add_field(name="Viewings", value=f"{profile.viewings:,}")
    favourites = [f"{stars_text(film.sum)} {_title(film)}" for film in profile.favourites]
    embed.add_field(name="Favourites", value="\n".join(favourites), inline=False)
    directors = [f"{escape_line(director, 80)} · {films}" for director, films in profile.directors]
    if directors:
        embed.add_field(name="Most watched directors", value="\n".join(directors), inline=False)
    embed.set_image(url=PICTURE)
    return with_mentions({"embed": embed, "files": [histogram(profile.totals)], "ephemeral": private})


def _title(film: RankedFilm) -> str:
    return escape_line(with_year(film.title, film.year), 120)


def top(films: list[RankedFilm], what: str, minimum: int) -> dict[str, Any]:
    """Give the message with the server's best; `what` says of which films."""
    title = f"The best here: {what}" if what else "The best here"
    embed = discord.Embed(title=truncate(escape(clean_line(title)), 256), colour=COLOUR)
    raters = "1 rating" if minimum == 1 else f"{minimum} ratings"
    if not films:
        embed.description = f"No {'such ' if what else ''}film has {raters} yet."
        return {"embed": embed}
    embed.description = "\n".join(
        f"{place}. **{_title(film)}** · ★ {film.average:.2f}"
        f" · plain mean {film.sum / film.count / 2:.2f} from {film.count:,}"
        for place, film in enumerate(films, start=1)
    )
    embed.set_footer(text=f"Bayesian average of films with at least {raters}")
    embed.set_image(url=TOP_PICTURE)
    options = [
        discord.SelectOption(
            label=truncate(clean_line(with_year(film.title, film.year)), CHOICE_LIMIT), value=film.film_id
        )
        for film in films
    ]
    return {"embed": embed, "view": View(FilmMenu(options)), "files": [ranking(films)]}


ITEMS = (DiaryButton,)
