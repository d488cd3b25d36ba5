"""Measures requests to TMDB and their delay for members, against a local stand-in with TMDB's latency and faults.

    python -m benchmarks.tmdb

The stand-in answers after 80 ms; 5% of its replies are 500, 2% are 429 and 1% never come. Printed are the
number of requests that 200 members cause who look up 50 films at the same time; the time until `/film` first
replies, with its details cached and fresh, cached and stale, and not cached; and the slowest acknowledgement of
all commands.
"""

import argparse
import asyncio
import logging
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import simcord
from aiohttp import web
from simcord.http import router

from bot.client import create_bot
from bot.config import Settings
from bot.films.metadata import SourceError
from bot.films.models import Film
from bot.services import Services, running_services
from bot.sources.tmdb.client import TmdbClient
from bot.sources.tmdb.endpoints import DETAILS_PARTS
from bot.sources.tmdb.replay import ReplayServer

SERVER_ERROR_SHARE, RATE_LIMITED_SHARE, HANGING_SHARE = 0.05, 0.02, 0.01
KEY = "0" * 32
Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=50, help="films that are looked up (default: %(default)s)")
    parser.add_argument("--members", type=int, default=200, help="members who look (default: %(default)s)")
    parser.add_argument("--latency", type=float, default=0.08, help="seconds (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the faults (default: %(default)s)")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    asyncio.run(measure(arguments))


async def measure(arguments: argparse.Namespace) -> None:
    """Run all three measurements, each with services of its own."""
    for faults in (False, True):
        async with ReplayServer([], tmdb_with_faults(arguments, faults=faults)) as server:
            with tempfile.TemporaryDirectory() as folder:
                await count_requests(server, Path(folder), arguments, faults=faults)
    async with ReplayServer([], tmdb_with_faults(arguments, faults=True)) as server:
        with tempfile.TemporaryDirectory() as folder:
            await measure_commands(server, Path(folder), arguments)


def tmdb_with_faults(arguments: argparse.Namespace, *, faults: bool) -> Fault:
    """Return what answers every request with a film's details, after TMDB's latency, in part with faults."""
    rng = random.Random(arguments.seed)

    async def answer(request: web.Request) -> web.StreamResponse | None:
        if request.path in ("/3/authentication", "/3/watch/providers/movie"):
            return None
        draw = rng.random() if faults else 1.0
        if draw < HANGING_SHARE:
            await asyncio.sleep(60)
        await asyncio.sleep(arguments.latency)
        if draw < HANGING_SHARE + RATE_LIMITED_SHARE:
            return web.Response(status=429, headers={"Retry-After": "1"})
        if draw < HANGING_SHARE + RATE_LIMITED_SHARE + SERVER_ERROR_SHARE:
            return web.Response(status=500)
        return web.json_response(body(request))

    return answer


def body(request: web.Request) -> dict[str, Any]:
    """Return the body of the reply: a film's details, its offers, or a search without results."""
    parts = request.path.split("/")
    if parts[2] == "search":
        return {"results": []}
    offers = {"DE": {"flatrate": [{"provider_name": "Lantern", "display_priority": 1}]}}
    if parts[-1] == "providers":
        return {"id": int(parts[3]), "results": offers}
    empty: dict[str, Any] = {part: {} for part in DETAILS_PARTS}
    poster = {"poster_path": "/poster.jpg", "overview": "What happens. " * 20}
    return (
        {"id": int(parts[3]), "title": f"Film {parts[3]}"}
        | poster
        | empty
        | {"watch/providers": {"results": offers}}
    )


async def famous_films(services: Services, count: int) -> list[Film]:
    """Return the most famous films that have an id at TMDB."""
    films = []
    for match in services.films.index.list_popular(1_000):
        film = await services.film_repository.get(match.film_id)
        if film is not None and "tmdb" in film.ids:
            films.append(film)
    return films[:count]


def open_services(folder: Path, server: ReplayServer) -> Any:
    """Return an async context manager that opens services with a new database."""
    settings = Settings.from_env({"MARQUEE_DATA_DIR": str(folder)})
    return running_services(replace(settings, tmdb_token=KEY), server.url)


async def count_requests(
    server: ReplayServer, folder: Path, arguments: argparse.Namespace, *, faults: bool
) -> None:
    """Count the requests to TMDB while all members look films up at the same time."""
    async with open_services(folder, server) as services:
        films = await famous_films(services, arguments.films)
        requests_before = len(server.requests)
        start = time.perf_counter()

        async def look_up(number: int) -> object:
            film = films[number % len(films)]
            return await services.metadata.get_cached(film) or await services.metadata.refresh(film)

        results = await asyncio.gather(*(look_up(number) for number in range(arguments.members)))
        seconds = time.perf_counter() - start
        requests = server.paths[requests_before:]
        print(
            f"{arguments.members} members, {len(films)} films at once, {'with' if faults else 'without'} faults: "
            f"{len(requests)} requests, {len(set(requests))} of them different, the rest repeated after a fault; "
            f"{sum(each is not None for each in results)} answered, {seconds:.1f} s"
        )


async def measure_commands(server: ReplayServer, folder: Path, arguments: argparse.Namespace) -> None:
    """Print how long commands take until their first reply reaches Discord."""
    acknowledged_at = record_acknowledgements()
    async with open_services(folder, server) as services:
        services.tmdb.client = RealTimeClient(services.tmdb.client)
        async with simcord.run(create_bot(services), settle_timeout=60.0) as env:
            await _run_commands(services, env, arguments, acknowledged_at)


async def _run_commands(
    services: Services, env: simcord.Env, arguments: argparse.Namespace, acknowledged_at: list[float]
) -> None:
    guild = env.create_guild("Film club")
    channel, mina = guild.create_text_channel("films"), guild.add_member(env.create_user("mina"))
    films = await famous_films(services, 2 * arguments.films)

    async def seconds_to_reply(command: str, **options: str) -> float:
        start = time.perf_counter()
        await mina.slash(channel, command, **options)
        return acknowledged_at[-1] - start

    for film in films:
        await services.film_repository.get(film.id)
    uncached = [await seconds_to_reply("film", title=film.id) for film in films]
    for _ in range(3):  # until those are cached whose request failed
        for film in films:
            await services.metadata.refresh(film)
    stale, fresh = [], []
    for film in films:  # alternating, so that the machine's other load affects both alike
        await make_stale(services, film)
        stale.append(await seconds_to_reply("film", title=film.id))
        fresh.append(await seconds_to_reply("film", title=film.id))
    other_commands = [await seconds_to_reply("where", film=film.id, country="DE") for film in films[:10]]
    other_commands += [await seconds_to_reply("film", title=f"zzqx{at} vrimlophtz quexx") for at in range(10)]
    for name, times in (
        ("details kept and fresh", fresh),
        ("details kept and stale, TMDB asked behind", stale),
        ("none kept yet, TMDB asked behind", uncached),
    ):
        print(
            f"/film to its first answer, {name}: p50 {statistics.median(times) * 1e3:.1f} ms, "
            f"p99 {percentile(times, 0.99) * 1e3:.1f} ms, {len(times)} films"
        )
    all_times = [*uncached, *stale, *fresh, *other_commands]
    missed = sum(each > 3.0 for each in all_times)
    print(f"slowest acknowledgement of {len(all_times)}: {max(all_times) * 1e3:.0f} ms; {missed} missed 3 s")


async def make_stale(services: Services, film: Film) -> None:
    """Make the film's cached details and offers a month old."""
    known = await services.metadata_repository.get(film.id)
    if known is not None:
        past = known.fetched_at - timedelta(days=30)
        await services.metadata_repository.save(film.id, replace(known, fetched_at=past, offers_fetched_at=past))


class RealTimeClient:
    """Runs TMDB's client outside SimCord, whose simulated clock would otherwise drive the client's timeouts."""

    def __init__(self, client: TmdbClient) -> None:
        self._client = client
        self._queue: asyncio.Queue[tuple[str, Any, asyncio.Future[Any]]] = asyncio.Queue()
        self._task = asyncio.create_task(self._serve())
        self._running: set[asyncio.Task[None]] = set()

    async def get(self, path: str, params: Any = None) -> Any:
        """Return what the client returns."""
        result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((path, params, result))
        return await result

    async def close(self) -> None:
        """Close the client."""
        self._task.cancel()
        await self._client.close()

    async def _serve(self) -> None:
        while True:
            task = asyncio.create_task(self._get(*await self._queue.get()))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _get(self, path: str, params: Any, result: asyncio.Future[Any]) -> None:
        try:
            result.set_result(await self._client.get(path, params))
        except SourceError as error:
            result.set_exception(error)


def record_acknowledgements() -> list[float]:
    """Return a list to which the time of each acknowledgement (time.perf_counter) will be added."""
    times: list[float] = []
    dispatch = router.dispatch

    def dispatch_and_record(backend: Any, method: str, path: str, **rest: Any) -> Any:
        if path.startswith("/interactions/") and path.endswith("/callback"):
            times.append(time.perf_counter())
        return dispatch(backend, method, path, **rest)

    router.dispatch = dispatch_and_record
    return times


def percentile(values: list[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of the values do not exceed."""
    ordered: Iterator[float] = iter(sorted(values))
    return [*ordered][min(len(values) - 1, round(share * (len(values) - 1)))]


if __name__ == "__main__":
    main()
