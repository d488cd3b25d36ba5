"""What a member may ask of recommendations: filters that every film has to pass, and how much surprise."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.recommendations.facts import Content, FilmFacts
from bot.recommendations.moods import Mood, mood_fit


@dataclass(frozen=True, slots=True)
class RecommendationFilters:
    """Filters of one request; None leaves the filter out.

    `decade` is its first year, `language` and `country` are ISO codes, `surprise` goes from 0 (none) to 1 (off the
    beaten track). A film whose runtime, year, language or country is unknown does not pass a filter on it. With
    `on_services` only films on the members' streaming services are shown; the model knows nothing of services, so
    the service leaves the others out after ranking.

    Group sessions store these fields by name, so that a renamed field needs a way to read what is stored.
    """

    genre: str | None = None
    mood: Mood | None = None
    max_minutes: int | None = None
    decade: int | None = None
    language: str | None = None
    country: str | None = None
    surprise: float = 0.0
    on_services: bool = False

    def allows(self, film: FilmFacts) -> bool:
        """Return whether the film passes every filter."""
        return not (
            (self.genre is not None and self.genre not in film.genres)
            or (self.mood is not None and mood_fit(self.mood, film) <= 0)
            or (self.max_minutes is not None and (film.runtime is None or film.runtime > self.max_minutes))
            or (self.decade is not None and (film.year is None or film.year // 10 * 10 != self.decade))
            or (self.language is not None and self.language not in film.languages)
            or (self.country is not None and self.country not in film.countries)
        )

    @property
    def has_film_filter(self) -> bool:
        """Whether any filter looks at the film's facts."""
        return any(
            value is not None
            for value in (self.genre, self.mood, self.max_minutes, self.decade, self.language, self.country)
        )


NO_FILTERS = RecommendationFilters()


def allowed_films(
    content: Content, filters: RecommendationFilters, exclude: Iterable[str] = ()
) -> NDArray[np.bool_]:
    """Return for each film of `content` whether it passes the filters and is not among the ids in `exclude`."""
    if filters.has_film_filter:
        allowed = np.fromiter((filters.allows(film) for film in content.facts), bool, len(content))
    else:
        allowed = np.ones(len(content), dtype=bool)
    allowed[[content.row_of[film_id] for film_id in exclude if film_id in content.row_of]] = False
    return allowed
