"""What a member may ask of a recommendation: filters that hold, and how much surprise."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.recommendations.content import Content
from bot.recommendations.facts import FilmFacts
from bot.recommendations.moods import Mood, fit


@dataclass(frozen=True, slots=True)
class Wishes:
    """Filters: None asks for nothing. `decade` is its first year; `surprise` from 0 (none) to 1 (leave the
    beaten track). A film whose runtime, year, language or country is not known does not pass a filter on it.

    `on_services` asks for what the members' streaming services show. The model knows nothing of services: who
    shows the films leaves out the others once all are ranked.
    """

    genre: str | None = None
    mood: Mood | None = None
    max_minutes: int | None = None
    decade: int | None = None
    language: str | None = None
    country: str | None = None
    surprise: float = 0.0
    on_services: bool = False

    def allow(self, film: FilmFacts) -> bool:
        """Tell whether the film passes every filter."""
        return not (
            (self.genre is not None and self.genre not in film.genres)
            or (self.mood is not None and fit(self.mood, film) <= 0)
            or (self.max_minutes is not None and (film.runtime is None or film.runtime > self.max_minutes))
            or (self.decade is not None and (film.year is None or film.year // 10 * 10 != self.decade))
            or (self.language is not None and self.language not in film.languages)
            or (self.country is not None and self.country not in film.countries)
        )

    @property
    def filters(self) -> bool:
        """Whether there is a filter at all."""
        return any(
            value is not None
            for value in (self.genre, self.mood, self.max_minutes, self.decade, self.language, self.country)
        )


NO_WISHES = Wishes()


def allowed(content: Content, wishes: Wishes, without: Iterable[str] = ()) -> NDArray[np.bool_]:
    """Give which films may be recommended: those that pass and are not among `without`."""
    if wishes.filters:
        may = np.fromiter((wishes.allow(film) for film in content.facts), bool, len(content))
    else:
        may = np.ones(len(content), dtype=bool)
    may[[content.at[film] for film in without if film in content.at]] = False
    return may
