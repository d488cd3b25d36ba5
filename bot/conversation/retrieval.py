"""Finds films by what is told of them: BM25F over loglines, keywords, roles, people, places and years, in memory.

Robertson, Zaragoza, Taylor: Simple BM25 extension to multiple weighted fields (CIKM 2004). A word of the query
also looks for words that mean the same, at less weight, and for each film only its best reading counts.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from bot.conversation.models import FilmDocument
from bot.conversation.synonyms import GROUPS
from bot.conversation.vocabulary import STOP_WORDS
from bot.core.text.folding import fold, transliterate
from bot.core.text.origins import COUNTRY_WORDS, LANGUAGE_WORDS

Floats = npt.NDArray[np.float64]

FIELD_WEIGHTS = {
    "keywords": 2.2, "logline": 1.6, "title": 1.3, "roles": 0.7, "people": 1.0, "genres": 0.9, "places": 0.8,
    "years": 0.6,
}  # fmt: skip
K1 = 1.2
LENGTH_NORM = 0.4
SYNONYM_WEIGHT = 0.55
MISSPELT_WEIGHT = 0.7
MISSPELT_SIMILARITY, MISSPELT_LENGTH = 84.0, 5
FAME_WEIGHT = 0.35
"""How much more the best-known film's score counts than an unknown one's: people describe what they have seen."""
SIMILAR_TERMS = 40
"""Terms of a film, the rarest first, by which films about the same are looked for."""
STEMS_CACHED = 65_536
_VOWEL = re.compile("[aeiouy]")
_GENRE_TERMS = {
    "Science Fiction": "scifi future", "Animation": "animated cartoon anime", "Music": "music", "Noir": "noir",
    "Western": "western cowboy", "Documentary": "documentary real", "Biography": "true biopic", "Sport": "sport",
    "Musical": "musical singing", "War": "war", "Horror": "horror scary", "Romance": "romance love",
    "Family": "family children", "Crime": "crime", "Comedy": "comedy funny",
}  # fmt: skip


@lru_cache(STEMS_CACHED)
def stem(word: str) -> str:
    """Return a word without its English ending, so that `killing`, `killed` and `kills` are one."""
    if len(word) <= 3 or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    if word.endswith("y") and len(word) > 3:
        word = word[:-1] + "i"
    return word


def read_terms(text: str) -> list[str]:
    """Return the terms of a text, without words that tell nothing."""
    return [stem(word) for word in transliterate(fold(text, None)).split() if word not in STOP_WORDS]


def _build_synonyms() -> dict[str, tuple[str, ...]]:
    table: dict[str, dict[str, None]] = defaultdict(dict)
    for head, *others in GROUPS:
        table[stem(head)].update(dict.fromkeys(stem(other) for other in others))
    return {word: tuple(other for other in others if other != word) for word, others in table.items()}


_SYNONYMS = _build_synonyms()


def _build_place_words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = defaultdict(list)
    for phrase, codes in COUNTRY_WORDS.items():
        if len(codes) == 1:
            words[codes[0]] += phrase.split()
    for phrase, codes in LANGUAGE_WORDS.items():
        words[codes[0]] += phrase.split()
    return words


_PLACE_WORDS = _build_place_words()


def _field_terms(film: FilmDocument) -> Iterator[tuple[str, list[str]]]:
    yield "keywords", [term for keyword in film.keywords for term in read_terms(keyword)]
    yield "logline", read_terms(film.logline)
    yield "title", read_terms(" ".join((film.title, *film.other_titles)))
    yield "roles", read_terms(" ".join(film.roles))
    yield "people", read_terms(" ".join((*film.directors, *film.cast)))
    yield "genres", read_terms(" ".join(f"{genre} {_GENRE_TERMS.get(genre, '')}" for genre in film.genres))
    codes = (*film.countries[:1], *(code for code in film.languages[:1] if code != "en"))
    if film.countries[:1] == ("US",):
        codes = codes[1:]
    yield "places", [stem(word) for code in codes for word in _PLACE_WORDS.get(code, ())]
    if film.year is not None:
        decade = film.year // 10 * 10
        names = [str(film.year), f"{decade}s", f"{decade % 100:02d}s"]
        yield "years", [stem(name) for name in (*names, *(("old", "silent") if film.year < 1930 else ()))]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words of a query that were found in a film, in the query's order, and their share of the query's."""

    words: tuple[str, ...]
    coverage: float


class FilmIndex:
    """Films by their words; row i of everything is film i of `films`."""

    def __init__(self, films: Iterable[FilmDocument]) -> None:
        self.films: tuple[FilmDocument, ...] = tuple(films)
        self.row_of: dict[str, int] = {film.id: row for row, film in enumerate(self.films)}
        self.fame: Floats = np.array([film.fame for film in self.films], dtype=np.float64)
        self._build_postings()

    def __len__(self) -> int:
        return len(self.films)

    def _build_postings(self) -> None:
        terms: dict[str, int] = {}
        term_numbers: list[int] = []
        rows: list[int] = []
        fields: list[int] = []
        names = list(FIELD_WEIGHTS)
        lengths = np.zeros((len(names), max(1, len(self.films))))
        for row, film in enumerate(self.films):
            for name, words in _field_terms(film):
                number = names.index(name)
                lengths[number, row] += len(words)
                for word in words:
                    term_numbers.append(terms.setdefault(word, len(terms)))
                    rows.append(row)
                    fields.append(number)
        self._terms = terms
        self._term_list = list(terms)
        row_array = np.array(rows, dtype=np.int64)
        field_array = np.array(fields, dtype=np.int64)
        means = lengths.sum(axis=1) / np.maximum((lengths > 0).sum(axis=1), 1)
        norms = 1 - LENGTH_NORM + LENGTH_NORM * lengths / np.maximum(means, 1)[:, None]
        field_weights = np.array(list(FIELD_WEIGHTS.values()))
        weights = field_weights[field_array] / norms[field_array, row_array] if len(rows) else np.zeros(0)
        count = max(1, len(self.films))
        keys = np.array(term_numbers, dtype=np.int64) * count + row_array
        unique, inverse = np.unique(keys, return_inverse=True)
        frequency = np.bincount(inverse, weights, len(unique)) if len(unique) else np.zeros(0)
        self._rows = (unique % count).astype(np.int32)
        term_of = unique // count
        self._starts = np.searchsorted(term_of, np.arange(len(terms) + 1))
        document_counts = np.diff(self._starts)
        self._idf = np.log1p((count - document_counts + 0.5) / (document_counts + 0.5))
        self._weights = (frequency / (K1 + frequency)).astype(np.float32) * self._idf[term_of].astype(np.float32)

    def _postings(self, term: str) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]] | None:
        number = self._terms.get(term)
        if number is None:
            return None
        part = slice(self._starts[number], self._starts[number + 1])
        return self._rows[part], self._weights[part]

    def has_word(self, word: str) -> bool:
        """Return whether some film has the word or one that means the same."""
        return any(True for _ in self._readings(word))

    def _readings(self, word: str) -> Iterator[tuple[str, float]]:
        """Yield the terms that a word of a query is looked for by, with their weights."""
        term = stem(word)
        if term in self._terms:
            yield term, 1.0
        for synonym in _SYNONYMS.get(term, ()):
            if synonym in self._terms:
                yield synonym, SYNONYM_WEIGHT
        if term not in self._terms and term not in _SYNONYMS and len(word) >= MISSPELT_LENGTH and word.isalpha():
            similar = process.extractOne(
                term, self._term_list, scorer=fuzz.ratio, score_cutoff=MISSPELT_SIMILARITY
            )
            if similar is not None:
                yield similar[0], MISSPELT_WEIGHT

    def _score_word(self, word: str) -> Floats:
        scores = np.zeros(len(self.films))
        for term, weight in self._readings(word):
            if (postings := self._postings(term)) is not None:
                rows, values = postings
                scores[rows] = np.maximum(scores[rows], weight * values)
        return scores

    def score(self, words: Sequence[str], weights: Mapping[str, float] | None = None) -> Floats:
        """Return for each film how well it answers to the words; 0 where none is found."""
        total = np.zeros(len(self.films))
        for word in words:
            total += (1.0 if weights is None else weights.get(word, 1.0)) * self._score_word(word)
        return total

    def rank_described(self, words: Sequence[str]) -> Floats:
        """Return the scores for a description: those of better known films count more."""
        return self.score(words) * (1 + FAME_WEIGHT * self.fame / 100)

    def find_evidence(self, words: Sequence[str], row: int) -> Evidence:
        """Return which of the words the film of that row answers to."""
        found = []
        for word in words:
            for term, _ in self._readings(word):
                postings = self._postings(term)
                if postings is None:
                    continue
                at = int(np.searchsorted(postings[0], row))
                if at < len(postings[0]) and postings[0][at] == row:
                    found.append(word)
                    break
        return Evidence(tuple(found), len(found) / max(1, len(words)))

    def score_similar(self, row: int) -> Floats:
        """Return for each film, 0 to 1, how much it is about the same as the film of that row."""
        film = self.films[row]
        terms = {
            term
            for name, words in _field_terms(film)
            if name in ("keywords", "logline", "genres")
            for term in words
            if term in self._terms
        }
        best = sorted(terms, key=lambda term: -self._idf[self._terms[term]])[:SIMILAR_TERMS]
        scores = np.zeros(len(self.films))
        for term in best:
            postings = self._postings(term)
            if postings is not None:
                scores[postings[0]] += postings[1]
        scores[row] = 0.0
        greatest = float(scores.max(initial=0.0))
        return scores / greatest if greatest else scores
