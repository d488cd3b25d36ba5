"""`/ask`, mentions and direct messages, as members use them."""

from typing import Any

import discord
import pytest
from simcord.components import walk_components

from bot.conversation.keyword_names import spell_names
from bot.conversation.wording import describe_language_limit
from bot.core.text.i18n import use_locale
from tests.conftest import World
from tests.languages import speak
from tests.responses import require_response


def texts_of(message: Any) -> str:
    """Return all texts and labels of a message's components."""
    components = message.components
    parts = walk_components([each if isinstance(each, dict) else each.to_dict() for each in components])
    return "\n".join(str(part.get("content") or part.get("label") or "") for part in parts)


def answers_in(world: World) -> list[Any]:
    return [message for message in world.channel.history() if message.author.bot]


def test_names_in_keywords_are_spelt_as_names() -> None:
    keywords = ("los angeles chase", "korean girl", "rio de janeiro", "fbi agent", "turkey dinner", "polish")
    assert [spell_names(each) for each in keywords] == [
        "Los Angeles chase", "Korean girl", "Rio de Janeiro", "FBI agent", "turkey dinner", "polish",
    ]  # fmt: skip


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


def test_readers_of_other_languages_learn_that_descriptions_are_understood_in_english() -> None:
    for locale, is_told in (("en-GB", False), ("en-US", False), ("de", True), ("fi", True)):
        with use_locale(locale):
            assert bool(describe_language_limit()) is is_told


async def test_a_description_says_so_only_to_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = "I only understand descriptions in English."
    story = "the one where a man wakes up every day on the same day"
    english = texts_of(require_response(await world.mina.slash(world.channel, "ask", question=story)))
    speak(monkeypatch, member="fi", server="en-US")
    finnish = texts_of(require_response(await world.jonas.slash(world.channel, "ask", question=story)))
    assert finnish.count(limit) == 1
    assert limit not in english
    request = texts_of(
        require_response(await world.jonas.slash(world.channel, "ask", question="a korean thriller"))
    )
    assert limit not in request


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


async def test_more_shows_other_films_and_a_question_narrows_a_description_down(world: World) -> None:
    asked = require_response(await world.mina.slash(world.channel, "ask", question="korean films"))
    films = {line for line in texts_of(asked).splitlines() if line.startswith("**") and "(" in line}
    more = require_response(await world.mina.click(asked, label="More"))
    further = {line for line in texts_of(more).splitlines() if line.startswith("**") and "(" in line}
    assert films
    assert further
    assert not films & further

    described = await world.jonas.slash(
        world.channel, "ask", question="someone is kidnapped and someone takes revenge"
    )
    message = require_response(described)
    before = texts_of(message)
    assert {"Yes", "No"} <= set(before.splitlines())
    for _ in range(6):  # five questions at most
        if "Yes" not in texts_of(message).splitlines():
            break
        message = require_response(await world.jonas.click(message, label="No"))
    after = texts_of(message)
    assert "Yes" not in after.splitlines()
    assert "(" in after
    assert after != before


async def test_direct_messages_and_threads_are_answered_where_they_were_sent(world: World) -> None:
    await world.mina.send_dm("a korean thriller")
    await world.env.settle()
    answer = world.mina.user.dm_channel.history()[-1]
    assert answer.author.bot
    text = texts_of(answer)
    assert "South Korea ✕" in text
    assert "Watchlist" not in text  # watchlists belong to servers
    await world.mina.send_dm("shorter")
    await world.env.settle()
    assert "South Korea ✕" in texts_of(world.mina.user.dm_channel.history()[-1])
    await world.mina.send_dm("add the first to my list")
    await world.env.settle()
    assert "Your watchlist belongs to a server" in texts_of(world.mina.user.dm_channel.history()[-1])

    channel = world.env.bot.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="Friday", type=discord.ChannelType.public_thread)
    (thread,) = world.channel.threads
    await world.mina.send(thread, f"<@{world.env.bot.user.id}> a japanese film")
    await world.env.settle()
    answer = thread.history()[-1]
    assert answer.author.bot
    assert "Japan ✕" in texts_of(answer)
    assert {message.type for message in answers_in(world)} == {discord.MessageType.thread_created}
    await world.sam.slash(world.channel, "settings ask", channel=world.channel)
    await world.jonas.send(thread, f"<@{world.env.bot.user.id}> a french film")
    await world.env.settle()
    assert "France ✕" in texts_of(thread.history()[-1])  # a thread belongs to its channel
