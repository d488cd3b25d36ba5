"""Which of the names looked at closely is meant: a small network over their features."""

import numpy as np

from bot.films.titles import weights
from bot.films.titles.features import NAMES, Floats

_HIDDEN = np.array(weights.HIDDEN, np.float32)
_HIDDEN_BIAS = np.array(weights.HIDDEN_BIAS, np.float32)
_OUT = np.array(weights.OUT, np.float32)
_DIRECT = np.array(weights.DIRECT, np.float32)
_AT = {name: at for at, name in enumerate(NAMES)}
if weights.FEATURES != NAMES:
    raise ImportError("weights.py was learned on other features: run `python -m benchmarks.learn_titles`")


def rank(table: Floats) -> Floats:
    """Give the score of each row of features: a logit, greater is likelier."""
    scores: Floats = np.tanh(table @ _HIDDEN + _HIDDEN_BIAS) @ _OUT + table @ _DIRECT
    return scores


def likeness(table: Floats) -> Floats:
    """Give how alike the letters are, 0 to 100, fame and year left aside; 100 is the same title."""
    whole, joined, edits, numerals = (table[:, _AT[name]] for name in ("whole", "joined", "edits", "numerals"))
    words = np.minimum(table[:, _AT["words found"]], table[:, _AT["words covered"]])
    ways = (
        100 * np.maximum(whole, numerals),
        np.where(joined == 1, 100, 98 * np.maximum(joined, edits)),
        96 * words,
        94 * table[:, _AT["part"]],
        90 * table[:, _AT["begins"]],
        88 * table[:, _AT["word inside"]],
        86 * table[:, _AT["beginning"]],
        84 * table[:, _AT["words found"]],
    )
    best: Floats = np.maximum.reduce(ways).astype(np.float32)
    return best


def in_part(table: Floats) -> Floats:
    """Give 1.0 for each row whose name holds the query, letter by letter or word by word, as a part."""
    held = ("begins", "word inside", "part begins")
    all_words = table[:, _AT["words found"]] > 0.9999
    part: Floats = np.maximum.reduce([all_words, *(table[:, _AT[name]] for name in held)])
    return part
