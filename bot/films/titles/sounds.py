"""Keys under which titles meet that sound alike, or that differ in one letter."""

import re
from zlib import crc32

from bot.films.titles.normalise import BREAK, canonical

SHORT = 10
"""Titles of so many letters or fewer are also found by all their letters but one: they have few trigrams."""
_ALIKE = str.maketrans({"z": "s", "w": "v", "q": "k", "j": "g"})
_SPELLINGS = (("ph", "f"), ("ck", "k"), ("x", "ks"), ("ce", "se"), ("ci", "si"), ("cy", "sy"), ("c", "k"))
_NOT_HEARD = re.compile("[aeiouyh]+")
_DOUBLED = re.compile(r"(.)\1+")


def sound(key: str) -> str:
    """Give the consonants and digits of a key, those that are mixed up made one: `le hobby` is `lb`.

    In the manner of Soundex and its successors, for any language in Latin letters, and without a limit.
    """
    letters = canonical(key.replace(BREAK, " ")).replace(" ", "")
    for written, heard in _SPELLINGS:
        letters = letters.replace(written, heard)
    return _DOUBLED.sub(r"\1", letters[:1].replace("y", "i") + _NOT_HEARD.sub("", letters[1:].translate(_ALIKE)))


def name_sounds(key: str) -> set[str]:
    """Give everything by which a key is filed: its sound, its letters in order of the
    alphabet (words shuffled) and, where it is short, its letters but one."""
    letters = key.replace(" ", "").replace(BREAK, "")
    filed = {"~" + sound(key), "*" + "".join(sorted(letters))}
    if len(letters) <= SHORT:
        filed.add(letters)
        filed.update(letters[:at] + letters[at + 1 :] for at in range(len(letters)))
    return filed


def bucket_hash(text: str) -> int:
    """Give a number of 32 bits for `text`, the same in every process."""
    return crc32(text.encode())
