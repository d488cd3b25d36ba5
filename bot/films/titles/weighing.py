"""Weighs the names near a query: what was learned, and what no learning has to tell."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from bot.films.titles.arrays import Arrays, spelled_as, spelled_in
from bot.films.titles.features import AT, Candidates, Floats
from bot.films.titles.lookup import look
from bot.films.titles.normalise import fold
from bot.films.titles.query import TitleQuery
from bot.films.titles.ranking import rank

SCRIPT_WEIGHT = 6.0
"""What letters of the title's own script count."""
YEAR_WEIGHT = 4.0
"""What the very year asked for counts beside what was learned: more than any fame."""
SAME_WEIGHT = 3.0
"""What a name of the very letters asked for, or of the same words, counts beside what was learned: no fame makes
up for a letter, and `2` is `ii`."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Names of one set of arrays, with all that the order depends on; a greater logit is likelier."""

    arrays: Arrays
    near: Candidates
    logits: Floats
    likeness: Floats
    fame: Floats


def weighed(arrays: Arrays, gone: npt.NDArray[np.bool_] | None, text: str, year: int | None) -> Iterator[Weighed]:
    """Give the names near a text, for each way to read it; films that are `gone` are left out."""
    for asked, near, alike in look(arrays, gone, text, year):
        same_year = near.table[AT["year same"]]
        same = np.maximum(near.table[AT["same joined"]], near.table[AT["numerals"]] == 1)
        logits = rank(near.table) + SAME_WEIGHT * same
        if asked.query.year is not None:
            logits += YEAR_WEIGHT * same_year
        if asked.query.folded.isascii():
            _level(near.joined, logits, same_year)
            _level_last_parts(near.table, logits)
        else:
            _weigh_script(arrays, asked.query, near, logits)
        yield Weighed(arrays, near, logits, alike, arrays.fame[arrays.film_of[near.names]])


def _level(joined: list[str], logits: Floats, same_year: Floats) -> None:
    """Give names of the same letters the same logit, so that fame alone decides between them, after the year."""
    if len(set(joined)) == len(joined):
        return
    groups: dict[tuple[str, float], list[int]] = {}
    for at, group in enumerate(zip(joined, same_year.tolist(), strict=True)):
        groups.setdefault(group, []).append(at)
    for places in groups.values():
        if len(places) > 1:
            logits[places] = logits[places].max()


def _level_last_parts(table: Floats, logits: Floats) -> None:
    """Give titles that end in the very part asked for one logit: fame alone tells which `season 1` is meant."""
    ends = table[AT["ends"]] == 1
    if np.count_nonzero(ends) < 2:
        return
    held = ends & (table[AT["part"]] == 1) & (table[AT["same joined"]] == 0)
    held &= (table[AT["year same"]] == 1) | (table[AT["year same"]].max() == 0)
    if np.count_nonzero(held) > 1:
        logits[held] = logits[held].max()


def _weigh_script(arrays: Arrays, query: TitleQuery, near: Candidates, logits: Floats) -> None:
    """Let letters of the title's own script decide between titles that read alike in Latin letters."""
    spelled = []
    for name, same in zip(near.names.tolist(), near.table[AT["same joined"]].tolist(), strict=True):
        record, at = arrays.record(arrays.film_of.item(name)), arrays.title_of.item(name)
        spelled.append(fold(spelled_as(record, at, query.folded) if same else spelled_in(record, at)))
    likeness = process.cdist((query.folded,), spelled, scorer=fuzz.ratio, dtype=np.float32)[0]
    logits += np.float32(SCRIPT_WEIGHT / 100) * likeness - np.float32(SCRIPT_WEIGHT)
