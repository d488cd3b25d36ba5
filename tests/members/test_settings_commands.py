import pytest
import simcord

from tests.conftest import World
from tests.reading import told


async def test_a_member_sets_sees_and_forgets_their_country(world: World) -> None:
    seen = await world.mina.slash(world.channel, "me country")
    assert seen.ephemeral
    assert seen.response is not None
    assert "No country is set" in seen.response.content
    choices = await world.mina.autocomplete(world.channel, "me country", "country", "south k")
    assert choices[0] == {"name": "🇰🇷 South Korea", "value": "KR"}
    stored = await world.mina.slash(world.channel, "me country", country="KR")
    assert stored.ephemeral
    assert stored.response is not None
    assert "South Korea" in stored.response.content
    forgotten = await world.mina.slash(world.channel, "me country", country="none")
    assert forgotten.response is not None
    assert "no longer set" in forgotten.response.content


async def test_the_servers_country_counts_for_members_without_one(world: World) -> None:
    stored = await world.sam.slash(world.channel, "settings country", country="germany")
    assert stored.ephemeral
    seen = await world.mina.slash(world.channel, "me country")
    assert seen.response is not None
    assert "the server's is **Germany" in seen.response.content


async def test_settings_are_for_moderators(world: World) -> None:
    with pytest.raises(simcord.SetupError, match="not visible"):
        await world.mina.slash(world.channel, "settings country", country="KR")
    # A server may show the command to everybody; the bot itself still asks for the permission.
    world.server.set_command_permissions(world.env.bot.command_ids["settings"], {world.mina: True})
    refused = await world.mina.slash(world.channel, "settings country", country="KR")
    assert refused.ephemeral
    assert refused.response is not None
    assert "for moderators" in refused.response.content
    assert (await world.services.server_settings.get(world.server.id)).country is None


@pytest.mark.parametrize("typed", ["Atlantis", "", "🎬", "@everyone", "x" * 3000])
async def test_what_is_no_country_is_a_private_sentence(world: World, typed: str) -> None:
    result = await world.mina.slash(world.channel, "me country", country=typed or " ")
    assert result.ephemeral
    assert result.response is not None
    assert "No country is called that" in result.response.content
    assert await world.services.preferences.country(world.mina.id, None) is None


async def test_settings_are_there_for_the_next_process(world: World) -> None:
    await world.mina.slash(world.channel, "me country", country="KR")
    await world.env.restart_bot()
    seen = await world.mina.slash(world.channel, "me country")
    assert seen.response is not None
    assert "South Korea" in seen.response.content


async def test_a_country_forgotten_names_the_one_that_counts_instead(world: World) -> None:
    async def forgotten() -> str:
        await world.mina.slash(world.channel, "me country", country="KR")
        return told(await world.mina.slash(world.channel, "me country", country="none")).strip()

    gone = "Your country is no longer set."
    assert await forgotten() == f"{gone} No other counts for you here."
    await world.sam.slash(world.channel, "settings country", country="DE")
    assert await forgotten() == f"{gone} The server's counts for you now: **Germany 🇩🇪**."
