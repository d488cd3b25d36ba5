"""Adapts the shipped weights to a crowd of its own, and keeps them only where members held out gain by it.

The crowd is cut into folds. Nobody's sample is drawn from a crowd that they are part of, and nobody judges weights
that were learnt from them.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
from scipy import sparse

from bot.recommendations.crowd import LIKED_STARS, Crowd, build_crowd_from_arrays
from bot.recommendations.facts import Content, Ints
from bot.recommendations.learning import Sample, learn_weights, make_sample
from bot.recommendations.signals import build_signal_inputs
from bot.recommendations.weights import SignalWeights, format_weights, read_weights, shipped_weights

MIN_MEMBERS = 100
"""Members with MIN_RATINGS ratings from which on weights are adapted: of fewer, too little can be learnt."""
MIN_RATINGS, MIN_RELEVANT = 8, 3
KNOWN = (3, 5, 10, 20)
"""How many of a member's ratings are known, one sample for each."""
MAX_MEMBERS, MAX_SAMPLED = 2_000, 450
"""Members of the crowd that is learnt with, and those of whom samples are drawn, spread evenly over all."""
FOLDS = 3
PULL = 1e-2
"""How strongly weights are pulled towards those shipped."""
FIXED = ("era",)
GROWTH = 1.3
"""How many times as many members a crowd needs to have for its weights to be learnt again."""
MIN_ERRORS = 1.64
"""Standard errors by which members held out must gain, so that chance alone seldom passes."""
LIST_LENGTH = 10
SEED = 22
"""By which a member's known ratings are chosen."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """Weights adapted to a crowd of `member_count` members, and what members held out gain by them.

    `gain` is in NDCG@10, the mean over members, with its standard error.
    """

    weights: SignalWeights
    member_count: int
    gain: float
    error: float

    def to_json(self) -> str:
        """Return the text that is stored of it. It holds no member's rating, only how much each signal counts."""
        stored = asdict(self) | {"weights": format_weights(self.weights), "shipped": _shipped_version()}
        return json.dumps(stored)

    @classmethod
    def from_json(cls, text: str) -> "Adaptation | None":
        """Return the adaptation stored as that text, None if other weights were shipped then."""
        stored = json.loads(text)
        if stored.pop("shipped") != _shipped_version():
            return None
        return cls(**stored | {"weights": read_weights(stored["weights"])})

    def is_outgrown(self, member_count: int) -> bool:
        """Return whether so many members are enough more, or fewer, to learn again."""
        return not self.member_count / GROWTH < member_count < self.member_count * GROWTH

    @property
    def is_kept(self) -> bool:
        """Whether the weights are better than those shipped."""
        return self.gain > MIN_ERRORS * self.error


@cache
def _shipped_version() -> str:
    return hashlib.sha256(format_weights(shipped_weights()).encode()).hexdigest()[:16]


def adapt_weights(content: Content, crowd: Crowd, start: SignalWeights) -> Adaptation | None:
    """Return weights learnt from the crowd, pulled towards `start`, or None where the crowd is too small.

    Nothing is random: the same crowd gives the same weights.
    """
    active = np.flatnonzero(crowd.ratings_per_member >= MIN_RATINGS)
    if len(active) < MIN_MEMBERS:
        return None
    members = active[_spread(len(active), MAX_MEMBERS)]
    sampled = members[_spread(len(members), MAX_SAMPLED)]
    stars = crowd.residuals_by_film.T.tocsr()[members]
    by_fold = [
        list(_draw_samples(content, crowd, members, stars, frozenset(sampled[fold::FOLDS].tolist())))
        for fold in range(FOLDS)
    ]
    gains: list[float] = []
    for fold, judges in enumerate(by_fold):
        others = [sample for at, samples in enumerate(by_fold) if at != fold for _, sample in samples]
        learnt = learn_weights(others, start, PULL, fixed=FIXED)
        by_member: dict[int, list[float]] = {}
        for member, sample in judges:
            by_member.setdefault(member, []).append(_ndcg(sample, learnt) - _ndcg(sample, start))
        gains += [float(np.mean(values)) for values in by_member.values()]
    if not gains:
        return None
    everything = [sample for samples in by_fold for _, sample in samples]
    error = float(np.std(gains) / np.sqrt(len(gains)))
    weights = read_weights(format_weights(learn_weights(everything, start, PULL, fixed=FIXED)))  # as stored
    return Adaptation(weights, len(crowd), float(np.mean(gains)), error)


def is_adaptation_due(crowd: Crowd, adaptation: Adaptation | None) -> bool:
    """Return whether the crowd is large enough to learn from, and has outgrown what was learnt before."""
    if int((crowd.ratings_per_member >= MIN_RATINGS).sum()) < MIN_MEMBERS:
        return False
    return adaptation is None or adaptation.is_outgrown(len(crowd))


def _spread(count: int, limit: int) -> Ints:
    """Return up to `limit` places of `count`, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, limit)).astype(np.int64))


def _draw_samples(
    content: Content, crowd: Crowd, members: Ints, residuals: sparse.csr_matrix, tests: frozenset[int]
) -> Iterator[tuple[int, Sample]]:
    """Yield samples of the test members (rows of the crowd), drawn from a crowd of the other `members`.

    `residuals` are those of the members: members x films.
    """
    owner = np.repeat(np.arange(len(members)), np.diff(residuals.indptr))
    stars = residuals.data + crowd.member_means[members][owner]
    is_other = np.array([member not in tests for member in members.tolist()])
    new_row = np.cumsum(is_other) - 1
    kept = is_other[owner]
    others = build_crowd_from_arrays(
        [crowd.member_keys[member] for member in members[is_other].tolist()],
        member_rows=new_row[owner[kept]],
        film_rows=residuals.indices[kept].astype(np.int64),
        stars=stars[kept],
        film_count=len(content),
    )
    inputs = build_signal_inputs(content, others)
    for place in np.flatnonzero(~is_other).tolist():
        own = slice(residuals.indptr[place], residuals.indptr[place + 1])
        order = np.random.default_rng([SEED, place]).permutation(own.stop - own.start)
        films, given = residuals.indices[own][order].astype(np.int64), stars[own][order]
        for known in KNOWN:
            relevant = films[known:][given[known:] >= LIKED_STARS]
            if len(relevant) >= MIN_RELEVANT:
                own_stars = {
                    content.ids[film]: value
                    for film, value in zip(films[:known].tolist(), given[:known].tolist(), strict=True)
                }
                yield place, make_sample(inputs, own_stars, relevant)


def _ndcg(sample: Sample, weights: SignalWeights) -> float:
    """Return NDCG@10 of the sample's films by these weights."""
    at = weights.at(sample.known, sample.crowd_ratings, sample.crowd_members)
    signals = np.clip(sample.signals, weights.low, weights.high)
    best = np.argsort(-(signals @ at), kind="stable")[:LIST_LENGTH]
    discounts = 1 / np.log2(np.arange(LIST_LENGTH) + 2)
    ideal = discounts[: sample.relevant_count].sum()
    return float((sample.is_relevant[best] * discounts[: len(best)]).sum() / ideal)
