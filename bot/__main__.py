"""The `marquee` command line."""

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

from bot.cli import ExitCode
from bot.config import Settings, SettingsError, operator_locale
from bot.core.errors import MarqueeError
from bot.core.logs import configure_logging
from bot.core.runtime import gc_frozen
from bot.core.text.i18n import _, use_locale

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, ExitCode]]
MAX_CLOCK_SPEED = 604_800
"""Times real time: the try page's clock goes on by a week each second."""


def main(argv: Sequence[str] | None = None) -> ExitCode:
    """Run the command that the arguments name, in the operator's language, and return the process's exit code."""
    with use_locale(operator_locale()):
        return _run_command(argv)


def _run_command(argv: Sequence[str] | None) -> ExitCode:
    arguments = _build_parser().parse_args(argv)
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # bytes that are no text are no reason to stop
    try:
        settings = Settings.from_env()
        configure_logging(settings.log_level, settings.log_format)
        return asyncio.run(_import_command(arguments.command)(settings, arguments))
    except MarqueeError as error:
        print(f"marquee: {error}", file=sys.stderr)
        return ExitCode.PARTIAL if error.is_temporary else ExitCode.UNUSABLE
    except SettingsError as error:
        print(f"marquee: {error}", file=sys.stderr)
        return ExitCode.UNUSABLE
    except BrokenPipeError:
        # Whoever reads the output, such as `head`, has read enough: nothing is left to be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.SUCCESS
    except OSError as error:
        if error.filename is None:
            raise
        problem = _("can't use {file}: {reason}.").format(file=error.filename, reason=error.strerror)
        print(f"marquee: {problem}", file=sys.stderr)
        return ExitCode.UNUSABLE
    except KeyboardInterrupt:
        return ExitCode.SUCCESS


def _import_command(name: str) -> Command:
    """Return the function `module:function` of bot.cli. It is imported only now, so that `find` starts fast."""
    module, _separator, function = name.partition(":")
    with gc_frozen():
        command: Command = getattr(import_module(f"bot.cli.{module}"), function)
    return command


def _clock_speed(text: str) -> float:
    """Return the number of times faster that a clock goes: 60 for `60x` or `60`."""
    try:
        speed = float(text.strip().lower().removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= MAX_CLOCK_SPEED:
        raise argparse.ArgumentTypeError(
            _("{text} isn't a speed from 1x to {last}x").format(text=repr(text), last=MAX_CLOCK_SPEED)
        )
    return speed


def _whole_numbers(text: str) -> list[int]:
    """Return whole numbers with commas between them: 5, 10 and 20 for `5,10,20`."""
    parts = text.split(",")
    if not all(part.strip().isdecimal() and len(part) < 10 for part in parts):
        raise argparse.ArgumentTypeError(_("{text} isn't whole numbers like 5,10,20").format(text=repr(text)))
    return [int(part) for part in parts]


class _Formatter(argparse.HelpFormatter):
    """Shows help in the operator's language."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Add the line that shows how the command is called."""
        # Translators: stands before the line that shows how a command is called; keep the space
        super().add_usage(usage, actions, groups, _("usage: ") if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """A parser whose own words are in the operator's language."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "add_help": False, "formatter_class": _Formatter})
        # Translators: headings in the help of a command: what is written behind it without and with dashes
        self._positionals.title = _("arguments")
        self._optionals.title = _("options")
        self.add_argument("-h", "--help", action="help", help=_("show this help and exit"))


def _add_command(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    """Add a command; `text` is its line in the list of commands, and heads its own help."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    return parser


def _build_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="marquee", description=_("A Discord bot for film servers."))
    parser.add_argument(
        "--version", action="version", version=version("marquee-bot"), help=_("show the version and exit")
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = _add_command(commands, "run", _("run the bot on Discord (DISCORD_TOKEN)"))
    run.set_defaults(command="run:run")

    try_page = _add_command(commands, "try", _("open the bot in a local web page, no token needed"))
    try_page.add_argument("--port", type=int, default=8333, help=_("the port on 127.0.0.1 (default: %(default)s)"))
    try_page.add_argument(
        "--clock",
        type=_clock_speed,
        metavar="SPEED",
        help=_("show a clock that runs this many times faster, such as 60x"),
    )
    try_page.add_argument("--tmdb-replay", metavar="DIR", help=_("use the TMDB replies saved in DIR"))
    try_page.add_argument(
        "--no-tmdb", action="store_true", help=_("show no posters or streaming, as without a TMDB key")
    )
    try_page.add_argument("--no-browser", action="store_true", help=_("only print the page's address"))
    try_page.add_argument(
        "--language",
        default="en-US",
        metavar="LANGUAGE",
        help=_("the language of Discord's clients, such as de (default: English)"),
    )
    try_page.add_argument("--direct", action="store_true", help=_("show a member's direct messages with the bot"))
    try_page.set_defaults(command="try_page:open_try_page")

    find = _add_command(commands, "find", _("look up titles, from standard input if none is given"))
    find.add_argument("title", nargs="*", metavar="TITLE", help=_("one or more titles"))
    find.add_argument("--json", action="store_true", help=_("print a JSON line per query"))
    find.add_argument(
        "--limit", type=int, default=5, metavar="N", help=_("films per query (default: %(default)s)")
    )
    find.add_argument("--year", type=int, help=_("prefer films of that year"))
    find.set_defaults(command="find:find")

    ask = _add_command(
        commands,
        "ask",
        _("ask in your own words (in English), line by line from standard input if no text is given"),
    )
    ask.add_argument(
        "text", nargs="*", metavar="TEXT", help=_("what you'd like to watch, or what you remember of a film")
    )
    ask.add_argument(
        "--json", action="store_true", help=_("print a JSON line per question (docs/conversation.md)")
    )
    ask.set_defaults(command="ask:ask")

    _add_imports(_add_command(commands, "import", _("load films and ratings")))

    evaluation = _add_command(commands, "evaluate", _("measure recommendations on ratings of your own"))
    evaluation.add_argument(
        "file", metavar="FILE", help=_("a CSV file with the columns member, film (our id or IMDb's) and stars")
    )
    evaluation.add_argument(
        "--known",
        type=_whole_numbers,
        default=[5, 10, 20],
        metavar="N,N",
        help=_("how many of a member's ratings are known, one number or several (default: 5,10,20)"),
    )
    evaluation.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help=_("the seed for choosing members at random (default: %(default)s)"),
    )
    evaluation.set_defaults(command="evaluate:evaluate_ratings")

    doctor = _add_command(commands, "doctor", _("check settings, database and catalogue"))
    doctor.set_defaults(command="doctor:doctor")

    invite = _add_command(commands, "invite", _("print the address that adds the bot to a server"))
    invite.set_defaults(command="discord_app:invite")

    sync = _add_command(
        commands, "sync", _("send the commands to Discord again; the bot does this when they change")
    )
    sync.add_argument("--guild", type=int, metavar="ID", help=_("only for this server, where they show at once"))
    sync.set_defaults(command="discord_app:sync")

    emojis = _add_command(commands, "emojis", _("upload pictures of stars, which the bot shows instead of text"))
    emojis.add_argument("--remove", action="store_true", help=_("delete them again"))
    emojis.set_defaults(command="discord_app:emojis")

    health = _add_command(commands, "health", _("check that the running bot works (HEALTH_PORT)"))
    health.set_defaults(command="health:health")

    verify = _add_command(commands, "verify", _("check stored totals and counts"))
    verify.add_argument("--repair", action="store_true", help=_("fix what's wrong; the bot can keep running"))
    verify.set_defaults(command="verify:verify")

    recount = _add_command(commands, "recount", _("count the ballots of a film night again, from its file"))
    recount.add_argument(
        "file", metavar="FILE", help=_("the ballots, from “How this was counted” under the result")
    )
    recount.set_defaults(command="recount:recount")

    backup = _add_command(commands, "backup", _("copy the database to a new file, while it is in use"))
    backup.add_argument("file", metavar="FILE", help=_("the new file, which must not exist"))
    backup.set_defaults(command="backup:backup")

    restore = _add_command(commands, "restore", _("put a backup in the database's place; stop the bot first"))
    restore.add_argument("file", metavar="FILE", help=_("what `marquee backup` or pg_dump --format=custom wrote"))
    restore.add_argument(
        "--discard",
        action="store_true",
        help=_("PostgreSQL: keep no copy of what is there; SQLite always keeps it"),
    )
    restore.set_defaults(command="backup:restore")
    return parser


def _add_imports(imports: argparse.ArgumentParser) -> None:
    """Add a parser for each source that can be imported."""
    sources = imports.add_subparsers(required=True, metavar="SOURCE")
    starter = _add_command(sources, "starter", _("the starter catalogue, or a file in its format"))
    starter.add_argument("file", nargs="?", metavar="FILE", help=_("a JSON Lines file (default: the bundled one)"))
    starter.set_defaults(command="imports:import_starter")
    imdb = _add_command(sources, "imdb", _("IMDb's own dataset files, which you bring (docs/catalogue.md)"))
    imdb.add_argument("folder", metavar="DIR", help=_("the folder with the six .tsv.gz or .tsv files"))
    imdb.add_argument("--shorts", action="store_true", help=_("take short films too"))
    imdb.add_argument("--adult", action="store_true", help=_("take adult titles too"))
    imdb.set_defaults(command="imports:import_imdb")

    ratings = _add_command(sources, "ratings", _("a server's ratings and diaries, moved from another bot"))
    ratings.add_argument(
        "file", metavar="FILE", help=_("a CSV file with the columns member, film and stars: docs/imports.md")
    )
    ratings.add_argument(
        "--server", type=int, metavar="ID", help=_("the server's id, if the file has no column `server`")
    )
    ratings.set_defaults(command="ratings:import_ratings")
    movielens = _add_command(sources, "movielens", _("a MovieLens folder of ratings, to learn from"))
    movielens.add_argument(
        "folder",
        metavar="DIR",
        help=_("the folder with ratings.csv, movies.csv and links.csv; check the data set's terms of use"),
    )
    movielens.set_defaults(command="imports:import_movielens")


if __name__ == "__main__":
    sys.exit(main())
