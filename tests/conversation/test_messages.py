"""`/ask`, mentions and direct messages, as members use them."""

from typing import Any

from simcord.components import walk_components

from tests.conftest import World
from tests.responses import require_response


def texts_of(message: Any) -> str:
    """Return all texts and labels of a message's components."""
    components = message.components
    parts = walk_components([each if isinstance(each, dict) else each.to_dict() for each in components])
    return "\n".join(str(part.get("content") or part.get("label") or "") for part in parts)


def answers_in(world: World) -> list[Any]:
    return [message for message in world.channel.history() if message.author.bot]


async def test_a_question_goes_on_by_text_and_by_buttons(world: World) -> None:
    asked = await world.mina.slash(world.channel, "ask", question="a korean thriller under 2 hours")
    answer = require_response(asked)
    assert answer.ephemeral
    text = texts_of(answer)
    assert "South Korea ✕" in text
    assert "under 2 h ✕" in text
    shorter = require_response(await world.mina.slash(world.channel, "ask", question="shorter"))
    assert "South Korea ✕" in texts_of(shorter)
    pressed = await world.mina.click(shorter, label="South Korea ✕")
    assert "South Korea ✕" not in texts_of(require_response(pressed))
    assert "Thriller ✕" in texts_of(require_response(pressed))
    off_topic = await world.mina.slash(world.channel, "ask", question="what is 2+2")
    assert "I find films" in texts_of(require_response(off_topic))
    forgotten = await world.mina.slash(world.channel, "ask", question="start over")
    assert "Starting over" in texts_of(require_response(forgotten))
    refused = await world.mina.slash(world.channel, "ask", question="comedies")
    assert "Ask again" not in texts_of(require_response(refused))
    refused = await world.mina.slash(world.channel, "ask", question="westerns")
    assert "five questions in a minute" in require_response(refused).content


async def test_only_messages_that_mention_the_bot_are_answered(world: World) -> None:
    me = f"<@{world.env.bot.user.id}>"
    await world.mina.send(world.channel, "a korean thriller")
    await world.env.settle()
    assert not answers_in(world)
    await world.mina.send(world.channel, f"{me} a korean thriller")
    await world.env.settle()
    (answer,) = answers_in(world)
    assert "South Korea ✕" in texts_of(answer)
    assert "★" not in texts_of(answer)
    refused = await world.jonas.click(answer, label="South Korea ✕")
    assert "someone else's question" in require_response(refused).content
    await world.sam.slash(world.channel, "settings ask", on=False)
    await world.jonas.send(world.channel, f"{me} a comedy")
    await world.env.settle()
    assert len(answers_in(world)) == 1
