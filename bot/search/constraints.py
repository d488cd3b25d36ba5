"""Words round a title that narrow which film is meant: a year, a country, a language, a genre, `remake`, a person.

`oldboy korean` is read as the title `oldboy` and a constraint, `what was that film called heat` as `heat`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from bot.core.text.origins import COUNTRY_WORDS, LANGUAGE_WORDS, read_decade
from bot.search.normalisation import NUMERALS

MAX_WORDS = 14
"""Words of a text that is read; longer ones are descriptions."""
MAX_READINGS = 8
"""Readings that are tried of one text."""
READINGS_CACHED = 256
"""Texts whose readings are kept: one look-up needs them several times."""
MAX_PERSON_WORDS, MAX_UNKNOWN_WORDS = 3, 3
LEAST_KNOWN_LETTERS = 4
"""Letters that a title has beside unknown words."""
FIRST_YEAR, LAST_YEAR = 1874, 2100
LAST_SHORT_YEAR = 29
"""Two digits up to this mean a year of this century, those above one of the last."""


class ConstraintKind(StrEnum):
    """What a constraint is about."""

    YEAR = "year"
    COUNTRY = "country"
    GENRE = "genre"
    AGE = "age"
    NUMBER = "number"
    PERSON = "person"
    UNKNOWN = "unknown"
    """Words that mean nothing known here."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """What somebody typed beside a title: `text` are the words, the rest what they mean.

    years: the first and the last year. languages, countries: ISO 639-1 and 3166-1 codes, any of which is enough.
    genre: its name; with `is_negated` a film must not be of it. is_newest: of several films with the title the
    newest is meant, with False the oldest. number: the film's in its series.
    """

    kind: ConstraintKind
    text: str
    years: tuple[int, int] | None = None
    languages: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    genre: str = ""
    is_negated: bool = False
    is_newest: bool = False
    number: int = 0

    @property
    def is_single_year(self) -> bool:
        """Whether this is one year rather than a decade or something else."""
        return self.years is not None and self.years[0] == self.years[1]


class Reading(NamedTuple):
    """A text read as a title and what narrows it. `constraints` may be empty: `heat movie` is the title `heat`."""

    words: tuple[str, ...]
    constraints: tuple[Constraint, ...]


def _origin(text: str, languages: str, countries: str) -> Constraint:
    return Constraint(
        ConstraintKind.COUNTRY,
        text,
        languages=frozenset(languages.split()),
        countries=frozenset(countries.split()),
    )


_FURTHER_ORIGINS = {
    "hollywood|us": ("", "US"),
    "english": ("", "GB"),
    "kdrama": ("ko", "KR"),
    "anime": ("ja", "JP"),
    "chinese|china|mandarin": ("zh cn", "CN HK TW"),
    "hong kong|hongkong|cantonese": ("yue", "HK"),
    "spanish": ("es", "ES MX AR CL CO"),
    "norwegian": ("no nb", "NO"),
    "czech": ("cs", "CZ CS XC"),
    "czechoslovak|czechoslovakian|czechoslovakia": ("", "CS XC CZ SK"),
    "serbian|yugoslav": ("sr", "RS YU"),
    "russian|russia|soviet": ("ru", "RU SU"),
    "indian|india|bollywood": ("hi ta te ml kn bn mr pa", "IN"),
    "kannada": ("kn", ""),
    "marathi": ("mr", ""),
    "punjabi": ("pa", ""),
    "pakistani|urdu": ("ur", "PK"),
    "nollywood": ("", "NG"),
}
"""Languages and countries of words that mean more beside a title, or something else, than in `origins`."""
_GENRES = {
    "horror|scary": "Horror", "comedy|funny": "Comedy", "thriller": "Thriller", "action": "Action",
    "drama": "Drama",
    "romance|romantic": "Romance", "western": "Western", "musical": "Musical", "documentary": "Documentary",
    "war": "War", "sci fi|scifi|science fiction": "Science Fiction", "fantasy": "Fantasy", "crime": "Crime",
    "mystery": "Mystery", "noir": "Noir", "biopic|biography": "Biography",
    "animated|animation|cartoon": "Animation",
}  # fmt: skip
_OTHER_NAMES = {"Musical": {"Musical", "Music"}, "Science Fiction": {"Science Fiction", "Sci-Fi"},
                "Noir": {"Noir", "Film-Noir"}}  # fmt: skip
_NEWEST = "remake|reboot|new|newest|newer|latest|new version|new one|the new"
_OLDEST = "original|old|older|oldest|classic|original version|old one|the old|the original|the first"
_NO_MEANING = (
    "movie|film|flick|the movie|the film|imdb|letterboxd|netflix|hbo|disney|pixar|ghibli|studio ghibli|marvel|dc|"
    "dreamworks|a24|disney plus|amazon|hulu"
)
_NO_MEANING_AT_END = (
    "prime|extended|extended edition|extended cut|directors cut|director s cut|remastered|uncut|dubbed|subbed|"
    "hd|4k|trailer|full movie|version|one|please|pls|plz|thanks|again|feature film|motion picture|cast|ending|"
    "explained|review|rating|called|good|or something|or whatever|or whatever its called|"
    "or whatever it s called|i think|blu ray|bluray|dvd|soundtrack|free|online"
)
"""Words that mean nothing after a title, but before it are its own: Free Willy, One Life."""
_LEADING_CHAT = frozenset((
    "a", "about", "an", "any", "anyone", "bot", "by", "called", "can", "could", "did", "do", "does", "ever",
    "film", "find", "for", "get", "give", "good", "guys", "has", "have", "hello", "hey", "hi", "how", "i",
    "im", "is", "it", "its", "ive", "just", "know", "last", "let", "lets", "like", "look", "looking", "maybe",
    "me", "movie", "my", "name", "named", "night", "of", "ok", "okay", "on", "one", "please", "pls", "plz",
    "rate", "remember", "s", "saw", "search", "see", "seen", "should", "show", "tell", "that", "thats", "the",
    "there", "think", "this", "title", "titled", "to", "u", "um", "up", "wanna", "want", "was", "watch",
    "watched", "watching", "we", "what", "whats", "where", "with", "would", "you",
))  # fmt: skip
_CHAT_CUES = frozenset((
    "called", "named", "titled", "seen", "watch", "watching", "find", "looking", "film", "movie", "with", "search",
))  # fmt: skip
"""Words that show that what comes before the title is chat."""


def _build_lexicon() -> dict[tuple[str, ...], Constraint | None]:
    lexicon: dict[tuple[str, ...], Constraint | None] = {}
    for name in (*COUNTRY_WORDS, *LANGUAGE_WORDS):
        languages, countries = " ".join(LANGUAGE_WORDS.get(name, ())), " ".join(COUNTRY_WORDS.get(name, ()))
        lexicon[*name.split()] = _origin(name, languages, countries)
    for names, (languages, countries) in _FURTHER_ORIGINS.items():
        for name in names.split("|"):
            lexicon[*name.split()] = _origin(name, languages, countries)
    for names, genre in _GENRES.items():
        for name in names.split("|"):
            lexicon[*name.split()] = Constraint(ConstraintKind.GENRE, name, genre=genre)
    for name in ("live action", "liveaction"):
        lexicon[*name.split()] = Constraint(ConstraintKind.GENRE, name, genre="Animation", is_negated=True)
    for names, is_newest in ((_NEWEST, True), (_OLDEST, False)):
        for name in names.split("|"):
            lexicon[*name.split()] = Constraint(ConstraintKind.AGE, name, is_newest=is_newest)
    for name in (*_NO_MEANING.split("|"), *_NO_MEANING_AT_END.split("|")):
        lexicon[*name.split()] = None
    return lexicon


_LEXICON = _build_lexicon()
_ONLY_AT_END = frozenset((*name.split(),) for name in _NO_MEANING_AT_END.split("|"))
_LONGEST_PHRASE = max(map(len, _LEXICON))
_CONNECTORS = frozenset(("in", "from", "by", "with", "of", "the", "directed", "starring", "and", "s", "version"))
_TRAILING_CONNECTORS = _CONNECTORS - {"the", "of", "and"}
"""Words between a title and what narrows it; they are left out at the title's end."""
_NO_TITLE = _CONNECTORS | {"movie", "movies", "film", "films", "flick", "good"}
"""Words that are no title beside others: `good horror movie` asks for no film called Movie."""
_AFTER_NAMES = frozenset(("s", "brothers", "bros"))
"""Words after a person's name that are no part of it: what is left of a genitive, and `coen brothers`."""
_PARTS = frozenset("123456789")
"""Numbers at the end of a text that may tell which film of a series is meant."""


def _read_phrase(words: tuple[str, ...]) -> tuple[bool, Constraint | None]:
    """Return whether the words mean something known, and the constraint if they are one."""
    if words in _LEXICON:
        return True, _LEXICON[words]
    if len(words) != 1:
        return False, None
    word = words[0]
    if (decade := read_decade(word)) is not None:
        return True, Constraint(ConstraintKind.YEAR, word, years=(decade, decade + 9))
    if word.isdecimal() and word.isascii() and len(word) == 4 and FIRST_YEAR <= int(word) <= LAST_YEAR:
        return True, Constraint(ConstraintKind.YEAR, word, years=(int(word), int(word)))
    if word.isdecimal() and word.isascii() and len(word) == 2:
        year = int(word) + (2000 if int(word) <= LAST_SHORT_YEAR else 1900)
        return True, Constraint(ConstraintKind.YEAR, word, years=(year, year))
    return False, None


def _strip_leading(words: tuple[str, ...]) -> Iterator[tuple[int, tuple[Constraint, ...]]]:
    """Yield how many words at the beginning may be left out, and the constraints in them; 0 comes first."""
    yield 0, ()
    has_cue, chat_end = False, 0
    for position, word in enumerate(words[:-1]):
        if word not in _LEADING_CHAT:
            break
        pair = words[max(0, position - 1) : position + 1]
        has_cue = has_cue or word in _CHAT_CUES or pair in (("show", "me"), ("you", "have"))
        if has_cue and position >= 1:
            chat_end = position + 1
    if chat_end:
        yield chat_end, ()
        if words[chat_end - 1] in ("the", "a", "an"):
            yield chat_end - 1, ()
    position = 0
    constraints: tuple[Constraint, ...] = ()
    while position < len(words) - 1:
        for size in range(min(_LONGEST_PHRASE, len(words) - 1 - position), 0, -1):
            phrase = words[position : position + size]
            is_known, constraint = _read_phrase(phrase)
            if is_known and phrase not in _ONLY_AT_END:
                position += size
                constraints += (constraint,) if constraint else ()
                yield position, constraints
                break
        else:
            return


def _strip_trailing(words: tuple[str, ...]) -> Iterator[tuple[int, tuple[Constraint, ...]]]:
    """Yield how many words are left if those at the end are left out, and the constraints in these."""
    yield len(words), ()
    end = len(words)
    constraints: tuple[Constraint, ...] = ()
    while end > 1:
        for size in range(min(_LONGEST_PHRASE, end - 1), 0, -1):
            is_known, constraint = _read_phrase(words[end - size : end])
            if is_known:
                break
        else:
            number = NUMERALS.get(words[end - 1], words[end - 1])
            if number not in _PARTS or end < len(words):
                return
            size, constraint = 1, Constraint(ConstraintKind.NUMBER, words[end - 1], number=int(number))
        end -= size
        constraints += (constraint,) if constraint else ()
        while end > 1 and words[end - 1] in _TRAILING_CONNECTORS:
            end -= 1
        yield end, constraints


def list_readings(words: Sequence[str]) -> list[Reading]:
    """Return the readings of a text's words as a title and what narrows it, the longest titles first."""
    return [*_list_readings(tuple(words))] if 2 <= len(words) <= MAX_WORDS else []


@lru_cache(READINGS_CACHED)
def _list_readings(text: tuple[str, ...]) -> Sequence[Reading]:
    found: dict[tuple[str, ...], Reading] = {}
    trailing = [*islice(_strip_trailing(text), 4)]
    for start, before in islice(_strip_leading(text), 4):
        for end, after in trailing:
            title = text[start:end]
            if not title or title == text or _NO_TITLE.issuperset(title):
                continue
            if len({constraint.kind for constraint in before + after}) == len(before + after):
                found.setdefault(title, Reading(title, before + after))
    return sorted(found.values(), key=lambda reading: -len(reading.words))[:MAX_READINGS]


class PersonReading(NamedTuple):
    """Words read as a person's name and the title beside it."""

    name: tuple[str, ...]
    reading: Reading


def list_person_readings(words: Sequence[str]) -> Iterator[PersonReading]:
    """Yield how some words at the end or the beginning may be a person's name, and the others the title."""
    text = tuple(words)
    readings = [Reading(text, ()), *list_readings(words)] if 2 <= len(text) <= MAX_WORDS else []
    for reading in readings:
        title = reading.words
        for size in range(1, min(MAX_PERSON_WORDS, len(title) - 1) + 1):
            for name, rest in ((title[-size:], title[:-size]), (title[:size], title[size:])):
                while len(rest) > 1 and rest[-1] in ("by", "with", "from", "starring", "directed", "s"):
                    rest = rest[:-1]
                name = name[:-1] if name[-1] in _AFTER_NAMES and len(name) > 1 else name
                if not _NO_TITLE.issuperset(rest):
                    yield PersonReading(name, Reading(rest, reading.constraints))


def find_person_alone(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words without those at both ends that only say that films are asked for: `tom hanks movies`."""
    kept = [position for position, word in enumerate(words) if word not in _NO_TITLE and word != "all"]
    return tuple(words[kept[0] : kept[-1] + 1]) if kept else ()


def list_unknown_readings(words: Sequence[str]) -> Iterator[Reading]:
    """Yield how the beginning or the end of a text may be the title, and the rest mean nothing known."""
    text = tuple(words)
    if not 2 <= len(text) <= MAX_WORDS:
        return
    for size in range(len(text) - 1, max(0, len(text) - MAX_UNKNOWN_WORDS - 1), -1):
        for title, rest in ((text[:size], text[size:]), (text[-size:], text[:-size])):
            if sum(map(len, title)) >= LEAST_KNOWN_LETTERS and title[-1] not in _CONNECTORS:
                yield Reading(title, (Constraint(ConstraintKind.UNKNOWN, " ".join(rest)),))


def is_genre(constraint: Constraint, genres: Sequence[str]) -> bool:
    """Return whether a film of these genres meets a constraint on the genre."""
    names = _OTHER_NAMES.get(constraint.genre, {constraint.genre})
    return (not names.isdisjoint(genres)) is not constraint.is_negated
