"""What a host is told and asked: about the zone, a closed channel, changes, nominations, and a missing film."""

from typing import Any

import discord
import pytest

from bot.nights.models import NightState
from tests.conftest import World
from tests.nights.steps import (
    NIGHTS,
    cancel,
    find_message,
    get_night,
    list_direct_messages,
    list_texts,
    plan,
    press,
    read_card,
)
from tests.picks.steps import OTHER, advance_to, create_closed_channel, forge_button
from tests.responses import FILM, assert_refused, list_labels, read_text, require_response

pytestmark = pytest.mark.begins(NIGHTS)


async def test_a_host_is_told_what_was_planned_and_what_changed(world: World) -> None:
    here, sam = world.channel, world.sam
    for options, sentence in (
        ({"choose": "turns", "film": FILM}, "Use either `film` or `choose`, not both."),
        ({"choose": "turns", "ballot": "blind"}, "Use either `ballot` or `choose`, not both."),
        ({"film": FILM, "nominations": 3}, "Use either `nominations` or `film`, not both."),
        ({"poll_closes": "tomorrow"}, "Enter at least two days for a poll"),
        ({"genre": "Blah", "nominations": 3}, "I don't know the genre “Blah”."),
        ({"genre": "Western", "max_minutes": 30, "choose": "surprise"}, "No film fits all of that."),
        ({"theme": "x" * 201}, "The theme is too long. That's 201 characters. Shorten it to 200."),
    ):
        refused = await plan(world, **options)
        assert_refused(world, refused, sentence)
        for name in options.keys() - {"choose", "film", "ballot"}:
            assert f"{name}: " in read_text(refused)
    assert_refused(world, await sam.slash(here, "night nominate", film=FILM), "No film night is planned.")
    # An unset zone is named, a channel that is closed to Marquee, too.
    closed = create_closed_channel(world, send_messages=True)
    told = read_text(await plan(world, channel=closed, place="None", theme="none", genre="Thriller"))
    assert told.startswith(f"**Friday film** is planned, but I can't post its card in <#{closed.id}>. Allow me:")
    assert "Times are in UTC. Set the server's time zone with `/pick rotate zone:`." in told
    assert ((await get_night(world)).place, (await get_night(world)).theme) == ("", "")
    await sam.slash(here, "pick rotate", zone="Europe/Berlin")
    moved = read_text(await sam.slash(here, "night edit", channel=here))
    assert moved == f"**Friday film** is planned for <t:1772827200:F>. Its card is in <#{here.id}>."
    await world.env.advance_time(1)
    assert_refused(world, await sam.slash(here, "night edit"), "Choose what to change")
    channel = world.env.bot.get_channel(here.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="Talk", type=discord.ChannelType.public_thread)
    (thread,) = here.threads
    in_thread = await sam.slash(thread, "night plan", name="Turns", when="sunday 20:00", choose="turns")
    assert f"Its card is in <#{here.id}>." in read_text(in_thread)
    later = await sam.slash(here, "night edit", night="turns", nominations_close="saturday 12:00")
    assert read_text(later) == "Updated **Turns**.\nYou'll see whose turn it is <t:1772881200:R>."
    await cancel(world, night="Turns")
    voice = world.server.create_voice_channel("cinema")
    for options, told in (
        ({"place": "The sofa", "voice": voice}, f"Where: <#{voice.id}> · The sofa"),
        ({"theme": "Rain"}, "Theme: Rain · Thriller"),
        ({"reminders": "2h", "repeat": "week"}, "Reminders: 2 hours before.\nEvery week"),
        ({"place": "none"}, "Removed the place."),
        ({"theme": "NONE"}, "Theme: Thriller"),
    ):
        assert read_text(await sam.slash(here, "night edit", **options)) == f"Updated **Friday film**.\n{told}"
    moved = read_text(await sam.slash(here, "night edit", when="saturday 20:00"))
    assert moved.startswith("Updated. **Friday film** starts <t:1772910000:F>.\nNominations close <t:")
    assert "\nVoting ends <t:" in moved
    await world.env.advance_time(1)
    assert "Where" not in read_card(world)
    assert (await get_night(world)).voice_channel_id is None


async def test_nominations_are_not_thrown_away_unasked(world: World) -> None:
    here, sam = world.channel, world.sam
    await plan(world)
    for actor, film in ((world.mina, FILM), (world.jonas, OTHER)):
        await actor.slash(here, "night nominate", film=film)
    await press(world, world.mina, "I'm coming")
    asked = await sam.slash(here, "night edit", film=FILM, place="Here")
    told = read_text(asked)
    assert told == (
        "Updated **Friday film**.\nWhere: Here\n"
        "2 films are nominated for **Friday film**. Choose **Burning (2018)** yourself instead?"
    )
    assert (await get_night(world)).film_id is None
    forged = await forge_button(world, f"v1:night-set-film:{(await get_night(world)).id}:{FILM}")
    assert_refused(world, await world.mina.click(forged, label="Forged"), "Only hosts")
    await sam.click(require_response(asked), label="Let members vote")
    assert read_text(asked) == "**Friday film** starts <t:1772827200:R>."
    assert "Nominated (2)" in read_card(world)
    # Cancelling asks, and says what would be lost.
    asked = await sam.slash(here, "night cancel")
    assert read_text(asked) == "Cancel **Friday film** on <t:1772827200:F>?\nComing (1) · Nominated (2)"
    assert list_labels(require_response(asked)) == ["Cancel the night", "Keep it"]
    assert (await get_night(world)).state is NightState.NOMINATING
    asked = await sam.slash(here, "night edit", film=FILM)
    await sam.click(require_response(asked), label="Choose the film")
    assert read_text(asked) == "The film for **Friday film** is **Burning (2018)**."
    await world.env.advance_time(1)
    night = await get_night(world)
    assert (night.film_id, night.state) == (FILM, NightState.READY)
    # Once it is chosen nothing is lost by another.
    other = await sam.slash(here, "night edit", film=OTHER)
    assert "The film for **Friday film** is **Ballerina (2023)**." in read_text(other)
    assert "**Friday film** is cancelled." in read_text(await cancel(world))


async def test_a_night_without_a_film_or_an_answer_is_no_night(world: World) -> None:
    here, sam = world.channel, world.sam
    planned = await plan(world, choose="host", when="friday 20:00, saturday 20:00")
    assert "No film yet. A host can pick one with `/night edit`." in read_text(planned)
    await advance_to(world, "2026-03-05T12:01")
    assert find_message(
        world, "Nobody chose a day for **Friday film**, so it's on the first one: <t:1772827200:F>."
    )
    # The host is reminded though they are not down as coming.
    await advance_to(world, "2026-03-06T19:01")
    reminder = find_message(world, "**Friday film** starts <t:1772827200:R>. No film yet.")
    assert f"<@{sam.id}>" in reminder.content
    await sam.slash(here, "mydata hide", hidden=True)
    await plan(world, name="Second", choose="host", when="saturday 20:00", reminders="1d")
    await advance_to(world, "2026-03-06T20:01")
    assert any("**Second** starts" in text for text in list_direct_messages(world, sam))
    assert find_message(world, "**Friday film** starts now.\nNo film yet.")
    await advance_to(world, "2026-03-08T12:00")
    assert any(text.startswith("Over\nFriday film") for text in list_texts(world))
    for command in ("night history", "night stats"):
        assert "No film nights yet." in read_text(await world.mina.slash(here, command))


async def test_who_comes_is_told_of_a_move_and_of_the_end(world: World) -> None:
    here, sam = world.channel, world.sam
    await plan(world)
    await sam.slash(here, "night edit", when="friday 19:00")
    await world.env.advance_time(1)
    assert not any("is moved" in text for text in list_texts(world))  # nobody comes yet
    for actor, label in ((world.mina, "I'm coming"), (world.jonas, "Maybe"), (sam, "I can't")):
        await press(world, actor, label)
    await world.jonas.slash(here, "mydata hide", hidden=True)
    for actor, film in ((world.mina, FILM), (sam, OTHER)):
        await actor.slash(here, "night nominate", film=film)
    await advance_to(world, "2026-03-05T19:01")
    assert _list_buttons(find_message(world, "Voting for **Friday film** is open until")) == [
        "Vote",
        "Open the night",
    ]
    await sam.slash(here, "night edit", ballot_closes="friday 18:00")
    await world.env.advance_time(1)
    assert find_message(world, "Voting for **Friday film** is open until <t:1772820000:F>.")
    assert not any("is moved" in text for text in list_texts(world))
    await sam.slash(here, "night edit", when="saturday 20:00")
    await world.env.advance_time(1)
    moved = find_message(world, "**Friday film** is moved from <t:1772823600:F> to <t:1772913600:F>.")
    assert f"<@{world.mina.id}>" in moved.content
    assert f"<@{world.jonas.id}>" not in moved.content
    ballot = find_message(world, "Voting for **Friday film** is open until")
    night = await get_night(world)
    assert night.ballot_closes_at is not None
    assert f"until <t:{night.ballot_closes_at.timestamp():.0f}:F>" in ballot.content
    assert_refused(world, await sam.slash(here, "night edit", night="x"), "No film night is called")
    await cancel(world)
    await world.env.advance_time(1)
    told = find_message(world, "**Friday film** on <t:1772913600:F> is cancelled.")
    assert f"<@{world.mina.id}>" in told.content
    assert [text.partition("**Friday film** ")[2] for text in list_direct_messages(world, world.jonas)] == [
        "is moved from <t:1772823600:F> to <t:1772913600:F>.", "on <t:1772913600:F> is cancelled.",
    ]  # fmt: skip
    assert _list_buttons(find_message(world, "Voting for **Friday film** is over.")) == ["Open the night"]


def _list_buttons(message: Any) -> list[str]:
    return [button.label for row in message.components for button in row.children]
