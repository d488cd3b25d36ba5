"""`/import` as a member uses it: a file, the preview, choices, the result, decisions, undo, refusals."""

from typing import Any

import pytest

from bot.client import create_bot
from bot.imports.history import Kind
from bot.imports.plan import Conflict
from tests.conftest import World
from tests.imports.exports import IMDB_LIST, RATED, archive, letterboxd, table
from tests.responses import assert_refused, first_embed, list_labels, list_messages, read_text, require_response

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
        "- 1 rating\n- 4 diary entries\n- 1 review · only you see it until you publish it\n"
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
    assert "Only you can see your imported reviews" in message.content
    assert await world.services.watchlists.repository.list_film_ids(world.server.id, world.mina.id) == []
    card = await world.jonas.slash(world.channel, "film", title=FILM)
    assert "Smoke" not in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert "1 rating" in read_text(card)
    history = await world.mina.slash(world.channel, "import history")
    assert history.ephemeral
    assert "**Letterboxd** · 2 ratings, 4 diary entries, 1 review" in read_text(history)
    asked = await world.mina.click(require_response(history), custom_id=find_component(history, "import-undo"))
    assert read_text(asked).startswith("Undo the import from Letterboxd? This deletes everything it added")
    kept = await world.mina.click(require_response(asked), label="Keep it")
    assert "Imported: 2 ratings, 4 diary entries, 1 review." in read_text(kept)
    await world.env.restart_bot()
    asked = await world.mina.click(require_response(kept), label="Undo")
    await world.mina.click(require_response(asked), label="Undo")
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
    assert "Not sure which film: 1\nBurnning (2018): maybe Burning (2018) · Lee Chang-dong" in text
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
    form = await world.mina.click(require_response(second), label="Type a title")
    nothing = await world.mina.submit_modal(form, {"title": "🎬"})
    assert_refused(world, nothing, "No similar film found.")
    form = await world.mina.click(require_response(second), label="Type a title")
    second = await world.mina.submit_modal(form, {"title": "oldboy"})
    assert "Which film is **=Xyzzy quux (1950)**?" in read_text(second)
    assert list_labels(require_response(second))[:2] == [
        "Oldboy (2003) · Park Chan-wook",
        "Oldboy (2013) · Spike Lee",
    ]
    left = await world.mina.click(require_response(second), label="Download the rest as CSV")
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
    buttons = [each for row in require_response(shown).components for each in row["components"]]
    assert [each.get("disabled", False) for each in buttons if each.get("label") == "Import"] == [True]
    assert "- 1 film on lists" in read_text(shown)
    shown = await world.mina.select(
        require_response(shown), ["watchlist"], custom_id=find_component(shown, "import-lists")
    )
    await world.mina.click(require_response(shown), label="Import")
    await world.env.settle()
    assert await world.services.watchlists.repository.list_film_ids(world.server.id, world.mina.id) == [FILM]


async def test_what_cannot_be_imported_is_said(world: World) -> None:
    for name, content, sentence in (
        ("a.csv", b"Artist,Album\nNobody,Nothing\n", "don't know these columns"),
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


REVIEWED = ("Date", "Name", "Year", "Letterboxd URI", "Rating", "Rewatch", "Review", "Tags", "Watched Date")


async def test_imported_reviews_are_published_one_by_one_edited_or_all(world: World) -> None:
    rows = [
        ("2023-01-05", "Burning", 2018, "e1", "4", "", "Smoke, no fire.", "", "2023-01-03"),
        ("2023-01-06", "Heat", 1995, "e2", "3", "", "He said badger.", "", "2023-01-04"),
        ("2023-01-07", "Oldboy", 2003, "e3", "5", "", "Long. " * 200, "", "2023-01-05"),
        ("2023-01-08", "Parasite", 2019, "e4", "", "", "No stars, only stairs.", "", "2023-01-06"),
        ("2023-01-09", "John Wick", 2014, "e5", "4", "", "The dog!", "", "2023-01-07"),
    ]
    await world.sam.slash(world.channel, "settings words", words="badger")
    shown = await world.mina.slash(
        world.channel, "import file", file=("reviews.csv", table(REVIEWED, rows).encode())
    )
    done = await world.mina.click(require_response(shown), label="Import")
    await world.env.settle()
    message = world.env.backend.get_message(require_response(done).channel_id, require_response(done).id)
    assert "Publish them with `/import reviews`" in message.content
    first = await world.mina.click(require_response(done), label="Publish reviews")
    assert first.ephemeral
    assert "Smoke, no fire." in read_text(first)
    assert "★★★★ · January 5, 2023 · 5 private reviews" in read_text(first)
    await world.env.restart_bot(create_bot(world.services))
    await world.mina.click(require_response(first), label="Publish")
    read = read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert "Smoke, no fire." in read
    totals = (await world.services.reviews.repository.get_film_stars(world.server.id, FILM)).totals
    assert totals.rating_count == 0  # publishing is no way round the rule by which imports count
    page = await world.mina.slash(world.channel, "import reviews")
    assert "He said badger." in read_text(page)
    assert_refused(world, await world.mina.click(require_response(page), label="Publish"), "badger")
    page = await world.mina.click(require_response(page), label="Next")
    assert "Shorten it to 1,000 first." in read_text(page)
    form = await world.mina.click(require_response(page), label="Edit and publish")
    await world.mina.submit_modal(form, {"review": "Shorter.", "spoiler": True})
    own = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, "oldboy-2003")
    assert own is not None
    assert (own.text, own.is_spoiler, own.half_stars) == ("Shorter.", True, 10)
    page = await world.mina.click(require_response(page), label="Next")
    assert "Rate it first." in read_text(page)
    form = await world.mina.click(require_response(page), label="Edit and publish")
    await world.mina.submit_modal(form, {"stars": "7", "review": "Only stairs.", "spoiler": False})
    own = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, "parasite-2019")
    assert own is not None
    assert (own.text, own.half_stars) == ("Only stairs.", 7)
    listed = await world.mina.slash(world.channel, "import reviews")
    result = await world.mina.click(require_response(listed), label="Publish all 2")
    assert read_text(result) == "Published 1 review.\n1 stays private: this server blocks a word in it."
    assert "The dog!" in read_text(await world.jonas.slash(world.channel, "reviews", film="john-wick-2014"))
    again = await world.mina.click(require_response(page), label="Edit and publish")
    assert_refused(world, again, "That review is already published")
    assert "no imported reviews" in read_text(await world.jonas.slash(world.channel, "import reviews"))


async def test_moderators_say_which_imported_ratings_count(world: World) -> None:
    shown = await world.mina.slash(world.channel, "import file", file=("letterboxd.zip", letterboxd()))
    await world.mina.click(require_response(shown), label="Import")
    await world.env.settle()
    repository = world.services.reviews.repository
    assert (await repository.get_film_stars(world.server.id, FILM)).totals.rating_count == 0
    now = await world.sam.slash(world.channel, "settings imports")
    assert "for films that someone has rated in this server" in read_text(now)
    for choice, count in (("at_once", 1), ("never", 0)):
        assert (await world.sam.slash(world.channel, "settings imports", count=choice)).ephemeral
        assert (await repository.get_film_stars(world.server.id, FILM)).totals.rating_count == count
    assert "Imported ratings never count here" in read_text(await world.sam.slash(world.channel, "moderation log"))
