"""Drawn stand-ins for TMDB's pictures, for the try page: nothing there comes from the network."""

import io
from collections.abc import Iterable
from hashlib import sha256

from PIL import Image, ImageDraw, ImageFont

from bot.films.metadata import Details
from bot.sources.tmdb import parse
from bot.sources.tmdb.replay import RecordedReply

POSTER, STILL = (300, 450), (640, 360)
Assets = dict[str, tuple[str, bytes]]


def stand_ins(replies: Iterable[RecordedReply]) -> Assets:
    """Give a drawn picture for each poster and still in the replies, by its address, with its file name."""
    assets: Assets = {}
    for reply in replies:
        for body in reply.bodies:
            details = parse.details(body) if isinstance(body, dict) and "images" in body else None
            if details is not None:
                assets |= _of(details)
    return assets


def _of(details: Details) -> Assets:
    title = details.text("en").title
    drawn: Assets = {}
    if details.poster:
        drawn[details.poster] = _named(details.poster, _picture(POSTER, [title, "poster (drawn)"], details.poster))
    for at, url in enumerate(details.stills, 1):
        drawn[url] = _named(url, _picture(STILL, [title, f"still {at} (drawn)"], url))
    return drawn


def _named(url: str, picture: bytes) -> tuple[str, bytes]:
    return url.rpartition("/")[2].rpartition(".")[0] + ".png", picture


def _picture(size: tuple[int, int], lines: list[str], seed: str) -> bytes:
    """Draw a ground that runs from one colour to another, with the lines on it, as PNG."""
    red, green, blue, *_ = sha256(seed.encode()).digest()
    width, height = size
    picture = Image.new("RGB", size)
    draw = ImageDraw.Draw(picture)
    for y in range(height):
        share = 0.35 + 0.45 * y / height
        draw.line([(0, y), (width, y)], fill=tuple(int(part * share) for part in (red, green, blue)))
    draw.ellipse([width * 0.6, height * 0.12, width * 0.85, height * 0.12 + width * 0.25], fill="#F4E2B8")
    for at, line in enumerate(lines):
        words = line if len(line) < 22 else line.replace(" ", "\n", 2)
        font = ImageFont.load_default(26 if at == 0 else 16)
        draw.multiline_text(
            (width / 2, height * (0.6 + 0.2 * at)), words, "white", font, anchor="mm", align="center"
        )
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
