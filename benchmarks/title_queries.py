"""Queries as members type them, generated from a list of films, each with the film that is wanted.

The kinds are what members of film bots do: type the beginning, make typos on a phone's keyboard, spell by ear, run
words together, leave words out, shuffle them, type the part after the colon, add the year, write numerals in
another form, or use the film's original title.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bot.core.text.folding import fold, strip_marks
from bot.search.index import TitleEntry
from bot.search.normalisation import shorten_words
from bot.search.query import ARTICLES

FAME_POWER = 0.7
"""Half of the queries want films in proportion to this power of their fame, half any film at all."""
FEW_LETTERS, HALF_TYPED = (0.1, 0.6), (0.45, 0.85)
"""Shares of a title typed before somebody looks at the list: few type half of a long and well-known title."""
ARTICLE_LEFT_OUT = 0.3
"""How often a title's article is left out, if all of the title or its beginning is typed."""
KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SOUND_SPELLINGS = (
    ("ie", "ei"), ("ei", "ie"), ("ph", "f"), ("f", "ph"), ("ck", "k"), ("k", "c"), ("c", "k"), ("c", "s"),
    ("s", "c"), ("z", "s"), ("s", "z"), ("y", "i"), ("i", "y"), ("a", "e"), ("e", "a"), ("e", "i"), ("i", "e"),
    ("o", "u"), ("u", "o"), ("a", "o"), ("ou", "u"), ("ea", "ee"), ("ee", "ea"), ("ai", "ay"), ("ght", "te"),
    ("gh", ""), ("kn", "n"), ("wr", "r"), ("wh", "w"), ("tion", "sion"), ("sion", "tion"), ("ance", "ence"),
    ("ence", "ance"), ("able", "ible"), ("er", "or"), ("or", "er"), ("er", "re"), ("le", "el"), ("e", ""),
    ("h", ""), ("tch", "ch"), ("ch", "tch"), ("dge", "ge"), ("x", "cs"), ("qu", "kw"), ("mb", "m"), ("ll", "l"),
    ("ss", "s"), ("tt", "t"), ("mm", "m"), ("nn", "n"), ("rr", "r"), ("pp", "p"), ("l", "ll"), ("s", "ss"),
    ("t", "tt"), ("m", "mm"), ("n", "nn"), ("r", "rr"), ("p", "pp"), ("th", "t"), ("v", "w"), ("w", "v"),
)  # fmt: skip
_PARTS = re.compile(r"\s*[:–—(]\s*|\s+-\s+")


@dataclass(frozen=True, slots=True)
class Query:
    """A query, its kind and the film that is wanted."""

    kind: str
    text: str
    wanted: TitleEntry


def comparable_title(text: str) -> str:
    """Return the form in which two titles count as the same."""
    return " ".join(fold(strip_marks(text)).split())


def _adjacent_key(letter: str, rng: random.Random) -> str:
    for number, row in enumerate(KEYBOARD_ROWS):
        if letter in row:
            column = row.index(letter)
            adjacent = {row[max(0, column - 1)], row[min(len(row) - 1, column + 1)]}
            for other in KEYBOARD_ROWS[max(0, number - 1) : number + 2]:
                adjacent |= set(other[max(0, column - 1) : column + 1])
            return rng.choice(sorted(adjacent - {letter}))
    return rng.choice("aeio")


def _add_typo(text: str, rng: random.Random) -> str:
    """Return `text` with a letter left out, doubled, swapped, or replaced by the key beside it."""
    position = rng.randrange(len(text))
    letter, after = text[position], text[position + 1 : position + 2]
    typo = rng.choice(
        (
            after,
            letter + letter + after,
            after + letter,
            _adjacent_key(letter, rng) + after,
            letter + rng.choice("aeistn") + after,
        )
        if rng.random() < 0.3
        else (after, letter + letter + after, after + letter, _adjacent_key(letter, rng) + after)
    )
    return text[:position] + typo + text[position + 2 :]


def _add_typos(count: int) -> Callable[[TitleEntry, random.Random], str | None]:
    def generate(film: TitleEntry, rng: random.Random) -> str | None:
        text = comparable_title(film.title)
        if not text.isascii() or len(text) < 4 * count + 1:
            return None
        for _ in range(count):
            text = _add_typo(text, rng)
        return text

    return generate


def _whole_title(film: TitleEntry, rng: random.Random) -> str:
    article, _, rest = comparable_title(film.title).partition(" ")
    return rest if article in ARTICLES and rest and rng.random() < ARTICLE_LEFT_OUT else film.title


def _beginning(
    min_length: int, min_share: float, max_share: float
) -> Callable[[TitleEntry, random.Random], str | None]:
    def generate(film: TitleEntry, rng: random.Random) -> str | None:
        text = comparable_title(_whole_title(film, rng))
        length = max(3, round(len(text) * rng.uniform(min_share, max_share)))
        return text[:length] if len(text) >= min_length else None

    return generate


def _by_ear(film: TitleEntry, rng: random.Random) -> str | None:
    words = comparable_title(film.title).split()
    long_words = [number for number, word in enumerate(words) if len(word) > 4 and word.isascii()]
    if not long_words:
        return None
    number = rng.choice(long_words)
    word = words[number]
    for _ in range(rng.choice((1, 1, 1, 2))):
        applicable = [(correct, heard) for correct, heard in SOUND_SPELLINGS if correct in word]
        if applicable:
            correct, heard = rng.choice(applicable)
            start = rng.choice([match.start() for match in re.finditer(correct, word)])
            word = word[:start] + heard + word[start + len(correct) :]
    if rng.random() < 0.2 and word:
        word = _add_typo(word, rng)
    words[number] = word
    return " ".join(words)


def _joined_words(film: TitleEntry, _rng: random.Random) -> str | None:
    words = comparable_title(film.title).split()
    return "".join(words) if 2 <= len(words) <= 4 and len("".join(words)) >= 6 else None


def _word_left_out(film: TitleEntry, rng: random.Random) -> str | None:
    words = comparable_title(film.title).split()
    if len(words) < 4:
        return None
    words.pop(rng.randrange(len(words)))
    return " ".join(words)


def _shuffled_words(film: TitleEntry, rng: random.Random) -> str | None:
    words = comparable_title(film.title).split()
    if not 3 <= len(words) <= 7:
        return None
    rng.shuffle(words)
    return " ".join(words)


def _part_after_break(film: TitleEntry, rng: random.Random) -> str | None:
    parts = _PARTS.split(film.title, maxsplit=1)
    if len(parts) < 2:
        return None
    part = comparable_title(parts[1])
    return part if len(part) >= 7 else None


def _with_year(film: TitleEntry, rng: random.Random) -> str | None:
    text = comparable_title(film.title)
    if film.year is None or not text:
        return None
    if text.isascii() and len(text) > 6 and rng.random() < 0.8:
        text = _add_typo(text, rng)
    year = film.year + (rng.choice((-1, 1)) if rng.random() < 0.08 else 0)
    return f"{text} ({year})" if rng.random() < 0.2 else f"{text} {year}"


def _numerals_as_digits(film: TitleEntry, _rng: random.Random) -> str | None:
    text = comparable_title(film.title)
    digits = shorten_words(text)
    return digits if digits != text and " " in text else None


def _original_title(film: TitleEntry, _rng: random.Random) -> str | None:
    return film.original_title if film.original_title != film.title else None


def _original_with_letter_missing(film: TitleEntry, rng: random.Random) -> str | None:
    text = comparable_title(film.original_title)
    if film.original_title == film.title or len(text) < 5:
        return None
    position = rng.randrange(len(text))
    return text[:position] + text[position + 1 :]


KINDS: dict[str, Callable[[TitleEntry, random.Random], str | None]] = {
    "whole": _whole_title,
    "beginning": _beginning(7, *HALF_TYPED),
    "few letters": _beginning(4, *FEW_LETTERS),
    "one typo": _add_typos(1),
    "two typos": _add_typos(2),
    "by ear": _by_ear,
    "joined": _joined_words,
    "word left out": _word_left_out,
    "shuffled": _shuffled_words,
    "part": _part_after_break,
    "year": _with_year,
    "numeral": _numerals_as_digits,
    "original": _original_title,
    "original typo": _original_with_letter_missing,
}
FAMOUS_KINDS = frozenset({"few letters"})
"""Kinds whose queries all want films in proportion to FAME_POWER of their fame."""


def generate_queries(
    films: Sequence[TitleEntry],
    seed: int,
    of_each: int,
    kinds: Iterable[str] = KINDS,
    *,
    allow_ambiguous: bool = False,
) -> Iterator[Query]:
    """Yield `of_each` queries of each kind (fewer if few films suit it), the same for the same seed.

    A query that is itself the title of another film has two right answers and is left out unless ambiguous queries
    are allowed.
    """
    rng = random.Random(seed)
    titles: set[str] = set()
    if not allow_ambiguous:
        for film in films:
            titles.update(map(comparable_title, (film.title, film.original_title, *film.other_titles)))
    fame_weights = list(accumulate(max(film.fame, 1e-6) ** FAME_POWER for film in films))
    for kind in kinds:
        count = tries = 0
        while count < of_each and tries < 300 * of_each:
            tries += 1
            by_fame = tries % 2 or kind in FAMOUS_KINDS
            film = rng.choices(films, cum_weights=fame_weights)[0] if by_fame else rng.choice(films)
            text = KINDS[kind](film, rng)
            if not text or not text.strip() or len(comparable_title(film.title)) < 2:
                continue
            if kind not in ("whole", "original") and comparable_title(text) in titles:
                continue
            count += 1
            yield Query(kind, text, film)
