"""The button that sets a member's country, where a card has none to show offers for."""

from collections.abc import Mapping
from typing import Any, Self

import discord
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from discord import ui

from bot.core.discord import Button, Menu, View, custom_id, get_service
from bot.core.text.countries import country_name, country_names, flag
from bot.films.views import show_film
from bot.members.preferences import PreferenceService

COMMON = (
    "US", "GB", "DE", "FR", "ES", "IT", "BR", "MX", "CA", "AU", "IN", "JP", "KR", "NL", "PL", "SE", "TR", "AR",
    "BE", "CH", "AT", "PT", "IE", "NO", "DK",
)  # fmt: skip
"""Offered after what the client's language suggests; `/me country` knows all."""


def suggested_country(locale: str) -> str | None:
    """Give the country that a client's locale (`pt-BR`, `de`) suggests, or None. It never decides."""
    try:
        territory = Locale.parse(locale.replace("-", "_")).territory
    except (ValueError, UnknownLocaleError):
        return None
    if territory is None:
        likely: Any = get_global("likely_subtags")
        territory = str(likely.get(locale.split("-")[0], "")).rpartition("_")[2]
    return territory if territory in country_names() else None


class CountryButton(Button, template=r"v1:country:(?P<film_id>[a-z0-9-]+)"):
    """Sets the country of the member who presses, by a menu that only they see."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(ui.Button(label="Set your country", custom_id=custom_id("country", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Offer countries."""
        await interaction.response.send_message(
            "Which country do you stream in? `/me country` knows those that aren't in the menu.",
            view=View(CountryMenu.of(self.film_id, str(interaction.locale))),
            ephemeral=True,
        )


class CountryMenu(Menu, template=r"v1:countries:(?P<film_id>[a-z0-9-]+)"):
    """Countries to choose from: choosing stores it and shows the film's card for it."""

    def __init__(self, film_id: str, options: list[discord.SelectOption]) -> None:
        self.film_id = film_id
        super().__init__(
            ui.Select(custom_id=custom_id("countries", film_id), options=options, placeholder="Your country")
        )

    @classmethod
    def of(cls, film_id: str, locale: str) -> Self:
        """Give the menu, the country that the locale suggests first; none is chosen beforehand."""
        codes = dict.fromkeys([code for code in (suggested_country(locale),) if code] + list(COMMON))
        options = [
            discord.SelectOption(label=country_name(code), value=code, emoji=flag(code))
            for code in list(codes)[:25]
        ]
        return cls(film_id, options)

    def load_state(self, state: Mapping[str, str]) -> None:
        """Keep whose card it belongs to."""
        self.film_id = state["film_id"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the country and show the card."""
        chosen = self.item.values[0]
        await get_service(interaction, PreferenceService).set_member_country(interaction.user.id, chosen)
        await show_film(interaction, self.film_id, edit=True)


ITEMS = (CountryButton, CountryMenu)
