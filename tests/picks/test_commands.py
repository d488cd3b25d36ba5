"""`/pick` and `/featured` as curators and members use them."""

from tests.conftest import World
from tests.picks.steps import (
    OTHER,
    THIRD,
    create_closed_channel,
    forge_button,
    get_fields,
    get_programme,
    list_film_ids,
    plan,
    set_rotation,
)
from tests.repositories import delete_indexed_film
from tests.responses import FILM, assert_refused, read_text, require_response


async def test_a_pick_is_planned_started_and_shown(world: World) -> None:
    empty = await world.mina.slash(world.channel, "featured")
    assert require_response(empty).ephemeral
    assert "No film is featured right now" in read_text(empty)
    planned = await plan(world, FILM, note="Look at the *cat*.")
    assert require_response(planned).ephemeral
    assert "Planned: **Burning (2018)**, number 1 in the queue" in read_text(planned)
    started = await world.sam.slash(world.channel, "pick next")
    assert "Now featuring **Burning (2018)** until the next pick." in read_text(started)
    shown = await world.mina.slash(world.channel, "featured")
    assert not require_response(shown).ephemeral
    text = read_text(shown)
    assert "Burning" in text
    assert "Look at the \\*cat\\*." in text
    (embed,) = require_response(shown).embeds
    assert embed.author.name == "Featured film"
    assert embed.image.url is not None
    (picture,) = require_response(shown).attachments
    assert picture.filename == "title.png"
    assert picture.description == "Title card: Burning, 버닝, 2018 · Lee Chang-dong · 2\u00a0h\u00a028\u00a0min"
    card = require_response(shown)
    assert (await world.jonas.click(card, label="Rate")).modal is not None
    for label, sentence in (
        ("Reviews", "Burning"),
        ("Watchlist", "Burning"),
        ("I'm in", "You're watching **Burning"),
    ):
        assert sentence in read_text(await world.jonas.click(card, label=label))
    assert_refused(world, await world.sam.slash(world.channel, "pick next"), "Nothing is planned")


async def test_rsvps_are_on_the_card(world: World) -> None:
    await plan(world, FILM)
    await world.sam.slash(world.channel, "pick next")
    shown = await world.mina.slash(world.channel, "featured")
    result = await world.jonas.click(require_response(shown), label="I'm in")
    assert "You're watching **Burning" in read_text(result)
    await world.env.advance_time(1)
    await world.mina.click(require_response(shown), label="I'm in")
    (message,) = [m for m in world.channel.history() if m.embeds]
    assert get_fields(message)["Watching (2)"] == f"<@{world.jonas.id}>, <@{world.mina.id}>"
    assert message.attachments
    await world.jonas.slash(world.channel, "mydata hide", hidden=True)
    removed = await world.mina.click(require_response(shown), label="I'm in")
    assert "You're no longer watching **Burning**." in read_text(removed)
    (message,) = [m for m in world.channel.history() if m.embeds]
    assert get_fields(message)["Watching (1)"] == "a member"
    await plan(world, OTHER)
    await world.sam.slash(world.channel, "pick next")
    pressed = await world.mina.click(require_response(shown), label="I'm in")
    assert "isn't featured anymore" in read_text(pressed)


async def test_a_deleted_film_deletes_its_pick(world: World) -> None:
    await plan(world, FILM)
    await world.sam.slash(world.channel, "pick next")
    shown = await world.mina.slash(world.channel, "featured")
    await delete_indexed_film(world.services, FILM)
    removed = await world.mina.click(require_response(shown), label="I'm in")
    assert "isn't featured anymore" in read_text(removed)
    assert "No film is featured" in read_text(await world.mina.slash(world.channel, "featured"))
    await world.env.advance_time(3_600)


async def test_the_programme_is_listed_moved_and_edited(world: World) -> None:
    await set_rotation(world)
    for film in (FILM, OTHER, THIRD):
        await plan(world, film)
    for typed in ("BURN", "burnign"):
        found = await world.sam.autocomplete(world.channel, "pick remove", "pick", typed)
        assert [choice["name"].split(" · ")[0] for choice in found] == ["Burning (2018)"]
    choices = await world.sam.autocomplete(world.channel, "pick move", "pick", "wick")
    assert [choice["name"] for choice in choices] == ["John Wick (2014) · number 3 in the queue"]
    moved = await world.sam.slash(world.channel, "pick move", pick=choices[0]["value"], to_place=1)
    assert "Moved **John Wick (2014)** to Friday, January 2, 2026 at 20:00 (Europe/Berlin)" in read_text(moved)
    listed = await world.sam.slash(world.channel, "pick list")
    assert require_response(listed).ephemeral
    lines = [line for line in read_text(listed).splitlines() if line[:2] in ("1.", "2.", "3.")]
    assert [line.split("**")[1] for line in lines] == ["John Wick (2014)", "Burning (2018)", "Ballerina (2023)"]
    assert "Friday, January 9, 2026 at 20:00, <t:" in lines[1]
    assert "Times are in Europe/Berlin" in read_text(listed)
    opened = await world.sam.select(require_response(listed), [THIRD], custom_id="v1:open")
    assert "John Wick (2014)" in read_text(opened)
    picks = await world.sam.autocomplete(world.channel, "pick edit", "pick", "")
    series = await world.sam.slash(world.channel, "pick series create", name="Killers, January")
    assert "Killers, January" in read_text(series)
    (choice,) = await world.sam.autocomplete(world.channel, "pick edit", "series", "kill")
    edited = await world.sam.slash(
        world.channel, "pick edit", pick=picks[0]["value"], note="With a dog.", for_days=3, series=choice["value"]
    )
    assert "Updated **" in read_text(edited)
    dated = await world.sam.slash(world.channel, "pick move", pick=picks[1]["value"], to_day="2026-01-10 18:00")
    assert "Saturday, January 10, 2026 at 18:00" in read_text(dated)
    question = await world.sam.slash(world.channel, "pick remove", pick=picks[2]["value"])
    assert "Remove **Ballerina (2023)** from the planned films?" in read_text(question)
    kept = await world.sam.click(require_response(question), label="Keep it")
    assert "Nothing was removed." in read_text(kept)
    question = await world.sam.slash(world.channel, "pick remove", pick=picks[2]["value"])
    removed = await world.sam.click(require_response(question), label="Remove")
    assert "Removed **Ballerina (2023)** from the planned films." in read_text(removed)
    restored = await world.sam.click(require_response(removed), label="Undo")
    assert "Put **Ballerina (2023)** back: Friday, January 9, 2026" in read_text(restored)
    again = await world.sam.click(
        await forge_button(world, f"v1:pick-restore:{picks[2]['value']}"), label="Forged"
    )
    assert_refused(world, again, "isn't planned anymore")
    question = await world.sam.slash(world.channel, "pick remove", pick=picks[2]["value"])
    await world.sam.click(require_response(question), label="Remove")
    log = read_text(await world.sam.slash(world.channel, "moderation log"))
    for done, times in (("changed a pick", 3), ("removed a pick", 2), ("put a pick back", 1)):
        assert log.count(f"<@{world.sam.id}> {done} · **") == times
    assert "changed settings · Time zone: Europe/Berlin · Picks change: Every week" in log
    programme = await get_programme(world)
    queue = [(pick.film_id, pick.note, pick.duration_days) for pick in programme.queue]
    assert queue == [(THIRD, "With a dog.", 3)]
    assert [pick.film_id for pick in programme.dated] == [FILM]
    renamed = await world.sam.slash(world.channel, "pick series rename", series=choice["value"], name="Dogs")
    assert "**Dogs**" in read_text(renamed)
    for way in ("Undo", "command"):
        closed = await world.sam.slash(world.channel, "pick series close", series=choice["value"])
        assert "Closed the series **Dogs**" in read_text(closed)
        assert await world.sam.autocomplete(world.channel, "pick add", "series", "") == []
        if way == "Undo":
            reopened = await world.sam.click(require_response(closed), label="Undo")
        else:
            (offered,) = await world.sam.autocomplete(world.channel, "pick series reopen", "series", "do")
            reopened = await world.sam.slash(world.channel, "pick series reopen", series=offered["value"])
        assert "Reopened the series **Dogs**." in read_text(reopened)
        assert len(await world.sam.autocomplete(world.channel, "pick add", "series", "")) == 1
    same = await world.sam.slash(world.channel, "pick series create", name="DOGS")
    assert_refused(world, same, "There's already a series called")


async def test_a_long_programme_is_paged(world: World) -> None:
    for film in await list_film_ids(world, 20):
        await plan(world, film, note="x" * 500)
    listed = await world.sam.slash(world.channel, "pick list")
    assert "Page 1 of 3" in read_text(listed)
    more = await world.sam.click(require_response(listed), label="More")
    assert "9. **" in read_text(more)
    assert "Page 3 of 3" in read_text(await world.sam.click(require_response(more), label="More"))


async def test_rotation_is_set_and_shown(world: World) -> None:
    shown = await set_rotation(world)
    assert "A new pick every Friday at 20:00." in read_text(shown)
    assert "Friday, January 2, 2026 at 20:00 (Europe/Berlin)" in read_text(shown)
    zones = await world.sam.autocomplete(world.channel, "pick rotate", "zone", "new york")
    assert zones[0]["value"] == "America/New_York"
    for name, typed, sentence in (
        ("zone", "Atlantis", "the time zone “Atlantis”"),
        ("at", "25:00", "can't read that time"),
    ):
        result = await world.sam.slash(world.channel, "pick rotate", **{name: typed})
        assert_refused(world, result, sentence)
        assert f"{name}: {typed}" in read_text(result)
    everyone = {"role": world.server.default_role}
    for options, sentence in (
        (everyone, "I can't ping everyone."),
        ({"poll_hours": 4, "clear": "poll_hours"}, "Use either `poll_hours` or `clear`"),
    ):
        assert_refused(world, await world.sam.slash(world.channel, "pick rotate", **options), sentence)
    votes = await world.sam.slash(world.channel, "pick rotate", poll_hours=48, publish=True, day=3)
    assert require_response(votes).content.splitlines() == [
        f"⚠ <#{world.channel.id}> isn't an announcement channel, so picks aren't published.",
        "⚠ `day` only counts when picks change every month.",
    ]
    assert "Votes last 48 hours" in read_text(votes)
    assert "Published to following servers" in read_text(votes)
    closed = create_closed_channel(world, send_messages=True)
    warned = await world.sam.slash(
        world.channel, "pick rotate", channel=closed, role=world.server.create_role("Films")
    )
    assert f"⚠ I can't post in <#{closed.id}>. Allow me: Send Messages, " in read_text(warned)
    assert "⚠ I can't ping the announcement role." in read_text(warned)
    monthly = await world.sam.slash(
        world.channel, "pick rotate", every="month", day=31, refill="vote", clear="announcement_channel_id"
    )
    assert read_text(monthly).startswith("⚠ The vote has no channel. Choose one with `/pick rotate`.\n")
    assert "day 31 of every month" in read_text(monthly)
    assert "Not announced anywhere" in read_text(monthly)
    log = read_text(await world.sam.slash(world.channel, "moderation log"))
    assert "· Day of the change: 31 · Not announced anywhere · When the queue is empty: A vote between" in log
    assert "Votes last 48 hours" in log


async def test_history_is_paged(world: World) -> None:
    for film in await list_film_ids(world, 11):
        await plan(world, film)
    for _ in range(11):
        await world.sam.slash(world.channel, "pick next")
    first = await world.mina.slash(world.channel, "featured", history=True)
    assert "10 picks · Page 1 of 2" in read_text(first)
    second = await world.mina.click(require_response(first), label="Older")
    assert "Page 2 of 2" in read_text(second)
    reply = await world.jonas.click(require_response(first), label="Newer")
    assert require_response(reply).ephemeral


async def test_planning_a_film_again_names_its_other_places(world: World) -> None:
    await set_rotation(world, every="off")
    first = await plan(world, FILM)
    assert "also planned" not in read_text(first)
    second = await plan(world, FILM)
    assert "Planned: **Burning (2018)**, number 2 in the queue" in read_text(second)
    assert "It's also planned: number 1 in the queue" in read_text(second)
    assert require_response(second).ephemeral
    await world.sam.slash(world.channel, "pick next")
    third = await plan(world, FILM, **{"from": "2026-06-01 20:00"})
    assert "Planned **Burning (2018)** for Monday, June 1, 2026 at 20:00" in read_text(third)
    assert read_text(third).endswith("It's also planned 2 more times.")
    assert "already" not in read_text(await plan(world, OTHER))
    programme = await get_programme(world)
    assert [pick.film_id for pick in programme.planned] == [FILM, FILM, OTHER]
