"""Out again: what a member's export says is read back as it was, in every form that has room for it."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.text.csv_files import read_cell, write_csv
from bot.imports.export import render_exports
from bot.imports.formats.values import clean_review, clean_tags, clean_title
from bot.imports.history import FilmHistory, ImportedReview, ImportedViewing, NamedFilm, merge_viewings
from tests.imports.exports import archive, read

DAYS = st.dates(date(1990, 1, 1), date(2026, 1, 1))
STARS = st.none() | st.integers(1, 10)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
TAGS = st.lists(TEXTS.map(lambda text: text.replace(",", " ")), max_size=3).map(clean_tags)
VIEWINGS = st.builds(
    ImportedViewing,
    watched_on=st.none() | DAYS,
    half_stars=STARS,
    is_rewatch=st.booleans(),
    tags=TAGS.map(lambda tags: tuple(dict.fromkeys(read_cell(tag) for tag in tags if tag.strip("'")))),
)
REVIEWS = st.builds(ImportedReview, text=TEXTS.map(clean_review), is_spoiler=st.booleans()).filter(
    lambda review: bool(review.text)
)


@st.composite
def histories(draw: Callable[[Any], Any]) -> list[FilmHistory]:
    films = []
    for number in range(draw(st.integers(1, 4))):
        title = clean_title(draw(TEXTS)) or "Untitled"
        ids = {"imdb": f"tt{1_000_000 + number}"} | ({"tmdb": str(100 + number)} if draw(st.booleans()) else {})
        viewings = merge_viewings([draw(st.lists(VIEWINGS, max_size=4))])
        reviews = {review.text: review for review in draw(st.lists(REVIEWS, max_size=3))}
        days = [each.watched_on for each in viewings]
        chosen = [
            replace(review, text=text, watched_on=draw(st.sampled_from([*days, None])))
            for text, review in reviews.items()
        ]
        half_stars = draw(STARS)
        is_listed = draw(st.booleans())
        films.append(
            FilmHistory(
                NamedFilm(title, draw(st.none() | st.integers(1900, 2026)), ids),
                half_stars=half_stars,
                rated_on=draw(st.none() | DAYS) if half_stars is not None else None,
                viewings=viewings,
                reviews=chosen,
                is_on_watchlist=is_listed,
                watchlisted_on=draw(st.none() | DAYS) if is_listed else None,
                is_liked=draw(st.booleans()),
            )
        )
    return films


def diary_of(history: FilmHistory) -> Counter[Any]:
    return Counter((v.watched_on, v.half_stars, v.is_rewatch, v.tags) for v in history.viewings)


@settings(max_examples=40)
@given(histories())
def test_letterboxds_form_says_it_all_but_days_of_writing(films: list[FilmHistory]) -> None:
    films = [film for film in films if not film.is_empty]
    rendered = {name: text for name, text in render_exports(films).items() if name.startswith("letterboxd")}
    again = {film.film.ids["imdb"]: film for film in read(archive(rendered)).films} if rendered else {}
    assert again.keys() == {film.film.ids["imdb"] for film in films}
    for film in films:
        read_back = again[film.film.ids["imdb"]]
        rating_of_viewings = any(viewing.half_stars for viewing in film.viewings)
        if film.half_stars is not None or not rating_of_viewings:
            assert read_back.half_stars == film.half_stars
        assert diary_of(read_back) == diary_of(film)
        assert {(each.text, each.is_spoiler) for each in read_back.reviews} == {
            (each.text, each.is_spoiler) for each in film.reviews
        }
        assert read_back.is_liked == film.is_liked
        assert read_back.is_on_watchlist == film.is_on_watchlist
        assert (read_back.film.year, read_back.film.ids) == (film.film.year, film.film.ids)


@settings(max_examples=40)
@given(histories())
def test_imdbs_form_has_ratings_and_watchlist_with_their_days(films: list[FilmHistory]) -> None:
    films = [film for film in films if film.half_stars is not None or film.is_on_watchlist]
    rendered = {name: text for name, text in render_exports(films).items() if name.startswith("imdb")}
    again = {film.film.ids["imdb"]: film for film in read(archive(rendered)).films} if rendered else {}
    assert {
        key: (film.half_stars, film.rated_on, film.is_on_watchlist, film.watchlisted_on)
        for key, film in again.items()
    } == {
        film.film.ids["imdb"]: (film.half_stars, film.rated_on, film.is_on_watchlist, film.watchlisted_on)
        for film in films
    }


@settings(max_examples=40)
@given(histories())
def test_trakts_form_has_days_ratings_and_watchlist(films: list[FilmHistory]) -> None:
    films = [film for film in films if film.half_stars is not None or film.is_on_watchlist or film.viewings]
    rendered = render_exports(films)
    again = {film.film.ids["imdb"]: film for film in read(rendered["trakt.json"], "t.json").films} if films else {}
    assert {
        key: (film.half_stars, film.rated_on, film.watchlisted_on, Counter(v.watched_on for v in film.viewings))
        for key, film in again.items()
    } == {
        film.film.ids["imdb"]: (
            film.half_stars, film.rated_on, film.watchlisted_on, Counter(v.watched_on for v in film.viewings),
        )
        for film in films
    }  # fmt: skip


def write_and_read(text: str) -> tuple[str, str]:
    """Return a cell as it is written, and as it is read again."""
    file = io.StringIO(newline="")
    write_csv(file, [[text, "end"]])
    ((written, _),) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    return written, read_cell(written)


@given(st.text(max_size=12))
def test_a_cell_that_is_guarded_against_spreadsheets_is_read_as_it_was(text: str) -> None:
    written, again = write_and_read(text)
    assert again == text
    assert not written.lstrip(" \u00a0\u200b\ufeff").startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''=1", "-", "'", "' =x", "'plain"])
def test_apostrophes_of_ones_own_stay(text: str) -> None:
    assert write_and_read(text)[1] == text


def test_reviews_lose_the_tags_of_letterboxds_export() -> None:
    text = 'Coffee, <b>wow</b>.<br />See <a href="https://a.org">this</a>: 1 < 2<blockquote>Yes.</blockquote>'
    assert clean_review(text) == "Coffee, wow.\nSee this: 1 < 2\nYes."
    assert clean_review("<<b>b>bold") == "bold"
