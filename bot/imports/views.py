"""The messages of `/import`: the preview with its choices, progress, the repair queue, history and undo."""

import io
import re
import time
from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.core.database.commits import stop_watching_commits
from bot.core.discord import (
    Acknowledgement,
    Button,
    Menu,
    Modal,
    ModalValues,
    Response,
    View,
    acknowledge,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
    respond,
    utcnow,
)
from bot.core.discord.error_handler import log_errors
from bot.core.text.cldr import format_date, format_number
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import clean_line, join_list, truncate
from bot.core.text.i18n import _, get_locale, ngettext, use_locale
from bot.imports.embeds import (
    build_history_embed,
    build_preview_embed,
    count_kind,
    describe_progress,
    describe_result,
    format_staged,
    name_service,
)
from bot.imports.export import render_leftovers
from bot.imports.formats.files import FILE_LIMIT, FileProblem, UnreadableFileError
from bot.imports.history import Kind
from bot.imports.member_service import MemberImportService
from bot.imports.models import FilmState, Import, ImportGoneError, ImportState, NothingToRepairError, Preview
from bot.imports.plan import Choices, Conflict, ListMeaning
from bot.imports.review_views import PrivateReviewsButton
from bot.reviews.stars import format_stars

PROGRESS_INTERVAL = 2.0
"""Seconds between two edits of a progress message."""
SEARCH_INTERVAL = 15.0
"""The same while films are looked for at the metadata source, which takes minutes."""
PROGRESS_SECONDS = 14 * 60
"""Discord lets a private message be edited for a quarter of an hour."""
LABEL_LIMIT = 80
BUTTONS_PER_ROW = 5
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


class _ImportButton(Button, template="^$"):
    """A button that carries the id of an import; only its member sees it, and only they may press it."""

    def __init__(self, button: ui.Button[Any], import_id: str) -> None:
        self.import_id = int(import_id)
        super().__init__(button)


def _button(
    name: str, import_id: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> ui.Button[Any]:
    return ui.Button(label=label, style=style, custom_id=custom_id(name, import_id))


class StartButton(_ImportButton, template=r"v1:import-start:(?P<import_id>\d{1,18})"):
    """Takes the file."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str) -> None:
        super().__init__(_button("import-start", import_id, _("Import"), discord.ButtonStyle.primary), import_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Begin, and show how far it is."""
        await get_service(interaction, MemberImportService).start(self.import_id, interaction.user.id)
        await follow(interaction, self.import_id)


class DiscardButton(_ImportButton, template=r"v1:import-discard:(?P<import_id>\d{1,18})"):
    """Forgets the file."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str) -> None:
        button = _button("import-discard", import_id, _("Don't import"), discord.ButtonStyle.secondary)
        super().__init__(button, import_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete what was read."""
        await get_service(interaction, MemberImportService).discard(self.import_id, interaction.user.id)
        await interaction.edit_original_response(**Response(_("Nothing was imported.")).as_edit())


class UndoButton(_ImportButton, template=r"v1:import-undo:(?P<import_id>\d{1,18})"):
    """Asks whether to take back what an import brought; one that is still running is stopped at once."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str, label: str = "") -> None:
        button = _button("import-undo", import_id, label or _("Undo"), discord.ButtonStyle.danger)
        super().__init__(button, import_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Ask in the place of the message, or stop it."""
        service = get_service(interaction, MemberImportService)
        import_ = await service.require(self.import_id, interaction.user.id)
        if import_.state is not ImportState.DONE:
            await service.undo(self.import_id, interaction.user.id)
            await follow(interaction, self.import_id)
            return
        question = _(
            "Undo the import from {service}? This deletes everything it added, except reviews you've published."
        ).format(service=name_service(import_.service))
        view = View(ConfirmUndoButton(str(self.import_id)), KeepImportButton(str(self.import_id)))
        await edit_or_respond(interaction, Response(question, view=view), edit=True)


class ConfirmUndoButton(_ImportButton, template=r"v1:import-undo-now:(?P<import_id>\d{1,18})"):
    """Takes back what an import brought."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str) -> None:
        button = _button("import-undo-now", import_id, _("Undo"), discord.ButtonStyle.danger)
        super().__init__(button, import_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Begin to take it back, and show how far it is."""
        await get_service(interaction, MemberImportService).undo(self.import_id, interaction.user.id)
        await follow(interaction, self.import_id)


class KeepImportButton(_ImportButton, template=r"v1:import-keep:(?P<import_id>\d{1,18})"):
    """Closes the question whether to undo an import."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str) -> None:
        super().__init__(_button("import-keep", import_id, _("Keep it")), import_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show what the import brought."""
        service = get_service(interaction, MemberImportService)
        response = await _render_progress(service, self.import_id, interaction.user.id)
        await edit_or_respond(interaction, response, edit=True)


async def follow(interaction: discord.Interaction[Any], import_id: int) -> None:
    """Edit the message that was pressed into the import's progress, then its result, in the background."""
    service, member_id = get_service(interaction, MemberImportService), interaction.user.id
    await interaction.edit_original_response(**(await _render_progress(service, import_id, member_id)).as_edit())
    locale = get_locale()

    async def go_on() -> None:
        stop_watching_commits()
        with log_errors("showing an import's progress"), use_locale(locale):
            interval, ends_at = PROGRESS_INTERVAL, time.monotonic() + PROGRESS_SECONDS
            while time.monotonic() < ends_at:
                is_done = await service.wait(import_id, interval)
                try:
                    response = await _render_progress(service, import_id, member_id)
                    await interaction.edit_original_response(**response.as_edit())
                except (discord.HTTPException, ImportGoneError):  # the message was dismissed, or all data deleted
                    return
                if is_done:
                    return
                if service.is_searching(import_id):
                    interval = SEARCH_INTERVAL

    service.start_background(go_on())


async def _render_progress(service: MemberImportService, import_id: int, member_id: int) -> Response:
    import_ = await service.require(import_id, member_id)
    if import_.state in (ImportState.RUNNING, ImportState.UNDOING):
        progress = await service.get_progress(import_id, member_id)
        view = View(UndoButton(str(import_id), _("Cancel"))) if import_.state is ImportState.RUNNING else View()
        return Response(describe_progress(progress), view=view)
    counts = await service.repository.count_films(import_id)
    searched = await service.count_left_to_search(import_id)
    return render_result(import_, counts[FilmState.DOUBTFUL] + counts[FilmState.UNKNOWN], searched)


def render_result(import_: Import, undecided: int, searched: int = 0) -> Response:
    """Return what an import brought, with what can be done next; `searched` films are being looked for."""
    view = View()
    if import_.state is ImportState.DONE:
        if undecided:
            label = ngettext("Fix {count} film", "Fix {count} films", undecided).format(
                count=format_number(undecided)
            )
            view.add_item(RepairButton(str(import_.id), label))
            view.add_item(LeftoversButton(str(import_.id)))
        if import_.result.get(Kind.REVIEWS):
            view.add_item(PrivateReviewsButton())
        view.add_item(UndoButton(str(import_.id)))
    return Response(describe_result(import_, undecided, searched), view=view, is_ephemeral=True)


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
        placeholder = _("What are the listed films?")
        return cls(
            ui.Select(custom_id=custom_id("import-lists", import_.id), options=options, placeholder=placeholder)
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the choice, take lists from now on, and show the preview again."""
        service = get_service(interaction, MemberImportService)
        kinds = (await service.require(self.import_id, interaction.user.id)).choices.kinds
        meaning = ListMeaning(self.item.values[0])
        await self._choose(interaction, kinds=kinds | {Kind.LISTS}, lists_as=meaning)


# The repair queue


async def render_repair(
    interaction: discord.Interaction[Any], import_id: int | None = None, after: int = -1
) -> Response:
    """Return the next film that needs a decision, by default of the latest import. Raises NothingToRepairError."""
    service, member_id = get_service(interaction, MemberImportService), interaction.user.id
    if import_id is None:
        import_id = await service.find_repairable(require_guild_id(interaction), member_id)
    import_ = await service.require(import_id, member_id)
    found = await service.get_undecided(import_, after)
    if found is None:
        raise NothingToRepairError
    staged, history, remaining = found
    lines = [_("Which film is **{title}**?").format(title=format_staged(staged))]
    facts = [format_stars(history.half_stars)] if history.half_stars else []
    days = [each.watched_on for each in history.viewings if each.watched_on]
    if days:
        facts.append(_("seen on {day}").format(day=format_date(max(days))))
    if staged.film.directors:
        facts.append(escape_line(join_list(staged.film.directors), 100))
    facts.append(
        ngettext("{count} film to go", "{count} films to go", remaining).format(count=format_number(remaining))
    )
    lines.append("-# " + " · ".join(facts))
    view = View()
    for index, film_id in enumerate(staged.candidates[:BUTTONS_PER_ROW]):
        entry = service.get_title(film_id)
        if entry is not None:
            view.add_item(ChooseButton(str(import_id), str(staged.number), str(index), entry))
    if not view.children:
        lines.append(_("No similar film found."))
    view.add_item(SkipButton(str(import_id), str(staged.number)))
    view.add_item(NoneButton(str(import_id), str(staged.number)))
    view.add_item(LeftoversButton(str(import_id)))
    return Response("\n".join(lines), view=view, is_ephemeral=True)


async def _show_next(interaction: discord.Interaction[Any], import_id: int, after: int) -> None:
    """Replace the message with the next film, or with the result where none is left."""
    try:
        response = await render_repair(interaction, import_id, after)
    except NothingToRepairError:
        service = get_service(interaction, MemberImportService)
        response = await _render_progress(service, import_id, interaction.user.id)
    await interaction.edit_original_response(**response.as_edit())


class RepairButton(_ImportButton, template=r"v1:import-repair:(?P<import_id>\d{1,18})"):
    """Shows the first film that needs a decision."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str, label: str = "") -> None:
        button = _button("import-repair", import_id, label or _("Fix films"), discord.ButtonStyle.primary)
        super().__init__(button, import_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it."""
        await _show_next(interaction, self.import_id, -1)


class _FilmDecisionButton(Button, template="^$"):
    """A button about one film of an import."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, button: ui.Button[Any], import_id: str, number: str) -> None:
        self.import_id, self.number = int(import_id), int(number)
        super().__init__(button)


class ChooseButton(
    _FilmDecisionButton,
    template=r"v1:import-pick:(?P<import_id>\d{1,18}):(?P<number>\d{1,6}):(?P<index>\d)",
):
    """Says that a candidate is the film."""

    def __init__(self, import_id: str, number: str, index: str, label: str = "?") -> None:
        self.index = int(index)
        name = custom_id("import-pick", import_id, number, index)
        label = truncate(clean_line(label), LABEL_LIMIT)
        super().__init__(ui.Button(label=label, custom_id=name), import_id, number)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Take the film over and show the next one."""
        service = get_service(interaction, MemberImportService)
        await service.resolve(self.import_id, interaction.user.id, self.number, self.index)
        await _show_next(interaction, self.import_id, self.number)


class SkipButton(_FilmDecisionButton, template=r"v1:import-skip:(?P<import_id>\d{1,18}):(?P<number>\d{1,6})"):
    """Leaves the film for later."""

    def __init__(self, import_id: str, number: str) -> None:
        name = custom_id("import-skip", import_id, number)
        button: ui.Button[Any] = ui.Button(
            label=_("Skip"), style=discord.ButtonStyle.secondary, custom_id=name, row=1
        )
        super().__init__(button, import_id, number)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the next one."""
        await _show_next(interaction, self.import_id, self.number)


class NoneButton(_FilmDecisionButton, template=r"v1:import-none:(?P<import_id>\d{1,18}):(?P<number>\d{1,6})"):
    """Says that none of the candidates is the film."""

    def __init__(self, import_id: str, number: str) -> None:
        name = custom_id("import-none", import_id, number)
        button: ui.Button[Any] = ui.Button(
            label=_("None of these"), style=discord.ButtonStyle.secondary, custom_id=name, row=1
        )
        super().__init__(button, import_id, number)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Ask about it no more and show the next one."""
        service = get_service(interaction, MemberImportService)
        await service.skip(self.import_id, interaction.user.id, self.number)
        await _show_next(interaction, self.import_id, self.number)


class LeftoversButton(_ImportButton, template=r"v1:import-left:(?P<import_id>\d{1,18})"):
    """Sends a CSV file of what was not taken."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, import_id: str) -> None:
        button = _button("import-left", import_id, _("Download the rest as CSV"), discord.ButtonStyle.secondary)
        button.row = 1
        super().__init__(button, import_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Send it."""
        service = get_service(interaction, MemberImportService)
        import_ = await service.require(self.import_id, interaction.user.id)
        content = render_leftovers(await service.list_leftovers(import_))
        description = _("Films that were not imported")
        file = discord.File(io.BytesIO(content.encode()), "not-imported.csv", description=description)
        text = _(
            "These films weren't imported. You can import the file into Letterboxd, or here with `/import file`."
        )
        await respond(interaction, Response(text, files=(file,), is_ephemeral=True))


async def render_history(interaction: discord.Interaction[Any]) -> Response:
    """Return the member's imports, each that can be undone with a button."""
    service = get_service(interaction, MemberImportService)
    imports = await service.list_imports(require_guild_id(interaction), interaction.user.id)
    now = utcnow()
    view = View()
    for import_ in imports:
        if import_.can_be_undone(now) and len(view.children) < BUTTONS_PER_ROW:
            label = _("Undo {service}, {day}").format(
                service=name_service(import_.service), day=format_date(import_.created_at.date())
            )
            view.add_item(UndoButton(str(import_.id), label))
    return Response(embeds=(build_history_embed(imports, now),), view=view, is_ephemeral=True)


ITEMS = (
    StartButton,
    DiscardButton,
    UndoButton,
    ConfirmUndoButton,
    KeepImportButton,
    KindsMenu,
    ConflictMenu,
    ListsMenu,
    RepairButton,
    ChooseButton,
    SkipButton,
    NoneButton,
    LeftoversButton,
)
MODALS = (UploadModal,)
