"""`/pick`: curators plan the marquee, members suggest."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Choices, autocomplete, require_guild_id
from bot.core.text.formatting import clean_input
from bot.films.autocomplete import suggest_films
from bot.films.views import autocomplete_hint, resolve_film
from bot.moderation.automod import require_allowed_words
from bot.picks import list_views as lists
from bot.picks import plan_commands as plans
from bot.picks import suggestion_views as suggested
from bot.picks.engagement import PickEngagementService
from bot.picks.models import Refill
from bot.picks.permissions import giving_back, hand_back, may_curate, require_curator, tell_troubles
from bot.picks.rotation import WEEKDAYS, Every, exact_zone, find_zones
from bot.picks.service import PickService
from bot.picks.timing import parse_time

Context = discord.Interaction[Marquee]
MonthDay = app_commands.Range[int, 1, 31]
_EVERY = [
    app_commands.Choice(name=name, value=each.value)
    for each, name in zip(Every, ("Never by itself", "Every day", "Every week", "Every month"), strict=True)
]
_DAYS = [app_commands.Choice(name=name, value=number) for number, name in enumerate(WEEKDAYS)]
_REFILLS = [app_commands.Choice(name=text[:100], value=each.value) for each, text in lists.REFILLS.items()]
_FORGET = [
    app_commands.Choice(name="The channel: announce nowhere", value="channel_id"),
    app_commands.Choice(name="The role: ping nobody", value="role_id"),
]


class ChannelId(app_commands.Transformer):
    """A channel that takes announcements, by its id; a media channel, which discord.py adds to forums, doesn't."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Let Discord offer channels."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Let it offer these alone."""
        return [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> int:
        """Give the id of the channel chosen."""
        return int(value.id)


Place = app_commands.Transform[int, ChannelId]


@app_commands.guild_only()
class PickCog(commands.GroupCog, name="pick", description="What comes on the marquee."):
    """Plans the marquee. Who may is asked at every command."""

    series = app_commands.Group(name="series", description="Picks that belong together.")

    def __init__(self, picks: PickService, voices: PickEngagementService) -> None:
        self.picks = picks
        self.voices = voices

    @app_commands.command()
    @app_commands.rename(starts="from", days="for_days")
    @app_commands.describe(
        film="The film", note="Why it is worth seeing, up to 500 characters", series="What it belongs to",
        starts="A day, as in Friday or 2026-12-04 20:00; without one it queues up",
        days="How many days it stays; without them until the next one comes",
    )  # fmt: skip
    @app_commands.autocomplete(film=suggest_films)
    async def add(
        self, interaction: Context, film: str, note: str | None = None, starts: str | None = None,
        days: int | None = None, series: str | None = None,
    ) -> None:  # fmt: skip
        """Plan a film for the marquee."""
        await plans.add(interaction, film, note=note, starts=starts, days=days, series=series)

    @app_commands.command(name="list")
    async def list_picks(self, interaction: Context) -> None:
        """See what was on, what is, and what comes."""
        await require_curator(interaction)
        await interaction.response.send_message(**await lists.programme(interaction), ephemeral=True)
        await tell_troubles(interaction)

    @app_commands.command()
    @app_commands.rename(days="for_days")
    @app_commands.describe(
        pick="Which", note="The new note; “none” for none", days="How many days it stays; 0 until the next one",
        series="What it belongs to; “none” for nothing",
    )  # fmt: skip
    async def edit(
        self, interaction: Context, pick: str, note: str | None = None, days: int | None = None,
        series: str | None = None,
    ) -> None:  # fmt: skip
        """Change a pick's note, days or series."""
        await plans.edit(interaction, pick, note=note, days=days, series=series)

    @app_commands.command()
    @app_commands.rename(starts="to_day", position="to_place")
    @app_commands.describe(
        pick="Which", starts="A day, as in Friday or 2026-12-04 20:00", position="In the queue, from 1"
    )
    async def move(
        self, interaction: Context, pick: str, starts: str | None = None, position: int | None = None
    ) -> None:
        """Give a pick another day, or another place in the queue."""
        await plans.move(interaction, pick, starts=starts, position=position)

    @app_commands.command()
    @app_commands.describe(pick="Which")
    async def remove(self, interaction: Context, pick: str) -> None:
        """Take a pick out of the programme, or off the marquee."""
        await plans.remove(interaction, pick)

    @app_commands.command(name="next")
    async def bring_next(self, interaction: Context) -> None:
        """Bring the next pick on now."""
        await plans.bring_next(interaction)

    @app_commands.command()
    @app_commands.choices(every=_EVERY, refill=_REFILLS, forget=_FORGET)
    @app_commands.choices(weekday=_DAYS)
    @app_commands.describe(
        every="How often", at="The time there, as in 20:00", zone="The server's time zone, named after a city",
        weekday="Of a weekly rotation", day="Of the month, of a monthly one", channel="Where picks are announced",
        thread="Whether each gets a thread", role="Whom to ping", retrospect="Whether to look back at each",
        refill="What to do when the queue is empty", forget="Settings to take back",
    )  # fmt: skip
    async def rotate(
        self, interaction: Context, every: str | None = None, at: str | None = None, zone: str | None = None,
        weekday: int | None = None, day: MonthDay | None = None, channel: Place | None = None,
        thread: bool | None = None, role: discord.Role | None = None, retrospect: bool | None = None,
        refill: str | None = None, forget: str | None = None,
    ) -> None:  # fmt: skip
        """Set when and where the marquee changes, or see it."""
        await require_curator(interaction)
        on = WEEKDAYS[weekday] if weekday is not None else None
        typed = {"every": every, "at": at, "zone": zone, "weekday": on, "day": day, "refill": refill}
        async with giving_back(interaction, **typed):
            given: dict[str, Any] = {
                "every": Every(every) if every is not None else None,
                "at": parse_time(at) if at is not None else None,
                "zone": exact_zone(zone) if zone is not None else None,
                "weekday": weekday, "day": day, "channel_id": channel,
                "thread": thread, "role_id": role.id if role is not None else None, "retrospect": retrospect,
                "refill": Refill(refill) if refill is not None else None,
            }  # fmt: skip
            changes = {name: value for name, value in given.items() if value is not None}
            if forget is not None:
                changes[forget] = None
            settings = await plans.settings_now(interaction, **changes)
            await plans.told(interaction, "", embed=lists.settings_card(settings))

    @app_commands.command()
    @app_commands.describe(film="The film", why="Why, up to 300 characters")
    @app_commands.autocomplete(film=suggest_films)
    async def suggest(self, interaction: Context, film: str, why: str = "") -> None:
        """Suggest a film for the marquee."""
        async with giving_back(interaction, film=film, why=why):
            await require_allowed_words(interaction, why)
            found = await resolve_film(interaction, film, "")
            if found is None:
                told = autocomplete_hint("Nothing is suggested")
                await hand_back(interaction, told, film=film, why=why)
                return
            made = await self.voices.suggest(
                require_guild_id(interaction), interaction.user.id, found.id, clean_input(why)
            )
            told = f"Suggested: {suggested.title_of(made)}. `/pick suggestions` shows what becomes of it."
            await interaction.response.send_message(told, ephemeral=True)

    @app_commands.command(name="suggestions")
    @app_commands.describe(mine="Your own alone, for who also decides")
    async def show_suggestions(self, interaction: Context, mine: bool = False) -> None:
        """See what became of your suggestions; curators decide about all."""
        message = await suggested.own(interaction)
        if not mine and await may_curate(interaction):
            message = await suggested.waiting(interaction)
        await interaction.response.send_message(**message, ephemeral=True)

    @series.command(name="create")
    @app_commands.describe(name="As in “Korean thrillers, October”")
    async def create_series(self, interaction: Context, name: str) -> None:
        """Make a series."""
        await plans.change_series(interaction, "create", "", name)

    @series.command(name="rename")
    @app_commands.describe(series="Which", name="The new name")
    async def rename_series(self, interaction: Context, series: str, name: str) -> None:
        """Give a series another name."""
        await plans.change_series(interaction, "rename", series, name)

    @series.command(name="close")
    @app_commands.describe(series="Which")
    async def close_series(self, interaction: Context, series: str) -> None:
        """Take no more films into a series."""
        await plans.change_series(interaction, "close", series, "")

    @edit.autocomplete("pick")
    @remove.autocomplete("pick")
    @autocomplete
    async def suggest_pick(self, interaction: Context, current: str) -> Choices:
        """Offer what is on and what is planned."""
        return plans.choices(interaction, current, with_current=True)

    @move.autocomplete("pick")
    @autocomplete
    async def suggest_planned(self, interaction: Context, current: str) -> Choices:
        """Offer what is planned."""
        return plans.choices(interaction, current, with_current=False)

    @add.autocomplete("series")
    @edit.autocomplete("series")
    @rename_series.autocomplete("series")
    @close_series.autocomplete("series")
    @autocomplete
    async def suggest_series(self, interaction: Context, current: str) -> Choices:
        """Offer series."""
        return plans.series_choices(interaction, current)

    @rotate.autocomplete("zone")
    @autocomplete
    async def suggest_zone(self, interaction: Context, current: str) -> Choices:
        """Offer time zones."""
        return [app_commands.Choice(name=name, value=name) for name in find_zones(current)]


async def setup(bot: Marquee) -> None:
    """Add the cog and what its messages hold."""
    bot.add_dynamic_items(*suggested.ITEMS)
    services = bot.services
    await bot.add_cog(PickCog(services.picks, services.pick_voices))


async def teardown(bot: Marquee) -> None:
    """Take the buttons out again."""
    bot.remove_dynamic_items(*suggested.ITEMS)
