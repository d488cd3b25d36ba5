"""How much each signal counts: the shipped weights, learnt by `benchmarks/learn_weights.py`, and how they vary."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from bot.recommendations.facts import Floats
from bot.recommendations.signals import SIGNAL_ROW, SIGNALS

MAX_KNOWN, MAX_RATINGS = 50, 100_000
"""Ratings of the member, and of the crowd, beyond which the weights no longer change."""
SITUATION_TERMS = 4
CROWD_SIGNALS = ("liked", "quality")
"""What a few members' ratings of a film say little of, however many films they rated."""
MEMBERS_AT_HALF_WEIGHT = 6.0
"""Members of the crowd with whom CROWD_SIGNALS have half their weight: fame leads while the crowd is small.

Chosen on development members of one community with weights learnt on the other."""


@dataclass(frozen=True, slots=True)
class SignalWeights:
    """The learnt weights (SIGNALS x SITUATION_TERMS) and the range of each signal that they were learnt on."""

    terms: Floats
    low: Floats
    high: Floats

    def at(self, known_count: int, crowd_ratings: float, crowd_members: int) -> Floats:
        """Return the weight of each of SIGNALS for a member with so many ratings, in a crowd of so many."""
        weights = self.terms @ describe_situation(known_count, crowd_ratings)
        return np.asarray(weights * trust_signals(crowd_members))


def describe_situation(known_count: int, crowd_ratings: float) -> Floats:
    """Return what the weights are linear in: 1, log of the member's ratings, log of the crowd's, their product.

    Both logarithms are bounded and about 0 in the middle.
    """
    own = np.log1p(np.clip(known_count, 1, MAX_KNOWN)) / np.log1p(MAX_KNOWN) - 0.6
    crowd = np.log1p(np.clip(crowd_ratings, 0, MAX_RATINGS)) / np.log1p(MAX_RATINGS) - 0.6
    return np.array([1.0, own, crowd, own * crowd])


def trust_signals(crowd_members: int) -> Floats:
    """Return what share of the weight of each of SIGNALS counts in a crowd of so many members."""
    trust = np.ones(len(SIGNALS))
    crowd_rows = [SIGNAL_ROW[name] for name in CROWD_SIGNALS]
    trust[crowd_rows] = crowd_members / (crowd_members + MEMBERS_AT_HALF_WEIGHT)
    return trust


@cache
def shipped_weights() -> SignalWeights:
    """Return the weights that come with the bot."""
    return read_weights(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))


def format_weights(weights: SignalWeights) -> str:
    """Return the weights as `read_weights` reads them, a line a signal."""
    lines = []
    for row, name in enumerate(SIGNALS):
        stored = {
            "weights": [round(value, 4) for value in weights.terms[row].tolist()],
            "low": round(float(weights.low[row]), 3),
            "high": round(float(weights.high[row]), 3),
        }
        lines.append(f"{json.dumps(name)}: {json.dumps(stored)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read_weights(text: str) -> SignalWeights:
    """Return the weights of a file as `benchmarks/learn_weights.py` writes it."""
    stored: dict[str, Any] = json.loads(text)
    return SignalWeights(
        terms=np.array([stored[name]["weights"] for name in SIGNALS], dtype=np.float64),
        low=np.array([stored[name]["low"] for name in SIGNALS], dtype=np.float64),
        high=np.array([stored[name]["high"] for name in SIGNALS], dtype=np.float64),
    )
