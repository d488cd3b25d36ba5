"""A drawn title card for films without a poster: the title between lamps of a colour."""

import io
from collections.abc import Sequence
from functools import lru_cache

import discord
from anyascii import anyascii
from PIL import Image, ImageDraw

from bot.core.images.fonts import is_drawable, measure_width, split_by_font
from bot.core.text.formatting import clean_line, join_list, truncate
from bot.core.text.i18n import _

FILENAME = "title.png"
ATTACHMENT_URL = f"attachment://{FILENAME}"
WIDTH, HEIGHT, MARGIN = 1000, 500, 70
BACKGROUND, PANEL, TEXT, FAINT_TEXT, DARK_LAMP = "#16171A", "#1E1F22", "#F2F3F5", "#B5BAC1", "#3A3C42"
MAXIMUM_SIZE, MINIMUM_SIZE, SIZE_STEP, LINES_LIMIT = 84, 36, 8, 3
SMALL_SIZE = 34
LAMPS = 24


def create_title_card(
    titles: Sequence[str],
    *,
    fallback: str,
    original_title: str,
    facts: Sequence[str],
    colour: discord.Colour,
) -> discord.File:
    """Return a title card as PNG; its alt text says what is on it.

    It shows the first of `titles` whose letters have a font, else the first one in Latin letters, else `fallback`.
    The original title and the facts are left out if they can't be drawn.
    """
    cleaned = [clean_line(title) for title in titles]
    candidates = (*cleaned, clean_line(anyascii(cleaned[0])))
    title = next(filter(is_drawable, candidates), fallback)
    original_title = clean_line(original_title)
    below = [truncate(original_title, 60)] if original_title != title and is_drawable(original_title) else []
    if drawable_facts := [fact for fact in facts if is_drawable(fact)]:
        below.append(" · ".join(drawable_facts))
    title = truncate(title, 160)
    image = _draw(title, tuple(below), colour.value)
    # Translators: the text for those who can't see the picture
    description = truncate(_("Title card: {text}").format(text=join_list([title, *below])), 1_024)
    return discord.File(io.BytesIO(image), FILENAME, description=description)


@lru_cache(maxsize=64)
def _draw(title: str, below: tuple[str, ...], colour: int) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), BACKGROUND)
    draw = ImageDraw.Draw(image)
    accent = f"#{colour:06X}"
    draw.rounded_rectangle((24, 24, WIDTH - 24, HEIGHT - 24), 18, PANEL, accent, 4)
    for lamp in range(LAMPS):
        x = 44 + (WIDTH - 88) * lamp / (LAMPS - 1)
        for y in (24, HEIGHT - 24):
            draw.ellipse((x - 7, y - 7, x + 7, y + 7), accent if lamp % 2 else DARK_LAMP)
    size, lines = _fit_title(title)
    baseline = (HEIGHT - len(lines) * size * 1.3 - len(below) * SMALL_SIZE * 1.6) / 2 + size
    for line in lines:
        _draw_line(draw, line, size, baseline, TEXT)
        baseline += size * 1.3
    baseline += SMALL_SIZE * 1.6 - size
    for line in below:
        _draw_line(draw, line, SMALL_SIZE, baseline, FAINT_TEXT)
        baseline += SMALL_SIZE * 1.6
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _draw_line(draw: ImageDraw.ImageDraw, text: str, size: int, baseline: float, fill: str) -> None:
    """Draw the text in the middle, in a smaller size if it is wider than the card."""
    pieces = split_by_font(text, size)
    while measure_width(pieces) > WIDTH - 2 * MARGIN and size > 12:
        size -= 2
        pieces = split_by_font(text, size)
    x = (WIDTH - measure_width(pieces)) / 2
    for piece, font in pieces:
        draw.text((x, baseline), piece, fill, font, anchor="ls")
        x += font.getlength(piece)


def _fit_title(title: str) -> tuple[int, list[str]]:
    """Return the largest size in which the title fits, and its lines."""
    for size in range(MAXIMUM_SIZE, MINIMUM_SIZE - 1, -SIZE_STEP):
        lines = _wrap(title, size)
        if len(lines) <= LINES_LIMIT and all(
            measure_width(split_by_font(line, size)) <= WIDTH - 2 * MARGIN for line in lines
        ):
            return size, lines
    lines = _wrap(title, MINIMUM_SIZE)
    return MINIMUM_SIZE, [*lines[: LINES_LIMIT - 1], " ".join(lines[LINES_LIMIT - 1 :])]


def _wrap(title: str, size: int) -> list[str]:
    """Return the title broken between words so that its lines fit; a single long word may not."""
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure_width(split_by_font(longer, size)) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
