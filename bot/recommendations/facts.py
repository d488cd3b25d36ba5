"""What the recommender may learn of a film, and the licence guard that keeps everything else out.

TMDB's terms bar its content from machine learning. `film_facts` is the only way from the catalogue into a model,
and of a film whose source is not in LEARNABLE_SOURCES it passes nothing on but the id.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.films.models import Film, Job

LEARNABLE_SOURCES = frozenset({"starter", "imdb", "movielens", "wikidata"})
"""Sources whose terms let a model learn from them. Being an allow list, it bars TMDB and every unknown source."""
MAX_CAST = 10
"""Actors read of each film, in billing order."""
RATERS_AT_FULL_FAME = 330.0
"""Raters, in a crowd of some hundred members, that a catalogue fame of 100 stands for."""


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What the recommender knows of one film.

    `runtime` is in minutes; `directors` and `cast` are person ids (names where there is no id); `languages` and
    `countries` are ISO codes; `fame` is a number of raters, or an estimate of it (`estimate_raters`). A film whose
    source may not be learnt from has nothing but its id, and raters from imported rating sets.
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


def film_facts(film: Film, rater_counts: Mapping[str, int] | None = None) -> FilmFacts:
    """Return what may be learnt of a film of the catalogue.

    `rater_counts` are the raters by film id in imported rating sets, where there are any; they come from members
    and may be learnt from whatever the film's source is.
    """
    raters = None if rater_counts is None else rater_counts.get(film.id)
    if film.source not in LEARNABLE_SOURCES:
        return FilmFacts(film.id, fame=float(raters or 0))
    return FilmFacts(
        film_id=film.id,
        year=film.year,
        genres=film.genres,
        directors=tuple(_people(film, Job.DIRECTOR)),
        cast=tuple(_people(film, Job.CAST))[:MAX_CAST],
        languages=film.languages,
        countries=film.countries,
        runtime=film.runtime,
        fame=float(raters) if raters else estimate_raters(film.fame),
    )


def film_facts_from_record(film_id: str, record: Mapping[str, object]) -> FilmFacts:
    """Return the facts of a plain record with year, genres, directors, cast, language and fame (raters)."""
    language = str(record.get("language") or "")
    year = record.get("year")
    fame = record.get("fame")
    return FilmFacts(
        film_id=film_id,
        year=int(year) if isinstance(year, int) and year > 0 else None,
        genres=_texts(record.get("genres")),
        directors=_texts(record.get("directors")),
        cast=_texts(record.get("cast"))[:MAX_CAST],
        languages=(language,) if language else (),
        fame=float(fame) if isinstance(fame, int | float) else 0.0,
    )


def estimate_raters(fame: float) -> float:
    """Return how many raters a catalogue's fame (0 to 100, about a logarithm of raters) stands for."""
    return math.expm1(min(max(fame, 0.0), 100.0) / 100 * math.log1p(RATERS_AT_FULL_FAME))


def _people(film: Film, job: Job) -> Iterable[str]:
    return (credit.person_id or credit.name for credit in film.credits if credit.job is job)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(text) for text in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
