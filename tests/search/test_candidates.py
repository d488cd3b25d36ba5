"""Slips in titles among hundreds of better-known ones that share most of their letters."""

import pytest

from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry

SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ha", "le", "mi", "no", "pu", "ra", "sel", "tim", "vor", "wun", "zan"]


def among(title: str, others: list[str]) -> TitleIndex:
    known = [TitleEntry(f"f{at}", name, name, 2000, fame=60 - at / 20) for at, name in enumerate(others)]
    return TitleIndex([*known, TitleEntry("meant", title, title, 1999, fame=1)])


@pytest.mark.parametrize(
    ("typed", "title", "shape", "near"),
    [
        ("american sag", "American Stag", "American S{}", "American Sage"),
        ("american stga", "American Stag", "American S{}", "American Stage"),
        ("f chance", "Fat Chance", "{} Chance", "If Chance"),
        ("the devil and flesh", "The Devil and the Flesh", "The Devil and {}", "Devil and Flesh"),
    ],
)
def test_what_is_nearest_is_found_among_better_known_films(typed: str, title: str, shape: str, near: str) -> None:
    others = [near, *(shape.format(one + other) for one in SYLLABLES for other in SYLLABLES)]
    found = [match.film_id for match in among(title, others).search(typed)]
    assert "meant" in found[:5]
