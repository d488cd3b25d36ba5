"""Looks films up by whatever somebody types, and keeps the title index true to what it stores."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace

from bot.core.text.folding import fold, transliterate
from bot.core.text.formatting import remove_mentions
from bot.core.text.i18n import get_title_languages
from bot.films.deduplication import is_same_film
from bot.films.models import Film, FilmGoneError, FilmReference, Lookup, RegionalTitle, parse_reference
from bot.films.repository import KNOWN_FAME, LEADING_CAST, FilmRepository, NewFilm, list_title_languages
from bot.films.suggestions import SuggestionService
from bot.search.answer import Answer, judge_matches
from bot.search.engine import TitleIndex
from bot.search.index import Match, MatchKind, TitleEntry

CHOICES_LIMIT = 5
"""Films to choose from where none is shown: one row of buttons."""
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
            return self.index.search(text, limit, year, locale_keys=get_title_languages())
        first: Sequence[str] = self._suggestions.list_film_ids(server_id) if self._suggestions else ()
        return self.index.list_popular(limit, first, locale_keys=get_title_languages())

    def list_alternatives(
        self, text: str, film_id: str, year: int | None = None, limit: int = MATCHES_LIMIT - 1
    ) -> list[Match]:
        """Return further films that the text and the year may have meant, without the one of that id."""
        matches = self.index.search(text, limit + 1, year, locale_keys=get_title_languages())
        return [match for match in matches if match.film_id != film_id][:limit]

    async def lookup(self, text: str, year: int | None = None) -> Lookup:
        """Return what a typed text finds in the catalogue; one picked from autocomplete is a film's id."""
        text = remove_mentions(text)
        if _FILM_ID.fullmatch(text) and (film := await self.repository.get(text)) is not None:
            return Lookup(text, year, Answer.CARD, film)
        if (reference := parse_reference(text)) is not None:
            return await self._lookup_reference(text, reference)
        keys = get_title_languages()
        matches = self.index.find_title(text, MATCHES_LIMIT, locale_keys=keys) if year is None else []
        matches = matches or self.index.search(text, MATCHES_LIMIT, year, locale_keys=keys)
        if not matches and "-" in text:  # the id of a film that is gone has the words of its title
            matches = self.index.search(text.replace("-", " "), MATCHES_LIMIT, year, locale_keys=keys)
        return await self.answer(text, year, matches)

    async def answer(self, text: str, year: int | None, matches: Sequence[Match]) -> Lookup:
        """Return the look-up that these matches, best first, result in; its film is read from the catalogue."""
        matches = [match async for match in self._iterate_existing(matches)]
        verdict = judge_matches(text, year, matches)
        lookup = Lookup(
            text,
            year,
            verdict.answer,
            unmet_year=verdict.unmet_year,
            unmet_number=verdict.unmet_number,
            unmet=verdict.unmet,
        )
        if verdict.answer is Answer.NONE:
            return lookup
        if verdict.answer is Answer.CHOICE:
            has_more = len(matches) > CHOICES_LIMIT
            return replace(lookup, others=tuple(matches[:CHOICES_LIMIT]), has_more=has_more)
        best, *rest = matches
        film = None if is_source_match(best) else await self.repository.get(best.film_id)
        others = verdict.alternatives
        return replace(lookup, film=film, match=best, others=others, has_more=len(rest) > len(others))

    async def _iterate_existing(self, matches: Iterable[Match]) -> AsyncIterator[Match]:
        """Yield the matches, without the first ones whose films another process has deleted."""
        is_checked = False
        for match in matches:
            if not is_checked and not is_source_match(match):
                if await self.repository.get(match.film_id) is None:
                    self.index.discard(match.film_id)
                    continue
                is_checked = True
            yield match

    async def _lookup_reference(self, text: str, reference: FilmReference) -> Lookup:
        """Look up an id or an address: by the ids that are stored, else by the title that an address has in it."""
        film_id = await self.repository.find_by_ids(reference.ids)
        if film_id is not None and (film := await self.repository.get(film_id)) is not None:
            return Lookup(text, answer=Answer.CARD, film=film, is_reference=True)
        if not reference.title:
            return Lookup(text, is_reference=True)
        matches = self.index.search(reference.title, MATCHES_LIMIT, locale_keys=get_title_languages())
        found = await self.answer(reference.title, None, matches)
        if found.match is not None and found.match.kind is MatchKind.EXACT:
            return replace(found, text=text, is_reference=True)
        return Lookup(text, is_reference=True)

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
        """Store a film of a source and return it with its new id, as `add_many` does."""
        return (await self.add_many([film]))[0]

    async def add_many(self, films: Sequence[Film]) -> list[Film]:
        """Store films of a source under new ids and return them with these.

        An id is made of title and year, with the source's id behind it if that one is taken. If another process
        has added a film meanwhile, it keeps the id from there.
        """
        ids = await self.repository.add_many([NewFilm(film, _list_id_candidates(film)) for film in films])
        added = [replace(film, id=film_id) for film, film_id in zip(films, ids, strict=True)]
        for film in added:
            self._index(film)
        return added

    async def update(self, film: Film) -> None:
        """Store a film in place of the one with its id."""
        await self.repository.save_many([film])
        self._index(film)

    def _index(self, film: Film) -> None:
        others = [*map(RegionalTitle, film.other_titles), *film.regional_titles]
        languages = list_title_languages(others)
        entry = TitleEntry(
            film_id=film.id,
            title=film.title,
            original_title=film.original_title,
            year=film.year,
            directors=film.directors,
            other_titles=tuple(languages),
            title_languages=tuple(languages.values()) if any(languages.values()) else (),
            fame=film.fame,
            languages=film.languages,
            countries=film.countries,
            genres=film.genres,
            cast=tuple(credit.name for credit in film.cast[:LEADING_CAST]) if film.fame >= KNOWN_FAME else (),
        )
        self.index.put(entry)


def _list_id_candidates(film: Film) -> tuple[str, ...]:
    slug = _NOT_SLUG.sub("-", transliterate(fold(film.title))).strip("-")[:SLUG_LIMIT].strip("-") or "film"
    dated = f"{slug}-{film.year}" if film.year is not None else slug
    return dated, f"{dated}-{next(iter(film.ids.values()), '2')}"


def create_match(film: Film) -> Match:
    """Return the match of a film that was named by an id or an address."""
    return Match(
        film.id,
        film.title,
        film.original_title,
        film.year,
        film.directors,
        score=100.0,
        matched=film.title,
        kind=MatchKind.EXACT,
    )


def is_source_match(match: Match) -> bool:
    """Return whether the match is a film that only the metadata source has."""
    return ":" in match.film_id
