"""A stand-in for TMDB on the loopback interface, which answers with recorded replies."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _
from bot.sources.tmdb import endpoints

NOT_FOUND = {
    "success": False,
    "status_code": 34,
    "status_message": "The resource you requested could not be found.",
}
Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""Returns a response in place of the recorded one, or None to let that be sent."""


@dataclass(slots=True)
class RecordedReply:
    """What a request is answered with: the bodies one after another, the last one again and again.

    The request must have the path and, among its query parameters, all of `params`.
    """

    path: str
    bodies: list[Any]
    status: int = 200
    params: Mapping[str, str] = field(default_factory=dict)

    def matches(self, request: web.Request) -> bool:
        """Return whether this is the reply to the request."""
        return request.path == self.path and all(request.query.get(k) == v for k, v in self.params.items())

    def next_body(self) -> Any:
        """Return the body to answer with now."""
        return self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]


def load_replies(folder: Path) -> list[RecordedReply]:
    """Return the replies in a folder: one `{"request": {"path", "params"}, "status", "body"}` a JSON file.

    In place of `body` there may be `bodies`, a list. Raises InvalidInputError for a folder without replies, or for
    a file that is none.
    """
    replies = []
    for path in sorted(folder.glob("*.json")):
        try:
            recorded = json.loads(path.read_text("utf-8"))
            request = recorded["request"]
            bodies = recorded["bodies"] if "bodies" in recorded else [recorded["body"]]
            params = request.get("params", {})
            replies.append(RecordedReply(request["path"], bodies, recorded["status"], params))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInputError(_("{file} is not a recorded reply of TMDB.").format(file=path)) from error
    if not replies:
        raise InvalidInputError(_("{folder} has no recorded replies of TMDB (*.json).").format(folder=folder))
    return replies


class ReplayServer:
    """Answers with recorded replies and records the requests. `fault` may answer in place of the replies."""

    def __init__(self, replies: Iterable[RecordedReply], fault: Fault | None = None) -> None:
        self.replies = [
            *replies,
            RecordedReply(endpoints.authentication()[0], [{"success": True}]),
            RecordedReply(endpoints.watch_providers()[0], [{"results": []}]),
            RecordedReply(endpoints.discover_movies(1)[0], [{"results": [], "total_pages": 1}]),
        ]
        self.requests: list[web.Request] = []
        self.fault = fault
        self.url = ""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def paths(self) -> list[str]:
        """The paths of the requests, in order."""
        return [request.path for request in self.requests]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.fault is not None and (response := await self.fault(request)) is not None:
            return response
        for reply in self.replies:
            if reply.matches(request):
                return web.json_response(reply.next_body(), status=reply.status)
        return web.json_response(NOT_FOUND, status=404)
