"""Films named by an id or by the address of a page: of IMDb, TMDB, Letterboxd, Wikidata, Trakt and others."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

_IMDB_ID = re.compile(r"tt\d{7,9}")
_PREFIXED_ID = re.compile(r"(?P<source>imdb|tmdb|letterboxd|wikidata|trakt)\s*:\s*(?P<value>\S+)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/\S*", re.IGNORECASE)
_LEADING_NUMBER = re.compile(r"\d{1,10}(?=$|-)")
_WIKIDATA_ID = re.compile(r"Q\d{1,12}")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_SITE_NUMBER = re.compile(r"^\d{6,}-")
"""A number of the site's own before the title's words, as in `1077027-pulp_fiction`."""
_TITLE_PATHS = {
    "letterboxd.com": re.compile(r"(?:^|/)film/(?P<slug>[^/]+)"),
    "trakt.tv": re.compile(r"^/movies/(?P<slug>[^/]+)"),
    "justwatch.com": re.compile(r"^/[a-z]{2}/[^/]+/(?P<slug>[^/]+)"),
    "rottentomatoes.com": re.compile(r"^/m/(?P<slug>[^/]+)"),
}
"""Where the addresses of sites that name a film by its title have that title."""
LENGTH_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class FilmReference:
    """A film as an id or an address names it.

    `ids` are its ids by source, as in `Film.ids`. `title` are the words of the title in an address that has them,
    possibly with the year behind them. Both are empty for an address that names no film, or one that only its site
    could resolve.
    """

    ids: dict[str, str]
    title: str = ""


def parse_reference(text: str) -> FilmReference | None:
    """Return the film that an id or an address names, or None if the text is neither."""
    text = text.strip().strip("<>").strip()
    if len(text) > LENGTH_LIMIT:
        return None
    if _IMDB_ID.fullmatch(text.lower()):
        return FilmReference({"imdb": text.lower()})
    if (prefixed := _PREFIXED_ID.fullmatch(text)) is not None:
        return _parse_prefixed_id(prefixed["source"].lower(), prefixed["value"])
    if _ADDRESS.fullmatch(text) is None:
        return None
    try:
        address = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return None
    return _parse_address(address)


def _parse_prefixed_id(source: str, value: str) -> FilmReference | None:
    """Return the film of an id such as `tmdb:603`; None for a word before a colon that no id follows."""
    if source == "imdb":
        return FilmReference({"imdb": value.lower()}) if _IMDB_ID.fullmatch(value.lower()) else None
    if source == "tmdb":
        return FilmReference({"tmdb": str(int(value))}) if value.isascii() and value.isdigit() else None
    if source == "wikidata":
        return FilmReference({"wikidata": value.upper()}) if _WIKIDATA_ID.fullmatch(value.upper()) else None
    return _parse_slug(source, value.lower())


def _parse_address(address: SplitResult) -> FilmReference:
    host = (address.hostname or "").lower()
    for prefix in ("www.", "m.", "mobile.", "app."):
        host = host.removeprefix(prefix)
    path = unquote(address.path)
    parts = [part for part in path.split("/") if part]
    if host == "imdb.com":
        imdb_id = next((part.lower() for part in parts if _IMDB_ID.fullmatch(part.lower())), None)
        return FilmReference({"imdb": imdb_id} if imdb_id is not None else {})
    if host == "themoviedb.org" and len(parts) > 1 and "movie" in parts[:-1]:
        part = parts[parts.index("movie") + 1]
        if (number := _LEADING_NUMBER.match(part)) is not None:
            named = _parse_slug("", part[number.end() :].strip("-"))
            return FilmReference({"tmdb": str(int(number[0]))}, named.title if named is not None else "")
    if host == "wikidata.org" and parts and _WIKIDATA_ID.fullmatch(parts[-1]):
        return FilmReference({"wikidata": parts[-1]})
    if host == "boxd.it" and parts:
        return FilmReference({"boxd.it": parts[0]})
    if (site := _TITLE_PATHS.get(host)) is not None and (found := site.search(path)) is not None:
        source = host.split(".")[0]
        named = _parse_slug(source if source in {"letterboxd", "trakt"} else "", found["slug"].lower())
        return named or FilmReference({})
    return FilmReference({})


def _parse_slug(source: str, slug: str) -> FilmReference | None:
    """Return the film of a slug, whose words are the title's, often with the year behind them."""
    if _SLUG.fullmatch(slug) is None:
        return None
    title = re.sub("[-_]", " ", _SITE_NUMBER.sub("", slug))
    return FilmReference({source: slug} if source else {}, title)
