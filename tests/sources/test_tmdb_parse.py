"""Parsing of TMDB's replies: complete ones, and ones in which any value may be anything."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.films.metadata import Details, LocalizedText, OfferKind, service_key
from bot.films.models import CreditJob
from bot.sources.tmdb.parse import (
    parse_collection,
    parse_details,
    parse_film,
    parse_search_results,
    parse_streaming,
    parse_streaming_services,
)
from tests.tmdb_payloads import collection, found, movie, offers, picture, provider, translation, video

BODY = movie("7", "Seven Lanterns", imdb_id="tt0000007")


def test_a_complete_film() -> None:
    film = parse_film(BODY)
    assert film is not None
    assert (film.title, film.year, film.runtime) == ("Seven Lanterns", 2019, 101)
    assert film.release_date == date(2019, 5, 4)
    assert film.ids == {"tmdb": "7", "imdb": "tt0000007"}
    assert film.directors == ("Bo Sample",)
    assert film.list_names(CreditJob.WRITER) == ("Cy Specimen",)
    assert [(credit.name, credit.role) for credit in film.cast] == [("Ada Example", "Herself")]
    assert (film.countries, film.languages, film.genres) == (("DE",), ("en",), ("Drama",))
    assert film.other_titles == ("Seven Lanterns Again",)
    assert film.source == "tmdb"


def test_complete_details() -> None:
    details = parse_details(BODY)
    assert details is not None
    assert details.poster == "https://image.tmdb.org/t/p/w500/poster.jpg"
    assert len(details.stills) == 10
    assert details.trailer == "https://www.youtube.com/watch?v=trailer001"
    assert details.certifications == {"DE": "16"}
    assert details.get_text("de").overview == "Was geschieht."
    assert details.get_text("de-DE").title == "Seven Lanterns auf Deutsch"
    assert details.get_text("en-US").tagline == "Seven Lanterns, at last."
    assert details.get_text("ja").title == ""


def test_a_language_translated_for_two_countries_has_a_text_for_each() -> None:
    texts = [translation("pt", "PT", "Sete", "Em Portugal."), translation("pt", "BR", "", "No Brasil.")]
    details = parse_details(movie("7", "Seven", translations={"translations": texts}))
    assert details is not None
    assert details.get_text("pt-BR").overview == "No Brasil."
    assert details.get_text("pt-BR").title == "Sete"
    assert details.get_text("pt-PT").overview == "Em Portugal."


def test_a_film_has_the_titles_of_its_translations() -> None:
    texts = [
        translation("pt", "PT", "Sete", ""),
        translation("pt", "BR", "Os Sete", ""),
        translation("es", "ES", "Siete", ""),
        translation("es", "MX", "Siete", ""),
        translation("fr", "FR", "", "Sept."),
        translation("en", "US", "Seven", ""),
    ]
    film = parse_film(movie("7", "Seven", translations={"translations": texts}))
    assert film is not None
    shown = {locale: film.get_known_title(locale) for locale in ("pt-PT", "pt-BR", "es-419", "fr", "en-GB")}
    assert shown == {"pt-PT": "Sete", "pt-BR": "Os Sete", "es-419": "Siete", "fr": "Seven", "en-GB": "Seven"}


def test_a_translation_into_the_films_own_language_has_the_original_title() -> None:
    body = movie("7", "Seven", original_title="七", original_language="ja")
    body["translations"] = {"translations": [translation("ja", "JP", "", "七つ。")]}
    details = parse_details(body)
    assert details is not None
    assert details.get_text("ja").title == "七"


def test_stills_without_writing_come_first() -> None:
    images = {"backdrops": [picture("/words.jpg", "en"), picture("/bare.jpg")]}
    details = parse_details(movie("7", "Seven", images=images))
    assert details is not None
    assert [url.rpartition("/")[2] for url in details.stills] == ["bare.jpg", "words.jpg", "backdrop.jpg"]


@pytest.mark.parametrize(
    "path", ["poster.jpg", "/../etc/passwd", "/a.jpg?x=1", "//evil.example/a.jpg", "/a.svg", 7, "/a b.jpg"]
)
def test_an_image_with_an_unsafe_path_is_left_out(path: object) -> None:
    details = parse_details(movie("7", "Seven", poster_path=path))
    assert details is not None
    assert details.poster is None


@pytest.mark.parametrize("key", ["../watch", "x", "a" * 40, "a)b(c", 5])
def test_a_video_with_an_unsafe_key_is_left_out(key: Any) -> None:
    details = parse_details(movie("7", "Seven", videos={"results": [video(key)]}))
    assert details is not None
    assert details.trailer is None


def test_offers_are_in_tmdbs_order_by_kind() -> None:
    kinds = {
        "buy": [provider("Shop", 1)],
        "flatrate": [provider("Second", 2), provider("First", 1), provider("First", 1)],
        "ads": [provider("Open", 0)],
        "free": [provider("Library", 0)],
        "rent": [provider("Shop", 1)],
    }
    streaming = parse_streaming({"results": offers(DE=kinds, FR={"flatrate": []}, deutschland=kinds)})
    assert list(streaming.countries) == ["DE"]
    here = streaming.get_country("DE")
    assert list(here.services) == list(OfferKind)
    assert here.services[OfferKind.SUBSCRIPTION] == ("First", "Second")
    assert here.get_included() == {"first": "First", "second": "Second", "library": "Library", "open": "Open"}
    assert here.list_included({"second", "shop"}) == ("Second",)
    assert streaming.get_country("FR").services == {}


def test_services_are_compared_without_plus_signs_and_advertisements() -> None:
    same = ["Lantern Plus", "lantern+", "Lantern Plus with Ads", "Lantern Plus Standard with Ads"]
    assert {service_key(name) for name in same} == {"lantern plus"}
    assert service_key("Reel") != service_key("Reel Channel")
    assert service_key("With Ads") == "with ads"


def test_a_link_to_another_site_is_left_out() -> None:
    kinds = {"DE": {"flatrate": [provider("Reel")], "link": "https://evil.example/movie"}}
    assert parse_streaming({"results": kinds}).get_country("DE").link == ""


def test_a_collections_films_are_in_release_order() -> None:
    body = collection(
        9, "Lanterns Collection", ("2", "Two", "2002-01-01"), ("3", "Three", ""), ("1", "One", "2001-01-01")
    )
    parsed = parse_collection(body.bodies[0])
    assert parsed is not None
    assert parsed.name == "Lanterns"
    assert [part.title for part in parsed.parts] == ["One", "Two", "Three"]
    assert (parsed.get_position("2"), parsed.get_position("8")) == (2, None)


def test_search_results_that_are_no_films_are_left_out() -> None:
    body = found(("1", "One", "2001-01-01"), ("2", "Two", ""))
    body["results"] += [
        None,
        7,
        {"id": None, "title": "No id"},
        {"id": 3, "title": None},
        {"id": 4, "adult": True, "title": "x"},
    ]
    assert [(each.source_id, each.year) for each in parse_search_results(body)] == [("1", 2001), ("2", None)]


def with_one_value_replaced(value: Any) -> list[Any]:
    """Return every copy of the payload in which one value, wherever it is, became something else."""
    text = json.dumps(value)
    copies = []

    def walk(node: Any, path: tuple[Any, ...]) -> None:
        for at, child in (
            node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        ):
            for other in (None, 7, -1, "", "text", [], {}, [None], {"a": None}, True, 1e300, "\ud800\0"):
                copy = json.loads(text)
                parent = copy
                for step in path:
                    parent = parent[step]
                parent[at] = other
                copies.append(copy)
            walk(child, (*path, at))

    walk(value, ())
    return copies


def parse_all(body: Any) -> None:
    film, details = parse_film(body), parse_details(body)
    json.dumps(parse_streaming_services(body) and "", ensure_ascii=False)
    for part in ("watch/providers", "results", "parts"):
        inner = body.get(part)
        if isinstance(inner, dict):
            parse_streaming(inner)
    parse_search_results(body)
    parse_collection(body)
    assert film is None or (film.title and film.ids["tmdb"])
    assert details is None or details.source_id
    repr((film, details)).encode()


def test_parsing_survives_any_single_wrong_value() -> None:
    small = movie("7", "Seven", imdb_id="tt0000007")
    small["images"]["backdrops"] = small["images"]["backdrops"][:1]
    for body in [
        *with_one_value_replaced(small),
        *with_one_value_replaced(found(("1", "One", "2001-01-01"))),
        *with_one_value_replaced(collection(1, "C", ("1", "One", "")).bodies[0]),
    ]:
        parse_all(body)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(sorted(BODY)) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=25,
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from([*sorted(BODY), "results", "parts", "name"]), ANYTHING, max_size=12))
def test_parsing_survives_any_payload(body: dict[str, Any]) -> None:
    parse_all(body)


def test_a_film_of_nulls_is_none() -> None:
    body = dict.fromkeys(BODY)
    assert parse_film(body) is None
    assert parse_details(body) is None


def test_a_region_reads_its_neighbours_texts_first() -> None:
    texts = {
        "es": LocalizedText("De España", "Sinopsis", "Lema"),
        "es-ES": LocalizedText("De España", "Sinopsis", "Lema"),
        "es-MX": LocalizedText("De México", ""),
        "zh": LocalizedText("简体"),
        "zh-HK": LocalizedText("香港"),
    }
    details = Details("tmdb", "5", texts)
    assert details.get_text("es-419") == LocalizedText("De México", "Sinopsis", "Lema")
    assert details.get_text("es-ES").title == "De España"
    assert details.get_text("zh-TW").title == "香港"
    assert details.get_text("zh-CN").title == "简体"
