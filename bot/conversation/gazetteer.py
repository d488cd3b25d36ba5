"""Titles and people that a text may name, from the catalogue itself."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.conversation.models import FilmDocument
from bot.conversation.tokens import CLAUSE_BREAKS, Text
from bot.conversation.vocabulary import GENRE_WORDS, REQUEST_WORDS, STOP_WORDS, TONES, word_set
from bot.core.text.folding import fold, transliterate
from bot.core.text.origins import COUNTRY_WORDS
from bot.films.models import name_key
from bot.search.answer import Answer, judge_matches
from bot.search.engine import TitleIndex
from bot.search.index import Match, MatchKind

LONGEST_TITLE, LONGEST_NAME = 12, 4
FORGIVEN_SCORE = 86.0
"""The score from which a misspelt title is taken for the one meant where a title has to be."""
KNOWN_FAME = 40.0
NAME_SIMILARITY = 84.0
"""The similarity, 0 to 100, from which a misspelt surname is taken for one where a name has to be."""
SURNAME_LENGTH = 4
PERSON_CUES = word_set(
    """
    by with starring directed featuring stars director from of and or actor actress
    """
)
FOREIGN_PERSON_CUES = word_set(
    """
    von mit de avec con di da del van met z
    """
)
DIRECTOR_CUES = frozenset(["by", "directed", "director"])
_SURE_PERSON_CUES = DIRECTOR_CUES | {"starring", "featuring", "stars", "actor", "actress"}
EVERYDAY_FILMS, EVERYDAY_NAME_FAME = 20, 900.0
"""Films whose stories have a word for it to be an everyday one, and the fame from which it is somebody's name all
the same: `with snow` tells of the weather, `with stone` of Emma Stone."""
_COMMON_WORDS = (
    REQUEST_WORDS
    | STOP_WORDS
    | {word for phrase in (*GENRE_WORDS, *TONES, *COUNTRY_WORDS) for word in phrase.split()}
)


@dataclass(slots=True)
class _Known:
    name: str
    fame: float = 0.0
    directed: float = 0.0


class Gazetteer:
    """Finds titles by the look-up's index, and people by the names in the catalogue's credits."""

    def __init__(self, titles: TitleIndex, documents: Iterable[FilmDocument]) -> None:
        self.titles = titles
        self._people: dict[str, _Known] = {}
        story_words: Counter[str] = Counter()
        for film in documents:
            story_words.update(set(fold(" ".join((film.logline, *film.keywords, film.title)), None).split()))
            for name in film.people_set:
                known = self._people.setdefault(name_key(name), _Known(name))
                known.fame += film.fame
                known.directed += film.fame if name in film.directors else 0.0
        self._everyday_words = {word for word, films in story_words.items() if films >= EVERYDAY_FILMS}
        self._by_surname: dict[str, list[_Known]] = defaultdict(list)
        for key, known in self._people.items():
            parts = key.split()
            if len(parts) > 1:
                for part in {parts[-1], " ".join(parts[-2:]) if len(parts) > 2 else parts[-1]}:
                    self._by_surname[part].append(known)
        self._rare_surnames = {
            surname: best
            for surname, people in self._by_surname.items()
            if surname not in story_words
            and surname not in _COMMON_WORDS
            and len(surname) >= SURNAME_LENGTH
            and (best := max(people, key=lambda each: each.directed)).directed >= 2 * KNOWN_FAME
        }
        self._famous_surnames = [
            surname for surname, people in self._by_surname.items() if max(each.fame for each in people) >= 150
        ]

    def find_title(self, text: Text, start: int, stop: int | None = None) -> tuple[Match, int] | None:
        """Return the film whose title begins at a token, and where it ends: the longest that is one.

        Where none is exactly one, the clause as a whole may be a misspelt one.
        """
        limit = min(len(text) if stop is None else stop, start + LONGEST_TITLE)
        for end in range(limit, start, -1):
            if text.words[end - 1] in CLAUSE_BREAKS and end - 1 > start:
                continue
            if (match := self.find_exact(text.phrase(start, end))) is not None:
                return match, end
        end = start
        while (
            end < limit and text.words[end] not in CLAUSE_BREAKS and text.words[end] not in ("and", "or", "under")
        ):
            end += 1
        for stop_at in range(end, start, -1):
            span = text.phrase(start, stop_at)
            if len(span) < SURNAME_LENGTH or all(word in _COMMON_WORDS for word in span.split()):
                continue
            found = self.titles.search(span, 1)
            if (
                found
                and found[0].score >= FORGIVEN_SCORE
                and found[0].kind is not MatchKind.PART
                and not found[0].unmet
            ):
                return found[0], stop_at
        return None

    def find_exact(self, phrase: str) -> Match | None:
        """Return the most likely film that is called exactly so, or None; a title of one small word is none."""
        if phrase in ("it", "this", "that", "them", "me", "you", "the", "a", "one"):
            return None
        for match in self.titles.search(phrase, 3):
            if match.kind is MatchKind.EXACT and fold(match.matched).removeprefix("the ") == phrase.removeprefix(
                "the "
            ):
                return match
        return None

    def lookup(self, phrase: str) -> Match | None:
        """Return the film that a text is the title of beyond doubt, however it is spelt, or None."""
        matches = self.titles.search(phrase, 10)
        if not matches:
            return None
        if judge_matches(phrase, None, matches).answer is not Answer.CARD or matches[0].unmet:
            return None
        return matches[0]

    def find_people(self, text: Text) -> Iterator[tuple[int, int, str]]:
        """Yield the people named: start, end and the name as the catalogue writes it.

        A full name is one anywhere. A surname is one after a word such as `by` or before `film`, or where it is no
        other word and a director's.
        """
        start = 0
        previous_end = -1
        while start < len(text):
            found = self._full_name(text, start) or self._surname(
                text, start, follows_person=start - 1 == previous_end
            )
            if found is not None:
                end, name = found
                yield start, end, name
                previous_end = end
                start = end
            else:
                start += 1

    def _full_name(self, text: Text, start: int) -> tuple[int, str] | None:
        for end in range(min(start + LONGEST_NAME, len(text)), start + 1, -1):
            if text.is_free(start, end) and (known := self._people.get(transliterate(text.phrase(start, end)))):
                return end, known.name
            if end - start == 2 and text.is_free(start, end):
                reordered = f"{text.words[start + 1]} {text.words[start]}"
                if reordered in self._people and text.words[start] not in _COMMON_WORDS:
                    return end, self._people[reordered].name
        return None

    def _surname(self, text: Text, start: int, *, follows_person: bool) -> tuple[int, str] | None:
        word = text.words[start]
        if not text.is_free(start, start + 1) or word in _COMMON_WORDS or not word.isalpha():
            return None
        if text.foreign_words is not None and (not start or text.words[start - 1] not in FOREIGN_PERSON_CUES):
            return None  # another language's words are names here
        before = text.words[start - 1] if start else ""
        after = text.words[start + 1] if start + 1 < len(text) else ""
        cue_before = before in PERSON_CUES and (before not in ("and", "or", "of", "from") or follows_person)
        for end in (start + 2, start + 1):
            if end > len(text) or not text.is_free(start, end):
                continue
            surname = transliterate(text.phrase(start, end))
            singular = surname.removesuffix("s")
            if surname in self._rare_surnames:
                return end, self._rare_surnames[surname].name
            if (
                end == start + 1
                and singular in self._rare_surnames
                and after in ("film", "films", "movie", "movies")
            ):
                return end, self._rare_surnames[singular].name
            people = self._by_surname.get(surname, [])
            mononym = self._people.get(surname)
            if mononym is not None and " " not in surname and cue_before:
                people = [*people, mononym]
            is_director_cue = before in DIRECTOR_CUES
            if people and cue_before:
                best = max(
                    people, key=lambda each: 3 * each.directed + each.fame if is_director_cue else each.fame
                )
                is_doubtful = before not in _SURE_PERSON_CUES and surname in self._everyday_words
                if best.fame >= (EVERYDAY_NAME_FAME if is_doubtful else 2 * KNOWN_FAME):
                    return end, best.name
            is_long = len(surname) > SURNAME_LENGTH
            if end == start + 1 and is_director_cue and is_long and self.find_exact(word) is None:
                similar = process.extractOne(
                    surname, self._famous_surnames, scorer=fuzz.ratio, score_cutoff=NAME_SIMILARITY
                )
                if similar is not None:
                    return end, max(self._by_surname[similar[0]], key=lambda each: each.directed).name
        return None
