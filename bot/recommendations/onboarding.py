"""Films to rate first: those whose ratings tell the most about somebody of whom nothing is known."""

from collections.abc import Collection

import numpy as np

from bot.recommendations.content import Floats
from bot.recommendations.model import Model

SHORTLIST = 400
CROWDED = 0.6
"""How much being like a film chosen before takes off."""


def films_to_rate(model: Model, count: int = 10, without: Collection[str] = ()) -> list[str]:
    """Give film ids, the most telling first, each unlike those before it.

    A film tells much that many have seen and on which they differ: log(1 + raters) times the entropy of liking
    it (Rashid and others: Getting to know you, IUI 2002). Without raters fame stands in for both.
    """
    content = model.content
    worth = _worth(model)
    skip = [content.at[film] for film in without if film in content.at]
    worth[skip] = -np.inf
    order = np.lexsort((np.arange(len(worth)), -worth))[:SHORTLIST]
    chosen: list[int] = []
    likeness = np.zeros(len(content))
    while len(chosen) < min(count, len(content) - len(skip)):
        left = [int(row) for row in order if row not in chosen and np.isfinite(worth[row])]
        if not left:
            break
        near = np.minimum(1.0, likeness[left])
        best = left[int(np.argmax(worth[left] * (1 - CROWDED * near)))]
        chosen.append(best)
        likeness = np.maximum(likeness, _likeness(model, best))
    return [content.ids[row] for row in chosen]


def _worth(model: Model) -> Floats:
    crowd = model.crowd
    share = (crowd.liked + 2.0) / (crowd.seen + 4.0)
    entropy = -(share * np.log2(share) + (1 - share) * np.log2(1 - share))
    known = np.log1p(crowd.seen) + 0.5 * model.content.log_fame
    return np.asarray(known * entropy)


def _likeness(model: Model, row: int) -> Floats:
    one = np.array([row], dtype=np.int64)
    alike = model.content.alike("genres", one, np.ones(1)) * 0.8
    alike += model.content.alike("directors", one, np.ones(1)) * 0.5
    return np.asarray(alike * np.exp(-np.abs(model.content.year - model.content.year[row]) / 30))
