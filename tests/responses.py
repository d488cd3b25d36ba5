"""What a member does with the bot and reads of its responses, for tests of commands."""

import re
from typing import Any

import discord
import simcord

from bot.core.discord.error_handler import unwrap_error
from bot.core.errors import MarqueeError
from tests.conftest import World

FILM = "burning-2018"
Result = simcord.results.InteractionResult
Actor = simcord.actors.MemberActor


def list_messages(result: Result) -> list[simcord.results.ResponseMessage]:
    """Return all messages that the interaction was answered with, in order."""
    return [*([result.response] if result.response else []), *result.followups]


def require_response(result: Result) -> simcord.results.ResponseMessage:
    """Return the last message that the interaction was answered with; fail if there is none."""
    messages = list_messages(result)
    assert messages, "the interaction was not answered"
    return messages[-1]


def first_embed(result: Result) -> discord.Embed:
    """Return the first embed of that message; fail if it has none."""
    embeds = require_response(result).embeds
    assert embeds, "the response has no embed"
    return embeds[0]


_COMMAND_LINK = re.compile(r"</([a-z ]+):\d+>")


def read_text(result: Result) -> str:
    """Return everything the member reads in the messages, in one text; commands that are links as `/name`."""
    parts = []
    for message in list_messages(result):
        parts.append(message.content)
        for embed in message.embeds:
            parts += [embed.title or "", embed.description or ""]
            parts += [f"{field.name}\n{field.value}" for field in embed.fields]
            parts.append(embed.footer.text or "")
    return _COMMAND_LINK.sub(r"`/\1`", "\n".join(parts))


def assert_refused(world: World, result: Result, sentence: str) -> None:
    """Check that the member was refused with that sentence, privately, and that nothing else failed."""
    assert require_response(result).ephemeral
    assert sentence in read_text(result), read_text(result)
    assert all(isinstance(unwrap_error(error), MarqueeError) for error in world.env.errors)


async def post_review(
    world: World, actor: Actor, text: str, stars: int = 8, film: str = FILM, **inputs: Any
) -> Result:
    """Open the film's card, press Rate, and submit the form."""
    card = require_response(await actor.slash(world.channel, "film", title=film))
    form = await actor.click(card, label="Rate")
    return await actor.submit_modal(form, {"stars": str(stars), "review": text, **inputs})


async def delete_review(world: World, actor: Actor, film: str = FILM) -> Result:
    """Use `/review delete`, and confirm it."""
    question = await actor.slash(world.channel, "review delete", film=film)
    return await actor.click(require_response(question), label="Delete")


def list_labels(message: Any) -> list[str]:
    """Return the labels of the message's buttons, in order."""
    buttons = [button for row in message.components for button in row["components"]]
    return [button["label"] for button in buttons if "label" in button]


def replace_component(world: World, message: Any, *components: dict[str, Any]) -> None:
    """Let a message have these buttons, or that menu, instead of its own, as a modified client can send them."""
    stored = world.env.backend.get_message(message.channel_id, message.id)
    stored.components = [{"type": 1, "components": [*components]}]
