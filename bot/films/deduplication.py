"""Decides which films and people of another source are ones that the catalogue already has."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.films.models import Film, RegionalTitle, name_key


@dataclass(frozen=True, slots=True)
class CatalogueFilm:
    """A film of the catalogue: its titles and directors, and its id at the other source, where that is known."""

    film_id: str
    year: int | None
    titles: tuple[str, ...]
    directors: tuple[str, ...]
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class SourceFilm:
    """A film of the other source, under its id there; `fame` decides between two that match."""

    source_id: str
    year: int | None
    titles: tuple[str, ...]
    directors: tuple[str, ...]
    fame: float = 0.0


def unordered_key(name: str) -> str:
    """Return a form of a title or name that is the same whatever the order of its words; "" where it has none."""
    return " ".join(sorted(name_key(name).split()))


def unordered_keys(names: Iterable[str]) -> set[str]:
    """Return the unordered keys of the names that have one."""
    return {unordered_key(name) for name in names} - {""}


def is_same_film(known: Film, other: Film) -> bool:
    """Return whether both are one film: by an id that both have, else by title, year and director.

    Two ids of one source that differ make them two films.
    """
    shared = [source for source in known.ids if source in other.ids]
    if shared:
        return any(known.ids[source] == other.ids[source] for source in shared)
    return (
        known.year is not None
        and known.year == other.year
        and bool(unordered_keys(known.titles) & unordered_keys(other.titles))
        and bool(unordered_keys(known.directors) & unordered_keys(other.directors))
    )


def find_duplicates(catalogue: Iterable[CatalogueFilm], candidates: Iterable[SourceFilm]) -> dict[str, str]:
    """Return the catalogue's film id by the source's id of each candidate that is a film of the catalogue.

    Two are one film by the source's id, where the catalogue knows it and the year, a title or a director confirms
    it, so that a mistyped id merges nothing; else by a title, the year and a director, or without the director
    where the catalogue knows none. Each film is matched at most once; among several candidates the most famous is
    taken.
    """
    by_source_id = {film.source_id: film for film in catalogue if film.source_id}
    by_year: dict[int, list[tuple[str, set[str], set[str]]]] = defaultdict(list)
    for film in catalogue:
        if film.source_id is None and film.year is not None:
            keys = unordered_keys(film.titles), unordered_keys(film.directors)
            by_year[film.year].append((film.film_id, *keys))
    duplicates: dict[str, str] = {}
    matched: set[str] = set()
    for candidate in sorted(candidates, key=lambda each: (-each.fame, each.source_id)):
        if (same := by_source_id.get(candidate.source_id)) is not None:
            if _is_confirmed(same, candidate):
                duplicates[candidate.source_id] = same.film_id
            continue
        titles, directors = unordered_keys(candidate.titles), unordered_keys(candidate.directors)
        for film_id, film_titles, film_directors in by_year.get(candidate.year or 0, ()):
            has_director = film_directors & directors or not film_directors
            if film_id not in matched and has_director and film_titles & titles:
                duplicates[candidate.source_id] = film_id
                matched.add(film_id)
                break
    return duplicates


def _is_confirmed(film: CatalogueFilm, candidate: SourceFilm) -> bool:
    return bool(
        (film.year is not None and film.year == candidate.year)
        or unordered_keys(film.titles) & unordered_keys(candidate.titles)
        or unordered_keys(film.directors) & unordered_keys(candidate.directors)
    )


def match_people(ours: Iterable[tuple[str, str]], theirs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return our id by their id of the people who are the same, among those who made one film.

    Both sides are ids and names. A name that two people of the film share matches neither.
    """
    our_ids, their_ids = _ids_by_key(ours), _ids_by_key(theirs)
    return {
        their_ids[key].pop(): our_ids[key].pop()
        for key in our_ids.keys() & their_ids.keys()
        if key and len(our_ids[key]) == len(their_ids[key]) == 1
    }


def _ids_by_key(people: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = defaultdict(set)
    for person_id, name in people:
        ids[unordered_key(name)].add(person_id)
    return ids


def add_titles_and_ids(film: Film, titles: Iterable[RegionalTitle], ids: dict[str, str]) -> Film:
    """Return the film with those of the titles and ids that it lacks; all else stays as it is."""
    regional_titles = dict.fromkeys(film.regional_titles)
    other_titles = dict.fromkeys(film.other_titles)
    for title in titles:
        if title.region or title.language:
            regional_titles[title] = None
        elif title.title not in (film.title, film.original_title):
            other_titles[title.title] = None
    return replace(
        film, other_titles=tuple(other_titles), regional_titles=tuple(regional_titles), ids=ids | film.ids
    )
