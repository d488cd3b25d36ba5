import contextlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text.folding import fold
from bot.films.models import CreditJob, RegionalTitle
from bot.sources import starter
from bot.sources.starter import bundled_data_path

GOOD: dict[str, Any] = {
    "id": "paper-boats-1999",
    "title": "Paper Boats",
    "original_title": "Barquitos de papel",
    "also": ["Boats of Paper"],
    "titles": {"de": "Papierschiffe", "es-MX": "Barcos de papel"},
    "series": {"name": "Boats", "part": 2},
    "year": 1999,
    "released": "1999-03-12",
    "runtime": 91,
    "countries": ["AR"],
    "languages": ["es"],
    "genres": ["Drama"],
    "directors": ["Ana Ficticia"],
    "writers": ["Ana Ficticia"],
    "music": [],
    "production": [],
    "cast": [{"name": "Bruno Inventado", "as": "Nico"}],
    "logline": "Two brothers float messages down a river and wait for an answer.",
    "streaming": [{"service": "Riverflix", "countries": ["*"], "as_of": "2025-01-01"}],
    "ids": {"imdb": "tt0000001", "tmdb": 1},
    "fame": 20,
}


def line(**changes: object) -> str:
    return json.dumps(GOOD | changes)


def test_a_good_line() -> None:
    film = starter.parse(line())
    assert film.dated_title == "Paper Boats (1999)"
    assert [credit.role for credit in film.cast] == ["Nico"]
    assert film.list_names(CreditJob.WRITER) == ("Ana Ficticia",)
    assert film.availability[0].covers("AR")
    assert film.availability[0].covers(None)
    assert film.ids == {"imdb": "tt0000001", "tmdb": "1"}
    assert film.other_titles == ("Boats of Paper", "Boats 2")
    assert film.regional_titles == (
        RegionalTitle("Papierschiffe", None, "de"),
        RegionalTitle("Barcos de papel", "MX", "es"),
    )


def test_namesakes_have_ids_of_their_own() -> None:
    film = starter.parse(line(people={"Ana Ficticia": "ana-ficticia-director"}))
    assert {credit.person_id for credit in film.credits} == {"ana-ficticia-director", "bruno-inventado"}


def test_a_series_that_shares_its_short_name_gives_no_title() -> None:
    film = starter.parse(line(series={"name": "Boats (1999)", "part": 2}))
    assert film.other_titles == ("Boats of Paper",)


def test_keywords_may_be_left_out() -> None:
    assert starter.parse(line()).keywords == ()
    assert starter.parse(line(keywords=["paper boats", "river"])).keywords == ("paper boats", "river")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "Not A Slug"}, "id"),
        ({"id": "x" * 61}, "id"),
        ({"title": ""}, "title"),
        ({"titles": []}, "titles"),
        ({"titles": {"german": "x"}}, "titles.german"),
        ({"series": "Boats 2"}, "series"),
        ({"series": {"name": "Boats", "part": 0}}, "series.part"),
        ({"people": {"Ana Ficticia": "Not A Slug"}}, "people.Ana Ficticia"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "bidi \u202e"}, "title"),
        ({"also": "one"}, "also"),
        ({"keywords": "one"}, "keywords"),
        ({"year": "1999"}, "year"),
        ({"year": True}, "year"),
        ({"year": 1700}, "year"),
        ({"released": "12.3.1999"}, "released"),
        ({"released": "1999-02-30"}, "released"),
        ({"runtime": 0}, "runtime"),
        ({"countries": ["Argentina"]}, "countries"),
        ({"languages": ["ES"]}, "languages"),
        ({"genres": ["Telenovela"]}, "genres"),
        ({"cast": ["Bruno"]}, "cast[0]"),
        ({"cast": [{"name": "Bruno"}]}, "cast[0].as"),
        ({"streaming": [{"service": "R", "countries": [], "as_of": "2025-01-01"}]}, "streaming[0].countries"),
        ({"streaming": [{"service": "R", "countries": ["AR"]}]}, "streaming[0].as_of"),
        ({"ids": {"imdb": "1"}}, "ids.imdb"),
        ({"ids": {"letterboxd": "x"}}, "ids.letterboxd"),
        ({"fame": 101}, "fame"),
        ({"titel": "misspelt"}, "titel"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(starter.FieldError) as caught:
        starter.parse(line(**changes))
    assert str(caught.value).startswith(f"{field}: ")


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_field_is_named(name: str) -> None:
    record = {key: value for key, value in GOOD.items() if key != name}
    with pytest.raises(starter.FieldError, match=f"^{name}: missing"):
        starter.parse(json.dumps(record))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_any_json_is_a_film_or_a_field_error(value: object) -> None:
    for text in (json.dumps(value), json.dumps(GOOD | {"cast": value, "ids": {}})):
        with contextlib.suppress(starter.FieldError):
            starter.parse(text)


def test_one_bad_line_never_stops_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "films.jsonl"
    other = line(id="other-2000")
    path.write_bytes(
        b"\n".join(
            [
                line().encode(),
                b"{broken",
                line(year="x", id="third").encode(),
                b"\xff\xfe",
                line().encode(),
                other.encode(),
            ]
        )
    )
    catalogue = starter.load(path)
    assert [film.id for film in catalogue.films] == ["paper-boats-1999", "other-2000"]
    assert [(problem.line, problem.message.split(":")[0]) for problem in catalogue.problems] == [
        (2, "not JSON from character 2 on"),
        (3, "year"),
        (4, "not UTF-8 at byte 0"),
        (5, "id"),
    ]
    assert str(catalogue.problems[1]).startswith("films.jsonl:3: year: ")


@pytest.fixture(scope="module")
def catalogue() -> starter.StarterCatalogue:
    return starter.load(bundled_data_path("films.jsonl"))


def test_the_bundled_catalogue_is_whole(catalogue: starter.StarterCatalogue) -> None:
    assert catalogue.problems == []
    assert len(catalogue.films) >= 600


def test_it_holds_ballerina(catalogue: starter.StarterCatalogue) -> None:
    film = next(film for film in catalogue.films if film.id == "ballerina-2023")
    assert (film.title, film.original_title, film.countries, film.runtime) == (
        "Ballerina",
        "발레리나",
        ("KR",),
        93,
    )
    assert film.directors == ("Lee Chung-hyun",)
    assert film.list_names(CreditJob.COMPOSER) == ("Gray",)
    assert "Climax Studio" in film.production_companies
    assert {("Jeon Jong-seo", "Ok-ju"), ("Kim Ji-hoon", "Choi Pro"), ("Park Yu-rim", "Min-hee")} <= {
        (credit.name, credit.role) for credit in film.cast
    }
    assert {"Kim Mu-yeol", "Shin Se-hwi", "Park Hyung-soo"} <= {credit.name for credit in film.cast}
    assert [(item.service, str(item.since)) for item in film.availability] == [("Netflix", "2023-10-06")]


def test_it_is_as_wide_as_it_should_be(catalogue: starter.StarterCatalogue) -> None:
    films = catalogue.films
    assert len({code for film in films for code in film.countries}) >= 40
    assert {film.year // 10 * 10 for film in films if film.year} >= set(range(1920, 2030, 10))
    assert sum("KR" in film.countries for film in films) >= 66
    shared = [count for count in Counter(fold(film.title) for film in films).values() if count > 1]
    assert len(shared) >= 25


@pytest.mark.parametrize("script", ["가힣", "ぁん", "一龥", "Ѐӿ", "ऀॿ", "؀ۿ", "Àÿ"])
def test_it_holds_titles_in_many_scripts(catalogue: starter.StarterCatalogue, script: str) -> None:
    first, last = script
    assert any(first <= letter <= last for film in catalogue.films for title in film.titles for letter in title)
