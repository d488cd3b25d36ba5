"""Finds, among a million films of another source, those that the catalogue already has under another id."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.films.models import Film, RegionalTitle
from bot.films.people import name_key


@dataclass(frozen=True, slots=True)
class Known:
    """A film of the catalogue: its titles and directors, and its id at the other source, where that is known."""

    film_id: str
    year: int | None
    titles: tuple[str, ...]
    directors: tuple[str, ...]
    other_id: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A film of the other source under its `id` there; `fame` decides between two that fit."""

    id: str
    year: int | None
    titles: tuple[str, ...]
    directors: tuple[str, ...]
    fame: float = 0.0


def unordered_key(name: str) -> str:
    """Give a form of a title or name that is the same whatever the order of its words."""
    return " ".join(sorted(name_key(name).split()))


def keys(names: Iterable[str]) -> set[str]:
    """Give the unordered keys of the names that have one."""
    return {unordered_key(name) for name in names} - {""}


def find_twins(known: Iterable[Known], candidates: Iterable[Candidate]) -> dict[str, str]:
    """Give which of the candidates' ids are which films of the catalogue, each side at most once.

    Two are one film by the other source's id, where the catalogue knows it and the year, a title or a
    director bears it out, so that a mistyped id unites nothing; else by a title, the year and a director.
    Among several candidates the best known is taken.
    """
    by_id = {film.other_id: film for film in known if film.other_id}
    by_year: dict[int, list[_Keyed]] = defaultdict(list)
    for film in known:
        if film.other_id is None and film.year is not None:
            by_year[film.year].append(_Keyed(film.film_id, keys(film.titles), keys(film.directors)))
    twins: dict[str, str] = {}
    taken: set[str] = set()
    for candidate in sorted(candidates, key=lambda each: (-each.fame, each.id)):
        if (same := by_id.get(candidate.id)) is not None:
            if _borne_out(same, candidate):
                twins[candidate.id] = same.film_id
            continue
        titles, directors = keys(candidate.titles), keys(candidate.directors)
        for film_id, its_titles, its_directors in by_year.get(candidate.year or 0, ()):
            if film_id not in taken and its_directors & directors and its_titles & titles:
                twins[candidate.id] = film_id
                taken.add(film_id)
                break
    return twins


class _Keyed(NamedTuple):
    film_id: str
    titles: set[str]
    directors: set[str]


def _borne_out(film: Known, candidate: Candidate) -> bool:
    return bool(
        (film.year is not None and film.year == candidate.year)
        or keys(film.titles) & keys(candidate.titles)
        or keys(film.directors) & keys(candidate.directors)
    )


def same_people(ours: Iterable[tuple[str, str]], theirs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give which of their people are which of ours, among those who made one film; both are ids and names.

    A name that two people of the film share tells nothing of either.
    """
    our_names, their_names = _by_key(ours), _by_key(theirs)
    return {
        their_names[key].pop(): our_names[key].pop()
        for key in our_names.keys() & their_names.keys()
        if key and len(our_names[key]) == len(their_names[key]) == 1
    }


def _by_key(people: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for person_id, name in people:
        found[unordered_key(name)].add(person_id)
    return found


def united(film: Film, titles: Iterable[RegionalTitle], ids: dict[str, str]) -> Film:
    """Give the film with the titles and ids that it lacks; all else stays as it is."""
    regional = dict.fromkeys(film.regional)
    also = dict.fromkeys(film.also)
    for title in titles:
        if title.region or title.language:
            regional[title] = None
        elif title.title not in (film.title, film.original_title):
            also[title.title] = None
    return replace(film, also=tuple(also), regional=tuple(regional), ids=ids | film.ids)
