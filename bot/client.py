"""The bot itself: loads cogs and what their buttons need, nothing else."""

import asyncio
import contextlib
import logging
import pkgutil
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from itertools import chain, repeat
from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands, ui
from discord.ext import commands

from bot.command_sync import CommandSync
from bot.core.database.key_value import KeyValueRepository
from bot.core.discord import CommandTranslator, InFlight, Modal, handle_modal_submit, utcnow
from bot.core.discord.error_handler import answer_error, log_error, log_errors
from bot.core.discord.interactions import ARRIVED_AT, UnknownComponentError, check_text
from bot.core.errors import InvalidInputError
from bot.core.tasks import BackgroundTasks, stop_watching_commits
from bot.reviews.star_emojis import STAR_STYLE
from bot.services import Services
from bot.session_starts import SessionStarts

# Marquee never speaks, so discord.py need not warn that it could not.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False

AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu
log = logging.getLogger(__name__)
LONGEST_TURN_SECONDS = 30.0
"""How long an open connection may wait until it may identify; Discord would close it after a while."""
SYNC_SECONDS = 10.0
"""How long the start waits for Discord to take the commands."""
SYNC_DELAYS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""How long to wait after each sync that fails; the last one again and again."""
NOT_SYNCED = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""What a sync raises where Discord refuses it or can't be reached."""
PERMISSIONS = (
    "view_channel",
    "send_messages",
    "embed_links",
    "attach_files",
    "read_message_history",
    "create_public_threads",
    "send_messages_in_threads",
    "pin_messages",
    "send_polls",
    "create_events",
)
"""What the bot asks for when it is invited. A server may take any of them away: what needs it then says so."""
CATALOGUE_REFRESH_SECONDS = 60.0
"""How long another process's change of the catalogue may stay unseen while the bot is used."""


class MarqueeTree(app_commands.CommandTree["Marquee"]):
    """The slash commands; their failures are answered in one place."""

    async def interaction_check(self, interaction: discord.Interaction["Marquee"], /) -> bool:
        """Return False if the bot is stopping or the text can't be used, which is answered; else True.

        What is kept in memory is refreshed beside autocomplete and after commands.
        """
        if not interaction.client.in_flight.begin(interaction):
            return False
        try:
            check_text(interaction)
        except InvalidInputError as error:
            await answer_error(interaction, error)
            return False
        if interaction.type is discord.InteractionType.autocomplete:
            interaction.client.refresh_caches(interaction.guild_id)
        return True

    async def on_error(
        self, interaction: discord.Interaction["Marquee"], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer the failure."""
        await answer_error(interaction, error)
        interaction.client.refresh_caches(interaction.guild_id)


class Marquee(commands.AutoShardedBot):
    """A Discord bot for film servers. It needs no privileged intent.

    The text of a message reaches it only where the message mentions it or is sent to it directly.
    """

    def __init__(self, services: Services) -> None:
        intents = discord.Intents.none()
        intents.guilds = True
        intents.guild_messages = intents.dm_messages = True
        intents.guild_scheduled_events = True
        shards = services.settings.shards
        shard_ids: dict[str, Any] = {} if shards.ids is None else {"shard_ids": list(shards.ids)}
        super().__init__(
            # There are no commands by prefix, and discord.py wants one: a mention is always at hand.
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=MarqueeTree,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            shard_count=shards.count,
            **shard_ids,
            max_messages=None,
        )
        self._watch_event_interest()
        # discord.py gives up the connection, and with it the process, when an event is not as it expects.
        parsers = self._connection.parsers
        for event, parse in parsers.items():
            parsers[event] = partial(self._read_event, event, parse)
        self.services = services
        self.command_sync = CommandSync(self.tree, KeyValueRepository(services.database), utcnow)
        self.session_starts = SessionStarts(
            KeyValueRepository(services.database), self.fetch_session_start_limits, utcnow
        )
        self.command_ids: dict[str, int] = {}
        self._refreshed_at = 0.0
        self._has_been_ready = False
        self.in_flight = InFlight(services.foreground)
        self._background = BackgroundTasks()
        self._modals: list[type[Modal]] = []
        self._items: set[type[ui.DynamicItem[Any]]] = set()

    def _watch_event_interest(self) -> None:
        """Dispatch `event_interest` whenever somebody becomes interested in an event of a server, or is no longer.

        discord.py drops both where the member is not in its cache, as without the privileged intent most are not.
        """
        parsers = self._connection.parsers
        for name, is_interested in (
            ("GUILD_SCHEDULED_EVENT_USER_ADD", True), ("GUILD_SCHEDULED_EVENT_USER_REMOVE", False),
        ):  # fmt: skip
            parsers[name] = partial(self._dispatch_interest, is_interested)

    def _dispatch_interest(self, is_interested: bool, data: Any) -> None:
        guild_id, event_id = int(data["guild_id"]), int(data["guild_scheduled_event_id"])
        self.dispatch("event_interest", guild_id, event_id, int(data["user_id"]), is_interested)

    def _read_event(self, event: str, parse: Callable[[Any], None], data: Any) -> None:
        """Handle what the gateway sent; leave it out, and log that, if it can't be read."""
        try:
            parse(data)
        except Exception as error:
            log_error(f"reading {event}", error)

    async def setup_hook(self) -> None:
        """Load every module in cogs/ and sync the commands with Discord, unless that fails or takes long."""
        self._refreshed_at = time.monotonic()
        with log_errors("reading the star emojis"):
            await STAR_STYLE.load(KeyValueRepository(self.services.database), self.application_id)
        package = find_spec("cogs")
        await self.tree.set_translator(CommandTranslator())
        folders = package.submodule_search_locations if package is not None else None
        for module in pkgutil.iter_modules(folders, "cogs."):
            if module.name not in self.extensions:
                await self.load_extension(module.name)
        was_tried = asyncio.Event()
        self._start_background("syncing the commands", partial(self._sync_commands, was_tried))
        try:
            await asyncio.wait_for(was_tried.wait(), SYNC_SECONDS)
        except TimeoutError:
            # discord.py has logged why, and waits in the background as long as Discord told it to.
            self._start_background("reading the commands' ids", self._read_command_ids)

    async def _sync_commands(self, was_tried: asyncio.Event) -> None:
        """Sync the commands with Discord until it takes them; set `was_tried` after the first try.

        Meanwhile members use the commands that Discord knows.
        """
        for delay in chain(SYNC_DELAYS, repeat(SYNC_DELAYS[-1])):
            try:
                self.command_ids = await self.command_sync.sync()
            except NOT_SYNCED as error:
                reason = str(error) if isinstance(error, discord.HTTPException) else type(error).__name__
                log.warning(
                    "the commands are not synced; those that Discord knows go on working. Next try in %d min. %s",
                    delay.total_seconds() // 60,
                    " ".join(reason.split()),
                )
                await self._read_command_ids()
                was_tried.set()
                await asyncio.sleep(delay.total_seconds())
            else:
                was_tried.set()
                return

    async def _read_command_ids(self) -> None:
        """Read the ids of the commands that Discord knows; without them a command is named without a link."""
        with contextlib.suppress(*NOT_SYNCED):
            self.command_ids = {command.name: command.id for command in await self.tree.fetch_commands()}

    def add_modals(self, *modals: type[Modal]) -> None:
        """Handle submissions of these modals, whichever process opened them."""
        self._modals += modals

    def remove_modals(self, *modals: type[Modal]) -> None:
        """Stop handling submissions of these modals."""
        self._modals = [modal for modal in self._modals if modal not in modals]

    def add_dynamic_items(self, *items: type[ui.DynamicItem[Any]]) -> None:
        """Handle presses of these buttons and menus, whichever process posted them."""
        super().add_dynamic_items(*items)
        self._items.update(items)

    def remove_dynamic_items(self, *items: type[ui.DynamicItem[Any]]) -> None:
        """Stop handling presses of these buttons and menus."""
        super().remove_dynamic_items(*items)
        self._items.difference_update(items)

    async def launch_shard(self, gateway: Any, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard, after its turn has come where other processes run the other shards.

        It waits before it connects: Discord closes connections that identify late.
        """
        if self.services.settings.shards.ids is not None:
            await self.session_starts.wait(shard_id)
            initial = True  # so that discord.py doesn't wait, too
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait before a session that was lost begins again."""
        if shard_id is None or self.services.settings.shards.ids is None:
            await super().before_identify_hook(shard_id, initial=initial)
        elif not initial:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_TURN_SECONDS):
                    await self.session_starts.wait(shard_id)

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        """Note when an interaction arrives: in a burst its task begins only later."""
        if event_name == "interaction":
            args[0].extras[ARRIVED_AT] = time.monotonic()
        super().dispatch(event_name, *args, **kwargs)

    async def on_interaction(self, interaction: discord.Interaction["Marquee"]) -> None:
        """Pass a submitted modal to its class, and answer a button or menu that no class handles any more."""
        data: Any = interaction.data
        if interaction.type is discord.InteractionType.modal_submit:
            if self.in_flight.begin(interaction):
                await handle_modal_submit(interaction, self._modals)
        elif interaction.type is discord.InteractionType.component and not any(
            kind.__discord_ui_compiled_template__.fullmatch(data["custom_id"]) for kind in self._items
        ):
            is_button = data["component_type"] == discord.ComponentType.button.value
            await answer_error(interaction, UnknownComponentError("button" if is_button else "menu"))

    async def on_ready(self) -> None:
        """Log, once, how to add the bot to a server."""
        if not self._has_been_ready and self.application_id is not None:
            self._has_been_ready = True
            log.info(
                "ready in %d servers; add the bot to one: %s",
                len(self.guilds),
                get_invite_url(self.application_id),
            )

    async def on_app_command_completion(
        self, interaction: discord.Interaction["Marquee"], _command: AnyCommand
    ) -> None:
        """Refresh what is kept in memory, now that the member has the reply."""
        self.refresh_caches(interaction.guild_id)

    def refresh_caches(self, server_id: int | None) -> None:
        """Start to refresh in the background what is due: the title index, and the server's suggested films.

        The index is looked at once a minute at most, and only while the bot is used, so that an idle bot does not
        query the database.
        """
        now = time.monotonic()
        if now - self._refreshed_at >= CATALOGUE_REFRESH_SECONDS:
            self._refreshed_at = now
            self._start_background("refreshing the catalogue", self._refresh_indexes)
        suggestions = self.services.suggestions
        if server_id is not None and suggestions.claim_refresh(server_id):
            self._start_background("reading a server's films", partial(suggestions.refresh, server_id))

    async def _refresh_indexes(self) -> None:
        if await self.services.title_index.refresh():
            await self.services.people.load()
        self.services.languages.replace_all(await self.services.server_settings.list_languages())

    def _start_background(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run the work in the background and log its failure."""

        async def run() -> None:
            stop_watching_commits()
            with log_errors(name):
                await work()

        self._background.start(run(), name=name)

    async def on_message(self, message: discord.Message, /) -> None:
        """Take no command by prefix; what members write to the bot is answered by the conversation's cog."""

    async def finish_interactions(self, seconds: float) -> None:
        """Take no more interactions and answer those that have begun, within `seconds`."""
        await self.in_flight.finish(seconds)

    async def close(self) -> None:
        """Cancel background work and disconnect."""
        await self._background.close()
        await super().close()

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what an event's listener raised; there is nobody to answer."""
        error = sys.exc_info()[1]
        if error is not None:
            log_error(event_method, error)


def get_invite_url(application_id: int) -> str:
    """Return the address that adds the bot to a server, with the permissions that it uses."""
    permissions = discord.Permissions(**dict.fromkeys(PERMISSIONS, True))
    return discord.utils.oauth_url(
        application_id, permissions=permissions, scopes=("bot", "applications.commands")
    )


def connect_to_standin(url: str | None) -> None:
    """Let discord.py speak to what tests put in Discord's place, at that address; None leaves Discord."""
    if url is not None:
        discord.http.Route.BASE = f"{url}/api"
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{url}/gateway".replace("http", "ws"))


def create_bot(services: Services) -> Marquee:
    """Return the bot, not connected yet: `run` connects it to Discord, SimCord to a simulated one."""
    return Marquee(services)
