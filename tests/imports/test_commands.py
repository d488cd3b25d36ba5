"""`/import` as a member uses it: a file, the preview, choices, the result, decisions, undo, refusals."""

from typing import Any

import pytest

from bot.client import create_bot
from bot.imports.history import Kind
from bot.imports.plan import Conflict
from tests.conftest import World
from tests.imports.exports import IMDB_LIST, RATED, archive, letterboxd, table
from tests.responses import assert_refused, first_embed, list_messages, read_text, require_response

FILM = "burning-2018"


def find_component(result: Any, name: str) -> str:
    """Return the custom_id of the component of that name in the response."""
    pending: list[Any] = list(require_response(result).components)
    while pending:
        component = pending.pop(0)
        pending += component.get("components", [])
        custom_id = component.get("custom_id", "")
        if custom_id.split(":")[1:2] == [name]:
            return str(custom_id)
    pytest.fail(f"there is no {name}")


async def test_a_file_is_previewed_privately_chosen_from_taken_and_undone(world: World) -> None:
    await world.mina.slash(world.channel, "rate", film=FILM, stars="2")
    shown = await world.mina.slash(world.channel, "import file", file=("letterboxd.zip", letterboxd()))
    assert shown.ephemeral
    embed = first_embed(shown)
    assert embed.title == "4 films from Letterboxd"
    assert embed.description == (
        "- 1 rating\n- 4 diary entries\n- 1 review, which nobody else will see\n"
        "- 1 film on your watchlist\n- 1 like"
    )
    assert "You rated 1 film differently here." in read_text(shown)
    assert await world.services.watchlists.repository.list_film_ids(world.server.id, world.mina.id) == []
    shown = await world.mina.select(
        require_response(shown), [Conflict.TAKE.value], custom_id=find_component(shown, "import-conflict")
    )
    shown = await world.mina.select(
        require_response(shown),
        [Kind.RATINGS.value, Kind.DIARY.value, Kind.REVIEWS.value],
        custom_id=find_component(shown, "import-kinds"),
    )
    done = await world.mina.click(require_response(shown), label="Import")
    await world.env.settle()
    message = world.env.backend.get_message(require_response(done).channel_id, require_response(done).id)
    assert message.content.startswith("Imported: 2 ratings, 4 diary entries, 1 review.")
    assert "Nobody else sees your imported reviews" in message.content
    assert await world.services.watchlists.repository.list_film_ids(world.server.id, world.mina.id) == []
    card = await world.jonas.slash(world.channel, "film", title=FILM)
    assert "Smoke" not in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert "1 rating" in read_text(card)
    history = await world.mina.slash(world.channel, "import history")
    assert history.ephemeral
    assert "**Letterboxd** · 2 ratings, 4 diary entries, 1 review" in read_text(history)
    await world.mina.click(require_response(history), custom_id=find_component(history, "import-undo"))
    await world.env.settle()
    own = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert own is not None
    assert own.half_stars == 4
    assert "undone" in read_text(await world.mina.slash(world.channel, "import history"))


async def test_decisions_about_films_after_a_restart(world: World) -> None:
    rows = [("2023-01-05", "Burnning", 2018, "u", "4.5"), ("2023-01-05", "=Xyzzy quux", 1950, "u", "2")]
    form = await world.mina.slash(world.channel, "import file")
    shown = await world.mina.submit_modal(form, {"file": ("ratings.csv", table(RATED, rows).encode())})
    text = read_text(shown)
    assert "Not sure which film: 1" in text
    assert "Not found: 1" in text
    await world.mina.click(require_response(shown), label="Import")
    await world.env.settle()
    question = await world.mina.slash(world.channel, "import repair")
    assert question.ephemeral
    assert "Which film is **Burnning (2018)**?" in read_text(question)
    assert "★★★★½ · 2 films to go" in read_text(question)
    await world.env.restart_bot(create_bot(world.services))
    await world.mina.click(require_response(question), custom_id=find_component(question, "import-pick"))
    own = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert own is not None
    assert own.half_stars == 9
    second = await world.mina.slash(world.channel, "import repair")
    assert "Which film is **=Xyzzy quux (1950)**?" in read_text(second)
    left = await world.mina.click(require_response(second), label="What's left, as CSV")
    (file,) = require_response(left).attachments
    assert b"'=Xyzzy quux (1950)" not in (content := world.env.backend.cdn.get(file.url) or b"")
    assert b"\n'=Xyzzy quux,1950," in content  # no spreadsheet calculates it
    await world.mina.click(require_response(second), label="None of these")
    nothing = await world.mina.slash(world.channel, "import repair")
    assert_refused(world, nothing, "No imported film needs a decision.")


async def test_a_list_is_taken_as_what_the_member_says(world: World) -> None:
    row = {"Position": 1, "Const": "tt7282468", "Created": "2024-01-01", "Title": "Burning", "Year": 2018}
    shown = await world.mina.slash(
        world.channel, "import file", file=("Korean.csv", table(IMDB_LIST, [row]).encode())
    )
    assert "- 1 film on lists" in read_text(shown)
    shown = await world.mina.select(
        require_response(shown), ["watchlist"], custom_id=find_component(shown, "import-lists")
    )
    await world.mina.click(require_response(shown), label="Import")
    await world.env.settle()
    assert await world.services.watchlists.repository.list_film_ids(world.server.id, world.mina.id) == [FILM]


async def test_what_cannot_be_imported_is_said(world: World) -> None:
    for name, content, sentence in (
        ("a.csv", b"Artist,Album\nNobody,Nothing\n", "doesn't know these columns"),
        ("a.zip", b"PK\x03\x04", "That archive is damaged"),
        ("a.csv", b'Title,Year\n"Burning,2018\n', "quotation mark near line 2"),
        ("a.zip", archive({"notes.txt": "hello"}), "exports from Letterboxd, IMDb, Trakt"),
    ):
        result = await world.mina.slash(world.channel, "import file", file=(name, content))
        assert_refused(world, result, sentence)
    shown = await world.mina.slash(world.channel, "import file", file=("l.zip", letterboxd()))
    await world.mina.click(require_response(shown), label="Don't import")
    message = world.env.backend.get_message(require_response(shown).channel_id, require_response(shown).id)
    assert (message.content, message.components) == ("Nothing was imported.", [])
    assert list_messages(await world.mina.slash(world.channel, "import history"))
