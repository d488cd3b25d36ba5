"""The arrays that a title index is made of, and look-ups in them. docs/search.md draws them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.core.text.folding import fold
from bot.search.index import TitleEntry
from bot.search.normalisation import remove_spaces

LETTERS = 36
"""Letters and digits that a key is made of."""
GRAMS = LETTERS**3
"""Trigrams of these."""
FIELD, ITEM = "\x1f", "\x1e"
"""What parts the fields of a film's record, and the items of a field."""
BLOCK = 65_536
"""Names in a block: within it 16 bits tell a name."""
NUMBER, BARE = 0x7F, 0x80
"""The bits that number a name's title, and the one that tells that the name lacks the marks of its script."""
SIGNATURE_BITS = [(1 << at, 0) for at in range(10)] + [(1 << at, 1 << at + 1) for at in range(10, 62, 2)]
"""The bits of a signature for each digit and letter that is there, and for each letter that is there again."""
_VALUE = np.full(256, -1, np.int64)
_VALUE[ord("0") : ord("9") + 1] = np.arange(10)
_VALUE[ord("a") : ord("z") + 1] = np.arange(10, 36)
_VALUES = _VALUE.astype(np.uint8).tobytes()


@dataclass(frozen=True, slots=True)
class Arrays:
    """A built index of F films with N names; a name is one form of one title.

    Names are in the order of their letters without spaces, films in the order of their ids.

    text: the names' keys one after another; starts: where each begins in it, N + 1.
    film_of, title_of: each name's film, and which of the film's titles it is, with BARE where it lacks the marks.
    rank: 12 * log2 of the rank by fame of each name's film, from the top.
    gram_starts, gram_names: names that hold a trigram, gram by gram and in it block by block of BLOCK names,
    as numbers within the block.
    word_names, word_places: the name and the place in its key of each word but the first, in the order of the
    letters from it on. name_heads, word_heads: the first letters of every STRIDE-th name and word (heads.py).
    sound_starts, sound_names: names whose sound, or whose letters but one, fall into a bucket of hashes.
    signatures: which letters each name has.
    records, record_starts: what is shown of each film, UTF-8; year (0: unknown) and fame of each film.
    """

    text: str
    starts: npt.NDArray[np.uint32]
    require_film: npt.NDArray[np.uint32]
    title_of: npt.NDArray[np.uint8]
    rank: npt.NDArray[np.uint8]
    gram_starts: npt.NDArray[np.uint32]
    gram_names: npt.NDArray[np.uint16]
    word_names: npt.NDArray[np.uint32]
    word_places: npt.NDArray[np.uint8]
    name_heads: npt.NDArray[np.uint64]
    word_heads: npt.NDArray[np.uint64]
    sound_starts: npt.NDArray[np.uint32]
    sound_names: npt.NDArray[np.uint32]
    signatures: npt.NDArray[np.uint64]
    records: Any
    record_starts: npt.NDArray[np.uint32 | np.uint64]
    year: npt.NDArray[np.int16]
    fame: npt.NDArray[np.float32]

    @property
    def films(self) -> int:
        """Count the films."""
        return len(self.year)

    @property
    def names(self) -> int:
        """Count the names."""
        return len(self.require_film)

    @property
    def blocks(self) -> int:
        """Count the blocks of BLOCK names."""
        return -(-self.names // BLOCK)

    def key(self, name: int) -> str:
        """Give the key of a name."""
        return self.text[self.starts.item(name) : self.starts.item(name + 1)]

    def joined(self, name: int) -> str:
        """Give the key of a name without spaces."""
        return remove_spaces(self.key(name))

    def from_word(self, at: int) -> str:
        """Give the letters from the word at this place of the words' order on, without spaces."""
        name = self.word_names.item(at)
        begin = self.starts.item(name) + self.word_places.item(at)
        return remove_spaces(self.text[begin : self.starts.item(name + 1)])

    def film_id(self, film: int) -> str:
        """Give the id of a film."""
        return self.record(film)[0]

    def entry(self, film: int) -> TitleEntry:
        """Give what is known of a film."""
        film_id, title, original, directors, also = self.record(film)
        return TitleEntry(
            film_id=film_id,
            title=title,
            original_title=original or title,
            year=self.year.item(film) or None,
            directors=tuple(directors.split(ITEM)) if directors else (),
            also=tuple(also.split(ITEM)) if also else (),
            fame=self.fame.item(film),
        )

    def entries(self) -> Iterator[TitleEntry]:
        """Give what is known of each film."""
        return map(self.entry, range(self.films))

    def record(self, film: int) -> list[str]:
        """Give a film's id, title, original title where it is another, directors and further titles."""
        record = self.records[self.record_starts.item(film) : self.record_starts.item(film + 1)]
        return str(record, "utf-8").split(FIELD)

    def find_film(self, film_id: str) -> int | None:
        """Give the film of that id, or None."""
        low, high = 0, self.films
        while low < high:
            middle = (low + high) // 2
            if self.film_id(middle) < film_id:
                low = middle + 1
            else:
                high = middle
        return low if low < self.films and self.film_id(low) == film_id else None


ARRAY_FIELDS = tuple(field.name for field in fields(Arrays))


def spelled_in(record: list[str], at: int) -> str:
    """Give the title with that number, marked or not, of a film's record."""
    titles, at = _titles(record), at & NUMBER
    return titles[at] if at < len(titles) else titles[0]


def spelled_as(record: list[str], at: int, folded: str) -> str:
    """Give the title with that number, or that one of the film's which is spelled just as asked for.

    Titles that read alike in Latin letters (`Gurozuka`, `グロヅカ`) are one name, and have the first one's number.
    """
    return next((title for title in _titles(record) if fold(title) == folded), spelled_in(record, at))


def _titles(record: list[str]) -> list[str]:
    _, title, original, _, also = record
    return [title, original or title, *(also.split(ITEM) if also else ())]


def letter_values(
    letters: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give each letter and digit of the names in `letters` as a number below LETTERS, and its name's number."""
    values = _VALUE[letters]
    lengths = starts[1:].astype(np.int64) - starts[:-1]
    names = np.repeat(np.arange(len(lengths)), lengths)
    kept = values >= 0
    return values[kept], names[kept]


def gram_codes(
    letters: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give each trigram of the names in `letters`, spaces left out, and the number of the name it is in."""
    values, names = letter_values(letters, starts)
    if len(values) < 3:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    codes = (values[:-2] * LETTERS + values[1:-1]) * LETTERS + values[2:]
    whole = names[:-2] == names[2:]
    return codes[whole], names[:-2][whole]


def query_grams(joined: str) -> npt.NDArray[np.int64]:
    """Give the trigrams of a query without spaces, each once."""
    values = joined.encode("ascii").translate(_VALUES)
    triples = zip(values, values[1:], values[2:], strict=False)
    return np.array(list({(a * LETTERS + b) * LETTERS + c for a, b, c in triples}), np.int64)


def signature(joined: str) -> np.uint64:
    """Give 64 bits that tell which digits and letters there are, and which letters twice or more."""
    bits = 0
    for letter in set(joined):
        first, again = SIGNATURE_BITS[_VALUES[ord(letter)]]
        bits |= first | (again if joined.count(letter) > 1 else 0)
    return np.uint64(bits)


def best_of(values: npt.NDArray[Any], wanted: int) -> npt.NDArray[np.int64]:
    """Give where the greatest values are, in any order."""
    if len(values) <= wanted:
        return np.arange(len(values))
    return np.argpartition(values, len(values) - wanted)[len(values) - wanted :]
