"""Weighs the names near a query: what was learned, and what no learning has to tell."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from bot.core.text.folding import fold, strip_marks
from bot.search.arrays import BARE, Arrays, spelled_as, spelled_in
from bot.search.candidates import called
from bot.search.features import AT, Candidates, Floats, alike, features, glance
from bot.search.lookup import look, there
from bot.search.query import TitleQuery
from bot.search.ranking import rank

SCRIPT_WEIGHT = 6.0
"""What letters of the title's own script count."""
YEAR_WEIGHT = 4.0
"""What the very year asked for counts beside what was learned: more than any fame."""
CALLED_LIKENESS = 90.0
"""Likeness, of 100, of a name to its initials: as that of a title to its beginning."""
BETTER_KNOWN = 8 * 12 / 255
"""How much more famous than any whose title begins with the letters a film must be that they are the initials of:
256 times as few are asked for more, as features tell it."""
SAME_WEIGHT = 3.0
"""What a name of the very letters asked for, or of the same words, counts beside what was learned: no fame makes
up for a letter, and `2` is `ii`."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Names of one set of arrays, with all that the order depends on; a greater logit is likelier.

    `called`: they are there because the query is their initials, whatever their likeness.
    """

    arrays: Arrays
    near: Candidates
    logits: Floats
    likeness: Floats
    fame: Floats
    called: bool = False


def weighed(arrays: Arrays, gone: npt.NDArray[np.bool_] | None, text: str, year: int | None) -> list[Weighed]:
    """Give the names near a text, for each way to read it; films that are `gone` are left out."""
    found: list[Weighed] = []
    initialled: Candidates | None = None
    for asked, near, likeness in look(arrays, gone, text, year):
        same_year = near.table[AT["year same"]]
        same = np.maximum(near.table[AT["same joined"]], near.table[AT["numerals"]] == 1)
        logits = rank(near.table) + SAME_WEIGHT * same
        if asked.query.year is not None:
            logits += YEAR_WEIGHT * same_year
        _level(near, logits)
        if asked.query.folded.isascii():
            _level_last_parts(near.table, logits)
        else:
            _weigh_script(arrays, asked.query, near, logits)
        if not found and len(names := there(arrays, gone, called(asked))):
            initialled = features(asked, glance(asked, names))
        found.append(Weighed(arrays, near, logits, likeness, arrays.fame[arrays.require_film[near.names]]))
    return found if initialled is None else [*found, _by_initials(arrays, initialled, found)]


def _by_initials(arrays: Arrays, named: Candidates, found: list[Weighed]) -> Weighed:
    """Give names whose initials are the query, before all but the same title; none that is not much better known
    than what begins with it: whoever types `the` does not mean The Hidden Eye."""
    table = np.concatenate([each.near.table for each in found], axis=1)
    logits = np.concatenate([each.logits for each in found])
    begun, same = table[AT["begins"]] == 1, table[AT["same joined"]] == 1
    known = table[AT["fame"]][begun].max(initial=0.0) + BETTER_KNOWN * begun.any()
    named = named.only(np.flatnonzero(named.table[AT["fame"]] >= known))
    place = logits[~same].max(initial=0.0) + 1
    if same.any():
        place = min(place, logits[same].min() - 1)
    here = np.full(len(named.names), place, np.float32) + YEAR_WEIGHT * named.table[AT["year same"]]
    likeness, fame = np.full(len(here), CALLED_LIKENESS, np.float32), arrays.fame[arrays.require_film[named.names]]
    return Weighed(arrays, named, here, likeness, fame, called=True)


def _level(near: Candidates, logits: Floats) -> None:
    """Give names of the same letters the same logit, so that fame alone decides between them, after the year.

    Names with an article that is not asked for are left as they are: only the better known come before the title
    without one.
    """
    if len(set(near.joined)) == len(near.joined):
        return
    groups: dict[tuple[str, float], list[int]] = {}
    told = near.table[AT["year same"]].tolist(), near.table[AT["article"]].tolist()
    for at, (joined, same_year, article) in enumerate(zip(near.joined, *told, strict=True)):
        if not article:
            groups.setdefault((joined, same_year), []).append(at)
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
    """Let letters of the title's own script decide between titles that read alike in Latin letters.

    Where a name lacks the marks of its script, the query is compared without them, too: whoever types none there
    has no words either, as these are parted where marks are.
    """
    spelled, bare = [], []
    for name, same in zip(near.names.tolist(), near.table[AT["same joined"]].tolist(), strict=True):
        record, at = arrays.record(arrays.require_film.item(name)), arrays.title_of.item(name)
        title = fold(spelled_as(record, at, query.folded) if same else spelled_in(record, at))
        spelled.append(title)
        bare.append(strip_marks(title).replace(" ", "") if at & BARE else "")
    likeness = alike(query.folded, spelled, fuzz.ratio)
    if any(bare):
        np.maximum(likeness, alike(strip_marks(query.folded).replace(" ", ""), bare, fuzz.ratio), out=likeness)
    logits += np.float32(SCRIPT_WEIGHT / 100) * likeness - np.float32(SCRIPT_WEIGHT)
