"""Judges the matches of a look-up: whether the best is the film meant, a guess, or only one of several choices."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA

from bot.core.text.folding import fold, transliterate
from bot.search.constraints import ConstraintKind
from bot.search.index import Match, MatchKind
from bot.search.query import split_year
from bot.search.wordings import loosen

SAME_TITLE_SCORE = 99.5
"""A match from here on is the title itself."""
SCORE_TOLERANCE = 6.0
"""Films whose scores differ by less fit about as well."""
YEAR_TOLERANCE = 1
"""Years by which a film may miss the year asked for: festivals and countries differ by one."""
SHORTEST_INITIALS, SHORTEST_PART = 3, 4
"""Letters of a text that is taken for the initials or for a part of a title."""
PART_SHARE, WORDS_SHARE, PART_FAME, FAMOUS = 0.5, 0.4, 50.0, 80.0
"""A word, or several words, are taken for the title if they have such a share of its letters and the film is so
famous, or FAMOUS."""
SHORT_WORD, LONG_WORD = 5, 9
"""Letters up to which a word may have a wrong one only in a FAMOUS title, and from which it may have two wrong."""
JOINED_LETTERS = 6
"""Letters from which a text may be split into words otherwise than the title, with one letter wrong."""


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
    match is not of it. `unmet_number` is a number in the query, as of a sequel, that no title of the best match
    has; `unmet` are other words, of a country or a person, that don't fit.
    """

    answer: Answer
    alternatives: tuple[Match, ...] = ()
    unmet_year: int | None = None
    unmet_number: str | None = None
    unmet: tuple[str, ...] = ()


def judge_matches(text: str, year: int | None, matches: Sequence[Match]) -> Verdict:
    """Return the verdict on the matches, best first, of a text and a year, None for the year typed in the text."""
    if not matches:
        return Verdict(Answer.NONE)
    best, *others = matches
    title, year = split_asked_year(text, year, best)
    unmet_year = next((each.years[0] for each in best.unmet if each.is_single_year and each.years), None)
    is_year_close = (
        unmet_year is not None and best.year is not None and abs(best.year - unmet_year) <= YEAR_TOLERANCE
    )
    unmet_number = next((str(each.number) for each in best.unmet if each.kind is ConstraintKind.NUMBER), None)
    if (unmet_year is not None and not is_year_close) or unmet_number is not None:
        return Verdict(Answer.CHOICE, (), unmet_year, unmet_number)
    unmet = tuple(each.text for each in best.unmet if not each.is_single_year)
    if unmet:
        return Verdict(Answer.CHOICE, (), unmet_year, unmet=unmet)
    alternatives = _filter_equally_good(best, others, year)
    answer = Answer.CHOICE
    if best.kind is MatchKind.EXACT:
        answer = Answer.GUESS if alternatives or is_year_close else Answer.CARD
    elif is_plausible(best.typed or title, best):
        answer = Answer.GUESS
    return Verdict(answer, alternatives, unmet_year)


def split_asked_year(text: str, year: int | None, best: Match | None) -> tuple[str, int | None]:
    """Return the title and the year asked for; a year that belongs to the title of the best match is none."""
    if year is not None:
        return text, year
    title, trailing_year = split_year(text)
    if trailing_year is not None and best is not None and str(trailing_year) in best.matched:
        return text, None
    return title, trailing_year


def is_plausible(title: str, match: Match) -> bool:
    """Return whether an inexact match is likely enough what was meant to be shown as a card.

    A text that is close to a title is often the very title of a film that the catalogue lacks (`black rain` and
    Black Swan, `mario` and Macario). So each word has to be the title's but for a typo, and where that is only a
    part of the title, it has to be a large part or the film has to be famous.
    """
    query = loosen(transliterate(fold(title)).split(" "))
    letters = sum(map(len, query))
    if match.kind is MatchKind.INITIALS:
        return letters >= SHORTEST_INITIALS
    for name in {match.matched, match.title, match.original_title}:
        words = loosen(transliterate(fold(name)).split(" "))
        if letters >= JOINED_LETTERS and OSA.distance("".join(query), "".join(words), score_cutoff=1) <= 1:
            return True
        for start in range(len(words) - len(query) + 1):
            part = words[start : start + len(query)]
            if not all(_is_typo(*pair, match.fame) for pair in zip(query, part, strict=True)):
                continue
            share = sum(map(len, part)) / sum(map(len, words))
            least_share = PART_SHARE if len(query) == 1 else WORDS_SHARE
            if share == 1 or match.fame >= FAMOUS or (share >= least_share and match.fame >= PART_FAME):
                return share == 1 or letters >= SHORTEST_PART
    return False


def _is_typo(word: str, name_word: str, fame: float) -> bool:
    """Return whether the word is the other one but for typos: of a famous title more may be wrong."""
    allowed = 2 if len(word) >= LONG_WORD else 1
    if len(word) <= SHORT_WORD:
        is_swap = sorted(word) == sorted(name_word)
        allowed = 1 if fame >= FAMOUS and (is_swap or len(word) == SHORT_WORD) else 0
    elif fame >= FAMOUS and len(word) > SHORT_WORD + 1:
        allowed += 1
    return OSA.distance(word, name_word, score_cutoff=allowed) <= allowed


def _filter_equally_good(best: Match, others: Sequence[Match], year: int | None) -> tuple[Match, ...]:
    """Return those of the other matches that fit about as well as the best."""
    if year is not None and best.year == year:
        others = [match for match in others if match.year == year]
    if best.score >= SAME_TITLE_SCORE:
        return tuple(match for match in others if match.score >= SAME_TITLE_SCORE)
    return tuple(match for match in others if best.score - match.score < SCORE_TOLERANCE)
