"""What the process as a whole does: pause garbage collection, react to stop signals, end with its first task."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Awaitable, Iterator


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

    Afterwards both signals have their default effect again: a second one ends the process at once.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers; Ctrl-C raises there
            loop.add_signal_handler(number, stopped.set)
    try:
        yield stopped
    finally:
        for number in signals:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)


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
