"""Measures what `/film` costs over a bare discord.py command, from INTERACTION_CREATE to the callback request.

The commands run alternately in the same simulated Discord, so that the machine's speed cancels out. `/film` gets a
film picked from autocomplete for the first time and again, a misspelt title that is new, and one that autocomplete
has looked up.
"""

import asyncio
import statistics
import tempfile
import time
from typing import Any

import discord
import simcord
from simcord.http import router

from bot.client import create_bot
from bot.config import Settings
from bot.services import running_services

ROUNDS = 300


class Stopwatch:
    """Measures the milliseconds between an interaction's arrival and the bot's last request that answers it."""

    def __init__(self, bot: discord.Client) -> None:
        self.start = 0.0
        self.milliseconds = 0.0
        parse = bot._connection.parsers["INTERACTION_CREATE"]
        dispatch = router.dispatch

        def start_and_parse(data: Any) -> None:
            self.start = time.perf_counter()
            parse(data)

        def stop_and_dispatch(backend: Any, method: str, path: str, **rest: Any) -> Any:
            if path.endswith("/callback") or path.startswith("/webhooks/"):
                self.milliseconds = (time.perf_counter() - self.start) * 1e3
            return dispatch(backend, method, path, **rest)

        bot._connection.parsers["INTERACTION_CREATE"] = start_and_parse
        router.dispatch = stop_and_dispatch


def misspelt(film_id: str, turn: int) -> str:
    """Return the title in a film's id with one letter left out, a different one each turn, so that it is new."""
    title = film_id.replace("-", " ")
    position = 1 + turn % max(1, len(title) - 6)
    return f"{title[:position]}{title[position + 1 :]}"


async def measure() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_services(Settings.from_env({"MARQUEE_DATA_DIR": folder})) as services:
            bot = create_bot(services)

            @bot.tree.command()
            async def bare(interaction: discord.Interaction[Any], title: str) -> None:
                """Reply with a constant embed as large as a card."""
                embed = discord.Embed(title=title, description="x" * 150)
                for name in "abcdefgh":
                    embed.add_field(name=name, value="y" * 20)
                await interaction.response.send_message(embed=embed)

            async with simcord.run(bot) as env:
                channel = env.create_guild().create_text_channel("films")
                member = env.guild.add_member(env.create_user("mina"))
                watch = Stopwatch(bot)
                titles = [match.film_id for match in services.films.suggest("", limit=ROUNDS)]
                times: dict[str, list[float]] = {kind: [] for kind in ("bare", "picked", "again", "typed", "sent")}
                for turn in range(ROUNDS):
                    film = titles[turn % len(titles)]
                    typo = misspelt(film, turn)
                    # Autocomplete looks a title up while it is typed, before it is sent.
                    services.films.suggest(f"{typo}!")
                    commands = (
                        ("bare", "bare", film),
                        ("picked", "film", film),
                        ("again", "film", film),
                        ("typed", "film", typo),
                        ("sent", "film", f"{typo}!"),
                    )
                    for kind, command, title in commands:
                        await member.slash(channel, command, title=title)
                        times[kind].append(watch.milliseconds)
    bare_median = statistics.median(times["bare"])
    for kind, milliseconds in times.items():
        median, p99 = statistics.median(milliseconds), sorted(milliseconds)[int(ROUNDS * 0.99)]
        over = median - bare_median
        print(f"/film overhead: {kind:6s} median {median:.2f} ms, p99 {p99:.2f} ms, {over:+.2f} ms over bare")


def main() -> None:
    """Run it."""
    asyncio.run(measure())


if __name__ == "__main__":
    main()
