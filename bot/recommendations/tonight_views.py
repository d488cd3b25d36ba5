"""Films for an evening together: who watches, what each would give a film, who gives way."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Button,
    MemberMenu,
    Menu,
    View,
    custom_id,
    get_service,
    is_command_author,
    require_guild_id,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.discord.response import show_late
from bot.core.errors import MarqueeError
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import clean_line, format_runtime, truncate
from bot.films.models import Film
from bot.films.views import FilmMenu, require_film
from bot.members.names import MemberNames, get_member_names, with_mentions
from bot.recommendations.filters_text import describe_filters
from bot.recommendations.models import MAX_GROUP_SIZE, GroupSession
from bot.recommendations.service import GroupFilm, GroupPage, GroupSessionService, RecommendationService
from bot.recommendations.watchable import NOBODYS, Watchable, attribution, ours
from bot.reviews.views import RateButton, ReviewsButton
from bot.watchlists.views import WatchlistButton

WEIGHT_LABELS = {
    0: "Everybody's mean counts, nothing else",
    25: "Mostly the mean",
    50: "Half the mean, half the least happy",
    75: "Mostly the least happy",
    100: "Only the least happy counts",
}
MIN_SHOWN_DEBT = 0.05
"""Stars of having given way that are worth telling."""


class NotYoursError(MarqueeError):
    """A group's list that somebody else asked for."""

    def __init__(self) -> None:
        super().__init__("Only who asked for this list can change it. `/tonight` makes you one.")


async def list_for(interaction: discord.Interaction[Any], session: GroupSession, skip: int = 0) -> dict[str, Any]:
    """Give the message with films for the group, and the menus that change who and how."""
    sessions = get_service(interaction, GroupSessionService).repository
    debts = await sessions.get_fairness_debts(session.server_id, session.members)
    watchable = await ours(interaction, session.members, session.filters)
    among = None if watchable is None else watchable.films
    films = await get_service(interaction, RecommendationService).recommend_for_group(session, debts, skip, among)
    names = await get_member_names(interaction, session.members)
    embed = discord.Embed(title="Tonight", colour=COLOUR)
    if asked := describe_filters(session.filters):
        embed.title = truncate(f"Tonight · {asked}", 256)
    lines = [_who(session, films, names)]
    for place, film in enumerate(films.films, start=skip + 1):
        lines.append(_line(place, film, names, watchable.told(film.film.id) if watchable else ""))
    if not films.films:
        lines.append(_nothing(watchable))
    embed.description = truncate("\n\n".join(lines), 4_000)
    if whose := await attribution(interaction, [each.film for each in films.films], watchable):
        embed.add_field(name="Where to stream", value=whose)
    embed.set_footer(text=_how(session))
    return with_mentions({"embed": embed, "view": _view(session, films, skip)})


def _how(session: GroupSession) -> str:
    predicted = "★ predicted"
    if _alone(session):
        return predicted
    return f"{predicted} · {WEIGHT_LABELS.get(session.least_happy_weight, f'{session.least_happy_weight} %')}"


def _alone(session: GroupSession) -> bool:
    """Tell whether one member watches alone, so that nobody's stars have to be weighed against another's."""
    return len(session.members) == 1


def _who(session: GroupSession, films: GroupPage, names: MemberNames) -> str:
    parts = []
    for member in session.members:
        notes = []
        if not films.rating_counts[member]:
            notes.append("has rated nothing yet")
        if films.fairness_debts[member] >= MIN_SHOWN_DEBT:
            notes.append(f"gave way before: counts {1 + films.fairness_debts[member]:.1f} times")
        parts.append(names.format(member) + (f" ({', '.join(notes)})" if notes else ""))
    return ", ".join(parts)


def _nothing(watchable: Watchable | None) -> str:
    if watchable is not None:
        return watchable.nothing() if watchable.countries else NOBODYS
    return "No film is left that fits, that nobody refused and that not all of you have seen."


def _line(place: int, film: GroupFilm, names: MemberNames, where: str) -> str:
    length = f" · {format_runtime(film.film.runtime)}" if film.film.runtime else ""
    each = [
        f"{names.format(member)} ★ {stars:.1f}{' (has seen it)' if member in film.seen_by else ''}"
        for member, stars in film.stars.items()
    ]
    lines = [f"**{place}. {escape_line(film.film.dated_title, 100)}**{length}", " · ".join(each)]
    if where:
        lines.append(where)
    if len(film.stars) > 1:
        lines.append(f"Least happy: {names.format(film.least_happy)}")
    return "\n".join(lines)


def _view(session: GroupSession, films: GroupPage, skip: int) -> View:
    view = View(WhoMenu(session.id, session.members))
    if not _alone(session):
        view.add_item(WeightMenu(session.id, session.least_happy_weight))
    options = [_option(entry.film) for entry in films.films]
    if options:
        view.add_item(ChooseMenu(session.id, options))
        view.add_item(FilmMenu(options))
    if skip:
        view.add_item(PageButton(str(session.id), "0", "From the top"))
    if films.has_more:
        view.add_item(PageButton(str(session.id), str(skip + len(films.films))))
    return view


def _option(film: Film) -> discord.SelectOption:
    return discord.SelectOption(label=truncate(clean_line(film.dated_title), CHOICE_LENGTH_LIMIT), value=film.id)


async def require_open_session(interaction: discord.Interaction[Any], session_id: int) -> GroupSession:
    """Return an open session that who presses may change.

    Raises NotYoursError, GroupSessionGoneError, GroupSessionClosedError.
    """
    if not is_command_author(interaction):
        raise NotYoursError
    return await get_service(interaction, GroupSessionService).get_open(require_guild_id(interaction), session_id)


class WhoMenu(MemberMenu, template=r"v1:tonight-who:(?P<session_id>\d{1,18})"):
    """Who watches."""

    def __init__(self, session_id: int, members: Sequence[int] = ()) -> None:
        self.session_id = session_id
        kind = discord.SelectDefaultValueType.user
        chosen = [discord.SelectDefaultValue(id=member, type=kind) for member in members]
        super().__init__(
            ui.UserSelect(
                custom_id=custom_id("tonight-who", session_id),
                placeholder="Who is watching?",
                min_values=1,
                max_values=MAX_GROUP_SIZE,
                default_values=chosen,
            )
        )

    def load_state(self, state: Mapping[str, str]) -> None:
        """Keep whose list it belongs to."""
        self.session_id = int(state["session_id"])

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Make the list for those chosen. Who keeps their name out of lists is left out, unless they ask."""
        session = await require_open_session(interaction, self.session_id)
        people = [member.id for member in self.item.values if not member.bot]
        names = await get_member_names(interaction, people)
        kept = [m for m in people if m == interaction.user.id or not names.is_hidden(m)]
        notes = []
        if len(people) < len(self.item.values):
            notes.append("Bots watch nothing.")
        if left := len(people) - len(kept):
            who = "One member keeps" if left == 1 else f"{left} members keep"
            notes.append(f"{who} their name out of lists, and so out of this one.")
        session = await get_service(interaction, GroupSessionService).set_members(session, kept)

        async def make() -> dict[str, Any]:
            message = await list_for(interaction, session)
            return {**message, "content": "\n".join(filter(None, (" ".join(notes), message["content"]))) or None}

        await show_late(interaction, make, replace=True)


class _SessionMenu(Menu, template="^$"):
    """A menu under an evening's list."""

    session_id: int

    def load_state(self, state: Mapping[str, str]) -> None:
        """Keep whose list it belongs to."""
        self.session_id = int(state["session_id"])


class WeightMenu(_SessionMenu, template=r"v1:tonight-weight:(?P<session_id>\d{1,18})"):
    """How much the least happy member counts."""

    def __init__(self, session_id: int, weight: int) -> None:
        self.session_id = session_id
        options = [
            discord.SelectOption(label=label, value=str(value), default=value == weight)
            for value, label in WEIGHT_LABELS.items()
        ]
        super().__init__(ui.Select(custom_id=custom_id("tonight-weight", session_id), options=options))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Make the list anew."""
        session = await require_open_session(interaction, self.session_id)
        session = await get_service(interaction, GroupSessionService).set_least_happy_weight(
            session, int(self.item.values[0])
        )

        async def make() -> dict[str, Any]:
            return await list_for(interaction, session)

        await show_late(interaction, make, replace=True)


class ChooseMenu(_SessionMenu, template=r"v1:tonight-choose:(?P<session_id>\d{1,18})"):
    """Which film it is: stored, so that who gave way counts more next time."""

    def __init__(self, session_id: int, options: list[discord.SelectOption]) -> None:
        self.session_id = session_id
        super().__init__(
            ui.Select(custom_id=custom_id("tonight-choose", session_id), options=options, placeholder="We watch …")
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store what is watched, and only then say so."""
        session = await require_open_session(interaction, self.session_id)
        film = await require_film(interaction, self.item.values[0])

        async def make() -> dict[str, Any]:
            return await _choose(interaction, session, film)

        await show_late(interaction, make, replace=True)


async def _choose(interaction: discord.Interaction[Any], session: GroupSession, film: Film) -> dict[str, Any]:
    sessions = get_service(interaction, GroupSessionService)
    before = await sessions.repository.get_fairness_debts(session.server_id, session.members)
    after = await get_service(interaction, RecommendationService).compute_fairness_debts(session, film.id, before)
    await sessions.choose_film(session, film.id, after)
    names = await get_member_names(interaction, session.members)
    embed = discord.Embed(title=truncate(f"Tonight: {escape_line(film.dated_title, 200)}", 256), colour=COLOUR)
    lines = [", ".join(names.format(member) for member in session.members)]
    gave_way = sorted((m for m in after if after[m] >= MIN_SHOWN_DEBT), key=lambda m: -after[m])
    if gave_way and len(after) > 1:
        told = ", ".join(f"{names.format(m)} ({1 + after[m]:.1f} times)" for m in gave_way)
        lines.append(f"Next time counts more: {told}")
    embed.description = "\n".join(lines)
    return with_mentions(
        {"embed": embed, "view": View(RateButton(film.id), ReviewsButton(film.id), WatchlistButton(film.id))}
    )


class PageButton(Button, template=r"v1:tonight-more:(?P<session_id>\d{1,18}):(?P<skip>\d{1,4})"):
    """More films for the group."""

    def __init__(self, session_id: str, skip: str, label: str = "More") -> None:
        self.session_id = int(session_id)
        self.skip = int(skip)
        super().__init__(ui.Button(label=label, custom_id=custom_id("tonight-more", session_id, skip)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page."""
        session = await require_open_session(interaction, self.session_id)

        async def make() -> dict[str, Any]:
            return await list_for(interaction, session, self.skip)

        await show_late(interaction, make, replace=True)


ITEMS = (WhoMenu, WeightMenu, ChooseMenu, PageButton)
