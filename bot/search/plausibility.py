"""How plausible it is that a text means a film: what its wording costs and how famous the film is, both in bits.

The network (ranking.py) learned from titles typed evenly over a million films; people mostly ask for what is well
known. A name's bits are log2 of its film's rank by fame plus the cost of the wording: none for the very title,
more for a beginning, initials or a word out of the title. Each bit makes a film half as likely. Well-known films
come before everything that is less plausible by some bits, whatever the network says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from bot.search.constraints import Constraint
from bot.search.features import ROW, Candidates, Floats
from bot.search.index import IndexArrays, MatchKind
from bot.search.normalisation import BREAK, remove_spaces
from bot.search.query import TitleQuery
from bot.search.wordings import Wording, loosen_parts

FAME_RANK_STEPS = 12.0
"""Steps of the stored rank by fame for each doubling of the rank."""
KNOWN_RANK = 13 * FAME_RANK_STEPS
"""The stored rank of the least famous film that is moved up: the 8,192nd."""
SIMILAR_COST, COST_OF_SIMILARITY = 9.0, 0.8
"""What letters that are only similar cost, and each hundredth of similarity that they lack."""
FEW_LETTERS, FEW_LETTERS_COST = 2, 3.0
"""Letters of a text of which nearly everything is the beginning, and what that costs beside the very title."""
SWAP_COST, SWAP_LETTERS = 7.0, 4
"""What two neighbouring letters in the wrong order cost, and how many a text must have."""
_ARTICLES = ("the ", "a ", "an ")
ADJACENT_YEAR_COST, UNKNOWN_YEAR_COST, OTHER_YEAR_COST = 2.0, 4.0, 12.0
SHORT_QUERY, MARGIN = 6, 4.0
"""Of longer queries a film must be more plausible by so many bits to be moved before another."""
LEAST_INNER_WORDS, LEAST_AFTER_ARTICLE = 3, 4
"""Letters of words inside a title, and of a title after an article that it lacks."""
FOREIGN_COST = 4.0
"""What a part of a title costs that is in a language which is not the member's: they don't see why it is shown."""
_TIE_BREAK = 1e-3


@dataclass(frozen=True, slots=True)
class RankedNames:
    """Candidates of one reading of a query in one set of arrays, with all that their order depends on.

    scores: logits, greater is likelier. similarity: 0 to 100. fame: of each name's film. bits: how implausible
    each is. `is_ranked`: the scores are the network's; otherwise the names are only placed by their bits.
    kinds, unmet: how each name was matched, and what in the query does not fit it; None if not known yet.
    """

    arrays: IndexArrays
    query: TitleQuery
    candidates: Candidates
    scores: Floats
    similarity: Floats
    fame: Floats
    bits: Floats
    is_ranked: bool = True
    kinds: Sequence[MatchKind | None] | None = None
    unmet: Sequence[tuple[Constraint, ...]] | None = None


def compute_bits(arrays: IndexArrays, names: npt.NDArray[np.int64], costs: Floats) -> Floats:
    """Return how implausible each name is: its cost, and log2 of its film's rank by fame."""
    bits: Floats = costs + arrays.fame_rank[names] * np.float32(1 / FAME_RANK_STEPS)
    return bits


def compute_costs(query: TitleQuery, candidates: Candidates, similarity: Floats) -> Floats:
    """Return the cost in bits of each name's wording. Raises entries of `similarity` in place."""
    features = candidates.features
    costs: list[float] = (SIMILAR_COST + COST_OF_SIMILARITY * (100 - similarity)).tolist()
    least_similarity = [0.0] * len(costs)
    letters = sorted(query.compact)
    may_be_swapped = len(letters) >= SWAP_LETTERS and query.compact.isalpha()
    is_similar = ((features[ROW["subsequence share"]] > 0.99) | (similarity > 75)).tolist()
    left_out = features[ROW["article left out"]].tolist()
    for position, (key, compact_key) in enumerate(zip(candidates.keys, candidates.compact_keys, strict=True)):
        wording = find_wording(query, key, compact_key) if is_similar[position] else None
        if wording is not None:
            cost = wording.cost
            if left_out[position]:
                cost += Wording.ARTICLE_LEFT_OUT.cost
            if len(letters) <= FEW_LETTERS and wording is not Wording.SAME:
                cost += FEW_LETTERS_COST
            costs[position] = min(costs[position], cost)
            least_similarity[position] = wording.similarity
        elif (
            may_be_swapped
            and len(compact_key) == len(letters)
            and sorted(compact_key) == letters
            and OSA.distance(query.compact, compact_key, score_cutoff=1) == 1
        ):
            costs[position] = min(costs[position], SWAP_COST)
    np.maximum(similarity, least_similarity, out=similarity)
    result = np.array(costs, np.float32)
    if query.year is not None:
        result += ADJACENT_YEAR_COST * features[ROW["adjacent year"]]
        result += OTHER_YEAR_COST * features[ROW["other year"]]
        result += UNKNOWN_YEAR_COST * features[ROW["unknown year"]]
    return result


def find_wording(query: TitleQuery, key: str, compact_key: str) -> Wording | None:
    """Return how the query words the title with that key, None if the letters only resemble it."""
    compact, without_article, loose = query.compact, query.compact_without_article, query.loose
    if compact_key == compact:
        return Wording.SAME
    if compact_key == without_article and len(without_article) >= LEAST_AFTER_ARTICLE:
        return Wording.ARTICLE_ADDED
    if key.startswith(_ARTICLES) and remove_spaces(key.partition(" ")[2]) == without_article:
        return Wording.ARTICLE_LEFT_OUT if without_article == compact else Wording.LOOSE
    loose_parts = loosen_parts(key)
    loose_key = "".join(loose_parts)
    if loose and loose in loose_key:
        is_telling = loose == compact or loose != without_article or len(loose) >= LEAST_AFTER_ARTICLE
        wording = _find_loose_wording(loose, loose_parts) if is_telling else None
        if wording is not None:
            return wording
    spaced = key.replace(BREAK, " ")
    if query.ends_with_space:
        begins = f"{spaced} ".startswith(f"{query.latin} ")
    else:
        begins = compact_key.startswith(compact) or (bool(loose) and loose_key.startswith(loose))
    if begins:
        return Wording.BEGINNING
    if query.ends_with_space and compact_key.startswith(compact):
        return Wording.UNENDED_BEGINNING
    padded = f" {spaced} "
    if len(compact) < LEAST_INNER_WORDS or f" {query.latin}" not in padded:
        return None
    if f" {query.latin} " in padded:
        return Wording.INNER_WORDS
    return None if query.ends_with_space else Wording.INNER_BEGINNING


def _find_loose_wording(loose: str, parts: Sequence[str]) -> Wording | None:
    """Return which of the parts of a title a query is in its loose form, None if it is none."""
    for count, joined in enumerate(accumulate(parts), 1):
        if joined == loose:
            if count == len(parts):
                return Wording.LOOSE
            return Wording.NUMBERED_PART if loose[-1].isdigit() else Wording.FIRST_PART
    is_later_part = any("".join(parts[start:]) == loose for start in range(1, len(parts)))
    return Wording.LATER_PART if is_later_part else None


def place_by_plausibility(
    ranked: Sequence[RankedNames], is_foreign: Sequence[npt.NDArray[np.bool_]], letters: int
) -> list[Floats]:
    """Return the scores of all names, those of well-known films raised above whatever is less plausible.

    `is_foreign` says of each name whether it is a title in a language that is not the member's. `letters` is how
    many the query has: short ones are mostly beginnings of what is well known.
    """
    scores = np.concatenate([each.scores for each in ranked])
    bits = np.concatenate([each.bits for each in ranked])
    is_ranked = np.concatenate([np.full(len(each.scores), each.is_ranked) for each in ranked])
    rank = np.concatenate([each.arrays.fame_rank[each.candidates.names] for each in ranked])
    costs = bits - rank * np.float32(1 / FAME_RANK_STEPS)
    foreign_costs = np.float32(FOREIGN_COST) * (np.concatenate(is_foreign) & (costs >= Wording.BEGINNING.cost))
    bits += foreign_costs
    costs += foreign_costs
    query = ranked[0].query
    is_latin = query.folded.isascii() and not (query.ends_with_space and letters < LEAST_INNER_WORDS)
    moved = np.flatnonzero(
        ~is_ranked | (is_latin & (rank <= KNOWN_RANK) & (costs <= Wording.INNER_BEGINNING.cost))
    )
    if len(moved):
        margin = np.where(
            (costs < Wording.LOOSE.cost) | (letters > SHORT_QUERY), np.float32(MARGIN), np.float32(0)
        )
        base = scores[is_ranked]
        lowest = base.min(initial=0.0) - 1
        is_above = bits[None, is_ranked] > bits[moved, None] + margin[None, is_ranked]
        limits = np.where(is_above, base[None, :], -np.inf).max(axis=1, initial=-np.inf)
        raised = np.maximum(limits, lowest) + _TIE_BREAK * (100 - bits[moved])
        scores[moved] = np.where(is_ranked[moved], np.maximum(scores[moved], raised), raised)
    return np.split(scores, np.cumsum([len(each.scores) for each in ranked])[:-1])
