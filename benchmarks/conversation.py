"""Measures requests in plain words on the sets in `conversation_sets/`, and BM25 alone on the same descriptions.

python -m benchmarks.conversation [--all] [--failures]

Every second line of a set is `kept`: nothing was tuned on it, and its failures are not to be looked at. Without
`--all` the others are measured, and `--failures` prints what went wrong there. Intervals are Wilson's, 95%.
"""

import argparse
import json
import math
import sqlite3
import statistics
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bot.conversation.engine import ConversationEngine
from bot.conversation.models import Answer, Conversation, FilmDocument, Request, TextKind
from bot.core.text.origins import COUNTRY_WORDS
from bot.films.models import CreditJob, Film
from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry
from bot.sources import starter

SETS = Path(__file__).parent / "conversation_sets"
TODAY = date(2026, 11, 30)
FIELDS = (
    "genres", "any_genres", "not_genres", "countries", "languages", "not_languages", "year_from", "year_to",
    "runtime_min", "runtime_max", "people", "like", "services", "group",
)  # fmt: skip
BOUNDS = {
    "shorter": ("runtime", -1), "longer": ("runtime", 1), "newer": ("year", 1), "older": ("year", -1),
}  # fmt: skip


def read_set(name: str, *, kept: bool) -> Iterator[dict[str, Any]]:
    """Yield the lines of a set that are kept from tuning, or the others."""
    for line in (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["kept"] == kept:
            yield row


def load_films() -> list[Film]:
    """Return the starter catalogue's films."""
    return starter.load(starter.bundled_data_path("films.jsonl")).films


def create_document(film: Film) -> FilmDocument:
    """Return a film as it is searched."""
    return FilmDocument(
        id=film.id, title=film.title, year=film.year, runtime=film.runtime, countries=film.countries,
        languages=film.languages, genres=film.genres, logline=film.logline, keywords=film.keywords,
        directors=film.directors, writers=film.list_names(CreditJob.WRITER),
        cast=tuple(credit.name for credit in film.cast), roles=tuple(credit.role or "" for credit in film.cast),
        services=tuple(item.service for item in film.availability), fame=film.fame,
        other_titles=tuple(title for title in (film.original_title, *film.other_titles) if title != film.title),
    )  # fmt: skip


def create_engine(films: list[Film]) -> ConversationEngine:
    """Return the engine over these films, as the bot builds it from its database."""
    titles = TitleIndex(
        TitleEntry(
            film.id, film.title, film.original_title, film.year, film.directors, film.titles[1:], film.fame,
            languages=film.languages, countries=film.countries, genres=film.genres,
            cast=tuple(credit.name for credit in film.cast),
        )
        for film in films
    )  # fmt: skip
    return ConversationEngine(titles, [create_document(film) for film in films])


class FullText:
    """The peer: SQLite's FTS5 with its BM25, over the same fields."""

    def __init__(self, films: list[FilmDocument]) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, text, tokenize='porter')")
        rows = (
            (film.id, " ".join((film.logline, *film.keywords, film.title, *film.genres, *film.roles, *film.cast)))
            for film in films
        )
        self._connection.executemany("INSERT INTO texts VALUES (?, ?)", rows)

    def search(self, text: str) -> list[str]:
        """Return the ids of the five films that match best."""
        words = ["".join(filter(str.isalnum, word)) for word in text.split()]
        query = " OR ".join(f'"{word}"' for word in words if word)
        statement = "SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT 5"
        return [row[0] for row in self._connection.execute(statement, (query,))]


def interval(hits: int, count: int) -> str:
    """Return a share with its 95% interval after Wilson."""
    share, z = hits / count, 1.96
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return f"{share:.2f} [{centre - half:.2f}, {centre + half:.2f}] of {count}"


def normalise(understood: Request | dict[str, Any]) -> dict[str, Any]:
    """Return the constraints in a form that compares equal whatever their order."""
    values = {}
    for name in FIELDS:
        value = understood.get(name) if isinstance(understood, dict) else getattr(understood, name)
        if isinstance(value, list) and value and value[0].startswith("continent:"):
            value = COUNTRY_WORDS[{"africa": "african", "asia": "asian"}[value[0].partition(":")[2]]]
        values[name] = (sorted(value) if isinstance(value, list | tuple) else value) or None
    return values


class Measurement:
    """Measures one half of the sets; `shows_failures` prints what went wrong."""

    def __init__(self, engine: ConversationEngine, *, kept: bool, shows_failures: bool) -> None:
        self.engine = engine
        self.kept = kept
        self.shows_failures = shows_failures and not kept
        self.times: list[float] = []

    def ask(self, text: str, conversation: Conversation) -> tuple[Answer, Conversation]:
        """Return the answer and the conversation after it."""
        start = time.perf_counter()
        understood = self.engine.read(text, conversation, TODAY)
        result = self.engine.answer(understood, conversation)
        self.times.append((time.perf_counter() - start) * 1e3)
        return result

    def fail(self, *details: object) -> None:
        """Print a failure, if that is wanted."""
        if self.shows_failures:
            print("   ", *details)

    def measure_descriptions(self, peer: FullText) -> None:
        """Print how often the film described is first and among five, and the peer's figures."""
        first = among = peer_first = peer_among = count = 0
        for row in read_set("descriptions", kept=self.kept):
            answer, _ = self.ask(row["text"], Conversation())
            ids = [each.film.id for each in answer.films]
            found = peer.search(row["text"])
            count += 1
            first, among = first + (ids[:1] == [row["film"]]), among + (row["film"] in ids)
            peer_first += found[:1] == [row["film"]]
            peer_among += row["film"] in found
            if row["film"] not in ids[:1]:
                self.fail(row["text"], "|", row["film"], ids)
        print(f"described film first {interval(first, count)}, in five {interval(among, count)}")
        print(f"BM25 alone (FTS5):    {interval(peer_first, count)}, in five {interval(peer_among, count)}")

    def measure_requests(self) -> None:
        """Print how often all constraints were understood, and how many films satisfy those that were meant."""
        good = count = satisfied = shown = 0
        for row in read_set("requests", kept=self.kept):
            answer, _ = self.ask(row["text"], Conversation())
            got, wanted = normalise(answer.understood.request), normalise(row["understood"])
            count, good = count + 1, good + (got == wanted)
            if got != wanted:
                self.fail(
                    row["text"], {name: (got[name], wanted[name]) for name in got if got[name] != wanted[name]}
                )
            values = {name: tuple(value) if isinstance(value, list) else value for name, value in wanted.items()}
            meant = Request(**{name: value for name, value in values.items() if value is not None})
            shown += len(answer.films)
            satisfied += sum(meant.allows(each.film) for each in answer.films)
        print(f"constraints exact {interval(good, count)}; films that satisfy all {interval(satisfied, shown)}")

    def measure_follow_ups(self) -> None:
        """Print how often what follows is answered as it should be."""
        good = count = 0
        for row in read_set("followups", kept=self.kept):
            conversation, answers = Conversation(), []
            for line in row["lines"]:
                answer, conversation = self.ask(line, conversation)
                answers.append(answer)
            problems = list(find_problems(row["expected"], answers[-2], answers[-1]))
            count, good = count + 1, good + (not problems)
            if problems:
                self.fail(row["lines"], problems)
        print(f"follow-ups {interval(good, count)}")

    def measure_off_topic(self) -> None:
        """Print how many texts that are not about films are answered with films."""
        answered = count = 0
        for row in read_set("offtopic", kept=self.kept):
            answer, _ = self.ask(row["text"], Conversation())
            is_wrong = bool(answer.films) or answer.understood.kind is not TextKind.OFF_TOPIC
            count, answered = count + 1, answered + is_wrong
            if is_wrong:
                self.fail(row["text"], [each.film.id for each in answer.films])
        print(f"off-topic texts answered with films: {answered} of {count}")


def find_problems(expected: dict[str, Any], before: Answer, after: Answer) -> Iterator[str]:
    """Yield what is wrong with the answer to a follow-up."""
    old, new = [each.film for each in before.films], [each.film for each in after.films]
    if not new:
        yield "no film"
        return
    compared = [BOUNDS[name] for name in BOUNDS if name in expected]
    if "understood" in expected:
        got, wanted = normalise(after.understood.request), normalise(expected["understood"])
        skipped = tuple(fact for fact, _ in compared)
        yield from (name for name in got if got[name] != wanted[name] and not name.startswith(skipped or ("-",)))
    for fact, sign in compared:
        old_bound = max(sign * getattr(film, fact) * -1 for film in old)
        if any(sign * getattr(film, fact) * -1 >= old_bound for film in new):
            yield fact
    if "new" in expected and {film.id for film in new} & {film.id for film in old}:
        yield "repeated"
    if "without" in expected and old[expected["without"]].id in {film.id for film in new}:
        yield "still there"
    if "same" in expected and new != old:
        yield "not the same"
    if "only" in expected and new != [old[expected["only"]]]:
        yield "not that film"
    if "like_before" in expected and after.understood.request.like != (old[expected["like_before"]].id,):
        yield "not like that film"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="the kept halves too")
    parser.add_argument("--failures", action="store_true", help="print failures of the half that is tuned on")
    arguments = parser.parse_args()
    engine = create_engine(load_films())
    peer = FullText(list(engine.index.films))
    for kept in (False, True) if arguments.all else (False,):
        print("kept from tuning:" if kept else "tuned on:")
        measurement = Measurement(engine, kept=kept, shows_failures=arguments.failures)
        measurement.measure_descriptions(peer)
        measurement.measure_requests()
        measurement.measure_follow_ups()
        measurement.measure_off_topic()
        times = sorted(measurement.times)
        print(f"an answer takes {statistics.median(times):.0f} ms, p99 {times[int(len(times) * 0.99)]:.0f} ms")


if __name__ == "__main__":
    main()
