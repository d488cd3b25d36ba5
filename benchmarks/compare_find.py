"""Compare title look-up of this checkout with another one: the same results, and how long they take.

    python -m benchmarks.compare_find OTHER_CHECKOUT QUERIES.txt --data DIR --other-data DIR [--limit 25]

Both checkouts run `marquee find --json` on a data directory of their own with the same catalogue: each builds an
index file in its own format. QUERIES.txt holds one query a line. The processes take turns of `--batch` queries, so
that other load on the machine slows both alike; with several `--rounds` the best time of each query counts. The
exit status is 1 if any result differs.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path


class FindProcess:
    """A running `marquee find --json` of one checkout."""

    def __init__(self, checkout: Path, data_dir: Path, limit: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "find", "--json", "--limit", str(limit)],
            cwd=checkout,
            env={**os.environ, "MARQUEE_DATA_DIR": str(data_dir)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def search(self, query: str) -> tuple[dict, float]:
        """Return the reply without its time, and its time in milliseconds."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{query}\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        return reply, reply.pop("ms")

    def close(self) -> None:
        """Close its input and wait until it ends."""
        self._process.communicate()


def describe_times(name: str, times: list[float]) -> str:
    """Return the mean, the median and the 99th percentile."""
    ordered = sorted(times)
    return (
        f"{name}: mean {statistics.fmean(ordered):.3f} ms, median {statistics.median(ordered):.3f} ms, "
        f"p99 {ordered[int(len(ordered) * 0.99)]:.3f} ms"
    )


def main() -> int:
    """Print how many results differ and the times; return 1 if any result differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("queries", type=Path, help="one query a line")
    parser.add_argument("--data", type=Path, required=True, help="data directory of this checkout")
    parser.add_argument("--other-data", type=Path, required=True, help="data directory of the other one")
    parser.add_argument("--limit", type=int, default=25)
    parser.add_argument("--batch", type=int, default=20, help="queries before the other has its turn")
    parser.add_argument("--rounds", type=int, default=1, help="how often all queries are asked")
    params = parser.parse_args()
    queries = params.queries.read_text(encoding="utf-8").splitlines()
    processes = {
        "this": FindProcess(Path(__file__).parent.parent, params.data, params.limit),
        "other": FindProcess(params.other, params.other_data, params.limit),
    }
    for process in processes.values():
        process.search("warm up")
    best_times = {name: [float("inf")] * len(queries) for name in processes}
    different: list[str] = []
    for number in range(params.rounds):
        for start in range(0, len(queries), params.batch):
            batch = queries[start : start + params.batch]
            replies: dict[str, list[dict]] = {}
            # Which process goes first alternates: the second finds the processor's caches warmer.
            order = list(processes) if (start // params.batch + number) % 2 else list(reversed(processes))
            for name in order:
                results = [processes[name].search(query) for query in batch]
                replies[name] = [reply for reply, _ in results]
                for position, (_, milliseconds) in enumerate(results, start):
                    best_times[name][position] = min(best_times[name][position], milliseconds)
            pairs = zip(batch, replies["this"], replies["other"], strict=True)
            different += [query for query, this, other in pairs if this != other]
    for process in processes.values():
        process.close()
    print(f"{len(queries):,} queries, {params.rounds} rounds, {len(set(different)):,} with different results")
    for query in list(dict.fromkeys(different))[:10]:
        print(f"  different: {query!r}")
    for name, times in best_times.items():
        print(describe_times(name, times))
    for name, measure in (("mean", statistics.fmean), ("median", statistics.median)):
        print(
            f"ratio of the {name}s, this / other: {measure(best_times['this']) / measure(best_times['other']):.3f}"
        )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
