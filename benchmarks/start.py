"""Measures the time until the page of `marquee try` answers, and until `marquee find` prints its first result."""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path


def start_process(folder: str, *command: str) -> subprocess.Popen[str]:
    """Start a command with its data in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *command],
        env={**os.environ, "MARQUEE_DATA_DIR": folder, "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        text=True,
    )


def seconds_to_page(folder: str) -> float:
    """Return the seconds from the start of the process to the page's first response."""
    start = time.perf_counter()
    process = start_process(folder, "try", "--port", "0")
    assert process.stdout is not None
    address = process.stdout.readline().split("Marquee is at ")[1].split("#")[0]
    with urllib.request.urlopen(address) as page:
        page.read()
    seconds = time.perf_counter() - start
    process.send_signal(signal.SIGINT)
    process.communicate()
    return seconds


def seconds_to_film(folder: str) -> float:
    """Return the seconds from the start of the process to the first result."""
    start = time.perf_counter()
    process = start_process(folder, "find", "--json", "ballerina")
    assert process.stdout is not None
    assert process.stdout.readline().startswith('{"query"')
    seconds = time.perf_counter() - start
    process.communicate()
    return seconds


def main(rounds: int = 5) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="a data directory in use, such as one with IMDb's films, for `find`"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        first = seconds_to_page(folder)
        later = statistics.median(seconds_to_page(folder) for _ in range(rounds))
        data = str(arguments.data or folder)
        seconds_to_film(data)  # the index may have to be built
        find_seconds = statistics.median(seconds_to_film(data) for _ in range(rounds))
    print(
        f"try: the page answers after {first:.2f} s the first time, {later:.2f} s after that (median of {rounds})"
    )
    print(f"find: the first answer after {find_seconds:.2f} s (median of {rounds})")


if __name__ == "__main__":
    main()
