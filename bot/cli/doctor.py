"""`marquee doctor`: checks settings, database and catalogue."""

import argparse
from collections.abc import Sequence
from importlib.util import find_spec

from bot.cli import ExitCode
from bot.cli.verify import ADVICE, QUICK_CHECKS, print_problems
from bot.config import Settings
from bot.core.text.i18n import _, ngettext
from bot.films.popular_service import TitleProgress
from bot.recommendations.adaptation import MIN_MEMBERS, Adaptation
from bot.services import running_services


async def doctor(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Print what the bot has and lacks; return PARTIAL without a Discord token or with wrong totals."""
    kind = "SQLite" if "sqlite" in settings.database_url else "PostgreSQL"
    print(_("database: {kind}").format(kind=kind), end=", ", flush=True)
    async with running_services(settings) as services:
        print(_("open and up to date"))
        film_count = len(services.films.index)
        print(ngettext("catalogue: {count} film", "catalogue: {count} films", film_count).format(count=film_count))
        if not (is_consistent := await print_problems(services.database, QUICK_CHECKS)):
            print(_(ADVICE))
        source = services.tmdb
        progress = await services.popular_titles.get_progress()
        adaptations = await services.recommendations.repository.list_adaptations()
    print(
        _("Discord token: set")
        if settings.discord_token
        else _("Discord token: not set (`marquee try` doesn't need one)")
    )
    if settings.tmdb_token is None:
        print(_("TMDB: no key, so no posters or streaming"))
    elif source is None:
        print(_("TMDB: the key was refused"))
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
    return ExitCode.SUCCESS if settings.discord_token and is_consistent else ExitCode.PARTIAL


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
