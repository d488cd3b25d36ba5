"""Measures `marquee import imdb` on made-up files: rows a second, and peak memory.

python -m benchmarks.imdb_import [--films 1000000] [--database-url postgresql://…] [--keep FOLDER]

Without --database-url a new SQLite file is written. With it the database must be an empty one of its own.
"""

import argparse
import asyncio
import gzip
import random
import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from bot.config import database_url
from bot.core.database.engine import Database
from bot.imports.imdb import ImdbImport, ImportOptions
from bot.imports.progress import progress_on
from bot.sources.imdb.dataset import open_dataset

SYLLABLES = [consonant + vowel for consonant in "bdklmnrstv" for vowel in "aeo"]
GENRES = ("Drama", "Comedy", "Thriller", "Documentary", "Sci-Fi", "Horror")
REGIONS = (("XWW", "en"), ("FR", "fr"), ("KR", "ko"), ("BR", "pt"))
CAST = 5
FILMS_PER_PERSON = 4
"""Films of each made-up person: few, as on IMDb, where most people have one or two."""
HEADERS = {
    "title.basics": "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres",
    "title.akas": "titleId ordering title region language types attributes isOriginalTitle",
    "title.ratings": "tconst averageRating numVotes",
    "title.crew": "tconst directors writers",
    "title.principals": "tconst ordering nconst category job characters",
    "name.basics": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
}


def main() -> None:
    """Make the files, import them and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=int, default=1_000_000)
    parser.add_argument("--database-url", help="where to import into (default: a new SQLite file)")
    parser.add_argument("--keep", type=Path, help="make the files in this folder, or use those that are in it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch) / "imdb"
        if not (folder / "name.basics.tsv.gz").exists():
            make_files(folder, arguments.films)
        asyncio.run(measure(folder, Path(scratch), arguments.database_url))


def make_files(folder: Path, films: int) -> None:
    """Write six files about that many films, with as many rows a film as IMDb's have."""
    rng = random.Random(1)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_files:
        files = {
            name: open_files.enter_context(gzip.open(folder / f"{name}.tsv.gz", "wt", compresslevel=1))
            for name in HEADERS
        }
        write_rows(files, films, rng)


def write_rows(files: dict[str, TextIO], films: int, rng: random.Random) -> None:
    """Write the rows of all files."""

    def write(name: str, *fields: object) -> None:
        files[name].write("\t".join(map(str, fields)) + "\n")

    for name, header in HEADERS.items():
        write(name, *header.split())
    people = max(CAST + 1, films * (CAST + 1) // FILMS_PER_PERSON)
    for number in range(1, people + 1):
        write("name.basics", f"nm{number:07}", f"{words(rng, 1)} {words(rng, 1)}", r"\N", r"\N", "actor", r"\N")
    for number in range(1, films + 1):
        film, title = f"tt{number:07}", words(rng, 3)
        genres = ",".join(rng.sample(GENRES, 2))
        write("title.basics", film, "movie", title, title, 0, rng.randint(1930, 2025), r"\N", 95, genres)
        for order, place in enumerate(rng.sample(REGIONS, 2), 1):
            write("title.akas", film, order, words(rng, 3), *place, "imdbDisplay", r"\N", 0)
        write("title.ratings", film, "6.5", int(rng.paretovariate(0.5)))
        # People are active for a time, so the ids of a film's people are close to each other.
        newest = min(people, 1_000 + number * people // films)
        director, *cast = (f"nm{rng.randint(max(1, newest - 1_000), newest):07}" for _ in range(CAST + 1))
        write("title.crew", film, director, r"\N")
        for order, person in enumerate(cast, 1):
            write("title.principals", film, order, person, "actor", r"\N", f'["{words(rng, 1)}"]')


def words(rng: random.Random, count: int) -> str:
    """Return that many made-up words."""
    return " ".join("".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))).title() for _ in range(count))


async def measure(folder: Path, scratch: Path, url: str | None) -> None:
    """Import the files into an empty database and print what it took."""
    database = await Database.open(database_url(url, scratch / "marquee.db"))
    try:
        start, processor = time.perf_counter(), time.process_time()
        imdb_import = ImdbImport(database, open_dataset(folder), scratch, progress_on(sys.stderr))
        await imdb_import.run(ImportOptions())
        seconds, processor = time.perf_counter() - start, time.process_time() - processor
    finally:
        await database.close()
    rows = sum(file.lines_read for file in imdb_import.report.files)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("| database | films | rows | seconds | processor seconds | rows/s | films/s | most memory |")
    print("|---|---|---|---|---|---|---|---|")
    print(
        f"| {database.dialect} | {imdb_import.report.written.new:,} | {rows:,} | {seconds:.0f} | {processor:.0f}"
        f" | {rows / seconds:,.0f} | {imdb_import.report.written.new / seconds:,.0f} | {megabytes:.0f} MiB |"
    )


if __name__ == "__main__":
    main()
