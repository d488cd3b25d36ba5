"""Runs `marquee run` in a process of its own, connected to the stand-in for Discord."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NoReturn

from tests.command_line import PROCESSES
from tests.gateway.standin import TIMEOUT, TOKEN, StandIn


class BotProcess:
    """A running `marquee run`."""

    def __init__(self, process: ForkServerProcess, log_file: Path) -> None:
        self._process = process
        self._log_file = log_file
        process.start()

    @property
    def log(self) -> str:
        """What the process has written, to standard output or to standard error."""
        return self._log_file.read_text(encoding="utf-8") if self._log_file.exists() else ""

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    async def wait(self) -> int:
        """Return the exit code once the process has ended by itself."""
        await asyncio.to_thread(self._process.join, TIMEOUT)
        if self._process.exitcode is None:
            raise TimeoutError("the bot does not end")
        return self._process.exitcode

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal and return the exit code and the seconds until the process ended."""
        started = time.monotonic()
        self.send_signal(number)
        return await self.wait(), time.monotonic() - started

    async def wait_for_log(self, text: str) -> None:
        """Wait until the process has written that text."""
        deadline = time.monotonic() + TIMEOUT
        while text not in self.log and time.monotonic() < deadline:  # noqa: ASYNC110  (a file has no event)
            await asyncio.sleep(0.05)
        assert text in self.log, self.log

    def kill(self) -> None:
        """End the process if it still runs."""
        self._process.kill()
        self._process.join()


@asynccontextmanager
async def running_bot(discord: StandIn, folder: Path, **environ: str) -> AsyncIterator[BotProcess]:
    """Start the bot with its data in `folder`; at the end it is killed if it still runs."""
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TMDB_TOKEN")}
    settings = {"DISCORD_TOKEN": TOKEN, "MARQUEE_DATA_DIR": str(folder), "LOG_LEVEL": "WARNING", **environ}
    log_file = folder / "bot.log"
    bot = BotProcess(PROCESSES.Process(target=_run, args=(discord.url, clean | settings, log_file)), log_file)
    try:
        yield bot
    finally:
        bot.kill()


def _run(url: str, environ: dict[str, str], log_file: Path) -> NoReturn:
    """Run the bot as the command line does, with a stand-in in Discord's place."""
    os.environ.clear()
    os.environ.update(environ, DISCORD_STANDIN_URL=url)
    with log_file.open("wb") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())

    from bot.__main__ import main  # imported by the process that this one was forked from

    sys.exit(main(["run"]))
