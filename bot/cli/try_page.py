"""`marquee try`: the bot in a local web page."""

import argparse
import logging
from pathlib import Path

from bot.cli import CannotRunError, ExitCode, log_warnings_only
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.core.runtime import gc_frozen
from bot.core.text.i18n import SOURCE_LOCALE, _, list_catalogues

MAX_PORT = 65_535


async def open_try_page(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Serve the page until it is stopped; return the exit code.

    Raises CannotRunError where SimCord is not installed, InvalidInputError for an impossible port.
    """
    if not 0 <= arguments.port <= MAX_PORT:
        raise InvalidInputError(_("--port must be a whole number from 0 to {last}.").format(last=MAX_PORT))
    languages = [SOURCE_LOCALE, *list_catalogues()]
    if arguments.language.partition("-")[0] not in {each.partition("-")[0] for each in languages}:
        raise InvalidInputError(_("--language must be one of {values}.").format(values=", ".join(languages)))
    # SimCord creates a client of its own while it is imported, which logs warnings that don't matter here.
    logging.getLogger("discord").setLevel(logging.ERROR)
    # What a hosted bot logs is not for visitors; and TMDB's stand-in has a few films only, which is no news.
    log_warnings_only(settings)
    if settings.log_level == "INFO":
        logging.getLogger("bot.films.metadata_service").setLevel(logging.ERROR)
    try:
        with gc_frozen():
            from bot.preview import server as preview  # an optional extra
    except ImportError as error:
        raise CannotRunError(
            _("The try page isn't installed. Run: {command}").format(command="pip install 'marquee-bot[try]'")
        ) from error
    options = preview.PreviewOptions(
        port=arguments.port,
        replay=Path(arguments.tmdb_replay) if arguments.tmdb_replay else None,
        has_tmdb=not arguments.no_tmdb,
        is_direct=arguments.direct,
        speed=arguments.clock,
        opens_browser=not arguments.no_browser,
        locale=arguments.language,
    )
    await preview.serve(settings, options)
    return ExitCode.SUCCESS
