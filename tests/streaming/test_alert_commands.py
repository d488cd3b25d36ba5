"""`/alert` as members use it, and the nightly check of alerts."""

from typing import Any

import pytest
from aiohttp import web
from discord.http import HTTPClient
from simcord.results import ResponseMessage
from sqlalchemy.exc import OperationalError

from bot.client import create_bot
from bot.core.database.key_value import KeyValueRepository
from bot.core.discord import error_handler
from bot.films.card import TMDB_CREDIT
from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer
from bot.streaming.embeds import JUSTWATCH_NOTICE
from bot.streaming.models import Alert
from bot.streaming.repository import StreamingRepository
from tests.conftest import World
from tests.responses import assert_refused, first_embed, list_labels, read_text, require_response
from tests.streaming.offers import (
    LANTERN,
    NIGHT,
    REEL,
    list_services,
    pass_two_nights,
    reply_with_offers,
    subscribe,
)
from tests.tmdb_payloads import BURNING, OLDBOY, details_reply, movie, offers, provider, providers_reply


@pytest.fixture
async def services(online_services: Services, tmdb: ReplayServer) -> Services:
    list_services(tmdb)
    return online_services


async def request_alert(world: World, member: Any = None, film: str = "burning-2018") -> str:
    result = await (member or world.mina).slash(world.channel, "alert", film=film)
    return str(require_response(result).content)


def list_direct_messages(world: World, member: Any = None) -> list[Any]:
    """Return the direct messages that a member got."""
    channel = world.env.backend.dm_channels.get((member or world.mina).id)
    return [] if channel is None else list(world.env.backend.messages.get(channel, {}).values())


def list_failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the sources of all logged failures, sorted."""
    logged = [record.getMessage() for record in caplog.records if record.name == error_handler.log.name]
    return sorted(each.partition("\n")[0].partition(" in ")[2] for each in logged)


async def list_alert_films(world: World) -> list[str]:
    return [alert.film_id for alert in await world.services.alerts.list_alerts(world.mina.id)]


async def request_alert_for_later(world: World, tmdb: ReplayServer) -> None:
    """Let Mina request an alert for a film that comes to her service at night."""
    reply_with_offers(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    await subscribe(world, "Lantern")
    await request_alert(world)


async def test_one_message_has_all_films_of_a_night_and_comes_once(world: World, tmdb: ReplayServer) -> None:
    reply_with_offers(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    tmdb.replies += [
        details_reply(movie(OLDBOY, "Oldboy", providers=offers())),
        providers_reply(OLDBOY, offers(DE={"free": [REEL]})),
    ]
    await subscribe(world, "Lantern", "Reelhouse")
    assert "I'll message you when" in await request_alert(world)
    assert "I'll message you when" in await request_alert(world, film="oldboy-2003")
    await pass_two_nights(world)
    assert len(list_direct_messages(world)) == 1
    message = list_direct_messages(world)[0]
    text = message.embeds[0]["description"]
    assert "Lantern" in text
    assert "Reelhouse" in text
    assert JUSTWATCH_NOTICE in text
    assert message.embeds[0]["footer"]["text"] == TMDB_CREDIT
    assert await list_alert_films(world) == []
    await world.env.advance_time(NIGHT)
    assert len(list_direct_messages(world)) == 1


async def test_the_check_sends_one_request_for_each_film_however_many_members_wait(
    world: World, tmdb: ReplayServer
) -> None:
    reply_with_offers(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    members = (world.mina, world.jonas, world.sam)
    for member in members:
        await world.services.subscriptions.set_subscriptions(member.id, ["Lantern"])
        await world.services.preferences.repository.set_country(member.id, "DE")
        await request_alert(world, member)
    await pass_two_nights(world)
    assert [len(list_direct_messages(world, member)) for member in members] == [1, 1, 1]
    assert tmdb.paths.count(f"/3/movie/{BURNING}/watch/providers") == 1
    assert tmdb.paths.count(f"/3/movie/{BURNING}") == 1


@pytest.mark.parametrize(
    "later",
    [offers(FR={"flatrate": [LANTERN]}), offers(DE={"rent": [LANTERN]}), offers(DE={"flatrate": [REEL]})],
    ids=["another country", "to rent", "another service"],
)
async def test_offers_that_are_not_theirs_send_no_message(
    world: World, tmdb: ReplayServer, later: dict[str, Any]
) -> None:
    reply_with_offers(tmdb, offers(), later)
    await subscribe(world, "Lantern")
    await request_alert(world)
    await pass_two_nights(world)
    assert list_direct_messages(world) == []
    assert len(await world.services.alerts.list_alerts(world.mina.id)) == 1


async def test_a_film_that_streams_already_needs_no_alert(world: World, tmdb: ReplayServer) -> None:
    reply_with_offers(tmdb, offers(DE={"ads": [provider("Lantern with Ads")]}))
    await subscribe(world, "Lantern")
    text = await request_alert(world)
    assert "is already on" in text
    assert JUSTWATCH_NOTICE in text
    assert await list_alert_films(world) == []


async def test_an_alert_needs_services_and_a_country(world: World, tmdb: ReplayServer) -> None:
    reply_with_offers(tmdb, offers())
    country = await world.mina.slash(world.channel, "alert", film="burning-2018")
    assert "/me country" in read_text(country)
    await world.env.restart_bot(create_bot(world.services))
    services = await world.mina.select(require_response(country), ["DE"])
    assert "/services" in read_text(services)
    assert await list_alert_films(world) == []
    added = await world.mina.select(require_response(services), ["Lantern", "Shop"])
    assert "I'll message you when **Burning (2018)** comes" in read_text(added)
    assert await list_alert_films(world) == ["burning-2018"]
    again = await world.mina.slash(world.channel, "alert", film="burning-2018")
    assert read_text(again).strip() == "You already have an alert for **Burning (2018)**."
    await world.mina.click(require_response(again), label="Remove")
    assert await list_alert_films(world) == []


async def test_the_button_below_the_message_deletes_all_other_alerts(world: World, tmdb: ReplayServer) -> None:
    reply_with_offers(tmdb, offers(), offers(DE={"flatrate": [LANTERN]}))
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers())))
    await subscribe(world, "Lantern")
    await request_alert(world)
    await request_alert(world, film="oldboy-2003")
    await pass_two_nights(world)
    assert await list_alert_films(world) == ["oldboy-2003"]
    message = list_direct_messages(world)[0]
    mina = world.mina.user
    asked = await mina.click(ResponseMessage(world.env, message), label="Remove all alerts")
    result = await mina.click(require_response(asked), label="Remove all alerts")
    assert "Removed 1 alert." in require_response(result).content
    assert await list_alert_films(world) == []


async def test_the_buttons_below_the_list_delete_alerts(world: World, tmdb: ReplayServer) -> None:
    reply_with_offers(tmdb, offers())
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers())))
    await subscribe(world, "Lantern")
    await request_alert(world)
    await request_alert(world, film="oldboy-2003")
    shown = await world.mina.slash(world.channel, "alert")
    response = require_response(shown)
    assert response.ephemeral
    after = await world.mina.click(response.message, label="Remove Burning (2018)")
    assert await list_alert_films(world) == ["oldboy-2003"]
    assert "Burning" not in (first_embed(after).description or "")
    asked = await world.mina.click(require_response(after).message, label="Remove all alerts")
    assert list_labels(require_response(asked)) == ["Remove all alerts", "Keep it"]
    ended = await world.mina.click(require_response(asked), label="Remove all alerts")
    assert "Removed 1 alert." in require_response(ended).content
    assert await list_alert_films(world) == []


async def test_closed_direct_messages_are_tried_on_three_nights_and_the_list_shows_the_film(
    world: World, tmdb: ReplayServer
) -> None:
    await request_alert_for_later(world, tmdb)
    closed = {"status": 403, "code": 50007, "message": "Cannot send messages to this user"}
    world.env.inject_error("POST", "/channels/*/messages", times=None, **closed)
    await world.env.advance_time(NIGHT)
    for night in (1, 2, 3, 3):
        await world.env.advance_time(NIGHT)
        assert [alert.attempts for alert in await world.services.alerts.list_alerts(world.mina.id)] == [night]
    world.env.backend.faults.clear()
    assert list_direct_messages(world) == []
    shown = await world.mina.slash(world.channel, "alert")
    response = require_response(shown)
    assert "now on Lantern" in (response.embeds[0].description or "")


async def test_tmdb_being_down_at_night_is_no_failure(world: World, tmdb: ReplayServer) -> None:
    await request_alert_for_later(world, tmdb)

    async def fault(_: web.Request) -> web.StreamResponse:
        return web.Response(status=418)

    tmdb.fault = fault
    await pass_two_nights(world)
    assert list_direct_messages(world) == []
    tmdb.fault = None
    await world.env.advance_time(NIGHT)
    assert len(list_direct_messages(world)) == 1


async def test_without_tmdb_an_alert_is_refused(world: World) -> None:
    object.__setattr__(world.services.metadata, "source", None)
    assert "don't have streaming data" in await request_alert(world)


@pytest.mark.expects_errors
async def test_the_check_is_repeated_the_night_after_the_database_was_down(
    world: World, tmdb: ReplayServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await request_alert_for_later(world, tmdb)
    requests = tmdb.paths.count("/3/watch/providers/movie")

    async def fail(*_: object) -> bool:
        raise OperationalError("the database is starting up", None, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(KeyValueRepository, "claim", fail)
        patched.setattr(StreamingRepository, "replace_services", fail)
        await world.env.advance_time(NIGHT)
    failures = list_failures(caplog)
    assert set(failures) >= {
        "the nightly check of alerts",
        "the nightly clean-up of metadata",
        "the streaming services",
    }
    await pass_two_nights(world)
    assert len(list_direct_messages(world)) == 1
    assert tmdb.paths.count("/3/watch/providers/movie") > requests + 1
    assert list_failures(caplog) == failures


@pytest.mark.expects_errors
async def test_a_direct_message_that_fails_half_way_comes_the_next_night(
    world: World, tmdb: ReplayServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await request_alert_for_later(world, tmdb)

    async def lose_connection(_: object, user_id: str) -> None:
        raise ConnectionResetError(f"the connection was lost while writing to {user_id}")

    with monkeypatch.context() as patched:
        patched.setattr(HTTPClient, "start_private_message", lose_connection)
        await pass_two_nights(world)
    assert list_direct_messages(world) == []
    assert list_failures(caplog) == ["the nightly check of alerts"]
    assert "ConnectionResetError" in caplog.text
    assert str(world.mina.id) not in caplog.text
    await world.env.advance_time(NIGHT)
    assert len(list_direct_messages(world)) == 1
    assert len(list_failures(caplog)) == 1


async def test_an_ambiguous_title_is_asked_about_first(world: World, tmdb: ReplayServer) -> None:
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers())))
    await subscribe(world, "Lantern")
    for text in ("oldboy", "oldbpy"):
        question = await world.mina.slash(world.channel, "alert", film=text)
        assert question.ephemeral
        assert read_text(question).strip() == f"Which film do you want an alert for? These match “{text}”."
        assert await list_alert_films(world) == []
    await world.env.restart_bot(create_bot(world.services))
    chosen = await world.mina.select(require_response(question), ["oldboy-2003"])
    assert "I'll message you when **Oldboy (2003)** comes" in read_text(chosen)
    assert await list_alert_films(world) == ["oldboy-2003"]
    await world.services.preferences.repository.set_country(world.mina.id, None)
    assert "/me country" in read_text(await world.mina.select(require_response(question), ["oldboy-2003"]))


async def test_the_list_shows_the_country_that_is_checked_now(world: World, tmdb: ReplayServer) -> None:
    reply_with_offers(tmdb, offers())
    await subscribe(world, "Lantern")
    await request_alert(world)
    for code, name in (("FR", "France"), (None, "Germany")):
        await world.services.preferences.repository.set_country(world.mina.id, code)
        assert f"**Burning (2018)** · {name}" in read_text(await world.mina.slash(world.channel, "alert"))


async def test_the_list_warns_without_services_and_above_twenty_alerts(world: World, tmdb: ReplayServer) -> None:
    await subscribe(world, "Lantern")
    repository = world.services.alerts.repository
    films = [entry.film_id async for entry in world.services.film_repository.stream_entries()][:22]
    for film_id in films:
        await repository.save_alert(Alert(world.mina.id, film_id, "DE", world.env.now()))
    shown = await world.mina.slash(world.channel, "alert")
    assert "Buttons for the first 20. Remove others with /alert remove." in read_text(shown)
    assert "or no alert can come" not in read_text(shown)
    after = await world.mina.click(require_response(shown), custom_id=f"v1:unalert:{films[0]}")
    await world.mina.click(require_response(after), custom_id=f"v1:unalert:{films[20]}")
    await world.services.subscriptions.set_subscriptions(world.mina.id, [])
    shown = await world.mina.slash(world.channel, "alert")
    assert "Choose your streaming services with `/services` so I can alert you." in read_text(shown)
    assert "Buttons for the first" not in read_text(shown)
    await world.services.alerts.repository.delete_alerts(world.mina.id)
    assert "or no alert can come" not in read_text(await world.mina.slash(world.channel, "alert"))


async def test_an_alert_is_removed_by_name_and_only_own_ones_are_offered(world: World, tmdb: ReplayServer) -> None:
    await subscribe(world, "Lantern")
    for film in ("burning-2018", "amelie-2001"):
        assert "I'll message you when" in await request_alert(world, film=film)
    choices = await world.mina.autocomplete(world.channel, "alert", "remove", "amelie")
    assert [choice["value"] for choice in choices] == ["amelie-2001"]
    assert await world.jonas.autocomplete(world.channel, "alert", "remove", "") == []
    left = await world.mina.slash(world.channel, "alert", remove="amelie")
    assert "Amélie" not in read_text(left)
    assert "Burning (2018)" in read_text(left)
    assert_refused(
        world, await world.mina.slash(world.channel, "alert", remove="oldboy"), "You have no alert for that"
    )
