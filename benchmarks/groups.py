"""Groups of four on hidden ratings: how does the least happy member fare with each way to choose?"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.protocol import Drawing
from benchmarks.ratings_data import Rating, Records, read
from benchmarks.recommend_adapter import model_of
from bot.films.recommendations.groups import SCORE_SHARE, blend, standard

SIZE, PICKS, LEAST_COMMON, GROUPS, TRIES = 4, 3, 8, 200, 20_000
KNOWN = 20


def measure(ratings: Sequence[Rating], films: Records, seeds: range) -> None:
    """Print the least happy member's mean true stars over the three films picked, for each way to pick them.

    Each member has KNOWN ratings known. A group picks among the films that all four have rated and hidden, so
    that every member's true stars of every pick are known. The group's mean is printed beside it.
    """
    least: dict[str, list[float]] = {}
    mean: dict[str, list[float]] = {}
    for seed in seeds:
        drawing = Drawing(ratings, films, seed)
        situation = drawing.crowd((KNOWN,))[KNOWN]
        model = model_of(situation.learn, situation.films)
        random = np.random.default_rng([seed, 4])
        asked = [model.ask(case.own) for case in situation.cases]
        found = 0
        for _ in range(TRIES):
            group = random.choice(len(situation.cases), SIZE, replace=False)
            hidden = [situation.cases[at].hidden for at in group]
            common = sorted(set.intersection(*(set(one) for one in hidden)))
            if len(common) < LEAST_COMMON:
                continue
            rows = [model.content.at[film] for film in common]
            true = np.array([[one[film] for film in common] for one in hidden])
            found += 1
            stars = np.array([asked[at].stars[rows] for at in group])
            taste = np.mean([standard(asked[at].score)[rows] for at in group], axis=0)
            for name, worth in _ways(stars, taste, model.crowd.liked[rows]).items():
                picked = np.argsort(-worth, kind="stable")[:PICKS]
                members = true[:, picked].mean(axis=1)
                least.setdefault(name, []).append(float(members.min()))
                mean.setdefault(name, []).append(float(members.mean()))
            if found == GROUPS:
                break
    if not least:
        print("groups: no four members have enough hidden films in common")
        return
    base = np.array(least["mean of predictions"])
    for name, values in least.items():
        gap = np.array(values) - base
        error = gap.std() / len(gap) ** 0.5
        print(
            f"groups of {SIZE}: {name:20s} least happy {np.mean(values):.3f} ({gap.mean():+.3f} +-{error:.3f})"
            f"  mean {np.mean(mean[name]):.3f}  groups {len(values)}"
        )


def _ways(
    stars: NDArray[np.float64], taste: NDArray[np.float64], liked: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    nobody = np.zeros(SIZE)
    ways = {"popular": liked, "mean of predictions": stars.mean(axis=0)}
    ways |= {f"blend {part:.2f}": blend(stars, part, nobody) for part in (0.5, 1.0)}
    for part in (0.0, 0.5, 0.75, 1.0):
        ways[f"Marquee {part:.2f}"] = blend(stars, part, nobody) + SCORE_SHARE * taste
    return ways


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with ratings.csv and films.tsv or movies.csv"
    )
    parser.add_argument("--first", type=int, default=101, help="the first seed (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="how many (default: %(default)s)")
    arguments = parser.parse_args()
    measure(*read(arguments.data), range(arguments.first, arguments.first + arguments.seeds))
