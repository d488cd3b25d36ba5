"""Alerts as Discord shows them: the list, and the one message for all news of a night."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import COLOUR, Button, Menu, View, custom_id, get_service, show
from bot.core.errors import InvalidInputError
from bot.core.text.countries import country_name, flag
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import join_limited
from bot.films.embeds import MENU_OPTIONS_LIMIT, TMDB_NOTICE
from bot.films.models import Film
from bot.films.service import FilmService, Lookup
from bot.films.views import match_option, require_film
from bot.members.context import get_country
from bot.streaming.alerts import Alert, AlertService, News
from bot.streaming.embeds import JUSTWATCH
from bot.streaming.subscriptions import SubscriptionService

BUTTONS = 20
LINES = 3_500
"""Characters of a list, well inside Discord's 4,096."""


async def ask(interaction: discord.Interaction[Any], film: Film) -> str:
    """Store that the member who acts waits for the film, and say so, or where it is already.

    Raises InvalidInputError for a member without a country or services, or with too many alerts.
    """
    country = await get_country(interaction)
    if country is None:
        raise InvalidInputError("No country set: `/me country` sets yours. Then ask again.")
    there = await get_service(interaction, AlertService).ask(interaction.user.id, film, country)
    return there_already(film, country, there) if there else stored(film, country)


def which(lookup: Lookup) -> dict[str, Any]:
    """Ask which film is waited for, where the text may mean several or only sounds like one."""
    told = f"Which film do you wait for? “{escape_line(lookup.text, 100)}” may be:"
    matches = (lookup.match, *lookup.others) if lookup.match is not None else lookup.others
    return {
        "content": told,
        "view": View(AlertMenu([match_option(each) for each in matches[:MENU_OPTIONS_LIMIT]])),
    }


def stored(film: Film, country: str) -> str:
    """Say that the alert is stored."""
    where = f"{country_name(country)} {flag(country)}"
    return (
        f"You get one direct message when **{escape_line(film.dated_title)}** comes to a service of yours "
        f"in {where}. It is looked up every night."
    )


def there_already(film: Film, country: str, names: Sequence[str]) -> str:
    """Say that there is nothing to wait for."""
    where = f"{country_name(country)} {flag(country)}"
    shown = join_limited([f"**{escape_line(name, 80)}**" for name in names], 500)
    return f"**{escape_line(film.dated_title)}** is there already: {shown} in {where}. *{JUSTWATCH}*"


def listed(alerts: Sequence[tuple[Alert, Film]], *, subscribed: bool) -> dict[str, Any]:
    """Give the member's alerts, each with a button that takes it back; `subscribed` to any service or not."""
    embed = discord.Embed(title="Films you wait for", colour=COLOUR)
    embed.description = join_limited([_line(alert, film) for alert, film in alerts], LINES, "\n") or (
        "None. `/alert` with a film adds one."
    )
    if alerts and not subscribed:
        embed.description += "\n\nYou name no service, so nothing can come: `/services`."
    if len(alerts) > BUTTONS:
        embed.set_footer(
            text=f"Buttons are below for the first {BUTTONS}; those after them get theirs as these go."
        )
    view = View(*(TakeBackButton(film.id, film.dated_title) for _, film in alerts[:BUTTONS]))
    if alerts:
        view.add_item(StopButton())
    return {"embed": embed, "view": view}


def _line(alert: Alert, film: Film) -> str:
    name = f"**{escape_line(film.dated_title, 150)}** · {country_name(alert.country)} {flag(alert.country)}"
    if alert.available_at is None:
        return f"{name} · since {discord.utils.format_dt(alert.created_at, 'd')}"
    came = discord.utils.format_dt(alert.available_at, "d")
    names = join_limited([escape_line(service, 80) for service in alert.services], 300)
    return f"{name} · **came to {names}** on {came}; your direct messages are closed to me"


def news_card(news: Sequence[News]) -> dict[str, Any]:
    """Give the one message for all that came in a night."""
    films = "a film" if len(news) == 1 else f"{len(news)} films"
    embed = discord.Embed(title=f"Now on your services: {films} you wait for", colour=COLOUR)
    lines = []
    for each in news:
        names = join_limited([f"**{escape_line(name, 80)}**" for name in each.services], 300)
        lines.append(f"**{escape_line(each.film.dated_title, 150)}**: {names} in {country_name(each.country)}")
    embed.description = join_limited(lines, LINES, "\n") + f"\n*{JUSTWATCH}*"
    embed.set_footer(text=TMDB_NOTICE)
    return {"embed": embed, "view": View(StopButton())}


class AlertMenu(Menu, template=r"v1:alert"):
    """Films that may be meant: the one picked is waited for."""

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__(
            ui.Select(custom_id=custom_id("alert"), options=options, placeholder="Pick the film you wait for")
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it and say so."""
        film = await require_film(interaction, self.item.values[0])
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(await ask(interaction, film), ephemeral=True)


class TakeBackButton(Button, template=r"v1:unalert:(?P<film_id>[a-z0-9-]+)"):
    """Takes one alert of the member who presses back."""

    def __init__(self, film_id: str, title: str = "") -> None:
        self.film_id = film_id
        label = f"Not {title}"[:80] if title else "Take back"
        super().__init__(ui.Button(label=label, custom_id=custom_id("unalert", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it and show the rest."""
        await get_service(interaction, AlertService).take_back(interaction.user.id, [self.film_id])
        await show(interaction, replace=True, **await listed_for(interaction))


class StopButton(Button, template=r"v1:unalert-all"):
    """Takes all alerts of the member who presses back."""

    def __init__(self) -> None:
        button: ui.Button[Any] = ui.Button(
            label="Unsubscribe: no more alerts",
            style=discord.ButtonStyle.danger,
            custom_id=custom_id("unalert-all"),
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete them all."""
        count = await get_service(interaction, AlertService).take_back(interaction.user.id)
        films = "1 film" if count == 1 else f"{count} films"
        told = f"Unsubscribed: you no longer wait for any film ({films} taken back). `/alert` starts anew."
        await show(interaction, replace=False, content=told)


async def listed_for(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """Give the list of the member who acts."""
    found = [
        (alert, await get_service(interaction, FilmService).get(alert.film_id))
        for alert in await get_service(interaction, AlertService).of(interaction.user.id)
    ]
    mine = await get_service(interaction, SubscriptionService).of(interaction.user.id)
    return listed([(alert, film) for alert, film in found if film is not None], subscribed=bool(mine))


ITEMS = (AlertMenu, TakeBackButton, StopButton)
