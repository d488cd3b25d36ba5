"""Where a title leaves open which film is meant, a menu asks, and choosing one does what the command was to do."""

from typing import Any

import pytest

from tests.conftest import World
from tests.picks.steps import get_programme
from tests.responses import assert_refused, list_messages, read_text, replace_component, require_response

TYPED, ORIGINAL, REMAKE = "oldboy", "oldboy-2003", "oldboy-2013"


async def choose(world: World, actor: Any, question: Any, film: str = REMAKE) -> Any:
    """Choose a film in the question's menu, which must be private and offer both films."""
    message = require_response(question)
    assert message.ephemeral
    assert message.content.startswith("Which film do you mean? These match “oldboy”.")
    (menu,) = [item for row in message.components for item in row["components"]]
    assert {option["value"] for option in menu["options"]} >= {ORIGINAL, REMAKE}
    return await actor.select(message, [film], custom_id=menu["custom_id"])


@pytest.mark.begins("2026-01-05 12:00")
async def test_choosing_the_film_completes_the_command_with_all_that_was_typed(world: World) -> None:
    mina, sam, here = world.mina, world.sam, world.channel

    question = await mina.slash(here, "suggest", film=TYPED, why="Slow, *and* ``` good.")
    done = await choose(world, mina, question)
    assert "Suggested **Oldboy (2013)**." in read_text(done)
    (suggestion,) = await world.services.pick_engagement.repository.list_open_suggestions(world.server.id)
    assert (suggestion.film_id, suggestion.reason) == (REMAKE, "Slow, *and* ``` good.")
    again = await mina.slash(here, "suggest", film=TYPED)
    assert_refused(world, await choose(world, mina, again), "You already suggested that film.")

    await sam.slash(here, "pick series create", name="Fires")
    options = {"note": "For January.", "from": "2026-01-10 18:00", "for_days": 3, "series": "Fires"}
    done = await choose(world, sam, await sam.slash(here, "pick add", film=TYPED, **options))
    assert "Planned **Oldboy (2013)** for " in read_text(done)
    (pick,) = (await get_programme(world)).planned
    assert (pick.film_id, pick.note, pick.duration_days) == (REMAKE, "For January.", 3)
    assert pick.starts_at is not None
    assert f"{pick.starts_at:%Y-%m-%d %H:%M}" == "2026-01-10 18:00"
    assert pick.series is not None
    assert pick.series.name == "Fires"
    question = await sam.slash(here, "pick add", film=TYPED, note="Not yours.")
    (menu,) = [item for row in require_response(question).components for item in row["components"]]
    card = require_response(await mina.slash(here, "about"))
    for identity in (menu["custom_id"], "v1:choose:pick-add:99999999999.1.1", "v1:choose:nothing:"):
        replace_component(world, card, {**menu, "custom_id": identity})
        refused = await mina.select(card, [ORIGINAL], custom_id=identity)
        assert_refused(world, refused, "Only curators" if "pick" in identity else "out of date")
    assert len((await get_programme(world)).planned) == 1

    await mina.slash(here, "list create", name="Korea")
    for command, sentence in (("add", "Added **Oldboy (2013)** to"), ("remove", "Removed **Oldboy (2013)** from")):
        question = await mina.slash(here, f"list {command}", list="Korea", film=TYPED)
        assert sentence in read_text(await choose(world, mina, question))
    await mina.slash(here, "watchlist add", film=REMAKE)
    question = await mina.slash(here, "watchlist remove", film=TYPED)
    assert "Removed **Oldboy (2013)** from your watchlist." in read_text(await choose(world, mina, question))
    await mina.slash(here, "rate", film=REMAKE, stars="4")
    question = await mina.slash(here, "review delete", film=TYPED)
    assert "Delete your" in read_text(await choose(world, mina, question))

    planned = await sam.slash(here, "night plan", name="Fires", when="2026-01-09 20:00", film=TYPED)
    said = [message.content for message in list_messages(planned)]
    assert "**Fires** is planned for" in said[0]
    assert "is the film for **Fires**" in read_text(await choose(world, sam, planned))
    (night,) = await world.services.nights.repository.list_open(world.server.id)
    assert night.film_id == REMAKE
    changed = await sam.slash(here, "night edit", film=TYPED)
    assert len(list_messages(changed)) == 1
    await choose(world, sam, changed, ORIGINAL)
    changed = await sam.slash(here, "night edit", film=TYPED, name="Flames")
    assert "Updated **Flames**" in list_messages(changed)[0].content
    (night,) = await world.services.nights.repository.list_open(world.server.id)
    assert (night.film_id, night.name) == (ORIGINAL, "Flames")
    await sam.slash(here, "night plan", name="Vote", when="2026-01-12 20:00")
    question = await mina.slash(here, "night nominate", film=TYPED, reason="Why not?", night="vote")
    assert "**Oldboy (2013)** is nominated for **Vote**." in read_text(await choose(world, mina, question))
