"""Typos in titles among hundreds of more famous ones that share most of their letters."""

import pytest

from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry

SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ha", "le", "mi", "no", "pu", "ra", "sel", "tim", "vor", "wun", "zan"]


def index_among_famous(title: str, others: list[str]) -> TitleIndex:
    famous = [TitleEntry(f"f{i}", name, name, 2000, fame=60 - i / 20) for i, name in enumerate(others)]
    return TitleIndex([*famous, TitleEntry("wanted", title, title, 1999, fame=1)])


@pytest.mark.parametrize(
    ("typed", "title", "shape", "similar"),
    [
        ("american sag", "American Stag", "American S{}", "American Sage"),
        ("american stga", "American Stag", "American S{}", "American Stage"),
        ("f chance", "Fat Chance", "{} Chance", "If Chance"),
        ("the devil and flesh", "The Devil and the Flesh", "The Devil and {}", "Devil and Flesh"),
    ],
)
def test_the_most_similar_title_is_found_among_famous_ones(
    typed: str, title: str, shape: str, similar: str
) -> None:
    others = [similar, *(shape.format(one + other) for one in SYLLABLES for other in SYLLABLES)]
    film_ids = [match.film_id for match in index_among_famous(title, others).search(typed)]
    assert "wanted" in film_ids[:5]
