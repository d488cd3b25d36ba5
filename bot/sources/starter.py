"""The starter catalogue: one film a line of JSON, as `data/README.md` describes it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from anyascii import anyascii

from bot.core.text.i18n import _
from bot.films.models import EVERYWHERE, GENRES, Availability, Credit, CreditJob, Film, RegionalTitle

T = TypeVar("T")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SOURCE_IDS = {"imdb": re.compile(r"tt\d{7,10}"), "tmdb": re.compile(r"\d+")}
_LANGUAGE_TAG = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")
LAST_PART = 60
"""The highest number of a film in a series that is not taken for a mistake."""
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_PACKAGE = Path(__file__).resolve().parent.parent
SLUG_LIMIT = 60
"""Characters of a film id, so that it fits into a button's custom_id beside what else belongs there."""


class FieldError(ValueError):
    """A field of a line, or with "" the whole line, can't be used; the message is its name and what is wrong."""

    def __init__(self, field_name: str, problem: str) -> None:
        super().__init__(f"{field_name}: {problem}" if field_name else problem)


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was left out: its place, and what is wrong with which field."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(slots=True)
class StarterCatalogue:
    """The films of a file, the lines left out, and the file's fingerprint."""

    films: list[Film] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    fingerprint: str = ""


def bundled_data_path(name: str) -> Path:
    """Return the path of a data file that ships with Marquee. It is only ever read.

    A checkout's own `data/` comes first, so that an editable install reads what is edited there.
    """
    checkout = _PACKAGE.parent / "data" / name
    return checkout if (_PACKAGE.parent / "pyproject.toml").is_file() else _PACKAGE / "_data" / name


def fingerprint(path: Path) -> str:
    """Return the file's SHA-256 as hex digits. Raises OSError where it can't be read."""
    return sha256(path.read_bytes()).hexdigest()


def load(path: Path) -> StarterCatalogue:
    """Return the whole file's films; bad lines are reported and left out.

    Raises OSError where the file can't be read.
    """
    content = path.read_bytes()
    catalogue = StarterCatalogue(fingerprint=sha256(content).hexdigest())
    seen: set[str] = set()
    for number, raw in enumerate(content.split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            film = parse(raw.decode("utf-8"))
            if film.id in seen:
                raise FieldError("id", _("{id} is there already").format(id=film.id))
        except UnicodeDecodeError as error:
            catalogue.problems.append(
                Problem(path.name, number, _("not UTF-8 at byte {number}").format(number=error.start))
            )
        except FieldError as error:
            catalogue.problems.append(Problem(path.name, number, str(error)))
        else:
            seen.add(film.id)
            catalogue.films.append(film)
    return catalogue


def parse(line: str) -> Film:
    """Return the film of one line. Raises FieldError naming the field that can't be used."""
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise FieldError("", _("not JSON from character {number} on").format(number=error.pos + 1)) from error
    except RecursionError as error:
        raise FieldError("", _("nested too deep")) from error
    if not isinstance(record, dict):
        raise FieldError("", _("not a JSON object"))
    fields = _RecordReader(record)
    people = fields.people()
    film = Film(
        id=fields.slug("id"),
        title=fields.text("title"),
        original_title=fields.text("original_title"),
        other_titles=(*fields.texts("also"), *fields.series_titles()),
        regional_titles=tuple(fields.regional_titles()),
        year=fields.integer("year", 1874, 2100),
        release_date=fields.optional_date("released"),
        runtime=fields.integer("runtime", 1, 1000),
        countries=fields.codes("countries", re.compile("[A-Z]{2}")),
        languages=fields.codes("languages", re.compile("[a-z]{2}")),
        genres=fields.texts("genres", allowed=frozenset(GENRES)),
        production_companies=fields.texts("production"),
        logline=fields.text("logline"),
        keywords=fields.keywords(),
        fame=float(fields.integer("fame", 0, 100)),
        credits=tuple(fields.credits(people)),
        availability=fields.records("streaming", _parse_availability),
        ids=fields.ids(),
    )
    fields.check_nothing_left()
    return film


def person_id(name: str) -> str:
    """Return the id of a person of whom only the name is known."""
    return _NOT_SLUG.sub("-", anyascii(name).lower().replace("'", "")).strip("-")[:80]


def _is_text(value: object) -> bool:
    """Return whether it is a text on one line; joiners, which Persian and Indic spelling needs, are allowed."""
    if not isinstance(value, str) or not value.strip() or len(value) > 500:
        return False
    return value.replace("\u200c", "").replace("\u200d", "").isprintable()


def _describe_not_whole(value: object, low: int, high: int) -> str:
    return _("not a whole number from {first} to {last}: {value}").format(first=low, last=high, value=repr(value))


def _parse_date(name: str, value: object) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _fail(name, _("not a date YYYY-MM-DD"))
    except ValueError as error:
        raise FieldError(name, _("not a date YYYY-MM-DD: {value}").format(value=repr(value))) from error


def _fail(name: str, problem: str) -> Any:
    raise FieldError(name, problem)


def _parse_availability(name: str, record: dict[str, Any]) -> Availability:
    countries = record.get("countries")
    if not isinstance(countries, list) or not countries:
        raise FieldError(f"{name}.countries", _("not a list of country codes"))
    for code in countries:
        if code != EVERYWHERE and not (isinstance(code, str) and re.fullmatch("[A-Z]{2}", code)):
            raise FieldError(
                f"{name}.countries",
                _("{code} is neither a country code nor {everywhere}").format(
                    code=repr(code), everywhere=repr(EVERYWHERE)
                ),
            )
    service = record.get("service")
    if not isinstance(service, str) or not _is_text(service):
        raise FieldError(f"{name}.service", _("not a text"))
    since = record.get("since")
    return Availability(
        service=service,
        countries=tuple(countries),
        as_of=_parse_date(f"{name}.as_of", record.get("as_of")),
        since=None if since is None else _parse_date(f"{name}.since", since),
    )


class _RecordReader:
    """Reads and checks the fields of a record, each once."""

    def __init__(self, record: dict[str, Any]) -> None:
        self._unread = dict(record)

    def _take(self, name: str) -> Any:
        if name not in self._unread:
            # Translators: said of a field in a catalogue file, after its name and a colon, like all texts here
            raise FieldError(name, _("missing"))
        return self._unread.pop(name)

    def check_nothing_left(self) -> None:
        """Raise FieldError for a field that was not read, whose name is probably misspelt."""
        if self._unread:
            raise FieldError(next(iter(self._unread)), _("not a field of a film"))

    def text(self, name: str) -> str:
        value = self._take(name)
        return (
            str(value)
            if _is_text(value)
            else _fail(name, _("not a text of 1 to 500 characters: {value}").format(value=repr(value)))
        )

    def slug(self, name: str) -> str:
        value = self.text(name)
        if len(value) > SLUG_LIMIT or not _SLUG.fullmatch(value):
            raise FieldError(
                name,
                _("not a slug of at most {limit} characters: {value}").format(limit=SLUG_LIMIT, value=repr(value)),
            )
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise FieldError(name, _describe_not_whole(value, low, high))
        return value

    def optional_date(self, name: str) -> date | None:
        value = self._take(name)
        return None if value is None else _parse_date(name, value)

    def _list(self, name: str) -> list[Any]:
        value = self._take(name)
        return (
            value if isinstance(value, list) else _fail(name, _("not a list: {value}").format(value=repr(value)))
        )

    def texts(self, name: str, allowed: frozenset[str] | None = None) -> tuple[str, ...]:
        values = self._list(name)
        for value in values:
            if not _is_text(value) or (allowed is not None and value not in allowed):
                problem = _("{value} is not a text") if allowed is None else _("{value} is not a known one")
                raise FieldError(name, problem.format(value=repr(value)))
        return tuple(dict.fromkeys(values))

    def codes(self, name: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        values = self.texts(name)
        for value in values:
            if not pattern.fullmatch(value):
                raise FieldError(name, _("{value} is not a two-letter code").format(value=repr(value)))
        return values

    def records(self, name: str, parse_record: Callable[[str, dict[str, Any]], T]) -> tuple[T, ...]:
        records = []
        for index, value in enumerate(self._list(name)):
            if not isinstance(value, dict):
                raise FieldError(f"{name}[{index}]", _("not an object: {value}").format(value=repr(value)))
            records.append(parse_record(f"{name}[{index}]", value))
        return tuple(records)

    def _object(self, name: str) -> dict[str, Any]:
        value = self._take(name)
        return (
            value
            if isinstance(value, dict)
            else _fail(name, _("not an object: {value}").format(value=repr(value)))
        )

    def regional_titles(self) -> Iterator[RegionalTitle]:
        """Yield the titles by language, `de`, or by language and country, `es-MX`."""
        for key, title in self._object("titles").items():
            if not _LANGUAGE_TAG.fullmatch(key) or not _is_text(title):
                raise FieldError(
                    f"titles.{key}", _("not a title in a language: {value}").format(value=repr(title))
                )
            language, _dash, region = key.partition("-")
            yield RegionalTitle(title, region or None, language)

    def series_titles(self) -> tuple[str, ...]:
        """Return what people call a film of a series by its number, as `Thor 3`; nothing for other films.

        A series whose name has a qualifier in brackets shares its short name with another series.
        """
        series = self._take("series")
        if series is None:
            return ()
        if not isinstance(series, dict) or series.keys() != {"name", "part"} or not _is_text(series["name"]):
            raise FieldError(
                "series", _("not an object with a name and a part: {value}").format(value=repr(series))
            )
        part = series["part"]
        if isinstance(part, bool) or not isinstance(part, int) or not 1 <= part <= LAST_PART:
            raise FieldError("series.part", _describe_not_whole(part, 1, LAST_PART))
        return () if "(" in series["name"] else (f"{series['name']} {part}",)

    def keywords(self) -> tuple[str, ...]:
        """Return the words for what happens in the film; none for a line without that field."""
        return self.texts("keywords") if "keywords" in self._unread else ()

    def people(self) -> dict[str, str]:
        """Return the ids of people who share their name with somebody else, by name."""
        people = self._object("people") if "people" in self._unread else {}
        for person, value in people.items():
            if not isinstance(value, str) or not _SLUG.fullmatch(value):
                raise FieldError(f"people.{person}", _("not an id: {value}").format(value=repr(value)))
        return people

    def credits(self, people: Mapping[str, str]) -> Iterator[Credit]:
        """Yield who took part; `people` are the ids of those whose name alone does not identify them."""
        for name, job in (
            ("directors", CreditJob.DIRECTOR),
            ("writers", CreditJob.WRITER),
            ("music", CreditJob.COMPOSER),
        ):
            for person in self.texts(name):
                yield Credit(person, job, None, people.get(person) or person_id(person))
        for credit in self.records("cast", _parse_cast_member):
            yield replace(credit, person_id=people.get(credit.name, credit.person_id))

    def ids(self) -> dict[str, str]:
        value = self._take("ids")
        if not isinstance(value, dict):
            raise FieldError("ids", _("not an object: {value}").format(value=repr(value)))
        for source, source_id in value.items():
            if source not in _SOURCE_IDS or not _SOURCE_IDS[source].fullmatch(str(source_id)):
                raise FieldError(
                    f"ids.{source}", _("not an id of imdb or tmdb: {value}").format(value=repr(source_id))
                )
        return {source: str(source_id) for source, source_id in value.items()}


def _parse_cast_member(name: str, record: dict[str, Any]) -> Credit:
    person, role = record.get("name"), record.get("as")
    if not isinstance(person, str) or not _is_text(person):
        raise FieldError(f"{name}.name", _("not a text: {value}").format(value=repr(person)))
    if not isinstance(role, str) or not _is_text(role):
        raise FieldError(f"{name}.as", _("not a text: {value}").format(value=repr(role)))
    return Credit(person, CreditJob.CAST, role, person_id(person))
