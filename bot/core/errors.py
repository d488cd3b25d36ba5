"""Failures that a member or an operator can do something about."""

from bot.core.text.i18n import _


class MarqueeError(Exception):
    """A failure whose message a member can read: one or two plain sentences."""

    is_temporary = False
    """Whether a program that ends with it may succeed when it is started again, without anybody's doing."""


class InvalidInputError(MarqueeError):
    """Something typed that cannot be used; the message says what to change."""


class ConflictingOptionsError(InvalidInputError):
    """Two options of a command of which only one can be followed, by their names."""

    def __init__(self, option: str, other: str) -> None:
        # Translators: both are names of options, such as `film`
        sentence = _("Use either `{option}` or `{other}`, not both.")
        super().__init__(sentence.format(option=option, other=other))


class NoSuchDayError(InvalidInputError):
    """A day typed that no calendar has, such as 30 February."""

    def __init__(self) -> None:
        super().__init__(_("There's no such day. Check the day and the month."))


class StorageUnavailableError(MarqueeError):
    """The database cannot be opened, or cannot be used by this version of Marquee."""

    def __init__(self, message: str, *, is_temporary: bool = False) -> None:
        super().__init__(message)
        self.is_temporary = is_temporary
