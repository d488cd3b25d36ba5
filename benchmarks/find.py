"""How long one title look-up takes on the starter catalogue.

Asks for every film's title as it is, with its last letter left out, and with its first two letters swapped.
"""

import asyncio
import statistics
import tempfile
import time

from bot.config import Settings
from bot.services import running_services
from bot.sources import starter
from bot.sources.starter import bundled_data_path


async def measure() -> None:
    """Print the figures."""
    titles = [film.title for film in starter.load(bundled_data_path("films.jsonl")).films]
    with tempfile.TemporaryDirectory() as folder:
        async with running_services(Settings.from_env({"MARQUEE_DATA_DIR": folder})) as services:
            index = services.catalogue.index
            taken = []
            for title in titles:
                for text in (title, title[:-1], title[1:2] + title[:1] + title[2:]):
                    begin = time.perf_counter()
                    index.search(text, 25)
                    taken.append((time.perf_counter() - begin) * 1e3)
    taken.sort()
    print(
        f"find: {len(taken):,} look-ups among {len(titles):,} films: "
        f"median {statistics.median(taken):.2f} ms, p99 {taken[int(len(taken) * 0.99)]:.2f} ms"
    )


def main() -> None:
    """Run it."""
    asyncio.run(measure())


if __name__ == "__main__":
    main()
