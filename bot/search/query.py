"""What a member typed, read as a title and a year."""

import re
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bot.core.text.folding import TEXT_LIMIT, strip_marks, transliterate
from bot.search.index import UNMARKED, IndexArrays, NameIds, compute_signature
from bot.search.normalisation import BREAK, fold_title, list_numbers, remove_spaces, shorten_words
from bot.search.wordings import loosen_text

FIRST_YEAR, LAST_YEAR = 1874, 2100
_TRAILING_YEAR = re.compile(r"^(?P<title>.+?)[\s,(\[]+(?P<year>\d{4})[\s)\]]*$")
ARTICLES = (
    "the", "a", "an", "le", "la", "les", "un", "une", "el", "los", "las", "una", "il", "lo", "gli", "uno", "der",
    "das", "ein", "eine", "het", "een", "os", "as", "l",
)  # fmt: skip
"""Articles that titles begin with and that members leave out; `die` and `i` are words of English titles, too."""
LONGEST_ARTICLE = max(map(len, ARTICLES))
DISTINCTIVE_WORD_LENGTH = 5
"""A first word of so many letters or more shows that an article is left out, whatever comes after the word."""


@dataclass(frozen=True)
class TitleQuery:
    """A query in the forms that are compared: folded in its own script, and in Latin letters.

    `ends_with_space`: a space was typed at the end, so the last word is complete.
    """

    folded: str
    latin: str
    year: int | None
    ends_with_space: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is no letter or digit to search for."""
        return not self.latin

    @cached_property
    def compact(self) -> str:
        """The query without spaces."""
        return self.latin.replace(" ", "")

    @cached_property
    def compact_without_article(self) -> str:
        """The query without spaces and without an English article at its beginning."""
        words = self.words[1:] if self.words[0] in ("the", "a", "an") and len(self.words) > 1 else self.words
        return "".join(words)

    @cached_property
    def loose(self) -> str:
        """The query in its loose form, without spaces: what `find_wording` compares with parts of titles."""
        return loosen_text(self.latin)

    @cached_property
    def words(self) -> list[str]:
        """The words of the query."""
        return self.latin.split(" ")

    @cached_property
    def short_form(self) -> str:
        """The query with each word in its shortest form, numerals as digits."""
        return shorten_words(self.latin)

    @cached_property
    def numbers(self) -> list[str]:
        """The numbers in the query, as digits."""
        return list_numbers(self.latin)

    @cached_property
    def missing_articles(self) -> tuple[str, ...]:
        """The articles, each followed by a space, that a title may begin with and the query does not.

        Without those that the query begins with or is the beginning of: `thering` and `th` mean `the ring`.
        """
        compact = self.compact
        return tuple(
            f"{article} "
            for article in ARTICLES
            if not (compact.startswith(article) or article.startswith(compact) or article in self.words)
        )

    def remove_article(self, key: str) -> str:
        """Return a key without its article (`the ring`, `ring the`) if it then begins as the query does."""
        if key.startswith(self.missing_articles):
            rest = key[key.index(" ") + 1 :]
            first_word = self.words[0]
            if len(first_word) >= DISTINCTIVE_WORD_LENGTH and rest.replace(BREAK, " ").startswith(
                f"{first_word} "
            ):
                return rest
        elif key.endswith(" the") and "the " in self.missing_articles:
            rest = key.removesuffix(" the")
        else:
            return key
        return rest if remove_spaces(rest).startswith(self.compact) else key


def parse_query(text: str, year: int | None = None) -> TitleQuery:
    """Return the query for a text that is all title, with the year if one is known."""
    folded = fold_title(text)
    return TitleQuery(folded, transliterate(folded), year, ends_with_space=text[-1:].isspace())


def split_year(text: str) -> tuple[str, int | None]:
    """Return title and year of a text that ends in a plausible year, else the text and None."""
    match = _TRAILING_YEAR.match(text[:TEXT_LIMIT].strip())
    if match and FIRST_YEAR <= int(match["year"]) <= LAST_YEAR:
        return match["title"], int(match["year"])
    return text, None


def read_query(text: str, year: int | None) -> tuple[list[TitleQuery], TitleQuery | None]:
    """Return the readings of a text, and the text as one title if its trailing year was split off.

    A trailing year is read as the film's year, but `2012` may be a title and `blade runner 2049` is one. Text in a
    script with marks has a second reading without them.
    """
    title, trailing_year = split_year(text) if year is None else (text, None)
    query = parse_query(text, year) if trailing_year is None else parse_query(title, trailing_year)
    readings = [query]
    if not query.folded.isascii():
        latin = transliterate(fold_title(strip_marks(query.folded)))
        if latin and latin != query.latin:
            readings.append(replace(query, latin=latin))
    whole = parse_query(text) if trailing_year is not None else None
    return [reading for reading in readings if not reading.is_empty], whole


@dataclass(slots=True)
class QueryContext:
    """A query together with the arrays that are searched for it."""

    arrays: IndexArrays
    query: TitleQuery
    signature: np.uint64 = field(init=False)

    def __post_init__(self) -> None:
        self.signature = compute_signature(self.query.compact)

    def count_letter_differences(self, names: NameIds | slice) -> npt.NDArray[np.uint8]:
        """Return in how many letters each name's signature differs from the query's, wherever they stand."""
        differences: npt.NDArray[np.uint8] = np.bitwise_count(self.arrays.signatures[names] ^ self.signature)
        return differences

    def filter_readable(self, names: NameIds) -> NameIds:
        """Return the names without those that lack their script's marks, unless the query is in such a script."""
        is_latin = self.query.folded.isascii()
        return names[self.arrays.name_titles[names] < UNMARKED] if is_latin else names
