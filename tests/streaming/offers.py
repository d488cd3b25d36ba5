"""Services and offers that a stand-in for TMDB gives, and members who wait for them."""

from datetime import timedelta
from typing import Any

from bot.sources.tmdb.replay import RecordedReply, ReplayServer
from tests.conftest import World
from tests.tmdb_payloads import BURNING, details_reply, movie, provider, providers_reply

LANTERN, REEL, SHOP = provider("Lantern", 1), provider("Reelhouse", 2), provider("Shop", 3)
NIGHT = timedelta(days=1).total_seconds()


def list_services(tmdb: ReplayServer) -> None:
    """Let TMDB name the services that there are."""
    places = {"DE": 1, "FR": 2}
    listed = [{"provider_name": name, "display_priorities": places} for name in ("Reelhouse", "Lantern", "Shop")]
    tmdb.replies.insert(0, RecordedReply("/3/watch/providers/movie", [{"results": listed}]))


def burning(tmdb: ReplayServer, now: dict[str, Any], *later: dict[str, Any]) -> None:
    """Let TMDB give these offers of Burning, and at later looks those."""
    tmdb.replies.append(details_reply(movie(BURNING, "Burning", providers=now)))
    if later:
        tmdb.replies.append(providers_reply(BURNING, *later))


async def subscribe(world: World, *names: str, country: str | None = "DE") -> None:
    await world.services.subscriptions.set_subscriptions(world.mina.id, names)
    await world.services.preferences.set_member_country(world.mina.id, country)


async def nights(world: World) -> None:
    """Let two nights pass: on the first, offers fetched the evening before are young enough."""
    await world.env.advance_time(2 * NIGHT)
