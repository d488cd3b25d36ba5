"""What the recommender may learn of a film, the licence guard that keeps the rest out, and films as vectors.

TMDB's terms bar its content from machine learning. `film_facts` is the only way from the catalogue into a model,
and of a film whose source is not in LEARNABLE_SOURCES it passes nothing on but the id.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.films.models import CreditJob, Film

LEARNABLE_SOURCES = frozenset({"starter", "imdb", "movielens", "wikidata"})
"""Sources whose terms let a model learn from them. Being an allow list, it bars TMDB and every unknown source."""
MAX_CAST = 10
"""Actors read of each film, in billing order."""
RATERS_AT_FULL_FAME = 330.0
"""Raters, in a crowd of some hundred members, that a catalogue fame of 100 stands for."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIELDS = ("genres", "directors", "cast", "languages", "countries")
SPARSE_FACTOR = 8
"""Terms are summed one by one where their entries are fewer than one in so many of a field's entries."""
UNKNOWN_YEAR = 1995.0
"""Stands for an unknown year: the middle of what most people have seen."""


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What the recommender knows of one film.

    `title` tells sequels, and so do `numbered_titles`, such as `Thor 3`; `runtime` is in minutes; `directors` and
    `cast` are person ids (names where there is no id); `languages` and `countries` are ISO codes; `fame` is a
    number of raters, or an estimate of it (`estimate_raters`). A film whose source may not be learnt from has
    nothing but its id, and raters from imported rating sets.
    """

    film_id: str
    year: int | None = None
    genres: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    runtime: int | None = None
    fame: float = 0.0
    title: str = ""
    numbered_titles: tuple[str, ...] = ()


def film_facts(film: Film, rater_counts: Mapping[str, int] | None = None) -> FilmFacts:
    """Return what may be learnt of a film of the catalogue.

    `rater_counts` are the raters by film id in imported rating sets, where there are any; they come from members
    and may be learnt from whatever the film's source is.
    """
    raters = None if rater_counts is None else rater_counts.get(film.id)
    if film.source not in LEARNABLE_SOURCES:
        return FilmFacts(film.id, fame=float(raters or 0))
    return FilmFacts(
        film_id=film.id,
        year=film.year,
        genres=film.genres,
        directors=tuple(_people(film, CreditJob.DIRECTOR)),
        cast=tuple(_people(film, CreditJob.CAST))[:MAX_CAST],
        languages=film.languages,
        countries=film.countries,
        runtime=film.runtime,
        title=film.title,
        numbered_titles=tuple(title for title in film.other_titles if title[-1:].isdigit()),
        fame=float(raters) if raters else estimate_raters(film.fame),
    )


def estimate_raters(fame: float) -> float:
    """Return how many raters a catalogue's fame (0 to 100, about a logarithm of raters) stands for."""
    return math.expm1(min(max(fame, 0.0), 100.0) / 100 * math.log1p(RATERS_AT_FULL_FAME))


def _people(film: Film, job: CreditJob) -> Iterable[str]:
    return (credit.person_id or credit.name for credit in film.credits if credit.job is job)


@dataclass(frozen=True, slots=True)
class Content:
    """The facts of M films as numbers. Row i of everything is film `ids[i]`.

    `vectors` are by field films x terms (a genre, a person, a language, a country) of length 1, or 0 where the
    film has none; `vectors_by_term` are the same by column. `distinct_years` are all years in ascending order and
    `year_index` is each film's place among them. `log_fame` is log(1 + fame).
    """

    ids: tuple[str, ...]
    row_of: dict[str, int]
    facts: tuple[FilmFacts, ...]
    vectors: dict[str, sparse.csr_matrix]
    vectors_by_term: dict[str, sparse.csc_matrix]
    year: Floats
    distinct_years: Floats
    year_index: Ints
    fame: Floats
    log_fame: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def similarity_sums(self, field: str, rows: Ints, weights: Floats) -> Floats:
        """Return for each film the weighted sum of its cosines with the films in `rows`, by one field.

        `weights` is one weight a row, or k x rows for k sums at once; the result is M films, or k x M.
        """
        vectors, by_term = self.vectors[field], self.vectors_by_term[field]
        owner, entry = entries_of(vectors, rows)
        terms, value = vectors.indices[entry], vectors.data[entry]
        weight_rows = weights.reshape(-1, len(rows))
        sums = np.zeros((len(weight_rows), len(self)))
        entry_count = int((by_term.indptr[terms + 1] - by_term.indptr[terms]).sum())
        if entry_count * SPARSE_FACTOR < vectors.nnz:  # few films share a term, as with people
            term_owner, term_entry = entries_of(by_term, terms)
            films, products = by_term.indices[term_entry], by_term.data[term_entry] * value[term_owner]
            film_owner = owner[term_owner]
            for row, each in enumerate(weight_rows):
                sums[row] = np.bincount(films, products * each[film_owner], len(self))
        else:
            for row, each in enumerate(weight_rows):
                sums[row] = vectors @ np.bincount(terms, value * each[owner], vectors.shape[1])
        return sums.reshape(*weights.shape[:-1], len(self))

    def cosine(self, field: str, first: int, second: int) -> float:
        """Return the cosine of the films of two rows by one field."""
        vectors = self.vectors[field]
        one, other = (slice(vectors.indptr[row], vectors.indptr[row + 1]) for row in (first, second))
        is_shared = vectors.indices[one, None] == vectors.indices[other]
        return float(vectors.data[one] @ is_shared @ vectors.data[other])

    def cosines(self, field: str, rows: Ints, films: Ints) -> Floats:
        """Return the cosine of each film of the rows `films` with each of `rows`, by one field: films x rows."""
        vectors = self.vectors[field]
        row_owner, row_entry = entries_of(vectors, rows)
        by_term = np.argsort(vectors.indices[row_entry], kind="stable")
        row_owner, row_entry = row_owner[by_term], row_entry[by_term]
        film_owner, film_entry = entries_of(vectors, films)
        terms = vectors.indices[row_entry]
        starts, ends = (np.searchsorted(terms, vectors.indices[film_entry], side) for side in ("left", "right"))
        # Each term of a film meets all the rows' terms that are the same.
        entry, shared = _ranges(starts, ends)
        products = vectors.data[film_entry][entry] * vectors.data[row_entry][shared]
        pairs = film_owner[entry] * len(rows) + row_owner[shared]
        sums = np.bincount(pairs, products, len(films) * len(rows)).astype(np.float64, copy=False)
        return sums.reshape(len(films), len(rows))


def entries_of(matrix: sparse.csr_matrix, rows: Ints) -> tuple[Ints, Ints]:
    """Return for each stored entry of those rows its place in `rows`, and its place in the matrix's data.

    Of a csc_matrix `rows` are columns. This is many times quicker than slicing by scipy.
    """
    return _ranges(matrix.indptr[rows], matrix.indptr[rows + 1])


def _ranges(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Return the whole numbers from each start to before its end, and before them each one's place in `starts`."""
    sizes = ends - starts
    owner = np.repeat(np.arange(len(starts)), sizes)
    return owner, np.arange(len(owner)) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)


def build_content(films: Sequence[FilmFacts]) -> Content:
    """Return the content of the films; of films with the same id the first counts."""
    unique = tuple({film.film_id: film for film in reversed(films)}.values())[::-1]
    fame = np.array([max(film.fame, 0.0) for film in unique], dtype=np.float64)
    vectors = {field: _tf_idf([getattr(film, field) for film in unique]) for field in FIELDS}
    year = np.array([film.year or UNKNOWN_YEAR for film in unique], dtype=np.float64)
    distinct_years, year_index = np.unique(year, return_inverse=True)
    return Content(
        ids=tuple(film.film_id for film in unique),
        row_of={film.film_id: row for row, film in enumerate(unique)},
        facts=unique,
        vectors=vectors,
        vectors_by_term={field: matrix.tocsc() for field, matrix in vectors.items()},
        year=year,
        distinct_years=distinct_years,
        year_index=year_index,
        fame=fame,
        log_fame=np.log1p(fame),
    )


def _tf_idf(documents: Sequence[Iterable[str]]) -> sparse.csr_matrix:
    """Return documents x terms, rows of length 1, weights log((M + 1) / (m + 1)) of a term in m of M documents.

    Salton, Wong, Yang: A vector space model for automatic indexing (CACM 18, 1975).
    """
    column_of: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, terms in enumerate(documents):
        for term in dict.fromkeys(terms):
            rows.append(row)
            columns.append(column_of.setdefault(term, len(column_of)))
    shape = (len(documents), max(1, len(column_of)))
    column = np.array(columns, dtype=np.int64)
    document_counts = np.bincount(column, minlength=shape[1])
    weight = np.log((shape[0] + 1) / (document_counts + 1))
    matrix = sparse.csr_matrix((weight[column], (np.array(rows, dtype=np.int64), column)), shape=shape)
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 1e-9)
    return sparse.csr_matrix(sparse.diags(scale) @ matrix)
