"""How long `marquee try` takes until its page answers, and `marquee find` until it prints what it found."""

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


def started(folder: str, *command: str) -> subprocess.Popen[str]:
    """Start the command on the data in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *command],
        env={**os.environ, "MARQUEE_DATA_DIR": folder, "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        text=True,
    )


def seconds_to_page(folder: str) -> float:
    """Start the page, wait for its first answer, stop it, and give the seconds it took."""
    begin = time.perf_counter()
    process = started(folder, "try", "--port", "0")
    assert process.stdout is not None
    address = process.stdout.readline().split("Marquee is at ")[1].split("#")[0]
    with urllib.request.urlopen(address) as page:
        page.read()
    taken = time.perf_counter() - begin
    process.send_signal(signal.SIGINT)
    process.communicate()
    return taken


def seconds_to_film(folder: str) -> float:
    """Look a title up in a new process and give the seconds until its answer is printed."""
    begin = time.perf_counter()
    process = started(folder, "find", "--json", "ballerina")
    assert process.stdout is not None
    assert process.stdout.readline().startswith('{"query"')
    taken = time.perf_counter() - begin
    process.communicate()
    return taken


def main(again: int = 5) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="a data directory in use, such as one with IMDb's films, for `find`"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        first = seconds_to_page(folder)
        later = statistics.median(seconds_to_page(folder) for _ in range(again))
        data = str(given.data or folder)
        seconds_to_film(data)  # the index may have to be built
        found = statistics.median(seconds_to_film(data) for _ in range(again))
    print(
        f"try: the page answers after {first:.2f} s the first time, {later:.2f} s after that (median of {again})"
    )
    print(f"find: the first answer after {found:.2f} s (median of {again})")


if __name__ == "__main__":
    main()
