"""How long one title search takes in the starter catalogue.

Searches for every film's title as it is, without its last letter, and with its first two letters swapped.
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
            index = services.films.index
            milliseconds = []
            for title in titles:
                for text in (title, title[:-1], title[1:2] + title[:1] + title[2:]):
                    start = time.perf_counter()
                    index.search(text, 25)
                    milliseconds.append((time.perf_counter() - start) * 1e3)
    milliseconds.sort()
    print(
        f"find: {len(milliseconds):,} look-ups among {len(titles):,} films: "
        f"median {statistics.median(milliseconds):.2f} ms, "
        f"p99 {milliseconds[int(len(milliseconds) * 0.99)]:.2f} ms"
    )


def main() -> None:
    """Run the benchmark."""
    asyncio.run(measure())


if __name__ == "__main__":
    main()
