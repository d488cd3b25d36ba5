"""Judges the matches of a look-up: whether the best is the film meant, a guess, or only one of several choices."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA

from bot.core.text.folding import transliterate
from bot.search.constraints import ConstraintKind
from bot.search.index import Match, MatchKind
from bot.search.normalisation import BREAK, SHORT_FORMS, SHORTEST_ROMANISED, create_title_keys, fold_title
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
FAMOUS, KNOWN_FAME = 80.0, 50.0
"""Films of which more typing errors are forgiven, and films of which a part of the title may be meant."""
WORD_SHARE, WORDS_SHARE, FAMOUS_WORD_SHARE = 0.54, 0.4, 0.26
"""How much of the letters of a KNOWN_FAME film's title one word and several words must have to be taken for it,
and one word of a FAMOUS film's."""
SHORT_WORD, LONG_WORD = 5, 10
"""Letters up to which a word may have a wrong one only in a FAMOUS title, and from which it may have two wrong."""
LONG_PART = 8
"""Letters from which a word that is only a part of a title may have a wrong one."""
JOINED_LETTERS, LONG_JOINED_LETTERS = 6, 9
"""Letters from which a text may differ from the title in its spaces or in one letter, and from which in both."""
LONG_FOREIGN_WORD = 7
"""Letters from which a word of a further title may have a wrong one."""


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
    words = tuple(
        each.text
        for each in best.unmet
        if not each.is_single_year and each.kind is not ConstraintKind.NUMBER and unmet_number is None
    )
    if any(each.kind is ConstraintKind.UNKNOWN for each in best.unmet):
        return Verdict(Answer.CHOICE)
    if (unmet_year is not None and not is_year_close) or unmet_number is not None or words:
        if not _is_about(best.typed or _remove_number(title, unmet_number), best):
            return Verdict(Answer.CHOICE)  # of another title it need not be said what it does not meet
        return Verdict(Answer.CHOICE, (), unmet_year, unmet_number, words)
    alternatives = _filter_equally_good(best, others, year)
    answer = Answer.CHOICE
    if best.kind is MatchKind.EXACT:
        answer = Answer.GUESS if alternatives or is_year_close else Answer.CARD
    elif is_plausible(best.typed or title, best):
        answer = Answer.GUESS
    return Verdict(answer, alternatives, unmet_year)


def _is_about(title: str, match: Match) -> bool:
    """Return whether the text is a title of the film or a part of one, or plausibly misspelt."""
    words = f" {' '.join(loosen(transliterate(fold_title(title)).split(' ')))} "
    names = (match.matched, match.title, match.original_title)
    return any(
        words in f" {' '.join(loosen(transliterate(fold_title(name)).split(' ')))} " for name in names
    ) or is_plausible(title, match)


def _remove_number(title: str, number: str | None) -> str:
    """Return the title without that number, however it is written."""
    words = transliterate(fold_title(title)).split(" ")
    kept = [word for word in words if SHORT_FORMS.get(word, word) != number]
    return " ".join(kept) if kept and number is not None else title


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
    part of the title, it has to be a large part or the film has to be famous. The film's further titles, as of
    other countries, are forgiven less: there are many of them.
    """
    query = loosen(transliterate(fold_title(title)).split(" "))
    letters = sum(map(len, query))
    if match.kind is MatchKind.INITIALS:
        return letters >= SHORTEST_INITIALS
    for name in {match.matched, match.title, match.original_title}:
        words = loosen(transliterate(fold_title(name)).split(" "))
        is_romanised = title.isascii() and transliterate(fold_title(name)) != fold_title(name)
        if is_romanised and letters < SHORTEST_ROMANISED:
            continue
        is_main = name in (match.title, match.original_title) and not is_romanised
        if _is_split_otherwise(query, words, letters):
            return True
        if _is_first_part(query, name) and match.fame >= KNOWN_FAME and letters >= SHORTEST_PART:
            return True
        for start in range(len(words) - len(query) + 1):
            part = words[start : start + len(query)]
            share = sum(map(len, part)) / sum(map(len, words))
            if not _is_large_part(len(query), share, match.fame, is_main=is_main):
                continue
            is_word = share < 1 and len(query) == 1
            if all(
                word == name_word
                or (
                    not (is_word and len(word) < LONG_PART)
                    and _is_typo(word, name_word, match.fame, is_main=is_main, is_whole=share == 1)
                )
                for word, name_word in zip(query, part, strict=True)
            ):
                return share == 1 or letters >= SHORTEST_PART
    return False


def _is_split_otherwise(query: Sequence[str], words: Sequence[str], letters: int) -> bool:
    """Return whether the text is the title but for its spaces or one letter, or both if it is long."""
    joined, name = "".join(query), "".join(words)
    if joined == name:
        return letters >= JOINED_LETTERS
    least = JOINED_LETTERS if len(query) == len(words) > 1 else LONG_JOINED_LETTERS
    return letters >= least and not _is_plural(joined, name) and OSA.distance(joined, name, score_cutoff=1) == 1


def _is_plural(word: str, other: str) -> bool:
    """Return whether one is the plural of the other."""
    return word in (f"{other}s", f"{other}es") or other in (f"{word}s", f"{word}es")


def _is_first_part(query: Sequence[str], name: str) -> bool:
    """Return whether the text is what stands before the title's colon or dash."""
    first, *others = next(iter(create_title_keys(name)), "").split(BREAK)
    return bool(others) and loosen(first.split(" ")) == query


def _is_large_part(word_count: int, share: float, fame: float, *, is_main: bool) -> bool:
    """Return whether words with that share of a title's letters may mean the film."""
    if share == 1:
        return True
    if word_count > 1:
        return fame >= FAMOUS or (is_main and fame >= KNOWN_FAME and share >= WORDS_SHARE)
    return is_main and share >= (FAMOUS_WORD_SHARE if fame >= FAMOUS else WORD_SHARE) and fame >= KNOWN_FAME


def _is_typo(word: str, name_word: str, fame: float, *, is_main: bool, is_whole: bool) -> bool:
    """Return whether the word is the other one but for typos: of a famous title more may be wrong."""
    if _is_plural(word, name_word):
        return is_whole and fame >= FAMOUS  # the plural is often another film: Dark Water and Dark Waters
    allowed = 2 if len(word) >= LONG_WORD else 1
    if len(word) <= SHORT_WORD:
        is_swap = sorted(word) == sorted(name_word)
        allowed = 1 if fame >= FAMOUS and (is_swap or len(word) == SHORT_WORD) else 0
    elif fame >= FAMOUS and len(word) > SHORT_WORD + 1:
        allowed += 1
    if word[:1].isalpha() and word[:1] != name_word[:1]:
        allowed -= 1  # the first letter is seldom wrong: Cargo and Fargo
    if not is_main:
        allowed = min(allowed, 1) if len(word) >= LONG_FOREIGN_WORD else 0
    return allowed > 0 and OSA.distance(word, name_word, score_cutoff=allowed) <= allowed


def _filter_equally_good(best: Match, others: Sequence[Match], year: int | None) -> tuple[Match, ...]:
    """Return those of the other matches that fit about as well as the best."""
    if year is not None and best.year == year:
        others = [match for match in others if match.year == year]
    if best.score >= SAME_TITLE_SCORE:
        return tuple(match for match in others if match.score >= SAME_TITLE_SCORE or _is_of_same_name(best, match))
    return tuple(match for match in others if best.score - match.score < SCORE_TOLERANCE)


def _is_of_same_name(best: Match, other: Match) -> bool:
    """Return whether the text is a short name of the series of both films: `LOTR`, as the second is `LOTR 2`.

    Where the first film's title is the series' own nothing is in doubt: `BTTF` is Back to the Future.
    """
    series, colon, _ = best.title.partition(": ")
    is_short_name = best.matched not in (best.title, best.original_title)
    return (
        bool(colon)
        and is_short_name
        and other.title.startswith(f"{series}: ")
        and fold_title(other.matched).startswith(f"{fold_title(best.matched)} ")
    )
