"""Learns how much each signal counts from members of whom some ratings are known and the others hidden."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.recommendations.facts import Floats, Ints
from bot.recommendations.signals import (
    SIGNAL_ROW,
    SIGNALS,
    SignalInputs,
    Table,
    build_taste_profile,
    compute_signals,
)
from bot.recommendations.weights import SITUATION_TERMS, SignalWeights, describe_situation, trust_signals

PULL = 2e-3
"""Strength of the pull towards the weights that learning starts from."""
RANGE_SHARE = 1e-4
"""The share of the values beyond each end of a signal's learnt range."""
ITERATIONS = 150
POOL = 100
POOL_BY = (
    "fame", "liked", "co_liked", "ease_liked", "ease_seen", "agreeing_neighbours",
    "likeliest_neighbours", "genres",
)  # fmt: skip
"""The POOL best films by each of these signals are those in question: hardly any other gets into a list."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One member: the signals of F films in question (F x SIGNALS), and which of them are relevant.

    `relevant_count` is how many relevant films there are in all, `known` how many ratings are known,
    `crowd_ratings` how many a crowd of `crowd_members` has, and `setting` names where the member was drawn from.
    """

    signals: Table
    is_relevant: NDArray[np.bool_]
    relevant_count: int
    known: int
    crowd_ratings: float
    crowd_members: int
    setting: str = ""


def make_sample(
    inputs: SignalInputs,
    known: Mapping[str, float],
    relevant: Ints,
    setting: str = "",
    could_be_rated: NDArray[np.bool_] | None = None,
) -> Sample:
    """Return the sample of a member with these known ratings by film id, who likes the hidden `relevant` rows.

    `could_be_rated` says of each film whether the member could have rated it, None for all of them.
    """
    content, crowd = inputs.content, inputs.crowd
    profile = build_taste_profile(known, content, crowd)
    table = compute_signals(profile, inputs).values
    chosen = np.zeros(len(content), dtype=bool)
    for name in POOL_BY:
        row = table[SIGNAL_ROW[name]]
        if row.any():
            chosen[np.argpartition(-row, min(POOL, len(row) - 1))[:POOL]] = True
    chosen[profile.rows] = False
    if could_be_rated is not None:
        chosen &= could_be_rated
    pool = np.flatnonzero(chosen)
    return Sample(
        signals=table[:, pool].T.copy(),
        is_relevant=np.isin(pool, relevant),
        relevant_count=len(relevant),
        known=len(known),
        crowd_ratings=float(crowd.rater_counts.sum()),
        crowd_members=len(crowd),
        setting=setting,
    )


def measure_ranges(samples: Sequence[Sample]) -> tuple[Floats, Floats]:
    """Return the lowest and the highest value of each signal, but for RANGE_SHARE of the values."""
    values = np.concatenate([sample.signals for sample in samples])
    return np.quantile(values, RANGE_SHARE, axis=0), np.quantile(values, 1 - RANGE_SHARE, axis=0)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Samples one after another: rows of films, where each sample begins, and whose each row is."""

    signals: Table
    is_relevant: NDArray[np.bool_]
    starts: Ints
    owner: Ints
    situations: Floats
    importance: Floats


def learn_weights(
    samples: Sequence[Sample],
    start: SignalWeights,
    pull: float = PULL,
    importance: Sequence[float] | None = None,
    fixed: Collection[str] = (),
) -> SignalWeights:
    """Return the weights that make relevant films most likely, pulled towards `start`, whose ranges they keep.

    The likelihood is a listwise softmax: of each relevant film against all that are not relevant, each sample
    counting by its importance. The `fixed` signals keep the weights of `start`. The same samples give the same
    weights.
    """
    used = [at for at, sample in enumerate(samples) if sample.is_relevant.any()]
    if not used:
        return start
    batch = _collect([samples[at] for at in used], start, [importance[at] if importance else 1.0 for at in used])
    spread = batch.signals.std(axis=0) + 1e-6
    signals = (batch.signals / spread).astype(np.float32)
    origin = start.terms * spread[:, None]
    is_free = np.array([[name not in fixed] for name in SIGNALS])
    is_relevant, owner, starts = batch.is_relevant, batch.owner, batch.starts
    relevant_rows = np.flatnonzero(is_relevant)
    relevant_owner = owner[relevant_rows]
    relevant_counts = np.bincount(relevant_owner, minlength=len(starts))
    share = (batch.importance / relevant_counts)[relevant_owner]

    def loss(flat: Floats) -> tuple[float, Floats]:
        terms = flat.reshape(origin.shape)
        weights = (batch.situations @ terms.T).astype(np.float32)
        score = np.einsum("ij,ij->i", signals, weights[owner]).astype(np.float64)
        power = np.exp(score - np.maximum.reduceat(score, starts)[owner])
        others = np.where(is_relevant, 0.0, power)
        total = np.add.reduceat(others, starts)[relevant_owner] + power[relevant_rows]
        chance = power[relevant_rows] / total
        slope = others * np.bincount(relevant_owner, share / total, len(starts))[owner]
        slope[relevant_rows] = -share * (1 - chance)
        by_sample = np.add.reduceat(signals * slope[:, None].astype(np.float32), starts, axis=0)
        off = terms - origin
        gradient = (by_sample.T.astype(np.float64) @ batch.situations + 2 * pull * off) * is_free
        return float(-(share * np.log(chance + 1e-30)).sum() + pull * (off**2).sum()), gradient.ravel()

    # Imported here: it takes a fifth of the start and 26 MB, and only servers with many raters need it.
    from scipy.optimize import minimize

    found = minimize(loss, origin.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    terms = np.asarray(found.x).reshape(len(SIGNALS), SITUATION_TERMS) / spread[:, None]
    return replace(start, terms=terms)


def _collect(samples: Sequence[Sample], start: SignalWeights, importance: Sequence[float]) -> _Batch:
    sizes = np.array([len(sample.signals) for sample in samples])
    counts = np.array(importance, dtype=np.float64)
    owner = np.repeat(np.arange(len(samples)), sizes)
    trust = np.array([trust_signals(sample.crowd_members) for sample in samples], dtype=np.float32)
    signals = np.clip(np.concatenate([sample.signals for sample in samples]), start.low, start.high)
    return _Batch(
        signals=signals * trust[owner],
        is_relevant=np.concatenate([sample.is_relevant for sample in samples]),
        starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        owner=owner,
        situations=np.array([describe_situation(sample.known, sample.crowd_ratings) for sample in samples]),
        importance=counts / counts.sum(),
    )
