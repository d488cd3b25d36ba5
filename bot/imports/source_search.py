"""Finds films of members' files that the catalogue lacks at the metadata source (TMDB)."""

from collections.abc import Sequence

from bot.core.text.folding import fold, transliterate
from bot.core.text.formatting import clean_line
from bot.films.metadata import Candidate, SourceGoneError, SourceUnavailableError
from bot.films.metadata_service import MetadataService
from bot.imports.history import NamedFilm
from bot.imports.matching import YEAR_TOLERANCE

SEARCHED_TITLE_LIMIT = 200
"""Characters of a title that the source is asked for."""
FAME_MARGIN = 20.0
"""How much more famous a film must be than others of the same title and year to be the one that is meant."""


class SourceSearch:
    """Asks the source about one film after the other, and adds what it surely is to the catalogue."""

    def __init__(self, metadata: MetadataService) -> None:
        self._metadata = metadata

    @property
    def is_enabled(self) -> bool:
        """Whether there is a source to ask."""
        return self._metadata.is_enabled

    async def find(self, film: NamedFilm) -> str | None:
        """Return the catalogue's id of the film, which is added if it is new, or None if it isn't surely found.

        An id that the file has is the only thing that is asked for. Raises SourceError if the source can't answer.
        """
        try:
            if film.ids:
                source_id = await self._metadata.find_by_ids(film.ids)
            else:
                found = await self._metadata.search(clean_line(film.title)[:SEARCHED_TITLE_LIMIT], film.year)
                candidate = choose_candidate(film, found)
                source_id = candidate.source_id if candidate is not None else None
            if source_id is None:
                return None
            added = await self._metadata.ingest(source_id)
        except SourceGoneError:
            return None
        if added is None:
            raise SourceUnavailableError("a film could not be fetched")
        return added.id


def choose_candidate(film: NamedFilm, candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the one candidate with the film's title and year, or None where that isn't sure.

    The neighbouring years count where the year itself has none: sources date festivals and releases differently.
    """
    titles = set(map(_title_key, filter(None, (film.title, film.original_title))))
    same = [each for each in candidates if titles & {_title_key(each.title), _title_key(each.original_title)}]
    if film.year is not None:
        of_year = [each for each in same if each.year == film.year]
        near = [each for each in same if each.year is not None and abs(each.year - film.year) <= YEAR_TOLERANCE]
        same = of_year or near
    if len(same) < 2:
        return same[0] if same else None
    first, second, *_ = sorted(same, key=lambda each: -each.fame)
    return first if film.year is not None and first.fame >= second.fame + FAME_MARGIN else None


def _title_key(title: str) -> str:
    return transliterate(fold(title))
