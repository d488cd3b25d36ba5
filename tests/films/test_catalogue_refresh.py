import pytest

from bot.films.models import Film
from bot.films.repository import FilmRepository
from tests.conftest import World
from tests.repositories import delete_film
from tests.responses import require_response


async def test_films_that_another_process_changes_are_found_without_a_restart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FilmRepository(world.services.database)
    await other.save_many([Film("the-paper-lantern-keeper-2026", "The Paper Lantern Keeper", "등불지기", 2026)])
    monkeypatch.setattr("bot.client.CATALOGUE_REFRESH_SECONDS", 0.0)  # a minute is always over
    await world.mina.slash(world.channel, "help")
    result = require_response(await world.mina.slash(world.channel, "film", title="paper lantern keeper"))
    assert result.embeds[0].title == "The Paper Lantern Keeper (2026)"
    await delete_film(world.services.database, other, "the-paper-lantern-keeper-2026")
    await world.mina.slash(world.channel, "help")
    choices = await world.mina.autocomplete(world.channel, "film", "title", "paper lantern keeper")
    assert all(choice["value"] != "the-paper-lantern-keeper-2026" for choice in choices)
