"""Tells which messages of the simulated Discord changed."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from simcord.backend import Backend
from simcord.backend.models import Message

MessageKey = tuple[int, int]
"""A channel's id and a message's."""
Listener = Callable[[list[MessageKey], bool], None]
"""Is told which messages are new, changed or gone, and whether the channels changed."""
_PLACE_EVENTS = ("CHANNEL_", "THREAD_", "GUILD_ROLE_", "GUILD_MEMBER_", "GUILD_SCHEDULED_EVENT_", "USER_UPDATE")


class MessageFeed:
    """Collects what changes, and tells it in one go once the bot waits for something."""

    def __init__(self, backend: Backend, listener: Listener) -> None:
        self._listener = listener
        self._changed: dict[MessageKey, None] = {}
        self._have_places_changed = False
        self._is_scheduled = False
        backend.subscribers.append(self._handle_event)
        # SimCord announces ephemeral messages to nobody, as Discord's gateway does not; who may see them does all
        # the same, and there is no other hook for them.
        self._commit, self._edit, self._delete = (
            backend.commit_message,
            backend.edit_message,
            backend.delete_message,
        )
        backend.commit_message = self._commit_message  # type: ignore[method-assign]
        backend.edit_message = self._edit_message  # type: ignore[method-assign]
        backend.delete_message = self._delete_message  # type: ignore[method-assign]

    def _commit_message(self, message: Message, *, broadcast: bool = True) -> Message:
        committed = self._commit(message, broadcast=broadcast)
        self._add(message.channel_id, message.id)
        return committed

    def _edit_message(self, channel_id: int, message_id: int, fields: dict[str, Any]) -> Message:
        message = self._edit(channel_id, message_id, fields)
        self._add(channel_id, message_id)
        return message

    def _delete_message(self, channel_id: int, message_id: int) -> None:
        self._delete(channel_id, message_id)
        self._add(channel_id, message_id)

    def _handle_event(self, event: str, payload: Mapping[str, Any]) -> None:
        if event.startswith(_PLACE_EVENTS):
            self._have_places_changed = True
            self._schedule()
        elif event.startswith("MESSAGE_") and "channel_id" in payload:
            ids = payload["ids"] if "ids" in payload else [payload.get("message_id", payload.get("id"))]
            for message_id in ids:
                self._add(int(payload["channel_id"]), int(message_id))

    def _add(self, channel_id: int, message_id: int) -> None:
        self._changed[channel_id, message_id] = None
        self._schedule()

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        changed, have_places_changed = list(self._changed), self._have_places_changed
        self._changed.clear()
        self._have_places_changed = self._is_scheduled = False
        self._listener(changed, have_places_changed)
