"""Interactions being handled: each is noted, so that a stop can answer them, and so is what they stored."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord

from bot.core.database.commits import watch_commits
from bot.core.discord.error_handler import COMMITS, OUTCOME, answer_error, has_saved
from bot.core.discord.installs import leave_out_other_server
from bot.core.discord.localisation import use_member_language
from bot.core.errors import MarqueeError
from bot.core.tasks import Foreground
from bot.core.text.i18n import _

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
