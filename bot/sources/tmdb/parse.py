"""TMDB's answers as domain objects. Any field may be missing, null or of a wrong type: it is then not known."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.films.metadata import STILLS, Candidate, Collection, CollectionPart, Details, LocalText
from bot.films.models import Credit, Film, Job
from bot.films.offers import CountryOffers, Offer, Streaming, StreamingService
from bot.sources.starter import person_id
from bot.sources.tmdb import values

NAME = "tmdb"
PICTURES = "https://image.tmdb.org/t/p"
CAST = 30
LANGUAGES = frozenset(
    (
        "bg", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nl",
        "no", "pl", "pt", "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh",
    )
)  # fmt: skip
"""Those that Discord's clients have (`no` stands for both of Norway's)."""
JOBS = {
    "Director": Job.DIRECTOR,
    "Screenplay": Job.WRITER,
    "Writer": Job.WRITER,
    "Original Music Composer": Job.COMPOSER,
}
OFFERS = {
    "flatrate": Offer.SUBSCRIPTION,
    "free": Offer.FREE,
    "ads": Offer.ADS,
    "rent": Offer.RENT,
    "buy": Offer.BUY,
}
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_PICTURE = re.compile(r"/[\w-]+\.(?:jpg|png|webp)")
_VIDEO = re.compile(r"[\w-]{6,20}")
_IMDB = re.compile(r"tt\d{7,10}")


def film(body: dict[str, Any]) -> Film | None:
    """Give the film, without an id of ours, or None where the answer holds no film."""
    source_id, title = values.own_id(body), values.text(body, "title") or values.text(body, "original_title")
    if source_id is None or not title:
        return None
    released = values.day(body.get("release_date"))
    imdb = values.text(body, "imdb_id") or values.text(values.mapping(body, "external_ids"), "imdb_id")
    original = values.text(body, "original_title") or title
    also = (
        values.text(each, "title")
        for each in values.mappings(values.mapping(body, "alternative_titles"), "titles")
    )
    return Film(
        id="",
        title=title,
        original_title=original,
        year=released.year if released else None,
        also=tuple(dict.fromkeys(name for name in also if name and name not in (title, original)))[:40],
        release_date=released,
        runtime=values.whole(body.get("runtime"), 1, 1_000),
        countries=values.codes(body, "production_countries", "iso_3166_1", _COUNTRY),
        languages=(original_language,)
        if _LANGUAGE.fullmatch(original_language := values.text(body, "original_language"))
        else (),
        genres=tuple(name for each in values.mappings(body, "genres") if (name := values.text(each, "name"))),
        production_companies=tuple(
            name for each in values.mappings(body, "production_companies") if (name := values.text(each, "name"))
        ),
        credits=tuple(_credits(values.mapping(body, "credits"))),
        logline=values.text(body, "overview")[:1_000],
        ids={NAME: source_id} | ({"imdb": imdb} if _IMDB.fullmatch(imdb) else {}),
        source=NAME,
    )


def details(body: dict[str, Any]) -> Details | None:
    """Give the details, or None where the answer holds no film."""
    source_id = values.own_id(body)
    if source_id is None:
        return None
    named = values.mapping(body, "belongs_to_collection")
    collection_id = values.own_id(named)
    return Details(
        source=NAME,
        source_id=source_id,
        texts=_texts(body),
        poster=_picture(body.get("poster_path"), "w500"),
        stills=_stills(body),
        trailer=_trailer(body),
        certifications=dict(_certifications(values.mapping(body, "release_dates"))),
        collection=Collection(collection_id, _collection_name(named)) if collection_id is not None else None,
    )


def streaming(body: dict[str, Any]) -> Streaming:
    """Give the offers of `watch/providers`, in the order of each service's `display_priority`."""
    countries = {}
    for code, offers in values.mapping(body, "results").items():
        if not _COUNTRY.fullmatch(str(code)) or not isinstance(offers, dict):
            continue
        services = {
            offer: names
            for key, offer in OFFERS.items()
            if (
                names := tuple(dict.fromkeys(values.text(each, "provider_name") for each in _ordered(offers, key)))
            )
        }
        if services:
            countries[code] = CountryOffers(services, _link(offers))
    return Streaming(countries)


def candidates(body: dict[str, Any], key: str = "results") -> list[Candidate]:
    """Give the films of a search, or of `find` by its `movie_results`."""
    found = []
    for each in values.mappings(body, key):
        source_id, title = values.own_id(each), values.text(each, "title") or values.text(each, "original_title")
        if source_id is None or not title or each.get("adult") is True:
            continue
        day = values.day(each.get("release_date"))
        found.append(
            Candidate(source_id, title, values.text(each, "original_title") or title, day.year if day else None)
        )
    return found


def collection(body: dict[str, Any]) -> Collection | None:
    """Give the collection with its films in the order of their release, those without a date last."""
    source_id = values.own_id(body)
    if source_id is None:
        return None
    dated = []
    for each in values.mappings(body, "parts"):
        part, title = values.own_id(each), values.text(each, "title") or values.text(each, "name")
        if part is not None and title:
            day = values.day(each.get("release_date"))
            dated.append((day or date.max, CollectionPart(part, title, day.year if day else None)))
    dated.sort(key=lambda item: item[0])
    return Collection(source_id, _collection_name(body), tuple(part for _, part in dated))


def services(body: dict[str, Any]) -> list[StreamingService]:
    """Give all streaming services with their place in each country."""
    found = []
    for each in values.mappings(body, "results"):
        places = {
            code: place
            for code, place in values.mapping(each, "display_priorities").items()
            if _COUNTRY.fullmatch(str(code)) and values.whole(place, 0, 10**6) is not None
        }
        if (name := values.text(each, "provider_name")) and places:
            found.append(StreamingService(name, places))
    return found


def _collection_name(body: dict[str, Any]) -> str:
    return values.text(body, "name").removesuffix(" Collection") or "Collection"


def _credits(body: dict[str, Any]) -> Iterator[Credit]:
    crew = [
        (JOBS[job], each) for each in values.mappings(body, "crew") if (job := values.text(each, "job")) in JOBS
    ]
    seen = set()
    for job, each in crew:
        name = values.text(each, "name")
        if name and person_id(name) and (job, name) not in seen:
            seen.add((job, name))
            yield Credit(name, job, None, person_id(name))
    cast = sorted(values.mappings(body, "cast"), key=lambda each: values.whole(each.get("order"), 0, 10**6) or 0)
    for each in cast[:CAST]:
        if (name := values.text(each, "name")) and person_id(name):
            yield Credit(name, Job.CAST, values.text(each, "character")[:200] or None, person_id(name))


def _texts(body: dict[str, Any]) -> dict[str, LocalText]:
    """Give the texts by language; where a language has several countries, also by country."""
    texts: dict[str, LocalText] = {}
    original = values.text(body, "original_language")
    for each in values.mappings(values.mapping(body, "translations"), "translations"):
        language, country, data = (
            values.text(each, "iso_639_1"),
            values.text(each, "iso_3166_1"),
            values.mapping(each, "data"),
        )
        if language == "nb":
            language = "no"
        text = LocalText(values.text(data, "title"), values.text(data, "overview"), values.text(data, "tagline"))
        if language == original and not text.title:
            # A translation into the film's own language leaves the title out.
            text = LocalText(values.text(body, "original_title"), text.overview, text.tagline)
        if language in LANGUAGES and any((text.title, text.overview, text.tagline)):
            texts.setdefault(language, text)
            if _COUNTRY.fullmatch(country):
                texts.setdefault(f"{language}-{country}", text)
    shown = LocalText(values.text(body, "title"), values.text(body, "overview"), values.text(body, "tagline"))
    texts["en"] = LocalText(
        *(
            getattr(texts.get("en", shown), part) or getattr(shown, part)
            for part in ("title", "overview", "tagline")
        )
    )
    return texts


def _stills(body: dict[str, Any]) -> tuple[str, ...]:
    """Give the stills without writing on them first, then the film's own backdrop."""
    images = values.mappings(values.mapping(body, "images"), "backdrops")
    images.sort(key=lambda each: each.get("iso_639_1") is not None)
    paths = [each.get("file_path") for each in images] + [body.get("backdrop_path")]
    found = [url for path in paths if (url := _picture(path, "w1280")) is not None]
    return tuple(dict.fromkeys(found))[:STILLS]


def _trailer(body: dict[str, Any]) -> str | None:
    """Give the address of the trailer: an official one before others, a trailer before a teaser."""
    videos = [
        each
        for each in values.mappings(values.mapping(body, "videos"), "results")
        if values.text(each, "site") == "YouTube"
        and values.text(each, "type") in ("Trailer", "Teaser")
        and _VIDEO.fullmatch(values.text(each, "key"))
    ]
    videos.sort(key=lambda each: (values.text(each, "type") != "Trailer", each.get("official") is not True))
    return f"https://www.youtube.com/watch?v={values.text(videos[0], 'key')}" if videos else None


def _certifications(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for each in values.mappings(body, "results"):
        code = values.text(each, "iso_3166_1")
        told = [values.text(release, "certification") for release in values.mappings(each, "release_dates")]
        if _COUNTRY.fullmatch(code) and (first := next((name[:20] for name in told if name), "")):
            yield code, first


def _ordered(offers: dict[str, Any], key: str) -> list[dict[str, Any]]:
    named = [each for each in values.mappings(offers, key) if values.text(each, "provider_name")]
    return sorted(named, key=lambda each: values.whole(each.get("display_priority"), 0, 10**6) or 0)


def _link(offers: dict[str, Any]) -> str:
    link = values.text(offers, "link")
    return link if link.startswith("https://www.themoviedb.org/") and " " not in link and ")" not in link else ""


def _picture(path: object, size: str) -> str | None:
    return f"{PICTURES}/{size}{path}" if isinstance(path, str) and _PICTURE.fullmatch(path) else None
