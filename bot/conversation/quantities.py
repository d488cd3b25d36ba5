"""Years and runtimes in words: "early 90s", "before the war", "under two and a half hours"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.conversation.tokens import Text
from bot.core.text.origins import DECADE_WORDS, read_decade

FIRST_FILM_YEAR = 1888
SHORT_MINUTES, NOT_TOO_LONG_MINUTES, LONG_MINUTES = 90, 120, 150
ABOUT_MINUTES = 10
RECENT_YEARS, NEW_YEARS = 5, 2
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "couple of": 2,
    "few": 3, "half an": 0.5,
}  # fmt: skip
_NUMBER = r"(?:\d\d?\d?|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_YEAR = r"(?:1[89]\d\d|20\d\d)"
_DECADE = r"(?:(?:1[89]|20)?\d0 ?s|" + "|".join(DECADE_WORDS) + ")"
_WAR = r"(?:the )?(?:second world |first world |great )?(?:war|ww2|wwii|ww1)"
_POINT = rf"(?:(?:early|mid|late) )?(?:the )?{_DECADE}|{_YEAR}|{_WAR}"
_DURATION = (
    rf"(?:(?P<{{0}}hours>{_NUMBER}(?: \d)?) ?(?:hours?|hrs?|h|hr)"
    rf"(?: (?:and )?(?P<{{0}}extra>a half|half|{_NUMBER}|\d\d)"
    rf"(?: ?(?:minutes?|mins?|min|m))?)?(?P<{{0}}half_after> and a half)?"
    rf"|(?P<{{0}}between>{_NUMBER}) and a half hours?"
    rf"|(?P<{{0}}packed>\d)h(?P<{{0}}packed_minutes>\d\d)?(?: ?(?:min|m))?"
    rf"|(?P<{{0}}minutes>\d{{{{1,3}}}}|{_NUMBER}(?: {_NUMBER})?) ?(?:minutes?|mins?|min|m)\b"
    rf"|(?P<{{0}}bare>[6-9]\d|1\d\d|2[0-4]\d)(?= |$))"
)
_UPPER = (
    r"(?:under|below|less than|shorter than|at most|no more than|not more than|no longer than|not longer than|"
    r"nothing longer than|nothing over|nothing above|max|maximum|within|up to|isnt longer than|not over|"
    r"isnt more than|not above|fewer than|inside|doesnt go over|doesnt run over|wont take more than|only have|"
    r"have only|ive got|ive only got|less then|only got|i have|we have)"
)
_INCLUSIVE_UPPER = (
    "at most", "no more", "not more", "no longer", "not longer", "nothing", "max", "within", "up to", "isnt",
    "not over", "not above", "doesnt", "wont", "only", "have", "ive", "we have", "i have",
)  # fmt: skip
_LOWER = (
    r"(?:over|above|more than|longer than|at least|minimum|min|no less than|not less than|no shorter than|"
    r"not shorter than|not under|beyond)"
)
_INCLUSIVE_LOWER = ("at least", "minimum", "min", "no ", "not ")


@dataclass(frozen=True, slots=True)
class Range:
    """A range of years or minutes that was read, with its tokens. `is_open`: its bounds are not in it."""

    start: int
    end: int
    least: int | None = None
    greatest: int | None = None
    is_open: bool = False


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^ ])(?:{pattern})(?= |$)")


_RUNTIME_BETWEEN = _compile(
    r"between (?P<low>\d+|an?|one|two|three)(?P<unit> (?:hours?|h))? and "
    r"(?P<high>\d+|two|three|four|an)(?P<high_unit> (?:hours?|h|minutes|mins?))"
)
_RUNTIME_UPPER = _compile(rf"(?:thats |that is )?(?P<cue>{_UPPER}) (?:about )?" + _DURATION.format("u_"))
_RUNTIME_LOWER = _compile(rf"(?P<cue>{_LOWER}) " + _DURATION.format("l_"))
_RUNTIME_AFTER = _compile(
    _DURATION.format("a_")
    + r" (?P<cue>or less|or under|or shorter|max|maximum|at most|tops|or more|or longer|plus|minimum|at least)"
)
_RUNTIME_ABOUT = _compile(r"(?:about|around|roughly|approximately|some) " + _DURATION.format("b_"))
_SHORT = _compile(
    r"short(?! film| films)|quick|brief|not (?:too|very|so) long|isnt (?:too|very|so) long|nothing too long"
)
_LONG = _compile(r"long(?! take| time| lost| ago)|very long|epic length")
_YEARS_BETWEEN = _compile(
    rf"(?:between|from) (?:the )?(?P<low>{_YEAR}|{_DECADE}) (?:and|to|until|till|through|-) "
    rf"(?:the )?(?P<high>{_YEAR}|{_DECADE})"
    rf"|(?P<low2>{_YEAR}) ?- ?(?P<high2>{_YEAR})"
)
_YEARS_OR = _compile(
    rf"(?:the )?(?P<low>{_DECADE}|{_YEAR}) (?:or|and|to|/) "
    rf"(?:the )?(?:early |mid |late )?(?P<high>{_DECADE}|{_YEAR})"
)
_YEARS_LAST = _compile(
    r"(?:from |in |of |within |made in )?(?:the )?(?:last|past|recent) "
    rf"(?P<count>{_NUMBER}|couple of|few) (?P<unit>years?|decades?)"
    r"|(?:from |in |of )?(?:the )?(?:last|past) (?P<single>decade)"
    r"|(?:from |in )?(?P<named>this year|last year|this decade)"
)
_YEARS_BEFORE = _compile(
    r"(?P<cue>(?:from |made )?(?<!nothing )before|pre|prior to|"
    r"(?<!nothing )(?<!not )(?<!no )(?:older|earlier) than|until|up to|till|by the end of|"
    r"no later than|not newer than|nothing after|nothing newer than|no newer than) "
    rf"(?P<point>{_POINT})"
)
_YEARS_AFTER = _compile(
    r"(?P<cue>(?:from |made )?(?<!nothing )after|post|since|"
    r"(?<!nothing )(?<!not )(?<!no )(?:newer|later) than|more recent than|younger than|"
    r"nothing before|nothing older than|not older than|no older than|from) "
    rf"(?P<point>{_POINT})(?P<on> on(?:wards?)?| or later| or newer| and later)?"
)
_POSTWAR = _compile(r"post ?war|pre ?war|during the (?:second world |first world )?war|silent(?: era)?|silents?")
_YEARS_ONE = _compile(
    rf"(?:from |in |of )?(?:the )?(?:(?P<part>early|mid|late|mid to late) )?(?:the )?(?P<decade>{_DECADE})"
)
_YEARS_EXACT = _compile(rf"(?:from |in |of |year )?(?P<year>{_YEAR})")
_RECENT = _compile(r"(?:more )?recent|modern|contemporary")
_NEW = _compile(r"new(?! york| zealand| orleans| jersey| world| mexico| delhi| wave)|newest|brand new|latest")


def find_runtimes(text: Text) -> Iterator[Range]:
    """Yield the runtimes asked for, in minutes, and mark their tokens as read."""
    for start, end, match in text.find(_RUNTIME_BETWEEN):
        high = _number(match["high"]) * (60 if (match["high_unit"] or "").strip().startswith("h") else 1)
        low = _number(match["low"]) * (60 if match["unit"] or (match["high_unit"] or "").strip()[0] == "h" else 1)
        yield _used(text, Range(start, end, round(low), round(high)))
    for start, end, match in text.find(_RUNTIME_AFTER):
        minutes = _minutes(match, "a_")
        is_least = match["cue"] in ("or more", "or longer", "plus", "minimum", "at least")
        yield _used(text, Range(start, end, *((minutes, None) if is_least else (None, minutes))))
    for start, end, match in text.find(_RUNTIME_UPPER):
        is_inclusive = match["cue"].startswith(_INCLUSIVE_UPPER)
        has_unit = not match["u_bare"] or match["cue"] not in ("i have", "we have")
        if has_unit:
            yield _used(text, Range(start, end, None, _minutes(match, "u_"), is_open=not is_inclusive))
    for start, end, match in text.find(_RUNTIME_LOWER):
        is_inclusive = match["cue"].startswith(_INCLUSIVE_LOWER)
        yield _used(text, Range(start, end, _minutes(match, "l_"), None, is_open=not is_inclusive))
    for start, end, match in text.find(_RUNTIME_ABOUT):
        if not match["b_bare"]:
            minutes = _minutes(match, "b_")
            yield _used(text, Range(start, end, minutes - ABOUT_MINUTES, minutes + ABOUT_MINUTES))


def find_short_or_long(text: Text) -> Iterator[Range]:
    """Yield the runtimes that `short`, `long` and `not too long` stand for."""
    for start, end, match in text.find(_SHORT):
        greatest = NOT_TOO_LONG_MINUTES if "long" in match[0] else SHORT_MINUTES
        yield _used(text, Range(start, end, None, greatest))
    for start, end, _ in text.find(_LONG):
        yield _used(text, Range(start, end, LONG_MINUTES, None))


def find_years(text: Text, this_year: int) -> Iterator[Range]:
    """Yield the years asked for, and mark their tokens as read. `this_year` is today's."""
    for start, end, match in text.find(_YEARS_BETWEEN):
        low, high = match["low"] or match["low2"], match["high"] or match["high2"]
        yield _used(text, Range(start, end, _point(low, this_year)[0], _point(high, this_year)[1]))
    for start, end, match in text.find(_YEARS_BEFORE):
        first, last = _point(match["point"], this_year)
        is_inclusive = match["cue"] in ("until", "up to", "till", "by the end of") or match["cue"].startswith(
            ("no ", "not ", "nothing ")
        )
        yield _used(text, Range(start, end, None, last if is_inclusive else first - 1))
    for start, end, match in text.find(_YEARS_AFTER):
        first, last = _point(match["point"], this_year)
        if match["cue"] == "from" and not match["on"]:
            if not re.search(r"\d{4}$|s$|ies$", match["point"]) or match["point"].endswith("war"):
                continue
            yield _used(text, Range(start, end, first, last))
            continue
        is_inclusive = match["cue"] in ("since", "from") or match["cue"].startswith(("no ", "not ", "nothing "))
        yield _used(text, Range(start, end, first if is_inclusive or match["on"] else last + 1, None))
    for start, end, match in text.find(_YEARS_LAST):
        yield _used(text, Range(start, end, *_last_years(match, this_year)))
    for start, end, match in text.find(_YEARS_OR):
        first, last = _point(match["low"], this_year)[0], _point(match["high"], this_year)[1]
        if first < last:
            yield _used(text, Range(start, end, first, last))
    for start, end, match in text.find(_YEARS_ONE):
        part = f"{match['part']} " if match["part"] else ""
        yield _used(text, Range(start, end, *_point(part + match["decade"], this_year)))
    for start, end, match in text.find(_YEARS_EXACT):
        year = int(match["year"])
        if FIRST_FILM_YEAR <= year <= this_year + 1:
            yield _used(text, Range(start, end, year, year))
    for start, end, match in text.find(_POSTWAR):
        word = match[0].replace(" ", "")
        if word.startswith("silent"):
            bounds: tuple[int | None, int | None] = (None, 1929)
        elif word.startswith("during"):
            bounds = (1914, 1918) if "first" in word else (1939, 1945)
        else:
            bounds = (1946, None) if word.startswith("post") else (None, 1938)
        yield _used(text, Range(start, end, *bounds))


def find_recent(text: Text, this_year: int) -> Iterator[Range]:
    """Yield the years that `recent` and `new` stand for."""
    for start, end, match in text.find(_RECENT):
        if match[0] in ("recent", "more recent"):
            yield _used(text, Range(start, end, this_year - RECENT_YEARS, None))
    for start, end, _ in text.find(_NEW):
        yield _used(text, Range(start, end, this_year - NEW_YEARS, None))


def _used(text: Text, found: Range) -> Range:
    text.use(found.start, found.end)
    return found


def _number(text: str) -> float:
    text = text.strip()
    if text.isdigit():
        return float(text)
    return float(sum(_NUMBERS.get(word, 0) for word in ([text] if text in _NUMBERS else text.split())))


def _minutes(match: re.Match[str], prefix: str) -> int:
    groups = {
        name.removeprefix(prefix): value for name, value in match.groupdict().items() if name.startswith(prefix)
    }
    if groups["minutes"]:
        return round(_number(groups["minutes"]))
    if groups["bare"]:
        return int(groups["bare"])
    if groups["packed"]:
        return 60 * int(groups["packed"]) + int(groups["packed_minutes"] or 0)
    if groups["between"]:
        return round(60 * _number(groups["between"]) + 30)
    whole, _, tenths = groups["hours"].partition(" ")
    minutes = 60 * _number(groups["hours"]) if not tenths.isdigit() else 60 * (_number(whole) + int(tenths) / 10)
    extra = groups["extra"]
    minutes += 30 if groups["half_after"] or extra in ("a half", "half") else _number(extra) if extra else 0
    return round(minutes)


def _point(text: str, this_year: int) -> tuple[int, int]:
    """Return the first and the last year of a year, a decade, a part of one, or a war."""
    text = text.strip()
    if "war" in text or text in ("ww2", "wwii", "ww1"):
        return (1914, 1918) if "first" in text or "great" in text or text == "ww1" else (1939, 1945)
    part = next((each for each in ("early", "mid", "late") if text.startswith(each)), "")
    text = text.removeprefix("mid to ").removeprefix(part).replace(" the ", " ").removeprefix("the ").strip()
    text = text.removeprefix("late ").removeprefix("the ")
    if text.isdigit():
        return int(text), int(text)
    decade = read_decade(text) or 0
    bounds = {"early": (0, 3), "mid": (4, 6), "late": (7, 9), "": (0, 9)}[part]
    return decade + bounds[0], decade + bounds[1]


def _last_years(match: re.Match[str], this_year: int) -> tuple[int, int | None]:
    if match["named"]:
        named = {"this year": (this_year, None), "last year": (this_year - 1, this_year - 1)}
        return named.get(match["named"], (this_year // 10 * 10, None))
    if match["single"]:
        return this_year - 10, None
    years = round(_number(match["count"]) * (10 if match["unit"].startswith("decade") else 1))
    return this_year - years, None
