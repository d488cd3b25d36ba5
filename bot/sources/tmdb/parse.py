"""Turns TMDB's JSON into models. Any field may be missing, null or of a wrong type: it then counts as unknown."""

import math
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.films.metadata import (
    STILLS_LIMIT,
    Candidate,
    Collection,
    CollectionPart,
    CountryOffers,
    Details,
    LocalizedText,
    OfferKind,
    Part,
    PersonDetails,
    PopularPage,
    StreamingOffers,
    StreamingService,
)
from bot.films.models import Credit, CreditJob, Film, RegionalTitle
from bot.search.query import FIRST_YEAR
from bot.sources.starter import person_id

Json = dict[str, Any]
SOURCE_NAME = "tmdb"
IMAGE_URL = "https://image.tmdb.org/t/p"
MAX_CAST = 30
MAX_ID = 2**31 - 1
MAX_TITLES = 40
MAX_PAGES = 500
TEXT_LIMIT = 4_000
FAME_PER_TENFOLD = 21.3
"""The fame that ten times as many votes add."""
LANGUAGES = frozenset(
    (
        "bg", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nl",
        "no", "pl", "pt", "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh",
    )
)  # fmt: skip
"""The languages of Discord's clients (`no` stands for both Norwegian ones)."""
JOBS = {
    "Director": CreditJob.DIRECTOR,
    "Screenplay": CreditJob.WRITER,
    "Writer": CreditJob.WRITER,
    "Original Music Composer": CreditJob.COMPOSER,
}
OFFERS = {
    "flatrate": OfferKind.SUBSCRIPTION,
    "free": OfferKind.FREE,
    "ads": OfferKind.ADS,
    "rent": OfferKind.RENT,
    "buy": OfferKind.BUY,
}
APPENDED_PARTS = {
    "credits": Part.CREDITS,
    "release_dates": Part.CERTIFICATIONS,
    "translations": Part.TEXTS,
    "alternative_titles": Part.TITLES,
    "images": Part.STILLS,
    "videos": Part.TRAILER,
    "watch/providers": Part.OFFERS,
    "external_ids": Part.IDS,
}
"""What is appended to a film's details, by its name in the reply."""
OWN_PARTS = {"poster_path": Part.POSTER, "belongs_to_collection": Part.COLLECTION}
_COUNTRY_CODE = re.compile(r"[A-Z]{2}")
_LANGUAGE_CODE = re.compile(r"[a-z]{2}")
_IMAGE_PATH = re.compile(r"/[\w-]+\.(?:jpg|png|webp)")
_VIDEO_KEY = re.compile(r"[\w-]{6,20}")
_IMDB_ID = re.compile(r"tt\d{7,10}")


def parse_film(body: Json) -> Film | None:
    """Return the film of a details reply, with "" as its id, or None where the reply holds no film."""
    source_id, title = _id(body), _text(body, "title") or _text(body, "original_title")
    if source_id is None or not title:
        return None
    released = _date(body.get("release_date"))
    imdb_id = _text(body, "imdb_id") or _text(_object(body, "external_ids"), "imdb_id")
    original_title = _text(body, "original_title") or title
    language = _text(body, "original_language")
    titles = [_text(each, "title") for each in _objects(_object(body, "alternative_titles"), "titles")]
    genres = [_text(each, "name") for each in _objects(body, "genres")]
    companies = [_text(each, "name") for each in _objects(body, "production_companies")]
    return Film(
        id="",
        title=title,
        original_title=original_title,
        year=released.year if released else None,
        other_titles=tuple(dict.fromkeys(name for name in titles if name not in ("", title, original_title)))[
            :MAX_TITLES
        ],
        regional_titles=tuple(_regional_titles(body)),
        release_date=released,
        runtime=_integer(body.get("runtime"), 1, 1_000),
        countries=_codes(body, "production_countries", "iso_3166_1", _COUNTRY_CODE),
        languages=(language,) if _LANGUAGE_CODE.fullmatch(language) else (),
        genres=tuple(filter(None, genres)),
        production_companies=tuple(filter(None, companies)),
        credits=tuple(_credits(_object(body, "credits"))),
        logline=_text(body, "overview")[:1_000],
        ids={SOURCE_NAME: source_id} | ({"imdb": imdb_id} if _IMDB_ID.fullmatch(imdb_id) else {}),
        source=SOURCE_NAME,
    )


def parse_details(body: Json) -> Details | None:
    """Return the details of a details reply, or None where the reply holds no film."""
    source_id = _id(body)
    if source_id is None:
        return None
    collection_body = _object(body, "belongs_to_collection")
    collection_id = _id(collection_body)
    return Details(
        source=SOURCE_NAME,
        source_id=source_id,
        texts=_local_texts(body),
        poster=_image_url(body.get("poster_path"), "w500"),
        stills=_stills(body),
        trailer=_trailer(body),
        certifications=dict(_certifications(_object(body, "release_dates"))),
        collection=Collection(collection_id, _collection_name(collection_body)) if collection_id else None,
    )


def parse_person(body: Json) -> PersonDetails:
    """Return what a reply about a person has."""
    return PersonDetails(
        _image_url(body.get("profile_path"), "h632"), _date(body.get("birthday")), _date(body.get("deathday"))
    )


def parse_missing_parts(body: Json) -> frozenset[Part]:
    """Return the parts of which a details reply says nothing: an appended one that is no object, an absent field.

    Read as empty they would erase what is known.
    """
    missing = {part for name, part in APPENDED_PARTS.items() if not isinstance(body.get(name), dict)}
    return frozenset(missing | {part for name, part in OWN_PARTS.items() if name not in body})


def parse_streaming(body: Json) -> StreamingOffers:
    """Return the offers of a `watch/providers` reply, each kind's services by their `display_priority`."""
    countries = {}
    for code, offers in _object(body, "results").items():
        if not _COUNTRY_CODE.fullmatch(str(code)) or not isinstance(offers, dict):
            continue
        services = {}
        for key, offer in OFFERS.items():
            providers = [each for each in _objects(offers, key) if _text(each, "provider_name")]
            providers.sort(key=lambda each: _integer(each.get("display_priority"), 0, 10**6) or 0)
            if names := tuple(dict.fromkeys(_text(each, "provider_name") for each in providers)):
                services[offer] = names
        if services:
            countries[code] = CountryOffers(services, _tmdb_link(offers))
    return StreamingOffers(countries)


def parse_search_results(body: Json, key: str = "results") -> list[Candidate]:
    """Return the films of a search reply; those of a find reply are under the key `movie_results`."""
    candidates = []
    for each in _objects(body, key):
        source_id, title = _id(each), _text(each, "title") or _text(each, "original_title")
        if source_id is None or not title or each.get("adult") is True:
            continue
        released = _date(each.get("release_date"))
        original_title = _text(each, "original_title") or title
        fame = _estimate_fame(_integer(each.get("vote_count"), 0, 10**7) or 0)
        language = _text(each, "original_language")
        candidates.append(
            Candidate(
                source_id,
                title,
                original_title,
                released.year if released else None,
                fame,
                language if _LANGUAGE_CODE.fullmatch(language) else None,
            )
        )
    return candidates


def parse_popular_page(body: Json) -> PopularPage:
    """Return the films of a discover reply; TMDB shows at most 500 pages."""
    page_count = _integer(body.get("total_pages"), 0, 10**7) or 0
    return PopularPage(tuple(parse_search_results(body)), min(page_count, MAX_PAGES))


def _estimate_fame(vote_count: int) -> float:
    """Return the fame, 0 to 100, of a film with that many votes at TMDB.

    On the catalogue's scale a film that everybody knows (about 35,000 votes) stands at 97, one that film fans love
    (2,000 votes) at 70.
    """
    return min(100.0, FAME_PER_TENFOLD * math.log10(1 + vote_count))


def parse_collection(body: Json) -> Collection | None:
    """Return the collection with its films by release date, undated ones last, or None where there is none."""
    source_id = _id(body)
    if source_id is None:
        return None
    parts = []
    for each in _objects(body, "parts"):
        part_id, title = _id(each), _text(each, "title") or _text(each, "name")
        if part_id is not None and title:
            released = _date(each.get("release_date"))
            part = CollectionPart(part_id, title, released.year if released else None)
            parts.append((released or date.max, part))
    parts.sort(key=lambda dated: dated[0])
    return Collection(source_id, _collection_name(body), tuple(part for _, part in parts))


def parse_streaming_services(body: Json) -> list[StreamingService]:
    """Return all streaming services with their place in each country's order."""
    services = []
    for each in _objects(body, "results"):
        places = {
            code: place
            for code, place in _object(each, "display_priorities").items()
            if _COUNTRY_CODE.fullmatch(str(code)) and _integer(place, 0, 10**6) is not None
        }
        if (name := _text(each, "provider_name")) and places:
            services.append(StreamingService(name, places, _integer(each.get("provider_id"), 1, MAX_ID)))
    return services


def _collection_name(body: Json) -> str:
    return _text(body, "name").removesuffix(" Collection") or "Collection"


def _credits(body: Json) -> Iterator[Credit]:
    """Yield the credits, with the id that a person gets of whom only the name is known, and TMDB's id of them."""
    seen = set()
    for each in _objects(body, "crew"):
        job, name = JOBS.get(_text(each, "job")), _text(each, "name")
        if job is not None and name and person_id(name) and (job, name, _id(each)) not in seen:
            seen.add((job, name, _id(each)))
            yield Credit(name, job, None, person_id(name), source_id=_id(each))
    cast = sorted(_objects(body, "cast"), key=lambda each: _integer(each.get("order"), 0, 10**6) or 0)
    for each in cast[:MAX_CAST]:
        if (name := _text(each, "name")) and person_id(name):
            role = _text(each, "character")[:200] or None
            yield Credit(name, CreditJob.CAST, role, person_id(name), source_id=_id(each))


def _local_texts(body: Json) -> dict[str, LocalizedText]:
    """Return the texts by language, and by language with country (`pt-BR`) for each that is translated for one."""
    texts: dict[str, LocalizedText] = {}
    original_language = _text(body, "original_language")
    for each in _objects(_object(body, "translations"), "translations"):
        language, country = _text(each, "iso_639_1"), _text(each, "iso_3166_1")
        if language == "nb":
            language = "no"
        text = _local_text(_object(each, "data"))
        if language == original_language and not text.title:
            # A translation into the film's own language leaves the title out.
            text = LocalizedText(_text(body, "original_title"), text.overview, text.tagline)
        if language in LANGUAGES and any((text.title, text.overview, text.tagline)):
            texts.setdefault(language, text)
            if _COUNTRY_CODE.fullmatch(country):
                texts.setdefault(f"{language}-{country}", text)
    # The reply's own texts are English, and fill in what its English translation lacks.
    main = _local_text(body)
    english = texts.get("en", main)
    texts["en"] = LocalizedText(
        english.title or main.title, english.overview or main.overview, english.tagline or main.tagline
    )
    return texts


def _regional_titles(body: Json) -> Iterator[RegionalTitle]:
    """Yield the titles in other languages than English, and those of a country where they differ."""
    texts = _local_texts(body)
    for key, text in texts.items():
        language, _, country = key.partition("-")
        is_other = not country or text.title != texts[language].title
        if text.title and language != "en" and is_other:
            yield RegionalTitle(text.title, country or None, language)


def _local_text(body: Json) -> LocalizedText:
    return LocalizedText(_text(body, "title"), _text(body, "overview"), _text(body, "tagline"))


def _stills(body: Json) -> tuple[str, ...]:
    """Return the addresses of stills, those without writing on them first, the film's own backdrop last."""
    images = _objects(_object(body, "images"), "backdrops")
    images.sort(key=lambda each: each.get("iso_639_1") is not None)
    paths = [each.get("file_path") for each in images] + [body.get("backdrop_path")]
    urls = [url for path in paths if (url := _image_url(path, "w1280")) is not None]
    return tuple(dict.fromkeys(urls))[:STILLS_LIMIT]


def _trailer(body: Json) -> str | None:
    """Return the address of the trailer: trailers come before teasers, official ones before others."""
    videos = [
        each
        for each in _objects(_object(body, "videos"), "results")
        if _text(each, "site") == "YouTube"
        and _text(each, "type") in ("Trailer", "Teaser")
        and _VIDEO_KEY.fullmatch(_text(each, "key"))
    ]
    videos.sort(key=lambda each: (_text(each, "type") != "Trailer", each.get("official") is not True))
    return f"https://www.youtube.com/watch?v={_text(videos[0], 'key')}" if videos else None


def _certifications(body: Json) -> Iterator[tuple[str, str]]:
    """Yield each country with the certification of its first release that has one."""
    for each in _objects(body, "results"):
        country = _text(each, "iso_3166_1")
        certifications = [_text(release, "certification") for release in _objects(each, "release_dates")]
        first = next((certification[:20] for certification in certifications if certification), "")
        if _COUNTRY_CODE.fullmatch(country) and first:
            yield country, first


def _tmdb_link(offers: Json) -> str:
    link = _text(offers, "link")
    return link if link.startswith("https://www.themoviedb.org/") and " " not in link and ")" not in link else ""


def _image_url(path: object, size: str) -> str | None:
    return f"{IMAGE_URL}/{size}{path}" if isinstance(path, str) and _IMAGE_PATH.fullmatch(path) else None


def _object(body: Json, key: str) -> Json:
    """Return the object under the key, an empty one where there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _objects(body: Json, key: str) -> list[Json]:
    """Return the objects of the list under the key, without whatever else is in it."""
    value = body.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(body: Json, key: str) -> str:
    """Return the text under the key, cut and fit to be stored, "" where there is none."""
    value = body.get(key)
    if not isinstance(value, str):
        return ""
    # JSON can hold lone surrogates, which no database stores.
    return value.strip()[:TEXT_LIMIT].encode("utf-8", "ignore").decode().replace("\0", "")


def _integer(value: object, low: int, high: int) -> int | None:
    """Return the value where it is a whole number within these bounds."""
    return value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else None


def _id(body: Json) -> str | None:
    """Return the object's `id` as text."""
    value = _integer(body.get("id"), 1, MAX_ID)
    return str(value) if value is not None else None


def _date(value: object) -> date | None:
    """Return the date in ISO format, or None where it is one that no film can have."""
    try:
        parsed = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return parsed if parsed is not None and parsed.year >= FIRST_YEAR else None


def _codes(body: Json, key: str, field: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Return the codes in `field` of the list's objects that match the pattern, each once."""
    codes = (_text(each, field) for each in _objects(body, key))
    return tuple(dict.fromkeys(code for code in codes if pattern.fullmatch(code)))
