"""The title index: entries that go in, matches that come out, the arrays that are searched, and their file."""

import json
import mmap
import os
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from bot.core.text.folding import transliterate
from bot.core.text.formatting import with_year
from bot.search.constraints import Constraint
from bot.search.normalisation import fold_title, remove_spaces

NameIds = npt.NDArray[np.int64]
"""Positions of names in the arrays."""
ALPHABET_SIZE = 36
"""Letters and digits that keys are made of."""
TRIGRAM_COUNT = ALPHABET_SIZE**3
ID_BYTES_LIMIT = 400
"""Bytes that a film's id of 100 characters takes at most."""
FIELD_SEPARATOR, ITEM_SEPARATOR = "\x1f", "\x1e"
"""Separates the fields of a film's record, and the items of a field."""
BLOCK_SIZE = 65_536
"""Names in a block: within a block 16 bits identify a name."""
SOURCE_LANGUAGE = "en"
"""The language of main titles, which every reader is shown where there is none in theirs."""
TITLE_NUMBER, UNMARKED = 0x7F, 0x80
"""The bits of `name_titles` that number a film's titles, and the bit set if a name lacks its script's marks."""
SIGNATURE_BITS = [(1 << bit, 0) for bit in range(10)] + [(1 << bit, 1 << bit + 1) for bit in range(10, 62, 2)]
"""The signature bits of each digit and letter: one for its presence, and for letters one for its repetition."""
LETTER_VALUES = np.full(256, -1, np.int64)
"""The number below ALPHABET_SIZE of each ASCII letter and digit, -1 for everything else."""
LETTER_VALUES[ord("0") : ord("9") + 1] = np.arange(10)
LETTER_VALUES[ord("a") : ord("z") + 1] = np.arange(10, 36)
SHOWN_LIKENESS = 80.0
"""How much of 100 a title shown has of the query at least, so that nobody wonders why it is shown."""
_LETTER_BYTES = LETTER_VALUES.astype(np.uint8).tobytes()
FILE_MAGIC = b"MARQUEE TITLES\r\n"
"""How the file starts; the line end reveals a file that was copied as text."""
FILE_VERSION = 10
"""Raise it with any change to the arrays or to how titles are normalised: files of other versions are rebuilt."""
_FILE_HEAD = struct.Struct("<16sIII")
_ALIGNMENT = 64
_TEXT, _BYTES = "text", "bytes"
"""The types in the header of what is no numpy array: ASCII text and plain bytes."""


@dataclass(frozen=True, slots=True)
class TitleEntry:
    """What title search knows of a film. `other_titles` are its further titles; `fame` is 0 or more.

    languages, countries, genres: what narrows a title (constraints.py). cast: the names of the leading cast.
    title_languages: for each of `other_titles` the languages in which it is the film's title, separated by spaces,
    as `de` or `es-MX`; may be shorter.
    """

    film_id: str
    title: str
    original_title: str
    year: int | None = None
    directors: tuple[str, ...] = ()
    other_titles: tuple[str, ...] = ()
    fame: float = 0.0
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    title_languages: tuple[str, ...] = ()


class MatchKind(StrEnum):
    """How a film was matched."""

    EXACT = "the same title"
    FORGIVEN = "similar spelling"
    PART = "a part of the title"
    INITIALS = "its initials"


class Match(NamedTuple):
    """A film found: `matched` is the title closest to the query, `score` their similarity from 0 to 100.

    `unmet` are the year, number, country, genre or person in the query that don't fit the film.
    `fame` is the entry's, 0 where it is not known. `typed` is the part of the query that was read as the title, ""
    for all of it. `local_title` is what the film is called in the member's language, "" where it is not known or
    nothing else than `title`. `query` is what was read as the title, in Latin letters.
    """

    film_id: str
    title: str
    original_title: str
    year: int | None
    directors: tuple[str, ...]
    score: float
    matched: str
    kind: MatchKind
    unmet: tuple[Constraint, ...] = ()
    fame: float = 0.0
    typed: str = ""
    local_title: str = ""
    query: str = ""

    @property
    def other_title(self) -> str:
        """The title by which the film was found, "" if the one shown is as much like the query."""
        if self.matched == self.shown_title or not self.query:
            return ""
        typed = self.query.replace(" ", "")
        shown, found = (
            transliterate(fold_title(title)).replace(" ", "") for title in (self.shown_title, self.matched)
        )
        scorer = fuzz.partial_ratio if len(typed) <= len(shown) else fuzz.ratio
        likeness = scorer(typed, shown)
        return self.matched if likeness < SHOWN_LIKENESS and likeness < fuzz.partial_ratio(typed, found) else ""

    @property
    def shown_title(self) -> str:
        """The title in the member's language if it is known, else the main one."""
        return self.local_title or self.title

    @property
    def dated_title(self) -> str:
        """The title shown, with its year."""
        return with_year(self.shown_title, self.year)


@dataclass(frozen=True, slots=True)
class IndexArrays:
    """The arrays of F films with N names; a name is one normalised form (key) of one title of a film.

    Names are sorted by their keys without spaces, films by their ids. A film's position is called its number.

    text: the keys of all names, concatenated; starts: where each key starts in it, N + 1.
    name_films: the number of each name's film. name_titles: which of the film's titles the name is, with UNMARKED
    set if it lacks the marks of its script.
    fame_rank: 12 * log2 of the rank by fame of each name's film, from the most famous down.
    trigram_starts, trigram_names: the names that contain a trigram, ordered by trigram and then by block of
    BLOCK_SIZE names, as numbers within the block.
    word_names, word_offsets: the name, and the offset in its key, of each word except first words, sorted by the
    letters from that word on.
    name_prefixes, word_prefixes: packed prefixes of every SAMPLE_STRIDE-th name and word (prefix_index.py).
    bucket_starts, bucket_names: the names in each bucket of hashes of sounds and letters (candidates.py).
    term_hashes, term_names: hashes of short wordings and of people, sorted, and the name that each is of
    (wordings.py, candidates.py).
    signatures: which letters each name has, 64 bits.
    records, record_starts: what is shown of each film, UTF-8, and where it starts, F + 1.
    years, fame: of each film; a year of 0 is unknown.
    """

    text: str
    starts: npt.NDArray[np.uint32]
    name_films: npt.NDArray[np.uint32]
    name_titles: npt.NDArray[np.uint8]
    fame_rank: npt.NDArray[np.uint8]
    trigram_starts: npt.NDArray[np.uint32]
    trigram_names: npt.NDArray[np.uint16]
    word_names: npt.NDArray[np.uint32]
    word_offsets: npt.NDArray[np.uint8]
    name_prefixes: npt.NDArray[np.uint64]
    word_prefixes: npt.NDArray[np.uint64]
    bucket_starts: npt.NDArray[np.uint32]
    bucket_names: npt.NDArray[np.uint32]
    term_hashes: npt.NDArray[np.uint32]
    term_names: npt.NDArray[np.uint32]
    signatures: npt.NDArray[np.uint64]
    records: Any
    record_starts: npt.NDArray[np.uint32 | np.uint64]
    years: npt.NDArray[np.int16]
    fame: npt.NDArray[np.float32]

    @property
    def film_count(self) -> int:
        """The number of films."""
        return len(self.years)

    @property
    def name_count(self) -> int:
        """The number of names."""
        return len(self.name_films)

    @property
    def block_count(self) -> int:
        """The number of blocks of BLOCK_SIZE names, the last one possibly smaller."""
        return -(-self.name_count // BLOCK_SIZE)

    def get_key(self, name: int) -> str:
        """Return the key of a name."""
        return self.text[self.starts.item(name) : self.starts.item(name + 1)]

    def get_compact_key(self, name: int) -> str:
        """Return the key of a name without spaces."""
        return remove_spaces(self.get_key(name))

    def get_compact_key_from_word(self, position: int) -> str:
        """Return the rest of a key from a word on, without spaces; `position` is the word's in `word_names`."""
        name = self.word_names.item(position)
        start = self.starts.item(name) + self.word_offsets.item(position)
        return remove_spaces(self.text[start : self.starts.item(name + 1)])

    def get_record(self, film: int) -> list[str]:
        """Return a film's id, title, original title (empty if the same), directors and further titles.

        They are followed by its languages, countries, genres, cast and the further titles' languages; the items of
        a field are separated.
        """
        record = self.records[self.record_starts.item(film) : self.record_starts.item(film + 1)]
        return str(record, "utf-8").split(FIELD_SEPARATOR)

    def get_entry(self, film: int) -> TitleEntry:
        """Return the entry of a film."""
        film_id, title, original, *lists = self.get_record(film)
        directors, other_titles, languages, countries, genres, cast, title_languages = map(split_items, lists)
        return TitleEntry(
            film_id=film_id,
            title=title,
            original_title=original or title,
            year=self.years.item(film) or None,
            directors=directors,
            other_titles=other_titles,
            fame=self.fame.item(film),
            languages=languages,
            countries=countries,
            genres=genres,
            cast=cast,
            title_languages=title_languages,
        )

    def get_names_with_terms(self, hashes: Sequence[int]) -> list[npt.NDArray[np.uint32]]:
        """Return for each hash the names that it is a short wording or a person of."""
        wanted = np.array(hashes, np.uint32)
        starts = self.term_hashes.searchsorted(wanted, "left").tolist()
        ends = self.term_hashes.searchsorted(wanted, "right").tolist()
        return [self.term_names[start:end] for start, end in zip(starts, ends, strict=True)]

    def get_film_id(self, film: int) -> str:
        """Return the id of a film, without reading the rest of its record."""
        start = self.record_starts.item(film)
        return str(self.records[start : start + ID_BYTES_LIMIT], "utf-8", "ignore").partition(FIELD_SEPARATOR)[0]

    def find_film(self, film_id: str) -> int | None:
        """Return the number of the film with that id, or None."""
        low, high = 0, self.film_count
        while low < high:
            middle = (low + high) // 2
            if self.get_film_id(middle) < film_id:
                low = middle + 1
            else:
                high = middle
        return low if low < self.film_count and self.get_film_id(low) == film_id else None


def split_items(field: str) -> tuple[str, ...]:
    """Return the items of a field of a film's record."""
    return tuple(field.split(ITEM_SEPARATOR)) if field else ()


ARRAY_FIELDS = tuple(field.name for field in fields(IndexArrays))


def get_title_by_number(record: list[str], name_title: int) -> str:
    """Return the title of a film's record that `name_title` means; the main title if there is none."""
    number = name_title & TITLE_NUMBER
    if number == 0:
        return record[1]
    titles = list_titles(record)
    return titles[number] if number < len(titles) else titles[0]


def find_title_by_spelling(record: list[str], name_title: int, folded: str) -> str:
    """Return the title of a film's record that folds to `folded`, else the one that `name_title` means.

    Titles that read alike in Latin letters (`Gurozuka`, `グロヅカ`) are one name, with the first one's number.
    """
    spelled_so = (title for title in list_titles(record) if fold_title(title) == folded)
    return next(spelled_so, get_title_by_number(record, name_title))


def list_titles(record: list[str]) -> list[str]:
    """Return all titles of a film's record: the main title, the original title, further ones."""
    _, title, original, _, other_titles, *_ = record
    return [title, original or title, *split_items(other_titles)]


def find_local_title(record: list[str], locale_keys: Sequence[str]) -> str:
    """Return the title of a film's record in the first of these languages, "" if there is none.

    Of several titles in a language the first counts. A film of that language without one has its original title.
    """
    _, _, original, _, other_titles, languages, _, _, _, title_languages = record
    titles: dict[str, str] = {}
    if title_languages:
        tags = title_languages.split(ITEM_SEPARATOR)
        for title, tagged in zip(split_items(other_titles), tags, strict=False):
            for tag in tagged.split(" "):
                titles.setdefault(tag, title)
    if original and languages:
        titles.setdefault(split_items(languages)[0], original)
    return next((titles[key] for key in locale_keys if key in titles), "")


def is_foreign_title(record: list[str], name_title: int, locale_keys: Sequence[str]) -> bool:
    """Return whether that title of a film's record is one in other languages than English and these.

    A title whose languages are not known is none, and neither is the original title.
    """
    position = (name_title & TITLE_NUMBER) - 2
    if position < 0 or not record[9]:
        return False
    tags = record[9].split(ITEM_SEPARATOR)[position : position + 1]
    languages = tags[0].split(" ") if tags and tags[0] else []
    return bool(languages) and not any(
        tag in locale_keys or tag.partition("-")[0] in (SOURCE_LANGUAGE, *locale_keys) for tag in languages
    )


def extract_trigrams(compact: str) -> npt.NDArray[np.int64]:
    """Return the codes of the trigrams of a key without spaces, each once, in no particular order."""
    values = compact.encode("ascii").translate(_LETTER_BYTES)
    triples = zip(values, values[1:], values[2:], strict=False)
    return np.array(list({(a * ALPHABET_SIZE + b) * ALPHABET_SIZE + c for a, b, c in triples}), np.int64)


def compute_signature(compact: str) -> np.uint64:
    """Return 64 bits that say which digits and letters a key has, and which letters twice or more."""
    bits = 0
    for letter in set(compact):
        present, repeated = SIGNATURE_BITS[_LETTER_BYTES[ord(letter)]]
        bits |= present | (repeated if compact.count(letter) > 1 else 0)
    return np.uint64(bits)


def find_top_positions(values: npt.NDArray[Any], count: int) -> npt.NDArray[np.int64]:
    """Return the positions of the `count` greatest values, in any order."""
    if len(values) <= count:
        return np.arange(len(values))
    return values.argpartition(len(values) - count)[len(values) - count :]


class IndexFileError(Exception):
    """A file that can't be used; the message says why."""


def write_index_file(path: Path, arrays: IndexArrays, key: str) -> None:
    """Write the arrays to a file, with a `key` that identifies the catalogue they were built from.

    The file appears complete or not at all, even if other processes write it at the same time. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    table: list[tuple[str, str, int, int]] = []
    parts: list[bytes] = []
    offset = 0
    for name in ARRAY_FIELDS:
        value = getattr(arrays, name)
        if isinstance(value, str):
            dtype, content = _TEXT, value.encode("ascii")
        elif isinstance(value, np.ndarray):
            dtype, content = value.dtype.str, value.tobytes()
        else:
            dtype, content = _BYTES, value
        table.append((name, dtype, offset, len(content)))
        padding = -len(content) % _ALIGNMENT
        parts += [content, bytes(padding)]
        offset += len(content) + padding
    checksum = 0
    for part in parts:
        checksum = crc32(part, checksum)
    header = json.dumps({"key": key, "size": offset, "checksum": checksum, "arrays": table}).encode()
    header += b" " * (-(len(header) + _FILE_HEAD.size) % _ALIGNMENT)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_FILE_HEAD.pack(FILE_MAGIC, FILE_VERSION, len(header), crc32(header)))
            file.write(header)
            for part in parts:
                file.write(part)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_index_file(path: Path) -> tuple[str, IndexArrays]:
    """Return the key and the arrays of a file; its pages are read from disk as they are needed.

    Raises IndexFileError if the file is missing, not an index, of another version, truncated or damaged.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError as error:
        raise IndexFileError("there is none yet") from error
    except (OSError, ValueError) as error:  # ValueError: an empty file can't be mapped
        raise IndexFileError(f"can't be read: {error}") from error
    view = memoryview(mapped)
    if len(view) < _FILE_HEAD.size:
        raise IndexFileError("cut short")
    magic, version, size, checksum = _FILE_HEAD.unpack_from(view)
    if magic != FILE_MAGIC:
        raise IndexFileError("not a title index")
    if version != FILE_VERSION:
        raise IndexFileError(f"of layout {version}, not {FILE_VERSION}")
    header_bytes = view[_FILE_HEAD.size : _FILE_HEAD.size + size]
    if len(header_bytes) != size or crc32(header_bytes) != checksum:
        raise IndexFileError("its header is damaged")
    header = json.loads(bytes(header_bytes))
    body = view[_FILE_HEAD.size + size :]
    if len(body) != header["size"]:
        raise IndexFileError("cut short")
    if crc32(body) != header["checksum"]:
        raise IndexFileError("its checksum is another")
    values: dict[str, Any] = {}
    for name, dtype, offset, length in header["arrays"]:
        part = body[offset : offset + length]
        if dtype == _TEXT:
            values[name] = str(part, "ascii")
        else:
            values[name] = part if dtype == _BYTES else np.frombuffer(part, dtype)
    if set(values) != set(ARRAY_FIELDS):
        raise IndexFileError("it holds other arrays")
    arrays = IndexArrays(**values)
    if len(arrays.trigram_starts) != TRIGRAM_COUNT * arrays.block_count + 1:
        raise IndexFileError("its arrays don't fit together")
    return header["key"], arrays
