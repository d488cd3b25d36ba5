"""Members' imports on both databases: what is stored, what counts, repeated, undone, interrupted."""

import asyncio
import io
import json
import zipfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.database.engine import Database
from bot.core.tasks import Foreground
from bot.films.metadata_repository import MetadataRepository
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.films.repository import FilmRepository, PersonRepository
from bot.films.service import FilmService
from bot.imports import member_service
from bot.imports.apply_repository import ApplyRepository
from bot.imports.history import Kind
from bot.imports.member_repository import MemberImportRepository
from bot.imports.member_service import MemberImportService
from bot.imports.models import (
    FilmState,
    Import,
    ImportCounting,
    ImportGoneError,
    ImportState,
    TooManyImportsError,
)
from bot.imports.plan import Choices, Conflict
from bot.imports.reviews_repository import NewText, PrivateReviewRepository
from bot.imports.source_search import SourceSearch
from bot.imports.tables import import_films, imported_reviews, imports, liked_films
from bot.members.repository import ServerSettingsRepository
from bot.moderation.models import Action, Block, BlockedError, ContentRef, HiddenBy, LogEntry
from bot.reviews.models import Draft
from bot.reviews.repository import ReviewRepository
from bot.reviews.tables import ratings, viewings
from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry
from bot.sources.tmdb.cache_policy import CACHE_POLICY
from bot.sources.tmdb.parse import SOURCE_NAME
from bot.watchlists.tables import watchlist
from tests.consistency import find_inconsistencies
from tests.imports.exports import RATED, archive, letterboxd, table
from tests.repositories import (
    membership_repository,
    moderation_repository,
    privacy_repository,
    review_repository,
)

HERE, MINA, JONAS = 100, 1, 2
FILMS = [
    Film("burning-2018", "Burning", "Burning", 2018, ids={"imdb": "tt7282468"}),
    Film("oldboy-2003", "Oldboy", "Oldboy", 2003),
    Film("heat-1995", "Heat", "Heat", 1995),
    Film("parasite-2019", "Parasite", "Parasite", 2019),
]


class Setup:
    """A database with a few films, and the service over it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
        self.reviews: ReviewRepository = review_repository(database)
        self.settings = ServerSettingsRepository(database)
        index = TitleIndex([TitleEntry(film.id, film.title, film.title, film.year) for film in FILMS])
        films = FilmService(FilmRepository(database), index)
        repository = MetadataRepository(database, SOURCE_NAME)
        people = PersonRepository(database)
        offline = MetadataService(None, repository, films, people, CACHE_POLICY, lambda: self.now)
        self.service = MemberImportService(
            MemberImportRepository(database),
            ApplyRepository(database, membership_repository(database)),
            films,
            self.settings,
            SourceSearch(offline),
            Foreground(),
            lambda: self.now,
        )

    async def take(self, content: bytes | str, member: int = MINA, choices: Choices | None = None) -> Import:
        """Import a file and return the finished import."""
        data = content.encode() if isinstance(content, str) else content
        preview = await self.service.prepare(
            HERE, member, data, "ratings.csv" if isinstance(content, str) else "a.zip"
        )
        if choices is not None:
            await self.service.choose(preview.import_.id, member, choices)
        started = await self.service.start(preview.import_.id, member)
        assert await self.service.wait(started.id, 60)
        return await self.service.require(started.id, member)

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        async with self.database.read() as connection:
            return [dict(row._mapping) for row in await connection.execute(select(table))]

    async def wait_for_rows(self, table: Any) -> None:
        """Wait until the table has rows."""
        for _ in range(1_000):
            if await self.rows(table):
                return
            await asyncio.sleep(0)

    async def rate(self, member: int, film: str, half_stars: int) -> None:
        await self.reviews.store(Draft(HERE, member, film, half_stars), self.now)
        await self.service.recount_film(HERE, film)

    async def set_counting(self, counting: ImportCounting) -> None:
        await self.settings.change(HERE, lambda before: replace(before, import_counting=counting.value))
        await self.service.recount(HERE)

    async def count(self, film: str) -> int:
        return (await self.reviews.get_film_stars(HERE, film)).totals.rating_count


@pytest.fixture
async def setup(database: Database) -> AsyncIterator[Setup]:
    await FilmRepository(database).save_many(FILMS)
    setup = Setup(database)
    yield setup
    await setup.service.close()
    assert await find_inconsistencies(database) == []


async def test_an_export_is_stored_as_it_was_and_no_second_time(setup: Setup) -> None:
    done = await setup.take(letterboxd())
    assert done.state is ImportState.DONE
    assert dict(done.result) == {
        Kind.RATINGS: 2, Kind.DIARY: 4, Kind.REVIEWS: 1, Kind.WATCHLIST: 1, Kind.LIKES: 1,
    }  # fmt: skip
    stars = {row["film_id"]: (row["stars"], row["created_at"]) for row in await setup.rows(ratings)}
    assert stars == {
        "burning-2018": (9, datetime(2023, 1, 5, tzinfo=UTC)),
        "oldboy-2003": (1, datetime(2023, 2, 1, tzinfo=UTC)),
    }
    seen = {(row["film_id"], row["watched_on"]): row for row in await setup.rows(viewings)}
    assert set(seen) == {
        ("burning-2018", date(2023, 1, 3)), ("burning-2018", date(2024, 6, 1)),
        ("oldboy-2003", date(2023, 2, 1)), ("heat-1995", None),
    }  # fmt: skip
    first = seen["burning-2018", date(2023, 1, 3)]
    assert (first["tags"], first["stars"]) == (["cinema", "35mm"], 8)
    assert first["created_at"] == datetime(2023, 1, 5, tzinfo=UTC)  # logged, not seen, on that day
    assert seen["burning-2018", date(2024, 6, 1)]["is_rewatch"]
    (review,) = await setup.rows(imported_reviews)
    assert (review["text"], review["published_at"]) == ("Smoke, and\nno fire.", None)
    assert [row["film_id"] for row in await setup.rows(watchlist)] == ["parasite-2019"]
    assert [row["film_id"] for row in await setup.rows(liked_films)] == ["burning-2018"]
    assert [row["film_id"] for row in await setup.rows(ratings) if row["is_liked"]] == ["burning-2018"]
    assert (await setup.reviews.get_page(HERE, "burning-2018")).review_count == 0  # private until published
    staged = await setup.rows(import_films)
    assert {row["state"] for row in staged} == {FilmState.APPLIED}
    assert all(row["entries"] is None for row in staged)  # nothing of the file is kept but what was taken
    again = await setup.take(letterboxd())
    assert not again.result
    parts = table(RATED, [("2023-01-05", "Burning", 2018, "u", "4.5")])
    assert not (await setup.take(parts)).result


async def test_undo_takes_back_what_the_import_brought_and_nothing_else(setup: Setup) -> None:
    await setup.rate(MINA, "burning-2018", 4)
    before = {name: await setup.rows(each) for name, each in (("r", ratings), ("v", viewings))}
    done = await setup.take(letterboxd(), choices=Choices(conflict=Conflict.TAKE))
    assert (await setup.reviews.get_film_stars(HERE, "burning-2018", MINA)).own_half_stars == 9
    await setup.rate(MINA, "oldboy-2003", 6)  # from now on her own, here
    await setup.service.undo(done.id, MINA)
    assert await setup.service.wait(done.id, 60)
    assert (await setup.service.require(done.id, MINA)).state is ImportState.UNDONE
    stars = {row["film_id"]: row["stars"] for row in await setup.rows(ratings)}
    assert stars == {"burning-2018": before["r"][0]["stars"], "oldboy-2003": 6}
    assert [row for row in await setup.rows(viewings) if row["film_id"] == "burning-2018"] == before["v"]
    for each in (imported_reviews, watchlist, liked_films, import_films):
        assert await setup.rows(each) == []
    assert not any(row["is_liked"] for row in await setup.rows(ratings))
    with pytest.raises(ImportGoneError):
        await setup.service.undo(done.id, MINA)
    assert (await setup.take(letterboxd())).result[Kind.DIARY] == 4  # and it can be imported again


async def test_undo_of_a_day_that_a_later_file_brought(setup: Setup) -> None:
    await setup.take(letterboxd(diary=None, reviews=None))
    assert [row["watched_on"] for row in await setup.rows(viewings)] == [None, None, None]
    later = await setup.take(letterboxd())
    assert sorted(str(row["watched_on"]) for row in await setup.rows(viewings)) == [
        "2023-01-03", "2023-02-01", "2024-06-01", "None",
    ]  # fmt: skip
    await setup.service.undo(later.id, MINA)
    await setup.service.wait(later.id, 60)
    assert [row["watched_on"] for row in await setup.rows(viewings)] == [None, None, None]
    assert len({row["import_id"] for row in await setup.rows(viewings)}) == 1


async def test_undo_ends_after_thirty_days_and_previews_after_one(setup: Setup) -> None:
    done = await setup.take(letterboxd())
    preview = await setup.service.prepare(HERE, MINA, letterboxd(), "a.zip")
    setup.now += timedelta(days=2)
    assert await setup.service.delete_expired() == 1
    with pytest.raises(ImportGoneError):
        await setup.service.start(preview.import_.id, MINA)
    setup.now += timedelta(days=29)
    with pytest.raises(ImportGoneError):
        await setup.service.undo(done.id, MINA)
    await setup.service.delete_expired()
    assert await setup.rows(imports) == await setup.rows(import_films) == []
    assert len(await setup.rows(ratings)) == 2


async def test_which_imported_ratings_count(setup: Setup) -> None:
    await setup.rate(JONAS, "oldboy-2003", 8)
    await setup.take(letterboxd())
    assert [await setup.count(film) for film in ("burning-2018", "oldboy-2003")] == [0, 2]  # rated here by Jonas
    await setup.rate(JONAS, "burning-2018", 8)
    assert await setup.count("burning-2018") == 2
    await setup.reviews.delete(HERE, JONAS, "burning-2018")
    await setup.service.recount_film(HERE, "burning-2018")
    assert await setup.count("burning-2018") == 0
    await setup.set_counting(ImportCounting.AT_ONCE)
    assert await setup.count("burning-2018") == 1
    await setup.set_counting(ImportCounting.NEVER)
    assert [await setup.count(film) for film in ("burning-2018", "oldboy-2003")] == [0, 1]
    membership = membership_repository(setup.database)
    await membership.mark_departed(HERE, [MINA], setup.now)
    await membership.mark_present(HERE, [MINA], setup.now)
    assert await setup.count("burning-2018") == 0  # coming back does not make it count
    await membership.mark_departed(HERE, [MINA], setup.now)
    await setup.set_counting(ImportCounting.AT_ONCE)
    assert await setup.count("burning-2018") == 0
    await setup.set_counting(ImportCounting.NEVER)
    await setup.rate(MINA, "burning-2018", 5)
    assert await setup.count("burning-2018") == 1  # her own stars, given here, count in any case


async def test_an_interrupted_import_goes_on_and_a_stopped_one_leaves_nothing(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_service, "FILMS_PER_BATCH", 1)
    preview = await setup.service.prepare(HERE, MINA, letterboxd(), "a.zip")
    await setup.service.start(preview.import_.id, MINA)
    for _ in range(1_000):
        if await setup.rows(ratings):
            break
        await asyncio.sleep(0)
    await setup.service.close()  # as when the process ends
    assert 0 < len([row for row in await setup.rows(import_films) if row["state"] == FilmState.SURE]) < 4
    after_restart = Setup(setup.database)
    assert await after_restart.service.resume(lambda server: server != HERE) == 0
    assert await after_restart.service.resume(lambda server: server == HERE) == 1
    assert await after_restart.service.wait(preview.import_.id, 60)
    done = await after_restart.service.require(preview.import_.id, MINA)
    assert (done.state, done.result[Kind.DIARY], len(await setup.rows(viewings))) == (ImportState.DONE, 4, 4)
    stopped = await after_restart.service.prepare(HERE, JONAS, letterboxd(), "a.zip")
    await after_restart.service.start(stopped.import_.id, JONAS)
    await after_restart.service.undo(stopped.import_.id, JONAS)
    await after_restart.service.wait(stopped.import_.id, 60)
    assert {row["member_id"] for row in await setup.rows(ratings)} == {MINA}
    await after_restart.service.close()


async def test_ten_thousand_rows_survive_a_restart_in_the_middle(setup: Setup) -> None:
    films = [Film(f"film-{number}", f"Film {number}", f"Film {number}", 2000) for number in range(400)]
    await FilmRepository(setup.database).save_many(films)
    days = [date(2020, 1, 1) + timedelta(days=place) for place in range(25)]
    rows = [
        {"marquee_id": film.id, "title": film.title, "watched_on": day.isoformat(), "rating": 4}
        for film in films
        for day in days
    ]
    preview = await setup.service.prepare(HERE, MINA, table(list(rows[0]), rows).encode(), "all.csv")
    assert preview.count_new(Kind.DIARY) == 10_000
    await setup.service.start(preview.import_.id, MINA)
    for _ in range(1_000):
        if (await setup.service.repository.count_films(preview.import_.id))[FilmState.APPLIED] >= 200:
            break
        await asyncio.sleep(0.01)
    await setup.service.close()  # as when the process ends: a batch is stored as a whole or not at all
    counts = await setup.service.repository.count_films(preview.import_.id)
    assert 200 <= counts[FilmState.APPLIED] < 400
    assert len(await setup.rows(viewings)) == 25 * counts[FilmState.APPLIED]
    after_restart = Setup(setup.database)
    assert await after_restart.service.resume(lambda _server: True) == 1
    assert await after_restart.service.wait(preview.import_.id, 60)
    done = await after_restart.service.require(preview.import_.id, MINA)
    stored = Counter((row["film_id"], row["watched_on"]) for row in await setup.rows(viewings))
    assert (done.state, done.result[Kind.DIARY], len(stored)) == (ImportState.DONE, 10_000, 10_000)
    assert set(stored.values()) == {1}
    await after_restart.service.close()


async def test_doubtful_and_unknown_films_wait_for_a_decision(setup: Setup) -> None:
    rows = [
        ("2023-01-05", "Burnning", 2018, "u", "4.5"),
        ("2023-01-05", "Nothing of the kind", 1950, "u", "2"),
        ("2023-01-05", "Heat", 1995, "u", "5"),
    ]
    done = await setup.take(table(RATED, rows))
    assert [row["film_id"] for row in await setup.rows(ratings)] == ["heat-1995"]
    assert await setup.service.find_repairable(HERE, MINA) == done.id
    staged, history, remaining = await setup.service.get_undecided(done, -1) or pytest.fail("nothing to decide")
    assert (staged.candidates, history.half_stars, remaining) == (("burning-2018",), 9, 2)
    await setup.service.resolve(done.id, MINA, staged.number, 0)
    assert len(await setup.rows(ratings)) == 2
    unknown, _, remaining = await setup.service.get_undecided(done, staged.number) or pytest.fail("no second")
    assert (unknown.film.title, remaining) == ("Nothing of the kind", 1)
    with pytest.raises(ImportGoneError):
        await setup.service.resolve(done.id, MINA, unknown.number, 0)
    await setup.service.skip(done.id, MINA, unknown.number)
    assert await setup.service.get_undecided(done, -1) is None
    leftovers = await setup.service.list_leftovers(done)
    assert [(each.film.title, each.half_stars) for each in leftovers] == [("Nothing of the kind", 4)]
    with pytest.raises(ImportGoneError):
        await setup.service.resolve(done.id, JONAS, unknown.number, 0)


async def test_ids_win_over_titles_and_contradict_them(setup: Setup) -> None:
    columns = ("Title", "Year", "imdbID", "Rating10")
    await setup.take(table(columns, [("Another name", 1990, "tt7282468", 9), ("Heat", 1995, "tt0000001", 8)]))
    await setup.take(table(columns, [("Burning", 2018, "tt0000002", 3)]))
    assert [(row["film_id"], row["stars"]) for row in await setup.rows(ratings)] == [
        ("burning-2018", 9), ("heat-1995", 8),
    ]  # fmt: skip


async def test_blocked_members_and_too_many_files(setup: Setup) -> None:
    moderation = moderation_repository(setup.database)
    await moderation.block(HERE, Block(MINA, None, "", setup.now), LogEntry(Action.BLOCK, 9, MINA, setup.now))
    preview = await setup.service.prepare(HERE, MINA, letterboxd(), "a.zip")
    with pytest.raises(BlockedError):
        await setup.service.start(preview.import_.id, MINA)
    for _ in range(9):
        await setup.service.prepare(HERE, MINA, letterboxd(), "a.zip")
    with pytest.raises(TooManyImportsError):
        await setup.service.prepare(HERE, MINA, letterboxd(), "a.zip")
    assert await setup.rows(ratings) == []


async def test_imports_are_exported_and_deleted_with_everything_else(setup: Setup) -> None:
    await setup.take(letterboxd())
    await setup.take(letterboxd(), JONAS)
    privacy = privacy_repository(setup.database)
    counts = (await privacy.export(MINA)).count_rows()
    assert (counts["imports"], counts["import_films"], counts["imported_reviews"], counts["liked_films"]) == (
        1, 4, 1, 1,
    )  # fmt: skip
    await privacy.delete_data(MINA)
    for each in (imports, imported_reviews, liked_films, ratings, viewings):
        assert {row["member_id"] for row in await setup.rows(each)} == {JONAS}
    assert len(await setup.rows(import_films)) == 4


async def test_films_that_left_the_catalogue_meanwhile_become_unknown(setup: Setup) -> None:
    preview = await setup.service.prepare(HERE, MINA, letterboxd(), "a.zip")
    async with setup.database.write() as connection:
        await connection.execute(import_films.update().values(film_id="gone").where(import_films.c.number == 0))
    await setup.service.start(preview.import_.id, MINA)
    await setup.service.wait(preview.import_.id, 60)
    counts = await setup.service.repository.count_films(preview.import_.id)
    assert counts == {FilmState.APPLIED: 3, FilmState.UNKNOWN: 1}


async def test_what_was_imported_and_exported_is_the_same_again(setup: Setup) -> None:
    await setup.take(letterboxd())
    await setup.rate(MINA, "heat-1995", 7)
    archived = (await privacy_repository(setup.database).export(MINA)).build_archive()
    await setup.take(archived, JONAS)
    ignored = {"id", "member_id", "import_id", "created_at", "edited_at", "liked_at", "is_counted", "is_countable"}
    for each in (ratings, viewings, imported_reviews, watchlist, liked_films):
        of_members: dict[int, list[str]] = {MINA: [], JONAS: []}
        for row in await setup.rows(each):
            kept = {name: value for name, value in row.items() if name not in ignored}
            if each is viewings and kept["film_id"] == "heat-1995":
                kept["stars"] = None  # a viewing without a day has stars only where the film is rated
            of_members[row["member_id"]].append(str(kept))
        assert sorted(of_members[MINA]) == sorted(of_members[JONAS]), each.name
    with zipfile.ZipFile(io.BytesIO(archived)) as packed:
        forms = {name: packed.read(name).decode() for name in packed.namelist() if name != "data.json"}
    assert sorted(name.rpartition("-")[0] for name in forms) == [
        "imdb-ratings", "imdb-watchlist", "letterboxd", "letterboxd-watchlist", "trakt",
    ]  # fmt: skip
    for name, text in forms.items():
        preview = await setup.service.prepare(HERE, MINA, text.encode(), name)
        counts = {key: count for key, count in preview.import_.result.items() if key.startswith("new.")}
        assert counts == {}, name  # each form says what is here already


async def test_moments_are_days_where_the_server_is(setup: Setup) -> None:
    await setup.settings.change(HERE, lambda before: replace(before, time_zone="America/New_York"))
    film = {"title": "Burning", "year": 2018, "ids": {"imdb": "tt7282468"}}
    late = {"watched_at": "2024-05-02T01:30:00.000Z", "type": "movie", "movie": film}
    await setup.take(archive({"watched-history-1.json": json.dumps([late])}))
    assert [row["watched_on"] for row in await setup.rows(viewings)] == [date(2024, 5, 1)]


async def test_deleting_all_data_while_a_file_is_read_or_taken_leaves_nothing(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_service, "FILMS_PER_BATCH", 1)
    privacy = privacy_repository(setup.database)
    reading = asyncio.create_task(setup.service.prepare(HERE, MINA, letterboxd(), "a.zip"))
    await setup.wait_for_rows(imports)
    await privacy.delete_data(MINA)
    with pytest.raises(ImportGoneError):
        await reading
    preview = await setup.service.prepare(HERE, MINA, letterboxd(), "a.zip")
    await setup.service.start(preview.import_.id, MINA)
    await setup.wait_for_rows(ratings)
    await privacy.delete_data(MINA)
    await setup.service.wait(preview.import_.id, 60)
    for each in (imports, import_films, imported_reviews, liked_films, ratings, viewings, watchlist):
        assert await setup.rows(each) == [], each.name


async def test_published_reviews_stay_and_are_looked_at_where_moderators_hid_one(setup: Setup) -> None:
    done = await setup.take(letterboxd())
    private = PrivateReviewRepository(setup.database, membership_repository(setup.database))
    (review,) = await private.list_after(HERE, MINA, 0, 10)
    assert (review.film_id, review.half_stars, review.posted_text) == ("burning-2018", 9, "")
    assert await private.list_after(HERE, JONAS, 0, 10) == []
    own = await setup.reviews.get_own(HERE, MINA, "burning-2018") or pytest.fail("no rating")
    await setup.rate(JONAS, "burning-2018", 4)
    moderation = moderation_repository(setup.database)
    hidden = LogEntry(Action.HIDE, 9, MINA, setup.now)
    await moderation.decide(HERE, ContentRef(own.id), hidden)
    result = await private.publish(HERE, MINA, [NewText(review.id, "Smoke.", True)], setup.now)
    assert (result.published, result.needing_review) == (1, 1)
    assert await private.count(HERE, MINA) == 0
    again = await private.publish(HERE, MINA, [NewText(review.id, "Fire.", True)], setup.now)
    assert again.published == 0
    await setup.service.undo(done.id, MINA)
    await setup.service.wait(done.id, 60)
    kept = await setup.reviews.get_own(HERE, MINA, "burning-2018") or pytest.fail("the review is gone")
    assert (kept.text, kept.hidden_by, kept.half_stars) == ("Smoke.", HiddenBy.PRE_MODERATION, 9)
