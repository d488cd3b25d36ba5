"""Communities to learn from and to judge on: MovieLens, MovieTweetings, versions of both, and who is kept apart.

Every fourth member of a community, by a hash of the key, is kept apart: no weight is learnt from them, and no
choice is made by them. The other members are for development.
"""

import csv
import gzip
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.ratings_data import Rating, Records, read
from bot.recommendations.facts import estimate_raters

CATALOGUE = Path(__file__).parent.parent / "data" / "films.jsonl"
KEPT_APART = 4
"""One member in so many is kept apart."""


@dataclass(frozen=True, slots=True)
class Community:
    """A community's ratings and films; film ids are IMDb's where they are known.

    `catalogue` are the films of the shipped catalogue that had been released when the ratings were given, with
    the catalogue's own fame. `last_years` are by member the year of the last rating: nobody can have rated a film
    that came out later.
    """

    name: str
    by_member: dict[str, dict[str, float]]
    films: Records
    catalogue: Records
    last_years: dict[str, int]

    @property
    def development(self) -> list[str]:
        """The members that may be learnt from and chosen by."""
        return [member for member in sorted(self.by_member) if not is_kept_apart(member)]

    @property
    def kept_apart(self) -> list[str]:
        """The members that are for the last measurement alone."""
        return [member for member in sorted(self.by_member) if is_kept_apart(member)]


def is_kept_apart(member: str) -> bool:
    """Return whether the member of that key is kept apart."""
    return int.from_bytes(hashlib.sha256(member.encode()).digest()[:4]) % KEPT_APART == 0


def read_communities(data: Path) -> dict[str, Community]:
    """Return both communities of a folder with ml-latest-small, movietweetings and film_facts.tsv.gz."""
    return {"movielens": _read_movielens(data), "movietweetings": _read_movietweetings(data)}


def transform(community: Community, kind: str, seed: int = 5) -> Community:
    """Return a version of the community: "shifted" years, "flat" popularity, or "rescaled" stars.

    Flat popularity drops ratings of a film the likelier the more it has, so that a film with four times as many
    keeps twice as many. Rescaled stars are drawn together around 4: half of each gap is left, in half stars.
    """
    if kind == "shifted":
        films = {
            key: record | {"year": int(str(record["year"])) + 30 if record["year"] else 0}
            for key, record in community.films.items()
        }
        catalogue = {
            key: record | {"year": int(str(record["year"])) + 30} for key, record in community.catalogue.items()
        }
        last_years = {member: year + 30 for member, year in community.last_years.items()}
        return replace(
            community, name=f"{community.name}, {kind}", films=films, catalogue=catalogue, last_years=last_years
        )
    if kind == "rescaled":
        by_member = {
            member: {film: round(2 * (4.0 + (stars - 3.6) * 0.6)) / 2 for film, stars in rated.items()}
            for member, rated in community.by_member.items()
        }
        return _with_fame(replace(community, name=f"{community.name}, {kind}", by_member=by_member))
    random = np.random.default_rng(seed)
    raters = Counter(film for rated in community.by_member.values() for film in rated)
    typical = float(np.median([raters[film] for rated in community.by_member.values() for film in rated]))
    by_member = {
        member: {
            film: stars
            for film, stars in rated.items()
            if random.random() < min(1.0, 0.8 * (typical / raters[film]) ** 0.5)
        }
        for member, rated in community.by_member.items()
    }
    return _with_fame(replace(community, name=f"{community.name}, {kind}", by_member=by_member))


def _with_fame(community: Community) -> Community:
    raters = Counter(film for rated in community.by_member.values() for film in rated)
    films = {film: record | {"fame": raters[film]} for film, record in community.films.items()}
    return replace(community, films=films)


def _read_movielens(data: Path) -> Community:
    folder = data / "ml-latest-small"
    ratings, films = read(folder)
    with gzip.open(folder / "films.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        imdb = {row["movieId"]: row["imdb"] for row in csv.DictReader(file, delimiter="\t")}
    named = [(f"ml{member}", imdb.get(film) or film, stars) for member, film, stars in ratings]
    records = {imdb.get(film) or film: record for film, record in films.items()}
    with gzip.open(folder / "ratings.csv.gz", "rt", encoding="utf-8", newline="") as file:
        times = [(f"ml{row['userId']}", int(row["timestamp"])) for row in csv.DictReader(file)]
    return _community("movielens", named, records, 2018, times)


def _read_movietweetings(data: Path) -> Community:
    folder = data / "movietweetings"
    lines = (folder / "ratings.dat").read_text(encoding="utf-8").splitlines()
    rows = [line.split("::") for line in lines if line]
    ratings = [(f"mt{member}", f"tt{film}", max(int(points), 1) / 2) for member, film, points, _ in rows]
    with gzip.open(data / "film_facts.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        facts = {row["imdb"]: row for row in csv.DictReader(file, delimiter="\t") if row["imdb"]}
    films: Records = {}
    for line in (folder / "movies.dat").read_text(encoding="utf-8").splitlines():
        number, title, genres = line.split("::")
        fact = facts.get(f"tt{number}", {})
        films[f"tt{number}"] = {
            "title": title[:-7], "year": int(title[-5:-1]) if title[-5:-1].isdigit() else 0,
            "genres": [genre for genre in genres.split("|") if genre], "language": fact.get("language", ""),
            "directors": _split(fact.get("directors")), "cast": [
                part.partition(" = ")[0] for part in _split(fact.get("cast"))
            ],
        }  # fmt: skip
    times = [(f"mt{member}", int(seconds)) for member, _, _, seconds in rows]
    return _community("movietweetings", ratings, films, 2013, times)


def _community(
    name: str, ratings: list[Rating], films: Records, last_year: int, times: list[tuple[str, int]]
) -> Community:
    by_member: dict[str, dict[str, float]] = {}
    for member, film, stars in ratings:
        if film in films:
            by_member.setdefault(member, {})[film] = stars
    last_years: dict[str, int] = {}
    for member, seconds in times:
        last_years[member] = max(last_years.get(member, 0), datetime.fromtimestamp(seconds, UTC).year)
    return _with_fame(Community(name, by_member, films, _read_catalogue(last_year), last_years))


def _read_catalogue(last_year: int) -> Records:
    films: Records = {}
    for line in CATALOGUE.read_text(encoding="utf-8").splitlines():
        film = json.loads(line)
        imdb = film["ids"].get("imdb")
        if imdb and film["year"] and film["year"] <= last_year:
            films[imdb] = {
                "title": film["title"], "year": film["year"], "genres": film["genres"],
                "directors": film["directors"], "cast": [each["name"] for each in film["cast"]],
                "language": (film["languages"] or [""])[0], "countries": film["countries"],
                "fame": estimate_raters(film["fame"]),
            }  # fmt: skip
    return films


def _split(text: str | None) -> list[str]:
    return [part for part in (text or "").split("|") if part]
