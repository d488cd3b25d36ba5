"""The progress of an import: rows, rate and time left, as a bar on a terminal, as lines elsewhere."""

import sys
import time
from typing import Any, Protocol, TextIO

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 10.0


class Progress(Protocol):
    """Shows one step after the other."""

    def start_step(self, label: str, total: int) -> None:
        """Start a step of that much work, in whatever unit."""
        ...

    def update(self, done: int, rows: int) -> None:
        """Show how much of the work is done, and how many rows that was."""
        ...

    def end_step(self) -> None:
        """End the step."""
        ...


def progress_on(stream: TextIO = sys.stderr) -> Progress:
    """Return a bar for a terminal, lines for any other stream."""
    return ProgressBar(stream) if stream.isatty() else ProgressLines(stream)


class _Step:
    """The current step: its size, its start and its rows so far."""

    def __init__(self, label: str, total: int) -> None:
        self.label = label
        self.total = max(1, total)
        self.rows = 0
        self._started_at = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._started_at

    @property
    def summary(self) -> str:
        """Rows and rate."""
        return f"{self.rows:,} rows, {self.rows / max(self.seconds, 1e-3):,.0f} rows/s"


class ProgressBar:
    """A bar that fills."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._step = _Step("", 1)
        self._bar: tqdm[Any] | None = None

    def start_step(self, label: str, total: int) -> None:
        """Draw an empty bar."""
        self._step = _Step(label, total)
        layout = "{desc:<26} {percentage:3.0f}% {bar:20} {elapsed}, left {remaining}{postfix}"
        self._bar = tqdm(
            total=self._step.total, desc=label, bar_format=layout, file=self._stream, dynamic_ncols=True
        )

    def update(self, done: int, rows: int) -> None:
        """Fill it up to there."""
        if self._bar is not None:
            self._step.rows = rows
            self._bar.set_postfix_str(self._step.summary, refresh=False)
            self._bar.update(min(done, self._step.total) - self._bar.n)

    def end_step(self) -> None:
        """Fill the bar and leave it on the screen."""
        if self._bar is not None:
            self._bar.update(self._step.total - self._bar.n)
            self._bar.close()
            self._bar = None


class ProgressLines:
    """A line every ten seconds and at the end of a step."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._step = _Step("", 1)
        self._next_line_at = 0.0

    def start_step(self, label: str, total: int) -> None:
        """Start counting the step's seconds."""
        self._step = _Step(label, total)
        self._next_line_at = SECONDS_BETWEEN_LINES

    def update(self, done: int, rows: int) -> None:
        """Print a line if ten seconds have passed since the last."""
        step = self._step
        step.rows = rows
        if step.seconds >= self._next_line_at and done:
            self._next_line_at = step.seconds + SECONDS_BETWEEN_LINES
            share = min(1.0, done / step.total)
            left = step.seconds * (1 - share) / share
            self._print(f"{share:.0%}, {step.summary}, {left:,.0f} s left")

    def end_step(self) -> None:
        """Print the step's rows, rate and seconds."""
        self._print(f"{self._step.summary}, {self._step.seconds:,.1f} s")

    def _print(self, text: str) -> None:
        print(f"{self._step.label}: {text}", file=self._stream, flush=True)
