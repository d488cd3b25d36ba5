"""Films to search in: those of a TSV file, or the starter catalogue's."""

import csv
import gzip
import io
import json
from pathlib import Path

from bot.search.index import TitleEntry

STARTER = Path(__file__).parent.parent / "data" / "films.jsonl"


def films_of(path: Path | None) -> list[TitleEntry]:
    """Give the films of a TSV file (.gz or not) with the columns film_id, title, original_title, year, popularity.

    Without a path: of the starter catalogue.
    """
    if path is None:
        with STARTER.open(encoding="utf-8") as lines:
            return [_starter(json.loads(line)) for line in lines if line.strip()]
    text = path.read_bytes()
    text = gzip.decompress(text) if path.suffix == ".gz" else text
    with io.StringIO(text.decode("utf-8"), newline="") as lines:
        return [_row(row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _starter(row: dict) -> TitleEntry:
    return TitleEntry(
        row["id"],
        row["title"],
        row["original_title"],
        row["year"],
        tuple(row["directors"]),
        tuple(row["also"]),
        row["fame"],
    )


def _row(row: dict[str, str]) -> TitleEntry:
    return TitleEntry(
        film_id=row["film_id"],
        title=row["title"],
        original_title=row["original_title"] or row["title"],
        year=int(row["year"]) if row["year"] else None,
        fame=float(row["popularity"]),
    )
