"""TMDB's replies as the tests need them: made up here, in the shape that its API description gives."""

from typing import Any

from bot.sources.tmdb.endpoints import DETAILS_PARTS
from bot.sources.tmdb.replay import RecordedReply

BURNING, OLDBOY, WICK = "491584", "670", "245891"
"""TMDB's ids of films in the starter catalogue: burning-2018, oldboy-2003, john-wick-2014."""


def provider(name: str, priority: int = 0, number: int = 1) -> dict[str, Any]:
    return {
        "logo_path": "/logo.jpg",
        "provider_id": number,
        "provider_name": name,
        "display_priority": priority,
    }


def offers(**countries: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """`offers(DE={"flatrate": [provider("Lantern")]})`."""
    link = "https://www.themoviedb.org/movie/1/watch?locale="
    return {code: {"link": link + code, **kinds} for code, kinds in countries.items()}


def translation(
    language: str, country: str, title: str = "", overview: str = "", tagline: str = ""
) -> dict[str, Any]:
    data = {"homepage": "", "overview": overview, "runtime": 0, "tagline": tagline, "title": title}
    return {"iso_3166_1": country, "iso_639_1": language, "name": "", "english_name": "", "data": data}


def picture(path: str, language: str | None = None) -> dict[str, Any]:
    return {"aspect_ratio": 1.778, "height": 1080, "width": 1920, "iso_639_1": language, "file_path": path}


def video(key: str, kind: str = "Trailer", *, official: bool = True) -> dict[str, Any]:
    return {
        "iso_639_1": "en",
        "name": "A video",
        "key": key,
        "site": "YouTube",
        "type": kind,
        "official": official,
    }


def movie(tmdb_id: str, title: str, **changes: Any) -> dict[str, Any]:
    """A whole answer with everything appended. `providers` are its offers, anything else replaces a field."""
    providers = changes.pop("providers", offers(DE={"flatrate": [provider("Lantern")]}))
    body: dict[str, Any] = {
        "adult": False,
        "backdrop_path": "/backdrop.jpg",
        "belongs_to_collection": None,
        "genres": [{"id": 18, "name": "Drama"}],
        "id": int(tmdb_id),
        "imdb_id": None,
        "original_language": "en",
        "original_title": title,
        "overview": f"What happens in {title}.",
        "poster_path": "/poster.jpg",
        "production_companies": [{"id": 1, "name": "Made-up Pictures"}],
        "production_countries": [{"iso_3166_1": "DE", "name": "Germany"}],
        "release_date": "2019-05-04",
        "runtime": 101,
        "tagline": f"{title}, at last.",
        "title": title,
        "credits": {
            "cast": [{"name": "Ada Example", "character": "Herself", "order": 0}],
            "crew": [{"name": "Bo Sample", "job": "Director"}, {"name": "Cy Specimen", "job": "Screenplay"}],
        },
        "release_dates": {
            "results": [{"iso_3166_1": "DE", "release_dates": [{"certification": "16", "type": 3}]}],
        },
        "translations": {
            "translations": [translation("de", "DE", f"{title} auf Deutsch", "Was geschieht.", "Endlich.")]
        },
        "alternative_titles": {"titles": [{"iso_3166_1": "US", "title": f"{title} Again", "type": ""}]},
        "images": {
            "backdrops": [picture(f"/still{at}.jpg") for at in range(12)],
            "posters": [picture("/poster.jpg", "en")],
            "logos": [],
        },
        "videos": {"results": [video("teaser0001", "Teaser"), video("trailer001")]},
        "watch/providers": {"results": providers},
        "external_ids": {"imdb_id": None, "wikidata_id": None},
    }
    assert set(DETAILS_PARTS) <= body.keys()
    return body | changes


def details_reply(body: dict[str, Any]) -> RecordedReply:
    return RecordedReply(f"/3/movie/{body['id']}", [body])


def providers_reply(tmdb_id: str, *results: dict[str, Any]) -> RecordedReply:
    """The offers alone; several are answered one after another."""
    bodies = [{"id": int(tmdb_id), "results": each} for each in results]
    return RecordedReply(f"/3/movie/{tmdb_id}/watch/providers", bodies)


def found(*films: tuple[str, str, str]) -> dict[str, Any]:
    """A search's answer of films, each with its id, title and release date."""
    results = [
        {"adult": False, "id": int(i), "title": title, "original_title": title, "release_date": day}
        for i, title, day in films
    ]
    return {"page": 1, "results": results, "total_pages": 1, "total_results": len(results)}


def collection(collection_id: int, name: str, *films: tuple[str, str, str]) -> RecordedReply:
    body = {"id": collection_id, "name": name, "parts": found(*films)["results"]}
    return RecordedReply(f"/3/collection/{collection_id}", [body])
