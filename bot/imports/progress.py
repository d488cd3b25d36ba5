"""How far an import is: rows, rate and time left, as a bar on a terminal, as lines elsewhere."""

import sys
import time
from typing import Any, Protocol, TextIO

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 10.0


class Progress(Protocol):
    """Is told of one step after the other."""

    def begin(self, label: str, total: int) -> None:
        """Begin a step of that much work, in whatever unit."""
        ...

    def at(self, done: int, rows: int) -> None:
        """Tell how much of the work is done, and how many rows that was."""
        ...

    def end(self) -> None:
        """End the step."""
        ...


def progress_on(stream: TextIO = sys.stderr) -> Progress:
    """Give the kind that fits the stream."""
    return Bar(stream) if stream.isatty() else Lines(stream)


class Step:
    """What both kinds know of the step they are at."""

    def __init__(self, label: str, total: int) -> None:
        self.label = label
        self.total = max(1, total)
        self.begun = time.monotonic()
        self.rows = 0

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.begun

    @property
    def told(self) -> str:
        """Rows and rate."""
        return f"{self.rows:,} rows, {self.rows / max(self.seconds, 1e-3):,.0f} rows/s"


class Bar:
    """A bar that fills."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._step = Step("", 1)
        self._bar: tqdm[Any] | None = None

    def begin(self, label: str, total: int) -> None:
        """Draw an empty bar."""
        self._step = Step(label, total)
        layout = "{desc:<26} {percentage:3.0f}% {bar:20} {elapsed}, left {remaining}{postfix}"
        self._bar = tqdm(
            total=self._step.total, desc=label, bar_format=layout, file=self._stream, dynamic_ncols=True
        )

    def at(self, done: int, rows: int) -> None:
        """Fill it so far."""
        if self._bar is not None:
            self._step.rows = rows
            self._bar.set_postfix_str(self._step.told, refresh=False)
            self._bar.update(min(done, self._step.total) - self._bar.n)

    def end(self) -> None:
        """Leave the full bar standing."""
        if self._bar is not None:
            self._bar.update(self._step.total - self._bar.n)
            self._bar.close()
            self._bar = None


class Lines:
    """A line every ten seconds and at the end of a step."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._step = Step("", 1)
        self._next = 0.0

    def begin(self, label: str, total: int) -> None:
        """Note the time."""
        self._step = Step(label, total)
        self._next = SECONDS_BETWEEN_LINES

    def at(self, done: int, rows: int) -> None:
        """Print a line if it is time for one."""
        step = self._step
        step.rows = rows
        if step.seconds >= self._next and done:
            self._next = step.seconds + SECONDS_BETWEEN_LINES
            share = min(1.0, done / step.total)
            left = step.seconds * (1 - share) / share
            self._print(f"{share:.0%}, {step.told}, {left:,.0f} s left")

    def end(self) -> None:
        """Print what the step came to."""
        self._print(f"{self._step.told}, {self._step.seconds:,.1f} s")

    def _print(self, told: str) -> None:
        print(f"{self._step.label}: {told}", file=self._stream, flush=True)
