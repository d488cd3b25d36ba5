"""What may be learned from: the one way by which a film's facts reach a recommender."""

from dataclasses import dataclass

from bot.films.models import Film, Job

NOT_FOR_LEARNING = frozenset({"tmdb"})
"""Sources whose terms bar their content from machine learning."""


@dataclass(frozen=True, slots=True)
class Features:
    """A film's facts from sources that allow learning from them."""

    film_id: str
    year: int | None
    runtime: int | None
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    genres: tuple[str, ...]
    production: tuple[str, ...]
    people: tuple[tuple[Job, str], ...]
    logline: str


def learnable(film: Film) -> Features | None:
    """Give what may be learned of the film, or None where it came from a source that bars it.

    Details fetched online are no part of a Film, so that only the film's own source has to be looked at.
    """
    if film.source in NOT_FOR_LEARNING:
        return None
    return Features(
        film_id=film.id,
        year=film.year,
        runtime=film.runtime,
        countries=film.countries,
        languages=film.languages,
        genres=film.genres,
        production=film.production_companies,
        people=tuple((credit.job, credit.name) for credit in film.credits),
        logline=film.logline,
    )
