"""What asking TMDB costs members and TMDB, against a local stand-in with its latency and its faults.

    python -m benchmarks.tmdb

The stand-in answers after 80 ms; of its answers 5% are 500, 2% are 429 and 1% never come. Printed are: how many
requests 200 members cost who ask for 50 films at once; how long `/film` takes to its first answer for a film that
is known, with details kept and with none kept yet; and the slowest acknowledgement of all kinds of commands.
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
from bot.films.metadata_source import SourceError
from bot.films.models import Film
from bot.services import Services, running_services
from bot.sources.tmdb.client import TmdbClient
from bot.sources.tmdb.endpoints import DETAILS_PARTS
from bot.sources.tmdb.replay import ReplayServer

ERRORS, LIMITED, HANGS = 0.05, 0.02, 0.01
KEY = "0" * 32
Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=50, help="films asked for (default: %(default)s)")
    parser.add_argument("--members", type=int, default=200, help="members who ask (default: %(default)s)")
    parser.add_argument("--latency", type=float, default=0.08, help="seconds (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the faults (default: %(default)s)")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    asyncio.run(measure(arguments))


async def measure(arguments: argparse.Namespace) -> None:
    """Run all three measurements, each with services of its own."""
    for faults in (False, True):
        async with ReplayServer([], stand_in(arguments, faults=faults)) as server:
            with tempfile.TemporaryDirectory() as folder:
                await crowd(server, Path(folder), arguments, faults=faults)
    async with ReplayServer([], stand_in(arguments, faults=True)) as server:
        with tempfile.TemporaryDirectory() as folder:
            await answers(server, Path(folder), arguments)


def stand_in(arguments: argparse.Namespace, *, faults: bool) -> Fault:
    """Give what stands in TMDB's place: any film's details, after its latency, with its faults."""
    dice = random.Random(arguments.seed)

    async def answer(request: web.Request) -> web.StreamResponse | None:
        if request.path in ("/3/authentication", "/3/watch/providers/movie"):
            return None
        drawn = dice.random() if faults else 1.0
        if drawn < HANGS:
            await asyncio.sleep(60)
        await asyncio.sleep(arguments.latency)
        if drawn < HANGS + LIMITED:
            return web.Response(status=429, headers={"Retry-After": "1"})
        if drawn < HANGS + LIMITED + ERRORS:
            return web.Response(status=500)
        return web.json_response(body(request))

    return answer


def body(request: web.Request) -> dict[str, Any]:
    """Give the answer's body: a film's whole details, its offers, or a search that finds nothing."""
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


async def films_of(services: Services, count: int) -> list[Film]:
    """Give the films most asked for that have an id of TMDB's."""
    found = []
    for match in services.catalogue.index.list_popular(1_000):
        film = await services.catalogue.get(match.film_id)
        if film is not None and "tmdb" in film.ids:
            found.append(film)
    return found[:count]


def opened(folder: Path, server: ReplayServer) -> Any:
    """Give services of their own."""
    settings = Settings.from_env({"MARQUEE_DATA_DIR": str(folder)})
    return running_services(replace(settings, tmdb_token=KEY), server.url)


async def crowd(server: ReplayServer, folder: Path, arguments: argparse.Namespace, *, faults: bool) -> None:
    """Let all members ask for the films at once, and count the requests."""
    async with opened(folder, server) as services:
        films = await films_of(services, arguments.films)
        asked = len(server.requests)
        begin = time.perf_counter()

        async def member(at: int) -> object:
            film = films[at % len(films)]
            return await services.online.look(film) or await services.online.fetch(film)

        found = await asyncio.gather(*(member(at) for at in range(arguments.members)))
        seconds = time.perf_counter() - begin
        requests = server.paths[asked:]
        print(
            f"{arguments.members} members, {len(films)} films at once, {'with' if faults else 'without'} faults: "
            f"{len(requests)} requests, {len(set(requests))} of them different, the rest repeated after a fault; "
            f"{sum(each is not None for each in found)} answered, {seconds:.1f} s"
        )


async def answers(server: ReplayServer, folder: Path, arguments: argparse.Namespace) -> None:
    """Measure how long commands take to be answered first, as Discord sees it."""
    acknowledged = note_acknowledgements()
    async with opened(folder, server) as services:
        services.tmdb._client = Outside(services.tmdb._client)
        async with simcord.run(create_bot(services), settle_timeout=60.0) as env:
            await _answers(services, env, arguments, acknowledged)


async def _answers(
    services: Services, env: simcord.Env, arguments: argparse.Namespace, acknowledged: list[float]
) -> None:
    guild = env.create_guild("Film club")
    channel, mina = guild.create_text_channel("films"), guild.add_member(env.create_user("mina"))
    films = await films_of(services, 2 * arguments.films)

    async def took(command: str, **options: str) -> float:
        begin = time.perf_counter()
        await mina.slash(channel, command, **options)
        return acknowledged[-1] - begin

    for film in films:
        await services.catalogue.get(film.id)
    fresh = [await took("film", title=film.id) for film in films]
    for _ in range(3):  # those whose request failed are asked for again
        for film in films:
            await services.online.fetch(film)
    stale, kept = [], []
    for film in films:  # in turn, so that whatever else the machine does falls on both
        await age(services, film)
        stale.append(await took("film", title=film.id))
        kept.append(await took("film", title=film.id))
    others = [await took("where", film=film.id, country="DE") for film in films[:10]]
    others += [await took("film", title=f"zzqx{at} vrimlophtz quexx") for at in range(10)]
    for name, times in (
        ("details kept and fresh", kept),
        ("details kept and stale, TMDB asked behind", stale),
        ("none kept yet, TMDB asked behind", fresh),
    ):
        print(
            f"/film to its first answer, {name}: p50 {statistics.median(times) * 1e3:.1f} ms, "
            f"p99 {percentile(times, 0.99) * 1e3:.1f} ms, {len(times)} films"
        )
    slowest = max([*fresh, *stale, *kept, *others])
    missed = sum(each > 3.0 for each in [*fresh, *stale, *kept, *others])
    print(
        f"slowest acknowledgement of {len(fresh) * 3 + len(others)}: {slowest * 1e3:.0f} ms; {missed} missed 3 s"
    )


async def age(services: Services, film: Film) -> None:
    """Make what is kept of the film a month old."""
    known = await services.online_store.get(film.id)
    if known is not None:
        past = known.fetched_at - timedelta(days=30)
        await services.online_store.put(film.id, replace(known, fetched_at=past, offers_fetched_at=past))


class Outside:
    """Asks TMDB outside of the simulated Discord, whose clock would otherwise rule the client's time limits."""

    def __init__(self, client: TmdbClient) -> None:
        self._client = client
        self._asked: asyncio.Queue[tuple[str, Any, asyncio.Future[Any]]] = asyncio.Queue()
        self._task = asyncio.create_task(self._serve())
        self._running: set[asyncio.Task[None]] = set()

    async def get(self, path: str, params: Any = None) -> Any:
        """Give what the client gives."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked.put_nowait((path, params, answer))
        return await answer

    async def close(self) -> None:
        """Close the client."""
        self._task.cancel()
        await self._client.close()

    async def _serve(self) -> None:
        while True:
            task = asyncio.create_task(self._answer(*await self._asked.get()))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _answer(self, path: str, params: Any, answer: asyncio.Future[Any]) -> None:
        try:
            answer.set_result(await self._client.get(path, params))
        except SourceError as error:
            answer.set_exception(error)


def note_acknowledgements() -> list[float]:
    """Give a list to which the moment of each acknowledgement is added."""
    moments: list[float] = []
    dispatch = router.dispatch

    def noted(backend: Any, method: str, path: str, **rest: Any) -> Any:
        if path.startswith("/interactions/") and path.endswith("/callback"):
            moments.append(time.perf_counter())
        return dispatch(backend, method, path, **rest)

    router.dispatch = noted
    return moments


def percentile(values: list[float], share: float) -> float:
    """Give the value that `share` of them do not exceed."""
    ordered: Iterator[float] = iter(sorted(values))
    return [*ordered][min(len(values) - 1, round(share * (len(values) - 1)))]


if __name__ == "__main__":
    main()
