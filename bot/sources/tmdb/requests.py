"""The requests that are sent, each a path and its parameters, as TMDB's API description has them."""

DETAILS = (
    "credits",
    "release_dates",
    "translations",
    "alternative_titles",
    "images",
    "videos",
    "watch/providers",
    "external_ids",
)
"""What one request for details brings along."""
Request = tuple[str, dict[str, str]]


def check() -> Request:
    """Ask whether the key is good."""
    return "/3/authentication", {}


def details(tmdb_id: str) -> Request:
    """Ask for everything about a film."""
    return f"/3/movie/{int(tmdb_id)}", {"append_to_response": ",".join(DETAILS)}


def providers(tmdb_id: str) -> Request:
    """Ask where a film streams, in all countries."""
    return f"/3/movie/{int(tmdb_id)}/watch/providers", {}


def find(imdb_id: str) -> Request:
    """Ask for the film of an IMDb id."""
    return f"/3/find/{imdb_id}", {"external_source": "imdb_id"}


def search(text: str, year: int | None = None) -> Request:
    """Ask for films by title."""
    asked = {"query": text, "include_adult": "false"}
    return "/3/search/movie", asked if year is None else asked | {"year": str(year)}


def collection(collection_id: str) -> Request:
    """Ask for the films of a collection."""
    return f"/3/collection/{int(collection_id)}", {}


def services() -> Request:
    """Ask for all streaming services with their order in each country."""
    return "/3/watch/providers/movie", {}
