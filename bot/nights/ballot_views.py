"""The ballot: a private message with a button for each film, changed until the ballot closes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui
from discord.utils import format_dt

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    Response,
    View,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
)
from bot.core.text.cldr import format_decimal
from bot.core.text.formatting import clean_line, escape_line, format_runtime, join_limited, truncate
from bot.core.text.i18n import _, ngettext
from bot.films.lists import film_option
from bot.films.local_titles import shown_title
from bot.films.views import CardButton, FilmMenu
from bot.members.service import PreferenceService
from bot.nights.ballots import BallotMethod
from bot.nights.embeds import warnings_link
from bot.nights.models import Answer, BallotClosedError, NightSnapshot, NightState, NominationGoneError
from bot.nights.service import NightService
from bot.recommendations.service import RecommendationService
from bot.streaming.service import SubscriptionService

TITLE_LIMIT = 60
"""Characters of a film's title on its button."""
MEMBERS_LOOKED_AT = 25
"""Members who come, of whom it is known what they have seen and can stream."""
MIN_SHOWN_DEBT = 0.05
BUTTONS_ABOVE_MENU = 20
"""Buttons of a ballot that leave a row of the message for a menu."""


@dataclass(frozen=True, slots=True)
class _Insights:
    """What is known of the nominees: for the voter alone stars, seen and services, and for all how many of those
    who come can stream them and have seen them."""

    stars: Mapping[str, float]
    seen: frozenset[str]
    services: Mapping[str, Sequence[str]]
    streaming_counts: Mapping[str, int]
    seen_counts: Mapping[str, int]


async def _gather_insights(interaction: discord.Interaction[Any], snapshot: NightSnapshot) -> _Insights:
    server_id, voter = require_guild_id(interaction), interaction.user.id
    film_ids = [each.film_id for each in snapshot.standing]
    coming = snapshot.list_members(Answer.YES)[:MEMBERS_LOOKED_AT]
    members = list(dict.fromkeys([voter, *coming]))
    predictions = await get_service(interaction, RecommendationService).predict_stars(server_id, members, film_ids)
    subscriptions, preferences = (
        get_service(interaction, SubscriptionService),
        get_service(interaction, PreferenceService),
    )
    streaming_counts: Counter[str] = Counter()
    services: Mapping[str, Sequence[str]] = {}
    for member_id in members:
        country = await preferences.get_country_code(member_id, server_id)
        if country is None:
            continue
        if member_id == voter:
            services = await subscriptions.list_services_by_film({voter: country})
        if member_id in coming:
            streaming_counts.update(await subscriptions.list_watchable_films(member_id, country, film_ids))
    seen_counts = Counter(film_id for member_id in coming for film_id in predictions[member_id].seen)
    mine = predictions[voter]
    return _Insights(mine.stars, mine.seen, services, streaming_counts, seen_counts)


async def render_ballot(interaction: discord.Interaction[Any], night_id: int) -> Response:
    """Return the member's ballot, for them alone. Raises NightGoneError, BallotClosedError."""
    nights = get_service(interaction, NightService)
    server_id, member_id = require_guild_id(interaction), interaction.user.id
    snapshot = await nights.repository.get_snapshot(server_id, night_id)
    if snapshot.night.state is not NightState.VOTING:
        raise BallotClosedError
    if snapshot.night.method is BallotMethod.BLIND:
        return await _render_blind_round(interaction, snapshot)
    choices = await nights.choices.get_choices(night_id, member_id)
    insights = await _gather_insights(interaction, snapshot)
    embed = discord.Embed(
        title=_("Your ballot for {name}").format(name=escape_line(snapshot.night.name, 200)), colour=COLOUR
    )
    blocks = [_describe_how_to_vote(snapshot)]
    debt = await nights.choices.get_fairness_debt(server_id, member_id)
    if debt >= MIN_SHOWN_DEBT:
        blocks.append(_describe_debt(snapshot, debt))
    blocks += [_describe_nominee(each.film_id, snapshot, insights) for each in snapshot.standing]
    embed.description = join_limited(blocks, 3_900, "\n\n")
    embed.set_footer(text=_("★ is your predicted rating. Only you can see this."))
    return Response(
        describe_choices(snapshot, choices),
        embeds=(embed,),
        view=_create_view(snapshot, choices),
        is_ephemeral=True,
    )


async def _render_blind_round(interaction: discord.Interaction[Any], snapshot: NightSnapshot) -> Response:
    """Return the next film that the member has not answered, or what they answered once there is none."""
    nights, night = get_service(interaction, NightService), snapshot.night
    answers = await nights.choices.get_answers(night.id, interaction.user.id)
    answered = {*answers.accepted, *answers.declined}
    left = [each for each in snapshot.standing if each.film_id not in answered]
    embed = discord.Embed(
        title=_("Blind round for {name}").format(name=escape_line(night.name, 200)), colour=COLOUR
    )
    view = View()
    if left:
        insights = await _gather_insights(interaction, snapshot)
        place = _("Film {place} of {count}").format(
            place=len(snapshot.standing) - len(left) + 1, count=len(snapshot.standing)
        )
        how = _("Would you watch it? Nobody sees your answers. If everyone says yes to a film, it's a match.")
        embed.description = f"{how}\n\n{_describe_nominee(left[0].film_id, snapshot, insights)}"
        embed.set_footer(text=place)
        for answer in ("yes", "no"):
            view.add_item(BlindButton(str(night.id), str(left[0].id), answer))
        view.add_item(CardButton(left[0].film_id))
    else:
        embed.description = describe_choices(snapshot, answers.accepted)
        closes_at = night.ballot_closes_at or night.starts_at
        embed.description += "\n" + _("You've answered every film. The round closes {time}.").format(
            time=format_dt(closes_at, "R")
        )
    if answered:
        view.add_item(ClearButton(str(night.id)))
    return Response(embeds=(embed,), view=view, is_ephemeral=True)


def _describe_how_to_vote(snapshot: NightSnapshot) -> str:
    method = snapshot.night.method
    if method.is_ranked:
        how = _("Press the films in order, favourite first. Press one again to remove it.")
    elif method is BallotMethod.APPROVAL:
        how = _("Press every film you'd watch. Press one again to remove it.")
    else:
        how = _("Press the film you want to watch.")
    closes_at = snapshot.night.ballot_closes_at or snapshot.night.starts_at
    until = _("You can change it until {time}.").format(time=format_dt(closes_at, "f"))
    return f"{how} {until}"


def _describe_debt(snapshot: NightSnapshot, debt: float) -> str:
    if snapshot.night.is_weighted:
        times = format_decimal(min(2.0, 1 + debt))
        return _("You were outvoted before, so your ballot counts {times} times.").format(times=times)
    return _("You were outvoted before, so a tie goes your way.")


def _describe_nominee(film_id: str, snapshot: NightSnapshot, insights: _Insights) -> str:
    nomination = next(each for each in snapshot.standing if each.film_id == film_id)
    first = [f"**{escape_line(shown_title(nomination), 80)}**"]
    if nomination.runtime:
        first.append(format_runtime(nomination.runtime))
    if film_id in insights.stars:
        first.append(f"★ {format_decimal(insights.stars[film_id])}")
    if film_id in insights.seen:
        first.append(_("you've seen it"))
    second = []
    if film_id in insights.services:
        names = join_limited([escape_line(name, 40) for name in insights.services[film_id]], 100)
        second.append(_("On {services}").format(services=names))
    if count := insights.streaming_counts.get(film_id, 0):
        second.append(ngettext("{count} can stream it", "{count} can stream it", count).format(count=count))
    if count := insights.seen_counts.get(film_id, 0):
        second.append(ngettext("{count} has seen it", "{count} have seen it", count).format(count=count))
    second.append(_("[Content warnings]({url})").format(url=warnings_link(nomination.title)))
    lines = [" · ".join(first), " · ".join(second)]
    if nomination.reason:
        lines.append(f"> {escape_line(nomination.reason, 150)}")
    return "\n".join(lines)


def describe_choices(snapshot: NightSnapshot, choices: Sequence[str]) -> str:
    """Return what is on a ballot, in words."""
    titles = {each.film_id: escape_line(shown_title(each), 80) for each in snapshot.standing}
    named = [titles[film_id] for film_id in choices if film_id in titles]
    if not named:
        return _("Your ballot is empty.")
    if snapshot.night.method.is_ranked:
        named = [f"{place}. {title}" for place, title in enumerate(named, start=1)]
    return _("Saved: {films}").format(films=join_limited([f"**{each}**" for each in named], 1_500))


def _create_view(snapshot: NightSnapshot, choices: Sequence[str]) -> View:
    """Return a button for each film, those chosen with their place, and one that empties the ballot."""
    night, view = snapshot.night, View()
    for each in snapshot.standing:
        title = truncate(clean_line(shown_title(each)), TITLE_LIMIT)
        is_chosen = each.film_id in choices
        if is_chosen:
            mark = f"{choices.index(each.film_id) + 1}." if night.method.is_ranked else "✓"
            title = f"{mark} {title}"
        view.add_item(ChoiceButton(str(night.id), str(each.id), title, is_chosen=is_chosen))
    if choices:
        view.add_item(ClearButton(str(night.id)))
    if len(view.children) <= BUTTONS_ABOVE_MENU:
        view.add_item(FilmMenu([film_option(each) for each in snapshot.standing]))
    return view


async def _show_choices(interaction: discord.Interaction[Any], night_id: int, choices: Sequence[str]) -> None:
    """Show the ballot as it is now in place of the message that was pressed; what it says of the films stays."""
    snapshot = await get_service(interaction, NightService).repository.get_snapshot(
        require_guild_id(interaction), night_id
    )
    if snapshot.night.method is BallotMethod.BLIND:
        await edit_or_respond(interaction, await _render_blind_round(interaction, snapshot), edit=True)
        return
    await interaction.edit_original_response(
        content=describe_choices(snapshot, choices), view=_create_view(snapshot, choices)
    )


class VoteButton(Button, template=r"v1:night-vote:(?P<night_id>\d{1,18})"):
    """Opens the member's ballot."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, night_id: str) -> None:
        self.night_id = int(night_id)
        style = discord.ButtonStyle.primary
        super().__init__(
            ui.Button(label=_("Vote"), style=style, custom_id=custom_id("night-vote", night_id), row=1)
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the ballot, for the member alone."""
        response = await render_ballot(interaction, self.night_id)
        await interaction.followup.send(**response.as_reply())


class ChoiceButton(Button, template=r"v1:night-choose:(?P<night_id>\d{1,18}):(?P<nomination_id>\d{1,18})"):
    """Puts a film on the ballot of the member who presses, or takes it off."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: str, nomination_id: str, label: str = "…", *, is_chosen: bool = False) -> None:
        self.night_id = int(night_id)
        self.nomination_id = int(nomination_id)
        style = discord.ButtonStyle.success if is_chosen else discord.ButtonStyle.secondary
        item = custom_id("night-choose", night_id, nomination_id)
        super().__init__(ui.Button(label=label, style=style, custom_id=item))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the press and show the ballot."""
        nights, server_id = get_service(interaction, NightService), require_guild_id(interaction)
        snapshot = await nights.repository.get_snapshot(server_id, self.night_id)
        film_id = _require_nominated_film(snapshot, self.nomination_id)
        choices = await nights.press_choice(server_id, self.night_id, interaction.user.id, film_id)
        await _show_choices(interaction, self.night_id, choices)


def _require_nominated_film(snapshot: NightSnapshot, nomination_id: int) -> str:
    """Return the id of the film nominated. Raises NominationGoneError if the nomination no longer stands."""
    for nomination in snapshot.standing:
        if nomination.id == nomination_id:
            return nomination.film_id
    raise NominationGoneError


class ClearButton(Button, template=r"v1:night-clear:(?P<night_id>\d{1,18})"):
    """Takes everything off the ballot of the member who presses."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: str) -> None:
        self.night_id = int(night_id)
        style = discord.ButtonStyle.danger
        super().__init__(
            ui.Button(label=_("Start over"), style=style, custom_id=custom_id("night-clear", night_id))
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Empty the ballot."""
        nights = get_service(interaction, NightService)
        await nights.clear_ballot(require_guild_id(interaction), self.night_id, interaction.user.id)
        await _show_choices(interaction, self.night_id, ())


class BlindButton(
    Button, template=r"v1:night-blind:(?P<night_id>\d{1,18}):(?P<nomination_id>\d{1,18}):(?P<answer>yes|no)"
):
    """Says whether the member who presses would watch a film, in a blind round."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: str, nomination_id: str, answer: str) -> None:
        self.night_id, self.nomination_id = int(night_id), int(nomination_id)
        self.accepts = answer == "yes"
        style = discord.ButtonStyle.success if self.accepts else discord.ButtonStyle.secondary
        label = _("Yes") if self.accepts else _("No")
        item = custom_id("night-blind", night_id, nomination_id, answer)
        super().__init__(ui.Button(label=label, style=style, custom_id=item))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the answer and show the next film; a match has the scheduler close the round."""
        nights, server_id = get_service(interaction, NightService), require_guild_id(interaction)
        snapshot = await nights.repository.get_snapshot(server_id, self.night_id)
        film_id = _require_nominated_film(snapshot, self.nomination_id)
        await nights.answer_blindly(server_id, self.night_id, interaction.user.id, film_id, accepts=self.accepts)
        interaction.client.dispatch("nights_changed", server_id)
        await edit_or_respond(interaction, await _render_blind_round(interaction, snapshot), edit=True)


ITEMS = (VoteButton, ChoiceButton, ClearButton, BlindButton)
