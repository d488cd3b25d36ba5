"""Turns the rows of IMDb's files into what the catalogue keeps of them."""

import json
import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from bot.films.models import CAST_LIMIT, GENRES, Job
from bot.sources.imdb.tsv import FileReport, TsvFile

OF_NO_FILM = "of titles left out"
OF_NO_CAST = f"of titles left out, of other jobs, or past the {CAST_LIMIT} first of a cast"
OF_NOBODY = "of people in no film that was kept"
NOTHING = r"\N"
TITLE_LIMIT = 500
"""Characters of a title, name or role; IMDb's longest titles have some 250."""
FIRST_YEAR, LAST_YEAR = 1874, 2100
LONGEST_RUNTIME = 100_000
MOST_VOTES = 3_000_000
"""Votes that make a fame of 100: a few more than the most voted film on IMDb has."""
FILM_TYPES = {"movie": True, "tvMovie": True, "short": False}
"""Title types that are films, and whether they are kept unasked."""
COLUMNS = {
    "title.basics": (
        "tconst", "titleType", "primaryTitle", "originalTitle", "isAdult", "startYear", "runtimeMinutes", "genres",
    ),
    "title.ratings": ("tconst", "numVotes"),
    "title.akas": ("titleId", "ordering", "title", "region", "language"),
    "title.crew": ("tconst", "directors"),
    "title.principals": ("tconst", "ordering", "nconst", "category", "characters"),
    "name.basics": ("nconst", "primaryName"),
}  # fmt: skip
OPTIONAL = {"title.crew": ("writers",)}
_GENRE_NAMES = {"Sci-Fi": "Science Fiction", "Film-Noir": "Noir"}
_JOBS = {
    "actor": Job.CAST.value, "actress": Job.CAST.value, "self": Job.CAST.value, "composer": Job.COMPOSER.value,
}  # fmt: skip
_FILM_ID = re.compile(r"tt[0-9]{7,10}")
_PERSON_ID = re.compile(r"nm[0-9]{7,10}")
_PLACE = re.compile(r"[A-Za-z-]{2,10}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
Wanted = Callable[[str], bool]
FilmRow = tuple[str, str, str, int | None, int | None, str]
TitleRow = tuple[str, int, str, str | None, str | None]
CreditRow = tuple[str, str, int, str, str | None]


def fame(votes: int) -> float:
    """Give 0 to 100 for a number of votes, by their logarithm: 10 votes are 16, 1,000 are 46, 100,000 are 77."""
    return min(100.0, 100.0 * math.log1p(votes) / math.log1p(MOST_VOTES))


def films(file: TsvFile, *, shorts: bool, adult: bool) -> Iterator[FilmRow]:
    """Give id, title, original title, year, runtime and genres (as JSON) of the films that are wanted."""
    report = file.report
    for tconst, kind, title, original, is_adult, year, runtime, genres in file.rows():
        if not FILM_TYPES.get(kind, False) and not (shorts and kind == "short"):
            report.skipped[f"of type {kind[:20]}"] += 1
        elif not adult and (is_adult == "1" or "Adult" in genres):
            report.skipped["adult"] += 1
        elif not _FILM_ID.fullmatch(tconst) or not (shown := text(title) or text(original)):
            report.skipped["without a usable id or title"] += 1
        else:
            yield (
                tconst,
                shown,
                shown if original == title else text(original) or shown,
                _number(year, FIRST_YEAR, LAST_YEAR),
                _number(runtime, 1, LONGEST_RUNTIME),
                _genres(genres),
            )


def votes(file: TsvFile, wanted: Wanted) -> Iterator[tuple[str, float]]:
    """Give id and fame of the wanted films."""
    for tconst, count in file.rows():
        if wanted(tconst):
            yield tconst, fame(_number(count, 0, 10**12) or 0)


def titles(file: TsvFile, wanted: Wanted) -> Iterator[TitleRow]:
    """Give film id, order, title, region and language of the wanted films' further titles, each once."""
    film = ""
    seen: set[tuple[str, str, str]] = set()
    for tconst, order, title, region, language in file.rows():
        if not wanted(tconst):
            continue
        if tconst != film:
            film = tconst
            seen.clear()
        key = (title, region, language)
        if key in seen:
            file.report.skipped["given twice"] += 1
        elif (place := _number(order, 0, 10**6)) is not None and (shown := text(title)):
            seen.add(key)
            yield tconst, place, shown, _place(region), _place(language)


def crew(file: TsvFile, wanted: Wanted) -> Iterator[CreditRow]:
    """Give film id, job, order, person id and no role of the wanted films' directors and writers."""
    for tconst, *people in file.rows():
        if wanted(tconst):
            for job, listed in zip((Job.DIRECTOR.value, Job.WRITER.value), people, strict=False):
                if listed != NOTHING:
                    for order, person in enumerate(dict.fromkeys(listed.split(","))):
                        yield tconst, job, order, person, None
        else:
            file.report.skipped[OF_NO_FILM] += 1


def principals(file: TsvFile, wanted: Wanted) -> Iterator[CreditRow]:
    """Give film id, job, order, person id and role of the wanted films' cast and composers.

    As long as the file is in order, as IMDb's is, no more than CAST_LIMIT of a film's cast are given; else
    `file.report.shuffled` says that there may be more.
    """
    report, job_of, cast = file.report, _JOBS.get, Job.CAST.value
    film, last, counted = "", -1, 0
    for tconst, ordering, person, category, characters in file.rows():
        if (job := job_of(category)) is None or not wanted(tconst):
            continue
        if (order := _number(ordering, 0, 10**6)) is None:
            report.skipped["without an order"] += 1
            continue
        if tconst != film:
            film, last, counted = tconst, -1, 0
        if order < last:
            report.shuffled = True
        last = order
        if job == cast:
            counted += 1
            if counted > CAST_LIMIT and not report.shuffled:
                continue
        yield tconst, job, order, person, _role(report, tconst, characters)


def names(file: TsvFile, wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Give id and name of the wanted people."""
    for nconst, name in file.rows():
        if wanted(nconst) and _PERSON_ID.fullmatch(nconst) and (shown := text(name)):
            yield nconst, shown


def text(value: str) -> str:
    """Give a title or name fit for every database, or nothing."""
    if not value.isprintable():
        value = _CONTROL.sub(" ", value)
    return "" if value == NOTHING else value.strip()[:TITLE_LIMIT]


@lru_cache(maxsize=65_536)
def _number(value: str, low: int, high: int) -> int | None:
    if len(value) < 13 and value.isascii() and value.isdigit() and low <= (number := int(value)) <= high:
        return number
    return None


@lru_cache(maxsize=8_192)
def _place(value: str) -> str | None:
    return value if _PLACE.fullmatch(value) else None


@lru_cache(maxsize=8_192)
def _genres(value: str) -> str:
    known = (_GENRE_NAMES.get(name, name) for name in value.split(","))
    return json.dumps([name for name in dict.fromkeys(known) if name in GENRES])


def _role(report: FileReport, tconst: str, characters: str) -> str | None:
    """Give the characters, a JSON list, as one text."""
    if characters == NOTHING:
        return None
    if characters[:2] == '["' and characters[-2:] == '"]' and "\\" not in characters and '","' not in characters:
        return text(characters[2:-2]) or None  # nearly all hold one plain name
    try:
        listed = json.loads(characters)
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, list):
        report.skipped[f"roles that are no JSON list, such as {tconst}'s"] += 1
        return None
    return " / ".join(filter(None, (text(str(role)) for role in listed)))[:TITLE_LIMIT] or None
