"""What a member typed, taken apart: the title and the year."""

import re
from dataclasses import dataclass

from bot.films.titles.normalise import QUERY_LIMIT, bare, fold, transliterate

FIRST_YEAR, LAST_YEAR = 1874, 2100
_TRAILING_YEAR = re.compile(r"^(?P<title>.+?)[\s,(\[]+(?P<year>\d{4})[\s)\]]*$")


@dataclass(frozen=True, slots=True)
class TitleQuery:
    """A query in the forms that are compared: as typed, in Latin letters, without article and numerals."""

    folded: str
    latin: str
    bare: str
    year: int | None

    @property
    def empty(self) -> bool:
        """Whether nothing is left of it that could be searched for."""
        return not self.folded


def parse(text: str, year: int | None = None) -> TitleQuery:
    """Take `text` apart; a `year` given apart from it is kept as it is."""
    folded = fold(text)
    latin = transliterate(folded)
    return TitleQuery(folded, latin, bare(latin), year)


def split_year(text: str) -> tuple[str, int | None]:
    """Give the title and the year of a text that ends in a plausible year, else the text and None."""
    found = _TRAILING_YEAR.match(text[:QUERY_LIMIT].strip())
    if found and FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        return found["title"], int(found["year"])
    return text, None
