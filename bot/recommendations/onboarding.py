"""Onboarding: films to rate first, whose ratings say the most about a member of whom nothing is known."""

from collections.abc import Collection

import numpy as np

from bot.recommendations.ranking_model import RankingModel

SHORTLIST_SIZE = 400
SIMILARITY_PENALTY = 0.6
"""The share that complete similarity to a film chosen before takes off a film's value."""


def choose_onboarding_films(model: RankingModel, count: int = 10, exclude: Collection[str] = ()) -> list[str]:
    """Return up to `count` film ids, the most informative first, each unlike those before it.

    The value of a film is (log(1 + raters) + half its log fame) times the entropy of liking it (Rashid and others:
    Getting to know you, IUI 2002): many have seen it, and they differ on it.
    """
    content, crowd = model.content, model.crowd
    like_share = (crowd.like_counts + 2.0) / (crowd.rater_counts + 4.0)
    entropy = -(like_share * np.log2(like_share) + (1 - like_share) * np.log2(1 - like_share))
    value = (np.log1p(crowd.rater_counts) + 0.5 * content.log_fame) * entropy
    excluded_rows = [content.row_of[film_id] for film_id in exclude if film_id in content.row_of]
    value[excluded_rows] = -np.inf
    shortlist = np.lexsort((np.arange(len(value)), -value))[:SHORTLIST_SIZE]
    chosen: list[int] = []
    similarity = np.zeros(len(content))
    while len(chosen) < min(count, len(content) - len(excluded_rows)):
        remaining = [int(row) for row in shortlist if row not in chosen and np.isfinite(value[row])]
        if not remaining:
            break
        penalty = SIMILARITY_PENALTY * np.minimum(1.0, similarity[remaining])
        best = remaining[int(np.argmax(value[remaining] * (1 - penalty)))]
        chosen.append(best)
        rows = np.array([best], dtype=np.int64)
        to_best = content.similarity_sums("genres", rows, np.ones(1)) * 0.8
        to_best += content.similarity_sums("directors", rows, np.ones(1)) * 0.5
        to_best *= np.exp(-np.abs(content.year - content.year[best]) / 30)
        similarity = np.maximum(similarity, to_best)
    return [content.ids[row] for row in chosen]
