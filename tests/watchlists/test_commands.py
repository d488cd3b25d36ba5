import simcord

from bot.watchlists.models import WATCHLIST_LIMIT
from tests.conftest import World
from tests.reading import FILM, Actor, last, refused, review, told

OTHERS = ("ballerina-2023", "john-wick-2014", "ballerina-2016")


async def films_of(world: World, actor: Actor) -> list[str]:
    return await world.services.watchlists.repository.list_film_ids(world.server.id, actor.id)


async def test_films_come_and_go(world: World) -> None:
    result = await world.mina.slash(world.channel, "watchlist add", film=FILM)
    assert last(result).ephemeral
    assert "is on your watchlist. It leaves it when you rate it." in told(result)
    assert "already" in told(await world.mina.slash(world.channel, "watchlist add", film=FILM))
    shown = await world.mina.slash(world.channel, "watchlist show")
    assert last(shown).ephemeral
    assert "Burning (2018)" in told(shown)
    assert "is off your" in told(await world.mina.slash(world.channel, "watchlist remove", film=FILM))
    assert "is not on your" in told(await world.mina.slash(world.channel, "watchlist remove", film=FILM))
    assert "Nothing yet. `/watchlist add`" in told(await world.mina.slash(world.channel, "watchlist show"))
    theirs = told(await world.mina.slash(world.channel, "watchlist show", member=world.jonas))
    assert theirs.rstrip().endswith("Nothing yet.")  # nobody adds to another's list


async def test_the_button_on_a_card(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    assert card.response
    for sentence in ("is on your watchlist.", "already"):
        result = await world.jonas.click(card.response, label="Watchlist")
        assert sentence in told(result)
    assert await films_of(world, world.jonas) == [FILM]
    off = await world.jonas.click(last(result), label="Take it off")
    assert "is off your" in told(off)
    assert await films_of(world, world.jonas) == []


async def test_a_film_rated_leaves_the_list_unless_kept(world: World) -> None:
    await world.mina.slash(world.channel, "watchlist add", film=FILM)
    await world.mina.slash(world.channel, "watchlist add", film=OTHERS[0], keep=True)
    assert "It left your watchlist." in told(await review(world, world.mina, "Done."))
    kept = await world.mina.slash(world.channel, "rate", film=OTHERS[0], stars="4")
    assert "left your watchlist" not in told(kept)
    assert await films_of(world, world.mina) == [OTHERS[0]]


async def test_the_servers_list_says_who_wants_what(world: World) -> None:
    for actor, films in ((world.mina, OTHERS), (world.jonas, OTHERS[1:]), (world.sam, OTHERS[1:2])):
        for film in films:
            await actor.slash(world.channel, "watchlist add", film=film)
    await world.jonas.slash(world.channel, "mydata hide")
    result = await world.mina.slash(world.channel, "watchlist server")
    assert not last(result).ephemeral
    lines = told(result).splitlines()
    wanted = [line for line in lines if line.startswith("**")]
    assert wanted[0] == f"**John Wick (2014)** · 3: <@{world.mina.id}>, a member, <@{world.sam.id}>"
    assert [line.split(" · ")[1][0] for line in wanted] == ["3", "2", "1"]


async def test_chance_picks_from_a_list(world: World) -> None:
    refused(world, await world.mina.slash(world.channel, "watchlist random"), "nothing on that watchlist")
    await world.jonas.slash(world.channel, "watchlist add", film=FILM)
    result = await world.mina.slash(world.channel, "watchlist random", member=world.jonas)
    assert "Burning (2018)" in told(result)
    assert "Burning" in told(await world.mina.slash(world.channel, "watchlist show", member=world.jonas))
    await world.jonas.slash(world.channel, "mydata hide")
    for command in ("watchlist random", "watchlist show"):
        result = await world.mina.slash(world.channel, command, member=world.jonas)
        refused(world, result, "keeps their name out of lists")


async def test_chance_picks_what_the_members_services_show(world: World) -> None:
    async def pick() -> simcord.results.InteractionResult:
        return await world.mina.slash(world.channel, "watchlist random", only_my_services=True)

    await world.mina.slash(world.channel, "watchlist add", film=FILM)
    refused(world, await pick(), "/me country")
    await world.services.preferences.set_member_country(world.mina.id, "KR")
    refused(world, await pick(), "/services")
    await world.services.subscriptions.set_subscriptions(world.mina.id, ["Netflix"])
    refused(world, await pick(), "services you subscribe to. `/where` shows where a film")
    await world.mina.slash(world.channel, "watchlist add", film="ballerina-2023")
    for _ in range(5):
        assert "Ballerina (2023)" in told(await pick())


async def test_a_long_list_is_paged_and_ends(world: World, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    entries = [entry async for entry in world.services.film_store.entries()]
    for entry in entries[:17]:
        await world.services.watchlists.add_film(world.server.id, world.mina.id, entry.film_id)
    shown = await world.mina.slash(world.channel, "watchlist show")
    assert "17 films · page 1 of 2" in told(shown)
    more = await world.mina.click(last(shown), label="More")
    assert "page 2 of 2" in told(more)
    server = await world.mina.slash(world.channel, "watchlist server")
    assert "page 2 of 2" in told(await world.mina.click(last(server), label="More"))
    monkeypatch.setattr("bot.watchlists.repository.WATCHLIST_LIMIT", 17)
    result = await world.mina.slash(world.channel, "watchlist add", film=entries[20].film_id)
    refused(world, result, f"holds {WATCHLIST_LIMIT:,} films")
    assert "already" in told(await world.mina.slash(world.channel, "watchlist add", film=entries[3].film_id))
