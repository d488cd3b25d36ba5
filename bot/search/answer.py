"""Judges the matches of a look-up: whether the best is the film meant, a guess, or only one of several choices."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.text.folding import fold, transliterate
from bot.search.index import Match, MatchKind
from bot.search.normalisation import shorten_words
from bot.search.query import split_year

SAME_TITLE_SCORE = 99.5
"""A match from here on is the title itself."""
SCORE_TOLERANCE = 6.0
"""Films whose scores differ by less fit about as well."""
YEAR_TOLERANCE = 1
"""Years by which a film may miss the year asked for: festivals and countries differ by one."""
SHORTEST_INITIALS, SHORTEST_PART = 3, 4
"""Letters of a text that is taken for the initials or for a part of a title."""
PART_SCORE = 88.0
"""The score of a title that begins with the text, or has it as whole words."""
EDITS_BY_LETTERS = ((4, 0), (8, 1), (12, 2))
MOST_EDITS = 3
"""Wrong letters that a text of so many letters may have to be taken for a misspelt title."""
ONE_TYPO_SCORE, SCORE_ROUNDING = 98.0, 0.5
"""A score is at most ONE_TYPO_SCORE times the share of the letters that are right."""
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?![a-z\d])")


class Answer(StrEnum):
    """What a look-up is answered with; the values are those of `marquee find --json`."""

    CARD = "card"
    """The card of the film, which is meant beyond doubt."""
    GUESS = "guess"
    """The card of the likeliest film, with a way to the others."""
    CHOICE = "choice"
    """Titles to choose from, and no card."""
    NONE = "none"
    """Nothing is like what was typed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the best of some matches fits a query.

    `alternatives` are the other matches that fit about as well. `unmet_year` is the year asked for if the best
    match is not of it; with `is_year_close` it misses it by one. `unmet_number` is a number in the query, as of a
    sequel, that no title of the best match has.
    """

    answer: Answer
    alternatives: tuple[Match, ...] = ()
    unmet_year: int | None = None
    is_year_close: bool = False
    unmet_number: str | None = None


def judge_matches(text: str, year: int | None, matches: Sequence[Match]) -> Verdict:
    """Return the verdict on the matches, best first, of a text and a year, None for the year typed in the text."""
    if not matches:
        return Verdict(Answer.NONE)
    best, *others = matches
    title, year = split_asked_year(text, year, best)
    unmet_year = year if year is not None and best.year is not None and best.year != year else None
    is_year_close = (
        unmet_year is not None and best.year is not None and abs(best.year - unmet_year) <= YEAR_TOLERANCE
    )
    unmet_number = None if best.kind is MatchKind.INITIALS else _find_unmet_number(title, best)
    if (unmet_year is not None and not is_year_close) or unmet_number is not None:
        return Verdict(Answer.CHOICE, (), unmet_year, is_year_close, unmet_number)
    alternatives = _filter_equally_good(best, others, year)
    answer = Answer.CHOICE
    if best.kind is MatchKind.EXACT:
        answer = Answer.GUESS if alternatives or is_year_close else Answer.CARD
    elif is_plausible(title, best):
        answer = Answer.GUESS
    return Verdict(answer, alternatives, unmet_year, is_year_close)


def split_asked_year(text: str, year: int | None, best: Match | None) -> tuple[str, int | None]:
    """Return the title and the year asked for; a year that belongs to the title of the best match is none."""
    if year is not None:
        return text, year
    title, trailing_year = split_year(text)
    if trailing_year is not None and best is not None and str(trailing_year) in best.matched:
        return text, None
    return title, trailing_year


def _find_unmet_number(title: str, match: Match) -> str | None:
    """Return a number of the query that is in no title of the film known here, else None. `ii` and `two` are 2."""
    numbers = _list_numbers(title)
    if not numbers:
        return None
    known = {
        number for name in (match.matched, match.title, match.original_title) for number in _list_numbers(name)
    }
    return next((number for number in numbers if number not in known), None)


def _list_numbers(text: str) -> list[str]:
    return _NUMBER.findall(shorten_words(transliterate(fold(text))))


def is_plausible(title: str, match: Match) -> bool:
    """Return whether an inexact match is likely enough what was meant to be shown as a card.

    Longer texts may have more letters wrong. A short text that is not quite a title is more often the title of a
    film that the catalogue lacks (`mario`, `x`).
    """
    letters = sum(map(str.isalnum, title))
    if match.kind is MatchKind.INITIALS:
        return letters >= SHORTEST_INITIALS
    if match.kind is MatchKind.PART:
        return letters >= SHORTEST_PART and match.score >= PART_SCORE
    edits = next((edits for longest, edits in EDITS_BY_LETTERS if letters <= longest), MOST_EDITS)
    return match.score >= ONE_TYPO_SCORE * (1 - edits / max(1, letters)) - SCORE_ROUNDING


def _filter_equally_good(best: Match, others: Sequence[Match], year: int | None) -> tuple[Match, ...]:
    """Return those of the other matches that fit about as well as the best."""
    if year is not None and best.year == year:
        others = [match for match in others if match.year == year]
    if best.score >= SAME_TITLE_SCORE:
        return tuple(match for match in others if match.score >= SAME_TITLE_SCORE)
    return tuple(match for match in others if best.score - match.score < SCORE_TOLERANCE)
