"""Days and times as curators type and read them, in the server's time zone and in their own language."""

import re
from datetime import UTC, datetime, timedelta

from bot.core.errors import InvalidInputError, NoSuchDayError
from bot.core.text.cldr import format_date, format_full_date_and_time, format_list, weekday_name
from bot.core.text.clock import DAY_MINUTES, Clock, ClockProblem, read_clock
from bot.core.text.days import TypedDay, WrongWeekdayError, read_day
from bot.core.text.i18n import _, get_locale
from bot.core.text.time_vocabulary import Kind, get_vocabulary, list_vocabularies, tokenize
from bot.core.text.time_words import list_typed_examples
from bot.picks.rotation import Rotation, to_local, to_utc

MAX_AHEAD = timedelta(days=2 * 366)
TONIGHT, EVENING_BEGINS = 20 * 60, 17 * 60
"""Minutes after midnight: what `tonight` means where the rotation's time is not in the evening."""
_TIMESTAMP = re.compile(r"\s*<t:(\d{1,12})(?::[a-zA-Z])?>\s*")
"""A time as Discord writes it; `@time` in its own text box and many web pages make them."""
_EXACT_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_COMMAS = str.maketrans("，、；", ",,;")


class UnreadableMomentError(InvalidInputError):
    """What was typed is no day, or no time."""


def parse_time(text: str) -> int:
    """Return a typed time as minutes after midnight: 20:00, 8pm, 20.30, 20 Uhr, 8 вечера; midnight ends the day.

    Raises InvalidInputError if it is none.
    """
    problem = None
    for vocabulary in list_vocabularies(get_locale()):
        clock = read_clock(tokenize(text, vocabulary) or (), vocabulary, is_time_alone=True)
        if clock.problem is None and clock.minutes is not None and not clock.rest:
            return clock.minutes
        problem = problem or clock.problem
    raise _make_time_error(problem)


def parse_time_of_day(text: str) -> int:
    """Return a typed time as `parse_time` does, from 0 to 1439: midnight begins the day."""
    return parse_time(text) % DAY_MINUTES


def parse_moment(text: str, rotation: Rotation, now: datetime) -> datetime:
    """Return a typed day, with or without a time, in the rotation's zone as a UTC time.

    It takes today, tonight, Friday, next Friday 8pm, 2026-12-04, 4.12., 12/25/2026, Dec 4, in 2 weeks, noon, what
    people type for these in the reader's language, and times as Discord writes them, `<t:1796410800>`. Without a
    time it is the rotation's. Raises InvalidInputError if it is no day, is past, or is more than two years ahead.
    """
    moment = _parse_timestamp(text) or _read_moment(text, rotation, now)
    if moment <= now:
        shown = format_time(moment, rotation.time_zone)
        raise InvalidInputError(_("{time} is in the past. Pick a later time.").format(time=shown))
    if moment > now + MAX_AHEAD:
        raise InvalidInputError(_("That's more than two years away. Pick an earlier day."))
    return moment


def split_moments(text: str) -> list[str]:
    """Return the parts of a text with `;`, `or` or the reader's word for it between them.

    Commas, which may also belong to one day, are left in the parts; those of Chinese and Japanese become `,`.
    """
    words = get_vocabulary(get_locale()).separators
    spaced = "|".join(re.escape(word) for word in words if word.isascii() or not _is_joined(word))
    joined = "".join(f"|{re.escape(word)}" for word in words if _is_joined(word))
    parts = re.split(rf"\s*;\s*|\s+(?:{spaced})\s+{joined}", text.translate(_COMMAS), flags=re.IGNORECASE)
    return [part for part in parts if part.strip()]


def _is_joined(word: str) -> bool:
    """Return whether the word stands between others without spaces, as in Chinese and Japanese."""
    return "\u3040" <= word[0] <= "\u9fff"


def find_skipped_time(text: str, moment: datetime, zone: str) -> int | None:
    """Return the typed minutes after midnight where the clocks leave that time out on the day of `moment`.

    `moment` is what `parse_moment` made of the text. None where the clocks show what was typed, or nothing was.
    """
    for vocabulary in list_vocabularies(get_locale()):
        clock = read_clock(tokenize(text, vocabulary) or (), vocabulary)
        if clock.problem is None and clock.minutes is not None:
            minutes, local = clock.minutes % DAY_MINUTES, to_local(moment, zone)
            return minutes if minutes != 60 * local.hour + local.minute else None
    return None


def _parse_timestamp(text: str) -> datetime | None:
    """Return the moment of a Discord timestamp; None for another text."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    try:
        return datetime.fromtimestamp(int(match[1]), UTC)
    except (OverflowError, ValueError, OSError):
        raise NoSuchDayError from None


def _read_moment(text: str, rotation: Rotation, now: datetime) -> datetime:
    """Return the moment in the reader's words, else in English ones. Raises InvalidInputError."""
    error: InvalidInputError | None = None
    today = to_local(now, rotation.time_zone).date()
    for vocabulary in list_vocabularies(get_locale()):
        tokens = tokenize(text, vocabulary) or []
        if len(tokens) == 1 and (unit := _EXACT_UNITS.get(tokens[0].unit)) is not None:
            return now + tokens[0].meanings[Kind.DELTA] * unit
        clock = read_clock(tokens, vocabulary)
        try:
            typed = read_day(clock.rest, today, vocabulary, has_time=clock.minutes is not None)
        except WrongWeekdayError as wrong:
            error = error or _make_weekday_error(wrong)
            continue
        if typed is None or (
            not clock.rest and clock.minutes is None and not clock.is_evening and not clock.problem
        ):
            error = error or _make_day_error(now)
        elif clock.problem is not None:
            error = error or _make_time_error(clock.problem)
        else:
            return _find_moment(typed, clock, rotation, now)
    raise error or _make_day_error(now)


def _find_moment(typed: TypedDay, clock: Clock, rotation: Rotation, now: datetime) -> datetime:
    """Return the moment of the day at the time, or where that is past, of the next such day."""
    minutes = clock.minutes if clock.minutes is not None else rotation.minutes
    if clock.is_evening and minutes < EVENING_BEGINS:
        minutes = TONIGHT
    try:
        moment = _to_moment(typed, minutes, rotation, 0)
        if moment <= now and (days := 1 if clock.is_night else typed.repeats_after):
            moment = _to_moment(typed, minutes, rotation, days)
    except OverflowError:  # the first or the last day that there is, in a zone where it lies beyond
        raise NoSuchDayError from None
    return moment


def _to_moment(typed: TypedDay, minutes: int, rotation: Rotation, days: int) -> datetime:
    days += minutes // DAY_MINUTES
    return to_utc(typed.day + timedelta(days=days), minutes % DAY_MINUTES, rotation.time_zone)


def _make_day_error(now: datetime) -> InvalidInputError:
    # Translators: {examples} are days and times in the reader's language: “Friday 8pm, tomorrow 20:00, or Dec 4”
    sentence = _("I can't read that day. Type it like {examples}.")
    examples = [*list_typed_examples(), f"{now.date() + timedelta(days=7)} 20:00"]
    return UnreadableMomentError(sentence.format(examples=format_list(examples, "or")))


def _make_time_error(problem: ClockProblem | None) -> InvalidInputError:
    if problem is ClockProblem.AMBIGUOUS:
        # Translators: {examples} are times in the reader's language: “20:00, 8pm, or noon”
        sentence = _("Is that in the morning or in the evening? Type the time like {examples}.")
    else:
        # Translators: {examples} are times in the reader's language: “20:00, 8pm, or noon”
        sentence = _("I can't read that time. Type it like {examples}.")
    return UnreadableMomentError(sentence.format(examples=format_list(list_typed_examples("times"), "or")))


def _make_weekday_error(wrong: WrongWeekdayError) -> InvalidInputError:
    # Translators: {day} is a date such as “4 December 2026”, {weekday} a day of the week such as “Friday”
    sentence = _("{day} is a {weekday}. Check the day.")
    return InvalidInputError(
        sentence.format(day=format_date(wrong.day), weekday=weekday_name(wrong.day.weekday()))
    )


def format_time(moment: datetime, zone: str) -> str:
    """Return the local time with the zone's name, such as `Friday, 4 December 2026 at 20:00 (Europe/Berlin)`."""
    return f"{format_time_without_zone(moment, zone)} ({zone})"


def format_time_without_zone(moment: datetime, zone: str) -> str:
    """Return the local time without the zone's name, for lists that name the zone once."""
    return format_full_date_and_time(to_local(moment, zone))
