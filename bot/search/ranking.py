"""Ranking: which of a query's candidates is meant.

A linear prefilter over few features selects the candidates that get all features; a small network over these
scores them. Both were learned by benchmarks/learn_titles.py. Rules that need no learning are added to the score.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from bot.core.text.folding import strip_marks
from bot.search.candidates import (
    find_candidates,
    find_candidates_with_digits,
    find_worded_candidates,
    scan_for_typos,
)
from bot.search.features import (
    FEATURES,
    PREFILTER_FEATURES,
    ROW,
    Candidates,
    Floats,
    compute_all_features,
    compute_match_features,
    compute_prefilter_features,
    compute_similarities,
)
from bot.search.index import (
    UNMARKED,
    IndexArrays,
    MatchKind,
    NameIds,
    compute_signature,
    find_title_by_spelling,
    find_top_positions,
    get_title_by_number,
)
from bot.search.normalisation import BREAK, fold_title
from bot.search.plausibility import (
    KNOWN_RANK,
    OTHER_YEAR_COST,
    RankedNames,
    compute_bits,
    compute_costs,
)
from bot.search.prefix_index import SUFFIX_MATCHES
from bot.search.query import QueryContext, TitleQuery, read_query
from bot.search.readings import rank_readings
from bot.search.wordings import INITIALS

WEIGHTS_FILE = "weights.npz"
"""What benchmarks/learn_titles.py writes: arrays, and the names of the features they belong to."""
FINALISTS = 40
"""Candidates that get all features: the best by the prefilter, and beside them the most famous with one ending."""
FEW_LETTERS, FINALISTS_FOR_FEW_LETTERS = 3, 120
"""Queries of so few letters look like many names to the prefilter, so more of them get all features."""
FAMOUS_FINALISTS = 8
"""Finalists in any case: the most famous candidates that begin with the query, however long they are."""
YEAR_DIGITS = 4
SCAN_QUERY_LENGTH, WEAK_SIMILARITY, ONE_TYPO_SIMILARITY = 16, 84.0, 97.9
"""Queries of at most so many letters are also looked up by a scan if nothing is more similar than WEAK_SIMILARITY.
With a single wrong letter the similarity is at least ONE_TYPO_SIMILARITY times the share of the other letters."""
SCRIPT_WEIGHT, LEAST_SCRIPT_SIMILARITY = 6.0, 65.0
"""What letters of the title's own script count, and how similar a name must be in Latin letters to be compared."""
YEAR_WEIGHT = 4.0
"""What the year asked for counts beside the network's score: more than any fame."""
SAME_WEIGHT = 3.0
"""What exactly the letters or the words of the query count beside the network's score: no fame makes up for a
letter, and `2` is `ii`."""
TITLE_COST = 4.0
"""What initials cost in bits, beside what they always do, if the text is the title of a well-known film."""
_SIMILARITY_LIMITS = {
    "similarity": 100, "short form similarity": 100, "compact similarity": 98, "edit similarity": 98,
    "best part similarity": 94, "begins with query": 90, "contains whole words": 88, "prefix similarity": 86,
    "query words found": 84,
}  # fmt: skip
"""The similarity from 0 to 100 that each of these features stands for if it is 1."""
_PART_ROWS = [ROW[name] for name in ("begins with query", "contains whole words", "a part begins with query")]
WORDS_FOUND = 0.9999
"""The share from which on all words of the query are found."""
_LIMITED_ROWS = [ROW[name] for name in _SIMILARITY_LIMITS]
_ROW_LIMITS = np.array([*_SIMILARITY_LIMITS.values()], np.float32)[:, None]


@cache
def load_weights() -> dict[str, Floats]:
    """Return the learned arrays by name. Raises ImportError if they belong to other features."""
    with (files("bot.search") / WEIGHTS_FILE).open("rb") as file, np.load(file, allow_pickle=False) as content:
        weights = {name: content[name] for name in content.files}
    if tuple(weights.pop("features").tolist()) != FEATURES:
        raise ImportError(f"{WEIGHTS_FILE} was learned on other features: run `python -m benchmarks.learn_titles`")
    return {name: np.ascontiguousarray(array, np.float32) for name, array in weights.items()}


def compute_scores(features: Floats) -> Floats:
    """Return the network's score for each column of FEATURES: a logit, greater is likelier."""
    weights = load_weights()
    hidden = weights["hidden"] @ features
    hidden += weights["hidden_bias"][:, None]
    np.tanh(hidden, out=hidden)
    scores: Floats = weights["out"] @ hidden
    scores += weights["direct"] @ features
    return scores


def compute_similarity(features: Floats) -> Floats:
    """Return the similarity of the letters, 0 to 100, for each column of FEATURES; fame and year don't count."""
    best: Floats = (features[_LIMITED_ROWS] * _ROW_LIMITS).max(axis=0)
    words = np.minimum(features[ROW["query words found"]], features[ROW["title words covered"]])
    np.maximum(best, words * np.float32(96), out=best)
    best[features[ROW["compact similarity"]] == 1] = 100
    return best


def is_part_match(features: Floats) -> bool:
    """Return whether a name with these FEATURES has the query as a part, by letters or word by word."""
    return bool(features[_PART_ROWS].any() or features.item(ROW["query words found"]) > WORDS_FOUND)


def prefilter_candidates(
    arrays: IndexArrays, deleted: npt.NDArray[np.bool_] | None, text: str, year: int | None
) -> Iterator[tuple[QueryContext, Candidates]]:
    """Yield each reading of a text with its candidates and their PREFILTER_FEATURES.

    `deleted` says for each film whether it is left out; None: none is.
    """
    readings, whole = read_query(text, year)
    candidate_names: list[NameIds] = []
    for query in readings:
        context = QueryContext(arrays, query)
        names = _remove_deleted(arrays, deleted, find_candidates(context))
        candidates = compute_prefilter_features(context, names)
        candidate_names.append(candidates.names)
        yield context, candidates
    if whole is not None and arrays.name_count:  # the year is part of the title only if the title has its digits
        context, digits = QueryContext(arrays, whole), whole.latin[-YEAR_DIGITS:]
        with_digits = _remove_deleted(arrays, deleted, find_candidates_with_digits(context, digits))
        names = np.concatenate((*candidate_names, with_digits))
        each_digit = compute_signature(digits)
        names = np.unique(names[arrays.signatures[names] & each_digit == each_digit])
        has_digits = np.array([digits in arrays.get_key(name) for name in names.tolist()], np.bool_)
        if has_digits.any():
            yield context, compute_prefilter_features(context, names[has_digits])


def select_finalists(
    context: QueryContext, candidates: Candidates, prefilter_weights: Floats | None = None
) -> Candidates:
    """Return the best of the candidates with all features; `prefilter_weights` replace the learned ones."""
    count = FINALISTS if len(context.query.compact) > FEW_LETTERS else FINALISTS_FOR_FEW_LETTERS
    if len(candidates.names) > count:
        weights = load_weights()["prefilter"] if prefilter_weights is None else prefilter_weights
        scores = weights @ candidates.features[: len(PREFILTER_FEATURES)]
        fame, begins = candidates.features[ROW["fame"]], candidates.features[ROW["begins with query"]]
        prefix_matches = begins.nonzero()[0]
        scores[prefix_matches[find_top_positions(fame[prefix_matches], FAMOUS_FINALISTS)]] = np.inf
        contained = np.flatnonzero(candidates.features[ROW["contains query"]])
        scores[contained[find_top_positions(fame[contained], FAMOUS_FINALISTS)]] = np.inf
        is_finalist = np.zeros(len(scores), np.bool_)
        is_finalist[find_top_positions(scores, count)] = True
        is_finalist[_find_famous_with_one_ending(context.query, candidates)] = True
        candidates = candidates.select(is_finalist.nonzero()[0])
    return compute_all_features(context, candidates)


def _find_famous_with_one_ending(query: TitleQuery, candidates: Candidates) -> NameIds:
    """Return the positions of the most famous candidates that end in the words of the query, if many do.

    `season 1` is the end of some hundred titles: only fame tells which is meant.
    """
    fame, ends = candidates.features[ROW["fame"]], candidates.features[ROW["ends with query"]]
    if np.count_nonzero(ends) <= SUFFIX_MATCHES // 2:
        return np.zeros(0, np.int64)
    suffixes = (f" {query.latin}", f"{BREAK}{query.latin}")
    whole_words = [at for at in ends.nonzero()[0].tolist() if candidates.keys[at].endswith(suffixes)]
    positions = np.array(whole_words, np.int64)
    return positions[find_top_positions(fame[positions], SUFFIX_MATCHES)]


def find_finalists(
    arrays: IndexArrays, deleted: npt.NDArray[np.bool_] | None, text: str, year: int | None
) -> Iterator[tuple[QueryContext, Candidates, Floats]]:
    """Yield each reading of a text, its best candidates with all features, and their similarity (0 to 100)."""
    best, has_year = 0.0, False
    for context, candidates in prefilter_candidates(arrays, deleted, text, year):
        query = context.query
        has_year = has_year or query.year is not None
        year_in_title = has_year and query.year is None  # all names with the digits are there: no scan finds more
        finalists = select_finalists(context, candidates)
        similarity = compute_similarity(finalists.features)
        best = max(best, float(similarity.max(initial=0.0)))
        yield context, finalists, similarity
        if not has_year and finalists.features[ROW["same letters"]].any():
            return  # the text is a title with its marks, so it is not read without them
        if not year_in_title and len(query.compact) <= SCAN_QUERY_LENGTH and best < _get_weak_similarity(query):
            scanned = _remove_deleted(arrays, deleted, scan_for_typos(context))
            names = np.setdiff1d(scanned, candidates.names, assume_unique=True)
            if len(names):
                finalists = select_finalists(context, compute_prefilter_features(context, names))
                yield context, finalists, compute_similarity(finalists.features)


def _get_weak_similarity(query: TitleQuery) -> float:
    """Return the similarity below which a scan is worthwhile: a word of six letters with one typo was found.

    Scripts whose letters are several Latin ones, or that leave vowels out, are compared less exactly.
    """
    if not query.folded.isascii():
        return WEAK_SIMILARITY
    return min(WEAK_SIMILARITY, ONE_TYPO_SIMILARITY * (1 - 1 / len(query.compact)))


def _remove_deleted(arrays: IndexArrays, deleted: npt.NDArray[np.bool_] | None, names: NameIds) -> NameIds:
    return names if deleted is None or not len(names) else names[~deleted[arrays.name_films[names]]]


def rank_names(
    arrays: IndexArrays, deleted: npt.NDArray[np.bool_] | None, text: str, year: int | None
) -> list[RankedNames]:
    """Return the finalists of each reading of a text with their scores.

    `deleted` says for each film whether it is left out; None: none is.
    """
    ranked: list[RankedNames] = []
    for context, finalists, similarity in find_finalists(arrays, deleted, text, year):
        features = finalists.features
        is_same = np.maximum(features[ROW["same letters"]], features[ROW["short form similarity"]] == 1)
        scores = compute_scores(features) + SAME_WEIGHT * is_same
        if context.query.year is not None:
            scores += YEAR_WEIGHT * features[ROW["same year"]]
        _equalise_same_letters(finalists, scores)
        costs = compute_costs(context.query, finalists, similarity)
        if context.query.folded.isascii():
            _equalise_same_last_part(features, scores)
        else:
            _add_script_score(arrays, context.query, finalists, similarity, scores)
        ranked.append(
            RankedNames(
                arrays,
                context.query,
                finalists,
                scores,
                similarity,
                fame=arrays.fame[arrays.name_films[finalists.names]],
                bits=compute_bits(arrays, finalists.names, costs),
            )
        )
    if ranked:
        query = ranked[0].query
        best = max(float(each.similarity.max(initial=0.0)) for each in ranked)
        is_title = any(map(_has_known_title, ranked))
        worded = _rank_short_wordings(QueryContext(arrays, query), deleted, TITLE_COST if is_title else 0.0)
        ranked += filter(None, (worded,))
        if not is_title:
            has_title = any(map(_has_title, ranked))
            ranked += rank_readings(arrays, deleted, query, is_weak=best < WEAK_SIMILARITY, has_title=has_title)
    return ranked


def _has_known_title(ranked: RankedNames) -> bool:
    """Return whether the whole text is the title of a well-known film, so that no other reading is likelier."""
    features, names = ranked.candidates.features, ranked.candidates.names
    is_title = features[ROW["same letters"]] * (features[ROW["other year"]] == 0)
    return bool((is_title * (ranked.arrays.fame_rank[names] <= KNOWN_RANK)).any())


def _has_title(ranked: RankedNames) -> bool:
    """Return whether the whole text is the title of a film, numerals and digits alike."""
    features = ranked.candidates.features
    return bool(features[ROW["same letters"]].any() or (features[ROW["short form similarity"]] == 1).any())


def _rank_short_wordings(
    context: QueryContext, deleted: npt.NDArray[np.bool_] | None, initials_cost: float
) -> RankedNames | None:
    """Return the famous films of which the query is a short wording; initials cost `initials_cost` more."""
    wordings = dict(find_worded_candidates(context))
    arrays = context.arrays
    names = _remove_deleted(arrays, deleted, np.array(sorted(wordings), np.int64))
    if not len(names):
        return None
    candidates = compute_match_features(context, compute_prefilter_features(context, names))
    kinds = [wordings[name] for name in names.tolist()]
    costs = np.array([kind.cost for kind in kinds], np.float32)
    costs += OTHER_YEAR_COST * candidates.features[ROW["other year"]]
    is_initials = [kind in INITIALS for kind in kinds]
    costs += np.float32(initials_cost) * np.array(is_initials, np.float32)
    return RankedNames(
        arrays,
        context.query,
        candidates,
        scores=np.zeros(len(names), np.float32),
        similarity=np.array([kind.similarity for kind in kinds], np.float32),
        fame=arrays.fame[arrays.name_films[names]],
        bits=compute_bits(arrays, names, costs),
        is_ranked=False,
        kinds=[MatchKind.INITIALS if each else None for each in is_initials],
    )


def _equalise_same_letters(candidates: Candidates, scores: Floats) -> None:
    """Assign names of the same letters one score, so that after the year only fame decides between them.

    Names whose article was left out keep their score: only the more famous come before a title without one.
    """
    compact_keys = candidates.compact_keys
    if len(set(compact_keys)) == len(compact_keys):
        return
    same_year = candidates.features[ROW["same year"]].tolist()
    article_left_out = candidates.features[ROW["article left out"]].tolist()
    values = scores.tolist()
    keys = [*zip(compact_keys, same_year, article_left_out, strict=True)]
    best: dict[tuple[str, float, float], float] = {}
    for key, score in zip(keys, values, strict=True):
        best[key] = max(score, best.get(key, score))
    scores[:] = [score if key[2] else best[key] for key, score in zip(keys, values, strict=True)]


def _equalise_same_last_part(features: Floats, scores: Floats) -> None:
    """Assign one score to titles whose last part is the query: only fame tells which `season 1` is meant."""
    ends = features[ROW["ends with query"]] == 1
    if np.count_nonzero(ends) < 2:
        return
    same_year = features[ROW["same year"]]
    is_last_part = ends & (features[ROW["best part similarity"]] == 1) & (features[ROW["same letters"]] == 0)
    is_last_part &= (same_year == 1) | (same_year.max() == 0)
    if np.count_nonzero(is_last_part) > 1:
        scores[is_last_part] = scores[is_last_part].max()


def _add_script_score(
    arrays: IndexArrays, query: TitleQuery, candidates: Candidates, similarity: Floats, scores: Floats
) -> None:
    """Add a score for letters of the title's own script, for titles that read alike in Latin letters.

    Names that are hardly similar in these get the least one: it takes time to compare titles as written. If a name
    lacks the marks of its script, the query is compared without marks and spaces, too: marks on their own separate
    words there.
    """
    scores -= np.float32(SCRIPT_WEIGHT)
    positions = (similarity >= LEAST_SCRIPT_SIMILARITY).nonzero()[0]
    if not len(positions):
        return
    titles, unmarked = [], []
    same_letters = candidates.features[ROW["same letters"], positions].tolist()
    for name, is_same in zip(candidates.names[positions].tolist(), same_letters, strict=True):
        record, name_title = arrays.get_record(arrays.name_films.item(name)), arrays.name_titles.item(name)
        if is_same:
            title = fold_title(find_title_by_spelling(record, name_title, query.folded))
        else:
            title = fold_title(get_title_by_number(record, name_title))
        titles.append(title)
        unmarked.append(strip_marks(title).replace(" ", "") if name_title & UNMARKED else "")
    likeness = compute_similarities(query.folded, titles, fuzz.ratio)
    if any(unmarked):
        unmarked_query = strip_marks(query.folded).replace(" ", "")
        np.maximum(likeness, compute_similarities(unmarked_query, unmarked, fuzz.ratio), out=likeness)
    scores[positions] += np.float32(SCRIPT_WEIGHT / 100) * likeness
