"""One look-up in the arrays of an index: the ways to read a text, the names near each, how they are alike."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from bot.search.arrays import Arrays, best_of
from bot.search.asked import Asked, Names
from bot.search.candidates import ENDINGS, candidates, holding
from bot.search.features import AT, NAMES, Candidates, Floats, features, glance
from bot.search.normalisation import BREAK
from bot.search.query import TitleQuery, parse, split_year, without_marks
from bot.search.ranking import glanced, likeness
from bot.search.slips import scattered

LOOKED_AT = 40
"""Names looked at closely: those that are best at a glance, and beside them the most famous of one ending."""
FEW_LETTERS, LOOKED_AT_FOR_FEW = 3, 120
"""Queries of so few letters are like many names at a glance: more of them are looked at."""
YEAR_DIGITS = 4
FAMOUS = 8
"""Of these in any case the most famous that begin with the query, however much of them is still to come."""
SHORT_QUERY, POOR, ONE_SLIP = 16, 84.0, 97.9
"""Short queries that find nothing more alike than POOR are looked up by their letters in any order, too; one with
a single letter wrong is at least as alike as ONE_SLIP times the share of the others."""


def queries(text: str, year: int | None) -> tuple[list[TitleQuery], TitleQuery | None]:
    """Give the ways to read a text, and the title and year that it may be, taken apart, if it ends in a year.

    `2012` may be a title, and `blade runner 2049` too. Text of another script is read without its marks, too.
    """
    title, found = split_year(text) if year is None else (text, None)
    asked = [parse(text, year)] if found is None else [parse(title, found)]
    if (bare := without_marks(asked[0])) is not None:
        asked.append(bare)
    whole = parse(text) if found is not None else None
    return [query for query in asked if not query.empty], whole


def glances(
    arrays: Arrays, gone: npt.NDArray[np.bool_] | None, text: str, year: int | None
) -> Iterator[tuple[Asked, Candidates]]:
    """Give each way to read the text with the names near it; films that are `gone` are left out."""
    asked, whole = queries(text, year)
    found: list[Names] = []
    for query in asked:
        beside = Asked.of(arrays, query)
        near = glance(beside, there(arrays, gone, candidates(beside)))
        found.append(near.names)
        yield beside, near
    if whole is not None and arrays.names:  # the year is a part of the title only where the title holds it
        beside, digits = Asked.of(arrays, whole), whole.latin[-YEAR_DIGITS:]
        names = np.unique(np.concatenate((*found, there(arrays, gone, holding(beside, digits)))))
        held = np.array([digits in arrays.key(name) for name in names.tolist()], np.bool_)
        if held.any():
            yield beside, glance(beside, names[held])


def closely(asked: Asked, near: Candidates, weights: Floats | None = None) -> tuple[Candidates, Floats]:
    """Give the best of the names with all features, and how alike their letters are to the query's (0 to 100)."""
    most = LOOKED_AT if len(asked.query.joined) > FEW_LETTERS else LOOKED_AT_FOR_FEW
    if len(near.names) > most:
        score = glanced(near.table, weights)
        begun = np.flatnonzero(near.table[AT["begins"]])
        score[begun[best_of(near.table[AT["fame"]][begun], FAMOUS)]] = np.inf
        chosen = np.concatenate((best_of(score, most), _famous_of_one_ending(asked.query.latin, near)))
        near = near.only(np.unique(chosen))
    if not len(near.names):
        return Candidates(near.names, [], [], np.zeros((len(NAMES), 0), np.float32)), np.zeros(0, np.float32)
    found = features(asked, near)
    return found, likeness(found.table)


def _famous_of_one_ending(latin: str, near: Candidates) -> Names:
    """Give the places of the most famous names that end in the words of the query, where many do.

    `season 1` is the end of some hundred titles: only fame can tell which is meant.
    """
    fame, ends = near.table[AT["fame"]], near.table[AT["ends"]]
    if np.count_nonzero(ends) <= ENDINGS // 2:
        return np.zeros(0, np.int64)
    held = [at for at in np.flatnonzero(ends).tolist() if near.keys[at].endswith((f" {latin}", f"{BREAK}{latin}"))]
    places = np.array(held, np.int64)
    return places[best_of(fame[places], ENDINGS)]


def look(
    arrays: Arrays, gone: npt.NDArray[np.bool_] | None, text: str, year: int | None
) -> Iterator[tuple[Asked, Candidates, Floats]]:
    """Give each way to read the text, the best names near it with all features, and how alike they are."""
    best, dated = 0.0, False
    for asked, near in glances(arrays, gone, text, year):
        dated = dated or asked.query.year is not None
        digits_held = dated and asked.query.year is None  # the year as part of the title: no scan finds more
        found, alike = closely(asked, near)
        best = max(best, float(alike.max(initial=0.0)))
        yield asked, found, alike
        if not dated and found.table[AT["same joined"]].any():
            return  # without its marks, too, the text would be read: it is a title with them
        if not digits_held and len(asked.query.joined) <= SHORT_QUERY and best < _poor(asked.query):
            more = np.setdiff1d(there(arrays, gone, scattered(asked)), near.names, assume_unique=True)
            found, alike = closely(asked, glance(asked, more)) if len(more) else (found, alike[:0])
            if len(alike):
                yield asked, found, alike


def _poor(query: TitleQuery) -> float:
    """Give the likeness below which more is looked for: a word of six letters with one slip has been found.

    Not so in scripts whose letters are several in Latin ones, or that leave vowels out there.
    """
    return min(POOR, ONE_SLIP * (1 - 1 / len(query.joined))) if query.folded.isascii() else POOR


def there(arrays: Arrays, gone: npt.NDArray[np.bool_] | None, names: Names) -> Names:
    """Give the names but for those of films that are gone."""
    return names if gone is None or not len(names) else names[~gone[arrays.require_film[names]]]
