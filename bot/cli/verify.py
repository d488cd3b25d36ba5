"""`marquee verify`: checks what is stored although it follows from other rows, and repairs it."""

import argparse
from collections.abc import Sequence

from bot.bootstrap import open_catalogue
from bot.cli import ExitCode, log_warnings_only
from bot.config import Settings
from bot.core.database.consistency import ConsistencyCheck, find_problems
from bot.core.database.engine import Database
from bot.core.text.i18n import _, gettext_noop
from bot.films.consistency import CONSISTENCY_CHECKS as FILM_CHECKS
from bot.recommendations.consistency import CONSISTENCY_CHECKS as RECOMMENDATION_CHECKS
from bot.reviews.consistency import CONSISTENCY_CHECKS as REVIEW_CHECKS

QUICK_CHECKS = REVIEW_CHECKS
"""What takes seconds, however large the catalogue is."""
CONSISTENCY_CHECKS = (*REVIEW_CHECKS, *FILM_CHECKS, *RECOMMENDATION_CHECKS)
"""Every check, in the order in which what fails is repaired."""


ADVICE = gettext_noop("Run `marquee verify --repair` to fix it. The bot can keep running.")


async def verify(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Print what differs, and repair it if asked to; return PARTIAL if something differs at the end."""
    log_warnings_only(settings)
    async with open_catalogue(settings) as (database, _films):
        is_consistent = await print_problems(database)
        if not is_consistent and arguments.repair:
            await repair(database)
            is_consistent = await print_problems(database)
    if not is_consistent and not arguments.repair:
        print(_(ADVICE))
    return ExitCode.SUCCESS if is_consistent else ExitCode.PARTIAL


async def print_problems(database: Database, checks: Sequence[ConsistencyCheck] = CONSISTENCY_CHECKS) -> bool:
    """Print a line for each kind of rows that differ; return whether none does."""
    problems = await find_problems(database, checks)
    for check, keys in problems:
        print(f"{_(check.name)}: {check.describe(len(keys))}")
    if not problems:
        names = ", ".join(_(check.name) for check in checks)
        print(_("totals and counts: correct ({names})").format(names=names))
    return not problems


async def repair(database: Database) -> None:
    """Repair what differs and print how many rows that were."""
    for check in CONSISTENCY_CHECKS:
        # Found again, as the repair of one kind may put the next right.
        for _check, keys in await find_problems(database, [check]):
            await check.repair(database, keys)
            print(_("{name}: fixed {count}").format(name=_(check.name), count=f"{len(keys):,}"))
