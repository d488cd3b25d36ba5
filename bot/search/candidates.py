"""Candidates: some dozens of names, out of a million, that a query may mean.

They come from prefixes (prefix_index.py), shared trigrams, typo-tolerant comparison of letter signatures, and
hashes of sounds, letters and initials.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import mul
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from bot.core.text.folding import fold, transliterate
from bot.search.features import compute_similarities
from bot.search.index import (
    BLOCK_SIZE,
    UNMARKED,
    IndexArrays,
    NameIds,
    extract_trigrams,
    find_top_positions,
)
from bot.search.normalisation import BREAK, SHORT_FORMS, remove_spaces
from bot.search.prefix_index import (
    PREFIX_LENGTH,
    compute_posting_budget,
    find_names_by_prefix,
    find_prefix_candidates,
    find_words_by_prefix,
)
from bot.search.query import QueryContext
from bot.search.wordings import INITIALS, Wording, hash_wording, list_query_wordings, list_wordings

SHORT_NAME = 10
"""Names of so many letters or fewer are indexed without each of their letters: they have few trigrams."""
PEOPLE_FILMS = 65_536
"""Films that are found by their people's names: so many of the most famous."""
LEAST_SIMILAR_NAME = 5
"""Letters from which on a name may be misspelt."""
NAMES_CACHED = 16_384
"""People whose names are kept folded."""
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
SMALL_POSTING_BUDGET = 4_000
"""Trigram postings read if the title is found otherwise: what else is shown matters little then."""
FAME_WEIGHT = 0.012 / 12
"""What a step of the stored rank by fame counts beside a similarity from 0 to 1."""
TRIGRAM_MATCHES = 20
"""Names taken for the share of the query's trigrams in them, and for the share of theirs in the query."""
TRIGRAM_FINALISTS = 250
"""Names compared among those that share most of the query's trigrams."""
TRIGRAM_WEIGHT_BITS, TRIGRAM_WEIGHT_STEPS = 10, 40
"""Bits for the weight of a trigram, and steps for one bit of information."""
TWO_SHARED_FROM = 4
"""From so many trigrams read on, a name must share two of them."""
TYPO_QUERY_LENGTH, TYPO_PREFIX_LENGTH = 6, 4
"""Letters a query needs to be looked up by its first half, and that such a half, or a word, needs."""
MAX_SAME_PREFIX, MAX_SAME_WORD = 30_000, 6_000
"""More names are not compared: those with one prefix lie side by side, those with one word do not."""
TYPO_MATCHES, TYPO_DIFFERENCES = 16, 7
"""Names taken that share a prefix or a word with the query, and in how many letters they may differ."""
TYPO_FAME_WEIGHT = 1 / 80
"""Different letters that a step of the stored rank by fame makes up for."""
SCAN_DIFFERENCES, SCAN_COMPARED, SCAN_MATCHES = 5, 800, 24
"""In a scan of all names: how many letters may differ, how many names are compared, how many taken."""
SCANNED_AT_ONCE = 16_384
SCAN_SIMILARITY = 0.6
"""How similar these must be, as 1 - edits / letters: of five letters two may be wrong."""
PHONETIC_MATCHES, PHONETIC_DIFFERENCES = 150, 9
"""Names taken from hash buckets, and in how many letters they may differ: others only share a bucket by chance."""
DIGIT_MATCHES, DIGIT_DIFFERENCES = 24, 6
"""Names taken that contain a number, and in how many letters they may differ from the query."""
_NO_NAMES = np.zeros(0, np.int64)
_TRUE, _FALSE = np.ones(1, np.bool_), np.zeros(1, np.bool_)


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


def hash_people(names: Iterable[str]) -> set[int]:
    """Return the hashes of people's names by their sound: of the whole name and of its last one to three words."""
    return set(_hash_people([text for name in names for text in list_name_endings(name)]))


def _hash_people(texts: Sequence[str]) -> list[int]:
    """Return the 32-bit hashes under which films of people are indexed, by names or their last words, no spaces.

    Short names count by their letters, longer ones by their sound.
    """
    sounds = create_phonetic_keys("\n".join(texts)) if texts else []
    forms = (
        text if len(text) < LEAST_SIMILAR_NAME else f"{sound} sound"
        for text, sound in zip(texts, sounds, strict=True)
    )
    return [crc32(f"{form} person".encode()) for form in forms]


@lru_cache(NAMES_CACHED)
def list_name_endings(name: str) -> tuple[str, ...]:
    """Return a person's name and its last one to three words, each without spaces."""
    words = transliterate(fold(name)).split(" ")
    starts = {0, *range(max(0, len(words) - 3), len(words))}
    return tuple(dict.fromkeys(filter(None, ("".join(words[start:]) for start in sorted(starts)))))


def find_candidates(context: QueryContext) -> NameIds:
    """Return the names a query may mean, ascending, each once.

    Fewer trigrams are read if a name has exactly the query's letters, in whatever order: that is what is meant.
    """
    arrays, query = context.arrays, context.query
    if not arrays.name_count or query.is_empty:
        return _NO_NAMES
    candidates, is_title = find_prefix_candidates(context)
    if not is_title:
        candidates += [_find_typos_after_prefix(context), _find_typos_beside_word(context)]
    phonetic = _find_phonetic_candidates(context)
    is_found = is_title or bool((context.count_letter_differences(phonetic) == 0).any())
    budget = SMALL_POSTING_BUDGET if is_found else compute_posting_budget(arrays)
    candidates += [
        find_titles(arrays, query.compact_without_article),
        phonetic,
        *_find_trigram_candidates(context, budget),
    ]
    names = context.filter_readable(np.concatenate(candidates))
    names.sort()
    return names[np.concatenate((_TRUE, names[1:] != names[:-1]))] if len(names) else names


def _find_trigram_candidates(context: QueryContext, budget: float) -> list[NameIds]:
    """Return the names that share most trigrams with the query, the rarest trigrams read first within the budget.

    A trigram weighs log2(names / names with it), as in inverse document frequency.
    """
    arrays, query = context.arrays, context.query
    codes = extract_trigrams(query.compact)
    blocks = arrays.block_count
    bounds = arrays.trigram_starts[(codes * blocks)[:, None] + np.arange(blocks + 1)].astype(np.int64)
    counts = bounds[:, -1] - bounds[:, 0]
    read = counts.argsort(kind="stable")
    spent = counts[read].cumsum()
    read = read[: spent.searchsorted(budget, "right")]
    if not len(read) or not spent[len(read) - 1]:
        return []
    weights = np.log2(arrays.name_count / np.maximum(counts[read], 1)) + 0.5
    bounds = bounds[read]
    in_block = np.concatenate([arrays.trigram_names[start:end] for start, end in bounds[:, [0, -1]].tolist()])
    # A name and a weight are packed into one number, so that one short sort brings each name's weights together.
    dtype: Any = np.uint32 if arrays.name_count < 1 << 32 - TRIGRAM_WEIGHT_BITS else np.uint64
    block_starts = np.arange(blocks) * (BLOCK_SIZE << TRIGRAM_WEIGHT_BITS)
    offsets = (block_starts + (weights * TRIGRAM_WEIGHT_STEPS).astype(np.int64)[:, None]).astype(dtype)
    packed = in_block.astype(dtype)
    packed <<= dtype(TRIGRAM_WEIGHT_BITS)
    packed += offsets.ravel().repeat(np.diff(bounds).ravel())
    packed.sort()
    ids = packed >> dtype(TRIGRAM_WEIGHT_BITS)
    packed &= dtype((1 << TRIGRAM_WEIGHT_BITS) - 1)
    sums = np.zeros(len(packed) + 1, np.uint32)
    packed.cumsum(dtype=np.uint32, out=sums[1:])
    repeats = np.concatenate((_FALSE, ids[1:] == ids[:-1], _FALSE))
    if len(read) >= TWO_SHARED_FROM:  # where a run of one name begins and where it ends, by turns
        changes = np.flatnonzero(repeats[1:] != repeats[:-1])
        first, last = changes[::2], changes[1::2]
    else:
        first, last = np.flatnonzero(~repeats[:-1]), np.flatnonzero(~repeats[1:])
    if not len(first):
        return []
    totals = sums[last + 1] - sums[first]
    kept = np.flatnonzero(totals >= _estimate_threshold(totals, TRIGRAM_FINALISTS))
    names = ids[last[kept]].astype(np.int64)
    contained = totals[kept] * np.float32(1 / TRIGRAM_WEIGHT_STEPS / weights.sum())
    lengths = (arrays.starts[names + 1] - arrays.starts[names]).astype(np.float32)
    relative_length = np.maximum(lengths * np.float32(1 / len(query.latin)), np.float32(0.5))
    similarity = 2 * contained / (1 + relative_length)
    fame = arrays.fame_rank[names] * np.float32(FAME_WEIGHT)
    return [names[find_top_positions(score - fame, TRIGRAM_MATCHES)] for score in (contained, similarity)]


def _estimate_threshold(values: npt.NDArray[Any], count: int) -> float:
    """Return about the value that `count` values are above, estimated from a sample."""
    step = max(1, len(values) // 4096)
    sample = values[::step]
    count //= step
    if not 0 < count < len(sample):
        return 0.0
    return float(np.partition(sample, len(sample) - count)[len(sample) - count])


def _find_typos_after_prefix(context: QueryContext) -> NameIds:
    """Return the names that begin with the first half of the query and whose letters are most like it.

    `american sag` is closest to `american stag`, however much more famous others with that prefix are.
    """
    arrays, compact = context.arrays, context.query.compact
    if len(compact) < TYPO_QUERY_LENGTH:
        return _NO_NAMES
    low, high = find_names_by_prefix(arrays, compact[: max(TYPO_PREFIX_LENGTH, len(compact) // 2)])
    if high - low > MAX_SAME_PREFIX:
        return _NO_NAMES
    return (
        _find_closest_letters(context.count_letter_differences(slice(low, high)), arrays.fame_rank[low:high]) + low
    )


def _find_typos_beside_word(context: QueryContext) -> NameIds:
    """Return the names with the query's longest word, its first left out, and with the letters most like it."""
    arrays = context.arrays
    word = max(context.query.words[1:], key=len, default="")[:PREFIX_LENGTH]
    if len(word) < TYPO_PREFIX_LENGTH:
        return _NO_NAMES
    low, high = find_words_by_prefix(arrays, word)
    if high - low > MAX_SAME_WORD:
        return _NO_NAMES
    names = arrays.word_names[low:high].astype(np.int64)
    return names[_find_closest_letters(context.count_letter_differences(names), arrays.fame_rank[names])]


def _find_closest_letters(differences: npt.NDArray[np.uint8], fame_rank: npt.NDArray[np.uint8]) -> NameIds:
    """Return the positions with the fewest different letters, the more famous first among many."""
    close = np.flatnonzero(differences <= TYPO_DIFFERENCES)
    scores = np.float32(-TYPO_FAME_WEIGHT) * fame_rank[close] - differences[close]
    return close[find_top_positions(scores, TYPO_MATCHES)]


def scan_for_typos(context: QueryContext) -> NameIds:
    """Return the names, out of all, with about the query's letters: slow, for when nothing else finds any."""
    arrays = context.arrays
    found: list[NameIds] = []
    for start in range(0, arrays.name_count, SCANNED_AT_ONCE):  # so few stay in the processor's cache
        differences = context.count_letter_differences(slice(start, start + SCANNED_AT_ONCE))
        found.append(np.flatnonzero(differences <= SCAN_DIFFERENCES) + start)
    close = np.concatenate(found)
    if len(close) > SCAN_COMPARED:
        differences = context.count_letter_differences(close)
        limit = int(np.searchsorted(np.cumsum(np.bincount(differences)), SCAN_COMPARED))
        close = close[differences <= max(2, limit - 1)][: 2 * SCAN_COMPARED]
    close = context.filter_readable(close)
    if not len(close):
        return close
    spans = zip(arrays.starts[close].tolist(), arrays.starts[close + 1].tolist(), strict=True)
    keys = remove_spaces("\n".join([arrays.text[start:end] for start, end in spans])).split("\n")
    similarity = compute_similarities(
        context.query.compact, keys, OSA.normalized_similarity, score_cutoff=SCAN_SIMILARITY - 0.01
    )
    similar = np.flatnonzero(similarity >= np.float32(SCAN_SIMILARITY))
    fame = FAME_WEIGHT * arrays.fame_rank[close[similar]]
    return close[similar[find_top_positions(similarity[similar] - fame, SCAN_MATCHES)]]


def _find_phonetic_candidates(context: QueryContext) -> NameIds:
    """Return the names that sound like the query, have its letters, or, if it is short, differ in one letter."""
    arrays, query = context.arrays, context.query
    names = _get_names_in_buckets(arrays, hash_name(query.latin, query.compact))
    differences = context.count_letter_differences(names)
    close = np.flatnonzero(differences <= PHONETIC_DIFFERENCES)
    if len(close) > PHONETIC_MATCHES:
        cost = differences[close] * 24.0 + arrays.fame_rank[names[close]]
        if query.year is not None:
            cost -= 500 * (arrays.years[arrays.name_films[names[close]]] == query.year)
        close = close[np.argpartition(cost, PHONETIC_MATCHES)[:PHONETIC_MATCHES]]
    return names[close].astype(np.int64)


def find_worded_candidates(context: QueryContext) -> list[tuple[int, Wording]]:
    """Return the names of famous films of which the query is a short wording, and which."""
    arrays, query = context.arrays, context.query
    if not query.folded.isascii():
        return []
    texts = list_query_wordings(query.words)
    if not texts:
        return []
    names = np.concatenate(arrays.get_names_with_terms([hash_wording(text) for text in texts]))
    found = []
    for name in set(names.tolist()):
        if arrays.name_titles.item(name) < UNMARKED:
            wordings = list_wordings(arrays.get_key(name))
            kinds = [
                wordings[text]
                for text, may_be_initials in texts.items()
                if text in wordings and (may_be_initials or wordings[text] not in INITIALS)
            ]
            if kinds:
                found.append((name, min(kinds, key=lambda kind: kind.cost)))
    return found


def find_names_of_people(arrays: IndexArrays, people: Sequence[str]) -> list[NameIds]:
    """Return for each text, a name without spaces, the main titles of famous films with a person who sounds so."""
    return [names.astype(np.int64) for names in arrays.get_names_with_terms(_hash_people(people))]


def _hash_in_any_order(compact: str) -> int:
    values = [_LETTER_HASH_LIST[letter] for letter in compact.encode("ascii")]
    return sum(values) * int(_ANY_ORDER) & _UINT32_MASK


def find_titles(arrays: IndexArrays, compact: str) -> NameIds:
    """Return the names with exactly these letters but for an English article at the beginning."""
    texts = {compact, f"the{compact}", f"a{compact}"}
    texts.update(compact[len(each) :] for each in ("the", "an", "a") if compact.startswith(each))
    texts.discard("")
    names = _get_names_in_buckets(arrays, map(_hash_in_any_order, texts))
    return np.array([name for name in set(names.tolist()) if arrays.get_compact_key(name) in texts], np.int64)


def _get_names_in_buckets(arrays: IndexArrays, hashes: Iterable[int]) -> npt.NDArray[Any]:
    starts = arrays.bucket_starts
    buckets = {each & len(starts) - 2 for each in hashes}
    return np.concatenate(
        [arrays.bucket_names[starts.item(bucket) : starts.item(bucket + 1)] for bucket in buckets]
    )


def find_candidates_with_digits(context: QueryContext, digits: str) -> NameIds:
    """Return names that may contain `digits`, at least three: those with about the query's letters or its prefix.

    A name may contain all trigrams of the digits and not the digits; the caller checks that.
    """
    arrays = context.arrays
    lists = [_get_names_with_trigram(arrays, code) for code in extract_trigrams(digits).tolist()]
    names, *others = sorted(lists, key=len)
    names = names[context.count_letter_differences(names) <= DIGIT_DIFFERENCES]
    for other in others:
        at = np.minimum(other.searchsorted(names), len(other) - 1)
        names = names[other[at] == names]
    closest = np.argsort(context.count_letter_differences(names), kind="stable")[:DIGIT_MATCHES]
    return np.concatenate((names[closest], *find_prefix_candidates(context)[0]))


def _get_names_with_trigram(arrays: IndexArrays, code: int) -> NameIds:
    """Return the names that contain a trigram, ascending."""
    blocks = arrays.block_count
    bounds = arrays.trigram_starts[code * blocks + np.arange(blocks + 1)].astype(np.int64)
    block_starts = (np.arange(blocks) * BLOCK_SIZE).repeat(np.diff(bounds))
    return arrays.trigram_names[bounds[0] : bounds[-1]] + block_starts
