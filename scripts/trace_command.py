"""Print and count the project's files that a slash command runs through.

    python scripts/trace_command.py film ballerina
    python scripts/trace_command.py --functions "watchlist add" film=burning-2018

The real bot runs in a simulated Discord (SimCord) with the starter catalogue and a new database. A member uses
the command once, right after the start; the values fill the command's options in their order, or by name. With
`--after-autocomplete` the first value has been typed into autocomplete before, which leaves its search cached.

What counts: a file below `bot/` or `cogs/` in which at least one function or method is called, in any thread,
between the arrival of the interaction (discord.py's INTERACTION_CREATE) and the bot's last request to Discord
that answers it. What does not: code that runs while a module is imported, methods that dataclasses generate (no
file holds them), autocomplete, and background work that ends after the reply. The number before a file is how
many calls into it there were; `--functions` lists the functions.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import simcord
from discord import app_commands
from simcord.http import router

import bot
from bot.client import Marquee, create_bot
from bot.config import Settings
from bot.services import running_services

ROOT = Path(bot.__file__).resolve().parent.parent
PACKAGES = tuple(str(ROOT / name) + os.sep for name in ("bot", "cogs"))
Calls = Counter[tuple[str, str]]
"""Numbers of calls by file and function."""


class CallTracer:
    """Counts calls by function, from an interaction's arrival to the last request that answers it."""

    def __init__(self) -> None:
        self.calls: Calls = Counter()
        """Calls by file and function, as they were at the last answer."""
        self._running: Calls = Counter()
        self._is_tracing = False

    def attach(self, client: Marquee) -> None:
        """Watch the client's interactions and its requests to the simulated Discord."""
        parse, dispatch = client._connection.parsers["INTERACTION_CREATE"], router.dispatch

        def start_and_parse(data: Any) -> None:
            self._is_tracing = True
            parse(data)

        def record_and_dispatch(backend: Any, method: str, path: str, **rest: Any) -> Any:
            # The first answer goes to /interactions/…/callback, later ones to /webhooks/….
            if path.startswith(("/interactions/", "/webhooks/")):
                self.calls = self._running.copy()
            return dispatch(backend, method, path, **rest)

        client._connection.parsers["INTERACTION_CREATE"] = start_and_parse
        router.dispatch = record_and_dispatch

    def profile(self, frame: FrameType, event: str, _argument: object) -> None:
        """Count a call of a function of the project; the interpreter calls this (sys.setprofile)."""
        if not self._is_tracing or event != "call":
            return
        code = frame.f_code
        if code.co_filename.startswith(PACKAGES) and code.co_name != "<module>":
            self._running[code.co_filename, code.co_qualname] += 1


async def trace(name: str, values: list[str], *, after_autocomplete: bool) -> Calls:
    """Return the calls that the command `name` takes, used with these values."""
    tracer = CallTracer()
    threading.setprofile(tracer.profile)  # threads inherit it only if they start later
    with tempfile.TemporaryDirectory() as folder:
        async with running_services(Settings.from_env({"MARQUEE_DATA_DIR": folder})) as services:
            client = create_bot(services)
            async with simcord.run(client, settle_timeout=60.0) as env:
                guild = env.create_guild("Film club")
                channel, member = guild.create_text_channel("films"), guild.add_member(env.create_user("mina"))
                await env.settle()
                filled = options(client, name, values)
                if after_autocomplete and filled:
                    await member.autocomplete(channel, name, *next(iter(filled.items())))
                    await env.settle()
                tracer.attach(client)
                sys.setprofile(tracer.profile)
                await member.slash(channel, name, **filled)
                sys.setprofile(None)
    return tracer.calls


def options(client: Marquee, name: str, values: list[str]) -> dict[str, str]:
    """Return the values by the name of their option: `name=value`, or in the order of the command's options."""
    command: Any = client.tree
    for part in name.split():
        command = command.get_command(part)
    if not isinstance(command, app_commands.Command):
        raise SystemExit(f"there is no command /{name}")
    names = iter([parameter.display_name for parameter in command.parameters])
    return dict(value.split("=", 1) if "=" in value else (next(names), value) for value in values)


def main() -> None:
    """Trace the command and print the files, those with most calls first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", help="such as `film`, or `pick add` in quotation marks")
    parser.add_argument("values", nargs="*", metavar="value", help="of its options, in order, or as name=value")
    parser.add_argument("--functions", action="store_true", help="list each file's functions that were called")
    parser.add_argument("--after-autocomplete", action="store_true", help="type the first value before")
    arguments = parser.parse_args()
    calls = asyncio.run(
        trace(arguments.command, arguments.values, after_autocomplete=arguments.after_autocomplete)
    )
    files: Counter[str] = Counter()
    for (path, _), count in calls.items():
        files[path] += count
    for path, count in files.most_common():
        print(f"{count:6d}  {Path(path).relative_to(ROOT)}")
        if arguments.functions:
            print(*(f"{number:14d}  {name}" for (at, name), number in calls.items() if at == path), sep="\n")
    print(f"{len(files)} files visited by /{arguments.command}")


if __name__ == "__main__":
    main()
