"""What a typed day or time is made of: its words, each with what it means in a language.

Names of months, weekdays and parts of the day, how long ago or ahead something is (`vor 3 Tagen`, `через 2 часа`),
the order of a date and the 12-hour clock come from the Unicode CLDR by way of Babel, the rest from `time_words`. A
vocabulary is made when a language is first used, in some milliseconds, and kept.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache
from itertools import groupby, product
from typing import Literal

from babel import Locale
from babel.dates import format_timedelta

from bot.core.text.cldr import find_babel_locale
from bot.core.text.folding import fold
from bot.core.text.i18n import SOURCE_LOCALE
from bot.core.text.time_words import TIME_WORDS, read_time_words

TYPED_LIMIT = 100
"""Characters of a typed day or time that are read; a longer text is none."""
_PREFIX_LENGTH = 3
"""Letters by which the name of a month or a weekday is known."""
_DELTA_LIMIT, _DELTA_SIZES = 1000, range(4, -1, -1)
"""Numbers below this may say how long ago something is, with so many words after them."""
_LONGEST_PHRASE, _LONGEST_RUN = 5, 6
"""Words of a phrase, and characters of one in a script without spaces."""
_NUMERALS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
             "八": 8, "九": 9}  # fmt: skip
_TEN = "十"
Unit = Literal["minute", "hour", "day", "week", "month", "year"]
FILLING_SIGNS = frozenset(",()、。·!?~〜")
"""Signs that mean nothing in a day or time."""
_APOSTROPHES = "'’‘`´ʼ"
_WITHOUT_MARKS = str.maketrans("ıł", "il")
"""Letters that fold to themselves, but that people without such a keyboard type otherwise: yarın, północ."""
_UNIT_SECONDS: dict[Unit, int] = {
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_630_000,
    "year": 31_560_000,
}
_WITHOUT_ARTICLES = ("pl", "ru", "uk")
"""Languages that say `неделю назад` for a week ago, without a word for one."""
_REMINDER_UNITS: tuple[Unit, ...] = ("minute", "hour", "day", "week")
_STYLES: tuple[Literal["long", "short", "narrow"], ...] = ("long", "short", "narrow")
_PLURAL_SAMPLES = (1, 2, 5, 21)
"""Numbers that between them take every plural form of the languages that Discord speaks."""


class Kind(StrEnum):
    """What a word may mean; in brackets what its value is.

    DAY (days from today), WEEKDAY (from Monday as 0), MONTH, PERIOD (a `Period`), NEXT (0: the first after today,
    1: of next week, 2: of the one after), THIS and LAST (0: the nearest, 1: of that calendar week), WEEK (weeks
    from this one), UNIT (a week), AT (a time follows), AT_AFTER (a time was before), NUMBER, DELTA (how many units
    ahead), FILL (nothing). HOUR, HOUR_12 (of a clock with twelve hours), MINUTE, YEAR_MARK, MONTH_MARK, DAY_MARK
    and ORDINAL follow a number; BEFORE and AFTER (minutes to add) stand before or after an hour.
    """

    DAY = "day"
    WEEKDAY = "weekday"
    MONTH = "month"
    PERIOD = "period"
    NEXT = "next"
    THIS = "this"
    LAST = "last"
    WEEK = "week"
    UNIT = "unit"
    AT = "at"
    AT_AFTER = "at_after"
    HOUR = "hour"
    HOUR_12 = "hour_12"
    MINUTE = "minute"
    YEAR_MARK = "year_mark"
    MONTH_MARK = "month_mark"
    DAY_MARK = "day_mark"
    BEFORE = "before"
    AFTER = "after"
    NUMBER = "number"
    ORDINAL = "ordinal"
    DELTA = "delta"
    FILL = "fill"


class Period(IntEnum):
    """A part of the day. LATE is what languages call night when they go out: from the evening until one sleeps."""

    AM = 0
    PM = 1
    DAWN = 2
    MORNING = 3
    NOON = 4
    AFTERNOON = 5
    EVENING = 6
    LATE = 7
    NIGHT = 8
    MIDNIGHT = 9


_CLDR_PERIODS = {"am": Period.AM, "pm": Period.PM, "noon": Period.NOON, "midnight": Period.MIDNIGHT,
                 "morning": Period.MORNING, "afternoon": Period.AFTERNOON, "evening": Period.EVENING,
                 "night": Period.NIGHT}  # fmt: skip
Meanings = Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign of a typed text, folded, with all that it may mean.

    `unit` belongs to DELTA. `is_attached`: nothing stands between it and the token before.
    """

    text: str
    meanings: Meanings = field(default_factory=dict)
    unit: Unit = "day"
    is_attached: bool = False

    @property
    def number(self) -> int | None:
        """The number that is written, in digits or as a word."""
        return int(self.text) if self.text.isdecimal() else self.meanings.get(Kind.NUMBER)

    def get(self, kind: Kind) -> int | None:
        """Return what the word means as a word of that kind, or None if it is none."""
        return self.meanings.get(kind)

    def has(self, *kinds: Kind) -> bool:
        """Return whether the word may be of one of the kinds."""
        return any(kind in self.meanings for kind in kinds)


@dataclass(slots=True)
class Vocabulary:
    """The words of a language and of English.

    `order` is how the language writes a date in numbers, such as `dMy`. `deltas` are the unit and the direction by
    what stands before and after a number, without spaces, `single_deltas` those of one unit without a number.
    `separators` are the words between two moments.
    """

    order: str = "dMy"
    is_twelve_hour: bool = False
    phrases: dict[str, tuple[Meanings, ...]] = field(default_factory=dict)
    names: dict[str, Meanings] = field(default_factory=dict)
    deltas: dict[tuple[str, str], tuple[Unit, int]] = field(default_factory=dict)
    single_deltas: dict[str, tuple[Unit, int]] = field(default_factory=dict)
    separators: tuple[str, ...] = ()

    def find_prefix(self, word: str) -> Meanings | None:
        """Return the month or the weekday that is the only one to begin with the word."""
        if len(word) < _PREFIX_LENGTH:
            return None
        found = [meanings for name, meanings in self.names.items() if name.startswith(word)]
        return found[0] if found and all(each == found[0] for each in found) else None


def fold_word(text: str) -> str:
    """Return a word as `fold` does, with the letters that people leave a stroke or a dot out of as these."""
    return fold(text).translate(_WITHOUT_MARKS)


@lru_cache(maxsize=64)
def get_vocabulary(locale: str) -> Vocabulary:
    """Return the words of a locale, as Discord or BCP 47 names it, and of English where it has no such word."""
    babel_locale = find_babel_locale(locale)
    vocabulary = Vocabulary()
    _add_cldr(vocabulary, babel_locale)
    _add_words(vocabulary, babel_locale.language)
    for language, words in _list_days().items():  # days that everybody knows, whatever language Discord is in
        if language != babel_locale.language:
            vocabulary.phrases = words | vocabulary.phrases
    if babel_locale.language == SOURCE_LOCALE:
        return vocabulary
    english = get_vocabulary(SOURCE_LOCALE)
    vocabulary.phrases = english.phrases | vocabulary.phrases
    vocabulary.names = english.names | vocabulary.names
    vocabulary.deltas = english.deltas | vocabulary.deltas
    vocabulary.separators = tuple(dict.fromkeys((*vocabulary.separators, *english.separators)))
    return vocabulary


def list_vocabularies(locale: str) -> Iterator[Vocabulary]:
    """Yield the vocabularies to read a text in: that of the locale, then English alone, whose words may differ."""
    yield get_vocabulary(locale)
    if find_babel_locale(locale).language != SOURCE_LOCALE:
        yield get_vocabulary("en-GB" if locale.partition("-")[0] != "en" else locale)


def _add_cldr(vocabulary: Vocabulary, locale: Locale) -> None:
    """Add what Babel knows of the language."""
    pattern = locale.date_formats["short"].pattern
    without_year = locale.datetime_skeletons["Md"].pattern  # 2/12 is in December for Swedes, who write 2026-12-02
    day_and_month = "".join(sorted("dM", key=without_year.find))
    vocabulary.order = f"y{day_and_month}" if pattern.startswith("y") else f"{day_and_month}y"
    vocabulary.is_twelve_hour = "h" in locale.time_formats["short"].pattern
    for context in ("stand-alone", "format"):
        for width in ("wide", "abbreviated"):
            for kind, names in ((Kind.MONTH, locale.months), (Kind.WEEKDAY, locale.days)):
                for number, name in names[context][width].items():
                    if not any(character.isdecimal() for character in name):
                        _add_name(vocabulary, _split_words(name), kind, number)
        for name, text in locale.day_periods[context].get("wide", {}).items():
            period = _CLDR_PERIODS.get(name.rstrip("12"))
            if period is not None:
                vocabulary.phrases.setdefault(_split_words(text), ({Kind.PERIOD: period},))
    for unit, direction, count, style in product(_UNIT_SECONDS, (-1, 1), _PLURAL_SAMPLES, _STYLES):
        with suppress(KeyError):  # some languages have no short words in Babel
            text = format_timedelta(
                timedelta(seconds=_UNIT_SECONDS[unit] * count * direction),
                granularity=unit,
                threshold=1e9,
                add_direction=True,
                format=style,
                locale=locale,
            )
            before, number, after = text.partition(str(count))
            words = (_join_words(before), _join_words(after))
            if number and "".join(words).isalpha():  # not `-2 h`, which is short for `il y a 2 h`
                vocabulary.deltas.setdefault(words, (unit, direction))
                if count == 1 and locale.language in _WITHOUT_ARTICLES:
                    vocabulary.single_deltas.setdefault("".join(words), (unit, direction))


def _add_name(vocabulary: Vocabulary, name: str, kind: Kind, number: int) -> None:
    known = vocabulary.phrases.get(name, ({},))[0]
    vocabulary.phrases[name] = ({**known, kind: number},)
    vocabulary.names[name] = vocabulary.phrases[name][0]


def _add_words(vocabulary: Vocabulary, language: str) -> None:
    """Add the words of `time_words`, which replace what the CLDR calls a part of the day."""
    own: dict[str, tuple[Meanings, ...]] = {}
    for meaning, texts in read_time_words(language):
        if meaning in ("examples", "times"):
            continue
        for phrase in texts.split(","):
            words = phrase.strip() if phrase.strip() == "@" else _split_words(phrase)
            if meaning == "or":
                vocabulary.separators += (phrase.strip(),)
            elif meaning.startswith("single "):
                _single, unit, direction = meaning.split()
                vocabulary.single_deltas[words.replace(" ", "")] = (
                    next(each for each in _UNIT_SECONDS if each == unit),
                    int(direction),
                )
            elif meaning in ("in", "since", "ago"):
                _add_delta_word(vocabulary, meaning, words.replace(" ", ""))
            elif meaning.startswith("suffix "):
                period = {Kind.PERIOD: int(Period[meaning.removeprefix("suffix ").upper()])}
                for name, meanings in list(vocabulary.names.items()):
                    if Kind.WEEKDAY in meanings and len(name) > _PREFIX_LENGTH:
                        own[name + words] = ({Kind.WEEKDAY: meanings[Kind.WEEKDAY]}, period)
            else:
                sequence = tuple(_read_meaning(part) for part in meaning.split(" + "))
                if len(sequence) == 1 and words in own and len(own[words]) == 1:
                    sequence = ({**own[words][0], **sequence[0]},)
                own[words] = sequence
    for words, sequence in own.items():
        known = vocabulary.phrases.get(words, ({},))
        if len(sequence) == len(known) == 1:
            sequence = ({**known[0], **sequence[0]},)
        vocabulary.phrases[words] = sequence


def _add_delta_word(vocabulary: Vocabulary, meaning: str, word: str) -> None:
    for (before, after), (unit, direction) in list(vocabulary.deltas.items()):
        if meaning == "ago" and direction < 0 and not after.endswith(word):
            vocabulary.deltas.setdefault(("", after + word), (unit, direction))
        elif (meaning == "in") is (direction > 0) and meaning != "ago" and before:
            vocabulary.deltas.setdefault((word, after), (unit, direction))


@lru_cache(maxsize=1)
def _list_days() -> dict[str, dict[str, tuple[Meanings, ...]]]:
    """Return the words for today, tomorrow and the like of every language."""
    days: dict[str, dict[str, tuple[Meanings, ...]]] = {}
    for language in TIME_WORDS:
        days[language] = {
            _split_words(phrase): tuple(_read_meaning(part) for part in meaning.split(" + "))
            for meaning, texts in read_time_words(language)
            if meaning.startswith("day ")
            for phrase in texts.split(",")
        }
    return days


def _read_meaning(text: str) -> Meanings:
    kind, _space, value = text.partition(" ")
    if kind == Kind.PERIOD:
        return {Kind.PERIOD: int(Period[value.upper()])}
    return {Kind(kind): 1 if value == "week" else int(value or 0)}


def _join_words(text: str) -> str:
    return _split_words(text).replace(" ", "")


def _split_words(text: str) -> str:
    """Return the words of a phrase as tokens of a typed text are compared with it."""
    return " ".join(word for word, _is_attached in _list_words(text))


def _list_words(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the words, numbers and signs of a text, folded, each with whether it follows the one before at once.

    Signs that only join words, such as those of `aujourd'hui` and `après-demain`, are left out.
    """
    previous = ""
    for kind, characters in groupby(unicodedata.normalize("NFKC", text), _classify):
        run = "".join(characters)
        is_attached = previous != "space"
        if kind == "word" and (word := fold_word(run)):
            yield word, is_attached
        elif kind == "number":
            yield "".join(str(int(digit)) for digit in run), is_attached
        elif kind == "sign":
            for sign in run:
                if not (previous == "word" and sign in ".-") and sign not in _APOSTROPHES:
                    yield sign, is_attached
                previous = "sign"
        previous = kind


def _classify(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return "space"
    if category[0] in "LM" or category == "Nl":
        return "word"
    return "number" if category == "Nd" else "space" if character.isspace() else "sign"


def tokenize(text: str, vocabulary: Vocabulary) -> list[Token] | None:
    """Return the tokens of a typed text with their meanings, or None for one that is too long.

    A word that is not in the vocabulary is a token without a meaning. How long ago or ahead something is, such as
    `3 days ago`, becomes one token.
    """
    if len(text) > TYPED_LIMIT:
        return None
    listed = list(_list_words(text))
    words = [word for word, _is_attached in listed]
    tokens: list[Token] = []
    position = 0
    while position < len(words):
        word = words[position]
        if not word[0].isalpha() and word[0] not in _NUMERALS:
            meanings = vocabulary.phrases.get(word, ({},))[0]
            tokens.append(Token(word, meanings, is_attached=listed[position][1]))
            position += 1
        elif _is_spaceless(word[0]):
            tokens += _segment(word, vocabulary)
            position += 1
        else:
            size = _find_phrase(words, position, vocabulary)
            phrase = " ".join(words[position : position + size])
            tokens += _make_tokens(phrase, vocabulary)
            position += size
    return _join_deltas(tokens, vocabulary)


def _find_phrase(words: list[str], position: int, vocabulary: Vocabulary) -> int:
    """Return how many words from the position on are the longest known phrase, at least one."""
    for size in range(min(_LONGEST_PHRASE, len(words) - position), 1, -1):
        if " ".join(words[position : position + size]) in vocabulary.phrases:
            return size
    return 1


def _make_tokens(phrase: str, vocabulary: Vocabulary) -> list[Token]:
    sequence = vocabulary.phrases.get(phrase)
    if sequence is None:
        return [Token(phrase, vocabulary.find_prefix(phrase) or {})]
    return [Token(phrase if number == 0 else "", meanings) for number, meanings in enumerate(sequence)]


def _is_spaceless(character: str) -> bool:
    """Return whether the character is of a script whose words stand together: Han, kana, Hangul."""
    return (
        "\u1100" <= character <= "\u11ff" or "\u3005" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"
    )


def _segment(run: str, vocabulary: Vocabulary) -> Iterator[Token]:
    """Yield the tokens of a run of letters without spaces, from the left the longest phrase each."""
    position = 0
    while position < len(run):
        rest = run[position : position + _LONGEST_RUN]
        size = next((n for n in range(len(rest), 0, -1) if rest[:n] in vocabulary.phrases), 0)
        numeral = 0
        while numeral < len(rest) and (rest[numeral] in _NUMERALS or rest[numeral] == _TEN):
            numeral += 1
        if numeral and numeral >= size:
            value = _read_numeral(rest[:numeral])
            yield Token(rest[:numeral], {} if value is None else {Kind.NUMBER: value})
            position += numeral
        elif size:
            yield from _make_tokens(rest[:size], vocabulary)
            position += size
        else:
            yield Token(rest[0])
            position += 1


def _read_numeral(text: str) -> int | None:
    """Return the number below 100, or the year, of a text in Chinese numerals."""
    if _TEN not in text:
        return int("".join(str(_NUMERALS[character]) for character in text))
    tens, _ten, ones = text.partition(_TEN)
    if len(tens) > 1 or len(ones) > 1 or _TEN in ones:
        return None
    return 10 * _NUMERALS.get(tens, 1) + _NUMERALS.get(ones, 0)


def _join_deltas(tokens: list[Token], vocabulary: Vocabulary) -> list[Token]:
    """Return the tokens with a length of time ahead or ago as one."""
    for position, token in enumerate(tokens):
        number = token.number
        if number is not None and number < _DELTA_LIMIT:
            for size, length in product(range(min(position, _LONGEST_PHRASE), -1, -1), _DELTA_SIZES):
                after = _join_texts(tokens[position + 1 : position + 1 + length])
                found = vocabulary.deltas.get((_join_texts(tokens[position - size : position]), after))
                if found is not None:
                    delta = Token("", {Kind.DELTA: number * found[1]}, found[0])
                    return [*tokens[: position - size], delta, *tokens[position + 1 + length :]]
        elif vocabulary.single_deltas and token.text:
            for length in _DELTA_SIZES:
                found = vocabulary.single_deltas.get(_join_texts(tokens[position : position + length]))
                if found is not None:
                    return [
                        *tokens[:position],
                        Token("", {Kind.DELTA: found[1]}, found[0]),
                        *tokens[position + length :],
                    ]
    return tokens


def _join_texts(tokens: list[Token]) -> str:
    return "".join(token.text for token in tokens)


def without_fillers(tokens: list[Token]) -> list[Token]:
    """Return the tokens without commas and words that mean nothing."""
    return [token for token in tokens if token.text not in FILLING_SIGNS and not _is_filler(token)]


def _is_filler(token: Token) -> bool:
    return set(token.meanings) == {Kind.FILL}


def find_unit_minutes(word: str, locale: str) -> int | None:
    """Return how many minutes the unit of a length of time has, such as `Std.`, `jours` or `時間`, or None."""
    return _list_units(locale).get(_join_words(word))


@lru_cache(maxsize=64)
def _list_units(locale: str) -> dict[str, int]:
    """Return the minutes of each minute, hour, day and week by its names in the language."""
    units: dict[str, int] = {}
    for unit, count, style in product(_REMINDER_UNITS, _PLURAL_SAMPLES, _STYLES):
        seconds = _UNIT_SECONDS[unit]
        text = format_timedelta(
            timedelta(seconds=seconds * count),
            granularity=unit,
            threshold=1e9,
            format=style,
            locale=find_babel_locale(locale),
        )
        units.setdefault(_join_words(text.replace(str(count), "")), seconds // 60)
    return units
