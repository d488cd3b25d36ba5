"""Days as people write them in numbers."""

import re
from datetime import date

from bot.core.errors import NoSuchDayError

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")


def parse_numeric_day(text: str) -> date | None:
    """Return the day of a text such as 2026-11-20 or 20.11.2026, or None for a text of another form.

    Raises NoSuchDayError if no calendar has that day.
    """
    if match := _ISO_DAY.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DOTTED_DAY.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        raise NoSuchDayError from None
