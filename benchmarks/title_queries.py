"""Queries as members type them, made from a list of films, each with the title that is meant.

The kinds are what film bots' members are seen to do: type the beginning, slip on a phone's keyboard, spell by
ear, run words together, leave words out, shuffle them, type the part after the colon, add the year, write
numerals another way, or use the film's original title.
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
"""Half of the queries ask for films in proportion to this power of their fame, half for any film at all."""
FEW_LETTERS, HALF_TYPED = (0.1, 0.6), (0.45, 0.85)
"""Shares of a title that are typed before the list is looked at: few type half of a long title that all know."""
ARTICLE_LEFT_OUT = 0.3
"""How often the article before a title is left out, where all of it or its beginning is typed."""
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
BY_EAR = (
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
    """A query, its kind and the film that is meant."""

    kind: str
    text: str
    wanted: TitleEntry


def same(text: str) -> str:
    """Give the form in which two titles count as the same."""
    return " ".join(fold(strip_marks(text)).split())


def _beside(letter: str, rng: random.Random) -> str:
    for at, row in enumerate(ROWS):
        if letter in row:
            column = row.index(letter)
            near = {row[max(0, column - 1)], row[min(len(row) - 1, column + 1)]}
            for other in ROWS[max(0, at - 1) : at + 2]:
                near |= set(other[max(0, column - 1) : column + 1])
            return rng.choice(sorted(near - {letter}))
    return rng.choice("aeio")


def _slip(text: str, rng: random.Random) -> str:
    """Leave a letter out, double it, swap two, or hit the key beside."""
    at = rng.randrange(len(text))
    letter, after = text[at], text[at + 1 : at + 2]
    slipped = rng.choice(
        (
            after,
            letter + letter + after,
            after + letter,
            _beside(letter, rng) + after,
            letter + rng.choice("aeistn") + after,
        )
        if rng.random() < 0.3
        else (after, letter + letter + after, after + letter, _beside(letter, rng) + after)
    )
    return text[:at] + slipped + text[at + 2 :]


def _slips(count: int) -> Callable[[TitleEntry, random.Random], str | None]:
    def made(film: TitleEntry, rng: random.Random) -> str | None:
        text = same(film.title)
        if not text.isascii() or len(text) < 4 * count + 1:
            return None
        for _ in range(count):
            text = _slip(text, rng)
        return text

    return made


def _whole(film: TitleEntry, rng: random.Random) -> str:
    article, _, rest = same(film.title).partition(" ")
    return rest if article in ARTICLES and rest and rng.random() < ARTICLE_LEFT_OUT else film.title


def _beginning(shortest: int, least: float, most: float) -> Callable[[TitleEntry, random.Random], str | None]:
    def made(film: TitleEntry, rng: random.Random) -> str | None:
        text = same(_whole(film, rng))
        typed = max(3, round(len(text) * rng.uniform(least, most)))
        return text[:typed] if len(text) >= shortest else None

    return made


def _by_ear(film: TitleEntry, rng: random.Random) -> str | None:
    words = same(film.title).split()
    long = [at for at, word in enumerate(words) if len(word) > 4 and word.isascii()]
    if not long:
        return None
    at = rng.choice(long)
    for _ in range(rng.choice((1, 1, 1, 2))):
        fits = [(heard, written) for heard, written in BY_EAR if heard in words[at]]
        if fits:
            heard, written = rng.choice(fits)
            where = rng.choice([m.start() for m in re.finditer(heard, words[at])])
            words[at] = words[at][:where] + written + words[at][where + len(heard) :]
    if rng.random() < 0.2 and words[at]:
        words[at] = _slip(words[at], rng)
    return " ".join(words)


def _joined(film: TitleEntry, _rng: random.Random) -> str | None:
    words = same(film.title).split()
    return "".join(words) if 2 <= len(words) <= 4 and len("".join(words)) >= 6 else None


def _left_out(film: TitleEntry, rng: random.Random) -> str | None:
    words = same(film.title).split()
    if len(words) < 4:
        return None
    words.pop(rng.randrange(len(words)))
    return " ".join(words)


def _shuffled(film: TitleEntry, rng: random.Random) -> str | None:
    words = same(film.title).split()
    if not 3 <= len(words) <= 7:
        return None
    rng.shuffle(words)
    return " ".join(words)


def _part(film: TitleEntry, rng: random.Random) -> str | None:
    parts = _PARTS.split(film.title, maxsplit=1)
    if len(parts) < 2:
        return None
    part = same(parts[1])
    return part if len(part) >= 7 else None


def _year(film: TitleEntry, rng: random.Random) -> str | None:
    text = same(film.title)
    if film.year is None or not text:
        return None
    if text.isascii() and len(text) > 6 and rng.random() < 0.8:
        text = _slip(text, rng)
    year = film.year + (rng.choice((-1, 1)) if rng.random() < 0.08 else 0)
    return f"{text} ({year})" if rng.random() < 0.2 else f"{text} {year}"


def _numeral(film: TitleEntry, _rng: random.Random) -> str | None:
    text = same(film.title)
    digits = shorten_words(text)
    return digits if digits != text and " " in text else None


def _original(film: TitleEntry, _rng: random.Random) -> str | None:
    return film.original_title if film.original_title != film.title else None


def _original_slip(film: TitleEntry, rng: random.Random) -> str | None:
    text = same(film.original_title)
    if film.original_title == film.title or len(text) < 5:
        return None
    at = rng.randrange(len(text))
    return text[:at] + text[at + 1 :]


KINDS: dict[str, Callable[[TitleEntry, random.Random], str | None]] = {
    "whole": _whole,
    "beginning": _beginning(7, *HALF_TYPED),
    "few letters": _beginning(4, *FEW_LETTERS),
    "one slip": _slips(1),
    "two slips": _slips(2),
    "by ear": _by_ear,
    "joined": _joined,
    "word left out": _left_out,
    "shuffled": _shuffled,
    "part": _part,
    "year": _year,
    "numeral": _numeral,
    "original": _original,
    "original slip": _original_slip,
}
BY_FAME = frozenset({"few letters"})
"""Kinds of which all ask for films in proportion to that power of their fame."""


def queries(
    films: Sequence[TitleEntry], seed: int, of_each: int, kinds: Iterable[str] = KINDS, ambiguous: bool = False
) -> Iterator[Query]:
    """Give `of_each` queries of each kind (fewer where few films fit), the same for the same seed.

    Unless they may be `ambiguous`, a query that is itself the title of another film is left out: it has two right
    answers.
    """
    rng = random.Random(seed)
    known = () if ambiguous else films
    titles = {same(title) for film in known for title in (film.title, film.original_title, *film.also)}
    famous = list(accumulate(max(film.fame, 1e-6) ** FAME_POWER for film in films))
    for kind in kinds:
        found = tries = 0
        while found < of_each and tries < 300 * of_each:
            tries += 1
            film = rng.choices(films, cum_weights=famous)[0] if tries % 2 or kind in BY_FAME else rng.choice(films)
            text = KINDS[kind](film, rng)
            if not text or not text.strip() or len(same(film.title)) < 2:
                continue
            if kind not in ("whole", "original") and same(text) in titles:
                continue
            found += 1
            yield Query(kind, text, film)
