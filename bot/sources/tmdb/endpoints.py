"""The requests sent to TMDB, each a path and its query parameters, as TMDB's API description defines them."""

Endpoint = tuple[str, dict[str, str]]
DETAILS_PARTS = (
    "credits",
    "release_dates",
    "translations",
    "alternative_titles",
    "images",
    "videos",
    "watch/providers",
    "external_ids",
)
"""What is appended to a request for a film's details."""


def authentication() -> Endpoint:
    """Return the request that checks the key."""
    return "/3/authentication", {}


def movie_details(tmdb_id: str) -> Endpoint:
    """Return the request for everything about a film."""
    return f"/3/movie/{int(tmdb_id)}", {"append_to_response": ",".join(DETAILS_PARTS)}


def movie_watch_providers(tmdb_id: str) -> Endpoint:
    """Return the request for where a film streams, in all countries."""
    return f"/3/movie/{int(tmdb_id)}/watch/providers", {}


def find_by_id(source: str, value: str) -> Endpoint:
    """Return the request for the film with an id of another source, "imdb" or "wikidata"."""
    return f"/3/find/{value}", {"external_source": f"{source}_id"}


def search_movies(text: str, year: int | None = None) -> Endpoint:
    """Return the request for films by title."""
    params = {"query": text, "include_adult": "false"}
    return "/3/search/movie", params if year is None else params | {"year": str(year)}


def discover_movies(page: int) -> Endpoint:
    """Return the request for a page, 1 to 500, of twenty films, those with most votes first."""
    return "/3/discover/movie", {
        "sort_by": "vote_count.desc",
        "include_adult": "false",
        "include_video": "false",
        "page": str(page),
    }


def collection(collection_id: str) -> Endpoint:
    """Return the request for the films of a collection."""
    return f"/3/collection/{int(collection_id)}", {}


def person_details(tmdb_id: str) -> Endpoint:
    """Return the request for a person."""
    return f"/3/person/{int(tmdb_id)}", {}


def watch_providers() -> Endpoint:
    """Return the request for all streaming services with their order in each country."""
    return "/3/watch/providers/movie", {}
