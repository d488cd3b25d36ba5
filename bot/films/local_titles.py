"""What films are called in the reader's language, wherever a text, a menu or a picture names one.

    from bot.films.local_titles import shown_title

    shown_title(viewing)  # `Spirited Away (2001)`, to a German reader `Chihiros Reise ins Zauberland (2001)`

Rows have a film's id and main title. The local title is found when it is shown, in the language of the reply, so
that what is kept in memory or in a database is the same for all readers. Like message catalogues, titles are those
of the process: of the title index that it opened.
"""

from dataclasses import dataclass
from typing import Protocol

from bot.core.text.formatting import with_year
from bot.core.text.i18n import get_title_languages
from bot.search.engine import TitleIndex


class TitledFilm(Protocol):
    """A film as it is named in a list: a viewing, a nomination, a pick. `title` is its main title."""

    @property
    def film_id(self) -> str:
        """The film's id."""
        ...

    @property
    def title(self) -> str:
        """Its main title."""
        ...

    @property
    def year(self) -> int | None:
        """Its year, None where it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class FilmTitle:
    """Only what names a film."""

    film_id: str
    title: str
    year: int | None


_open_indexes: list[TitleIndex] = []
"""The title indexes that are open, of which the last one is asked; more than one only in tests."""


def open_local_titles(index: TitleIndex) -> None:
    """Have titles found in that index from now on, until `close_local_titles`."""
    _open_indexes.append(index)


def close_local_titles(index: TitleIndex) -> None:
    """No longer find titles in that index, if it is open."""
    _open_indexes[:] = [each for each in _open_indexes if each is not index]


def known_title(film_id: str, title: str) -> str:
    """Return the title by which readers of the current language know the film of that main title."""
    keys = get_title_languages()
    if not keys or not _open_indexes:
        return title
    return _open_indexes[-1].get_local_title(film_id, keys) or title


def shown_title(film: TitledFilm) -> str:
    """Return the title with its year, as readers of the current language know the film."""
    return with_year(known_title(film.film_id, film.title), film.year)


def list_titles(film: TitledFilm, *others: str) -> tuple[str, ...]:
    """Return what finds the film in a short list: the title shown, the main one, and the others given."""
    return shown_title(film), with_year(film.title, film.year), *others
