"""How a query and a name are alike, in numbers: what the ranking weighs.

Each feature is about 0 to 1. Likeness is RapidFuzz's normalised Indel similarity unless said otherwise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel, LCSseq, Prefix

from bot.search.arrays import NUMBER
from bot.search.asked import Asked, Names
from bot.search.normalisation import BREAK, SHORT_FORMS, remove_spaces
from bot.search.query import LONGEST_ARTICLE, TitleQuery

Floats = npt.NDArray[np.float32]
GLANCED = (
    "joined", "subsequence", "shared beginning", "begins", "fame", "longer", "shorter", "letters unlike",
    "year same", "year beside", "year other", "year unknown", "inside", "ends", "article",
)  # fmt: skip
"""What is told of every name at a glance; the best by these are looked at closely."""
NAMES = (
    *GLANCED, "whole", "edits", "numerals", "beginning", "end", "word inside", "words found",
    "words covered", "last word begun", "worst word", "part", "part begins", "same", "same joined", "fame squared",
    "typed share", "query length", "query words", "main title", "first word", "word count", "whole words begun",
    "last letter",
)  # fmt: skip
"""What each row is; docs/search.md explains them."""
AT = {name: at for at, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Names near a query: their numbers, keys and letters, and a row of features for each of NAMES or GLANCED."""

    names: Names
    keys: list[str]
    joined: list[str]
    table: Floats

    def only(self, chosen: Names) -> "Candidates":
        """Give those at the places `chosen`."""
        keys, joined = self.keys, self.joined
        places = chosen.tolist()
        return Candidates(
            self.names[chosen], [keys[at] for at in places], [joined[at] for at in places], self.table[:, chosen]
        )


def glance(asked: Asked, names: Names) -> Candidates:
    """Give the names with what is told of them at a glance. An article left out does not count."""
    arrays, query = asked.arrays, asked.query
    text = arrays.text
    if not len(names):
        return Candidates(names, [], [], np.zeros((len(GLANCED), 0), np.float32))
    starts, ends = arrays.starts[names].tolist(), arrays.starts[names + 1].tolist()
    keys = [text[begin:end] for begin, end in zip(starts, ends, strict=True)]
    joined = remove_spaces("\n".join(keys)).split("\n")
    letters, size = query.joined, np.float32(len(query.joined))
    bared = _bare(query, keys, joined)
    ratio = np.log2(np.array([*map(len, joined)], np.float32) / size)
    table = np.zeros((len(GLANCED), len(names)), np.float32)
    table[0] = alike(letters, joined)
    table[1] = alike(letters, joined, LCSseq.similarity)
    table[2] = alike(letters, joined, Prefix.similarity)
    table[1:3] /= size
    table[3] = table[2] == 1
    if query.ended:
        _only_whole_words(len(letters), keys, table[3])
    table[4] = arrays.rank[names]
    table[4] *= np.float32(-1 / 255)
    table[4] += 1
    ratio *= np.float32(1 / 3)
    np.minimum(np.maximum(ratio, 0, out=table[5]), 1, out=table[5])
    ratio *= np.float32(-3 / 2)
    np.minimum(np.maximum(ratio, 0, out=table[6]), 1, out=table[6])
    table[7] = asked.unlike(names)
    table[7] /= 16
    if query.year is not None:
        _years(query.year, arrays.year[arrays.require_film[names]], table[8:12])
    table[14, bared] = 1
    for at in np.flatnonzero(table[1] == 1).tolist():
        table[12, at] = letters in joined[at]
        table[13, at] = joined[at].endswith(letters)
    return Candidates(names, keys, joined, table)


def _bare(query: TitleQuery, keys: list[str], joined: list[str]) -> list[int]:
    """Take the article off the names that begin as the query does without it, and give their places."""
    letters, places = query.words[0], []
    for at, name in enumerate(joined):
        if -1 < name.find(letters) <= LONGEST_ARTICLE and (key := query.bared(keys[at])) != keys[at]:
            keys[at], joined[at] = key, remove_spaces(key)
            places.append(at)
    return places


def _only_whole_words(typed: int, keys: list[str], begins: Floats) -> None:
    """Let no name count as begun where the letters typed end within a word: `dear ` does not begin `dearest`."""
    for at in np.flatnonzero(begins).tolist():
        words = keys[at].replace(BREAK, " ").split(" ")
        begins[at] = typed in accumulate(map(len, words))


def features(asked: Asked, glanced: Candidates) -> Candidates:
    """Give the names with all features."""
    query, keys, joined, names = asked.query, glanced.keys, glanced.joined, glanced.names
    arrays = asked.arrays
    letters, latin, size = query.joined, query.latin, len(query.joined)
    spaced = "\n".join(keys).replace(BREAK, " ").split("\n")
    words = [key.split(" ") for key in spaced]
    table = np.zeros((len(NAMES), len(names)), np.float32)
    table[: len(GLANCED)] = glanced.table
    begins, fame = table[AT["begins"]], table[AT["fame"]]
    whole = table[AT["whole"]] = alike(latin, spaced)
    table[AT["edits"]] = alike(letters, joined, OSA.normalized_similarity)
    table[AT["beginning"]] = alike(letters, [key[:size] for key in joined])
    table[AT["end"]] = alike(letters, [key[-size:] for key in joined])
    for at in np.flatnonzero(table[AT["subsequence"]] == 1).tolist():
        table[AT["word inside"], at] = f" {latin} " in f" {spaced[at]} "
        table[AT["whole words begun"], at] = f"{spaced[at]} ".startswith(f"{latin} ")
    _words(query, words, table)
    _parts(query, keys, table)
    begun = f"\n{query.words[-1]}"
    table[AT["last word begun"]] = [begun in f"\n{key}".replace(" ", "\n") for key in spaced]
    table[AT["same"]] = whole == 1
    same_length = table[AT["longer"]] + table[AT["shorter"]] == 0
    table[AT["same joined"]] = begins * same_length
    table[AT["fame squared"]] = fame * fame
    table[AT["typed share"]] = begins * np.exp2(-3 * table[AT["longer"]])
    table[AT["query length"]] = min(size, 40) / 40
    table[AT["query words"]] = min(len(query.words), 8) / 8
    table[AT["main title"]] = arrays.title_of[names] & NUMBER == 0
    last = latin[-1]
    table[AT["last letter"]] = [key[-1] == last for key in keys]
    return Candidates(names, keys, joined, table)


def alike(asked: str, keys: Sequence[str], scorer: Callable[..., Any] = Indel.normalized_similarity) -> Floats:
    """Give the likeness of `asked` to each key."""
    likeness: Floats = process.cdist((asked,), keys, scorer=scorer, dtype=np.float32)[0]
    return likeness


def _words(query: TitleQuery, words: list[list[str]], table: Floats) -> None:
    """Compare words one by one, numerals as digits.

    Tells how much of the query is found among the name's words, how much of the name's words is covered,
    whether a word begins with the query's last, the likeness of the query's word that fares worst, and that of
    the whole with numerals as digits.
    """
    asked = query.canonical.split(" ")
    written = [word for row in words for word in row]
    flat = [*map(SHORT_FORMS.get, written, written)]
    sizes = np.array([*map(len, words)])
    bounds = sizes.cumsum() - sizes
    table[AT["numerals"]] = table[AT["whole"]]
    if flat != written or query.canonical != query.latin:
        forms = [" ".join(flat[at : at + size]) for at, size in zip(bounds.tolist(), sizes.tolist(), strict=True)]
        table[AT["numerals"]] = alike(query.canonical, forms)
    likeness = process.cdist(asked, flat, scorer=Indel.normalized_similarity, dtype=np.float32, score_cutoff=0.45)
    likeness *= likeness
    best = np.maximum.reduceat(likeness, bounds, axis=1)
    weights = np.array([len(word) + 1 for word in query.words], np.float32)
    letters = np.array([*map(len, flat)], np.float32)
    letters += 1
    table[AT["words found"]] = weights @ best / weights.sum()
    covered = np.add.reduceat(likeness.max(axis=0) * letters, bounds)
    table[AT["words covered"]] = covered / np.add.reduceat(letters, bounds)
    table[AT["first word"]] = likeness[0, bounds]
    table[AT["worst word"]] = best.min(axis=0)
    table[AT["word count"]] = sizes * np.float32(0.25 / len(query.words))


def _parts(query: TitleQuery, keys: list[str], table: Floats) -> None:
    """Tell the likeness to the part of the title that is most alike, and whether a part begins so."""
    parts: list[str] = []
    owners: list[int] = []
    for at, key in enumerate(keys):
        if BREAK in key:
            pieces = key.split(BREAK)
            if len(pieces) > 2:
                pieces.append(" ".join(pieces[1:]))
            parts += pieces
            owners += [at] * len(pieces)
    if not parts:
        return
    best, begins = table[AT["part"]], table[AT["part begins"]]
    latin = query.latin
    for at, part, likeness in zip(owners, parts, alike(latin, parts).tolist(), strict=True):
        if likeness > best[at]:
            best[at] = likeness
        if part.startswith(latin):
            begins[at] = 1


def _years(asked: int, years: npt.NDArray[np.int16], table: Floats) -> None:
    apart = np.abs(years.astype(np.int32) - asked)
    unknown = years == 0
    table[0] = apart == 0
    table[1] = apart == 1
    table[2] = (apart > 1) & ~unknown
    table[3] = unknown
