from typing import Any

import simcord
from discord import app_commands

from bot.client import create_bot
from tests.conftest import World
from tests.responses import Actor, require_response

FOR_MODERATORS = ("moderation ", "settings ", "pick ", "night ", "letterboxd ")
FOR_MEMBERS = (
    "suggest", "suggestions", "night show", "night nominate", "night history", "night stats",
    "letterboxd connect", "letterboxd status", "letterboxd disconnect",
)  # fmt: skip


def list_commands(world: World) -> list[str]:
    tree: Any = world.env.bot.tree  # type: ignore[attr-defined]
    return [each.qualified_name for each in tree.walk_commands() if isinstance(each, app_commands.Command)]


def is_for_members(name: str) -> bool:
    return name in FOR_MEMBERS or not name.startswith(FOR_MODERATORS)


def find_named(message: simcord.results.ResponseMessage, names: list[str]) -> list[str]:
    text = "\n".join(str(embed.description) for embed in message.embeds)
    assert sum(len(embed) for embed in message.embeds) < 6_000
    assert all(len(line) < 130 for line in text.splitlines())
    return [name for name in names if f"</{name}:" in text]


async def open_help(world: World, actor: Actor) -> simcord.results.ResponseMessage:
    message = require_response(await actor.slash(world.channel, "help"))
    assert message.ephemeral
    return message


async def test_members_read_a_line_for_each_command_that_is_theirs(world: World) -> None:
    names = list_commands(world)
    assert len(names) > 50
    message = await open_help(world, world.mina)
    assert find_named(message, names) == [name for name in names if is_for_members(name)]
    assert message.components == []
    assert [embed.title for embed in message.embeds][:6] == [
        "Find a film",
        "Rate and review",
        "Decide what to watch",
        "Film nights",
        "Featured films",
        "Your data and settings",
    ]


async def test_moderators_and_curators_have_a_page_of_their_own(world: World) -> None:
    names = list_commands(world)
    role = world.server.create_role("Curators")
    lena = world.server.add_member(world.env.create_user("lena"), roles=[role])
    assert (await open_help(world, lena)).components == []
    await world.sam.slash(world.channel, "settings picks", curator_role=role)
    for actor in (world.sam, lena):
        message = await open_help(world, actor)
        assert find_named(message, names) == [name for name in names if is_for_members(name)]
        await world.env.restart_bot(create_bot(world.services))
        chosen = require_response(await actor.select(message, ["moderators"]))
        assert chosen.id == message.id
        assert find_named(chosen, names) == [name for name in names if not is_for_members(name)]


async def test_in_direct_messages_only_what_works_there_is_told(world: World) -> None:
    message = require_response(await world.env.create_user("lena").slash("help"))
    found = find_named(message, list_commands(world))
    assert {"film", "person", "where", "recommend", "watchlist show", "diary", "me country", "mydata delete"} <= {
        *found
    }
    assert not {"rate", "reviews", "top", "tonight", "taste", "night show", "list show", "suggest"} & {*found}
