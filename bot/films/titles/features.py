"""How a query and a name are alike, in numbers: what the ranking weighs.

Each feature is about 0 to 1. Likeness is RapidFuzz's normalised Indel similarity unless said otherwise.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel, JaroWinkler, LCSseq, Prefix

from bot.films.titles.arrays import Arrays
from bot.films.titles.normalise import BREAK, NUMERALS
from bot.films.titles.query import TitleQuery

Floats = npt.NDArray[np.float32]
NAMES = (
    "whole", "joined", "edits", "numerals", "begins", "beginning", "end", "inside", "word inside", "subsequence",
    "winkler", "words found", "words covered", "last word begun", "worst word", "part", "part begins", "same",
    "same joined", "fame", "fame squared", "longer", "shorter", "typed share", "year same", "year beside",
    "year other", "year unknown", "query length", "query words", "main title", "shared beginning", "first word",
    "word count", "whole words begun", "last letter",
)  # fmt: skip
"""What each column is; docs/search.md explains them."""


def features(arrays: Arrays, query: TitleQuery, names: npt.NDArray[np.int64]) -> Floats:
    """Give a row for each name and a column for each of NAMES."""
    begins_at, ends_at = arrays.starts[names].tolist(), arrays.starts[names + 1].tolist()
    text = arrays.text
    keys = [text[a:b] for a, b in zip(begins_at, ends_at, strict=True)]
    spaced = "\n".join(keys).replace(BREAK, " ").split("\n")
    joined = "\n".join(spaced).replace(" ", "").split("\n")
    words = [key.split(" ") for key in spaced]
    asked, asked_joined = query.latin, query.joined
    size, count = len(asked_joined), len(names)
    lengths = np.array([*map(len, joined)], np.float32)
    whole = alike(asked, spaced)
    shared = alike(asked_joined, joined, Prefix.similarity)
    begins = shared == size
    same_joined = begins & (lengths == size)
    subsequence = alike(asked_joined, joined, LCSseq.similarity)
    inside, word_inside, words_begun = np.zeros((3, count), np.float32)
    for at in np.flatnonzero(subsequence == size).tolist():
        inside[at] = asked_joined in joined[at]
        word_inside[at] = f" {asked} " in f" {spaced[at]} "
        words_begun[at] = f"{spaced[at]} ".startswith(f"{asked} ")
    part, part_begins = _parts(query, keys)
    fame = 1 - arrays.rank[names] / np.float32(255)
    ratio = np.log2(lengths / np.float32(size))
    table = np.empty((count, len(NAMES)), np.float32)
    columns = (
        whole,
        alike(asked_joined, joined),
        alike(asked_joined, joined, OSA.normalized_similarity),
        _numerals(query, spaced, words, whole),
        begins,
        alike(asked_joined, [key[:size] for key in joined]),
        alike(asked_joined, [key[-size:] for key in joined]),
        inside,
        word_inside,
        subsequence / np.float32(size),
        alike(asked, spaced, JaroWinkler.similarity),
        *_words(query, words),
        part,
        part_begins,
        whole == 1,
        same_joined,
        fame,
        fame * fame,
        np.clip(ratio, 0, 3) / 3,
        np.clip(-ratio, 0, 2) / 2,
        begins * np.minimum(1, size / lengths),
        *_years(query.year, arrays.year[arrays.film_of[names]]),
        min(size, 40) / 40,
        min(len(query.words), 8) / 8,
        arrays.title_of[names] == 0,
        shared / np.float32(size),
        alike(query.words[0], [row[0] for row in words]),
        np.array([*map(len, words)], np.float32) / len(query.words) / 4,
        words_begun,
        [key[-1] == asked[-1] for key in keys],
    )
    for at, column in enumerate(columns):
        table[:, at] = column
    return table


def alike(asked: str, keys: Sequence[str], scorer: Callable[..., Any] = Indel.normalized_similarity) -> Floats:
    """Give the likeness of `asked` to each key."""
    likeness: Floats = process.cdist((asked,), keys, scorer=scorer, dtype=np.float32)[0]
    return likeness


def _numerals(query: TitleQuery, spaced: list[str], words: list[list[str]], whole: Floats) -> Floats:
    """Give the likeness of the whole with numerals written as digits."""
    found = whole.copy()
    changed = [at for at, row in enumerate(words) if not NUMERALS.keys().isdisjoint(row)]
    if query.canonical != query.latin:
        changed = list(range(len(spaced)))
    if changed:
        forms = [" ".join([NUMERALS.get(word, word) for word in words[at]]) for at in changed]
        found[changed] = alike(query.canonical, forms)
    return found


def _words(query: TitleQuery, words: list[list[str]]) -> list[Floats]:
    """Compare words one by one.

    Gives how much of the query is found among the name's words, how much of the name's words is covered,
    whether a word begins with the query's last, and the likeness of the query's word that fares worst.
    """
    asked = [NUMERALS.get(word, word) for word in query.words]
    flat = [NUMERALS.get(word, word) for row in words for word in row]
    sizes = np.array([*map(len, words)])
    bounds = np.cumsum(sizes) - sizes
    table = process.cdist(asked, flat, scorer=Indel.normalized_similarity, dtype=np.float32, score_cutoff=0.45)
    table *= table
    last = query.words[-1]
    begun = process.cdist((last,), flat, scorer=Prefix.similarity, dtype=np.float32)[0] == len(last)
    best = np.maximum.reduceat(table, bounds, axis=1)
    weights = np.array([len(word) + 1 for word in query.words], np.float32)
    covered = table.max(axis=0)
    letters = np.array([*map(len, flat)], np.float32) + 1
    return [
        weights @ best / weights.sum(),
        np.add.reduceat(covered * letters, bounds) / np.add.reduceat(letters, bounds),
        np.logical_or.reduceat(begun, bounds),
        best.min(axis=0),
    ]


def _parts(query: TitleQuery, keys: list[str]) -> tuple[Floats, Floats]:
    """Give the likeness to the part of the title that is most alike, and whether a part begins so."""
    likeness, begins = np.zeros(len(keys), np.float32), np.zeros(len(keys), np.float32)
    parted = [at for at, key in enumerate(keys) if BREAK in key]
    if not parted:
        return likeness, begins
    parts: list[str] = []
    owners: list[int] = []
    for at in parted:
        first, _, rest = keys[at].partition(BREAK)
        pieces = {first, rest.replace(BREAK, " "), *rest.split(BREAK)}
        parts += pieces
        owners += [at] * len(pieces)
    np.maximum.at(likeness, owners, alike(query.latin, parts))
    np.maximum.at(begins, owners, [part.startswith(query.latin) for part in parts])
    return likeness, begins


def _years(asked: int | None, years: npt.NDArray[np.int16]) -> list[Floats]:
    if asked is None:
        return [np.zeros(len(years), np.float32)] * 4
    apart = np.abs(years.astype(np.int32) - asked)
    unknown = years == 0
    columns = [apart == 0, apart == 1, (apart > 1) & ~unknown, unknown]
    return [column.astype(np.float32) for column in columns]
