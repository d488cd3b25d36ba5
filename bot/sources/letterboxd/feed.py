"""Letterboxd's RSS feed of a member: bytes from outside are read into entries, and refused where they are hostile.

https://letterboxd.com/<name>/rss/ has the latest entries of the diary, reviews and lists; lists are left out.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

ENTRIES_LIMIT = 100
"""Entries of one feed that are read; Letterboxd's own has about 50."""
TEXT_LIMIT = 20_000
"""Characters of a review, HTML included, that are read."""
GUID_LIMIT, TITLE_LIMIT, LINK_LIMIT = 100, 300, 300
LETTERBOXD_HOSTS = ("letterboxd.com", "www.letterboxd.com", "boxd.it")
"""Where a link of an entry may lead."""
_REVIEW_GUID = "letterboxd-review-"
_GUIDS = ("letterboxd-watch-", _REVIEW_GUID)
_SPOILER_SENTENCE = "This review may contain spoilers."
_WATCHED_SENTENCE = "Watched on "
_YES = "yes"


class InvalidFeedError(Exception):
    """What was answered is no feed, or one that nobody should parse."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A film in a member's diary at Letterboxd. `review` is "" for none, `link` "" where it leads elsewhere."""

    guid: str
    title: str
    year: int | None
    tmdb_id: str | None
    watched_on: date | None
    half_stars: int | None
    is_rewatch: bool
    is_liked: bool
    review: str
    is_spoiler: bool
    link: str
    published_at: datetime | None

    @property
    def digest(self) -> str:
        """What changes when the member edits the entry."""
        values = (self.half_stars, self.watched_on, self.is_rewatch, self.is_liked, self.review, self.is_spoiler)
        return hashlib.sha256(repr(values).encode()).hexdigest()


def parse_feed(body: bytes) -> list[FeedEntry]:
    """Return the films of a feed, oldest first. Raises InvalidFeedError.

    Document types, and with them entities, are refused: no feed needs one, and they can fill the memory or read
    files.
    """
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise InvalidFeedError(type(error).__name__) from error
    if _local_name(root) != "rss":
        raise InvalidFeedError("no RSS")
    items = [item for channel in root for item in channel if _local_name(item) == "item"]
    entries = [entry for item in items[:ENTRIES_LIMIT] if (entry := _parse_item(item)) is not None]
    unique = {entry.guid: entry for entry in reversed(entries)}  # a feed has the latest first
    first = datetime.min.replace(tzinfo=UTC)
    return sorted(unique.values(), key=lambda entry: entry.published_at or first)


def _parse_item(item: Element) -> FeedEntry | None:
    """Return the entry of an item, None for a list or anything else without a film."""
    fields = {_local_name(child): (child.text or "").strip() for child in item}
    guid, title = fields.get("guid", "")[:GUID_LIMIT], fields.get("filmTitle", "")[:TITLE_LIMIT]
    if not guid.startswith(_GUIDS) or not title:
        return None
    paragraphs = _read_paragraphs(fields.get("description", "")[:TEXT_LIMIT])
    is_spoiler = _SPOILER_SENTENCE in paragraphs or fields.get("title", "").endswith("(contains spoilers)")
    review = ""
    if guid.startswith(_REVIEW_GUID):
        kept = (each for each in paragraphs if each != _SPOILER_SENTENCE)
        review = "\n".join(each for each in kept if not each.startswith(_WATCHED_SENTENCE))
    year, tmdb_id = fields.get("filmYear", ""), fields.get("movieId", "")
    return FeedEntry(
        guid=guid,
        title=title,
        year=int(year) if _is_number(year, 4) else None,
        tmdb_id=str(int(tmdb_id)) if _is_number(tmdb_id, 10) and int(tmdb_id) else None,
        watched_on=_parse_day(fields.get("watchedDate", "")),
        half_stars=_parse_rating(fields.get("memberRating", "")),
        is_rewatch=fields.get("rewatch", "").lower() == _YES,
        is_liked=fields.get("memberLike", "").lower() == _YES,
        review=review,
        is_spoiler=is_spoiler,
        link=_check_link(fields.get("link", "")),
        published_at=_parse_moment(fields.get("pubDate", "")),
    )


def _local_name(element: Element) -> str:
    """Return the name of an element without its namespace, which changed over the years."""
    return str(element.tag).rpartition("}")[2]


def _is_number(text: str, length: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= length


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None


def _parse_rating(text: str) -> int | None:
    """Return `4.5` as half-stars; None for anything that Letterboxd doesn't give."""
    stars, _, part = text.partition(".")
    if not _is_number(stars, 1) or part not in ("", "0", "5"):
        return None
    half_stars = 2 * int(stars) + (part == "5")
    return half_stars if 1 <= half_stars <= 10 else None


def _parse_moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):  # the first day of all, in a zone east of Greenwich
        return None


def _check_link(link: str) -> str:
    """Return the link if it leads to Letterboxd, else ""."""
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return ""
    is_safe = parts.scheme == "https" and parts.hostname in LETTERBOXD_HOSTS and port in (None, 443)
    is_plain = not (parts.username or parts.password or set(link) & set(" <>()[]\\\"'"))
    return link if is_safe and is_plain and len(link) <= LINK_LIMIT else ""


class _Paragraphs(HTMLParser):
    """Collects the text of an HTML fragment, a paragraph for each block or line break."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "br", "blockquote", "div"):
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data


def _read_paragraphs(html: str) -> list[str]:
    """Return the paragraphs of an HTML fragment as plain text, without pictures and other marks."""
    parser = _Paragraphs()
    parser.feed(html)
    parser.close()
    return [text for line in parser.lines if (text := " ".join(line.split()))]
