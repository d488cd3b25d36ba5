"""What films are: directors, cast, genres, languages and years, as sparse vectors and plain arrays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.films.recommendations.facts import FilmFacts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIELDS = ("genres", "directors", "cast", "languages", "countries")
NO_YEAR = 1995.0
"""Stands for a year that is not known: the middle of what most people have seen."""


@dataclass(frozen=True, slots=True)
class Content:
    """Films as numbers. Row i of everything is film `ids[i]`; vectors have length 1, or 0 if nothing is known."""

    ids: tuple[str, ...]
    at: dict[str, int]
    facts: tuple[FilmFacts, ...]
    vectors: dict[str, sparse.csr_matrix]
    year: Floats
    fame: Floats
    log_fame: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def alike(self, field: str, rows: Ints, weights: Floats) -> Floats:
        """Give for each film the weighted sum of its cosines with the films in `rows`.

        `weights` may be rows x k, for k sums at once: the answer is films x k then.
        """
        vectors = self.vectors[field]
        owner, entry = self._entries(field, rows)
        profile = np.zeros((vectors.shape[1], *weights.shape[1:]))
        value = vectors.data[entry]
        np.add.at(profile, vectors.indices[entry], (value * weights[owner].T).T)
        return np.asarray(vectors @ profile)

    def cosines(self, field: str, rows: Ints, film: int) -> Floats:
        """Give the cosine of each film in `rows` with one film."""
        vectors = self.vectors[field]
        owner, entry = self._entries(field, rows)
        own = slice(vectors.indptr[film], vectors.indptr[film + 1])
        of_film = np.zeros(vectors.shape[1])
        of_film[vectors.indices[own]] = vectors.data[own]
        added = np.bincount(owner, vectors.data[entry] * of_film[vectors.indices[entry]], len(rows))
        return np.asarray(added, dtype=np.float64)

    def _entries(self, field: str, rows: Ints) -> tuple[Ints, Ints]:
        """Give the places of all entries of those rows, and whose each is: far quicker than scipy's slices."""
        vectors = self.vectors[field]
        starts, ends = vectors.indptr[rows], vectors.indptr[rows + 1]
        sizes = ends - starts
        owner = np.repeat(np.arange(len(rows)), sizes)
        return owner, np.arange(len(owner)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)

    def cosine(self, field: str, one: int, other: int) -> float:
        """Give how alike two films are in that field, 0 to 1."""
        vectors = self.vectors[field]
        return float((vectors[one] @ vectors[other].T).toarray()[0, 0])


def content_of(films: Sequence[FilmFacts]) -> Content:
    """Build the arrays; of films with the same id the first counts."""
    kept = tuple({film.film_id: film for film in reversed(films)}.values())[::-1]
    fame = np.array([max(film.fame, 0.0) for film in kept], dtype=np.float64)
    return Content(
        ids=tuple(film.film_id for film in kept),
        at={film.film_id: at for at, film in enumerate(kept)},
        facts=kept,
        vectors={field: _tf_idf([getattr(film, field) for film in kept]) for field in FIELDS},
        year=np.array([film.year or NO_YEAR for film in kept], dtype=np.float64),
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
