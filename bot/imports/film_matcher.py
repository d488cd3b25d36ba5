"""Finds the films of members' files in the catalogue, slice by slice, so that members' commands need not wait."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from bot.core.tasks import Foreground, Steps
from bot.films.service import FilmService
from bot.imports.history import FilmHistory
from bot.imports.matching import UNKNOWN, FilmMatch, MatchState, find_similar, match_title
from bot.imports.member_repository import MemberImportRepository
from bot.imports.models import FilmState, Import, StagedFilm
from bot.imports.plan import merge_histories

SIMILAR_LIMIT = 50
"""Films of a file for which similar titles are searched before its preview; those after them follow behind it,
since one takes some milliseconds, in which nothing else is done."""
GUESSES_PER_BATCH = 50
REST = 30
"""How many times as long as a search took nothing is searched behind the preview."""


class FilmMatcher:
    """Says which films of the catalogue are meant."""

    def __init__(self, repository: MemberImportRepository, films: FilmService, foreground: Foreground) -> None:
        self._repository = repository
        self._films = films
        self._foreground = foreground

    async def match(self, films: Sequence[FilmHistory]) -> tuple[list[StagedFilm], list[FilmHistory]]:
        """Return the films with what they were matched with; those that are one film are put together."""
        return await self.merge(films, await self.find_matches(films))

    async def merge(
        self, films: Sequence[FilmHistory], matches: Sequence[FilmMatch]
    ) -> tuple[list[StagedFilm], list[FilmHistory]]:
        """Return the films with their matches; those that are one film are put together."""
        return await self._foreground.run_in_slices(_merge_matches(films, matches))

    async def find_matches(self, films: Sequence[FilmHistory]) -> list[FilmMatch]:
        """Return each film's match: by an id that the file has, else by title, year and director."""
        named = await self._repository.find_by_source_ids(
            item for history in films for item in history.film.ids.items()
        )
        matches = await self._foreground.run_in_slices(self._match_titles(films, named))
        suspects = {match.film_id for match, history in zip(matches, films, strict=True) if history.film.ids}
        ids = await self._repository.list_source_ids(filter(None, suspects))
        return [
            UNKNOWN if match.film_id is not None and _contradicts(history, ids.get(match.film_id, {})) else match
            for match, history in zip(matches, films, strict=True)
        ]

    async def find_guesses(self, import_: Import) -> None:
        """Search films like those that the preview left out, until all are done or the import is gone."""
        after = -1
        while batch := await self._repository.list_unsearched(import_.id, GUESSES_PER_BATCH, after):
            after = batch[-1].number
            for staged in batch:
                begun = time.perf_counter()
                match = self.find_similar(staged)
                took = time.perf_counter() - begun
                state = FilmState(match.state)
                await self._repository.set_film(import_, staged.number, state, candidates=match.candidates)
                await asyncio.sleep(REST * took)
                await self._foreground.give_way(took)

    def find_similar(self, staged: StagedFilm) -> FilmMatch:
        """Return the films that are like the one in the file, for the member to choose from."""
        return find_similar(staged.film, self._films.index)

    def _match_titles(
        self, films: Sequence[FilmHistory], named: dict[tuple[str, str], str]
    ) -> Steps[list[FilmMatch]]:
        """Return each film's match: by an id that the file has, else by title, year and director."""
        matches = []
        searched = 0
        for history in films:
            film = history.film
            film_id = next((named[item] for item in film.ids.items() if item in named), None)
            match = FilmMatch.sure(film_id) if film_id is not None else match_title(film, self._films.index)
            yield
            if match.state is MatchState.UNKNOWN and film.title:
                searched += 1
                if searched > SIMILAR_LIMIT:
                    match = replace(match, is_searched=False)
                else:
                    match = find_similar(film, self._films.index)
                    yield
            matches.append(match)
        return matches


def _merge_matches(
    films: Sequence[FilmHistory], matches: Sequence[FilmMatch]
) -> Steps[tuple[list[StagedFilm], list[FilmHistory]]]:
    staged: list[StagedFilm] = []
    histories: list[FilmHistory] = []
    places: dict[str, int] = {}
    for match, history in zip(matches, films, strict=True):
        yield
        if match.film_id is not None and (place := places.get(match.film_id)) is not None:
            histories[place] = merge_histories(histories[place], history)
            continue
        if match.film_id is not None:
            places[match.film_id] = len(staged)
        staged.append(
            StagedFilm(
                number=len(staged),
                state=FilmState(match.state),
                film=history.film,
                film_id=match.film_id,
                candidates=match.candidates,
                is_searched=match.is_searched,
            )
        )
        histories.append(history)
    return staged, histories


def _contradicts(history: FilmHistory, ids: dict[str, str]) -> bool:
    """Return whether a film of ours has another id at a source than the file says: then it is another film."""
    return any(ids.get(source, value) != value for source, value in history.film.ids.items())
