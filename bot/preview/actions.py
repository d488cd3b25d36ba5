"""What a visitor does in the page, done by a member of the simulated Discord."""

import base64
import binascii
import logging
from collections.abc import Callable, Mapping
from typing import Any

from simcord.actors import MemberActor
from simcord.backend.errors import BackendError, OptionError, SetupError
from simcord.builders import ChannelHandle, RoleHandle, UserHandle
from simcord.enums import ComponentType, OptionType
from simcord.results import InteractionResult, ResponseMessage

from bot.preview.snapshot import Json, Snapshot
from bot.preview.world import PreviewWorld

log = logging.getLogger(__name__)
OPEN_FORMS = 50
"""Forms that can still be submitted; those opened before are forgotten."""
_CODES = {
    10008: "That message is gone.",
    50001: "You can't see that channel.",
    50013: "You don't have the permission for that here.",
}
"""What to say for an error of Discord's interface, by its code."""
_SETUP_PROBLEMS = {
    "component is disabled": "That can't be used any more.",
    "matching component": "The message has changed. Look at it again.",
    "not visible": "That message is gone.",
    "Select expects": "Choose more or fewer of them.",
    "modal": "This form is no longer open. Close it and open it again.",
}
"""What to say where SimCord found that no client of Discord's would do this, by words of its sentence."""
_OTHER_PROBLEM = "Discord doesn't allow that here."
_ENTITY_SELECTS = {
    ComponentType.USER_SELECT: OptionType.USER,
    ComponentType.ROLE_SELECT: OptionType.ROLE,
    ComponentType.CHANNEL_SELECT: OptionType.CHANNEL,
    ComponentType.MENTIONABLE_SELECT: OptionType.MENTIONABLE,
}


class RefusedError(Exception):
    """Discord itself would not let a member do this; `option` names the option of the command to change."""

    def __init__(self, sentence: str, option: str | None = None) -> None:
        super().__init__(sentence)
        self.option = option


class Actions:
    """Does what visitors ask for. Each action returns JSON for the page, or raises RefusedError."""

    def __init__(self, world: PreviewWorld, snapshot: Snapshot) -> None:
        self._world = world
        self._snapshot = snapshot
        self._backend = world.env.backend
        self._forms: dict[str, tuple[InteractionResult, ChannelHandle]] = {}
        self._by_kind: Mapping[str, Callable[[int, Json], Any]] = {
            "send": self._send,
            "slash": self._use_command,
            "autocomplete": self._autocomplete,
            "click": self._click,
            "select": self._select,
            "submit": self._submit,
            "vote": self._vote,
            "react": self._react,
            "interest": self._mark_interest,
        }

    async def perform(self, person_id: int, body: Json) -> Json:
        """Do what the page asks for in that person's name.

        Raises RefusedError where Discord would not let them, KeyError, TypeError or ValueError for a body that the
        page doesn't send.
        """
        action = self._by_kind[body["kind"]]
        try:
            reply: Json = await action(person_id, body)
        except OptionError as error:
            raise RefusedError("This value can't be used.", error.option) from error
        except BackendError as error:
            log.info("refused: %s", error)
            raise RefusedError(_CODES.get(error.code, _OTHER_PROBLEM)) from error
        except SetupError as error:
            log.info("refused: %s", error)
            sentences = (say for words, say in _SETUP_PROBLEMS.items() if words in str(error))
            raise RefusedError(next(sentences, _OTHER_PROBLEM)) from error
        except TimeoutError as error:
            raise RefusedError("Marquee is still busy with this; its answer comes when it is ready.") from error
        return reply

    def _get_channel(self, body: Json) -> ChannelHandle:
        return self._world.get_channel(int(body["channel"]))

    def _get_message(self, body: Json) -> ResponseMessage:
        message = self._backend.get_message(int(body["channel"]), int(body["message"]))
        return ResponseMessage(self._world.env, message)

    async def _send(self, person_id: int, body: Json) -> Json:
        channel, text = self._get_channel(body), str(body["text"])
        original = self._get_message({**body, "message": body["reply_to"]}) if body.get("reply_to") else None
        if channel.guild is None:
            reference = {"channel_id": str(channel.id), "message_id": str(original.id)} if original else None
            await self._world.members[person_id].user.send_dm(text, reference=reference)
        else:
            await self._world.members[person_id].send(channel, text, reply_to=original)
        return {}

    async def _use_command(self, person_id: int, body: Json) -> Json:
        channel, name = self._get_channel(body), str(body["command"])
        options = self._read_options(person_id, channel, name, body["options"])
        self._snapshot.note_command(person_id, name)
        if channel.guild is None:
            result = await self._world.members[person_id].user.slash(name, **options)
        else:
            result = await self._world.members[person_id].slash(channel, name, **options)
        return self._describe_result(result, channel)

    async def _autocomplete(self, person_id: int, body: Json) -> Json:
        channel, name, option = self._get_channel(body), str(body["command"]), str(body["option"])
        filled = self._read_options(person_id, channel, name, body["options"], is_partial=True)
        filled.pop(option, None)
        arguments = (name, option, str(body["value"]))
        if channel.guild is None:
            choices = await self._world.members[person_id].user.autocomplete(*arguments, **filled)
        else:
            choices = await self._world.members[person_id].autocomplete(channel, *arguments, **filled)
        return {"choices": choices}

    async def _click(self, person_id: int, body: Json) -> Json:
        channel = self._get_channel(body)
        actor = self._world.get_actor(person_id, channel)
        result = await actor.click(self._get_message(body), custom_id=str(body["custom_id"]))
        return self._describe_result(result, channel)

    async def _select(self, person_id: int, body: Json) -> Json:
        channel = self._get_channel(body)
        actor = self._world.get_actor(person_id, channel)
        values = self._read_choices(ComponentType(body["component_type"]), body["values"])
        result = await actor.select(self._get_message(body), values, custom_id=str(body["custom_id"]))
        return self._describe_result(result, channel)

    async def _submit(self, person_id: int, body: Json) -> Json:
        if body["form"] not in self._forms:
            raise RefusedError("This form is no longer open. Close it and open it again.")
        shown, channel = self._forms[body["form"]]
        values = {name: self._read_field(field) for name, field in body["values"].items()}
        result = await self._world.get_actor(person_id, channel).submit_modal(shown, values)
        self._forms.pop(body["form"], None)
        return self._describe_result(result, channel)

    async def _vote(self, person_id: int, body: Json) -> Json:
        actor = self._world.get_actor(person_id, self._get_channel(body))
        answers = [int(each) for each in body["answers"]]
        await actor.set_poll_votes(self._get_message(body).message, answers=answers)
        return {}

    async def _react(self, person_id: int, body: Json) -> Json:
        actor = self._world.get_actor(person_id, self._get_channel(body))
        await actor.set_reaction(
            self._get_message(body).message, str(body["emoji"]), reacted=bool(body["reacted"])
        )
        return {}

    async def _mark_interest(self, person_id: int, body: Json) -> Json:
        member = self._world.members[person_id]
        mark = member.subscribe_event if body["interested"] else member.unsubscribe_event
        await mark(int(body["event"]))
        return {}

    def _describe_result(self, result: InteractionResult, channel: ChannelHandle) -> Json:
        """Return the form that the bot opened, if it did. Raises RefusedError where it did not respond."""
        if not result.acknowledged:
            raise RefusedError("The application did not respond.")
        if (form := result.modal) is None:
            return {}
        form_id = str(self._backend.snowflake())
        self._forms[form_id] = result, channel
        while len(self._forms) > OPEN_FORMS:
            del self._forms[next(iter(self._forms))]
        return {"form": {**form, "form_id": form_id}}

    # ------------------------------------------------------------------ values

    def _read_options(
        self, person_id: int, channel: ChannelHandle, name: str, values: Json, *, is_partial: bool = False
    ) -> Json:
        """Return the values of a command's options as SimCord takes them.

        Raises RefusedError for an option that is missing or wrong; if partial, it is left out.
        """
        in_server = "direct" if channel.guild is None else "server"
        commands = self._snapshot.describe_commands(person_id)[in_server]
        command = next((each for each in commands if each["name"] == name), None)
        if command is None:
            raise RefusedError(f"You can't use /{name} here.")
        read: Json = {}
        for option in command["options"]:
            value = values.get(option["name"])
            try:
                if value is not None and value != "":
                    read[option["name"]] = self._read_option(option, value)
                elif option.get("required"):
                    raise RefusedError("This option is required.", option["name"])
            except RefusedError:
                if not is_partial:
                    raise
        return read

    def _read_option(self, option: Json, value: Any) -> Any:
        """Return an option's value as SimCord takes it. Raises RefusedError where it can't be one."""
        kind, name = OptionType(option["type"]), option["name"]
        if kind in (OptionType.USER, OptionType.ROLE, OptionType.CHANNEL, OptionType.MENTIONABLE):
            return self._find_entity(kind, value, name)
        if kind is OptionType.ATTACHMENT:
            return self._read_file(value)
        if kind is OptionType.BOOLEAN:
            if not isinstance(value, bool):
                raise RefusedError("Choose True or False.", name)
            return value
        if kind in (OptionType.INTEGER, OptionType.NUMBER):
            value = _read_number(option, value)
        if option.get("choices") and value not in [choice["value"] for choice in option["choices"]]:
            raise RefusedError("Choose one of the list.", name)
        if kind is OptionType.STRING:
            value = str(value)
            if len(value) > option.get("max_length", 6000):
                raise RefusedError(f"Use at most {option['max_length']} characters.", name)
            if len(value) < option.get("min_length", 0):
                raise RefusedError(f"Use at least {option['min_length']} characters.", name)
        return value

    def _read_field(self, field: Json) -> Any:
        """Return the value of a form's field as SimCord takes it."""
        kind, value = ComponentType(field["type"]), field["value"]
        if kind is ComponentType.FILE_UPLOAD:
            return [self._read_file(each) for each in value]
        return self._read_choices(kind, value) if kind in _ENTITY_SELECTS else value

    def _read_choices(self, kind: ComponentType, values: list[str]) -> list[Any]:
        if kind not in _ENTITY_SELECTS:
            return [str(each) for each in values]
        return [self._find_entity(_ENTITY_SELECTS[kind], each) for each in values]

    def _find_entity(self, kind: OptionType, value: Any, option: str | None = None) -> Any:
        """Return the member, role or channel of that id. Raises RefusedError where there is none of that kind."""
        text = str(value)
        entity_id = int(text) if text.isascii() and text.isdigit() else 0
        guild = self._backend.get_guild(self._world.server.id)
        if kind in (OptionType.USER, OptionType.MENTIONABLE) and entity_id in guild.members:
            user = UserHandle(self._world.env, self._backend.get_user(entity_id))
            return MemberActor(self._world.env, self._world.server, user)
        if kind in (OptionType.ROLE, OptionType.MENTIONABLE) and entity_id in guild.roles:
            return RoleHandle(self._world.env, self._world.server, guild.roles[entity_id])
        if kind is OptionType.CHANNEL and entity_id in self._backend.channels:
            return self._world.get_channel(entity_id)
        raise RefusedError("Choose one of the list.", option)

    def _read_file(self, value: Any) -> tuple[str, bytes]:
        """Return a file's name and content. Raises RefusedError where the page sent no file."""
        try:
            return str(value["name"]), base64.b64decode(value["data"], validate=True)
        except (KeyError, TypeError, binascii.Error) as error:
            raise RefusedError("This file can't be read.") from error


def _read_number(option: Json, value: Any) -> int | float:
    """Return a number within the option's limits. Raises RefusedError for anything else."""
    name, lowest, highest = option["name"], option.get("min_value"), option.get("max_value")
    is_whole = option["type"] == OptionType.INTEGER
    try:
        number = int(value) if is_whole else float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise RefusedError("Enter a whole number." if is_whole else "Enter a number.", name) from error
    if lowest is not None and highest is not None and not lowest <= number <= highest:
        raise RefusedError(f"Enter a number from {lowest} to {highest}.", name)
    if lowest is not None and number < lowest:
        raise RefusedError(f"Enter {lowest} or more.", name)
    if highest is not None and number > highest:
        raise RefusedError(f"Enter {highest} or less.", name)
    return number
