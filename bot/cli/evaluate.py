"""`marquee evaluate`: measures the recommender on an operator's own ratings."""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bot.bootstrap import open_catalogue
from bot.cli import ExitCode, describe_skipped_rows, log_warnings_only
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _
from bot.recommendations.evaluation import Evaluation, evaluate
from bot.recommendations.facts import FilmFacts
from bot.recommendations.models import Rating
from bot.recommendations.repository import RecommendationRepository
from bot.sources import ratings_csv


async def evaluate_ratings(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Print how well the recommender does; return PARTIAL where rows were left out.

    Raises InvalidInputError where the file can't be used, or where too few members have enough ratings.
    """
    log_warnings_only(settings)
    if min(arguments.known) < 1:
        raise InvalidInputError(_("--known takes whole numbers from 1."))
    file = await asyncio.to_thread(ratings_csv.read, Path(arguments.file))
    async with open_catalogue(settings) as (database, _films):
        repository = RecommendationRepository(database)
        lookup = await repository.get_film_lookup()
        # A film named by its IMDb id is the catalogue's; any other name stays as it is.
        ratings = [
            (member, lookup.by_source_id.get(("imdb", film), film), stars) for member, film, stars in file.ratings
        ]
        films = _add_missing_facts(
            ratings, await repository.list_film_facts(Counter(film for _member, film, _stars in ratings))
        )
    results = await asyncio.to_thread(evaluate, ratings, films, arguments.known, arguments.seed)
    for line in file.problems:
        print(line, file=sys.stderr)
    if file.bad_rows:
        print(describe_skipped_rows(file.bad_rows), file=sys.stderr)
    if not any(result.member_count for result in results):
        raise InvalidInputError(
            _(
                "Too few ratings to measure: a member needs {count} ratings and three more of 4 stars or more. "
                "Use `--known` to measure with fewer."
            ).format(count=min(arguments.known))
        )
    _print_results(results)
    return ExitCode.PARTIAL if file.bad_rows else ExitCode.SUCCESS


def _add_missing_facts(ratings: Sequence[Rating], facts: Sequence[FilmFacts]) -> list[FilmFacts]:
    """Return the facts of every rated film; one that the catalogue lacks has its number of ratings as its fame."""
    by_film = {film.film_id: film for film in facts}
    rating_counts = Counter(film for _member, film, _stars in ratings)
    return [by_film.get(film, FilmFacts(film, fame=float(count))) for film, count in rating_counts.items()]


def _list_headings() -> list[str]:
    """Return the headings of the table of results; NDCG@10 and hit@5 are called so in every language."""
    return [
        # Translators: the heading of a column: how many of a member's ratings were known
        _("known"),
        # Translators: the heading of a column: the way of recommending that was measured
        _("method"),
        "NDCG@10",
        # Translators: the heading of a column: the standard error of the number before it, in statistics
        _("std. error"),
        "hit@5",
        # Translators: the heading of a column: the share of all films that was recommended to somebody
        _("coverage"),
        # Translators: the heading of a column: how little known the recommended films are
        _("novelty"),
        _("members"),
    ]


def _print_results(results: Sequence[Evaluation]) -> None:
    rows = [_list_headings()]
    for result in results:
        for name, metrics in result.metrics.items():
            if metrics.ndcg:
                rows.append([
                    str(result.known_count), name, f"{metrics.mean_ndcg:.4f}", f"{metrics.ndcg_error:.4f}",
                    f"{metrics.hit_rate:.3f}", f"{metrics.coverage:.1%}", f"{metrics.mean_novelty:.2f}",
                    str(len(metrics.ndcg)),
                ])  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    for result in results:
        ours, own = result.star_errors.means
        if result.star_errors.predicted:
            print(
                f"{result.known_count:5d} "
                + _("predicted stars: mean absolute error {error}, the member's mean {own}").format(
                    error=f"{ours:.3f}", own=f"{own:.3f}"
                )
            )
