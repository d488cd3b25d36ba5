"""`/services` as members use it."""

import pytest
from sqlalchemy import delete

from bot.films.metadata import StreamingService
from bot.films.tables import availability
from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer
from bot.streaming.models import SUBSCRIPTIONS_LIMIT
from tests.conftest import World
from tests.responses import Actor, assert_refused, first_embed, read_text, require_response
from tests.streaming.offers import list_services


async def get_subscriptions(world: World, actor: Actor) -> dict[str, str]:
    return await world.services.subscriptions.repository.get_subscriptions(actor.id)


@pytest.fixture
async def services(online_services: Services, tmdb: ReplayServer) -> Services:
    list_services(tmdb)
    return online_services


async def test_services_are_chosen_in_the_menu_and_by_name(world: World) -> None:
    await world.services.preferences.repository.set_country(world.mina.id, "DE")
    choices = await world.mina.autocomplete(world.channel, "services", "add", "lan")
    assert "Lantern" in [choice["value"] for choice in choices]
    typed = await world.mina.slash(world.channel, "services", add="Lantern")
    assert typed.ephemeral
    assert "✓ Lantern" in (first_embed(typed).description or "")
    menu = require_response(typed).components[0]["components"][0]
    assert [(option["value"], option.get("default", False)) for option in menu["options"]] == [
        ("Reelhouse", False),
        ("Lantern", True),
        ("Shop", False),
    ]
    await world.mina.select(require_response(typed).message, ["Reelhouse", "Shop"])
    assert list((await get_subscriptions(world, world.mina)).values()) == [
        "Reelhouse",
        "Shop",
    ]
    await world.mina.slash(world.channel, "services", remove="Shop")
    assert await get_subscriptions(world, world.mina) == {"reelhouse": "Reelhouse"}
    assert await get_subscriptions(world, world.jonas) == {}


async def test_services_without_a_country_say_how_to_name_one(world: World) -> None:
    result = await world.mina.slash(world.channel, "services")
    hint = "Set your country with /me country to see its services. Find any other with /services add."
    assert first_embed(result).footer.text == hint
    await world.mina.slash(world.channel, "me country", country="DE")
    named = await world.mina.slash(world.channel, "services")
    assert "Services in Germany" in (first_embed(named).footer.text or "")


async def test_removing_a_service_that_is_not_theirs_is_refused(world: World) -> None:
    await world.services.subscriptions.set_subscriptions(world.mina.id, ["Lantern"])
    assert_refused(
        world,
        await world.mina.slash(world.channel, "services", remove="Shop", add="Reelhouse"),
        "That isn't one of your services. See yours with `/services`.",
    )
    assert await get_subscriptions(world, world.mina) == {"lantern": "Lantern"}


async def test_a_service_that_was_renamed_does_not_stop_the_menu(world: World) -> None:
    await world.services.preferences.repository.set_country(world.mina.id, "DE")
    await world.services.subscriptions.repository.replace_subscriptions(
        world.mina.id, {"old lantern": "Old Lantern"}
    )
    result = await world.mina.slash(world.channel, "services")
    assert first_embed(result).description == "✗ Old Lantern · no longer exists"
    await world.mina.select(require_response(result).message, ["Reelhouse"])
    mine = await get_subscriptions(world, world.mina)
    assert list(mine.values()) == ["Old Lantern", "Reelhouse"]


async def test_a_service_that_is_not_known_is_refused(world: World) -> None:
    result = await world.mina.slash(world.channel, "services", add="No such thing")
    assert "I don't know the service “" in require_response(result).content


async def test_a_member_has_at_most_fifty_services(world: World) -> None:
    names = [f"Service {number}" for number in range(SUBSCRIPTIONS_LIMIT + 1)]
    await world.services.subscriptions.load_services([StreamingService(name) for name in names])
    with pytest.raises(Exception, match="You can choose up to 50 services"):
        await world.services.subscriptions.set_subscriptions(world.mina.id, names)


async def test_without_any_known_service_there_is_no_menu(world: World) -> None:
    why = "I don't know any streaming services yet. The bot's owner can add a TMDB key"
    services = world.services.subscriptions
    await services.set_subscriptions(world.jonas.id, ["Lantern"])
    async with world.services.database.write() as connection:
        await connection.execute(delete(availability))
    await services.load_services([])
    await world.mina.slash(world.channel, "me country", country="DE")
    for actor, named in ((world.mina, "None yet."), (world.jonas, "✓ Lantern")):
        shown = await actor.slash(world.channel, "services")
        assert (first_embed(shown).description or "").startswith(named)
        assert first_embed(shown).footer.text == f"{why}."
        assert require_response(shown).components == []
    assert_refused(world, await world.mina.slash(world.channel, "services", add="Lantern"), why)
    assert "None yet" in read_text(await world.jonas.slash(world.channel, "services", remove="Lantern"))


async def test_a_menu_of_other_countries_services_says_so(world: World) -> None:
    await world.mina.slash(world.channel, "me country", country="IS")
    shown = await world.mina.slash(world.channel, "services")
    assert require_response(shown).components
    hint = "I don't know the services in Iceland 🇮🇸, so these are from elsewhere. Find any with /services add."
    assert first_embed(shown).footer.text == hint
