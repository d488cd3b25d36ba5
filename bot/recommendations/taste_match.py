"""How far two members' tastes agree, how sure that is, and what each could show the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.recommendations.crowd import LIKED_STARS
from bot.recommendations.ranking_model import MemberScores, RankingModel

EXPECTED_GAP = 1.0
"""Stars by which two members' ratings of a film differ on average where nothing is known of them."""
GAP_DAMPING = 5.0
"""Films in common that this expectation counts as."""
ZERO_AGREEMENT_GAP = 4.5 / 2
"""The mean gap in stars at which agreement is 0: half the widest."""


@dataclass(frozen=True, slots=True)
class RatingDifference:
    """A film that both rated, with the stars of each."""

    film_id: str
    first_stars: float
    second_stars: float


@dataclass(frozen=True, slots=True)
class PredictedFilm:
    """A film and the stars that a member would give it."""

    film_id: str
    stars: float


@dataclass(frozen=True, slots=True)
class TasteMatch:
    """How two members compare.

    `agreement` and `confidence` go from 0 to 1; `common_count` films were rated by both: both like `favourites`
    most, and on `differences`, which not both like, they differ most. `films_for_second` are films that the first
    member liked, the second has not rated and would like most; `films_for_first` the other way round.
    """

    agreement: float
    confidence: float
    common_count: int
    favourites: tuple[RatingDifference, ...]
    differences: tuple[RatingDifference, ...]
    films_for_second: tuple[PredictedFilm, ...]
    films_for_first: tuple[PredictedFilm, ...]


def match_tastes(
    model: RankingModel, first: Mapping[str, float], second: Mapping[str, float], count: int = 3
) -> TasteMatch:
    """Return how two members' ratings compare, with at most `count` films in each list.

    Agreement is 1 minus the mean gap in stars as a share of ZERO_AGREEMENT_GAP, the mean damped by GAP_DAMPING
    films of EXPECTED_GAP; confidence is n / (n + GAP_DAMPING) for n films in common.
    """
    common = sorted(first.keys() & second.keys())
    gaps = sum(abs(first[film_id] - second[film_id]) for film_id in common)
    mean_gap = (gaps + GAP_DAMPING * EXPECTED_GAP) / (len(common) + GAP_DAMPING)
    liked = [film_id for film_id in common if min(first[film_id], second[film_id]) >= LIKED_STARS]
    liked.sort(key=lambda each: (-min(first[each], second[each]), -first[each] - second[each], each))
    # A film that both like is a favourite in common, whichever of them likes it more.
    differing = [film_id for film_id in common if min(first[film_id], second[film_id]) < LIKED_STARS]
    by_gap = sorted(differing, key=lambda film_id: (-abs(first[film_id] - second[film_id]), film_id))
    return TasteMatch(
        agreement=max(0.0, 1 - mean_gap / ZERO_AGREEMENT_GAP),
        confidence=len(common) / (len(common) + GAP_DAMPING),
        common_count=len(common),
        favourites=tuple(RatingDifference(each, first[each], second[each]) for each in liked[:count]),
        differences=tuple(
            RatingDifference(film_id, first[film_id], second[film_id])
            for film_id in by_gap[:count]
            if first[film_id] != second[film_id]
        ),
        films_for_second=_films_to_show(model, first, second, model.score_films(second), count),
        films_for_first=_films_to_show(model, second, first, model.score_films(first), count),
    )


def _films_to_show(
    model: RankingModel,
    liked_by: Mapping[str, float],
    unrated_by: Mapping[str, float],
    scores: MemberScores,
    count: int,
) -> tuple[PredictedFilm, ...]:
    """Return films that one member liked and the other has not rated, by the other's predicted stars."""
    row_of = model.content.row_of
    films = [
        film_id
        for film_id, stars in liked_by.items()
        if stars >= LIKED_STARS and film_id not in unrated_by and film_id in row_of
    ]
    films.sort(key=lambda film_id: (-scores.stars[row_of[film_id]], film_id))
    return tuple(PredictedFilm(film_id, float(scores.stars[row_of[film_id]])) for film_id in films[:count])
