"""Interactions: where they come from, what is refused of what they bring, and those being handled."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import discord
from discord import app_commands, ui

from bot.core.discord.error_handler import COMMITS, OUTCOME, answer_error, has_saved
from bot.core.discord.response import use_member_language
from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.tasks import Foreground, watch_commits
from bot.core.text.i18n import _

Command = TypeVar("Command")


def user_installable(command: Command) -> Command:
    """Let members who added the app use the command in any server and any direct message."""
    command = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)


def leave_out_other_server(interaction: discord.Interaction[Any]) -> None:
    """Let an interaction in a server that the bot is not in count as one outside of servers.

    A member who added the app to their own account can use it there. Nothing is kept for such a server, and none
    of its members' reviews exist.
    """
    if interaction.guild_id is not None and interaction.client.get_guild(interaction.guild_id) is None:
        interaction.guild_id = None


def is_direct_message(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the interaction is in the member's direct messages with the bot, where nobody reads along."""
    return interaction.guild_id is None and bool(interaction.context.dm_channel)


ID_LIMIT = 2**63
"""The first whole number that neither database stores as an id."""
_CHECKED_KEYS = ("options", "components", "component", "value", "values", "custom_id")


class UnknownComponentError(MarqueeError):
    """A button, menu or form that this version of Marquee does not have; `noun` is which of them it is."""

    def __init__(self, noun: str) -> None:
        messages = {
            "button": _("This button is out of date. Use the command again."),
            "menu": _("This menu is out of date. Use the command again."),
            "form": _("This form is out of date. Open it again."),
        }
        super().__init__(messages[noun])


def check_text(interaction: discord.Interaction[Any]) -> None:
    """Raise InvalidInputError if the interaction has a text with half of a surrogate pair, or with a NUL.

    No database stores the first and PostgreSQL not the second, and no client of Discord's sends them.
    """
    if not _is_storable(interaction.data):
        raise InvalidInputError(_("Your text has a broken character in it. Remove it and try again."))


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, Mapping):
        return all(_is_storable(value[key]) for key in _CHECKED_KEYS if key in value)
    return not isinstance(value, list) or all(map(_is_storable, value))


def repair_text(text: str) -> str:
    """Return the text with a question mark in the place of each half of a surrogate pair and each NUL."""
    return text.encode(errors="replace").decode().replace("\0", "?")


def check_menu(menu: ui.Select[Any]) -> None:
    """Raise InvalidInputError if something was chosen that the menu does not offer, or too little was."""
    offered = {option.value for option in menu.options}
    if len(menu.values) < menu.min_values or not offered.issuperset(menu.values):
        raise InvalidInputError(_("Pick one of the choices in the menu."))


def check_member_menu(menu: ui.UserSelect[Any]) -> None:
    """Raise InvalidInputError if something else than members was chosen, or an id that no database stores."""
    if not all(isinstance(each, discord.Member | discord.User) and each.id < ID_LIMIT for each in menu.values):
        raise InvalidInputError(_("Pick members of this server in the menu."))


def check_form(items: Iterable[ui.Item[Any]], values: Mapping[str, Any]) -> None:
    """Raise InvalidInputError if something was chosen that the form's menus do not offer, or nothing that must be.

    `values` is what was entered, by each field's custom_id.
    """
    for item in items:
        if isinstance(item, ui.Select | ui.RadioGroup):
            value = values.get(item.custom_id)
            chosen = value if isinstance(value, list) else [] if value is None else [value]
            offered = {option.value for option in item.options}
            if not offered.issuperset(chosen) or (item.required and not chosen):
                raise InvalidInputError(_("Pick one of the choices in the form."))


ARRIVED_AT = "arrived at"
"""The key in an interaction's extras of the time, by the monotonic clock, when it came over the gateway."""
TELLING_SECONDS = 1.0
"""How long telling members that their interaction was cut short may take."""
TURNS = 6
"""How many interactions are worked on at once, while others are only acknowledged."""
TURN_SECONDS = 0.25
"""How long a turn lasts at most: whoever takes longer waits for something else, such as TMDB."""
WAIT_SECONDS = 3.0
"""How long an interaction waits for a turn at most."""


class RestartingError(MarqueeError):
    """The bot stops before an interaction is done. Unless it `is_saved`, nobody knows whether it will be."""

    def __init__(self, *, is_saved: bool) -> None:
        super().__init__(
            _("Your change is saved. I'm restarting, so I couldn't show the rest of the reply.")
            if is_saved
            else _("I'm restarting and couldn't finish this. Check in a minute, and try again if it isn't there.")
        )


class Turns:
    """Lets a few tasks work at a time, in the order in which they came.

    While many interactions arrive at once, the event loop would otherwise work on all of them by turns, and each
    new one would wait for its acknowledgement until the loop has come round.
    """

    def __init__(self, count: int) -> None:
        self._free = asyncio.Semaphore(count)
        self._ends: dict[asyncio.Task[Any], asyncio.TimerHandle] = {}

    @property
    def is_busy(self) -> bool:
        """Whether a task would have to wait for its turn."""
        return self._free.locked()

    async def take(self) -> None:
        """Wait for the current task's turn, at most WAIT_SECONDS. It ends by itself after TURN_SECONDS."""
        task = asyncio.current_task()
        if task is None or task in self._ends:
            return
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            return
        self._ends[task] = asyncio.get_running_loop().call_later(TURN_SECONDS, self.end, task)

    def end(self, task: asyncio.Task[Any] | None) -> None:
        """End the task's turn if it has one."""
        if task is not None and (timer := self._ends.pop(task, None)) is not None:
            timer.cancel()
            self._free.release()


@dataclass(frozen=True, slots=True)
class HandledInteraction:
    """An interaction that is dealt with: what was used, how that ended, and how long it took.

    `command` is the qualified name of a command, also for its autocomplete, else "". `outcome` is "answered",
    "refused" for an error that the member can mend, or "failed".
    """

    kind: str
    command: str
    outcome: str
    seconds: float


class InFlight:
    """The interactions that a bot is handling, each by the task that does.

    `observers` are called with each one that is dealt with. Work in the background gives way to them, by way
    of `foreground`.
    """

    def __init__(self, foreground: Foreground) -> None:
        self.observers: list[Callable[[HandledInteraction], None]] = []
        self._foreground = foreground
        self.turns = Turns(TURNS)
        self._tasks: dict[asyncio.Task[Any], discord.Interaction[Any]] = {}
        self._begun: dict[int, tuple[str, float]] = {}
        self._is_stopping = False

    def begin(self, interaction: discord.Interaction[Any]) -> bool:
        """Note that the current task handles the interaction; return False if the bot takes no more.

        Texts are in the member's language until the reply turns out to be public. From here on the
        interaction knows whether anything was stored for it.
        """
        if self._is_stopping:
            return False
        leave_out_other_server(interaction)
        use_member_language(interaction)
        task = asyncio.current_task()
        if task is not None and task not in self._tasks:
            interaction.extras[COMMITS] = watch_commits()
            self._tasks[task] = interaction
            self._foreground.add(task)
            started = interaction.extras.get(ARRIVED_AT, time.monotonic())
            self._begun[interaction.id] = interaction.type.name, started
            task.add_done_callback(partial(self._end, started))
        return True

    def take_begun(self, interaction_id: int) -> tuple[str, float] | None:
        """Return the kind of the interaction and the seconds since it began, once; None if it isn't handled."""
        begun = self._begun.pop(interaction_id, None)
        return (begun[0], time.monotonic() - begun[1]) if begun is not None else None

    def _end(self, started: float, task: asyncio.Task[Any]) -> None:
        self._foreground.discard(task)
        self.turns.end(task)
        interaction = self._tasks.pop(task, None)
        if interaction is None:
            return
        self._begun.pop(interaction.id, None)
        command = interaction.command.qualified_name if interaction.command is not None else ""
        outcome = interaction.extras.get(OUTCOME, "answered")
        handled = HandledInteraction(interaction.type.name, command, outcome, time.monotonic() - started)
        for observer in self.observers:
            observer(handled)

    async def finish(self, seconds: float) -> None:
        """Take no more interactions and wait for those that have begun.

        Those that take longer than `seconds` are cancelled, and members who still see that the bot thinks
        are told so.
        """
        self._is_stopping = True
        if not self._tasks:
            return
        _, late = await asyncio.wait(list(self._tasks), timeout=seconds)
        interactions = [self._tasks[task] for task in late if task in self._tasks]
        for task in late:
            task.cancel()
        notices = [asyncio.create_task(_tell(each)) for each in interactions if not _has_reply(each)]
        if notices:
            _, unfinished = await asyncio.wait(notices, timeout=TELLING_SECONDS)
            for notice in unfinished:
                notice.cancel()


def _has_reply(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the first reply is one that a member can read, not only an acknowledgement."""
    thinking = (
        discord.InteractionResponseType.deferred_channel_message,
        discord.InteractionResponseType.deferred_message_update,
    )
    return interaction.response.is_done() and interaction.response.type not in thinking


async def _tell(interaction: discord.Interaction[Any]) -> None:
    use_member_language(interaction)
    await answer_error(interaction, RestartingError(is_saved=has_saved(interaction)))
