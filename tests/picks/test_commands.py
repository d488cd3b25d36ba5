from datetime import UTC, datetime

import pytest
import simcord

from bot.client import create_bot
from bot.core.text.formatting import with_year
from bot.search.index import TitleEntry
from tests.conftest import World
from tests.reading import FILM, Result, last, refused, told

OTHER, THIRD = "ballerina-2023", "john-wick-2014"


async def advance_to(world: World, moment: str) -> None:
    """Let the time go on to a UTC moment, in steps that a test can wait for."""
    target = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    while (left := (target - world.env.now()).total_seconds()) > 0:
        await world.env.advance_time(min(left, 5 * 86_400))


async def plan(world: World, film: str, **more: object) -> Result:
    return await world.sam.slash(world.channel, "pick add", film=film, **more)


async def rotating(world: World, **more: object) -> Result:
    chosen = {"every": "week", "weekday": 4, "at": "20:00", "zone": "Europe/Berlin", "channel": world.channel}
    return await world.sam.slash(world.channel, "pick rotate", **{**chosen, **more})


async def test_a_pick_is_planned_shown_and_brought_on(world: World) -> None:
    empty = await world.mina.slash(world.channel, "featured")
    assert last(empty).ephemeral
    assert "Nothing is on the marquee" in told(empty)
    planned = await plan(world, FILM, note="Look at the *cat*.")
    assert last(planned).ephemeral
    assert "Planned: **Burning (2018)**, number 1 in the queue" in told(planned)
    on = await world.sam.slash(world.channel, "pick next")
    assert "On the marquee now: **Burning (2018)**, until the next pick comes on." in told(on)
    shown = await world.mina.slash(world.channel, "featured")
    assert not last(shown).ephemeral
    text = told(shown)
    assert "Burning" in text
    assert "Look at the \\*cat\\*." in text
    (embed,) = last(shown).embeds
    assert embed.author.name == "On the marquee"
    assert embed.image.url is not None
    (picture,) = last(shown).attachments
    assert picture.filename == "title.png"
    assert picture.description == "Title card: Burning, 버닝, 2018 · Lee Chang-dong · 2\u00a0h\u00a028\u00a0min"
    for label in ("Rate", "Reviews", "Watchlist", "I'm in"):
        assert await world.jonas.click(last(shown), label=label)
    refused(world, await world.sam.slash(world.channel, "pick next"), "Nothing is planned")


async def test_who_is_in_is_on_the_card(world: World) -> None:
    await plan(world, FILM)
    await world.sam.slash(world.channel, "pick next")
    shown = await world.mina.slash(world.channel, "featured")
    result = await world.jonas.click(last(shown), label="I'm in")
    assert "You're in for **Burning" in told(result)
    await world.env.advance_time(1)
    await world.mina.click(last(shown), label="I'm in")
    (message,) = [m for m in world.channel.history() if m.embeds]
    fields = {field.name: field.value for field in message.embeds[0].fields}
    assert fields["Going: 2"] == f"<@{world.jonas.id}>, <@{world.mina.id}>"
    assert message.attachments
    await world.jonas.slash(world.channel, "mydata hide")
    off = await world.mina.click(last(shown), label="I'm in")
    assert "off the list" in told(off)
    (message,) = [m for m in world.channel.history() if m.embeds]
    assert {field.name: field.value for field in message.embeds[0].fields}["Going: 1"] == "a member"
    await plan(world, OTHER)
    await world.sam.slash(world.channel, "pick next")
    late = await world.mina.click(last(shown), label="I'm in")
    assert "not on the marquee any more" in told(late)


async def test_a_film_that_is_gone_takes_its_pick_with_it(world: World) -> None:
    await plan(world, FILM)
    await world.sam.slash(world.channel, "pick next")
    shown = await world.mina.slash(world.channel, "featured")
    await world.services.films.delete(FILM)
    gone = await world.mina.click(last(shown), label="I'm in")
    assert "not on the marquee any more" in told(gone)
    assert "Nothing is on" in told(await world.mina.slash(world.channel, "featured"))
    await world.env.advance_time(3_600)


async def test_the_programme_is_listed_moved_and_changed(world: World) -> None:
    await rotating(world)
    for film in (FILM, OTHER, THIRD):
        await plan(world, film)
    choices = await world.sam.autocomplete(world.channel, "pick move", "pick", "wick")
    assert [choice["name"] for choice in choices] == ["John Wick (2014) · queue 3"]
    moved = await world.sam.slash(world.channel, "pick move", pick=choices[0]["value"], to_place=1)
    assert "Moved: **John Wick (2014)**, Friday, 2 January 2026 at 20:00 (Europe/Berlin)" in told(moved)
    listed = await world.sam.slash(world.channel, "pick list")
    assert last(listed).ephemeral
    lines = [line for line in told(listed).splitlines() if line[:2] in ("1.", "2.", "3.")]
    assert [line.split("**")[1] for line in lines] == ["John Wick (2014)", "Burning (2018)", "Ballerina (2023)"]
    assert "Friday, 9 January 2026 at 20:00, <t:" in lines[1]
    assert "Times are in Europe/Berlin" in told(listed)
    picks = await world.sam.autocomplete(world.channel, "pick edit", "pick", "")
    series = await world.sam.slash(world.channel, "pick series create", name="Killers, January")
    assert "Killers, January" in told(series)
    (offered,) = await world.sam.autocomplete(world.channel, "pick edit", "series", "kill")
    edited = await world.sam.slash(
        world.channel, "pick edit", pick=picks[0]["value"], note="With a dog.", for_days=3, series=offered["value"]
    )
    assert "Changed" in told(edited)
    dated = await world.sam.slash(world.channel, "pick move", pick=picks[1]["value"], to_day="2026-01-10 18:00")
    assert "Saturday, 10 January 2026 at 18:00" in told(dated)
    gone = await world.sam.slash(world.channel, "pick remove", pick=picks[2]["value"])
    assert "out of the programme" in told(gone)
    programme = await world.services.picks.repository.get_programme(world.server.id)
    queue = [(pick.film_id, pick.note, pick.duration_days) for pick in programme.queue]
    assert queue == [(THIRD, "With a dog.", 3)]
    assert [pick.film_id for pick in programme.dated] == [FILM]
    renamed = await world.sam.slash(world.channel, "pick series rename", series=offered["value"], name="Dogs")
    assert "**Dogs**" in told(renamed)
    assert "no more films" in told(
        await world.sam.slash(world.channel, "pick series close", series=offered["value"])
    )
    assert await world.sam.autocomplete(world.channel, "pick add", "series", "") == []


async def test_a_long_programme_is_paged(world: World) -> None:
    for film in await films_of(world, 20):
        await plan(world, film, note="x" * 500)
    listed = await world.sam.slash(world.channel, "pick list")
    assert "page 1 of 3" in told(listed)
    more = await world.sam.click(last(listed), label="More")
    assert "9. **" in told(more)
    assert "page 3 of 3" in told(await world.sam.click(last(more), label="More"))


async def test_curating_is_for_curators(world: World) -> None:
    for command, options in (
        ("pick add", {"film": FILM}),
        ("pick list", {}),
        ("pick next", {}),
        ("pick rotate", {}),
        ("pick remove", {"pick": "1"}),
        ("pick series create", {"name": "x"}),
    ):
        refused(world, await world.mina.slash(world.channel, command, **options), "That is for curators")
    assert await world.mina.autocomplete(world.channel, "pick edit", "pick", "") == []
    role = world.server.create_role("Curators")
    noor = world.server.add_member(world.env.create_user("noor"), roles=[role])
    refused(world, await noor.slash(world.channel, "pick list"), "That is for curators")
    assert "by <@&" in told(await world.sam.slash(world.channel, "settings picks", curator_role=role))
    assert "Planned" in told(await noor.slash(world.channel, "pick add", film=FILM))


async def test_rotation_is_set_and_shown(world: World) -> None:
    shown = await rotating(world)
    assert "It rotates every Friday at 20:00." in told(shown)
    assert "Friday, 2 January 2026 at 20:00 (Europe/Berlin)" in told(shown)
    zones = await world.sam.autocomplete(world.channel, "pick rotate", "zone", "new york")
    assert zones[0]["value"] == "America/New_York"
    for name, typed, sentence in (("zone", "Atlantis", "No time zone"), ("at", "25:00", "time is written like")):
        result = await world.sam.slash(world.channel, "pick rotate", **{name: typed})
        refused(world, result, sentence)
        assert f"{name}: {typed}" in told(result)
    monthly = await world.sam.slash(world.channel, "pick rotate", every="month", day=31, forget="channel_id")
    assert "day 31 of every month" in told(monthly)
    assert "Announced nowhere" in told(monthly)


async def began(world: World, channel: simcord.builders.ChannelHandle | None = None) -> list[tuple[str, str]]:
    """What was announced when, by Discord's own times of the messages."""
    titles = {with_year(entry.title, entry.year): entry.film_id for entry in await entries(world)}
    return [
        (titles[(message.embeds[0].title or "").replace("\\", "")], f"{message.created_at:%m-%d %H:%M}")
        for message in (channel or world.channel).history()
        if message.embeds and message.embeds[0].author.name
    ]


async def entries(world: World) -> list[TitleEntry]:
    return [entry async for entry in world.services.film_repository.stream_entries()]


async def films_of(world: World, number: int) -> list[str]:
    """So many films whose titles no other film has."""
    return [entry.film_id for entry in await entries(world)][:number]


@pytest.mark.begins("2026-03-20T12:00")
async def test_weeks_of_rotation_over_a_day_without_the_hour(world: World) -> None:
    films = await films_of(world, 18)
    await rotating(world, every="day", at="02:30")
    for film in films:
        await plan(world, film)
    for moment in ("2026-03-29T00:59", "2026-03-29T01:29", "2026-03-29T01:30", "2026-04-06T12:00"):
        await advance_to(world, moment)
        await world.env.restart_bot(create_bot(world.services))
    await advance_to(world, "2026-04-08T00:00")
    assert await began(world) == [
        (films[0], "03-21 01:30"), (films[1], "03-22 01:30"), (films[2], "03-23 01:30"),
        (films[3], "03-24 01:30"), (films[4], "03-25 01:30"), (films[5], "03-26 01:30"),
        (films[6], "03-27 01:30"), (films[7], "03-28 01:30"),
        (films[8], "03-29 01:30"),  # 03:30 by the clock in Berlin: there is no 02:30
        (films[9], "03-30 00:30"), (films[10], "03-31 00:30"), (films[11], "04-01 00:30"),
        (films[12], "04-02 00:30"), (films[13], "04-03 00:30"), (films[14], "04-04 00:30"),
        (films[15], "04-05 00:30"), (films[16], "04-06 00:30"), (films[17], "04-07 00:30"),
    ]  # fmt: skip


@pytest.mark.begins("2026-10-23T12:00")
async def test_weeks_of_rotation_over_a_day_with_the_hour_twice(world: World) -> None:
    films = await films_of(world, 16)
    await rotating(world, every="day", at="02:30")
    for film in films:
        await plan(world, film)
    await advance_to(world, "2026-10-25T00:45")  # between the two 02:30s
    await world.env.restart_bot(create_bot(world.services))
    await advance_to(world, "2026-10-25T01:45")
    await world.env.restart_bot(create_bot(world.services))
    await advance_to(world, "2026-11-08T12:00")
    assert await began(world) == [
        (films[0], "10-24 00:30"),
        (films[1], "10-25 00:30"),  # the first 02:30; at 01:30 UTC there is another
        (films[2], "10-26 01:30"), (films[3], "10-27 01:30"), (films[4], "10-28 01:30"),
        (films[5], "10-29 01:30"), (films[6], "10-30 01:30"), (films[7], "10-31 01:30"),
        (films[8], "11-01 01:30"), (films[9], "11-02 01:30"), (films[10], "11-03 01:30"),
        (films[11], "11-04 01:30"), (films[12], "11-05 01:30"), (films[13], "11-06 01:30"),
        (films[14], "11-07 01:30"), (films[15], "11-08 01:30"),
    ]  # fmt: skip


async def test_a_month_of_fridays_with_dated_picks_between(world: World) -> None:
    films = await films_of(world, 6)
    await rotating(world)  # Fridays 20:00 in Berlin: 19:00 UTC
    for film in films[:4]:
        await plan(world, film)
    await plan(world, films[4], **{"from": "2026-01-14 18:00"})
    await plan(world, films[5], **{"from": "2026-01-22 12:00", "for_days": 3})
    await advance_to(world, "2026-02-07T00:00")
    assert await began(world) == [
        (films[0], "01-02 19:00"),
        (films[1], "01-09 19:00"),
        (films[4], "01-14 17:00"),
        (films[2], "01-16 19:00"),
        (films[5], "01-22 11:00"),  # it stays until the 25th, and so over Friday the 23rd
        (films[3], "01-30 19:00"),
    ]
    history = await world.services.pick_engagement.repository.get_history(world.server.id)
    assert [pick.film_id for pick in history.picks] == [
        films[5], films[2], films[4], films[1], films[0],
    ]  # fmt: skip
    pinned = world.channel.pinned_messages()
    assert len(pinned) == 1
    (embed,) = pinned[0].embeds
    assert embed.author.name == "On the marquee"
    heads = [m.embeds[0].author.name for m in world.channel.history() if m.embeds and m.embeds[0].author.name]
    assert heads == ["Was on the marquee"] * 5 + ["On the marquee"]


async def test_a_pick_missed_while_away_is_announced_once_and_one_whose_time_is_over_never(world: World) -> None:
    films = await films_of(world, 4)
    await rotating(world)
    for film in films:
        await plan(world, film)
    await advance_to(world, "2026-01-03T00:00")
    await world.env.bot.cogs["Featured"].cog_unload()  # the process is gone, time goes on
    await advance_to(world, "2026-01-18T12:00")
    for _ in range(3):
        await world.env.restart_bot(create_bot(world.services))
        await world.env.advance_time(120)
    assert await began(world) == [(films[0], "01-02 19:00"), (films[2], "01-18 12:00")]
    listed = await world.sam.slash(world.channel, "pick list")
    assert "were not announced" in told(listed)
    assert "were not announced" not in told(await world.sam.slash(world.channel, "pick list"))
