"""Runs the command line as an operator does: each command in a process of its own.

The processes are forked from one that has imported the bot, or most of their time would go into importing it.
"""

import multiprocessing
import os
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

Result = subprocess.CompletedProcess[str]
TIMEOUT = 60
"""Seconds that a command may take."""
PROCESSES = multiprocessing.get_context("forkserver")
_COMMANDS = (
    "ask",
    "backup",
    "discord_app",
    "doctor",
    "evaluate",
    "find",
    "health",
    "imports",
    "ratings",
    "run",
    "try_page",
    "verify",
)
PROCESSES.set_forkserver_preload(["bot.__main__", *(f"bot.cli.{name}" for name in _COMMANDS)])


def marquee(*arguments: str, folder: Path, stdin: str = "", **environ: str) -> Result:
    """Run the command in `folder`, with a data folder of its own below it."""
    clean = {name: value for name, value in os.environ.items() if name not in ("DISCORD_TOKEN", "DATABASE_URL")}
    environ = {**clean, "MARQUEE_DATA_DIR": str(folder / "data"), **environ}
    stdin_file, stdout_file, stderr_file = (folder / f".{name}" for name in ("stdin", "stdout", "stderr"))
    stdin_file.write_text(stdin, encoding="utf-8")
    process = PROCESSES.Process(
        target=_run, args=(arguments, folder, environ, (stdin_file, stdout_file, stderr_file))
    )
    process.start()
    process.join(TIMEOUT)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"marquee {' '.join(arguments)}")
    output = (path.read_text(encoding="utf-8") for path in (stdout_file, stderr_file))
    return Result(arguments, process.exitcode, *output)


def _run(
    arguments: Sequence[str], folder: Path, environ: dict[str, str], files: tuple[Path, Path, Path]
) -> NoReturn:
    """Run the command in its folder and environment, with its input and output in files, and end the process."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    stdin_file, stdout_file, stderr_file = files
    sys.stdin = stdin_file.open(encoding="utf-8")
    for path, stream in ((stdout_file, sys.stdout), (stderr_file, sys.stderr)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    from bot.__main__ import main  # the test's own process need not import it

    try:
        status = main(arguments)
    except Exception:  # as the interpreter itself would
        traceback.print_exc()
        status = 1
    sys.exit(status)
