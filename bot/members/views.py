"""The button and menu that set a member's country, and the replies of `/mydata`."""

import asyncio
import io
from collections.abc import Iterable, Mapping
from typing import Any, Self

import discord
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from discord import ui

from bot.core.discord import Acknowledgement, Button, Menu, Response, View, custom_id, edit_or_respond, get_service
from bot.core.discord.limits import FILE_SIZE_LIMIT, MENU_OPTIONS_LIMIT
from bot.core.text.countries import country_name, country_names, flag
from bot.core.text.formatting import join_limited
from bot.films.card import FilmButton
from bot.films.views import show_film
from bot.members.service import PreferenceService, PrivacyService

COMMON_COUNTRIES = (
    "US", "GB", "DE", "FR", "ES", "IT", "BR", "MX", "CA", "AU", "IN", "JP", "KR", "NL", "PL", "SE", "TR", "AR",
    "BE", "CH", "AT", "PT", "IE", "NO", "DK",
)  # fmt: skip
"""The menu's countries, after the one that the client's language suggests; `/me country` offers all."""
ROW_LABELS = {
    "ratings": "ratings with their reviews, and others' replies to them",
    "viewings": "diary entries",
    "helpful_votes": "votes that a review helped",
    "replies": "replies to reviews",
    "reports": "reports of reviews",
    "reply_reports": "reports of replies",
    "watchlist": "films on watchlists",
    "server_members": "servers you were active in",
    "pick_rsvps": "picks you said you are in for",
    "pick_suggestions": "films you suggested for the marquee",
    "dismissed_films": "films you never want to be recommended",
    "group_session_members": "evenings you took part in",
    "rating_sharing_members": "consent that other servers may learn from your stars",
    "member_privacy": "choice of what others may see",
    "member_settings": "settings of yours",
    "subscriptions": "streaming services you subscribe to",
    "alerts": "films you wait for",
    "conversations": "conversations of the last hour",
    "picks": "your name on picks that you planned",
    "moderation_log": "your name in entries of the moderators' log",
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


class CountryButton(FilmButton, name="country", label="Set your country"):
    """Opens a menu, visible to the member who presses only, that sets their country."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the menu."""
        await interaction.response.send_message(
            "Which country do you stream in? `/me country` knows those that aren't in the menu.",
            view=View(CountryMenu.from_locale(self.film_id, str(interaction.locale))),
            ephemeral=True,
        )


class CountryMenu(Menu, template=r"v1:countries:(?P<film_id>[a-z0-9-]+)"):
    """Countries to choose from: choosing one stores it and shows the film's card for it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, options: list[discord.SelectOption]) -> None:
        self.film_id = film_id
        super().__init__(
            ui.Select(custom_id=custom_id("countries", film_id), options=options, placeholder="Your country")
        )

    @classmethod
    def from_locale(cls, film_id: str, locale: str) -> Self:
        """Return the menu with the country first that the client's locale suggests; none is selected."""
        codes = dict.fromkeys([code for code in (suggest_country(locale),) if code] + list(COMMON_COUNTRIES))
        options = [
            discord.SelectOption(label=country_name(code), value=code, emoji=flag(code))
            for code in list(codes)[:MENU_OPTIONS_LIMIT]
        ]
        return cls(film_id, options)

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the film whose card is shown."""
        self.film_id = state["film_id"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the country and show the card."""
        country = self.item.values[0]
        await get_service(interaction, PreferenceService).repository.set_country(interaction.user.id, country)
        await show_film(interaction, self.film_id, edit=True)


async def render_export(interaction: discord.Interaction[Any]) -> Response:
    """Return the message with everything stored about the member who uses the command, as a ZIP."""
    export = await get_service(interaction, PrivacyService).repository.export(interaction.user.id)
    archive = await asyncio.to_thread(export.build_archive)
    if len(archive) > FILE_SIZE_LIMIT:
        return Response("It is more than fits into a message. Ask whoever runs the bot for it.", is_ephemeral=True)
    file = discord.File(io.BytesIO(archive), "marquee-data.zip", description="Everything Marquee keeps about you")
    return Response(
        "Everything Marquee keeps about you, in all servers: `data.json`, and for each server a file "
        "that Letterboxd imports.",
        files=(file,),
        is_ephemeral=True,
    )


async def render_delete_confirmation(interaction: discord.Interaction[Any]) -> Response:
    """Return the message that lists what a deletion would delete, with the button that does it."""
    export = await get_service(interaction, PrivacyService).repository.export(interaction.user.id)
    counts = export.count_rows()
    lines = [f"- {label.capitalize()}: {counts[name]:,}" for name, label in ROW_LABELS.items() if name in counts]
    if not lines:
        return Response("There is nothing of yours to delete.", is_ephemeral=True)
    content = (
        "This deletes, in all servers and for good:\n"
        + join_limited(lines, 1_200, "\n")
        + "\n\nA block stays in force, and the moderators' log keeps what was done, without naming you. "
        "What you did as a moderator stays in it."
    )
    return Response(content, view=View(DeleteDataButton()), is_ephemeral=True)


class DeleteDataButton(Button, template=r"v1:mydata-delete"):
    """Deletes everything stored about the member who presses it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label="Delete it all", style=style, custom_id=custom_id("mydata-delete")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, then confirm."""
        announced = await get_service(interaction, PrivacyService).delete_data(interaction.user.id)
        dispatch_name_changed(interaction, announced)
        await edit_or_respond(interaction, Response("Deleted. Marquee keeps nothing of yours."), edit=True)


def dispatch_name_changed(interaction: discord.Interaction[Any], server_ids: Iterable[int]) -> None:
    """Dispatch `member_name_changed` for each server that has a message naming the member."""
    for server_id in server_ids:
        interaction.client.dispatch("member_name_changed", server_id)


ITEMS = (CountryButton, CountryMenu, DeleteDataButton)
