"""`/alert` as members use it, and the check that is made at night."""

from typing import Any

import pytest
from aiohttp import web
from discord.http import HTTPClient
from simcord.results import ResponseMessage
from sqlalchemy.exc import OperationalError

from bot.client import create_bot
from bot.core.database.key_value import FactStore
from bot.core.discord import error_handler
from bot.films.embeds import TMDB_NOTICE
from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer
from bot.streaming.embeds import JUSTWATCH_NOTICE
from bot.streaming.models import Alert
from bot.streaming.repository import StreamingRepository
from tests.conftest import World
from tests.reading import last, refused, told
from tests.streaming.offers import LANTERN, NIGHT, REEL, burning, list_services, nights, subscribe
from tests.tmdb_payloads import BURNING, OLDBOY, details_reply, movie, offers, provider, providers_reply


@pytest.fixture
async def services(online_services: Services, tmdb: ReplayServer) -> Services:
    list_services(tmdb)
    return online_services


async def ask(world: World, member: Any = None, film: str = "burning-2018") -> str:
    result = await (member or world.mina).slash(world.channel, "alert", film=film)
    return str((result.followups or [result.response])[-1].content)


def letters(world: World, member: Any = None) -> list[Any]:
    """Give the direct messages that a member got."""
    channel = world.env.backend.dm_channels.get((member or world.mina).id)
    return [] if channel is None else list(world.env.backend.messages.get(channel, {}).values())


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Give where something failed that was logged, in the order of the alphabet."""
    logged = [record.getMessage() for record in caplog.records if record.name == error_handler.log.name]
    return sorted(each.partition("\n")[0].partition(" in ")[2] for each in logged)


async def waiting(world: World, tmdb: ReplayServer) -> None:
    """Let Mina wait for a film that comes to her service at night."""
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    await subscribe(world, "Lantern")
    await ask(world)


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
    assert JUSTWATCH_NOTICE in told
    assert letter.embeds[0]["footer"]["text"] == TMDB_NOTICE
    assert await world.services.alerts.list_alerts(world.mina.id) == []
    await world.env.advance_time(NIGHT)
    assert len(letters(world)) == 1


async def test_the_check_costs_a_request_for_each_film_however_many_wait(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    for member in (world.mina, world.jonas, world.sam):
        await world.services.subscriptions.set_subscriptions(member.id, ["Lantern"])
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
    assert len(await world.services.alerts.list_alerts(world.mina.id)) == 1


async def test_what_is_there_already_is_said_at_once(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(DE={"ads": [provider("Lantern with Ads")]}))
    await subscribe(world, "Lantern")
    told = await ask(world)
    assert "is there already" in told
    assert JUSTWATCH_NOTICE in told
    assert await world.services.alerts.list_alerts(world.mina.id) == []


async def test_an_alert_needs_services_and_a_country(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers())
    assert "/me country" in await ask(world)
    await world.services.preferences.set_member_country(world.mina.id, "DE")
    assert "/services" in await ask(world)
    assert await world.services.alerts.list_alerts(world.mina.id) == []


async def test_the_button_under_the_news_ends_all_other_alerts(world: World, tmdb: ReplayServer) -> None:
    burning(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers())))
    await subscribe(world, "Lantern")
    await ask(world)
    await ask(world, film="oldboy-2003")
    await nights(world)
    assert [alert.film_id for alert in await world.services.alerts.list_alerts(world.mina.id)] == ["oldboy-2003"]
    letter = letters(world)[0]
    mina = world.mina.user
    pressed = await mina.click(ResponseMessage(world.env, letter), label="Unsubscribe: no more alerts")
    assert pressed.response is not None
    assert "1 film taken back" in pressed.response.content
    assert await world.services.alerts.list_alerts(world.mina.id) == []


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
    assert [alert.film_id for alert in await world.services.alerts.list_alerts(world.mina.id)] == ["oldboy-2003"]
    assert "Burning" not in (after.response.embeds[0].description or "")
    ended = await world.mina.click(after.response.message, label="Unsubscribe: no more alerts")
    assert ended.response is not None
    assert "1 film taken back" in ended.response.content
    assert await world.services.alerts.list_alerts(world.mina.id) == []


async def test_closed_messages_are_tried_on_three_nights_and_shown_meanwhile(
    world: World, tmdb: ReplayServer
) -> None:
    await waiting(world, tmdb)
    closed = {"status": 403, "code": 50007, "message": "Cannot send messages to this user"}
    world.env.inject_error("POST", "/channels/*/messages", times=None, **closed)
    await world.env.advance_time(NIGHT)
    for night in (1, 2, 3, 3):
        await world.env.advance_time(NIGHT)
        assert [alert.attempts for alert in await world.services.alerts.list_alerts(world.mina.id)] == [night]
    world.env.backend.faults.clear()
    assert letters(world) == []
    shown = await world.mina.slash(world.channel, "alert")
    listed = (shown.followups or [shown.response])[-1]
    assert listed is not None
    assert "came to Lantern" in (listed.embeds[0].description or "")


async def test_tmdb_down_at_night_is_no_news_and_no_failure(world: World, tmdb: ReplayServer) -> None:
    await waiting(world, tmdb)

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


@pytest.mark.expects_errors
async def test_a_database_that_is_away_for_a_night_is_asked_again_the_next(
    world: World, tmdb: ReplayServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await waiting(world, tmdb)
    asked = tmdb.paths.count("/3/watch/providers/movie")

    async def away(*_: object) -> bool:
        raise OperationalError("the database is starting up", None, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(FactStore, "claim", away)
        patched.setattr(StreamingRepository, "replace_services", away)
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
    await waiting(world, tmdb)

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


async def test_a_film_that_may_be_another_is_asked_about_instead_of_waited_for(
    world: World, tmdb: ReplayServer
) -> None:
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers())))
    await subscribe(world, "Lantern")
    for text in ("oldboy", "oldboi"):
        asked = await world.mina.slash(world.channel, "alert", film=text)
        assert asked.ephemeral
        assert told(asked).strip() == f"Which film do you wait for? “{text}” may be:"
        assert await world.services.alerts.list_alerts(world.mina.id) == []
    await world.env.restart_bot(create_bot(world.services))
    chosen = await world.mina.select(last(asked), ["oldboy-2003"])
    assert "one direct message when **Oldboy (2003)** comes" in told(chosen)
    assert [alert.film_id for alert in await world.services.alerts.list_alerts(world.mina.id)] == ["oldboy-2003"]
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
    repository = world.services.alerts.repository
    films = [entry.film_id async for entry in world.services.film_store.entries()][:22]
    for film_id in films:
        await repository.save_alert(Alert(world.mina.id, film_id, "DE", world.env.now()))
    shown = await world.mina.slash(world.channel, "alert")
    assert "Buttons are below for the first 20; those after them get theirs as these go." in told(shown)
    assert "You name no service" not in told(shown)
    after = await world.mina.click(last(shown), custom_id=f"v1:unalert:{films[0]}")
    await world.mina.click(last(after), custom_id=f"v1:unalert:{films[20]}")
    await world.services.subscriptions.set_subscriptions(world.mina.id, [])
    shown = await world.mina.slash(world.channel, "alert")
    assert "You name no service, so nothing can come: `/services`." in told(shown)
    assert "Buttons are below" not in told(shown)
    await world.services.alerts.repository.delete_alerts(world.mina.id)
    assert "You name no service" not in told(await world.mina.slash(world.channel, "alert"))
