"""Drawn covers for films: a sheet of them for a ranking, and the picture of a member's profile."""

import io
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import discord
import regex
from anyascii import anyascii
from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from bot.core.images.charts import ALT_TEXT_LIMIT
from bot.core.images.fonts import LATIN, fit_text, is_drawable, load_font, measure_width, split_by_font
from bot.core.text.formatting import clean_line, join_list, truncate

WIDTH, MARGIN, GAP = 1_000, 28, 18
BACKGROUND, TEXT, FAINT_TEXT, ACCENT, DARK = "#1E1F22", "#F2F3F5", "#B5BAC1", "#E0A82E", "#2B2D31"
COLOURS = ("#5B2A35", "#1F3D5A", "#2F4A36", "#4A3563", "#5A4222", "#234B52", "#54304E", "#3B4256")
"""A cover's colour goes by its film, so that the same film looks the same everywhere."""
COVERS_IN_ROW, MAX_ROWS = 5, 2
CAPTION_HEIGHT, CAPTION_SIZE = 52, 32
TITLE_SIZES = (48, 42, 38, 34, 30, 26, 23)
LINE_HEIGHT, YEAR_HEIGHT, FRAME = 1.2, 48, 36
"""A line's height in sizes of its letters; the year's below the title; and the frame of lamps above and below."""
STAR, STAR_WIDTH = "★", 0.98
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_UNSPACED_PART = regex.compile(
    r"""(?x)
    [\p{Ps}\p{Pi}]*  # an opening bracket stays with what follows
    (?:[\p{Han}\p{Hiragana}\p{Katakana}]|[^\p{Han}\p{Hiragana}\p{Katakana}\p{Ps}\p{Pi}]++)
    [\p{Pe}\p{Pf}ー・々〜～…、。，．：；！？:;,.!?ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ]*  # begin no line
    |[\p{Ps}\p{Pi}]+
    """
)
"""A letter of a text without spaces, or several that no line break may part, such as a word in Latin letters."""
_SYMBOLS = regex.compile(r"[[\p{So}\p{Cn}\p{Co}\p{Sk}\N{VARIATION SELECTOR-16}]--[★]]", regex.V1)
AVATAR_SIZE = 132
AVATAR_PIXELS_LIMIT = 4_000_000


@dataclass(frozen=True, slots=True)
class Cover:
    """A film's drawn cover: `key` chooses its colour, `caption` stands below it."""

    key: str
    title: str
    year: int | None
    caption: str


@dataclass(frozen=True, slots=True)
class ProfilePicture:
    """What a profile's picture shows. `facts` are labels with their values, of which as many are
    drawn as fit; `counts` the histogram's bars."""

    name: str
    summary: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    counts: tuple[int, ...]
    labels: tuple[str, ...]
    covers: tuple[Cover, ...]
    avatar: bytes = field(default=b"", repr=False)


def create_cover_sheet(covers: Sequence[Cover], *, filename: str, description: str) -> discord.File:
    """Return a PNG with at most ten covers, five in a row. `description` is the alt text."""
    shown = tuple(covers[: COVERS_IN_ROW * MAX_ROWS])
    return _as_file(_draw_sheet(shown), filename, description)


def create_profile_picture(picture: ProfilePicture, *, filename: str, description: str) -> discord.File:
    """Return the PNG of a profile. `description` is the alt text."""
    return _as_file(_draw_profile(picture), filename, description)


def _as_file(content: bytes, filename: str, description: str) -> discord.File:
    return discord.File(io.BytesIO(content), filename, description=truncate(description, ALT_TEXT_LIMIT))


@lru_cache(maxsize=64)
def _draw_sheet(covers: tuple[Cover, ...]) -> bytes:
    count = len(covers)
    columns = max(3, count) if count <= COVERS_IN_ROW else max(COVERS_IN_ROW - 1, -(-count // MAX_ROWS))
    rows = -(-len(covers) // columns)
    _, cover_height = _measure_cover(columns)
    image = Image.new("RGB", (WIDTH, MARGIN + rows * (cover_height + CAPTION_HEIGHT) + MARGIN // 2), BACKGROUND)
    _draw_covers(image, covers, columns, MARGIN)
    return _encode(image)


def _measure_cover(columns: int) -> tuple[int, int]:
    """Return a cover's width and height where so many stand in a row: two to three, as posters are."""
    width = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) // columns
    return width, width * 3 // 2


def _draw_covers(image: Image.Image, covers: Sequence[Cover], columns: int, top: int) -> None:
    """Draw the covers in rows, each row in the middle, with their captions below them."""
    draw = ImageDraw.Draw(image)
    width, height = _measure_cover(columns)
    for index, cover in enumerate(covers):
        row, column = divmod(index, columns)
        in_row = min(columns, len(covers) - row * columns)
        left = (WIDTH - in_row * width - (in_row - 1) * GAP) // 2 + column * (width + GAP)
        y = top + row * (height + CAPTION_HEIGHT)
        _draw_cover(draw, cover, (left, y, left + width, y + height))
        _draw_text(draw, cover.caption, CAPTION_SIZE, (left, y + height + 38), width, TEXT, centred=True)


def _draw_cover(draw: ImageDraw.ImageDraw, cover: Cover, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    colour = COLOURS[zlib.crc32(cover.key.encode()) % len(COLOURS)]
    draw.rounded_rectangle(box, 12, colour)
    for lamp in range(8):
        x = left + 22 + (right - left - 44) * lamp / 7
        for y in (top + 16, bottom - 16):
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=ACCENT if lamp % 2 else DARK)
    room = right - left - 24
    title = _clean(cover.title)
    title = (title if is_drawable(title) else anyascii(title)) or "?"
    size, lines = _fit_lines(title, room, bottom - top - 2 * FRAME - (YEAR_HEIGHT if cover.year else 0))
    height = len(lines) * size * LINE_HEIGHT + (YEAR_HEIGHT if cover.year else 0)
    baseline = top + (bottom - top - height) / 2 + size
    for line in lines:
        _draw_text(draw, line, size, (left + 12, baseline), room, TEXT, centred=True)
        baseline += size * LINE_HEIGHT
    if cover.year:
        _draw_text(draw, str(cover.year), 28, (left + 12, baseline + 4), room, FAINT_TEXT, centred=True)


def _fit_lines(title: str, room: float, height: float) -> tuple[int, list[str]]:
    """Return the largest size in which the title fits into that room, and its lines; the smallest is cut."""
    for size in TITLE_SIZES:
        lines = _wrap(title, size, room)
        fits = len(lines) * size * LINE_HEIGHT <= height
        if fits and all(_measure(line, size) <= room for line in lines):
            return size, lines
    size = TITLE_SIZES[-1]
    lines = [part for line in _wrap(title, size, room) for part in _break_word(line, size, room)]
    limit = int(height // (size * LINE_HEIGHT))
    if len(lines) > limit:
        lines = [*lines[: limit - 1], lines[limit - 1] + "…"]
    return size, lines


def _wrap(title: str, size: int, room: float) -> list[str]:
    """Return the title broken between words, and between letters where these are written without spaces."""
    lines: list[str] = []
    for word, space in _split(title):
        longer = f"{lines[-1]}{space}{word}" if lines else word
        if lines and _measure(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _split(title: str) -> Iterator[tuple[str, str]]:
    """Yield the words, of Chinese and Japanese each part that may begin a line, with what stands before each."""
    for word in title.split():
        parts = _UNSPACED_PART.findall(word) if _UNSPACED.search(word) else [word]
        for index, part in enumerate(parts):
            yield part, "" if index else " "


def _break_word(line: str, size: int, room: float) -> Iterator[str]:
    """Yield the line in as many pieces as it takes for each to fit, with hyphens."""
    while _measure(line, size) > room and len(line) > 1:
        end = next(
            end for end in range(len(line) - 1, 0, -1) if end == 1 or _measure(line[:end] + "-", size) <= room
        )
        yield line[:end] + "-"
        line = line[end:]
    yield line


def _clean(text: str) -> str:
    """Return the text on one line, without the symbols that no font here has, such as emoji."""
    return " ".join(_SYMBOLS.sub("", clean_line(text)).split())


def _measure(text: str, size: int) -> float:
    return sum(
        size * STAR_WIDTH if part == STAR else measure_width(split_by_font(part, size)) for part in _parts(text)
    )


def _parts(text: str) -> list[str]:
    """Return the text with its stars apart: these are drawn, since the fonts have none."""
    return [part for part in re.split(f"({STAR})", text) if part]


def _draw_text(
    draw: ImageDraw.ImageDraw,
    text: str,
    size: int,
    position: tuple[float, float],
    room: float,
    fill: str,
    *,
    centred: bool = False,
) -> None:
    """Draw the text on the baseline, cut to the room there is; its stars are Marquee's yellow."""
    x, baseline = position
    parts = _parts(_clean(text))
    if centred:
        x += max(room - _measure("".join(parts), size), 0) / 2
    end = position[0] + room
    for part in parts:
        if part == STAR:
            _draw_star(draw, (x + size * STAR_WIDTH / 2, baseline - size * 0.36), size * 0.44)
            x += size * STAR_WIDTH
            continue
        for piece, font in fit_text(part, size, end - x):
            draw.text((x, baseline), piece, fill, font, anchor="ls")
            x += font.getlength(piece)


def _draw_star(draw: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    points = []
    for corner in range(10):
        length, angle = radius if corner % 2 == 0 else radius * 0.42, math.pi * (corner / 5 - 0.5)
        points.append((centre[0] + length * math.cos(angle), centre[1] + length * math.sin(angle)))
    draw.polygon(points, fill=ACCENT)


@lru_cache(maxsize=64)
def _draw_profile(picture: ProfilePicture) -> bytes:
    facts_top, chart_height = MARGIN + AVATAR_SIZE + 36, 250
    fact_height = 78
    covers_top = facts_top + max(fact_height * max(len(picture.facts), 1), chart_height) + 26
    _, cover_height = _measure_cover(COVERS_IN_ROW)
    covers_height = cover_height + CAPTION_HEIGHT + MARGIN // 2 if picture.covers else 0
    image = Image.new("RGB", (WIDTH, covers_top + covers_height), BACKGROUND)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 8), ACCENT)
    _draw_avatar(image, picture)
    left = MARGIN + AVATAR_SIZE + 28
    _draw_text(draw, picture.name, 56, (left, MARGIN + 72), WIDTH - left - MARGIN, TEXT)
    _draw_text(draw, picture.summary, 32, (left, MARGIN + 122), WIDTH - left - MARGIN, FAINT_TEXT)
    chart_left = 600
    for index, (label, values) in enumerate(picture.facts):
        y = facts_top + index * fact_height
        _draw_text(draw, label, 27, (MARGIN, y + 26), chart_left - 2 * MARGIN, FAINT_TEXT)
        room = chart_left - 2 * MARGIN
        fitting = [join_list(values[:count]) for count in range(len(values), 0, -1)]
        value = next((each for each in fitting if _measure(_clean(each), 34) <= room), values[0])
        _draw_text(draw, value, 34, (MARGIN, y + 64), room, TEXT)
    _draw_bars(draw, picture, (chart_left, facts_top, WIDTH - MARGIN, facts_top + chart_height))
    if picture.covers:
        _draw_covers(image, picture.covers, COVERS_IN_ROW, covers_top)
    return _encode(image)


def _draw_bars(draw: ImageDraw.ImageDraw, picture: ProfilePicture, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    highest, slot = max(*picture.counts, 1), (right - left) / len(picture.counts)
    base, font = bottom - 34, load_font(LATIN, 22)
    for index, (count, label) in enumerate(zip(picture.counts, picture.labels, strict=True)):
        x = left + index * slot
        height = max((base - top) * count / highest, 4)
        draw.rectangle((x + 3, base - height, x + slot - 3, base), ACCENT if count else DARK)
        draw.text((x + slot / 2, bottom - 12), label, FAINT_TEXT, font, anchor="mm")


def _draw_avatar(image: Image.Image, picture: ProfilePicture) -> None:
    """Draw the avatar in a circle, or the first letter of the name where there is no readable picture."""
    size = (AVATAR_SIZE, AVATAR_SIZE)
    avatar = _open_avatar(picture.avatar)
    if avatar is None:
        avatar = Image.new("RGB", size, COLOURS[zlib.crc32(picture.name.encode()) % len(COLOURS)])
        letter = _clean(picture.name)[:1].upper() or "?"
        draw = ImageDraw.Draw(avatar)
        _draw_text(draw, letter, 72, (0, AVATAR_SIZE / 2 + 26), AVATAR_SIZE, TEXT, centred=True)
    mask = Image.new("L", (AVATAR_SIZE * 4, AVATAR_SIZE * 4), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, AVATAR_SIZE * 4 - 1, AVATAR_SIZE * 4 - 1), fill=255)
    image.paste(avatar, (MARGIN, MARGIN), mask.resize(size))


def _open_avatar(content: bytes) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "WEBP", "JPEG", "GIF")) as opened:
            if opened.width * opened.height > AVATAR_PIXELS_LIMIT:
                return None
            return ImageOps.fit(opened.convert("RGB"), (AVATAR_SIZE, AVATAR_SIZE))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None


def _encode(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=4)
    return file.getvalue()
