"""Ratings to recommend from, and what a member reads of what is recommended."""

from collections.abc import AsyncIterator

from simcord.components import walk_components

from bot.films.models import Film
from bot.reviews.models import Draft
from tests.conftest import World
from tests.responses import Actor, Result, list_messages, read_text, require_response

LIKED = {"burning-2018": 9, "parasite-2019": 9, "oldboy-2003": 8, "zodiac-2007": 8, "john-wick-2014": 3}
PAGES = 12


def texts(result: Result) -> str:
    """Everything that texts between buttons say."""
    parts = [read_text(result)]
    for message in list_messages(result):
        parts += [part["content"] for part in walk_components(message.components) if part.get("type") == 10]
    return "\n".join(parts)


def identities(result: Result, prefix: str) -> list[str]:
    """What the buttons' custom_ids say after the prefix, message by message."""
    return [
        part["custom_id"].removeprefix(prefix)
        for message in list_messages(result)
        for part in walk_components(message.components)
        if str(part.get("custom_id", "")).startswith(prefix)
    ]


def shown(result: Result) -> list[str]:
    """The ids of the films; in direct messages the server's follows them in the buttons."""
    return [each.partition(":")[0] for each in identities(result, "v1:refuse:")]


async def rate(world: World, member: int, stars: dict[str, int], server: int | None = None) -> None:
    for film, halves in stars.items():
        await world.services.reviews.post(Draft(server or world.server.id, member, film, halves))


def blocks(result: Result) -> list[tuple[str, str]]:
    """Each film on the message with what is told of it."""
    parts = [
        part["content"] for part in walk_components(require_response(result).components) if part.get("type") == 10
    ]
    return list(zip(shown(result), parts[1:], strict=True))


async def pages(world: World, actor: Actor) -> AsyncIterator[tuple[str, str]]:
    """The films recommended to the member, page by page, with what is told of each."""
    result = await actor.slash(world.channel, "recommend")
    for _ in range(PAGES):
        for block in blocks(result):
            yield block
        if not any(part.get("label") == "More" for part in walk_components(require_response(result).components)):
            return
        result = await actor.click(require_response(result), label="More")


async def require_film(world: World, film_id: str) -> Film:
    film = await world.services.film_repository.get(film_id)
    assert film is not None
    return film
