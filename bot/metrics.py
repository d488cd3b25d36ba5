"""What Prometheus reads of a running bot. No label names a member, a server, or anything that was typed."""

from collections.abc import Iterator
from importlib.metadata import version

import discord
from prometheus_client import CollectorRegistry, Counter, Histogram, Info
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.client import Marquee
from bot.core.discord.in_flight import HandledInteraction

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
"""Upper bounds of the histogram's buckets; Discord waits 3 seconds for an acknowledgement."""


class Metrics:
    """Counts interactions and connections as they come; reads everything else when it is asked."""

    def __init__(self, bot: Marquee) -> None:
        self.registry = CollectorRegistry()
        self._interactions = Counter(
            "marquee_interactions",
            "Interactions by kind, command and outcome: answered, refused with a reason, or failed.",
            ["kind", "command", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "marquee_interaction_seconds",
            "Seconds from an interaction's arrival until it was dealt with.",
            ["kind"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._connections = Counter(
            "marquee_gateway_connections",
            "Connections of a shard to Discord's gateway, new or resumed.",
            ["shard", "kind"],
            registry=self.registry,
        )
        Info("marquee_build", "The bot's version.", registry=self.registry).info(
            {"version": version("marquee-bot"), "discord_py": discord.__version__}
        )
        self.registry.register(_BotCollector(bot))
        bot.in_flight.observers.append(self._count_interaction)
        bot.add_listener(self._count_connect, "on_shard_connect")
        bot.add_listener(self._count_resume, "on_shard_resumed")

    def _count_interaction(self, handled: HandledInteraction) -> None:
        self._interactions.labels(handled.kind, handled.command, handled.outcome).inc()
        self._seconds.labels(handled.kind).observe(handled.seconds)

    async def _count_connect(self, shard_id: int) -> None:
        self._connections.labels(str(shard_id), "connected").inc()

    async def _count_resume(self, shard_id: int) -> None:
        self._connections.labels(str(shard_id), "resumed").inc()


class _BotCollector(Collector):
    """Reads the bot's state at the moment of a scrape."""

    def __init__(self, bot: Marquee) -> None:
        self._bot = bot

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        services = self._bot.services
        yield GaugeMetricFamily("marquee_servers", "Servers that the bot is in.", len(self._bot.guilds))
        yield GaugeMetricFamily("marquee_films", "Films that title search knows.", len(services.films.index))
        latency = GaugeMetricFamily(
            "marquee_gateway_latency_seconds", "Seconds until Discord confirmed a heartbeat.", labels=["shard"]
        )
        for shard_id, seconds in self._bot.latencies:
            latency.add_metric([str(shard_id)], seconds)
        yield latency
        if services.tmdb is not None:
            requests = CounterMetricFamily("marquee_tmdb_requests", "Requests to TMDB.", labels=["outcome"])
            for outcome, count in services.tmdb.client.outcomes.items():
                requests.add_metric([outcome], count)
            yield requests
