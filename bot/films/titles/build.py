"""Builds the arrays of a title index from entries: sorted names, films, postings of trigrams and of words."""

from array import array
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.films.titles.arrays import (
    BLOCK,
    FIELD,
    GRAMS,
    ITEM,
    LETTERS,
    SIGNATURE_BITS,
    Arrays,
    gram_codes,
    letter_values,
    without_spaces,
)
from bot.films.titles.index import TitleEntry
from bot.films.titles.normalise import BREAK, keys_of
from bot.films.titles.sounds import bucket_hash, name_sounds

RANK_STEPS = 12.0
"""Steps of the stored fame rank for each doubling of the rank."""
_NO_MARKS = str.maketrans({FIELD: " ", ITEM: " "})


class FameScale:
    """Tells a film's rank by fame among the films of a catalogue, for films that came later."""

    def __init__(self, fame: npt.NDArray[np.float32]) -> None:
        falling = np.sort(-fame)
        at = np.minimum(2 ** (np.arange(256) / RANK_STEPS) - 1, max(0, len(fame) - 1)).astype(np.int64)
        self._limits = falling[at] if len(fame) else np.zeros(0, np.float32)

    def __call__(self, fame: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
        """Give RANK_STEPS times log2 of each fame's rank."""
        return np.minimum(np.searchsorted(self._limits, -fame, "left"), 255).astype(np.uint8)


def build(entries: Iterable[TitleEntry], scale: FameScale | None = None) -> Arrays:
    """Give the arrays of all entries. Of two entries with one film id the later counts."""
    builder = Builder()
    for entry in entries:
        builder.add(entry)
    return builder.finish(scale)


class Builder:
    """Takes entries one by one, keeps little of each, and makes the arrays of them at the end."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, int, float, list[tuple[str, int]]]] = {}

    def add(self, entry: TitleEntry) -> None:
        """Take an entry; it replaces an earlier one of the same film."""
        year = entry.year if entry.year is not None and 0 < entry.year < 32_768 else 0
        self._kept[entry.film_id] = _record(entry), year, entry.fame, _keys(entry)

    def finish(self, scale: FameScale | None = None) -> Arrays:
        """Give the arrays; fame is ranked on `scale`, else among the films taken. The builder is empty then."""
        records, keys = [], []
        film_of, title_of, year_of, fame_of = array("I"), array("B"), array("h"), array("f")
        for number, film_id in enumerate(sorted(self._kept)):
            record, year, fame, forms = self._kept.pop(film_id)
            records.append(record)
            year_of.append(year)
            fame_of.append(fame)
            for key, at in forms:
                keys.append(key)
                film_of.append(number)
                title_of.append(min(at, 255))
        joined = [without_spaces(key) for key in keys]
        order = sorted(range(len(keys)), key=joined.__getitem__)
        del joined
        keys = [keys[at] for at in order]
        position = np.asarray(order, np.int64)
        films = np.frombuffer(film_of, np.uint32)[position]
        fames = np.frombuffer(fame_of, np.float32)
        text = "".join(keys)
        starts = _starts(keys, np.uint32)
        letters = np.frombuffer(text.encode("ascii"), np.uint8)
        gram_starts, gram_names = _gram_postings(letters, starts)
        word_names, word_places = _word_postings(letters, starts)
        sound_starts, sound_names = _sound_postings(keys)
        return Arrays(
            text=text,
            starts=starts,
            film_of=films,
            title_of=np.frombuffer(title_of, np.uint8)[position],
            rank=(scale(fames) if scale else _ranks(fames))[films],
            gram_starts=gram_starts,
            gram_names=gram_names,
            word_names=word_names,
            word_places=word_places,
            sound_starts=sound_starts,
            sound_names=sound_names,
            signatures=_signatures(letters, starts),
            records=b"".join(records),
            record_starts=_starts(records, np.uint32 if sum(map(len, records)) < 1 << 32 else np.uint64),
            year=np.frombuffer(year_of, np.int16),
            fame=fames,
        )


def _starts(items: Sequence[Sized], dtype: Any) -> npt.NDArray[Any]:
    """Give where each item begins when they follow one another, and where the last ends."""
    starts = np.zeros(len(items) + 1, dtype)
    np.cumsum(np.fromiter(map(len, items), np.int64, len(items)), out=starts[1:])
    return starts


def _keys(entry: TitleEntry) -> list[tuple[str, int]]:
    """Give each form to compare and which of the entry's titles it is of, none twice."""
    found: dict[str, int] = {}
    done = set()
    for at, title in enumerate((entry.title, entry.original_title, *entry.also)):
        if title in done:
            continue
        done.add(title)
        for key in keys_of(title):
            found.setdefault(key, at)
    return list(found.items())


def _record(entry: TitleEntry) -> bytes:
    original = "" if entry.original_title == entry.title else entry.original_title
    lists = (ITEM.join(item.translate(_NO_MARKS) for item in items) for items in (entry.directors, entry.also))
    fields = (entry.film_id, entry.title, original)
    record = FIELD.join((*(field.translate(_NO_MARKS) for field in fields), *lists))
    return record.encode("utf-8", "replace")


def _ranks(fame: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Give how rare each film's fame is: RANK_STEPS times log2 of its rank from the top, ties sharing theirs."""
    order = np.sort(-fame)
    rank = (np.searchsorted(order, -fame, "left") + np.searchsorted(order, -fame, "right") + 1) / 2
    return np.minimum(255, np.round(RANK_STEPS * np.log2(np.maximum(rank, 1)))).astype(np.uint8)


def _chunks(count: int) -> Iterator[tuple[int, int]]:
    for begin in range(0, count, BLOCK):
        yield begin, min(begin + BLOCK, count)


def _sound_postings(keys: list[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Give the names of each bucket of hashes of their sounds and, for short ones, of a letter left out."""
    hashes, names = array("I"), array("I")
    for name, key in enumerate(keys):
        found = set(map(bucket_hash, name_sounds(key)))
        hashes.extend(found)
        names.extend([name] * len(found))
    bits = max(8, (len(hashes) // 8).bit_length())
    buckets = np.frombuffer(hashes, np.uint32) & np.uint32((1 << bits) - 1)
    order = np.argsort(buckets, kind="stable")
    sound_starts = np.zeros((1 << bits) + 1, np.uint32)
    np.cumsum(np.bincount(buckets, minlength=1 << bits), out=sound_starts[1:])
    return sound_starts, np.frombuffer(names, np.uint32)[order]


def _gram_postings(
    letters: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16]]:
    """Give the names of each trigram of letters, spaces left out, block of BLOCK names by block."""
    parts: list[tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]] = []
    for begin, end in _chunks(len(starts) - 1):
        codes, names = gram_codes(letters[starts[begin] : starts[end]], starts[begin : end + 1])
        pairs = (codes << 16 | names).astype(np.uint32)
        pairs.sort()
        pairs = pairs[np.diff(pairs, prepend=pairs[:1] ^ 1) != 0]
        parts.append(((pairs >> 16).astype(np.uint16), (pairs & 0xFFFF).astype(np.uint16)))
    blocks = len(parts)
    if not blocks:
        return np.zeros(1, np.uint32), np.zeros(0, np.uint16)
    counts = np.array([np.bincount(codes, minlength=GRAMS) for codes, _ in parts], np.int64).T.ravel()
    gram_starts = np.zeros(GRAMS * blocks + 1, np.uint32)
    np.cumsum(counts, out=gram_starts[1:])
    gram_names = np.empty(int(gram_starts[-1]), np.uint16)
    for block, (grams, within) in enumerate(parts):
        begins = gram_starts[block::blocks][:GRAMS].astype(np.int64)
        here = counts[block::blocks]
        gram_names[begins[grams] + np.arange(len(grams)) - (np.cumsum(here) - here)[grams]] = within
    return gram_starts, gram_names


def _signatures(letters: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """Give the signature of each name."""
    parts = [np.zeros(0, np.uint64)]
    for begin, end in _chunks(len(starts) - 1):
        values, names = letter_values(letters[starts[begin] : starts[end]], starts[begin : end + 1])
        counts = np.bincount(names * LETTERS + values, minlength=(end - begin) * LETTERS).reshape(-1, LETTERS)
        found = np.zeros(end - begin, np.uint64)
        for value in range(LETTERS):
            first, again = SIGNATURE_BITS[value]
            found |= np.where(counts[:, value] > 0, first, np.uint64(0))
            found |= np.where(counts[:, value] > 1, again, np.uint64(0))
        parts.append(found)
    return np.concatenate(parts)


def _word_postings(
    letters: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Give every word's name and number in it, in the order of the letters from that word on, spaces left out."""
    names_parts, places_parts, first_parts, next_parts = [], [], [], []
    for begin, end in _chunks(len(starts) - 1):
        names, places, first, second = _words_of(letters[starts[begin] : starts[end]], starts[begin : end + 1])
        names_parts.append(names + np.uint32(begin))
        places_parts.append(places)
        first_parts.append(first)
        next_parts.append(second)
    if not names_parts:
        return np.zeros(0, np.uint32), np.zeros(0, np.uint8)
    order = np.lexsort((np.concatenate(next_parts), np.concatenate(first_parts)))
    return np.concatenate(names_parts)[order], np.concatenate(places_parts)[order]


def _words_of(
    letters: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Give each word's name, its number in it, and its first 12 letters and the next 12 as sortable numbers."""
    lengths = starts[1:].astype(np.int64) - starts[:-1]
    names = np.repeat(np.arange(len(lengths)), lengths)
    is_letter = letters > 47
    is_letter &= letters != ord(BREAK)
    begins = np.flatnonzero(is_letter)
    owner = names[begins]
    values = letters[begins].astype(np.int64)
    values = np.where(values < 58, values - 47, values - 86).astype(np.uint64)  # digits 1-10, letters 11-36
    word_starts = np.ones(len(letters), bool)
    word_starts[1:] = ~is_letter[:-1] | (names[1:] != names[:-1])
    heads = np.flatnonzero(word_starts[begins])
    count = len(begins)
    packed = []
    for shift in (0, 12):
        number = np.zeros(len(heads), np.uint64)
        for at in range(shift, shift + 12):
            place = np.minimum(heads + at, count - 1)
            inside = (heads + at < count) & (owner[place] == owner[heads])
            number = number * np.uint64(37) + np.where(inside, values[place], np.uint64(0))
        packed.append(number)
    word_owner = owner[heads]
    first_of_name = np.searchsorted(word_owner, np.arange(len(lengths)), "left")
    places = np.minimum(np.arange(len(heads)) - first_of_name[word_owner], 255).astype(np.uint8)
    return word_owner.astype(np.uint32), places, packed[0], packed[1]
