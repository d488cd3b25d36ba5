"""The films there are, found by whatever somebody types."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.films.models import Film
from bot.search.engine import TitleIndex
from bot.search.index import Match, MatchKind, TitleEntry
from bot.search.query import split_year

_ID = re.compile("[a-z0-9-]{1,100}")
"""What a film's id may look like; the database is not asked for any other text."""
SURE = 99.5
"""A match from here on is the title itself."""
CLOSE = 6.0
"""Films whose scores differ by less fit about as well."""
NEAREST = 3
"""Films offered where nothing was found."""
LIKELY = 72.0
"""Below it a match is no answer, only a suggestion."""


class FilmStore(Protocol):
    """Where films are kept."""

    async def get(self, film_id: str) -> Film | None:
        """Give the film of that id, or None."""
        ...

    async def delete(self, film_id: str) -> bool:
        """Delete the film; tell whether it was there."""
        ...


class ShownFirst(Protocol):
    """Tells the ids of films to offer before anything is typed, from memory: recent and featured ones."""

    def __call__(self, server_id: int | None) -> Iterable[str]:
        """Give the film ids for that server, or for a conversation outside any, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a look-up came to.

    `film` is the likeliest film, or None where nothing fits; `match` is how it was matched, None where the
    film was picked from the list and there was nothing to guess; `others` are films that fit about as well,
    or, where nothing fits, the nearest, if there are words to be near to. `further` tells whether more films were
    matched, less well.
    """

    text: str
    film: Film | None = None
    match: Match | None = None
    others: tuple[Match, ...] = ()
    further: bool = False

    @property
    def wordless(self) -> bool:
        """Whether the text has neither a letter nor a digit, so that no title is near it."""
        return not any(map(str.isalnum, self.text))

    @property
    def guessed(self) -> bool:
        """Whether the film is the likeliest rather than the one asked for beyond doubt."""
        return self.match is not None and (self.match.kind is not MatchKind.EXACT or bool(self.others))


class FilmService:
    """Looks films up. `index` answers in memory; `store` is asked for one film."""

    def __init__(self, store: FilmStore, index: TitleIndex, first: ShownFirst | None = None) -> None:
        self._store = store
        self.index = index
        self.first = first

    async def get(self, film_id: str) -> Film | None:
        """Give the film of that id, or None."""
        return await self._store.get(film_id)

    def suggest(
        self, text: str, year: int | None = None, limit: int = 25, server_id: int | None = None
    ) -> list[Match]:
        """Give what to offer while somebody types: memory alone, never the database.

        Before anything is typed: what the server shows first, then what most people ask for.
        """
        if text.strip():
            return self.index.search(text, limit, year)
        return self.index.list_popular(limit, tuple(self.first(server_id)) if self.first else ())

    def others(self, text: str, film_id: str, limit: int = 24) -> list[Match]:
        """Give further films that `text` may have meant, without the one already shown."""
        return [match for match in self.index.search(text, limit + 1) if match.film_id != film_id][:limit]

    async def find(self, text: str, year: int | None = None) -> Lookup:
        """Look up what was typed or picked; a picked choice's text is the film's id."""
        if _ID.fullmatch(text) and (film := await self._store.get(text)) is not None:
            return Lookup(text, film)
        matches = self.index.search(text, 25, year)
        if not matches:
            matches = self.index.search(_title_of_id(text), 25, year)
        while matches and matches[0].score >= LIKELY:
            first, *rest = matches
            if (film := await self._store.get(first.film_id)) is not None:
                others = tuple(_as_good(first, rest, year or split_year(text)[1]))
                return Lookup(text, film, first, others, len(rest) > len(others))
            self.index.discard(first.film_id)  # deleted by another process: look again without it
            matches = rest
        if (nothing := Lookup(text)).wordless:
            return nothing
        if len(matches) < NEAREST:
            matches = self.index.find_nearest(text, NEAREST)
        return Lookup(text, others=tuple(matches[:NEAREST]))

    async def delete(self, film_id: str) -> bool:
        """Take the film out of the catalogue; tell whether it was there."""
        deleted = await self._store.delete(film_id)
        self.index.discard(film_id)
        return deleted

    def put(self, entry: TitleEntry) -> None:
        """Let look-up know of a film that was added or changed."""
        self.index.put(entry)


def _as_good(first: Match, rest: list[Match], year: int | None) -> list[Match]:
    """Give those matches that fit about as well as the first."""
    if year is not None and first.year == year:
        rest = [match for match in rest if match.year == year]
    if first.score >= SURE:
        return [match for match in rest if match.score >= SURE]
    return [match for match in rest if first.score - match.score < CLOSE][:24]


def _title_of_id(text: str) -> str:
    """Give the words of a film id, for one whose film is gone: `burning-2018` is `burning 2018`."""
    return text.replace("-", " ")
