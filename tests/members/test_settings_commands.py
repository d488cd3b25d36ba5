"""`/settings country` and `/me country` as moderators and members use them."""

import pytest
import simcord

from bot.members.server_settings import ServerSettings
from tests.conftest import World
from tests.picks.steps import create_closed_channel
from tests.responses import assert_refused, read_text, require_response


async def test_a_member_sets_sees_and_forgets_their_country(world: World) -> None:
    seen = await world.mina.slash(world.channel, "me country")
    assert seen.ephemeral
    assert "Which country do you stream in?" in require_response(seen).content
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


async def test_settings_that_can_not_work_are_refused_or_explained(world: World) -> None:
    sam, here = world.sam, world.channel
    everyone, role = world.server.default_role, world.server.create_role("Curators")
    for command, options, sentence in (
        ("settings reviews", {"moderator_role": everyone}, "Everyone has that role."),
        ("settings picks", {"curator_role": everyone}, "Everyone has that role."),
        ("settings nights", {"host_role": everyone}, "Everyone has that role."),
        (
            "settings picks",
            {"curator_role": role, "clear": "curator_role"},
            "Use either `curator_role` or `clear`, not both.",
        ),
        (
            "settings nights",
            {"host_role": role, "clear": "host_role"},
            "Use either `host_role` or `clear`, not both.",
        ),
        ("settings ask", {"channel": here, "clear": "channels"}, "Use either `channel` or `clear`, not both."),
        (
            "settings reviews",
            {"log_channel": here, "clear": "log_channel_id"},
            "Use either `log_channel` or `clear`",
        ),
        ("settings words", {"words": ", *,"}, "Enter words separated by commas"),
    ):
        assert_refused(world, await sam.slash(here, command, **options), sentence)
    assert await world.services.server_settings.get(world.server.id) == ServerSettings()

    closed = create_closed_channel(world, send_messages=True)
    for command, option, missing in (
        ("settings reviews", "log_channel", "Send Messages."),
        ("settings ask", "channel", "Send Messages, Embed Links."),
    ):
        said = read_text(await sam.slash(here, command, **{option: closed}))
        assert f"I can't post in <#{closed.id}>. Allow me: {missing}" in said
    off = read_text(await sam.slash(here, "settings ask", on=False))
    assert f"Once you turn it on again, I answer in <#{closed.id}>." in off

    assert "This server has no country." in read_text(await sam.slash(here, "settings country"))
    await sam.slash(here, "settings country", country="Germany")
    assert "This server's country is **Germany" in read_text(await sam.slash(here, "settings country"))

    first = read_text(await sam.slash(here, "settings words", words="grot, dreck"))
    assert "No longer blocked" not in first
    assert "AutoMod's rules apply, too." in first
    changed = read_text(await sam.slash(here, "settings words", words="grot"))
    assert "Blocked in reviews and replies: grot\nNo longer blocked: dreck" in changed

    await sam.slash(here, "settings language", language="de")
    await sam.slash(here, "settings picks", curator_role=role)
    await sam.slash(here, "settings nights", host_role=role, count_departed=False)
    await sam.slash(here, "settings nights", host_role=role, count_departed=False)  # no change, no entry
    everything = read_text(await sam.slash(here, "settings show"))
    for shown in (
        "/settings country\nCountry: Germany 🇩🇪\n/settings language\nLanguage: German\n",
        f"/settings picks\nCurator role: <@&{role.id}>\n/pick rotate\nPicks change: Only when a curator says so\n",
        "Looks back when a pick ends: yes",
        "Answers to mentions: off\nChannels for mentions: 1",
        "Reports that hide a review: 3",
    ):
        assert shown in everything
    log = read_text(await sam.slash(here, "moderation log"))
    for entry in (
        f"Host role: <@&{role.id}> · Ballots from members who left don't count.",
        f"Curator role: <@&{role.id}>",
        "Language: German",
        "Country: Germany",
        "Blocked words: 1\n",
        "Answers to mentions: off",
        "Channels for mentions: 1\n",
        f"Log channel: <#{closed.id}>",
    ):
        assert log.count(entry) == 1, entry
