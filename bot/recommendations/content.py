"""What films are: directors, cast, genres, languages and years, as sparse vectors and plain arrays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.recommendations.facts import FilmFacts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIELDS = ("genres", "directors", "cast", "languages", "countries")
SPARSE = 8
"""Where fewer than one in so many of a field's entries are of words that matter, they alone are read."""
NO_YEAR = 1995.0
"""Stands for a year that is not known: the middle of what most people have seen."""


@dataclass(frozen=True, slots=True)
class Content:
    """Films as numbers. Row i of everything is film `ids[i]`; vectors have length 1, or 0 if nothing is known.

    `by_word` are the vectors by column, for the films that share a word. `years` are those there are, in order,
    and `year_at` the place of each film's among them.
    """

    ids: tuple[str, ...]
    at: dict[str, int]
    facts: tuple[FilmFacts, ...]
    vectors: dict[str, sparse.csr_matrix]
    by_word: dict[str, sparse.csc_matrix]
    year: Floats
    years: Floats
    year_at: Ints
    fame: Floats
    log_fame: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def alike(self, field: str, rows: Ints, weights: Floats) -> Floats:
        """Give for each film the weighted sum of its cosines with the films in `rows`.

        `weights` may be k x rows, for k sums at once: the answer is k x films then.
        """
        vectors, by_word = self.vectors[field], self.by_word[field]
        owner, entry = _entries(vectors, rows)
        words, place = np.unique(vectors.indices[entry], return_inverse=True)
        value = vectors.data[entry]
        several = weights.reshape(-1, len(rows))
        profile = np.array([np.bincount(place, value * each[owner], len(words)) for each in several])
        sums = np.zeros((len(several), len(self)))
        owner, entry = _entries(by_word, words)
        if len(entry) * SPARSE < vectors.nnz:  # few films share a person with those in `rows`
            at, value = by_word.indices[entry], by_word.data[entry]
            for row, each in enumerate(profile):
                sums[row] = np.bincount(at, value * each[owner], len(self))
        else:
            for row, each in enumerate(profile):
                whole = np.zeros(vectors.shape[1])
                whole[words] = each
                sums[row] = vectors @ whole
        return sums.reshape(*weights.shape[:-1], len(self))

    def cosines(self, field: str, rows: Ints, films: Ints) -> Floats:
        """Give the cosine of each film in `rows` with each of `films`: films x rows."""
        vectors = self.vectors[field]
        sums = np.zeros((len(rows), len(films)))
        owner, entry = _entries(vectors, films)
        words, place = np.unique(vectors.indices[entry], return_inverse=True)
        if len(words):
            profile = np.zeros((len(words), len(films)))
            profile[place, owner] = vectors.data[entry]
            owner, entry = _entries(vectors, rows)
            at = np.minimum(np.searchsorted(words, vectors.indices[entry]), len(words) - 1)
            shared = words[at] == vectors.indices[entry]
            np.add.at(sums, owner[shared], vectors.data[entry[shared], None] * profile[at[shared]])
        return sums.T

    def cosine(self, field: str, one: int, other: int) -> float:
        """Give how alike two films are in that field, 0 to 1."""
        vectors = self.vectors[field]
        return float((vectors[one] @ vectors[other].T).toarray()[0, 0])


def _entries(vectors: sparse.csr_matrix, rows: Ints) -> tuple[Ints, Ints]:
    """Give whose each entry of those rows is, and its place: far quicker than scipy's slices.

    Of vectors by column `rows` are columns.
    """
    starts, ends = vectors.indptr[rows], vectors.indptr[rows + 1]
    sizes = ends - starts
    owner = np.repeat(np.arange(len(rows)), sizes)
    return owner, np.arange(len(owner)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)


def content_of(films: Sequence[FilmFacts]) -> Content:
    """Build the arrays; of films with the same id the first counts."""
    kept = tuple({film.film_id: film for film in reversed(films)}.values())[::-1]
    fame = np.array([max(film.fame, 0.0) for film in kept], dtype=np.float64)
    vectors = {field: _tf_idf([getattr(film, field) for film in kept]) for field in FIELDS}
    year = np.array([film.year or NO_YEAR for film in kept], dtype=np.float64)
    years, year_at = np.unique(year, return_inverse=True)
    return Content(
        ids=tuple(film.film_id for film in kept),
        at={film.film_id: at for at, film in enumerate(kept)},
        facts=kept,
        vectors=vectors,
        by_word={field: matrix.tocsc() for field, matrix in vectors.items()},
        year=year,
        years=years,
        year_at=year_at,
        fame=fame,
        log_fame=np.log1p(fame),
    )


def _tf_idf(texts: Sequence[Iterable[str]]) -> sparse.csr_matrix:
    """Give rows of length 1 whose entries weigh log((M + 1) / (m + 1)): m of M films have the word.

    Salton, Wong, Yang: A vector space model for automatic indexing (CACM 18, 1975).
    """
    words: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, entry in enumerate(texts):
        for text in dict.fromkeys(entry):
            rows.append(row)
            columns.append(words.setdefault(text, len(words)))
    shape = (len(texts), max(1, len(words)))
    column = np.array(columns, dtype=np.int64)
    have = np.bincount(column, minlength=shape[1])
    weight = np.log((shape[0] + 1) / (have + 1))
    matrix = sparse.csr_matrix((weight[column], (np.array(rows, dtype=np.int64), column)), shape=shape)
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 1e-9)
    return sparse.csr_matrix(sparse.diags(scale) @ matrix)
