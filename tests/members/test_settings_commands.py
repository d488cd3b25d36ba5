"""`/settings country` and `/me country` as moderators and members use them."""

import pytest
import simcord

from tests.conftest import World
from tests.responses import read_text, require_response


async def test_a_member_sets_sees_and_forgets_their_country(world: World) -> None:
    seen = await world.mina.slash(world.channel, "me country")
    assert seen.ephemeral
    assert "No country is set" in require_response(seen).content
    choices = await world.mina.autocomplete(world.channel, "me country", "country", "south k")
    assert choices[0] == {"name": "🇰🇷 South Korea", "value": "KR"}
    stored = await world.mina.slash(world.channel, "me country", country="KR")
    assert stored.ephemeral
    assert "South Korea" in require_response(stored).content
    forgotten = await world.mina.slash(world.channel, "me country", country="none")
    assert "Removed your country" in require_response(forgotten).content


async def test_the_servers_country_counts_for_members_without_one(world: World) -> None:
    stored = await world.sam.slash(world.channel, "settings country", country="germany")
    assert stored.ephemeral
    seen = await world.mina.slash(world.channel, "me country")
    assert "film cards use the server's: **Germany" in require_response(seen).content


async def test_settings_are_for_moderators(world: World) -> None:
    with pytest.raises(simcord.SetupError, match="not visible"):
        await world.mina.slash(world.channel, "settings country", country="KR")
    # A server may show the command to everybody; the bot itself still asks for the permission.
    world.server.set_command_permissions(world.env.bot.command_ids["settings"], {world.mina: True})
    refused = await world.mina.slash(world.channel, "settings country", country="KR")
    assert refused.ephemeral
    assert "Only members who can manage this server" in require_response(refused).content
    assert (await world.services.server_settings.get(world.server.id)).country is None


@pytest.mark.parametrize("text", ["Atlantis", "", "🎬", "@everyone", "x" * 3000])
async def test_an_unknown_country_is_refused_privately(world: World, text: str) -> None:
    result = await world.mina.slash(world.channel, "me country", country=text or " ")
    assert result.ephemeral
    assert "No country matches “" in require_response(result).content
    assert await world.services.preferences.get_country(world.mina.id, None) is None


async def test_settings_survive_a_restart(world: World) -> None:
    await world.mina.slash(world.channel, "me country", country="KR")
    await world.env.restart_bot()
    seen = await world.mina.slash(world.channel, "me country")
    assert "South Korea" in require_response(seen).content


async def test_forgetting_a_country_names_the_one_that_applies_instead(world: World) -> None:
    async def forget() -> str:
        await world.mina.slash(world.channel, "me country", country="KR")
        return read_text(await world.mina.slash(world.channel, "me country", country="none")).strip()

    gone = "Removed your country."
    assert await forget() == gone
    await world.sam.slash(world.channel, "settings country", country="DE")
    assert await forget() == f"{gone} Film cards now use the server's: **Germany 🇩🇪**."
