"""The few facts of a film that the recommender may learn from, and the guard that keeps others out."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.films.models import Film, Job

LEARNABLE = frozenset({"starter", "imdb", "movielens", "wikidata"})
"""Sources whose terms let a model learn from them. TMDB's bar it, so it is not here, nor is any unknown one."""
CAST_READ = 10
"""Actors of a film that take part, in billing order."""
FULL_FAME = 330.0
"""Ratings in a crowd of some hundred members that a film of fame 100 stands for."""


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What the recommender knows of one film. `fame` counts raters, or what stands for them (`ratings_of_fame`).

    A film whose source may not be learnt from has an id and nothing else: members' stars are all there is.
    """

    film_id: str
    year: int | None = None
    genres: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    runtime: int | None = None
    fame: float = 0.0


def facts_of(film: Film, raters: Mapping[str, int] | None = None) -> FilmFacts:
    """Give what may be learnt from of a catalogue's film; `raters` counts an imported ratings set's by film id.

    This is the one way from the catalogue into the model: of a film whose source is not LEARNABLE nothing but
    its id comes through.
    """
    counted = None if raters is None else raters.get(film.id)
    if film.source not in LEARNABLE:
        return FilmFacts(film.id, fame=float(counted or 0))
    return FilmFacts(
        film_id=film.id,
        year=film.year,
        genres=film.genres,
        directors=tuple(_people(film, Job.DIRECTOR)),
        cast=tuple(_people(film, Job.CAST))[:CAST_READ],
        languages=film.languages,
        countries=film.countries,
        runtime=film.runtime,
        fame=float(counted) if counted else ratings_of_fame(film.fame),
    )


def facts_of_all(films: Iterable[Film], raters: Mapping[str, int] | None = None) -> list[FilmFacts]:
    """Give the facts of each film, in order."""
    return [facts_of(film, raters) for film in films]


def facts_of_record(film_id: str, record: Mapping[str, object]) -> FilmFacts:
    """Give the facts of a plain record: title, year, genres, directors, cast, language, fame (a count)."""
    language = str(record.get("language") or "")
    year = record.get("year")
    fame = record.get("fame")
    return FilmFacts(
        film_id=film_id,
        year=int(year) if isinstance(year, int) and year > 0 else None,
        genres=_texts(record.get("genres")),
        directors=_texts(record.get("directors")),
        cast=_texts(record.get("cast"))[:CAST_READ],
        languages=(language,) if language else (),
        fame=float(fame) if isinstance(fame, int | float) else 0.0,
    )


def ratings_of_fame(fame: float) -> float:
    """Give how many raters a catalogue's fame of 0 to 100 stands for: fame is about their logarithm."""
    return math.expm1(min(max(fame, 0.0), 100.0) / 100 * math.log1p(FULL_FAME))


def _people(film: Film, job: Job) -> Iterable[str]:
    return (credit.person_id or credit.name for credit in film.credits if credit.job is job)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(text) for text in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
