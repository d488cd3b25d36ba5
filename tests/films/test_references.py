"""Ids and addresses that name a film."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.films.models import FilmReference, parse_reference


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("tt0133093", FilmReference({"imdb": "tt0133093"})),
        (" TT0133093 ", FilmReference({"imdb": "tt0133093"})),
        ("imdb:tt0468569", FilmReference({"imdb": "tt0468569"})),
        ("tmdb:603", FilmReference({"tmdb": "603"})),
        ("TMDB: 603", FilmReference({"tmdb": "603"})),
        ("https://www.imdb.com/title/tt0133093/", FilmReference({"imdb": "tt0133093"})),
        ("imdb.com/title/tt0245429/", FilmReference({"imdb": "tt0245429"})),
        ("<https://m.imdb.com/title/tt0816692/?ref_=fn_al_tt_1>", FilmReference({"imdb": "tt0816692"})),
        ("https://www.imdb.com/de/title/tt0133093/reviews", FilmReference({"imdb": "tt0133093"})),
        (
            "https://www.themoviedb.org/movie/603-the-matrix?language=de",
            FilmReference({"tmdb": "603"}, "the matrix"),
        ),
        ("themoviedb.org/movie/603", FilmReference({"tmdb": "603"})),
        (
            "https://letterboxd.com/film/dune-part-two/",
            FilmReference({"letterboxd": "dune-part-two"}, "dune part two"),
        ),
        (
            "https://letterboxd.com/somebody/film/ballerina-2023/1/",
            FilmReference({"letterboxd": "ballerina-2023"}, "ballerina 2023"),
        ),
        ("https://boxd.it/2b8U", FilmReference({"boxd.it": "2b8U"})),
        ("https://www.wikidata.org/wiki/Q83495", FilmReference({"wikidata": "Q83495"})),
        (
            "https://trakt.tv/movies/the-matrix-1999",
            FilmReference({"trakt": "the-matrix-1999"}, "the matrix 1999"),
        ),
        (
            "https://app.trakt.tv/movies/fight-club-1999",
            FilmReference({"trakt": "fight-club-1999"}, "fight club 1999"),
        ),
        ("https://www.imdb.com/title/TT0133093", FilmReference({"imdb": "tt0133093"})),
        ("https://www.justwatch.com/us/movie/the-matrix", FilmReference({}, "the matrix")),
        ("https://www.rottentomatoes.com/m/pulp_fiction", FilmReference({}, "pulp fiction")),
        ("https://www.rottentomatoes.com/m/1077027-pulp_fiction", FilmReference({}, "pulp fiction")),
        ("https://www.imdb.com/name/nm0000206/", FilmReference({})),
        ("https://example.org/whatever", FilmReference({})),
    ],
)
def test_ids_and_addresses(text: str, reference: FilmReference) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize("text", ["The Matrix", "Alien: Covenant", "www", "tt12", "imdb: the film", "9/11"])
def test_titles_are_no_references(text: str) -> None:
    assert parse_reference(text) is None


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    parse_reference(text)
    parse_reference(f"https://letterboxd.com/film/{text}/")
    parse_reference(f"https://{text}")
