"""Decides which film of the catalogue a film in a member's file is, from its title, year and directors.

Only what can't be another film is sure. Whatever else is like it is doubtful, and the member decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.films.deduplication import unordered_keys
from bot.imports.history import NamedFilm
from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry

CANDIDATES_LIMIT = 5
"""Films offered for a doubtful one: a row of buttons."""
YEAR_TOLERANCE = 1
"""Years between a film's festival and its release, which sources date differently."""
LIKELY_SIMILARITY = 80.0
"""How similar a title must be to be offered."""


class MatchState(StrEnum):
    """How sure it is which film is meant."""

    SURE = "sure"
    DOUBTFUL = "doubtful"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FilmMatch:
    """The film that is meant, for SURE, or the ids of those that may be, the likeliest first."""

    state: MatchState
    film_id: str | None = None
    candidates: tuple[str, ...] = ()
    is_searched: bool = True
    """Whether similar titles were looked for, where that very title is unknown."""

    @classmethod
    def sure(cls, film_id: str) -> "FilmMatch":
        """Return a match that needs no decision."""
        return cls(MatchState.SURE, film_id)

    @classmethod
    def among(cls, film_ids: Sequence[str]) -> "FilmMatch":
        """Return a match that the member decides about, an unknown film if there is none to choose from."""
        candidates = tuple(dict.fromkeys(film_ids))[:CANDIDATES_LIMIT]
        return cls(MatchState.DOUBTFUL if candidates else MatchState.UNKNOWN, None, candidates)


UNKNOWN = FilmMatch(MatchState.UNKNOWN)


def match_title(film: NamedFilm, index: TitleIndex) -> FilmMatch:
    """Return the film of that very title (or original title) and year, without a search for similar ones.

    The neighbouring years count where the year itself has none. Among several the director decides.
    """
    entries = {entry.film_id: entry for title in _titles(film) for entry in index.find_by_title(title)}
    if not entries:
        return UNKNOWN
    by_fame = sorted(entries.values(), key=lambda entry: (-entry.fame, entry.film_id))
    fitting = _filter_by_year(by_fame, film.year)
    if film.directors:
        of_director = [entry for entry in fitting if _shares_director(entry, film)]
        # A catalogue's film without directors contradicts nobody.
        fitting = of_director or [entry for entry in fitting if not entry.directors]
    if len(fitting) == 1:
        return FilmMatch.sure(fitting[0].film_id)
    return FilmMatch.among([entry.film_id for entry in [*fitting, *by_fame]])


def find_similar(film: NamedFilm, index: TitleIndex) -> FilmMatch:
    """Return the films whose titles are similar, for the member to choose from. It takes some milliseconds."""
    matches = [
        match
        for title in _titles(film)
        for match in index.search(title, CANDIDATES_LIMIT, film.year)
        if match.score >= LIKELY_SIMILARITY and _is_year_close(match.year, film.year)
    ]
    return FilmMatch.among([match.film_id for match in matches])


def _titles(film: NamedFilm) -> list[str]:
    return list(dict.fromkeys(filter(None, (film.title, film.original_title))))


def _filter_by_year(entries: list[TitleEntry], year: int | None) -> list[TitleEntry]:
    if year is None:
        return entries
    same = [entry for entry in entries if entry.year == year]
    return same or [entry for entry in entries if entry.year is not None and _is_year_close(entry.year, year)]


def _is_year_close(year: int | None, other: int | None) -> bool:
    return year is None or other is None or abs(year - other) <= YEAR_TOLERANCE


def _shares_director(entry: TitleEntry, film: NamedFilm) -> bool:
    return bool(unordered_keys(entry.directors) & unordered_keys(film.directors))
