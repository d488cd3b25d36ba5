"""How good recommendations are: on members of whom some ratings are known and the others hidden."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bot.recommendations.als import film_factors, fold_in
from bot.recommendations.content import Floats
from bot.recommendations.crowd import LIKED, Rating
from bot.recommendations.facts import FilmFacts
from bot.recommendations.filters import NO_WISHES, allowed
from bot.recommendations.model import Model
from bot.recommendations.signals import AT

CUT = 10
LEAST_RIGHT = 3
FOND = 3.5
"""Stars from which on a known rating speaks for films in ALS, which knows likes alone."""


def ndcg(ranked: Sequence[str], right: Collection[str], cut: int = CUT) -> float:
    """Give the normalised discounted cumulative gain of the first `cut`, each right film worth 1.

    Järvelin, Kekäläinen: Cumulated gain-based evaluation of IR techniques (TOIS 2002). 0 where nothing is right.
    """
    best = sum(1 / np.log2(at + 2) for at in range(min(cut, len(right))))
    gain = sum(1 / np.log2(at + 2) for at, film in enumerate(ranked[:cut]) if film in right)
    return float(gain / best) if best else 0.0


@dataclass(slots=True)
class Figures:
    """What a recommender came to over members: lists of one number a member, and the films it recommended."""

    ndcg: list[float] = field(default_factory=list)
    hit: list[float] = field(default_factory=list)
    novelty: list[float] = field(default_factory=list)
    films: set[str] = field(default_factory=set)
    catalogue: int = 0

    def add(self, ranked: Sequence[str], right: Collection[str], shares: Sequence[float]) -> None:
        """Count one member's list; `shares` of all members have rated each of its films.

        Novelty is the mean self-information -log2(share) (Vargas, Castells: Rank and relevance in novelty and
        diversity metrics, RecSys 2011).
        """
        self.ndcg.append(ndcg(ranked, right))
        self.hit.append(float(any(film in right for film in ranked[:5])))
        self.novelty.append(float(-np.mean(np.log2(shares))) if shares else 0.0)
        self.films.update(ranked)

    @property
    def mean(self) -> float:
        """Mean NDCG@10."""
        return float(np.mean(self.ndcg)) if self.ndcg else 0.0

    @property
    def error(self) -> float:
        """Its standard error."""
        return float(np.std(self.ndcg) / len(self.ndcg) ** 0.5) if self.ndcg else 0.0

    @property
    def hits(self) -> float:
        """The share of members with a right film among the first five."""
        return float(np.mean(self.hit)) if self.hit else 0.0

    @property
    def unexpected(self) -> float:
        """Mean novelty in bits."""
        return float(np.mean(self.novelty)) if self.novelty else 0.0

    @property
    def coverage(self) -> float:
        """The share of the catalogue recommended to anyone."""
        return len(self.films) / self.catalogue if self.catalogue else 0.0


@dataclass(slots=True)
class StarErrors:
    """Absolute errors of predicted stars beside those of the member's own mean."""

    predicted: list[float] = field(default_factory=list)
    own_mean: list[float] = field(default_factory=list)

    def add(self, model: Model, own: Mapping[str, float], hidden: Mapping[str, float]) -> None:
        """Predict the hidden ratings of one member from those known."""
        stars = model.ask(own).stars
        mean = sum(own.values()) / len(own)
        for film, value in hidden.items():
            if film in model.content.at:
                self.predicted.append(abs(float(stars[model.content.at[film]]) - value))
                self.own_mean.append(abs(mean - value))

    @property
    def means(self) -> tuple[float, float]:
        """Mean absolute error predicted, and of the member's mean."""
        if not self.predicted:
            return 0.0, 0.0
        return float(np.mean(self.predicted)), float(np.mean(self.own_mean))


OURS, ALS = "Marquee", "ALS"
RIVALS = {"item-kNN": "also_liked", "EASE": "ease_liked"}
"""Others' recommenders that are single signals of ours."""


@dataclass(slots=True)
class Evaluation:
    """What `evaluate` found for one number of known ratings, by the recommender's name."""

    known: int
    figures: dict[str, Figures]
    stars: StarErrors = field(default_factory=StarErrors)

    @property
    def members(self) -> int:
        """How many members were asked for."""
        return len(self.figures[OURS].ndcg)


def evaluate(
    ratings: Sequence[Rating], films: Sequence[FilmFacts], known: Iterable[int] = (5, 10, 20), seed: int = 1
) -> list[Evaluation]:
    """Hide ratings of a tenth of the members, fit on the others, and measure the model beside simpler ones."""
    of: dict[str, dict[str, float]] = {}
    for member, film, stars in ratings:
        of.setdefault(member, {})[film] = stars
    random = np.random.default_rng(seed)
    members = sorted(of)
    random.shuffle(members)
    tenth = max(1, len(members) // 10)
    counted = Counter(film for member in members[tenth:] for film in of[member])
    learn = [(member, film, stars) for member in members[tenth:] for film, stars in of[member].items()]
    model = Model.fit(learn, [replace(film, fame=float(counted[film.film_id])) for film in films])
    factors = film_factors(model.crowd.likes)
    results = []
    for count in known:
        names = ("popular", *RIVALS, ALS, OURS)
        result = Evaluation(count, {name: Figures(catalogue=len(model.content)) for name in names})
        for member in members[:tenth]:
            rated = [film for film in of[member] if film in model.content.at]
            random.shuffle(rated)
            own, hidden = ({film: of[member][film] for film in part} for part in (rated[:count], rated[count:]))
            if len(own) == count:
                _measure((model, factors), own, hidden, result)
        results.append(result)
    return results


def _measure(
    fitted: tuple[Model, Floats], own: dict[str, float], hidden: dict[str, float], result: Evaluation
) -> None:
    model, factors = fitted
    right = {film for film, stars in hidden.items() if stars >= LIKED}
    if len(right) < LEAST_RIGHT:
        return
    content, crowd = model.content, model.crowd
    asked = model.ask(own)
    may = allowed(content, NO_WISHES, own)
    scores = {"popular": crowd.liked + 1e-3 * content.fame, OURS: asked.score}
    taste = asked.taste
    liked = taste.rows[taste.stars >= FOND] if (taste.stars >= FOND).any() else taste.rows
    scores[ALS] = fold_in(factors, liked) + 1e-9 * content.fame
    scores |= {name: asked.signals.table[AT[signal]] for name, signal in RIVALS.items()}
    for name, figures in result.figures.items():
        rows = model.rank(replace(asked, score=scores[name]), CUT, may)
        shares = (crowd.seen[rows] + 1) / (len(crowd) + 1)
        figures.add([content.ids[row] for row in rows], right, shares.tolist())
    result.stars.add(model, own, hidden)
