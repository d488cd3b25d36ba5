"""Which of the names near a query is meant: a linear glance at all, a small network over the best of them."""

from functools import cache
from importlib.resources import files

import numpy as np

from bot.search.features import AT, GLANCED, NAMES, Floats

WEIGHTS = "weights.npz"
"""What benchmarks/learn_titles.py wrote: arrays, and the names of the features they are of."""
_AT_MOST = {
    "whole": 100, "numerals": 100, "joined": 98, "edits": 98, "part": 94, "begins": 90, "word inside": 88,
    "beginning": 86, "words found": 84,
}  # fmt: skip
"""How alike the letters can be at most, told by each of these features."""
_LIKE = [AT[name] for name in _AT_MOST]
_LIKE_AT_MOST = np.array([*_AT_MOST.values()], np.float32)[:, None]


@cache
def learned() -> dict[str, Floats]:
    """Give the arrays that were learned, by name. Raises ImportError where they are of other features."""
    with (files("bot.search") / WEIGHTS).open("rb") as file, np.load(file, allow_pickle=False) as found:
        weights = {name: found[name] for name in found.files}
    if tuple(weights.pop("features").tolist()) != NAMES:
        raise ImportError(f"{WEIGHTS} was learned on other features: run `python -m benchmarks.learn_titles`")
    return {name: np.ascontiguousarray(part, np.float32) for name, part in weights.items()}


def glanced(table: Floats, weights: Floats | None = None) -> Floats:
    """Give the score of each name by what is told at a glance, greater is likelier."""
    weights = learned()["glance"] if weights is None else weights
    scores: Floats = weights @ table[: len(GLANCED)]
    return scores


def rank(table: Floats) -> Floats:
    """Give the score of each column of features: a logit, greater is likelier."""
    weights = learned()
    hidden = weights["hidden"] @ table
    hidden += weights["hidden_bias"][:, None]
    np.tanh(hidden, out=hidden)
    scores: Floats = weights["out"] @ hidden
    scores += weights["direct"] @ table
    return scores


def likeness(table: Floats) -> Floats:
    """Give how alike the letters are, 0 to 100, fame and year left aside; 100 is the same title."""
    best: Floats = (table[_LIKE] * _LIKE_AT_MOST).max(axis=0)
    words = np.minimum(table[AT["words found"]], table[AT["words covered"]])
    np.maximum(best, words * np.float32(96), out=best)
    best[table[AT["joined"]] == 1] = 100
    return best


def in_part(table: Floats) -> Floats:
    """Give 1.0 for each column whose name holds the query, letter by letter or word by word, as a part."""
    part = np.maximum(table[AT["begins"]], table[AT["word inside"]])
    np.maximum(part, table[AT["part begins"]], out=part)
    held: Floats = np.maximum(part, table[AT["words found"]] > 0.9999)
    return held
