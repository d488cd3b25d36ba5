"""What a member typed, taken apart: the title and the year."""

import re
from dataclasses import dataclass
from functools import cached_property

from bot.films.titles.normalise import QUERY_LIMIT, canonical, fold, skeleton, transliterate

FIRST_YEAR, LAST_YEAR = 1874, 2100
_TRAILING_YEAR = re.compile(r"^(?P<title>.+?)[\s,(\[]+(?P<year>\d{4})[\s)\]]*$")


@dataclass(frozen=True)
class TitleQuery:
    """A query in the forms that are compared: folded in its own script, and in Latin letters."""

    folded: str
    latin: str
    year: int | None

    @property
    def empty(self) -> bool:
        """Whether nothing is left of it that could be searched for."""
        return not self.latin

    @cached_property
    def joined(self) -> str:
        """The query without spaces."""
        return self.latin.replace(" ", "")

    @cached_property
    def words(self) -> list[str]:
        """The words of the query."""
        return self.latin.split(" ")

    @cached_property
    def canonical(self) -> str:
        """The query with its numerals as digits."""
        return canonical(self.latin)


def parse(text: str, year: int | None = None) -> TitleQuery:
    """Take `text` apart; a `year` given apart from it is kept as it is."""
    folded = fold(text)
    return TitleQuery(folded, transliterate(folded), year)


def without_marks(query: TitleQuery) -> TitleQuery | None:
    """Give the query without any mark of its script, or None where that makes no difference."""
    if query.folded.isascii():
        return None
    latin = transliterate(fold(skeleton(query.folded)))
    return TitleQuery(query.folded, latin, query.year) if latin and latin != query.latin else None


def split_year(text: str) -> tuple[str, int | None]:
    """Give the title and the year of a text that ends in a plausible year, else the text and None."""
    found = _TRAILING_YEAR.match(text[:QUERY_LIMIT].strip())
    if found and FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        return found["title"], int(found["year"])
    return text, None
