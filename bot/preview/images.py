"""Draws the try page's images: members' avatars, and posters and stills in place of TMDB's.

The page loads nothing from the network.
"""

import io
from collections.abc import Iterable
from hashlib import sha256

from PIL import Image, ImageDraw, ImageFont

from bot.films.metadata import Details
from bot.sources.tmdb.parse import parse_details
from bot.sources.tmdb.replay import RecordedReply

Size = tuple[int, int]
POSTER_SIZE, STILL_SIZE = (300, 450), (640, 360)
Assets = dict[str, tuple[str, bytes]]
"""File name and PNG image by address."""


def draw_film_images(replies: Iterable[RecordedReply]) -> Assets:
    """Return a drawn image for each poster and still in the replies."""
    assets: Assets = {}
    for reply in replies:
        for body in reply.bodies:
            details = parse_details(body) if isinstance(body, dict) and "images" in body else None
            if details is not None:
                assets |= _draw_images(details)
    return assets


def draw_avatar(letter: str, colour: str) -> bytes:
    """Return a PNG image of a letter on a coloured background."""
    image = Image.new("RGB", (128, 128), colour)
    ImageDraw.Draw(image).text((64, 64), letter, "white", ImageFont.load_default(72), anchor="mm")
    return _as_png(image)


def _draw_images(details: Details) -> Assets:
    title = details.get_text("en").title
    drawings = [(url, STILL_SIZE, f"still {number} (drawn)") for number, url in enumerate(details.stills, 1)]
    if details.poster:
        drawings.append((details.poster, POSTER_SIZE, "poster (drawn)"))
    return {
        url: (url.rpartition("/")[2].rpartition(".")[0] + ".png", _draw(size, [title, caption], seed=url))
        for url, size, caption in drawings
    }


def _draw(size: Size, lines: list[str], seed: str) -> bytes:
    """Return a PNG image of the lines on a colour gradient, whose colours follow from the seed."""
    red, green, blue, *_ = sha256(seed.encode()).digest()
    width, height = size
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for y in range(height):
        brightness = 0.35 + 0.45 * y / height
        draw.line([(0, y), (width, y)], fill=tuple(int(part * brightness) for part in (red, green, blue)))
    draw.ellipse([width * 0.6, height * 0.12, width * 0.85, height * 0.12 + width * 0.25], fill="#F4E2B8")
    for number, line in enumerate(lines):
        text = line if len(line) < 22 else line.replace(" ", "\n", 2)
        font = ImageFont.load_default(26 if number == 0 else 16)
        draw.multiline_text(
            (width / 2, height * (0.6 + 0.2 * number)), text, "white", font, anchor="mm", align="center"
        )
    return _as_png(image)


def _as_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
