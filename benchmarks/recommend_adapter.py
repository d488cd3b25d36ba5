"""Lets an outside measurement ask Marquee's model: a factory of plain ratings and records, giving a function."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from bot.recommendations.model import Model

from bot.recommendations.facts import facts_of_record

Recommend = Callable[[dict[str, float], int], list[str]]


def model_of(ratings: Sequence[tuple[str, str, float]], films: Mapping[str, Mapping[str, object]]) -> Model:
    """Fit the model on plain records."""
    return Model.fit(ratings, [facts_of_record(film, record) for film, record in films.items()])


def factory(ratings: Sequence[tuple[str, str, float]], films: Mapping[str, Mapping[str, object]]) -> Recommend:
    """Give recommend(own, n) -> film ids, best first, none of them in own."""
    return recommend_by(model_of(ratings, films))


def recommend_by(model: Model) -> Recommend:
    """Give the same for a fitted model: ranking alone, without reasons."""

    def recommend(own: dict[str, float], n: int) -> list[str]:
        asked = model.ask(own)
        may = np.ones(len(model.content), dtype=bool)
        may[[model.content.at[film] for film in own if film in model.content.at]] = False
        return [model.content.ids[row] for row in model.rank(asked, n, may)]

    return recommend
