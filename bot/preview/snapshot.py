"""The simulated Discord as the JSON that the page draws."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from simcord.backend import serializers
from simcord.backend.cdn import CDN_BASE
from simcord.backend.models import Channel, Message
from simcord.enums import ChannelType
from simcord.interactions import command_leaves

from bot.preview.world import PreviewWorld

Json = dict[str, Any]
PAGE_SIZE = 60
"""Messages that are sent at once: the newest at first, older ones when somebody asks for them."""
LARGEST_NUMBER = 2**53 - 1
"""Up to which JavaScript has all whole numbers."""
LOADING_FLAG = 1 << 7
"""Of a message that the bot has yet to fill in."""
_PLACES: Mapping[int, str] = {
    ChannelType.TEXT: "channel",
    ChannelType.PUBLIC_THREAD: "thread",
    ChannelType.PRIVATE_THREAD: "thread",
    ChannelType.VOICE: "voice",
    ChannelType.DM: "direct",
}
"""What the page calls the types of channels that it shows."""
_EVENT_STATES = {1: "scheduled", 2: "active"}
"""Of events; those that are over are not shown."""
_AVATAR = re.compile(r"//cdn\.discordapp\.com/avatars/(\d+)/")
_OPTION_KEYS = (
    "name", "description", "type", "required", "autocomplete", "choices",
    "min_value", "max_value", "min_length", "max_length", "channel_types",
)  # fmt: skip


class Snapshot:
    """Describes the simulated Discord as one person sees it.

    `images` holds the page's own addresses of drawn images by the address that they have in messages; `locale` is
    the language in which commands are described.
    """

    def __init__(self, world: PreviewWorld, images: Mapping[str, str], locale: str = "en-US") -> None:
        self._world = world
        self._locale = locale
        self._backend = world.env.backend
        self._images = images
        self._dismissed: set[int] = set()
        self._last_commands: dict[tuple[str, str], str] = {}
        self._command_names: dict[str, str] = {}

    def dismiss(self, message_id: int) -> None:
        """Show a message to nobody any more."""
        self._dismissed.add(message_id)

    def note_command(self, person_id: int, name: str) -> None:
        """Note that the person uses a command now: SimCord's messages name `watchlist` for `watchlist add`."""
        self._last_commands[str(person_id), name.partition(" ")[0]] = name

    def describe_people(self) -> list[Json]:
        """Return whom a visitor can be."""
        return [
            {"id": str(each), "name": person.display_name, "is_moderator": person.is_moderator}
            for each, person in self._world.people.items()
        ]

    def describe_places(self, viewer_id: int) -> Json:
        """Return what the viewer can open or plan (channels, threads, events), and the names of everything."""
        guild = self._backend.get_guild(self._world.server.id)
        direct = self._world.members[viewer_id].user.dm_channel.id
        channels = [
            channel
            for channel in self._backend.channels.values()
            if (channel.guild_id == guild.id and channel.type in _PLACES) or channel.id == direct
        ]
        return {
            "server": guild.name,
            "channels": [self._describe_channel(channel) for channel in channels],
            "events": self._list_events(viewer_id),
            "users": {
                str(user.id): {
                    "name": user.global_name or user.name,
                    "avatar": f"/media/avatar/{user.id}.svg",
                    "bot": user.bot,
                }
                for user in self._backend.users.values()
            },
            "roles": {
                str(role.id): {"name": role.name, "colour": role.color}
                for role in guild.roles.values()
                if role.id != guild.id
            },
            # The simulated server's owner, who is none of the people, is nobody whom one would choose.
            "members": [str(member_id) for member_id in guild.members if member_id != guild.owner_id],
        }

    def _describe_channel(self, channel: Channel) -> Json:
        is_direct = channel.guild_id is None
        return {
            "id": str(channel.id),
            "name": self._backend.bot_user.name if is_direct else channel.name,
            "topic": channel.topic or "",
            "kind": _PLACES[channel.type],
            "type": int(channel.type),
            "parent": str(channel.parent_id) if channel.is_thread else None,
        }

    def _list_events(self, viewer_id: int) -> list[Json]:
        """Return the server's events that are not over, the next one first."""
        guild = self._backend.get_guild(self._world.server.id)
        events = [event for event in guild.scheduled_events.values() if event.status in _EVENT_STATES]
        return [
            {
                "id": str(event.id),
                "name": event.name,
                "description": event.description or "",
                "starts_at": event.scheduled_start_time,
                "place": str(event.channel_id) if event.channel_id else "",
                "location": (event.entity_metadata or {}).get("location", ""),
                "is_active": _EVENT_STATES[event.status] == "active",
                "interested": len(event.user_ids),
                "is_interested": viewer_id in event.user_ids,
            }
            for event in sorted(events, key=lambda event: event.scheduled_start_time)
        ]

    def describe_commands(self, viewer_id: int) -> Json:
        """Return the commands that the viewer can use in the server and in direct messages.

        `moderator` names those that Discord shows in the server to a moderator alone.
        """
        direct, first = self._world.members[viewer_id].user.dm_channel.id, self._world.channels[0].id
        moderators = [each for each, person in self._world.people.items() if person.is_moderator]
        all_names, own_names = (
            {
                root["name"]
                for each in ids
                for root in self._backend.visible_commands(user_id=each, channel_id=first)
            }
            for ids in (moderators, [viewer_id])
        )
        return {
            "server": self._list_commands(viewer_id, first),
            "direct": self._list_commands(viewer_id, direct),
            "moderator": sorted(all_names - own_names),
        }

    def _list_commands(self, viewer_id: int, channel_id: int) -> list[Json]:
        roots = self._backend.visible_commands(user_id=viewer_id, channel_id=channel_id)
        return [
            {
                "id": root["id"],
                "name": " ".join(path),
                "description": self._localise(leaf, "description"),
                "options": [self._describe_option(option) for option in leaf.get("options") or []],
            }
            for root in roots
            for path, leaf in command_leaves(root)
        ]

    def _describe_option(self, option: Json) -> Json:
        described = {key: option[key] for key in _OPTION_KEYS if option.get(key) is not None}
        described["description"] = self._localise(option, "description")
        if "choices" in described:
            described["choices"] = [
                {**each, "name": self._localise(each, "name")} for each in described["choices"]
            ]
        return described

    def _localise(self, described: Json, key: str) -> str:
        """Return what Discord shows of a command, an option or a choice to a reader of the page's language."""
        localised: str = (described.get(f"{key}_localizations") or {}).get(self._locale) or described.get(key, "")
        return localised

    def describe_newest(self, channel_id: int, viewer_id: int, before: int | None = None) -> Json:
        """Return the newest messages of a channel, or the newest of those before a message, oldest first."""
        visible = [
            message
            for message in self._backend.messages.get(channel_id, {}).values()
            if (before is None or message.id < before) and self._is_visible(message, viewer_id)
        ]
        page = visible[-PAGE_SIZE:]
        return {
            "messages": [self.describe_message(message, viewer_id) for message in page],
            "has_earlier": len(visible) > len(page),
        }

    def describe_changes(self, changed: Iterable[tuple[int, int]], viewer_id: int) -> list[Json]:
        """Return an event for each of the messages: what it is now, or that it is gone."""
        direct = self._world.members[viewer_id].user.dm_channel.id
        events: list[Json] = []
        for channel_id, message_id in changed:
            channel = self._backend.channels.get(channel_id)
            if channel is None or (channel.guild_id is None and channel.id != direct):
                continue
            message = self._backend.messages.get(channel_id, {}).get(message_id)
            if message is not None and self._is_visible(message, viewer_id):
                events.append({"type": "message", "message": self.describe_message(message, viewer_id)})
            else:
                events.append({"type": "gone", "channel": str(channel_id), "id": str(message_id)})
        return events

    def _is_visible(self, message: Message, viewer_id: int) -> bool:
        return message.visible_to(viewer_id) and message.id not in self._dismissed

    def describe_message(self, message: Message, viewer_id: int) -> Json:
        """Return a message as Discord sends it to the viewer, with the page's own addresses of its images."""
        payload: Json = dict(serializers.message_payload(self._backend, message, for_user=viewer_id))
        files = {each["filename"]: each["url"] for each in message.attachments}
        payload = self._with_sources(payload, files)
        if metadata := payload.get("interaction_metadata"):
            name = self._last_commands.get((metadata["user"]["id"], metadata.get("name", "")))
            if name is not None:
                metadata["name"] = self._command_names.setdefault(metadata["id"], name)
        payload["is_ephemeral"] = message.is_ephemeral
        payload["pings_viewer"] = viewer_id in message.ping_user_ids
        payload["is_loading"] = bool(message.flags & LOADING_FLAG)
        return payload

    def _with_sources(self, value: Any, files: Mapping[str, str]) -> Any:
        """Return the JSON with a `src`, an address of the page's own, beside each `url` of an image or a file.

        Ids are texts in it: JavaScript would round a number of that size.
        """
        if isinstance(value, int) and value > LARGEST_NUMBER:
            return str(value)
        if isinstance(value, list):
            return [self._with_sources(each, files) for each in value]
        if not isinstance(value, dict):
            return value
        copy = {key: self._with_sources(each, files) for key, each in value.items()}
        for key, source_key in (("url", "src"), ("icon_url", "icon_src")):
            if isinstance(url := value.get(key), str) and (source := self._find_source(url, files)):
                copy[source_key] = source
        return copy

    def _find_source(self, url: str, files: Mapping[str, str]) -> str | None:
        if url.startswith("attachment://"):
            url = files.get(url.removeprefix("attachment://"), "")
        if (avatar := _AVATAR.search(url)) is not None:
            return f"/media/avatar/{avatar[1]}.svg"
        if url.startswith(CDN_BASE):
            return "/media/cdn" + url.removeprefix(CDN_BASE)
        return self._images.get(url)
