"""Who may press what: a moderator, a host by role, a member, one who is blocked, and forged presses."""

import pytest

from tests.conftest import World
from tests.nights.steps import NIGHTS, cancel, get_card, get_night, list_messages, plan, read_card
from tests.picks.steps import OTHER, advance_to
from tests.responses import FILM, assert_refused, read_text, replace_component, require_response

pytestmark = pytest.mark.begins(NIGHTS)


async def test_hosts_moderators_members_and_blocked_ones(world: World) -> None:
    here = world.channel
    hosts = world.server.create_role("Hosts")
    lena = world.server.add_member(world.env.create_user("lena"), roles=[hosts])
    assert_refused(world, await plan(world, lena), "Only hosts")
    await world.sam.slash(here, "settings nights", host_role=hosts)
    await plan(world, lena, name="Hers")
    await plan(world, world.sam, name="His", when="saturday 20:00")
    # Whoever hosts a night, moderators and the role change it; members don't.
    for actor, night, is_refused in (
        (world.mina, "Hers", True), (lena, "His", False), (world.sam, "Hers", False), (lena, "Hers", False),
    ):  # fmt: skip
        result = await actor.slash(here, "night edit", night=night, place="Here")
        if is_refused:
            assert_refused(world, result, "Only hosts")
        else:
            assert "Updated" in read_text(result)
    await cancel(world, night="His")

    await world.sam.slash(here, "moderation block", member=world.jonas, days=3)
    refused = await world.jonas.slash(here, "night nominate", film=FILM)
    assert_refused(world, refused, "blocked")
    card = next(each for each in list_messages(world) if each.embeds and each.embeds[0].title == "Hers")
    for actor in (world.mina, world.jonas, lena):
        assert "You're coming to" in read_text(await actor.click(card, label="I'm coming"))
    for actor, film in ((world.mina, FILM), (lena, OTHER)):
        await actor.slash(here, "night nominate", film=film)
    # Removing a nomination is the moderators': the menu is not offered to a host, and a forged one is refused.
    night = await get_night(world)
    listed = require_response(await lena.click(card, label="Nominations"))
    assert "Remove" not in str(listed.components)
    forged = f"v1:night-strike:{night.id}"
    menu = {"type": 3, "custom_id": forged, "options": [{"label": "One", "value": "1"}]}
    replace_component(world, listed, menu)
    assert_refused(world, await lena.select(listed, ["1"], custom_id=forged), "Only hosts")
    # Before its time nothing of the ballot can be pressed, and afterwards nothing of the nominations.
    for name, sentence in (("night-vote", "Voting is over"), ("night-pass", "It isn't your turn")):
        shown = require_response(await world.mina.slash(here, "night show", night="Hers"))
        identity = f"v1:{name}:{night.id}"
        replace_component(world, shown, {"type": 2, "style": 2, "label": "Forged", "custom_id": identity})
        assert_refused(world, await world.mina.click(shown, custom_id=identity), sentence)
    await advance_to(world, "2026-03-05T19:01")
    card = next(each for each in list_messages(world) if each.embeds and each.embeds[0].title == "Hers")
    for actor in (world.mina, world.jonas, lena):  # who is blocked from reviewing still votes
        assert "Your ballot is empty" in read_text(await actor.click(card, label="Vote"))
    for name, sentence in (("night-nominate", "closed"), ("night-days", "The day of this film night is set")):
        shown = require_response(await world.mina.slash(here, "night show", night="Hers"))
        identity = f"v1:{name}:{night.id}"
        replace_component(world, shown, {"type": 2, "style": 2, "label": "Forged", "custom_id": identity})
        assert_refused(world, await world.mina.click(shown, custom_id=identity), sentence)


async def test_a_channel_that_is_gone_is_told_once_and_another_takes_the_night(world: World) -> None:
    log = world.server.create_text_channel("log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=log)
    away = world.server.create_text_channel("away")
    await plan(world, channel=away)
    await world.env.advance_time(1)
    world.env.backend.delete_channel(away.id)
    await world.mina.slash(world.channel, "night nominate", film=FILM)
    await advance_to(world, "2026-03-05T19:01")
    assert sum("channel was deleted" in message.content for message in log.history()) == 1
    await world.sam.slash(world.channel, "night edit", channel=world.channel)
    await world.env.advance_time(1)
    assert get_card(world)
    assert "Burning" in read_card(world)


async def test_hosts_one_after_the_other_change_a_night(world: World) -> None:
    await plan(world)
    for when in ("saturday 20:00", "saturday 21:00"):
        await world.sam.slash(world.channel, "night edit", when=when)
    await cancel(world)
    assert_refused(world, await world.sam.slash(world.channel, "night cancel"), "No film night is planned")
    await world.env.advance_time(1)
    assert read_card(world).startswith("Cancelled")
