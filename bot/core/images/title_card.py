"""A drawn title card, for films without a poster: the title under lamps of the server's colour."""

import io
from functools import lru_cache
from typing import NamedTuple

import discord
from anyascii import anyascii
from PIL import Image, ImageDraw

from bot.core.images.fonts import drawable, runs, width
from bot.core.text.formatting import clean_line, format_runtime, truncate
from bot.films.models import Film

NAME = "title.png"
PICTURE = f"attachment://{NAME}"
WIDTH, HEIGHT, MARGIN = 1000, 500, 70
GROUND, PANEL, INK, FAINT, DARK = "#16171A", "#1E1F22", "#F2F3F5", "#B5BAC1", "#3A3C42"
LARGEST, SMALLEST, STEP, LINES = 84, 36, 8, 3
SMALL = 34
LAMPS = 24


class _Words(NamedTuple):
    """What is on a card."""

    title: str
    original: str
    facts: str


def title_card(film: Film, colour: discord.Colour) -> discord.File:
    """Give the film's title card as PNG; its alt text says what is on it."""
    words = _words(film)
    told = ", ".join(part for part in (words.title, words.original, words.facts) if part)
    picture = io.BytesIO(_drawn(words, colour.value))
    return discord.File(picture, NAME, description=truncate(f"Title card: {told}", 1_024))


def _words(film: Film) -> _Words:
    """Give those of the film's words that can be drawn: where no title can, the main one in Latin letters."""
    latin = clean_line(anyascii(clean_line(film.title)))
    titles = (*(clean_line(each) for each in film.titles), latin, film.id)
    title = next(each for each in titles if drawable(each) or each == film.id)
    original = clean_line(film.original_title)
    facts = [str(film.year)] if film.year else []
    facts += [truncate(clean_line(name), 40) for name in film.directors[:2]]
    if film.runtime:
        facts.append(format_runtime(film.runtime))
    return _Words(
        truncate(title, 160),
        truncate(original, 60) if original != title and drawable(original) else "",
        " · ".join(part for part in facts if drawable(part)),
    )


@lru_cache(maxsize=64)
def _drawn(words: _Words, colour: int) -> bytes:
    picture = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    draw = ImageDraw.Draw(picture)
    accent = f"#{colour:06X}"
    draw.rounded_rectangle((24, 24, WIDTH - 24, HEIGHT - 24), 18, PANEL, accent, 4)
    for lamp in range(LAMPS):
        middle = 44 + (WIDTH - 88) * lamp / (LAMPS - 1)
        for edge in (24, HEIGHT - 24):
            draw.ellipse((middle - 7, edge - 7, middle + 7, edge + 7), accent if lamp % 2 else DARK)
    size, lines = _fitted(words.title)
    below = [line for line in (words.original, words.facts) if line]
    top = (HEIGHT - len(lines) * size * 1.3 - len(below) * SMALL * 1.6) / 2 + size
    for line in lines:
        _line(draw, line, size, top, INK)
        top += size * 1.3
    top += SMALL * 1.6 - size
    for line in below:
        _line(draw, line, SMALL, top, FAINT)
        top += SMALL * 1.6
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _line(draw: ImageDraw.ImageDraw, text: str, size: int, base: float, ink: str) -> None:
    pieces = runs(text, size)
    while width(pieces) > WIDTH - 2 * MARGIN and size > 12:
        size -= 2
        pieces = runs(text, size)
    left = (WIDTH - width(pieces)) / 2
    for piece, font in pieces:
        draw.text((left, base), piece, ink, font, anchor="ls")
        left += font.getlength(piece)


def _fitted(title: str) -> tuple[int, list[str]]:
    """Give the largest size in which the title fits, and its lines."""
    for size in range(LARGEST, SMALLEST - 1, -STEP):
        lines = _wrapped(title, size)
        if len(lines) <= LINES and all(width(runs(line, size)) <= WIDTH - 2 * MARGIN for line in lines):
            return size, lines
    lines = _wrapped(title, SMALLEST)
    return SMALLEST, [*lines[: LINES - 1], " ".join(lines[LINES - 1 :])]


def _wrapped(title: str, size: int) -> list[str]:
    """Break the title between words so that its lines fit, as far as its words do."""
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(runs(longer, size)) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
