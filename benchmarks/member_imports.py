"""How long a member's import takes, and what others notice of it: `python -m benchmarks.member_imports`.

A made-up Letterboxd export of N films is read and taken in a catalogue that has nine of ten of them. Meanwhile
somebody looks up films as `/film` does, and a clock notes how late the event loop wakes it.
"""

import argparse
import asyncio
import csv
import io
import random
import resource
import tempfile
import time
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot.bootstrap import open_catalogue
from bot.config import Settings
from bot.films.models import Film
from bot.services import Services, running_services

SERVER, MEMBER, OTHER = 1, 2, 3
FILMS_PER_WRITE = 1_000
KNOWN_SHARE = 0.9
TICK, PAUSE = 0.005, 0.02
"""Seconds between two looks at the clock, and between two look-ups."""
BASELINE_SECONDS = 5.0
WORDS = (
    "amber", "border", "cinder", "daylight", "ember", "ferry", "garden", "harbour", "island", "juniper", "kettle",
    "lantern", "meadow", "night", "orchard", "paper", "quarry", "river", "silver", "thunder", "umbra", "valley",
    "winter", "yonder", "zephyr",
)  # fmt: skip


def create_films(count: int, seed: int = 1) -> list[tuple[str, int]]:
    """Return so many titles of four words, each with a year."""
    source = random.Random(seed)
    titles: dict[str, int] = {}
    while len(titles) < count:
        titles[" ".join(source.choices(WORDS, k=4)).title()] = source.randint(1930, 2025)
    return list(titles.items())


def build_export(films: Sequence[tuple[str, int]]) -> bytes:
    """Return a Letterboxd export in which each film was seen, rated and put into the diary."""
    days = [f"20{10 + number % 15}-0{1 + number % 9}-1{number % 10}" for number in range(len(films))]
    diary = [
        (day, title, year, "u", f"{1 + number % 9 / 2:g}", "", "", day)
        for number, ((title, year), day) in enumerate(zip(films, days, strict=True))
    ]
    tables = {
        "diary": ("Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date", diary),
        "ratings": ("Date,Name,Year,Letterboxd URI,Rating", [row[:5] for row in diary]),
        "watched": ("Date,Name,Year,Letterboxd URI", [row[:4] for row in diary]),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (header, rows) in tables.items():
            text = io.StringIO(newline="")
            csv.writer(text).writerows(rows)
            archive.writestr(f"{name}.csv", f"{header}\r\n{text.getvalue()}")
    return content.getvalue()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share of them lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def measure_lookups(services: Services, titles: Sequence[str], until: Callable[[], bool]) -> list[float]:
    """Return the seconds of look-ups, one after the other, until told to stop."""
    seconds = []
    source = random.Random(7)
    while not until():
        begun = time.perf_counter()
        lookup = await services.resolver.look_up(source.choice(titles))
        if lookup.film is not None:
            await services.reviews.repository.get_film_stars(SERVER, lookup.film.id, OTHER)
        seconds.append(time.perf_counter() - begun)
        await asyncio.sleep(PAUSE)
    return seconds


async def measure_lag(until: Callable[[], bool]) -> list[float]:
    """Return by how many seconds the event loop was late, each time."""
    late = []
    while not until():
        begun = time.perf_counter()
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - begun - TICK)
    return late


async def measure(
    services: Services, titles: Sequence[str], work: Awaitable[object]
) -> tuple[list[float], list[float]]:
    """Return the look-ups' seconds and the loop's lateness while `work` is done."""
    task = asyncio.ensure_future(work)
    lookups, late = await asyncio.gather(measure_lookups(services, titles, task.done), measure_lag(task.done))
    await task
    return lookups, late


async def run(count: int, folder: Path) -> None:
    """Print the figures for an export of so many films."""
    films = create_films(count)
    settings = Settings.from_env({"MARQUEE_DATA_DIR": str(folder), "LETTERBOXD_URL": "off"})
    known = films[: int(KNOWN_SHARE * count)]
    async with open_catalogue(settings) as (_, repository):
        for start in range(0, len(known), FILMS_PER_WRITE):
            batch = known[start : start + FILMS_PER_WRITE]
            await repository.save_many(
                [Film(title.lower().replace(" ", "-"), title, title, year) for title, year in batch]
            )
    content = build_export(films)
    async with running_services(settings) as services:
        titles = [title for title, _ in known]
        usual, _ = await measure(services, titles, asyncio.sleep(BASELINE_SECONDS))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        times: dict[str, float] = {}

        async def take() -> None:
            begun = time.perf_counter()
            preview = await services.imports.prepare(SERVER, MEMBER, content, "export.zip")
            times["read and matched"] = time.perf_counter() - begun
            import_ = await services.imports.start(preview.import_.id, MEMBER)
            while not await services.imports.wait(import_.id, 60):
                pass
            times["taken"] = time.perf_counter() - begun - times["read and matched"]

        during, late = await measure(services, titles, take())
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    steps = ", ".join(f"{name} in {seconds:.1f} s" for name, seconds in times.items())
    print(f"{count:,} films: {steps}; {grown:,.0f} MB more at the peak")
    print(f"event loop late by {1e3 * percentile(late, 0.99):.1f} ms (p99), {1e3 * max(late):.1f} ms at most")
    for name, seconds in (("usually", usual), ("during the import", during)):
        middle, high = (1e3 * percentile(seconds, share) for share in (0.5, 0.99))
        print(f"/film's look-up {name}: p50 {middle:.1f} ms, p99 {high:.1f} ms ({len(seconds):,} look-ups)")


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, nargs="+", default=[5_000, 10_000])
    for count in parser.parse_args().films:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(run(count, Path(folder)))


if __name__ == "__main__":
    main()
