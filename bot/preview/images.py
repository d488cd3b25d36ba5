"""Finds what the try page draws: people's avatars, and posters and stills in place of TMDB's.

The page loads nothing from the network.
"""

from collections.abc import Callable, Iterable
from functools import partial

from bot.films.metadata import Details
from bot.preview import svg
from bot.preview.posters import draw_poster, draw_still
from bot.sources.tmdb.parse import parse_details
from bot.sources.tmdb.replay import RecordedReply

Draw = Callable[[], bytes]
FilmImages = dict[str, tuple[str, Draw]]
"""A path below /media and the function that draws the image, by TMDB's address."""


def find_film_images(replies: Iterable[RecordedReply]) -> FilmImages:
    """Return how to draw each poster and still that the replies name: when somebody looks at them."""
    images: FilmImages = {}
    for reply in replies:
        for body in reply.bodies:
            details = parse_details(body) if isinstance(body, dict) and "images" in body else None
            if details is not None:
                images |= _find_images(details)
    return images


def _find_images(details: Details) -> FilmImages:
    title = details.get_text("en").title
    images: FilmImages = {}
    if details.poster:
        name = _name_of(details.poster)
        images[details.poster] = f"film/{name}.svg", partial(draw_poster, title, name)
    for number, url in enumerate(details.stills):
        name = _name_of(url)
        images[url] = f"film/{name}.svg", partial(draw_still, title, name, number)
    return images


def _name_of(url: str) -> str:
    return url.rpartition("/")[2].rpartition(".")[0]


def draw_avatar(letter: str, colour: str) -> bytes:
    """Return a letter on a coloured background."""
    style = 'font-weight="600" text-anchor="middle" dominant-baseline="middle"'
    return svg.image(80, 80, svg.rectangle(0, 0, 80, 80, colour) + svg.text(40, 42, 38, letter, style))


def draw_marquee_avatar() -> bytes:
    """Return the bot's avatar: a cinema's canopy with lamps, and an M."""
    canopy = (
        svg.rectangle(0, 0, 80, 80, "#8E1B2E")
        + svg.rectangle(8, 14, 64, 52, "#5E0F1E")
        + svg.rectangle(13, 26, 54, 28, "#FBF3DC")
    )
    lamps = "".join(svg.circle(x, y, 2.6, "#FFF3C4") for y in (20, 60) for x in range(14, 70, 10))
    return svg.image(80, 80, canopy + lamps + svg.stroke("M28 48V32l12 11 12-11v16", "#8E1B2E", 5))
