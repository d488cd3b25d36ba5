"""Words that a server does not want: keyword rules as Discord's AutoMod has them.

How keywords match is described at https://discord.com/developers/docs/resources/auto-moderation ("Keyword
Matching Strategies"): whole words without regard to case; `*` at an end lets the word go on there.
"""

import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import regex

from bot.core.errors import InvalidInputError, MarqueeError

WORDS_LIMIT, WORD_LENGTH = 200, 60
PATTERN_SECONDS, CHECK_SECONDS = 0.05, 0.5
"""How long one pattern may take, and all of them together: some take for ever on a text made for it."""
_UNSEEN = regex.compile(r"[\p{Cf}\p{Default_Ignorable_Code_Point}]")
"""What Unicode says is not shown: zero-width characters, and variation selectors, joiners and fillers besides."""
_LOOKALIKES = str.maketrans(
    "авгекмнорстухіјѕԁԛԝһӏαβεζηικμνορτυχωıłøđħŧ",
    "abrekmhopctyxijsdqwhlabeznikmvoptuxwilodht",
)
"""Letters of other alphabets that look like Latin ones, after the shapes in Unicode's confusables."""


class RefusedWordsError(MarqueeError):
    """A text with words that the server does not want."""

    def __init__(self, found: str) -> None:
        super().__init__("This server does not want that wording, so it was not stored. Say it in other words.")
        self.found = found


@dataclass(frozen=True, slots=True)
class WordRule:
    """Words and patterns that are refused, and words that are not although they match."""

    keywords: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    def find(self, text: str, until: float | None = None) -> str | None:
        """Give what the text is refused for, or None; patterns are not tried past `until` (time.monotonic)."""
        until = time.monotonic() + CHECK_SECONDS if until is None else until
        for shape in dict.fromkeys((_plain(text), fold(text))):
            for found in self._matches(shape, until):
                if not any(_keyword(word).search(found) for word in self.allowed):
                    return found
        return None

    def _matches(self, shape: str, until: float) -> Iterable[str]:
        for word in self.keywords:  # no keyword can take long
            yield from (match[0] for match in _keyword(word).finditer(shape) if match[0])
        for pattern in filter(None, map(_pattern, self.patterns)):
            left = min(PATTERN_SECONDS, until - time.monotonic())
            if left <= 0:
                return
            try:
                # Others run on meanwhile: a pattern on its own would hold the whole process.
                found = pattern.finditer(shape, timeout=left, concurrent=True)
                yield from (match[0] for match in found if match[0])
            except TimeoutError:
                continue


def check_words(text: str, rules: Iterable[WordRule]) -> None:
    """Raise RefusedWordsError where one of the rules refuses the text.

    It may take half a second where a server's patterns are bad ones: call it in a thread.
    """
    until = time.monotonic() + CHECK_SECONDS
    for rule in rules:
        if (found := rule.find(text, until)) is not None:
            raise RefusedWordsError(found)


def parse_words(text: str) -> tuple[str, ...]:
    """Give the words of a list, separated by commas or lines. Raises InvalidInputError for too many."""
    words = tuple(dict.fromkeys(word.strip() for word in text.replace("\n", ",").split(",") if word.strip("* \t")))
    if len(words) > WORDS_LIMIT or any(len(word) > WORD_LENGTH for word in words):
        raise InvalidInputError(f"At most {WORDS_LIMIT} words of at most {WORD_LENGTH} characters each.")
    return words


def fold(text: str) -> str:
    """Give the text as its letters look: small, without marks, those of other alphabets as what they are like."""
    shape = unicodedata.normalize("NFKD", _plain(text))
    return "".join(letter for letter in shape if not unicodedata.combining(letter)).translate(_LOOKALIKES)


def _plain(text: str) -> str:
    """Give the text in small letters, without characters that nobody sees."""
    return str(_UNSEEN.sub("", text)).casefold()


@lru_cache(maxsize=4_096)
def _keyword(word: str) -> "regex.Pattern[str]":
    """Give the pattern of a keyword; a letter before or behind it makes it another word, where no `*` is."""
    bare = word.strip("*")
    either = "|".join(regex.escape(each) for each in dict.fromkeys((_plain(bare), fold(bare))))
    before = r"\w*" if word.startswith("*") else r"(?<!\w)"
    behind = r"\w*" if word.endswith("*") else r"(?!\w)"
    return regex.compile(f"{before}(?:{either}){behind}")


@lru_cache(maxsize=4_096)
def _pattern(pattern: str) -> "regex.Pattern[str] | None":
    """Give a rule's own pattern, or None where it can't be read here: AutoMod's are in Rust's dialect."""
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except regex.error:
        return None
