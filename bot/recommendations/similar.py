"""Films like one film: by the people who liked it and by what it is, with the reason for each."""

from dataclasses import dataclass

import numpy as np

from bot.recommendations.content import Floats
from bot.recommendations.filters import NO_WISHES, Wishes, allowed
from bot.recommendations.model import Model
from bot.recommendations.reasons import Reason, alike_reasons, people_who_liked

CONTENT_SHARES = {"directors": 0.30, "cast": 0.20, "genres": 0.25, "countries": 0.05, "languages": 0.05}
ERA_SHARE, FAME_SHARE = 0.10, 0.05
PEOPLE_DAMPING = 20.0
TRUST = 30.0
"""Members who liked the film at which people count as much as content."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A film with how alike it is, 0 to about 1, and why."""

    film_id: str
    likeness: float
    reasons: tuple[Reason, ...]


def similar(model: Model, film_id: str, count: int = 5, wishes: Wishes = NO_WISHES) -> list[Similar]:
    """Give the films most like that one, most alike first; none for a film that the model does not know."""
    content = model.content
    row = content.at.get(film_id)
    if row is None:
        return []
    score = likeness(model, row)
    rows = np.flatnonzero(allowed(content, wishes, {film_id}))
    best = rows[np.lexsort((rows, -score[rows]))][:count]
    found = []
    for other in (int(at) for at in best):
        people = people_who_liked(model.crowd, content, row, other)
        reasons = (*((people,) if people else ()), *alike_reasons(content, row, other))
        found.append(Similar(content.ids[other], float(score[other]), reasons))
    return found


def likeness(model: Model, row: int) -> Floats:
    """Give how alike each film is to that of row `row`.

    People: the cosine of who liked both, damped (Sarwar and others: Item-based collaborative filtering, WWW
    2001); content: shares of tf-idf cosines, of nearness in years and of fame. The more people liked the film,
    the more they count: share l / (l + TRUST).
    """
    content, crowd = model.content, model.crowd
    one = np.array([row], dtype=np.int64)
    what = ERA_SHARE * np.exp(-np.abs(content.year - content.year[row]) / 10)
    what += FAME_SHARE * content.log_fame / max(1.0, float(content.log_fame.max()))
    for field, share in CONTENT_SHARES.items():
        what += share * content.alike(field, one, np.ones(1))
    at = crowd.core_at[row]
    if at < 0:
        return np.asarray(what)
    people = np.zeros(len(content))
    liked = crowd.liked[crowd.core]
    people[crowd.core] = crowd.both_liked[at] / np.sqrt((liked[at] + PEOPLE_DAMPING) * (liked + PEOPLE_DAMPING))
    trust = float(liked[at] / (liked[at] + TRUST))
    return np.asarray((1 - trust) * what + trust * (people / max(float(people.max()), 1e-9) + what) / 2)
