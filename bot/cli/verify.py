"""`marquee verify`: checks what is stored although it follows from other rows, and repairs it."""

import argparse
from collections.abc import Sequence

from bot.bootstrap import open_catalogue
from bot.cli import ExitCode
from bot.config import Settings
from bot.core.database.consistency import ConsistencyCheck, find_problems
from bot.core.database.engine import Database
from bot.films.consistency import CONSISTENCY_CHECKS as FILM_CHECKS
from bot.recommendations.consistency import CONSISTENCY_CHECKS as RECOMMENDATION_CHECKS
from bot.reviews.consistency import CONSISTENCY_CHECKS as REVIEW_CHECKS

QUICK_CHECKS = REVIEW_CHECKS
"""What takes seconds, however large the catalogue is."""
CONSISTENCY_CHECKS = (*REVIEW_CHECKS, *FILM_CHECKS, *RECOMMENDATION_CHECKS)
"""Every check, in the order in which what fails is repaired."""


ADVICE = "Run `marquee verify --repair` to fix it. The bot can keep running."


async def verify(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Print what differs, and repair it if asked to; return PARTIAL if something differs at the end."""
    async with open_catalogue(settings) as (database, _):
        is_consistent = await print_problems(database)
        if not is_consistent and arguments.repair:
            await repair(database)
            is_consistent = await print_problems(database)
    if not is_consistent and not arguments.repair:
        print(ADVICE)
    return ExitCode.SUCCESS if is_consistent else ExitCode.PARTIAL


async def print_problems(database: Database, checks: Sequence[ConsistencyCheck] = CONSISTENCY_CHECKS) -> bool:
    """Print a line for each kind of rows that differ; return whether none does."""
    problems = await find_problems(database, checks)
    for check, keys in problems:
        print(f"{check.name}: {check.describe(len(keys))}")
    if not problems:
        print("totals and counts: correct (" + ", ".join(check.name for check in checks) + ")")
    return not problems


async def repair(database: Database) -> None:
    """Repair what differs and print how many rows that were."""
    for check in CONSISTENCY_CHECKS:
        # Found again, as the repair of one kind may put the next right.
        for _, keys in await find_problems(database, [check]):
            await check.repair(database, keys)
            print(f"{check.name}: fixed {len(keys):,}")
