"""What `/film` costs over a bare discord.py command: from INTERACTION_CREATE to the callback request, in one run.

Both commands run in the same simulated Discord, in turn, so that the machine's speed cancels out. A film is picked
that nobody has asked for yet, and picked again; a title is typed that nobody has looked up, and one sent that its
autocomplete has.
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
    """Takes the time between an interaction's arrival and the bot's callback request."""

    def __init__(self, bot: discord.Client) -> None:
        self.begin = 0.0
        self.taken = 0.0
        parse = bot._connection.parsers["INTERACTION_CREATE"]
        dispatch = router.dispatch

        def arrived(data: Any) -> None:
            self.begin = time.perf_counter()
            parse(data)

        def requested(backend: Any, method: str, path: str, **rest: Any) -> Any:
            if path.endswith("/callback"):
                self.taken = (time.perf_counter() - self.begin) * 1e3
            return dispatch(backend, method, path, **rest)

        bot._connection.parsers["INTERACTION_CREATE"] = arrived
        router.dispatch = requested


def misspelt(film_id: str, turn: int) -> str:
    """Give the title in a film's id with a letter left out, another one each turn: nobody has asked for it yet."""
    title = film_id.replace("-", " ")
    at = 1 + turn % (len(title) - 6)
    return f"{title[:at]}{title[at + 1 :]}"


async def measure() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_services(Settings.from_env({"MARQUEE_DATA_DIR": folder})) as services:
            bot = create_bot(services)

            @bot.tree.command()
            async def bare(interaction: discord.Interaction[Any], title: str) -> None:
                """Answer with as large a card, made from nothing."""
                embed = discord.Embed(title=title, description="x" * 150)
                for name in "abcdefgh":
                    embed.add_field(name=name, value="y" * 20)
                await interaction.response.send_message(embed=embed)

            async with simcord.run(bot) as env:
                channel = env.create_guild().create_text_channel("films")
                member = env.guild.add_member(env.create_user("mina"))
                watch = Stopwatch(bot)
                titles = [match.film_id for match in services.films.suggest("", limit=ROUNDS)]
                taken: dict[str, list[float]] = {kind: [] for kind in ("bare", "picked", "again", "typed", "sent")}
                for turn in range(ROUNDS):
                    film = titles[turn % len(titles)]
                    wrong = misspelt(film, turn)
                    # What is sent was looked up before, by the autocomplete that was shown while it was typed.
                    services.films.suggest(f"{wrong}!")
                    asked = (
                        ("bare", "bare", film),
                        ("picked", "film", film),
                        ("again", "film", film),
                        ("typed", "film", wrong),
                        ("sent", "film", f"{wrong}!"),
                    )
                    for kind, command, title in asked:
                        await member.slash(channel, command, title=title)
                        taken[kind].append(watch.taken)
    told = {kind: (statistics.median(times), sorted(times)[int(ROUNDS * 0.99)]) for kind, times in taken.items()}
    for kind, (median, p99) in told.items():
        over = median - told["bare"][0]
        print(f"/film overhead: {kind:6s} median {median:.2f} ms, p99 {p99:.2f} ms, {over:+.2f} ms over bare")


def main() -> None:
    """Run it."""
    asyncio.run(measure())


if __name__ == "__main__":
    main()
