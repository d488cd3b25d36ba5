"""The button and menu that set a member's country, and the replies of `/mydata`."""

import asyncio
import io
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import discord
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Menu,
    Response,
    View,
    custom_id,
    edit_or_respond,
    get_service,
    respond,
)
from bot.core.discord.limits import FILE_SIZE_LIMIT, MENU_OPTIONS_LIMIT
from bot.core.discord.questions import KeepButton
from bot.core.text.cldr import country_name, flag, format_number
from bot.core.text.countries import COMMON_COUNTRIES, country_names
from bot.core.text.formatting import join_limited
from bot.core.text.i18n import _, gettext_noop
from bot.films.card import FilmButton
from bot.films.views import show_film
from bot.members.embeds import describe_country_change, describe_diary_public, describe_name_hidden
from bot.members.service import PreferenceService, PrivacyService

ROW_LABELS = {
    "ratings": gettext_noop("Ratings and reviews, with their replies"),
    "shared_reviews": gettext_noop("Reviews you shared in channels"),
    "viewings": gettext_noop("Diary entries"),
    "helpful_votes": gettext_noop("Helpful votes"),
    "replies": gettext_noop("Replies"),
    "reports": gettext_noop("Reports of reviews"),
    "reply_reports": gettext_noop("Reports of replies"),
    "watchlist": gettext_noop("Films on your watchlists"),
    "server_members": gettext_noop("Servers you used me in"),
    "pick_rsvps": gettext_noop("Picks you're watching"),
    "pick_suggestions": gettext_noop("Films you suggested"),
    "night_rsvps": gettext_noop("Film nights you answered"),
    "night_nominations": gettext_noop("Films you nominated"),
    "night_supporters": gettext_noop("Nominations you supported"),
    "night_day_votes": gettext_noop("Days you could make"),
    "night_ballots": gettext_noop("Ballots you cast"),
    "night_fairness_debts": gettext_noop("Times you were outvoted at film nights"),
    "film_lists": gettext_noop("Lists you created"),
    "film_list_entries": gettext_noop("Films you added to lists"),
    "nights": gettext_noop("Your name on film nights you host"),
    "dismissed_films": gettext_noop("Films you don't want recommended"),
    "group_session_members": gettext_noop("Times you joined `/tonight`"),
    "rating_sharing_members": gettext_noop("Rating sharing choice"),
    "member_privacy": gettext_noop("Privacy choices"),
    "member_settings": gettext_noop("Your settings"),
    "subscriptions": gettext_noop("Streaming services"),
    "alerts": gettext_noop("Alerts"),
    "conversations": gettext_noop("Conversations of the last hour"),
    "imports": gettext_noop("Files you imported"),
    "import_films": gettext_noop("Films in those files"),
    "imported_reviews": gettext_noop("Imported reviews"),
    "letterboxd_accounts": gettext_noop("Letterboxd accounts you connected"),
    "letterboxd_entries": gettext_noop("Letterboxd entries already seen"),
    "letterboxd_posts": gettext_noop("Letterboxd entries waiting to be posted"),
    "liked_films": gettext_noop("Films you liked elsewhere"),
    "picks": gettext_noop("Your name on picks you planned"),
    "moderation_log": gettext_noop("Your name in the moderation log"),
}
"""What the confirmation of a deletion calls the exported rows, in its order; rows that stay are absent."""


def suggest_country(locale: str) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) that a client's locale (`pt-BR`, `de`) suggests, or None."""
    try:
        territory = Locale.parse(locale.replace("-", "_")).territory
    except (ValueError, UnknownLocaleError):
        return None
    if territory is None:
        likely: Any = get_global("likely_subtags")
        territory = str(likely.get(locale.split("-")[0], "")).rpartition("_")[2]
    return territory if territory in country_names() else None


def list_country_options(locale: str) -> list[discord.SelectOption]:
    """Return the countries of a menu, first the one that the client's locale suggests."""
    codes = dict.fromkeys([code for code in (suggest_country(locale),) if code] + list(COMMON_COUNTRIES))
    return [
        discord.SelectOption(label=country_name(code), value=code, emoji=flag(code))
        for code in list(codes)[:MENU_OPTIONS_LIMIT]
    ]


class CountryButton(FilmButton, name="country", label=gettext_noop("Set your country")):
    """Opens a menu, visible to the member who presses only, that sets their country."""

    acknowledgement = Acknowledgement.NONE

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the menu."""
        await interaction.response.send_message(
            _("Which country do you stream in? If it isn't listed, use `/me country`."),
            view=View(CountryMenu.from_locale(self.film_id, str(interaction.locale))),
            ephemeral=True,
        )


class CountryMenu(Menu, template=r"v1:countries:(?P<film_id>[a-z0-9-]+)"):
    """Countries to choose from: choosing one stores it and shows the film's card for it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, options: list[discord.SelectOption]) -> None:
        self.film_id = film_id
        super().__init__(
            ui.Select(custom_id=custom_id("countries", film_id), options=options, placeholder=_("Your country"))
        )

    @classmethod
    def from_locale(cls, film_id: str, locale: str) -> Self:
        """Return the menu with the country first that the client's locale suggests; none is selected."""
        return cls(film_id, list_country_options(locale))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the film whose card is shown."""
        self.film_id = state["film_id"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the country and show the card."""
        country = self.item.values[0]
        await get_service(interaction, PreferenceService).repository.set_country(interaction.user.id, country)
        await show_film(interaction, self.film_id, edit=True)


class OwnCountryMenu(Menu, template=r"v1:own-country"):
    """Countries to choose from where a command needs one: choosing one stores it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, options: list[discord.SelectOption]) -> None:
        item = custom_id("own-country")
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=_("Your country")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the country and say which it is."""
        preferences = get_service(interaction, PreferenceService)
        await preferences.repository.set_country(interaction.user.id, self.item.values[0])
        country = await preferences.get_country(interaction.user.id, interaction.guild_id)
        await edit_or_respond(interaction, Response(describe_country_change(country), view=View()), edit=True)


def ask_country(interaction: discord.Interaction[Any]) -> Response:
    """Return the question which country the member streams in, with the menu that stores it."""
    question = _("Which country do you stream in? If it isn't listed, use `/me country`.")
    menu = OwnCountryMenu(list_country_options(str(interaction.locale)))
    return Response(question, view=View(menu), is_ephemeral=True)


async def render_export(interaction: discord.Interaction[Any]) -> Response:
    """Return the message with everything stored about the member who uses the command, as a ZIP."""
    export = await get_service(interaction, PrivacyService).repository.export(interaction.user.id)
    archive = await asyncio.to_thread(export.build_archive)
    if len(archive) > FILE_SIZE_LIMIT:
        return Response(_("Your data is too large to send here. Ask the bot's owner for it."), is_ephemeral=True)
    file = discord.File(io.BytesIO(archive), "marquee-data.zip", description=_("Your data"))
    return Response(
        _("Here's all your data: `data.json`, and files for each server that Letterboxd, IMDb and Trakt read."),
        files=(file,),
        is_ephemeral=True,
    )


async def render_delete_confirmation(interaction: discord.Interaction[Any]) -> Response:
    """Return the message that lists what a deletion would delete, with the button that does it."""
    export = await get_service(interaction, PrivacyService).repository.export(interaction.user.id)
    counts = export.count_rows()
    lines = [
        f"- {_(label)}: {format_number(counts[name])}" for name, label in ROW_LABELS.items() if name in counts
    ]
    if not lines:
        return Response(_("I don't have any data about you."), is_ephemeral=True)
    content = (
        _("This permanently deletes your data in all servers:")
        + f"\n{join_limited(lines, 1_200, chr(10))}\n\n"
        + _("If moderators blocked you, that stays. The moderation log stays, without your name.")
    )
    return Response(content, view=View(DeleteDataButton(), KeepButton(), ExportButton()), is_ephemeral=True)


class DeleteDataButton(Button, template=r"v1:mydata-delete"):
    """Deletes everything stored about the member who presses it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label=_("Delete it all"), style=style, custom_id=custom_id("mydata-delete")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, then confirm."""
        announced = await get_service(interaction, PrivacyService).delete_data(interaction.user.id)
        dispatch_name_changed(interaction, announced)
        interaction.client.dispatch("member_data_deleted")
        await edit_or_respond(interaction, Response(_("Deleted all your data.")), edit=True)


class ExportButton(Button, template=r"v1:mydata-export"):
    """Sends the member who presses everything stored about them, as `/mydata export` does."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self) -> None:
        super().__init__(ui.Button(label=_("Download all your data"), custom_id=custom_id("mydata-export")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Send it."""
        await respond(interaction, await render_export(interaction), ephemeral=True)


class SwitchButton(Button, template="^$"):
    """Turns a setting of the member who presses it on or off. A subclass names both choices with their labels:

    class DiaryButton(SwitchButton, name="mydata-diary", on=("open", gettext_noop("Make my diary public")), …):
    """

    acknowledgement = Acknowledgement.EDIT
    _name: ClassVar[str]
    _labels: ClassVar[dict[str, str]]

    def __init_subclass__(cls, *, name: str, on: tuple[str, str], off: tuple[str, str]) -> None:
        cls._name, cls._labels = name, dict((on, off))
        super().__init_subclass__(template=rf"v1:{name}:(?P<choice>{on[0]}|{off[0]})")

    def __init__(self, choice: str) -> None:
        self.choice = choice
        super().__init__(ui.Button(label=_(self._labels[choice]), custom_id=custom_id(self._name, choice)))

    @classmethod
    def render(cls, *, is_on: bool) -> Response:
        """Return what the setting is, with the button that changes it."""
        on, off = cls._labels
        return Response(cls.describe(is_on), view=View(cls(off if is_on else on)), is_ephemeral=True)

    @staticmethod
    def describe(is_on: bool) -> str:
        """Return what the setting means as it is."""
        raise NotImplementedError

    async def store(self, interaction: discord.Interaction[Any], *, is_on: bool) -> None:
        """Store the setting for the member who presses."""
        raise NotImplementedError

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it, and offer the opposite."""
        is_on = self.choice == next(iter(self._labels))
        await self.store(interaction, is_on=is_on)
        await edit_or_respond(interaction, self.render(is_on=is_on), edit=True)


class HideNameButton(
    SwitchButton,
    name="mydata-hide",
    on=("hide", gettext_noop("Hide my name")),
    off=("show", gettext_noop("Show my name")),
):
    """Hides the name of the member who presses it, or shows it again."""

    @staticmethod
    def describe(is_on: bool) -> str:
        """Return what the setting means as it is."""
        return describe_name_hidden(is_on)

    async def store(self, interaction: discord.Interaction[Any], *, is_on: bool) -> None:
        """Store it, and have messages that name the member brought up to date."""
        announced = await get_service(interaction, PrivacyService).set_name_hidden(interaction.user.id, is_on)
        dispatch_name_changed(interaction, announced)


class DiaryButton(
    SwitchButton,
    name="mydata-diary",
    on=("open", gettext_noop("Make my diary public")),
    off=("close", gettext_noop("Make my diary private")),
):
    """Lets others read the diary of the member who presses it, or no longer."""

    @staticmethod
    def describe(is_on: bool) -> str:
        """Return what the setting means as it is."""
        return describe_diary_public(is_on)

    async def store(self, interaction: discord.Interaction[Any], *, is_on: bool) -> None:
        """Store it."""
        await get_service(interaction, PrivacyService).set_diary_public(interaction.user.id, is_on)


def dispatch_name_changed(interaction: discord.Interaction[Any], server_ids: Iterable[int]) -> None:
    """Dispatch `member_name_changed` for each server that has a message naming the member."""
    for server_id in server_ids:
        interaction.client.dispatch("member_name_changed", server_id)


ITEMS = (
    CountryButton,
    CountryMenu,
    OwnCountryMenu,
    DeleteDataButton,
    KeepButton,
    ExportButton,
    HideNameButton,
    DiaryButton,
)
