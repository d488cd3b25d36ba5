"""Films to search: those of a TSV file, or of the starter catalogue."""

import csv
import gzip
import io
from pathlib import Path

from bot.films.models import CreditJob, Film
from bot.films.repository import LEADING_CAST
from bot.search.index import TitleEntry
from bot.sources import starter
from bot.sources.starter import bundled_data_path


def read_films(path: Path | None) -> list[TitleEntry]:
    """Return the films of a TSV file, gzipped or not, or of the starter catalogue if `path` is None.

    The columns are film_id, title, original_title, year, popularity.
    """
    if path is None:
        return [_create_entry(film) for film in starter.load(bundled_data_path("films.jsonl")).films]
    content = path.read_bytes()
    content = gzip.decompress(content) if path.suffix == ".gz" else content
    with io.StringIO(content.decode("utf-8"), newline="") as lines:
        return [
            TitleEntry(
                film_id=row["film_id"],
                title=row["title"],
                original_title=row["original_title"] or row["title"],
                year=int(row["year"]) if row["year"] else None,
                fame=float(row["popularity"]),
            )
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def _create_entry(film: Film) -> TitleEntry:
    return TitleEntry(
        film_id=film.id,
        title=film.title,
        original_title=film.original_title,
        year=film.year,
        directors=film.directors,
        other_titles=film.titles,
        fame=film.fame,
        languages=film.languages,
        countries=film.countries,
        genres=film.genres,
        cast=film.list_names(CreditJob.CAST)[:LEADING_CAST],
    )
