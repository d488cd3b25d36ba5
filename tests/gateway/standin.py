"""A stand-in for Discord on loopback: its gateway and the part of its REST API that `marquee run` uses.

It shows what SimCord, which replaces discord.py's connection, can't: how the process starts, reconnects and stops.
It has one server with one channel and one member. Tests change what it does: `on_connect` and `on_identify` decide
what becomes of a connection, `on_request` may answer a REST request in its place.
"""

import asyncio
import itertools
import json
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
"""Types of interactions."""
SUBCOMMAND, SUBCOMMAND_GROUP, STRING, BOOLEAN = 1, 2, 3, 5
"""Types of a command's options."""
DEFERRED = (5, 6)
"""Types of the first reply to an interaction that only acknowledge it."""
TOKEN = "stand-in.token"  # noqa: S105
APPLICATION_ID, SERVER_ID, CHANNEL_ID, MEMBER_ID = "900000000000000001", "800000000000000001", "81", "82"
PERMISSIONS = str(0x7FFFFFFFFFFF)
TIMEOUT = 60.0
"""Seconds to wait for what the bot does; only a bot that fails takes as long."""


@dataclass
class Interaction:
    """An interaction as it was sent, and what the bot replied."""

    id: str
    token: str
    is_acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    is_answered: asyncio.Event = field(default_factory=asyncio.Event)
    messages: list[dict[str, Any]] = field(default_factory=list)
    modal: dict[str, Any] | None = None

    @property
    def texts(self) -> str:
        """The text of all messages, embeds and all."""
        return json.dumps(self.messages, ensure_ascii=False)

    @property
    def is_thinking(self) -> bool:
        """Whether the member sees that the bot thinks, and nothing else."""
        return self.is_acknowledged.is_set() and not self.is_answered.is_set()

    async def answered(self) -> str:
        """Return the text of the reply as soon as there is one."""
        await asyncio.wait_for(self.is_answered.wait(), TIMEOUT)
        return self.texts


class Connection:
    """One connection of a shard to the gateway, compressed as a whole where the bot asks for that."""

    def __init__(self, socket: web.WebSocketResponse, compress: str | None = None) -> None:
        self.socket = socket
        self._sequence = itertools.count(1)
        self._compressor = zlib.compressobj() if compress == "zlib-stream" else None

    async def send(self, op: int, data: Any, event: str | None = None) -> None:
        """Send one payload."""
        number = next(self._sequence) if op == DISPATCH else None
        await self._send_text(json.dumps({"op": op, "d": data, "t": event, "s": number}))

    async def dispatch_text(self, event: str, data: str) -> None:
        """Send an event whose data is JSON already."""
        await self._send_text(f'{{"op": {DISPATCH}, "t": "{event}", "s": {next(self._sequence)}, "d": {data}}}')

    async def _send_text(self, text: str) -> None:
        if self._compressor is None:
            await self.socket.send_str(text)
        else:
            parts = self._compressor.compress(text.encode()), self._compressor.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(b"".join(parts))

    async def dispatch(self, event: str, data: Any) -> None:
        """Send an event."""
        await self.send(DISPATCH, data, event)

    async def close(self, code: int) -> None:
        """Close the connection with that code."""
        await self.socket.close(code=code)


async def say_hello(connection: Connection) -> None:
    """Begin a connection as Discord does."""
    await connection.send(HELLO, {"heartbeat_interval": 41_250})


Step = Callable[[Connection], Awaitable[None]]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


class StandIn:
    """Discord, as far as `marquee run` can tell."""

    def __init__(self) -> None:
        self.url = ""
        self.on_connect: Step = say_hello
        self.on_identify: Step = self.accept
        self.on_resume: Step = self.resume
        self.on_request: Answer | None = None
        self.connections: list[Connection] = []
        self.received: list[tuple[int, Any]] = []
        """The payloads that shards sent, by op and data."""
        self.missed: list[tuple[str, Any]] = []
        """Events that a shard receives when it resumes."""
        self.connected = asyncio.Condition()
        self.is_ready = asyncio.Event()
        self.commands: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.requested = asyncio.Condition()
        self.messages: list[dict[str, Any]] = []
        self.emojis: list[dict[str, Any]] = []
        self.member_ids: Iterator[str] = itertools.repeat(MEMBER_ID)
        """The members who use commands and press buttons, one after the other."""
        self._interactions: dict[str, Interaction] = {}
        self._ids = itertools.count(1)

    @asynccontextmanager
    async def run(self) -> AsyncIterator["StandIn"]:
        """Listen on a free port of loopback."""
        app = web.Application()
        app.router.add_get("/gateway", self._gateway)
        app.router.add_route("*", "/api{path:/.*}", self._rest)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    # The gateway

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = Connection(socket, request.query.get("compress"))
        self.connections.append(connection)
        async with self.connected:
            self.connected.notify_all()
        try:
            await self.on_connect(connection)
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                payload = message.json()
                op = payload["op"]
                self.received.append((op, payload["d"]))
                if op == HEARTBEAT:
                    await connection.send(HEARTBEAT_ACK, None)
                elif op == IDENTIFY:
                    await self.on_identify(connection)
                elif op == RESUME:
                    await self.on_resume(connection)
        except ConnectionError:
            pass
        return socket

    async def accept(self, connection: Connection) -> None:
        """Accept a shard: it is ready and learns its server."""
        await connection.dispatch("READY", _ready(self.url.replace("http", "ws") + "/gateway"))
        await connection.dispatch("GUILD_CREATE", _guild())
        self.is_ready.set()

    async def resume(self, connection: Connection) -> None:
        """Let a shard go on where it was cut off."""
        while self.missed:
            await connection.dispatch(*self.missed.pop(0))
        await connection.dispatch("RESUMED", {})

    def list_received(self, op: int) -> list[Any]:
        """Return the data of the payloads of that op that shards have sent."""
        return [data for each, data in self.received if each == op]

    async def wait_until_ready(self) -> None:
        """Wait until a shard was accepted."""
        await asyncio.wait_for(self.is_ready.wait(), TIMEOUT)

    async def wait_for_connections(self, count: int) -> None:
        """Wait until there have been so many connections since the start."""
        async with self.connected:
            await asyncio.wait_for(self.connected.wait_for(lambda: len(self.connections) >= count), TIMEOUT)

    # Members

    async def slash(self, command: str, *, server_id: str = SERVER_ID, **options: str | bool) -> Interaction:
        """Let the member use a slash command, `/pick list` as `pick list`; by default in the bot's server."""
        name, *subcommands = command.split(" ")
        values: list[dict[str, Any]] = [
            {"name": key, "type": BOOLEAN if isinstance(value, bool) else STRING, "value": value}
            for key, value in options.items()
        ]
        for depth, subcommand in enumerate(reversed(subcommands)):
            kind = SUBCOMMAND_GROUP if depth else SUBCOMMAND
            values = [{"name": subcommand, "type": kind, "options": values}]
        command_data = {"id": "1", "name": name, "type": 1, "options": values}
        return await self._interact(COMMAND, command_data, server_id=server_id)

    async def type(self, command: str, option: str, text: str) -> Interaction:
        """Let the member type into an option of a command that completes it."""
        focused = {"name": option, "type": STRING, "value": text, "focused": True}
        return await self._interact(AUTOCOMPLETE, {"id": "1", "name": command, "type": 1, "options": [focused]})

    async def press(self, custom_id: str) -> Interaction:
        """Let the member press a button of that custom_id."""
        return await self._interact(COMPONENT, {"custom_id": custom_id, "component_type": 2}, _message(custom_id))

    async def submit(self, custom_id: str, **values: str) -> Interaction:
        """Let the member submit a modal, with values by their fields' custom_ids."""
        fields = [
            {"type": 18, "component": {"type": 4, "custom_id": key, "value": value}}
            for key, value in values.items()
        ]
        return await self._interact(MODAL_SUBMIT, {"custom_id": custom_id, "components": fields})

    async def _interact(
        self, kind: int, data: Any, message: dict[str, Any] | None = None, *, server_id: str = SERVER_ID
    ) -> Interaction:
        number = str(next(self._ids))
        interaction = Interaction(number, f"interaction-{number}")
        self._interactions[interaction.token] = interaction
        payload = {
            "id": number,
            "token": interaction.token,
            "application_id": APPLICATION_ID,
            "type": kind,
            "version": 1,
            "data": data,
            "guild_id": server_id,
            "channel_id": CHANNEL_ID,
            "channel": {"id": CHANNEL_ID, "type": 0, "name": "films", "position": 0, "permissions": PERMISSIONS},
            "member": {**_member(_user(next(self.member_ids), "mina")), "permissions": PERMISSIONS},
            "app_permissions": PERMISSIONS,
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": 10_485_760,
            "authorizing_integration_owners": {},
        }
        if message is not None:
            payload["message"] = message
        if self.connections[-1].socket.closed:
            self.missed.append(("INTERACTION_CREATE", payload))
        else:
            await self.connections[-1].dispatch("INTERACTION_CREATE", payload)
        return interaction

    # REST

    async def wait_for_requests(self, ending: str, count: int) -> None:
        """Wait until there have been so many requests to paths with that ending."""

        def is_reached() -> bool:
            return sum(path.endswith(ending) for _, path in self.requests) >= count

        async with self.requested:
            await asyncio.wait_for(self.requested.wait_for(is_reached), TIMEOUT)

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.requests.append((request.method, path))
        async with self.requested:
            self.requested.notify_all()
        if self.on_request is not None and (answer := await self.on_request(request)) is not None:
            return answer
        match request.method, path.strip("/").split("/"):
            case "GET", ["gateway", "bot"]:
                limits = {"total": 1_000, "remaining": 1_000, "reset_after": 0, "max_concurrency": 1}
                url = self.url.replace("http", "ws") + "/gateway"
                return reply({"url": url, "shards": 1, "session_start_limit": limits})
            case "GET", ["users", "@me"]:
                return reply(_user(APPLICATION_ID, "Marquee"))
            case "GET", ["oauth2", "applications", "@me"] | ["applications", "@me"]:
                return reply(_application())
            case "PUT", ["applications", _, "commands"] | ["applications", _, "guilds", _, "commands"]:
                commands = await request.json()
                self.commands = [stored_command(each, number) for number, each in enumerate(commands, 1)]
                return reply(self.commands)
            case "GET", ["applications", _, "commands"]:
                return reply(self.commands)
            case "GET", ["applications", _, "emojis"]:
                return reply({"items": self.emojis})
            case "POST", ["applications", _, "emojis"]:
                self.emojis.append({"id": str(600 + next(self._ids)), "animated": False} | await request.json())
                return reply(self.emojis[-1], 201)
            case "DELETE", ["applications", _, "emojis", emoji_id]:
                self.emojis = [each for each in self.emojis if each["id"] != emoji_id]
                return web.Response(status=204)
            case "POST", ["interactions", _, token, "callback"]:
                return self._acknowledge(self._interactions[token], await read_body(request))
            case "POST" | "PATCH", ["webhooks", _, token, *_]:
                return self._reply(self._interactions[token], await read_body(request))
            case "POST", ["channels", _, "messages"]:
                self.messages.append(await read_body(request))
                return reply(_message() | self.messages[-1])
            case _:
                return reply({"message": "404: Not Found", "code": 0}, 404)

    def _acknowledge(self, interaction: Interaction, body: dict[str, Any]) -> web.StreamResponse:
        if interaction.is_acknowledged.is_set():
            return reply({"message": "Interaction has already been acknowledged.", "code": 40060}, 400)
        interaction.is_acknowledged.set()
        if body["type"] not in DEFERRED:
            interaction.messages.append(body.get("data") or {})
            interaction.is_answered.set()
        message = _message() | {"flags": 64}
        return reply(
            {
                "interaction": {"id": interaction.id, "type": 2, "response_message_id": message["id"]},
                "resource": {"type": body["type"], "message": message},
            }
        )

    def _reply(self, interaction: Interaction, body: dict[str, Any]) -> web.StreamResponse:
        interaction.messages.append(body)
        interaction.is_answered.set()
        return reply(_message())


def reply(data: Any, status: int = 200, **headers: str) -> web.Response:
    """Return a response with Discord's exact content type, without which discord.py does not parse it."""
    content = json.dumps(data).encode()
    return web.Response(body=content, status=status, headers={"Content-Type": "application/json", **headers})


async def read_body(request: web.Request) -> dict[str, Any]:
    """Return the JSON of a request, which stands beside files in a multipart one."""
    if request.content_type != "multipart/form-data":
        body: dict[str, Any] = await request.json()
        return body
    form = await request.post()
    return dict(json.loads(str(form["payload_json"])))


def _user(number: str, name: str) -> dict[str, Any]:
    return {"id": number, "username": name, "discriminator": "0", "avatar": None, "global_name": None}


def _member(user: dict[str, Any]) -> dict[str, Any]:
    joined = "2024-01-01T00:00:00+00:00"
    return {"user": user, "roles": [], "joined_at": joined, "deaf": False, "mute": False, "flags": 0}


def _application() -> dict[str, Any]:
    return {
        "id": APPLICATION_ID,
        "name": "Marquee",
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "",
        "owner": _user("83", "operator"),
        "flags": 0,
    }


def stored_command(command: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the command as Discord returns it, under that id."""
    return {
        "version": "1",
        "type": 1,
        "default_member_permissions": None,
        "description": "",
        **command,
        "id": str(number),
        "application_id": APPLICATION_ID,
    }


def _ready(resume_url: str) -> dict[str, Any]:
    return {
        "v": 10,
        "user": _user(APPLICATION_ID, "Marquee"),
        "guilds": [{"id": SERVER_ID, "unavailable": True}],
        "session_id": "session",
        "shard": [0, 1],
        "resume_gateway_url": resume_url,
        "application": {"id": APPLICATION_ID, "flags": 0},
    }


def _guild() -> dict[str, Any]:
    everyone = {"id": SERVER_ID, "name": "@everyone", "permissions": PERMISSIONS, "position": 0, "color": 0}
    return {
        "id": SERVER_ID,
        "name": "Film club",
        "owner_id": MEMBER_ID,
        "roles": [everyone],
        "channels": [{"id": CHANNEL_ID, "type": 0, "name": "films", "position": 0, "permission_overwrites": []}],
        "members": [_member(_user(APPLICATION_ID, "Marquee"))],
        "member_count": 2,
        "emojis": [],
        "features": [],
        "preferred_locale": "en-US",
    }


def _message(custom_id: str = "") -> dict[str, Any]:
    """Return a message of the bot, with a button of that custom_id if there is one."""
    button = {"type": 2, "style": 2, "label": "Button", "custom_id": custom_id}
    return {
        "id": str(time.time_ns() // 1000),
        "channel_id": CHANNEL_ID,
        "author": {**_user(APPLICATION_ID, "Marquee"), "bot": True},
        "content": "",
        "timestamp": "2024-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
        "components": [{"type": 1, "components": [button]}] if custom_id else [],
    }
