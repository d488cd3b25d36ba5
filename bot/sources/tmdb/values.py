"""Reads values out of answers that nobody vouches for: any may be missing, null or of a wrong type."""

import re
from datetime import date
from typing import Any

TEXT_LIMIT = 4_000
FIRST_FILMS = 1874
"""The year before which no film was made."""


def mapping(body: dict[str, Any], key: str) -> dict[str, Any]:
    """Give the object under that key, an empty one where there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def mappings(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Give the objects of the list under that key, without whatever else is in it."""
    value = body.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(body: dict[str, Any], key: str) -> str:
    """Give the text under that key, cut and fit to be stored, "" where there is none."""
    value = body.get(key)
    # Lone surrogates, which JSON can hold, can be stored by no database.
    return (
        value.strip()[:TEXT_LIMIT].encode("utf-8", "ignore").decode().replace("\0", "")
        if isinstance(value, str)
        else ""
    )


def whole(value: object, low: int, high: int) -> int | None:
    """Give the value where it is a whole number within these bounds."""
    return value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else None


def own_id(body: dict[str, Any]) -> str | None:
    """Give what `id` says, as text."""
    value = whole(body.get("id"), 1, 2**31)
    return str(value) if value is not None else None


def day(value: object) -> date | None:
    """Give the date that the value is, or None for one that no film can have."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.year >= FIRST_FILMS else None


def codes(body: dict[str, Any], key: str, part: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Give those codes of the list under `key` that have the pattern, each once."""
    found = (text(each, part) for each in mappings(body, key))
    return tuple(dict.fromkeys(code for code in found if pattern.fullmatch(code)))
