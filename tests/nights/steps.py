"""Steps of the tests of film nights in Discord."""

from typing import Any

import discord

from bot.nights.models import Night
from tests.conftest import World
from tests.responses import Actor, Result, require_response

NIGHTS = "2026-03-02T12:00"
"""When the tests of nights begin: on a Monday."""


async def plan(world: World, actor: Actor | None = None, **options: Any) -> Result:
    """Let a host plan a night for Friday at eight in the evening, and the scheduler post its card."""
    defaults = {"name": "Friday film", "when": "friday 20:00"}
    result = await (actor or world.sam).slash(world.channel, "night plan", **{**defaults, **options})
    await world.env.advance_time(1)
    return result


async def cancel(world: World, label: str = "Cancel the night", **options: Any) -> Result:
    """Let a host cancel a night, and the scheduler bring its card up to date; return the answered question."""
    asked = await world.sam.slash(world.channel, "night cancel", **options)
    await world.sam.click(require_response(asked), label=label)
    await world.env.advance_time(1)
    return asked


def list_messages(world: World) -> list[discord.Message]:
    return list(world.channel.history())


def read_message(message: discord.Message) -> str:
    """Return everything that the message says."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.author.name or "", embed.title or "", embed.description or ""]
        parts += [f"{field.name}\n{field.value}" for field in embed.fields]
        parts.append(embed.footer.text or "")
    return "\n".join(filter(None, parts))


def list_texts(world: World) -> list[str]:
    return [read_message(message) for message in list_messages(world)]


def find_message(world: World, text: str) -> Any:
    """Return the only message of the channel that says that."""
    (message,) = [message for message in list_messages(world) if text in read_message(message)]
    return message


def get_card(world: World) -> Any:
    """Return the only card of a night in the channel."""
    (message,) = [each for each in list_messages(world) if each.embeds and each.embeds[0].author.name]
    return message


def read_card(world: World) -> str:
    embed = get_card(world).embeds[0]
    fields = [f"{field.name}\n{field.value}" for field in embed.fields]
    return "\n".join(filter(None, (embed.author.name, embed.title, embed.description, *fields)))


async def get_night(world: World) -> Night:
    """Return the next or the running night."""
    return await world.services.nights.find(world.server.id, None)


async def press(world: World, actor: Actor, label: str) -> Result:
    """Press a button of the card, and let the scheduler bring the card up to date."""
    result = await actor.click(get_card(world), label=label)
    await world.env.advance_time(1)
    return result


def count_requests(world: World, method: str, path: str, *, holds: str = "") -> int:
    """Return how many requests to Discord so far have this method, this in their path, and that in their body."""
    return sum(
        each.method == method and path in each.path and holds in repr(each.json)
        for each in world.env.http_requests
    )


async def answer(world: World, actor: Actor, label: str) -> Result:
    return await press(world, actor, label)


async def choose(world: World, actor: Actor, ballot: Result, title: str) -> str:
    """Press the button of the film on a ballot, and return what is on the ballot then."""
    message = require_response(ballot)
    for row in message.components:
        for item in row["components"]:
            if title in item["label"]:
                await actor.click(message, custom_id=item["custom_id"])
                return str(require_response(ballot).content)
    raise AssertionError(f"no button for {title}")


def list_direct_messages(world: World, member: Actor) -> list[str]:
    backend = world.env.backend
    channel = backend.dm_channels.get(member.id)
    return [message.content for message in backend.messages.get(channel, {}).values()] if channel else []
