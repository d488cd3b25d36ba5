"""`marquee doctor`: checks settings, database and catalogue."""

import argparse
import asyncio
import re
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile

from bot.cli import ExitCode, log_warnings_only
from bot.cli.run import open_error_reports
from bot.cli.verify import ADVICE, QUICK_CHECKS, print_problems
from bot.config import KNOWN_SETTINGS, Settings, SettingsError, list_unknown_settings
from bot.core.text.cldr import format_number
from bot.core.text.i18n import _, ngettext
from bot.films.popular_service import TitleProgress
from bot.recommendations.adaptation import MIN_MEMBERS, Adaptation
from bot.services import running_services

_TOKEN = re.compile(r"[\w-]{10,}\.[\w-]{4,}\.[\w-]{10,}")
"""What tokens of bots look like: the bot's id, a time and a signature."""


async def doctor(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Print what the bot has and lacks; return PARTIAL if there is a problem, such as no Discord token."""
    log_warnings_only(settings)
    kind = "SQLite" if "sqlite" in settings.database_url else "PostgreSQL"
    problems = await asyncio.to_thread(list_setting_problems, settings)
    async with running_services(settings) as services:
        print(_("database: {kind}, open and up to date").format(kind=kind))
        film_count = len(services.films.index)
        films = ngettext("catalogue: {count} film", "catalogue: {count} films", film_count)
        print(films.format(count=format_number(film_count)))
        if not await print_problems(services.database, QUICK_CHECKS):
            problems.append(_(ADVICE))
        source = services.tmdb
        progress = await services.popular_titles.get_progress()
        adaptations = await services.recommendations.repository.list_adaptations()
    if settings.discord_token and not _TOKEN.fullmatch(settings.discord_token):
        # Translators: “Bot” is a page of Discord's developer portal
        problems.append(_("Discord token: that isn't one. Copy it from the Bot page of the developer portal."))
    elif settings.discord_token:
        print(_("Discord token: set"))
    else:
        problems.append(_("Discord token: not set (`marquee try` doesn't need one)"))
    if settings.tmdb_token is None:
        print(_("TMDB: no key, so no posters or streaming"))
    elif source is None:
        problems.append(_("TMDB: the key was refused"))
    else:
        print(_("TMDB: the key works") if source.is_key_checked else _("TMDB: can't check the key right now"))
        print(describe_titles(progress))
    print(describe_adaptations(adaptations, is_on=settings.adapts_recommendations))
    is_installed = find_spec("simcord") is not None
    print(
        _("try page: installed")
        if is_installed
        else _("try page: not installed (run {command})").format(command="pip install 'marquee-bot[try]'")
    )
    for problem in problems:
        print(f"✗ {problem}")
    if not problems:
        print(_("No problems found."))
    return ExitCode.PARTIAL if problems else ExitCode.SUCCESS


def list_setting_problems(settings: Settings) -> list[str]:
    """Return what is wrong with settings that are used later than at the start, in sentences."""
    problems = []
    for name in list_unknown_settings(Path.cwd()):
        if guesses := get_close_matches(name, KNOWN_SETTINGS, 1):
            unknown = _(".env has {name}, which isn't a setting. Did you mean {guess}?")
            problems.append(unknown.format(name=name, guess=guesses[0]))
    if settings.backup_dir is not None:
        try:
            settings.backup_dir.mkdir(0o700, parents=True, exist_ok=True)
            TemporaryFile(dir=settings.backup_dir).close()
        except OSError as error:
            problem = _("backups: {folder} can't be written ({reason})")
            problems.append(problem.format(folder=settings.backup_dir, reason=error.strerror))
    if settings.sentry_dsn:
        try:
            with open_error_reports(settings.sentry_dsn):
                pass
        except SettingsError as error:
            problems.append(str(error))
    return problems


def describe_adaptations(adaptations: Sequence[Adaptation], *, is_on: bool) -> str:
    """Return for how many crowds recommendations are adapted to their members, and what that gains."""
    if not is_on:
        return _("recommendations: not adapted to members ({setting})").format(setting="ADAPT_RECOMMENDATIONS=off")
    if not adaptations:
        return _("recommendations: not adapted yet (a server needs {count} members who rate)").format(
            count=MIN_MEMBERS
        )
    kept = [each for each in adaptations if each.is_kept]
    if not kept:
        return _("recommendations: adapting them to members gained nothing, so they are as shipped")
    gain = sum(each.gain for each in kept) / len(kept)
    message = ngettext(
        "recommendations: adapted to members in {count} server ({gain} NDCG@10)",
        "recommendations: adapted to members in {count} servers ({gain} NDCG@10)",
        len(kept),
    )
    return message.format(count=len(kept), gain=f"{gain:+.3f}")


def describe_titles(progress: TitleProgress) -> str:
    """Return how many of the titles that most people ask for are learnt."""
    if progress.page_count is None:
        return _("TMDB titles: none yet (`marquee run` fetches them)")
    if progress.finished_at:
        message = ngettext("TMDB titles: {count} film", "TMDB titles: {count} films", progress.film_count)
        return message.format(count=progress.film_count)
    message = ngettext(
        "TMDB titles: {count} film, page {page} of {pages}",
        "TMDB titles: {count} films, page {page} of {pages}",
        progress.film_count,
    )
    return message.format(count=progress.film_count, page=progress.page, pages=progress.page_count)
