"""A text as words and breaks, and which of its words a rule of the grammar has read already."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.core.text.folding import fold


def compile_wrapped(lines: str) -> re.Pattern[str]:
    """Return a pattern that is written over several lines; what stands around a line belongs to none."""
    return re.compile("".join(line.strip() for line in lines.splitlines()))


_TOKEN = re.compile(r"<@!?\d+>|@\w+|[^\W_]+(?:['’`´][^\W_]+)*\+?|[,;:.!?…/()\-–—\"“”]", re.UNICODE)
_MENTION = re.compile(r"<@!?(\d+)>")
_DASHES = frozenset("-–—")
BREAKS = frozenset(',;:.!?…()"“”')
CLAUSE_BREAKS = BREAKS | {"but", "just", "instead", "though", "because", "however", "rather"}


@dataclass(slots=True)
class Text:
    """The tokens of a text: folded words, breaks as they stand, mentions as `@`.

    `raw` are the tokens as typed. `used` says for each whether a rule has read it. `foreign_words` are the small
    words of the language that the text is in, None for English.
    """

    words: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    used: list[bool] = field(default_factory=list)
    member_ids: list[int] = field(default_factory=list)
    source: str = ""
    foreign_words: frozenset[str] | None = None

    def __len__(self) -> int:
        return len(self.words)

    def use(self, start: int, end: int) -> None:
        """Mark the tokens from `start` to before `end` as read."""
        self.used[start:end] = [True] * (end - start)

    def is_free(self, start: int, end: int) -> bool:
        """Return whether no token of the span has been read."""
        return not any(self.used[start:end])

    def phrase(self, start: int, end: int) -> str:
        """Return the folded words of a span."""
        return " ".join(self.words[start:end])

    def typed(self, start: int, end: int) -> str:
        """Return a span as it was typed."""
        return self.source[self.starts[start] : self.starts[end - 1] + len(self.raw[end - 1])]

    def find(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, int, re.Match[str]]]:
        """Yield the matches of `pattern` in the folded text that lie on unread tokens: start, end, match."""
        joined, places = "", []
        for index, word in enumerate(self.words):
            places.append(len(joined))
            joined += (word if not self.used[index] else "¦") + " "
        for match in pattern.finditer(joined):
            start = sum(place <= match.start() for place in places) - 1
            end = sum(place < match.end() for place in places)
            yield start, end, match


def read_tokens(source: str) -> Text:
    """Return the tokens of a text."""
    text = Text(source=source)
    for match in _TOKEN.finditer(source):
        if mention := _MENTION.fullmatch(match[0]):
            text.member_ids.append(int(mention[1]))
        for piece in _read_token(match[0], source[: match.start()], source[match.end() :]):
            text.words.append(piece)
            text.raw.append(match[0])
            text.starts.append(match.start())
            text.used.append(False)
    return text


def _read_token(typed: str, before: str, after: str) -> list[str]:
    """Return the words that a token is, with what stands before and after it in the text."""
    if typed.startswith(("<@", "@")):
        return ["@"]
    is_range = before[-1:].isdigit() and after[:1].isdigit()
    if typed in _DASHES:
        if is_range:
            return ["-"]
        return [","] if before[-1:].isspace() or after[:1].isspace() else []
    if typed in BREAKS or typed == "/":
        return [] if typed == "." and is_range else [typed]
    pieces = (fold(typed).split() or [typed.lower()])[:4]
    if typed.endswith("+"):
        pieces[-1] += "+"
    return pieces


def longest_phrases(text: Text, phrases: "Phrases") -> Iterator[tuple[int, int, str]]:
    """Yield the longest phrases of the table on unread tokens, from left to right: start, end, phrase."""
    start = 0
    while start < len(text):
        for length in range(min(phrases.longest, len(text) - start), 0, -1):
            if text.is_free(start, start + length) and text.phrase(start, start + length) in phrases.known:
                yield start, start + length, text.phrase(start, start + length)
                start += length - 1
                break
        start += 1


class Phrases:
    """A set of phrases and the number of words in the longest."""

    def __init__(self, known: Sequence[str] | dict[str, object]) -> None:
        self.known = frozenset(known)
        self.longest = max((phrase.count(" ") + 1 for phrase in self.known), default=0)
