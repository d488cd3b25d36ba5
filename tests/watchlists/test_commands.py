import simcord

from bot.client import create_bot
from bot.watchlists.models import WATCHLIST_LIMIT
from tests.conftest import World
from tests.responses import FILM, Actor, assert_refused, post_review, read_text, require_response

OTHERS = ("ballerina-2023", "john-wick-2014", "ballerina-2016")


async def films_of(world: World, actor: Actor) -> list[str]:
    return await world.services.watchlists.repository.list_film_ids(world.server.id, actor.id)


async def test_films_are_added_and_removed(world: World) -> None:
    result = await world.mina.slash(world.channel, "watchlist add", film=FILM)
    assert require_response(result).ephemeral
    assert "Added **Burning (2018)** to your watchlist. It's removed once you rate it." in read_text(result)
    await world.mina.click(require_response(result), label="Remove")
    assert await films_of(world, world.mina) == []
    await world.mina.slash(world.channel, "watchlist add", film=FILM)
    assert "already" in read_text(await world.mina.slash(world.channel, "watchlist add", film=FILM))
    shown = await world.mina.slash(world.channel, "watchlist show")
    assert require_response(shown).ephemeral
    assert "Burning (2018)" in read_text(shown)
    removed = await world.mina.slash(world.channel, "watchlist remove", film=FILM)
    assert "Removed **Burning (2018)** from your watchlist." in read_text(removed)
    assert "isn't on your watchlist" in read_text(
        await world.mina.slash(world.channel, "watchlist remove", film=FILM)
    )
    assert "Nothing here yet. Add a film with `/watchlist add`" in read_text(
        await world.mina.slash(world.channel, "watchlist show")
    )
    theirs = read_text(await world.mina.slash(world.channel, "watchlist show", member=world.jonas))
    assert theirs.rstrip().endswith("Nothing here yet.")  # nobody adds to another's list


async def test_the_button_on_a_card_adds_the_film(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    for sentence in ("Added **Burning (2018)**", "already"):
        result = await world.jonas.click(require_response(card), label="Watchlist")
        assert sentence in read_text(result)
    assert await films_of(world, world.jonas) == [FILM]
    off = await world.jonas.click(require_response(result), label="Remove")
    assert "Removed **Burning (2018)**" in read_text(off)
    assert await films_of(world, world.jonas) == []


async def test_a_rated_film_leaves_the_list_unless_it_is_kept(world: World) -> None:
    await world.mina.slash(world.channel, "watchlist add", film=FILM)
    await world.mina.slash(world.channel, "watchlist add", film=OTHERS[0], keep=True)
    assert "Removed from your watchlist." in read_text(await post_review(world, world.mina, "Done."))
    rated = await world.mina.slash(world.channel, "rate", film=OTHERS[0], stars="4")
    assert "Removed from your watchlist" not in read_text(rated)
    assert await films_of(world, world.mina) == [OTHERS[0]]


async def test_the_servers_list_names_members(world: World) -> None:
    for actor, films in ((world.mina, OTHERS), (world.jonas, OTHERS[1:]), (world.sam, OTHERS[1:2])):
        for film in films:
            await actor.slash(world.channel, "watchlist add", film=film)
    await world.jonas.slash(world.channel, "mydata hide", hidden=True)
    result = await world.mina.slash(world.channel, "watchlist server")
    assert not require_response(result).ephemeral
    lines = read_text(result).splitlines()
    wanted = [line for line in lines if line.startswith("**")]
    assert wanted[0] == f"**John Wick (2014)** · 3 · <@{world.mina.id}>, a member, <@{world.sam.id}>"
    assert [line.split(" · ")[1][0] for line in wanted] == ["3", "2", "<"]


async def test_a_random_film_is_picked_from_a_list(world: World) -> None:
    assert_refused(world, await world.mina.slash(world.channel, "watchlist random"), "This watchlist is empty")
    await world.jonas.slash(world.channel, "watchlist add", film=FILM)
    result = await world.mina.slash(world.channel, "watchlist random", member=world.jonas)
    assert "Burning (2018)" in read_text(result)
    assert "Burning" in read_text(await world.mina.slash(world.channel, "watchlist show", member=world.jonas))
    await world.jonas.slash(world.channel, "mydata hide", hidden=True)
    for command in ("watchlist random", "watchlist show"):
        result = await world.mina.slash(world.channel, command, member=world.jonas)
        assert_refused(world, result, "keeps their watchlist private")


async def test_a_random_film_is_on_the_members_services_if_asked(world: World) -> None:
    async def pick() -> simcord.results.InteractionResult:
        return await world.mina.slash(world.channel, "watchlist random", only_my_services=True)

    await world.mina.slash(world.channel, "watchlist add", film=FILM)
    refused = await pick()
    assert_refused(world, refused, "/me country")
    chosen = await world.mina.select(require_response(refused), ["KR"])
    assert read_text(chosen).startswith("Your country is **South Korea")
    refused = await pick()
    assert_refused(world, refused, "/services")
    chosen = await world.mina.select(require_response(refused), ["Netflix"])
    assert "✓ Netflix" in read_text(chosen)
    assert_refused(world, await pick(), "Nothing on this watchlist is on your streaming services.")
    await world.mina.slash(world.channel, "watchlist add", film="ballerina-2023")
    for _ in range(5):
        assert "Ballerina (2023)" in read_text(await pick())


async def test_a_long_list_has_pages_and_a_limit(world: World, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    entries = [entry async for entry in world.services.film_repository.stream_entries()]
    for entry in entries[:17]:
        await world.services.watchlists.add_film(world.server.id, world.mina.id, entry.film_id)
    shown = await world.mina.slash(world.channel, "watchlist show")
    assert "17 films · page 1 of 2" in read_text(shown)
    more = await world.mina.click(require_response(shown), label="More")
    assert "page 2 of 2" in read_text(more)
    server = await world.mina.slash(world.channel, "watchlist server")
    assert "page 2 of 2" in read_text(await world.mina.click(require_response(server), label="More"))
    monkeypatch.setattr("bot.watchlists.repository.WATCHLIST_LIMIT", 17)
    result = await world.mina.slash(world.channel, "watchlist add", film=entries[20].film_id)
    assert_refused(world, result, f"Your watchlist is full ({WATCHLIST_LIMIT:,} films)")
    assert "already" in read_text(await world.mina.slash(world.channel, "watchlist add", film=entries[3].film_id))


async def test_each_film_of_a_list_is_opened_or_removed_in_place(world: World) -> None:
    entries = [entry async for entry in world.services.film_repository.stream_entries()]
    for entry in entries[:17]:
        await world.services.watchlists.add_film(world.server.id, world.mina.id, entry.film_id)
    first = require_response(await world.mina.slash(world.channel, "watchlist show"))
    second = require_response(await world.mina.click(first, label="More"))
    await world.env.restart_bot(create_bot(world.services))
    listed = await films_of(world, world.mina)
    opened = require_response(await world.mina.select(second, [listed[15]], custom_id="v1:open"))
    assert opened.ephemeral
    assert opened.embeds[0].title
    removed = await world.mina.select(second, [listed[15]], custom_id="v1:watchlist-remove:1")
    assert "Removed **" in read_text(removed)
    assert "16 films · page 2 of 2" in read_text(removed)
    assert listed[15] not in await films_of(world, world.mina)
    undone = await world.mina.click(require_response(removed), label="Undo")
    assert "17 films · page 2 of 2" in read_text(undone)
    assert listed[15] in await films_of(world, world.mina)
    random = require_response(await world.mina.click(require_response(undone), label="Random film"))
    assert random.ephemeral
    assert random.id != require_response(undone).id


async def test_another_members_list_opens_films_but_removes_none(world: World) -> None:
    await world.jonas.slash(world.channel, "watchlist add", film=FILM)
    shown = require_response(await world.mina.slash(world.channel, "watchlist show", member=world.jonas))
    assert [menu["custom_id"] for row in shown.components for menu in row["components"]] == [
        "v1:open",
        "v1:rate-one",
    ]
    server = require_response(await world.mina.slash(world.channel, "watchlist server"))
    opened = require_response(await world.jonas.select(server, [FILM], custom_id="v1:open"))
    assert opened.embeds[0].title == "Burning (2018)"


async def test_a_rated_film_that_is_added_is_said_to_be_rated(world: World) -> None:
    await world.mina.slash(world.channel, "rate", film=FILM, stars="4.5")
    result = await world.mina.slash(world.channel, "watchlist add", film=FILM)
    assert "Added **Burning (2018)** to your watchlist. You've already rated it ★★★★½." in read_text(result)


async def test_only_films_of_the_list_are_offered_for_removal(world: World) -> None:
    async def offer(typed: str) -> list[str]:
        choices = await world.mina.autocomplete(world.channel, "watchlist remove", "film", typed)
        return [choice["value"] for choice in choices]

    assert await offer("") == []
    for film in (FILM, "amelie-2001"):
        await world.mina.slash(world.channel, "watchlist add", film=film)
    assert await offer("") == ["amelie-2001", FILM]
    assert await offer("amelie") == await offer("AMÉ") == await offer("fabuleux") == ["amelie-2001"]
    assert await offer("oldboy") == []
    await world.mina.slash(world.channel, "watchlist remove", film="amelie-2001")
    assert await offer("") == [FILM]


async def test_direct_messages_ask_for_the_server_where_there_are_several(world: World) -> None:
    user = world.env.create_user("lena")
    lena = world.server.add_member(user)
    assert_refused(world, await user.slash("watchlist show"), "Use this command in a server first.")
    await lena.slash(world.channel, "watchlist add", film=FILM)
    shown = await user.slash("watchlist show")
    assert "Burning (2018)" in read_text(shown)
    assert "Removed" in read_text(await user.slash("watchlist remove", film=FILM))
    assert await films_of(world, lena) == []

    neighbour = world.env.create_guild("Next door")
    there = neighbour.add_member(user)
    channel = neighbour.create_text_channel("films")
    await there.slash(channel, "watchlist add", film=OTHERS[0])
    question = require_response(await user.slash("watchlist show"))
    assert question.content == "Which server?"
    options = question.components[0]["components"][0]["options"]
    assert [option["label"] for option in options] == [world.server.name, "Next door"]
    await world.env.restart_bot(create_bot(world.services))
    shown = await user.select(question, [str(neighbour.id)])
    assert "Ballerina (2023)" in read_text(shown)
    question = require_response(await user.slash("watchlist add", film=FILM))
    added = await user.select(question, [str(world.server.id)])
    assert "Added **Burning (2018)**" in read_text(added)
    assert await films_of(world, lena) == [FILM]
