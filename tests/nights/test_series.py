"""Nights that repeat, one of which is cancelled; a ballot that nobody cast; interest in Discord's event."""

import pytest

from tests.conftest import World
from tests.nights.steps import (
    NIGHTS,
    cancel,
    count_requests,
    find_message,
    get_night,
    list_messages,
    list_texts,
    plan,
    press,
    read_card,
    read_message,
)
from tests.picks.steps import OTHER, advance_to
from tests.responses import FILM, assert_refused, list_labels, read_text, require_response

pytestmark = pytest.mark.begins(NIGHTS)


async def test_one_night_of_a_series_is_cancelled_or_all_of_them(world: World) -> None:
    await plan(world, repeat="week", carry_over=True)
    await world.mina.slash(world.channel, "night nominate", film=FILM)
    first = await get_night(world)
    asked = await world.sam.slash(world.channel, "night cancel")
    assert "Cancel only the night on" in read_text(asked)
    assert (await get_night(world)).id == first.id
    question = require_response(asked)
    await world.sam.click(question, label="Only this night")
    assert "The next one is on <t:1773432000:F>." in read_text(asked)  # a week later
    await world.env.advance_time(1)
    following = await get_night(world)
    assert (following.starts_at - first.starts_at).days == 7
    cards = {message.embeds[0].author.name for message in list_messages(world) if message.embeds}
    assert cards == {"Cancelled", "Nominations are open"}
    (card,) = [text for text in list_texts(world) if "Nominations are open" in text]
    assert "Burning (2018)" in card
    # Another host had the same question, and presses what has become of it.
    events = count_requests(world, "POST", "scheduled-events")
    late = await world.sam.slash(world.channel, "night cancel")
    kept = await cancel(world, "Keep it")
    assert read_text(kept) == f"**Friday film** starts <t:{following.starts_at.timestamp():.0f}:R>."
    await cancel(world, "All coming nights")
    await world.sam.click(require_response(late), label="Only this night")
    assert "That film night was cancelled." in read_text(late)
    assert list_labels(require_response(late)) == []
    await world.env.advance_time(1)
    assert count_requests(world, "POST", "scheduled-events") == events
    assert_refused(world, await world.sam.slash(world.channel, "night show"), "No film night is planned")


async def test_nobody_votes_and_who_is_interested_in_the_event_comes_at_once(world: World) -> None:
    await plan(world, repeat="week")
    (event,) = world.env.backend.get_guild(world.server.id).scheduled_events.values()
    for member in (world.mina, world.jonas):
        await member.subscribe_event(event)
    await world.env.advance_time(1)
    assert "Coming (2)" in read_card(world)
    await press(world, world.jonas, "I'm coming")  # an answer given here stays
    for member in (world.mina, world.jonas):
        await member.unsubscribe_event(event)
    await world.env.advance_time(1)
    assert "Coming (1)" in read_card(world)
    for actor, film in ((world.mina, FILM), (world.jonas, OTHER)):
        await actor.slash(world.channel, "night nominate", film=film)
    await advance_to(world, "2026-03-06T19:01")
    drawn = find_message(world, "Nobody voted for **Friday film**, so the film was drawn at random: **")
    assert "A host can pick another film with" in read_message(drawn)
    counted = await world.mina.click(drawn, label="How this was counted")
    assert "0 ballots" in read_text(counted)
    # On the last Sunday of March the clocks go from two to three.
    await world.sam.slash(world.channel, "pick rotate", zone="Europe/Berlin")
    result = await plan(world, name="Late", when="2026-03-29 02:30", repeat="week")
    assert "The clocks go forward that night and skip 02:30, so it starts at <t:1774747800:t>." in read_text(
        result
    )
    await cancel(world, "Only this night", night="Late")
    (late,) = [night for night in await world.services.nights.repository.list_open(world.server.id)
               if night.name == "Late"]  # fmt: skip
    assert late.starts_at.isoformat() == "2026-04-05T00:30:00+00:00"  # half past two again
    assert "skip" not in read_text(await world.sam.slash(world.channel, "night edit", night="Late", place="Here"))


async def test_the_turn_of_a_member_who_leaves_the_server_goes_on(world: World) -> None:
    await plan(world, choose="turns")
    for member in (world.mina, world.jonas):
        await press(world, member, "I'm coming")
    await advance_to(world, "2026-03-05T19:01")
    assert f"<@{world.mina.id}> It's your turn" in read_message(find_message(world, "It's your turn"))
    world.server.remove_member(world.mina)
    await press(world, world.sam, "Maybe")  # whoever uses the bot has it look members up
    await world.env.advance_time(1)
    night = await get_night(world)
    assert night.turn_member_id == world.jonas.id
    assert any(f"<@{world.jonas.id}> It's your turn" in text for text in list_texts(world))
