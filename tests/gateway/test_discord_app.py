"""`marquee invite`, `marquee sync` and `marquee emojis`, against the stand-in for Discord.

The emojis are pictures of stars, which the bot shows; without them stars are symbols.
"""

import base64
import io
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace

import discord
import pytest
import simcord
from aiohttp import web
from PIL import Image

from bot.cli import CannotRunError
from bot.cli.discord_app import emojis, invite, sync
from bot.client import create_bot, get_invite_url
from bot.config import Settings
from bot.core.database.key_value import KeyValueRepository
from bot.reviews.star_emojis import STAR_STYLE, StarEmojis, show_stars, store_star_emojis
from bot.services import Services
from tests.gateway.standin import APPLICATION_ID, TOKEN, StandIn, reply


@pytest.fixture(autouse=True)
def _symbols() -> Iterator[None]:
    yield
    STAR_STYLE._emojis = None


@pytest.fixture
def connected(discord_standin: StandIn, services: Services, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(discord.http.Route, "BASE", f"{discord_standin.url}/api")
    return replace(services.settings, discord_token=TOKEN)


async def test_an_operator_gets_the_address_and_sends_the_commands(
    discord_standin: StandIn, connected: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await invite(connected, Namespace()) == 0
    assert capsys.readouterr().out == f"{get_invite_url(int(APPLICATION_ID))}\n"
    for server_id, path in ((None, f"/applications/{APPLICATION_ID}/commands"), (7, "/guilds/7/commands")):
        assert await sync(connected, Namespace(guild=server_id)) == 0
        assert "Synced" in capsys.readouterr().out
        assert discord_standin.requests[-1][0] == "PUT"
        assert discord_standin.requests[-1][1].endswith(path)
        assert "film" in {each["name"] for each in discord_standin.commands}
        discord_standin.commands = []

    async def refuse(request: web.Request) -> web.StreamResponse | None:
        return reply({"message": "Missing Access", "code": 50001}, 403) if request.method == "PUT" else None

    discord_standin.on_request = refuse
    with pytest.raises(CannotRunError, match="Discord refused: Missing Access") as caught:
        await sync(connected, Namespace(guild=7))
    assert not caught.value.is_temporary
    with pytest.raises(CannotRunError, match="DISCORD_TOKEN"):
        await invite(replace(connected, discord_token=None), Namespace())


async def test_pictures_are_uploaded_once_and_removed(
    discord_standin: StandIn, services: Services, connected: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    values = KeyValueRepository(services.database)
    upload, remove = Namespace(remove=False), Namespace(remove=True)
    for _ in range(2):
        assert await emojis(connected, upload) == 0
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
    assert await emojis(connected, remove) == 0
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
