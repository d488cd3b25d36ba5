"""The messages of `/import` once a file is taken: progress, the result, the repair queue, history and undo."""

import io
import re
import time
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Modal,
    ModalValues,
    Response,
    View,
    acknowledge_press,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
    respond,
    utcnow,
)
from bot.core.discord.error_handler import log_errors
from bot.core.errors import InvalidInputError
from bot.core.tasks import stop_watching_commits
from bot.core.text.cldr import format_date, format_number
from bot.core.text.formatting import clean_line, escape_line, join_list, truncate
from bot.core.text.i18n import _, get_locale, ngettext, use_locale
from bot.imports.embeds import (
    build_history_embed,
    describe_progress,
    describe_result,
    format_staged,
    name_service,
)
from bot.imports.export import render_leftovers
from bot.imports.history import Kind
from bot.imports.member_service import MemberImportService
from bot.imports.models import FilmState, Import, ImportGoneError, ImportState, NothingToRepairError
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
_TITLE = "title"
TITLE_LENGTH_LIMIT = 100


class ImportButton(Button, template="^$"):
    """A button that carries the id of an import; only its member sees it, and only they may press it."""

    def __init__(self, button: ui.Button[Any], import_id: str) -> None:
        self.import_id = int(import_id)
        super().__init__(button)


def create_button(
    name: str, import_id: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> ui.Button[Any]:
    """Return a button about an import."""
    return ui.Button(label=label, style=style, custom_id=custom_id(name, import_id))


class UndoButton(ImportButton, template=r"v1:import-undo:(?P<import_id>\d{1,18})"):
    """Asks whether to take back what an import brought; one that is still running is stopped at once."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str, label: str = "") -> None:
        button = create_button("import-undo", import_id, label or _("Undo"), discord.ButtonStyle.danger)
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


class ConfirmUndoButton(ImportButton, template=r"v1:import-undo-now:(?P<import_id>\d{1,18})"):
    """Takes back what an import brought."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str) -> None:
        button = create_button("import-undo-now", import_id, _("Undo"), discord.ButtonStyle.danger)
        super().__init__(button, import_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Begin to take it back, and show how far it is."""
        await get_service(interaction, MemberImportService).undo(self.import_id, interaction.user.id)
        await follow(interaction, self.import_id)


class KeepImportButton(ImportButton, template=r"v1:import-keep:(?P<import_id>\d{1,18})"):
    """Closes the question whether to undo an import."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str) -> None:
        super().__init__(create_button("import-keep", import_id, _("Keep it")), import_id)

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
    view.add_item(TypeTitleButton(str(import_id), str(staged.number)))
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


class RepairButton(ImportButton, template=r"v1:import-repair:(?P<import_id>\d{1,18})"):
    """Shows the first film that needs a decision."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, import_id: str, label: str = "") -> None:
        button = create_button("import-repair", import_id, label or _("Fix films"), discord.ButtonStyle.primary)
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


class TypeTitleButton(_FilmDecisionButton, template=r"v1:import-type:(?P<import_id>\d{1,18}):(?P<number>\d{1,6})"):
    """Opens a form for the film's title, where none of the candidates is it."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, import_id: str, number: str) -> None:
        name = custom_id("import-type", import_id, number)
        super().__init__(ui.Button(label=_("Type a title"), custom_id=name, row=1), import_id, number)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await interaction.response.send_modal(TypeTitleModal(str(self.import_id), str(self.number)))


class TypeTitleModal(Modal):
    """The title of a film that wasn't found by what the file calls it."""

    template = re.compile(r"v1:import-title:(?P<import_id>\d{1,18}):(?P<number>\d{1,6})")

    def __init__(self, import_id: str, number: str) -> None:
        self.import_id, self.number = int(import_id), int(number)
        super().__init__(title=_("Type a title"), custom_id=custom_id("import-title", import_id, number))
        title: ui.TextInput[Any] = ui.TextInput(
            custom_id=_TITLE, max_length=TITLE_LENGTH_LIMIT, placeholder="burning 2018"
        )
        self.add_item(ui.Label(text=_("Title"), component=title))

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Ask about the same film again, with the films that the title may mean."""
        await acknowledge_press(interaction, edit=True)
        service = get_service(interaction, MemberImportService)
        text = clean_line(str(values.get(_TITLE) or ""))
        if not await service.set_candidates(self.import_id, interaction.user.id, self.number, text):
            raise InvalidInputError(_("No similar film found."))
        await _show_next(interaction, self.import_id, self.number - 1)


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


class LeftoversButton(ImportButton, template=r"v1:import-left:(?P<import_id>\d{1,18})"):
    """Sends a CSV file of what was not taken."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, import_id: str) -> None:
        button = create_button(
            "import-left", import_id, _("Download the rest as CSV"), discord.ButtonStyle.secondary
        )
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
    UndoButton,
    ConfirmUndoButton,
    KeepImportButton,
    RepairButton,
    ChooseButton,
    TypeTitleButton,
    SkipButton,
    NoneButton,
    LeftoversButton,
)
MODALS = (TypeTitleModal,)
