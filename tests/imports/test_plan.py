"""What an import changes about a film: decided on plain values, the same whatever the order and however often."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imports.history import (
    FilmHistory,
    ImportedReview,
    ImportedViewing,
    Kind,
    NamedFilm,
    merge_viewings,
)
from bot.imports.matching import FilmMatch, MatchState, find_similar, match_title
from bot.imports.plan import (
    Choices,
    Conflict,
    ListMeaning,
    StoredFilm,
    StoredViewing,
    history_from_json,
    history_to_json,
    merge_histories,
    plan_film,
)
from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry

FILM = NamedFilm("Burning", 2018)
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
DAY, LATER = date(2024, 1, 1), date(2025, 1, 1)


@pytest.mark.parametrize(
    ("conflict", "rated_on", "half_stars"),
    [
        (Conflict.KEEP, LATER, None),
        (Conflict.TAKE, DAY, 9),
        (Conflict.NEWEST, date(2027, 1, 1), 9),
        (Conflict.NEWEST, DAY, None),
        (Conflict.NEWEST, None, None),
    ],
)
def test_whose_stars_stay(conflict: Conflict, rated_on: date | None, half_stars: int | None) -> None:
    stored = StoredFilm(half_stars=4, rated_at=NOW)
    plan = plan_film(FilmHistory(FILM, half_stars=9, rated_on=rated_on), stored, Choices(conflict=conflict))
    assert (plan.half_stars, plan.is_differing) == (half_stars, True)


def test_what_was_not_chosen_is_left_out() -> None:
    history = FilmHistory(
        FILM, 9, DAY, [ImportedViewing(DAY, half_stars=9)], [ImportedReview("Yes.")], True, DAY, True, True
    )
    plan = plan_film(history, StoredFilm(), Choices(frozenset({Kind.DIARY})))
    assert +plan.count() == {Kind.DIARY: 1}
    assert plan.viewings == [ImportedViewing(DAY)]  # stars of a viewing need a rating of the film
    plan = plan_film(history, StoredFilm(), Choices(frozenset(Kind) - {Kind.DIARY, Kind.LISTS}))
    assert +plan.count() == {Kind.RATINGS: 1, Kind.REVIEWS: 1, Kind.WATCHLIST: 1, Kind.LIKES: 1}


@pytest.mark.parametrize(
    ("meaning", "kind"),
    [
        (ListMeaning.WATCHLIST, Kind.WATCHLIST),
        (ListMeaning.SEEN, Kind.DIARY),
        (ListMeaning.LIKES, Kind.LIKES),
    ],
)
def test_a_list_is_what_the_member_says_it_is(meaning: ListMeaning, kind: Kind) -> None:
    listed = FilmHistory(FILM, is_listed=True)
    assert not +plan_film(listed, StoredFilm(), Choices()).count()
    assert +plan_film(listed, StoredFilm(), Choices(frozenset(Kind), lists_as=meaning)).count() == {kind: 1}


def test_an_imported_viewing_without_a_day_gets_one_and_a_members_own_does_not() -> None:
    history = FilmHistory(FILM, viewings=[ImportedViewing(DAY)])
    imported = StoredViewing(1, None, import_id=7)
    plan = plan_film(history, StoredFilm(viewings=(imported,)), Choices())
    assert (plan.dated, plan.viewings) == ([(imported, ImportedViewing(DAY))], [])
    plan = plan_film(history, StoredFilm(viewings=(StoredViewing(1, None),)), Choices())
    assert (plan.dated, plan.viewings) == ([], [ImportedViewing(DAY)])
    seen = FilmHistory(FILM, viewings=[ImportedViewing()])
    assert not +plan_film(seen, StoredFilm(viewings=(StoredViewing(1, DAY),)), Choices()).count()


days = st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 3))
viewings = st.builds(
    ImportedViewing, days, days, st.none() | st.integers(1, 10), st.booleans(), st.tuples() | st.just(("a", "b"))
)
reviews = st.builds(ImportedReview, st.sampled_from(["Yes.", "=1+1"]), st.booleans(), days, days)
histories = st.builds(
    FilmHistory,
    film=st.just(FILM),
    half_stars=st.none() | st.integers(1, 10),
    rated_on=days,
    viewings=st.lists(viewings, max_size=4).map(lambda each: merge_viewings([each])),
    reviews=st.lists(reviews, max_size=2, unique_by=lambda each: each.text),
    is_on_watchlist=st.booleans(),
    watchlisted_on=days,
    is_liked=st.booleans(),
    is_listed=st.booleans(),
)


def store(stored: StoredFilm, history: FilmHistory, import_id: int) -> StoredFilm:
    """Return what is stored after the history was imported."""
    plan = plan_film(history, stored, Choices())
    days_by_id = {old.id: new.watched_on for old, new in plan.dated}
    kept = [
        StoredViewing(old.id, days_by_id.get(old.id, old.watched_on), old.import_id) for old in stored.viewings
    ]
    new = [StoredViewing(100 * import_id + n, each.watched_on, import_id) for n, each in enumerate(plan.viewings)]
    return StoredFilm(
        half_stars=plan.half_stars or stored.half_stars,
        rated_at=NOW,
        viewings=(*kept, *new),
        is_on_watchlist=stored.is_on_watchlist or plan.is_watchlisted,
        is_liked=stored.is_liked or plan.is_liked,
        reviews=stored.reviews | {review.text for review in plan.reviews},
    )


def summarise(stored: StoredFilm) -> object:
    watched = sorted(str(each.watched_on) for each in stored.viewings)
    return watched, stored.is_on_watchlist, stored.is_liked, stored.reviews, stored.half_stars is not None


@given(histories, histories)
def test_importing_again_adds_nothing_and_the_order_does_not_matter(
    first: FilmHistory, second: FilmHistory
) -> None:
    once = store(store(StoredFilm(), first, 1), second, 2)
    assert summarise(store(store(once, first, 3), second, 4)) == summarise(once)
    assert summarise(store(store(StoredFilm(), second, 1), first, 2)) == summarise(once)


@given(histories)
def test_what_is_stored_of_a_file_reads_back_the_same(history: FilmHistory) -> None:
    assert history_from_json(FILM, history_to_json(history)) == history or history.watchlisted_on


@given(histories, histories)
def test_two_titles_of_one_film_lose_nothing(first: FilmHistory, second: FilmHistory) -> None:
    merged = merge_histories(first, second)
    assert (merged.half_stars is None) == (first.half_stars is None and second.half_stars is None)
    assert {review.text for review in merged.reviews} == {each.text for each in (*first.reviews, *second.reviews)}


def entry(
    film_id: str, title: str, year: int, director: str = "", fame: float = 1.0, other: str = ""
) -> TitleEntry:
    return TitleEntry(film_id, title, other or title, year, (director,) if director else (), (), fame)


INDEX = TitleIndex(
    [
        entry("burning", "Burning", 2018, "Lee Chang-dong", 50, "버닝"),
        entry("solaris-1972", "Solaris", 1972, "Andrei Tarkovsky", 60),
        entry("solaris-2002", "Solaris", 2002, "Steven Soderbergh", 40),
        entry("home-a", "Home", 2015, "Tim Johnson", 30),
        entry("home-b", "Home", 2015, "Fien Troch", 5),
        entry("heat", "Heat", 1995, "Michael Mann", 70),
    ]
)


@pytest.mark.parametrize(
    ("film", "match"),
    [
        (NamedFilm("Burning", 2018), FilmMatch.sure("burning")),
        (NamedFilm("BURNING!", 2019), FilmMatch.sure("burning")),  # the year's neighbour
        (NamedFilm("버닝", 2018), FilmMatch.sure("burning")),
        (NamedFilm("Beoning", 2018, original_title="Burning"), FilmMatch.sure("burning")),
        (NamedFilm("Burning", 1999), FilmMatch.among(["burning"])),
        (NamedFilm("Solaris", 2002), FilmMatch.sure("solaris-2002")),
        (NamedFilm("Solaris"), FilmMatch.among(["solaris-1972", "solaris-2002"])),
        (NamedFilm("Solaris", directors=("Soderbergh Steven",)), FilmMatch.sure("solaris-2002")),
        (NamedFilm("Home", 2015), FilmMatch.among(["home-a", "home-b"])),
        (NamedFilm("Home", 2015, directors=("Fien Troch",)), FilmMatch.sure("home-b")),
        (NamedFilm("Heat", 1995, directors=("Somebody Else",)), FilmMatch.among(["heat"])),
        (NamedFilm("Heat"), FilmMatch.sure("heat")),
        (NamedFilm("Nothing of the kind", 1995), FilmMatch(MatchState.UNKNOWN)),
        (NamedFilm("", ids={"imdb": "tt1"}), FilmMatch(MatchState.UNKNOWN)),
    ],
)
def test_only_what_can_be_no_other_film_is_sure(film: NamedFilm, match: FilmMatch) -> None:
    assert match_title(film, INDEX) == match


def test_similar_titles_are_offered_and_never_taken() -> None:
    assert find_similar(NamedFilm("Burnning", 2018), INDEX) == FilmMatch.among(["burning"])
    assert find_similar(NamedFilm("Burnning", 1950), INDEX).state is MatchState.UNKNOWN
