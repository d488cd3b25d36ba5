"""The button on a film card, and the menu it opens, that set a member's country."""

from collections.abc import Mapping
from typing import Any, Self

import discord
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from discord import ui

from bot.core.discord import Menu, View, custom_id, get_service
from bot.core.text.countries import country_name, country_names, flag
from bot.films.card import FilmButton
from bot.films.views import show_film
from bot.members.preference_service import PreferenceService

COMMON_COUNTRIES = (
    "US", "GB", "DE", "FR", "ES", "IT", "BR", "MX", "CA", "AU", "IN", "JP", "KR", "NL", "PL", "SE", "TR", "AR",
    "BE", "CH", "AT", "PT", "IE", "NO", "DK",
)  # fmt: skip
"""The menu's countries, after the one that the client's language suggests; `/me country` offers all."""


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
            for code in list(codes)[:25]
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


ITEMS = (CountryButton, CountryMenu)
