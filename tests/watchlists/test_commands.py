import simcord

from bot.watchlists.models import WATCHLIST_LIMIT
from tests.conftest import World
from tests.responses import FILM, Actor, assert_refused, post_review, read_text, require_response

OTHERS = ("ballerina-2023", "john-wick-2014", "ballerina-2016")


async def films_of(world: World, actor: Actor) -> list[str]:
    return await world.services.watchlists.repository.list_film_ids(world.server.id, actor.id)


async def test_films_are_added_and_removed(world: World) -> None:
    result = await world.mina.slash(world.channel, "watchlist add", film=FILM)
    assert require_response(result).ephemeral
    assert "is on your watchlist. It leaves it when you rate it." in read_text(result)
    assert "already" in read_text(await world.mina.slash(world.channel, "watchlist add", film=FILM))
    shown = await world.mina.slash(world.channel, "watchlist show")
    assert require_response(shown).ephemeral
    assert "Burning (2018)" in read_text(shown)
    assert "is off your" in read_text(await world.mina.slash(world.channel, "watchlist remove", film=FILM))
    assert "is not on your" in read_text(await world.mina.slash(world.channel, "watchlist remove", film=FILM))
    assert "Nothing yet. `/watchlist add`" in read_text(await world.mina.slash(world.channel, "watchlist show"))
    theirs = read_text(await world.mina.slash(world.channel, "watchlist show", member=world.jonas))
    assert theirs.rstrip().endswith("Nothing yet.")  # nobody adds to another's list


async def test_the_button_on_a_card_adds_the_film(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    for sentence in ("is on your watchlist.", "already"):
        result = await world.jonas.click(require_response(card), label="Watchlist")
        assert sentence in read_text(result)
    assert await films_of(world, world.jonas) == [FILM]
    off = await world.jonas.click(require_response(result), label="Take it off")
    assert "is off your" in read_text(off)
    assert await films_of(world, world.jonas) == []


async def test_a_rated_film_leaves_the_list_unless_it_is_kept(world: World) -> None:
    await world.mina.slash(world.channel, "watchlist add", film=FILM)
    await world.mina.slash(world.channel, "watchlist add", film=OTHERS[0], keep=True)
    assert "It left your watchlist." in read_text(await post_review(world, world.mina, "Done."))
    rated = await world.mina.slash(world.channel, "rate", film=OTHERS[0], stars="4")
    assert "left your watchlist" not in read_text(rated)
    assert await films_of(world, world.mina) == [OTHERS[0]]


async def test_the_servers_list_names_members(world: World) -> None:
    for actor, films in ((world.mina, OTHERS), (world.jonas, OTHERS[1:]), (world.sam, OTHERS[1:2])):
        for film in films:
            await actor.slash(world.channel, "watchlist add", film=film)
    await world.jonas.slash(world.channel, "mydata hide")
    result = await world.mina.slash(world.channel, "watchlist server")
    assert not require_response(result).ephemeral
    lines = read_text(result).splitlines()
    wanted = [line for line in lines if line.startswith("**")]
    assert wanted[0] == f"**John Wick (2014)** · 3: <@{world.mina.id}>, a member, <@{world.sam.id}>"
    assert [line.split(" · ")[1][0] for line in wanted] == ["3", "2", "1"]


async def test_a_random_film_is_picked_from_a_list(world: World) -> None:
    assert_refused(world, await world.mina.slash(world.channel, "watchlist random"), "nothing on that watchlist")
    await world.jonas.slash(world.channel, "watchlist add", film=FILM)
    result = await world.mina.slash(world.channel, "watchlist random", member=world.jonas)
    assert "Burning (2018)" in read_text(result)
    assert "Burning" in read_text(await world.mina.slash(world.channel, "watchlist show", member=world.jonas))
    await world.jonas.slash(world.channel, "mydata hide")
    for command in ("watchlist random", "watchlist show"):
        result = await world.mina.slash(world.channel, command, member=world.jonas)
        assert_refused(world, result, "keeps their name out of lists")


async def test_a_random_film_is_on_the_members_services_if_asked(world: World) -> None:
    async def pick() -> simcord.results.InteractionResult:
        return await world.mina.slash(world.channel, "watchlist random", only_my_services=True)

    await world.mina.slash(world.channel, "watchlist add", film=FILM)
    assert_refused(world, await pick(), "/me country")
    await world.services.preferences.repository.set_country(world.mina.id, "KR")
    assert_refused(world, await pick(), "/services")
    await world.services.subscriptions.set_subscriptions(world.mina.id, ["Netflix"])
    assert_refused(world, await pick(), "services you subscribe to. `/where` shows where a film")
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
    assert_refused(world, result, f"holds {WATCHLIST_LIMIT:,} films")
    assert "already" in read_text(await world.mina.slash(world.channel, "watchlist add", film=entries[3].film_id))
