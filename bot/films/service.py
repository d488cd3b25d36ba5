"""Looks films up by whatever somebody types, and keeps the title index true to what it stores."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.core.text.folding import fold, transliterate
from bot.films.deduplication import is_same_film
from bot.films.models import Film, FilmGoneError, Lookup
from bot.films.repository import FilmRepository
from bot.films.suggestions import SuggestionService
from bot.search.engine import TitleIndex
from bot.search.index import Match, TitleEntry
from bot.search.query import split_year

TITLE_MATCH_SCORE = 99.5
"""A match from here on is the title itself."""
SCORE_TOLERANCE = 6.0
"""Films whose scores differ by less fit about as well."""
NEAREST_LIMIT = 3
"""Films suggested if nothing was found."""
ANSWER_MIN_SCORE = 72.0
"""A match below it is no answer, only a suggestion."""
MATCHES_LIMIT = 25
"""Films ranked for a look-up: as many as a menu holds."""
DUPLICATE_CANDIDATES = 10
"""Films of the catalogue that are compared with a new one."""
SLUG_LIMIT = 44
"""Characters of a title in a film's id."""
_FILM_ID = re.compile("[a-z0-9-]{1,100}")
"""What a film's id may look like; the database is queried for no other text."""
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


class FilmService:
    """Looks films up: `index` finds them in memory, `repository` reads one from the database."""

    def __init__(
        self, repository: FilmRepository, index: TitleIndex, suggestions: SuggestionService | None = None
    ) -> None:
        self.repository = repository
        self.index = index
        self._suggestions = suggestions

    async def require(self, film_id: str) -> Film:
        """Return the film of that id. Raises FilmGoneError if it is no longer in the catalogue."""
        film = await self.repository.get(film_id)
        if film is None:
            raise FilmGoneError
        return film

    def suggest(
        self, text: str, year: int | None = None, limit: int = 25, server_id: int | None = None
    ) -> list[Match]:
        """Return what autocomplete suggests, from memory alone.

        Before anything is typed: the server's own films, then the most famous ones.
        """
        if text.strip():
            return self.index.search(text, limit, year)
        first: Sequence[str] = self._suggestions.list_film_ids(server_id) if self._suggestions else ()
        return self.index.list_popular(limit, first)

    def list_alternatives(self, text: str, film_id: str, limit: int = 24) -> list[Match]:
        """Return further films that `text` may have meant, without the one of that id."""
        return [match for match in self.index.search(text, limit + 1) if match.film_id != film_id][:limit]

    async def lookup(self, text: str, year: int | None = None) -> Lookup:
        """Return what a text that was typed finds; one picked from autocomplete is the film's id."""
        if _FILM_ID.fullmatch(text) and (film := await self.repository.get(text)) is not None:
            return Lookup(text, film)
        matches = self.index.search(text, MATCHES_LIMIT, year)
        if not matches:  # the id of a film that is gone, `burning-2018`, has the words of its title
            matches = self.index.search(text.replace("-", " "), MATCHES_LIMIT, year)
        while matches and matches[0].score >= ANSWER_MIN_SCORE:
            best, *rest = matches
            if (film := await self.repository.get(best.film_id)) is not None:
                others = _filter_equally_good(best, rest, year or split_year(text)[1])
                return Lookup(text, film, best, tuple(others), has_more=len(rest) > len(others))
            self.index.discard(best.film_id)  # another process deleted it
            matches = rest
        nothing_found = Lookup(text)
        if nothing_found.has_no_words:
            return nothing_found
        if len(matches) < NEAREST_LIMIT:
            matches = self.index.find_nearest(text, NEAREST_LIMIT)
        return replace(nothing_found, others=tuple(matches[:NEAREST_LIMIT]))

    async def find_same(self, film: Film) -> Film | None:
        """Return the catalogue's film that a source's film is, by ids or by title, year and director; or None."""
        if (film_id := await self.repository.find_by_ids(film.ids)) is not None:
            return await self.repository.get(film_id)
        for match in self.index.search(film.title, DUPLICATE_CANDIDATES, film.year):
            candidate = await self.repository.get(match.film_id)
            if candidate is not None and is_same_film(candidate, film):
                return candidate
        return None

    async def add(self, film: Film) -> Film:
        """Store a film of a source under a new id and return it with that id.

        The id is made of title and year, with the source's id behind it if that one is taken. If another process
        has added the film meanwhile, it keeps the id from there.
        """
        slug = _NOT_SLUG.sub("-", transliterate(fold(film.title))).strip("-")[:SLUG_LIMIT].strip("-") or "film"
        dated = f"{slug}-{film.year}" if film.year is not None else slug
        candidates = (dated, f"{dated}-{next(iter(film.ids.values()), '2')}")
        added = replace(film, id=await self.repository.add(film, candidates))
        self._index(added)
        return added

    async def update(self, film: Film) -> None:
        """Store a film in place of the one with its id."""
        await self.repository.save_many([film])
        self._index(film)

    def _index(self, film: Film) -> None:
        entry = TitleEntry(
            film_id=film.id,
            title=film.title,
            original_title=film.original_title,
            year=film.year,
            directors=film.directors,
            other_titles=film.other_titles,
            fame=film.fame,
        )
        self.index.put(entry)


def _filter_equally_good(best: Match, rest: list[Match], year: int | None) -> list[Match]:
    """Return those of the other matches that fit about as well as the best."""
    if year is not None and best.year == year:
        rest = [match for match in rest if match.year == year]
    if best.score >= TITLE_MATCH_SCORE:
        return [match for match in rest if match.score >= TITLE_MATCH_SCORE]
    return [match for match in rest if best.score - match.score < SCORE_TOLERANCE][: MATCHES_LIMIT - 1]
