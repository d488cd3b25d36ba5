"""Tells whether a film of another source is one that the catalogue has."""

from collections.abc import Iterable

from bot.films.film import Film
from bot.films.titles.normalise import fold, transliterate


def same_film(known: Film, other: Film) -> bool:
    """Tell whether both are one film: by an id that both have, else by title, year and director.

    Two ids of one source that differ settle it the other way.
    """
    shared = [source for source in known.ids if source in other.ids]
    if shared:
        return any(known.ids[source] == other.ids[source] for source in shared)
    return (
        known.year is not None
        and known.year == other.year
        and bool(_keys(known.titles) & _keys(other.titles))
        and bool(_keys(known.directors) & _keys(other.directors))
    )


def _keys(names: Iterable[str]) -> set[str]:
    return {" ".join(sorted(transliterate(fold(name)).split())) for name in names} - {""}
