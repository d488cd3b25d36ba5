"""Filters films by a request's constraints, all films at once; `Request.allows` says the same of one film."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from bot.conversation.models import FilmDocument, Request
from bot.conversation.vocabulary import OWN_SERVICES

Mask = npt.NDArray[np.bool_]
UNKNOWN = -1


class FilmFilter:
    """The facts of films as arrays; row i of everything is film i."""

    def __init__(self, films: Sequence[FilmDocument]) -> None:
        self._count = len(films)
        self._years = np.array([UNKNOWN if film.year is None else film.year for film in films], dtype=np.int32)
        self._runtimes = np.array(
            [UNKNOWN if film.runtime is None else film.runtime for film in films], dtype=np.int32
        )
        self._genres = self._rows_by(films, lambda film: film.genres)
        self._countries = self._rows_by(films, lambda film: film.countries)
        self._languages = self._rows_by(films, lambda film: film.languages)
        self._first_languages = self._rows_by(films, lambda film: film.languages[:1])
        self._people = self._rows_by(films, lambda film: film.people_set)
        self._services = self._rows_by(films, lambda film: film.services)
        self._rows = {film.id: row for row, film in enumerate(films)}

    @staticmethod
    def _rows_by(
        films: Sequence[FilmDocument], values: Callable[[FilmDocument], Iterable[str]]
    ) -> dict[str, npt.NDArray[np.int32]]:
        rows: dict[str, list[int]] = defaultdict(list)
        for row, film in enumerate(films):
            for value in values(film):
                rows[value].append(row)
        return {value: np.array(found, dtype=np.int32) for value, found in rows.items()}

    def _any(self, rows_by: dict[str, npt.NDArray[np.int32]], values: Iterable[str]) -> Mask:
        mask = np.zeros(self._count, dtype=np.bool_)
        for value in values:
            if (rows := rows_by.get(value)) is not None:
                mask[rows] = True
        return mask

    def allowed(self, request: Request, on_services: frozenset[str] | None = None) -> Mask:
        """Return for each film whether it meets every constraint of the request.

        `on_services` are the ids of the films that the member's own services have, None where that is unknown:
        then nothing is left out for not being among them.
        """
        mask = np.ones(self._count, dtype=np.bool_)
        for genre in request.genres:
            mask &= self._any(self._genres, (genre,))
        if request.any_genres:
            mask &= self._any(self._genres, request.any_genres)
        if request.countries:
            mask &= self._any(self._countries, request.countries)
        if request.languages:
            mask &= self._any(self._languages, request.languages)
        if request.not_languages:
            mask &= self._any(self._first_languages, self._first_languages)
            mask &= ~self._any(self._first_languages, request.not_languages)
        mask &= ~self._any(self._genres, request.not_genres)
        mask &= ~self._any(self._countries, request.not_countries)
        mask &= ~self._any(self._people, request.not_people)
        if request.is_any_person and request.people:
            mask &= self._any(self._people, request.people)
        else:
            for name in request.people:
                mask &= self._any(self._people, (name,))
        mask &= _within(self._years, request.year_from, request.year_to)
        mask &= _within(self._runtimes, *request.inclusive_runtimes)
        left_out = [self._rows[film] for film in (*request.not_films, *request.like) if film in self._rows]
        mask[left_out] = False
        return mask & self._on_services(request, on_services)

    def _on_services(self, request: Request, on_services: frozenset[str] | None) -> Mask:
        named = [service for service in request.services if service != OWN_SERVICES]
        if OWN_SERVICES in request.services and on_services is None:
            return np.ones(self._count, dtype=np.bool_)
        if not request.services:
            return np.ones(self._count, dtype=np.bool_)
        mask = self._any(self._services, named)
        if OWN_SERVICES in request.services and on_services is not None:
            mask[[self._rows[film] for film in on_services if film in self._rows]] = True
        return mask


def _within(values: npt.NDArray[np.int32], least: int | None, greatest: int | None) -> Mask:
    mask = np.ones(len(values), dtype=np.bool_)
    if least is not None or greatest is not None:
        mask &= values != UNKNOWN
    if least is not None:
        mask &= values >= least
    if greatest is not None:
        mask &= values <= greatest
    return mask
