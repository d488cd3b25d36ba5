"""What a member typed, taken apart: the title and the year."""

import re
from dataclasses import dataclass, replace
from functools import cached_property

from bot.core.text.folding import TEXT_LIMIT, fold, strip_marks, transliterate
from bot.search.normalisation import BREAK, remove_spaces, shorten_words

FIRST_YEAR, LAST_YEAR = 1874, 2100
_TRAILING_YEAR = re.compile(r"^(?P<title>.+?)[\s,(\[]+(?P<year>\d{4})[\s)\]]*$")


ARTICLES = (
    "the", "a", "an", "le", "la", "les", "un", "une", "el", "los", "las", "una", "il", "lo", "gli", "uno", "der",
    "das", "ein", "eine", "het", "een",
)  # fmt: skip
"""Articles that titles begin with and that members leave out; `die` and `i` are words of English titles, too."""
TELLING_WORD = 5
"""Letters of a first word that tells that an article is left out, whatever comes after it."""
LONGEST_ARTICLE = max(map(len, ARTICLES))


@dataclass(frozen=True)
class TitleQuery:
    """A query in the forms that are compared: folded in its own script, and in Latin letters.

    `ended`: a space was typed after it, so that its last word is whole.
    """

    folded: str
    latin: str
    year: int | None
    ended: bool = False

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
    def articles(self) -> tuple[str, ...]:
        """The articles, each with a space, that a title may begin with and the query does not.

        None that the query begins with or is the beginning of: `thering` and `th` mean `the ring`.
        """
        joined = self.joined
        return tuple(
            f"{article} "
            for article in ARTICLES
            if not (joined.startswith(article) or article.startswith(joined) or article in self.words)
        )

    def bared(self, key: str) -> str:
        """Give a key without its article (`the ring`, `ring the`), where it begins as the query does then."""
        if key.startswith(self.articles):
            rest = key[key.index(" ") + 1 :]
            if len(self.words[0]) >= TELLING_WORD and rest.replace(BREAK, " ").startswith(f"{self.words[0]} "):
                return rest
        else:
            rest = key.removesuffix(" the") if "the " in self.articles else key
        return rest if remove_spaces(rest).startswith(self.joined) else key

    @cached_property
    def canonical(self) -> str:
        """The query with its numerals as digits."""
        return shorten_words(self.latin)


def parse(text: str, year: int | None = None) -> TitleQuery:
    """Take `text` apart; a `year` given apart from it is kept as it is."""
    folded = fold(text)
    return TitleQuery(folded, transliterate(folded), year, ended=text[-1:].isspace())


def without_marks(query: TitleQuery) -> TitleQuery | None:
    """Give the query without any mark of its script, or None where that makes no difference."""
    if query.folded.isascii():
        return None
    latin = transliterate(fold(strip_marks(query.folded)))
    return replace(query, latin=latin) if latin and latin != query.latin else None


def split_year(text: str) -> tuple[str, int | None]:
    """Give the title and the year of a text that ends in a plausible year, else the text and None."""
    found = _TRAILING_YEAR.match(text[:TEXT_LIMIT].strip())
    if found and FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        return found["title"], int(found["year"])
    return text, None
