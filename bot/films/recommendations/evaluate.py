"""How good recommendations are: on members of whom some ratings are known and the others hidden."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.films.recommendations.crowd import LIKED, Rating
from bot.films.recommendations.facts import FilmFacts
from bot.films.recommendations.model import Model

CUT = 10
LEAST_RIGHT = 3
Recommend = Callable[[dict[str, float], int], list[str]]


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

    def add(self, ranked: Sequence[str], right: Collection[str], raters: tuple[Mapping[str, float], int]) -> None:
        """Count one member's list; `raters` are how many of how many members rated each film.

        Novelty is the mean self-information -log2(share of members who rated the film) (Vargas, Castells 2011).
        """
        counted, members = raters
        self.ndcg.append(ndcg(ranked, right))
        self.hit.append(float(any(film in right for film in ranked[:5])))
        shares = [(counted.get(film, 0.0) + 1) / (members + 1) for film in ranked[:CUT]]
        self.novelty.append(float(-np.mean(np.log2(shares))) if shares else 0.0)
        self.films.update(ranked[:CUT])

    @property
    def mean(self) -> float:
        """Mean NDCG@10."""
        return float(np.mean(self.ndcg)) if self.ndcg else 0.0

    @property
    def error(self) -> float:
        """Its standard error."""
        return float(np.std(self.ndcg) / len(self.ndcg) ** 0.5) if self.ndcg else 0.0

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


@dataclass(slots=True)
class Evaluation:
    """What `evaluate` found for one number of known ratings."""

    known: int
    model: Figures
    popular: Figures
    stars: StarErrors


def evaluate(
    ratings: Sequence[Rating], films: Sequence[FilmFacts], known: Iterable[int] = (5, 10, 20), seed: int = 1
) -> list[Evaluation]:
    """Hide ratings of a tenth of the members, fit on the others, and measure the model beside popular films."""
    of: dict[str, dict[str, float]] = {}
    for member, film, stars in ratings:
        of.setdefault(member, {})[film] = stars
    random = np.random.default_rng(seed)
    members = sorted(of)
    random.shuffle(members)
    tenth = max(1, len(members) // 10)
    asked, others = members[:tenth], members[tenth:]
    learn = [(member, film, stars) for member in others for film, stars in of[member].items()]
    model = Model.fit(learn, films)
    may_rank = _may(model)
    raters = {film: float(n) for film, n in zip(model.content.ids, model.crowd.seen, strict=True)}
    favourites = [model.content.ids[at] for at in np.lexsort((-model.content.fame, -model.crowd.liked))]
    results = []
    for count in known:
        result = Evaluation(count, Figures(), Figures(), StarErrors())
        result.model.catalogue = result.popular.catalogue = len(model.content)
        for member in asked:
            rated = [film for film in of[member] if film in model.content.at]
            random.shuffle(rated)
            own = {film: of[member][film] for film in rated[:count]}
            hidden = {film: of[member][film] for film in rated[count:]}
            right = {film for film, stars in hidden.items() if stars >= LIKED}
            if len(own) < count or len(right) < LEAST_RIGHT:
                continue
            result.model.add(may_rank(own, CUT), right, (raters, len(others)))
            best = [film for film in favourites[: CUT + count] if film not in own][:CUT]
            result.popular.add(best, right, (raters, len(others)))
            result.stars.add(model, own, hidden)
        results.append(result)
    return results


def _may(model: Model) -> Recommend:
    def recommend(own: dict[str, float], count: int) -> list[str]:
        may = np.ones(len(model.content), dtype=bool)
        may[[model.content.at[film] for film in own]] = False
        return [model.content.ids[row] for row in model.rank(model.ask(own), count, may)]

    return recommend
