"""Finds the film that somebody means at the metadata source too, where the catalogue can only guess."""

import logging
from dataclasses import replace

from bot.core.text.folding import fold, transliterate
from bot.core.text.formatting import clean_line
from bot.core.text.i18n import get_title_languages
from bot.films.metadata import Candidate, SourceError, SourceGoneError
from bot.films.metadata_service import MetadataService
from bot.films.models import Lookup, SourceState, parse_reference
from bot.films.service import MATCHES_LIMIT, FilmService, is_source_match
from bot.search.answer import Answer, split_asked_year
from bot.search.index import Match, MatchKind, TitleEntry

log = logging.getLogger(__name__)
SOURCE_TEXT_LIMIT = 200
"""Characters of a text that the source is asked for."""


class FilmResolver:
    """Resolves what was typed to a film of the catalogue or of the source, after `FilmService.lookup`."""

    def __init__(self, films: FilmService, metadata: MetadataService) -> None:
        self._films = films
        self._metadata = metadata

    async def ask_source(self, lookup: Lookup) -> Lookup:
        """Return the look-up with what the source knows, which takes up to several seconds.

        A film that only the source has is added to the catalogue if it is the answer. Doesn't raise because the
        source can't answer: `Lookup.source` says so.
        """
        if not self._metadata.is_enabled:
            return replace(lookup, source=SourceState.ABSENT)
        try:
            if lookup.is_reference:
                return await self._resolve_reference(lookup)
            return await self._search_both(lookup)
        except SourceError as error:
            log.warning("the source can't be asked about a look-up: %s", error)
            return replace(lookup, source=SourceState.DOWN)

    async def list_alternatives(
        self, text: str, film_id: str, year: int | None = None
    ) -> tuple[list[Match], SourceState]:
        """Return further films, of the catalogue and of the source, that the text and the year may have meant."""
        local = self._films.list_alternatives(text, film_id, year)
        if not self._metadata.is_enabled:
            return local, SourceState.ABSENT
        try:
            title, asked_year = split_asked_year(text, year, None)
            candidates = await self._metadata.search(_prepare_text(title), asked_year)
        except SourceError as error:
            log.warning("the source can't be asked about a look-up: %s", error)
            return local, SourceState.DOWN
        matches = await self._merge(text, year, candidates)
        return [match for match in matches if match.film_id != film_id][: MATCHES_LIMIT - 1], SourceState.ANSWERED

    async def _resolve_reference(self, lookup: Lookup) -> Lookup:
        """Return the look-up of an id or an address that the catalogue doesn't have."""
        reference = parse_reference(lookup.text)
        answered = replace(lookup, source=SourceState.ANSWERED)
        if reference is None:
            return answered
        try:
            source_id = await self._metadata.find_by_ids(reference.ids)
            if source_id is None and reference.title:
                found = await self._find_in_both(Lookup(reference.title))
                is_exact = found.match is not None and found.match.kind is MatchKind.EXACT
                return (
                    await self._add_film(replace(found, text=lookup.text, is_reference=True))
                    if is_exact
                    else answered
                )
            film = await self._metadata.ingest(source_id) if source_id is not None else None
        except SourceGoneError:
            return answered
        if film is None:
            return replace(answered, source=SourceState.DOWN) if source_id is not None else answered
        return replace(answered, answer=Answer.CARD, film=film)

    async def _search_both(self, lookup: Lookup) -> Lookup:
        """Return the look-up with the source's films among the candidates; a film that is the answer is added."""
        found = await self._find_in_both(lookup)
        try:
            return await self._add_film(found)
        except SourceGoneError:  # it was found, but is no longer there
            return replace(lookup, source=SourceState.ANSWERED)

    async def _find_in_both(self, lookup: Lookup) -> Lookup:
        """Return the look-up with the source's films among the candidates; one of them is not added yet."""
        text = lookup.text
        title, year = split_asked_year(text, lookup.year, lookup.match or next(iter(lookup.others), None))
        candidates = await self._metadata.search(_prepare_text(title), year)
        matches = await self._merge(text, lookup.year, candidates)
        found = await self._films.answer(text, lookup.year, matches)
        is_met = found.unmet_year is None and found.unmet_number is None and not found.unmet
        if found.answer in (Answer.CHOICE, Answer.NONE) and is_met and candidates:
            # The source also compares titles that it doesn't list, such as those of other countries.
            first = await self._find_match(candidates[0])
            matches = [first, *(match for match in matches if match.film_id != first.film_id)]
            film = None if is_source_match(first) else await self._films.repository.get(first.film_id)
            found = replace(
                found, answer=Answer.GUESS, film=film, match=first, others=(), has_more=len(matches) > 1
            )
        return replace(found, source=SourceState.ANSWERED)

    async def _add_film(self, found: Lookup) -> Lookup:
        """Return the look-up with its film in the catalogue, added if only the source has it."""
        if found.match is None or not is_source_match(found.match):
            return found
        film = await self._metadata.ingest(found.match.film_id.partition(":")[2])
        if film is None:
            return Lookup(found.text, found.year, is_reference=found.is_reference, source=SourceState.DOWN)
        return replace(found, film=film, match=found.match._replace(film_id=film.id))

    async def _merge(self, text: str, year: int | None, candidates: list[Candidate]) -> list[Match]:
        """Return the catalogue's matches and the source's candidates in one list, best first, each film once."""
        index, source = self._films.index, self._metadata.source
        languages = get_title_languages()
        local = index.search(text, MATCHES_LIMIT, year, locale_keys=languages)
        if source is None or not candidates:
            return local
        entries = {match.film_id: entry for match in local if (entry := index.get(match.film_id)) is not None}
        known = await self._films.repository.find_film_ids(source.name, [each.source_id for each in candidates])
        titles = {
            _title_key(name, entry.year)
            for entry in entries.values()
            for name in (entry.title, entry.original_title)
        }
        for position, candidate in enumerate(candidates):
            film_id = known.get(candidate.source_id)
            if film_id is not None:
                if (entry := index.get(film_id)) is not None:
                    entries.setdefault(film_id, entry)
            elif not titles & {
                _title_key(name, candidate.year) for name in (candidate.title, candidate.original_title)
            }:
                entry = _create_entry(source.name, candidate, position)
                entries[entry.film_id] = entry
        return index.rank(entries.values(), text, MATCHES_LIMIT, year, locale_keys=languages)

    async def _find_match(self, candidate: Candidate) -> Match:
        """Return the source's candidate as a match, under the catalogue's id if it is one of its films."""
        source = self._metadata.source
        name = source.name if source is not None else ""
        known = await self._films.repository.find_film_ids(name, [candidate.source_id])
        film_id = known.get(candidate.source_id, f"{name}:{candidate.source_id}")
        return Match(
            film_id,
            candidate.title,
            candidate.original_title,
            candidate.year,
            (),
            score=0.0,
            matched=candidate.title,
            kind=MatchKind.FORGIVEN,
        )


def _prepare_text(text: str) -> str:
    return clean_line(text)[:SOURCE_TEXT_LIMIT]


def _title_key(title: str, year: int | None) -> tuple[str, int | None]:
    return transliterate(fold(title)), year


def _create_entry(source: str, candidate: Candidate, position: int) -> TitleEntry:
    """Return the candidate as an entry of the title index; of equally famous ones the source's order is kept."""
    return TitleEntry(
        film_id=f"{source}:{candidate.source_id}",
        title=candidate.title,
        original_title=candidate.original_title,
        year=candidate.year,
        fame=candidate.fame + 1 / (1 + position),
    )
