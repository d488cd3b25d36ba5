"""Hashes under which titles meet that sound alike, hold the same letters, or differ in one letter.

A name is filed under the hash of its sound and of its letters in any order and, where it is short, of its letters
as they are and of all but one of them. A query is looked for under the same hashes.
"""

import re
from operator import mul
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.search.normalisation import BREAK, SHORT_FORMS

SHORT = 10
"""Titles of so many letters or fewer are also found by all their letters but one: they have few trigrams."""
_LONG_FORM = re.compile(rf"\b(?:{'|'.join(sorted(SHORT_FORMS, key=len, reverse=True))})\b")
_HEARD = str.maketrans({"w": "v", "j": "g", **dict.fromkeys("ckqxz", "s"), **dict.fromkeys("aeiouyh ")})
_FIRST = tuple((f"\n{letter}", f"\n{letter.upper().replace('Y', 'I')}") for letter in "aeiouyh")
_DOUBLED = re.compile(r"(.)\1+")
_WHOLE, _ANY_ORDER = np.uint32(0x9E3779B1), np.uint32(0x7FEB352D)
_FACTOR = 1_000_003
_POWERS = np.array([pow(_FACTOR, at, 1 << 32) for at in range(SHORT)], np.uint32)
_LETTERS = np.random.default_rng(1_895).integers(1, 1 << 32, 256, np.uint32)
"""What each letter counts in a hash."""
_LETTERS[ord("\n")] = 0
_VALUES: list[int] = _LETTERS.tolist()
_POWER: list[int] = _POWERS.tolist()
_WORD = 0xFFFFFFFF
Hashes = npt.NDArray[np.uint32]


def sounds(keys: str) -> list[str]:
    """Give the consonants and digits of each key, one a line, those that are mixed up made one.

    `le hobby` sounds as `lb`. In the manner of Soundex and its successors, for any language in Latin letters, and
    without a limit. What `c` is written for is one sound: `carimony` is meant for `ceremony`.
    """
    letters = _LONG_FORM.sub(lambda found: SHORT_FORMS[found[0]], "\n" + keys.replace(BREAK, " "))
    letters = letters.replace(" ", "").replace("ph", "f")
    for first, kept in _FIRST:
        letters = letters.replace(first, kept)
    return _DOUBLED.sub(r"\1", letters.translate(_HEARD))[1:].split("\n")


def sound_hashes(keys: str) -> Hashes:
    """Give the hash of each key's sound."""
    return np.array([crc32(sound.encode()) for sound in sounds(keys)], np.uint32)


def letter_hashes(joined: str) -> tuple[Hashes, Hashes, npt.NDArray[np.int64]]:
    """Give hashes of the letters of names without spaces, one a line.

    That is: of each name's letters in any order; then, of short names, of their letters and of all but one, and
    of which name each of these is.
    """
    text = np.frombuffer(f"{joined}\n".encode("ascii"), np.uint8)
    values = _LETTERS[text]
    ends = np.flatnonzero(text == 10)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    sizes = ends - starts
    in_any_order = np.add.reduceat(values, starts, dtype=np.uint32) * _ANY_ORDER
    short = np.flatnonzero(sizes <= SHORT)
    own, owners = [], []
    for size in range(1, SHORT + 1):
        names = short[sizes[short] == size]
        if len(names):
            rows = values[starts[names][:, None] + np.arange(size)]
            found = [_whole(rows)] + [_whole(np.delete(rows, at, axis=1)) for at in range(size)]
            own.append(np.concatenate(found))
            owners.append(np.tile(names, size + 1))
    if not own:
        return in_any_order, np.zeros(0, np.uint32), np.zeros(0, np.int64)
    return in_any_order, np.concatenate(own), np.concatenate(owners)


def _whole(rows: npt.NDArray[np.uint32]) -> Hashes:
    size = rows.shape[1]
    powers = _POWERS[:size]
    hashes: Hashes = ((rows * powers).sum(axis=1, dtype=np.uint32) + np.uint32(size)) * _WHOLE
    return hashes ^ (hashes >> np.uint32(15))


def filed_under(key: str, joined: str) -> set[int]:
    """Give all hashes under which a name of this key is filed, reckoned one by one: quicker for a single name."""
    (sound,) = sounds(key)
    values = [_VALUES[letter] for letter in joined.encode("ascii")]
    hashes = {crc32(sound.encode()), sum(values) * int(_ANY_ORDER) & _WORD}
    if 0 < len(values) <= SHORT:
        hashes.add(_whole_of(values))
        hashes.update(_whole_of(values[:at] + values[at + 1 :]) for at in range(len(values)))
    return hashes


def _whole_of(values: list[int]) -> int:
    """Give what `_whole` gives for one row."""
    hashed: int = (sum(map(mul, values, _POWER)) + len(values)) * int(_WHOLE) & _WORD
    return hashed ^ hashed >> 15
