"""How long `marquee try` takes until its page answers: the first time, and with the database made before."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request


def seconds_to_page(folder: str) -> float:
    """Start the page, wait for its first answer, stop it, and give the seconds it took."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "try", "--port", "0"],
        env={**os.environ, "MARQUEE_DATA_DIR": folder, "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = process.stdout.readline().split("Marquee is at ")[1].split("#")[0]
    with urllib.request.urlopen(address) as page:
        page.read()
    taken = time.perf_counter() - begin
    process.send_signal(signal.SIGINT)
    process.communicate()
    return taken


def main(again: int = 5) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        first = seconds_to_page(folder)
        later = statistics.median(seconds_to_page(folder) for _ in range(again))
    print(
        f"try: the page answers after {first:.2f} s the first time, {later:.2f} s after that (median of {again})"
    )


if __name__ == "__main__":
    main()
