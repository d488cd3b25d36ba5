"""The card of a night with its buttons: who comes, nominations, the ballot, and stars after the film."""

import asyncio
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Response,
    View,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
    respond,
    use_member_language,
    use_reply_language,
)
from bot.core.errors import InvalidInputError
from bot.core.images.title_card import FILENAME
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _
from bot.films.card import TMDB_NOTICE, create_film_title_card
from bot.films.lists import film_option
from bot.films.metadata_service import MetadataService
from bot.films.models import FilmGoneError
from bot.films.service import FilmService
from bot.films.views import CardButton, FilmMenu, require_film
from bot.members.context import MemberNames, refresh_members, remember_language, with_mentions
from bot.members.service import PrivacyService
from bot.nights.ballot_views import VoteButton
from bot.nights.embeds import build_card_embed, describe_reminders
from bot.nights.models import Answer, Night, NightSnapshot, NightState, Rsvp
from bot.nights.nomination_views import CommonButton, NominateButton, NominationsButton
from bot.nights.permissions import may_create_events
from bot.nights.poll_views import DayButton, PassButton
from bot.nights.service import NightService
from bot.picks.embeds import get_guild_colour
from bot.picks.rotation import to_local
from bot.reviews.embeds import describe_saved
from bot.reviews.models import Draft
from bot.reviews.rating_views import RateButton
from bot.reviews.service import ReviewService
from bot.reviews.stars import MAX_HALF_STARS, MIN_HALF_STARS, format_stars


class NightCard:
    """Renders the cards of nights."""

    def __init__(self, *, films: FilmService, metadata: MetadataService, privacy: PrivacyService) -> None:
        self._films = films
        self._metadata = metadata
        self._privacy = privacy

    async def render(
        self, guild: discord.Guild, snapshot: NightSnapshot, message: discord.Message | None = None
    ) -> Response:
        """Return the night's card; `message` is the message that it replaces, if any.

        Once the film is chosen the picture is its poster if that is known, else a drawn title card.
        """
        night = snapshot.night
        members = {rsvp.member_id for rsvp in snapshot.rsvps}
        members |= {each.member_id for each in snapshot.nominations if each.member_id is not None}
        members |= {each for each in (night.host_id, night.turn_member_id) if each is not None}
        names = MemberNames(await self._privacy.list_privacy(members))
        embed = build_card_embed(snapshot, names, missing=list_missing_rights(guild, night))
        film = await self._films.repository.get(night.film_id) if night.film_id is not None else None
        files: tuple[discord.File, ...] = ()
        kept: tuple[discord.Attachment, ...] = ()
        if film is not None and night.state is not NightState.CANCELLED:
            metadata = await self._metadata.get_cached(film)
            if metadata is not None and metadata.details is not None and metadata.details.poster:
                embed.set_image(url=metadata.details.poster)
                embed.set_footer(text=TMDB_NOTICE)
            else:
                # The name says which film is drawn: a card from before the host picked another is not kept.
                filename = f"{film.id}-{FILENAME}"
                embed.set_image(url=f"attachment://{filename}")
                if message is not None:
                    kept = tuple(each for each in message.attachments if each.filename == filename)
                if not kept:
                    file = await asyncio.to_thread(create_film_title_card, film, get_guild_colour(guild))
                    file.filename = filename
                    files = (file,)
        response = Response(
            embeds=(embed,),
            view=create_card_view(snapshot),
            files=files,
            kept_attachments=kept,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        return with_mentions(response)


def list_missing_rights(guild: discord.Guild, night: Night) -> list[str]:
    """Return sentences about what Marquee can't do for the night because it lacks a permission."""
    if night.state.is_open and not may_create_events(guild):
        return [_("I can't add this night to the server's events. Allow me: Create Events.")]
    return []


def create_card_view(snapshot: NightSnapshot) -> View:
    """Return the buttons of the night's card."""
    night, view = snapshot.night, View()
    night_id = str(night.id)
    if night.state is NightState.POLLING:
        view.add_item(DayButton(night_id))
    elif night.state.is_open or night.state is NightState.RUNNING:
        for answer in Answer:
            view.add_item(RsvpButton(night_id, answer.value))
    if night.state is NightState.CHOOSING:
        view.add_item(NominateButton(night_id, _("Choose the film")))
        view.add_item(CommonButton(night_id))
        view.add_item(PassButton(night_id))
    elif night.takes_nominations:
        view.add_item(NominateButton(night_id))
        view.add_item(CommonButton(night_id))
        view.add_item(NominationsButton(night_id))
    elif night.state is NightState.VOTING:
        view.add_item(VoteButton(night_id))
        view.add_item(NominationsButton(night_id))
    elif night.state is NightState.ENDED and night.film_id is not None:
        view.add_item(RateButton(night.film_id))
    if night.film_id is not None and night.state is not NightState.CANCELLED:
        film = CardButton(night.film_id)
        film.row = 1
        view.add_item(film)
    elif (night.takes_nominations or night.state is NightState.VOTING) and snapshot.standing:
        view.add_item(FilmMenu([film_option(each) for each in snapshot.standing]))
    return view


def _answer_label(answer: Answer) -> str:
    if answer is Answer.YES:
        return _("I'm coming")
    return _("Maybe") if answer is Answer.MAYBE else _("I can't")


async def show_card(interaction: discord.Interaction[Any], night_id: int) -> None:
    """Show the night's card, as it is now, in place of the message that was pressed."""
    snapshot = await get_service(interaction, NightService).repository.get_snapshot(
        require_guild_id(interaction), night_id
    )
    if interaction.guild is not None:
        use_reply_language(interaction, edit=True)
        response = await get_service(interaction, NightCard).render(
            interaction.guild, snapshot, interaction.message
        )
        await edit_or_respond(interaction, response, edit=True)


class RsvpButton(Button, template=r"v1:night-rsvp:(?P<night_id>\d{1,18}):(?P<answer>yes|maybe|no)"):
    """Says whether the member who presses comes."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: str, answer: str) -> None:
        self.night_id = int(night_id)
        self.answer = Answer(answer)
        style = discord.ButtonStyle.success if self.answer is Answer.YES else discord.ButtonStyle.secondary
        item = custom_id("night-rsvp", night_id, answer)
        super().__init__(ui.Button(label=_answer_label(self.answer), style=style, custom_id=item, row=0))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the answer. The scheduler brings the card up to date, one edit after the other."""
        server_id = require_guild_id(interaction)
        nights = get_service(interaction, NightService)
        rsvp = await nights.answer(server_id, self.night_id, interaction.user.id, self.answer)
        interaction.client.dispatch("nights_changed", server_id)
        night = await nights.get(server_id, self.night_id)
        if interaction.message is not None and interaction.message.id != night.message_id:
            await show_card(interaction, self.night_id)  # a private copy, which nobody else brings up to date
        use_member_language(interaction)
        await interaction.followup.send(**_confirm_answer(night, rsvp).as_reply())
        await refresh_members(interaction)


def _confirm_answer(night: Night, rsvp: Rsvp) -> Response:
    """Return the private reply to an answer, with the button that changes how the member is reminded."""
    name = escape_line(night.name, 100)
    if rsvp.answer is Answer.NO:
        return Response(_("You're not coming to **{name}**.").format(name=name), is_ephemeral=True)
    sentence = (
        _("You're coming to **{name}**.") if rsvp.answer is Answer.YES else _("You might come to **{name}**.")
    )
    parts = [sentence.format(name=name)]
    if rsvp.answer is Answer.YES and night.reminders:
        parts.append(describe_reminders(night))
        parts.append(
            _("I'll remind you by direct message.") if rsvp.is_direct else _("I'll remind you in this channel.")
        )
        view = View(DirectButton(str(night.id), "off" if rsvp.is_direct else "on"))
        return Response(" ".join(parts), view=view, is_ephemeral=True)
    return Response(" ".join(parts), is_ephemeral=True)


class DirectButton(Button, template=r"v1:night-direct:(?P<night_id>\d{1,18}):(?P<change>on|off)"):
    """Changes whether the member is reminded by direct message."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: str, change: str) -> None:
        self.night_id = int(night_id)
        self.is_direct = change == "on"
        label = _("Remind me by direct message") if self.is_direct else _("Remind me in the channel")
        super().__init__(ui.Button(label=label, custom_id=custom_id("night-direct", night_id, change)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it and show the confirmation. Raises InvalidInputError if the member has not answered."""
        server_id, member_id = require_guild_id(interaction), interaction.user.id
        nights = get_service(interaction, NightService)
        night = await nights.get(server_id, self.night_id)
        await remember_language(interaction)
        await nights.repository.set_direct(server_id, self.night_id, member_id, is_direct=self.is_direct)
        rsvp = await nights.repository.find_rsvp(self.night_id, member_id)
        if rsvp is None:  # they have deleted their data since
            raise InvalidInputError(_("Press “I'm coming” on the night's card first."))
        await edit_or_respond(interaction, _confirm_answer(night, rsvp), edit=True)


class NightButton(Button, template=r"v1:night-show:(?P<night_id>\d{1,18}):(?P<mark>[a-z0-9]{1,40})"):
    """Shows a night's card privately. Its mark says under which message it is, so that none is sent twice."""

    def __init__(self, night_id: str, mark: str) -> None:
        self.night_id = int(night_id)
        self.mark = mark
        super().__init__(ui.Button(label=_("Open the night"), custom_id=custom_id("night-show", night_id, mark)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the card, for the member alone."""
        if interaction.guild_id is None:
            await respond(interaction, Response(_("Open it in the server."), is_ephemeral=True))
            return
        snapshot = await get_service(interaction, NightService).repository.get_snapshot(
            interaction.guild_id, self.night_id
        )
        if interaction.guild is not None:
            response = await get_service(interaction, NightCard).render(interaction.guild, snapshot)
            await respond(interaction, response, ephemeral=True)


def create_rating_view(night: Night, film_id: str) -> View:
    """Return ten buttons of stars, of which one press rates, and those that say who was there."""
    view = View()
    for half_stars in range(MIN_HALF_STARS, MAX_HALF_STARS + 1):
        view.add_item(StarsButton(str(night.id), str(half_stars)))
    review = RateButton(film_id)
    review.row = 2
    view.add_item(review)
    view.add_item(AttendanceButton(str(night.id), "yes"))
    view.add_item(AttendanceButton(str(night.id), "no"))
    return view


class StarsButton(Button, template=r"v1:night-stars:(?P<night_id>\d{1,18}):(?P<half_stars>[1-9]|10)"):
    """Rates the film of a night with one press."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, night_id: str, half_stars: str) -> None:
        self.night_id = int(night_id)
        self.half_stars = int(half_stars)
        item = custom_id("night-stars", night_id, half_stars)
        label = format_stars(self.half_stars)
        super().__init__(ui.Button(label=label, custom_id=item, row=(self.half_stars - 1) // 5))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the rating with the night's day, and that the member was there.

        Raises FilmGoneError, NightNotBegunError.
        """
        server_id, member_id = require_guild_id(interaction), interaction.user.id
        nights = get_service(interaction, NightService)
        night = await nights.get(server_id, self.night_id)
        if night.film_id is None:
            raise FilmGoneError
        film = await require_film(interaction, night.film_id)
        day = to_local(night.starts_at, await nights.get_zone(server_id)).date()
        # First, since it is refused before the night; the rating then belongs to the viewing that it adds.
        await nights.set_attendance(server_id, night.id, member_id, has_attended=True)
        draft = Draft(server_id, member_id, film.id, self.half_stars, watched_on=day)
        result = await get_service(interaction, ReviewService).post(draft)
        await respond(interaction, Response(describe_saved(film, result)), ephemeral=True)


class AttendanceButton(Button, template=r"v1:night-there:(?P<night_id>\d{1,18}):(?P<answer>yes|no)"):
    """Says that the member who presses was at the night, or takes that back."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, night_id: str, answer: str) -> None:
        self.night_id = int(night_id)
        self.has_attended = answer == "yes"
        label = _("I was there") if self.has_attended else _("I wasn't there")
        super().__init__(ui.Button(label=label, custom_id=custom_id("night-there", night_id, answer), row=2))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it; who was there has the film in their diary."""
        server_id, member_id = require_guild_id(interaction), interaction.user.id
        nights = get_service(interaction, NightService)
        attendance = await nights.set_attendance(
            server_id, self.night_id, member_id, has_attended=self.has_attended
        )
        night = attendance.night
        if not self.has_attended:
            content = _("OK, you weren't there.")
            if attendance.is_diary_changed:
                content = _("OK, you weren't there. Removed the viewing from your diary. Your rating stays.")
        elif night.film_id is None:
            content = _("OK, you were there.")
        else:
            film = await require_film(interaction, night.film_id)
            content = _("OK, you were there. Added **{title}** to your diary.").format(
                title=escape_line(film.shown_title, 200)
            )
        await respond(interaction, Response(content), ephemeral=True)


ITEMS = (RsvpButton, DirectButton, NightButton, StarsButton, AttendanceButton)
