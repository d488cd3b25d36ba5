"""Groups of four on hidden ratings: how does the least happy member fare with each way to choose?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.protocol import Drawing
from benchmarks.ratings_data import Rating, Records
from benchmarks.recommend_adapter import model_of
from bot.films.recommendations.groups import blend

SIZE, PICKS, LEAST_COMMON, GROUPS = 4, 3, 8, 200
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
        predicted = [model.ask(case.own).stars for case in situation.cases]
        for _ in range(GROUPS):
            group = random.choice(len(situation.cases), SIZE, replace=False)
            hidden = [situation.cases[at].hidden for at in group]
            common = sorted(set.intersection(*(set(one) for one in hidden)))
            if len(common) < LEAST_COMMON:
                continue
            rows = [model.content.at[film] for film in common]
            true = np.array([[one[film] for film in common] for one in hidden])
            stars = np.array([predicted[at][rows] for at in group])
            for name, worth in _ways(stars, model.crowd.liked[rows]).items():
                picked = np.argsort(-worth, kind="stable")[:PICKS]
                members = true[:, picked].mean(axis=1)
                least.setdefault(name, []).append(float(members.min()))
                mean.setdefault(name, []).append(float(members.mean()))
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


def _ways(stars: NDArray[np.float64], liked: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    nobody = np.zeros(SIZE)
    ways = {"popular": liked, "mean of predictions": stars.mean(axis=0)}
    return ways | {f"blend {part:.2f}": blend(stars, part, nobody) for part in (0.25, 0.5, 0.75, 1.0)}
