"""Charts as PNG files: a histogram, and a list of labelled bars. The caller writes the alt text."""

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import discord
from PIL import Image, ImageDraw

from bot.core.images.fonts import LATIN, fit_text, load_font
from bot.core.text.formatting import clean_line, truncate

SCALE = 2
"""Charts are drawn this many times larger than shown, for sharp letters on high-density screens."""
HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT, LABEL_HEIGHT, GAP = 300, 90, 18, 4
BACKGROUND, BAR, EMPTY_BAR, TEXT, FAINT_TEXT = "#2B2D31", "#E0A82E", "#45474E", "#F2F3F5", "#B5BAC1"
"""Discord's dark grey and Marquee's yellow: bars differ from the background in lightness too."""
ROW_HEIGHT, BAR_CHART_WIDTH, MARGIN, NUMBER_WIDTH = 33, 320, 8, 36
"""A list of bars has its labels above them: ten rows are hardly taller than wide, since Discord shrinks what is
taller than 300, and a phone shows them in a readable size."""
ALT_TEXT_LIMIT = 1_024


class LabelledBar(NamedTuple):
    """A bar of a chart and the text above it."""

    label: str
    value: float


def create_histogram(
    counts: tuple[int, ...], labels: tuple[str, ...], *, filename: str, description: str
) -> discord.File:
    """Return a PNG with a bar for each count, and its label below it. `description` is the alt text."""
    return discord.File(io.BytesIO(_draw_histogram(counts, labels)), filename, description=description)


@lru_cache(maxsize=256)
def _draw_histogram(counts: tuple[int, ...], labels: tuple[str, ...]) -> bytes:
    width, height, label_height = HISTOGRAM_WIDTH * SCALE, HISTOGRAM_HEIGHT * SCALE, LABEL_HEIGHT * SCALE
    image = Image.new("RGB", (width, height), BACKGROUND)
    draw = ImageDraw.Draw(image)
    font = load_font(LATIN, 11 * SCALE)
    highest, slot = max(*counts, 1), width / len(counts)
    for index, (count, label) in enumerate(zip(counts, labels, strict=True)):
        left, right = index * slot + GAP, (index + 1) * slot - GAP
        bar_height = (height - label_height - 3 * GAP) * count / highest
        base = height - label_height
        draw.rectangle((left, base - max(bar_height, SCALE), right, base), fill=BAR if count else EMPTY_BAR)
        draw.text(((left + right) / 2, height - label_height / 2), label, FAINT_TEXT, font, anchor="mm")
    return _encode_png(image)


def create_bar_chart(
    bars: Sequence[LabelledBar], *, maximum: float, filename: str, description: str, digits: int = 2
) -> discord.File:
    """Return a PNG with the bars below one another, each from 0 to its value of at most `maximum`.

    Values have so many `digits` after the point. `description` is the alt text, truncated to Discord's limit.
    """
    height = (ROW_HEIGHT * len(bars) + 2 * GAP) * SCALE
    image = Image.new("RGB", (BAR_CHART_WIDTH * SCALE, height), BACKGROUND)
    draw = ImageDraw.Draw(image)
    number_font = load_font(LATIN, 12 * SCALE)
    left, width = MARGIN * SCALE, (BAR_CHART_WIDTH - 2 * MARGIN) * SCALE
    for index, bar in enumerate(bars):
        top = (GAP + ROW_HEIGHT * index) * SCALE
        x = float(left)
        for piece, font in fit_text(clean_line(bar.label), 12 * SCALE, width):
            draw.text((x, top + 15 * SCALE), piece, TEXT, font, anchor="ls")
            x += font.getlength(piece)
        right = left + (width - NUMBER_WIDTH * SCALE) * bar.value / maximum
        draw.rectangle((left, top + 20 * SCALE, right, top + 28 * SCALE), fill=BAR)
        number = f"{bar.value:.{digits}f}"
        draw.text((right + 6 * SCALE, top + 24 * SCALE), number, TEXT, number_font, anchor="lm")
    return discord.File(
        io.BytesIO(_encode_png(image)), filename, description=truncate(description, ALT_TEXT_LIMIT)
    )


def _encode_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
