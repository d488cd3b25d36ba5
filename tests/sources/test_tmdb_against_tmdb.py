"""Requests against TMDB's own API description, parsing against replies recorded from it.

Both lie beside the repository where it is developed, in no copy of it; without them these tests are skipped.
"""

import gzip
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from bot.films.metadata import OfferKind
from bot.films.models import CreditJob
from bot.sources.tmdb import endpoints, parse
from bot.sources.tmdb.parse import (
    parse_collection,
    parse_details,
    parse_film,
    parse_search_results,
    parse_streaming,
    parse_streaming_services,
)

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("MARQUEE_SHARED") or ROOT.parent / "shared") / "data"
pytestmark = pytest.mark.skipif(
    not (SHARED / "tmdb_api.json.gz").is_file(), reason="TMDB's description is not here"
)


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(gzip.decompress((SHARED / "tmdb_api.json.gz").read_bytes()))
    return described


def recorded(name: str) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads((SHARED / "tmdb" / f"{name}.json").read_text("utf-8"))
    assert reply["status"] == 200
    body: dict[str, Any] = reply["body"]
    return body


REQUESTS = {
    "check": endpoints.authentication(),
    "details": endpoints.movie_details("47964"),
    "providers": endpoints.movie_watch_providers("47964"),
    "find": endpoints.find_by_imdb_id("tt0088247"),
    "search": endpoints.search_movies("die hard", 2013),
    "search without a year": endpoints.search_movies("die hard"),
    "collection": endpoints.collection("1570"),
    "services": endpoints.watch_providers(),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_matches_tmdbs_description(description: dict[str, Any], name: str) -> None:
    path, params = REQUESTS[name]
    templates = {
        template: re.fullmatch(re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(template)), path)
        for template in description["paths"]
    }
    template = min((t for t, match in templates.items() if match), key=lambda t: t.count("{"))
    get = description["paths"][template]["get"]
    assert not get.get("deprecated")
    described = {parameter["name"]: parameter for parameter in get.get("parameters", [])}
    assert params.keys() <= described.keys()
    for parameter in described.values():
        value = params.get(parameter["name"])
        if parameter["in"] == "path":
            match = templates[template]
            assert match is not None
            value = match[1]
        if value is None:
            assert not parameter.get("required")
        elif parameter["schema"]["type"] == "integer":
            assert value.isdecimal()
        elif parameter["schema"]["type"] == "boolean":
            assert value in ("true", "false")
        if value is not None and "enum" in parameter["schema"]:
            assert value in parameter["schema"]["enum"]


def test_appended_parts_exist_for_films_and_are_few_enough(description: dict[str, Any]) -> None:
    assert len(endpoints.DETAILS_PARTS) <= 20
    for part in endpoints.DETAILS_PARTS:
        assert f"/3/movie/{{movie_id}}/{part}" in description["paths"]


def test_the_key_is_sent_where_tmdb_expects_it(description: dict[str, Any]) -> None:
    scheme = description["components"]["securitySchemes"]["sec0"]
    assert (scheme["in"], scheme["name"], scheme["x-bearer-format"]) == ("header", "Authorization", "bearer")


def test_a_recorded_film() -> None:
    body = recorded("movie_47964")
    for part in ("credits", "release_dates", "translations", "images", "videos"):
        body[part] = recorded(f"movie_47964_{part}")
    body["watch/providers"] = recorded("movie_47964_watch_providers")
    film, details = parse_film(body), parse_details(body)
    assert film is not None
    assert details is not None
    assert film.title == body["title"]
    assert film.year == 2013
    assert film.list_names(CreditJob.DIRECTOR)
    assert film.cast[0].name == "Bruce Willis"
    assert film.ids["imdb"] == body["imdb_id"]
    assert details.collection is not None
    assert details.collection.name == "Die Hard"
    assert len(details.stills) == 10
    assert details.certifications["US"] == "R"
    assert details.get_text("de").title.startswith("Stirb langsam")
    assert details.get_text("en").overview == body["overview"]


def test_every_recorded_offer_is_kept_in_order() -> None:
    for path in sorted((SHARED / "tmdb").glob("movie_*_watch_providers.json")):
        body = json.loads(path.read_text("utf-8"))["body"]
        streaming = parse_streaming(body)
        for code, kinds in body["results"].items():
            for key, offer in parse.OFFERS.items():
                names = streaming.get_country(code).services.get(offer, ())
                assert set(names) == {each["provider_name"].strip() for each in kinds.get(key, [])}
                ranks = {each["provider_name"].strip(): each["display_priority"] for each in kinds.get(key, [])}
                assert [ranks[name] for name in names] == sorted(ranks[name] for name in names)
    assert (
        parse_streaming(recorded("movie_47964_watch_providers")).get_country("DE").services[OfferKind.SUBSCRIPTION]
    )


def test_recorded_searches_and_finds() -> None:
    first = parse_search_results(recorded("search_movie__include_adult=false,query=007,year=1962"))
    assert [(each.title, each.year) for each in first] == [("Dr. No", 1962)]
    found = parse_search_results(recorded("find_tt0088247__external_source=imdb_id"), "movie_results")
    assert [each.title for each in found] == ["The Terminator"]
    assert parse_search_results(recorded("find_tt0903747__external_source=imdb_id"), "movie_results") == []


def test_parsing_survives_every_recorded_reply() -> None:
    count = 0
    for path in sorted((SHARED / "tmdb").glob("*.json")):
        body = json.loads(path.read_text("utf-8"))["body"]
        if isinstance(body, dict):
            parse_film(body)
            parse_details(body)
            parse_streaming(body)
            parse_search_results(body)
            parse_collection(body)
            parse_streaming_services(body)
            count += 1
    assert count > 50
