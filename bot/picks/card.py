"""The card of a pick: the film, why it is on, until when, the server's stars and who is in."""

import asyncio
import contextlib
from collections.abc import Collection
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
    use_member_language,
    use_reply_language,
)
from bot.core.images.title_card import ATTACHMENT_URL, FILENAME
from bot.core.text.formatting import (
    clean_line,
    escape_line,
    escape_line_to_fit,
    format_user_text,
    join_limited,
    truncate,
)
from bot.core.text.i18n import _, get_locale
from bot.films.card import TMDB_CREDIT, create_film_title_card
from bot.films.local_titles import known_title
from bot.films.metadata_service import MetadataService
from bot.films.models import FilmGoneError
from bot.films.service import FilmService
from bot.members.context import MemberNames, with_mentions
from bot.members.service import PrivacyService
from bot.picks.embeds import format_end_for_readers, get_guild_colour
from bot.picks.models import Pick, PickState
from bot.picks.service import PickEngagementService, PickService
from bot.reviews.embeds import summarise_stars
from bot.reviews.rating_views import RateButton
from bot.reviews.service import ReviewService
from bot.reviews.views import ReviewsButton
from bot.watchlists.views import WatchlistButton

NOTE_LENGTH = 1_000
RSVPS_LENGTH = 900
"""Characters that the note, and the names of who is in, may take on the card."""
METADATA_TIMEOUT = 5.0
"""Seconds that a card waits for the film's metadata."""


class PickCard:
    """Renders the cards of picks."""

    def __init__(
        self,
        *,
        films: FilmService,
        metadata: MetadataService,
        picks: PickService,
        engagement: PickEngagementService,
        reviews: ReviewService,
        privacy: PrivacyService,
    ) -> None:
        self._films = films
        self._metadata = metadata
        self._picks = picks
        self._engagement = engagement
        self._reviews = reviews
        self._privacy = privacy

    async def fetch_metadata(self, film_id: str) -> None:
        """Fetch the film's poster and texts if they are missing or old, unless that takes too long."""
        film = await self._films.repository.get(film_id)
        if film is not None and self._metadata.is_enabled:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(METADATA_TIMEOUT):
                    await self._metadata.refresh(film)

    async def render(
        self,
        guild: discord.Guild,
        pick: Pick,
        message: discord.Message | None = None,
        *,
        pinged_roles: Collection[int] = (),
    ) -> Response:
        """Return the pick's card; `message` is the message that it replaces, if any.

        A new message pings the roles of these ids; one that is replaced keeps those that it pinged. The picture is
        the film's poster if it is known, else a drawn title card. Raises FilmGoneError.
        """
        film = await self._films.repository.get(pick.film_id)
        if film is None:
            raise FilmGoneError
        metadata = await self._metadata.get_cached(film)
        details = metadata.details if metadata is not None else None
        is_current = pick.state is PickState.CURRENT
        colour = get_guild_colour(guild)

        embed = discord.Embed(title=escape_line_to_fit(film.shown_title, 256), colour=colour)
        author = _("Featured film") if is_current else _("Previously featured")
        if pick.series is not None:
            author += f" · {clean_line(pick.series.name)}"
        embed.set_author(name=truncate(author, 256))
        lines = []
        if clean_line(film.original_title) != clean_line(film.get_known_title(get_locale())):
            lines.append(f"*{escape_line(film.original_title, 200)}*")
        story = film.logline
        if details is not None:
            story = details.get_text(get_locale()).overview or story or details.get_text("en").overview
            embed.set_footer(text=_(TMDB_CREDIT))
        if story:
            lines.append(escape_line(story, 800))
        embed.description = "\n".join(lines) or None
        if pick.note:
            embed.add_field(name=_("Why this film"), value=format_user_text(pick.note, NOTE_LENGTH), inline=False)
        programme = await self._picks.repository.get_programme(guild.id)
        embed.add_field(name=_("Until"), value=format_end_for_readers(pick, programme), inline=False)
        stars = await self._reviews.repository.get_film_stars(guild.id, film.id)
        embed.add_field(name=_("Ratings here"), value=summarise_stars(stars), inline=False)
        rsvps = await self._engagement.repository.list_rsvps(pick.id)
        if rsvps:
            names = MemberNames(await self._privacy.list_privacy(rsvps))
            value = join_limited([names.format(member_id) for member_id in rsvps], RSVPS_LENGTH)
            heading = _("Watching ({count})") if is_current else _("Watched ({count})")
            embed.add_field(name=heading.format(count=len(rsvps)), value=value, inline=False)

        view = View(RateButton(film.id), ReviewsButton(film.id), WatchlistButton(film.id))
        if is_current:
            view.add_item(RsvpButton(str(pick.id)))
        files: tuple[discord.File, ...] = ()
        kept_attachments: tuple[discord.Attachment, ...] = ()
        if details is not None and details.poster:
            # A drawn card from before the poster was known is not kept.
            embed.set_image(url=details.poster)
        else:
            embed.set_image(url=ATTACHMENT_URL)
            if message is not None:
                kept_attachments = tuple(each for each in message.attachments if each.filename == FILENAME)
            if not kept_attachments:
                # Drawing takes a good part of a second; other interactions go on meanwhile.
                files = (await asyncio.to_thread(create_film_title_card, film, colour),)

        if message is not None:
            pinged_roles = message.raw_role_mentions
        # An edit pings no role again, but a role that it doesn't allow may lose its highlight.
        allowed_roles = [discord.Object(role_id) for role_id in pinged_roles]
        response = Response(
            content=" ".join(f"<@&{role_id}>" for role_id in pinged_roles),
            embeds=(embed,),
            view=view,
            files=files,
            kept_attachments=kept_attachments,
            allowed_mentions=discord.AllowedMentions(everyone=False, users=False, roles=allowed_roles or False),
        )
        return with_mentions(response)


class RsvpButton(Button, template=r"v1:going:(?P<pick_id>\d{1,18})"):
    """Adds the member to those who plan to watch the pick, or removes them."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, pick_id: str) -> None:
        self.pick_id = int(pick_id)
        button: ui.Button[Any] = ui.Button(
            label=_("I'm in"), style=discord.ButtonStyle.success, custom_id=custom_id("going", pick_id)
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Change the list, and the card that was pressed."""
        server_id = require_guild_id(interaction)
        engagement = get_service(interaction, PickEngagementService)
        is_in = await engagement.toggle_rsvp(server_id, self.pick_id, interaction.user.id)
        pick = await get_service(interaction, PickService).get_pick(server_id, self.pick_id)
        # The card that was pressed may be another copy than the announcement.
        interaction.client.dispatch("pick_card_outdated", server_id, pick.film_id)
        if interaction.guild is not None and interaction.message is not None:
            use_reply_language(interaction, edit=True)
            response = await get_service(interaction, PickCard).render(
                interaction.guild, pick, interaction.message
            )
            await edit_or_respond(interaction, response, edit=True)
        use_member_language(interaction)
        title = escape_line(known_title(pick.film_id, pick.title), 200)
        sentence = _("You're watching {title}.") if is_in else _("You're no longer watching {title}.")
        reply = sentence.format(title=f"**{title}**")
        await interaction.followup.send(reply, ephemeral=True)


ITEMS = (RsvpButton,)
