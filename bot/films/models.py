"""What a film is, who made it, how people's names are compared, and what a look-up of a film results in."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.folding import fold, transliterate
from bot.core.text.formatting import escape_line, with_year
from bot.core.text.i18n import SOURCE_LOCALE, _, get_locale, gettext_noop, list_locale_keys
from bot.search.answer import Answer
from bot.search.index import Match, MatchKind

EVERYWHERE = "*"
"""Stands for every country that a service operates in, where countries are listed."""
CAST_LIMIT = 10
"""Actors that imports of large sources keep of a film, in the source's own order."""
GENRES = (
    gettext_noop("Action"),
    gettext_noop("Adventure"),
    gettext_noop("Animation"),
    gettext_noop("Biography"),
    gettext_noop("Comedy"),
    gettext_noop("Crime"),
    gettext_noop("Documentary"),
    gettext_noop("Drama"),
    gettext_noop("Family"),
    gettext_noop("Fantasy"),
    gettext_noop("History"),
    gettext_noop("Horror"),
    gettext_noop("Music"),
    gettext_noop("Musical"),
    gettext_noop("Mystery"),
    gettext_noop("Noir"),
    gettext_noop("Romance"),
    gettext_noop("Science Fiction"),
    gettext_noop("Sport"),
    gettext_noop("Thriller"),
    gettext_noop("War"),
    gettext_noop("Western"),
)
"""The genres that films are sorted into, whatever their source calls them."""
GENRE_NAMES = {"Sci-Fi": "Science Fiction", "Film-Noir": "Noir", "Children": "Family"}
"""Our names of the genres that IMDb or MovieLens calls otherwise."""


class FilmGoneError(MarqueeError):
    """A button or menu of a film that is no longer in the catalogue."""

    def __init__(self) -> None:
        super().__init__(_("That film is no longer in the catalogue. Find another with `/film`."))


def parse_genre(text: str | None) -> str | None:
    """Return the genre as the catalogue writes it, None for no text. Raises InvalidInputError."""
    if text is None or not text.strip():
        return None
    for genre in GENRES:
        if fold(text) in (fold(genre), fold(_(genre))):
            return genre
    raise InvalidInputError(
        _("I don't know the genre “{text}”. Pick one from the list.").format(text=escape_line(text, 60))
    )


class CreditJob(StrEnum):
    """What a person did on a film."""

    DIRECTOR = "director"
    WRITER = "writer"
    COMPOSER = "composer"
    CAST = "cast"


@dataclass(frozen=True, slots=True)
class Credit:
    """One person's part in one film; `role` is the character, for cast alone.

    `person_fame` is the summed fame of the person's films, as far as it was read from the catalogue. `source_id`
    is the person's id at the source that the credit was fetched from; it is not stored with the film.
    """

    name: str
    job: CreditJob
    role: str | None = None
    person_id: str = ""
    person_fame: float = field(default=0.0, compare=False)
    source_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Availability:
    """Where a film can be watched: `countries` are ISO 3166-1 alpha-2 codes, or EVERYWHERE."""

    service: str
    countries: tuple[str, ...]
    as_of: date
    since: date | None = None

    def covers(self, country: str | None) -> bool:
        """Return whether the film is available in `country`; for None, whether it is everywhere."""
        return EVERYWHERE in self.countries or (country is not None and country in self.countries)


@dataclass(frozen=True, slots=True)
class RegionalTitle:
    """What a film is called somewhere: `region` and `language` as the source writes them, or None."""

    title: str
    region: str | None = None
    language: str | None = None

    @property
    def locale(self) -> str:
        """Its language and region as a locale, such as `es-MX` or `es`; "" where the language is not known."""
        return "-".join(filter(None, (self.language, self.region))) if self.language else ""


@dataclass(frozen=True, slots=True)
class Film:
    """Everything the catalogue knows of one film.

    `runtime` is in minutes, `countries` ISO 3166-1 alpha-2, `languages` ISO 639-1, `fame` 0 to 100 (how likely
    somebody looks the film up), `ids` maps a source's name ("imdb", "tmdb") to its id there. `other_titles` are
    further titles of no known place, `regional_titles` those of a region or in a language. `keywords` say in a
    few words each what happens, who does it and where.
    """

    id: str
    title: str
    original_title: str
    year: int | None
    other_titles: tuple[str, ...] = ()
    regional_titles: tuple[RegionalTitle, ...] = ()
    release_date: date | None = None
    runtime: int | None = None
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    production_companies: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    logline: str = ""
    keywords: tuple[str, ...] = ()
    availability: tuple[Availability, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)
    fame: float = 0.0
    source: str = "starter"

    def list_names(self, job: CreditJob) -> tuple[str, ...]:
        """Return the names of those who did `job`, in billing order."""
        return tuple(credit.name for credit in self.credits if credit.job is job)

    @property
    def directors(self) -> tuple[str, ...]:
        """The directors' names."""
        return self.list_names(CreditJob.DIRECTOR)

    @property
    def cast(self) -> tuple[Credit, ...]:
        """The cast with their roles, in billing order."""
        return tuple(credit for credit in self.credits if credit.job is CreditJob.CAST)

    @property
    def titles(self) -> tuple[str, ...]:
        """Every title of the film, each once, the main one first."""
        regional = (title.title for title in self.regional_titles)
        return tuple(dict.fromkeys((self.title, self.original_title, *self.other_titles, *regional)))

    def get_local_title(self, locale: str) -> str:
        """Return the title in the language of that locale, "" where it is not known.

        A film of that language which has no further title in it has its original title.
        """
        titles = dict.fromkeys(self.languages[:1], self.original_title)
        titles |= {title.locale: title.title for title in reversed(self.regional_titles) if title.locale}
        return next((titles[key] for key in list_locale_keys(locale) if key in titles), "")

    def get_known_title(self, locale: str) -> str:
        """Return the title that readers of that locale know."""
        local = "" if locale.startswith(SOURCE_LOCALE) else self.get_local_title(locale)
        return local or self.title

    @property
    def shown_title(self) -> str:
        """The title with its year, as readers of the current language know the film."""
        return with_year(self.get_known_title(get_locale()), self.year)

    @property
    def dated_title(self) -> str:
        """The title with its year, as in `Oldboy (2003)`."""
        return with_year(self.title, self.year)


class SourceState(StrEnum):
    """Whether a look-up asked the metadata source, and what came of it."""

    NOT_ASKED = "not asked"
    ABSENT = "absent"
    ANSWERED = "answered"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Lookup:
    """The result of a look-up.

    `film` is the film to show: for the answers CARD and GUESS, else None. `match` is how it was matched, None if
    it was named by an id. `others` are, beside a film, those that fit about as well, and for a CHOICE what there
    is to choose from; the `film_id` of a film that only the metadata source has begins with its name (`tmdb:603`).
    `has_more`: more films were matched, less well. `year` is the year chosen beside the text. `unmet_year`,
    `unmet_number` and the words `unmet` were asked for and don't fit the film, or the first choice.
    `is_reference`: the text is an id or an address. `source` says whether the metadata source was asked.
    """

    text: str
    year: int | None = None
    answer: Answer = Answer.NONE
    film: Film | None = None
    match: Match | None = None
    others: tuple[Match, ...] = ()
    has_more: bool = False
    unmet_year: int | None = None
    unmet_number: str | None = None
    unmet: tuple[str, ...] = ()
    is_reference: bool = False
    source: SourceState = SourceState.NOT_ASKED

    @property
    def has_no_words(self) -> bool:
        """Whether the text has neither a letter nor a digit, so that no title is near it."""
        return not any(map(str.isalnum, self.text))

    @property
    def is_final(self) -> bool:
        """Whether there is nothing to ask the metadata source: this is the very title of the year asked for."""
        if self.answer is Answer.CARD or self.has_no_words:
            return True
        is_exact = self.match is not None and self.match.kind is MatchKind.EXACT
        return self.answer is Answer.GUESS and is_exact and self.unmet_year is None

    @property
    def is_guess(self) -> bool:
        """Whether the film is the likeliest one rather than meant beyond doubt."""
        return self.answer is not Answer.CARD


@dataclass(frozen=True, slots=True)
class ListedTitle:
    """The titles of a film on a watchlist or a list, for autocomplete."""

    film_id: str
    title: str
    original_title: str
    year: int | None


class PersonGoneError(MarqueeError):
    """A button or menu of a person who is no longer in the catalogue."""

    def __init__(self) -> None:
        super().__init__(_("That person is no longer in the catalogue. Find another with `/person`."))


class Person(NamedTuple):
    """Somebody who took part in `film_count` films of the catalogue, with those films' summed `fame`.

    `name_key` is what they are searched by: `name_key()` of their name, "" if it was not read from the database.
    """

    id: str
    name: str
    film_count: int = 0
    fame: float = 0.0
    name_key: str = ""


@dataclass(frozen=True, slots=True)
class FilmographyEntry:
    """One film of a person: what they did there, with their roles."""

    film_id: str
    title: str
    original_title: str
    year: int | None
    jobs: tuple[CreditJob, ...]
    roles: tuple[str, ...] = ()


def name_key(name: str) -> str:
    """Return the form of a name that is compared and stored: Latin letters and digits in lower case."""
    return transliterate(fold(name))


_IMDB_ID = re.compile(r"tt\d{7,9}")
_PREFIXED_ID = re.compile(r"(?P<source>imdb|tmdb|letterboxd|wikidata|trakt)\s*:\s*(?P<value>\S+)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/\S*", re.IGNORECASE)
_LEADING_NUMBER = re.compile(r"\d{1,10}(?=$|-)")
_WIKIDATA_ID = re.compile(r"Q\d{1,12}")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_SITE_NUMBER = re.compile(r"^\d{6,}-")
"""A number of the site's own before the title's words, as in `1077027-pulp_fiction`."""
_TITLE_PATHS = {
    "letterboxd.com": re.compile(r"(?:^|/)film/(?P<slug>[^/]+)"),
    "trakt.tv": re.compile(r"^/movies/(?P<slug>[^/]+)"),
    "justwatch.com": re.compile(r"^/[a-z]{2}/[^/]+/(?P<slug>[^/]+)"),
    "rottentomatoes.com": re.compile(r"^/m/(?P<slug>[^/]+)"),
}
"""Where the addresses of sites that name a film by its title have that title."""
LENGTH_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class FilmReference:
    """A film as an id or an address names it.

    `ids` are its ids by source, as in `Film.ids`. `title` are the words of the title in an address that has them,
    possibly with the year behind them. Both are empty for an address that names no film, or one that only its site
    could resolve.
    """

    ids: dict[str, str]
    title: str = ""


def parse_reference(text: str) -> FilmReference | None:
    """Return the film that an id or an address names, or None if the text is neither."""
    text = text.strip().strip("<>").strip()
    if len(text) > LENGTH_LIMIT:
        return None
    if _IMDB_ID.fullmatch(text.lower()):
        return FilmReference({"imdb": text.lower()})
    if (prefixed := _PREFIXED_ID.fullmatch(text)) is not None:
        return _parse_prefixed_id(prefixed["source"].lower(), prefixed["value"])
    if _ADDRESS.fullmatch(text) is None:
        return None
    try:
        address = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return None
    return _parse_address(address)


def _parse_prefixed_id(source: str, value: str) -> FilmReference | None:
    """Return the film of an id such as `tmdb:603`; None for a word before a colon that no id follows."""
    if source == "imdb":
        return FilmReference({"imdb": value.lower()}) if _IMDB_ID.fullmatch(value.lower()) else None
    if source == "tmdb":
        return FilmReference({"tmdb": str(int(value))}) if value.isascii() and value.isdigit() else None
    if source == "wikidata":
        return FilmReference({"wikidata": value.upper()}) if _WIKIDATA_ID.fullmatch(value.upper()) else None
    return _parse_slug(source, value.lower())


def _parse_address(address: SplitResult) -> FilmReference:
    host = (address.hostname or "").lower()
    for prefix in ("www.", "m.", "mobile.", "app."):
        host = host.removeprefix(prefix)
    path = unquote(address.path)
    parts = [part for part in path.split("/") if part]
    if host == "imdb.com":
        imdb_id = next((part.lower() for part in parts if _IMDB_ID.fullmatch(part.lower())), None)
        return FilmReference({"imdb": imdb_id} if imdb_id is not None else {})
    if host == "themoviedb.org" and len(parts) > 1 and "movie" in parts[:-1]:
        part = parts[parts.index("movie") + 1]
        if (number := _LEADING_NUMBER.match(part)) is not None:
            named = _parse_slug("", part[number.end() :].strip("-"))
            return FilmReference({"tmdb": str(int(number[0]))}, named.title if named is not None else "")
    if host == "wikidata.org" and parts and _WIKIDATA_ID.fullmatch(parts[-1]):
        return FilmReference({"wikidata": parts[-1]})
    if host == "boxd.it" and parts:
        return FilmReference({"boxd.it": parts[0]})
    if (site := _TITLE_PATHS.get(host)) is not None and (found := site.search(path)) is not None:
        source = host.split(".")[0]
        named = _parse_slug(source if source in {"letterboxd", "trakt"} else "", found["slug"].lower())
        return named or FilmReference({})
    return FilmReference({})


def _parse_slug(source: str, slug: str) -> FilmReference | None:
    """Return the film of a slug, whose words are the title's, often with the year behind them."""
    if _SLUG.fullmatch(slug) is None:
        return None
    title = re.sub("[-_]", " ", _SITE_NUMBER.sub("", slug))
    return FilmReference({source: slug} if source else {}, title)
