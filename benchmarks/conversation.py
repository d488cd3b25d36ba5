"""Measures requests in plain words on the sets in `conversation_sets/`, and BM25 alone on the same descriptions.

python -m benchmarks.conversation [--all] [--failures] [--films COUNT]

Every second line of a set is `kept`: nothing was tuned on it, and its failures are not to be looked at. Without
`--all` the others are measured, and `--failures` prints what went wrong there. Intervals are 95%: Wilson's of a
share, and of the difference between two searches that of paired shares. `--films` measures times alone, with
made-up films beside the catalogue's: titles, loglines and keywords of words as frequent as in the catalogue.
"""

import argparse
import json
import math
import sqlite3
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from bot.conversation.engine import ConversationEngine
from bot.conversation.models import Answer, Conversation, FilmDocument, Request, TextKind
from bot.conversation.repository import DOCUMENTS_LIMIT
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


def create_entry(film: Film) -> TitleEntry:
    """Return a film as its title is searched."""
    return TitleEntry(
        film.id, film.title, film.original_title, film.year, film.directors, film.titles[1:], film.fame,
        languages=film.languages, countries=film.countries, genres=film.genres,
        cast=tuple(credit.name for credit in film.cast),
    )  # fmt: skip


def create_engine(films: list[Film]) -> ConversationEngine:
    """Return the engine over these films, as the bot builds it from its database."""
    titles = TitleIndex(map(create_entry, films))
    return ConversationEngine(titles, [create_document(film) for film in films])


def join_fields(film: FilmDocument) -> str:
    """Return the text of a film that the peers search."""
    return " ".join((film.logline, *film.keywords, film.title, *film.genres, *film.roles, *film.cast))


class FullText:
    """A peer: SQLite's FTS5 with its BM25, over the same fields."""

    name = "BM25 alone (SQLite FTS5)"

    def __init__(self, films: list[FilmDocument]) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, text, tokenize='porter')")
        self._connection.executemany(
            "INSERT INTO texts VALUES (?, ?)", ((film.id, join_fields(film)) for film in films)
        )

    def search(self, text: str) -> list[str]:
        """Return the ids of the five films that match best."""
        words = ["".join(filter(str.isalnum, word)) for word in text.split()]
        query = " OR ".join(f'"{word}"' for word in words if word)
        statement = "SELECT id FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT 5"
        return [row[0] for row in self._connection.execute(statement, (query,))]


class Tantivy:
    """A peer: tantivy with its BM25 and its English stemmer, over the same fields."""

    name = "BM25 alone (tantivy)"

    def __init__(self, films: list[FilmDocument]) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder().add_text_field("text", tokenizer_name="en_stem")
        self._index = tantivy.Index(builder.add_text_field("id", stored=True, tokenizer_name="raw").build())
        writer = self._index.writer(50_000_000)
        for film in films:
            writer.add_document(tantivy.Document(id=film.id, text=join_fields(film)))
        writer.commit()
        self._index.reload()

    def search(self, text: str) -> list[str]:
        """Return the ids of the five films that match best."""
        searcher = self._index.searcher()
        plain = "".join(letter if letter.isalnum() else " " for letter in text)
        hits = searcher.search(self._index.parse_query(plain, ["text"]), 5).hits
        return [searcher.doc(address)["id"][0] for _, address in hits]


def create_peers(films: list[FilmDocument]) -> list[FullText | Tantivy]:
    """Return the peers, without tantivy if it is not installed."""
    try:
        return [FullText(films), Tantivy(films)]
    except ImportError:
        print("tantivy is not installed and left out")
        return [FullText(films)]


def interval_of_difference(ours: list[bool], theirs: list[bool]) -> str:
    """Return the difference of two shares of the same queries with its 95% interval."""
    count = len(ours)
    better = sum(mine and not other for mine, other in zip(ours, theirs, strict=True))
    worse = sum(other and not mine for mine, other in zip(ours, theirs, strict=True))
    difference = (better - worse) / count
    half = 1.96 * math.sqrt(better + worse - (better - worse) ** 2 / count) / count
    return f"{difference:+.2f} [{difference - half:+.2f}, {difference + half:+.2f}]"


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

    def measure_descriptions(self, peers: list[FullText | Tantivy]) -> None:
        """Print how often the film described is first and among five, and the peers' figures."""
        rows = list(read_set("descriptions", kept=self.kept))
        found = []
        for row in rows:
            answer, _ = self.ask(row["text"], Conversation())
            found.append([each.film.id for each in answer.films])
            if row["film"] not in found[-1][:1]:
                self.fail(row["text"], "|", row["film"], found[-1])
        count = len(rows)
        ours = [[row["film"] in ids[:limit] for row, ids in zip(rows, found, strict=True)] for limit in (1, 5)]
        first, among = map(sum, ours)
        print(f"described film first {interval(first, count)}, in five {interval(among, count)}")
        for peer in peers:
            found = [peer.search(row["text"]) for row in rows]
            for name, limit, mine in (("first", 1, ours[0]), ("in five", 5, ours[1])):
                theirs = [row["film"] in ids[:limit] for row, ids in zip(rows, found, strict=True)]
                difference = interval_of_difference(mine, theirs)
                print(f"{peer.name}: {name} {interval(sum(theirs), count)}, Marquee {difference}")

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


def make_up_films(films: list[Film], count: int) -> Iterator[Film]:
    """Yield `count` films like these, of words of theirs and less well known."""
    random = Random(1895)
    title_words = [word for film in films for word in film.title.split()]
    story_words = [word for film in films for word in film.logline.split()]
    keywords = [keyword for film in films for keyword in film.keywords]
    for number in range(count):
        model = random.choice(films)
        title = " ".join(random.choices(title_words, k=random.randint(1, 4)))
        yield replace(
            model,
            id=f"made-up-{number}",
            title=title,
            original_title=title,
            other_titles=(),
            regional_titles=(),
            logline=" ".join(random.choices(story_words, k=25)),
            keywords=tuple(random.choices(keywords, k=8)),
            fame=model.fame * 0.4,
        )


def measure_times(count: int) -> None:
    """Print how long answers take among `count` films, of which the best known are searched for what they tell."""
    films = load_films()
    every = [*films, *make_up_films(films, count - len(films))]
    titles = TitleIndex(create_entry(film) for film in every)
    start = time.perf_counter()
    engine = ConversationEngine(titles, [create_document(film) for film in every[:DOCUMENTS_LIMIT]])
    print(f"{count:,} films, of which {len(engine.index):,} are indexed in {time.perf_counter() - start:.0f} s")
    measurement = Measurement(engine, kept=False, shows_failures=False)
    processor = []
    for name in ("descriptions", "requests", "offtopic"):
        for row in read_set(name, kept=False):
            start = time.process_time()
            measurement.ask(row["text"], Conversation())
            processor.append((time.process_time() - start) * 1e3)
    for name, times in (("wall clock", sorted(measurement.times)), ("processor", sorted(processor))):
        print(f"{name}: median {statistics.median(times):.0f} ms, p99 {times[int(len(times) * 0.99)]:.0f} ms")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="the kept halves too")
    parser.add_argument("--failures", action="store_true", help="print failures of the half that is tuned on")
    parser.add_argument("--films", type=int, help="measure times alone, with so many films")
    arguments = parser.parse_args()
    if arguments.films is not None:
        measure_times(arguments.films)
        return
    engine = create_engine(load_films())
    peers = create_peers(list(engine.index.films))
    for kept in (False, True) if arguments.all else (False,):
        print("kept from tuning:" if kept else "tuned on:")
        measurement = Measurement(engine, kept=kept, shows_failures=arguments.failures)
        measurement.measure_descriptions(peers)
        measurement.measure_requests()
        measurement.measure_follow_ups()
        measurement.measure_off_topic()
        times = sorted(measurement.times)
        print(f"an answer takes {statistics.median(times):.0f} ms, p99 {times[int(len(times) * 0.99)]:.0f} ms")


if __name__ == "__main__":
    main()
