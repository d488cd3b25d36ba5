"""`/tonight`: films for a group, with the menus that change who watches and how much the least happy counts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    MemberMenu,
    Menu,
    Response,
    View,
    custom_id,
    edit_or_respond,
    get_service,
    is_command_author,
    require_guild_id,
    respond_deferred,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.errors import MarqueeError
from bot.core.text.cldr import format_decimal
from bot.core.text.formatting import (
    clean_line,
    escape_line,
    escape_line_to_fit,
    format_runtime,
    join_list,
    truncate,
)
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.models import Film
from bot.films.views import LABEL_LIMIT, FilmMenu, require_film
from bot.members.context import MemberNames, get_member_names, with_mentions
from bot.recommendations.filter_options import describe_filters, list_removable_filters
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.models import MAX_GROUP_SIZE, GroupSession
from bot.recommendations.service import GroupFilm, GroupPage, GroupSessionService, RecommendationService
from bot.recommendations.watchable import (
    NOBODY_HAS_SERVICES,
    WatchableFilms,
    describe_sources,
    list_watchable_for_group,
)
from bot.reviews.rating_views import RateButton
from bot.reviews.stars import format_stars
from bot.reviews.views import ReviewsButton
from bot.watchlists.views import WatchlistButton

WEIGHT_LABELS = {
    0: gettext_noop("Average only"),
    25: gettext_noop("Mostly the average"),
    50: gettext_noop("Balanced: average and least happy count equally"),
    75: gettext_noop("Mostly the least happy"),
    100: gettext_noop("Least happy only"),
}
"""By how much the least happy member counts, in percent."""
MIN_SHOWN_DEBT = 0.05
"""Fairness debt, in stars, that is worth showing."""


class NotSessionOwnerError(MarqueeError):
    """A group session that somebody else began."""

    def __init__(self) -> None:
        super().__init__(
            _("Only the member who started this list can change it. Use `/tonight` to start your own.")
        )


async def render_group_films(
    interaction: discord.Interaction[Any], session: GroupSession, skip: int = 0
) -> Response:
    """Return the message with films for the group and its menus; `skip` films came before."""
    sessions = get_service(interaction, GroupSessionService).repository
    debts = await sessions.get_fairness_debts(session.server_id, session.members)
    watchable = await list_watchable_for_group(interaction, session.members, session.filters)
    page = await get_service(interaction, RecommendationService).recommend_for_group(
        session, debts, skip, None if watchable is None else watchable.services_by_film
    )
    names = await get_member_names(interaction, session.members)
    embed = discord.Embed(title=_("Tonight"), colour=COLOUR)
    if described := describe_filters(session.filters):
        embed.title = truncate(_("Tonight · {filters}").format(filters=described), 256)
    blocks = [_describe_members(session, page, names)]
    if page.films and not any(page.rating_counts.values()):
        blocks.append(
            _("None of you has rated a film yet, so here are films that most people love.")
            if len(session.members) > 1
            else _("You haven't rated a film yet, so here are films that most people love.")
        )
    for place, each in enumerate(page.films, start=skip + 1):
        services = watchable.describe_services(each.film.id) if watchable else ""
        blocks.append(_describe_film(place, each, names, services))
    if not page.films:
        blocks.append(_describe_no_films(watchable, session.filters))
    embed.description = truncate("\n\n".join(blocks), 4_000)
    if sources := await describe_sources(interaction, [each.film for each in page.films], watchable):
        embed.add_field(name=_("Where to stream"), value=sources)
    weight = session.least_happy_weight
    footer = [_("Predicted stars")] if page.films else []
    if len(session.members) > 1:
        footer.append(_(WEIGHT_LABELS[weight]) if weight in WEIGHT_LABELS else f"{weight}%")
    embed.set_footer(text=" · ".join(footer) or None)
    return with_mentions(Response(embeds=(embed,), view=_group_view(session, page, skip)))


def _describe_members(session: GroupSession, page: GroupPage, names: MemberNames) -> str:
    parts = []
    for member_id in session.members:
        notes = []
        if not page.rating_counts[member_id]:
            notes.append(_("no ratings yet"))
        if page.fairness_debts[member_id] >= MIN_SHOWN_DEBT:
            notes.append(_("compromised last time, counts more"))
        parts.append(names.format(member_id) + (f" ({', '.join(notes)})" if notes else ""))
    return join_list(parts)


def _describe_no_films(watchable: WatchableFilms | None, filters: RecommendationFilters) -> str:
    if watchable is not None:
        return watchable.describe_nothing_found() if watchable.countries else _(NOBODY_HAS_SERVICES)
    if not describe_filters(filters):
        return _("You've all seen every film I know.")
    sentence = _("No films you haven't seen match “{filters}”. Leave out a filter:")
    return sentence.format(filters=describe_filters(filters))


def _describe_film(place: int, group_film: GroupFilm, names: MemberNames, services: str) -> str:
    film = group_film.film
    runtime = f" · {format_runtime(film.runtime)}" if film.runtime else ""
    stars = [_format_stars(group_film, member_id, names.format(member_id)) for member_id in group_film.stars]
    lines = [f"**{place}. {escape_line(film.shown_title, 100)}**{runtime}", " · ".join(stars)]
    if services:
        lines.append(services)
    if len(stars) > 1:
        lines.append(_("Least happy: {member}").format(member=names.format(group_film.least_happy)))
    return "\n".join(lines)


def _format_stars(group_film: GroupFilm, member_id: int, member: str) -> str:
    stars = group_film.stars[member_id]
    if member_id in group_film.rated_by:
        # Translators: what a member gave a film that is proposed to a group, as in “@Mina rated it ★★★½”
        return _("{member} rated it {stars}").format(member=member, stars=format_stars(round(2 * stars)))
    text = _("{member} ★ {stars} (seen)") if member_id in group_film.seen_by else _("{member} ★ {stars}")
    return text.format(member=member, stars=format_decimal(stars))


def _group_view(session: GroupSession, page: GroupPage, skip: int) -> View:
    view = View(GroupMenu(session.id, session.members))
    if len(session.members) > 1:
        view.add_item(WeightMenu(session.id, session.least_happy_weight))
    options = [
        discord.SelectOption(
            label=truncate(clean_line(each.film.shown_title), CHOICE_LENGTH_LIMIT),
            value=each.film.id,
        )
        for each in page.films
    ]
    if options:
        view.add_item(ChooseMenu(session.id, options))
        view.add_item(FilmMenu(options))
    else:
        for place, (part, _fewer) in enumerate(list_removable_filters(session.filters)):
            label = truncate(f"{clean_line(part)} ✕", LABEL_LIMIT)
            view.add_item(DropFilterButton(str(session.id), str(place), label))
    if len(session.members) < MAX_GROUP_SIZE:
        view.add_item(JoinButton(str(session.id)))
    if skip:
        view.add_item(PageButton(str(session.id), "0", _("Start over")))
    if page.has_more:
        view.add_item(PageButton(str(session.id), str(skip + len(page.films)), _("More")))
    return view


async def require_open_session(interaction: discord.Interaction[Any], session_id: int) -> GroupSession:
    """Return an open session that the member who presses may change.

    Raises NotSessionOwnerError, GroupSessionGoneError, GroupSessionClosedError.
    """
    if not is_command_author(interaction):
        raise NotSessionOwnerError
    return await get_service(interaction, GroupSessionService).get_open(require_guild_id(interaction), session_id)


class GroupMenu(MemberMenu, template=r"v1:tonight-who:(?P<session_id>\d{1,18})"):
    """Who is watching."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, session_id: int, member_ids: Sequence[int] = ()) -> None:
        self.session_id = session_id
        kind = discord.SelectDefaultValueType.user
        super().__init__(
            ui.UserSelect(
                custom_id=custom_id("tonight-who", session_id),
                placeholder=_("Who's watching?"),
                min_values=1,
                max_values=MAX_GROUP_SIZE,
                default_values=[discord.SelectDefaultValue(id=each, type=kind) for each in member_ids],
            )
        )

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the session."""
        self.session_id = int(state["session_id"])

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """List films for the members chosen, without bots and those who hide their name from others."""
        session = await require_open_session(interaction, self.session_id)
        member_ids = [member.id for member in self.item.values if not member.bot]
        names = await get_member_names(interaction, member_ids)
        kept = [each for each in member_ids if each == interaction.user.id or not names.is_hidden(each)]
        notes = []
        if len(member_ids) < len(self.item.values):
            notes.append(_("Bots can't join. Choose members."))
        if hidden := len(member_ids) - len(kept):
            notes.append(
                ngettext(
                    "{count} member is private and can't be added.",
                    "{count} members are private and can't be added.",
                    hidden,
                ).format(count=hidden)
            )
        session = await get_service(interaction, GroupSessionService).set_members(session, kept)

        async def build() -> Response:
            response = await render_group_films(interaction, session)
            content = "\n".join(filter(None, (" ".join(notes), response.content)))
            return replace(response, content=content or None)

        await respond_deferred(interaction, build, edit=True)


class JoinButton(Button, template=r"v1:tonight-join:(?P<session_id>\d{1,18})"):
    """Adds the member who presses to those who are watching; anybody may press it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, session_id: str) -> None:
        self.session_id = int(session_id)
        super().__init__(
            ui.Button(
                # Translators: a button under a group's list of films, by which a member joins the group
                label=_("I'm watching too"),
                style=discord.ButtonStyle.primary,
                custom_id=custom_id("tonight-join", session_id),
            )
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """List the films again with that member among those who are watching."""
        sessions = get_service(interaction, GroupSessionService)
        session = await sessions.get_open(require_guild_id(interaction), self.session_id)
        session = await sessions.set_members(session, (*session.members, interaction.user.id))

        async def build() -> Response:
            return await render_group_films(interaction, session)

        await respond_deferred(interaction, build, edit=True)


class _SessionMenu(Menu, template="^$"):
    """A menu under a group's list."""

    acknowledgement = Acknowledgement.EDIT

    session_id: int

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the session."""
        self.session_id = int(state["session_id"])


class WeightMenu(_SessionMenu, template=r"v1:tonight-weight:(?P<session_id>\d{1,18})"):
    """How much the least happy member counts."""

    def __init__(self, session_id: int, weight: int) -> None:
        self.session_id = session_id
        options = [
            discord.SelectOption(label=_(label), value=str(value), default=value == weight)
            for value, label in WEIGHT_LABELS.items()
        ]
        super().__init__(ui.Select(custom_id=custom_id("tonight-weight", session_id), options=options))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """List the films again with that weight."""
        session = await require_open_session(interaction, self.session_id)
        session = await get_service(interaction, GroupSessionService).set_least_happy_weight(
            session, int(self.item.values[0])
        )

        async def build() -> Response:
            return await render_group_films(interaction, session)

        await respond_deferred(interaction, build, edit=True)


class ChooseMenu(_SessionMenu, template=r"v1:tonight-choose:(?P<session_id>\d{1,18})"):
    """Which film the group watches; stored, so that who was outvoted counts more next time."""

    def __init__(self, session_id: int, options: list[discord.SelectOption]) -> None:
        self.session_id = session_id
        super().__init__(
            ui.Select(
                custom_id=custom_id("tonight-choose", session_id),
                options=options,
                placeholder=_("Choose the film"),
            )
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the film, and only then show it."""
        session = await require_open_session(interaction, self.session_id)
        film = await require_film(interaction, self.item.values[0])

        async def build() -> Response:
            return await _choose_film(interaction, session, film)

        await respond_deferred(interaction, build, edit=True)


async def _choose_film(interaction: discord.Interaction[Any], session: GroupSession, film: Film) -> Response:
    sessions = get_service(interaction, GroupSessionService)
    before = await sessions.repository.get_fairness_debts(session.server_id, session.members)
    debts = await get_service(interaction, RecommendationService).compute_fairness_debts(session, film.id, before)
    await sessions.choose_film(session, film.id, debts)
    names = await get_member_names(interaction, session.members)
    embed = discord.Embed(
        title=_("Tonight: {title}").format(title=escape_line_to_fit(film.shown_title, 240)),
        colour=COLOUR,
    )
    lines = [join_list(names.format(member_id) for member_id in session.members)]
    outvoted = sorted((each for each in debts if debts[each] >= MIN_SHOWN_DEBT), key=lambda each: -debts[each])
    if outvoted and len(debts) > 1:
        sentence = ngettext(
            "{members} compromised tonight and counts more next time.",
            "{members} compromised tonight and count more next time.",
            len(outvoted),
        )
        lines.append(sentence.format(members=join_list(names.format(each) for each in outvoted)))
    embed.description = "\n".join(lines)
    buttons = (RateButton(film.id), ReviewsButton(film.id), WatchlistButton(film.id))
    view = View(*buttons, ReopenButton(str(session.id)))
    return with_mentions(Response(embeds=(embed,), view=view))


class DropFilterButton(Button, template=r"v1:tonight-drop:(?P<session_id>\d{1,18}):(?P<place>\d)"):
    """Leaves out one of the filters that no film matches, by its place among them."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, session_id: str, place: str, label: str = "✕") -> None:
        self.session_id, self.place = int(session_id), int(place)
        super().__init__(ui.Button(label=label, custom_id=custom_id("tonight-drop", session_id, place)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """List the films without that filter; one that is gone since changes nothing."""
        session = await require_open_session(interaction, self.session_id)
        for _part, fewer in list_removable_filters(session.filters)[self.place : self.place + 1]:
            session = await get_service(interaction, GroupSessionService).set_filters(session, fewer)

        async def build() -> Response:
            return await render_group_films(interaction, session)

        await respond_deferred(interaction, build, edit=True)


class ReopenButton(Button, template=r"v1:tonight-reopen:(?P<session_id>\d{1,18})"):
    """Takes back which film the group watches, and shows the list again."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, session_id: str) -> None:
        self.session_id = int(session_id)
        # Translators: a button under the film that a group chose, which shows the list to choose from again
        label = _("Choose another film")
        super().__init__(ui.Button(label=label, custom_id=custom_id("tonight-reopen", session_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the list again. Raises NotSessionOwnerError, GroupSessionGoneError."""
        if not is_command_author(interaction):
            raise NotSessionOwnerError
        server_id = require_guild_id(interaction)
        session = await get_service(interaction, GroupSessionService).reopen(server_id, self.session_id)

        async def build() -> Response:
            return await render_group_films(interaction, session)

        await respond_deferred(interaction, build, edit=True)


class PageButton(Button, template=r"v1:tonight-more:(?P<session_id>\d{1,18}):(?P<skip>\d{1,4})"):
    """Another page of films for the group."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, session_id: str, skip: str, label: str = "More") -> None:
        self.session_id = int(session_id)
        self.skip = int(skip)
        super().__init__(ui.Button(label=label, custom_id=custom_id("tonight-more", session_id, skip)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page."""
        session = await require_open_session(interaction, self.session_id)
        await edit_or_respond(interaction, await render_group_films(interaction, session, self.skip), edit=True)


ITEMS = (GroupMenu, JoinButton, WeightMenu, ChooseMenu, PageButton, DropFilterButton, ReopenButton)
