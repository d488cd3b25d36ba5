"""Buttons, menus and the form with which curators change the programme: edit, move, feature, remove, put back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

import discord
from discord import ui

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
)
from bot.core.discord.error_handler import read_returned_input, return_input
from bot.core.discord.interactions import UnknownComponentError
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.discord.questions import KeepButton
from bot.core.errors import InvalidInputError
from bot.core.text.formatting import clean_line, escape_line, format_user_text, is_id, truncate
from bot.core.text.i18n import _
from bot.core.text.time_words import list_typed_examples
from bot.films.local_titles import shown_title
from bot.films.models import Film
from bot.picks.channels import list_setting_problems
from bot.picks.embeds import (
    format_end_in_sentence,
    format_moved,
    format_place,
    format_place_with_hint,
    format_planned,
    format_restored,
    format_title,
)
from bot.picks.models import (
    NOTE_LIMIT,
    SERIES_NAME_LIMIT,
    DayTakenError,
    Pick,
    PickChange,
    PickDraft,
    PickState,
    Programme,
    Series,
)
from bot.picks.permissions import require_curator
from bot.picks.rotation import to_local
from bot.picks.scheduler_service import PickScheduler
from bot.picks.service import PickService

OPTION_LIMIT = 100
"""Characters of a menu's option, its label and its value alike."""
_DRAFT = re.compile(r"(\d{0,10})\.(\d{0,3})\.(\d{0,18})")
"""When a pick starts, as a Unix time, for how many days it is on, and its series' id, each empty for none."""


async def send_pending_notices(interaction: discord.Interaction[Any]) -> None:
    """Send a curator, after the reply, the notices that no moderator has seen yet."""
    server_id = require_guild_id(interaction)
    repository = get_service(interaction, PickScheduler).repository
    for notice in await repository.list_pending_notices(server_id):
        await interaction.followup.send(f"⚠ {notice.text}", ephemeral=True)
        await repository.mark_delivered(server_id, notice)


async def confirm_change(interaction: discord.Interaction[Any], response: Response) -> None:
    """Let the scheduler know that picks have changed, reply to a curator privately, and send pending notices."""
    interaction.client.dispatch("picks_changed", require_guild_id(interaction))
    await respond(interaction, response, ephemeral=True)
    await send_pending_notices(interaction)


async def confirm_in_place(interaction: discord.Interaction[Any], response: Response) -> None:
    """Do the same, the reply in the place of the message with the button."""
    interaction.client.dispatch("picks_changed", require_guild_id(interaction))
    if response.view is None:
        response = replace(response, view=View())
    await edit_or_respond(interaction, response, edit=True)
    await send_pending_notices(interaction)


class _CuratorButton(Button, template="^$"):
    """A button that checks at every press whether the member may curate."""

    acknowledgement = Acknowledgement.EDIT

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True. Raises NotCuratorError if the member may not curate."""
        await require_curator(interaction)
        return True


# A pick of the programme, and what can be done with it.


class ChangePickMenu(Menu, template=r"v1:pick-change"):
    """The picks of the programme: choosing one shows what can be changed about it."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, current: Pick | None, planned: Sequence[Pick], first_number: int) -> None:
        """`planned` are numbered as the list above the menu numbers them."""
        labels = {current.id: _("{title} · now").format(title=shown_title(current))} if current is not None else {}
        labels |= {pick.id: f"{number}. {shown_title(pick)}" for number, pick in enumerate(planned, first_number)}
        options = [
            discord.SelectOption(label=truncate(clean_line(label), OPTION_LIMIT), value=str(pick_id))
            for pick_id, label in list(labels.items())[:MENU_OPTIONS_LIMIT]
        ]
        item = custom_id("pick-change")
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=_("Change a pick")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it privately below the programme."""
        await require_curator(interaction)
        await acknowledge(interaction, ephemeral=True)
        if not is_id(self.item.values[0]):
            raise UnknownComponentError("menu")
        await respond(interaction, await render_pick(interaction, int(self.item.values[0])))


async def render_pick(interaction: discord.Interaction[Any], pick_id: int) -> Response:
    """Return a planned or current pick with the buttons that change it. Raises PickGoneError."""
    server_id, picks = require_guild_id(interaction), get_service(interaction, PickService)
    pick = await picks.get_planned(server_id, pick_id)
    programme = await picks.repository.get_programme(server_id)
    lines = [f"{format_title(pick)} · {format_place(pick, programme)}"]
    if pick.series is not None:
        lines.append(escape_line(pick.series.name, 100))
    if pick.note:
        lines.append(format_user_text(pick.note, NOTE_LIMIT))
    view = View(EditPickButton(str(pick.id)))
    if pick.state is PickState.PLANNED:
        view.add_item(StartPickButton(str(pick.id)))
    view.add_item(AskRemovalButton(str(pick.id), _get_removal_label(pick)))
    return Response("\n".join(lines), view=view, is_ephemeral=True)


class StartPickButton(_CuratorButton, template=r"v1:pick-start:(?P<pick_id>\d{1,18})"):
    """Features a planned pick now."""

    def __init__(self, pick_id: str) -> None:
        self.pick_id = int(pick_id)
        super().__init__(ui.Button(label=_("Feature now"), custom_id=custom_id("pick-start", pick_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Start it, and say until when it is on."""
        server_id, picks = require_guild_id(interaction), get_service(interaction, PickService)
        pick = await picks.start(server_id, self.pick_id, actor_id=interaction.user.id)
        await confirm_in_place(interaction, await describe_started(interaction, pick))


async def describe_started(interaction: discord.Interaction[Any], pick: Pick) -> Response:
    """Return the reply to a curator who featured a pick, with what keeps it from being announced."""
    programme = await get_service(interaction, PickService).repository.get_programme(pick.server_id)
    end = format_end_in_sentence(pick, programme)
    lines = [_("Now featuring {title} until {end}.").format(title=format_title(pick), end=end)]
    if programme.settings.announcement_channel_id is not None:
        lines += [f"⚠ {each}" for each in list_setting_problems(interaction.guild, programme.settings)]
    return Response("\n".join(lines))


class EditPickButton(_CuratorButton, template=r"v1:pick-edit:(?P<pick_id>\d{1,18})"):
    """Opens the form in which a pick is changed."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, pick_id: str) -> None:
        self.pick_id = int(pick_id)
        super().__init__(ui.Button(label=_("Edit"), custom_id=custom_id("pick-edit", pick_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open it with what the pick has now."""
        server_id, picks = require_guild_id(interaction), get_service(interaction, PickService)
        pick = await picks.get_planned(server_id, self.pick_id)
        programme = await picks.repository.get_programme(server_id)
        modal = PickModal(str(pick.id))
        modal.fill(PickFields.of(pick, programme))
        await interaction.response.send_modal(modal)


@dataclass(frozen=True, slots=True)
class PickFields:
    """What the form has of a pick, each as it is typed, "" for nothing."""

    note: str
    day: str
    place: str
    days: str
    series: str

    @classmethod
    def of(cls, pick: Pick, programme: Programme) -> Self:
        """Return what the pick has now."""
        zone = programme.settings.rotation.time_zone
        day = f"{to_local(pick.starts_at, zone):%Y-%m-%d %H:%M}" if pick.starts_at is not None else ""
        queue = [each.id for each in programme.queue]
        place = str(queue.index(pick.id) + 1) if pick.id in queue else ""
        series = pick.series.name if pick.series is not None else ""
        return cls(pick.note, day, place, str(pick.duration_days or ""), series)


class PickModal(Modal):
    """The form in which a curator changes a pick."""

    template = re.compile(r"v1:pick-editing:(?P<pick_id>\d{1,18})")

    def __init__(self, pick_id: str) -> None:
        self.pick_id = int(pick_id)
        super().__init__(title=_("Edit the pick"), custom_id=custom_id("pick-editing", pick_id))
        example = list_typed_examples()[0]
        self._inputs: dict[str, ui.TextInput[Any]] = {
            "note": ui.TextInput(
                custom_id="note", required=False, max_length=NOTE_LIMIT, style=discord.TextStyle.paragraph
            ),
            "day": ui.TextInput(custom_id="day", required=False, max_length=60, placeholder=example),
            "place": ui.TextInput(custom_id="place", required=False, max_length=20),
            "days": ui.TextInput(custom_id="days", required=False, max_length=20),
            "series": ui.TextInput(custom_id="series", required=False, max_length=SERIES_NAME_LIMIT),
        }
        labels = {
            "note": (_("Why it's worth watching"), None),
            "day": (_("Day and time"), _("Leave empty to keep it in the queue")),
            "place": (_("Place in the queue"), None),
            "days": (_("For how many days"), _("Leave empty to feature it until the next pick")),
            "series": (_("Series"), None),
        }
        for name, (text, description) in labels.items():
            self.add_item(ui.Label(text=text, description=description, component=self._inputs[name]))

    def fill(self, fields: PickFields) -> None:
        """Let the form begin with what the pick has now."""
        for name, text_input in self._inputs.items():
            text_input.default = getattr(fields, name) or None

    def get_text_to_return(self, values: ModalValues) -> str:
        """Return the note as it was typed."""
        return str(values.get("note") or "")

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store what is different, and say where the pick is now."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        picks, actor_id = get_service(interaction, PickService), interaction.user.id
        pick = await picks.get_planned(server_id, self.pick_id)
        before = PickFields.of(pick, await picks.repository.get_programme(server_id))
        typed = PickFields(**{name: str(values.get(name) or "").strip() for name in self._inputs})
        change = await _parse_change(picks, server_id, before, typed)
        try:
            await _move(picks, pick, before, typed, actor_id)
        except DayTakenError as error:
            starts_at = await picks.parse_start(server_id, typed.day)
            if change is not None:
                await picks.edit(server_id, pick.id, change, actor_id=actor_id)
            await confirm_change(interaction, render_taken_day(error, MovedPick(pick, starts_at)))
            return
        if change is not None:
            await picks.edit(server_id, pick.id, change, actor_id=actor_id)
        edited = await picks.get_planned(server_id, pick.id)
        place = format_place_with_hint(edited, await picks.repository.get_programme(server_id))
        sentence = _("Updated {title}: {place}.").format(title=format_title(edited), place=place)
        await confirm_change(interaction, Response(sentence))


async def _parse_change(
    picks: PickService, server_id: int, before: PickFields, typed: PickFields
) -> PickChange | None:
    """Return what is to be changed besides the place, None for nothing. Raises InvalidInputError, SeriesError."""
    if typed.days and not typed.days.isdecimal():
        raise InvalidInputError(_("Enter the days as a whole number."))
    values = (typed.note, typed.days, typed.series)
    if values == (before.note, before.days, before.series):
        return None
    return await picks.parse_change(
        server_id,
        note=typed.note or "none" if typed.note != before.note else None,
        duration_days=int(typed.days or 0) if typed.days != before.days else None,
        series=typed.series or "none" if typed.series != before.series else None,
    )


async def _move(picks: PickService, pick: Pick, before: PickFields, typed: PickFields, actor_id: int) -> None:
    """Give the pick the day or place that was typed, if that is another. Raises what `PickService.move` raises."""
    if typed.day and typed.day != before.day:
        starts_at = await picks.parse_start(pick.server_id, typed.day)
        await picks.move(pick.server_id, pick.id, starts_at=starts_at, actor_id=actor_id)
    elif typed.place != before.place or (before.day and not typed.day):
        if typed.place and not typed.place.isdecimal():
            raise InvalidInputError(_("Enter a place of 1 or more."))
        queue = (await picks.repository.get_programme(pick.server_id)).queue
        position = min(int(typed.place), 1_000) if typed.place else len(queue) + 1
        await picks.move(pick.server_id, pick.id, position=position, actor_id=actor_id)


# A day that another pick has.


@dataclass(frozen=True, slots=True)
class MovedPick:
    """A pick that was to get a day, and that day."""

    pick: Pick
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewFilm:
    """A film that was to be planned, and what was typed about it."""

    film: Film
    draft: PickDraft


def format_draft(draft: PickDraft) -> str:
    """Return what `parse_draft` reads: all of a draft but its note."""
    starts_at = int(draft.starts_at.timestamp()) if draft.starts_at is not None else ""
    return f"{starts_at}.{draft.duration_days or ''}.{draft.series_id or ''}"


def parse_draft(text: str, note: str) -> PickDraft:
    """Return the draft that `format_draft` made into text. Raises UnknownComponentError."""
    details = _DRAFT.fullmatch(text)
    if details is None:
        raise UnknownComponentError("menu")
    starts_at, days, series_id = (int(part) if part else None for part in details.groups())
    starts = datetime.fromtimestamp(starts_at, UTC) if starts_at is not None else None
    return PickDraft(note, starts, days, series_id)


def render_taken_day(error: DayTakenError, wanted: MovedPick | NewFilm, typed: str = "") -> Response:
    """Return the refusal of a day that another pick has, with a menu of what can be done instead.

    It gives back what was typed: of a new film the note, from which the menu reads it.
    """
    other = truncate(clean_line(error.title), 60)
    if isinstance(wanted, MovedPick):
        subject, draft, note = f"pick-{wanted.pick.id}", PickDraft(starts_at=wanted.starts_at), typed
        options = {"swap": _("Swap it with {title}").format(title=other)}
    else:
        subject, draft, note = wanted.film.id, wanted.draft, wanted.draft.note
        title = truncate(clean_line(wanted.film.shown_title), 60)
        options = {
            "swap": _("Take the day, and move {title} to the queue").format(title=other),
            "queue": _("Add {title} to the queue").format(title=title),
        }
    response = replace(return_input(str(error), note), is_ephemeral=True)
    if len(subject) > OPTION_LIMIT - len("queue:"):
        return response
    choices = [
        discord.SelectOption(label=truncate(label, OPTION_LIMIT), value=f"{way}:{subject}")
        for way, label in options.items()
    ]
    return replace(response, view=View(TakenDayMenu(str(error.pick_id), format_draft(draft), choices)))


class TakenDayMenu(Menu, template=r"v1:pick-day:(?P<pick_id>\d{1,18}):(?P<draft>\d{0,10}\.\d{0,3}\.\d{0,18})"):
    """What can be done where another pick has the day: let both change places, or use the queue."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, pick_id: str, draft: str, options: list[discord.SelectOption]) -> None:
        self.other_id, self.draft = int(pick_id), draft
        item = custom_id("pick-day", pick_id, draft)
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=_("What would you like to do?")))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read which pick has the day, and what was typed about the other."""
        self.other_id, self.draft = int(state["pick_id"]), state["draft"]

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True. Raises NotCuratorError if the member may not curate."""
        await require_curator(interaction)
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Do it, and say where both are now."""
        server_id, actor_id = require_guild_id(interaction), interaction.user.id
        picks = get_service(interaction, PickService)
        draft = parse_draft(self.draft, read_returned_input(interaction.message) or "")
        way, _separator, subject = self.item.values[0].partition(":")
        moved: Pick | None = None
        if subject.startswith("pick-") and is_id(subject.removeprefix("pick-")) and draft.starts_at is not None:
            pick_id = int(subject.removeprefix("pick-"))
            pick, moved = await picks.swap(
                server_id, pick_id, self.other_id, starts_at=draft.starts_at, actor_id=actor_id
            )
            sentence = format_moved(pick, await picks.repository.get_programme(server_id))
        else:
            if way == "queue":
                draft = replace(draft, starts_at=None)
            else:
                queue = (await picks.repository.get_programme(server_id)).queue
                moved = await picks.move(server_id, self.other_id, position=len(queue) + 1, actor_id=actor_id)
            pick = await picks.add(server_id, draft.for_film(subject, actor_id))
            sentence = format_planned(pick, await picks.repository.get_programme(server_id))
        if moved is not None:
            sentence += "\n" + format_moved(moved, await picks.repository.get_programme(server_id))
        await confirm_in_place(interaction, Response(sentence))


# Removing, and putting back.


def _get_removal_label(pick: Pick) -> str:
    return _("Stop featuring") if pick.state is PickState.CURRENT else _("Remove")


def render_removal_question(pick: Pick) -> Response:
    """Return the question whether to remove the pick, for curators alone."""
    question = (
        _("Stop featuring {title} now? This can't be undone.")
        if pick.state is PickState.CURRENT
        else _("Remove {title} from the planned films?")
    )
    view = View(RemovePickButton(str(pick.id), _get_removal_label(pick)), KeepButton("removed"))
    return Response(question.format(title=format_title(pick)), view=view, is_ephemeral=True)


class AskRemovalButton(_CuratorButton, template=r"v1:pick-ask-remove:(?P<pick_id>\d{1,18})"):
    """Asks whether to remove a pick."""

    def __init__(self, pick_id: str, label: str = "") -> None:
        self.pick_id = int(pick_id)
        button: ui.Button[Any] = ui.Button(
            label=label or _("Remove"),
            style=discord.ButtonStyle.danger,
            custom_id=custom_id("pick-ask-remove", pick_id),
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Ask in the place of the pick."""
        picks = get_service(interaction, PickService)
        pick = await picks.get_planned(require_guild_id(interaction), self.pick_id)
        await edit_or_respond(interaction, render_removal_question(pick), edit=True)


class RemovePickButton(_CuratorButton, template=r"v1:pick-remove:(?P<pick_id>\d{1,18})"):
    """Takes a pick out of the programme, or off the marquee."""

    def __init__(self, pick_id: str, label: str = "") -> None:
        self.pick_id = int(pick_id)
        item = custom_id("pick-remove", pick_id)
        button: ui.Button[Any] = ui.Button(
            label=label or _("Remove"), style=discord.ButtonStyle.danger, custom_id=item
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Remove it, and say so in the place of the question."""
        server_id = require_guild_id(interaction)
        removed = await get_service(interaction, PickService).remove(
            server_id, self.pick_id, actor_id=interaction.user.id
        )
        interaction.client.dispatch("picks_changed", server_id)
        sentence = (
            _("{title} is no longer featured.")
            if removed.state is PickState.CURRENT
            else _("Removed {title} from the planned films.")
        )
        content = sentence.format(title=format_title(removed))
        view = View(RestorePickButton(str(removed.id))) if removed.state is PickState.PLANNED else View()
        await edit_or_respond(interaction, Response(content, view=view), edit=True)
        await send_pending_notices(interaction)


class RestorePickButton(_CuratorButton, template=r"v1:pick-restore:(?P<pick_id>\d{1,18})"):
    """Plans a pick again that was removed."""

    def __init__(self, pick_id: str) -> None:
        self.pick_id = int(pick_id)
        super().__init__(ui.Button(label=_("Undo"), custom_id=custom_id("pick-restore", pick_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Plan it again, and say where it is now."""
        server_id = require_guild_id(interaction)
        picks = get_service(interaction, PickService)
        pick = await picks.restore(server_id, self.pick_id, actor_id=interaction.user.id)
        interaction.client.dispatch("picks_changed", server_id)
        content = format_restored(pick, await picks.repository.get_programme(server_id))
        await edit_or_respond(interaction, Response(content, view=View()), edit=True)
        await send_pending_notices(interaction)


def describe_reopened(series: Series) -> str:
    """Return the reply to a curator who reopened a series."""
    return _("Reopened the series {name}.").format(name=f"**{escape_line(series.name, 100)}**")


class ReopenSeriesButton(_CuratorButton, template=r"v1:series-reopen:(?P<series_id>\d{1,18})"):
    """Lets a series that was closed take picks again."""

    def __init__(self, series_id: str) -> None:
        self.series_id = int(series_id)
        super().__init__(ui.Button(label=_("Undo"), custom_id=custom_id("series-reopen", series_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Reopen it, and say so in place of the confirmation."""
        picks = get_service(interaction, PickService)
        series = await picks.reopen_series(require_guild_id(interaction), self.series_id)
        await edit_or_respond(interaction, Response(describe_reopened(series), view=View()), edit=True)


ITEMS = (
    ChangePickMenu,
    StartPickButton,
    EditPickButton,
    TakenDayMenu,
    AskRemovalButton,
    RemovePickButton,
    RestorePickButton,
    ReopenSeriesButton,
)
MODALS = (PickModal,)
