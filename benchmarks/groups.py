"""Groups of four on hidden ratings: how happy is the least happy member with each method?"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.protocol import Drawing
from benchmarks.ratings_data import Rating, Records, read
from benchmarks.recommend_adapter import fit_model
from bot.recommendations.groups import SCORE_SHARE, blend_stars, standardise

SIZE, PICKS, MIN_COMMON, GROUPS, TRIES = 4, 3, 8, 200, 20_000
KNOWN, MIN_SEEDS = 20, 5
BASELINES = ("mean of predictions", "popular")


@dataclass
class Results:
    """The least happy member's and the group's mean true stars by method, a list a seed with a number a group."""

    least: dict[str, list[list[float]]] = field(default_factory=dict)
    mean: dict[str, list[list[float]]] = field(default_factory=dict)

    def gain(self, name: str, rival: str) -> str:
        """Return how much happier the least happy is than with the rival, and its standard error.

        Groups of one seed share members and a model, so that the error is that of the seeds' means where there
        are enough of them.
        """
        gaps = [np.subtract(one, other) for one, other in zip(self.least[name], self.least[rival], strict=True)]
        whole = np.concatenate(gaps)
        if len(gaps) < MIN_SEEDS:
            return f"{whole.mean():+.3f} +-{whole.std() / len(whole) ** 0.5:.3f}"
        by_seed = np.array([gap.mean() for gap in gaps])
        return f"{whole.mean():+.3f} +-{by_seed.std(ddof=1) / len(by_seed) ** 0.5:.3f}"


def measure(ratings: Sequence[Rating], films: Records, seeds: range) -> None:
    """Print the least happy member's mean true stars over the three films picked, for each method to pick them.

    Each member has KNOWN ratings known. A group picks among the films that all four have rated and hidden, so
    that every member's true stars of every pick are known. The group's mean is printed beside it.
    """
    results = Results()
    for seed in seeds:
        _measure_seed(Drawing(ratings, films, seed), np.random.default_rng([seed, 4]), results)
    if not results.least:
        print("groups: no four members have enough hidden films in common")
        return
    for name, values in results.least.items():
        least = np.concatenate(values)
        gains = ", ".join(f"on {rival} {results.gain(name, rival)}" for rival in BASELINES if rival != name)
        print(
            f"groups of {SIZE}: {name:20s} least happy {least.mean():.3f} ({gains})"
            f"  mean {np.concatenate(results.mean[name]).mean():.3f}  groups {len(least)} of {len(values)} seeds"
        )


def _measure_seed(drawing: Drawing, random: np.random.Generator, results: Results) -> None:
    situation = drawing.crowd((KNOWN,))[KNOWN]
    model = fit_model(situation.training, situation.films)
    scores = [model.score_films(case.known) for case in situation.cases]
    least: dict[str, list[float]] = {}
    mean: dict[str, list[float]] = {}
    for _ in range(TRIES):
        group = random.choice(len(situation.cases), SIZE, replace=False)
        hidden = [situation.cases[at].hidden for at in group]
        common = sorted(set.intersection(*(set(one) for one in hidden)))
        if len(common) < MIN_COMMON:
            continue
        rows = [model.content.row_of[film] for film in common]
        true = np.array([[one[film] for film in common] for one in hidden])
        stars = np.array([scores[at].stars[rows] for at in group])
        taste = np.mean([standardise(scores[at].scores)[rows] for at in group], axis=0)
        for name, value in _values(stars, taste, model.crowd.like_counts[rows]).items():
            members = true[:, np.argsort(-value, kind="stable")[:PICKS]].mean(axis=1)
            least.setdefault(name, []).append(float(members.min()))
            mean.setdefault(name, []).append(float(members.mean()))
        if len(least["popular"]) == GROUPS:
            break
    for name in least:
        results.least.setdefault(name, []).append(least[name])
        results.mean.setdefault(name, []).append(mean[name])


def _values(
    stars: NDArray[np.float64], taste: NDArray[np.float64], liked: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    no_debts = np.zeros(SIZE)
    values = {"popular": liked, "mean of predictions": stars.mean(axis=0)}
    values |= {f"blend {part:.2f}": blend_stars(stars, part, no_debts) for part in (0.5, 1.0)}
    for part in (0.0, 0.5, 0.75, 1.0):
        values[f"Marquee {part:.2f}"] = blend_stars(stars, part, no_debts) + SCORE_SHARE * taste
    return values


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with ratings.csv and films.tsv or movies.csv"
    )
    parser.add_argument("--first", type=int, default=151, help="the first seed (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=20, help="how many (default: %(default)s)")
    arguments = parser.parse_args()
    measure(*read(arguments.data), range(arguments.first, arguments.first + arguments.seeds))
