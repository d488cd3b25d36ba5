"""JSON parsed part by part, so that a large file keeps nobody waiting: `json.loads` takes it in one step.

What fits into a part is parsed at once by the standard library, all that is larger member by member.
"""

import json
import re
from typing import Any

from bot.core.tasks import Steps

PARTS = (4 * 1024, 64 * 1024)
"""Characters that are tried at once, the fewer first: most objects of a list are small."""
DEEPEST = 20
"""How deep larger parts than these may be nested in each other; no service's are deeper than four."""
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def parse_json_in_parts(text: str) -> Steps[Any]:
    """Return the parsed JSON, as `json.loads` does. Raises ValueError, RecursionError."""
    value, end = yield from _parse(text, _skip_space(text, 0), 0)
    if _skip_space(text, end) != len(text):
        raise ValueError("more than one value")
    return value


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match is not None else at


def _parse(text: str, at: int, depth: int) -> Steps[tuple[Any, int]]:
    """Return the value that begins there, and where it ends."""
    yield
    opening = text[at : at + 1]
    if opening not in ("[", "{"):
        return _DECODER.raw_decode(text, at)
    for length in PARTS:
        try:
            value, end = _DECODER.raw_decode(text[at : at + length])
        except ValueError:
            if at + length >= len(text):
                raise
        else:
            return value, at + end
    if depth == DEEPEST:
        raise ValueError("nested too deep")
    if opening == "[":
        return (yield from _parse_list(text, at, depth))
    return (yield from _parse_object(text, at, depth))


def _parse_list(text: str, at: int, depth: int) -> Steps[tuple[list[Any], int]]:
    values: list[Any] = []
    at = _skip_space(text, at + 1)
    if text[at : at + 1] == "]":
        return values, at + 1
    while True:
        value, at = yield from _parse(text, at, depth + 1)
        values.append(value)
        at = _skip_space(text, at)
        if text[at : at + 1] == "]":
            return values, at + 1
        at = _skip_space(text, _skip(text, at, ","))


def _parse_object(text: str, at: int, depth: int) -> Steps[tuple[dict[str, Any], int]]:
    values: dict[str, Any] = {}
    at = _skip_space(text, at + 1)
    if text[at : at + 1] == "}":
        return values, at + 1
    while True:
        _skip(text, at, '"')
        name, at = _DECODER.raw_decode(text, at)
        at = _skip_space(text, _skip(text, _skip_space(text, at), ":"))
        values[name], at = yield from _parse(text, at, depth + 1)
        at = _skip_space(text, at)
        if text[at : at + 1] == "}":
            return values, at + 1
        at = _skip_space(text, _skip(text, at, ","))


def _skip(text: str, at: int, sign: str) -> int:
    """Return the place after the sign. Raises ValueError if it is not there."""
    if text[at : at + 1] != sign:
        raise ValueError(f"{sign} expected")
    return at + 1
