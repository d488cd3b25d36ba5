"""Answers what was understood from the films at hand: filters, ranks, gives reasons, says what does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.conversation.filters import FilmFilter
from bot.conversation.models import (
    Action,
    Answer,
    Conversation,
    FilmDocument,
    Novelty,
    Part,
    Reason,
    ReasonKind,
    Request,
    Suggestion,
    TextKind,
    Understood,
)
from bot.conversation.questions import apply_answers, choose_question
from bot.conversation.retrieval import FilmIndex, Floats
from bot.conversation.vocabulary import TONE_GENRES

SHOWN = 5
REMEMBERED_FILMS = 60
"""Films of a conversation that `more` does not show again."""
MINIMUM_COVERAGE = 0.25
"""A description of whose words no film has this share is none."""
FAME_SHARE, WORDS_SHARE, TONE_SHARE, LIKE_SHARE, STARS_SHARE = 0.6, 1.6, 0.35, 1.8, 0.5
HOME_SHARE = 0.3
"""What it counts that a film is mostly from a country that is asked for, beside co-productions."""
CLASSIC_YEAR, OBSCURE_FAME = 1980, 55.0
NO_CONVERSATION = Conversation()
_ABOUT_SHOWN = (Action.WHY, Action.WATCH, Action.ADD_TO_WATCHLIST, Action.CARD)


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the recommender says of films by id: `stars` (0.5 to 5), and films that are not to be shown."""

    stars: Mapping[str, float]
    excluded: frozenset[str] = frozenset()


class Dialogue:
    """Answers requests from a film index. Plain values alone: no database, no Discord."""

    def __init__(self, index: FilmIndex) -> None:
        self.index = index
        self.filter = FilmFilter(index.films)

    def answer(
        self,
        understood: Understood,
        *,
        predictions: Predictions | None = None,
        on_services: frozenset[str] | None = None,
        conversation: Conversation = NO_CONVERSATION,
    ) -> Answer:
        """Return the films that answer a text. `on_services` are the films that the member's services have."""
        if understood.action in _ABOUT_SHOWN:
            return self._answer_about_shown(understood, conversation, predictions)
        if understood.kind is TextKind.OFF_TOPIC or understood.action is Action.FORGET:
            return Answer(understood)
        skip = conversation.seen if understood.action is Action.MORE else ()
        if understood.kind is TextKind.TITLE:
            return self._answer_title(understood)
        if understood.kind is TextKind.DESCRIPTION:
            return self._answer_description(
                understood, skip, conversation.answers if understood.is_follow_up else ()
            )
        return self._answer_request(understood, predictions, on_services, skip)

    def _answer_about_shown(
        self, understood: Understood, conversation: Conversation, predictions: Predictions | None
    ) -> Answer:
        """Return the films that a question about those shown last is about, with the reasons for them."""
        shown = conversation.shown
        chosen = shown if understood.chosen is None else shown[understood.chosen : understood.chosen + 1]
        rows = [self.index.row_of[film] for film in chosen if film in self.index.row_of]
        films = tuple(self._suggest(understood.request, row, 1.0, predictions) for row in rows)
        return Answer(understood, films, fit_count=len(films))

    def _answer_title(self, understood: Understood) -> Answer:
        rows = [self.index.row_of[film] for film in understood.request.like if film in self.index.row_of]
        films = tuple(Suggestion(self.index.films[row], 1.0, Reason(ReasonKind.TITLE)) for row in rows)
        return Answer(replace(understood, request=Request()), films, fit_count=len(films))

    def _answer_description(
        self, understood: Understood, skip: Sequence[str], answers: Sequence[tuple[str, str, bool]]
    ) -> Answer:
        request = understood.request
        scores = self.index.rank_described(request.words)
        for film_id in (*skip, *request.not_films):
            if (row := self.index.row_of.get(film_id)) is not None:
                scores[row] = 0.0
        scores = apply_answers(scores, self.index.films, answers)
        order = [int(row) for row in np.argsort(-scores, kind="stable")[:SHOWN] if scores[row] > 0]
        coverage = max((self.index.find_evidence(request.words, row).coverage for row in order), default=0.0)
        if coverage < MINIMUM_COVERAGE:
            return Answer(replace(understood, kind=TextKind.OFF_TOPIC, not_understood=request.words))
        films = tuple(
            Suggestion(
                self.index.films[row],
                float(scores[row]),
                Reason(ReasonKind.ABOUT, self.index.find_evidence(request.words, row).words),
            )
            for row in order
        )
        unknown = tuple(word for word in request.words if not self.index.has_word(word))
        question = choose_question(scores, self.index.films, answers)
        return Answer(replace(understood, not_understood=unknown), films, question=question, fit_count=len(films))

    def _answer_request(
        self,
        understood: Understood,
        predictions: Predictions | None,
        on_services: frozenset[str] | None,
        skip: Sequence[str],
    ) -> Answer:
        request = understood.request
        unknown = tuple(word for word in request.words if not self.index.has_word(word))
        request = replace(request, words=tuple(word for word in request.words if word not in unknown))
        understood = replace(understood, not_understood=(*understood.not_understood, *unknown), request=request)
        rows = self._fitting(request, on_services)
        if not rows:
            dropped, count = self._find_costliest_part(request, on_services)
            return Answer(understood, dropped=dropped, dropped_count=count)
        left_out = frozenset(skip) | (predictions.excluded if predictions is not None else frozenset())
        shown_rows = [row for row in rows if self.index.films[row].id not in left_out]
        scores = self._score(request, shown_rows, predictions)
        order = sorted(range(len(shown_rows)), key=lambda at: (-scores[at], self.index.films[shown_rows[at]].id))
        films = tuple(
            self._suggest(request, shown_rows[at], float(scores[at]), predictions)
            for at in self._vary(order, shown_rows)
        )
        return Answer(understood, films, fit_count=len(rows))

    def remember(self, conversation: Conversation, answer: Answer) -> Conversation:
        """Return the conversation after an answer."""
        understood = answer.understood
        if understood.action is Action.FORGET:
            return Conversation()
        if understood.kind is TextKind.OFF_TOPIC:
            return conversation
        if understood.action in _ABOUT_SHOWN:
            return replace(
                conversation, focus=conversation.focus if understood.chosen is None else understood.chosen
            )
        shown = tuple(each.film.id for each in answer.films)
        seen = tuple(dict.fromkeys((*conversation.seen, *shown))) if understood.is_follow_up else shown
        kept = conversation.answers if understood.is_follow_up else ()
        return Conversation(understood.request, understood.kind, shown, seen[-REMEMBERED_FILMS:], kept)

    def _fitting(self, request: Request, on_services: frozenset[str] | None) -> list[int]:
        mask = self.filter.allowed(request, on_services)
        if request.not_words:
            mask &= self.index.score(request.not_words) <= 0
        rows: list[int] = np.flatnonzero(mask).tolist()
        return rows

    def _find_costliest_part(
        self, request: Request, on_services: frozenset[str] | None
    ) -> tuple[Part | None, int]:
        """Return the part without which most films fit, and how many do."""
        best: tuple[Part | None, int] = (None, 0)
        for part in request.parts():
            if part.field in ("words", "tones", "novelty", "is_highly_rated", "like", "group"):
                continue
            count = len(self._fitting(request.without(part), on_services))
            if count > best[1]:
                best = part, count
        return best

    def _score(self, request: Request, rows: Sequence[int], predictions: Predictions | None) -> Floats:
        at = np.array(rows, dtype=np.int64)
        films = [self.index.films[row] for row in rows]
        fame = self.index.fame[at] / 100
        scores = FAME_SHARE * fame
        if request.novelty is Novelty.OBSCURE:
            scores = -FAME_SHARE * np.maximum(fame - OBSCURE_FAME / 100, 0) * 4 + 0.2 * fame
        elif request.novelty is Novelty.CLASSIC:
            scores += 0.4 * np.array([film.year is not None and film.year < CLASSIC_YEAR for film in films])
        if request.words:
            words = self.index.score(request.words)[at]
            greatest = float(words.max(initial=0.0))
            if greatest > 0:
                scores += WORDS_SHARE * words / greatest
        if request.countries:  # where a film is mostly from comes first in its countries
            scores += HOME_SHARE * np.array([bool({*film.countries[:1]} & {*request.countries}) for film in films])
        for tone in request.tones:
            scores += TONE_SHARE * np.array([_tone_fit(tone, film) for film in films])
        for tone in request.not_tones:
            scores -= TONE_SHARE * np.array([_tone_fit(tone, film) for film in films])
        for film_id in request.like:
            if (row := self.index.row_of.get(film_id)) is not None:
                scores += LIKE_SHARE / len(request.like) * self._similarity(row, at)
        if predictions is not None:
            stars = np.array([predictions.stars.get(film.id, np.nan) for film in films])
            mean = np.nanmean(stars) if np.isfinite(stars).any() else 0.0
            scores += STARS_SHARE * np.nan_to_num(stars - mean)
        return scores

    def _similarity(self, row: int, rows: npt.NDArray[np.int64]) -> Floats:
        known = self.index.films[row]
        scores = self.index.score_similar(row)[rows]
        for at, number in enumerate(rows.tolist()):
            scores[at] = 0.45 * scores[at] + _compare_facts(known, self.index.films[number])
        return scores

    def _vary(self, order: Sequence[int], rows: Sequence[int]) -> list[int]:
        """Return the first places of an order, at first no more than two films of one director."""
        chosen: list[int] = []
        postponed: list[int] = []
        counts: dict[str, int] = {}
        for at in order:
            director = next(iter(self.index.films[rows[at]].directors), "")
            counts[director] = counts.get(director, 0) + 1
            (postponed if director and counts[director] > 2 else chosen).append(at)
            if len(chosen) == SHOWN:
                break
        return (chosen + postponed)[:SHOWN]

    def _suggest(self, request: Request, row: int, score: float, predictions: Predictions | None) -> Suggestion:
        film = self.index.films[row]
        stars = predictions.stars.get(film.id) if predictions is not None else None
        return Suggestion(film, score, self._find_reason(request, row), stars)

    def _find_reason(self, request: Request, row: int) -> Reason:
        film = self.index.films[row]
        for film_id in request.like:
            if (known_row := self.index.row_of.get(film_id)) is not None:
                return self._compare(self.index.films[known_row], film)
        if request.people:
            return Reason(ReasonKind.PERSON, tuple(name for name in request.people if name in film.people_set))
        if request.words and (words := self.index.find_evidence(request.words, row).words):
            return Reason(ReasonKind.ABOUT, words)
        # Of a film's countries that one is named which was asked for.
        return Reason(ReasonKind.FITS, tuple(code for code in film.countries if code in request.countries)[:1])

    def _compare(self, known: FilmDocument, film: FilmDocument) -> Reason:
        """Return what two films have in common: who made them, else what they are about, else their genres."""
        people = tuple(name for name in film.directors if name in known.directors) or tuple(
            name for name in film.cast if name in known.cast
        )
        if people:
            return Reason(ReasonKind.LIKE_PERSON, people[:2], known)
        keywords = tuple(word for word in film.keywords if word in known.keywords)
        if keywords:
            return Reason(ReasonKind.LIKE_ABOUT, keywords[:3], known)
        genres = tuple(genre for genre in film.genres if genre in known.genres)
        return Reason(ReasonKind.LIKE_GENRES, genres, known)


def _compare_facts(known: FilmDocument, film: FilmDocument) -> float:
    """Return how much two films have in common in genres, directors, country and age, 0 to 0.65."""
    genres = set(known.genres)
    likeness = 0.3 * len(genres.intersection(film.genres)) / max(1, len(genres.union(film.genres)))
    if set(known.directors) & set(film.directors):
        likeness += 0.15
    if known.countries[:1] == film.countries[:1] and known.countries[:1] != ("US",):
        likeness += 0.1
    if film.year is not None and known.year is not None:
        likeness += 0.1 * max(0.0, 1 - abs(film.year - known.year) / 25)
    return likeness


def _tone_fit(tone: str, film: FilmDocument) -> float:
    weights = TONE_GENRES[tone]
    return max(-2.0, min(2.0, sum(weights.get(genre, 0.0) for genre in film.genres)))
