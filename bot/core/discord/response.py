"""Messages the bot sends, and the ways to send them."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import app_commands, ui

from bot.core.text.i18n import SOURCE_LOCALE, _, set_locale, use_locale

DEFERRED_PRIVATELY = "deferred privately"
"""The key in an interaction's extras that says whether only its member sees that it was deferred."""


class ServerLanguages:
    """The languages that moderators chose, as locales by server; in memory, as every reply needs one."""

    def __init__(self) -> None:
        self._chosen: dict[int, str] = {}

    def replace_all(self, chosen: dict[int, str]) -> None:
        """Replace what is known by the choices of all servers that have made one."""
        self._chosen = dict(chosen)

    def choose(self, server_id: int, locale: str | None) -> None:
        """Take note of a server's choice; None goes back to its Discord settings."""
        if locale is None:
            self._chosen.pop(server_id, None)
        else:
            self._chosen[server_id] = locale

    def get(self, server_id: int, preferred: object) -> str:
        """Return the locale of the server; `preferred` is the one of its Discord settings."""
        return self._chosen.get(server_id) or str(preferred or SOURCE_LOCALE)

    def get_for(self, guild: discord.Guild) -> str:
        """Return the locale of what is posted in the server."""
        return self.get(guild.id, guild.preferred_locale)


def get_public_locale(interaction: discord.Interaction[Any]) -> str:
    """Return the locale of what everybody reads where the interaction came from."""
    if interaction.guild_id is None:
        # Outside of the bot's servers the member reads alone, or the server is one that added no bot.
        return str(interaction.guild_locale or interaction.locale)
    languages: ServerLanguages = interaction.client.services.languages
    return languages.get(interaction.guild_id, interaction.guild_locale)


def get_reader_locale(interaction: discord.Interaction[Any], *, is_private: bool) -> str:
    """Return the locale of the member, who alone reads what is private, or of what everybody reads."""
    return str(interaction.locale) if is_private else get_public_locale(interaction)


def use_member_language(interaction: discord.Interaction[Any]) -> None:
    """Show texts in the member's language from now on in this task: for what only they read."""
    set_locale(str(interaction.locale))


def use_public_language(interaction: discord.Interaction[Any]) -> None:
    """Show texts in the server's language from now on in this task: for what everybody there reads."""
    set_locale(get_public_locale(interaction))


def use_reply_language(interaction: discord.Interaction[Any], *, edit: bool) -> None:
    """Show texts in the language of the reply to a press: of the message where it changes, else the member's."""
    message = interaction.message
    is_public = edit and message is not None and not message.flags.ephemeral
    set_locale(get_reader_locale(interaction, is_private=not is_public))


@dataclass(frozen=True, slots=True)
class Response:
    """A message: everything that Discord shows of it, whether it is sent, edited or posted in a channel.

    `is_ephemeral` makes a reply visible to the member only; it means nothing for an edit or a post.
    `kept_attachments` are files of the message that an edit keeps beside the new `files`; others are removed.
    """

    content: str | None = None
    embeds: tuple[discord.Embed, ...] = ()
    view: ui.View | ui.LayoutView | None = None
    files: tuple[discord.File, ...] = ()
    kept_attachments: tuple[discord.Attachment, ...] = ()
    is_ephemeral: bool = False
    allowed_mentions: discord.AllowedMentions | None = None

    def as_message(self) -> dict[str, Any]:
        """Return the keyword arguments for `send`, without what the message does not have."""
        parts: dict[str, Any] = {
            "content": self.content,
            "embeds": list(self.embeds),
            "view": self.view,
            "files": list(self.files),
            "allowed_mentions": self.allowed_mentions,
        }
        return {name: value for name, value in parts.items() if value}

    def as_reply(self) -> dict[str, Any]:
        """Return the keyword arguments for a reply to an interaction."""
        return {**self.as_message(), "ephemeral": self.is_ephemeral}

    def as_edit(self, *, keep_content: bool = False) -> dict[str, Any]:
        """Return the keyword arguments for an edit that replaces a message as a whole.

        With `keep_content` the text above the embeds stays as it is.
        """
        parts: dict[str, Any] = {
            "content": self.content,
            "embeds": list(self.embeds),
            "view": self.view,
            "attachments": [*self.kept_attachments, *self.files],
        }
        if keep_content or isinstance(self.view, ui.LayoutView):
            del parts["content"]  # a layout has no content, and Discord refuses an edit that names one
        if isinstance(self.view, ui.LayoutView):
            del parts["embeds"]
        if self.allowed_mentions is not None:
            parts["allowed_mentions"] = self.allowed_mentions
        return parts


_COMMAND = re.compile(r"`/([a-z]+(?: [a-z]+)*)`")
_CODE_BLOCK = "```"
_EMBEDS_LIMIT, _CONTENT_LIMIT, _FIELD_LIMIT = 6_000, 2_000, 1_024
"""Characters of a message's embeds together, of its content, and of a field."""


def _link_commands(interaction: discord.Interaction[Any], response: Response) -> Response:
    """Return the response with its commands as links, which open them with a tap.

    What a member typed, in a code block, stays as it is; so does all where the links would be too long.
    """
    client = interaction.client
    ids: dict[str, int] = getattr(client, "command_ids", {})

    def link(command: re.Match[str]) -> str:
        found = client.tree.get_command(command[1].split()[0])
        for name in command[1].split()[1:]:
            found = found.get_command(name) if isinstance(found, app_commands.Group) else None
        command_id = ids.get(command[1].split()[0])
        is_leaf = isinstance(found, app_commands.Command)
        return f"</{command[1]}:{command_id}>" if is_leaf and command_id is not None else command[0]

    def link_all(text: str) -> str:
        before, fence, rest = text.partition(_CODE_BLOCK)
        return _COMMAND.sub(link, before) + fence + rest if "`/" in before else text

    if response.content and len(content := link_all(response.content)) <= _CONTENT_LIMIT:
        response = replace(response, content=content)
    if any("`/" in text for embed in response.embeds for text in _list_texts(embed)):
        embeds = tuple(embed.copy() for embed in response.embeds)
        for embed in embeds:
            embed.description = link_all(embed.description or "") or None
            for index, field in enumerate(embed.fields):
                if len(value := link_all(field.value or "")) <= _FIELD_LIMIT:
                    embed.set_field_at(index, name=field.name, value=value, inline=bool(field.inline))
        if sum(map(len, embeds)) <= _EMBEDS_LIMIT:
            response = replace(response, embeds=embeds)
    if isinstance(response.view, ui.LayoutView):
        for item in response.view.walk_children():
            if isinstance(item, ui.TextDisplay):
                item.content = link_all(item.content)
    return response


def _list_texts(embed: discord.Embed) -> list[str]:
    return [embed.description or "", *(field.value or "" for field in embed.fields)]


async def respond(
    interaction: discord.Interaction[Any], response: Response, *, ephemeral: bool | None = None
) -> int | None:
    """Reply to the interaction: the first reply, or a follow-up after a deferral or an earlier reply.

    Return the id of the message. `ephemeral` overrides the response's own.
    """
    reply = _link_commands(interaction, response).as_reply()
    if ephemeral is not None:
        reply["ephemeral"] = ephemeral
    end_turn(interaction)
    if interaction.response.is_done():
        message: discord.WebhookMessage = await interaction.followup.send(**reply, wait=True)
        return message.id
    return (await interaction.response.send_message(**reply)).message_id


async def acknowledge(interaction: discord.Interaction[Any], *, ephemeral: bool) -> None:
    """Defer the reply to a command or form, unless it has been acknowledged already, and wait for a turn to work.

    Whatever may take longer than a moment does this first: Discord waits three seconds for an acknowledgement.
    From here on texts are in the language of those who will read the reply.
    """
    set_locale(get_reader_locale(interaction, is_private=ephemeral))
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=ephemeral, thinking=True)
        interaction.extras[DEFERRED_PRIVATELY] = ephemeral
    await take_turn(interaction)


async def acknowledge_press(interaction: discord.Interaction[Any], *, edit: bool) -> None:
    """Acknowledge a press like `acknowledge`: with `edit` the message changes, else a private reply follows."""
    if edit and not interaction.response.is_done():
        await interaction.response.defer()
    await acknowledge(interaction, ephemeral=True)


def is_busy(interaction: discord.Interaction[Any]) -> bool:
    """Return whether so many interactions are worked on that this one has to wait for its turn."""
    busy: bool = interaction.client.in_flight.turns.is_busy
    return busy


async def acknowledge_if_busy(interaction: discord.Interaction[Any], *, ephemeral: bool) -> None:
    """Acknowledge a command that replies at once, but only while it would have to wait for its turn.

    What only reads does this: a reply without an acknowledgement before it is sooner there.
    """
    if is_busy(interaction):
        await acknowledge(interaction, ephemeral=ephemeral)
        return
    if not ephemeral:
        use_public_language(interaction)
    await take_turn(interaction)


async def take_turn(interaction: discord.Interaction[Any]) -> None:
    """Wait until it is the interaction's turn to work, unless it is already."""
    await interaction.client.in_flight.turns.take()


def end_turn(interaction: discord.Interaction[Any]) -> None:
    """Let the next interaction work: what is left of this one is to send the reply."""
    interaction.client.in_flight.turns.end(asyncio.current_task())


async def respond_publicly(interaction: discord.Interaction[Any], response: Response) -> None:
    """Reply so that everybody sees it, also if the interaction was deferred privately.

    The first message after a deferral is as private as the deferral, so a short one is sent first and deleted
    afterwards.
    """
    if not interaction.extras.get(DEFERRED_PRIVATELY, False):
        await respond(interaction, response, ephemeral=False)
        return
    with use_locale(str(interaction.locale)):
        found = _("Found it.")
    await interaction.edit_original_response(content=found)
    await interaction.followup.send(**response.as_message(), ephemeral=False)
    await interaction.delete_original_response()


async def edit_or_respond(interaction: discord.Interaction[Any], response: Response, *, edit: bool) -> None:
    """Replace the message whose button was pressed, or with `edit` false reply privately beside it."""
    if not edit:
        await respond(interaction, response, ephemeral=True)
        return
    end_turn(interaction)
    edit_arguments = _link_commands(interaction, response).as_edit()
    if interaction.response.is_done():
        await interaction.edit_original_response(**edit_arguments)
    else:
        await interaction.response.edit_message(**edit_arguments)


async def respond_deferred(
    interaction: discord.Interaction[Any], build: Callable[[], Coroutine[Any, Any, Response]], *, edit: bool
) -> None:
    """Acknowledge the press first, then build the response and edit or reply as `edit_or_respond` does.

    It is built in the language of those who read it.
    """
    await acknowledge_press(interaction, edit=edit)
    use_reply_language(interaction, edit=edit)
    await edit_or_respond(interaction, await build(), edit=edit)


def list_custom_ids(interaction: discord.Interaction[Any]) -> list[str]:
    """Return the custom_ids of all components of the message that was pressed, in order."""
    custom_ids: list[str] = []
    pending: list[Any] = list(interaction.message.components) if interaction.message is not None else []
    while pending:
        component = pending.pop(0)
        pending = [*getattr(component, "children", ()), *pending]
        if component_id := getattr(component, "custom_id", None):
            custom_ids.append(component_id)
    return custom_ids
