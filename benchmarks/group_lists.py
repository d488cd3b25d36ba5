"""Prints in how many groups of four everybody finds a film that they liked among the five shown.

The members are kept apart, liked are their hidden films of four stars or more. A film that one of the four is
known to have rated may be shown; what more have rated is not, as the bot shows it after all else. Groups share
members, so that the 95% intervals count how the results of groups with a member in common go together (Aronow,
Samii, Assenova: Cluster-robust variance estimation for dyadic data, Political Analysis 2015).
"""

import argparse
from collections import Counter
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


def lists_for(model: RankingModel, cases: list[Case]) -> dict[str, list[str]]:
    """Return by method the film ids that the group is shown."""
    group = score_for_group(model, [GroupMember(case.member, case.known) for case in cases])
    rated = Counter(film for case in cases for film in case.known)
    group = group.limited_to({film for film in model.content.ids if rated[film] <= len(cases) // SIZE})
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
    belongs = np.zeros((len(groups), len(drawn.cases)))
    np.put_along_axis(belongs, np.array(groups), 1.0, axis=1)
    share_a_member = belongs @ belongs.T > 0
    for name, values in found.items():
        off = np.array(values) - np.mean(values)
        error = np.sqrt(max(float(off @ share_a_member @ off), float(off @ off))) / len(groups)
        print(
            f"{community.name}, {known} known, {len(groups)} groups of {len(drawn.cases)} members: {name:15s}"
            f" {np.mean(values):.3f} [{np.mean(values) - 1.96 * error:.3f}, {np.mean(values) + 1.96 * error:.3f}]",
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
