"""The simulated Discord around the bot: a server with a few channels and three people."""

from collections.abc import Mapping
from dataclasses import dataclass

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle, UserHandle

SERVER_ID = 1_100_000_000_000_000_000
AVATAR = "0" * 32
"""The hash of every person's avatar; the page draws the avatar itself."""
Actor = MemberActor | UserHandle
"""Who acts: a member in a channel of the server, a user in their direct messages."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a visitor can be."""

    user_name: str
    display_name: str
    avatar_colour: str
    is_moderator: bool = False


PEOPLE = (
    Person("mina", "Mina", "#7C6BD6"),
    Person("jonas", "Jonas", "#2F8673"),
    Person("sam", "Sam", "#B84F63", is_moderator=True),
)


@dataclass(frozen=True, slots=True)
class PreviewWorld:
    """The server, its text channels (the first is shown at the start) and the people, by their user's id."""

    env: simcord.Env
    server: GuildHandle
    channels: tuple[ChannelHandle, ...]
    people: Mapping[int, Person]
    members: Mapping[int, MemberActor]

    def get_channel(self, channel_id: int) -> ChannelHandle:
        """Return a channel, thread or direct messages. Raises BackendError where there is none of that id."""
        channel = self.env.backend.get_channel(channel_id)
        return ChannelHandle(self.env, None if channel.guild_id is None else self.server, channel)

    def get_actor(self, person_id: int, channel: ChannelHandle) -> Actor:
        """Return who acts for the person in that channel."""
        member = self.members[person_id]
        return member if channel.guild is not None else member.user


def create_world(env: simcord.Env, locale: str = "en-US") -> PreviewWorld:
    """Create the server, which is in the language of the locale, its channels and its members.

    This must happen before the clock is set: ids follow from the time and the order, and must be the same at every
    start, so that what is stored about members and channels is found again.
    """
    server = env.create_guild("Film club", id=SERVER_ID, preferred_locale=locale)
    films = server.create_text_channel("films", topic="Look films up, rate them, plan an evening")
    permissions = discord.Permissions(manage_guild=True, manage_messages=True, moderate_members=True)
    moderators = server.create_role("Moderators", permissions=permissions)
    people, members = {}, {}
    for person in PEOPLE:
        user = env.create_user(person.user_name, global_name=person.display_name, avatar=AVATAR)
        people[user.id] = person
        members[user.id] = server.add_member(user, roles=[moderators] if person.is_moderator else [])
    marquee = server.create_text_channel("marquee", topic="What is featured, and until when")
    server.create_voice_channel("Cinema")
    return PreviewWorld(env, server, (films, marquee), people, members)
