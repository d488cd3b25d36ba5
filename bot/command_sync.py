"""Tells Discord the commands, only when they have changed, and in one process of several."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from discord import app_commands

from bot.core.database.key_value import KeyValueRepository
from bot.core.text.i18n import list_catalogues

SYNCED, CLAIM = "synced commands", "commands synced at"
"""The names under which the database keeps what Discord was told, and when a process began to tell it."""
CLAIM_MAX_AGE = timedelta(seconds=30)
"""How long other processes wait for one that syncs; after this it has ended without."""
WAIT_SECONDS = 2.0


class CommandSync:
    """Syncs a tree's commands with Discord, which takes at most 200 new ones a day."""

    def __init__(
        self, tree: app_commands.CommandTree[Any], values: KeyValueRepository, now: Callable[[], datetime]
    ) -> None:
        self._tree = tree
        self._values = values
        self._now = now

    async def sync(self, *, is_forced: bool = False) -> dict[str, int]:
        """Return the commands' ids by name, after Discord was told of what has changed since the last time.

        `is_forced` tells it in any case. Raises what discord.py raises where Discord refuses or can't be reached.
        """
        fingerprint = self._get_fingerprint()
        while not is_forced:
            if (known := await self._find_synced(fingerprint)) is not None:
                return known
            if await self._values.claim_job(CLAIM, self._now(), CLAIM_MAX_AGE):
                # Another process may have finished between the look and the claim.
                if (known := await self._find_synced(fingerprint)) is not None:
                    await self._values.set(CLAIM, "")
                    return known
                break
            await asyncio.sleep(WAIT_SECONDS)
        try:
            commands = await self._tree.sync()
        except BaseException:
            await self._values.set(CLAIM, "")  # whoever tries next need not wait for this one
            raise
        await self._values.set(SYNCED, fingerprint)
        await self._values.set(CLAIM, "")  # a restart with other commands need not wait either
        return {command.name: command.id for command in commands}

    async def _find_synced(self, fingerprint: str) -> dict[str, int] | None:
        """Return the commands' ids by name if Discord has these commands, None if it has to be told.

        Somebody may have removed or added commands at Discord since it was told.
        """
        if await self._values.get(SYNCED) != fingerprint:
            return None
        known = {command.name: command.id for command in await self._tree.fetch_commands()}
        return known if known.keys() == {command.name for command in self._tree.get_commands()} else None

    def _get_fingerprint(self) -> str:
        """Return what changes with any command, and with the application that they belong to."""
        commands = [command.to_dict(self._tree) for command in self._tree.get_commands()]
        # What Discord is told in other languages changes with the catalogues.
        catalogues = [hashlib.sha256(file.read_bytes()).hexdigest() for file in list_catalogues().values()]
        content = json.dumps([self._tree.client.application_id, commands, catalogues], sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()
