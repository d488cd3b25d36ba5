"""How long a member's import takes, and what others notice of it: `python -m benchmarks.member_imports`.

A made-up Letterboxd export of N films is read and taken in a catalogue that has nine of ten of them. Meanwhile
somebody looks up films as `/film` does, and a clock notes for how long the event loop works at a time.

Each look-up is told in seconds, and in the processor time that the loop's thread spends until it is done, on it or
on anything else: that does not depend on what else the machine does. The ratio is between these.
"""

import argparse
import asyncio
import csv
import gc
import io
import random
import resource
import tempfile
import time
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.bootstrap import open_catalogue
from bot.config import Settings
from bot.films.models import Film
from bot.services import Services, running_services

SERVER, MEMBER, OTHER = 1, 2, 3
FILMS_PER_WRITE = 1_000
Cell = str | int
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
    tables: dict[str, tuple[str, Sequence[Sequence[Cell]]]] = {
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


@dataclass(frozen=True, slots=True)
class LookUp:
    """How long one look-up took, and how long the loop's thread worked until it was done."""

    seconds: float
    worked: float


async def measure_lookups(services: Services, titles: Sequence[str], until: Callable[[], bool]) -> list[LookUp]:
    """Return what look-ups took, one after the other, until told to stop."""
    measured = []
    source = random.Random(7)

    async def look_up(title: str) -> None:
        lookup = await services.resolver.look_up(title)
        if lookup.film is not None:
            await services.reviews.repository.get_film_stars(SERVER, lookup.film.id, OTHER)

    while not until():
        begun, worked = time.perf_counter(), time.thread_time()
        command = asyncio.create_task(look_up(source.choice(titles)))
        services.foreground.add(command)  # as the bot does with each interaction
        await command
        services.foreground.discard(command)
        measured.append(LookUp(time.perf_counter() - begun, time.thread_time() - worked))
        await asyncio.sleep(PAUSE)
    return measured


@dataclass(slots=True)
class Watch:
    """What was seen of the event loop: for how many seconds of processor time it worked between two looks.

    That is what others have to wait for; how late the loop is depends on what else the machine does. `peak` is the
    most memory that was seen, in megabytes.
    """

    stretches: list[float] = field(default_factory=list)
    peak: float = 0.0

    async def look(self, until: Callable[[], bool]) -> None:
        """Look again and again until told to stop."""
        while not until():
            begun = time.thread_time()
            await asyncio.sleep(TICK)
            self.stretches.append(time.thread_time() - begun)
            self.peak = max(self.peak, resident_megabytes())


def resident_megabytes() -> float:
    """Return how much memory the process has, 0 where the system doesn't say."""
    statm = Path("/proc/self/statm")
    pages = int(statm.read_text().split()[1]) if statm.exists() else 0
    return pages * resource.getpagesize() / 2**20


async def measure(
    services: Services, titles: Sequence[str], work: Awaitable[object]
) -> tuple[list[LookUp], Watch]:
    """Return what look-ups took, and what was seen of the event loop, while `work` is done."""
    task = asyncio.ensure_future(work)
    watch = Watch()
    lookups, _ = await asyncio.gather(measure_lookups(services, titles, task.done), watch.look(task.done))
    await task
    return lookups, watch


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
        gc.collect()
        gc.freeze()  # as the running bot does
        titles = [title for title, _ in known]
        usual, _ = await measure(services, titles, asyncio.sleep(BASELINE_SECONDS))
        before = resident_megabytes()
        times: dict[str, tuple[float, float]] = {}

        async def take() -> None:
            begun, worked = time.perf_counter(), time.process_time()
            preview = await services.imports.prepare(SERVER, MEMBER, content, "export.zip")
            times["read and matched"] = time.perf_counter() - begun, time.process_time() - worked
            begun, worked = time.perf_counter(), time.process_time()
            import_ = await services.imports.start(preview.import_.id, MEMBER)
            while not await services.imports.wait(import_.id, 60):
                pass
            times["taken"] = time.perf_counter() - begun, time.process_time() - worked

        during, watch = await measure(services, titles, take())
    steps = ", ".join(
        f"{name} in {seconds:.1f} s ({worked:.1f} s of processor)" for name, (seconds, worked) in times.items()
    )
    print(f"{count:,} films: {steps}; {watch.peak - before:,.0f} MB more at the peak")
    middle, high, most = (1e3 * percentile(watch.stretches, share) for share in (0.5, 0.99, 1.0))
    print(f"the loop works {middle:.1f} ms at a time, {high:.1f} ms (p99), {most:.1f} ms at most")
    tails = {}
    for name, lookups in (("usually", usual), ("during the import", during)):
        middle, high = (1e3 * percentile([each.seconds for each in lookups], share) for share in (0.5, 0.99))
        worked = tails[name] = 1e3 * percentile([each.worked for each in lookups], 0.99)
        print(
            f"/film's look-up {name}: p50 {middle:.1f} ms, p99 {high:.1f} ms, of processor time {worked:.1f} ms"
            f" ({len(lookups):,} look-ups)"
        )
    ratio = tails["during the import"] / tails["usually"]
    print(f"p99 of processor time during the import: {ratio:.1f} times the usual")


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, nargs="+", default=[5_000, 10_000])
    for count in parser.parse_args().films:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(run(count, Path(folder)))


if __name__ == "__main__":
    main()
