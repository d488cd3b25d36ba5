"""Print the figures of the README: `python -m benchmarks`."""

from benchmarks import command_overhead, find, start


def main() -> None:
    """Run each benchmark in turn."""
    find.main()
    start.main()
    command_overhead.main()


if __name__ == "__main__":
    main()
