"""When picks are announced over weeks, by Discord's own times of the messages."""

import pytest
import simcord

from bot.client import create_bot
from tests.conftest import World
from tests.picks.steps import advance_to, list_film_ids, list_titles, plan, set_rotation
from tests.responses import read_text


async def list_announced(
    world: World, channel: simcord.builders.ChannelHandle | None = None
) -> list[tuple[str, str]]:
    """Return which film was announced when."""
    titles = {title: film_id for film_id, title in (await list_titles(world)).items()}
    return [
        (titles[(message.embeds[0].title or "").replace("\\", "")], f"{message.created_at:%m-%d %H:%M}")
        for message in (channel or world.channel).history()
        if message.embeds and message.embeds[0].author.name
    ]


@pytest.mark.begins("2026-03-20T12:00")
async def test_weeks_of_rotation_over_a_day_without_the_hour(world: World) -> None:
    films = await list_film_ids(world, 18)
    await set_rotation(world, every="day", at="02:30")
    for film in films:
        await plan(world, film)
    for moment in ("2026-03-29T00:59", "2026-03-29T01:29", "2026-03-29T01:30", "2026-04-06T12:00"):
        await advance_to(world, moment)
        await world.env.restart_bot(create_bot(world.services))
    await advance_to(world, "2026-04-08T00:00")
    assert await list_announced(world) == [
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
    films = await list_film_ids(world, 16)
    await set_rotation(world, every="day", at="02:30")
    for film in films:
        await plan(world, film)
    await advance_to(world, "2026-10-25T00:45")  # between the two 02:30s
    await world.env.restart_bot(create_bot(world.services))
    await advance_to(world, "2026-10-25T01:45")
    await world.env.restart_bot(create_bot(world.services))
    await advance_to(world, "2026-11-08T12:00")
    assert await list_announced(world) == [
        (films[0], "10-24 00:30"),
        (films[1], "10-25 00:30"),  # the first 02:30; at 01:30 UTC there is another
        (films[2], "10-26 01:30"), (films[3], "10-27 01:30"), (films[4], "10-28 01:30"),
        (films[5], "10-29 01:30"), (films[6], "10-30 01:30"), (films[7], "10-31 01:30"),
        (films[8], "11-01 01:30"), (films[9], "11-02 01:30"), (films[10], "11-03 01:30"),
        (films[11], "11-04 01:30"), (films[12], "11-05 01:30"), (films[13], "11-06 01:30"),
        (films[14], "11-07 01:30"), (films[15], "11-08 01:30"),
    ]  # fmt: skip


async def test_a_month_of_fridays_with_dated_picks_between(world: World) -> None:
    films = await list_film_ids(world, 6)
    await set_rotation(world)  # Fridays 20:00 in Berlin: 19:00 UTC
    for film in films[:4]:
        await plan(world, film)
    await plan(world, films[4], **{"from": "2026-01-14 18:00"})
    await plan(world, films[5], **{"from": "2026-01-22 12:00", "for_days": 3})
    await advance_to(world, "2026-02-07T00:00")
    assert await list_announced(world) == [
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
    assert embed.author.name == "Featured film"
    heads = [m.embeds[0].author.name for m in world.channel.history() if m.embeds and m.embeds[0].author.name]
    assert heads == ["Previously featured"] * 5 + ["Featured film"]


async def test_a_late_pick_is_announced_once_and_a_missed_one_never(world: World) -> None:
    films = await list_film_ids(world, 4)
    await set_rotation(world)
    for film in films:
        await plan(world, film)
    await advance_to(world, "2026-01-03T00:00")
    await world.env.bot.cogs["Featured"].cog_unload()  # the process has died, and time goes on
    await advance_to(world, "2026-01-18T12:00")
    for _ in range(3):
        await world.env.restart_bot(create_bot(world.services))
        await world.env.advance_time(120)
    assert await list_announced(world) == [(films[0], "01-02 19:00"), (films[2], "01-18 12:00")]
    listed = await world.sam.slash(world.channel, "pick list")
    assert "weren't announced" in read_text(listed)
    assert "weren't announced" not in read_text(await world.sam.slash(world.channel, "pick list"))
