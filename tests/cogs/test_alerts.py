"""`/where`, `/services`, `/alert` and `/about`, as members use them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from discord.http import HTTPClient
from simcord.results import ResponseMessage
from sqlalchemy.exc import OperationalError

from bot.client import create_bot
from bot.films.alerts import Alert
from bot.films.subscriptions import SERVICES_LIMIT
from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer, Reply
from bot.storage.alerts import AlertStore
from bot.storage.facts import FactStore
from bot.storage.online import OnlineStore
from bot.storage.subscriptions import SubscriptionStore
from bot.ui.streaming import JUSTWATCH, TMDB_NOTICE
from tests.cogs.reading import last, refused, told
from tests.conftest import World
from tests.tmdb_payloads import BURNING, OLDBOY, details_reply, movie, offers, provider, providers_reply

LANTERN, REEL, SHOP = provider("Lantern", 1), provider("Reelhouse", 2), provider("Shop", 3)
NIGHT = timedelta(days=1).total_seconds()


@pytest.fixture
async def services(online_services: Services, tmdb: ReplayServer) -> Services:
    places = {"DE": 1, "FR": 2}
    listed = [{"provider_name": name, "display_priorities": places} for name in ("Reelhouse", "Lantern", "Shop")]
    tmdb.replies.insert(0, Reply("/3/watch/providers/movie", [{"results": listed}]))
    return online_services


def burning(tmdb: ReplayServer, now: dict[str, Any], *later: dict[str, Any]) -> None:
    """Let TMDB give these offers of Burning, and at later looks those."""
    tmdb.replies.append(details_reply(movie(BURNING, "Burning", providers=now)))
    if later:
        tmdb.replies.append(providers_reply(BURNING, *later))


async def subscribe(world: World, *names: str, country: str | None = "DE") -> None:
    await world.services.subscriptions.choose(world.mina.id, names)
    await world.services.preferences.set_member_country(world.mina.id, country)


async def ask(world: World, member: Any = None, film: str = "burning-2018") -> str:
    result = await (member or world.mina).slash(world.channel, "alert", film=film)
    return str((result.followups or [result.response])[-1].content)


def letters(world: World, member: Any = None) -> list[Any]:
    """Give the direct messages that a member got."""
    channel = world.env.backend.dm_channels.get((member or world.mina).id)
    return [] if channel is None else list(world.env.backend.messages.get(channel, {}).values())


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Give where something failed that was logged, in the order of the alphabet."""
    logged = [record.getMessage() for record in caplog.records if record.name == "bot.errors"]
    return sorted(each.partition("\n")[0].partition(" in ")[2] for each in logged)


async def nights(world: World) -> None:
    """Let two nights pass: on the first, offers fetched the evening before are young enough."""
    await world.env.advance_time(2 * NIGHT)


async def test_offers_of_several_countries_stand_side_by_side(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(DE={"flatrate": [LANTERN], "buy": [SHOP]}, FR={"ads": [REEL]}))
    result = await world.mina.slash(
        world.channel, "where", film="burning-2018", country="DE", country2="France", country3="PL"
    )
    message = (result.followups or [result.response])[-1]
    assert message is not None
    embed = message.embeds[0]
    assert [(field.name, field.inline) for field in embed.fields] == [
        ("Germany 🇩🇪", True),
        ("France 🇫🇷", True),
        ("Poland 🇵🇱", True),
    ]
    assert "**Subscription:** Lantern\n**Buy:** Shop" in (embed.fields[0].value or "")
    assert "**With ads:** Reelhouse" in (embed.fields[1].value or "")
    assert embed.fields[2].value == "Nothing known."
    assert JUSTWATCH in (embed.description or "")
    assert embed.footer.text == TMDB_NOTICE


async def test_where_answers_from_what_is_kept(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(DE={"flatrate": [LANTERN]}))
    await world.services.preferences.set_member_country(world.mina.id, "DE")
    await world.mina.slash(world.channel, "where", film="burning")
    asked = len(tmdb.asked)
    result = await world.mina.slash(world.channel, "where", film="burning")
    assert result.response is not None
    assert "Lantern" in (result.response.embeds[0].fields[0].value or "")
    assert len(tmdb.asked) == asked


async def test_where_without_a_country_says_how_to_name_one(world: World) -> None:
    result = await world.mina.slash(world.channel, "where", film="burning")
    assert result.response is not None
    assert result.ephemeral
    assert "/me country" in result.response.content


async def test_where_without_tmdb_shows_what_the_catalogue_knows(world: World) -> None:
    object.__setattr__(world.services.online, "source", None)
    result = await world.mina.slash(world.channel, "where", film="ballerina-2023", country="DE", country2="FR")
    assert result.response is not None
    first, second = result.response.embeds
    assert "Netflix" in str(first.to_dict())
    assert JUSTWATCH not in str(second.to_dict())
    assert [field.name for field in second.fields] == ["Where to stream in France 🇫🇷"]  # nothing is told twice


async def test_where_tmdb_knows_nothing_the_catalogue_is_asked(world: World, tmdb: ReplayServer) -> None:
    result = await world.mina.slash(world.channel, "where", film="ballerina-2023", country="DE")
    assert "Netflix" in told(result)
    assert JUSTWATCH not in told(result)


@pytest.mark.parametrize("online", [True, False])
async def test_where_a_film_that_may_be_another_can_be_put_right(
    world: World, tmdb: ReplayServer, online: bool
) -> None:
    if not online:
        object.__setattr__(world.services.online, "source", None)
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers(DE={"flatrate": [LANTERN]}))))
    guessed = await world.mina.slash(world.channel, "where", film="zodiak", country="DE", country2="FR")
    assert told(guessed).startswith("Matched by “Zodiac” · letters forgiven\nZodiac (2007)\n")
    result = await world.mina.slash(world.channel, "where", film="oldboy", country="DE", country2="FR")
    assert told(result).startswith("**2 films fit “oldboy” about as well.**")
    assert ("Lantern" in told(result)) == online
    await world.env.restart_bot(create_bot(world.services))
    others = await world.jonas.select(last(result), ["oldboy-2013"])
    assert others.ephemeral
    assert "Oldboy (2013)" in told(others)
    assert "France" in told(others)
    await world.mina.select(last(result), ["oldboy-2013"])
    changed = world.env.backend.get_message(last(result).channel_id, last(result).id)
    assert changed.embeds[0]["title"] == "Oldboy (2013)"
    assert not changed.content
    picked = await world.mina.slash(world.channel, "where", film="oldboy-2013", country="DE")
    assert not last(picked).components


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
    assert list((await world.services.subscriptions.of(world.mina.id)).values()) == ["Reelhouse", "Shop"]
    await world.mina.slash(world.channel, "services", remove="Shop")
    assert await world.services.subscriptions.of(world.mina.id) == {"reelhouse": "Reelhouse"}
    assert await world.services.subscriptions.of(world.jonas.id) == {}


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
    await world.services.subscriptions.choose(world.mina.id, ["Lantern"])
    refused(
        world,
        await world.mina.slash(world.channel, "services", remove="Shop", add="Reelhouse"),
        "That is none of your services, so nothing was changed. `/services` shows yours.",
    )
    assert await world.services.subscriptions.of(world.mina.id) == {"lantern": "Lantern"}


async def test_a_service_that_was_renamed_does_not_stop_the_menu(world: World) -> None:
    await world.services.preferences.set_member_country(world.mina.id, "DE")
    await SubscriptionStore(world.services.database).put(world.mina.id, {"old lantern": "Old Lantern"})
    result = await world.mina.slash(world.channel, "services")
    assert result.response is not None
    await world.mina.select(result.response.message, ["Reelhouse"])
    mine = await world.services.subscriptions.of(world.mina.id)
    assert list(mine.values()) == ["Old Lantern", "Reelhouse"]


async def test_a_service_that_is_not_known_is_refused(world: World) -> None:
    result = await world.mina.slash(world.channel, "services", add="No such thing")
    assert result.response is not None
    assert "No service is called that" in result.response.content


async def test_one_message_tells_all_news_of_a_night_once(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    tmdb.replies += [
        details_reply(movie(OLDBOY, "Oldboy", providers=offers())),
        providers_reply(OLDBOY, offers(DE={"free": [REEL]})),
    ]
    await subscribe(world, "Lantern", "Reelhouse")
    assert "one direct message" in await ask(world)
    assert "one direct message" in await ask(world, film="oldboy-2003")
    await nights(world)
    assert len(letters(world)) == 1
    letter = letters(world)[0]
    told = letter.embeds[0]["description"]
    assert "Lantern" in told
    assert "Reelhouse" in told
    assert JUSTWATCH in told
    assert letter.embeds[0]["footer"]["text"] == TMDB_NOTICE
    assert await world.services.alerts.of(world.mina.id) == []
    await world.env.advance_time(NIGHT)
    assert len(letters(world)) == 1


async def test_the_check_costs_a_request_for_each_film_however_many_wait(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    for member in (world.mina, world.jonas, world.sam):
        await world.services.subscriptions.choose(member.id, ["Lantern"])
        await world.services.preferences.set_member_country(member.id, "DE")
        await ask(world, member)
    await nights(world)
    assert [len(letters(world, member)) for member in (world.mina, world.jonas, world.sam)] == [1, 1, 1]
    assert tmdb.paths.count(f"/3/movie/{BURNING}/watch/providers") == 1
    assert tmdb.paths.count(f"/3/movie/{BURNING}") == 1


@pytest.mark.parametrize(
    "later",
    [offers(FR={"flatrate": [LANTERN]}), offers(DE={"rent": [LANTERN]}), offers(DE={"flatrate": [REEL]})],
    ids=["another country", "to rent", "another service"],
)
async def test_what_is_not_theirs_is_no_news(world: World, tmdb: ReplayServer, later: dict[str, Any]) -> None:
    burning(tmdb, offers(), later)
    await subscribe(world, "Lantern")
    await ask(world)
    await nights(world)
    assert letters(world) == []
    assert len(await world.services.alerts.of(world.mina.id)) == 1


async def test_what_is_there_already_is_said_at_once(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(DE={"ads": [provider("Lantern with Ads")]}))
    await subscribe(world, "Lantern")
    told = await ask(world)
    assert "is there already" in told
    assert JUSTWATCH in told
    assert await world.services.alerts.of(world.mina.id) == []


async def test_an_alert_needs_services_and_a_country(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers())
    assert "/me country" in await ask(world)
    await world.services.preferences.set_member_country(world.mina.id, "DE")
    assert "/services" in await ask(world)
    assert await world.services.alerts.of(world.mina.id) == []


async def test_the_button_under_the_news_ends_all_other_alerts(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers())))
    await subscribe(world, "Lantern")
    await ask(world)
    await ask(world, film="oldboy-2003")
    await nights(world)
    assert [alert.film_id for alert in await world.services.alerts.of(world.mina.id)] == ["oldboy-2003"]
    letter = letters(world)[0]
    mina = world.mina.user
    pressed = await mina.click(ResponseMessage(world.env, letter), label="Unsubscribe: no more alerts")
    assert pressed.response is not None
    assert "1 film taken back" in pressed.response.content
    assert await world.services.alerts.of(world.mina.id) == []


async def test_the_list_takes_alerts_back(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers())
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers())))
    await subscribe(world, "Lantern")
    await ask(world)
    await ask(world, film="oldboy-2003")
    shown = await world.mina.slash(world.channel, "alert")
    listed = (shown.followups or [shown.response])[-1]
    assert listed is not None
    assert listed.ephemeral
    after = await world.mina.click(listed.message, label="Not Burning (2018)")
    assert after.response is not None
    assert [alert.film_id for alert in await world.services.alerts.of(world.mina.id)] == ["oldboy-2003"]
    assert "Burning" not in (after.response.embeds[0].description or "")
    ended = await world.mina.click(after.response.message, label="Unsubscribe: no more alerts")
    assert ended.response is not None
    assert "1 film taken back" in ended.response.content
    assert await world.services.alerts.of(world.mina.id) == []


async def test_closed_messages_are_tried_on_three_nights_and_shown_meanwhile(
    world: World, tmdb: ReplayServer
) -> None:
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    await subscribe(world, "Lantern")
    await ask(world)
    closed = {"status": 403, "code": 50007, "message": "Cannot send messages to this user"}
    world.env.inject_error("POST", "/channels/*/messages", times=None, **closed)
    await world.env.advance_time(NIGHT)
    for night in (1, 2, 3, 3):
        await world.env.advance_time(NIGHT)
        assert [alert.tries for alert in await world.services.alerts.of(world.mina.id)] == [night]
    world.env.backend.faults.clear()
    assert letters(world) == []
    shown = await world.mina.slash(world.channel, "alert")
    listed = (shown.followups or [shown.response])[-1]
    assert listed is not None
    assert "came to Lantern" in (listed.embeds[0].description or "")


async def test_tmdb_down_at_night_is_no_news_and_no_failure(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    await subscribe(world, "Lantern")
    await ask(world)

    async def fault(_: web.Request) -> web.StreamResponse:
        return web.Response(status=418)

    tmdb.fault = fault
    await nights(world)
    assert letters(world) == []
    tmdb.fault = None
    await world.env.advance_time(NIGHT)
    assert len(letters(world)) == 1


async def test_without_tmdb_an_alert_is_refused(world: World) -> None:
    object.__setattr__(world.services.online, "source", None)
    assert "not looked up here" in await ask(world)


async def test_nightly_what_is_too_old_goes(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers())
    await world.mina.slash(world.channel, "film", title="burning-2018")
    store = world.services.online_store
    known = await store.get("burning-2018")
    assert known is not None
    past = world.env.now() - timedelta(days=181)
    await store.put("burning-2018", replace(known, details_at=past, streaming_at=past))
    await nights(world)
    assert await store.get("burning-2018") is None
    assert await world.services.catalogue.get("burning-2018") is not None


async def test_about_names_tmdb_and_justwatch(world: World) -> None:
    result = await world.mina.slash(world.channel, "about")
    assert result.response is not None
    told = str(result.response.embeds[0].to_dict())
    assert TMDB_NOTICE in told
    assert JUSTWATCH in told
    object.__setattr__(world.services.online, "source", None)
    result = await world.mina.slash(world.channel, "about")
    assert result.response is not None
    assert "TMDB" not in str(result.response.embeds[0].to_dict())


async def test_a_member_names_at_most_so_many_services(world: World) -> None:
    names = [f"Service {at}" for at in range(SERVICES_LIMIT + 1)]
    world.services.subscriptions._names |= {name.lower(): name for name in names}
    with pytest.raises(Exception, match="At most"):
        await world.services.subscriptions.choose(world.mina.id, names)


@pytest.mark.expects_errors
async def test_a_database_that_is_away_for_a_night_is_asked_again_the_next(
    world: World, tmdb: ReplayServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    await subscribe(world, "Lantern")
    await ask(world)
    asked = tmdb.paths.count("/3/watch/providers/movie")

    async def away(*_: object) -> bool:
        raise OperationalError("the database is starting up", None, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(FactStore, "claim", away)
        patched.setattr(OnlineStore, "put_services", away)
        await world.env.advance_time(NIGHT)
    assert failures(caplog) == ["the nightly check of alerts", "the nightly tidying", "the streaming services"]
    await nights(world)
    assert len(letters(world)) == 1
    assert tmdb.paths.count("/3/watch/providers/movie") > asked + 1
    assert len(failures(caplog)) == 3


@pytest.mark.expects_errors
async def test_a_letter_that_fails_half_way_comes_the_next_night(
    world: World, tmdb: ReplayServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    await subscribe(world, "Lantern")
    await ask(world)

    async def dropped(_: object, user_id: str) -> None:
        raise ConnectionResetError(f"the connection was lost while writing to {user_id}")

    with monkeypatch.context() as patched:
        patched.setattr(HTTPClient, "start_private_message", dropped)
        await nights(world)
    assert letters(world) == []
    assert failures(caplog) == ["the nightly check of alerts"]
    assert "ConnectionResetError" in caplog.text
    assert str(world.mina.id) not in caplog.text
    await world.env.advance_time(NIGHT)
    assert len(letters(world)) == 1
    assert len(failures(caplog)) == 1


async def test_where_no_service_is_known_no_menu_is_spoken_of(world: World) -> None:
    why = (
        "No streaming service is known here yet. They come with a key for TMDB, which whoever runs Marquee can add"
    )
    services = world.services.subscriptions
    await services.choose(world.jonas.id, ["Lantern"])
    services._services, services._names = [], {}
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


async def test_a_film_that_may_be_another_is_asked_about_instead_of_waited_for(
    world: World, tmdb: ReplayServer
) -> None:
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers())))
    await subscribe(world, "Lantern")
    for text in ("oldboy", "oldboi"):
        asked = await world.mina.slash(world.channel, "alert", film=text)
        assert asked.ephemeral
        assert told(asked).strip() == f"Which film do you wait for? “{text}” may be:"
        assert await world.services.alerts.of(world.mina.id) == []
    await world.env.restart_bot(create_bot(world.services))
    chosen = await world.mina.select(last(asked), ["oldboy-2003"])
    assert "one direct message when **Oldboy (2003)** comes" in told(chosen)
    assert [alert.film_id for alert in await world.services.alerts.of(world.mina.id)] == ["oldboy-2003"]
    await world.services.preferences.set_member_country(world.mina.id, None)
    refused(world, await world.mina.select(last(asked), ["oldboy-2003"]), "/me country")


async def test_the_list_names_the_country_that_is_looked_up_now(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers())
    await subscribe(world, "Lantern")
    await ask(world)
    for typed, named in (("FR", "France"), (None, "Germany")):
        await world.services.preferences.set_member_country(world.mina.id, typed)
        assert f"**Burning (2018)** · {named}" in told(await world.mina.slash(world.channel, "alert"))


async def test_the_list_says_why_nothing_can_come_and_what_it_has_no_button_for(
    world: World, tmdb: ReplayServer
) -> None:
    await subscribe(world, "Lantern")
    store = AlertStore(world.services.database)
    films = [entry.film_id async for entry in world.services.film_store.entries()][:22]
    for film_id in films:
        await store.put(Alert(world.mina.id, film_id, "DE", world.env.now()))
    shown = await world.mina.slash(world.channel, "alert")
    assert "Buttons are below for the first 20; those after them get theirs as these go." in told(shown)
    assert "You name no service" not in told(shown)
    after = await world.mina.click(last(shown), custom_id=f"v1:unalert:{films[0]}")
    await world.mina.click(last(after), custom_id=f"v1:unalert:{films[20]}")
    await world.services.subscriptions.choose(world.mina.id, [])
    shown = await world.mina.slash(world.channel, "alert")
    assert "You name no service, so nothing can come: `/services`." in told(shown)
    assert "Buttons are below" not in told(shown)
    await world.services.alerts.take_back(world.mina.id)
    assert "You name no service" not in told(await world.mina.slash(world.channel, "alert"))
