"""Answers as messages, with a button for each part of what was understood and for what can be done with a film."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.conversation.models import (
    Action,
    Answer,
    OthersConversationError,
    Question,
    ReasonKind,
    Suggestion,
    TextKind,
)
from bot.conversation.service import Asker, ConversationService, part_key
from bot.conversation.wording import (
    describe_answer,
    describe_language_limit,
    describe_part,
    describe_question,
    describe_reason,
    describe_what_i_can,
)
from bot.core.discord import (
    Acknowledgement,
    Button,
    LayoutView,
    Response,
    custom_id,
    get_service,
    is_direct_message,
    use_reply_language,
)
from bot.core.text.cldr import format_decimal
from bot.core.text.formatting import clean_line, escape_line, format_runtime, truncate, with_year
from bot.core.text.i18n import _
from bot.films.local_titles import known_title
from bot.films.service import FilmService
from bot.films.views import CardButton
from bot.members.service import PreferenceService
from bot.recommendations.views import DismissButton, SeenButton
from bot.streaming.embeds import describe_availability, describe_no_offers, offers_heading
from bot.watchlists.service import WatchlistService
from bot.watchlists.views import WatchlistButton

FILMS_IN_CHANNEL = 3
"""Films of an answer that everybody sees; others show as many as were found."""
CHIPS_IN_ROW, COMPONENTS_LIMIT = 5, 40
CHIP_LIMIT = 40
"""Characters of a chip's label."""
FILM_TEXT_LIMIT, HEADING_LIMIT = 500, 900
"""Characters that keep five films inside a message's 4,000."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an answer is shown: whether everybody sees it, and whether it is in a server."""

    is_public: bool
    is_in_server: bool


async def render_answer(answer: Answer, asker: Asker, services: "AnswerServices", setting: Setting) -> Response:
    """Return the message that answers, with whatever the member asked to be done already done."""
    understood = answer.understood
    if understood.action is Action.FORGET:
        return _text(_("Starting over. What would you like to watch?"))
    if understood.kind is TextKind.OFF_TOPIC and not answer.films:
        return _text("\n".join(filter(None, (describe_what_i_can(), describe_language_limit()))))
    heading = await _describe_action(answer, asker, services)
    limit = FILMS_IN_CHANNEL if setting.is_public else len(answer.films)
    titles = {
        film_id: known_title(film_id, entry.title)
        for film_id in understood.request.like
        if (entry := services.films.index.get(film_id)) is not None
    }
    return Response(view=_build_layout(answer, asker, heading, titles, setting, limit))


@dataclass(frozen=True, slots=True)
class AnswerServices:
    """What rendering an answer needs besides the answer."""

    films: FilmService
    watchlists: WatchlistService
    preferences: PreferenceService


def _text(text: str) -> Response:
    return Response(view=LayoutView(ui.TextDisplay(text)))


async def _describe_action(answer: Answer, asker: Asker, services: AnswerServices) -> str:
    """Return what came of what the member wanted done with one of the films; "" where it was nothing."""
    action = answer.understood.action
    if action not in (Action.WATCH, Action.ADD_TO_WATCHLIST) or not answer.films:
        return ""
    film = await services.films.require(answer.films[0].film.id)
    if action is Action.WATCH:
        country = await services.preferences.get_country_code(asker.member_id, asker.server_id)
        offers = describe_availability(film, country) or describe_no_offers()
        where = f"**{offers_heading(country)}**\n{offers}"
        more = _("Open the film to see all services.")
        return f"{where}\n-# {more}"
    if asker.server_id is None:
        return _("Your watchlist belongs to a server. Add the film there.")
    is_new = await services.watchlists.add_film(asker.server_id, asker.member_id, film.id)
    title = escape_line(film.shown_title, 200)
    if is_new:
        return _("Added **{title}** to your watchlist.").format(title=title)
    return _("**{title}** is already on your watchlist.").format(title=title)


def _build_layout(
    answer: Answer, asker: Asker, heading: str, titles: dict[str, str], setting: Setting, limit: int
) -> LayoutView:
    films = answer.films[:limit]
    items: list[ui.Item[Any]] = []
    is_limited = answer.understood.kind is TextKind.DESCRIPTION or answer.understood.is_foreign
    language_note = describe_language_limit() if is_limited else ""
    text = heading or describe_heading(answer, titles)
    if text:
        items.append(ui.TextDisplay(truncate(text, HEADING_LIMIT)))
    for each in films:
        items.append(ui.TextDisplay(_describe_film(each, shows_stars=not setting.is_public)))
        buttons: list[Button] = [CardButton(each.film.id)]
        if setting.is_in_server:
            film_id = each.film.id
            buttons += [WatchlistButton(film_id), SeenButton(film_id), DismissButton(film_id)]
        items.append(ui.ActionRow(*buttons))
    if answer.question is not None and answer.understood.kind is TextKind.DESCRIPTION:
        question = escape_line(describe_question(answer.question), HEADING_LIMIT)
        items.append(ui.TextDisplay(question))
        items.append(ui.ActionRow(*_answer_buttons(answer.question, asker)))
    elif films or answer.understood.kind is TextKind.REQUEST:
        items += _chip_rows(answer, asker, titles, used=_count_components(items) + bool(language_note))
    if not items:
        items.append(
            ui.TextDisplay(_("I don't know a film that matches that. Add a detail, or ask for something else."))
        )
    if language_note:
        items.append(ui.TextDisplay(language_note))
    return LayoutView(*items)


def describe_heading(answer: Answer, titles: dict[str, str]) -> str:
    """Return the text above the films; what a member typed is in it, escaped."""
    lines = [escape_line(line, HEADING_LIMIT) for line in describe_answer(answer, titles).splitlines()]
    if lines and answer.films and answer.understood.request.parts():
        lines[0] = f"**{lines[0][:1].upper()}{lines[0][1:]}**"
    return "\n".join(lines)


def _describe_film(suggestion: Suggestion, *, shows_stars: bool) -> str:
    film = suggestion.film
    stars = f" · ★ {format_decimal(suggestion.stars)}" if shows_stars and suggestion.stars is not None else ""
    is_length_told = suggestion.reason.kind is ReasonKind.FITS and bool(film.countries)
    runtime = format_runtime(film.runtime) if film.runtime and not is_length_told else ""
    facts = [runtime, *film.directors[:2]]
    lines = [
        f"**{escape_line(with_year(known_title(film.id, film.title), film.year), 150)}**{stars}",
        escape_line(" · ".join(fact for fact in facts if fact), 120),
        f"-# {escape_line(describe_reason(suggestion.reason, film), 220)}",
    ]
    return truncate("\n".join(line for line in lines if line), FILM_TEXT_LIMIT)


def _count_components(items: list[ui.Item[Any]]) -> int:
    """Return how many components a layout of these items has, with the container round them."""
    return 1 + sum(1 + len(item.children) if isinstance(item, ui.ActionRow) else 1 for item in items)


def _chip_rows(answer: Answer, asker: Asker, titles: dict[str, str], *, used: int) -> list[ui.Item[Any]]:
    """Return the parts of the request as buttons that take them out, and “More”, as many as have room."""
    request = answer.understood.request
    buttons: list[Button] = []
    if answer.understood.kind is TextKind.REQUEST:
        for part in request.parts():
            label = truncate(clean_line(describe_part(part, request, titles)), CHIP_LIMIT)
            buttons.append(ChipButton(str(asker.member_id), part_key(part), f"{label} ✕"))
    if answer.fit_count > len(answer.films) or answer.understood.kind is TextKind.DESCRIPTION:
        buttons.append(MoreFilmsButton(str(asker.member_id)))
    rows: list[ui.Item[Any]] = []
    while buttons:
        row, buttons = buttons[:CHIPS_IN_ROW], buttons[CHIPS_IN_ROW:]
        room = COMPONENTS_LIMIT - used - 1
        if room < 1:
            break
        rows.append(ui.ActionRow(*row[:room]))
        used += 1 + len(row[:room])
    return rows


def _answer_buttons(question: Question, asker: Asker) -> tuple[Button, Button]:
    state = (str(asker.member_id), question.field, question.value)
    return QuestionButton("y", *state), QuestionButton("n", *state)


def get_asker(interaction: discord.Interaction[Any]) -> Asker:
    """Return who uses a command or button, and where."""
    return Asker(interaction.user.id, interaction.channel_id or 0, interaction.guild_id)


async def render_for(interaction: discord.Interaction[Any], answer: Answer, *, is_public: bool) -> Response:
    """Return the message that answers the member who uses a command or button."""
    services = AnswerServices(
        get_service(interaction, FilmService),
        get_service(interaction, WatchlistService),
        get_service(interaction, PreferenceService),
    )
    setting = Setting(is_public, interaction.guild_id is not None)
    return await render_answer(answer, get_asker(interaction), services, setting)


class _ConversationButton(Button, template="^$"):
    """A button of a conversation, for the member alone whose it is. Its message changes."""

    acknowledgement = Acknowledgement.EDIT
    member_id: str

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True for the member who asked. Raises OthersConversationError for others."""
        if interaction.user.id != int(self.member_id):
            raise OthersConversationError
        return True

    async def show(
        self, interaction: discord.Interaction[Any], ask: Callable[[Asker], Coroutine[Any, Any, Answer]]
    ) -> None:
        """Put the answer in place of the message."""
        answer = await ask(get_asker(interaction))
        is_public = interaction.message is not None and not interaction.message.flags.ephemeral
        is_public = is_public and not is_direct_message(interaction)
        use_reply_language(interaction, edit=True)
        response = await render_for(interaction, answer, is_public=is_public)
        await interaction.edit_original_response(**response.as_edit())


class ChipButton(
    _ConversationButton, template=r"v1:ask-without:(?P<member_id>[0-8]?\d{1,18}):(?P<key>[0-9a-f]{8})"
):
    """One part of what was understood; a press takes it out."""

    def __init__(self, member_id: str, key: str, label: str = "✕") -> None:
        self.member_id = member_id
        self.key = key
        super().__init__(ui.Button(label=label, custom_id=custom_id("ask-without", member_id, key)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Answer without that part."""
        service = get_service(interaction, ConversationService)
        await self.show(interaction, lambda asker: service.remove_part(self.key, asker))


class MoreFilmsButton(_ConversationButton, template=r"v1:ask-more:(?P<member_id>[0-8]?\d{1,18})"):
    """Further films for the same request."""

    def __init__(self, member_id: str) -> None:
        self.member_id = member_id
        super().__init__(
            ui.Button(
                label=_("More"),
                style=discord.ButtonStyle.primary,
                custom_id=custom_id("ask-more", member_id),
            )
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show them."""
        await self.show(interaction, get_service(interaction, ConversationService).show_more)


class QuestionButton(
    _ConversationButton,
    template=r"v1:ask-answer:(?P<answer>[yn]):(?P<member_id>[0-8]?\d{1,18}):(?P<field>[a-z]+):(?P<value>.+)",
):
    """“Yes” or “No” to a question about the film described."""

    def __init__(self, answer: str, member_id: str, field: str, value: str) -> None:
        self.answer = answer
        self.member_id = member_id
        self.field = field
        self.value = value
        label = _("Yes") if answer == "y" else _("No")
        state = custom_id("ask-answer", answer, member_id, field, value)
        super().__init__(ui.Button(label=label, custom_id=state))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the films that fit the answer best."""
        service = get_service(interaction, ConversationService)
        is_yes = self.answer == "y"
        await self.show(interaction, lambda asker: service.answer_question(self.field, self.value, is_yes, asker))


ITEMS = (ChipButton, MoreFilmsButton, QuestionButton)
