"""CPU time of fitting and recommending as ratings and films grow, beside implicit's ALS where it is installed.

Made-up ratings: how often films are rated falls off as in real sets (Zipf), and how many ratings members give is
spread as widely (lognormal, so that a few members have most of the pairs). Run each size in a process of its own,
so that the peak memory is its own: --sizes 5000000 --films 10000 --members 100000.
"""

import argparse
import resource
import time
from importlib.util import find_spec

import numpy as np
from scipy import sparse

from bot.recommendations.crowd import build_crowd_from_arrays
from bot.recommendations.facts import FilmFacts, build_content
from bot.recommendations.filters import NO_FILTERS, allowed_films
from bot.recommendations.ranking_model import RankingModel, Recommendation
from bot.recommendations.reasons import compute_server_means

PER_MEMBER = 150
MEMBER_SPREAD = 1.0
"""Standard deviation of the logarithm of how active members are."""
TEST_MEMBERS = 200
OWN_RATINGS = (1, 5, 20, 60, 150)
"""How many ratings the members who ask have, in turn."""
GENRES = ("Action", "Comedy", "Drama", "Horror", "Romance", "Thriller", "War", "Western")


def recommend(model: RankingModel, own: dict[str, float]) -> list[Recommendation]:
    """Return five films with their reasons, as the bot does."""
    scores = model.score_films(own)
    allowed = allowed_films(model.content, NO_FILTERS, own)
    return model.explain(scores, model.rank(scores.scores, 5, allowed))


def main() -> None:
    """Fit and recommend at each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 300_000, 1_000_000], help="ratings")
    parser.add_argument("--films", type=int, nargs="+", default=[10_000], help="films in the catalogue")
    parser.add_argument("--members", type=int, help=f"who rates (default: one for {PER_MEMBER} ratings)")
    arguments = parser.parse_args()
    for films in arguments.films:
        for size in arguments.sizes:
            measure(size, films, arguments.members or max(1, size // PER_MEMBER))


def measure(size: int, films: int, member_count: int) -> None:
    """Fit on `size` made-up ratings of `films` films, recommend to members with OWN_RATINGS, print."""
    random = np.random.default_rng(7)
    members, columns, stars = draw_ratings(random, size, films, member_count)
    facts = make_films(random, films, np.bincount(columns, minlength=films))
    begin = time.process_time()
    content = build_content(facts)
    names = [f"m{number}" for number in range(member_count)]
    crowd = build_crowd_from_arrays(names, member_rows=members, film_rows=columns, stars=stars, film_count=films)
    model = RankingModel(content, crowd, compute_server_means(crowd, None))
    fit = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    own = [
        {
            content.ids[at]: float(random.integers(1, 11)) / 2
            for at in random.choice(columns, OWN_RATINGS[number % len(OWN_RATINGS)])
        }
        for number in range(TEST_MEMBERS)
    ]
    ranking = describe_times(
        lambda rated: model.rank(model.score_films(rated).scores, 10, allowed_films(content, NO_FILTERS, rated)),
        own,
    )
    full = describe_times(lambda rated: recommend(model, rated), own)
    print(
        f"{len(stars):9,d} ratings of {member_count:,d} members, {films:,d} films: fit {fit:.1f} s,"
        f" peak {peak:.2f} GB, rank {ranking}, five with reasons {full}"
        f"{measure_implicit(members, columns, stars, films)}",
        flush=True,
    )


def describe_times(function: object, own: list[dict[str, float]]) -> str:
    """Return the median and the 99th percentile of the CPU milliseconds of `function` over members."""
    assert callable(function)
    function(own[0])  # to warm up
    times = []
    for rated in own:
        begin = time.process_time()
        function(rated)
        times.append(time.process_time() - begin)
    median, high = np.quantile(times, [0.5, 0.99]) * 1e3
    return f"{median:.1f} ms (p99 {high:.1f})"


def draw_ratings(
    random: np.random.Generator, size: int, films: int, member_count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return member rows, film rows and stars of about `size` ratings, none twice."""
    popularity = 1 / (np.arange(films) + 20.0)
    activity = random.lognormal(0.0, MEMBER_SPREAD, member_count)
    columns = random.choice(films, int(size * 1.6), p=popularity / popularity.sum())
    members = random.choice(member_count, len(columns), p=activity / activity.sum())
    pairs = np.unique(members.astype(np.int64) * films + columns)
    pairs = np.sort(random.choice(pairs, min(size, len(pairs)), replace=False))
    return pairs // films, pairs % films, random.integers(1, 11, len(pairs)) / 2


def make_films(random: np.random.Generator, films: int, raters: np.ndarray) -> list[FilmFacts]:
    """Return films with genres, a director, ten actors, a language and a year."""
    return [
        FilmFacts(
            film_id=f"f{at}",
            year=int(random.integers(1930, 2025)),
            genres=tuple(random.choice(GENRES, 2, replace=False)),
            directors=(f"d{random.integers(films // 4 + 1)}",),
            cast=tuple(f"a{person}" for person in random.integers(films, size=10)),
            languages=("en",),
            fame=float(raters[at]),
        )
        for at in range(films)
    ]


def measure_implicit(members: np.ndarray, columns: np.ndarray, stars: np.ndarray, films: int) -> str:
    """Return what implicit's ALS of 64 factors takes for the same, a member folded in for each request."""
    if find_spec("implicit") is None:
        return ""
    import implicit

    liked = stars >= 4
    shape = (int(members.max()) + 1, films)
    matrix = sparse.csr_matrix((np.ones(liked.sum(), np.float32), (members[liked], columns[liked])), shape=shape)
    als = implicit.als.AlternatingLeastSquares(factors=64, iterations=15, num_threads=1, random_state=1)
    begin = time.process_time()
    als.fit(matrix, show_progress=False)
    fit = time.process_time() - begin
    times = []
    for row in range(TEST_MEMBERS):
        begin = time.process_time()
        als.recommend(0, matrix[row], N=10, recalculate_user=True)
        times.append(time.process_time() - begin)
    return f"; implicit ALS: fit {fit:5.1f} s, ask {float(np.median(times)) * 1e3:6.2f} ms"


if __name__ == "__main__":
    main()
