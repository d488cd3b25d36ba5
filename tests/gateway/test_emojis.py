"""`marquee emojis` uploads pictures of stars, and the bot shows them; without them stars are symbols."""

import base64
import io
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace

import discord
import pytest
import simcord
from PIL import Image

from bot.cli.discord_app import emojis
from bot.client import create_bot
from bot.core.database.key_value import KeyValueRepository
from bot.reviews.star_emojis import STAR_STYLE, StarEmojis, show_stars, store_star_emojis
from bot.services import Services
from tests.gateway.standin import APPLICATION_ID, TOKEN, StandIn


@pytest.fixture(autouse=True)
def _symbols() -> Iterator[None]:
    yield
    STAR_STYLE._emojis = None


async def test_pictures_are_uploaded_once_and_removed(
    discord_standin: StandIn,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", f"{discord_standin.url}/api")
    settings = replace(services.settings, discord_token=TOKEN)
    values = KeyValueRepository(services.database)
    upload, remove = Namespace(remove=False), Namespace(remove=True)
    for _ in range(2):
        assert await emojis(settings, upload) == 0
    assert [each["name"] for each in discord_standin.emojis] == ["star", "half_star"]
    for each in discord_standin.emojis:
        kind, _, content = each["image"].partition(",")
        picture = Image.open(io.BytesIO(base64.b64decode(content)))
        assert (kind, picture.size, picture.mode) == ("data:image/png;base64", (128, 128), "RGBA")
        assert len(content) < 256 * 1024  # Discord's limit
    await STAR_STYLE.load(values, int(APPLICATION_ID))
    star, half_star = (f"<:{each['name']}:{each['id']}>" for each in discord_standin.emojis)
    assert show_stars(7) == star * 3 + half_star
    # Another application, such as one to test with on a copy of the database, may not use them.
    await STAR_STYLE.load(values, 7)
    assert show_stars(7) == "★★★½"
    assert await emojis(settings, remove) == 0
    assert discord_standin.emojis == []
    await STAR_STYLE.load(values, int(APPLICATION_ID))
    assert show_stars(7) == "★★★½"
    assert "Restart the bot" in capsys.readouterr().out


async def test_the_bot_shows_what_was_uploaded(services: Services) -> None:
    bot = create_bot(services)
    env = simcord.Env(bot)
    await env.start()
    assert show_stars(3) == "★½"
    assert bot.application_id is not None
    await store_star_emojis(KeyValueRepository(services.database), StarEmojis(bot.application_id, 11, 12))
    await env.restart_bot(create_bot(services))
    assert show_stars(3) == "<:star:11><:half_star:12>"
    await env.shutdown()
