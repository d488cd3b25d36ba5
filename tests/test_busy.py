"""While many use the bot at once, everything is acknowledged before anything is read for it."""

import asyncio
from collections.abc import Callable
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.core.database.engine import Database
from bot.core.discord import interactions
from bot.core.discord.components import PersistentItem
from bot.core.discord.interactions import Turns
from tests.conftest import World
from tests.responses import read_text, require_response
from tests.test_server_isolation import OPTIONS, Neighbour, fill, forged, kinds, press

READS = ("fetch_all", "fetch_snapshot", "read", "write", "run_script")
FORMS = {"DecisionButton", "ReportButton", "StrikeMenu", "RateButton", "RateMenu", "ReopenButton", "SeenButton"}
FORMS |= {
    "EditButton",
    "EditPickButton",
    "EditReplyButton",
    "ReplyButton",
    "EditReviewButton",
    "EditViewingButton",
    "FixViewingButton",
}
"""What opens a form: that can't be done after an acknowledgement, and some are filled in with what is stored."""
REPLIES = ("defer", "send_message", "edit_message", "send_modal")


class Record:
    """What the task of each interaction did first: read, or reply to Discord."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.first: dict[asyncio.Task[Any], str] = {}
        self.replies: dict[asyncio.Task[Any], str] = {}
        for owner, names in ((Database, READS), (discord.InteractionResponse, REPLIES)):
            for name in names:
                monkeypatch.setattr(owner, name, self._noted(getattr(owner, name), name))

    def _noted(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            task = asyncio.current_task()
            if task is not None:
                self.first.setdefault(task, name)
                if name in REPLIES:
                    self.replies.setdefault(task, name)
            return function(*args, **kwargs)

        return call

    def take_late(self) -> list[str]:
        """Return what each task read before its reply, and its reply; forget all of them."""
        late = [f"{self.first[task]} {reply}" for task, reply in self.replies.items() if self.first[task] in READS]
        self.first.clear()
        self.replies.clear()
        return late


@pytest.fixture
def record(world: World, monkeypatch: pytest.MonkeyPatch) -> Record:
    return Record(monkeypatch)


def make_busy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no interaction have a turn, and none wait for it."""
    monkeypatch.setattr(interactions, "WAIT_SECONDS", 0)
    world.env.bot.in_flight.turns = Turns(0)


async def test_commands(world: World, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(world)
    make_busy(world, monkeypatch)
    record.take_late()
    late = {}
    for command in world.env.bot.tree.walk_commands():
        if not isinstance(command, app_commands.Command):
            continue
        name = command.qualified_name
        needed = {
            option.display_name: world.jonas if option.name == "member" else OPTIONS[option.display_name]
            for option in command.parameters
            if option.required
        }
        result = await world.sam.slash(world.channel, name, **needed)
        assert "Something went wrong" not in read_text(result), name
        if found := record.take_late():
            late[name] = found
    assert late == {"review edit": ["fetch_all send_modal"]}  # opens a form


@pytest.mark.expects_errors  # a button on a message of another make than its own may fail
async def test_buttons_and_menus(world: World, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    names = await fill(world)
    make_busy(world, monkeypatch)
    here = Neighbour(world.server, world.channel, world.mina, world.sam)
    late = {}
    for kind, template in kinds(PersistentItem):
        identity = next(forged(template, names))
        card = require_response(await world.sam.slash(world.channel, "about"))
        record.take_late()
        await press(world, here, card, kind, identity)
        if found := record.take_late():
            late[kind.__name__] = found
    assert set(late) <= FORMS, late
