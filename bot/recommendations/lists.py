"""Lists as a film lover would make them: mixed pages out of a ranking, and films for somebody new.

A ranking alone gathers sequels and one director's films. A page takes the best films that go together.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.recommendations.facts import Content, FilmFacts, Ints
from bot.recommendations.ranking_model import MemberScores, RankingModel

PAGE_LENGTH = 5
MAX_SEQUELS = 1
"""Films on a page that belong to something that the member has rated."""
DISCOVERIES = 1
"""Films on a page that are not among those that everybody knows."""
WELL_KNOWN_FILMS, WELL_KNOWN_SHARE = 150, 0.1
"""So many films, but no more than that share of the catalogue, count as known to everybody."""
MIXED_FILMS = 600
"""The best films, which pages are made of; those after them stay in their order."""
FIRST_CANDIDATES = 120
"""The best films among which those for somebody new are chosen."""
SHARED_ACTORS = 3
"""Actors in common from which on two films count as of one series."""
YEARS_BEFORE_TASTE = 25.0
"""A film that is older than the member's oldest by so many years comes last."""
OLDEST_SHARE = 0.05
"""The share of the member's ratings that may be of older films than their oldest."""
FEW_RATINGS = 10
"""With fewer ratings the dates of the crowd count too."""
MIN_GENRE_COSINE, ENOUGH_LIKED = 0.3, 3
"""Films by others, whose genres are less like those of any liked film, come last once so many films are liked."""
FIRST_FILMS = 30
"""So many films for somebody new are chosen to go together; those after them are by fame and quality."""
MAX_FIRST_MINUTES = 165
"""The longest film that most people would start tonight."""
QUALITY_SHARE = 1.0
"""How much a star of a film's quality counts beside its fame, for somebody new."""
RECENT_YEARS, AGE_COST = 40.0, 0.15
"""Years within which a film is as easy to start as a new one, and what each decade more costs."""
_SUBTITLE = re.compile(
    r"\s*(?:[:–—]|\s-\s|,? (?:part|chapter|episode|vol\.?|volume)\b|\band the\b).*$", re.IGNORECASE
)
_NUMBER = re.compile(r"\s+(?:\d{1,2}|[ivx]+)$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)


@lru_cache(maxsize=50_000)
def series_title(title: str) -> str:
    """Return the part of a title that its sequels share, "" where it is too short to tell.

    >>> series_title("The Avengers"), series_title("Avengers: Endgame"), series_title("Toy Story 2")
    ('avengers', 'avengers', 'toy story')
    """
    shared = _ARTICLE.sub("", _NUMBER.sub("", _SUBTITLE.sub("", title.strip()))).strip().casefold()
    return shared if len(shared) > 3 else ""


def _series_of(film: FilmFacts) -> set[str]:
    """Return the names of the series that the film's titles tell it is of."""
    return {series_title(title) for title in (film.title, *film.numbered_titles)} - {""}


class SequelFinder:
    """Finds films that belong to something rated: by title, or by the actors."""

    def __init__(self, rated: Iterable[FilmFacts]) -> None:
        self._titles: set[str] = set()
        self._films_of: dict[str, list[int]] = {}
        for number, film in enumerate(rated):
            self._titles |= _series_of(film)
            for actor in film.cast:
                self._films_of.setdefault(actor, []).append(number)

    def is_sequel(self, film: FilmFacts) -> bool:
        """Return whether the film belongs to one of the rated."""
        if _series_of(film) & self._titles:
            return True
        shared = Counter(number for actor in film.cast for number in self._films_of.get(actor, ()))
        return max(shared.values(), default=0) >= SHARED_ACTORS


def mix_list(model: RankingModel, member: MemberScores, ranked: Ints, count: int) -> Ints:
    """Return up to `count` of the ranked rows as pages by `mix_pages`, what does not suit the member last.

    That is what is decades older than anything the member rates, and what is of another kind than anything they
    like.
    """
    rows = ranked[:MIXED_FILMS]
    liked = member.profile.rows[member.profile.engagement > 0]
    comes_last = _is_older(model, member, rows) | is_of_another_kind(model.content, liked, rows)
    suited = np.concatenate([rows[~comes_last], rows[comes_last]])
    mixed = mix_pages(model.content, suited, count, rated=member.profile.rows, is_known=well_known_films(model))
    return np.concatenate([mixed, ranked[MIXED_FILMS:]])[:count]


def mix_pages(content: Content, ranked: Ints, count: int, *, rated: Ints, is_known: NDArray[np.bool_]) -> Ints:
    """Return `count` of the ranked rows, rounded up to whole pages: each has the best films that go together.

    On a page no two films are by one director or of one series, MAX_SEQUELS are among those `rated` or belong to
    one of them, and DISCOVERIES are not among those that everybody knows. Where too few films are left for these
    rules, the best are taken.
    """
    facts = content.facts
    finder = SequelFinder(facts[row] for row in rated)
    remaining = dict.fromkeys(ranked.tolist())
    sequels: dict[int, bool] = {}
    mixed: list[int] = []
    while remaining and len(mixed) < count:
        page: list[int] = []
        taken: set[str] = set()
        sequel_count = discovery_count = 0
        for row in remaining:
            if len(page) == PAGE_LENGTH:
                break
            if len(page) - discovery_count >= PAGE_LENGTH - DISCOVERIES and is_known[row]:
                continue
            marks = set(_marks(facts[row]))
            if marks & taken:
                continue
            if row not in sequels:
                sequels[row] = finder.is_sequel(facts[row])
            if sequels[row] and sequel_count == MAX_SEQUELS:
                continue
            page.append(row)
            taken |= marks
            sequel_count += sequels[row]
            discovery_count += not is_known[row]
        for row in remaining:  # too few go together: the best of the others fill the page
            if len(page) == PAGE_LENGTH:
                break
            if row not in page:
                page.append(row)
        for row in page:
            del remaining[row]
        mixed += page
    return np.array(mixed, dtype=np.int64)


def well_known_films(model: RankingModel) -> NDArray[np.bool_]:
    """Return for each film whether everybody knows it."""
    known_by = model.content.fame + model.crowd.rater_counts
    number = min(WELL_KNOWN_FILMS, int(len(known_by) * WELL_KNOWN_SHARE))
    is_well_known = np.zeros(len(known_by), dtype=bool)
    if number:
        is_well_known[np.argpartition(-known_by, number)[:number]] = True
    return is_well_known


def _marks(film: FilmFacts) -> Iterator[str]:
    """Yield what only one film of a page may have."""
    for director in film.directors:
        yield f"by {director}"
    for title in _series_of(film):
        yield f"of {title}"


def _is_older(model: RankingModel, member: MemberScores, rows: Ints) -> NDArray[np.bool_]:
    """Return for each row whether the film is decades older than what the member rates."""
    own = model.content.year[member.profile.rows]
    if not len(own):
        return np.zeros(len(rows), dtype=bool)
    oldest = float(np.quantile(own, OLDEST_SHARE, method="lower"))
    if len(own) < FEW_RATINGS:
        oldest = min(oldest, model.signal_inputs.newest_year - YEARS_BEFORE_TASTE)
    return np.asarray(model.content.year[rows] < oldest - YEARS_BEFORE_TASTE)


def is_of_another_kind(content: Content, liked: Ints, rows: Ints) -> NDArray[np.bool_]:
    """Return for each of the rows whether the film is unlike every liked film, by genres and directors.

    None is where fewer than ENOUGH_LIKED films are liked.
    """
    if len(liked) < ENOUGH_LIKED:
        return np.zeros(len(rows), dtype=bool)
    nearest = {
        field: (vectors[rows] @ vectors[liked].T).max(axis=1).toarray().ravel()
        for field, vectors in content.vectors.items()
        if field in ("genres", "directors")
    }
    has_genres = np.diff(content.vectors["genres"].indptr)[rows] > 0
    return np.asarray((nearest["genres"] < MIN_GENRE_COSINE) & (nearest["directors"] == 0) & has_genres)


def choose_first_films(model: RankingModel, allowed: NDArray[np.bool_], count: int) -> Ints:
    """Return rows of films for somebody of whom nothing is known, best first.

    They are well-known and well-loved films that most people could start tonight, of many decades, countries and
    genres, no two by one director.
    """
    content, crowd = model.content, model.crowd
    well_loved = model.signal_inputs.relative_fame + QUALITY_SHARE * crowd.quality
    newest = model.signal_inputs.newest_year
    value = well_loved - AGE_COST * np.maximum(0.0, newest - RECENT_YEARS - content.year) / 10
    minutes = np.array([film.runtime or 0 for film in content.facts])
    fits = allowed & (minutes <= MAX_FIRST_MINUTES)
    rows = np.flatnonzero(fits if fits.sum() >= min(count, FIRST_FILMS) else allowed)
    rows = rows[np.lexsort((rows, -value[rows]))]
    remaining = rows[:FIRST_CANDIDATES].tolist()
    traits = {row: _traits(content.facts[row]) for row in remaining}
    chosen: list[int] = []
    cost: dict[str, float] = {}
    while remaining and len(chosen) < min(count, FIRST_FILMS):
        if len(chosen) % PAGE_LENGTH == 0:
            cost.clear()  # a page is what is read together
        best = max(remaining, key=lambda row: value[row] - sum(cost.get(trait, 0.0) for trait in traits[row]))
        remaining.remove(best)
        chosen.append(best)
        for trait, each in traits[best].items():
            cost[trait] = cost.get(trait, 0.0) + each
    others = [row for row in rows[: count + len(chosen)].tolist() if row not in chosen]
    return np.array([*chosen, *others][:count], dtype=np.int64)


def _traits(film: FilmFacts) -> dict[str, float]:
    """Return what further films of a page should not share with the film, with what sharing it costs them."""
    traits = {f"genre {genre}": 0.25 for genre in film.genres}
    traits |= {f"country {country}": 0.5 for country in film.countries or film.languages}
    traits |= dict.fromkeys(_marks(film), 9.0)
    if film.year is not None:
        traits[f"decade {film.year // 10}"] = 0.8
    return traits
