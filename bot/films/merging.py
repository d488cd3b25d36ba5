"""Tells whether a film of another source is one that the catalogue has."""

from bot.films.deduplication import keys
from bot.films.models import Film


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
        and bool(keys(known.titles) & keys(other.titles))
        and bool(keys(known.directors) & keys(other.directors))
    )
