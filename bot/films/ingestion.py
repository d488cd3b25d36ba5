"""Takes films that only a source online knows into the catalogue, each once."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.core.text.folding import fold, transliterate
from bot.films.deduplication import is_same_film
from bot.films.metadata_source import DetailsSource
from bot.films.models import Film
from bot.films.service import FilmService
from bot.search.index import TitleEntry

NEAR = 10
"""Films of the catalogue that are compared with a new one."""
SLUG_LIMIT = 60
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


class AdoptingStore(Protocol):
    """Where films are kept, and which of them came from a source online."""

    async def put_many(self, batch: Sequence[Film]) -> None:
        """Store the films; one that is there is replaced."""
        ...

    async def put_new(self, film: Film, ids: Sequence[str]) -> str:
        """Store a film that is new under the first of `ids` that is free, else the last, and give that id.

        Where somebody was first, and a film with one of its ids at a source is there, that film's id is given.
        """
        ...


class AdoptedStore(Protocol):
    """What is asked of the details' store."""

    async def film_with(self, source: str, value: str) -> str | None:
        """Give the film of ours with that id at the source, or None."""
        ...

    async def link(self, film_id: str, source: str, value: str) -> None:
        """Note a film's id at a source, in place of another there; one that is another film's stays there."""
        ...

    async def adopted_before(self, moment: datetime) -> list[str]:
        """Give the films that came from a source online and were last fetched before `moment`."""
        ...


class Adoption:
    """Merges films of a source into the catalogue: by imdb id, the source's id, or title, year and director."""

    def __init__(self, catalogue: FilmService, films: AdoptingStore, ids: AdoptedStore) -> None:
        self._catalogue = catalogue
        self._films = films
        self._ids = ids

    async def get(self, film_id: str) -> Film | None:
        """Give the film of that id of ours."""
        return await self._catalogue.get(film_id)

    async def adopt(self, film: Film) -> Film:
        """Give the film of ours that `film` is, added under a new id where there is none."""
        ours = await self._ours(film)
        if ours is None:
            ours = replace(film, id=await self._films.put_new(film, _new_ids(film)))
            self._catalogue.put(_entry(ours))
        else:
            for source, value in film.ids.items():
                if source not in ours.ids:
                    await self._ids.link(ours.id, source, value)
        return ours

    async def refresh(self, ours: Film, film: Film) -> None:
        """Bring a film that came from the source up to date; its id stays."""
        fresh = replace(film, id=ours.id, fame=ours.fame)
        await self._films.put_many([fresh])
        self._catalogue.put(_entry(fresh))

    async def found_by(self, source: DetailsSource, film: Film) -> str | None:
        """Give the film's id at the source by its IMDb id, else by title, year and director; None without one."""
        if (imdb := film.ids.get("imdb")) is not None and (
            found := await source.find_by_imdb_id(imdb)
        ) is not None:
            return found
        if film.year is None or not film.directors:
            return None
        for candidate in (await source.search_films(film.title, film.year))[:3]:
            if candidate.year == film.year and is_same_film(
                film, (await source.fetch_film(candidate.source_id)).film
            ):
                return candidate.source_id
        return None

    async def older_than(self, moment: datetime) -> list[Film]:
        """Give the films that came from a source online and were last fetched before `moment`."""
        found = [await self._catalogue.get(film_id) for film_id in await self._ids.adopted_before(moment)]
        return [film for film in found if film is not None]

    async def bare(self, film: Film) -> None:
        """Keep of a film only what identifies it, so that reviews of it stay readable."""
        await self._films.put_many(
            [
                Film(
                    id=film.id,
                    title=film.title,
                    original_title=film.original_title,
                    year=film.year,
                    ids=film.ids,
                    source=film.source,
                )
            ]
        )

    async def _ours(self, film: Film) -> Film | None:
        for source, value in film.ids.items():
            if (film_id := await self._ids.film_with(source, value)) is not None:
                return await self._catalogue.get(film_id)
        for match in self._catalogue.index.search(film.title, NEAR, film.year):
            ours = await self._catalogue.get(match.film_id)
            if ours is not None and is_same_film(ours, film):
                return ours
        return None


def _new_ids(film: Film) -> tuple[str, str]:
    """Give what a film may be called: by its title and year, and by its id at the source too."""
    base = _NOT_SLUG.sub("-", transliterate(fold(film.title))).strip("-")[: SLUG_LIMIT - 16].strip("-") or "film"
    dated = f"{base}-{film.year}" if film.year is not None else base
    return dated, f"{dated}-{next(iter(film.ids.values()), '2')}"


def _entry(film: Film) -> TitleEntry:
    return TitleEntry(
        film_id=film.id,
        title=film.title,
        original_title=film.original_title,
        year=film.year,
        directors=film.directors,
        also=film.also,
        fame=film.fame,
    )
