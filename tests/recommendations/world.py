"""A made-up world of films and members: two camps of taste, one director each."""

from collections.abc import Collection, Iterator, Mapping

from bot.recommendations.facts import FilmFacts
from bot.recommendations.filters import NO_FILTERS, RecommendationFilters, allowed_films
from bot.recommendations.models import Rating, RatingSet
from bot.recommendations.ranking_model import RankingModel, Recommendation

FILMS = [
    *(
        FilmFacts(f"noir-{n}", 1950 + n, ("Noir", "Crime"), ("dora",), (f"star-{n % 2}", f"noir-{n}"), ("fr",),
                  ("FR",), 90 + 5 * n, 5.0 + n)
        for n in range(8)
    ),
    *(
        FilmFacts(f"space-{n}", 2000 + n, ("Science Fiction",), ("sol",), (f"hero-{n % 2}", f"space-{n}"), ("en",),
                  ("US",), 120 + 5 * n, 5.0 + n)
        for n in range(8)
    ),
    FilmFacts("alone", 1990, ("Drama",), ("una",), (), ("de",), ("DE",), None, 1.0),
]  # fmt: skip
NOIR_FAN = {"noir-1": 5.0, "noir-2": 4.5, "space-3": 1.0}
SPACE_FAN = {"space-1": 5.0, "space-2": 4.5, "noir-3": 1.0}


def ratings(members: int = 12) -> list[Rating]:
    """Even members love noir, odd ones space; each has rated most of theirs and one of the other camp."""
    rows: list[Rating] = []
    for member in range(members):
        mine, other = ("noir", "space") if member % 2 == 0 else ("space", "noir")
        rows += [
            (f"m{member:02d}", f"{mine}-{n}", 5.0 - (n + member) % 3 / 2) for n in range(8) if (n + member) % 7
        ]
        rows.append((f"m{member:02d}", f"{other}-{member % 8}", 1.5))
    return rows


def fit_model(members: int = 12) -> RankingModel:
    """A model fitted on that world."""
    return RankingModel.fit(ratings(members), FILMS)


def recommend(
    model: RankingModel,
    own: Mapping[str, float],
    count: int = 5,
    filters: RecommendationFilters = NO_FILTERS,
    dismissed: Collection[str] = (),
) -> list[Recommendation]:
    """Return up to so many films, best first: neither rated nor dismissed, passing the filters."""
    scores = model.score_films(own, dismissed)
    allowed = allowed_films(model.content, filters, {*own, *dismissed})
    return model.explain(scores, model.rank(scores.scores, count, allowed, filters.surprise))


def iterate_ratings(rating_set: RatingSet) -> Iterator[Rating]:
    """Yield the ratings of a set, with member keys as `set:number`."""
    for member, film, half_stars in zip(
        rating_set.member.tolist(), rating_set.film.tolist(), rating_set.half_stars.tolist(), strict=True
    ):
        yield f"{rating_set.name}:{member}", rating_set.film_ids[film], half_stars / 2
