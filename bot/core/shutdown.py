"""How a process that runs until it is stopped hears that it is to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Iterator


@contextlib.contextmanager
def stop_signal() -> Iterator[asyncio.Event]:
    """Give an event that is set by Ctrl-C, and by SIGTERM, which service managers and containers send.

    Afterwards both do again what they do everywhere: whoever asks a second time need not wait.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        with contextlib.suppress(NotImplementedError):  # Windows has no handlers; Ctrl-C raises there
            loop.add_signal_handler(number, stopped.set)
    try:
        yield stopped
    finally:
        for number in numbers:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)


async def first_of(*awaitables: Awaitable[object]) -> None:
    """Wait until one of them is done, and end the others. Raises what the first that is done raised."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
