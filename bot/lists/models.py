"""Lists of films: one's own, or a server's to which everybody adds; and how many of their films have been seen."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import MarqueeError
from bot.core.paging import count_pages
from bot.core.text.i18n import _

NAME_LIMIT = 60
"""Characters."""
LISTS_LIMIT = 100
"""Lists that one server may have."""
OWN_LISTS_LIMIT = 20
"""Lists that one member may have begun."""
FILMS_LIMIT = 500
FILMS_PER_PAGE = 15


class ListGoneError(MarqueeError):
    """A list that does not exist here, or that its owner keeps to themselves."""

    def __init__(self) -> None:
        super().__init__(_("There's no list called that. See all lists with `/list show`."))


class ListNameTakenError(MarqueeError):
    """A name that another list of the server has."""

    def __init__(self) -> None:
        super().__init__(_("There's already a list called that. Add to it, or choose another name."))


class TooManyListsError(MarqueeError):
    """A server, or a member, with as many lists as they may have."""

    def __init__(self, limit: int, *, is_own: bool) -> None:
        sentence = _("This server already has {limit} lists. Delete one with `/list delete` first.")
        if is_own:
            sentence = _("You already have {limit} lists here. Delete one with `/list delete` first.")
        super().__init__(sentence.format(limit=limit))


class ListFullError(MarqueeError):
    """A list with as many films as fit."""

    def __init__(self) -> None:
        super().__init__(
            _("This list is full ({limit} films). Remove one with `/list remove` first.").format(limit=FILMS_LIMIT)
        )


class NotYourListError(MarqueeError):
    """A member who wants to change a list, or an entry, that is not theirs."""


class NotYourListToFillError(NotYourListError):
    """A film for another member's own list."""

    def __init__(self) -> None:
        super().__init__(
            _("Only the member who created this list can add films. Create your own with `/list create`.")
        )


class NotYourListToDeleteError(NotYourListError):
    """The deletion of another member's list."""

    def __init__(self) -> None:
        super().__init__(_("Only the member who created this list, or a moderator, can delete it."))


class NotYourListedFilmError(NotYourListError):
    """The removal of a film that another member added, from another member's list."""

    def __init__(self) -> None:
        super().__init__(
            _("Only the member who created the list or added the film, or a moderator, can remove it.")
        )


@dataclass(frozen=True, slots=True)
class FilmList:
    """A list of films. `member_id` is who began it, None once they deleted their data.

    To a list that `is_shared` every member of the server adds films. One that `is_hidden` only its owner may read,
    who keeps their name out of lists.
    """

    id: int
    server_id: int
    member_id: int | None
    name: str
    is_shared: bool
    film_count: int = 0
    is_hidden: bool = False

    def is_readable_by(self, member_id: int) -> bool:
        """Return whether the member may read the list."""
        return not self.is_hidden or member_id == self.member_id


@dataclass(frozen=True, slots=True)
class ListProgress:
    """A list with how many of its films a member has seen."""

    film_list: FilmList
    seen_count: int


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A film on a list, who added it, and whether the reader has seen it, and anybody else here."""

    film_id: str
    title: str
    year: int | None
    member_id: int | None
    added_at: datetime
    is_seen: bool
    is_seen_here: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list's films, in the order in which they were added; `page` counts from 0.

    `seen_count` and `seen_here_count` are of the whole list: films that the reader has seen, and that anybody here
    has.
    """

    film_list: FilmList
    entries: tuple[ListEntry, ...]
    page: int
    seen_count: int
    seen_here_count: int

    @property
    def page_count(self) -> int:
        """How many pages there are, at least one."""
        return count_pages(self.film_list.film_count, FILMS_PER_PAGE)
