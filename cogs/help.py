"""`/help` and `/about`, and their cards."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Menu,
    Response,
    View,
    acknowledge_if_busy,
    custom_id,
    edit_or_respond,
    gettext_lazy,
    has_role,
    respond,
    user_installable,
)
from bot.core.text.formatting import truncate
from bot.core.text.i18n import _, gettext_noop
from bot.films.card import TMDB_NOTICE
from bot.streaming.embeds import JUSTWATCH_NOTICE

Context = discord.Interaction[Any]
MODERATORS = "moderators"
MEMBERS = "members"
SECTIONS = {
    gettext_noop("Find a film"): ("film", "ask", "person", "where", "similar", "alert", "services"),
    gettext_noop("Rate and review"): ("rate", "review", "reviews", "top", "diary", "profile"),
    gettext_noop("Decide what to watch"): ("recommend", "tonight", "watchlist", "list", "taste"),
    gettext_noop("Film nights"): ("night show", "night nominate", "night history", "night stats"),
    gettext_noop("Featured films"): ("featured", "suggest", "suggestions"),
    gettext_noop("Your data and settings"): (
        "me",
        "mydata",
        "import",
        "letterboxd connect",
        "letterboxd status",
        "letterboxd disconnect",
    ),
}
"""What `/help` tells members, by task: commands, or groups of them, by their beginning. Others come last."""
MODERATOR_SECTIONS = {
    gettext_noop("Moderate reviews"): ("moderation",),
    gettext_noop("Plan picks"): ("pick",),
    gettext_noop("Plan film nights"): ("night",),
    gettext_noop("Server settings"): ("settings", "letterboxd"),
}
"""What `/help` tells moderators and curators besides."""
AnyCommand = app_commands.Command[Any, ..., Any]


def group_commands(commands: Iterable[AnyCommand], page: str) -> dict[str, list[AnyCommand]]:
    """Return the commands of a page of `/help`, by section, in the order of the sections.

    `page` is MEMBERS or MODERATORS. A command that no section names is one for members.
    """
    found: dict[str, list[AnyCommand]] = {}
    for command in sorted(commands, key=_get_order):
        section = _find_section(command.qualified_name, SECTIONS)
        is_for_moderators = (
            section is None and _find_section(command.qualified_name, MODERATOR_SECTIONS) is not None
        )
        if is_for_moderators == (page == MODERATORS):
            name = section or _find_section(command.qualified_name, MODERATOR_SECTIONS) or gettext_noop("More")
            found.setdefault(name, []).append(command)
    order = [*SECTIONS, *MODERATOR_SECTIONS, *found]
    return dict(sorted(found.items(), key=lambda item: order.index(item[0])))


def _get_order(command: AnyCommand) -> tuple[int, str]:
    """Return where a command stands in its section: as the section names them, then by name."""
    starts = [start for section in (SECTIONS, MODERATOR_SECTIONS) for each in section.values() for start in each]
    name = command.qualified_name
    matches = (index for index, start in enumerate(starts) if f"{name} ".startswith(f"{start} "))
    return next(matches, len(starts)), name


def _find_section(name: str, sections: Mapping[str, tuple[str, ...]]) -> str | None:
    matches = (
        title for title, starts in sections.items() if any(f"{name} ".startswith(f"{each} ") for each in starts)
    )
    return next(matches, None)


def build_help_embeds(
    commands: Iterable[AnyCommand], page: str, ids: Mapping[str, int]
) -> tuple[discord.Embed, ...]:
    """Return an embed for each section of the page, with a line for each command.

    `ids` (by the name of the root command) make the commands clickable.
    """
    embeds = []
    for title, members in group_commands(commands, page).items():
        lines = []
        for command in members:
            description = _(command.description).removesuffix(".")
            lines.append(f"{_mention_command(command.qualified_name, ids)} {description}")
        description = truncate("\n".join(lines), 4_000)
        embeds.append(discord.Embed(title=_(title), description=description, colour=COLOUR))
    if embeds and page == MEMBERS:
        embeds[-1].set_footer(text=_("Titles work in any spelling or language: half a title or a year is fine."))
    return tuple(embeds)


def _works_in_direct_messages(command: AnyCommand) -> bool:
    """Return whether Discord offers the command outside of servers."""
    root = command.root_parent or command
    return not root.guild_only and (root.allowed_contexts is None or bool(root.allowed_contexts.dm_channel))


def _mention_command(name: str, ids: Mapping[str, int]) -> str:
    root = name.split(" ")[0]
    return f"</{name}:{ids[root]}>" if root in ids else f"`/{name}`"


def build_about_embed(version: str, *, tmdb_notice: str | None, justwatch_notice: str) -> discord.Embed:
    """Return what Marquee is and whose data it shows.

    `tmdb_notice` and `justwatch_notice` are the attributions in the words that the terms of use require;
    `tmdb_notice` is None if nothing comes from TMDB.
    """
    embed = discord.Embed(title=_("About Marquee"), colour=COLOUR)
    embed.description = _(
        "Marquee {version} is a free film bot under the MIT licence. "
        "It only reads messages that mention it or are sent to it."
    ).format(version=version)
    embed.add_field(
        name=_("Film data"), value=_("Written for Marquee, plus what this bot's owner added."), inline=False
    )
    if tmdb_notice is not None:
        source = _("Posters, stills, trailers and texts come from {tmdb}. Recommendations don't use them.").format(
            tmdb="[TMDB](https://www.themoviedb.org)"
        )
        value = f"{tmdb_notice}\n{source}\n{justwatch_notice}."
        embed.add_field(name=_("Pictures and streaming"), value=value, inline=False)
    return embed


async def can_moderate(interaction: Context) -> bool:
    """Return whether some command for moderators, curators or hosts is for the member who acts."""
    if interaction.guild_id is None:
        return False
    permissions = interaction.permissions
    if permissions.manage_guild or permissions.manage_messages or permissions.manage_events:
        return True
    settings = await interaction.client.services.server_settings.get(interaction.guild_id)
    roles = (settings.moderator_role_id, settings.curator_role_id, settings.night_host_role_id)
    return any(has_role(interaction, role_id) for role_id in roles)


async def render_help(interaction: Context, page: str) -> Response:
    """Return a page of `/help`, with a menu of the pages for those who may see both."""
    bot: Marquee = interaction.client
    is_moderator = await can_moderate(interaction)
    page = page if is_moderator else MEMBERS
    every = [each for each in bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
    if interaction.guild_id is None:
        every = [each for each in every if _works_in_direct_messages(each)]
    view = View(HelpMenu(page)) if is_moderator else View()
    return Response(embeds=build_help_embeds(every, page, bot.command_ids), view=view, is_ephemeral=True)


class HelpMenu(Menu, template=r"v1:help"):
    """The pages of `/help`: what members do, and what moderators, curators and hosts do besides."""

    acknowledgement = Acknowledgement.EDIT_IF_BUSY

    def __init__(self, page: str) -> None:
        options = [
            discord.SelectOption(label=_("For everyone"), value=MEMBERS, default=page == MEMBERS),
            discord.SelectOption(
                label=_("For moderators, curators and hosts"), value=MODERATORS, default=page == MODERATORS
            ),
        ]
        super().__init__(ui.Select(custom_id=custom_id("help"), options=options))

    async def on_press(self, interaction: Context) -> None:
        """Show the page chosen."""
        await edit_or_respond(interaction, await render_help(interaction, self.item.values[0]), edit=True)


class HelpCog(commands.Cog, name="Help"):
    """What the bot does, and whose data it shows."""

    @user_installable
    @app_commands.command(description=gettext_lazy("See what I can do"))
    async def help(self, interaction: Context) -> None:
        """Show the page for members."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        await respond(interaction, await render_help(interaction, MEMBERS))

    @user_installable
    @app_commands.command(description=gettext_lazy("See what Marquee is and where its data comes from"))
    async def about(self, interaction: Context) -> None:
        """Show the card, with the notices that sources require."""
        tmdb_notice = TMDB_NOTICE if interaction.client.services.metadata.is_enabled else None
        embed = build_about_embed(
            version("marquee-bot"), tmdb_notice=tmdb_notice, justwatch_notice=JUSTWATCH_NOTICE
        )
        await respond(interaction, Response(embeds=(embed,), is_ephemeral=True))


async def setup(bot: Marquee) -> None:
    """Add the cog and its menu."""
    bot.add_dynamic_items(HelpMenu)
    await bot.add_cog(HelpCog())


async def teardown(bot: Marquee) -> None:
    """Remove the menu again."""
    bot.remove_dynamic_items(HelpMenu)
