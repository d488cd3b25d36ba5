"""What a member subscribes to, and the menu that changes it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.core.discord import COLOUR, Menu, View, custom_id, get_service
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.errors import InvalidInputError
from bot.core.text.countries import country_name, flag
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import clean_line, join_limited, truncate
from bot.films.offers import service_key
from bot.members.context import get_country
from bot.streaming.subscriptions import NoServicesError, SubscriptionService

MENU_LIMIT = 25


def choice(name: str) -> app_commands.Choice[str]:
    """Give an autocomplete choice of a service."""
    return app_commands.Choice(
        name=truncate(clean_line(name), CHOICE_LENGTH_LIMIT), value=name[:CHOICE_LENGTH_LIMIT]
    )


async def card(
    interaction: discord.Interaction[Any], mine: Mapping[str, str], offered: Sequence[str] | None = None
) -> dict[str, Any]:
    """Give the member's services and a menu of those offered, else of those of their country."""
    country, subscriptions = await get_country(interaction), get_service(interaction, SubscriptionService)
    if offered is None:
        offered = subscriptions.offered(country)
    embed = discord.Embed(title="Your streaming services", colour=COLOUR)
    named = join_limited([f"✓ {escape_line(name, 80)}" for name in mine.values()], 3_000, "\n")
    embed.description = named or "None named yet. Cards mark yours, and alerts tell of them."
    if offered:
        hint = _menu_hint(country, known=country is not None and subscriptions.knows(country))
        embed.set_footer(text=f"{hint}; /services add finds any other.")
    else:
        embed.set_footer(text=str(NoServicesError()))
    view = View(ServicesMenu.of(mine, offered)) if offered else View()
    return {"embed": embed, "view": view}


def _menu_hint(country: str | None, *, known: bool) -> str:
    if country is None:
        return "Set your country with /me country to see its services in the menu"
    named = f"{country_name(country)} {flag(country)}"
    if not known:
        return f"No service of {named} is known, so the menu has others"
    return f"The menu has the services of {named}"


async def on_services_of(interaction: discord.Interaction[Any], film_ids: Collection[str]) -> set[str]:
    """Give those of the films that the services of the member who acts show in their country.

    Raises InvalidInputError for a member who has named no country or no services.
    """
    country, _ = await country_and_services(interaction)
    return await get_service(interaction, SubscriptionService).only_mine(interaction.user.id, country, film_ids)


async def country_and_services(interaction: discord.Interaction[Any]) -> tuple[str, dict[str, str]]:
    """Give the country of the member who acts and their services, names by key.

    Raises InvalidInputError for a member who has named no country or no services.
    """
    country = await get_country(interaction)
    if country is None:
        raise InvalidInputError("Say which country you stream in first, with `/me country`.")
    mine = await get_service(interaction, SubscriptionService).of(interaction.user.id)
    if not mine:
        raise InvalidInputError("Name what you subscribe to first, with `/services`.")
    return country, mine


class ServicesMenu(Menu, template=r"v1:services"):
    """The services of a country: those chosen are the member's, those not in the menu stay as they are."""

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__(
            ui.Select(
                custom_id=custom_id("services"),
                options=options,
                min_values=0,
                max_values=len(options),
                placeholder="What you subscribe to",
            )
        )

    @classmethod
    def of(cls, mine: Mapping[str, str], offered: Sequence[str]) -> Self:
        """Give the menu, the member's services marked."""
        return cls(
            [
                discord.SelectOption(
                    label=truncate(clean_line(name), CHOICE_LENGTH_LIMIT),
                    value=name[:CHOICE_LENGTH_LIMIT],
                    default=service_key(name) in mine,
                )
                for name in offered[:MENU_LIMIT]
            ]
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store what was chosen."""
        subscriptions = get_service(interaction, SubscriptionService)
        offered = [option.value for option in self.item.options]
        mine = await subscriptions.choose_among(interaction.user.id, offered, self.item.values)
        await interaction.response.edit_message(**await card(interaction, mine, offered))


ITEMS = (ServicesMenu,)
