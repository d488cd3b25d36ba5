"""Words that a server refuses: keyword rules as Discord's AutoMod has them.

How keywords match is described at https://discord.com/developers/docs/resources/auto-moderation ("Keyword
Matching Strategies"): whole words, ignoring case; `*` at an end matches any letters there.
"""

import itertools
import threading
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import re2
import regex
from cachetools import LRUCache, cached

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.i18n import _

WORDS_LIMIT, WORD_LENGTH_LIMIT = 200, 60
PATTERN_SECONDS, CHECK_SECONDS = 0.05, 0.5
"""Time limits of one pattern and of all together: some take exponential time on a text written for that."""
PATTERN_LENGTH_LIMIT, PATTERNS_LIMIT = 260, 60
"""Discord's own limits: characters of a pattern, and patterns of a server (six rules of ten)."""
PATTERN_MEMORY_LIMIT = 256 * 1024
"""Bytes that RE2 may take for one pattern: about 11,000 instructions, compiled by `regex` in 0.1 s to 0.7 MiB."""
SERVER_SIZE_LIMIT, CACHE_SIZE_LIMIT = 40_000, 250_000
"""RE2 instructions of all patterns of one server, and of all patterns in memory. One takes at most 250 bytes."""
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Default_Ignorable_Code_Point}]")
"""What Unicode says is not shown: zero-width characters, variation selectors, joiners and fillers."""
_LOOKALIKES = str.maketrans(
    "авгекмнорстухіјѕԁԛԝһӏαβεζηικμνορτυχωıłøđħŧ",
    "abrekmhopctyxijsdqwhlabeznikmvoptuxwilodht",
)
"""Letters of other alphabets that look like Latin ones, from Unicode's confusables (UTS #39)."""
_DIGITS = str.maketrans("034579@$!", "oeastgasi")
"""Digits and signs that stand for letters inside a word; 1 may be an l or an i."""
_MIXED_WORD = regex.compile(r"(?:[\w@$]|!(?=\w))+")


class RefusedWordsError(MarqueeError):
    """A text with words that the server refuses; `match` is what was found in it."""

    def __init__(self, match: str) -> None:
        super().__init__(_("This server doesn't allow some of these words. Rewrite it and try again."))
        self.match = match


@dataclass(frozen=True, slots=True)
class WordRule:
    """Words and regular expressions that are refused, and words that are allowed although they match."""

    keywords: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    def find_match(self, text: str, deadline: float | None = None) -> str | None:
        """Return what the text is refused for, or None; no pattern runs past `deadline` (time.monotonic)."""
        deadline = time.monotonic() + CHECK_SECONDS if deadline is None else deadline
        folded = fold_lookalikes(text)
        spellings = dict.fromkeys((_strip_invisible(text), folded))
        with_letters = dict.fromkeys((fold_digits(folded, one="l"), fold_digits(folded, one="i")))
        found = itertools.chain(
            *(self._find_all(spelling, deadline) for spelling in spellings),
            *(self._find_keywords(spelling) for spelling in with_letters if spelling not in spellings),
        )
        for match in found:
            if not any(_compile_keyword(word).search(match) for word in self.allowed):
                return match
        return None

    def _find_keywords(self, text: str) -> Iterable[str]:
        for word in self.keywords:  # no keyword can take long
            yield from (match[0] for match in _compile_keyword(word).finditer(text) if match[0])

    def _find_all(self, text: str, deadline: float) -> Iterable[str]:
        yield from self._find_keywords(text)
        for pattern in filter(None, (_compile_pattern(each).pattern for each in self.patterns)):
            remaining = min(PATTERN_SECONDS, deadline - time.monotonic())
            if remaining <= 0:
                return
            try:
                # `concurrent` releases the GIL: a slow pattern would stop the whole process.
                matches = pattern.finditer(text, timeout=remaining, concurrent=True)
                yield from (match[0] for match in matches if match[0])
            except TimeoutError:
                continue


def check_words(text: str, rules: Iterable[WordRule]) -> None:
    """Raise RefusedWordsError if one of the rules refuses the text.

    It can take half a second if a server's patterns are slow: call it in a thread.
    """
    deadline = time.monotonic() + CHECK_SECONDS
    for rule in rules:
        if (match := rule.find_match(text, deadline)) is not None:
            raise RefusedWordsError(match)


def find_unusable_patterns(patterns: Iterable[str]) -> list[str]:
    """Return those of a server's patterns that are not checked: they are invalid, too large, or too many.

    It can take seconds for patterns written for that: call it in a thread.
    """
    unusable, total = [], 0
    for number, pattern in enumerate(dict.fromkeys(patterns)):
        compiled = _compile_pattern(pattern) if number < PATTERNS_LIMIT else _CompiledPattern(None)
        if compiled.pattern is None or total + compiled.size > SERVER_SIZE_LIMIT:
            unusable.append(pattern)
        else:
            total += compiled.size
    return unusable


def parse_words(text: str) -> tuple[str, ...]:
    """Return the words of a list, separated by commas or line breaks.

    A word that differs from another by capitals alone is left out. Raises InvalidInputError for no words, too many
    or too long ones.
    """
    unique = {
        word.strip().casefold(): word.strip()
        for word in reversed(text.replace("\n", ",").split(","))
        if word.strip("* \t")
    }
    words = tuple(reversed(unique.values()))
    if not words:
        raise InvalidInputError(_("Enter words separated by commas, or “none” to block none."))
    if len(words) > WORDS_LIMIT or any(len(word) > WORD_LENGTH_LIMIT for word in words):
        raise InvalidInputError(
            _("Enter up to {count} words of up to {length} characters each.").format(
                count=WORDS_LIMIT, length=WORD_LENGTH_LIMIT
            )
        )
    return words


def fold_lookalikes(text: str) -> str:
    """Return the text in lower case, without marks, other alphabets' letters as the Latin ones they look like."""
    decomposed = unicodedata.normalize("NFKD", _strip_invisible(text))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).translate(_LOOKALIKES)


def fold_digits(text: str, *, one: str) -> str:
    """Return the folded text with the digits inside of words as the letters they look like, `1` as `one`.

    A number stays as it is, so that 100 is not “loo”.
    """

    def fold_word(match: "regex.Match[str]") -> str:
        word: str = match[0]
        return word.translate(_DIGITS).replace("1", one) if any(map(str.isalpha, word)) else word

    return str(_MIXED_WORD.sub(fold_word, text))


def _strip_invisible(text: str) -> str:
    """Return the text in lower case, without invisible characters."""
    return str(_INVISIBLE.sub("", text)).casefold()


@lru_cache(maxsize=4_096)
def _compile_keyword(word: str) -> "regex.Pattern[str]":
    """Return the pattern of a keyword: a whole word, open at an end that has a `*`."""
    bare = word.strip("*")
    spellings = "|".join(
        regex.escape(each) for each in dict.fromkeys((_strip_invisible(bare), fold_lookalikes(bare)))
    )
    before = r"\w*" if word.startswith("*") else r"(?<!\w)"
    after = r"\w*" if word.endswith("*") else r"(?!\w)"
    return regex.compile(f"{before}(?:{spellings}){after}")


@dataclass(frozen=True, slots=True)
class _CompiledPattern:
    """A pattern, None if it is refused, and its size in RE2's instructions."""

    pattern: "regex.Pattern[str] | None"
    size: int = 1


@cached(LRUCache[str, _CompiledPattern](CACHE_SIZE_LIMIT, lambda each: each.size), lock=threading.Lock())
def _compile_pattern(pattern: str) -> _CompiledPattern:
    """Return a rule's own pattern, or none if it is too large or not in AutoMod's dialect.

    AutoMod's patterns are in the dialect of Rust's regular expressions. RE2 has nearly the same, and compiles
    within a limit: `regex` would take gigabytes for `a{99999999}`. RE2 does not search, because it knows no word
    but of ASCII letters, where Rust and `regex` know those of all alphabets.
    """
    options = re2.Options()
    options.max_mem, options.log_errors = PATTERN_MEMORY_LIMIT, False
    options.case_sensitive, options.never_capture = False, True
    if len(pattern) > PATTERN_LENGTH_LIMIT:
        return _CompiledPattern(None)
    try:
        size = max(1, re2.compile(pattern, options).programsize)
        return _CompiledPattern(regex.compile(pattern, regex.IGNORECASE), size)
    except (re2.error, regex.error, UnicodeEncodeError, RecursionError):
        return _CompiledPattern(None)
