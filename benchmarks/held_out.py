"""Prints quality on members kept apart, beside peers, with bootstrap intervals of 95%.

Nothing is learnt from these members and nothing was chosen by them. With --weights learnt without a community
(`learn_weights --without`), its members and its films are unknown to the weights, too. Known ratings are drawn at
random; relevant are the hidden films of four stars or more, and NDCG@10 is of the ranking, `list` of the pages
that members see.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.communities import read_communities
from benchmarks.peers import PEERS, collect_ratings
from benchmarks.samples import MEMBERS_PER_SERVER, SITUATIONS, Drawn, draw, facts_of
from bot.recommendations.crowd import build_crowd
from bot.recommendations.evaluation import ndcg
from bot.recommendations.facts import Content
from bot.recommendations.filters import NO_FILTERS, allowed_films
from bot.recommendations.lists import mix_list
from bot.recommendations.ranking_model import RankingModel
from bot.recommendations.reasons import compute_server_means
from bot.recommendations.weights import SignalWeights, read_weights, shipped_weights

KNOWN = (1, 5, 10, 20)
OLD_YEAR = 1940
RESAMPLES = 1_000
MARQUEE, LIST = "Marquee", "Marquee, list"
Results = dict[tuple[str, int], dict[str, list[float]]]


def interval(values: list[float]) -> str:
    """Return the mean with the ends of its 95% bootstrap interval (Efron, 1979)."""
    numbers = np.array(values)
    random = np.random.default_rng(22)
    means = numbers[random.integers(0, len(numbers), (RESAMPLES, len(numbers)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{numbers.mean():.3f} [{low:.3f}, {high:.3f}]"


def measure(drawn: Drawn, content: Content, setting: str, weights: SignalWeights, results: Results) -> None:
    """Add every case of one drawing to the results of ours and of the peers."""
    crowd = build_crowd(drawn.training, content)
    model = RankingModel(content, crowd, compute_server_means(crowd, None), weights)
    ratings = collect_ratings(drawn.training, content)
    peers = {name: make(ratings) for name, make in PEERS.items()} if drawn.training else {}
    film_means = crowd.mean_stars + model.expected_quality
    for case in drawn.cases:
        found = results[setting, len(case.known)]
        member = model.score_films(case.known)
        allowed = allowed_films(content, NO_FILTERS, case.known)
        ranked = model.rank(member.scores, 700, allowed)
        lists = {MARQUEE: ranked[:10], LIST: mix_list(model, member, ranked, 10)}
        lists["fame"] = model.rank(content.fame, 10, allowed)
        for name, score in peers.items():
            lists[name] = model.rank(score(member.profile.rows, member.profile.stars), 10, allowed)
        for name, rows in lists.items():
            found[name].append(ndcg([content.ids[row] for row in rows], case.relevant))
        found["above fame"].append(found[MARQUEE][-1] - found["fame"][-1])
        found[f"share before {OLD_YEAR}"].append(float((content.year[lists[LIST]] < OLD_YEAR).mean()))
        hidden = [(content.row_of[film], stars) for film, stars in case.hidden.items() if film in content.row_of]
        rows, stars = np.array([row for row, _ in hidden]), np.array([value for _, value in hidden])
        found["error of stars"].append(float(np.abs(member.stars[rows] - stars).mean()))
        found["error of the film's mean"].append(float(np.abs(film_means[rows] - stars).mean()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with ml-latest-small and movietweetings"
    )
    parser.add_argument("--community", required=True, choices=("movielens", "movietweetings"))
    parser.add_argument("--weights", type=Path, help="other weights than those shipped")
    parser.add_argument("--tune", action="store_true", help="measure development members, to choose by")
    parser.add_argument("--count", type=int, default=400, help="members of the crowd (default: %(default)s)")
    parser.add_argument("--servers", type=int, default=50, help="servers of each size (default: %(default)s)")
    arguments = parser.parse_args()
    weights = (
        read_weights(arguments.weights.read_text(encoding="utf-8")) if arguments.weights else shipped_weights()
    )
    community = read_communities(arguments.data)[arguments.community]
    tests = community.development if arguments.tune else community.kept_apart
    for situation in SITUATIONS:
        results: Results = defaultdict(lambda: defaultdict(list))
        content = None
        drawn = draw(
            community, situation, test_members=tests, others=community.development, known=KNOWN,
            count=arguments.count if situation.size is None else arguments.servers * MEMBERS_PER_SERVER,
            seed=9, folds=3 if arguments.tune else 1,
        )  # fmt: skip
        for each in drawn:
            if content is None:
                content = facts_of(each.films)
            measure(each, content, str(situation), weights, results)
        for (setting, known), found in results.items():
            print(f"{community.name}, {setting}, {known} known, {len(found[MARQUEE])} members")
            for name, values in found.items():
                print(f"    {name:26s} {interval(values)}", flush=True)


if __name__ == "__main__":
    main()
