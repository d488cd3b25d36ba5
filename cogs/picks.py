"""`/pick` plans the marquee, `/suggest` suggests films for it, `/featured` shows it; the scheduler keeps it."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import (
    Response,
    View,
    acknowledge,
    acknowledge_if_busy,
    require_guild_id,
    respond,
    respond_publicly,
)
from bot.core.discord.localisation import gettext_lazy, lazy_weekday
from bot.core.discord.scheduler_runner import SchedulerRunner
from bot.core.errors import ConflictingOptionsError, InvalidInputError
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _
from bot.films.autocomplete import suggest_films
from bot.films.choice_views import Completion, FilmChoiceMenu, find_or_ask
from bot.moderation.automod import require_allowed_words
from bot.picks import card, change_views, views
from bot.picks.autocomplete import (
    suggest_closed_series,
    suggest_picks,
    suggest_planned_picks,
    suggest_series,
    suggest_time_zones,
)
from bot.picks.change_views import MovedPick, NewFilm, confirm_change, render_taken_day, send_pending_notices
from bot.picks.channels import list_setting_problems
from bot.picks.dates import parse_time_of_day
from bot.picks.embeds import (
    REFILL_LABELS,
    ROTATION_LABELS,
    build_settings_embed,
    format_moved,
    format_place_with_hint,
    format_title,
)
from bot.picks.models import DayTakenError, Pick
from bot.picks.permissions import is_curator, require_curator
from bot.picks.rotation import WEEKDAYS, RotationInterval, parse_zone
from bot.picks.service import clean_reason
from bot.picks.views import answer_errors_with_options
from bot.services import Services

Context = discord.Interaction[Marquee]
MonthDay = app_commands.Range[int, 1, 31]
PollHours = app_commands.Range[int, 1, 24 * 32]
"""Discord's polls last 32 days at most."""
_EVERY = [app_commands.Choice(name=gettext_lazy(text), value=each.value) for each, text in ROTATION_LABELS.items()]
_WEEKDAYS = [app_commands.Choice(name=lazy_weekday(number), value=number) for number in range(7)]
_REFILLS = [app_commands.Choice(name=gettext_lazy(text), value=mode.value) for mode, text in REFILL_LABELS.items()]
_CLEAR = [
    app_commands.Choice(name=gettext_lazy("The channel"), value="announcement_channel_id"),
    app_commands.Choice(name=gettext_lazy("The pinged role"), value="announcement_role_id"),
    app_commands.Choice(name=gettext_lazy("The length of votes"), value="poll_hours"),
]
_CLEARABLE = {
    "channel": "announcement_channel_id", "role": "announcement_role_id", "poll_hours": "poll_hours",
}  # fmt: skip
"""The settings that `clear` clears, by the options that set them."""


class ChannelId(app_commands.Transformer):
    """A channel for announcements, by its id. discord.py counts media channels as forums; they are left out."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Return that Discord offers channels."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Return the kinds of channels that Discord offers."""
        return [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> int:
        """Return the id of the channel that was chosen."""
        return int(value.id)


AnnouncementChannelId = app_commands.Transform[int, ChannelId]


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class PickCog(commands.GroupCog, name="pick", description=gettext_lazy("Plan the films to feature")):
    """Curators plan the marquee. Discord offers it to who may manage the server; every command checks it."""

    series = app_commands.Group(name="series", description=gettext_lazy("Group picks into a series"))

    def __init__(self, services: Services) -> None:
        self.picks = services.picks

    @app_commands.command(description=gettext_lazy("Plan a film to feature"))
    @app_commands.rename(start="from", days="for_days")
    @app_commands.describe(
        film=gettext_lazy("The film's title"), note=gettext_lazy("Why it's worth watching, up to 500 characters"),
        series=gettext_lazy("The series it belongs to"),
        # Translators: {example} is a day and a time in the reader's language: “Friday 8pm”
        start=gettext_lazy("When to feature it, like {example} (default: in the queue)"),
        days=gettext_lazy("For how many days (default: until the next pick)"),
    )  # fmt: skip
    @app_commands.autocomplete(film=suggest_films, series=suggest_series)
    async def add(
        self, interaction: Context, film: str, note: str | None = None, start: str | None = None,
        days: int | None = None, series: str | None = None,
    ) -> None:  # fmt: skip
        """Plan a film."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        options = {"film": film, "note": note, "from": start, "for_days": days, "series": series}
        async with answer_errors_with_options(interaction, options):
            draft = await self.picks.parse_draft(
                server_id, note=note or "", start=start or "", duration_days=days, series=series or ""
            )
            chosen = await find_or_ask(
                interaction, film, views.describe_draft(draft), views.render_retry(interaction, options)
            )
            if chosen is not None:
                try:
                    planned = await views.add_pick(interaction, draft, chosen)
                except DayTakenError as error:
                    await respond(interaction, render_taken_day(error, NewFilm(chosen, draft)))
                    return
                await confirm_change(interaction, planned)

    @app_commands.command(name="list", description=gettext_lazy("See planned, current and past picks"))
    async def list_picks(self, interaction: Context) -> None:
        """See what was on, what is, and what comes."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        await require_curator(interaction)
        await respond(interaction, await views.render_programme(interaction), ephemeral=True)
        await send_pending_notices(interaction)

    @app_commands.command(description=gettext_lazy("Change a pick's note, days or series"))
    @app_commands.rename(days="for_days")
    @app_commands.describe(
        pick=gettext_lazy("Which pick"), note=gettext_lazy("The new note, or “none”"),
        days=gettext_lazy("For how many days, or 0 until the next pick"),
        series=gettext_lazy("The series it belongs to, or “none”"),
    )  # fmt: skip
    @app_commands.autocomplete(pick=suggest_picks, series=suggest_series)
    async def edit(
        self, interaction: Context, pick: str, note: str | None = None, days: int | None = None,
        series: str | None = None,
    ) -> None:  # fmt: skip
        """Change a pick's note, days or series."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        options = {"pick": pick, "note": note, "for_days": days, "series": series}
        async with answer_errors_with_options(interaction, options):
            change = await self.picks.parse_change(server_id, note=note, duration_days=days, series=series)
            pick_id = await self.picks.find_pick_id(server_id, pick)
            edited = await self.picks.edit(server_id, pick_id, change, actor_id=interaction.user.id)
            await self._confirm_place(interaction, _("Updated {title}: {place}."), edited)

    @app_commands.command(description=gettext_lazy("Move a pick to another day or place in the queue"))
    @app_commands.rename(start="to_day", position="to_place")
    @app_commands.describe(
        pick=gettext_lazy("Which pick"),
        # Translators: {example} is a day and a time in the reader's language: “Friday 8pm”
        start=gettext_lazy("The new day, like {example}"),
        position=gettext_lazy("The new place in the queue"),
    )
    @app_commands.autocomplete(pick=suggest_planned_picks)
    async def move(
        self, interaction: Context, pick: str, start: str | None = None, position: int | None = None
    ) -> None:
        """Give a pick another day, or another place in the queue."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        options = {"pick": pick, "to_day": start, "to_place": position}
        async with answer_errors_with_options(interaction, options):
            starts_at = await self.picks.parse_start(server_id, start or "")
            pick_id = await self.picks.find_pick_id(server_id, pick)
            try:
                moved = await self.picks.move(
                    server_id, pick_id, starts_at=starts_at, position=position, actor_id=interaction.user.id
                )
            except DayTakenError as error:
                wanted = MovedPick(await self.picks.get_planned(server_id, pick_id), starts_at)
                await respond(interaction, render_taken_day(error, wanted, f"to_day: {start}"))
                return
            programme = await self.picks.repository.get_programme(server_id)
            await confirm_change(interaction, Response(format_moved(moved, programme)))

    async def _confirm_place(self, interaction: Context, sentence: str, pick: Pick) -> None:
        """Reply where the pick is in the programme now."""
        programme = await self.picks.repository.get_programme(pick.server_id)
        place = format_place_with_hint(pick, programme)
        await confirm_change(interaction, Response(sentence.format(title=format_title(pick), place=place)))

    @app_commands.command(description=gettext_lazy("Remove a planned pick, or stop featuring one"))
    @app_commands.describe(pick=gettext_lazy("Which pick"))
    @app_commands.autocomplete(pick=suggest_picks)
    async def remove(self, interaction: Context, pick: str) -> None:
        """Ask whether to take a pick out of the programme, or off the marquee."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        async with answer_errors_with_options(interaction, {"pick": pick}):
            chosen = await self.picks.get_planned(server_id, await self.picks.find_pick_id(server_id, pick))
            await respond(interaction, change_views.render_removal_question(chosen))

    @app_commands.command(name="next", description=gettext_lazy("Feature the next pick now"))
    async def start_next(self, interaction: Context) -> None:
        """Bring the next pick on now."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        pick = await self.picks.start_next(server_id, actor_id=interaction.user.id)
        await confirm_change(interaction, await change_views.describe_started(interaction, pick))

    @app_commands.command(description=gettext_lazy("Set when and where picks change, or see the settings"))
    @app_commands.choices(every=_EVERY, refill=_REFILLS, clear=_CLEAR)
    @app_commands.choices(weekday=_WEEKDAYS)
    @app_commands.describe(
        every=gettext_lazy("How often the pick changes"), at=gettext_lazy("At what time, like 20:00"),
        zone=gettext_lazy("The server's time zone, like Europe/Berlin"),
        weekday=gettext_lazy("On which day of the week"), day=gettext_lazy("On which day of the month"),
        channel=gettext_lazy("Where to announce picks"),
        publish=gettext_lazy("Publish to servers that follow the announcement channel"),
        thread=gettext_lazy("Open a discussion thread for each pick"), role=gettext_lazy("Which role to ping"),
        retrospect=gettext_lazy("Post what the server thought when a pick ends"),
        refill=gettext_lazy("What to feature when the queue is empty"),
        poll_hours=gettext_lazy("How many hours a vote lasts"),
        clear=gettext_lazy("A setting to clear"),
    )  # fmt: skip
    @app_commands.autocomplete(zone=suggest_time_zones)
    async def rotate(
        self, interaction: Context, every: str | None = None, at: str | None = None, zone: str | None = None,
        weekday: int | None = None, day: MonthDay | None = None, channel: AnnouncementChannelId | None = None,
        publish: bool | None = None, thread: bool | None = None, role: discord.Role | None = None,
        retrospect: bool | None = None, refill: str | None = None, poll_hours: PollHours | None = None,
        clear: str | None = None,
    ) -> None:  # fmt: skip
        """Set when and where the marquee changes, or see it."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        weekday_name = WEEKDAYS[weekday] if weekday is not None else None
        options = {
            "every": every, "at": at, "zone": zone, "weekday": weekday_name, "day": day,
            "channel": f"<#{channel}>" if channel is not None else None, "publish": publish, "thread": thread,
            "role": role.name if role is not None else None, "retrospect": retrospect, "refill": refill,
            "poll_hours": poll_hours,
        }  # fmt: skip
        async with answer_errors_with_options(interaction, options):
            if role is not None and role.is_default():
                raise InvalidInputError(_("I can't ping everyone. Choose another role."))
            for option, name in _CLEARABLE.items():
                if clear == name and options[option] is not None:
                    raise ConflictingOptionsError(option, "clear")
            chosen = {
                "rotation_interval": every,
                "time_zone": parse_zone(zone) if zone is not None else None,
                "rotation_time": parse_time_of_day(at) if at is not None else None,
                "rotation_weekday": weekday,
                "rotation_day": day,
                "announcement_channel_id": channel,
                "has_announcement_thread": thread,
                "announcement_role_id": role.id if role is not None else None,
                "has_retrospective": retrospect,
                "refill": refill,
                "poll_hours": poll_hours,
                "is_announcement_published": publish,
            }
            changes: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
            if clear is not None:
                changes[clear] = None
            settings = await self.picks.change_settings(server_id, changes, actor_id=interaction.user.id)
            problems = list_setting_problems(interaction.guild, settings)
            interval = settings.rotation.interval
            if weekday is not None and interval is not RotationInterval.WEEK:
                problems.append(_("`weekday` only counts when picks change every week."))
            if day is not None and interval is not RotationInterval.MONTH:
                problems.append(_("`day` only counts when picks change every month."))
            content = "\n".join(f"⚠ {problem}" for problem in problems)
            await confirm_change(interaction, Response(content, embeds=(build_settings_embed(settings),)))

    @series.command(name="create", description=gettext_lazy("Create a series"))
    @app_commands.describe(name=gettext_lazy("Like “Korean thrillers, October”"))
    async def create_series(self, interaction: Context, name: str) -> None:
        """Make a series."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        async with answer_errors_with_options(interaction, {"name": name}):
            series = await self.picks.create_series(server_id, name)
            sentence = _("Created the series {name}. Add films to it with `/pick add` or `/pick edit`.").format(
                name=f"**{escape_line(series.name, 100)}**"
            )
            await confirm_change(interaction, Response(sentence))

    @series.command(name="rename", description=gettext_lazy("Rename a series"))
    @app_commands.describe(series=gettext_lazy("Which series"), name=gettext_lazy("The new name"))
    @app_commands.autocomplete(series=suggest_series)
    async def rename_series(self, interaction: Context, series: str, name: str) -> None:
        """Give a series another name."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        async with answer_errors_with_options(interaction, {"series": series, "name": name}):
            series_id = await self.picks.find_series_id(server_id, series)
            renamed = await self.picks.rename_series(server_id, series_id, name)
            sentence = _("Renamed the series to {name}.").format(name=f"**{escape_line(renamed.name, 100)}**")
            await confirm_change(interaction, Response(sentence))

    @series.command(name="close", description=gettext_lazy("Close a series to new films"))
    @app_commands.describe(series=gettext_lazy("Which series"))
    @app_commands.autocomplete(series=suggest_series)
    async def close_series(self, interaction: Context, series: str) -> None:
        """Take no more films into a series."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        async with answer_errors_with_options(interaction, {"series": series}):
            series_id = await self.picks.find_series_id(server_id, series)
            closed = await self.picks.close_series(server_id, series_id)
            sentence = _("Closed the series {name}. Films already planned in it stay.").format(
                name=f"**{escape_line(closed.name, 100)}**"
            )
            view = View(change_views.ReopenSeriesButton(str(closed.id)))
            await confirm_change(interaction, Response(sentence, view=view))

    @series.command(name="reopen", description=gettext_lazy("Let a closed series take films again"))
    @app_commands.describe(series=gettext_lazy("Which series"))
    @app_commands.autocomplete(series=suggest_closed_series)
    async def reopen_series(self, interaction: Context, series: str) -> None:
        """Take films into a closed series again."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_curator(interaction)
        async with answer_errors_with_options(interaction, {"series": series}):
            series_id = await self.picks.find_series_id(server_id, series)
            reopened = await self.picks.reopen_series(server_id, series_id)
            await confirm_change(interaction, Response(change_views.describe_reopened(reopened)))


class FeaturedCog(commands.Cog, name="Featured"):
    """Shows what is on the marquee, takes suggestions for it, and runs the scheduler that keeps it."""

    def __init__(self, bot: Marquee) -> None:
        self.bot = bot
        self.picks = bot.services.picks
        self.engagement = bot.services.pick_engagement
        self.scheduler = bot.services.pick_scheduler
        self.announcer = bot.services.pick_announcer
        self.card = bot.services.pick_card
        self.reviews = bot.services.reviews
        self.runner = SchedulerRunner(
            bot,
            self.scheduler,
            refresh=self.picks.cache.refresh,
            run_due_jobs=self.announcer.run_due_jobs,
            get_locale=bot.services.languages.get_for,
            name="the pick scheduler",
            subject="the marquee",
        )

    async def cog_load(self) -> None:
        """Listen to ratings, since an announcement shows the server's stars."""
        self.reviews.listeners.append(self._on_rating)

    async def cog_unload(self) -> None:
        """Stop the scheduler."""
        if self._on_rating in self.reviews.listeners:
            self.reviews.listeners.remove(self._on_rating)
        self.runner.stop()

    @app_commands.command(description=gettext_lazy("See the featured film"))
    @app_commands.guild_only()
    @app_commands.describe(history=gettext_lazy("See earlier picks instead"))
    async def featured(self, interaction: Context, history: bool = False) -> None:
        """See what is on the marquee."""
        if history:
            await acknowledge_if_busy(interaction, ephemeral=False)
            await respond(interaction, await views.render_history(interaction))
            return
        await acknowledge_if_busy(interaction, ephemeral=True)
        current = (await self.picks.repository.get_programme(require_guild_id(interaction))).current
        if current is None or interaction.guild is None:
            sentence = _("No film is featured right now. Suggest one with `/suggest`.")
            await respond(interaction, Response(sentence), ephemeral=True)
            return
        await acknowledge(interaction, ephemeral=False)
        await self.card.fetch_metadata(current.film_id)
        await respond_publicly(interaction, await self.card.render(interaction.guild, current))

    @app_commands.command(description=gettext_lazy("Suggest a film to feature"))
    @app_commands.guild_only()
    @app_commands.describe(
        film=gettext_lazy("The film's title"), why=gettext_lazy("Why you want it, up to 300 characters")
    )
    @app_commands.autocomplete(film=suggest_films)
    async def suggest(self, interaction: Context, film: str, why: str = "") -> None:
        """Suggest a film for the marquee."""
        await acknowledge(interaction, ephemeral=True)
        options = {"film": film, "why": why}
        async with answer_errors_with_options(interaction, options):
            await require_allowed_words(interaction, why)
            reason = clean_reason(why)
            completion = Completion("suggest", typed=reason)
            chosen = await find_or_ask(interaction, film, completion, views.render_retry(interaction, options))
            if chosen is not None:
                await respond(interaction, await views.suggest_film(interaction, chosen, reason), ephemeral=True)

    @app_commands.command(name="suggestions", description=gettext_lazy("See what happened to your suggestions"))
    @app_commands.guild_only()
    @app_commands.describe(mine=gettext_lazy("Only show your own"))
    async def show_suggestions(self, interaction: Context, mine: bool = False) -> None:
        """See what became of your suggestions; curators decide about all."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        if not mine and await is_curator(interaction):
            response = await views.render_open_suggestions(interaction)
        else:
            response = await views.render_own_suggestions(interaction)
        await respond(interaction, response, ephemeral=True)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Start the scheduler once the servers are known."""
        self.runner.start()
        await self.picks.preload({guild.id for guild in self.bot.guilds})

    @commands.Cog.listener()
    async def on_guild_available(self, _guild: discord.Guild) -> None:
        """Wake the scheduler: something may have become due while Discord did not have the server."""
        self.runner.wake()

    @commands.Cog.listener()
    async def on_guild_join(self, _guild: discord.Guild) -> None:
        """Wake the scheduler: the server may have been here before, with a programme."""
        self.runner.wake()

    @commands.Cog.listener()
    async def on_picks_changed(self, server_id: int) -> None:
        """Wake the scheduler, since a pick was planned, moved or started."""
        self.runner.wake()
        await self.picks.cache.refresh(server_id)
        # Until when the current pick is on may depend on what comes next.
        await self.on_pick_card_outdated(server_id)

    @commands.Cog.listener()
    async def on_pick_card_outdated(self, server_id: int, film_id: str | None = None) -> None:
        """Have the announcement refreshed soon; with a film's id only if that film is on."""
        if await self.scheduler.request_refresh(server_id, film_id):
            self.runner.wake()

    @commands.Cog.listener()
    async def on_reviews_changed(self, server_id: int, film_id: str) -> None:
        """Refresh the announcement of that film, which shows the server's stars."""
        await self.on_pick_card_outdated(server_id, film_id)

    @commands.Cog.listener()
    async def on_member_name_changed(self, server_id: int) -> None:
        """Refresh the announcement, which names the members who are in."""
        await self.on_pick_card_outdated(server_id)

    def _on_rating(self, server_id: int, film_id: str) -> None:
        self.bot.dispatch("pick_card_outdated", server_id, film_id)


async def setup(bot: Marquee) -> None:
    """Add both cogs and the buttons of their messages."""
    bot.add_dynamic_items(*card.ITEMS, *views.ITEMS, *change_views.ITEMS)
    bot.add_modals(*change_views.MODALS)
    for command, complete in views.COMPLETIONS.items():
        FilmChoiceMenu.add_completion(command, complete)
    await bot.add_cog(PickCog(bot.services))
    await bot.add_cog(FeaturedCog(bot))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons again."""
    bot.remove_dynamic_items(*card.ITEMS, *views.ITEMS, *change_views.ITEMS)
    bot.remove_modals(*change_views.MODALS)
