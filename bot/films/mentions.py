"""Films that the text of a message names: by title, by id or by address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.text.folding import fold
from bot.films.models import parse_reference
from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry

LONGEST_TITLE = 10
"""Words of the longest title that is looked for."""
TEXT_LIMIT = 4_000
"""Characters of a message that are read."""
KNOWN_FAME = 25.0
"""What a film needs for one word of its title in mid-text to mean it."""
_SPACES, _LINE_BREAKS = re.compile(r"[^\S\n]+"), re.compile(r" ?\n[ \n]*")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_DISCORD_MARKUP = re.compile(r"<(?:a?:\w+:|[@#&!/:]|t:)[^>\n]*>|\|\|")
_ADDRESS = re.compile(r"<?https?://[^\s<>]+>?|\b(?:tt\d{7,9}|tmdb:\d+|imdb:tt\d+)\b")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_MARKED = re.compile(
    r"[\"“„«]([^\"”“»\n]{1,100})[\"”“»]|(?:\*{1,3}|_{1,2})([^*_\n]{1,100})(?:\*{1,3}|_{1,2})|\[([^\]\n]{1,100})\]"
)
_LIST_MARK = re.compile(r"^\s*(?:>+\s*)?(?:#{1,3}\s+)?(?:[-*+•–]\s+|\d{1,3}[.)]\s+)?")
_YEAR_BEHIND = re.compile(r"\s*,?\s*[(\[](1[89]\d\d|20\d\d)[)\]]")
_RATING_BEHIND = re.compile(r"\s*[-–—:|,]?\s*(?:[★⭐½*]{1,10}+|\d{1,2}(?:[.,]5)?\s*/\s*\d{1,2})?\s*$")
_SENTENCE_END = re.compile(r"[.!?…:;]\s|\n|[()]|\s[-–—]\s|[,;]\s")
"""What stands before the first word of a sentence or a part of one."""
_SPAN_END = re.compile(r"[!?…;()\n]|\.\s")
"""What no title found in mid-text reaches over; a marked one or a line of its own may have it inside."""
SEARCHES_LIMIT = 600
"""Phrases of one message that are looked up, each in about a seventh of a millisecond."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL_WORDS = _words("a an and at by for from in into is la le les der die das of on or the to und with y")
_PRONOUNS = _words("i it he she her his him us we you they them this that these those here there")
"""Words that are titles too; as the first of a sentence they are not taken for one."""
_CUES = _words(
    """
    watch watched watching rewatch rewatched saw see seen seeing love loved like liked enjoyed
    recommend recommended film movie called
    """
)
"""Words before a title, which may be in small letters there."""


@dataclass(frozen=True, slots=True)
class NamedFilms:
    """What a text names: films of the title index, the surest first, and ids and addresses to look up."""

    films: tuple[TitleEntry, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Mention:
    """A title in the text, from `start` to `end`; `sureness` orders mentions."""

    start: int
    end: int
    film: TitleEntry
    sureness: int


class _Titles:
    """Looks phrases of one message up, each once and only so many."""

    def __init__(self, index: TitleIndex) -> None:
        self._index = index
        self._found: dict[str, list[TitleEntry]] = {}

    def find(self, title: str, year: int | None) -> TitleEntry | None:
        """Return the most famous film of that very title, of that year or one beside it; None if there is none."""
        films = self._found.get(title)
        if films is None:
            if len(self._found) >= SEARCHES_LIMIT:
                return None
            films = self._found[title] = self._index.find_by_title(title)
        if year is None:
            return max(films, key=lambda film: film.fame, default=None)
        near = [(abs(film.year - year), -film.fame, film) for film in films if film.year is not None]
        distance, _, film = min(near, key=lambda each: each[:2], default=(2, 0.0, None))
        return film if distance <= 1 else None


def find_named_films(text: str, index: TitleIndex, limit: int = 10) -> NamedFilms:
    """Return the films that a message names, at most `limit` of each kind.

    A title counts if it is the very title, and where it is a line or a list's item of its own, in quotation marks,
    italics or bold type, with its year behind it, behind a word such as `watched`, or written with capitals.
    """
    text = _blank(_CODE, text[:TEXT_LIMIT])
    text = _blank(_DISCORD_MARKUP, text)
    addresses = [
        address
        for address in _ADDRESS.findall(text)
        if (reference := parse_reference(address)) is not None and (reference.ids or reference.title)
    ]
    # Runs of spaces cost patterns with several `\s*` a time that grows with their cube.
    text = _LINE_BREAKS.sub("\n", _SPACES.sub(" ", _blank(_ADDRESS, text)))
    titles = _Titles(index)
    mentions: list[_Mention] = []
    for mention in (*_find_marked(text, titles), *_find_lines(text, titles), *_find_in_sentences(text, titles)):
        if all(mention.end <= other.start or other.end <= mention.start for other in mentions):
            mentions.append(mention)
    mentions.sort(key=lambda mention: (-mention.sureness, mention.start))
    films = {mention.film.film_id: mention.film for mention in reversed(mentions)}
    return NamedFilms(tuple(reversed(films.values()))[:limit], tuple(dict.fromkeys(addresses))[:limit])


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """Return the text with what the pattern matches replaced by as many spaces."""
    return pattern.sub(lambda match: " " * len(match.group()), text)


def _find_marked(text: str, titles: "_Titles") -> Iterator[_Mention]:
    """Yield titles in quotation marks, brackets, italics or bold type."""
    for match in _MARKED.finditer(text):
        group = next(number for number in (1, 2, 3) if match[number] is not None)
        title, year = _split_year_behind(match[group], text[match.end() :])
        if (film := titles.find(title, year)) is not None:
            yield _Mention(match.start(), match.end(), film, 100)


def _find_lines(text: str, titles: "_Titles") -> Iterator[_Mention]:
    """Yield titles that are a line of their own, such as the items of a list."""
    start = 0
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n")
        body = body[_matched_length(_LIST_MARK, body) :]
        plain = _RATING_BEHIND.sub("", body).strip(' *_"“”')
        title, year = _split_year_behind(plain, "")
        if title and (film := titles.find(title, year)) is not None:
            yield _Mention(start, start + len(line), film, 100)
        start += len(line)


def _find_in_sentences(text: str, titles: "_Titles") -> Iterator[_Mention]:
    """Yield titles among other words, each the longest that begins at its word."""
    words = list(_WORD.finditer(text))
    position = 0
    while position < len(words):
        found = _find_at(text, words, position, titles)
        if found is None:
            position += 1
        else:
            mention, count = found
            yield mention
            position += count


def _find_at(
    text: str, words: list[re.Match[str]], position: int, titles: "_Titles"
) -> tuple[_Mention, int] | None:
    """Return the longest title that begins at that word, and how many words it has."""
    first = words[position]
    gap = text[words[position - 1].end() : first.start()] if position else "\n"
    begins_sentence = not position or _SENTENCE_END.search(f"{gap} ") is not None
    is_after_cue = not begins_sentence and fold(words[position - 1].group()) in _CUES
    if not (is_after_cue or _is_title_case(first.group())):
        return None
    longest = 1
    while longest < LONGEST_TITLE and position + longest < len(words):
        between = text[words[position + longest - 1].end() : words[position + longest].start()]
        if len(between) > 4 or _SPAN_END.search(between):
            break
        longest += 1
    for count in range(longest, 0, -1):
        span = words[position : position + count]
        end = span[-1].end()
        year_behind = _YEAR_BEHIND.match(text, end)
        is_marked_by_case = all(
            _is_title_case(word.group()) or fold(word.group()) in _SMALL_WORDS for word in span
        ) and _is_title_case(span[-1].group())
        if year_behind is None and not is_marked_by_case and not (is_after_cue and count > 1):
            continue
        year = None if year_behind is None else int(year_behind[1])
        film = titles.find(text[first.start() : end], year)
        if film is None:
            continue
        if count == 1 and year is None:
            word = fold(first.group())
            if film.fame < KNOWN_FAME or word in _SMALL_WORDS or (begins_sentence and word in _PRONOUNS):
                continue
        is_sure_word = count > 1 or year is not None or not begins_sentence
        sureness = 60 + min(count, 5) + (20 if year is not None else 0) - (0 if is_sure_word else 30)
        end = end if year_behind is None else year_behind.end()
        return _Mention(first.start(), end, film, sureness), count
    return None


def _split_year_behind(title: str, behind: str) -> tuple[str, int | None]:
    """Return the title and the year in brackets at its end, or else at the beginning of what stands behind it."""
    match = re.search(r"^(.*\S)\s*,?\s*[(\[](1[89]\d\d|20\d\d)[)\]]\s*$", title)
    if match is not None:
        return match[1], int(match[2])
    year = _YEAR_BEHIND.match(behind)
    return title.strip(), None if year is None else int(year[1])


def _is_title_case(word: str) -> bool:
    """Return whether the word begins with a capital, a figure, or a letter of a script without small letters."""
    return not word[0].islower()


def _matched_length(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return 0 if match is None else match.end()
