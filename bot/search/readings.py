"""Ranks the films that a text means if some of its words narrow the title: a country, a genre, a person."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.core.text.decades import translate_decades
from bot.search.candidates import LEAST_SIMILAR_NAME, find_names_of_people, find_titles, list_name_endings
from bot.search.constraints import (
    MAX_PERSON_WORDS,
    Constraint,
    ConstraintKind,
    PersonReading,
    Reading,
    find_person_alone,
    is_genre,
    list_person_readings,
    list_readings,
    list_unknown_readings,
)
from bot.search.features import ROW, Candidates, compute_match_features, compute_prefilter_features
from bot.search.index import IndexArrays, NameIds, find_top_positions, list_titles, split_items
from bot.search.normalisation import BREAK, create_title_keys, remove_spaces
from bot.search.plausibility import KNOWN_RANK, RankedNames, compute_bits, compute_costs, find_wording
from bot.search.prefix_index import find_prefix_candidates
from bot.search.query import QueryContext, TitleQuery, parse_query
from bot.search.wordings import Wording

READING_COST, PERSON_COST, UNMET_COST = 5.0, 3.0, 10.0
"""What words round a title cost in bits, a person's name, and each constraint that a film does not meet."""
PERSON_ALONE_COST = 8.0
"""What a person's name without any title costs: less than letters that are only similar."""
UNKNOWN_COST = 30.0
"""What words cost that mean nothing known: more than many wrong letters."""
MOST_COST = Wording.INNER_WORDS.cost
"""What a title may cost as the text beside the constraints; a title that only resembles it costs more."""
CANDIDATES = 40
PERSON_FILMS = 60
"""Films of one person that are compared, the most famous."""
NAME_SIMILARITY = 0.799
"""How similar a misspelt name, or title beside a name, must be: two wrong letters of ten are few enough."""
TITLES_CACHED, CASTS_CACHED = 16_384, 4_096
"""Titles whose keys are kept, and films whose people are kept as they may be called."""
MISSPELT_COST = 7.0
UNMET_SIMILARITY, SERIES_SIMILARITY = 80.0, 84.0
"""The most similarity of a film that does not meet a constraint, and of one that may be the part of a series."""
COPRODUCTION_COST = 5.0
"""What a country costs that is not a film's first one, if the film's language is of another."""
ORDER_COST, MOST_STEPS = 1.5, 6
"""What each step costs between the number asked for and a film's place in its series, and how many count."""
PART_BEGINNING_COST, OTHER_TITLE_COST = 2.0, 4.0
"""What a beginning of whole words costs beside a person's name, and what it costs if it is of a further title."""


class _Facts(NamedTuple):
    """What constraints are compared with."""

    year: int
    languages: tuple[str, ...]
    countries: tuple[str, ...]
    genres: tuple[str, ...]
    people: tuple[str, ...]


def rank_readings(
    arrays: IndexArrays,
    deleted: npt.NDArray[np.bool_] | None,
    query: TitleQuery,
    *,
    is_weak: bool,
    has_title: bool,
) -> list[RankedNames]:
    """Return the films that a query means as a title and words that narrow it, for each reading with any.

    `is_weak`: no title is similar to the query as a whole, so words that mean nothing known are left out as well.
    `has_title`: the query as a whole is the title of a film, so that a number in it is that title's.
    """
    translated = translate_decades(query.folded)
    words = [*query.words] if translated == query.folded else translated.split()
    if not translated.isascii() or len(words) < 2 or not arrays.name_count:
        return []
    ranked = [_rank_people(arrays, deleted, query.year, words)]
    for reading in list_readings(words):
        is_order_asked = any(
            each.kind is ConstraintKind.NUMBER and each.number > 1 for each in reading.constraints
        )
        if not (is_order_asked and has_title):  # the number is that of the title, as in Oldboy 2
            ranked.append(_rank_reading(arrays, deleted, reading, query.year))
    found = [each for each in ranked if each is not None]
    return found if found or not is_weak else _rank_with_unknown_words(arrays, deleted, query)


def _rank_with_unknown_words(
    arrays: IndexArrays, deleted: npt.NDArray[np.bool_] | None, query: TitleQuery
) -> list[RankedNames]:
    """Return the famous films whose title is the beginning or the end of the query, behind all that is like it."""
    found = []
    for reading in list_unknown_readings(query.words):
        title = parse_query(" ".join(reading.words), query.year)
        names = _remove_deleted(arrays, deleted, find_titles(arrays, title.compact))
        names = np.sort(names[arrays.fame_rank[names] <= KNOWN_RANK])
        if len(names):
            context = QueryContext(arrays, title)
            costs = np.full(len(names), UNKNOWN_COST, np.float32)
            candidates = compute_prefilter_features(context, names)
            found.append(_create_ranked(context, candidates, costs, [reading.constraints] * len(names)))
    return found


def _remove_deleted(arrays: IndexArrays, deleted: npt.NDArray[np.bool_] | None, names: NameIds) -> NameIds:
    return names if deleted is None or not len(names) else names[~deleted[arrays.name_films[names]]]


def _rank_reading(
    arrays: IndexArrays,
    deleted: npt.NDArray[np.bool_] | None,
    reading: Reading,
    year: int | None,
) -> RankedNames | None:
    query = parse_query(" ".join(reading.words), year)
    context = QueryContext(arrays, query)
    number = next((each.number for each in reading.constraints if each.kind is ConstraintKind.NUMBER), 1)
    found = [find_titles(arrays, query.compact)]
    if reading.constraints or len(reading.words) > 1:
        names = context.filter_readable(np.concatenate(find_prefix_candidates(context)[0]))
        if number > 1:  # others have no place in a series
            names = names[arrays.fame_rank[names] <= KNOWN_RANK]
        found.append(names[find_top_positions(-arrays.fame_rank[names].astype(np.int16), CANDIDATES)])
    names = _remove_deleted(arrays, deleted, context.filter_readable(np.unique(np.concatenate(found))))
    if not len(names):
        return None
    candidates = compute_prefilter_features(context, names)
    costs = compute_costs(query, candidates, np.zeros(len(names), np.float32))
    fitting = np.flatnonzero(costs <= MOST_COST + 12 * (year is not None))
    bits = compute_bits(arrays, names[fitting], costs[fitting])
    fitting = fitting[find_top_positions(-bits, CANDIDATES)]
    if not len(fitting):
        return None
    candidates, costs = candidates.select(fitting), costs[fitting]
    facts = [_read_facts(arrays, film) for film in arrays.name_films[candidates.names].tolist()]
    years = [each.year for each, cost in zip(facts, costs.tolist(), strict=True) if each.year and cost <= 1]
    unmet = [_find_unmet(reading.constraints, each, years) for each in facts]
    fit_costs = np.array([_compute_fit_cost(reading.constraints, each) for each in facts], np.float32)
    costs += READING_COST + fit_costs
    if number == 1:
        return _create_ranked(context, candidates, costs, unmet, is_doubtful=fit_costs > 0)
    costs += _compute_order_costs(arrays, candidates.names, facts, number)
    return _create_ranked(context, candidates, costs, unmet, SERIES_SIMILARITY)


def _compute_fit_cost(constraints: Sequence[Constraint], facts: _Facts) -> float:
    """Return the cost of a country that only took part in a film whose language is another: `oldboy korean`."""
    return sum(
        COPRODUCTION_COST
        for each in constraints
        if each.kind is ConstraintKind.COUNTRY
        and each.languages.isdisjoint(facts.languages[:1])
        and each.countries.isdisjoint(facts.countries[:1])
    )


def _compute_order_costs(
    arrays: IndexArrays, names: NameIds, facts: Sequence[_Facts], number: int
) -> npt.NDArray[np.float32]:
    """Return what it costs that a film is not the one of that number among the well-known ones with the title.

    They are in the order of their years; a first part of another title, as of Indiana Jones, may be missing.
    The constraint counts as unmet, for none of these films has the number in a title.
    """
    is_known = (arrays.fame_rank[names] <= KNOWN_RANK).tolist()
    years = sorted({each.year for each, known in zip(facts, is_known, strict=True) if known and each.year})
    steps = [
        min(abs(years.index(each.year) + 1 - number), MOST_STEPS) if known and each.year else MOST_STEPS
        for each, known in zip(facts, is_known, strict=True)
    ]
    return np.array(steps, np.float32) * np.float32(ORDER_COST) - np.float32(UNMET_COST)


def _create_ranked(
    context: QueryContext,
    candidates: Candidates,
    costs: npt.NDArray[np.float32],
    unmet: list[tuple[Constraint, ...]],
    unmet_similarity: float = UNMET_SIMILARITY,
    is_doubtful: npt.NDArray[np.bool_] | None = None,
) -> RankedNames:
    """Return the candidates as names that only their bits place; those `is_doubtful` are never the same title."""
    costs = costs + np.float32(UNMET_COST) * np.array([*map(len, unmet)], np.float32)
    features = compute_match_features(context, candidates)
    is_title = np.maximum(
        features.features[ROW["same letters"]], features.features[ROW["short form similarity"]] == 1
    )
    if is_doubtful is not None:
        is_title = is_title * ~is_doubtful
    similarity = np.where(is_title, 100, 94).astype(np.float32)
    similarity[[bool(each) for each in unmet]] = unmet_similarity
    return RankedNames(
        context.arrays,
        context.query,
        features,
        scores=np.zeros(len(costs), np.float32),
        similarity=similarity,
        fame=context.arrays.fame[context.arrays.name_films[candidates.names]],
        bits=compute_bits(context.arrays, candidates.names, costs),
        is_ranked=False,
        unmet=unmet,
    )


def _read_facts(arrays: IndexArrays, film: int) -> _Facts:
    _, _, _, directors, _, languages, countries, genres, cast, _ = arrays.get_record(film)
    return _Facts(
        arrays.years.item(film),
        split_items(languages),
        split_items(countries),
        split_items(genres),
        (*split_items(directors), *split_items(cast)),
    )


def _find_unmet(constraints: Sequence[Constraint], facts: _Facts, years: Sequence[int]) -> tuple[Constraint, ...]:
    """Return the constraints that a film does not meet; `years` are those of all films with the title."""
    return tuple(constraint for constraint in constraints if not _is_met(constraint, facts, years))


def _is_met(constraint: Constraint, facts: _Facts, years: Sequence[int]) -> bool:
    match constraint.kind:
        case ConstraintKind.YEAR:
            first, last = constraint.years or (0, 0)
            return first <= facts.year <= last
        case ConstraintKind.COUNTRY:
            return not (
                constraint.languages.isdisjoint(facts.languages[:1])
                and constraint.countries.isdisjoint(facts.countries)
            )
        case ConstraintKind.GENRE:
            return bool(facts.genres) and is_genre(constraint, facts.genres)
        case ConstraintKind.NUMBER if constraint.number > 1:
            return False
        case ConstraintKind.AGE | ConstraintKind.NUMBER:
            if constraint.is_newest:
                return facts.year == max(years, default=0) > min(years, default=0)
            return facts.year == min(years, default=0)
        case ConstraintKind.UNKNOWN:
            return False
        case ConstraintKind.PERSON:
            return is_person(constraint.text.split(" "), facts.people)


@lru_cache(CASTS_CACHED)
def _list_endings(people: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return what people may be called, and the part of it that is long enough to be misspelt."""
    endings = dict.fromkeys(text for name in people for text in list_name_endings(name))
    return frozenset(endings), tuple(text for text in endings if len(text) >= LEAST_SIMILAR_NAME)


def is_person(words: Sequence[str], people: tuple[str, ...]) -> bool:
    """Return whether the words are the name of one of these people, or its last words, maybe misspelt."""
    typed = "".join(words)
    endings, long_endings = _list_endings(people)
    if typed in endings or (typed.endswith("s") and typed[:-1] in endings):
        return True
    similarity = OSA.normalized_similarity
    return len(typed) >= LEAST_SIMILAR_NAME and (
        process.extractOne(typed, long_endings, scorer=similarity, score_cutoff=NAME_SIMILARITY) is not None
    )


def _rank_people(
    arrays: IndexArrays, deleted: npt.NDArray[np.bool_] | None, year: int | None, words: Sequence[str]
) -> RankedNames | None:
    """Return the films of a person named in the text with the title beside the name."""
    found: dict[int, tuple[float, tuple[Constraint, ...], TitleQuery]] = {}
    unmatched: PersonReading | None = None
    readings = list(list_person_readings(words))
    if not readings:
        return None
    films_of_people = find_names_of_people(arrays, ["".join(each.name) for each in readings])
    named: list[tuple[PersonReading, NameIds]] = []
    for each, films in zip(readings, films_of_people, strict=True):
        names = _remove_deleted(arrays, deleted, films)
        if not len(names):
            continue
        named.append((each, names))
        if not each.reading.constraints:  # there may be more between title and name: `amelie 2001 audrey tautou`
            named += [(PersonReading(each.name, inner), names) for inner in list_readings(each.reading.words)]
    for each, names in named:
        names = names[np.argsort(arrays.fame_rank[names], kind="stable")[:PERSON_FILMS]]
        query = parse_query(" ".join(each.reading.words), year)
        of_title: list[tuple[int, float, _Facts]] = []
        for name in names.tolist():
            film = arrays.name_films.item(name)
            facts = _read_facts(arrays, film)
            if not is_person(each.name, facts.people):
                continue
            unmatched = unmatched or each
            cost = _find_cost(arrays, film, query)
            if cost is None:
                continue
            if year is not None and facts.year != year:
                cost += 2.0 if abs(facts.year - year) == 1 else 12.0
            of_title.append((name, cost, facts))
        years = [facts.year for _, _, facts in of_title]
        for name, cost, facts in of_title:
            unmet = _find_unmet(each.reading.constraints, facts, years)
            known = found.get(name)
            if known is None or cost + UNMET_COST * len(unmet) < known[0] + UNMET_COST * len(known[1]):
                found[name] = cost, unmet, query
    if not found:
        of_person = _rank_films_of_person(arrays, deleted, year, words)
        if of_person is None and unmatched is not None:
            return _rank_without_person(arrays, deleted, unmatched, year)
        return of_person
    best_query = min(found.values(), key=lambda item: item[0] + UNMET_COST * len(item[1]))[2]
    context = QueryContext(arrays, best_query)
    names = np.array(sorted(found), np.int64)
    candidates = compute_prefilter_features(context, names)
    costs = np.array([found[name][0] for name in names.tolist()], np.float32)
    return _create_ranked(context, candidates, costs + PERSON_COST, [found[name][1] for name in names.tolist()])


def _rank_films_of_person(
    arrays: IndexArrays, deleted: npt.NDArray[np.bool_] | None, year: int | None, words: Sequence[str]
) -> RankedNames | None:
    """Return the best-known films of the person that the whole text names, `movies` and the like aside."""
    text = find_person_alone(words)
    if not 2 <= len(text) <= MAX_PERSON_WORDS:
        return None
    (films,) = find_names_of_people(arrays, ["".join(text)])
    names = _remove_deleted(arrays, deleted, films)
    names = names[np.argsort(arrays.fame_rank[names], kind="stable")[:PERSON_FILMS]]
    is_theirs = [is_person(text, _read_facts(arrays, arrays.name_films.item(name)).people) for name in names]
    names = np.sort(names[np.array(is_theirs, np.bool_)])
    if not len(names):
        return None
    context = QueryContext(arrays, parse_query(" ".join(text), year))
    candidates = compute_prefilter_features(context, names)
    costs = np.full(len(names), PERSON_ALONE_COST, np.float32)
    ranked = _create_ranked(context, candidates, costs, [()] * len(names))
    return replace(ranked, similarity=np.full(len(names), UNMET_SIMILARITY, np.float32))


@lru_cache(TITLES_CACHED)
def _create_key(title: str) -> tuple[tuple[str, str], ...]:
    """Return the title's key and the same without spaces, if it has a letter or digit."""
    return tuple((key, remove_spaces(key)) for key in create_title_keys(title)[:1])


def _find_cost(arrays: IndexArrays, film: int, query: TitleQuery) -> float | None:
    """Return what it costs to word a title of the film as the query does, by the best of its titles, or None."""
    costs = []
    for number, title in enumerate(list_titles(arrays.get_record(film))):
        for key, compact in _create_key(title):
            wording = find_wording(query, key, compact)
            if wording is not None and wording.cost <= MOST_COST:
                cost = wording.cost
                if wording is Wording.BEGINNING and key.replace(BREAK, " ").startswith(f"{query.latin} "):
                    cost = PART_BEGINNING_COST
                costs.append(cost + OTHER_TITLE_COST * (number > 1 and cost > Wording.LOOSE.cost))
            elif len(query.compact) >= LEAST_SIMILAR_NAME and (
                OSA.normalized_similarity(query.compact, compact.removeprefix("the")) >= NAME_SIMILARITY
            ):
                costs.append(MISSPELT_COST)
    return min(costs, default=None)


def _rank_without_person(
    arrays: IndexArrays, deleted: npt.NDArray[np.bool_] | None, reading: PersonReading, year: int | None
) -> RankedNames | None:
    """Return the films with the title beside a person's name who is not in them."""
    if sum(map(len, reading.name)) < LEAST_SIMILAR_NAME:
        return None
    person = Constraint(ConstraintKind.PERSON, " ".join(reading.name))
    constraints = (person, *reading.reading.constraints)
    return _rank_reading(arrays, deleted, Reading(reading.reading.words, constraints), year)
