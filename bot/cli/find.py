"""`marquee find`. Imports only what title search needs, so that it starts fast."""

import argparse
import json
import sys
import time

from bot.bootstrap import open_titles
from bot.cli import ExitCode, log_warnings_only
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _
from bot.films.service import create_match
from bot.search.answer import Answer
from bot.search.index import Match
from bot.search.query import FIRST_YEAR, LAST_YEAR


async def find(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Search for each title, print the matches, and return PARTIAL if a query had none.

    Raises InvalidInputError if the limit is less than 1, or the year is no film's.
    """
    log_warnings_only(settings)
    if arguments.limit < 1:
        raise InvalidInputError(_("--limit must be 1 or more."))
    if arguments.year is not None and not FIRST_YEAR <= arguments.year <= LAST_YEAR:
        raise InvalidInputError(
            _("--year must be a whole number from {first} to {last}.").format(first=FIRST_YEAR, last=LAST_YEAR)
        )
    all_matched = True
    async with open_titles(settings) as films:
        for query in arguments.title or (line.rstrip("\r\n") for line in sys.stdin):
            start = time.perf_counter()
            matches = films.index.search(query, arguments.limit, arguments.year)
            milliseconds = (time.perf_counter() - start) * 1e3
            lookup = await films.lookup(query, arguments.year)
            if lookup.is_reference:
                matches = [create_match(lookup.film)] if lookup.film is not None else []
            all_matched = all_matched and bool(matches)
            if arguments.json:
                print(_render_json(query, milliseconds, matches, lookup.answer), flush=True)
            else:
                print(_render_text(query, matches))
    return ExitCode.SUCCESS if all_matched else ExitCode.PARTIAL


def _render_json(query: str, milliseconds: float, matches: list[Match], answer: Answer) -> str:
    """Return a line of JSON: `answer` is how `/film` would answer without TMDB, `ms` the time of the search."""
    rows = [
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
    return json.dumps(
        {"query": query, "ms": round(milliseconds, 3), "answer": answer.value, "matches": rows}, ensure_ascii=False
    )


def _render_text(query: str, matches: list[Match]) -> str:
    if not matches:
        return _("{query}: no match").format(query=query or "“”")
    lines = []
    for match in matches:
        original = "" if match.original_title == match.title else f" · {match.original_title}"
        directors = f" · {', '.join(match.directors)}" if match.directors else ""
        lines.append(f"{match.score:5.1f}  {match.dated_title}{original}{directors}  [{match.film_id}]")
    return "\n".join(lines)
