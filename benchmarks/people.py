"""Measures what the index of people costs: processor time of a search, and memory, with made-up names.

python -m benchmarks.people [--people 30000]
"""

import argparse
import random
import time
import tracemalloc
from typing import Any

from bot.films.models import Person
from bot.films.people_service import PEOPLE_IN_MEMORY, PersonService

SYLLABLES = [consonant + vowel for consonant in "bdklmnrstvgpfhjw" for vowel in "aeiou"]


def made_up(count: int) -> list[Person]:
    """Return that many people, some of whom share a first or last name."""
    rng = random.Random(3)
    names = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))).title() for _ in range(count // 3 + 10)]
    firsts = names[: len(names) // 4]
    return [
        Person(f"nm{at:07}", f"{rng.choice(firsts)} {rng.choice(names)}", 3, rng.random()) for at in range(count)
    ]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=PEOPLE_IN_MEMORY)
    arguments = parser.parse_args()
    no_repository: Any = None  # a search reads memory alone
    tracemalloc.start()
    everybody, people = made_up(arguments.people), PersonService(no_repository)
    people.set_people(everybody)
    people.search(everybody[0].name)  # the first search builds the index
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    times = []
    for person in random.Random(4).choices(everybody, k=200):
        name = person.name
        for text in (name, name.split()[1], name[:5], name[:3] + name[4:]):
            start = time.process_time()
            people.search(text)
            times.append((time.process_time() - start) * 1e3)
    times.sort()
    median, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    print(f"{arguments.people:,} people take {megabytes:.0f} MB")
    print(f"a search takes {median:.1f} ms of processor time, p99 {p99:.1f}")


if __name__ == "__main__":
    main()
