"""Hashes under which a title is indexed so that a query meets it: by sound, by letters, by initials.

A name is indexed under the hash of its sound and of its letters in any order; a short name also under its letters
in order and under all of them but one; a famous film's name under its initials. A query is looked up under the
same hashes.
"""

import re
from operator import mul
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.search.normalisation import BREAK, SHORT_FORMS
from bot.search.query import ARTICLES

SHORT_NAME = 10
"""Names of so many letters or fewer are indexed without each of their letters: they have few trigrams."""
INITIALS_FILMS = 8_192
"""Films that are found by their initials: so many of the most famous."""
MIN_INITIALS, MAX_INITIALS = 3, 10
"""Letters that initials have."""
_LONG_FORM = re.compile(rf"\b(?:{'|'.join(sorted(SHORT_FORMS, key=len, reverse=True))})\b")
_SOUND_CLASSES = str.maketrans({"w": "v", "j": "g", **dict.fromkeys("ckqxz", "s"), **dict.fromkeys("aeiouyh ")})
_FIRST_VOWELS = tuple((f"\n{letter}", f"\n{letter.upper().replace('Y', 'I')}") for letter in "aeiouyh")
_DOUBLED = re.compile(r"(.)\1+")
_IN_ORDER, _ANY_ORDER = np.uint32(0x9E3779B1), np.uint32(0x7FEB352D)
_POWERS = np.array([pow(1_000_003, position, 1 << 32) for position in range(SHORT_NAME)], np.uint32)
_LETTER_HASHES = np.random.default_rng(1_895).integers(1, 1 << 32, 256, np.uint32)
"""A random number for each letter; the seed is part of the index file's format."""
_LETTER_HASHES[ord("\n")] = 0
_LETTER_HASH_LIST: list[int] = _LETTER_HASHES.tolist()
_POWER_LIST: list[int] = _POWERS.tolist()
_UINT32_MASK = 0xFFFFFFFF
Hashes = npt.NDArray[np.uint32]


def create_phonetic_keys(keys: str) -> list[str]:
    """Return the sound of each key, one key a line: consonants and digits, with those often confused made one.

    `le hobby` sounds like `lb`. This is in the manner of Soundex and its successors, but for any language in Latin
    letters and of any length. All that `c` is written for is one sound: `carimony` is meant for `ceremony`.
    """
    letters = _LONG_FORM.sub(lambda word: SHORT_FORMS[word[0]], "\n" + keys.replace(BREAK, " "))
    letters = letters.replace(" ", "").replace("ph", "f")
    for first, kept in _FIRST_VOWELS:
        letters = letters.replace(first, kept)
    return _DOUBLED.sub(r"\1", letters.translate(_SOUND_CLASSES))[1:].split("\n")


def hash_sounds(keys: str) -> Hashes:
    """Return the hash of each key's sound, one key a line."""
    return np.array([crc32(sound.encode()) for sound in create_phonetic_keys(keys)], np.uint32)


def hash_letters(compact_keys: str) -> tuple[Hashes, Hashes, npt.NDArray[np.int64]]:
    """Return hashes of the letters of keys without spaces, one key a line.

    The first array has one hash for each key, of its letters in any order. The second has those of the short keys'
    letters in order and of all of them but one; the third says for each of these which key it is of.
    """
    text = np.frombuffer(f"{compact_keys}\n".encode("ascii"), np.uint8)
    values = _LETTER_HASHES[text]
    ends = np.flatnonzero(text == 10)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    sizes = ends - starts
    any_order = np.add.reduceat(values, starts, dtype=np.uint32) * _ANY_ORDER
    short = np.flatnonzero(sizes <= SHORT_NAME)
    in_order, owners = [], []
    for size in range(1, SHORT_NAME + 1):
        names = short[sizes[short] == size]
        if len(names):
            rows = values[starts[names][:, None] + np.arange(size)]
            in_order.append(_hash_in_order(rows))
            in_order += [_hash_in_order(np.delete(rows, position, axis=1)) for position in range(size)]
            owners.append(np.tile(names, size + 1))
    if not in_order:
        return any_order, np.zeros(0, np.uint32), np.zeros(0, np.int64)
    return any_order, np.concatenate(in_order), np.concatenate(owners)


def _hash_in_order(rows: npt.NDArray[np.uint32]) -> Hashes:
    size = rows.shape[1]
    hashes: Hashes = ((rows * _POWERS[:size]).sum(axis=1, dtype=np.uint32) + np.uint32(size)) * _IN_ORDER
    return hashes ^ (hashes >> np.uint32(15))


def hash_name(key: str, compact: str) -> set[int]:
    """Return all hashes of one key except those of initials; for a single key this is faster than with arrays."""
    (sound,) = create_phonetic_keys(key)
    values = [_LETTER_HASH_LIST[letter] for letter in compact.encode("ascii")]
    hashes = {crc32(sound.encode()), sum(values) * int(_ANY_ORDER) & _UINT32_MASK}
    if 0 < len(values) <= SHORT_NAME:
        hashes.add(_hash_list_in_order(values))
        hashes.update(_hash_list_in_order(values[:skip] + values[skip + 1 :]) for skip in range(len(values)))
    return hashes


def _hash_list_in_order(values: list[int]) -> int:
    """Return what `_hash_in_order` returns for one row."""
    hashed: int = (sum(map(mul, values, _POWER_LIST)) + len(values)) * int(_IN_ORDER) & _UINT32_MASK
    return hashed ^ hashed >> 15


def list_initials(key: str) -> set[str]:
    """Return the initials of a title and of its part before the first break, with and without their article."""
    result = set()
    for part in (key.replace(BREAK, " "), key.partition(BREAK)[0]):
        words = part.split(" ")
        for abbreviated in (words, words[1:] if words[0] in ARTICLES else words):
            if MIN_INITIALS <= len(abbreviated) <= MAX_INITIALS:
                result.add("".join([word[0] for word in abbreviated]))
    return result


def hash_initials(letters: str) -> int:
    """Return the 32-bit hash under which names with these initials are indexed."""
    return crc32(f"{letters} initials".encode())
