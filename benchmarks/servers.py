"""Measures the start and the memory of `marquee run` by the number of servers, beside a bare discord.py bot.

    python -m benchmarks.servers                    one process, SQLite: 1, 100, 2,500 and 10,000 servers
    python -m benchmarks.servers --processes 1 2 4  2,500 servers on 4 shards and one PostgreSQL, shared among so
                                                    many processes

Each bot is a process of its own, connected to a stand-in for Discord on loopback, in which a server has ten
channels and eight roles. The time goes from the start of the process until a command is answered that was sent
after the last server, with the process's own processor time in it, which says more on a busy machine. The memory
is the process's own (VmRSS) five seconds later. The bare bot keeps the same servers and has one command that
replies at once. Ten shards begin their sessions five seconds apart, as Discord wants it.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests import postgres
from tests.gateway.standin import APPLICATION_ID, IDENTIFY, TOKEN, Connection, StandIn

COUNTS = (1, 100, 2_500, 10_000)
SHARDED_FROM, SHARDS = 2_501, 10
"""From so many servers on, and then how many shards."""
SHARED_SERVERS, SHARED_SHARDS = 2_500, 4
FIRST_SERVER = 800_000_000_000_000_000
SETTLING_SECONDS = 5.0
_MARQUEE = "from bot.__main__ import main; sys.exit(main(['run']))"
_BARE = """
shards = os.environ["SHARDS"]
client = discord.AutoShardedClient(
    intents=discord.Intents(guilds=True), shard_count=int(shards), max_messages=None
)
tree = discord.app_commands.CommandTree(client)
@tree.command()
async def help(interaction: discord.Interaction) -> None:
    "Reply."
    await interaction.response.send_message("Hello")
client.run(os.environ["DISCORD_TOKEN"], log_handler=None)
"""
_START = """
import os, sys, discord, yarl
url = os.environ["STANDIN"]
discord.http.Route.BASE = url + "/api"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url.replace("http", "ws") + "/gateway")
"""


def build_server(server_id: int) -> str:
    """Return the JSON of a server as GUILD_CREATE brings it, with ten channels and eight roles."""
    everyone = {
        "id": str(server_id),
        "name": "@everyone",
        "permissions": "1071698660929",
        "position": 0,
        "color": 0,
    }
    roles = [
        everyone | {"id": str(server_id + each), "name": f"role {each}", "position": each} for each in range(8)
    ]
    channels = [
        {
            "id": str(server_id + 100 + each),
            "type": 0,
            "name": f"channel-{each}",
            "position": each,
            "topic": "What we talk about here",
            "permission_overwrites": [{"id": str(server_id), "type": 0, "allow": "0", "deny": "2048"}],
        }
        for each in range(10)
    ]
    user = {"id": APPLICATION_ID, "username": "Marquee", "discriminator": "0", "avatar": None, "global_name": None}
    member = {"user": user, "roles": [], "joined_at": "2024-01-01T00:00:00+00:00", "flags": 0}
    return json.dumps(
        {
            "id": str(server_id),
            "name": f"Film club {server_id}",
            "owner_id": "82",
            "roles": [everyone, *roles[1:]],
            "channels": channels,
            "members": [member | {"deaf": False, "mute": False}],
            "member_count": 200,
            "emojis": [],
            "features": ["COMMUNITY"],
            "preferred_locale": "en-US",
        }
    )


@dataclass
class Servers:
    """Servers spread over shards as Discord does it."""

    discord: StandIn
    count: int
    shards: int
    ready: set[int] = field(default_factory=set)
    connections: dict[int, Connection] = field(default_factory=dict)
    began: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Let the stand-in accept shards with these servers."""
        self.discord.on_identify = self.accept
        self._texts: dict[int, list[tuple[int, str]]] = {shard: [] for shard in range(self.shards)}
        for number in range(self.count):
            server_id = FIRST_SERVER + (number << 22)
            self._texts[(server_id >> 22) % self.shards].append((server_id, build_server(server_id)))

    async def accept(self, connection: Connection) -> None:
        """Tell the shard that just identified which servers it has, and then each of them."""
        self.began.append(time.perf_counter())
        shard, _ = self.discord.list_received(IDENTIFY)[-1]["shard"]
        servers = self._texts[shard]
        user = {
            "id": APPLICATION_ID,
            "username": "Marquee",
            "discriminator": "0",
            "avatar": None,
            "global_name": None,
        }
        ready = {
            "v": 10,
            "user": user,
            "guilds": [{"id": str(server_id), "unavailable": True} for server_id, _ in servers],
            "session_id": f"session {shard}",
            "shard": [shard, self.shards],
            "resume_gateway_url": self.discord.url.replace("http", "ws") + "/gateway",
            "application": {"id": APPLICATION_ID, "flags": 0},
        }
        await connection.dispatch("READY", ready)
        for _, text in servers:
            await connection.dispatch_text("GUILD_CREATE", text)
        self.connections[shard] = connection
        self.ready.add(shard)

    async def wait(self) -> None:
        """Wait until all shards have their servers and the bot has answered a command on each."""
        async with asyncio.timeout(300):
            while len(self.ready) < self.shards:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            for shard in range(self.shards):
                server_id = self._texts[shard][0][0] if self._texts[shard] else FIRST_SERVER
                self.discord.connections.append(self.connections[shard])  # the one that the command is sent over
                await (await self.discord.slash("help", server_id=str(server_id))).answered()


@asynccontextmanager
async def running(code: str, discord: StandIn, folder: Path, **environ: str) -> AsyncIterator[int]:
    """Run the bot in a new process and yield its id."""
    settings = {
        "STANDIN": discord.url,
        "DISCORD_TOKEN": TOKEN,
        "MARQUEE_DATA_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
        **environ,
    }
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TMDB_TOKEN")}
    process = subprocess.Popen([sys.executable, "-c", _START + code], env=clean | settings)  # noqa: ASYNC220
    try:
        yield process.pid
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def read_memory(process_id: int) -> float:
    """Return the megabytes of memory that a process keeps."""
    lines = Path(f"/proc/{process_id}/status").read_text(encoding="ascii").splitlines()
    (line,) = (each for each in lines if each.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def read_processor_seconds(process_id: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(code: str, count: int, shards: int, folder: Path) -> str:
    """Return the seconds until a bot of one process answers, those of the processor, and its megabytes."""
    async with StandIn().run() as discord:
        servers = Servers(discord, count, shards)
        started = time.perf_counter()
        async with running(code, discord, folder, SHARDS=str(shards)) as process_id:
            await servers.wait()
            seconds, busy = time.perf_counter() - started, read_processor_seconds(process_id)
            await asyncio.sleep(SETTLING_SECONDS)
            return f"{seconds:5.1f} s ({busy:4.1f} s) {read_memory(process_id):4.0f} MB"


async def compare_counts(counts: Sequence[int]) -> None:
    """Print a line for each number of servers."""
    print("servers  shards   bare: time (processor), memory   Marquee: time (processor), memory")
    with tempfile.TemporaryDirectory() as name:
        await measure(_MARQUEE, 1, 1, Path(name))  # the first start builds the title index
        for count in counts:
            shards = SHARDS if count >= SHARDED_FROM else 1
            bare = await measure(_BARE, count, shards, Path(name))
            marquee = await measure(_MARQUEE, count, shards, Path(name))
            print(f"{count:7,}  {shards:6}  {bare:>32}   {marquee:>35}", flush=True)


async def compare_processes(counts: Sequence[int]) -> None:
    """Print a line for each number of processes that share the shards and one PostgreSQL."""
    print(f"{SHARED_SERVERS:,} servers on {SHARED_SHARDS} shards, one PostgreSQL")
    print("processes  seconds  MB of each              syncs of commands  least seconds between sessions")
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "postgres"
        url = await asyncio.to_thread(_start_postgres, database)
        try:
            await _measure_processes(1, url, Path(name))  # the first start fills the database
            for count in counts:
                print(await _measure_processes(count, url, Path(name)), flush=True)
        finally:
            postgres.stop(database)


def _start_postgres(folder: Path) -> str:
    folder.mkdir()
    folder.parent.chmod(0o755)  # the server runs as another user
    return postgres.start(folder, durable=True)


async def _measure_processes(count: int, url: str, folder: Path) -> str:
    part = SHARED_SHARDS // count
    async with StandIn().run() as discord, AsyncExitStack() as stack:
        servers = Servers(discord, SHARED_SERVERS, SHARED_SHARDS)
        started = time.perf_counter()
        process_ids = []
        for number in range(count):
            shards = f"{part * number}-{part * (number + 1) - 1}/{SHARED_SHARDS}"
            data = folder / f"data {number}"
            bot = running(_MARQUEE, discord, data, SHARDS=shards, DATABASE_URL=url)
            process_ids.append(await stack.enter_async_context(bot))
        await servers.wait()
        seconds = time.perf_counter() - started
        await asyncio.sleep(SETTLING_SECONDS)
        memory = ", ".join(f"{read_memory(each):.0f}" for each in process_ids)
        syncs = sum(method == "PUT" for method, _ in discord.requests)
        gap = min(later - earlier for earlier, later in pairwise(servers.began))
        return f"{count:9}  {seconds:7.1f}  {memory:22}  {syncs:17}  {gap:.1f}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, nargs="+", default=COUNTS, help="numbers of servers")
    parser.add_argument("--processes", type=int, nargs="+", help="numbers of processes that share a PostgreSQL")
    arguments = parser.parse_args()
    if arguments.processes:
        asyncio.run(compare_processes(arguments.processes))
    else:
        asyncio.run(compare_counts(arguments.servers))


if __name__ == "__main__":
    main()
