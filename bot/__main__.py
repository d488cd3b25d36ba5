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


def _build_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="marquee", description=_("A Discord bot for film servers."))
    parser.add_argument(
        "--version", action="version", version=version("marquee-bot"), help=_("show the version and exit")
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help=_("run the bot on Discord (DISCORD_TOKEN)"))
    run.set_defaults(command="run:run")

    try_page = commands.add_parser("try", help=_("open the bot in a local web page, no token needed"))
    try_page.add_argument("--port", type=int, default=8333, help=_("the port on 127.0.0.1 (default: %(default)s)"))
    try_page.add_argument(
        "--clock", type=_clock_speed, metavar="60x", help=_("show a clock that runs this many times faster")
    )
    try_page.add_argument("--tmdb-replay", metavar="DIR", help=_("use the TMDB replies saved in DIR"))
    try_page.add_argument(
        "--no-tmdb", action="store_true", help=_("show no posters or streaming, as without a TMDB key")
    )
    try_page.add_argument("--no-browser", action="store_true", help=_("only print the page's address"))
    try_page.add_argument(
        "--language",
        default="en-US",
        metavar="de",
        help=_("the language of Discord's clients (default: English)"),
    )
    try_page.add_argument("--direct", action="store_true", help=_("show a member's direct messages with the bot"))
    try_page.set_defaults(command="try_page:open_try_page")

    find = commands.add_parser("find", help=_("look up titles, from standard input if none is given"))
    find.add_argument("title", nargs="*", help=_("one or more titles"))
    find.add_argument("--json", action="store_true", help=_("print a JSON line per query"))
    find.add_argument("--limit", type=int, default=5, help=_("films per query (default: %(default)s)"))
    find.add_argument("--year", type=int, help=_("prefer films of that year"))
    find.set_defaults(command="find:find")

    ask = commands.add_parser(
        "ask", help=_("ask in plain English words, line by line from standard input if no text is given")
    )
    ask.add_argument("text", nargs="*", help=_("what you'd like to watch, or what you remember of a film"))
    ask.add_argument(
        "--json", action="store_true", help=_("print a JSON line per question (docs/conversation.md)")
    )
    ask.set_defaults(command="ask:ask")

    _add_imports(commands.add_parser("import", help=_("load films and ratings")))

    evaluation = commands.add_parser("evaluate", help=_("measure recommendations on ratings of your own"))
    evaluation.add_argument(
        "file", help=_("a CSV file with the columns member, film (our id or IMDb's) and stars")
    )
    evaluation.add_argument(
        "--known",
        type=int,
        nargs="+",
        default=[5, 10, 20],
        help=_("how many of a member's ratings are known, one number or several"),
    )
    evaluation.add_argument(
        "--seed", type=int, default=1, help=_("the random number that chooses members (default: %(default)s)")
    )
    evaluation.set_defaults(command="evaluate:evaluate_ratings")

    doctor = commands.add_parser("doctor", help=_("check settings, database and catalogue"))
    doctor.set_defaults(command="doctor:doctor")

    invite = commands.add_parser("invite", help=_("print the address that adds the bot to a server"))
    invite.set_defaults(command="discord_app:invite")

    sync = commands.add_parser(
        "sync", help=_("send the commands to Discord again; the bot does this when they change")
    )
    sync.add_argument("--guild", type=int, metavar="ID", help=_("only for this server, where they show at once"))
    sync.set_defaults(command="discord_app:sync")

    emojis = commands.add_parser("emojis", help=_("upload pictures of stars, which the bot shows instead of text"))
    emojis.add_argument("--remove", action="store_true", help=_("delete them again"))
    emojis.set_defaults(command="discord_app:emojis")

    health = commands.add_parser("health", help=_("check that the running bot works (HEALTH_PORT)"))
    health.set_defaults(command="health:health")

    verify = commands.add_parser("verify", help=_("check stored totals and counts"))
    verify.add_argument("--repair", action="store_true", help=_("fix what's wrong; the bot can keep running"))
    verify.set_defaults(command="verify:verify")

    recount = commands.add_parser("recount", help=_("count the ballots of a film night again, from its file"))
    recount.add_argument("file", help=_("the ballots, from “How this was counted” under the result"))
    recount.set_defaults(command="recount:recount")

    backup = commands.add_parser("backup", help=_("copy the database to a new file, while it is in use"))
    backup.add_argument("file", help=_("the new file, which must not exist"))
    backup.set_defaults(command="backup:backup")

    restore = commands.add_parser("restore", help=_("put a backup in the database's place; stop the bot first"))
    restore.add_argument("file", help=_("what `marquee backup` or pg_dump --format=custom wrote"))
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
    starter = sources.add_parser("starter", help=_("the starter catalogue, or a file in its format"))
    starter.add_argument("file", nargs="?", help=_("a JSON Lines file (default: the bundled one)"))
    starter.set_defaults(command="imports:import_starter")
    imdb = sources.add_parser("imdb", help=_("IMDb's own dataset files, which you bring (docs/catalogue.md)"))
    imdb.add_argument("folder", metavar="DIR", help=_("the folder with the six .tsv.gz or .tsv files"))
    imdb.add_argument("--shorts", action="store_true", help=_("take short films too"))
    imdb.add_argument("--adult", action="store_true", help=_("take adult titles too"))
    imdb.set_defaults(command="imports:import_imdb")

    ratings = sources.add_parser("ratings", help=_("a server's ratings and diaries, moved from another bot"))
    ratings.add_argument("file", help=_("a CSV file with the columns member, film and stars: docs/imports.md"))
    ratings.add_argument("--server", type=int, help=_("the server's id, if the file has no column `server`"))
    ratings.set_defaults(command="ratings:import_ratings")
    movielens = sources.add_parser("movielens", help=_("a MovieLens folder of ratings, to learn from"))
    movielens.add_argument("folder", help=_("with ratings.csv, movies.csv and links.csv; mind the set's terms"))
    movielens.set_defaults(command="imports:import_movielens")


if __name__ == "__main__":
    sys.exit(main())
