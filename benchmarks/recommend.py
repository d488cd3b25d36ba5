"""Prints recommendation quality beside popular films, item-kNN, EASE and implicit's ALS on a MovieLens folder.

A tenth of the members are asked for, by seed; K of their ratings are known and right are the hidden films of four
stars or more. `crowd`: the other members are there to learn from; `server`: 29 others of one server, choosing from
the 3,000 most famous films. Also coverage, novelty, predicted stars, and groups of four.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from bot.recommendations.evaluate import CUT, Figures, StarErrors

from benchmarks.baselines import contenders
from benchmarks.groups import measure as measure_groups
from benchmarks.protocol import Drawing, Situation
from benchmarks.ratings_data import read
from benchmarks.recommend_adapter import model_of, recommend_by

KNOWN = (5, 10, 20)
OURS = "Marquee"
Told = dict[tuple[str, int, str], Figures]
Errors = dict[tuple[str, int], StarErrors]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with ratings.csv and films.tsv or movies.csv"
    )
    parser.add_argument("--first", type=int, default=101, help="the first seed (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="how many (default: %(default)s)")
    parser.add_argument("--servers", type=int, default=60, help="servers a seed (default: %(default)s)")
    arguments = parser.parse_args()
    ratings, films = read(arguments.data)
    told: Told = {}
    errors: Errors = {}
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        drawing = Drawing(ratings, films, seed)
        for known, situation in drawing.crowd(KNOWN).items():
            measure("crowd", known, situation, (told, errors))
        for known in KNOWN:
            for situation in drawing.servers(known, count=arguments.servers):
                measure("server", known, situation, (told, errors))
    report(told, errors)
    measure_groups(ratings, films, range(arguments.first, arguments.first + arguments.seeds))


def measure(name: str, known: int, situation: Situation, into: tuple[Told, Errors]) -> None:
    """Add one situation to the figures of every contender, on the same members, known and hidden ratings."""
    told, errors = into
    model = model_of(situation.learn, situation.films)
    share = dict(zip(model.content.ids, (model.crowd.seen + 1) / (len(model.crowd) + 1), strict=True))
    asking = {label: factory(situation.learn, situation.films) for label, factory in contenders().items()}
    asking[OURS] = recommend_by(model)
    for label, recommend in asking.items():
        figures = told.setdefault((name, known, label), Figures(catalogue=len(situation.films)))
        for case in situation.cases:
            ranked = recommend(case.own, CUT)
            figures.add(ranked, case.right, [float(share[film]) for film in ranked])
    for case in situation.cases:
        errors.setdefault((name, known), StarErrors()).add(model, case.own, case.hidden)


def report(told: Told, errors: Errors) -> None:
    """Print a line a contender, with its gain over the best of the others in brackets for ours."""
    print(f"{'':6s} {'known':>5s} {'':10s} NDCG@10  error  hit@5  coverage  novelty  members")
    for (name, known, label), figures in told.items():
        line = f"{name:6s} {known:5d} {label:10s} {figures.mean:.4f}  {figures.error:.4f} {figures.hits:.3f}"
        line += f"  {figures.coverage:7.1%}  {figures.unexpected:6.2f}  {len(figures.ndcg):6d}"
        if label == OURS:
            rivals = {key[2]: value for key, value in told.items() if key[:2] == (name, known) and key[2] != OURS}
            best = max(rivals, key=lambda rival: rivals[rival].mean)
            gap = np.array(figures.ndcg) - np.array(rivals[best].ndcg)
            line += f"  {figures.mean / max(rivals[best].mean, 1e-9) - 1:+.1%} on {best},"
            line += f" paired error {gap.std() / len(gap) ** 0.5:.4f}"
        print(line)
    for (name, known), error in errors.items():
        ours, own = error.means
        print(f"{name:6s} {known:5d} predicted stars: mean absolute error {ours:.3f}, the member's mean {own:.3f}")


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    print(f"{time.perf_counter() - start:.0f} s")
