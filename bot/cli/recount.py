"""`marquee recount`: counts the ballots of a film night again, from the file that came with its result."""

import argparse
import asyncio
import json
from pathlib import Path

from bot.cli import ExitCode
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.core.text.formatting import clean_line
from bot.core.text.i18n import _
from bot.nights.ballots import ONE_VOTE, Count, hash_seed
from bot.nights.recount import BallotBox, read_document

FILE_SIZE_LIMIT = 50_000_000
"""Bytes of a file that is read."""


async def recount(_settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Print the count of the file's ballots; return PARTIAL if it is not the result that the file states.

    Raises InvalidInputError for a file of anything else, OSError where it can't be read.
    """
    box, stated, seed_hash = await asyncio.to_thread(_read_file, Path(arguments.file))
    count = box.count()
    for line in _describe(box, count):
        print(line)
    is_right = True
    if hash_seed(box.seed) != seed_hash:
        print("The seed doesn't match the hash shown before the ballot opened.")
        is_right = False
    if count.order != stated:
        print("The file states another result: " + ", ".join(box.titles.get(each, each) for each in stated))
        is_right = False
    if is_right:
        print("The result is correct. The seed's hash, to compare with the night's card:")
        print(seed_hash)
    return ExitCode.SUCCESS if is_right else ExitCode.PARTIAL


def _read_file(path: Path) -> tuple[BallotBox, tuple[str, ...], str]:
    if path.stat().st_size > FILE_SIZE_LIMIT:
        raise InvalidInputError(_("That isn't a film night's ballot file."))
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise InvalidInputError(_("That isn't a film night's ballot file.")) from None
    return read_document(document)


def _describe(box: BallotBox, count: Count) -> list[str]:
    """Return the lines that say how the films fared."""
    lines = [f"{clean_line(box.night)}: {len(box.ballots):,} ballots, counted by {box.method.value}"]
    for number, each in enumerate(count.rounds, start=1):
        votes = ", ".join(f"{_title(box, film)} {format_votes(total)}" for film, total in each.votes.items())
        out = f"; out: {_title(box, each.eliminated)}" if each.eliminated is not None else ""
        lines.append(f"round {number}: {votes}{out}")
    for place, film in enumerate(count.order, start=1):
        line = f"{place}. {_title(box, film)}, {format_votes(count.votes[film])}"
        if count.pairs:
            beaten = sum(
                count.pairs[film, other] > count.pairs[other, film] for other in box.titles if other != film
            )
            line += f" first choices, preferred to {beaten} of {len(box.titles) - 1}"
        lines.append(line)
    if count.tie_breaks:
        lines.append("ties were broken by " + ", then ".join(each.value for each in count.tie_breaks))
    return lines


def _title(box: BallotBox, film_id: str) -> str:
    return clean_line(box.titles[film_id])


def format_votes(hundredths: int) -> str:
    """Return votes in words: whole ones without a fraction."""
    return f"{hundredths / ONE_VOTE:.2f}".rstrip("0").rstrip(".")
