"""What `marquee find` does. It imports what look-up needs and no more, so that it answers at once."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from bot.bootstrap import open_titles
from bot.cli import ExitCode
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.search.index import Match


async def find(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Look the titles up and print what was found; return PARTIAL where a query has no result."""
    if arguments.limit < 1:
        raise InvalidInputError("--limit must be a whole number from 1.")
    found_all = True
    async with open_titles(settings) as index:
        for text in _queries(arguments.title):
            begin = time.perf_counter()
            matches = index.search(text, arguments.limit, arguments.year)
            milliseconds = (time.perf_counter() - begin) * 1e3
            found_all &= bool(matches)
            if arguments.json:
                print(_as_json(text, milliseconds, matches), flush=True)
            else:
                _print_found(text, matches)
    return ExitCode.SUCCESS if found_all else ExitCode.PARTIAL


def _queries(titles: list[str]) -> Iterator[str]:
    yield from titles or (line.rstrip("\r\n") for line in sys.stdin)


def _as_json(text: str, milliseconds: float, matches: list[Match]) -> str:
    found: list[dict[str, Any]] = [
        {
            "id": match.film_id,
            "title": match.title,
            "original_title": match.original_title,
            "year": match.year,
            "score": round(match.score, 2),
            "matched": match.matched,
        }
        for match in matches
    ]
    return json.dumps({"query": text, "ms": round(milliseconds, 3), "matches": found}, ensure_ascii=False)


def _print_found(text: str, matches: list[Match]) -> None:
    if not matches:
        print(f"{text}: nothing found")
    for match in matches:
        original = "" if match.original_title == match.title else f" · {match.original_title}"
        directors = f" · {', '.join(match.directors)}" if match.directors else ""
        print(f"{match.score:5.1f}  {match.dated_title}{original}{directors}  [{match.film_id}]")
