"""People who make films, and the form of their names that is compared."""

from dataclasses import dataclass
from typing import NamedTuple

from bot.core.errors import MarqueeError
from bot.core.text.folding import fold, transliterate
from bot.films.models import Job


class PersonGoneError(MarqueeError):
    """A button or menu of a person who is no longer in the catalogue."""

    def __init__(self) -> None:
        super().__init__("That person is no longer in the catalogue. Look them up anew with /person.")


class Person(NamedTuple):
    """Somebody who took part in `credits` films of the catalogue, with those films' summed `fame`.

    `name_key` is what they are searched by: `name_key()` of their name, "" if it was not read from the database.
    """

    id: str
    name: str
    credits: int = 0
    fame: float = 0.0
    name_key: str = ""


@dataclass(frozen=True, slots=True)
class FilmographyEntry:
    """One film of a person: what they did there, with their roles."""

    film_id: str
    title: str
    original_title: str
    year: int | None
    jobs: tuple[Job, ...]
    roles: tuple[str, ...] = ()


def name_key(name: str) -> str:
    """Return the form of a name that is compared and stored: Latin letters and digits in lower case."""
    return transliterate(fold(name))
