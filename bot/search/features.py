"""Features: how a query and each candidate name compare, in numbers that the ranking weighs.

Each feature is about 0 to 1. A similarity is RapidFuzz's normalised Indel similarity unless the name says
otherwise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel, LCSseq, Prefix

from bot.search.index import TITLE_NUMBER, NameIds
from bot.search.normalisation import BREAK, SHORT_FORMS, remove_spaces, shorten_words
from bot.search.query import LONGEST_ARTICLE, QueryContext, TitleQuery

Floats = npt.NDArray[np.float32]
PREFILTER_FEATURES = (
    "compact similarity", "subsequence share", "common prefix share", "begins with query", "fame", "longer",
    "shorter", "letter differences", "same year", "adjacent year", "other year", "unknown year",
    "contains query", "ends with query", "article left out",
)  # fmt: skip
"""The features of every candidate; they cost little, and the best by them get all features."""
FEATURES = (
    *PREFILTER_FEATURES, "similarity", "edit similarity", "short form similarity", "prefix similarity",
    "suffix similarity", "contains whole words", "query words found", "title words covered",
    "last word begins a word", "worst word similarity", "best part similarity", "a part begins with query",
    "same", "same letters", "fame squared", "typed share", "query length", "query word count", "is main title",
    "first word similarity", "word count ratio", "begins with whole words", "same last letter",
)  # fmt: skip
"""The features in the order of the rows of a table."""
ROW = {name: row for row, name in enumerate(FEATURES)}
"""The row of each feature."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates of a query with their features.

    names: their positions in the arrays. keys, compact_keys: their keys, an article that the query lacks left out.
    features: one row for each of FEATURES or PREFILTER_FEATURES, one column for each candidate.
    """

    names: NameIds
    keys: list[str]
    compact_keys: list[str]
    features: Floats

    def select(self, positions: npt.NDArray[np.int64]) -> "Candidates":
        """Return the candidates at these positions."""
        keys, compact_keys = self.keys, self.compact_keys
        chosen = positions.tolist()
        return Candidates(
            self.names[positions],
            [keys[position] for position in chosen],
            [compact_keys[position] for position in chosen],
            self.features[:, positions],
        )


def compute_prefilter_features(context: QueryContext, names: NameIds) -> Candidates:
    """Return the names with PREFILTER_FEATURES."""
    arrays, query = context.arrays, context.query
    text, compact, size = arrays.text, query.compact, np.float32(len(query.compact))
    table = np.zeros((len(PREFILTER_FEATURES), len(names)), np.float32)
    if not len(names):
        return Candidates(names, [], [], table)
    starts, ends = arrays.starts[names].tolist(), arrays.starts[names + 1].tolist()
    keys = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    compact_keys = remove_spaces("\n".join(keys)).split("\n")
    for position in _find_articles(query, keys, compact_keys):
        key = query.remove_article(keys[position])
        if key != keys[position]:
            keys[position], compact_keys[position] = key, remove_spaces(key)
            table[ROW["article left out"], position] = 1
    lengths = np.fromiter(map(len, compact_keys), np.float32, len(compact_keys))
    subsequence, common_prefix = table[ROW["subsequence share"]], table[ROW["common prefix share"]]
    begins, fame = table[ROW["begins with query"]], table[ROW["fame"]]
    common_letters = compute_similarities(compact, compact_keys, LCSseq.similarity)
    np.divide(common_letters, size, out=subsequence)
    # That share of the letters of both is Indel's normalised similarity.
    np.divide(2 * common_letters, lengths + size, out=table[ROW["compact similarity"]])
    np.divide(compute_similarities(compact, compact_keys, Prefix.similarity), size, out=common_prefix)
    begins[:] = common_prefix == 1
    if query.ends_with_space:
        # The letters typed must end a word: `dear ` is not the beginning of `dearest`.
        for position in begins.nonzero()[0].tolist():
            words = keys[position].replace(BREAK, " ").split(" ")
            begins[position] = len(compact) in accumulate(map(len, words))
    fame[:] = arrays.fame_rank[names]
    fame *= np.float32(-1 / 255)
    fame += 1
    length_ratio = np.log2(lengths / size)
    length_ratio *= np.float32(1 / 3)
    longer, shorter = table[ROW["longer"]], table[ROW["shorter"]]
    np.minimum(np.maximum(length_ratio, 0, out=longer), 1, out=longer)
    length_ratio *= np.float32(-3 / 2)
    np.minimum(np.maximum(length_ratio, 0, out=shorter), 1, out=shorter)
    table[ROW["letter differences"]] = context.count_letter_differences(names)
    table[ROW["letter differences"]] /= 16
    if query.year is not None:
        years = arrays.years[arrays.name_films[names]]
        apart = np.abs(years.astype(np.int32) - query.year)
        is_unknown = years == 0
        table[ROW["same year"]] = apart == 0
        table[ROW["adjacent year"]] = apart == 1
        table[ROW["other year"]] = (apart > 1) & ~is_unknown
        table[ROW["unknown year"]] = is_unknown
    positions = np.flatnonzero(subsequence == 1)
    with_letters = [compact_keys[position] for position in positions.tolist()]
    table[ROW["contains query"], positions] = [compact in compact_key for compact_key in with_letters]
    table[ROW["ends with query"], positions] = [compact_key.endswith(compact) for compact_key in with_letters]
    return Candidates(names, keys, compact_keys, table)


def _find_articles(query: TitleQuery, keys: list[str], compact_keys: list[str]) -> list[int]:
    """Return the positions of the keys that may begin as the query does once an article is removed.

    A key that begins with the query's first word has no other article before it, unless the word is as short.
    """
    first_word = query.words[0]
    is_short, end = len(first_word) < LONGEST_ARTICLE, LONGEST_ARTICLE + len(first_word)
    found = [compact_key.find(first_word, 0, end) for compact_key in compact_keys]
    return [
        position
        for position, at in enumerate(found)
        if at > 0 or (at == 0 and (is_short or keys[position].endswith(" the")))
    ]


def compute_all_features(context: QueryContext, candidates: Candidates) -> Candidates:
    """Return the candidates, which have PREFILTER_FEATURES, with all FEATURES."""
    query, names = context.query, candidates.names
    keys, compact_keys = candidates.keys, candidates.compact_keys
    table = np.zeros((len(FEATURES), len(names)), np.float32)
    table[: len(PREFILTER_FEATURES)] = candidates.features
    if not len(names):
        return Candidates(names, keys, compact_keys, table)
    compact, latin, size = query.compact, query.latin, len(query.compact)
    spaced = "\n".join(keys).replace(BREAK, " ").split("\n")
    words = [key.split(" ") for key in spaced]
    begins, fame = table[ROW["begins with query"]], table[ROW["fame"]]
    similarity = table[ROW["similarity"]]
    similarity[:] = compute_similarities(latin, spaced)
    table[ROW["edit similarity"]] = compute_similarities(compact, compact_keys, OSA.normalized_similarity)
    table[ROW["prefix similarity"]] = compute_similarities(compact, [key[:size] for key in compact_keys])
    table[ROW["suffix similarity"]] = compute_similarities(compact, [key[-size:] for key in compact_keys])
    positions = np.flatnonzero(table[ROW["subsequence share"]] == 1)
    with_letters = [f" {spaced[position]} " for position in positions.tolist()]
    whole_words = f" {latin} "
    table[ROW["contains whole words"], positions] = [whole_words in padded for padded in with_letters]
    table[ROW["begins with whole words"], positions] = [padded.startswith(whole_words) for padded in with_letters]
    _add_word_features(query, words, table)
    _add_part_features(query, keys, table)
    last_word = f" {query.words[-1]}"
    table[ROW["last word begins a word"]] = [last_word in f" {key}" for key in spaced]
    table[ROW["same"]] = similarity == 1
    table[ROW["same letters"]] = begins * (table[ROW["longer"]] + table[ROW["shorter"]] == 0)
    table[ROW["fame squared"]] = fame * fame
    table[ROW["typed share"]] = begins * np.exp2(-3 * table[ROW["longer"]])
    table[ROW["query length"]] = min(size, 40) / 40
    table[ROW["query word count"]] = min(len(query.words), 8) / 8
    table[ROW["is main title"]] = context.arrays.name_titles[names] & TITLE_NUMBER == 0
    last_letter = latin[-1]
    table[ROW["same last letter"]] = [key[-1] == last_letter for key in keys]
    return Candidates(names, keys, compact_keys, table)


def compute_match_features(context: QueryContext, candidates: Candidates) -> Candidates:
    """Return the candidates with those of FEATURES that tell how a name is matched, the others 0.

    They take a fraction of the time of all features, for names that no network scores. A short form is either the
    same or not similar at all.
    """
    query, keys = context.query, candidates.keys
    table = np.zeros((len(FEATURES), len(keys)), np.float32)
    table[: len(PREFILTER_FEATURES)] = candidates.features
    latin, short_form = query.latin, query.short_form
    query_words, whole_words = set(short_form.split(" ")), f" {latin} "
    table[ROW["same letters"]] = [compact_key == query.compact for compact_key in candidates.compact_keys]
    spaced = "\n".join(keys).replace(BREAK, " ").split("\n") if keys else []
    forms = [*map(shorten_words, spaced)]
    table[ROW["short form similarity"]] = [form == short_form for form in forms]
    table[ROW["query words found"]] = [query_words.issubset(form.split(" ")) for form in forms]
    table[ROW["contains whole words"]] = [whole_words in f" {key} " for key in spaced]
    for position, key in enumerate(keys):
        if BREAK in key:
            table[ROW["a part begins with query"], position] = any(
                part.startswith(latin) for part in key.split(BREAK)
            )
    return Candidates(candidates.names, keys, candidates.compact_keys, table)


def compute_similarities(
    text: str,
    keys: Sequence[str],
    scorer: Callable[..., Any] = Indel.normalized_similarity,
    score_cutoff: float | None = None,
) -> Floats:
    """Return the similarity of `text` to each key: as a number of letters or from 0 to 1, as the scorer does.

    One below `score_cutoff` is 0, which takes less time.
    """
    result: Floats = process.cdist((text,), keys, scorer=scorer, score_cutoff=score_cutoff)[0]
    return result


def _add_word_features(query: TitleQuery, words: list[list[str]], table: Floats) -> None:
    """Add the features that compare word by word, with each word in its shortest form; `words` are each name's.

    These are the similarity as a whole in short form, how much of the query is found among the name's words, how
    much of the name's words the query covers, the similarity of the first words and of the query's word that is
    found worst, and the ratio of the numbers of words.
    """
    query_words = query.short_form.split(" ")
    written = [word for row in words for word in row]
    shortened = [*map(SHORT_FORMS.get, written, written)]
    sizes = np.fromiter(map(len, words), np.int64, len(words))
    starts = sizes.cumsum() - sizes
    table[ROW["short form similarity"]] = table[ROW["similarity"]]
    if shortened != written or query.short_form != query.latin:
        spans = zip(starts.tolist(), sizes.tolist(), strict=True)
        forms = [" ".join(shortened[start : start + size]) for start, size in spans]
        table[ROW["short form similarity"]] = compute_similarities(query.short_form, forms)
    similarity = process.cdist(query_words, shortened, scorer=Indel.normalized_similarity, score_cutoff=0.45)
    similarity *= similarity
    best = np.maximum.reduceat(similarity, starts, axis=1)
    query_weights = np.array([len(word) + 1 for word in query.words], np.float32)
    title_weights = np.fromiter(map(len, shortened), np.float32, len(shortened))
    title_weights += 1
    table[ROW["query words found"]] = query_weights @ best / query_weights.sum()
    covered = np.add.reduceat(similarity.max(axis=0) * title_weights, starts)
    table[ROW["title words covered"]] = covered / np.add.reduceat(title_weights, starts)
    table[ROW["first word similarity"]] = similarity[0, starts]
    table[ROW["worst word similarity"]] = best.min(axis=0)
    table[ROW["word count ratio"]] = sizes * np.float32(0.25 / len(query.words))


def _add_part_features(query: TitleQuery, keys: list[str], table: Floats) -> None:
    """Add the similarity to the most similar part of the title, and whether any part begins with the query."""
    parts: list[str] = []
    owners: list[int] = []
    for position, key in enumerate(keys):
        if BREAK in key:
            pieces = key.split(BREAK)
            if len(pieces) > 2:
                pieces.append(" ".join(pieces[1:]))
            parts += pieces
            owners += [position] * len(pieces)
    if not parts:
        return
    best, begins = table[ROW["best part similarity"]], table[ROW["a part begins with query"]]
    latin = query.latin
    for position, part, similarity in zip(owners, parts, compute_similarities(latin, parts).tolist(), strict=True):
        if similarity > best[position]:
            best[position] = similarity
        if part.startswith(latin):
            begins[position] = 1
