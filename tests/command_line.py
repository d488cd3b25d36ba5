"""The command line as an operator uses it: each command in a process of its own.

The processes are forked off one that has imported the bot, or most of their time would go into importing it.
"""

import multiprocessing
import os
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

Done = subprocess.CompletedProcess[str]
TIMEOUT = 60
"""Seconds that a command may take."""
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [
        "bot.__main__",
        "bot.cli.run",
        "bot.cli.find",
        "bot.cli.imports",
        "bot.cli.evaluate",
        "bot.cli.doctor",
        "bot.cli.backup",
    ]
)


def marquee(*arguments: str, folder: Path, stdin: str = "", **environ: str) -> Done:
    """Run the command in `folder`, with a data folder of its own below it."""
    clean = {name: value for name, value in os.environ.items() if name not in ("DISCORD_TOKEN", "DATABASE_URL")}
    environ = {**clean, "MARQUEE_DATA_DIR": str(folder / "data"), **environ}
    given, out, errors = (folder / f".{name}" for name in ("stdin", "stdout", "stderr"))
    given.write_text(stdin, encoding="utf-8")
    process = _processes.Process(target=_run, args=(arguments, folder, environ, (given, out, errors)))
    process.start()
    process.join(TIMEOUT)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"marquee {' '.join(arguments)}")
    told = (path.read_text(encoding="utf-8") for path in (out, errors))
    return Done(arguments, process.exitcode, *told)


def _run(
    arguments: Sequence[str], folder: Path, environ: dict[str, str], files: tuple[Path, Path, Path]
) -> NoReturn:
    """Become the command: in its folder, with its environment, its output in files."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    given, out, errors = files
    sys.stdin = given.open(encoding="utf-8")
    for path, stream in ((out, sys.stdout), (errors, sys.stderr)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    from bot.__main__ import main  # the test's own process needs none of it

    try:
        status = main(arguments)
    except Exception:  # as the interpreter itself would
        traceback.print_exc()
        status = 1
    sys.exit(status)
