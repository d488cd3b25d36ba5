"""The model: fitted once on a crowd's ratings and the films' facts, asked for one member's ratings at a time.

Nothing of the member asked for needs to be in the crowd: their ratings are read with the question (fold-in), so a
rating counts at once. Nothing is random: the same ratings and films give the same model and the same answers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.recommendations.content import Content, Floats, content_of
from bot.recommendations.crowd import Crowd, Rating, crowd_of
from bot.recommendations.facts import FilmFacts
from bot.recommendations.filters import NO_WISHES, Wishes, allowed
from bot.recommendations.predicted_stars import Quality, predict
from bot.recommendations.reasons import Home, Reason, contributions, home_of, reasons_for
from bot.recommendations.signals import Signals, Taste, ground_of, signals_of, taste_of
from bot.recommendations.weights import weights_for

NOT_FOR_ME = {"genres": 0.3, "directors": 0.5, "cast": 0.3}
"""How much a film is lowered by being like one that was refused, in units of the score, by field."""
SURPRISE = 1.5
"""How many units of log fame full surprise takes off a film's score, beside the score's own spread."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A film with its score (higher is better, comparable within one answer), predicted stars and reasons."""

    film_id: str
    score: float
    stars: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's member, worked out once: taste, score and predicted stars of every film."""

    taste: Taste
    signals: Signals
    weights: Floats
    score: Floats
    stars: Floats


class Model:
    """A fitted recommender over `content` and `crowd`; it never changes, so any number of threads may ask it."""

    def __init__(self, content: Content, crowd: Crowd, home: Home) -> None:
        self.content = content
        self.crowd = crowd
        self.home = home
        self.ground = ground_of(content, crowd)
        self.quality = Quality.of(content, crowd)
        self._rows = {member: row for row, member in enumerate(crowd.members)}

    @classmethod
    def fit(
        cls, ratings: Iterable[Rating], films: Sequence[FilmFacts], home: frozenset[str] | None = None
    ) -> "Model":
        """Fit on ratings (member, film, stars) and films; `home` are the members whose mean may be told."""
        content = content_of(films)
        crowd = crowd_of(ratings, content)
        return cls(content, crowd, home_of(crowd, home))

    def ask(self, own: Mapping[str, float], refused: Collection[str] = (), member: str | None = None) -> Asked:
        """Work out a member from their ratings and what they refused; `member` is their name in the crowd."""
        row = self._rows.get(member, -1) if member is not None else -1
        taste = taste_of(own, self.content, self.crowd.mean, refused, row)
        signals = signals_of(taste, self.ground)
        weights = weights_for(taste.known, len(self.crowd))
        score = (weights.astype(np.float32) @ signals.table).astype(np.float64)
        if len(taste.refused):
            score -= self._unwanted(taste)
        return Asked(
            taste=taste,
            signals=signals,
            weights=weights,
            score=score,
            stars=predict(taste, self.content, self.crowd, self.quality),
        )

    def _unwanted(self, taste: Taste) -> Floats:
        """Give what being like refused films takes off: shares of tf-idf cosines, the more films the surer."""
        taken = np.zeros(len(self.content))
        even = np.full(len(taste.refused), 1 / np.sqrt(len(taste.refused)))
        for field, share in NOT_FOR_ME.items():
            taken += share * self.content.alike(field, taste.refused, even)
        return taken

    def rank(self, asked: Asked, count: int, may: NDArray[np.bool_], surprise: float = 0.0) -> NDArray[np.int64]:
        """Give the rows of the best films that `may` be recommended; of equals the more famous, then the first."""
        score = asked.score - surprise * SURPRISE * self.content.log_fame
        rows = np.flatnonzero(may)
        if len(rows) > count:
            floor = np.partition(score[rows], len(rows) - count)[len(rows) - count]
            rows = rows[score[rows] >= floor]
        order = np.lexsort((rows, -self.content.fame[rows], -score[rows]))
        return rows[order][:count]

    def recommend(
        self,
        own: Mapping[str, float],
        count: int = 5,
        wishes: Wishes = NO_WISHES,
        refused: Collection[str] = (),
        member: str | None = None,
    ) -> list[Recommendation]:
        """Give the best films, best first: none rated, none refused, all passing the wishes; maybe fewer."""
        asked = self.ask(own, refused, member)
        may = allowed(self.content, wishes, {*own, *refused})
        return self.explain(asked, self.rank(asked, count, may, wishes.surprise))

    def explain(self, asked: Asked, rows: NDArray[np.int64]) -> list[Recommendation]:
        """Give the films of those rows with their reasons."""
        added = contributions(asked.taste, self.content, self.crowd, rows, (asked.signals, asked.weights))
        found = []
        for at, row in enumerate(rows.tolist()):
            reasons = reasons_for(asked.taste, self.content, self.crowd, row, (added[at], self.home))
            stars = float(asked.stars[row])
            found.append(Recommendation(self.content.ids[row], float(asked.score[row]), stars, tuple(reasons)))
        return found
