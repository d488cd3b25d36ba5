"""Prints recommendation quality beside popular films, item-kNN, EASE and implicit's ALS on a MovieLens folder.

A tenth of the members are test members, by seed; K of their ratings are known and relevant are the hidden films of
four stars or more. `crowd`: the other members are the training data; `server`: 29 others of one server are, with
the 3,000 most famous films. Also coverage, novelty, predicted stars, and groups of four.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from benchmarks.baselines import baselines
from benchmarks.groups import measure as measure_groups
from benchmarks.protocol import Drawing, Situation
from benchmarks.ratings_data import read
from benchmarks.recommend_adapter import fit_model, recommend_with
from bot.recommendations.evaluation import LIST_LENGTH, MARQUEE, RankingMetrics, StarErrors

KNOWN = (5, 10, 20)
Metrics = dict[tuple[str, int, str], RankingMetrics]
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
    metrics: Metrics = {}
    errors: Errors = {}
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        drawing = Drawing(ratings, films, seed)
        for known, situation in drawing.crowd(KNOWN).items():
            measure("crowd", known, situation, metrics, errors)
        for known in KNOWN:
            for situation in drawing.servers(known, count=arguments.servers):
                measure("server", known, situation, metrics, errors)
    report(metrics, errors)
    measure_groups(ratings, films, range(arguments.first, arguments.first + arguments.seeds))


def measure(name: str, known: int, situation: Situation, metrics: Metrics, errors: Errors) -> None:
    """Add one situation to the results of every recommender, on the same members, known and hidden ratings."""
    model = fit_model(situation.training, situation.films)
    share = dict(zip(model.content.ids, (model.crowd.rater_counts + 1) / (len(model.crowd) + 1), strict=True))
    recommenders = {label: make(situation.training, situation.films) for label, make in baselines().items()}
    recommenders[MARQUEE] = recommend_with(model)
    for label, recommend in recommenders.items():
        results = metrics.setdefault((name, known, label), RankingMetrics(catalogue_size=len(situation.films)))
        for case in situation.cases:
            ranked = recommend(case.known, LIST_LENGTH)
            results.add(ranked, case.relevant, [float(share[film]) for film in ranked])
    for case in situation.cases:
        errors.setdefault((name, known), StarErrors()).add(model, case.known, case.hidden)


def report(metrics: Metrics, errors: Errors) -> None:
    """Print a line for each recommender, for ours with its gain over the best of the others."""
    print(f"{'':6s} {'known':>5s} {'':10s} NDCG@10  error  hit@5  coverage  novelty  members")
    for (name, known, label), results in metrics.items():
        line = f"{name:6s} {known:5d} {label:10s} {results.mean_ndcg:.4f}  {results.ndcg_error:.4f}"
        line += f" {results.hit_rate:.3f}  {results.coverage:7.1%}  {results.mean_novelty:6.2f}"
        line += f"  {len(results.ndcg):6d}"
        if label == MARQUEE:
            rivals = {
                key[2]: value for key, value in metrics.items() if key[:2] == (name, known) and key[2] != MARQUEE
            }
            best = max(rivals, key=lambda rival: rivals[rival].mean_ndcg)
            gap = np.array(results.ndcg) - np.array(rivals[best].ndcg)
            line += f"  {results.mean_ndcg / max(rivals[best].mean_ndcg, 1e-9) - 1:+.1%} on {best},"
            line += f" paired error {gap.std() / len(gap) ** 0.5:.4f}"
        print(line)
    for (name, known), error in errors.items():
        ours, own = error.means
        print(f"{name:6s} {known:5d} predicted stars: mean absolute error {ours:.3f}, the member's mean {own:.3f}")


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    print(f"{time.perf_counter() - start:.0f} s")
