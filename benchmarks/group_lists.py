"""Prints in how many groups of four everybody finds a film that they liked among the five shown.

The members are kept apart, liked are their hidden films of four stars or more, and a film that any of the four is
known to have rated may be shown, as in the bot. Groups share members, so that the 95% intervals are from weighing
each member at random, and each group by the product of its members' weights (Owen: The pigeonhole bootstrap,
Annals of Applied Statistics 2007).
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.communities import Community, read_communities
from benchmarks.samples import CROWD, KNOWN, Case, draw, facts_of
from bot.recommendations.crowd import build_crowd
from bot.recommendations.groups import (
    SCORE_SHARE,
    SHORTLIST_SIZE,
    GroupMember,
    blend_stars,
    rank_for_group,
    score_for_group,
)
from bot.recommendations.ranking_model import RankingModel
from bot.recommendations.reasons import compute_server_means
from bot.recommendations.weights import SignalWeights, read_weights, shipped_weights

SIZE, SHOWN, ROUNDS = 4, 5, 8
"""Members of a group, films shown, and how often all members are parted into groups."""
RESAMPLES = 2_000


def lists_for(model: RankingModel, cases: list[Case]) -> dict[str, list[str]]:
    """Return by method the film ids that the group is shown."""
    group = score_for_group(model, [GroupMember(case.member, case.known) for case in cases])
    short = group.rows[:SHORTLIST_SIZE]
    stars = np.array([scores.stars[short] for scores in group.member_scores])
    values = blend_stars(stars, 0.5, np.zeros(len(cases))) + SCORE_SHARE * group.mean_scores[short]
    best = {
        "by value alone": short[np.argsort(-values, kind="stable")],
        "fame": group.rows[np.argsort(-model.content.fame[group.rows], kind="stable")],
    }
    shown = {"Marquee": [film.film_id for film in rank_for_group(group, SHOWN)]}
    return shown | {name: [model.content.ids[row] for row in rows[:SHOWN]] for name, rows in best.items()}


def measure(community: Community, weights: SignalWeights, known: int, tune: bool) -> None:
    """Print the shares for groups of members with so many ratings known."""
    tests = community.development if tune else community.kept_apart
    (drawn,) = draw(
        community,
        CROWD,
        test_members=tests,
        others=community.development,
        known=(known,),
        count=400,
        seed=17,
        folds=1,
    )
    content = facts_of(drawn.films)
    crowd = build_crowd(drawn.training, content)
    model = RankingModel(content, crowd, compute_server_means(crowd, None), weights)
    random = np.random.default_rng([17, known])
    groups: list[list[int]] = []
    found: dict[str, list[bool]] = {}
    for _ in range(ROUNDS):
        order = random.permutation(len(drawn.cases)).tolist()
        for start in range(0, len(order) - SIZE + 1, SIZE):
            group = order[start : start + SIZE]
            cases = [drawn.cases[at] for at in group]
            groups.append(group)
            for name, films in lists_for(model, cases).items():
                found.setdefault(name, []).append(all(case.relevant & set(films) for case in cases))
    chances = random.poisson(1.0, (RESAMPLES, len(drawn.cases)))[:, np.array(groups)].prod(axis=2)
    for name, values in found.items():
        means = (chances @ np.array(values)) / np.maximum(chances.sum(axis=1), 1)
        low, high = np.quantile(means, [0.025, 0.975])
        print(
            f"{community.name}, {known} known, {len(groups)} groups of {len(drawn.cases)} members: {name:15s}"
            f" {np.mean(values):.3f} [{low:.3f}, {high:.3f}]",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with ml-latest-small and movietweetings"
    )
    parser.add_argument("--community", required=True, choices=("movielens", "movietweetings"))
    parser.add_argument("--weights", type=Path, help="other weights than those shipped")
    parser.add_argument("--tune", action="store_true", help="measure development members, to choose by")
    parser.add_argument("--known", type=int, nargs="+", default=[5, 20], choices=KNOWN)
    arguments = parser.parse_args()
    weights = (
        read_weights(arguments.weights.read_text(encoding="utf-8")) if arguments.weights else shipped_weights()
    )
    for known in arguments.known:
        measure(read_communities(arguments.data)[arguments.community], weights, known, arguments.tune)


if __name__ == "__main__":
    main()
