"""Title look-up beside the libraries one could use instead: how often found, how fast, how large.

    python -m benchmarks.titles [--titles FILE.tsv] [--queries FILE.tsv ...]

One run measures every row on the same titles and the same queries, in turn. Without a file it takes
the starter catalogue. rapidfuzz is measured with its own `process.extract`; SQLite's FTS5 with its trigram
tokenizer and tantivy with fuzzy terms, with their best 200 and 2,000 put in order by rapidfuzz's ratio. tantivy
is left out where it is not installed (it is in the dependency group `bench`).
"""

import argparse
import csv
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

from benchmarks.title_films import films_of
from benchmarks.title_queries import Query, queries, same
from bot.core.text.folding import fold, transliterate
from bot.search import file
from bot.search.arrays import ARRAY_FIELDS, Arrays
from bot.search.build import build
from bot.search.engine import FastTitleIndex
from bot.search.index import TitleEntry

Search = Callable[[str], Sequence[TitleEntry]]
SHOWN = 25
RERANKED, TANTIVYS_RERANKED = 200, 2_000
"""Names put in order by rapidfuzz: as many as it takes until more of them find nothing more."""
PARTS = re.compile(r"\s*[:–—]\s+|\s+-\s+")
"""Where a title falls into parts."""
WORDS = "SELECT film FROM titles WHERE titles MATCH ? ORDER BY rank LIMIT ?"


def key(text: str) -> str:
    """Give the form in which the libraries compare: ours without parts, so that all start from the same."""
    return transliterate(fold(text))


def named(films: Sequence[TitleEntry]) -> Iterator[tuple[str, int]]:
    """Give each key and the number of its film."""
    for number, film in enumerate(films):
        for title in dict.fromkeys((film.title, film.original_title, *film.also)):
            if text := key(title):
                yield text, number


def first_of_each(films: Sequence[TitleEntry], numbers: Sequence[int]) -> list[TitleEntry]:
    """Give the films of these numbers, each once."""
    return [films[number] for number in dict.fromkeys(numbers)][:SHOWN]


def by_extract(films: Sequence[TitleEntry], scorer: Callable[..., float]) -> Search:
    """Search by rapidfuzz's process.extract over all keys."""
    rows = list(named(films))
    keys = [text for text, _ in rows]

    def search(text: str) -> Sequence[TitleEntry]:
        found = process.extract(key(text), keys, scorer=scorer, limit=2 * SHOWN)
        return first_of_each(films, [rows[at][1] for _, _, at in found])

    return search


def reranked(
    films: Sequence[TitleEntry], rows: Sequence[tuple[str, int]], asked: str, found: Sequence[int]
) -> list[TitleEntry]:
    """Give the films of the names found, in order of rapidfuzz's ratio."""
    scores = process.cdist((asked,), [rows[at][0] for at in found], scorer=fuzz.ratio)[0] if found else []
    order = sorted(range(len(found)), key=lambda at: (-scores[at], -films[rows[found[at]][1]].fame))
    return first_of_each(films, [rows[found[at]][1] for at in order])


def by_fts5(films: Sequence[TitleEntry]) -> Search:
    """Search by SQLite's FTS5 with trigrams, the query's trigrams joined by OR."""
    rows = list(named(films))
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE titles USING fts5(text, film UNINDEXED, tokenize='trigram')")
    database.executemany("INSERT INTO titles VALUES (?, ?)", ((text, at) for at, (text, _) in enumerate(rows)))

    def search(text: str) -> Sequence[TitleEntry]:
        asked = key(text)
        grams = {asked[at : at + 3] for at in range(len(asked) - 2)}
        if not grams:
            return []
        match = " OR ".join(f'"{gram}"' for gram in sorted(grams))
        return reranked(films, rows, asked, [row[0] for row in database.execute(WORDS, (match, RERANKED))])

    return search


def by_tantivy(films: Sequence[TitleEntry]) -> Search | None:
    """Search by tantivy: every word as a fuzzy term within one edit, or None where it is not installed."""
    try:
        import tantivy
    except ImportError:
        return None
    rows = list(named(films))
    schema = tantivy.SchemaBuilder().add_text_field("text").add_integer_field("film", stored=True).build()
    index = tantivy.Index(schema)
    writer = index.writer(50_000_000)
    for at, (text, _) in enumerate(rows):
        writer.add_document(tantivy.Document(text=text, film=at))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(text: str) -> Sequence[TitleEntry]:
        asked = key(text)
        terms = [
            (tantivy.Occur.Should, tantivy.Query.fuzzy_term_query(schema, "text", word, distance=1))
            for word in asked.split()
        ]
        if not terms:
            return []
        hits = searcher.search(tantivy.Query.boolean_query(terms), TANTIVYS_RERANKED).hits
        return reranked(films, rows, asked, [searcher.doc(address)["film"][0] for _, address in hits])

    return search


def by_ours(films: Sequence[TitleEntry]) -> Search:
    """Search as the bot does, from the index file; print its size and how long it takes to build and to open."""
    begin = time.perf_counter()
    arrays = build(films)
    built = time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "titles.index"
        file.write(path, arrays, "benchmark")
        begin = time.perf_counter()
        index = FastTitleIndex(file.read(path)[1])
        index.search("ready")
        opened = time.perf_counter() - begin
    titles = len(
        {(at, title) for at, film in enumerate(films) for title in (film.title, film.original_title, *film.also)}
    )
    size = beyond_text(arrays) / titles
    print(f"built in {built:.1f} s, ready in {opened:.2f} s, {size:.0f} bytes a title beyond the text")
    print("one edit while running:", f"{edited(index):.2f} ms until found")
    known = {film.film_id: film for film in films}
    return lambda text: [known[match.film_id] for match in index.search(text)]


def beyond_text(arrays: Arrays) -> int:
    """Count the bytes of the arrays without what is shown of the films (ids, titles, directors)."""
    parts = (getattr(arrays, name) for name in ARRAY_FIELDS if name != "records")
    return sum(len(part) if isinstance(part, str) else part.nbytes for part in parts)


def edited(index: FastTitleIndex) -> float:
    """Give the milliseconds from adding a film to finding it."""
    begin = time.perf_counter()
    index.put(TitleEntry("just-added", "Quietly Added Just Now", "Quietly Added Just Now"))
    assert index.search("quietly added just now")[0].film_id == "just-added"
    took = time.perf_counter() - begin
    index.discard("just-added")
    return took * 1e3


class Row:
    """One search: where it found the wanted titles, and how long it took."""

    def __init__(self, name: str, search: Search, every: int = 1) -> None:
        self.name, self.search, self.every = name, search, every
        self.places: dict[str, list[int]] = defaultdict(list)
        self.took: list[float] = []
        self.worked: list[float] = []

    def ask(self, query: Query) -> None:
        """Look one query up."""
        begin, worked = time.perf_counter(), time.process_time()
        found = self.search(query.text)
        self.worked.append((time.process_time() - worked) * 1e3)
        self.took.append((time.perf_counter() - begin) * 1e3)
        want = same(query.wanted.title)
        fits = (
            at for at, film in enumerate(found[:SHOWN]) if want in (same(film.title), same(film.original_title))
        )
        self.places[query.kind].append(next(fits, SHOWN))

    def show(self, *, kinds: bool) -> None:
        """Print how often the wanted title comes first, in 5, in 25, and how long a look-up takes."""
        every = [place for part in self.places.values() for place in part]
        print(f"| {self.name} | {shares(every)} | {middle_and_last(self.took)} | {middle_and_last(self.worked)} |")
        for kind, part in self.places.items() if kinds else ():
            print(f"|   {kind} | {shares(part)} | | |")


def middle_and_last(took: list[float]) -> str:
    """Give the median and the 99th percentile."""
    took = sorted(took)
    return f"{took[len(took) // 2]:,.2f} / {took[int(len(took) * 0.99)]:,.2f}"


def show_shared_parts(films: Sequence[TitleEntry], asked: Sequence[Query]) -> None:
    """Print how often the wanted film can be among those shown where the query is a part that many titles share.

    `season 1` stands behind the colon of some hundred titles. No search can tell which is meant; to show those
    most asked for is the best there is.
    """
    sharing: dict[str, list[TitleEntry]] = defaultdict(list)
    for film in sorted(films, key=lambda film: -film.fame):
        if len(parts := PARTS.split(film.title, maxsplit=1)) == 2:
            sharing[same(parts[1])].append(film)
    total: Counter[str] = Counter(query.kind for query in asked)
    hidden: Counter[str] = Counter()
    for query in asked:
        titles = list(dict.fromkeys(same(film.title) for film in sharing.get(same(query.text), ())))
        want = same(query.wanted.title)
        hidden[query.kind] += want in titles and titles.index(want) >= SHOWN
    for kind, count in hidden.items():
        if count:
            print(f"{kind}: {1 - count / total[kind]:.3f} in {SHOWN} at best, as many titles share that part")


def shares(places: Sequence[int]) -> str:
    """Give the shares found first, in 5 and in 25."""
    return " / ".join(f"{sum(place < limit for place in places) / len(places):.3f}" for limit in (1, 5, SHOWN))


def read_queries(path: Path) -> list[Query]:
    """Give the queries of a TSV file with the columns kind, query, wanted (a title)."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Query(row["kind"], row["query"], TitleEntry("", row["wanted"], row["wanted"])) for row in rows]


def arguments() -> argparse.Namespace:
    """Give what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--titles", type=Path, help="films as TSV: film_id, title, original_title, year, popularity"
    )
    parser.add_argument("--queries", type=Path, nargs="*", default=[], help="queries as TSV: kind, query, wanted")
    parser.add_argument("--seed", type=int, default=1_000, help="of the queries made where no file is given")
    parser.add_argument("--of-each", type=int, default=50, help="queries of each kind made")
    parser.add_argument("--slow", type=int, default=10, help="slow rows take one query in so many")
    parser.add_argument(
        "--turn", type=int, default=200, help="queries that a row takes before the next has its turn"
    )
    parser.add_argument("--only-ours", action="store_true", help="leave the libraries out")
    parser.add_argument("--kinds", action="store_true", help="print each kind of query as well")
    return parser.parse_args()


def main() -> None:
    """Print the table."""
    given = arguments()
    films = films_of(given.titles)
    asked = [query for path in given.queries for query in read_queries(path)]
    asked = asked or list(queries(films, given.seed, given.of_each))
    print(f"{len(films):,} films, {len(asked):,} queries, Python {sys.version.split()[0]}")
    rows = [Row("Marquee", by_ours(films))]
    if not given.only_ours:
        rows += [
            Row("rapidfuzz `process.extract`, WRatio", by_extract(films, fuzz.WRatio), given.slow),
            Row("rapidfuzz `process.extract`, ratio", by_extract(films, fuzz.ratio), given.slow),
            Row("SQLite FTS5 trigram + rerank", by_fts5(films), given.slow),
        ]
        tantivy = by_tantivy(films)
        if tantivy is None:
            print("tantivy is not installed and left out")
        else:
            rows.append(Row("tantivy fuzzy terms + rerank", tantivy))
    for begin in range(0, len(asked), given.turn):  # in turn, so that whatever the machine does slows all alike
        for row in rows:
            for query in asked[-(-begin // row.every) * row.every : begin + given.turn : row.every]:
                row.ask(query)
    print("| search | found 1st / in 5 / in 25 | p50 / p99 ms | p50 / p99 ms of processor time |")
    print("|---|---|---|---|")
    for row in rows:
        row.show(kinds=given.kinds and row is rows[0])
    if given.kinds:
        show_shared_parts(films, asked)


if __name__ == "__main__":
    main()
