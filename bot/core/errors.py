"""Failures that a member or an operator can do something about."""


class MarqueeError(Exception):
    """A failure whose message a member can read: one or two plain sentences."""


class FilmGoneError(MarqueeError):
    """A button or menu of a film that the catalogue no longer holds."""

    def __init__(self) -> None:
        super().__init__("That film is no longer in the catalogue. Look it up anew with /film.")


class PersonGoneError(MarqueeError):
    """A button or menu of a person whom the catalogue no longer holds."""

    def __init__(self) -> None:
        super().__init__("That person is no longer in the catalogue. Look them up anew with /person.")


class InvalidInputError(MarqueeError):
    """Something typed that cannot be used; the message says what to change."""


class NoSuchDayError(InvalidInputError):
    """A day typed that no calendar has, such as 30 February."""

    def __init__(self) -> None:
        super().__init__("There is no such day in the calendar.")


class StorageUnavailableError(MarqueeError):
    """The database cannot be opened, or cannot be used by this version of Marquee."""
