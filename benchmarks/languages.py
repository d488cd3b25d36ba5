"""Measures what a language costs: its catalogue, its memory, and a card and lists in it beside English ones.

    python -m benchmarks.languages [command ...]

Each language's replies are shown by turns with English ones of the same films in one simulated Discord, and timed
from INTERACTION_CREATE to the request that shows them, so that the machine's speed cancels out. Each is shown once
before it counts: a title card that was drawn is kept.
"""

import asyncio
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from typing import Any

import simcord
import simcord.interactions

from benchmarks.command_overhead import Stopwatch
from bot.client import create_bot
from bot.config import Settings
from bot.core.text.i18n import SOURCE_LOCALE, _find_language, list_catalogues, use_locale
from bot.services import running_services

FILMS, ROUNDS = 8, 30
COMMANDS = ("film", "top", "watchlist show")


def measure_catalogues() -> None:
    """Print how long each catalogue takes to be read, and what all of them take of memory."""
    for locale in list_catalogues():
        started = time.process_time()
        with use_locale(locale):
            pass
        print(f"catalogue {locale:6s} read in {(time.process_time() - started) * 1e3:.1f} ms of processor time")
    _find_language.cache_clear()
    tracemalloc.start()
    for locale in list_catalogues():
        with use_locale(locale):
            pass
    print(f"all catalogues: {tracemalloc.get_traced_memory()[0] / 1e6:.1f} MB")
    tracemalloc.stop()
    _find_language.cache_clear()


async def measure_replies(commands: Sequence[str]) -> None:
    """Print the median time of each command's reply in each language, and its ratio to English."""
    spoken = [SOURCE_LOCALE]
    build = simcord.interactions.base_payload

    def build_spoken(backend: Any, **rest: Any) -> tuple[Any, dict[str, Any]]:
        record, payload = build(backend, **rest)
        payload["locale"] = payload["guild_locale"] = spoken[0]
        return record, payload

    simcord.interactions.base_payload = build_spoken
    with tempfile.TemporaryDirectory() as folder:
        async with running_services(Settings.from_env({"MARQUEE_DATA_DIR": folder})) as services:
            bot = create_bot(services)
            async with simcord.run(bot) as env:
                channel = env.create_guild().create_text_channel("films")
                member = env.guild.add_member(env.create_user("mina"))
                watch = Stopwatch(bot)
                film_ids = [match.film_id for match in services.films.suggest("", limit=2 * FILMS)]
                for rated, listed in zip(film_ids[:FILMS], film_ids[FILMS:], strict=True):
                    await member.slash(channel, "rate", film=rated, stars="4")
                    await member.slash(channel, "watchlist add", film=listed)
                cards = [{"title": each} for each in film_ids[:FILMS]]
                for command in commands:
                    options = cards if command == "film" else [{}]
                    rounds = ROUNDS * FILMS // len(options)
                    for locale in list_catalogues():
                        times: dict[str, list[float]] = {SOURCE_LOCALE: [], locale: []}
                        for turn in range(rounds + 1):
                            for option in options:
                                for each in sorted(times, reverse=turn % 2 == 0):
                                    spoken[0] = each
                                    await member.slash(channel, command, **option)
                                    if turn:
                                        times[each].append(watch.milliseconds)
                        english, other = (statistics.median(times[each]) for each in (SOURCE_LOCALE, locale))
                        ratio = other / english
                        print(f"/{command} in {locale:6s} median {other:.2f} ms, {ratio:.3f} of English beside it")


def main() -> None:
    """Run both; the arguments are the commands whose replies are measured."""
    measure_catalogues()
    asyncio.run(measure_replies(sys.argv[1:] or COMMANDS))


if __name__ == "__main__":
    main()
