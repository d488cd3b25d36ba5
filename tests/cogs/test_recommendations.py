"""`/recommend` and `/similar` as members use them. Each reason told is worked out anew from what was rated."""

import re

from simcord.components import walk_components

from bot.films.film import Film
from bot.films.reviews import Draft
from tests.cogs.reading import Result, last, messages, told
from tests.conftest import World

LIKED = {"burning-2018": 9, "parasite-2019": 9, "oldboy-2003": 8, "zodiac-2007": 8, "john-wick-2014": 3}
CROWD = 6


def texts(result: Result) -> str:
    """Everything that texts between buttons say."""
    parts = [told(result)]
    for message in messages(result):
        parts += [part["content"] for part in walk_components(message.components) if part.get("type") == 10]
    return "\n".join(parts)


def identities(result: Result, prefix: str) -> list[str]:
    """What the buttons' custom_ids say after the prefix, message by message."""
    return [
        part["custom_id"].removeprefix(prefix)
        for message in messages(result)
        for part in walk_components(message.components)
        if str(part.get("custom_id", "")).startswith(prefix)
    ]


def shown(result: Result) -> list[str]:
    return identities(result, "v1:refuse:")


async def rate(world: World, member: int, stars: dict[str, int], server: int | None = None) -> None:
    for film, halves in stars.items():
        await world.services.reviews.post(Draft(server or world.server.id, member, film, halves))


async def rate_a_crowd(world: World, films: dict[str, int]) -> None:
    for member in range(1, CROWD + 1):
        await rate(world, member, films)


async def film_of(world: World, film_id: str) -> Film:
    film = await world.services.catalogue.get(film_id)
    assert film is not None
    return film


async def test_five_films_with_stars_and_reasons(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend")
    assert last(result).ephemeral
    films = shown(result)
    assert len(set(films)) == 5
    assert not set(films) & LIKED.keys()
    assert "From 5 ratings of yours" in texts(result)
    assert len(re.findall(r"★ \d\.\d for you", texts(result))) == 5
