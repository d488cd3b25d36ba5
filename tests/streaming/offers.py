"""Streaming services and offers that the stand-in for TMDB replies with, and members who subscribe to them."""

from datetime import timedelta
from typing import Any

from bot.sources.tmdb.replay import RecordedReply, ReplayServer
from tests.conftest import World
from tests.tmdb_payloads import BURNING, details_reply, movie, provider, providers_reply

LANTERN, REEL, SHOP = provider("Lantern", 1), provider("Reelhouse", 2), provider("Shop", 3)
NIGHT = timedelta(days=1).total_seconds()


def list_services(tmdb: ReplayServer) -> None:
    """Let TMDB reply with three services."""
    priorities = {"DE": 1, "FR": 2}
    services = [
        {"provider_name": name, "display_priorities": priorities} for name in ("Reelhouse", "Lantern", "Shop")
    ]
    tmdb.replies.insert(0, RecordedReply("/3/watch/providers/movie", [{"results": services}]))


def reply_with_offers(tmdb: ReplayServer, first: dict[str, Any], *later: dict[str, Any]) -> None:
    """Let TMDB reply with these offers of Burning, and to later requests with those."""
    tmdb.replies.append(details_reply(movie(BURNING, "Burning", providers=first)))
    if later:
        tmdb.replies.append(providers_reply(BURNING, *later))


async def subscribe(world: World, *names: str, country: str | None = "DE") -> None:
    await world.services.subscriptions.set_subscriptions(world.mina.id, names)
    await world.services.preferences.repository.set_country(world.mina.id, country)


async def pass_two_nights(world: World) -> None:
    """Let two nights pass: on the first, offers fetched the evening before are fresh enough."""
    await world.env.advance_time(2 * NIGHT)
