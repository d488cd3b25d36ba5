"""What buttons, menus and forms know of where they are used: the bot's services, the server, the member."""

from typing import Any, Protocol, cast

import discord
from discord import app_commands

from bot.core.errors import FilmGoneError
from bot.films.metadata_service import Online
from bot.films.models import Film
from bot.films.people import People
from bot.films.service import Catalogue
from bot.members.membership import Presence
from bot.members.preferences import Preferences
from bot.members.privacy import MemberData
from bot.moderation.service import Moderation
from bot.picks.engagement import PickVoices
from bot.picks.scheduler import PickClock
from bot.picks.service import Picks
from bot.recommendations.service import GroupSessionService, RecommendationService
from bot.reviews.diary import Diary
from bot.reviews.replies import Replies
from bot.reviews.service import Reviews
from bot.streaming.alerts import Alerts
from bot.streaming.subscriptions import Subscriptions
from bot.watchlists.service import Watchlists


class UiServices(Protocol):
    """What buttons, menus and forms may call: those of the bot's services that are domain objects."""

    @property
    def catalogue(self) -> Catalogue:
        """Films."""
        ...

    @property
    def people(self) -> People:
        """Those who make them."""
        ...

    @property
    def preferences(self) -> Preferences:
        """Settings of servers and members."""
        ...

    @property
    def online(self) -> Online:
        """What a source online knows of films."""
        ...

    @property
    def subscriptions(self) -> Subscriptions:
        """What members subscribe to."""
        ...

    @property
    def alerts(self) -> Alerts:
        """What members wait for."""
        ...

    @property
    def reviews(self) -> Reviews:
        """Members' stars and reviews."""
        ...

    @property
    def replies(self) -> Replies:
        """What they reply to each other."""
        ...

    @property
    def diary(self) -> Diary:
        """What members saw."""
        ...

    @property
    def watchlists(self) -> Watchlists:
        """What members want to see."""
        ...

    @property
    def moderation(self) -> Moderation:
        """What moderators do."""
        ...

    @property
    def presence(self) -> Presence:
        """Who is still in a server."""
        ...

    @property
    def member_data(self) -> MemberData:
        """What is kept about members."""
        ...

    @property
    def picks(self) -> Picks:
        """What is planned for the marquee."""
        ...

    @property
    def pick_clock(self) -> PickClock:
        """What is due on it."""
        ...

    @property
    def pick_voices(self) -> PickVoices:
        """What members say to it."""
        ...

    @property
    def recommendations(self) -> RecommendationService:
        """What members may like."""
        ...

    @property
    def group_sessions(self) -> GroupSessionService:
        """What groups watch together."""
        ...


def services(interaction: discord.Interaction[Any]) -> UiServices:
    """Give the services of the bot that received the interaction."""
    return cast(UiServices, interaction.client.services)


async def country_of(interaction: discord.Interaction[Any]) -> str | None:
    """Give the country that holds for the member who acts, or None where none is set."""
    found = await services(interaction).preferences.country(interaction.user.id, interaction.guild_id)
    return found[0] if found else None


async def film_of(interaction: discord.Interaction[Any], film_id: str) -> Film:
    """Give the film of that id. Raises FilmGoneError where it is no longer there."""
    film = await services(interaction).catalogue.get(film_id)
    if film is None:
        raise FilmGoneError
    return film


def server_of(interaction: discord.Interaction[Any]) -> int:
    """Give the id of the server it happens in. Raises NoPrivateMessage elsewhere."""
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild_id


def is_owner(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the member who presses is the one whose command brought the message about."""
    message = interaction.message
    metadata = message.interaction_metadata if message is not None else None
    return metadata is not None and metadata.user.id == interaction.user.id


def is_private(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the message that was pressed is one that only this member sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral
