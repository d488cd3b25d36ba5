"""The web server of the try page: on the loopback interface, for its own page alone."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from aiohttp import web
from simcord.backend.cdn import CDN_BASE

from bot.core.errors import MarqueeError
from bot.core.text.i18n import _
from bot.preview.actions import Actions, RefusedError
from bot.preview.clock import ActionQueue, PreviewClock
from bot.preview.feed import MessageFeed, MessageKey
from bot.preview.snapshot import Json, Snapshot
from bot.preview.world import PreviewWorld

HOST = "127.0.0.1"
STATIC = Path(__file__).parent / "static"
MAX_BODY = 40 * 1024 * 1024
"""Bytes of a request: ten files, as large as Discord takes them together, in base64."""
HEARTBEAT_SECONDS = 20.0
"""Seconds after which a stream that has nothing to tell sends a comment, so that nobody takes it for dead."""
MAX_SPEED = 604_800
"""Times real time: a week each second."""
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_SHOWN_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Types of uploaded files that a browser may show; it saves all others."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_FONTS = {
    "latin": ("simcord", "preview/static/fonts/noto-sans-latin-v*.ttf"),
    "emoji": ("simcord", "preview/static/fonts/noto-color-emoji-*.ttf"),
    "korean": ("justmytype_intl_cjk", "fonts/ofl/notosanskr/*.ttf"),
    "japanese": ("justmytype_intl_cjk", "fonts/ofl/notosansjp/*.ttf"),
    "chinese": ("justmytype_intl_cjk", "fonts/ofl/notosanssc/*.ttf"),
}
"""For each font the package that brings it, if it is installed, and where it is in there."""
DrawnImages = Mapping[str, Callable[[], bytes]]
"""Functions that draw an SVG image, by its path below /media."""


class PortTakenError(MarqueeError):
    """The page's port is in use."""


@dataclass(eq=False, slots=True)
class Stream:
    """An open page: who views it, and what is still to be told it."""

    viewer_id: int
    events: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the page says first: whether this is the first visit, how many ratings there are, where all is kept."""

    is_first_visit: bool
    ratings: int
    database: str


@dataclass(frozen=True, slots=True)
class PageContent:
    """What the page shows.

    `has_clock` shows the clock with its speeds; `opens_direct_messages` begins there and not in the channel.
    """

    world: PreviewWorld
    clock: PreviewClock
    images: DrawnImages
    snapshot: Snapshot
    welcome: Welcome
    has_clock: bool = False
    opens_direct_messages: bool = False


class PageServer:
    """Serves the page, tells open pages what changes, and does what their visitors ask for.

    It can be started before there is anything to show, and says so until then.
    """

    _content: PageContent
    _actions: Actions

    def __init__(self) -> None:
        self._is_open = False
        self._streams: set[Stream] = set()
        self._allowed_hosts: frozenset[str] = frozenset()
        self.queue = ActionQueue()
        self._runner = web.AppRunner(self._create_app(), access_log=None, shutdown_timeout=0.5)

    def show(self, content: PageContent) -> None:
        """Show the simulated Discord from now on."""
        self._content = content
        self._actions = Actions(content.world, content.snapshot)
        MessageFeed(content.world.env.backend, self._tell_changes)
        content.clock.on_change = self._tell_clock
        self._is_open = True

    async def start(self, port: int) -> str:
        """Serve at that port (0: any that is free) and return the page's address.

        Raises PortTakenError where the port is in use.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, port).start()
        except OSError as error:
            raise PortTakenError(
                _("Port {port} is in use: try another, with --port.").format(port=port)
            ) from error
        bound = self._runner.addresses[0][1]
        self._allowed_hosts = frozenset({f"{HOST}:{bound}", f"localhost:{bound}"})
        return f"http://{HOST}:{bound}/"

    async def stop(self) -> None:
        """Close the open pages' streams and the port."""
        for stream in self._streams:
            stream.events.put_nowait({"type": "bye"})
        await self._runner.cleanup()

    def _create_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_BODY)
        app.on_response_prepare.append(_secure)
        app.router.add_get("/", self._serve_page)
        app.router.add_static("/static", STATIC)
        app.router.add_get("/media/font/{name}", self._serve_font)
        app.router.add_get("/media/cdn/{path:.+}", self._serve_upload)
        app.router.add_get("/media/{path:.+}", self._serve_drawn)
        app.router.add_get("/events", self._serve_events)
        app.router.add_get("/messages", self._serve_messages)
        app.router.add_post("/action", self._serve_action)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse requests that a page of another address could have sent: by their host, and by their origin."""
        if request.host not in self._allowed_hosts:
            raise web.HTTPMisdirectedRequest(text="This page answers at its own address alone.")
        origin = request.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in self._allowed_hosts:
            raise web.HTTPForbidden(text="This page answers itself alone.")
        if request.method == "POST" and request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="Send JSON.")
        if not self._is_open and not request.path.startswith(("/static/", "/media/font/")):
            if request.path == "/":
                return web.FileResponse(STATIC / "starting.html")
            raise web.HTTPServiceUnavailable(text="Marquee is starting.")
        return await handler(request)

    async def _serve_page(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _serve_upload(self, request: web.Request) -> web.StreamResponse:
        url = f"{CDN_BASE}/{request.match_info['path']}"
        content = self._content.world.env.backend.cdn.get(url)
        if content is None:
            raise web.HTTPNotFound
        kind = next((each for each in _SHOWN_TYPES if url.lower().endswith(_suffixes(each))), None)
        if kind is not None:
            return web.Response(body=content, content_type=kind)
        return web.Response(
            body=content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": "attachment"},
        )

    async def _serve_drawn(self, request: web.Request) -> web.StreamResponse:
        draw = self._content.images.get(request.match_info["path"])
        if draw is None:
            raise web.HTTPNotFound
        return web.Response(body=draw(), content_type="image/svg+xml")

    async def _serve_font(self, request: web.Request) -> web.StreamResponse:
        """Serve a font for what the visitor's system has none for."""
        path = find_font(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path)

    def _read_viewer(self, text: str | None) -> int:
        """Return the id of whom the page is viewed as; the first person where it names none."""
        if not text:
            return next(iter(self._content.world.people))
        if not text.isascii() or not text.isdigit() or int(text) not in self._content.world.people:
            raise web.HTTPBadRequest(text="There is nobody of that id.")
        return int(text)

    async def _serve_messages(self, request: web.Request) -> web.StreamResponse:
        try:
            channel_id, before = int(request.query["channel"]), int(request.query["before"])
        except (KeyError, ValueError) as error:
            raise web.HTTPBadRequest(text="Name a channel and a message.") from error
        viewer_id = self._read_viewer(request.query.get("viewer"))
        return web.json_response(self._content.snapshot.describe_newest(channel_id, viewer_id, before))

    async def _serve_events(self, request: web.Request) -> web.StreamResponse:
        """Send the whole state first, then each change, as Server-Sent Events."""
        stream = Stream(self._read_viewer(request.query.get("viewer")))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self._streams.add(stream)
        try:
            await _send_event(response, self._describe_state(stream.viewer_id))
            while True:
                try:
                    event = await asyncio.wait_for(stream.events.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if event["type"] == "bye":
                    return response
                await _send_event(response, event)
        except ConnectionError:
            return response  # the visitor closed the page
        finally:
            self._streams.discard(stream)

    def _describe_state(self, viewer_id: int) -> Json:
        places = self._content.snapshot.describe_places(viewer_id)
        direct = str(self._content.world.members[viewer_id].user.dm_channel.id)
        return {
            "type": "state",
            "viewer": str(viewer_id),
            "bot": str(self._content.world.env.backend.bot_user.id),
            "people": self._content.snapshot.describe_people(),
            "places": places,
            "commands": self._content.snapshot.describe_commands(viewer_id),
            "history": {
                each["id"]: self._content.snapshot.describe_newest(int(each["id"]), viewer_id)
                for each in places["channels"]
            },
            "first": direct if self._content.opens_direct_messages else str(self._content.world.channels[0].id),
            "welcome": {
                "is_first_visit": self._content.welcome.is_first_visit,
                "ratings": self._content.welcome.ratings,
                "database": self._content.welcome.database,
            },
            "clock": self._describe_clock(),
        }

    def _describe_clock(self) -> Json:
        now = self._content.world.env.now().timestamp()
        return {
            "type": "clock",
            "now": now,
            "speed": self._content.clock.speed,
            "is_shown": self._content.has_clock,
        }

    def _tell_clock(self) -> None:
        self._tell(lambda _: [self._describe_clock()])

    def _tell_changes(self, changed: list[MessageKey], have_places_changed: bool) -> None:
        def describe(viewer_id: int) -> list[Json]:
            events: list[Json] = []
            if have_places_changed:
                events.append({"type": "places", "places": self._content.snapshot.describe_places(viewer_id)})
            return events + self._content.snapshot.describe_changes(changed, viewer_id)

        self._tell(describe)

    def _tell(self, describe: Callable[[int], list[Json]]) -> None:
        for stream in self._streams:
            for event in describe(stream.viewer_id):
                stream.events.put_nowait(event)

    async def _serve_action(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
            viewer_id = self._read_viewer(body["viewer"])
            return web.json_response(await self._perform(viewer_id, body))
        except RefusedError as error:
            return web.json_response({"error": str(error), "option": error.option})
        except (KeyError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text="The page sends no such action.") from error

    async def _perform(self, viewer_id: int, body: Json) -> Json:
        if body["kind"] == "speed":
            speed = float(body["speed"])
            if not self._content.has_clock or not 0 <= speed <= MAX_SPEED:
                raise RefusedError("The clock can't run at this speed.")
            self._content.clock.change_speed(speed)
            return {}
        if body["kind"] == "dismiss":
            channel_id, message_id = int(body["channel"]), int(body["message"])
            self._content.snapshot.dismiss(message_id)
            self._tell_changes([(channel_id, message_id)], have_places_changed=False)
            return {}
        return await self.queue.run(lambda: self._actions.perform(viewer_id, body))


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY_HEADERS)


async def _send_event(response: web.StreamResponse, event: Json) -> None:
    await response.write(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n")


def find_font(name: str) -> Path | None:
    """Return the file of a font that an installed package brings, or None."""
    package, pattern = _FONTS.get(name, ("", ""))
    spec = find_spec(package) if package else None
    folders = [] if spec is None else spec.submodule_search_locations or []
    return next((path for folder in folders for path in Path(folder).glob(pattern)), None)


def _suffixes(content_type: str) -> tuple[str, ...]:
    return (".jpg", ".jpeg") if content_type == "image/jpeg" else ("." + content_type.rpartition("/")[2],)
