"""`/where`, `/services` and `/alert`, and the nightly checks of streaming services and alerts."""

import logging
from datetime import time, timedelta

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Marquee
from bot.core.discord import Choices, acknowledge, autocomplete, gettext_lazy, respond, user_installable
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.discord.error_handler import log_errors
from bot.core.errors import InvalidInputError
from bot.core.text.countries import parse_country
from bot.core.text.folding import find_titles
from bot.core.text.formatting import clean_line, truncate
from bot.core.text.i18n import SOURCE_LOCALE, _, use_locale
from bot.films.autocomplete import suggest_countries_with_flags, suggest_films
from bot.films.choice_views import get_clear_film, has_choice
from bot.films.metadata_service import MetadataService
from bot.films.service import FilmService
from bot.films.views import render_no_film, resolve_lookup
from bot.members.context import get_country
from bot.streaming import embeds, views
from bot.streaming.models import AlertNotification
from bot.streaming.service import OFFERS_MAX_AGE, AlertService, SubscriptionService

log = logging.getLogger(__name__)
Context = discord.Interaction[Marquee]
REFRESH_TIME = time(4, 0)
"""When the streaming services are fetched again, in UTC."""
CHECK_TIME = time(4, 30)
"""When alerts are checked, in UTC: after expired metadata was deleted."""
LAST_CHECK = "alerts checked on"


class StreamingCog(commands.Cog, name="Streaming"):
    """Where films stream, members' services, and alerts."""

    def __init__(self, bot: Marquee) -> None:
        self.bot = bot
        self.films: FilmService = bot.services.films
        self.metadata: MetadataService = bot.services.metadata
        self.subscriptions: SubscriptionService = bot.services.subscriptions
        self.alerts: AlertService = bot.services.alerts

    async def cog_load(self) -> None:
        """Fetch the streaming services after the start and nightly, and check alerts nightly."""
        self.refresh_at_start.start()
        if self.bot.services.has_nightly_jobs:
            self.refresh_nightly.start()
            if self.metadata.is_enabled:
                self.check_nightly.start()

    async def cog_unload(self) -> None:
        """Stop these tasks."""
        for loop in (self.refresh_at_start, self.refresh_nightly, self.check_nightly):
            loop.cancel()

    @user_installable
    @app_commands.command(description=gettext_lazy("See where a film streams, rents or sells"))
    @app_commands.describe(
        film=gettext_lazy("A title or part of one, in any spelling or language"),
        country=gettext_lazy("A country (default: yours)"),
        country2=gettext_lazy("A second country to compare"),
        country3=gettext_lazy("A third country to compare"),
    )
    @app_commands.autocomplete(
        film=suggest_films,
        country=suggest_countries_with_flags,
        country2=suggest_countries_with_flags,
        country3=suggest_countries_with_flags,
    )
    async def where(
        self,
        interaction: Context,
        film: str,
        country: str | None = None,
        country2: str | None = None,
        country3: str | None = None,
    ) -> None:
        """Show the film's offers in each of the countries."""
        countries = list(dict.fromkeys(parse_country(text) for text in (country, country2, country3) if text))
        if not countries:
            own_country = await get_country(interaction)
            countries = [own_country] if own_country is not None else []
        lookup = await resolve_lookup(interaction, film)
        if lookup.film is None:
            await respond(interaction, render_no_film(interaction, lookup))
            return
        if countries:
            await views.answer_where(interaction, lookup, lookup.film, countries)
        else:
            await views.answer_without_country(interaction, lookup.film)

    @user_installable
    @app_commands.command(description=gettext_lazy("Choose your streaming services"))
    @app_commands.describe(
        add=gettext_lazy("A service to add"), remove=gettext_lazy("One of your services to remove")
    )
    async def services(self, interaction: Context, add: str | None = None, remove: str | None = None) -> None:
        """Change the member's services and show them."""
        await acknowledge(interaction, ephemeral=True)
        member_id = interaction.user.id
        if remove:
            await self.subscriptions.remove_subscription(member_id, remove)
        if add:
            await self.subscriptions.add_subscription(member_id, add)
        subscriptions = await self.subscriptions.repository.get_subscriptions(member_id)
        await respond(interaction, await views.render_subscriptions(interaction, subscriptions))

    @services.autocomplete("remove")
    @autocomplete
    async def suggest_own_services(self, interaction: Context, current: str) -> Choices:
        """Return the member's services that fit what is typed."""
        own = await self.subscriptions.repository.get_subscriptions(interaction.user.id)
        return [views.service_choice(name) for name in find_titles(current, own.values(), lambda name: (name,))]

    @services.autocomplete("add")
    @autocomplete
    async def suggest_services(self, interaction: Context, current: str) -> Choices:
        """Return the services that fit what is typed, from memory."""
        return [views.service_choice(name) for name in self.subscriptions.suggest_services(current)]

    @user_installable
    @app_commands.command(description=gettext_lazy("Get a message when a film comes to your services"))
    @app_commands.describe(
        film=gettext_lazy("The film to watch for (leave empty to see your alerts)"),
        remove=gettext_lazy("One of your alerts to remove"),
    )
    @app_commands.autocomplete(film=suggest_films)
    async def alert(self, interaction: Context, film: str | None = None, remove: str | None = None) -> None:
        """Add an alert or remove one, or show the member's."""
        if not self.metadata.is_enabled:
            raise InvalidInputError(_("I don't have streaming data. The bot's owner can add a TMDB key."))
        await acknowledge(interaction, ephemeral=True)
        if remove is not None:
            film_id = await self.alerts.find_alert(interaction.user.id, remove)
            if film_id is None:
                raise InvalidInputError(_("You have no alert for that film. See yours with `/alert`."))
            await self.alerts.repository.delete_alerts(interaction.user.id, [film_id])
        if film is None:
            response = await views.render_alerts(interaction)
        else:
            lookup = await resolve_lookup(interaction, film)
            if (chosen := get_clear_film(lookup)) is not None:
                response = await views.add_alert(interaction, chosen)
            elif has_choice(lookup):
                response = views.render_alert_matches(lookup)
            else:
                response = render_no_film(interaction, lookup)
        await respond(interaction, response, ephemeral=True)

    @alert.autocomplete("remove")
    @autocomplete
    async def suggest_alerts(self, interaction: Context, current: str) -> Choices:
        """Return the films of the member's alerts that fit what is typed."""
        found = await self.alerts.find_alerts(interaction.user.id, current)
        return [
            app_commands.Choice(name=truncate(clean_line(film.shown_title), CHOICE_LENGTH_LIMIT), value=film.id)
            for film in found
        ]

    @tasks.loop(count=1)
    async def refresh_at_start(self) -> None:
        """Fetch the streaming services, beside the start."""
        await self._refresh_services()

    @tasks.loop(time=REFRESH_TIME)
    async def refresh_nightly(self) -> None:
        """Fetch the streaming services again."""
        await self._refresh_services()

    async def _refresh_services(self) -> None:
        with log_errors("the streaming services"):
            await self.subscriptions.refresh_services()

    @tasks.loop(time=CHECK_TIME)
    async def check_nightly(self) -> None:
        """Check all alerts and notify members; one process of several does it."""
        with log_errors("the nightly check of alerts"):
            if await self.bot.services.claim_job(LAST_CHECK, self.metadata.now(), OFFERS_MAX_AGE):
                await self._check_alerts(OFFERS_MAX_AGE)

    @commands.Cog.listener()
    async def on_preview_night(self) -> None:
        """Check all alerts at once with freshly fetched offers: the preview page skips a night."""
        await self._check_alerts(timedelta(0))

    async def _check_alerts(self, max_age: timedelta) -> None:
        for member_id, notifications in (await self.alerts.check_alerts(max_age)).items():
            await self._notify(member_id, notifications)

    async def _notify(self, member_id: int, notifications: list[AlertNotification]) -> None:
        """Send one message about all films; a member whose direct messages are closed is tried again."""
        try:
            channel = await self.bot.create_dm(discord.Object(member_id))
            locale = await self.bot.services.preferences.get_locale(member_id) or SOURCE_LOCALE
            with use_locale(locale):
                await channel.send(**views.render_notifications(notifications).as_message())
        except discord.NotFound:
            await self.alerts.repository.delete_alerts(member_id)
        except discord.HTTPException as error:
            log.info("an alert could not be delivered: Discord says %d", error.code)
            await self.alerts.mark_failed(member_id, notifications)
        else:
            await self.alerts.mark_delivered(member_id, notifications)


async def setup(bot: Marquee) -> None:
    """Add the cog, its menus and buttons, and the offers on the film card."""
    bot.add_dynamic_items(*views.ITEMS)
    bot.services.film_card.add_section(embeds.CARD_SECTION)
    await bot.add_cog(StreamingCog(bot))


async def teardown(bot: Marquee) -> None:
    """Remove the menus, the buttons and the offers again."""
    bot.remove_dynamic_items(*views.ITEMS)
    bot.services.film_card.remove(embeds.CARD_SECTION.name)
