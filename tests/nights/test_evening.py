"""A whole evening as a server lives it: plan, come, nominate, vote, remind, watch, rate."""

from typing import Any

import discord
import pytest

from bot.client import create_bot
from bot.nights.ballots import hash_seed
from bot.nights.models import NightState
from tests.conftest import World
from tests.nights.steps import (
    NIGHTS,
    answer,
    choose,
    count_requests,
    find_message,
    get_card,
    get_night,
    list_direct_messages,
    list_texts,
    plan,
    press,
    read_card,
    read_message,
)
from tests.picks.steps import OTHER, THIRD, advance_to
from tests.responses import FILM, assert_refused, read_text, replace_component, require_response

pytestmark = pytest.mark.begins(NIGHTS)


async def test_an_evening(world: World) -> None:
    result = await plan(world, place="https://example.org/room", theme="Slow burn", reminders="1h")
    assert "Its card is in" in read_text(result)
    assert require_response(result).ephemeral
    card = get_card(world)
    assert card.pinned
    assert "Slow burn" in read_card(world)

    # Who comes, and how they are reminded.
    result = await answer(world, world.mina, "I'm coming")
    assert "I'll remind you in this channel." in read_text(result)
    result = await answer(world, world.jonas, "I'm coming")
    result = await world.jonas.click(require_response(result), label="Remind me by direct message")
    await answer(world, world.sam, "Maybe")
    assert "Coming (2)" in read_card(world)
    assert "Maybe (1)" in read_card(world)

    # Nominations: by command, from the watchlist, by title, and a double.
    await world.mina.slash(world.channel, "night nominate", film=FILM, reason="The ending.")
    await world.jonas.slash(world.channel, "watchlist add", film=OTHER)
    result = await press(world, world.jonas, "Nominate")
    (menu,) = _list_selects(result)
    result = await world.jonas.select(require_response(result), values=[menu["options"][0]["value"]])
    result = await press(world, world.sam, "Nominate")
    form = await world.sam.click(require_response(result), label="Type a title")
    result = await world.sam.submit_modal(form, {"film": "qqqqqqqq", "reason": "A dog.\nAnd a car."})
    assert "No film found" in read_text(result)
    form = await world.sam.click(require_response(result), label="Fix it")
    assert form.modal
    fields = [component["component"].get("value") for component in form.modal["components"]]
    assert fields == ["qqqqqqqq", "A dog.\nAnd a car."]
    result = await world.sam.submit_modal(form, {"film": "John Wick 2014", "reason": ""})
    assert "is nominated for" in read_text(result)
    result = await world.sam.slash(world.channel, "night nominate", film=FILM)
    assert "I added your support" in read_text(result)
    await world.env.advance_time(15)
    assert "Nominated (3)" in read_card(world)
    assert "Proof" not in str(get_card(world).embeds[0].footer.text)
    listed = await press(world, world.jonas, "Nominations")
    proof = str(require_response(listed).embeds[0].footer.text).partition("Proof of the draw: ")[2]
    seed = (await get_night(world)).seed
    assert proof == hash_seed(seed)
    opened = await world.jonas.select(get_card(world), values=[FILM])
    assert "Lee Chang-dong" in read_text(opened)

    # The ballot, changed, sealed, across a restart.
    await advance_to(world, "2026-03-05T19:01")
    assert find_message(world, "Voting for").components
    await world.env.restart_bot(create_bot(world.services))
    ballot = await press(world, world.mina, "Vote")
    assert "Your ballot is empty." in read_text(ballot)
    for title in ("John Wick", "Burning"):
        await choose(world, world.mina, ballot, title)
    chosen = await choose(world, world.mina, ballot, "Ballerina")
    assert "1. John Wick (2014)" in chosen
    assert "3. Ballerina (2023)" in chosen
    ballot = await press(world, world.jonas, "Vote")
    await choose(world, world.jonas, ballot, "Burning")
    await choose(world, world.jonas, ballot, "John Wick")
    assert "Burning" not in await choose(world, world.jonas, ballot, "Burning")
    assert "John Wick" not in "\n".join(list_texts(world)[2:])

    await advance_to(world, "2026-03-06T19:01")
    result_message = find_message(world, "the film is John Wick")
    assert [file.filename for file in result_message.attachments] == ["result.png"]
    assert result_message.embeds[0].footer.text == "2 ballots"
    counted = await world.sam.click(result_message, label="How this was counted")
    assert require_response(counted).ephemeral
    told = read_text(counted)
    assert f"Seed: `{seed}`" in told
    assert f"Code shown before the vote: `{proof}`" in told
    assert "How many prefer the row's film to the column's" in told
    assert [file.filename for file in require_response(counted).attachments] == ["ballots.json"]
    # The film's card opens from the night's.
    assert "John Wick" in read_text(await world.mina.click(get_card(world), label="Open film"))
    (reminder,) = [text for text in list_texts(world) if "starts <t:" in text]
    assert f"<@{world.mina.id}>" in reminder
    assert f"<@{world.jonas.id}>" not in reminder
    (direct,) = list_direct_messages(world, world.jonas)
    assert "**Friday film** starts <t:1772827200:R>: **John Wick (2014)**." in direct

    await advance_to(world, "2026-03-06T20:01")
    assert find_message(world, "starts now")
    assert (await get_night(world)).state is NightState.RUNNING
    await advance_to(world, "2026-03-06T22:00")
    question = find_message(world, "How was")
    assert [thread.name for thread in world.channel.threads] == ["Spoilers: John Wick (2014)"]
    await world.mina.click(question, label="★★★★½")
    await world.sam.click(question, label="★")
    await world.jonas.click(question, label="I was there")
    diary = await world.jonas.slash(world.channel, "diary")
    assert "John Wick" in read_text(diary)
    await advance_to(world, "2026-03-07T10:01")
    summary = find_message(world, "What you thought of John Wick")
    assert "2.8 average from 2 ratings" in summary.embeds[0].description
    assert read_card(world).startswith("Watched")
    assert not get_card(world).pinned
    history = await world.mina.slash(world.channel, "night history")
    assert "John Wick (2014)" in read_text(history)
    history = await world.mina.slash(world.channel, "night history", together=world.jonas)
    assert f"You and <@{world.jonas.id}> have been to 1 film night together." in read_text(history)
    assert "John Wick (2014)" in read_text(history)
    assert require_response(history).ephemeral
    await world.jonas.click(question, label="I wasn't there")  # which takes them out
    history = await world.mina.slash(world.channel, "night history", together=world.jonas)
    assert "haven't been to a film night together yet." in read_text(history)
    await world.sam.slash(world.channel, "mydata hide", hidden=True)
    refused = await world.mina.slash(world.channel, "night history", together=world.sam)
    assert_refused(world, refused, "keeps their name private")
    stats = await world.mina.slash(world.channel, "night stats")
    assert "1 night" in read_text(stats)


def _list_selects(result: Any) -> list[Any]:
    rows = require_response(result).components
    return [
        item for row in rows for item in row["components"] if item["type"] == discord.ComponentType.select.value
    ]


async def test_only_hosts_plan_and_change_nights(world: World) -> None:
    assert_refused(world, await plan(world, world.mina), "Only hosts can do that")
    await plan(world)
    for command, options in (("night cancel", {}), ("night edit", {}), ("night cancel", {"night": "x"})):
        assert_refused(world, await world.jonas.slash(world.channel, command, **options), "Only hosts can do that")
    result = await world.jonas.slash(world.channel, "night show")
    assert require_response(result).ephemeral
    assert_refused(world, await plan(world, when="yesterday"), "is in the past")
    assert THIRD


async def test_moderators_strike_with_a_reason(world: World) -> None:
    await plan(world)
    await world.mina.slash(world.channel, "night nominate", film=FILM)
    await world.jonas.slash(world.channel, "night nominate", film=OTHER)
    listed = await press(world, world.sam, "Nominations")
    message = require_response(listed)
    strike = next(item for item in _list_selects(listed) if "Remove" in item["placeholder"])
    form = await world.sam.select(message, custom_id=strike["custom_id"], values=[strike["options"][0]["value"]])
    result = await world.sam.submit_modal(form, {"reason": "Too long."})
    assert "from this night" in read_text(result)
    listed = await press(world, world.mina, "Nominations")
    assert "Removed by a moderator: Too long." in read_text(listed)
    assert not any("Remove" in item["placeholder"] for item in _list_selects(listed))
    assert_refused(
        world, await world.mina.slash(world.channel, "night nominate", film=FILM), "A moderator removed that film"
    )


async def test_each_change_edits_the_card_once_and_moving_it_leaves_none_behind(world: World) -> None:
    await plan(world)
    card, edits = get_card(world), f"/messages/{get_card(world).id}"
    assert count_requests(world, "PATCH", edits) == 0  # it was posted as it is
    for number, label in enumerate(("I'm coming", "Maybe"), start=1):
        await press(world, world.mina, label)
        assert count_requests(world, "PATCH", edits) == number
        assert count_requests(world, "PATCH", "@original") == 0
    await world.jonas.slash(world.channel, "night nominate", film=FILM)
    await world.env.advance_time(1)
    assert count_requests(world, "PATCH", edits) == 3
    # A private copy is brought up to date by the press itself.
    copy = require_response(await world.jonas.slash(world.channel, "night show"))
    await world.jonas.click(copy, label="I'm coming")
    await world.env.advance_time(1)
    assert "Coming (1)" in read_message(copy)
    other = world.server.create_text_channel("elsewhere")
    await world.sam.slash(world.channel, "night edit", channel=other)
    await world.env.advance_time(1)
    assert card.id not in {message.id for message in world.channel.history()}
    (moved,) = [message for message in other.history() if message.embeds]
    assert moved.pinned
    assert count_requests(world, "PATCH", f"/messages/{moved.id}") == 0


async def test_the_event_has_the_films_picture_once_it_is_known(world: World) -> None:
    await plan(world)
    assert count_requests(world, "POST", "scheduled-events", holds="image") == 1
    await world.sam.slash(world.channel, "night edit", place="My sofa")
    await world.env.advance_time(1)
    assert count_requests(world, "PATCH", "scheduled-events", holds="My sofa") == 1
    assert count_requests(world, "PATCH", "scheduled-events", holds="image") == 0
    await world.sam.slash(world.channel, "night edit", film=FILM)
    await world.env.advance_time(1)
    await world.sam.slash(world.channel, "night edit", place="Your sofa")
    await world.env.advance_time(1)
    assert count_requests(world, "PATCH", "scheduled-events", holds="image") == 1


async def test_stars_and_attendance_belong_to_a_night_that_has_begun(world: World) -> None:
    await world.sam.slash(world.channel, "pick rotate", zone="Pacific/Auckland")
    await plan(world, film=FILM)
    night = await get_night(world)
    assert night.starts_at.isoformat() == "2026-03-06T07:00:00+00:00"
    (choice,) = await world.mina.autocomplete(world.channel, "night show", "night", "")
    assert choice["name"] == "Friday film · Mar 6"
    await world.sam.slash(world.channel, "night edit", when="friday 9:00")
    (choice,) = await world.mina.autocomplete(world.channel, "night show", "night", "")
    assert choice["name"] == "Friday film · Mar 6"  # in UTC it is still Thursday
    forged = f"v1:night-stars:{night.id}:9"
    button = {"type": 2, "style": 2, "label": "Forged", "custom_id": forged}
    shown = require_response(await world.mina.slash(world.channel, "night show"))
    replace_component(world, shown, button)
    assert_refused(world, await world.mina.click(shown, custom_id=forged), "started yet")
    reviews = world.services.reviews.repository
    assert await reviews.get_own(world.server.id, world.mina.id, FILM) is None
    await advance_to(world, "2026-03-06T00:00")
    question = find_message(world, "How was")
    for label, shown in (
        ("I was there", True),
        ("I wasn't there", False),
        ("★★★★", True),
        ("I wasn't there", False),
    ):
        result = await world.mina.click(question, label=label)
        diary = read_text(await world.mina.slash(world.channel, "diary"))
        assert ("Burning" in diary) is shown, (label, diary)
    assert "Your rating stays" in read_text(result)
    assert await reviews.get_own(world.server.id, world.mina.id, FILM) is not None


async def test_settings_change_only_what_is_named(world: World) -> None:
    role = world.server.create_role("Hosts")
    for options, sentence in (
        ({"host_role": role}, f"<@&{role.id}>"),
        ({"count_departed": False}, f"<@&{role.id}>"),
        ({}, f"<@&{role.id}>"),
        ({"clear": "host_role"}, "manage the server or its events can plan film nights."),
    ):
        assert sentence in read_text(await world.sam.slash(world.channel, "settings nights", **options)), options
    settings = await world.services.server_settings.get(world.server.id)
    assert settings.counts_departed_ballots is False
