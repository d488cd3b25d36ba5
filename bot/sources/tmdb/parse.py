"""TMDB's answers as domain objects. Any field may be missing, null or of a wrong type: it is then not known."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.films.film import Credit, Film, Job
from bot.films.online.details import STILLS, Candidate, Collection, CollectionPart, Details, LocalText
from bot.films.streaming import CountryOffers, Offer, Streaming, StreamingService
from bot.sources.starter import person_id

NAME = "tmdb"
PICTURES = "https://image.tmdb.org/t/p"
TEXT_LIMIT = 4_000
CAST = 30
LANGUAGES = frozenset(
    [
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "fi",
        "fr",
        "hi",
        "hr",
        "hu",
        "id",
        "it",
        "ja",
        "ko",
        "lt",
        "nl",
        "no",
        "pl",
        "pt",
        "ro",
        "ru",
        "sv",
        "th",
        "tr",
        "uk",
        "vi",
        "zh",
    ]
)
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
    source_id, title = _id(body), _text(body, "title") or _text(body, "original_title")
    if source_id is None or not title:
        return None
    released = _day(body.get("release_date"))
    imdb = _text(body, "imdb_id") or _text(_map(body, "external_ids"), "imdb_id")
    original = _text(body, "original_title") or title
    also = (_text(each, "title") for each in _maps(_map(body, "alternative_titles"), "titles"))
    return Film(
        id="",
        title=title,
        original_title=original,
        year=released.year if released else None,
        also=tuple(dict.fromkeys(name for name in also if name and name not in (title, original)))[:40],
        released=released,
        runtime=_whole(body.get("runtime"), 1, 1_000),
        countries=_codes(body, "production_countries", "iso_3166_1", _COUNTRY),
        languages=(original_language,)
        if _LANGUAGE.fullmatch(original_language := _text(body, "original_language"))
        else (),
        genres=tuple(name for each in _maps(body, "genres") if (name := _text(each, "name"))),
        production=tuple(name for each in _maps(body, "production_companies") if (name := _text(each, "name"))),
        credits=tuple(_credits(_map(body, "credits"))),
        logline=_text(body, "overview")[:1_000],
        ids={NAME: source_id} | ({"imdb": imdb} if _IMDB.fullmatch(imdb) else {}),
        source=NAME,
    )


def details(body: dict[str, Any]) -> Details | None:
    """Give the details, or None where the answer holds no film."""
    source_id = _id(body)
    if source_id is None:
        return None
    named = _map(body, "belongs_to_collection")
    collection_id = _id(named)
    return Details(
        source=NAME,
        source_id=source_id,
        texts=_texts(body),
        poster=_picture(body.get("poster_path"), "w500"),
        stills=_stills(body),
        trailer=_trailer(body),
        certifications=dict(_certifications(_map(body, "release_dates"))),
        collection=Collection(collection_id, _collection_name(named)) if collection_id is not None else None,
    )


def streaming(body: dict[str, Any]) -> Streaming:
    """Give the offers of `watch/providers`, in the order of each service's `display_priority`."""
    countries = {}
    for code, offers in _map(body, "results").items():
        if not _COUNTRY.fullmatch(str(code)) or not isinstance(offers, dict):
            continue
        services = {
            offer: names
            for key, offer in OFFERS.items()
            if (names := tuple(dict.fromkeys(_text(each, "provider_name") for each in _ordered(offers, key))))
        }
        if services:
            countries[code] = CountryOffers(services, _link(offers))
    return Streaming(countries)


def candidates(body: dict[str, Any], key: str = "results") -> list[Candidate]:
    """Give the films of a search, or of `find` by its `movie_results`."""
    found = []
    for each in _maps(body, key):
        source_id, title = _id(each), _text(each, "title") or _text(each, "original_title")
        if source_id is None or not title or each.get("adult") is True:
            continue
        day = _day(each.get("release_date"))
        found.append(
            Candidate(source_id, title, _text(each, "original_title") or title, day.year if day else None)
        )
    return found


def collection(body: dict[str, Any]) -> Collection | None:
    """Give the collection with its films in the order of their release, those without a date last."""
    source_id = _id(body)
    if source_id is None:
        return None
    dated = []
    for each in _maps(body, "parts"):
        part, title = _id(each), _text(each, "title") or _text(each, "name")
        if part is not None and title:
            day = _day(each.get("release_date"))
            dated.append((day or date.max, CollectionPart(part, title, day.year if day else None)))
    dated.sort(key=lambda item: item[0])
    return Collection(source_id, _collection_name(body), tuple(part for _, part in dated))


def services(body: dict[str, Any]) -> list[StreamingService]:
    """Give all streaming services with their place in each country."""
    found = []
    for each in _maps(body, "results"):
        places = {
            code: place
            for code, place in _map(each, "display_priorities").items()
            if _COUNTRY.fullmatch(str(code)) and _whole(place, 0, 10**6) is not None
        }
        if (name := _text(each, "provider_name")) and places:
            found.append(StreamingService(name, places))
    return found


def _collection_name(body: dict[str, Any]) -> str:
    return _text(body, "name").removesuffix(" Collection") or "Collection"


def _credits(body: dict[str, Any]) -> Iterator[Credit]:
    crew = [(JOBS[job], each) for each in _maps(body, "crew") if (job := _text(each, "job")) in JOBS]
    seen = set()
    for job, each in crew:
        name = _text(each, "name")
        if name and person_id(name) and (job, name) not in seen:
            seen.add((job, name))
            yield Credit(name, job, None, person_id(name))
    cast = sorted(_maps(body, "cast"), key=lambda each: _whole(each.get("order"), 0, 10**6) or 0)
    for each in cast[:CAST]:
        if (name := _text(each, "name")) and person_id(name):
            yield Credit(name, Job.CAST, _text(each, "character")[:200] or None, person_id(name))


def _texts(body: dict[str, Any]) -> dict[str, LocalText]:
    """Give the texts by language; where a language has several countries, also by country."""
    texts: dict[str, LocalText] = {}
    original = _text(body, "original_language")
    for each in _maps(_map(body, "translations"), "translations"):
        language, country, data = _text(each, "iso_639_1"), _text(each, "iso_3166_1"), _map(each, "data")
        if language == "nb":
            language = "no"
        text = LocalText(_text(data, "title"), _text(data, "overview"), _text(data, "tagline"))
        if language == original and not text.title:
            # A translation into the film's own language leaves the title out.
            text = LocalText(_text(body, "original_title"), text.overview, text.tagline)
        if language in LANGUAGES and any((text.title, text.overview, text.tagline)):
            texts.setdefault(language, text)
            if _COUNTRY.fullmatch(country):
                texts.setdefault(f"{language}-{country}", text)
    shown = LocalText(_text(body, "title"), _text(body, "overview"), _text(body, "tagline"))
    texts["en"] = LocalText(
        *(
            getattr(texts.get("en", shown), part) or getattr(shown, part)
            for part in ("title", "overview", "tagline")
        )
    )
    return texts


def _stills(body: dict[str, Any]) -> tuple[str, ...]:
    """Give the stills without writing on them first, then the film's own backdrop."""
    images = _maps(_map(body, "images"), "backdrops")
    images.sort(key=lambda each: each.get("iso_639_1") is not None)
    paths = [each.get("file_path") for each in images] + [body.get("backdrop_path")]
    found = [url for path in paths if (url := _picture(path, "w1280")) is not None]
    return tuple(dict.fromkeys(found))[:STILLS]


def _trailer(body: dict[str, Any]) -> str | None:
    """Give the address of the trailer: an official one before others, a trailer before a teaser."""
    videos = [
        each
        for each in _maps(_map(body, "videos"), "results")
        if _text(each, "site") == "YouTube"
        and _text(each, "type") in ("Trailer", "Teaser")
        and _VIDEO.fullmatch(_text(each, "key"))
    ]
    videos.sort(key=lambda each: (_text(each, "type") != "Trailer", each.get("official") is not True))
    return f"https://www.youtube.com/watch?v={_text(videos[0], 'key')}" if videos else None


def _certifications(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for each in _maps(body, "results"):
        code = _text(each, "iso_3166_1")
        told = [_text(release, "certification") for release in _maps(each, "release_dates")]
        if _COUNTRY.fullmatch(code) and (first := next((name[:20] for name in told if name), "")):
            yield code, first


def _ordered(offers: dict[str, Any], key: str) -> list[dict[str, Any]]:
    named = [each for each in _maps(offers, key) if _text(each, "provider_name")]
    return sorted(named, key=lambda each: _whole(each.get("display_priority"), 0, 10**6) or 0)


def _link(offers: dict[str, Any]) -> str:
    link = _text(offers, "link")
    return link if link.startswith("https://www.themoviedb.org/") and " " not in link and ")" not in link else ""


def _picture(path: object, size: str) -> str | None:
    return f"{PICTURES}/{size}{path}" if isinstance(path, str) and _PICTURE.fullmatch(path) else None


def _map(body: dict[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _maps(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = body.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    # Lone surrogates, which JSON can hold, can be stored by no database.
    return (
        value.strip()[:TEXT_LIMIT].encode("utf-8", "ignore").decode().replace("\0", "")
        if isinstance(value, str)
        else ""
    )


def _whole(value: object, low: int, high: int) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else None


def _id(body: dict[str, Any]) -> str | None:
    value = _whole(body.get("id"), 1, 2**31)
    return str(value) if value is not None else None


def _day(value: object) -> date | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return day if day is not None and day.year >= 1874 else None


def _codes(body: dict[str, Any], key: str, part: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    found = (_text(each, part) for each in _maps(body, key))
    return tuple(dict.fromkeys(code for code in found if pattern.fullmatch(code)))
