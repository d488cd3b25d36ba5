"""First letters of a title's words, by which well-known films are called: `lotr`, `eeaao`, `tdk`."""

from zlib import crc32

from bot.search.normalisation import BREAK
from bot.search.query import ARTICLES

KNOWN = 8_192
"""Only so many films, the most asked for, are called so."""
FEWEST, MOST = 3, 10
"""Letters that initials have."""


def initials(key: str) -> set[str]:
    """Give the initials of a title and of what stands before its first break, with and without their article."""
    found = set()
    for part in (key.replace(BREAK, " "), key.partition(BREAK)[0]):
        words = part.split(" ")
        for named in (words, words[1:] if words[0] in ARTICLES else words):
            if FEWEST <= len(named) <= MOST:
                found.add("".join([word[0] for word in named]))
    return found


def initials_hash(letters: str) -> int:
    """Give the hash under which names of these initials are filed, 32 bits."""
    return crc32(f"{letters} initials".encode())
