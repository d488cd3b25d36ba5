"""What the commands about the recommender do. Each gives the exit status."""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import discord

from bot.cli.exit_codes import DONE, DONE_IN_PART
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.recommendations.crowd import Rating
from bot.recommendations.evaluate import Evaluation, evaluate
from bot.recommendations.facts import FilmFacts
from bot.recommendations.repository import KnownFilms, RecommendationStore
from bot.services import running_services
from bot.sources import movielens, ratings_csv


async def import_movielens(settings: Settings, arguments: argparse.Namespace) -> int:
    """Load a MovieLens folder; gives 1 where rows were left out. Raises InvalidInputError without any."""
    async with running_services(settings) as services:
        store = RecommendationStore(services.database)
        known = await store.known_films()
        found = await asyncio.to_thread(
            movielens.read,
            Path(arguments.folder),
            lambda film: known.find(film.ids, film.title, film.year),
            lambda count: print(f"{count:,} ratings read", file=sys.stderr, flush=True),
        )
        if not len(found.ratings):
            raise InvalidInputError("None of its films are in the catalogue: import IMDb's files first.")
        await store.put_set(found.ratings, discord.utils.utcnow())
    for line in found.problems.named:
        print(line, file=sys.stderr)
    for kind, count in found.problems.counts.items():
        print(f"{count:,} × {kind}", file=sys.stderr)
    ratings = found.ratings
    print(f"{len(ratings):,} ratings of {len(ratings.films):,} films by {ratings.members:,} members loaded")
    if found.outside:
        print(f"{found.outside:,} films with {found.outside_ratings:,} ratings are not in the catalogue")
    return DONE_IN_PART if found.problems.counts else DONE


async def evaluate_file(settings: Settings, arguments: argparse.Namespace) -> int:
    """Measure the recommender on an operator's ratings; gives 1 where rows were left out.

    Raises InvalidInputError where the file can't be used or too few members have enough ratings.
    """
    if min(arguments.known) < 1:
        raise InvalidInputError("--known must be whole numbers from 1.")
    file = await asyncio.to_thread(ratings_csv.read, Path(arguments.file))
    async with running_services(settings) as services:
        store = RecommendationStore(services.database)
        known = await store.known_films()
        ratings = [(member, _film_of(film, known), stars) for member, film, stars in file.ratings]
        films = _with_facts(ratings, await store.facts(Counter(film for _, film, _ in ratings)))
    results = await asyncio.to_thread(evaluate, ratings, films, arguments.known, arguments.seed)
    for line in file.named:
        print(line, file=sys.stderr)
    if file.left_out:
        print(f"{file.left_out:,} rows left out", file=sys.stderr)
    if not any(result.members for result in results):
        raise InvalidInputError(
            "Nobody who was drawn has enough ratings: a member needs the known ones and three films of ★4 besides."
        )
    _print(results)
    return DONE_IN_PART if file.left_out else DONE


def _film_of(text: str, known: KnownFilms) -> str:
    """Give the catalogue's id of a film named by its IMDb id; other names stay."""
    return known.by_id.get(("imdb", text), text)


def _with_facts(ratings: Sequence[Rating], facts: Sequence[FilmFacts]) -> list[FilmFacts]:
    """Give the facts of the films that were rated; a film that the catalogue lacks has its ratings alone."""
    of = {film.film_id: film for film in facts}
    counted = Counter(film for _, film, _ in ratings)
    return [of.get(film, FilmFacts(film, fame=float(count))) for film, count in counted.items()]


def _print(results: Sequence[Evaluation]) -> None:
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
