"""What a reason that names a rating claims: without the rating, the film would rank lower."""

from functools import cached_property

import numpy as np

from bot.recommendations.facts import Floats, Ints
from bot.recommendations.signals import (
    SignalInputs,
    SignalParts,
    Signals,
    TasteProfile,
    compute_signals_of,
    gather_signal_parts,
    without_rating,
)
from bot.recommendations.weights import SignalWeights

COMPARED_FILMS = 100
"""The best films, among which a film's place with and without a rating is compared."""


class LeaveOneOut:
    """The places of some films among a member's best, with all ratings and without one of them.

    Everything that a rating changes is computed again, but for what each signal is divided by. `scores` are of
    all M films, `shown` the rows of the films asked about.
    """

    def __init__(
        self,
        profile: TasteProfile,
        signals: Signals,
        scores: Floats,
        shown: Ints,
        *,
        inputs: SignalInputs,
        weights: SignalWeights,
    ) -> None:
        self._profile, self._signals, self._all_scores, self._shown = profile, signals, scores, shown
        self._inputs, self._weights = inputs, weights
        self._crowd_ratings = float(inputs.crowd.rater_counts.sum())
        self._without: dict[int, Floats] = {}

    def lowers(self, at: int, film: int) -> bool:
        """Return whether the film of row `film` ranks lower without the member's rating at place `at`.

        A film that is the best with the rating and without it ranks lower where its lead shrinks.
        """
        if at not in self._without:
            left = without_rating(self._profile, at, self._inputs.crowd)
            self._without[at] = self._score(left, self._parts.without(at)) - self._penalty
        place = int(np.searchsorted(self._films, film))
        before, without = self._all_scores[self._films], self._without[at]
        better_before, better_without = (int((each > each[place]).sum()) for each in (before, without))
        if better_before or better_without:
            return better_without > better_before
        return float(without[place] - without.mean()) < float(before[place] - before.mean())

    @cached_property
    def _films(self) -> Ints:
        """The rows of the best films and those shown, in ascending order."""
        unseen = self._all_scores.copy()
        unseen[self._profile.rows] = -np.inf
        count = min(COMPARED_FILMS, len(unseen))
        best = np.argpartition(-unseen, count - 1)[:count]
        return np.unique(np.concatenate([best[np.isfinite(unseen[best])], self._shown]))

    @cached_property
    def _parts(self) -> SignalParts:
        return gather_signal_parts(self._films, self._profile, self._inputs)

    @cached_property
    def _penalty(self) -> Floats:
        """What the films lose by what is not a signal: being like films that were dismissed."""
        if not len(self._profile.dismissed_rows):
            return np.zeros(len(self._films))
        return self._score(self._profile, self._parts) - self._all_scores[self._films]

    def _score(self, profile: TasteProfile, parts: SignalParts) -> Floats:
        table = compute_signals_of(
            parts,
            profile,
            self._inputs,
            spread=self._signals.spread,
            low=self._weights.low,
            high=self._weights.high,
        )
        weights = self._weights.at(len(profile), self._crowd_ratings, len(self._inputs.crowd))
        return np.asarray(weights @ table)
