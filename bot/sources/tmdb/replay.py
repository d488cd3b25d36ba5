"""A stand-in for TMDB on the loopback interface, which answers with recorded replies."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bot.core.errors import InvalidInputError
from bot.sources.tmdb.requests import check, services

UNKNOWN = {"success": False, "status_code": 34, "status_message": "The resource you requested could not be found."}
Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@dataclass(slots=True)
class Reply:
    """What is answered to a request: the bodies one after another, the last again and again.

    `params` must be among the request's parameters, each with that value.
    """

    path: str
    bodies: list[Any]
    status: int = 200
    params: Mapping[str, str] = field(default_factory=dict)

    def fits(self, request: web.Request) -> bool:
        """Tell whether it answers the request."""
        return request.path == self.path and all(request.query.get(k) == v for k, v in self.params.items())

    def next_body(self) -> Any:
        """Give the body whose turn it is."""
        return self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]


def load(folder: Path) -> list[Reply]:
    """Read the replies of a folder: one `{"request": {"path", "params"}, "status", "body"}` a JSON file.

    In place of `body` there may be `bodies`, answered one after another. Raises InvalidInputError for a folder
    without replies, or a file that is none.
    """
    replies = []
    for path in sorted(folder.glob("*.json")):
        try:
            recorded = json.loads(path.read_text("utf-8"))
            request = recorded["request"]
            bodies = recorded["bodies"] if "bodies" in recorded else [recorded["body"]]
            replies.append(Reply(request["path"], bodies, recorded["status"], request.get("params", {})))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInputError(f"{path} is not a recorded reply of TMDB.") from error
    if not replies:
        raise InvalidInputError(f"{folder} holds no recorded replies of TMDB (*.json).")
    return replies


class ReplayServer:
    """Answers with replies, and notes what was asked. `fault` may answer in their place."""

    def __init__(self, replies: Iterable[Reply], fault: Fault | None = None) -> None:
        self.replies = [*replies, Reply(check()[0], [{"success": True}]), Reply(services()[0], [{"results": []}])]
        self.asked: list[web.Request] = []
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
        """The paths asked for, in order."""
        return [request.path for request in self.asked]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if self.fault is not None and (answer := await self.fault(request)) is not None:
            return answer
        for reply in self.replies:
            if reply.fits(request):
                return web.json_response(reply.next_body(), status=reply.status)
        return web.json_response(UNKNOWN, status=404)
