"""Runs the command line as an operator does: each command in a process of its own.

The processes are forked from one that has imported the bot, or most of their time would go into importing it.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

Result = subprocess.CompletedProcess[str]
TIMEOUT = 60
"""Seconds that a command may take."""
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.preloaded"])


class RunningCommand:
    """A command that runs in a process of its own, in `folder`, with a data folder of its own below it.

    `prepare`, a function of a module's, is called in the process before the command.
    """

    def __init__(
        self,
        *arguments: str,
        folder: Path,
        stdin: bytes = b"",
        prepare: Callable[[], None] | None = None,
        **environ: str,
    ) -> None:
        hidden = ("DISCORD_TOKEN", "DATABASE_URL")
        clean = {name: value for name, value in os.environ.items() if name not in hidden}
        environ = {**clean, "MARQUEE_DATA_DIR": str(folder / "data"), **environ}
        self._arguments = arguments
        self._files = tuple(folder / f".{name}" for name in ("stdin", "stdout", "stderr"))
        self._files[0].write_bytes(stdin)
        for path in self._files[1:]:
            path.write_bytes(b"")
        self._process = PROCESSES.Process(target=_run, args=(arguments, folder, environ, self._files, prepare))
        self._process.start()

    def wait_for_output(self, text: str) -> str:
        """Wait until the command has printed that text; return all that it has printed."""
        deadline = time.monotonic() + TIMEOUT
        while text not in (output := self._read(1)):
            assert time.monotonic() < deadline, self._read(2)
            assert self._process.is_alive(), self._read(2)
            time.sleep(0.02)
        return output

    def send_signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def wait(self) -> Result:
        """Return what the command printed once it has ended."""
        self._process.join(TIMEOUT)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
            raise TimeoutError(f"marquee {' '.join(self._arguments)}")
        return Result(self._arguments, self._process.exitcode, self._read(1), self._read(2))

    def _read(self, number: int) -> str:
        return self._files[number].read_text(encoding="utf-8")


def marquee(
    *arguments: str,
    folder: Path,
    stdin: str | bytes = "",
    prepare: Callable[[], None] | None = None,
    **environ: str,
) -> Result:
    """Run the command as RunningCommand does and return what it printed."""
    content = stdin.encode() if isinstance(stdin, str) else stdin
    return RunningCommand(*arguments, folder=folder, stdin=content, prepare=prepare, **environ).wait()


def _run(
    arguments: Sequence[str],
    folder: Path,
    environ: dict[str, str],
    files: tuple[Path, ...],
    prepare: Callable[[], None] | None,
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

    if prepare is not None:
        prepare()
    try:
        status: int = main(arguments)
    except Exception:  # as the interpreter itself would
        traceback.print_exc()
        status = 1
    sys.exit(status)
