"""Lets an outside benchmark use Marquee's model by plain ratings and records."""

from collections.abc import Callable, Mapping, Sequence

from bot.recommendations.facts import film_facts_from_record
from bot.recommendations.filters import NO_FILTERS, allowed_films
from bot.recommendations.ranking_model import RankingModel

Recommend = Callable[[dict[str, float], int], list[str]]


def fit_model(
    ratings: Sequence[tuple[str, str, float]], films: Mapping[str, Mapping[str, object]]
) -> RankingModel:
    """Return the model fitted on plain records."""
    return RankingModel.fit(ratings, [film_facts_from_record(film, record) for film, record in films.items()])


def factory(ratings: Sequence[tuple[str, str, float]], films: Mapping[str, Mapping[str, object]]) -> Recommend:
    """Return recommend(own, n) -> film ids, best first, none of them in own."""
    return recommend_with(fit_model(ratings, films))


def recommend_with(model: RankingModel) -> Recommend:
    """Return the same for a fitted model: ranking alone, without reasons."""

    def recommend(own: dict[str, float], n: int) -> list[str]:
        scores = model.score_films(own).scores
        allowed = allowed_films(model.content, NO_FILTERS, own)
        return [model.content.ids[row] for row in model.rank(scores, n, allowed)]

    return recommend
