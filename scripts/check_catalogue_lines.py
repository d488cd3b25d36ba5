"""Run a catalogue checker and fail on any line it prints that data/README.md does not justify.

    python scripts/check_catalogue_lines.py CHECKER.py

The checker is called with the catalogue's path and prints `LINE: Title (Year): problem` for what to look into.
A line is justified where the README's table has a cell with that title and year.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PROBLEM = re.compile(r"^\d+: (?P<title>.+) \((?P<year>\d{4})\): ")


def main(checker: str) -> int:
    """Return 0 where every line is justified, else 1."""
    command = [sys.executable, checker, str(ROOT / "data" / "films.jsonl")]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    if not printed:
        print("the checker said nothing")
        return 1
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    problems = [(match, line) for line in printed if (match := _PROBLEM.match(line))]
    unjustified = [line for match, line in problems if f"| *{match['title']}* ({match['year']}) |" not in readme]
    print(*printed[-1:], *unjustified, sep="\n")
    return 1 if unjustified else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
