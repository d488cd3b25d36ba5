"""`/night` plans film nights and lets members choose the film; the scheduler here moves nights forward."""

from collections.abc import Mapping

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Response, acknowledge, gettext_lazy, require_guild_id, respond
from bot.core.discord.error_handler import log_errors
from bot.core.discord.permissions import UPDATED_CARD, describe_channel_problem, list_missing_permissions
from bot.core.discord.scheduler_runner import SchedulerRunner
from bot.core.errors import ConflictingOptionsError, InvalidInputError, MarqueeError
from bot.core.text.formatting import clean_input
from bot.core.text.i18n import _
from bot.films.autocomplete import suggest_countries, suggest_films, suggest_genres
from bot.films.choice_views import FilmChoiceMenu, find_or_ask, get_clear_film, has_choice, render_question
from bot.films.views import render_no_film, resolve_lookup
from bot.lists.views import suggest_lists
from bot.moderation.automod import require_allowed_words
from bot.nights import ballot_views, count_views, history_views, host_views, nomination_views, poll_views, views
from bot.nights.announcements import describe_problem
from bot.nights.ballots import BallotMethod
from bot.nights.embeds import (
    CHOOSING_LABELS,
    METHOD_LABELS,
    REPEAT_LABELS,
    describe_missing_film,
    describe_skipped_time,
)
from bot.nights.history_views import suggest_nights
from bot.nights.host_views import describe_default_zone, describe_plan
from bot.nights.models import (
    DEFAULT_NOMINATIONS_EACH,
    Choosing,
    Night,
    NightState,
    NominationsClosedError,
    NoNightError,
    Repeat,
)
from bot.nights.permissions import require_host
from bot.nights.service import NightDraft, NightEdit, NightService
from bot.picks.views import answer_errors_with_options, render_retry
from bot.recommendations.filter_options import DECADE_CHOICES, Minutes, parse_filters
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.models import GroupSession

Context = discord.Interaction[Marquee]
Nominations = app_commands.Range[int, 1, 10]
VoiceChannel = discord.VoiceChannel | discord.StageChannel
_METHODS = [
    app_commands.Choice(name=gettext_lazy(label), value=each.value) for each, label in METHOD_LABELS.items()
]
_CHOOSING = [
    app_commands.Choice(name=gettext_lazy(label), value=each.value) for each, label in CHOOSING_LABELS.items()
]
_REPEATS = [
    app_commands.Choice(name=gettext_lazy(label), value=each.value) for each, label in REPEAT_LABELS.items()
]
ITEMS = (
    *views.ITEMS,
    *count_views.ITEMS,
    *host_views.ITEMS,
    *ballot_views.ITEMS,
    *nomination_views.ITEMS,
    *poll_views.ITEMS,
    *history_views.ITEMS,
)


async def _find_hosted(interaction: Context, nights: NightService, text: str | None) -> Night:
    """Return the night to come that the text names, if the member may change it.

    Raises NotHostError, whatever was named, for a member who may change none, else what `find` raises.
    """
    try:
        found = await nights.find(require_guild_id(interaction), text)
    except MarqueeError:
        await require_host(interaction)
        raise
    await require_host(interaction, found)
    return found


@app_commands.guild_only()
class NightCog(
    commands.GroupCog, name="night", description=gettext_lazy("Film nights: plan, nominate, vote, watch")
):
    """`/night`: hosts plan nights, members choose the film; and the scheduler that keeps them."""

    def __init__(self, bot: Marquee) -> None:
        self.bot = bot
        self.nights = bot.services.nights
        self.lists = bot.services.lists
        self.scheduler = bot.services.night_scheduler
        self.announcer = bot.services.night_announcer
        self.card = bot.services.night_card
        self.recommendations = bot.services.recommendations
        self.runner = SchedulerRunner(
            bot,
            self.scheduler,
            refresh=self.nights.cache.refresh,
            run_due_jobs=self.announcer.run_due_jobs,
            get_locale=bot.services.languages.get_for,
            name="the scheduler of film nights",
            subject="the film nights",
        )

    async def cog_load(self) -> None:
        """Let the turns of members who leave go on."""
        self.bot.services.membership.departure_listeners.append(self._on_departure)

    async def cog_unload(self) -> None:
        """Stop the scheduler."""
        self.bot.services.membership.departure_listeners.remove(self._on_departure)
        self.runner.stop()

    async def _on_departure(self, server_id: int, member_id: int) -> None:
        if await self.nights.release_turns(server_id, member_id):
            self.bot.dispatch("nights_changed", server_id)

    @app_commands.command(description=gettext_lazy("Plan a film night"))
    @app_commands.describe(
        name=gettext_lazy("What the night is called"),
        # Translators: {example} is a day and a time in the reader's language: “Friday 8pm”
        when=gettext_lazy("Day and time, like {example}; separate several with commas for a poll"),
        choose=gettext_lazy("How the film is chosen (default: members nominate and vote)"),
        film=gettext_lazy("The film (leave empty to let members nominate and vote)"),
        channel=gettext_lazy("Where to post the card (default: this channel)"),
        voice=gettext_lazy("The voice or stage channel you watch in"),
        place=gettext_lazy("Where you watch: words or a link"),
        theme=gettext_lazy("What the night is about, in your own words"),
        genre=gettext_lazy("Only films of this genre"),
        country=gettext_lazy("Only films made in this country"),
        decade=gettext_lazy("Only films of this decade"),
        max_minutes=gettext_lazy("Only films up to this long"),
        ballot=gettext_lazy("How members vote"),
        nominations=gettext_lazy("How many films each member can nominate (default: 2)"),
        nominations_close=gettext_lazy("When nominations close (default: the day before)"),
        ballot_closes=gettext_lazy("When voting ends (default: an hour before the start)"),
        reminders=gettext_lazy("When to remind before the start, like 1d, 1h, or “none”"),
        repeat=gettext_lazy("How often"),
        carry_over=gettext_lazy("Nominate the films that lost again next time"),
        fairness=gettext_lazy("Count ballots a little more for members who were outvoted before"),
        from_list=gettext_lazy("A list that the film is chosen from"),
        poll_closes=gettext_lazy("When the poll for the day closes (default: within three days)"),
    )
    @app_commands.choices(decade=DECADE_CHOICES)
    @app_commands.choices(choose=_CHOOSING, ballot=_METHODS, repeat=_REPEATS)
    @app_commands.autocomplete(
        film=suggest_films, genre=suggest_genres, country=suggest_countries, from_list=suggest_lists
    )
    async def plan(
        self, interaction: Context, name: str, when: str, choose: str | None = None, film: str | None = None,
        channel: discord.TextChannel | None = None, voice: VoiceChannel | None = None, place: str | None = None,
        theme: str | None = None, genre: str | None = None, country: str | None = None, decade: int | None = None,
        max_minutes: Minutes | None = None, ballot: str | None = None, nominations: Nominations | None = None,
        nominations_close: str | None = None, ballot_closes: str | None = None, reminders: str | None = None,
        repeat: str | None = None, carry_over: bool = False, fairness: bool = False,
        poll_closes: str | None = None, from_list: str | None = None,
    ) -> None:  # fmt: skip
        """Store a night, whose card the scheduler posts."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await require_host(interaction)
        choosing = Choosing(choose) if choose is not None else None
        method = BallotMethod(ballot) if ballot is not None else None
        options = {
            "name": name, "when": when, "choose": _(CHOOSING_LABELS[choosing]) if choosing is not None else None,
            "film": film, "place": place, "theme": theme, "genre": genre, "country": country, "decade": decade,
            "max_minutes": max_minutes, "ballot": _(METHOD_LABELS[method]) if method is not None else None,
            "nominations": nominations, "nominations_close": nominations_close, "ballot_closes": ballot_closes,
            "reminders": reminders, "repeat": _(REPEAT_LABELS[Repeat(repeat)]) if repeat is not None else None,
            "carry_over": carry_over or None, "fairness": fairness or None, "poll_closes": poll_closes,
            "from_list": from_list,
        }  # fmt: skip
        async with answer_errors_with_options(interaction, options):
            _require_fitting_options(choosing, options)
            await require_allowed_words(interaction, " ".join(filter(None, (name, place, theme))))
            home = _require_channel(interaction, channel)
            lookup = await resolve_lookup(interaction, film) if film is not None else None
            chosen = get_clear_film(lookup) if lookup is not None else None
            if lookup is not None and chosen is None and not has_choice(lookup):
                await respond(interaction, render_no_film(interaction, lookup))
                await respond(interaction, render_retry(interaction, options), ephemeral=True)
                return
            list_id = (
                (await self.lists.find(server_id, from_list, interaction.user.id)).id
                if from_list is not None
                else None
            )
            filters = parse_filters(genre=genre, country=country, decade=decade, max_minutes=max_minutes)
            if chosen is None and choosing is not Choosing.HOST:
                await self._require_fitting_film(server_id, filters, list_id)
            draft = NightDraft(
                name=name,
                starts=when,
                channel_id=home.id,
                host_id=interaction.user.id,
                place=place or "",
                voice_channel_id=voice.id if voice is not None else None,
                theme=theme or "",
                filters=filters,
                film_id=chosen.id if chosen is not None else None,
                list_id=list_id,
                poll_closes=poll_closes or "",
                choosing=Choosing.HOST if film is not None else choosing or Choosing.BALLOT,
                method=method or BallotMethod.SCHULZE,
                nominations_each=DEFAULT_NOMINATIONS_EACH if nominations is None else nominations,
                nominations_close=nominations_close or "",
                ballot_closes=ballot_closes or "",
                reminders=reminders,
                repeat=Repeat(repeat) if repeat is not None else Repeat.NEVER,
                has_carry_over=carry_over,
                is_weighted=fairness,
            )
            night = await self.nights.plan(server_id, draft)
            self.bot.dispatch("nights_changed", server_id)
            lines = [
                describe_plan(night, list_missing_permissions(home, UPDATED_CARD)),
                describe_skipped_time(night, await self.nights.get_zone(server_id)),
                describe_missing_film() if _lacks_film(night) and lookup is None else "",
                "" if await self.nights.has_zone(server_id) else describe_default_zone(),
            ]
            await respond(interaction, Response("\n".join(filter(None, lines))), ephemeral=True)
            if lookup is not None and chosen is None:
                await respond(interaction, render_question(lookup, nomination_views.describe_film_choice(night)))

    @app_commands.command(description=gettext_lazy("Change or move a film night"))
    @app_commands.describe(
        night=gettext_lazy("Which night (default: the next one)"),
        when=gettext_lazy("The new day and time"),
        name=gettext_lazy("The new name"),
        film=gettext_lazy("The film, if you choose it yourself"),
        channel=gettext_lazy("The card's new channel"),
        voice=gettext_lazy("The voice or stage channel you watch in"),
        place=gettext_lazy("Where you watch: words or a link, or “none”"),
        theme=gettext_lazy("What the night is about, or “none”"),
        nominations_close=gettext_lazy("When nominations close"),
        ballot_closes=gettext_lazy("When voting ends"),
        reminders=gettext_lazy("When to remind before the start, like 1d, 1h, or “none”"),
        repeat=gettext_lazy("How often"),
    )
    @app_commands.choices(repeat=_REPEATS)
    @app_commands.autocomplete(night=suggest_nights, film=suggest_films)
    async def edit(
        self, interaction: Context, night: str | None = None, when: str | None = None, name: str | None = None,
        film: str | None = None, channel: discord.TextChannel | None = None, voice: VoiceChannel | None = None,
        place: str | None = None, theme: str | None = None, nominations_close: str | None = None,
        ballot_closes: str | None = None, reminders: str | None = None, repeat: str | None = None,
    ) -> None:  # fmt: skip
        """Change a night to come."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        found = await _find_hosted(interaction, self.nights, night)
        options = {
            "night": night, "when": when, "name": name, "film": film, "place": place, "theme": theme,
            "nominations_close": nominations_close, "ballot_closes": ballot_closes, "reminders": reminders,
        }  # fmt: skip
        async with answer_errors_with_options(interaction, options):
            await require_allowed_words(interaction, " ".join(filter(None, (name, place, theme))))
            home = _require_channel(interaction, channel) if channel is not None else None
            lookup = await resolve_lookup(interaction, film) if film is not None else None
            chosen = get_clear_film(lookup) if lookup is not None else None
            if lookup is not None and chosen is None and not has_choice(lookup):
                await respond(interaction, render_no_film(interaction, lookup))
                await respond(interaction, render_retry(interaction, options), ephemeral=True)
                return
            snapshot = await self.nights.repository.get_snapshot(server_id, found.id)
            is_asked = host_views.replaces_nominations(snapshot)
            edit = NightEdit(
                name=name,
                starts=when,
                nominations_close=nominations_close,
                ballot_closes=ballot_closes,
                place=place,
                voice_channel_id=voice.id if voice is not None else None,
                theme=theme,
                channel_id=home.id if home is not None else None,
                film_id=chosen.id if chosen is not None and not is_asked else None,
                reminders=reminders,
                repeat=Repeat(repeat) if repeat is not None else None,
            )
            sentence = ""
            if not edit.is_empty:
                changed = await self.nights.edit(server_id, found.id, edit)
                self.bot.dispatch("nights_changed", server_id)
                title = chosen.shown_title if edit.film_id is not None and chosen is not None else None
                sentence = host_views.describe_changes(found, changed, title)
                sentence = await self._with_problem(interaction, changed, sentence)
            elif lookup is None:
                raise InvalidInputError(_("Choose what to change, such as `when`, `film` or `place`."))
            if chosen is not None and is_asked:
                snapshot = await self.nights.repository.get_snapshot(server_id, found.id)
                await respond(interaction, host_views.ask_whose_choice(snapshot, chosen, sentence))
                return
            if sentence:
                await respond(interaction, Response(sentence), ephemeral=True)
            if lookup is not None and chosen is None:
                await respond(interaction, render_question(lookup, nomination_views.describe_film_choice(found)))

    async def _require_fitting_film(
        self, server_id: int, filters: RecommendationFilters, list_id: int | None
    ) -> None:
        """Raise InvalidInputError for filters that no film passes: a night with them would stay without one."""
        if filters == RecommendationFilters():
            return
        listed = None
        if list_id is not None:
            listed = await self.lists.repository.list_film_ids(server_id, list_id) or None
        anybody = GroupSession(0, server_id, (0,), filters)
        page = await self.recommendations.recommend_for_group(anybody, {}, only_film_ids=listed)
        if not page.films:
            raise InvalidInputError(
                _("No film fits all of that. Change the genre, the country, the decade, the length or the list.")
            )

    @app_commands.command(description=gettext_lazy("Cancel a film night"))
    @app_commands.describe(night=gettext_lazy("Which night (default: the next one)"))
    @app_commands.autocomplete(night=suggest_nights)
    async def cancel(self, interaction: Context, night: str | None = None) -> None:
        """Ask whether to cancel a night to come, with what would be lost."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        found = await _find_hosted(interaction, self.nights, night)
        snapshot = await self.nights.repository.get_snapshot(server_id, found.id)
        await respond(interaction, host_views.ask_what_to_cancel(snapshot), ephemeral=True)

    @app_commands.command(description=gettext_lazy("See the next film night, or another one"))
    @app_commands.describe(night=gettext_lazy("Which night (default: the next one)"))
    @app_commands.autocomplete(night=suggest_nights)
    async def show(self, interaction: Context, night: str | None = None) -> None:
        """Show a night's card privately."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        found = await self.nights.find(server_id, night)
        snapshot = await self.nights.repository.get_snapshot(server_id, found.id)
        if interaction.guild is None:
            return
        response = await self.card.render(interaction.guild, snapshot)
        await respond(interaction, response, ephemeral=True)
        if problem := describe_problem(interaction.guild, found):
            await respond(interaction, Response(problem), ephemeral=True)

    @app_commands.command(description=gettext_lazy("Nominate a film for a film night"))
    @app_commands.describe(
        film=gettext_lazy("The film"),
        reason=gettext_lazy("Why, in a line"),
        night=gettext_lazy("Which night (default: the next one)"),
    )
    @app_commands.autocomplete(film=suggest_films, night=suggest_nights)
    async def nominate(
        self, interaction: Context, film: str, reason: str | None = None, night: str | None = None
    ) -> None:
        """Nominate a film for the night that is named, else for the next that takes nominations."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        if night is not None:
            found = await self.nights.find(server_id, night)
        else:
            planned = await self.nights.repository.list_open(server_id)
            nominating = (each for each in planned if each.takes_nominations or _is_turn(each, interaction))
            found_or_none = next(nominating, None)
            if found_or_none is None:
                raise NominationsClosedError if planned else NoNightError
            found = found_or_none
        why = clean_input(reason or "")
        completion = nomination_views.describe_nomination(found, why)
        if (resolved := await find_or_ask(interaction, film, completion)) is not None:
            content = await nomination_views.nominate(interaction, found, resolved, why)
            await respond(interaction, Response(content), ephemeral=True)

    @app_commands.command(description=gettext_lazy("See past film nights"))
    @app_commands.describe(together=gettext_lazy("Only nights that you and this member both came to"))
    async def history(self, interaction: Context, together: discord.Member | None = None) -> None:
        """List past nights; those watched together with a member privately."""
        await acknowledge(interaction, ephemeral=together is not None)
        if together is not None and together.id == interaction.user.id:
            raise InvalidInputError(_("Choose another member."))
        partner_id = together.id if together is not None else None
        response = await history_views.render_history(interaction, partner_id=partner_id)
        await respond(interaction, response, ephemeral=together is not None)

    @app_commands.command(description=gettext_lazy("See film night statistics"))
    async def stats(self, interaction: Context) -> None:
        """Show statistics with a picture."""
        await acknowledge(interaction, ephemeral=False)
        await respond(interaction, await history_views.render_stats(interaction))

    async def _with_problem(self, interaction: Context, night: Night, sentence: str) -> str:
        """Return the sentence with what else the host has to know.

        A start that the clocks leave out, and what Marquee has to be allowed in the night's channel.
        """
        zone = await self.nights.get_zone(night.server_id)
        problem = describe_channel_problem(interaction, night.channel_id, UPDATED_CARD)
        return "\n".join(filter(None, (sentence, describe_skipped_time(night, zone), problem)))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Start the scheduler once the servers are known."""
        self.runner.start()
        await self.nights.preload({guild.id for guild in self.bot.guilds})

    @commands.Cog.listener()
    async def on_guild_available(self, _guild: discord.Guild) -> None:
        """Wake the scheduler: something may have become due while Discord did not have the server."""
        self.runner.wake()

    @commands.Cog.listener()
    async def on_guild_join(self, _guild: discord.Guild) -> None:
        """Wake the scheduler: the server may have been here before, with nights to come."""
        self.runner.wake()

    @commands.Cog.listener()
    async def on_nights_changed(self, server_id: int) -> None:
        """Wake the scheduler, since something about a night changed."""
        self.runner.wake()
        await self.nights.cache.refresh(server_id)

    @commands.Cog.listener()
    async def on_event_interest(self, server_id: int, event_id: int, member_id: int, is_interested: bool) -> None:
        """Count who is interested in the event of a night as coming, and who is no longer as not."""
        with log_errors("interest in the event of a film night"):
            if await self.nights.set_interest(server_id, event_id, member_id, is_interested=is_interested):
                self.runner.wake()

    @commands.Cog.listener()
    async def on_member_name_changed(self, server_id: int) -> None:
        """Bring the cards of nights to come up to date, which name members."""
        for night in await self.nights.repository.list_open(server_id):
            await self.nights.request_refresh(server_id, night.id)
        self.runner.wake()


def _require_fitting_options(choosing: Choosing | None, options: Mapping[str, object]) -> None:
    """Raise ConflictingOptionsError for options that say nothing where the film is chosen in another way."""
    has_film = options["film"] is not None
    if has_film and choosing not in (None, Choosing.HOST):
        raise ConflictingOptionsError("film", "choose")
    if not has_film and choosing in (None, Choosing.BALLOT):
        return
    ignored = ["ballot", "nominations", "carry_over", "fairness"]
    if has_film or choosing is Choosing.HOST:
        ignored += ["nominations_close", "ballot_closes", "from_list"]
    elif choosing is Choosing.SURPRISE:
        ignored.append("nominations_close")
    for option in ignored:
        if options[option] is not None:
            raise ConflictingOptionsError(option, "film" if has_film else "choose")


def _lacks_film(night: Night) -> bool:
    return night.choosing is Choosing.HOST and night.film_id is None


def _is_turn(night: Night, interaction: Context) -> bool:
    return night.state is NightState.CHOOSING and night.turn_member_id == interaction.user.id


def _require_channel(interaction: Context, channel: discord.TextChannel | None) -> discord.TextChannel:
    """Return the channel for the card: the one named, else the one the command was used in, also in its threads.

    Raises InvalidInputError if that is no text channel.
    """
    home = channel if channel is not None else interaction.channel
    if isinstance(home, discord.Thread):
        home = home.parent
    resolved = (
        interaction.guild.get_channel(home.id) if interaction.guild is not None and home is not None else None
    )
    if not isinstance(resolved, discord.TextChannel):
        raise InvalidInputError(_("Choose a text channel for the card with `channel`."))
    return resolved


async def setup(bot: Marquee) -> None:
    """Add the cog, its buttons, menus and forms, and its button on the film card."""
    bot.add_dynamic_items(*ITEMS)
    for command, complete in nomination_views.COMPLETIONS.items():
        FilmChoiceMenu.add_completion(command, complete)
    bot.add_modals(*nomination_views.MODALS)
    bot.services.film_card.add_section(nomination_views.CARD_SECTION)
    await bot.add_cog(NightCog(bot))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons, menus and forms again."""
    bot.remove_dynamic_items(*ITEMS)
    bot.remove_modals(*nomination_views.MODALS)
    bot.services.film_card.remove(nomination_views.CARD_SECTION.name)
