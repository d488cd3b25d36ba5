"""Steps of the tests of picks in Discord: plan films, set the rotation, let time pass, list announcements."""

from datetime import UTC, datetime
from typing import Any

import discord
import simcord
from sqlalchemy import select

from bot.core.text.formatting import with_year
from bot.films.tables import films
from bot.picks.models import Programme
from tests.conftest import World
from tests.responses import Result, read_text

OTHER, THIRD = "ballerina-2023", "john-wick-2014"
"""Films besides `FILM`."""
HOUR = 3_600


async def advance_to(world: World, moment: str) -> None:
    """Let the time go on to a UTC moment, in steps that a test can wait for."""
    target = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    while (left := (target - world.env.now()).total_seconds()) > 0:
        await world.env.advance_time(min(left, 5 * 86_400))


async def plan(world: World, film: str, **options: object) -> Result:
    """Let a curator plan the film."""
    return await world.sam.slash(world.channel, "pick add", film=film, **options)


async def set_rotation(world: World, **options: object) -> Result:
    """Rotate every Friday at 20:00 in Berlin and announce in the channel, or as the options say."""
    defaults = {"every": "week", "weekday": 4, "at": "20:00", "zone": "Europe/Berlin", "channel": world.channel}
    return await world.sam.slash(world.channel, "pick rotate", **{**defaults, **options})


def list_announcements(channel: simcord.builders.ChannelHandle) -> list[discord.Message]:
    """Return the messages with a pick's card in the channel."""
    return [message for message in channel.history() if message.embeds and message.embeds[0].author.name]


async def announce_first(world: World, *films: str) -> None:
    """Plan the films and let the first one start on the first Friday."""
    for film in films:
        await plan(world, film)
    await advance_to(world, "2026-01-02T19:01")


def get_fields(message: discord.Message) -> dict[str | None, str | None]:
    """Return the fields of the message's first embed by their names."""
    return {field.name: field.value for field in message.embeds[0].fields}


async def list_titles(world: World) -> dict[str, str]:
    """Return the titles of the catalogue's films with their years, by the films' ids and in their order."""
    columns = select(films.c.id, films.c.title, films.c.year).order_by(films.c.id)
    return {row.id: with_year(row.title, row.year) for row in await world.services.database.fetch_all(columns)}


async def list_film_ids(world: World, number: int) -> list[str]:
    """Return the ids of so many films of the catalogue."""
    return list(await list_titles(world))[:number]


def create_closed_channel(world: World, **denied: bool) -> simcord.builders.ChannelHandle:
    """Create a channel in which everybody, Marquee too, lacks these permissions."""
    overwrite = discord.PermissionOverwrite(**dict.fromkeys(denied, False))
    return world.server.create_text_channel("closed", overwrites={world.server.default_role: overwrite})


def show_pick_to(world: World, *targets: Any) -> None:
    """Allow `/pick` to these roles and members, as admins do in Server Settings > Integrations."""
    command = world.env.bot.command_ids["pick"]  # type: ignore[attr-defined]
    world.server.set_command_permissions(command, dict.fromkeys(targets, True))


async def read_notices(world: World) -> str:
    """Return the notices that come once with a curator's next command."""
    result = await world.sam.slash(world.channel, "pick list")
    assert "⚠" not in read_text(await world.sam.slash(world.channel, "pick list"))
    assert all(message.ephemeral for message in result.followups)
    return "\n".join(message.content for message in result.followups)


async def forge_button(world: World, custom_id: str) -> Any:
    """Post a message with a button that the bot never posted with this custom_id."""
    guild = world.env.bot.get_guild(world.server.id)
    assert guild is not None
    channel = guild.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Forged", custom_id=custom_id))
    with world.env.time_context():
        return await channel.send("Forged", view=view)


async def get_programme(world: World) -> Programme:
    """Return the server's current and planned picks."""
    return await world.services.picks.repository.get_programme(world.server.id)
