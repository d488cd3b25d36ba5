"""What TMDB adds to `/film`, as members see it."""

from typing import Any

import discord
import pytest

from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer
from bot.ui.streaming import JUSTWATCH, TMDB_NOTICE
from tests.conftest import World
from tests.tmdb_payloads import (
    BURNING,
    details_reply,
    movie,
    offers,
    provider,
)

LANTERN, REEL = provider("Lantern", 1), provider("Reelhouse+", 2)


def field(embed: discord.Embed, name: str) -> str | None:
    return next((f.value for f in embed.fields if (f.name or "").startswith(name)), None)


def custom_ids(message: Any) -> list[str]:
    return [child.get("custom_id", child.get("url")) for row in message.components for child in row["components"]]


def speak(world: World, locale: str) -> None:
    """Let every member's client be in that language from now on."""

    def translate(event: str, payload: dict[str, Any]) -> None:
        if event == "INTERACTION_CREATE":
            payload["locale"] = locale

    world.env.backend.subscribers.insert(0, translate)


@pytest.fixture
def services(online_services: Services) -> Services:
    return online_services


async def test_a_film_seen_first_shows_what_the_catalogue_knows_and_then_what_tmdb_does(
    world: World, tmdb: ReplayServer
) -> None:
    tmdb.replies.append(details_reply(movie(BURNING, "Burning", providers=offers(DE={"flatrate": [LANTERN]}))))
    await world.services.preferences.set_member_country(world.mina.id, "DE")
    result = await world.mina.slash(world.channel, "film", title="burning-2018")
    assert result.response is not None
    embed = result.response.embeds[0]
    assert embed.title == "Burning (2018)"
    assert embed.thumbnail.url == "https://image.tmdb.org/t/p/w500/poster.jpg"
    where = field(embed, "Where to stream in Germany")
    assert where is not None
    assert "**Subscription:** Lantern" in where
    assert JUSTWATCH in where
    assert "as of" not in where
    assert field(embed, "Certification") == "16"
    assert embed.description is not None
    assert "What happens in Burning" in embed.description
    assert TMDB_NOTICE in (embed.footer.text or "")
    assert "https://www.youtube.com/watch?v=trailer001" in custom_ids(result.response)
    assert "v1:stills:burning-2018" in custom_ids(result.response)
    assert tmdb.paths.count(f"/3/movie/{BURNING}") == 1
