"""Title search compared with libraries one could use instead: how often it finds the film, its speed, its size.

    python -m benchmarks.titles [--titles FILE.tsv] [--queries FILE.tsv ...]

One run measures every search on the same titles and the same queries, by turns. Without a file it takes the
starter catalogue. rapidfuzz is measured with its own `process.extract`; SQLite's FTS5 with its trigram tokenizer
and tantivy with fuzzy terms, their best 200 and 2,000 sorted by rapidfuzz's ratio. tantivy is left out if it is
not installed (it is in the dependency group `bench`).
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

from benchmarks.title_films import read_films
from benchmarks.title_queries import Query, comparable_title, generate_queries
from bot.core.text.folding import fold, transliterate
from bot.search.build import build_index
from bot.search.engine import TitleIndex
from bot.search.index import ARRAY_FIELDS, IndexArrays, TitleEntry, read_index_file, write_index_file

Search = Callable[[str], Sequence[TitleEntry]]
SHOWN = 25
FTS5_RERANKED, TANTIVY_RERANKED = 200, 2_000
"""Names sorted by rapidfuzz: as many as it takes until more of them find nothing more."""
PART_BREAKS = re.compile(r"\s*[:–—]\s+|\s+-\s+")
"""What separates the parts of a title."""
FTS5_QUERY = "SELECT film FROM titles WHERE titles MATCH ? ORDER BY rank LIMIT ?"


def library_key(text: str) -> str:
    """Return the key that the libraries compare: ours without breaks, so that all start from the same."""
    return transliterate(fold(text))


def list_keys(films: Sequence[TitleEntry]) -> Iterator[tuple[str, int]]:
    """Yield each key and the number of its film."""
    for number, film in enumerate(films):
        for title in dict.fromkeys((film.title, film.original_title, *film.other_titles)):
            if text := library_key(title):
                yield text, number


def unique_films(films: Sequence[TitleEntry], numbers: Sequence[int]) -> list[TitleEntry]:
    """Return the first SHOWN films with these numbers, each once."""
    return [films[number] for number in dict.fromkeys(numbers)][:SHOWN]


def search_by_extract(films: Sequence[TitleEntry], scorer: Callable[..., float]) -> Search:
    """Return a search by rapidfuzz's process.extract over all keys."""
    rows = list(list_keys(films))
    keys = [text for text, _ in rows]

    def search(text: str) -> Sequence[TitleEntry]:
        results = process.extract(library_key(text), keys, scorer=scorer, limit=2 * SHOWN)
        return unique_films(films, [rows[position][1] for _, _, position in results])

    return search


def rerank(
    films: Sequence[TitleEntry], rows: Sequence[tuple[str, int]], query: str, results: Sequence[int]
) -> list[TitleEntry]:
    """Return the films of the rows found, sorted by rapidfuzz's ratio and then by fame."""
    if not results:
        return []
    scores = process.cdist((query,), [rows[row][0] for row in results], scorer=fuzz.ratio)[0]
    order = sorted(range(len(results)), key=lambda i: (-scores[i], -films[rows[results[i]][1]].fame))
    return unique_films(films, [rows[results[i]][1] for i in order])


def search_by_fts5(films: Sequence[TitleEntry]) -> Search:
    """Return a search by SQLite's FTS5 with trigrams, the query's trigrams joined by OR."""
    rows = list(list_keys(films))
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE titles USING fts5(text, film UNINDEXED, tokenize='trigram')")
    database.executemany("INSERT INTO titles VALUES (?, ?)", ((text, row) for row, (text, _) in enumerate(rows)))

    def search(text: str) -> Sequence[TitleEntry]:
        query = library_key(text)
        trigrams = {query[start : start + 3] for start in range(len(query) - 2)}
        if not trigrams:
            return []
        match = " OR ".join(f'"{trigram}"' for trigram in sorted(trigrams))
        results = [row for (row,) in database.execute(FTS5_QUERY, (match, FTS5_RERANKED))]
        return rerank(films, rows, query, results)

    return search


def search_by_tantivy(films: Sequence[TitleEntry]) -> Search | None:
    """Return a search by tantivy, every word a fuzzy term within one edit, or None if it is not installed."""
    try:
        import tantivy
    except ImportError:
        return None
    rows = list(list_keys(films))
    schema = tantivy.SchemaBuilder().add_text_field("text").add_integer_field("film", stored=True).build()
    index = tantivy.Index(schema)
    writer = index.writer(50_000_000)
    for row, (text, _) in enumerate(rows):
        writer.add_document(tantivy.Document(text=text, film=row))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(text: str) -> Sequence[TitleEntry]:
        query = library_key(text)
        terms = [
            (tantivy.Occur.Should, tantivy.Query.fuzzy_term_query(schema, "text", word, distance=1))
            for word in query.split()
        ]
        if not terms:
            return []
        hits = searcher.search(tantivy.Query.boolean_query(terms), TANTIVY_RERANKED).hits
        return rerank(films, rows, query, [searcher.doc(address)["film"][0] for _, address in hits])

    return search


def search_by_marquee(films: Sequence[TitleEntry]) -> Search:
    """Return the bot's own search, from an index file; print its size and how long building and opening take."""
    start = time.perf_counter()
    arrays = build_index(films)
    build_seconds = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "titles.index"
        write_index_file(path, arrays, "benchmark")
        start = time.perf_counter()
        index = TitleIndex(read_index_file(path)[1])
        index.search("ready")
        open_seconds = time.perf_counter() - start
    titles = sum(len({film.title, film.original_title, *film.other_titles}) for film in films)
    size = count_bytes(arrays) / titles
    print(
        f"built in {build_seconds:.1f} s, ready in {open_seconds:.2f} s, {size:.0f} bytes a title beyond the text"
    )
    print("one edit while running:", f"{measure_edit(index):.2f} ms until found")
    films_by_id = {film.film_id: film for film in films}
    return lambda text: [films_by_id[match.film_id] for match in index.search(text)]


def count_bytes(arrays: IndexArrays) -> int:
    """Return the bytes of the arrays without what is shown of the films (ids, titles, directors)."""
    parts = (getattr(arrays, name) for name in ARRAY_FIELDS if name != "records")
    return sum(len(part) if isinstance(part, str) else part.nbytes for part in parts)


def measure_edit(index: TitleIndex) -> float:
    """Return the milliseconds from adding a film to finding it."""
    start = time.perf_counter()
    index.put(TitleEntry("just-added", "Quietly Added Just Now", "Quietly Added Just Now"))
    assert index.search("quietly added just now")[0].film_id == "just-added"
    seconds = time.perf_counter() - start
    index.discard("just-added")
    return seconds * 1e3


class Row:
    """One search: where it found the wanted titles, and how long it took."""

    def __init__(self, name: str, search: Search, every: int = 1) -> None:
        self.name, self.search, self.every = name, search, every
        self.ranks: dict[str, list[int]] = defaultdict(list)
        self.milliseconds: list[float] = []
        self.cpu_milliseconds: list[float] = []

    def measure(self, query: Query) -> None:
        """Search for one query."""
        start, cpu_start = time.perf_counter(), time.process_time()
        results = self.search(query.text)
        self.cpu_milliseconds.append((time.process_time() - cpu_start) * 1e3)
        self.milliseconds.append((time.perf_counter() - start) * 1e3)
        wanted = comparable_title(query.wanted.title)
        ranks = (
            rank
            for rank, film in enumerate(results[:SHOWN])
            if wanted in (comparable_title(film.title), comparable_title(film.original_title))
        )
        self.ranks[query.kind].append(next(ranks, SHOWN))

    def show(self, *, kinds: bool) -> None:
        """Print how often the wanted title comes first, in 5 and in 25, and how long a search takes."""
        ranks = [rank for kind_ranks in self.ranks.values() for rank in kind_ranks]
        times = f"{format_times(self.milliseconds)} | {format_times(self.cpu_milliseconds)}"
        print(f"| {self.name} | {format_shares(ranks)} | {times} |")
        for kind, kind_ranks in self.ranks.items() if kinds else ():
            print(f"|   {kind} | {format_shares(kind_ranks)} | | |")


def format_times(milliseconds: list[float]) -> str:
    """Return the median and the 99th percentile."""
    ordered = sorted(milliseconds)
    return f"{ordered[len(ordered) // 2]:,.2f} / {ordered[int(len(ordered) * 0.99)]:,.2f}"


def format_shares(ranks: Sequence[int]) -> str:
    """Return the shares that come first, in 5 and in 25."""
    return " / ".join(f"{sum(rank < limit for rank in ranks) / len(ranks):.3f}" for limit in (1, 5, SHOWN))


def show_shared_parts(films: Sequence[TitleEntry], queries: Sequence[Query]) -> None:
    """Print how often the wanted film can be among those shown if the query is a part that many titles share.

    `season 1` comes after the colon of some hundred titles. No search can know which is meant; to show the most
    famous is the best there is.
    """
    films_by_part: dict[str, list[TitleEntry]] = defaultdict(list)
    for film in sorted(films, key=lambda film: -film.fame):
        if len(parts := PART_BREAKS.split(film.title, maxsplit=1)) == 2:
            films_by_part[comparable_title(parts[1])].append(film)
    total: Counter[str] = Counter(query.kind for query in queries)
    hidden: Counter[str] = Counter()
    for query in queries:
        sharing = films_by_part.get(comparable_title(query.text), ())
        titles = list(dict.fromkeys(comparable_title(film.title) for film in sharing))
        wanted = comparable_title(query.wanted.title)
        hidden[query.kind] += wanted in titles and titles.index(wanted) >= SHOWN
    for kind, count in hidden.items():
        if count:
            print(f"{kind}: {1 - count / total[kind]:.3f} in {SHOWN} at best, as many titles share that part")


def read_queries(path: Path) -> list[Query]:
    """Return the queries of a TSV file with the columns kind, query, wanted (a title)."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Query(row["kind"], row["query"], TitleEntry("", row["wanted"], row["wanted"])) for row in rows]


def parse_arguments() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--titles", type=Path, help="films as TSV: film_id, title, original_title, year, popularity"
    )
    parser.add_argument("--queries", type=Path, nargs="*", default=[], help="queries as TSV: kind, query, wanted")
    parser.add_argument("--seed", type=int, default=1_000, help="seed of the queries generated without a file")
    parser.add_argument("--of-each", type=int, default=50, help="queries generated of each kind")
    parser.add_argument("--slow", type=int, default=10, help="slow searches take one query in so many")
    parser.add_argument("--turn", type=int, default=200, help="queries before the next search has its turn")
    parser.add_argument("--only-ours", action="store_true", help="leave the libraries out")
    parser.add_argument("--kinds", action="store_true", help="print each kind of query as well")
    return parser.parse_args()


def main() -> None:
    """Print the table."""
    params = parse_arguments()
    films = read_films(params.titles)
    queries = [query for path in params.queries for query in read_queries(path)]
    queries = queries or list(generate_queries(films, params.seed, params.of_each))
    print(f"{len(films):,} films, {len(queries):,} queries, Python {sys.version.split()[0]}")
    rows = [Row("Marquee", search_by_marquee(films))]
    if not params.only_ours:
        rows += [
            Row("rapidfuzz `process.extract`, WRatio", search_by_extract(films, fuzz.WRatio), params.slow),
            Row("rapidfuzz `process.extract`, ratio", search_by_extract(films, fuzz.ratio), params.slow),
            Row("SQLite FTS5 trigram + rerank", search_by_fts5(films), params.slow),
        ]
        tantivy_search = search_by_tantivy(films)
        if tantivy_search is None:
            print("tantivy is not installed and left out")
        else:
            rows.append(Row("tantivy fuzzy terms + rerank", tantivy_search))
    for start in range(0, len(queries), params.turn):  # by turns, so that other load slows all searches alike
        for row in rows:
            for query in queries[-(-start // row.every) * row.every : start + params.turn : row.every]:
                row.measure(query)
    print("| search | found 1st / in 5 / in 25 | p50 / p99 ms | p50 / p99 ms of processor time |")
    print("|---|---|---|---|")
    for row in rows:
        row.show(kinds=params.kinds and row is rows[0])
    if params.kinds:
        show_shared_parts(films, queries)


if __name__ == "__main__":
    main()
