"""What Prometheus reads of a running bot. No label names a member, a server, or anything that was typed."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.metadata import version
from types import SimpleNamespace

import aiohttp
import discord
from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.client import Marquee
from bot.core.caches import CacheUse
from bot.core.database.engine import WAIT
from bot.core.discord.interactions import HandledInteraction
from bot.services import Services

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 15.0)
"""Upper bounds of the histograms' buckets; Discord waits 3 seconds for an acknowledgement."""
DATABASE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
LAG_SECONDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
_CALLBACK = re.compile(r"/interactions/([0-9]+)/[^/]+/callback$")


class Metrics:
    """Counts as things happen; reads what can be read when it is asked."""

    def __init__(self, bot: Marquee) -> None:
        self.registry = CollectorRegistry()
        self._bot = bot
        self._interactions = self._counter(
            "marquee_interactions",
            "Interactions by kind, command and outcome: answered, refused with a reason, or failed.",
            "kind", "command", "outcome",
        )  # fmt: skip
        self._seconds = self._histogram(
            "marquee_interaction_seconds", "Seconds from an interaction's arrival until it was dealt with.", "kind"
        )
        self._acknowledgement = self._histogram(
            "marquee_acknowledgement_seconds",
            "Seconds from an interaction's arrival until Discord had confirmed its first reply.",
            "kind",
        )
        self._connections = self._counter(
            "marquee_gateway_connections",
            "Connections of a shard to Discord's gateway, new or resumed.",
            "shard", "kind",
        )  # fmt: skip
        self._requests = self._counter(
            "marquee_discord_requests", "Discord's answers to requests by status, 0 for none.", "status"
        )
        self._database = self._histogram(
            "marquee_database_seconds",
            "Seconds that a read or a write took, waits included.",
            "operation",
            buckets=DATABASE_SECONDS,
        )
        self._waits = self._histogram(
            "marquee_database_wait_seconds",
            "Seconds that a write waited for its turn, a connection and its locks.",
            buckets=DATABASE_SECONDS,
        )
        self._lags = self._histogram(
            "marquee_job_lag_seconds",
            "Seconds from the time a job was due until it began.",
            "scheduler", "job",
            buckets=LAG_SECONDS,
        )  # fmt: skip
        Info("marquee_build", "The bot's version.", registry=self.registry).info(
            {"version": version("marquee-bot"), "discord_py": discord.__version__}
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(_BotCollector(bot))
        self._observe(bot)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str, buckets: tuple[float, ...] = SECONDS) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)

    def _observe(self, bot: Marquee) -> None:
        """Listen to everything that is counted as it happens; before the bot logs in."""
        bot.in_flight.observers.append(self._count_interaction)
        bot.add_listener(self._count_connect, "on_shard_connect")
        bot.add_listener(self._count_resume, "on_shard_resumed")
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._count_answer)
        trace.on_request_exception.append(self._count_failure)
        bot.http.http_trace = trace
        services = bot.services
        services.database.observers.append(self._count_database)
        for name, scheduler in (("picks", services.pick_scheduler), ("nights", services.night_scheduler)):
            scheduler.observers.append(partial(self._count_job, name))

    def _count_interaction(self, handled: HandledInteraction) -> None:
        self._interactions.labels(handled.kind, handled.command, handled.outcome).inc()
        self._seconds.labels(handled.kind).observe(handled.seconds)

    async def _count_connect(self, shard_id: int) -> None:
        self._connections.labels(str(shard_id), "connected").inc()

    async def _count_resume(self, shard_id: int) -> None:
        self._connections.labels(str(shard_id), "resumed").inc()

    async def _count_answer(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        self._requests.labels(str(params.response.status)).inc()
        match = _CALLBACK.search(params.url.path)
        if match is None or not params.response.ok:
            return
        if (begun := self._bot.in_flight.take_begun(int(match[1]))) is not None:
            kind, seconds = begun
            self._acknowledgement.labels(kind).observe(seconds)

    async def _count_failure(self, *_: object) -> None:
        self._requests.labels("0").inc()

    def _count_database(self, operation: str, seconds: float) -> None:
        if operation == WAIT:
            self._waits.observe(seconds)
        else:
            self._database.labels(operation).observe(seconds)

    def _count_job(self, scheduler: str, job: str, seconds: float) -> None:
        self._lags.labels(scheduler, job).observe(seconds)


def _list_caches(services: Services) -> Mapping[str, CacheUse]:
    """Return how the caches are used, by a name for each."""
    return {
        "films": services.film_repository.cache_use,
        "metadata": services.metadata_repository.cache_use,
        "settings": services.server_settings.cache_use,
        "picks": services.picks.cache.use,
        "nights": services.nights.cache.use,
        "lists": services.lists.cache.use,
    }


class _BotCollector(Collector):
    """Reads the bot's state at the moment of a scrape."""

    def __init__(self, bot: Marquee) -> None:
        self._bot = bot

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        services = self._bot.services
        yield GaugeMetricFamily("marquee_servers", "Servers that the bot is in.", len(self._bot.guilds))
        yield GaugeMetricFamily("marquee_films", "Films that title search knows.", len(services.films.index))
        yield GaugeMetricFamily(
            "marquee_database_connections",
            "Connections to the database that are in use.",
            services.database.busy_connections,
        )
        latency = GaugeMetricFamily(
            "marquee_gateway_latency_seconds", "Seconds until Discord confirmed a heartbeat.", labels=["shard"]
        )
        for shard_id, seconds in self._bot.latencies:
            latency.add_metric([str(shard_id)], seconds)
        yield latency
        requests = CounterMetricFamily(
            "marquee_cache_requests",
            "What caches were asked for, and whether they had it.",
            labels=["cache", "result"],
        )
        for name, use in _list_caches(services).items():
            requests.add_metric([name, "hit"], use.hits)
            requests.add_metric([name, "miss"], use.misses)
        yield requests
        calls = CounterMetricFamily("marquee_tmdb_requests", "Requests to TMDB by outcome.", labels=["outcome"])
        for outcome, count in services.tmdb.client.outcomes.items() if services.tmdb is not None else ():
            calls.add_metric([outcome], count)
        yield calls
