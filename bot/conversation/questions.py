"""Yes/no questions that tell the films apart that a description may mean."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from bot.conversation.models import FilmDocument, Question
from bot.conversation.retrieval import Floats

CANDIDATES = 40
"""The films that fit best, among which a question has to tell."""
QUESTIONS_LIMIT = 5
SURE_SHARE = 0.6
"""A film whose share of all that fits is so large needs no question."""
SHARPNESS = 6.0
"""How much surer a better score is: shares grow with this power of it."""
WRONG_ANSWER_FACTOR = 0.15
"""What an answer leaves of the score of films that it does not fit; people remember wrongly."""
LEAST_SHARE = 0.2
"""A question of which one answer is less likely tells nothing."""
DECADES = range(1930, 2030, 10)


def fits(field: str, value: str, film: FilmDocument) -> bool:
    """Return whether the answer to a question would be yes for a film."""
    match field:
        case "countries":
            return value in film.countries
        case "genres":
            return value in film.genres
        case "years":
            return film.year is not None and value.isdecimal() and film.year < int(value)
    return value in film.keywords


def apply_answers(
    scores: Floats, films: Sequence[FilmDocument], answers: Sequence[tuple[str, str, bool]]
) -> Floats:
    """Return the scores, less for films that do not fit an answer."""
    for field, value, is_yes in answers:
        factors = [1.0 if fits(field, value, film) is is_yes else WRONG_ANSWER_FACTOR for film in films]
        scores = scores * np.array(factors)
    return scores


def choose_question(
    scores: Floats, films: Sequence[FilmDocument], answers: Sequence[tuple[str, str, bool]]
) -> Question | None:
    """Return the question that splits the likely films most evenly, None where one is likely enough.

    None, too, once so many were answered that another would be a nuisance.
    """
    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
    best = best[scores[best] > 0]
    if len(best) < 2 or len(answers) >= QUESTIONS_LIMIT:
        return None
    shares = (scores[best] / scores[best[0]]) ** SHARPNESS
    shares /= shares.sum()
    if shares[0] >= SURE_SHARE:
        return None
    likely = [films[row] for row in best.tolist()]
    asked = {(field, value) for field, value, _ in answers}
    splits = []
    for question in dict.fromkeys(_list_questions(likely)):
        if (question.field, question.value) in asked:
            continue
        share = sum(
            float(weight)
            for weight, film in zip(shares, likely, strict=True)
            if fits(question.field, question.value, film)
        )
        if LEAST_SHARE <= share <= 1 - LEAST_SHARE:
            splits.append((abs(share - 0.5), question.field, question.value))
    if not splits:
        return None
    _, field, value = min(splits)
    return Question(field, value)


def _list_questions(films: Sequence[FilmDocument]) -> Iterator[Question]:
    """Yield what can be asked of these films."""
    for name in ("countries", "genres"):
        counts = Counter(value for film in films for value in getattr(film, name))
        yield from (Question(name, value) for value in counts)
    yield from (Question("years", str(decade)) for decade in DECADES)
