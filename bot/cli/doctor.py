"""`marquee doctor`: checks settings, database and catalogue."""

import argparse
from importlib.util import find_spec

from bot.cli import ExitCode
from bot.cli.verify import ADVICE, QUICK_CHECKS, print_problems
from bot.config import Settings
from bot.films.popular_service import TitleProgress
from bot.services import running_services


async def doctor(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Print what the bot has and lacks; return PARTIAL without a Discord token or with wrong totals."""
    print("database: " + ("SQLite, " if "sqlite" in settings.database_url else "PostgreSQL, "), end="")
    async with running_services(settings) as services:
        print("open and up to date")
        print(f"catalogue: {len(services.films.index)} films")
        if not (is_consistent := await print_problems(services.database, QUICK_CHECKS)):
            print(ADVICE)
        source = services.tmdb
        progress = await services.popular_titles.get_progress()
    print("Discord token: " + ("set" if settings.discord_token else "not set; `marquee try` needs none"))
    if settings.tmdb_token is None:
        print("TMDB: not set; cards go without posters and where to stream")
    elif source is None:
        print("TMDB: the key is not taken")
    else:
        print("TMDB: " + ("the key is good" if source.is_key_checked else "can't be asked about the key just now"))
        print(describe_titles(progress))
    is_installed = find_spec("simcord") is not None
    print("try page: " + ("installed" if is_installed else "not installed (pip install 'marquee-bot[try]')"))
    return ExitCode.SUCCESS if settings.discord_token and is_consistent else ExitCode.PARTIAL


def describe_titles(progress: TitleProgress) -> str:
    """Return how many of the titles that most people ask for are learnt."""
    if progress.page_count is None:
        return "TMDB titles: none learnt yet; `marquee run` begins with it"
    films = f"TMDB titles: {progress.film_count} films learnt"
    return films if progress.finished_at else f"{films}, page {progress.page} of {progress.page_count}"
