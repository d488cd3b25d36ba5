"""Films similar to one film: by the people who liked it and by what it is, with the reasons for each."""

from dataclasses import dataclass

import numpy as np

from bot.recommendations.content import Floats
from bot.recommendations.filters import NO_FILTERS, RecommendationFilters, allowed_films
from bot.recommendations.ranking_model import RankingModel
from bot.recommendations.reasons import Reason, people_who_liked, shared_facts

CONTENT_SHARES = {"directors": 0.30, "cast": 0.20, "genres": 0.25, "countries": 0.05, "languages": 0.05}
ERA_SHARE, FAME_SHARE = 0.10, 0.05
PEOPLE_DAMPING = 20.0
TRUST_DAMPING = 30.0
"""Members who liked the film at which people count half."""


@dataclass(frozen=True, slots=True)
class SimilarFilm:
    """A film with its similarity, 0 to about 1, and the reasons."""

    film_id: str
    similarity: float
    reasons: tuple[Reason, ...]


def find_similar_films(
    model: RankingModel, film_id: str, count: int = 5, filters: RecommendationFilters = NO_FILTERS
) -> list[SimilarFilm]:
    """Return the most similar films, the most similar first; none for a film that the model does not know."""
    content = model.content
    row = content.row_of.get(film_id)
    if row is None:
        return []
    similarity = compute_similarity(model, row)
    rows = np.flatnonzero(allowed_films(content, filters, {film_id}))
    best = rows[np.lexsort((rows, -similarity[rows]))][:count]
    similar_films = []
    for other in best.tolist():
        people = people_who_liked(model.crowd, content, row, other)
        reasons = (*((people,) if people else ()), *shared_facts(content, row, other))
        similar_films.append(SimilarFilm(content.ids[other], float(similarity[other]), reasons))
    return similar_films


def compute_similarity(model: RankingModel, row: int) -> Floats:
    """Return the similarity of each of M films to that of row `row`.

    By people: the damped cosine of who liked both (Sarwar and others: Item-based collaborative filtering
    recommendation algorithms, WWW 2001). By content: shares of tf-idf cosines, of nearness in years and of fame.
    The more people liked the film, the more they count: l / (l + TRUST_DAMPING) for l members.
    """
    content, crowd = model.content, model.crowd
    rows = np.array([row], dtype=np.int64)
    by_content = ERA_SHARE * np.exp(-np.abs(content.year - content.year[row]) / 10)
    by_content += FAME_SHARE * content.log_fame / max(1.0, float(content.log_fame.max()))
    for field, share in CONTENT_SHARES.items():
        by_content += share * content.similarity_sums(field, rows, np.ones(1))
    index = crowd.core_index[row]
    if index < 0:
        return np.asarray(by_content)
    by_people = np.zeros(len(content))
    liked = crowd.like_counts[crowd.core_rows]
    by_people[crowd.core_rows] = crowd.co_liked[index] / np.sqrt(
        (liked[index] + PEOPLE_DAMPING) * (liked + PEOPLE_DAMPING)
    )
    trust = float(liked[index] / (liked[index] + TRUST_DAMPING))
    scaled_people = by_people / max(float(by_people.max()), 1e-9)
    return np.asarray((1 - trust) * by_content + trust * (scaled_people + by_content) / 2)
