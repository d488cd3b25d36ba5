"""Cells of other services' files read into values: days, numbers, stars, texts."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.core.errors import InvalidInputError, NoSuchDayError
from bot.core.text.days import parse_numeric_day
from bot.core.text.formatting import clean_input, clean_line
from bot.imports.history import REVIEW_LIMIT, TAG_LIMIT, TAGS_LIMIT, TITLE_LIMIT, UTC_ZONE
from bot.reviews.diary import FIRST_DAY
from bot.reviews.stars import MAX_HALF_STARS, MIN_HALF_STARS, parse_stars

IMDB_ID = re.compile(r"tt\d{5,10}")
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)")
_BREAK = re.compile(r"<br\s*/?>|</p>\s*<p>|</?blockquote>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:a|b|em|i|p|s|span|strong|u)(?:\s[^<>]*)?>", re.IGNORECASE)
_YES = {"yes", "true", "1", "y", "x"}
FARTHEST_AHEAD = 1
"""Days that a viewing may lie ahead: somewhere it is tomorrow already."""


def parse_day(text: str, zone: ZoneInfo = UTC_ZONE) -> date | None:
    """Return the day that a cell begins with, None for an empty cell. Raises ValueError for anything else.

    Of a moment with its offset from UTC it is the day in that zone. Trakt has 1970-01-01 where nobody knows when.
    """
    text = text.strip()
    if not text:
        return None
    if _MOMENT.fullmatch(text) and not text.startswith("1970-01-01"):
        text = datetime.fromisoformat(text).astimezone(zone).date().isoformat()
    head = re.split("[T ]", text, maxsplit=1)[0] if text[:4].isdigit() else text
    if match := _US_DAY.fullmatch(head):
        month, day, year = map(int, match.groups())
        parsed: date | None = date(year, month, day)
    else:
        try:
            parsed = parse_numeric_day(head)
        except NoSuchDayError as error:
            raise ValueError(text) from error
    if parsed is None:
        raise ValueError(text)
    if parsed == date(1970, 1, 1):
        return None
    if parsed < FIRST_DAY or parsed.toordinal() > datetime.now(UTC).toordinal() + FARTHEST_AHEAD:
        raise ValueError(text)
    return parsed


def parse_number(text: str) -> float | None:
    """Return the number in a cell, with a decimal comma or point, None for an empty one. Raises ValueError."""
    text = text.strip().replace("\u00a0", "")
    if not text:
        return None
    if len(text) > 12 or not re.fullmatch(r"[0-9]+(?:[.,][0-9]+)?", text):
        raise ValueError(text)
    return float(text.replace(",", "."))


def parse_half_stars(text: str, scale: float) -> int | None:
    """Return the half-stars of a rating out of `scale`; None for a blank or 0, which are no ratings.

    ★ and ½ are read too. Raises ValueError for anything else, and for more than the scale has.
    """
    if set("★⭐½") & set(text):
        try:
            return parse_stars(text)
        except InvalidInputError as error:
            raise ValueError(text) from error
    number = parse_number(text)
    if number is None or number == 0:
        return None
    half_stars = int(number / scale * MAX_HALF_STARS + 0.5)
    if number > scale:
        raise ValueError(text)
    return max(MIN_HALF_STARS, half_stars)


def parse_year(text: str) -> int | None:
    """Return the year in a cell such as `1999`, `1999.0` or `1999-03-31`, else None."""
    match = _YEAR.search(text)
    return int(match[0]) if match else None


def parse_imdb_id(text: str) -> str | None:
    """Return the IMDb id of a title in a cell or address, else None."""
    match = IMDB_ID.search(text)
    return match[0] if match else None


def parse_positive_id(text: str) -> str | None:
    """Return a number that identifies something, else None."""
    text = text.strip().removesuffix(".0")
    return str(int(text)) if text.isascii() and text.isdigit() and 0 < len(text) < 12 and int(text) else None


def is_yes(text: str) -> bool:
    """Return whether a cell says yes."""
    return text.strip().casefold() in _YES


def clean_title(text: str) -> str:
    """Return a title on one line, "" where nothing is to be seen of it."""
    return clean_line(_storable(text[: 4 * TITLE_LIMIT]))[:TITLE_LIMIT]


def clean_review(text: str) -> str:
    """Return a review as it is stored, without the tags of Letterboxd's export, as for bold text."""
    text = _storable(text[: 2 * REVIEW_LIMIT])
    before = ""
    while "<" in text and text != before:  # what is left of one tag inside another may be a tag
        before, text = text, _TAG.sub("", _BREAK.sub("\n", text))
    return clean_input(text)[:REVIEW_LIMIT]


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags, each once, without those that show nothing."""
    cleaned = (clean_line(_storable(tag[: 4 * TAG_LIMIT]))[:TAG_LIMIT].strip() for tag in tags)
    return tuple(dict.fromkeys(filter(None, cleaned)))[:TAGS_LIMIT]


def _storable(text: str) -> str:
    """Return the text without what no database stores: halves of surrogate pairs and NULs."""
    return text.encode(errors="replace").decode().replace("\0", "")
