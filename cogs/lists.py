"""`/list`: lists of films with what each reader has seen of them, one's own or everybody's."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Response, View, acknowledge, gettext_lazy, require_guild_id, respond
from bot.core.text.formatting import escape_line, join_limited
from bot.core.text.i18n import _, ngettext
from bot.films.autocomplete import suggest_films
from bot.films.choice_views import Completion, FilmChoiceMenu, find_or_ask
from bot.imports.preview_views import find_uploaded_films
from bot.lists import views
from bot.lists.models import FilmList, NotYourListToDeleteError
from bot.lists.service import ListService
from bot.lists.views import suggest_listed_films, suggest_lists
from bot.members.context import refresh_members
from bot.moderation.automod import require_allowed_words

Context = discord.Interaction[Marquee]


@app_commands.guild_only()
class ListCog(
    commands.GroupCog, name="list", description=gettext_lazy("Lists of films, and what you've seen of them")
):
    """`/list`: begins, fills, shows and deletes lists."""

    def __init__(self, lists: ListService) -> None:
        self.lists = lists

    @app_commands.command(description=gettext_lazy("Create a list of films"))
    @app_commands.describe(
        name=gettext_lazy("What the list is called"),
        shared=gettext_lazy("Let everyone here add films (default: only you)"),
        file=gettext_lazy("A list exported from Letterboxd, IMDb or Trakt, or a CSV of titles"),
    )
    async def create(
        self, interaction: Context, name: str, shared: bool = False, file: discord.Attachment | None = None
    ) -> None:
        """Store a list, empty or with the films of a file."""
        await acknowledge(interaction, ephemeral=True)
        await require_allowed_words(interaction, name)
        film_ids: list[str] = []
        unknown: list[str] = []
        if file is not None:
            film_ids, unknown = await find_uploaded_films(interaction, file)
        film_list = await self.lists.create(
            require_guild_id(interaction), interaction.user.id, name, is_shared=shared, film_ids=film_ids
        )
        count = film_list.film_count
        if count:
            # Translators: {name} is a list that was made from a file of films
            sentence = ngettext(
                "Created the list **{name}** with {count} film.",
                "Created the list **{name}** with {count} films.",
                count,
            )
        elif shared:
            sentence = _("Created the list **{name}**. Everyone here can add films with `/list add`.")
        else:
            sentence = _("Created the list **{name}**. Add films with `/list add`.")
        parts = [sentence.format(name=escape_line(film_list.name, 60), count=count)]
        if count and shared:
            parts.append(_("Everyone here can add films with `/list add`."))
        if unknown:
            titles = join_limited([f"**{escape_line(title, 60)}**" for title in unknown], 500)
            parts.append(_("Not found: {titles}").format(titles=titles))
        view = View(views.create_open_button(film_list))
        await respond(interaction, Response(" ".join(parts), view=view), ephemeral=True)

    @app_commands.command(description=gettext_lazy("Add a film to a list"))
    @app_commands.rename(list_name="list")
    @app_commands.describe(list_name=gettext_lazy("Which list"), film=gettext_lazy("The film"))
    @app_commands.autocomplete(list_name=suggest_lists, film=suggest_films)
    async def add(self, interaction: Context, list_name: str, film: str) -> None:
        """Add the film that was picked or named beyond doubt."""
        await acknowledge(interaction, ephemeral=True)
        film_list = await self._find(interaction, list_name)
        completion = Completion("list-add", str(film_list.id))
        if (resolved := await find_or_ask(interaction, film, completion)) is not None:
            await respond(interaction, await views.add_film(interaction, film_list, resolved), ephemeral=True)

    @app_commands.command(description=gettext_lazy("Remove a film from a list"))
    @app_commands.rename(list_name="list")
    @app_commands.describe(list_name=gettext_lazy("Which list"), film=gettext_lazy("The film"))
    @app_commands.autocomplete(list_name=suggest_lists, film=suggest_listed_films)
    async def remove(self, interaction: Context, list_name: str, film: str) -> None:
        """Remove the film that was picked or named beyond doubt."""
        await acknowledge(interaction, ephemeral=True)
        film_list = await self._find(interaction, list_name)
        completion = Completion("list-remove", str(film_list.id))
        if (resolved := await find_or_ask(interaction, film, completion)) is not None:
            await respond(interaction, await views.remove_film(interaction, film_list, resolved), ephemeral=True)

    @app_commands.command(description=gettext_lazy("See a list, or all of them, and what you've seen"))
    @app_commands.rename(list_name="list")
    @app_commands.describe(list_name=gettext_lazy("Which list (default: all)"))
    @app_commands.autocomplete(list_name=suggest_lists)
    async def show(self, interaction: Context, list_name: str | None = None) -> None:
        """Show the first page, or an overview."""
        await acknowledge(interaction, ephemeral=True)
        if list_name is None:
            response = await views.render_lists(interaction)
        else:
            response = await views.render_list(interaction, (await self._find(interaction, list_name)).id)
        await respond(interaction, response, ephemeral=True)
        await refresh_members(interaction)

    @app_commands.command(description=gettext_lazy("Delete a list"))
    @app_commands.rename(list_name="list")
    @app_commands.describe(list_name=gettext_lazy("Which list"))
    @app_commands.autocomplete(list_name=suggest_lists)
    async def delete(self, interaction: Context, list_name: str) -> None:
        """Ask whether to delete it, for whoever began it and for moderators."""
        await acknowledge(interaction, ephemeral=True)
        film_list = await self._find(interaction, list_name)
        if film_list.member_id != interaction.user.id and not views.is_moderator(interaction):
            raise NotYourListToDeleteError
        await respond(interaction, views.render_delete_question(interaction, film_list), ephemeral=True)

    async def _find(self, interaction: Context, text: str) -> FilmList:
        return await self.lists.find(require_guild_id(interaction), text, interaction.user.id)


async def setup(bot: Marquee) -> None:
    """Add the cog and its buttons."""
    bot.add_dynamic_items(*views.ITEMS)
    for command, complete in views.COMPLETIONS.items():
        FilmChoiceMenu.add_completion(command, complete)
    await bot.add_cog(ListCog(bot.services.lists))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons again."""
    bot.remove_dynamic_items(*views.ITEMS)
