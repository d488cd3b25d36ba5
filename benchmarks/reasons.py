"""Prints how often a film ranks lower without the rating that is named as its reason, on members kept apart.

The member is scored again without the rating, by the whole model, and the film's place among all others is
compared. A film that is first with and without it counts where its lead over the best hundred shrinks. Intervals
of 95% are from resampling members, since the reasons of one member are alike.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.communities import read_communities
from benchmarks.samples import CROWD, Drawn, Situation, draw, facts_of
from bot.recommendations.crowd import build_crowd
from bot.recommendations.facts import Content
from bot.recommendations.filters import NO_FILTERS, allowed_films
from bot.recommendations.lists import mix_list
from bot.recommendations.ranking_model import MemberScores, RankingModel
from bot.recommendations.reasons import BecauseYouRated, compute_server_means

SITUATIONS = (CROWD, Situation(30), Situation(1, catalogue=True))
KNOWN = (1, 5, 20)
SHOWN = 10
BEST = 100
RESAMPLES = 1_000


@dataclass(slots=True)
class MemberReasons:
    """Of one member: films shown, ratings named for them, and how many of these lower the film, or its place."""

    films: int = 0
    named: int = 0
    lowering: int = 0
    lowering_place: int = 0


def measure(drawn: Drawn, content: Content) -> list[tuple[int, MemberReasons]]:
    """Return each case's number of known ratings and what came of its reasons."""
    crowd = build_crowd(drawn.training, content)
    model = RankingModel(content, crowd, compute_server_means(crowd, None))
    results = []
    for case in drawn.cases:
        member = model.score_films(case.known)
        allowed = allowed_films(content, NO_FILTERS, case.known)
        shown = mix_list(model, member, model.rank(member.scores, 700, allowed), SHOWN)
        found = MemberReasons(films=len(shown))
        without: dict[str, MemberScores] = {}
        for row, film in zip(shown.tolist(), model.explain(member, shown), strict=True):
            named = [
                one for reason in film.reasons if isinstance(reason, BecauseYouRated) for one in reason.ratings
            ]
            for rating in named:
                if rating.film_id not in without:
                    others = {key: stars for key, stars in case.known.items() if key != rating.film_id}
                    without[rating.film_id] = model.score_films(others)
                ranks = compare(member, without[rating.film_id], row, allowed)
                found.named += 1
                found.lowering += ranks.lower or (ranks.first and ranks.lead_shrinks)
                found.lowering_place += ranks.lower
        results.append((len(case.known), found))
    return results


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether the film's place is lower without the rating, is the first both times, and has less of a lead."""

    lower: bool
    first: bool
    lead_shrinks: bool


def compare(before: MemberScores, without: MemberScores, row: int, allowed: NDArray[np.bool_]) -> Comparison:
    """Return what becomes of the film of that row."""
    places = [int((each.scores[allowed] > each.scores[row]).sum()) for each in (before, without)]
    best = np.argsort(-np.where(allowed, before.scores, -np.inf), kind="stable")[:BEST]
    leads = [float(each.scores[row] - each.scores[best].mean()) for each in (before, without)]
    return Comparison(places[1] > places[0], max(places) == 0, leads[1] < leads[0])


def share(parts: list[int], wholes: list[int]) -> str:
    """Return the sum of the parts over that of the wholes, with its 95% interval over members."""
    part, whole = np.array(parts), np.array(wholes)
    if not whole.sum():
        return "none"
    drawn = np.random.default_rng(22).integers(0, len(part), (RESAMPLES, len(part)))
    low, high = np.quantile(part[drawn].sum(axis=1) / np.maximum(whole[drawn].sum(axis=1), 1), [0.025, 0.975])
    return f"{part.sum() / whole.sum():.3f} [{low:.3f}, {high:.3f}]"


def describe(name: str, found: list[MemberReasons]) -> str:
    """Return a line of the table."""
    films, named = [each.films for each in found], [each.named for each in found]
    return (
        f"{name:45s} members {len(found):4d}  named {sum(named):5d} for {sum(films):5d} films"
        f"  lower {share([each.lowering for each in found], named)}"
        f"  lower place {share([each.lowering_place for each in found], named)}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with ml-latest-small and movietweetings"
    )
    parser.add_argument("--tune", action="store_true", help="measure development members, to choose by")
    parser.add_argument("--count", type=int, default=60, help="members of each situation (default: %(default)s)")
    arguments = parser.parse_args()
    everything: list[MemberReasons] = []
    for community in read_communities(arguments.data).values():
        tests = community.development if arguments.tune else community.kept_apart
        for situation in SITUATIONS:
            drawings = draw(
                community, situation, test_members=tests, others=community.development, known=KNOWN,
                count=arguments.count, seed=31, folds=1,
            )  # fmt: skip
            results = [result for drawn in drawings for result in measure(drawn, facts_of(drawn.films))]
            for known in KNOWN:
                found = [each for number, each in results if number == known]
                if found:
                    print(describe(f"{community.name}, {situation}, {known} known", found), flush=True)
                everything += found
    print(describe("all", everything))


if __name__ == "__main__":
    main()
