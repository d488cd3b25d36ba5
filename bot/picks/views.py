"""The programme, the history and suggestions as messages with their buttons, and replies to curators."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Response,
    View,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
    respond,
)
from bot.core.discord.error_handler import answer_error, return_input
from bot.core.errors import MarqueeError
from bot.core.paging import clamp_page, count_pages
from bot.core.text.i18n import _, gettext_noop
from bot.films.choice_views import Completion
from bot.films.lists import create_list_view, film_option
from bot.films.local_titles import shown_title
from bot.films.models import Film
from bot.films.service import FilmService
from bot.films.views import CardButton, retry_hint
from bot.members.context import with_mentions
from bot.moderation.automod import require_allowed_words
from bot.picks.change_views import (
    ChangePickMenu,
    NewFilm,
    confirm_in_place,
    format_draft,
    parse_draft,
    render_taken_day,
)
from bot.picks.embeds import (
    PROGRAMME_PAGE_SIZE,
    build_history_embed,
    build_open_suggestion_embed,
    build_own_suggestions_embed,
    build_programme_embed,
    format_planned,
    format_title,
    list_coming,
)
from bot.picks.models import DayTakenError, FeaturedNowError, PickDraft, SuggestionDecidedError, SuggestionState
from bot.picks.permissions import require_curator
from bot.picks.service import PickEngagementService, PickService

PAST_PICKS_SHOWN = 3
DECISION_LABELS = {
    SuggestionState.ACCEPTED: gettext_noop("Accept"),
    SuggestionState.DECLINED: gettext_noop("Decline"),
}


async def render_programme(interaction: discord.Interaction[Any], page: int = 0) -> Response:
    """Return a page of the programme, the last one if there are not so many."""
    server_id = require_guild_id(interaction)
    programme = await get_service(interaction, PickService).repository.get_programme(server_id)
    page_count = count_pages(len(programme.planned), PROGRAMME_PAGE_SIZE)
    page = clamp_page(page, len(programme.planned), PROGRAMME_PAGE_SIZE)
    history = await get_service(interaction, PickEngagementService).repository.get_history(server_id)
    embed = build_programme_embed(programme, history.picks[:PAST_PICKS_SHOWN], page, page_count)
    buttons: list[ui.Item[Any]] = []
    if page > 0:
        buttons.append(ProgrammeButton(str(page - 1), _("Back")))
    if page + 1 < page_count:
        buttons.append(ProgrammeButton(str(page + 1), _("More")))
    first = page * PROGRAMME_PAGE_SIZE
    shown = list_coming(programme)[first : first + PROGRAMME_PAGE_SIZE]
    options = [film_option(pick) for pick in shown]
    current = programme.current if page == 0 else None
    if shown or current is not None:
        buttons.insert(0, ChangePickMenu(current, shown, first + 1))
    return Response(embeds=(embed,), view=create_list_view(interaction, options, *buttons, has_random=False))


async def render_history(interaction: discord.Interaction[Any], page: int = 0) -> Response:
    """Return a page of past picks, the last one if there are not so many."""
    server_id = require_guild_id(interaction)
    history = await get_service(interaction, PickEngagementService).repository.get_history(server_id, page)
    settings = await get_service(interaction, PickService).repository.get_settings(server_id)
    buttons = []
    if history.page > 0:
        buttons.append(HistoryButton(str(history.page - 1), _("Newer")))
    if history.page + 1 < history.page_count:
        buttons.append(HistoryButton(str(history.page + 1), _("Older")))
    options = [film_option(pick) for pick in history.picks]
    view = create_list_view(interaction, options, *buttons)
    return Response(embeds=(build_history_embed(history, settings.rotation.time_zone),), view=view)


async def render_open_suggestions(interaction: discord.Interaction[Any], index: int = 0) -> Response:
    """Return the open suggestion of that index, the last one if there are not so many, for curators."""
    engagement = get_service(interaction, PickEngagementService)
    suggestions = await engagement.repository.list_open_suggestions(require_guild_id(interaction))
    index = min(index, len(suggestions) - 1)
    view = View()
    if suggestions:
        view.add_item(CardButton(suggestions[index].film_id))
        for decision in DECISION_LABELS:
            view.add_item(DecideButton(decision.value, str(suggestions[index].id)))
        if len(suggestions) > 1:
            view.add_item(NextSuggestionButton(str((index + 1) % len(suggestions))))
    return with_mentions(Response(embeds=(build_open_suggestion_embed(suggestions, index),), view=view))


async def render_own_suggestions(interaction: discord.Interaction[Any]) -> Response:
    """Return the member's own suggestions and how they were decided."""
    engagement = get_service(interaction, PickEngagementService)
    suggestions = await engagement.repository.list_suggestions_by(
        require_guild_id(interaction), interaction.user.id
    )
    options = [film_option(each) for each in suggestions]
    view = create_list_view(interaction, options, has_random=False)
    return Response(embeds=(build_own_suggestions_embed(suggestions),), view=view)


class ProgrammeButton(Button, template=r"v1:programme:(?P<page>\d{1,4})"):
    """Shows another page of the programme, to curators."""

    acknowledgement = Acknowledgement.EDIT_IF_BUSY

    def __init__(self, page: str, label: str = "") -> None:
        self.page = int(page)
        super().__init__(ui.Button(label=label or _("More"), custom_id=custom_id("programme", self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page in place: the message is visible only to the member who pressed."""
        await require_curator(interaction)
        await edit_or_respond(interaction, await render_programme(interaction, self.page), edit=True)


class HistoryButton(Button, template=r"v1:featured:(?P<page>\d{1,5})"):
    """Shows another page of past picks."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, page: str, label: str = "Older") -> None:
        self.page = int(page)
        super().__init__(ui.Button(label=label or _("More"), custom_id=custom_id("featured", self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member whose command it was, and show it privately to others."""
        await edit_or_respond(
            interaction, await render_history(interaction, self.page), edit=can_edit_message(interaction)
        )


class DecideButton(Button, template=r"v1:suggested:(?P<decision>taken|declined):(?P<suggestion_id>\d{1,18})"):
    """Accepts or declines a suggestion."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, decision: str, suggestion_id: str) -> None:
        self.decision = SuggestionState(decision)
        self.suggestion_id = int(suggestion_id)
        is_accepting = self.decision is SuggestionState.ACCEPTED
        button: ui.Button[Any] = ui.Button(
            label=_(DECISION_LABELS[self.decision]),
            style=discord.ButtonStyle.success if is_accepting else discord.ButtonStyle.secondary,
            custom_id=custom_id("suggested", decision, suggestion_id),
        )
        super().__init__(button)

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True. Raises NotCuratorError if the member may not curate."""
        await require_curator(interaction)
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Decide the suggestion and show the next open one, also where another curator has decided it."""
        server_id = require_guild_id(interaction)
        engagement = get_service(interaction, PickEngagementService)
        try:
            suggestion = await engagement.decide(server_id, self.suggestion_id, self.decision)
        except SuggestionDecidedError as error:
            await edit_or_respond(interaction, await render_open_suggestions(interaction), edit=True)
            await respond(interaction, Response(str(error)), ephemeral=True)
            return
        interaction.client.dispatch("picks_changed", server_id)
        await edit_or_respond(interaction, await render_open_suggestions(interaction), edit=True)
        sentence = (
            _("Added {title} to the queue.")
            if suggestion.state is SuggestionState.ACCEPTED
            else _("Declined {title}.")
        ).format(title=format_title(suggestion))
        view = View(UndoDecisionButton(str(suggestion.id), str(suggestion.pick_id or 0)))
        await respond(interaction, Response(sentence, view=view), ephemeral=True)


class UndoDecisionButton(Button, template=r"v1:suggested-undo:(?P<suggestion_id>\d{1,18}):(?P<pick_id>\d{1,18})"):
    """Opens a suggestion again that was accepted or declined."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, suggestion_id: str, pick_id: str) -> None:
        self.suggestion_id, self.pick_id = int(suggestion_id), int(pick_id) or None
        item = custom_id("suggested-undo", suggestion_id, pick_id)
        super().__init__(ui.Button(label=_("Undo"), custom_id=item))

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Let curators alone decide."""
        await require_curator(interaction)
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open it again, and show it in place of the confirmation."""
        server_id = require_guild_id(interaction)
        engagement = get_service(interaction, PickEngagementService)
        undone = await engagement.undo_decision(server_id, self.suggestion_id, self.pick_id)
        interaction.client.dispatch("picks_changed", server_id)
        suggestions = await engagement.repository.list_open_suggestions(server_id)
        films = [each.film_id for each in suggestions]
        index = films.index(undone.film_id) if undone.film_id in films else 0
        await edit_or_respond(interaction, await render_open_suggestions(interaction, index), edit=True)


class NextSuggestionButton(Button, template=r"v1:suggestions:(?P<index>\d{1,3})"):
    """Shows the next open suggestion."""

    acknowledgement = Acknowledgement.EDIT_IF_BUSY

    def __init__(self, index: str) -> None:
        self.index = int(index)
        super().__init__(ui.Button(label=_("Next"), custom_id=custom_id("suggestions", index)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in place."""
        await require_curator(interaction)
        await edit_or_respond(interaction, await render_open_suggestions(interaction, self.index), edit=True)


async def add_pick(interaction: discord.Interaction[Any], draft: PickDraft, film: Film) -> Response:
    """Plan the film as a pick, and return the confirmation. Raises what `PickService.add` raises."""
    server_id = require_guild_id(interaction)
    picks = get_service(interaction, PickService)
    pick = await picks.add(server_id, draft.for_film(film.id, interaction.user.id))
    return Response(format_planned(pick, await picks.repository.get_programme(server_id)))


def describe_draft(draft: PickDraft) -> Completion:
    """Return how to plan the pick once its film is known."""
    return Completion("pick-add", format_draft(draft), draft.note)


async def _complete_pick(
    interaction: discord.Interaction[Any], film: Film, completion: Completion
) -> Response | None:
    """Plan the film that a curator chose, as `describe_draft` put the rest."""
    await require_curator(interaction)
    draft = parse_draft(completion.details, completion.typed)
    try:
        response = await add_pick(interaction, draft, film)
    except DayTakenError as error:
        return render_taken_day(error, NewFilm(film, draft))
    await confirm_in_place(interaction, response)
    return None


async def suggest_film(interaction: discord.Interaction[Any], film: Film, reason: str) -> Response:
    """Store the member's suggestion, and return the confirmation.

    Raises FeaturedNowError, RefusedWordsError, and what `PickEngagementService.suggest` raises.
    """
    await require_allowed_words(interaction, reason)
    server_id = require_guild_id(interaction)
    current = (await get_service(interaction, PickService).repository.get_programme(server_id)).current
    if current is not None and current.film_id == film.id:
        raise FeaturedNowError
    suggestion = await get_service(interaction, PickEngagementService).suggest(
        server_id, interaction.user.id, film.id, reason
    )
    sentence = (
        _("Someone already suggested {title}, so I added your support.")
        if suggestion.supporter_ids
        else _("Suggested {title}. Use `/suggestions` to see what happens to it.")
    )
    return Response(sentence.format(title=format_title(suggestion)))


async def _complete_suggestion(
    interaction: discord.Interaction[Any], film: Film, completion: Completion
) -> Response | None:
    """Suggest the film that a member chose."""
    return await suggest_film(interaction, film, completion.typed)


COMPLETIONS = {"pick-add": _complete_pick, "suggest": _complete_suggestion}
"""What is done with a film that a member chooses where a command's text left it open."""


@asynccontextmanager
async def answer_errors_with_options(
    interaction: discord.Interaction[Any], options: Mapping[str, object]
) -> AsyncIterator[None]:
    """Answer an expected error raised inside, with the command's options as they were typed, to be copied."""
    try:
        yield
    except MarqueeError as error:
        await answer_error(interaction, error, _format_options(interaction, options))


def render_retry(interaction: discord.Interaction[Any], options: Mapping[str, object]) -> Response:
    """Return how to go on where no film matches, with the command's options as they were typed, to be copied."""
    return return_input(retry_hint(), _format_options(interaction, options))


def _format_options(interaction: discord.Interaction[Any], options: Mapping[str, object]) -> str:
    """Return the options as they were typed: a film's id, which autocomplete fills in, as its title.

    Ids of picks and series are left out: nobody typed them.
    """
    lines = []
    for name, value in options.items():
        text = "" if value is None else str(value)
        if name == "film" and (entry := get_service(interaction, FilmService).index.get(text)) is not None:
            text = shown_title(entry)
        if text and not (name in ("pick", "series") and text.isdigit()):
            lines.append(f"{name}: {text}")
    return "\n".join(lines)


ITEMS = (
    ProgrammeButton,
    HistoryButton,
    DecideButton,
    NextSuggestionButton,
    UndoDecisionButton,
)
