"""What a member reads and fills in, for tests of commands."""

from typing import Any

import simcord

from bot.core.discord.error_handler import unwrap_error
from bot.core.errors import MarqueeError
from tests.conftest import World

FILM = "burning-2018"
Result = simcord.results.InteractionResult
Actor = simcord.actors.MemberActor


def messages(result: Result) -> list[simcord.results.ResponseMessage]:
    """Everything that was sent, in order."""
    return [*([result.response] if result.response else []), *result.followups]


def told(result: Result) -> str:
    """Everything the member reads, in one text."""
    parts = []
    for message in messages(result):
        parts.append(message.content)
        for embed in message.embeds:
            parts += [embed.title or "", embed.description or "", *(f"{f.name}\n{f.value}" for f in embed.fields)]
            parts.append(embed.footer.text or "")
    return "\n".join(parts)


def last(result: Result) -> simcord.results.ResponseMessage:
    return messages(result)[-1]


def refused(world: World, result: Result, sentence: str) -> None:
    """The member was told so, privately, and the bot slipped nothing but that refusal."""
    assert last(result).ephemeral
    assert sentence in told(result), told(result)
    assert all(isinstance(unwrap_error(error), MarqueeError) for error in world.env.errors)


async def review(world: World, actor: Actor, text: str, stars: int = 8, film: str = FILM, **more: Any) -> Result:
    """Open the film's card, press Rate, and send the form in."""
    card = await actor.slash(world.channel, "film", title=film)
    assert card.response
    form = await actor.click(card.response, label="Rate")
    return await actor.submit_modal(form, {"stars": str(stars), "review": text, **more})


def forge(world: World, message: Any, component: dict[str, Any]) -> None:
    """Let a message hold that button or menu instead of its own, as a modified client can send it."""
    stored = world.env.backend.get_message(message.channel_id, message.id)
    stored.components = [{"type": 1, "components": [component]}]
