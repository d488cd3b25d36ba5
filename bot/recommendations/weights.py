"""How much each signal counts: learnt tables, by how much is known of the member and how large the crowd is."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from bot.recommendations.content import Floats
from bot.recommendations.signals import SIGNALS


@lru_cache(maxsize=1)
def _tables() -> tuple[Floats, Floats, Floats]:
    """Give the crowd sizes, the numbers of known ratings, and weights of crowds x known x SIGNALS."""
    packed: dict[str, Any] = json.loads(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))
    order = [packed["signals"].index(name) for name in SIGNALS]
    crowds = sorted({knot["crowd"] for knot in packed["knots"]})
    known = sorted({knot["known"] for knot in packed["knots"]})
    table = np.zeros((len(crowds), len(known), len(SIGNALS)))
    for knot in packed["knots"]:
        table[crowds.index(knot["crowd"]), known.index(knot["known"])] = np.array(knot["weights"])[order]
    return np.array(crowds, dtype=np.float64), np.array(known, dtype=np.float64), table


def weights_for(known: int, crowd: int) -> Floats:
    """Give the weight of each of SIGNALS for a member with `known` ratings beside `crowd` other members.

    Between the tables it is linear in the logarithms of both, beyond them the nearest table's.
    """
    crowds, knowns, table = _tables()
    low, high, part = _between(np.log1p(crowds), np.log1p(crowd))
    by_known = (1 - part) * table[low] + part * table[high]
    low, high, part = _between(np.log1p(knowns), np.log1p(known))
    return np.asarray((1 - part) * by_known[low] + part * by_known[high])


def _between(knots: Floats, value: float) -> tuple[int, int, float]:
    value = float(np.clip(value, knots[0], knots[-1]))
    high = int(np.clip(np.searchsorted(knots, value), 1, len(knots) - 1))
    return high - 1, high, float((value - knots[high - 1]) / (knots[high] - knots[high - 1]))
