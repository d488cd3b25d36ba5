"""CPU time of fitting and asking as ratings and films grow, beside implicit's ALS where it is installed.

Made-up ratings: how often films are rated and how many ratings members give fall off as in real sets (Zipf).
Run each size in a process of its own, so that the peak memory is its own: --sizes 100000 --films 10000.
"""

import argparse
import resource
import time
from importlib.util import find_spec

import numpy as np
from bot.recommendations.model import Model
from scipy import sparse

from bot.recommendations.content import content_of
from bot.recommendations.crowd import crowd_of_arrays
from bot.recommendations.facts import FilmFacts
from bot.recommendations.filters import NO_WISHES, allowed
from bot.recommendations.reasons import home_of

PER_MEMBER = 150
ASKED = 40
GENRES = ("Action", "Comedy", "Drama", "Horror", "Romance", "Thriller", "War", "Western")


def main() -> None:
    """Fit and ask at each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 300_000, 1_000_000], help="ratings")
    parser.add_argument("--films", type=int, nargs="+", default=[10_000], help="films in the catalogue")
    arguments = parser.parse_args()
    for films in arguments.films:
        for size in arguments.sizes:
            measure(size, films)


def measure(size: int, films: int) -> None:
    """Fit on `size` made-up ratings of `films` films, ask for members with 20 ratings, print."""
    random = np.random.default_rng(7)
    members, columns, stars = draw(random, size, films)
    facts = made_up(random, films, np.bincount(columns, minlength=films))
    begin = time.process_time()
    content = content_of(facts)
    names = [f"m{number}" for number in range(int(members.max()) + 1)]
    crowd = crowd_of_arrays(names, (members, columns, stars), films)
    model = Model(content, crowd, home_of(crowd, None))
    fit = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    own = [
        {content.ids[at]: float(random.integers(1, 11)) / 2 for at in random.choice(columns, 20)}
        for _ in range(ASKED)
    ]
    ranking = timed(lambda rated: model.rank(model.ask(rated), 10, allowed(content, NO_WISHES, rated)), own)
    whole = timed(lambda rated: model.recommend(rated, 5), own)
    print(
        f"{size:9,d} ratings {films:7,d} films: fit {fit:6.1f} s, peak {peak:4.1f} GB, rank {ranking:6.2f} ms,"
        f" five with reasons {whole:6.2f} ms{rival(members, columns, stars, films)}",
        flush=True,
    )


def timed(ask: object, own: list[dict[str, float]]) -> float:
    """Give the median CPU milliseconds of `ask` over members, after one to warm up."""
    assert callable(ask)
    ask(own[0])
    times = []
    for rated in own:
        begin = time.process_time()
        ask(rated)
        times.append(time.process_time() - begin)
    return float(np.median(times)) * 1e3


def draw(random: np.random.Generator, size: int, films: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give members, films and stars of about `size` ratings, none twice."""
    popularity = 1 / (np.arange(films) + 20.0)
    columns = random.choice(films, int(size * 1.35), p=popularity / popularity.sum())
    members = random.integers(0, max(1, size // PER_MEMBER), len(columns))
    pairs = np.unique(members.astype(np.int64) * films + columns)
    pairs = np.sort(random.choice(pairs, min(size, len(pairs)), replace=False))
    return pairs // films, pairs % films, random.integers(1, 11, len(pairs)) / 2


def made_up(random: np.random.Generator, films: int, raters: np.ndarray) -> list[FilmFacts]:
    """Give films with genres, a director, ten actors, a language and a year."""
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


def rival(members: np.ndarray, columns: np.ndarray, stars: np.ndarray, films: int) -> str:
    """Give what implicit's ALS of 64 factors takes for the same, a member folded in for each question."""
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
    for row in range(ASKED):
        begin = time.process_time()
        als.recommend(0, matrix[row], N=10, recalculate_user=True)
        times.append(time.process_time() - begin)
    return f"; implicit ALS: fit {fit:5.1f} s, ask {float(np.median(times)) * 1e3:6.2f} ms"


if __name__ == "__main__":
    main()
