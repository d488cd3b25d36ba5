"""`marquee recount`: counts the ballots of a film night again, from the file under “How this was counted”."""

import argparse
import asyncio
import json
from pathlib import Path

from bot.cli import ExitCode
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.core.text.formatting import clean_line
from bot.core.text.i18n import _, ngettext
from bot.nights.ballots import ONE_VOTE, Count, hash_seed
from bot.nights.embeds import METHOD_LABELS, TIE_LABELS
from bot.nights.recount import BallotBox, read_document

FILE_SIZE_LIMIT = 50_000_000
"""Bytes of a file that is read."""


async def recount(_settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Print the count of the file's ballots; return PARTIAL if it is not the result that the file states.

    Raises InvalidInputError for a file of anything else, and where it can't be read.
    """
    try:
        box, stated, seed_hash = await asyncio.to_thread(_read_file, Path(arguments.file))
    except OSError as error:
        sentence = _("{file} can't be read: {reason}.")
        raise InvalidInputError(sentence.format(file=arguments.file, reason=error.strerror)) from error
    count = box.count()
    for line in _describe(box, count):
        print(line)
    is_right = True
    if hash_seed(box.seed) != seed_hash:
        print(_("The seed doesn't match the code shown before the ballot opened."))
        is_right = False
    if count.order != stated:
        titles = ", ".join(box.titles.get(each, each) for each in stated)
        print(_("The file states another result: {titles}").format(titles=titles))
        is_right = False
    if is_right:
        print(_("The result is correct. The proof of the draw, to compare with the one under “Nominations”:"))
        print(seed_hash)
    return ExitCode.SUCCESS if is_right else ExitCode.PARTIAL


def _read_file(path: Path) -> tuple[BallotBox, tuple[str, ...], str]:
    if path.stat().st_size > FILE_SIZE_LIMIT:
        raise InvalidInputError(
            _("That isn't a film night's ballot file. Use the one under “How this was counted”.")
        )
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise InvalidInputError(
            _("That isn't a film night's ballot file. Use the one under “How this was counted”.")
        ) from None
    return read_document(document)


def _describe(box: BallotBox, count: Count) -> list[str]:
    """Return the lines that say how the films fared."""
    ballots = ngettext("{count} ballot", "{count} ballots", len(box.ballots)).format(count=f"{len(box.ballots):,}")
    lines = [f"{clean_line(box.night)}: {ballots} · {_(METHOD_LABELS[box.method])}"]
    for number, each in enumerate(count.rounds, start=1):
        votes = ", ".join(f"{_title(box, film)} {format_votes(total)}" for film, total in each.votes.items())
        if each.eliminated is None:
            lines.append(_("round {number}: {votes}").format(number=number, votes=votes))
        else:
            out = _title(box, each.eliminated)
            lines.append(_("round {number}: {votes}; out: {title}").format(number=number, votes=votes, title=out))
    for place, film in enumerate(count.order, start=1):
        title, votes = _title(box, film), format_votes(count.votes[film])
        if not count.pairs:
            lines.append(f"{place}. {title}, {votes}")
            continue
        beaten = sum(count.pairs[film, other] > count.pairs[other, film] for other in box.titles if other != film)
        line = _("{place}. {title}, {votes} first choices, preferred to {beaten} of {others}")
        others = len(box.titles) - 1
        lines.append(line.format(place=place, title=title, votes=votes, beaten=beaten, others=others))
    if count.tie_breaks:
        reasons = ", ".join(_(TIE_LABELS[each]) for each in count.tie_breaks)
        lines.append(_("tie broken by {reasons}").format(reasons=reasons))
    return lines


def _title(box: BallotBox, film_id: str) -> str:
    return clean_line(box.titles[film_id])


def format_votes(hundredths: int) -> str:
    """Return votes in words: whole ones without a fraction."""
    return f"{hundredths / ONE_VOTE:.2f}".rstrip("0").rstrip(".")
