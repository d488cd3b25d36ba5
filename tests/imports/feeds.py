"""Letterboxd feeds of our own making, and a server on this machine that serves them."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Self
from xml.sax.saxutils import escape

from aiohttp import web

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:letterboxd="https://letterboxd.com"'
    ' xmlns:tmdb="https://themoviedb.org"><channel><title>Letterboxd</title>'
)
TAIL = "</channel></rss>"


def item(
    number: int,
    title: str = "Burning",
    year: int | None = 2018,
    *,
    kind: str = "watch",
    stars: str | None = "4.5",
    watched: str | None = "2026-01-02",
    review: str = "",
    spoiler: bool = False,
    published: str = "Fri, 02 Jan 2026 20:00:00 +1300",
    link: str = "https://letterboxd.com/somebody/film/burning/",
    more: str = "",
) -> str:
    """Return an entry as Letterboxd writes it."""
    html = '<p><img src="https://a.example/poster.jpg"/></p>'
    if spoiler:
        html += "<p><em>This review may contain spoilers.</em></p>"
    html += f"<p>{review}</p>" if review else "<p>Watched on Friday January 2, 2026.</p>"
    fields = {
        "title": f"{title}, {year}" + (" (contains spoilers)" if spoiler else ""),
        "link": link,
        "guid": f"letterboxd-{kind}-{number}",
        "pubDate": published,
        "letterboxd:watchedDate": watched,
        "letterboxd:filmTitle": title,
        "letterboxd:filmYear": year,
        "letterboxd:memberRating": stars,
        "description": html,
    }
    body = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items() if value is not None)
    return f"<item>{body}{more}</item>"


def feed(*items: str) -> bytes:
    """Return a feed of these entries, the latest first."""
    return (HEAD + "".join(items) + TAIL).encode()


Handler = Callable[[web.Request], web.StreamResponse]


class FeedServer:
    """Serves feeds by their members' names, with ETags; `handlers` answer in place of a feed."""

    def __init__(self) -> None:
        self.feeds: dict[str, bytes] = {}
        self.handlers: dict[str, Handler] = {}
        self.statuses: list[int] = []
        self.url = ""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{name}/rss/", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        response = self._choose(request)
        self.statuses.append(response.status)
        # SimCord waits, in real time, for the timer that ends a connection kept open: 15 seconds after each round.
        response.force_close()
        return response

    def _choose(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if (handler := self.handlers.get(name)) is not None:
            return handler(request)
        if (body := self.feeds.get(name)) is None:
            return web.Response(status=404)
        etag = f'"{hash(body)}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": etag})
