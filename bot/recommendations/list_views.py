"""Films in a list, each with its reasons and what a member can do about it."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Button,
    LayoutView,
    View,
    custom_id,
    get_service,
    is_ephemeral,
    require_guild_id,
)
from bot.core.discord.response import list_custom_ids, show_late
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import format_runtime, truncate
from bot.films.service import FilmService
from bot.films.views import require_film, show_film
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.filters_text import LONGEST, PACKED, describe_filters, pack_filters, unpack_filters
from bot.recommendations.onboarding_views import onboarding_messages
from bot.recommendations.reasons_text import NO_REASON, told
from bot.recommendations.service import RecommendationPage, RecommendationService, RecommendedFilm
from bot.recommendations.similar_views import SimilarButton
from bot.recommendations.watchable import Watchable, attribution, mine
from bot.reviews.modals import open_rate_modal
from bot.watchlists.views import WatchlistButton

TEXT_LIMIT = 690
"""Characters of one film: five stay inside the 4,000 of a message."""


async def for_you(
    interaction: discord.Interaction[Any], filters: RecommendationFilters, skip: int = 0
) -> list[dict[str, Any]]:
    """Give the messages with the member's next films, or with films to rate where they have rated none."""
    watchable = await mine(interaction, filters)
    among = None if watchable is None else watchable.films
    found = await get_service(interaction, RecommendationService).recommend(
        require_guild_id(interaction), interaction.user.id, filters, skip, among
    )
    if not found.rating_count:
        return await onboarding_messages(interaction, filters)
    asked = describe_filters(filters)
    if watchable is not None and not (found.films or skip):
        return [{"view": LayoutView(ui.TextDisplay(watchable.nothing()))}]
    if not found.films:
        return [{"view": _nothing_left(filters, asked, skip)}]
    based_on = f"-# From {_ratings(found.rating_count)} of yours in this server"
    head = f"## For you{f' · {asked}' if asked else ''}\n{based_on}"
    ends = (
        [MoreButton(str(skip), pack_filters(filters))]
        if found.has_more
        else [MoreButton("0", pack_filters(filters), "From the top")]
    )
    view = layout(interaction, head, found, ends, watchable)
    if whose := await attribution(interaction, [each.film for each in found.films], watchable):
        view.add_item(ui.TextDisplay(f"-# {whose}"))
    return [{"view": view}]


async def like(interaction: discord.Interaction[Any], film_id: str, skip: int = 0) -> dict[str, Any]:
    """Give the message with films like that one."""
    film = await require_film(interaction, film_id)
    found = await get_service(interaction, RecommendationService).find_similar(
        require_guild_id(interaction), film_id, skip
    )
    title = escape_line(film.dated_title, 200)
    if not found.films:
        return {"view": LayoutView(ui.TextDisplay(f"Nothing more in the catalogue is like **{title}**."))}
    ends = [SimilarButton(film_id, str(skip + len(found.films)), "More")] if found.has_more else []
    return {"view": layout(interaction, f"## Like {title}", found, ends)}


def layout(
    interaction: discord.Interaction[Any],
    head: str,
    found: RecommendationPage,
    ends: Sequence[Button],
    watchable: Watchable | None = None,
) -> LayoutView:
    """Give the films with their buttons and, where that was asked for, their services; `ends` below them."""
    items: list[ui.Item[Any]] = [ui.TextDisplay(head)]
    for suggestion in found.films:
        film_id = suggestion.film.id
        where = watchable.told(film_id) if watchable is not None else ""
        items.append(ui.TextDisplay(_text(interaction, suggestion, where)))
        items.append(
            ui.ActionRow(
                CardButton(film_id), WatchlistButton(film_id), SeenButton(film_id), DismissButton(film_id)
            )
        )
    if ends:
        items.append(ui.ActionRow(*ends))
    return LayoutView(*items)


def _text(interaction: discord.Interaction[Any], suggestion: RecommendedFilm, where: str) -> str:
    film = suggestion.film
    stars = f" · ★ {suggestion.stars:.1f} for you" if suggestion.stars is not None else ""
    facts = [
        format_runtime(film.runtime) if film.runtime else "",
        ", ".join(escape_line(genre, 40) for genre in film.genres[:3]),
        ", ".join(escape_line(name, 60) for name in film.directors[:2]),
    ]
    lines = [f"**{escape_line(film.dated_title, 150)}**{stars}", " · ".join(fact for fact in facts if fact), where]
    reasons = told(suggestion.reasons, film, get_service(interaction, FilmService))
    lines += [f"-# {reason[:1].upper()}{reason[1:]}" for reason in reasons] or [f"-# {NO_REASON}"]
    return truncate("\n".join(line for line in lines if line), TEXT_LIMIT)


def _nothing_left(filters: RecommendationFilters, asked: str, skip: int) -> LayoutView:
    if skip:
        again = MoreButton("0", pack_filters(filters), "From the top")
        return LayoutView(ui.TextDisplay("That was the last film that fits."), ui.ActionRow(again))
    what = f" is left for “{asked}”: ask for less" if asked else " is left that you have not seen or refused"
    return LayoutView(ui.TextDisplay(f"No film of the catalogue{what}."))


def _ratings(count: int) -> str:
    return "1 rating" if count == 1 else f"{count:,} ratings"


class MoreButton(Button, template=rf"v1:more:(?P<skip>\d{{1,5}}):(?P<filters>{PACKED})"):
    """The next films for who presses; `skip` came before those on the message."""

    def __init__(self, skip: str, filters: str, label: str = "More") -> None:
        self.skip = int(skip)
        self.filters = unpack_filters(filters)
        state = filters[:LONGEST]
        super().__init__(ui.Button(label=label, custom_id=custom_id("more", skip, state)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page where the list is theirs alone, begin one of their own beside it for others."""
        skip = await self._passed(interaction) if self.item.label == "More" else 0
        replace = is_ephemeral(interaction)
        rest: list[dict[str, Any]] = []

        async def make() -> dict[str, Any]:
            messages = await for_you(interaction, self.filters, skip)
            rest.extend(messages[1:])
            return messages[0]

        await show_late(interaction, make, replace=replace)
        for message in rest:
            await interaction.followup.send(**message, ephemeral=True)

    async def _passed(self, interaction: discord.Interaction[Any]) -> int:
        """Count the films before the next page: what was seen or refused meanwhile no longer stands in the way."""
        repository = get_service(interaction, RecommendationService).repository
        history = await repository.get_rating_history(require_guild_id(interaction), interaction.user.id)
        shown = [
            identity.removeprefix(DISMISS_PREFIX)
            for identity in list_custom_ids(interaction)
            if identity.startswith(DISMISS_PREFIX)
        ]
        return self.skip + sum(film not in history.excluded for film in shown)


class CardButton(Button, template=r"v1:card:(?P<film_id>[a-z0-9-]+)"):
    """A film's card, beside the list."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(ui.Button(label="Card", custom_id=custom_id("card", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it to who pressed."""
        await show_film(interaction, self.film_id, edit=False)


class SeenButton(Button, template=r"v1:seen:(?P<film_id>[a-z0-9-]+)"):
    """Seen already: opens the form of stars and review."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(ui.Button(label="Seen it", custom_id=custom_id("seen", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await open_rate_modal(interaction, self.film_id)


DISMISS_PREFIX = "v1:refuse:"


class DismissButton(Button, template=r"v1:refuse:(?P<film_id>[a-z0-9-]+)"):
    """“Not for me”: the film is never recommended to who presses again."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(ui.Button(label="Not for me", custom_id=custom_id("refuse", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it, and offer the way back."""
        film = await require_film(interaction, self.film_id)
        recommendations = get_service(interaction, RecommendationService)
        is_new = await recommendations.dismiss(require_guild_id(interaction), interaction.user.id, film.id)
        title = escape_line(film.dated_title, 200)
        told = (
            f"**{title}** will not be recommended to you again." if is_new else f"**{title}** stays away from you."
        )
        view = View(RestoreButton(film.id))
        await interaction.response.send_message(told, view=view, ephemeral=True)


class RestoreButton(Button, template=r"v1:readmit:(?P<film_id>[a-z0-9-]+)"):
    """Takes “not for me” back."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(ui.Button(label="Take it back", custom_id=custom_id("readmit", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Take it back."""
        film = await require_film(interaction, self.film_id)
        repository = get_service(interaction, RecommendationService).repository
        await repository.restore(require_guild_id(interaction), interaction.user.id, film.id)
        told = f"**{escape_line(film.dated_title, 200)}** may be recommended to you again."
        await interaction.response.edit_message(content=told, view=None)


ITEMS = (MoreButton, CardButton, SeenButton, DismissButton, RestoreButton)
