"""Learns bot/recommendations/weights.json: how much each signal counts, by ratings known and crowd size.

For members drawn from a ratings set (never by the seeds of the published figures) a listwise softmax is fitted:
every hidden film of four stars or more against all that are not.
"""

import argparse
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.protocol import Drawing, Situation
from benchmarks.ratings_data import read
from benchmarks.recommend_adapter import film_facts_from_record
from bot.recommendations.crowd import build_crowd
from bot.recommendations.facts import Content, build_content
from bot.recommendations.signals import (
    SIGNAL_ROW,
    SIGNALS,
    build_signal_inputs,
    build_taste_profile,
    compute_signals,
)

KNOWN = (1, 5, 10, 20, 50)
CROWDS = (0, 29, 120, 549)
POOL = 160
POOL_BY = (
    "fame", "liked", "co_liked", "co_seen", "ease_liked", "ease_seen", "overlap", "close_neighbours",
    "likeliest_neighbours",
)  # fmt: skip
Sample = tuple[NDArray[np.float32], NDArray[np.bool_]]
"""Films x SIGNALS, and which of the films are relevant."""


def make_samples(situation: Situation, content: Content) -> Iterator[Sample]:
    """Yield each case's signals for the films that any signal ranks high."""
    crowd = build_crowd(situation.training, content)
    for case in situation.cases:
        profile = build_taste_profile(case.known, content, crowd.mean_stars)
        table = compute_signals(profile, build_signal_inputs(content, crowd)).values
        chosen = np.zeros(len(content), dtype=bool)
        for name in POOL_BY:
            chosen[np.argpartition(-table[SIGNAL_ROW[name]], POOL)[:POOL]] = True
        chosen[profile.rows] = False
        pool = np.flatnonzero(chosen)
        relevant_rows = np.array([content.row_of[film] for film in case.relevant], dtype=np.int64)
        yield table[:, pool].T.astype(np.float32), np.isin(pool, relevant_rows)


def draw(data: Path, crowd: int, seeds: range) -> dict[int, list[Sample]]:
    """Return samples by number of known ratings for crowds of that size."""
    ratings, films = read(data)
    found: dict[int, list[Sample]] = {known: [] for known in KNOWN}
    for seed in seeds:
        drawing, content = Drawing(ratings, films, seed), None
        if crowd >= 100:
            size = None if crowd >= len(drawing.training_members) else crowd
            crowded = drawing.crowd(KNOWN, size)
            for known, situation in crowded.items():
                content = content or _content(situation)
                found[known] += make_samples(situation, content)
        else:
            for known in KNOWN:
                for situation in drawing.servers(known, crowd + 1, 40):
                    content = content or _content(situation)
                    found[known] += make_samples(situation, content)
    return found


def _content(situation: Situation) -> Content:
    return build_content([film_facts_from_record(film, record) for film, record in situation.films.items()])


def fit(samples: list[Sample], prior: NDArray[np.float64], pull: float) -> NDArray[np.float64]:
    """Return the weights that make relevant films most likely, pulled towards `prior`."""
    tables = [table.astype(np.float64) for table, right in samples if right.any()]
    rights = [right for _, right in samples if right.any()]
    spread = np.std(np.concatenate(tables), axis=0) + 1e-6
    spread[spread < 1e-4] = 1e6  # a signal that is silent here keeps its prior
    tables = [table / spread for table in tables]
    start = prior * spread * (spread < 1e5)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = 0.0, np.zeros_like(weights)
        for table, right in zip(tables, rights, strict=True):
            score = table @ weights
            power = np.exp(score - score.max())
            wrong = float(power[~right].sum())
            chance = power[right] / (wrong + power[right])
            share = 1 / right.sum()
            total -= share * float(np.log(chance + 1e-30).sum())
            slope -= share * ((1 - chance) @ table[right])
            slope += (share / (wrong + power[right])).sum() * (power[~right] @ table[~right])
        off = weights - start
        return total / len(tables) + pull * float(off @ off), slope / len(tables) + 2 * pull * off

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120})
    weights = np.asarray(found.x) / spread
    weights[spread > 1e5] = prior[spread > 1e5]
    return weights


def main() -> None:
    """Draw, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with ratings.csv and films.tsv or movies.csv"
    )
    parser.add_argument("--out", type=Path, default=Path("bot/recommendations/weights.json"))
    parser.add_argument("--first", type=int, default=11, help="the first seed (default: %(default)s)")
    parser.add_argument("--last", type=int, default=40, help="the last seed (default: %(default)s)")
    parser.add_argument(
        "--pull", type=float, default=3e-3, help="strength of the pull towards the neighbour's weights"
    )
    parser.add_argument("--cache", type=Path, help="a folder where drawn samples are kept between runs")
    arguments = parser.parse_args()
    knots = []
    for crowd in CROWDS:
        samples = _cached(arguments, crowd)
        prior = np.zeros(len(SIGNALS))
        for known in KNOWN:
            prior = fit(samples[known], prior, arguments.pull)
            knots.append({"crowd": crowd, "known": known, "weights": [round(float(w), 4) for w in prior]})
            print(f"crowd {crowd:4d} known {known:3d}: {len(samples[known])} members", flush=True)
    arguments.out.write_text(
        json.dumps({"signals": SIGNALS, "knots": knots}, indent=None) + "\n", encoding="utf-8"
    )


def _cached(arguments: argparse.Namespace, crowd: int) -> dict[int, list[Sample]]:
    seeds = range(arguments.first, arguments.last + 1)
    file = arguments.cache / f"{crowd}-{seeds.start}-{seeds.stop}.pickle" if arguments.cache else None
    if file is not None and file.is_file():
        cached: dict[int, list[Sample]] = pickle.loads(file.read_bytes())  # noqa: S301 written by ourselves
        return cached
    found = draw(arguments.data, crowd, seeds)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(found))
    return found


if __name__ == "__main__":
    main()
