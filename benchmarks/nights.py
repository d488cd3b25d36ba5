"""How much processor time counting takes: a thousand ballots for each of a hundred nights, by each method."""

import time

import numpy as np

from bot.nights.ballots import Ballot, BallotMethod, count_ballots

NIGHTS, BALLOTS, FILMS, RANKED = 100, 1_000, 10, 5


def build_ballots(seed: int) -> tuple[tuple[str, ...], list[Ballot]]:
    """Return the films and the ballots of a night, on which members rank half of the films at random."""
    random = np.random.default_rng(seed)
    films = tuple(f"film-{number}" for number in range(FILMS))
    orders = random.permuted(np.tile(np.arange(FILMS), (BALLOTS, 1)), axis=1)[:, :RANKED].tolist()
    return films, [Ballot(tuple(films[each] for each in order)) for order in orders]


def main() -> None:
    """Print the seconds that each method takes."""
    nights = [build_ballots(seed) for seed in range(NIGHTS)]
    for method in BallotMethod:
        begun = time.process_time()
        for number, (films, ballots) in enumerate(nights):
            count_ballots(method, films, ballots, str(number))
        seconds = time.process_time() - begun
        print(f"{method.value}: {NIGHTS} nights of {BALLOTS:,} ballots on {FILMS} films in {seconds:.2f} s")


if __name__ == "__main__":
    main()
