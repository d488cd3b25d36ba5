"""Lists of films: in the database, and as members begin, fill, read and delete them."""

from dataclasses import replace

import pytest

from bot.core.database.engine import Database
from bot.core.tasks import Foreground
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.lists.models import (
    FILMS_PER_PAGE,
    OWN_LISTS_LIMIT,
    ListGoneError,
    ListNameTakenError,
    NotYourListError,
    TooManyListsError,
)
from bot.lists.repository import ListRepository
from bot.lists.service import ListService
from bot.lists.views import format_bar
from bot.moderation.models import Action, Block, BlockedError, LogEntry
from bot.reviews.models import Draft
from tests.conftest import World
from tests.nights.steps import NIGHTS, cancel, get_night, plan, press
from tests.picks.moments import utc
from tests.picks.steps import OTHER, THIRD, advance_to
from tests.repositories import (
    delete_film,
    list_log,
    membership_repository,
    moderation_repository,
    privacy_repository,
    review_repository,
)
from tests.responses import FILM, assert_refused, list_labels, post_review, read_text, require_response

HERE, THERE, MINA, JONAS, SAM = 100, 200, 1, 2, 3
EXPORT = """Letterboxd list export v7
Date,Name,Tags,URL,Description
2024-01-01,Best,,https://boxd.it/x,

Position,Name,Year,URL,Description
1,Ballerina,2023,https://boxd.it/a,
2,No Such Film at All,1999,https://boxd.it/b,
3,Burning,2018,https://boxd.it/c,
"""
NOW = utc("2026-03-02T12:00")


@pytest.mark.parametrize(
    ("seen", "count", "blocks"), [(0, 0, 0), (0, 95, 0), (20, 95, 2), (94, 95, 9), (95, 95, 10)]
)
def test_a_bar_is_full_only_once_all_is_seen(seen: int, count: int, blocks: int) -> None:
    assert format_bar(seen, count) == "▰" * blocks + "▱" * (10 - blocks)


async def test_lists_are_filled_read_and_deleted(database: Database) -> None:
    films = [Film(id=f"film-{n:02}", title=f"Film {n}", original_title="x", year=2000) for n in range(20)]
    await FilmRepository(database).save_many(films)
    repository = ListRepository(database, membership_repository(database))
    lists = ListService(repository, lambda: NOW, Foreground())
    own = await lists.create(HERE, MINA, " Palme d'Or ", is_shared=False)
    shared = await lists.create(HERE, MINA, "Heist", is_shared=True)
    for name in ("HEIST", "palme d’or"):
        with pytest.raises(ListNameTakenError):
            await lists.create(HERE, JONAS, name, is_shared=True)
    await lists.create(THERE, JONAS, "Heist", is_shared=True)
    begun = await lists.create(THERE, MINA, "Begun", is_shared=True)
    assert own.name == "Palme d'Or"
    for film in films:
        assert await lists.add_film(HERE, shared.id, JONAS, film.id)
    assert not await lists.add_film(HERE, shared.id, MINA, "film-03")
    with pytest.raises(NotYourListError):
        await lists.add_film(HERE, own.id, JONAS, "film-01")
    await lists.add_film(HERE, own.id, MINA, "film-01")
    # Who has rated a film, or has it in the diary, has seen it.
    reviews = review_repository(database)
    for server, member, film in ((HERE, MINA, "film-00"), (HERE, JONAS, "film-19"), (THERE, MINA, "film-02")):
        await reviews.store(Draft(server, member, film, 8), NOW)
    page = await repository.get_page(HERE, shared.id, MINA, page=1)
    assert (page.page_count, page.seen_count, page.seen_here_count) == (2, 1, 2)
    assert [(each.film_id, each.is_seen, each.is_seen_here) for each in page.entries[-1:]] == [
        ("film-19", False, True)
    ]
    assert (await repository.get_page(HERE, shared.id, MINA, page=9)).page == 1
    assert len((await repository.get_page(HERE, shared.id, SAM)).entries) == FILMS_PER_PAGE
    assert await repository.list_unseen(HERE, shared.id, MINA, 2) == ["film-01", "film-02"]
    progress = await repository.list_progress(HERE, MINA)
    assert [(each.film_list.name, each.film_list.film_count, each.seen_count) for each in progress] == [
        ("Heist", 20, 1), ("Palme d'Or", 1, 0),
    ]  # fmt: skip
    with pytest.raises(NotYourListError):
        await lists.remove_film(HERE, shared.id, SAM, "film-05", is_moderator=False)
    for member, film, is_moderator in (
        (JONAS, "film-05", False),
        (MINA, "film-06", False),
        (SAM, "film-07", True),
    ):
        assert await lists.remove_film(HERE, shared.id, member, film, is_moderator=is_moderator)
    assert not await lists.remove_film(HERE, shared.id, JONAS, "film-05", is_moderator=False)
    await delete_film(database, FilmRepository(database), "film-08")
    assert len(await repository.list_film_ids(HERE, shared.id)) == 16
    for list_id in (own.id, 99):
        with pytest.raises(ListGoneError):
            await repository.get_page(THERE, list_id, MINA)
    assert await repository.list_film_ids(THERE, shared.id) == []
    with pytest.raises(NotYourListError):
        await lists.delete(HERE, own.id, JONAS, is_moderator=False)
    for number in range(OWN_LISTS_LIMIT - 2):
        await lists.create(HERE, MINA, f"List {number}", is_shared=False)
    with pytest.raises(TooManyListsError):
        await lists.create(HERE, MINA, "One too many", is_shared=False)
    # Who hides their name hides their own lists; deleting their data deletes those and leaves what is shared.
    privacy = privacy_repository(database)
    await privacy.change_privacy(MINA, lambda before: replace(before, is_name_hidden=True))
    assert (await lists.find(HERE, "palme d'or", MINA)).id == own.id
    with pytest.raises(ListGoneError):
        await lists.find(HERE, "palme d'or", JONAS)
    block, entry = Block(MINA, None, "", NOW), LogEntry(Action.BLOCK, SAM, MINA, NOW)
    await moderation_repository(database).block(HERE, block, entry)
    with pytest.raises(BlockedError):
        await lists.add_film(HERE, shared.id, MINA, "film-05")
    await privacy.delete_data(MINA)
    assert [(each.name, each.member_id) for each in await repository.list_all(HERE)] == [("Heist", None)]
    # Her lists were just begun: what was to fill them is nobody's, or nowhere.
    assert await repository.fill(begun, ["film-01"], NOW) == 1
    assert [each.member_id for each in (await repository.get_page(THERE, begun.id, JONAS)).entries] == [None]
    with pytest.raises(ListGoneError):
        await repository.fill(own, ["film-02"], NOW)
    await lists.delete(HERE, shared.id, SAM, is_moderator=True)
    log = await list_log(moderation_repository(database), HERE)
    assert [(each.action, each.actor_id, each.film_id, each.reason) for each in log] == [
        (Action.DELETE_LIST, SAM, None, "Heist"),
        (Action.BLOCK, SAM, None, ""),
        (Action.REMOVE_LISTED, SAM, "film-07", "Heist"),
    ]
    await lists.cache.close()


@pytest.mark.begins(NIGHTS)
async def test_lists_as_members_use_them_and_a_night_that_chooses_from_one(world: World) -> None:
    here = world.channel
    assert "No lists yet" in read_text(await world.mina.slash(here, "list show"))
    await world.mina.slash(here, "list create", name="Korea & more", shared=True)
    (choice,) = await world.jonas.autocomplete(here, "list add", "list", "kor")
    for film in (FILM, OTHER):
        result = await world.jonas.slash(here, "list add", list=choice["value"], film=film)
        assert "to **Korea & more**." in read_text(result)
    assert "already" in read_text(await world.mina.slash(here, "list add", list="korea and more", film=FILM))
    await post_review(world, world.mina, "Slow.", 9)
    shown = read_text(await world.mina.slash(here, "list show", list=choice["value"]))
    assert "▰▰▰▰▰▱▱▱▱▱ You've seen 1 of 2 · the server has seen 1" in shown
    assert "✓ **Burning (2018)**" in shown
    overview = await world.mina.slash(here, "list show")
    assert "1 of 2 seen" in read_text(overview)
    opened = await world.mina.select(require_response(overview), [choice["value"]])
    assert "✓ **Burning (2018)**" in read_text(opened)
    removed = await world.mina.slash(here, "list remove", list=choice["value"], film=FILM)
    undone = await world.mina.click(require_response(removed), label="Undo")
    assert "Added **Burning (2018)** to **Korea & more**." in read_text(undone)
    again = read_text(await world.mina.click(require_response(undone), label="Korea & more"))
    is_first = [text.index("Burning") < text.index("Ballerina") for text in (shown, again)]
    assert is_first[0] == is_first[1]  # where it was
    shared = await world.mina.click(require_response(opened), label="Share here")
    assert not require_response(shared).ephemeral
    assert "· **Burning (2018)**" in read_text(shared)  # without what she has seen
    assert "2 films" in read_text(shared)
    listed = await world.mina.autocomplete(here, "list remove", "film", "", list=choice["value"])
    assert {each["value"] for each in listed} == {FILM, OTHER}
    await world.mina.slash(here, "list create", name="Mine")
    assert_refused(
        world, await world.jonas.slash(here, "list add", list="mine", film=FILM), "Only the member who created"
    )
    assert_refused(world, await world.jonas.slash(here, "list delete", list="Mine"), "Only the member who created")
    assert_refused(
        world, await world.jonas.slash(here, "list show", list="Nothing"), "There's no list called that"
    )
    asked = await world.sam.slash(here, "list delete", list="Mine")
    assert read_text(asked).strip() == f"Delete the empty list **Mine**?\n-# <@{world.mina.id}>"
    kept = await world.sam.click(require_response(asked), label="Keep it")
    assert "Nothing was deleted." in read_text(kept)
    question = await world.mina.slash(here, "list delete", list="Mine")
    assert "Deleted the list **Mine**" in read_text(
        await world.mina.click(require_response(question), label="Delete")
    )

    file = ("best.csv", EXPORT.encode())
    result = read_text(await world.mina.slash(here, "list create", name="Best", file=file))
    assert "Created the list **Best** with 2 films. Not found: **No Such Film at All**" in result
    shown = read_text(await world.mina.slash(here, "list show", list="best"))
    assert shown.index("Ballerina") < shown.index("Burning")

    await plan(world, from_list=choice["value"])
    menus = require_response(await press(world, world.mina, "Nominate"))
    assert list_labels(menus) == ["Type a title"]
    (menu,) = (item for row in menus.components for item in row["components"] if "options" in item)
    assert [option["value"] for option in menu["options"]] == [OTHER]
    assert "is nominated for" in read_text(await world.mina.select(menus, values=[OTHER]))
    refused = await world.jonas.slash(here, "night nominate", film=THIRD)
    assert_refused(world, refused, "comes from the list Korea & more")
    await cancel(world)
    await plan(world, from_list=choice["value"], choose="surprise", name="Surprise")
    await press_coming(world)
    await advance_to(world, "2026-03-06T19:01")
    assert (await get_night(world)).film_id == OTHER  # of the two the one that nobody who comes has seen


async def press_coming(world: World) -> None:
    card = next(
        message for message in world.channel.history() if message.embeds and message.embeds[0].title == "Surprise"
    )
    await world.mina.click(card, label="I'm coming")
