"""`marquee evaluate`: measures the recommender on an operator's own ratings."""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bot.bootstrap import open_catalogue
from bot.cli import ExitCode
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.recommendations.crowd import Rating
from bot.recommendations.evaluate import Evaluation, evaluate
from bot.recommendations.facts import FilmFacts
from bot.recommendations.repository import RecommendationStore
from bot.sources import ratings_csv


async def evaluate_ratings(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Print how well the recommender does; return PARTIAL where rows were left out.

    Raises InvalidInputError where the file can't be used, or where too few members have enough ratings.
    """
    if min(arguments.known) < 1:
        raise InvalidInputError("--known must be whole numbers from 1.")
    file = await asyncio.to_thread(ratings_csv.read, Path(arguments.file))
    async with open_catalogue(settings) as (database, _):
        store = RecommendationStore(database)
        known = await store.known_films()
        # A film named by its IMDb id is the catalogue's; any other name stays as it is.
        ratings = [(member, known.by_id.get(("imdb", film), film), stars) for member, film, stars in file.ratings]
        films = _add_missing_facts(ratings, await store.facts(Counter(film for _, film, _ in ratings)))
    results = await asyncio.to_thread(evaluate, ratings, films, arguments.known, arguments.seed)
    for line in file.problems:
        print(line, file=sys.stderr)
    if file.bad_rows:
        print(f"{file.bad_rows:,} rows left out", file=sys.stderr)
    if not any(result.members for result in results):
        raise InvalidInputError(
            "Nobody who was drawn has enough ratings: a member needs the known ones and three films of ★4 besides."
        )
    _print_results(results)
    return ExitCode.PARTIAL if file.bad_rows else ExitCode.SUCCESS


def _add_missing_facts(ratings: Sequence[Rating], facts: Sequence[FilmFacts]) -> list[FilmFacts]:
    """Return the facts of every rated film; one that the catalogue lacks has its number of ratings as its fame."""
    by_film = {film.film_id: film for film in facts}
    rating_counts = Counter(film for _, film, _ in ratings)
    return [by_film.get(film, FilmFacts(film, fame=float(count))) for film, count in rating_counts.items()]


def _print_results(results: Sequence[Evaluation]) -> None:
    print(f"{'known':>5s} {'':10s} NDCG@10   error  hit@5  coverage  novelty  members")
    for result in results:
        for name, figures in result.figures.items():
            if figures.ndcg:
                print(
                    f"{result.known:5d} {name:10s} {figures.mean:7.4f}  {figures.error:.4f}  {figures.hits:.3f}"
                    f"  {figures.coverage:8.1%}  {figures.unexpected:7.2f}  {len(figures.ndcg):7d}"
                )
        ours, own = result.stars.means
        if result.stars.predicted:
            print(
                f"{result.known:5d} predicted stars: mean absolute error {ours:.3f}, the member's mean {own:.3f}"
            )
