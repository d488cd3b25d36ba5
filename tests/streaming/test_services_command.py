"""`/services` as members use it."""

import pytest
from sqlalchemy import delete

from bot.films.offers import StreamingService
from bot.films.tables import availability
from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer
from bot.streaming.models import SUBSCRIPTIONS_LIMIT
from tests.conftest import World
from tests.reading import Actor, refused, told
from tests.streaming.offers import list_services


async def get_subscriptions(world: World, actor: Actor) -> dict[str, str]:
    return await world.services.subscriptions.repository.get_subscriptions(actor.id)


@pytest.fixture
async def services(online_services: Services, tmdb: ReplayServer) -> Services:
    list_services(tmdb)
    return online_services


async def test_services_are_named_by_menu_and_by_typing(world: World) -> None:
    await world.services.preferences.set_member_country(world.mina.id, "DE")
    choices = await world.mina.autocomplete(world.channel, "services", "add", "lan")
    assert "Lantern" in [choice["value"] for choice in choices]
    typed = await world.mina.slash(world.channel, "services", add="Lantern")
    assert typed.response is not None
    assert typed.ephemeral
    assert "✓ Lantern" in (typed.response.embeds[0].description or "")
    menu = typed.response.components[0]["components"][0]
    assert [(option["value"], option.get("default", False)) for option in menu["options"]] == [
        ("Reelhouse", False),
        ("Lantern", True),
        ("Shop", False),
    ]
    await world.mina.select(typed.response.message, ["Reelhouse", "Shop"])
    assert list((await get_subscriptions(world, world.mina)).values()) == [
        "Reelhouse",
        "Shop",
    ]
    await world.mina.slash(world.channel, "services", remove="Shop")
    assert await get_subscriptions(world, world.mina) == {"reelhouse": "Reelhouse"}
    assert await get_subscriptions(world, world.jonas) == {}


async def test_services_without_a_country_say_how_to_name_one(world: World) -> None:
    result = await world.mina.slash(world.channel, "services")
    assert result.response is not None
    hint = "Set your country with /me country to see its services in the menu; /services add finds any other."
    assert result.response.embeds[0].footer.text == hint
    await world.mina.slash(world.channel, "me country", country="DE")
    named = await world.mina.slash(world.channel, "services")
    assert named.response is not None
    assert "The menu has the services of Germany" in (named.response.embeds[0].footer.text or "")


async def test_to_take_off_a_service_that_is_not_theirs_is_said(world: World) -> None:
    await world.services.subscriptions.set_subscriptions(world.mina.id, ["Lantern"])
    refused(
        world,
        await world.mina.slash(world.channel, "services", remove="Shop", add="Reelhouse"),
        "That is none of your services, so nothing was changed. `/services` shows yours.",
    )
    assert await get_subscriptions(world, world.mina) == {"lantern": "Lantern"}


async def test_a_service_that_was_renamed_does_not_stop_the_menu(world: World) -> None:
    await world.services.preferences.set_member_country(world.mina.id, "DE")
    await world.services.subscriptions.repository.replace_subscriptions(
        world.mina.id, {"old lantern": "Old Lantern"}
    )
    result = await world.mina.slash(world.channel, "services")
    assert result.response is not None
    await world.mina.select(result.response.message, ["Reelhouse"])
    mine = await get_subscriptions(world, world.mina)
    assert list(mine.values()) == ["Old Lantern", "Reelhouse"]


async def test_a_service_that_is_not_known_is_refused(world: World) -> None:
    result = await world.mina.slash(world.channel, "services", add="No such thing")
    assert result.response is not None
    assert "No service is called that" in result.response.content


async def test_a_member_names_at_most_so_many_services(world: World) -> None:
    names = [f"Service {number}" for number in range(SUBSCRIPTIONS_LIMIT + 1)]
    await world.services.subscriptions.load_services([StreamingService(name) for name in names])
    with pytest.raises(Exception, match="At most"):
        await world.services.subscriptions.set_subscriptions(world.mina.id, names)


async def test_where_no_service_is_known_no_menu_is_spoken_of(world: World) -> None:
    why = (
        "No streaming service is known here yet. They come with a key for TMDB, which whoever runs Marquee can add"
    )
    services = world.services.subscriptions
    await services.set_subscriptions(world.jonas.id, ["Lantern"])
    async with world.services.database.write() as connection:
        await connection.execute(delete(availability))
    await services.load_services([])
    await world.mina.slash(world.channel, "me country", country="DE")
    for actor, named in ((world.mina, "None named yet."), (world.jonas, "✓ Lantern")):
        shown = await actor.slash(world.channel, "services")
        assert shown.response is not None
        assert (shown.response.embeds[0].description or "").startswith(named)
        assert shown.response.embeds[0].footer.text == f"{why}."
        assert shown.response.components == []
    refused(world, await world.mina.slash(world.channel, "services", add="Lantern"), why)
    assert "None named yet" in told(await world.jonas.slash(world.channel, "services", remove="Lantern"))


async def test_a_menu_of_other_countries_services_is_not_called_ones_own(world: World) -> None:
    await world.mina.slash(world.channel, "me country", country="IS")
    shown = await world.mina.slash(world.channel, "services")
    assert shown.response is not None
    assert shown.response.components
    hint = "No service of Iceland 🇮🇸 is known, so the menu has others; /services add finds any other."
    assert shown.response.embeds[0].footer.text == hint
