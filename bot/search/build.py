"""Building the arrays of a title index from entries."""

from array import array
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.search.candidates import PEOPLE_FILMS, hash_letters, hash_people, hash_sounds
from bot.search.index import (
    ALPHABET_SIZE,
    BLOCK_SIZE,
    FIELD_SEPARATOR,
    ITEM_SEPARATOR,
    LETTER_VALUES,
    SIGNATURE_BITS,
    TITLE_NUMBER,
    TRIGRAM_COUNT,
    UNMARKED,
    IndexArrays,
    NameIds,
    TitleEntry,
    split_items,
)
from bot.search.normalisation import BREAK, create_title_keys, remove_spaces, replace_digit_letters
from bot.search.prefix_index import PREFIX_BASE, PREFIX_LENGTH, SAMPLE_STRIDE
from bot.search.wordings import FAMOUS_FILMS, hash_wording, list_wordings

FAME_RANK_STEPS = 12.0
"""Steps of the stored rank by fame for each doubling of the rank."""
_NO_SEPARATORS = str.maketrans({FIELD_SEPARATOR: " ", ITEM_SEPARATOR: " "})
Letters = npt.NDArray[np.uint8]
"""The ASCII characters of keys, concatenated."""
Starts = npt.NDArray[np.uint32]
"""Where each key starts in an array of letters, and where the last one ends: one more than there are keys."""


class FameScale:
    """The fame of a catalogue's films by rank, to rank films that are added later."""

    def __init__(self, fame: npt.NDArray[np.float32]) -> None:
        descending = np.sort(-fame)
        ranks = np.minimum(2 ** (np.arange(256) / FAME_RANK_STEPS) - 1, max(0, len(fame) - 1)).astype(np.int64)
        self._limits = descending[ranks] if len(fame) else np.zeros(0, np.float32)

    def rank(self, fame: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
        """Return FAME_RANK_STEPS times log2 of the rank of each fame in the catalogue."""
        return np.minimum(np.searchsorted(self._limits, -fame, "left"), 255).astype(np.uint8)


def build_index(entries: Iterable[TitleEntry], scale: FameScale | None = None) -> IndexArrays:
    """Return the arrays of all entries; of two entries with one film id the later counts.

    Fame is ranked on `scale`, or among the entries if it is None.
    """
    builder = IndexBuilder()
    for entry in entries:
        builder.add(entry)
    return builder.build(scale)


class IndexBuilder:
    """Collects entries one by one, in a compact form, and builds the arrays of them."""

    def __init__(self) -> None:
        self._films: dict[str, tuple[bytes, int, float, list[tuple[str, int]]]] = {}

    def add(self, entry: TitleEntry) -> None:
        """Add an entry; it replaces an earlier one of the same film."""
        year = entry.year if entry.year is not None and 0 < entry.year < 32_768 else 0
        self._films[entry.film_id] = _encode_record(entry), year, entry.fame, _create_keys(entry)

    def build(self, scale: FameScale | None = None) -> IndexArrays:
        """Return the arrays and empty the builder.

        Fame is ranked on `scale`, or among the entries if it is None.
        """
        records, keys = [], []
        name_films, name_titles, years, fame = array("I"), array("B"), array("h"), array("f")
        for film, film_id in enumerate(sorted(self._films)):
            record, year, film_fame, forms = self._films.pop(film_id)
            records.append(record)
            years.append(year)
            fame.append(film_fame)
            for key, title in forms:
                keys.append(key)
                name_films.append(film)
                name_titles.append(title)
        unsorted_compact_keys = remove_spaces("\n".join(keys)).split("\n") if keys else []
        positions = sorted(range(len(keys)), key=unsorted_compact_keys.__getitem__)
        order = np.asarray(positions, np.int64)
        keys = [keys[position] for position in positions]
        compact_keys = [unsorted_compact_keys[position] for position in positions]
        films = np.frombuffer(name_films, np.uint32)[order]
        fame_values = np.frombuffer(fame, np.float32)
        text = "".join(keys)
        starts = _compute_starts(keys, np.uint32)
        letters = np.frombuffer(text.encode("ascii"), np.uint8)
        trigram_starts, trigram_names = _index_trigrams(letters, starts)
        words = _index_words(letters, starts)
        fame_rank = (scale.rank(fame_values) if scale else _rank_by_fame(fame_values))[films]
        title_numbers = np.frombuffer(name_titles, np.uint8)[order]
        bucket_starts, bucket_names = _index_hashes(keys, compact_keys)
        terms = array("Q", _iterate_wordings(keys, fame_rank))
        terms.extend(_iterate_people(records, films, title_numbers, fame_rank))
        sorted_terms = np.unique(np.frombuffer(terms, np.uint64))
        return IndexArrays(
            text=text,
            starts=starts,
            name_films=films,
            name_titles=title_numbers,
            fame_rank=fame_rank,
            trigram_starts=trigram_starts,
            trigram_names=trigram_names,
            word_names=words.names,
            word_offsets=words.offsets,
            name_prefixes=words.name_prefixes,
            word_prefixes=words.word_prefixes,
            bucket_starts=bucket_starts,
            bucket_names=bucket_names,
            term_hashes=(sorted_terms >> np.uint64(32)).astype(np.uint32),
            term_names=sorted_terms.astype(np.uint32),
            signatures=_compute_signatures(letters, starts),
            records=b"".join(records),
            record_starts=_compute_starts(records, np.uint32 if sum(map(len, records)) < 1 << 32 else np.uint64),
            years=np.frombuffer(years, np.int16),
            fame=fame_values,
        )


def _compute_starts(items: Sequence[Sized], dtype: Any) -> npt.NDArray[Any]:
    """Return where each item starts if they are concatenated, and where the last one ends."""
    starts = np.zeros(len(items) + 1, dtype)
    np.cumsum(np.fromiter(map(len, items), np.int64, len(items)), out=starts[1:])
    return starts


def _create_keys(entry: TitleEntry) -> list[tuple[str, int]]:
    """Return each key of the entry's titles once, with its item of `name_titles`."""
    keys: dict[str, int] = {}
    unmarked_keys: dict[str, int] = {}
    seen = set()
    for position, title in enumerate((entry.title, entry.original_title, *entry.other_titles)):
        if title in seen:
            continue
        seen.add(title)
        number = min(position, TITLE_NUMBER)
        for form, key in enumerate(create_title_keys(title)):
            (unmarked_keys if form else keys).setdefault(key, number)
            if title.isascii():
                keys.setdefault(replace_digit_letters(key), number)
    return [*keys.items(), *((key, number | UNMARKED) for key, number in unmarked_keys.items() if key not in keys)]


def _encode_record(entry: TitleEntry) -> bytes:
    original_title = "" if entry.original_title == entry.title else entry.original_title
    lists = (entry.directors, entry.other_titles, entry.languages, entry.countries, entry.genres, entry.cast)
    fields = [[entry.film_id], [entry.title], [original_title], *lists, entry.title_languages]
    content = "".join(map("".join, fields))
    if FIELD_SEPARATOR in content or ITEM_SEPARATOR in content:
        fields = [[item.translate(_NO_SEPARATORS) for item in field] for field in fields]
    return FIELD_SEPARATOR.join(map(ITEM_SEPARATOR.join, fields)).encode("utf-8", "replace")


def _rank_by_fame(fame: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return FAME_RANK_STEPS times log2 of each film's rank from the top; equal films share their mean rank."""
    order = np.sort(-fame)
    rank = (np.searchsorted(order, -fame, "left") + np.searchsorted(order, -fame, "right") + 1) / 2
    return np.minimum(255, np.round(FAME_RANK_STEPS * np.log2(np.maximum(rank, 1)))).astype(np.uint8)


def _iterate_blocks(count: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each block of BLOCK_SIZE of `count` names."""
    for start in range(0, count, BLOCK_SIZE):
        yield start, min(start + BLOCK_SIZE, count)


def _find_famous(fame_rank: npt.NDArray[np.uint8], films: int) -> list[int]:
    """Return the names of about so many of the most famous films."""
    positions: list[int] = np.flatnonzero(fame_rank <= FAME_RANK_STEPS * np.log2(films)).tolist()
    return positions


def _iterate_wordings(keys: list[str], fame_rank: npt.NDArray[np.uint8]) -> Iterator[int]:
    """Yield the hash of each short wording of the most famous films, with the name in the lower 32 bits."""
    for name in _find_famous(fame_rank, FAMOUS_FILMS):
        for text in list_wordings(keys[name]):
            yield hash_wording(text) << 32 | name


def _iterate_people(
    records: list[bytes],
    films: npt.NDArray[np.uint32],
    name_titles: npt.NDArray[np.uint8],
    fame_rank: npt.NDArray[np.uint8],
) -> Iterator[int]:
    """Yield the hash of each person of famous films, with the name of the main title in the lower 32 bits."""
    for name in _find_famous(fame_rank, PEOPLE_FILMS):
        if name_titles[name] == 0:
            fields = records[films.item(name)].decode().split(FIELD_SEPARATOR)
            people = [*split_items(fields[3]), *split_items(fields[8])]
            for hashed in hash_people(people):
                yield hashed << 32 | name


def _index_hashes(
    keys: list[str], compact_keys: list[str]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return where each bucket of hashes of sounds and letters (candidates.py) starts, and the names in it."""
    hashes = [np.zeros(0, np.uint32)]
    names = [np.zeros(0, np.uint32)]
    for start, end in _iterate_blocks(len(keys)):
        block_names = np.arange(start, end, dtype=np.uint32)
        any_order, in_order, owners = hash_letters("\n".join(compact_keys[start:end]))
        hashes += [hash_sounds("\n".join(keys[start:end])), any_order, in_order]
        names += [block_names, block_names, (owners + start).astype(np.uint32)]
    all_hashes = np.concatenate(hashes)
    bits = max(8, (len(all_hashes) // 8).bit_length())
    pairs = (all_hashes & np.uint32((1 << bits) - 1)).astype(np.uint64) << np.uint64(32)
    pairs |= np.concatenate(names)
    pairs.sort()
    pairs = pairs[np.diff(pairs, prepend=np.uint64(1) << np.uint64(63)) != 0]
    bucket_starts = np.zeros((1 << bits) + 1, np.uint32)
    counts = np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=1 << bits)
    np.cumsum(counts, out=bucket_starts[1:])
    return bucket_starts, pairs.astype(np.uint32)


def _extract_letter_values(letters: Letters, starts: Starts) -> tuple[npt.NDArray[np.int64], NameIds]:
    """Return each letter and digit as a number below ALPHABET_SIZE, and the position of the key it is in."""
    values = LETTER_VALUES[letters]
    lengths = starts[1:].astype(np.int64) - starts[:-1]
    names = np.repeat(np.arange(len(lengths)), lengths)
    kept = values >= 0
    return values[kept], names[kept]


def _index_trigrams(letters: Letters, starts: Starts) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16]]:
    """Return `trigram_starts` and `trigram_names`, spaces left out."""
    parts: list[tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]] = []
    for start, end in _iterate_blocks(len(starts) - 1):
        values, names = _extract_letter_values(letters[starts[start] : starts[end]], starts[start : end + 1])
        codes = (values[:-2] * ALPHABET_SIZE + values[1:-1]) * ALPHABET_SIZE + values[2:]
        is_inside = names[:-2] == names[2:]
        pairs = (codes[is_inside] << 16 | names[:-2][is_inside]).astype(np.uint32)
        pairs.sort()
        pairs = pairs[np.diff(pairs, prepend=pairs[:1] ^ 1) != 0]
        parts.append(((pairs >> 16).astype(np.uint16), (pairs & 0xFFFF).astype(np.uint16)))
    blocks = len(parts)
    if not blocks:
        return np.zeros(1, np.uint32), np.zeros(0, np.uint16)
    counts = np.array([np.bincount(codes, minlength=TRIGRAM_COUNT) for codes, _ in parts], np.int64).T.ravel()
    trigram_starts = np.zeros(TRIGRAM_COUNT * blocks + 1, np.uint32)
    np.cumsum(counts, out=trigram_starts[1:])
    trigram_names = np.empty(int(trigram_starts[-1]), np.uint16)
    for block, (block_codes, block_names) in enumerate(parts):
        block_starts = trigram_starts[block::blocks][:TRIGRAM_COUNT].astype(np.int64)
        block_counts = counts[block::blocks]
        offsets = np.arange(len(block_codes)) - (np.cumsum(block_counts) - block_counts)[block_codes]
        trigram_names[block_starts[block_codes] + offsets] = block_names
    return trigram_starts, trigram_names


def _compute_signatures(letters: Letters, starts: Starts) -> npt.NDArray[np.uint64]:
    """Return the signature of each name."""
    parts = [np.zeros(0, np.uint64)]
    for start, end in _iterate_blocks(len(starts) - 1):
        values, names = _extract_letter_values(letters[starts[start] : starts[end]], starts[start : end + 1])
        counts = np.bincount(names * ALPHABET_SIZE + values, minlength=(end - start) * ALPHABET_SIZE)
        counts = counts.reshape(-1, ALPHABET_SIZE)
        signatures = np.zeros(end - start, np.uint64)
        for value in range(ALPHABET_SIZE):
            present, repeated = map(np.uint64, SIGNATURE_BITS[value])
            signatures |= np.where(counts[:, value] > 0, present, np.uint64(0))
            signatures |= np.where(counts[:, value] > 1, repeated, np.uint64(0))
        parts.append(signatures)
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class _WordIndex:
    """The arrays `word_names`, `word_offsets`, `name_prefixes` and `word_prefixes`."""

    names: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.uint8]
    name_prefixes: npt.NDArray[np.uint64]
    word_prefixes: npt.NDArray[np.uint64]


def _index_words(letters: Letters, starts: Starts) -> _WordIndex:
    """Return the index of words. First words are left out: the names themselves are sorted by them."""
    names, offsets = [np.zeros(0, np.uint32)], [np.zeros(0, np.uint8)]
    prefixes, continuations = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    for start, end in _iterate_blocks(len(starts) - 1):
        block_letters, block_starts = letters[starts[start] : starts[end]], starts[start : end + 1]
        lengths = block_starts[1:].astype(np.int64) - block_starts[:-1]
        owners = np.repeat(np.arange(len(lengths)), lengths)
        is_letter = block_letters > ord("/")
        is_letter &= block_letters != ord(BREAK)
        positions = np.flatnonzero(is_letter)
        owner = owners[positions]
        digits = (LETTER_VALUES[block_letters[positions]] + 1).astype(np.uint64)
        starts_word = np.ones(len(block_letters), bool)
        starts_word[1:] = ~is_letter[:-1] | (owners[1:] != owners[:-1])
        words = np.flatnonzero(starts_word[positions])
        word_offsets = positions[words] - (block_starts[:-1].astype(np.int64) - int(block_starts[0]))[owner[words]]
        words = words[word_offsets < 256]  # a word after so many letters is not found by itself
        word_offsets = word_offsets[word_offsets < 256]
        for shift, packed in ((0, prefixes), (PREFIX_LENGTH, continuations)):
            numbers = np.zeros(len(words), np.uint64)
            for offset in range(shift, shift + PREFIX_LENGTH):
                letter = np.minimum(words + offset, len(positions) - 1)
                is_inside = (words + offset < len(positions)) & (owner[letter] == owner[words])
                numbers = numbers * np.uint64(PREFIX_BASE) + np.where(is_inside, digits[letter], np.uint64(0))
            packed.append(numbers)
        names.append((owner[words] + start).astype(np.uint32))
        offsets.append(word_offsets.astype(np.uint8))
    all_names, all_offsets = np.concatenate(names), np.concatenate(offsets)
    all_prefixes, all_continuations = np.concatenate(prefixes), np.concatenate(continuations)
    later_words = np.flatnonzero(all_offsets)
    order = later_words[np.lexsort((all_continuations[later_words], all_prefixes[later_words]))]
    return _WordIndex(
        names=all_names[order],
        offsets=all_offsets[order],
        name_prefixes=all_prefixes[all_offsets == 0][::SAMPLE_STRIDE].copy(),
        word_prefixes=all_prefixes[order[::SAMPLE_STRIDE]],
    )
