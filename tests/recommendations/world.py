"""A made-up world of films and members: two camps of taste, one director each."""

from bot.recommendations.facts import FilmFacts
from bot.recommendations.models import Rating
from bot.recommendations.ranking_model import RankingModel

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
