"""The preview of an uploaded file, with the menus that choose from it."""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Menu,
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
from bot.core.tasks import stop_watching_commits
from bot.core.text.formatting import truncate
from bot.core.text.i18n import _, get_locale, use_locale
from bot.imports.embeds import build_preview_embed, count_kind
from bot.imports.formats.files import FILE_LIMIT, FileProblem, UnreadableFileError
from bot.imports.history import Kind
from bot.imports.member_service import MemberImportService
from bot.imports.models import Import, ImportGoneError, Preview
from bot.imports.plan import Choices, Conflict, ListMeaning
from bot.imports.views import LABEL_LIMIT, ImportButton, create_button, follow

_FILE = "file"


async def render_upload(interaction: discord.Interaction[Any], attachment: discord.Attachment) -> Response:
    """Read an uploaded file and return its preview. Raises UnreadableFileError and what `prepare` does."""
    if attachment.size > FILE_LIMIT:
        raise UnreadableFileError(FileProblem.TOO_LARGE)
    content = await attachment.read()
    service = get_service(interaction, MemberImportService)
    preview = await service.prepare(
        require_guild_id(interaction), interaction.user.id, content, attachment.filename
    )
    service.start_background(_show_guesses(interaction, preview.import_.id))
    return render_preview(preview, service)


async def _show_guesses(interaction: discord.Interaction[Any], import_id: int) -> None:
    """Bring the preview up to date once films like all those that weren't found are known."""
    service = get_service(interaction, MemberImportService)
    stop_watching_commits()
    with use_locale(get_locale()):
        if await service.wait_for_guesses(import_id):
            try:
                response = render_preview(await service.get_preview(import_id, interaction.user.id), service)
                await interaction.edit_original_response(**response.as_edit())
            except (discord.HTTPException, ImportGoneError):  # dismissed, or taken meanwhile
                return


async def find_uploaded_films(
    interaction: discord.Interaction[Any], attachment: discord.Attachment
) -> tuple[list[str], list[str]]:
    """Return the ids of an uploaded file's films, and other titles in it. Raises UnreadableFileError."""
    if attachment.size > FILE_LIMIT:
        raise UnreadableFileError(FileProblem.TOO_LARGE)
    service = get_service(interaction, MemberImportService)
    return await service.find_films(await attachment.read(), attachment.filename)


def render_preview(preview: Preview, service: MemberImportService) -> Response:
    """Return the preview of a file with the menus to choose from it."""
    import_ = preview.import_
    view = View()
    kinds = [kind for kind in Kind if preview.count_new(kind) or preview.count_known(kind)]
    if preview.listed_count:
        kinds.append(Kind.LISTS)
    if len(kinds) > 1 or preview.listed_count:
        view.add_item(KindsMenu.from_preview(preview, kinds))
    if preview.listed_count:
        view.add_item(ListsMenu.from_choices(import_))
    if preview.differing_count:
        view.add_item(ConflictMenu.from_choices(import_))
    start = StartButton(str(import_.id))
    # A file that only has lists brings nothing until the member has said what they mean.
    start.item.disabled = bool(preview.listed_count) and not _brings_something(preview)
    view.add_item(start)
    view.add_item(DiscardButton(str(import_.id)))
    return Response(embeds=(build_preview_embed(preview, service.get_title),), view=view, is_ephemeral=True)


def _brings_something(preview: Preview) -> bool:
    """Return whether anything is taken of the file as the member chose."""
    kinds = preview.import_.choices.kinds
    return Kind.LISTS in kinds or preview.differing_count > 0 or any(map(preview.count_new, kinds))


class UploadModal(Modal):
    """A form to upload an export with."""

    template = re.compile(r"v1:import-file")

    def __init__(self) -> None:
        super().__init__(title=_("Import your films"), custom_id=custom_id("import-file"))
        upload: ui.FileUpload[Any] = ui.FileUpload(custom_id=_FILE, required=True, min_values=1, max_values=1)
        self.add_item(
            ui.Label(
                text=_("Your export"),
                description=_("A ZIP, CSV or JSON file from Letterboxd, IMDb, Trakt, Simkl…"),
                component=upload,
            )
        )

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Show the preview."""
        await acknowledge(interaction, ephemeral=True)
        data: Any = interaction.data
        resolved = data.get("resolved", {}).get("attachments", {})
        chosen = [resolved[each] for each in values.get(_FILE) or () if each in resolved]
        if not chosen:
            raise UnreadableFileError(FileProblem.EMPTY)
        attachment = discord.Attachment(data=chosen[0], state=interaction._state)
        await respond(interaction, await render_upload(interaction, attachment))


class StartButton(ImportButton, template=r"v1:import-start:(?P<import_id>\d{1,18})"):
    """Takes the file."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str) -> None:
        super().__init__(
            create_button("import-start", import_id, _("Import"), discord.ButtonStyle.primary), import_id
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Begin, and show how far it is."""
        await get_service(interaction, MemberImportService).start(self.import_id, interaction.user.id)
        await follow(interaction, self.import_id)


class DiscardButton(ImportButton, template=r"v1:import-discard:(?P<import_id>\d{1,18})"):
    """Forgets the file."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str) -> None:
        button = create_button("import-discard", import_id, _("Don't import"), discord.ButtonStyle.secondary)
        super().__init__(button, import_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete what was read."""
        await get_service(interaction, MemberImportService).discard(self.import_id, interaction.user.id)
        await interaction.edit_original_response(**Response(_("Nothing was imported.")).as_edit())


class _ChoicesMenu(Menu, template="^$"):
    """A menu that changes what the member wants of a file."""

    acknowledgement = Acknowledgement.EDIT

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the import's id."""
        self.import_id = int(state["import_id"])

    async def _choose(self, interaction: discord.Interaction[Any], **changes: Any) -> None:
        service, member_id = get_service(interaction, MemberImportService), interaction.user.id
        choices = (await service.require(self.import_id, member_id)).choices
        values = {"kinds": choices.kinds, "conflict": choices.conflict, "lists_as": choices.lists_as, **changes}
        preview = await service.choose(self.import_id, member_id, Choices(**values))
        await interaction.edit_original_response(**render_preview(preview, service).as_edit())


class KindsMenu(_ChoicesMenu, template=r"v1:import-kinds:(?P<import_id>\d{1,18})"):
    """Which kinds of entries are taken."""

    @classmethod
    def from_preview(cls, preview: Preview, kinds: list[Kind]) -> "KindsMenu":
        """Return the menu with what the file has, those chosen selected."""
        import_ = preview.import_
        options = []
        for kind in kinds:
            count = preview.listed_count if kind is Kind.LISTS else preview.count_new(kind)
            is_chosen = kind in import_.choices.kinds
            label = truncate(count_kind(kind, count), LABEL_LIMIT)
            options.append(discord.SelectOption(label=label, value=kind.value, default=is_chosen))
        select: ui.Select[Any] = ui.Select(
            custom_id=custom_id("import-kinds", import_.id),
            options=options,
            min_values=1,
            max_values=len(options),
            placeholder=_("What to import"),
        )
        menu = cls(select)
        menu.import_id = import_.id
        return menu

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the choice and show the preview again."""
        await self._choose(interaction, kinds=frozenset(map(Kind, self.item.values)))


class ConflictMenu(_ChoicesMenu, template=r"v1:import-conflict:(?P<import_id>\d{1,18})"):
    """Whose stars stay where they differ."""

    @classmethod
    def from_choices(cls, import_: Import) -> "ConflictMenu":
        """Return the menu."""
        labels = {
            Conflict.KEEP: _("Keep my ratings from here"),
            Conflict.TAKE: _("Use the ratings from the file"),
            Conflict.NEWEST: _("Use whichever is newer"),
        }
        options = [
            discord.SelectOption(label=label, value=each.value, default=each is import_.choices.conflict)
            for each, label in labels.items()
        ]
        return cls(ui.Select(custom_id=custom_id("import-conflict", import_.id), options=options))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the choice and show the preview again."""
        await self._choose(interaction, conflict=Conflict(self.item.values[0]))


class ListsMenu(_ChoicesMenu, template=r"v1:import-lists:(?P<import_id>\d{1,18})"):
    """What a list of films stands for."""

    @classmethod
    def from_choices(cls, import_: Import) -> "ListsMenu":
        """Return the menu."""
        labels = {
            ListMeaning.WATCHLIST: _("Listed films: I want to see them"),
            ListMeaning.SEEN: _("Listed films: I have seen them"),
            ListMeaning.LIKES: _("Listed films: I like them"),
        }
        is_taken = Kind.LISTS in import_.choices.kinds
        options = [
            discord.SelectOption(
                label=label, value=each.value, default=is_taken and each is import_.choices.lists_as
            )
            for each, label in labels.items()
        ]
        placeholder = _("What to do with films on lists")
        return cls(
            ui.Select(custom_id=custom_id("import-lists", import_.id), options=options, placeholder=placeholder)
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the choice, take lists from now on, and show the preview again."""
        service = get_service(interaction, MemberImportService)
        kinds = (await service.require(self.import_id, interaction.user.id)).choices.kinds
        meaning = ListMeaning(self.item.values[0])
        await self._choose(interaction, kinds=kinds | {Kind.LISTS}, lists_as=meaning)


ITEMS = (StartButton, DiscardButton, KindsMenu, ConflictMenu, ListsMenu)
MODALS = (UploadModal,)
