"""What the process as a whole does: pause garbage collection, react to stop signals, end with its first task."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Iterator
from types import FrameType

log = logging.getLogger(__name__)
STOP_SECONDS = 10.0
"""How long a stop may take. Docker sends SIGKILL after as long."""


@contextlib.contextmanager
def gc_paused() -> Iterator[None]:
    """Pause Python's garbage collector: for work that makes many objects and no reference cycles.

    A full collection takes about 100 ms here.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def gc_frozen() -> Iterator[None]:
    """Pause the collector, then exempt from it all objects there are: they live as long as the process."""
    with gc_paused():
        yield
        gc.freeze()


@contextlib.contextmanager
def stop_signal() -> Iterator[asyncio.Event]:
    """Yield an event that is set by Ctrl-C, and by SIGTERM, which service managers and containers send.

    A second signal ends the process at once, and so does a stop that takes longer than STOP_SECONDS, whatever the
    process is waiting for: what was acknowledged is on the disk.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int, _frame: FrameType | None) -> None:
        if stopped.is_set() or deadline.is_alive():
            os._exit(128 + number)
        deadline.start()
        loop.call_soon_threadsafe(stopped.set)

    # A thread, since what hangs may be the event loop, or the end of Python, which waits for all other threads.
    deadline = threading.Timer(STOP_SECONDS, _give_up)
    deadline.daemon = True
    # Not the loop's own handlers: they do nothing while the loop hangs, and a container's first process, which
    # Marquee may be, ignores signals without a handler.
    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        # After a signal they stay: the process still has to end, and the second signal still ends it.
        if not deadline.is_alive():
            for number, handler in previous.items():
                signal.signal(number, handler)


def _give_up() -> None:
    log.warning("not everything could be closed within %.0f seconds", STOP_SECONDS)
    logging.shutdown()
    os._exit(1)


async def first_completed(*awaitables: Awaitable[object]) -> None:
    """Wait until one of the awaitables is done, and cancel the others. Raises what the completed one raised."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
