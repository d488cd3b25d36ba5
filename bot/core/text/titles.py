"""How a film's title is written."""


def with_year(title: str, year: int | None) -> str:
    """Return `title (year)`, or the title alone if the year is unknown."""
    return f"{title} ({year})" if year is not None else title
