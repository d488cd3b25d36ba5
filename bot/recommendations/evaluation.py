"""How good recommendations are: measured on members of whom some ratings are known and the others hidden.

Beside the model stand popular films, two of its own signals (item-kNN, EASE) and ALS, which it does not use.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from bot.recommendations.crowd import LIKED_STARS
from bot.recommendations.facts import FilmFacts, Floats, Ints
from bot.recommendations.filters import NO_FILTERS, allowed_films
from bot.recommendations.models import Rating
from bot.recommendations.ranking_model import RankingModel
from bot.recommendations.signals import SIGNAL_ROW

LIST_LENGTH = 10
MIN_RELEVANT = 3
"""Hidden films of LIKED_STARS or more that a member needs to be measured."""
ALS_LIKED_STARS = 3.5
"""Stars from which on a known rating counts for ALS, which knows likes alone."""
ALS_FACTORS, ALS_REGULARIZATION, ALS_ITERATIONS = 64, 5.0, 15
ALS_LIKE_CONFIDENCE = 2.0
"""How much a like of the member counts beside a film that they did not like."""
MARQUEE, ALS, POPULAR = "Marquee", "ALS", "popular"
SIGNAL_PEERS = {"item-kNN": "co_liked", "EASE": "ease_liked"}
"""Other recommenders that are single signals of ours."""


def ndcg(ranked: Sequence[str], relevant: Collection[str], length: int = LIST_LENGTH) -> float:
    """Return the normalised discounted cumulative gain of the first `length`, each relevant film worth 1.

    Järvelin, Kekäläinen: Cumulated gain-based evaluation of IR techniques (TOIS 2002). 0 where nothing is
    relevant.
    """
    best = sum(1 / np.log2(place + 2) for place in range(min(length, len(relevant))))
    gain = sum(1 / np.log2(place + 2) for place, film in enumerate(ranked[:length]) if film in relevant)
    return float(gain / best) if best else 0.0


@dataclass(slots=True)
class RankingMetrics:
    """A recommender's results: lists with one number a member, and the films recommended to anybody."""

    ndcg: list[float] = field(default_factory=list)
    hit: list[float] = field(default_factory=list)
    novelty: list[float] = field(default_factory=list)
    films: set[str] = field(default_factory=set)
    catalogue_size: int = 0

    def add(self, ranked: Sequence[str], relevant: Collection[str], rater_shares: Sequence[float]) -> None:
        """Add one member's list; `rater_shares` are the shares of all members who rated each of its films.

        Novelty is the mean self-information -log2(share) (Vargas, Castells: Rank and relevance in novelty and
        diversity metrics for recommender systems, RecSys 2011).
        """
        self.ndcg.append(ndcg(ranked, relevant))
        self.hit.append(float(any(film in relevant for film in ranked[:5])))
        self.novelty.append(float(-np.mean(np.log2(rater_shares))) if rater_shares else 0.0)
        self.films.update(ranked)

    @property
    def mean_ndcg(self) -> float:
        """Mean NDCG@10."""
        return float(np.mean(self.ndcg)) if self.ndcg else 0.0

    @property
    def ndcg_error(self) -> float:
        """The standard error of mean NDCG@10."""
        return float(np.std(self.ndcg) / len(self.ndcg) ** 0.5) if self.ndcg else 0.0

    @property
    def hit_rate(self) -> float:
        """The share of members with a relevant film among the first five."""
        return float(np.mean(self.hit)) if self.hit else 0.0

    @property
    def mean_novelty(self) -> float:
        """Mean novelty in bits."""
        return float(np.mean(self.novelty)) if self.novelty else 0.0

    @property
    def coverage(self) -> float:
        """The share of the catalogue recommended to anybody."""
        return len(self.films) / self.catalogue_size if self.catalogue_size else 0.0


@dataclass(slots=True)
class StarErrors:
    """Absolute errors in stars: of the predictions, and of guessing the member's own mean."""

    predicted: list[float] = field(default_factory=list)
    member_mean: list[float] = field(default_factory=list)

    def add(self, model: RankingModel, known: Mapping[str, float], hidden: Mapping[str, float]) -> None:
        """Predict one member's hidden ratings from the known ones."""
        stars = model.score_films(known).stars
        mean = sum(known.values()) / len(known)
        for film_id, value in hidden.items():
            if film_id in model.content.row_of:
                self.predicted.append(abs(float(stars[model.content.row_of[film_id]]) - value))
                self.member_mean.append(abs(mean - value))

    @property
    def means(self) -> tuple[float, float]:
        """The mean absolute errors of the predictions and of the member's mean."""
        if not self.predicted:
            return 0.0, 0.0
        return float(np.mean(self.predicted)), float(np.mean(self.member_mean))


@dataclass(slots=True)
class Evaluation:
    """The results for one number of known ratings, by the recommender's name."""

    known_count: int
    metrics: dict[str, RankingMetrics]
    star_errors: StarErrors = field(default_factory=StarErrors)

    @property
    def member_count(self) -> int:
        """How many members were measured."""
        return len(self.metrics[MARQUEE].ndcg)


def evaluate(
    ratings: Sequence[Rating], films: Sequence[FilmFacts], known_counts: Iterable[int] = (5, 10, 20), seed: int = 1
) -> list[Evaluation]:
    """Return the results on a tenth of the members, whose ratings are hidden, of models fitted on the others."""
    by_member: dict[str, dict[str, float]] = {}
    for member, film_id, stars in ratings:
        by_member.setdefault(member, {})[film_id] = stars
    random = np.random.default_rng(seed)
    members = sorted(by_member)
    random.shuffle(members)
    tenth = max(1, len(members) // 10)
    test_members, training_members = members[:tenth], members[tenth:]
    rater_counts = Counter(film_id for member in training_members for film_id in by_member[member])
    model = RankingModel.fit(
        [(member, film_id, stars) for member in training_members for film_id, stars in by_member[member].items()],
        [replace(film, fame=float(rater_counts[film.film_id])) for film in films],
    )
    factors = als_film_factors(model.crowd.likes)
    results = []
    for known_count in known_counts:
        names = (POPULAR, *SIGNAL_PEERS, ALS, MARQUEE)
        result = Evaluation(
            known_count, {name: RankingMetrics(catalogue_size=len(model.content)) for name in names}
        )
        for member in test_members:
            rated = [film_id for film_id in by_member[member] if film_id in model.content.row_of]
            random.shuffle(rated)
            known = {film_id: by_member[member][film_id] for film_id in rated[:known_count]}
            hidden = {film_id: by_member[member][film_id] for film_id in rated[known_count:]}
            if len(known) == known_count:
                _measure(model, factors, known, hidden, result)
        results.append(result)
    return results


def _measure(
    model: RankingModel,
    als_factors: Floats,
    known: Mapping[str, float],
    hidden: Mapping[str, float],
    result: Evaluation,
) -> None:
    """Add one member to the results, unless too few of the hidden films are relevant."""
    relevant = {film_id for film_id, stars in hidden.items() if stars >= LIKED_STARS}
    if len(relevant) < MIN_RELEVANT:
        return
    content, crowd = model.content, model.crowd
    member = model.score_films(known)
    profile = member.profile
    is_liked = profile.stars >= ALS_LIKED_STARS
    liked = profile.rows[is_liked] if is_liked.any() else profile.rows
    scores: dict[str, Floats] = {
        POPULAR: crowd.like_counts + 1e-3 * content.fame,
        ALS: als_scores(als_factors, liked) + 1e-9 * content.fame,
        MARQUEE: member.scores,
    }
    scores |= {name: member.signals.values[SIGNAL_ROW[signal]] for name, signal in SIGNAL_PEERS.items()}
    allowed = allowed_films(content, NO_FILTERS, known)
    for name, metrics in result.metrics.items():
        rows = model.rank(scores[name], LIST_LENGTH, allowed)
        rater_shares = (crowd.rater_counts[rows] + 1) / (len(crowd) + 1)
        metrics.add([content.ids[row] for row in rows], relevant, rater_shares.tolist())
    result.star_errors.add(model, known, hidden)


def als_film_factors(likes: sparse.csr_matrix, seed: int = 1) -> Floats:
    """Return films x factors, by alternating least squares, from members x films of ones.

    Hu, Koren, Volinsky: Collaborative filtering for implicit feedback datasets (ICDM 2008), with the confidence
    that the library implicit gives a weight of 1: a like counts as much as each of the films not liked. The same
    likes and seed give the same factors.
    """
    factor_count = min(ALS_FACTORS, *likes.shape)
    films = np.random.default_rng(seed).normal(0.0, 0.01, (likes.shape[1], factor_count))
    ridge = ALS_REGULARIZATION * np.eye(factor_count)
    for _ in range(ALS_ITERATIONS):
        members = np.linalg.solve(films.T @ films + ridge, (likes @ films).T).T
        films = np.linalg.solve(members.T @ members + ridge, (likes.T @ members).T).T
    return np.asarray(films, dtype=np.float64)


def als_scores(factors: Floats, liked: Ints) -> Floats:
    """Return every film's score for a member, not among those fitted on, who liked the films of those rows."""
    own = factors[liked]
    gram = factors.T @ factors + ALS_REGULARIZATION * np.eye(factors.shape[1])
    weighted = gram + (ALS_LIKE_CONFIDENCE - 1) * own.T @ own
    return np.asarray(factors @ np.linalg.solve(weighted, ALS_LIKE_CONFIDENCE * own.sum(axis=0)))
