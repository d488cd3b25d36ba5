"""Each failure is answered once, wherever it happens: command, autocomplete, modal, dynamic item."""

import asyncio
import errno
import logging
import re
import sqlite3
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands, ui

from bot.client import Marquee
from bot.core.discord import (
    Button,
    Choices,
    Modal,
    ModalValues,
    View,
    autocomplete,
    error_handler,
)
from bot.core.discord.error_handler import log_errors
from bot.core.errors import InvalidInputError
from tests.conftest import World
from tests.responses import list_messages, require_response

pytestmark = pytest.mark.expects_errors
Interaction = discord.Interaction[Any]
TYPED = "typed by a member: secret"
ERROR_ID = re.compile(r"error `([0-9a-f]{8})`")


class _BrokenButton(Button, template=r"v1:test-broken:(?P<how>[a-z]+)"):
    def __init__(self, how: str) -> None:
        self.how = how
        super().__init__(ui.Button(label=how, custom_id=f"v1:test-broken:{how}"))

    @classmethod
    def from_state(cls, item: ui.Item[Any], **state: str) -> "_BrokenButton":
        if state["how"] == "state":
            raise RuntimeError(TYPED)
        return cls(**state)

    async def is_allowed(self, interaction: Interaction) -> bool:
        if self.how == "check":
            raise InvalidInputError("Not you.")
        return True

    async def on_press(self, interaction: Interaction) -> None:
        raise RuntimeError(TYPED)


class _BrokenModal(Modal):
    template = re.compile("v1:test-modal")

    def __init__(self) -> None:
        super().__init__(title="Form", custom_id="v1:test-modal")
        self.add_item(ui.Label(text="Text", component=ui.TextInput(custom_id="text")))

    async def handle_submit(self, interaction: Interaction, values: ModalValues) -> None:
        raise RuntimeError(TYPED)


@pytest.fixture
def bot(bot: Marquee) -> Marquee:
    @bot.tree.command()
    async def broken(interaction: Interaction, how: str) -> None:
        """Fail on purpose."""
        match how:
            case "form":
                await interaction.response.send_modal(_BrokenModal())
            case "buttons":
                view = View(*(_BrokenButton(each) for each in ("state", "check", "press")))
                await interaction.response.send_message("buttons", view=view)
            case "late":
                await interaction.response.send_message("begun")
                raise RuntimeError(TYPED)
            case "expected":
                raise InvalidInputError("Say how.")
            case "transport":
                await interaction.response.send_message("x")
            case _:
                raise RuntimeError(TYPED)

    @broken.autocomplete("how")
    async def suggest(interaction: Interaction, current: str) -> Choices:
        @autocomplete
        async def fail(_cog: object, _interaction: Interaction, _current: str) -> Choices:
            raise RuntimeError(TYPED)

        return await fail(None, interaction, current)

    assert isinstance(broken, app_commands.Command)
    bot.add_dynamic_items(_BrokenButton)
    bot.add_modals(_BrokenModal)
    return bot


def assert_answered_and_logged(
    result: simcord.results.InteractionResult, caplog: pytest.LogCaptureFixture
) -> None:
    """Check that the failure was answered privately, once, with the id it was logged under."""
    private = [message for message in list_messages(result) if message.ephemeral]
    assert len(private) == 1
    match = ERROR_ID.search(private[0].content)
    assert match is not None
    assert "secret" not in private[0].content
    logged = [
        record
        for record in caplog.records
        if record.name == error_handler.log.name and record.levelno == logging.ERROR
    ]
    assert [match[1] in record.getMessage() for record in logged] == [True]
    assert "RuntimeError" in logged[0].getMessage()
    assert "secret" not in logged[0].getMessage()  # the error's own text may contain what a member typed


async def test_in_a_command(world: World, caplog: pytest.LogCaptureFixture) -> None:
    assert_answered_and_logged(await world.mina.slash(world.channel, "broken", how="at once"), caplog)


async def test_in_a_command_that_has_answered_already(world: World, caplog: pytest.LogCaptureFixture) -> None:
    result = await world.mina.slash(world.channel, "broken", how="late")
    assert_answered_and_logged(result, caplog)
    assert list_messages(result)[0].content == "begun"


async def test_in_autocomplete(world: World, caplog: pytest.LogCaptureFixture) -> None:
    assert await world.mina.autocomplete(world.channel, "broken", "how", "anything") == []
    assert ["autocomplete of /broken" in record.getMessage() for record in caplog.records] == [True]
    assert "anything" not in caplog.text


async def test_in_a_form(world: World, caplog: pytest.LogCaptureFixture) -> None:
    response = await world.mina.slash(world.channel, "broken", how="form")
    assert_answered_and_logged(await world.mina.submit_modal(response, {"text": "hello"}), caplog)


@pytest.mark.parametrize("where", ["press", "state"])
async def test_in_a_dynamic_item(world: World, where: str, caplog: pytest.LogCaptureFixture) -> None:
    response = await world.mina.slash(world.channel, "broken", how="buttons")
    assert_answered_and_logged(await world.mina.click(require_response(response), label=where), caplog)


async def test_in_a_dynamic_items_check(world: World) -> None:
    response = await world.mina.slash(world.channel, "broken", how="buttons")
    refused = await world.mina.click(require_response(response), label="check")
    assert refused.ephemeral
    assert require_response(refused).content == "Not you."


async def test_an_expected_failure_is_answered_in_its_own_words_and_not_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    result = await world.mina.slash(world.channel, "broken", how="expected")
    assert result.ephemeral
    assert require_response(result).content == "Say how."
    assert not [record for record in caplog.records if record.name == error_handler.log.name]


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (429, 0), (500, 0), (403, 50013)])
async def test_refusals_by_discord_are_survived_and_logged_once(
    world: World, status: int, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    world.env.inject_error("POST", "/interactions/*/*/callback", status=status, code=code, times=None)
    await world.mina.slash(world.channel, "broken", how="transport")
    logged = [record for record in caplog.records if record.name == error_handler.log.name]
    assert len(logged) == 1
    world.env.backend.faults.clear()
    require_response(await world.mina.slash(world.channel, "film", title="ballerina-2023"))


def test_the_log_has_where_it_failed_and_the_codes_but_no_text(caplog: pytest.LogCaptureFixture) -> None:
    with log_errors("a task"):
        try:
            raise sqlite3.OperationalError(TYPED)
        except sqlite3.OperationalError as cause:
            raise OSError(errno.ENOSPC, TYPED) from cause
    (record,) = caplog.records
    logged = record.getMessage()
    assert re.match(r"error [0-9a-f]{8} in a task\n", logged)
    assert logged.index("OperationalError") < logged.index("OSError (errno ENOSPC)")
    assert logged.count("raise OSError(errno.ENOSPC, TYPED) from cause") == 1  # the line of code
    assert "secret" not in logged
    assert record.exc_info is None


async def test_a_cancelled_task_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(asyncio.CancelledError), log_errors("a task"):
        raise asyncio.CancelledError
    assert not caplog.records
