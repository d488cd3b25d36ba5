"""Films to search: those of a TSV file, or of the starter catalogue."""

import csv
import gzip
import io
import json
from pathlib import Path

from bot.search.index import TitleEntry

LEADING_CAST = 10
"""As many of the cast as the bot's index has (bot/films/repository.py)."""
STARTER = Path(__file__).parent.parent / "data" / "films.jsonl"


def read_films(path: Path | None) -> list[TitleEntry]:
    """Return the films of a TSV file, gzipped or not, or of the starter catalogue if `path` is None.

    The columns are film_id, title, original_title, year, popularity.
    """
    if path is None:
        with STARTER.open(encoding="utf-8") as lines:
            return [_parse_starter_film(json.loads(line)) for line in lines if line.strip()]
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


def _parse_starter_film(film: dict) -> TitleEntry:
    return TitleEntry(
        film_id=film["id"],
        title=film["title"],
        original_title=film["original_title"],
        year=film["year"],
        directors=tuple(film["directors"]),
        other_titles=tuple(film["also"]),
        fame=film["fame"],
        languages=tuple(film["languages"]),
        countries=tuple(film["countries"]),
        genres=tuple(film["genres"]),
        cast=tuple(member["name"] for member in film["cast"][:LEADING_CAST]),
    )
