"""Replies of `/where`, `/services` and `/alert`, their menus and buttons."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Menu,
    Response,
    View,
    acknowledge,
    acknowledge_if_busy,
    acknowledge_press,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    is_direct_message,
    is_ephemeral,
    respond,
    respond_publicly,
    use_public_language,
    use_reply_language,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.discord.error_handler import mends_error
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.discord.questions import KeepButton
from bot.core.text.formatting import clean_line, escape_line, truncate
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.card import FilmButton, describe_alternatives, describe_match
from bot.films.metadata import CachedMetadata, service_key
from bot.films.metadata_service import MetadataService
from bot.films.models import Film, Lookup
from bot.films.service import FilmService
from bot.films.views import CardButton, match_option, require_chosen_film, require_film
from bot.members.context import get_country, remember_language
from bot.members.service import PreferenceService
from bot.members.views import CountryButton, OwnCountryMenu, list_country_options
from bot.streaming import embeds
from bot.streaming.models import AlertNotification, NoCountryError, NoSubscriptionsError
from bot.streaming.service import AlertService, SubscriptionService


async def _get_subscriptions(interaction: discord.Interaction[Any]) -> dict[str, str]:
    repository = get_service(interaction, SubscriptionService).repository
    return await repository.get_subscriptions(interaction.user.id)


async def require_country_and_subscriptions(interaction: discord.Interaction[Any]) -> tuple[str, dict[str, str]]:
    """Return the country that applies to the member and their services, names by key.

    Raises NoCountryError, NoSubscriptionsError; the replies to them have the menu to choose from.
    """
    country = await get_country(interaction)
    if country is None:
        raise NoCountryError
    subscriptions = await _get_subscriptions(interaction)
    if not subscriptions:
        raise NoSubscriptionsError
    return country, subscriptions


async def filter_watchable(interaction: discord.Interaction[Any], film_ids: Collection[str]) -> set[str]:
    """Return those of the films that the services of the member show in their country.

    Raises NoCountryError, NoSubscriptionsError.
    """
    country, _subscriptions = await require_country_and_subscriptions(interaction)
    subscription_service = get_service(interaction, SubscriptionService)
    return await subscription_service.list_watchable_films(interaction.user.id, country, film_ids)


@mends_error(NoCountryError)
async def _offer_countries(interaction: discord.Interaction[Any]) -> Response:
    return Response(view=View(OwnCountryMenu(list_country_options(str(interaction.locale)))))


@mends_error(NoSubscriptionsError)
async def _offer_services(interaction: discord.Interaction[Any]) -> Response:
    return await render_subscriptions(interaction, {})


# /where


async def answer_where(
    interaction: discord.Interaction[Any], lookup: Lookup, film: Film, countries: Sequence[str]
) -> None:
    """Reply with where the film streams; a film of which nothing is cached is fetched first."""
    await acknowledge_if_busy(interaction, ephemeral=False)
    metadata_service = get_service(interaction, MetadataService)
    content, view = None, View(CardButton(film.id))
    if metadata_service.is_enabled:
        view.add_item(AlertButton(film.id))
    use_public_language(interaction)
    if lookup.is_guess and lookup.match is not None:
        others = lookup.others or get_service(interaction, FilmService).list_alternatives(lookup.text, film.id)
        options = [
            match_option(match, is_selected=match.film_id == film.id)
            for match in (lookup.match, *others)[:MENU_OPTIONS_LIMIT]
        ]
        content = describe_alternatives(lookup) or describe_match(film, lookup)
        view.add_item(WhereMenu(",".join(countries), options))
    metadata = await metadata_service.get_cached(film)
    if metadata is None and metadata_service.is_enabled:
        await acknowledge(interaction, ephemeral=False)
        metadata = await metadata_service.refresh(film)
    is_private = is_direct_message(interaction)
    offers = await _build_offers_embeds(interaction, film, metadata, countries, is_private=is_private)
    await respond_publicly(interaction, Response(content, offers, view))


async def answer_without_country(interaction: discord.Interaction[Any], film: Film) -> None:
    """Reply privately with where the film streams everywhere, and how to set a country."""
    content = _("Set your country with `/me country`, or choose one here.")
    embed = embeds.build_availability_embed(film, None)
    if not embeds.describe_availability(film, None):
        embed.clear_fields()  # nothing was looked for yet
    view = View(CountryButton(film.id))
    await respond(interaction, Response(content, (embed,), view), ephemeral=True)


async def _build_offers_embeds(
    interaction: discord.Interaction[Any],
    film: Film,
    metadata: CachedMetadata | None,
    countries: Sequence[str],
    *,
    is_private: bool,
) -> tuple[discord.Embed, ...]:
    """Return the offers that were fetched, else what the catalogue knows, an embed for each country.

    The member's own services are marked where nobody else reads: `is_private`.
    """
    if metadata is None or metadata.streaming is None:
        return tuple(embeds.build_availability_embed(film, country) for country in countries)
    subscriptions = await _get_subscriptions(interaction) if is_private else {}
    stale_since = get_service(interaction, MetadataService).get_stale_fetch_time(metadata)
    return (embeds.build_offers_embed(film, metadata, countries, subscriptions, stale_since),)


class WhereMenu(Menu, template=r"v1:where:(?P<countries>[A-Z]{2}(?:,[A-Z]{2}){0,2})"):
    """Films that may be meant: choosing one shows where that film streams, in the same countries."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, countries: str, options: list[discord.SelectOption]) -> None:
        self.countries = countries
        super().__init__(
            ui.Select(
                custom_id=custom_id("where", countries), options=options, placeholder=_("Pick the film you meant")
            )
        )

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the countries."""
        self.countries = state["countries"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film in place for the member who used the command, privately for others."""
        edit = can_edit_message(interaction)
        await acknowledge_press(interaction, edit=edit)
        use_reply_language(interaction, edit=edit)
        film = await require_chosen_film(interaction, self.item.values[0])
        metadata_service = get_service(interaction, MetadataService)
        metadata = await metadata_service.get_cached(film) or await metadata_service.refresh(film)
        is_private = not edit or is_ephemeral(interaction) or is_direct_message(interaction)
        offers = await _build_offers_embeds(
            interaction, film, metadata, self.countries.split(","), is_private=is_private
        )
        view = View(CardButton(film.id))
        if metadata_service.is_enabled:
            view.add_item(AlertButton(film.id))
        view.add_item(WhereMenu(self.countries, self.with_selected(film.id)))
        await interaction.edit_original_response(**Response(embeds=offers, view=view).as_edit())


# /services


def service_choice(name: str) -> app_commands.Choice[str]:
    """Return an autocomplete choice of a service."""
    return app_commands.Choice(
        name=truncate(clean_line(name), CHOICE_LENGTH_LIMIT), value=name[:CHOICE_LENGTH_LIMIT]
    )


async def render_subscriptions(
    interaction: discord.Interaction[Any], subscriptions: Mapping[str, str], menu: Sequence[str] | None = None
) -> Response:
    """Return the member's services and a menu to change them.

    `menu` are the names of the services in the menu; if None, those of the member's country.
    """
    country = await get_country(interaction)
    subscription_service = get_service(interaction, SubscriptionService)
    if menu is None:
        menu = subscription_service.list_services(country)
    is_menu_local = country is not None and subscription_service.has_services(country)
    embed = embeds.build_subscriptions_embed(
        subscriptions,
        country,
        discontinued=subscription_service.list_discontinued(subscriptions),
        has_menu=bool(menu),
        is_menu_local=is_menu_local,
    )
    view = View(ServicesMenu.from_services(menu, subscriptions)) if menu else View()
    return Response(embeds=(embed,), view=view, is_ephemeral=True)


def _service_options(services: Sequence[str], subscriptions: Mapping[str, str]) -> list[discord.SelectOption]:
    """Return a menu's options of these services with the member's selected."""
    return [
        discord.SelectOption(
            label=truncate(clean_line(name), CHOICE_LENGTH_LIMIT),
            value=name[:CHOICE_LENGTH_LIMIT],
            default=service_key(name) in subscriptions,
        )
        for name in services[:MENU_OPTIONS_LIMIT]
    ]


class ServicesMenu(Menu, template=r"v1:services"):
    """Streaming services: those chosen become the member's, those not in the menu stay as they are."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__(
            ui.Select(
                custom_id=custom_id("services"),
                options=options,
                min_values=0,
                max_values=len(options),
                placeholder=_("Your streaming services"),
            )
        )

    @classmethod
    def from_services(cls, services: Sequence[str], subscriptions: Mapping[str, str]) -> Self:
        """Return a menu of these services with the member's selected."""
        return cls(_service_options(services, subscriptions))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the choice."""
        menu = [option.value for option in self.item.options]
        subscriptions = await get_service(interaction, SubscriptionService).choose_subscriptions(
            interaction.user.id, menu, self.item.values
        )
        response = await render_subscriptions(interaction, subscriptions, menu)
        await edit_or_respond(interaction, response, edit=True)


# /alert


async def add_alert(interaction: discord.Interaction[Any], film: Film) -> Response:
    """Add an alert for the member, unless services of theirs show the film already; return the reply.

    A member without a country or services is asked for them first: choosing them goes on to the alert. Raises
    AlertsFullError for a member with too many alerts.
    """
    country = await get_country(interaction)
    if country is None:
        menu = AlertCountryMenu(film.id, list_country_options(str(interaction.locale)))
        return Response(str(NoCountryError()), view=View(menu), is_ephemeral=True)
    await remember_language(interaction)
    alerts = get_service(interaction, AlertService)
    if await alerts.has_alert(interaction.user.id, film.id):
        content = _("You already have an alert for **{title}**.").format(title=escape_line(film.shown_title, 150))
        return Response(content, view=View(DeleteAlertButton(film.id)), is_ephemeral=True)
    try:
        services = await alerts.add_alert(interaction.user.id, film, country)
    except NoSubscriptionsError as error:
        names = get_service(interaction, SubscriptionService).list_services(country)
        view = View(AlertServicesMenu.for_film(film.id, names)) if names else View()
        return Response(str(error), view=view, is_ephemeral=True)
    if services:
        return Response(embeds.describe_already_available(film, country, services), is_ephemeral=True)
    return Response(embeds.describe_alert_added(film, country), is_ephemeral=True)


def render_alert_matches(lookup: Lookup) -> Response:
    """Return the question which film is meant, for a look-up that is ambiguous or only a guess."""
    matches = (lookup.match, *lookup.others) if lookup.match is not None else lookup.others
    menu = AlertMenu([match_option(match) for match in matches[:MENU_OPTIONS_LIMIT]])
    content = _("Which film do you want an alert for? These match “{text}”.").format(
        text=escape_line(lookup.text, 100)
    )
    return Response(content, view=View(menu), is_ephemeral=True)


async def render_alerts(interaction: discord.Interaction[Any]) -> Response:
    """Return the member's alerts with buttons that delete them."""
    film_service = get_service(interaction, FilmService)
    alerts = [
        (alert, film)
        for alert in await get_service(interaction, AlertService).list_alerts(interaction.user.id)
        if (film := await film_service.repository.get(alert.film_id)) is not None
    ]
    subscriptions = await _get_subscriptions(interaction)
    view = View(
        *(DeleteAlertButton(film.id, film.shown_title) for _, film in alerts[: embeds.ALERT_BUTTONS_LIMIT])
    )
    if alerts:
        view.add_item(DeleteAllAlertsButton())
    embed = embeds.build_alerts_embed(alerts, has_subscriptions=bool(subscriptions))
    return Response(embeds=(embed,), view=view, is_ephemeral=True)


def render_notifications(notifications: Sequence[AlertNotification]) -> Response:
    """Return the direct message about all films that came to the member's services in one night."""
    return Response(embeds=(embeds.build_notifications_embed(notifications),), view=View(DeleteAllAlertsButton()))


class AlertMenu(Menu, template=r"v1:alert"):
    """Films that may be meant: choosing one adds an alert for it."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__(ui.Select(custom_id=custom_id("alert"), options=options, placeholder=_("Pick a film")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Add the alert."""
        film = await require_chosen_film(interaction, self.item.values[0])
        await respond(interaction, await add_alert(interaction, film))


class AlertButton(FilmButton, name="alert-me", label=gettext_noop("Alert me")):
    """Adds an alert for the film to those of the member who presses."""

    acknowledgement = Acknowledgement.REPLY

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Add it."""
        film = await require_film(interaction, self.film_id)
        await respond(interaction, await add_alert(interaction, film), ephemeral=True)


class AlertCountryMenu(Menu, template=r"v1:alert-country:(?P<film_id>[a-z0-9-]+)"):
    """Countries, for a member who wants an alert and has none: choosing one goes on to the alert."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, options: list[discord.SelectOption]) -> None:
        self.film_id = film_id
        item = custom_id("alert-country", film_id)
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=_("Your country")))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the film."""
        self.film_id = state["film_id"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the country, and add the alert or ask for what is missing."""
        film = await require_film(interaction, self.film_id)
        repository = get_service(interaction, PreferenceService).repository
        await repository.set_country(interaction.user.id, self.item.values[0])
        await edit_or_respond(interaction, await add_alert(interaction, film), edit=True)


class AlertServicesMenu(Menu, template=r"v1:alert-services:(?P<film_id>[a-z0-9-]+)"):
    """Streaming services, for a member who wants an alert and has none: choosing some goes on to the alert."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, options: list[discord.SelectOption]) -> None:
        self.film_id = film_id
        super().__init__(
            ui.Select(
                custom_id=custom_id("alert-services", film_id),
                options=options,
                max_values=len(options),
                placeholder=_("Your streaming services"),
            )
        )

    @classmethod
    def for_film(cls, film_id: str, services: Sequence[str]) -> Self:
        """Return a menu of these services that goes on to an alert for the film."""
        return cls(film_id, _service_options(services, {}))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the film."""
        self.film_id = state["film_id"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the services and add the alert."""
        film = await require_film(interaction, self.film_id)
        menu = [option.value for option in self.item.options]
        subscriptions = get_service(interaction, SubscriptionService)
        await subscriptions.choose_subscriptions(interaction.user.id, menu, self.item.values)
        await edit_or_respond(interaction, await add_alert(interaction, film), edit=True)


class DeleteAlertButton(Button, template=r"v1:unalert:(?P<film_id>[a-z0-9-]+)"):
    """Deletes one alert of the member who presses."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, title: str = "") -> None:
        self.film_id = film_id
        label = truncate(_("Remove {title}").format(title=clean_line(title)), 80) if title else _("Remove")
        super().__init__(ui.Button(label=label, custom_id=custom_id("unalert", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it and show the remaining ones."""
        repository = get_service(interaction, AlertService).repository
        await repository.delete_alerts(interaction.user.id, [self.film_id])
        await edit_or_respond(interaction, await render_alerts(interaction), edit=True)


class DeleteAllAlertsButton(Button, template=r"v1:unalert-all"):
    """Deletes all alerts of the member who presses."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self) -> None:
        button: ui.Button[Any] = ui.Button(
            label=_("Remove all alerts"),
            style=discord.ButtonStyle.danger,
            custom_id=custom_id("unalert-all"),
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Ask first: they can't be brought back."""
        view = View(ConfirmDeletionButton(), KeepButton("removed"))
        await respond(interaction, Response(_("Remove all your alerts?"), view=view), ephemeral=True)


class ConfirmDeletionButton(Button, template=r"v1:unalert-all-now"):
    """Deletes all alerts of the member who presses, once they have confirmed it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self) -> None:
        style, item = discord.ButtonStyle.danger, custom_id("unalert-all-now")
        super().__init__(ui.Button(label=_("Remove all alerts"), style=style, custom_id=item))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete them."""
        count = await get_service(interaction, AlertService).repository.delete_alerts(interaction.user.id)
        content = ngettext("Removed {count} alert.", "Removed {count} alerts.", count).format(count=count)
        await edit_or_respond(interaction, Response(content, view=View()), edit=True)


ITEMS = (
    WhereMenu,
    ServicesMenu,
    AlertMenu,
    AlertButton,
    AlertCountryMenu,
    AlertServicesMenu,
    DeleteAlertButton,
    DeleteAllAlertsButton,
    ConfirmDeletionButton,
)
