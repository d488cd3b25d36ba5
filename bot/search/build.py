"""Builds the arrays of a title index from entries: sorted names, films, postings of trigrams and of words."""

from array import array
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.search.arrays import (
    BARE,
    BLOCK,
    FIELD,
    GRAMS,
    ITEM,
    LETTERS,
    NUMBER,
    SIGNATURE_BITS,
    Arrays,
    gram_codes,
    letter_values,
)
from bot.search.heads import HEAD, STRIDE
from bot.search.index import TitleEntry
from bot.search.initials import KNOWN, initials, initials_hash
from bot.search.normalisation import BREAK, remove_spaces, replace_digit_letters, title_keys
from bot.search.sounds import letter_hashes, sound_hashes

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
        require_film, title_of, year_of, fame_of = array("I"), array("B"), array("h"), array("f")
        for number, film_id in enumerate(sorted(self._kept)):
            record, year, fame, forms = self._kept.pop(film_id)
            records.append(record)
            year_of.append(year)
            fame_of.append(fame)
            for key, at in forms:
                keys.append(key)
                require_film.append(number)
                title_of.append(at)
        position, keys, joined = _by_letters(keys)
        films = np.frombuffer(require_film, np.uint32)[position]
        fames = np.frombuffer(fame_of, np.float32)
        text = "".join(keys)
        starts = _starts(keys, np.uint32)
        letters = np.frombuffer(text.encode("ascii"), np.uint8)
        gram_starts, gram_names = _gram_postings(letters, starts)
        rank = (scale(fames) if scale else _ranks(fames))[films]
        sound_starts, sound_names = _sound_postings(keys, joined, rank)
        return Arrays(
            text=text,
            starts=starts,
            require_film=films,
            title_of=np.frombuffer(title_of, np.uint8)[position],
            rank=rank,
            gram_starts=gram_starts,
            gram_names=gram_names,
            **_word_postings(letters, starts),
            sound_starts=sound_starts,
            sound_names=sound_names,
            signatures=_signatures(letters, starts),
            records=b"".join(records),
            record_starts=_starts(records, np.uint32 if sum(map(len, records)) < 1 << 32 else np.uint64),
            year=np.frombuffer(year_of, np.int16),
            fame=fames,
        )


def _by_letters(keys: list[str]) -> tuple[npt.NDArray[np.int64], list[str], list[str]]:
    """Give where each key stood, the keys, and the keys without spaces, in the order of the latter."""
    joined = remove_spaces("\n".join(keys)).split("\n") if keys else []
    order = sorted(range(len(keys)), key=joined.__getitem__)
    return np.asarray(order, np.int64), [keys[at] for at in order], [joined[at] for at in order]


def _starts(items: Sequence[Sized], dtype: Any) -> npt.NDArray[Any]:
    """Give where each item begins when they follow one another, and where the last ends."""
    starts = np.zeros(len(items) + 1, dtype)
    np.cumsum(np.fromiter(map(len, items), np.int64, len(items)), out=starts[1:])
    return starts


def _keys(entry: TitleEntry) -> list[tuple[str, int]]:
    """Give each form to compare and which of the entry's titles it is of, none twice."""
    found: dict[str, int] = {}
    bare: dict[str, int] = {}
    done = set()
    for at, title in enumerate((entry.title, entry.original_title, *entry.also)):
        if title in done:
            continue
        done.add(title)
        for form, key in enumerate(title_keys(title)):
            (bare if form else found).setdefault(key, min(at, NUMBER))
            if title.isascii():
                found.setdefault(replace_digit_letters(key), min(at, NUMBER))
    return [*found.items(), *((key, at | BARE) for key, at in bare.items() if key not in found)]


def _record(entry: TitleEntry) -> bytes:
    original = "" if entry.original_title == entry.title else entry.original_title
    fields = [entry.film_id, entry.title, original, *entry.directors, *entry.also]
    whole = "".join(fields)
    if FIELD in whole or ITEM in whole:
        fields = [field.translate(_NO_MARKS) for field in fields]
    also = 3 + len(entry.directors)
    record = FIELD.join((*fields[:3], ITEM.join(fields[3:also]), ITEM.join(fields[also:])))
    return record.encode("utf-8", "replace")


def _ranks(fame: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Give how rare each film's fame is: RANK_STEPS times log2 of its rank from the top, ties sharing theirs."""
    order = np.sort(-fame)
    rank = (np.searchsorted(order, -fame, "left") + np.searchsorted(order, -fame, "right") + 1) / 2
    return np.minimum(255, np.round(RANK_STEPS * np.log2(np.maximum(rank, 1)))).astype(np.uint8)


def _chunks(count: int) -> Iterator[tuple[int, int]]:
    for begin in range(0, count, BLOCK):
        yield begin, min(begin + BLOCK, count)


def _sound_postings(
    keys: list[str], joined: list[str], rank: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Give the names of each bucket of hashes of their sounds and letters, and of the famous ones' initials."""
    famous = np.flatnonzero(rank <= RANK_STEPS * np.log2(KNOWN)).tolist()
    called = [(initials_hash(letters), name) for name in famous for letters in initials(keys[name])]
    hashes = [np.array([hashed for hashed, _ in called], np.uint32)]
    names = [np.array([name for _, name in called], np.uint32)]
    for begin, end in _chunks(len(keys)):
        own = np.arange(begin, end, dtype=np.uint32)
        in_any_order, letters, owners = letter_hashes("\n".join(joined[begin:end]))
        hashes += [sound_hashes("\n".join(keys[begin:end])), in_any_order, letters]
        names += [own, own, (owners + begin).astype(np.uint32)]
    filed = np.concatenate(hashes)
    bits = max(8, (len(filed) // 8).bit_length())
    pairs = (filed & np.uint32((1 << bits) - 1)).astype(np.uint64) << np.uint64(32)
    pairs |= np.concatenate(names)
    pairs.sort()
    pairs = pairs[np.diff(pairs, prepend=np.uint64(1) << np.uint64(63)) != 0]
    sound_starts = np.zeros((1 << bits) + 1, np.uint32)
    counts = np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=1 << bits)
    np.cumsum(counts, out=sound_starts[1:])
    return sound_starts, pairs.astype(np.uint32)


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
            first, again = map(np.uint64, SIGNATURE_BITS[value])
            found |= np.where(counts[:, value] > 0, first, np.uint64(0))
            found |= np.where(counts[:, value] > 1, again, np.uint64(0))
        parts.append(found)
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words: each one's name and place in its key, and its first letters and the next as sortable numbers."""

    names: npt.NDArray[np.uint32]
    places: npt.NDArray[np.uint8]
    heads: npt.NDArray[np.uint64]
    further: npt.NDArray[np.uint64]


def _word_postings(letters: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint32]) -> dict[str, npt.NDArray[Any]]:
    """Give each word's name and place in it, in the order of the letters from that word on, spaces left out.

    First words are left out: the names themselves are in their order. With it come the heads of names and words.
    """
    parts = [
        _words_of(letters[starts[begin] : starts[end]], starts[begin : end + 1], begin)
        for begin, end in _chunks(len(starts) - 1)
    ] or [_Words(np.zeros(0, np.uint32), np.zeros(0, np.uint8), np.zeros(0, np.uint64), np.zeros(0, np.uint64))]
    names, places, heads, further = (
        np.concatenate([getattr(part, name) for part in parts]) for name in _Words.__slots__
    )
    within = np.flatnonzero(places)
    order = within[np.lexsort((further[within], heads[within]))]
    return {
        "word_names": names[order],
        "word_places": places[order],
        "name_heads": heads[places == 0][::STRIDE].copy(),
        "word_heads": heads[order[::STRIDE]],
    }


def _words_of(letters: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint32], begin: int) -> _Words:
    """Give the words of the names in `letters`, the first of which is the name with the number `begin`."""
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
    places = begins[heads] - (starts[:-1].astype(np.int64) - int(starts[0]))[owner[heads]]
    heads = heads[places < 256]  # no word so far on is looked up by itself
    places = places[places < 256]
    count = len(begins)
    packed = []
    for shift in (0, HEAD):
        number = np.zeros(len(heads), np.uint64)
        for at in range(shift, shift + HEAD):
            place = np.minimum(heads + at, count - 1)
            inside = (heads + at < count) & (owner[place] == owner[heads])
            number = number * np.uint64(37) + np.where(inside, values[place], np.uint64(0))
        packed.append(number)
    owners = (owner[heads] + begin).astype(np.uint32)
    return _Words(owners, places.astype(np.uint8), packed[0], packed[1])
