"""Letterboxd's feeds as they come from outside: read, refused where hostile, fetched politely."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.imports.following_models import InvalidUsernameError, back_off, parse_username
from bot.imports.history import FilmHistory, ImportedViewing, NamedFilm
from bot.imports.plan import StoredFilm, StoredViewing, without_own_entries
from bot.sources.letterboxd.client import (
    FeedError,
    FeedGoneError,
    FeedLimitedError,
    FeedUnavailableError,
    FeedValidators,
    LetterboxdClient,
)
from bot.sources.letterboxd.feed import InvalidFeedError, parse_feed
from tests.imports.feeds import HEAD, TAIL, FeedServer, feed, item


def test_an_entry_is_read_as_it_is() -> None:
    more = (
        "<letterboxd:rewatch>Yes</letterboxd:rewatch><letterboxd:memberLike>Yes</letterboxd:memberLike>"
        "<tmdb:movieId>491584</tmdb:movieId>"
    )
    newer = item(2, kind="review", review="Smoke &amp; <b>fire</b>.<br />And cats.", spoiler=True, more=more)
    older = item(1, "Heat", 1995, stars=None, watched=None, published="Thu, 01 Jan 2026 08:00:00 +0000")
    a_list = "<item><guid>letterboxd-list-5</guid><title>Best of all</title></item>"
    first, second = parse_feed(feed(a_list, newer, older, newer))
    assert (first.title, first.half_stars, first.watched_on, first.review, first.is_liked) == (
        "Heat", None, None, "", False,
    )  # fmt: skip
    assert (second.title, second.year, second.tmdb_id, second.half_stars) == ("Burning", 2018, "491584", 9)
    assert (second.watched_on, second.is_rewatch, second.is_liked) == (date(2026, 1, 2), True, True)
    assert (second.review, second.is_spoiler) == ("Smoke & fire.\nAnd cats.", True)
    assert second.published_at == datetime(2026, 1, 2, 7, tzinfo=UTC)
    (edited,) = parse_feed(feed(item(2, kind="review", review="Smoke.", spoiler=True, more=more)))
    assert edited.guid == second.guid
    assert edited.digest != second.digest


@pytest.mark.parametrize(
    ("stars", "half_stars"),
    [("0.5", 1), ("5.0", 10), ("4", 8), ("0.0", None), ("5.5", None), ("x", None), ("", None)],
)
def test_ratings(stars: str, half_stars: int | None) -> None:
    (entry,) = parse_feed(feed(item(1, stars=stars)))
    assert entry.half_stars == half_stars


@pytest.mark.parametrize(
    "link",
    [
        "http://letterboxd.com/a/", "https://letterboxd.com.example.org/", "https://example.org/letterboxd.com",
        "javascript:alert(1)", "https://a:b@letterboxd.com/", "https://letterboxd.com:99999999/", "https://[",
        "https://letterboxd.com/) [x](https://example.org", "https://letterboxd.com/" + "a" * 400,
    ],
)  # fmt: skip
def test_links_lead_to_letterboxd_only(link: str) -> None:
    (entry,) = parse_feed(feed(item(1, link=link)))
    assert entry.link == ""


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or chr(0)};" * 10}">'.replace("\0", "") for n in range(1, 9))
    + "]><rss><channel><item>&a8;</item></channel></rss>"
)
EXTERNAL = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel>&x;</channel></rss>'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\0\0", b"<rss", b"<html><body>Not found</body></html>", BOMB.encode(), EXTERNAL.encode(),
        HEAD.encode(), (HEAD + "<item>" * 50_000).encode(), b"<?xml version='1.0' encoding='x-none'?><rss/>",
        HEAD.encode("utf-16") + TAIL.encode(),
    ],
)  # fmt: skip
def test_hostile_and_broken_feeds_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidFeedError):
        parse_feed(body)


@given(st.text(max_size=40), st.text(max_size=40), st.binary(max_size=60))
def test_nothing_in_a_feed_raises_anything_else(title: str, html: str, noise: bytes) -> None:
    for body in (
        feed(item(1, title, None, review=html, watched=html, published=title)),
        feed(item(1, published="Mon, 01 Jan 0001 00:00:00 +2359")),
        noise + feed(),
        feed() + noise,
    ):
        with suppress(InvalidFeedError):
            parse_feed(body)


@pytest.mark.parametrize("typed", ["Some_Body", "@some_body", " https://letterboxd.com/Some_Body/film/x/?a=b "])
def test_names_and_addresses(typed: str) -> None:
    assert parse_username(typed) == "some_body"


@pytest.mark.parametrize(
    "typed", ["", "a", "a b", "../etc", "some-body", "x" * 16, "https://example.org/somebody"]
)
def test_what_is_no_name(typed: str) -> None:
    with pytest.raises(InvalidUsernameError):
        parse_username(typed)


def test_waiting_grows_with_failures_and_ends_somewhere() -> None:
    waits = [back_off(count).total_seconds() / 60 for count in (1, 2, 3, 50)]
    assert waits == [30, 60, 120, 360]


def test_entries_of_a_members_own_are_not_doubled() -> None:
    film = NamedFilm("Burning", 2018)
    history = FilmHistory(film, 8, viewings=[ImportedViewing(date(2026, 1, 2), date(2026, 1, 2), 8)])
    here = datetime(2026, 1, 3, 1, tzinfo=UTC)
    for viewing, kept in (
        (StoredViewing(1, date(2026, 1, 1), None, here), 0),
        (StoredViewing(1, None, None, here), 0),
        (StoredViewing(1, date(2025, 12, 31), None, here), 1),
        (StoredViewing(1, date(2026, 1, 2), 7, here), 1),  # an imported one: planning compares the days
    ):
        stored = StoredFilm(half_stars=6, viewings=(viewing,), is_rating_imported=viewing.import_id is not None)
        left = without_own_entries(history, stored)
        assert (len(left.viewings), left.half_stars) == (kept, 8 if stored.is_rating_imported else None)


async def test_feeds_are_fetched_conditionally_and_within_limits() -> None:
    async with FeedServer() as server:
        client = LetterboxdClient(server.url)
        server.feeds["somebody"] = feed(item(1))

        async def failure(name: str) -> FeedError:
            with pytest.raises(FeedError) as caught:
                await client.fetch(name)
            return caught.value

        def redirect(location: str) -> web.StreamResponse:
            return web.Response(status=301, headers={"Location": location})

        server.handlers |= {
            "limited": lambda _: web.Response(status=429, headers={"Retry-After": "90"}),
            "broken": lambda _: web.Response(status=503),
            "large": lambda _: web.Response(body=b"a" * 1_100_000),
            "renamed": lambda _: redirect("/somebody/rss/"),
            "elsewhere": lambda _: redirect("http://127.0.0.1:9/somebody/rss/"),
            "away": lambda _: redirect("/sign-in/"),
            "circle": lambda _: redirect("/circle/rss/"),
        }
        try:
            first = await client.fetch("somebody")
            assert first.body == server.feeds["somebody"]
            again = await client.fetch("somebody", first.validators)
            assert (again.body, again.validators, server.statuses[-1]) == (None, first.validators, 304)
            assert (await client.fetch("renamed", FeedValidators())).username == "somebody"
            limited = await failure("limited")
            assert isinstance(limited, FeedLimitedError)
            assert limited.retry_after == 90
            for name, kind in {
                "nobody": FeedGoneError, "elsewhere": FeedGoneError, "away": FeedGoneError,
                "broken": FeedUnavailableError, "large": FeedUnavailableError, "circle": FeedUnavailableError,
            }.items():  # fmt: skip
                assert type(await failure(name)) is kind, name
        finally:
            await client.close()
    client = LetterboxdClient(server.url)  # nobody listens there any more
    with pytest.raises(FeedUnavailableError):
        await client.fetch("somebody")
    await client.close()
