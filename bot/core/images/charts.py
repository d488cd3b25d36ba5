"""Small pictures: how stars are spread, and the list of the best. Each has an alt text that says the same."""

import io
from collections.abc import Sequence
from functools import lru_cache

import discord
from PIL import Image, ImageDraw

from bot.core.images.fonts import LATIN, fitting, font
from bot.core.text.formatting import clean_line, truncate, with_year
from bot.reviews.diary import RankedFilm
from bot.reviews.stars import HIGHEST, Totals

SCALE = 2
"""Pictures are drawn so many times larger than shown, for sharp letters on fine screens."""
WIDTH, HEIGHT, FOOT, GAP = 300, 90, 18, 4
GROUND, BAR, EMPTY, INK, FAINT = "#2B2D31", "#E0A82E", "#45474E", "#F2F3F5", "#B5BAC1"
"""Discord's dark grey and Marquee's yellow: bars stand out from the ground by their lightness too."""
ROW, TOP_WIDTH, MARGIN, FIGURE = 33, 320, 8, 36
"""The list of the best: titles above their bars, ten rows hardly higher than wide, since Discord shrinks what is
higher than 300; a phone shows it in letters that can be read."""
ALT_LIMIT = 1_024
_HALF = ("½", "1", "1½", "2", "2½", "3", "3½", "4", "4½", "5")


def histogram(totals: Totals) -> discord.File:
    """Give ten bars, for ½ to 5 stars, as PNG with the numbers in its alt text."""
    picture = io.BytesIO(_histogram(totals.bins))
    return discord.File(picture, "stars.png", description=spread_text(totals))


def spread_text(totals: Totals) -> str:
    """Say in words how the stars are spread."""
    numbers = ", ".join(f"{stars}: {number}" for stars, number in zip(_HALF, totals.bins, strict=True))
    ratings = "1 rating" if totals.count == 1 else f"{totals.count:,} ratings"
    return f"How often each number of stars was given, {ratings}. {numbers}."


@lru_cache(maxsize=256)
def _histogram(bins: tuple[int, ...]) -> bytes:
    width, height, foot = WIDTH * SCALE, HEIGHT * SCALE, FOOT * SCALE
    picture = Image.new("RGB", (width, height), GROUND)
    draw = ImageDraw.Draw(picture)
    letters = font(LATIN, 11 * SCALE)
    most, slot = max(*bins, 1), width / HIGHEST
    for number, count in enumerate(bins):
        left, right = number * slot + GAP, (number + 1) * slot - GAP
        tall = (height - foot - 3 * GAP) * count / most
        base = height - foot
        draw.rectangle((left, base - max(tall, SCALE), right, base), fill=BAR if count else EMPTY)
        draw.text(((left + right) / 2, height - foot / 2), _HALF[number], FAINT, letters, anchor="mm")
    return _png(picture)


def ranking(films: Sequence[RankedFilm]) -> discord.File:
    """Give the list as bars from 0 to 5 stars, as PNG with the same list in its alt text."""
    height = (ROW * len(films) + 2 * GAP) * SCALE
    picture = Image.new("RGB", (TOP_WIDTH * SCALE, height), GROUND)
    draw = ImageDraw.Draw(picture)
    figures = font(LATIN, 12 * SCALE)
    left, widest = MARGIN * SCALE, (TOP_WIDTH - 2 * MARGIN) * SCALE
    for place, film in enumerate(films, start=1):
        above = (GAP + ROW * (place - 1)) * SCALE
        at = float(left)
        title = clean_line(f"{place}. {with_year(film.title, film.year)}")
        for piece, letters in fitting(title, 12 * SCALE, widest):
            draw.text((at, above + 15 * SCALE), piece, INK, letters, anchor="ls")
            at += letters.getlength(piece)
        right = left + (widest - FIGURE * SCALE) * film.average / 5
        draw.rectangle((left, above + 20 * SCALE, right, above + 28 * SCALE), fill=BAR)
        draw.text((right + 6 * SCALE, above + 24 * SCALE), f"{film.average:.2f}", INK, figures, anchor="lm")
    told = "; ".join(
        f"{place}. {clean_line(with_year(film.title, film.year))}: {film.average:.2f}"
        for place, film in enumerate(films, start=1)
    )
    alt_text = truncate(f"Average stars. {told}.", ALT_LIMIT)
    return discord.File(io.BytesIO(_png(picture)), "top.png", description=alt_text)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()
