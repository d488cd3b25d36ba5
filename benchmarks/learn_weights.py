"""Learns bot/recommendations/weights.json: how much each signal counts, and the range that it was learnt on.

A listwise softmax is fitted on the development members of several communities and versions of them (see
`communities.py`): every hidden film of four stars or more against all that are not. The weights are linear in the
situation (`describe_situation`), so that they are few, and pulled towards 0.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.communities import Community, read_communities, transform
from benchmarks.samples import CROWD, SITUATIONS, Situation, draw, facts_of, make_samples
from bot.recommendations.learning import PULL, Sample, learn_weights, measure_ranges
from bot.recommendations.signals import SIGNAL_ROW, SIGNALS
from bot.recommendations.weights import SITUATION_TERMS, SignalWeights, format_weights

VERSION_SITUATIONS = (CROWD, Situation(30), Situation(5))
ERA_WEIGHT = (1.45, -2.1, -0.8, 0.0)
"""Left free, `era` gives lists of one decade. It falls with the member's ratings: with one or three, dates
say much that is not known otherwise; twenty favourites of one decade don't mean that others are not wanted."""
UNIVERSAL_BOUND = 5.0
"""`fame` and `liked`, logarithms of how many times more raters a film has, say the same in every community and are
clipped only at 150 times: a small community's range is too narrow for a large one, whose best-known films would
be all the same."""
OTHER_FILMS = 220
CASES = {True: 360, False: 150}
"""Cases drawn for each number of known ratings, in a crowd and in servers; a third of it of each version."""


def collect(communities: Sequence[Community], seed: int = 1) -> list[Sample]:
    """Return samples of the communities' development members, and of versions of the communities."""
    samples: list[Sample] = []
    random = np.random.default_rng([seed, 23])
    for community in communities:
        versions = [community, *(transform(community, kind) for kind in ("flat", "rescaled"))]
        for version in versions:
            is_version = version is not community
            for situation in VERSION_SITUATIONS if is_version else SITUATIONS:
                count = CASES[situation.size is None] // (3 if is_version else 1)
                content = None
                drawn = draw(
                    version,
                    situation,
                    test_members=version.development,
                    others=version.development,
                    count=count,
                    seed=seed,
                    folds=1 if is_version else 3,
                )
                for each in drawn:
                    if content is None or situation.size is None:
                        content = facts_of(each.films)
                    made = make_samples(each, content, f"{version.name}: {situation}")
                    samples += (thin(sample, random) for sample in made)
            print(f"{version.name}: {len(samples):,} samples so far", flush=True)
    return samples


def thin(sample: Sample, random: np.random.Generator) -> Sample:
    """Return the sample with OTHER_FILMS of the films that are not relevant: all would add time and no more."""
    others = np.flatnonzero(~sample.is_relevant)
    chosen = random.choice(others, min(OTHER_FILMS, len(others)), replace=False)
    rows = np.concatenate([np.flatnonzero(sample.is_relevant), chosen])
    return replace(sample, signals=sample.signals[rows], is_relevant=sample.is_relevant[rows])


def balance(samples: Sequence[Sample]) -> list[float]:
    """Return the samples' importance: a setting with four times as many counts twice as much."""
    sizes = Counter((sample.setting, sample.known) for sample in samples)
    return [sizes[sample.setting, sample.known] ** -0.5 for sample in samples]


def main() -> None:
    """Draw, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with ml-latest-small and movietweetings"
    )
    parser.add_argument("--out", type=Path, default=Path("bot/recommendations/weights.json"))
    parser.add_argument("--without", default="", help="a community to leave out")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    communities = [
        community for name, community in read_communities(arguments.data).items() if name != arguments.without
    ]
    samples = collect(communities, arguments.seed)
    low, high = measure_ranges(samples)
    for name in ("fame", "liked"):
        low[SIGNAL_ROW[name]], high[SIGNAL_ROW[name]] = -UNIVERSAL_BOUND, UNIVERSAL_BOUND
    terms = np.zeros((len(SIGNALS), SITUATION_TERMS))
    terms[SIGNAL_ROW["era"]] = ERA_WEIGHT
    start = SignalWeights(terms, low, high)
    learnt = learn_weights(samples, start, PULL, balance(samples), fixed=("era",))
    arguments.out.write_text(format_weights(learnt), encoding="utf-8")


if __name__ == "__main__":
    main()
