"""IMDb's six dataset files: finds them in a folder and turns their rows into what the catalogue keeps of them."""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _, gettext_noop
from bot.films.models import CAST_LIMIT, GENRE_NAMES, GENRES, CreditJob
from bot.search.query import FIRST_YEAR, LAST_YEAR
from bot.sources.imdb.tsv import FileReport, SkipReason, TsvFile

FILE_ENDINGS = (".tsv.gz", ".tsv")
REQUIRED_COLUMNS = {
    "title.basics": (
        "tconst", "titleType", "primaryTitle", "originalTitle", "isAdult", "startYear", "runtimeMinutes", "genres",
    ),
    "title.ratings": ("tconst", "numVotes"),
    "title.akas": ("titleId", "ordering", "title", "region", "language"),
    "title.crew": ("tconst", "directors"),
    "title.principals": ("tconst", "ordering", "nconst", "category", "characters"),
    "name.basics": ("nconst", "primaryName"),
}  # fmt: skip
OPTIONAL_COLUMNS = {"title.crew": ("writers",)}
UNITS = (
    gettext_noop("films: {count}"),
    gettext_noop("votes: {count}"),
    gettext_noop("titles: {count}"),
    gettext_noop("directors and writers: {count}"),
    gettext_noop("cast and composers: {count}"),
    gettext_noop("people: {count}"),
)
"""What is kept of each file, in the order of REQUIRED_COLUMNS."""
# Translators: the following count the lines of a file that an import left out, and say why
SKIPPED_TITLES = SkipReason(gettext_noop("skipped, of titles left out: {count}"))
SKIPPED_CREDITS = SkipReason(
    # Translators: {detail} is a number: only that many of a film's cast are kept
    gettext_noop("skipped, of titles left out, other jobs, or a cast past its first {detail}: {count}"),
    str(CAST_LIMIT),
)
SKIPPED_PEOPLE = SkipReason(gettext_noop("skipped, people in none of the films: {count}"))
SKIPPED_TWICE = SkipReason(gettext_noop("skipped, listed twice: {count}"))
_SKIPPED_ADULT = SkipReason(gettext_noop("skipped, adult titles: {count}"))
_SKIPPED_NAMELESS = SkipReason(gettext_noop("skipped, without a usable ID or title: {count}"))
_SKIPPED_UNORDERED = SkipReason(gettext_noop("skipped, without a place in the order: {count}"))
_SKIPPED_ROLES = SkipReason(gettext_noop("roles left out, as they can't be read: {count}"))
# Translators: {detail} is IMDb's own name of a kind of title, such as tvSeries
_SKIPPED_TYPE = gettext_noop("skipped, of type {detail}: {count}")
NULL = r"\N"
TEXT_LIMIT = 500
"""Characters of a title, name or role; IMDb's longest titles have some 250."""
MAX_RUNTIME = 100_000
MAX_FAME_VOTES = 3_000_000
"""Votes that make a fame of 100: a few more than the most voted film on IMDb has."""
FILM_TYPES = frozenset({"movie", "tvMovie"})
_JOBS = {
    "actor": CreditJob.CAST.value,
    "actress": CreditJob.CAST.value,
    "self": CreditJob.CAST.value,
    "composer": CreditJob.COMPOSER.value,
}
_FILM_ID = re.compile(r"tt[0-9]{7,10}")
_PERSON_ID = re.compile(r"nm[0-9]{7,10}")
_REGION_OR_LANGUAGE = re.compile(r"[A-Za-z-]{2,10}")
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]+")
IsWanted = Callable[[str], bool]
"""Whether the film or person of that id is wanted."""
FilmRow = tuple[str, str, str, int | None, int | None, str]
TitleRow = tuple[str, int, str, str | None, str | None]
CreditRow = tuple[str, str, int, str, str | None]


@dataclass(frozen=True, slots=True)
class ImdbDataset:
    """The six files, each present and with the columns that are needed."""

    basics: TsvFile
    ratings: TsvFile
    akas: TsvFile
    crew: TsvFile
    principals: TsvFile
    names: TsvFile

    @property
    def files(self) -> tuple[TsvFile, ...]:
        """All of them, in the order in which they are read."""
        return (self.basics, self.ratings, self.akas, self.crew, self.principals, self.names)


def open_dataset(folder: Path) -> ImdbDataset:
    """Return the six files in the folder, gzipped or not.

    Raises InvalidInputError naming every file that is missing or can't be opened, and every missing column.
    """
    files, problems = [], []
    for name, columns in REQUIRED_COLUMNS.items():
        path = next((path for end in FILE_ENDINGS if (path := folder / f"{name}{end}").is_file()), None)
        if path is None:
            missing = _("{file}.tsv.gz isn't in {folder}, nor is {file}.tsv.")
            problems.append(missing.format(file=name, folder=folder))
            continue
        try:
            files.append(TsvFile(path, columns, OPTIONAL_COLUMNS.get(name, ())))
        except InvalidInputError as error:
            problems.append(str(error))
    if problems:
        raise InvalidInputError("\n".join(problems))
    for file, unit in zip(files, UNITS, strict=True):
        file.report.unit = unit
    return ImdbDataset(*files)


def compute_fame(votes: int) -> float:
    """Return 0 to 100 for a number of votes, by their logarithm: 10 votes are 16, 1,000 are 46, 100,000 are 77."""
    return min(100.0, 100.0 * math.log1p(votes) / math.log1p(MAX_FAME_VOTES))


def read_films(file: TsvFile, *, include_shorts: bool, include_adult: bool) -> Iterator[FilmRow]:
    """Yield id, title, original title, year, runtime in minutes and genres (as JSON) of title.basics' films."""
    report = file.report
    for tconst, title_type, title, original, is_adult, year, runtime, genres in file.rows():
        if title_type not in FILM_TYPES and not (include_shorts and title_type == "short"):
            report.skipped[_other_type(title_type)] += 1
        elif not include_adult and (is_adult == "1" or "Adult" in genres):
            report.skipped[_SKIPPED_ADULT] += 1
        elif not _FILM_ID.fullmatch(tconst) or not (shown := clean_text(title) or clean_text(original)):
            report.skipped[_SKIPPED_NAMELESS] += 1
        else:
            yield (
                tconst,
                shown,
                shown if original == title else clean_text(original) or shown,
                _number(year, FIRST_YEAR, LAST_YEAR),
                _number(runtime, 1, MAX_RUNTIME),
                _genres_json(genres),
            )


def read_fame(file: TsvFile, is_wanted: IsWanted) -> Iterator[tuple[str, float]]:
    """Yield film id and fame, by title.ratings' votes."""
    for tconst, votes in file.rows():
        if is_wanted(tconst):
            yield tconst, compute_fame(_number(votes, 0, 10**12) or 0)


def read_titles(file: TsvFile, is_wanted: IsWanted) -> Iterator[TitleRow]:
    """Yield film id, order, title, region and language of the further titles in title.akas, each once."""
    film_id = ""
    seen: set[tuple[str, str, str]] = set()
    for tconst, ordering, title, region, language in file.rows():
        if not is_wanted(tconst):
            continue
        if tconst != film_id:
            film_id = tconst
            seen.clear()
        key = (title, region, language)
        if key in seen:
            file.report.skipped[SKIPPED_TWICE] += 1
        elif (position := _number(ordering, 0, 10**6)) is not None and (shown := clean_text(title)):
            seen.add(key)
            yield tconst, position, shown, _region_or_language(region), _region_or_language(language)


def read_crew(file: TsvFile, is_wanted: IsWanted) -> Iterator[CreditRow]:
    """Yield film id, job, order, person id and no role of title.crew's directors and writers."""
    for tconst, *people in file.rows():
        if is_wanted(tconst):
            for job, listed in zip((CreditJob.DIRECTOR.value, CreditJob.WRITER.value), people, strict=False):
                if listed != NULL:
                    for position, person_id in enumerate(dict.fromkeys(listed.split(","))):
                        yield tconst, job, position, person_id, None
        else:
            file.report.skipped[SKIPPED_TITLES] += 1


def read_principals(file: TsvFile, is_wanted: IsWanted) -> Iterator[CreditRow]:
    """Yield film id, job, order, person id and role of title.principals' cast and composers.

    As long as the file is sorted, as IMDb's is, at most CAST_LIMIT of a film's cast come; in a file that is not,
    which `file.report.is_unsorted` then says, there may be more.
    """
    report, job_of, cast = file.report, _JOBS.get, CreditJob.CAST.value
    film_id, last_position, cast_count = "", -1, 0
    for tconst, ordering, person_id, category, characters in file.rows():
        if (job := job_of(category)) is None or not is_wanted(tconst):
            continue
        if (position := _number(ordering, 0, 10**6)) is None:
            report.skipped[_SKIPPED_UNORDERED] += 1
            continue
        if tconst != film_id:
            film_id, last_position, cast_count = tconst, -1, 0
        if position < last_position:
            report.is_unsorted = True
        last_position = position
        if job == cast:
            cast_count += 1
            if cast_count > CAST_LIMIT and not report.is_unsorted:
                continue
        yield tconst, job, position, person_id, _role(report, tconst, characters)


def read_names(file: TsvFile, is_wanted: IsWanted) -> Iterator[tuple[str, str]]:
    """Yield id and name of name.basics' people."""
    for nconst, name in file.rows():
        if is_wanted(nconst) and _PERSON_ID.fullmatch(nconst) and (shown := clean_text(name)):
            yield nconst, shown


def clean_text(value: str) -> str:
    """Return a title, name or role in a form that every database can store, "" where there is none."""
    if not value.isprintable():
        value = _CONTROL_CHARACTERS.sub(" ", value)
    return "" if value == NULL else value.strip()[:TEXT_LIMIT]


@lru_cache(maxsize=256)
def _other_type(title_type: str) -> SkipReason:
    return SkipReason(_SKIPPED_TYPE, title_type[:20])


@lru_cache(maxsize=65_536)
def _number(value: str, low: int, high: int) -> int | None:
    if len(value) < 13 and value.isascii() and value.isdigit() and low <= (number := int(value)) <= high:
        return number
    return None


@lru_cache(maxsize=8_192)
def _region_or_language(value: str) -> str | None:
    return value if _REGION_OR_LANGUAGE.fullmatch(value) else None


@lru_cache(maxsize=8_192)
def _genres_json(value: str) -> str:
    names = (GENRE_NAMES.get(name, name) for name in value.split(","))
    return json.dumps([name for name in dict.fromkeys(names) if name in GENRES])


def _role(report: FileReport, tconst: str, characters: str) -> str | None:
    """Return the characters, a JSON list, as one text; None where there are none or the list can't be read."""
    if characters == NULL:
        return None
    if characters[:2] == '["' and characters[-2:] == '"]' and "\\" not in characters and '","' not in characters:
        return clean_text(characters[2:-2]) or None  # nearly all hold one plain name, which needs no JSON parser
    try:
        roles = json.loads(characters)
    except (ValueError, RecursionError):
        roles = None
    if not isinstance(roles, list):
        report.skipped[_SKIPPED_ROLES] += 1
        return None
    return " / ".join(filter(None, (clean_text(str(role)) for role in roles)))[:TEXT_LIMIT] or None
