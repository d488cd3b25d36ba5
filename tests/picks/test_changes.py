"""Changing the programme by the menu under `/pick list`, and planning a film for a day that another has."""

from tests.conftest import World
from tests.picks.steps import OTHER, THIRD, get_programme, plan, set_rotation
from tests.responses import FILM, Result, assert_refused, read_text, require_response


async def open_pick(world: World, pick_id: int) -> Result:
    listed = await world.sam.slash(world.channel, "pick list")
    return await world.sam.select(require_response(listed), [str(pick_id)], custom_id="v1:pick-change")


async def test_a_pick_is_changed_by_the_menu_below_the_programme(world: World) -> None:
    await set_rotation(world, every="off")
    for film in (FILM, OTHER):
        await plan(world, film)
    first, second = (await get_programme(world)).queue
    shown = await open_pick(world, second.id)
    assert read_text(shown).startswith("**Ballerina (2023)** · number 2 in the queue")
    form = await world.sam.click(require_response(shown), label="Edit")
    fields = {
        "note": "Look at\nthe *cat*.",
        "day": "2026-03-13 20:00",
        "place": "2",
        "days": "3",
        "series": "",
    }
    dated = await world.sam.submit_modal(form, fields)
    assert "Updated **Ballerina (2023)**: Friday, March 13, 2026 at 20:00 (Europe/Berlin)" in read_text(dated)
    assert "Look at\nthe \\*cat\\*." in read_text(await open_pick(world, second.id))
    for wrong, sentence in (
        ({"days": "many"}, "Enter the days as a whole number."),
        ({"day": "some time"}, "I can't read that day."),
        ({"series": "Nope"}, "No series is called “Nope”."),
        ({"day": "", "place": "x"}, "Enter a place of 1 or more."),
    ):
        form = await world.sam.click(require_response(await open_pick(world, second.id)), label="Edit")
        assert_refused(world, await world.sam.submit_modal(form, {**fields, **wrong}), sentence)
    # Without a day it is in the queue again; what was emptied is removed.
    form = await world.sam.click(require_response(await open_pick(world, second.id)), label="Edit")
    queued = await world.sam.submit_modal(form, {"note": "", "day": "", "place": "1", "days": "", "series": ""})
    assert "Updated **Ballerina (2023)**: number 1 in the queue" in read_text(queued)
    moved = (await get_programme(world)).queue[0]
    assert (moved.id, moved.note, moved.duration_days) == (second.id, "", None)

    started = await world.sam.click(require_response(await open_pick(world, second.id)), label="Feature now")
    assert "Now featuring **Ballerina (2023)** until the next pick." in read_text(started)
    current = await open_pick(world, second.id)
    assert "featured until" in read_text(current)
    question = await world.sam.click(require_response(current), label="Stop featuring")
    assert "Stop featuring **Ballerina (2023)** now?" in read_text(question)
    question = await world.sam.click(require_response(await open_pick(world, first.id)), label="Remove")
    removed = await world.sam.click(require_response(question), label="Remove")
    assert "Removed **Burning (2018)** from the planned films." in read_text(removed)
    log = read_text(await world.sam.slash(world.channel, "moderation log"))
    for done in ("featured a film · **Ballerina (2023)**", "removed a pick · **Burning (2018)**"):
        assert f"<@{world.sam.id}> {done}" in log


async def test_a_day_that_another_film_has_can_be_taken(world: World) -> None:
    await set_rotation(world, every="off")
    day = {"from": "2026-03-13 20:00"}
    await plan(world, FILM, **day)
    taken = await plan(world, OTHER, note="With a *dog*.", **day)
    assert "Burning (2018) is already planned for March 13, 2026." in read_text(taken)
    (row,) = require_response(taken).components
    labels = [option["label"] for option in row["components"][0]["options"]]
    assert labels == [
        "Take the day, and move Burning (2018) to the queue", "Add Ballerina (2023) to the queue",
    ]  # fmt: skip
    replaced = read_text(await world.sam.select(require_response(taken), [f"swap:{OTHER}"]))
    assert replaced.startswith("Planned **Ballerina (2023)** for Friday, March 13, 2026 at 20:00")
    assert "Moved **Burning (2018)**: number 1 in the queue" in replaced
    assert (await get_programme(world)).dated[0].note == "With a *dog*."
    queued = await plan(world, THIRD, **day)
    queued = await world.sam.select(require_response(queued), [f"queue:{THIRD}"])
    assert "Planned: **John Wick (2014)**, number 2 in the queue" in read_text(queued)

    programme = await get_programme(world)
    (dated,), (burning, wick) = programme.dated, programme.queue
    moved = await world.sam.slash(world.channel, "pick move", pick=str(wick.id), to_day="2026-03-13 21:00")
    swapped = read_text(await world.sam.select(require_response(moved), [f"swap:pick-{wick.id}"]))
    assert swapped.startswith("Moved **John Wick (2014)** to Friday, March 13, 2026 at 21:00")
    assert "Moved **Ballerina (2023)**: number 2 in the queue" in swapped
    assert [pick.id for pick in (await get_programme(world)).queue] == [burning.id, dated.id]
    # Two with a day change days.
    await world.sam.slash(world.channel, "pick move", pick=str(dated.id), to_day="2026-03-20 20:00")
    form = await world.sam.click(require_response(await open_pick(world, dated.id)), label="Edit")
    asked = await world.sam.submit_modal(form, {"day": "2026-03-13 21:00", "note": "Now."})
    await world.sam.select(require_response(asked), [f"swap:pick-{dated.id}"])
    assert [(pick.id, pick.note) for pick in (await get_programme(world)).dated] == [
        (dated.id, "Now."), (wick.id, ""),
    ]  # fmt: skip
