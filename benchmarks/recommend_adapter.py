"""Lets an outside benchmark use Marquee's model by plain ratings and records."""

from collections.abc import Callable, Mapping, Sequence

from bot.recommendations.facts import MAX_CAST, FilmFacts
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


def film_facts_from_record(film_id: str, record: Mapping[str, object]) -> FilmFacts:
    """Return the facts of a plain record with year, genres, directors, cast, language and fame (raters)."""
    language = str(record.get("language") or "")
    year = record.get("year")
    fame = record.get("fame")
    return FilmFacts(
        film_id=film_id,
        year=int(year) if isinstance(year, int) and year > 0 else None,
        genres=_texts(record.get("genres")),
        directors=_texts(record.get("directors")),
        cast=_texts(record.get("cast"))[:MAX_CAST],
        languages=(language,) if language else (),
        countries=_texts(record.get("countries")),
        title=str(record.get("title") or ""),
        fame=float(fame) if isinstance(fame, int | float) else 0.0,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(text) for text in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
