"""The ranking model, fitted on a crowd's ratings and the films' facts, and the films similar to one film.

The member need not be in the crowd: ratings are read with every request (fold-in), so that a new one counts at
once. Nothing is random: the same ratings and films give the same model and the same recommendations.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.recommendations.counterfactuals import LeaveOneOut
from bot.recommendations.crowd import Crowd, build_crowd
from bot.recommendations.facts import Content, FilmFacts, Floats, Ints, build_content
from bot.recommendations.filters import NO_FILTERS, RecommendationFilters, allowed_films
from bot.recommendations.models import Rating
from bot.recommendations.reasons import (
    Reason,
    ServerMeans,
    compute_server_means,
    find_reasons,
    other_personal_score,
    people_who_liked,
    rating_contributions,
    shared_facts,
)
from bot.recommendations.signals import (
    Signals,
    TasteProfile,
    build_signal_inputs,
    build_taste_profile,
    compute_signals,
)
from bot.recommendations.weights import SignalWeights, shipped_weights

DISMISSAL_PENALTY = {"genres": 0.3, "directors": 0.5, "cast": 0.3}
"""How much a film is lowered by its similarity to dismissed films, in units of the score, by field."""
SURPRISE_PENALTY = 1.5
"""What full surprise takes off a film's score for each unit of its log fame."""
MIN_STARS, MAX_STARS = 0.5, 5.0
DISMISSED_STARS = 1.5
"""Stars that "not for me" counts as when stars are predicted."""
PRIOR_RATINGS = 6.0
"""Ratings that the expectation from a film's genres, year and fame counts as."""
QUALITY_RIDGE = 30.0
MEMBERS_AT_HALF_TRUST = 5.0
"""Members from whose ratings half of what genres, year and fame lead to expect is believed."""
STEP_SHARE = 0.8
"""How much of what the crowd's and the content's neighbours say is added: they are uncertain."""
ROWS_AT_ONCE = 16
"""Rows of films in step that are added at once."""
CORRELATION_DAMPING, SIMILARITY_DAMPING = 2.0, 3.0
SIMILARITY_SHARES = {"genres": 1.0, "directors": 1.5, "cast": 0.7}
CONTENT_SHARES = {"directors": 0.30, "cast": 0.20, "genres": 0.25, "countries": 0.05, "languages": 0.05}
ERA_SHARE, FAME_SHARE = 0.10, 0.05
PEOPLE_DAMPING = 20.0
TRUST_DAMPING = 30.0
"""Members who liked the film at which people count half."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A film with its score (higher is better within one list), predicted stars (0.5 to 5) and reasons."""

    film_id: str
    score: float
    stars: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class MemberScores:
    """One member's scores and predicted stars (0.5 to 5) of all M films, and what the scores were made from."""

    profile: TasteProfile
    signals: Signals
    weights: Floats
    scores: Floats
    stars: Floats


class RankingModel:
    """A fitted recommender. It never changes, so that any number of threads may use it at once."""

    def __init__(
        self,
        content: Content,
        crowd: Crowd,
        server_means: ServerMeans,
        signal_weights: SignalWeights | None = None,
    ) -> None:
        self.content = content
        self.crowd = crowd
        self.server_means = server_means
        self.signal_inputs = build_signal_inputs(content, crowd)
        self.signal_weights = signal_weights or shipped_weights()
        self.expected_quality = estimate_quality(content, crowd)
        self._row_of_member = {key: row for row, key in enumerate(crowd.member_keys)}

    @classmethod
    def fit(
        cls, ratings: Iterable[Rating], films: Sequence[FilmFacts], server_members: frozenset[str] | None = None
    ) -> "RankingModel":
        """Return a model fitted on the ratings and films.

        `server_members` are the member keys whose mean stars may be shown as the server's, None for all.
        """
        content = build_content(films)
        crowd = build_crowd(ratings, content)
        return cls(content, crowd, compute_server_means(crowd, server_members))

    def with_weights(self, weights: SignalWeights) -> "RankingModel":
        """Return the same model with other weights of the signals."""
        model = copy(self)
        model.signal_weights = weights
        return model

    def score_films(
        self, ratings: Mapping[str, float], dismissed: Collection[str] = (), member_key: str | None = None
    ) -> MemberScores:
        """Return the scores of every film for a member with these stars (0.5 to 5) by film id and dismissed films.

        `member_key` is the member's key in the crowd, so that nobody becomes their own neighbour.
        """
        crowd_row = self._row_of_member.get(member_key, -1) if member_key is not None else -1
        profile = build_taste_profile(ratings, self.content, self.crowd, dismissed, crowd_row)
        learnt = self.signal_weights
        signals = compute_signals(profile, self.signal_inputs, learnt.low, learnt.high)
        weights = learnt.at(len(profile), float(self.crowd.rater_counts.sum()), len(self.crowd))
        scores = (weights.astype(np.float32) @ signals.values).astype(np.float64)
        if count := len(profile.dismissed_rows):
            # The more films were dismissed, the surer what they share is.
            even = np.full(count, 1 / np.sqrt(count))
            penalty = np.zeros(len(self.content))
            for field, share in DISMISSAL_PENALTY.items():
                penalty += share * self.content.similarity_sums(field, profile.dismissed_rows, even)
            scores -= penalty
        stars = predict_stars(profile, self.content, self.crowd, self.expected_quality)
        return MemberScores(profile, signals, weights, scores, stars)

    def rank(self, scores: Floats, count: int, allowed: NDArray[np.bool_], surprise: float = 0.0) -> Ints:
        """Return the rows of the `count` best allowed films; of equal scores the more famous film comes first."""
        if surprise:
            scores = scores - surprise * SURPRISE_PENALTY * self.content.log_fame
        rows = np.flatnonzero(allowed)
        if len(rows) > count:
            least = np.partition(scores[rows], len(rows) - count)[len(rows) - count]
            rows = rows[scores[rows] >= least]
        order = np.lexsort((rows, -self.content.fame[rows], -scores[rows]))
        return rows[order][:count]

    def explain(self, scores: MemberScores, rows: Ints) -> list[Recommendation]:
        """Return the films of those rows with their reasons."""
        contributions = rating_contributions(
            scores.profile, self.content, self.crowd, rows, signals=scores.signals, weights=scores.weights
        )
        other_scores = other_personal_score(
            scores.signals, scores.weights, rows, self.signal_inputs.reference_rows
        )
        leave_one_out = LeaveOneOut(
            scores.profile,
            scores.signals,
            scores.scores,
            rows,
            inputs=self.signal_inputs,
            weights=self.signal_weights,
        )
        return [
            Recommendation(
                film_id=self.content.ids[row],
                score=float(scores.scores[row]),
                stars=float(scores.stars[row]),
                reasons=find_reasons(
                    scores.profile,
                    self.content,
                    self.crowd,
                    row,
                    contributions=contributions[place],
                    other_score=float(other_scores[place]),
                    leave_one_out=leave_one_out,
                    server_means=self.server_means,
                ),
            )
            for place, row in enumerate(rows.tolist())
        ]


def estimate_quality(content: Content, crowd: Crowd) -> Floats:
    """Return how many stars above members' means each of M films is expected to be rated.

    A Bayesian average of the film's ratings, damped towards what its genres, year and fame lead one to expect: a
    ridge regression over films weighted by their ratings (Hoerl, Kennard: Ridge regression, Technometrics 1970).
    """
    total = np.asarray(crowd.residuals_by_film.sum(axis=1)).ravel() if len(crowd) else np.zeros(len(content))
    if not total.any():
        return np.zeros(len(content))
    year = (content.year - 1990) / 20
    plain = np.column_stack([np.ones(len(content)), content.log_fame / 3, content.log_fame**2 / 20, year, year**2])
    features = np.column_stack([plain, content.vectors["genres"].toarray()])
    weighted = features * crowd.rater_counts[:, None]
    slope = np.linalg.solve(features.T @ weighted + QUALITY_RIDGE * np.eye(features.shape[1]), features.T @ total)
    trust = len(crowd) / (len(crowd) + MEMBERS_AT_HALF_TRUST)  # one member's stars say little of what others give
    expected = trust * np.clip(features @ slope, -1.0, 1.0)
    return np.asarray((total + PRIOR_RATINGS * expected) / (crowd.rater_counts + PRIOR_RATINGS))


def predict_stars(profile: TasteProfile, content: Content, crowd: Crowd, quality: Floats) -> Floats:
    """Return the stars (0.5 to 5) that the member would give each of M films.

    The member's mean plus the film's quality, plus what these two leave of the member's ratings: of films that
    others rated in step with it (item-kNN on residuals: Koren, Factorization meets the neighborhood, KDD 2008),
    and of films with similar content.
    """
    stars = profile.mean_stars + quality
    rows = np.concatenate([profile.rows, profile.dismissed_rows])
    if not len(rows):
        return np.clip(stars, MIN_STARS, MAX_STARS)
    dismissed = np.full(len(profile.dismissed_rows), DISMISSED_STARS - profile.mean_stars)
    residuals = np.concatenate([profile.residuals, dismissed]) - quality[rows]
    core_index = crowd.core_index[rows]
    in_core = core_index >= 0
    if in_core.any():
        in_step, strength = (np.zeros(len(crowd.core_rows), np.float32) for _ in range(2))
        index, residual = core_index[in_core], residuals[in_core].astype(np.float32)
        # A few rows at once, which stay in the processor's cache: copies of all would take several times as long.
        for start in range(0, len(index), ROWS_AT_ONCE):
            some = crowd.residual_correlation[index[start : start + ROWS_AT_ONCE]]
            in_step += residual[start : start + ROWS_AT_ONCE] @ some
            strength += np.abs(some, out=some).sum(axis=0)
        stars[crowd.core_rows] += STEP_SHARE * in_step / (strength + CORRELATION_DAMPING)
    similarity, weighted = np.zeros(len(content)), np.zeros(len(content))
    for field, share in SIMILARITY_SHARES.items():
        sums, residual_sums = content.similarity_sums(field, rows, np.array([np.ones(len(rows)), residuals]))
        similarity += share * sums
        weighted += share * residual_sums
    stars += STEP_SHARE * weighted / (similarity + SIMILARITY_DAMPING)
    return np.clip(stars, MIN_STARS, MAX_STARS)


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
