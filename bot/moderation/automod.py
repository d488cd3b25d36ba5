"""Checks texts against the words a server refuses: its own list, and its AutoMod rules if they are readable."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import discord
from cachetools import TTLCache

from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository
from bot.core.discord import get_public_locale, get_service, require_guild_id
from bot.core.text.i18n import use_locale
from bot.members.repository import ServerSettingsRepository
from bot.moderation.embeds import describe_unusable_patterns
from bot.moderation.notifications import post_to_log_channel
from bot.moderation.word_filter import WordRule, check_words, find_unusable_patterns

log = logging.getLogger(__name__)
CACHED_SERVERS, CACHED_SECONDS = 1_000, 60.0
"""Servers whose AutoMod rules are kept in memory, and how long a change of them may stay unseen."""


@dataclass(frozen=True, slots=True)
class _ServerRules:
    """A server's rules, and those of their patterns that are not checked."""

    rules: Sequence[discord.AutoModRule] = ()
    unusable_patterns: Sequence[str] = ()


_cached_rules: WeakKeyDictionary[discord.Client, TTLCache[int, _ServerRules]] = WeakKeyDictionary()


async def require_allowed_words(interaction: discord.Interaction[Any], text: str) -> None:
    """Raise RefusedWordsError if the server refuses that text from this member in this channel."""
    if not text:
        return
    settings = await get_service(interaction, ServerSettingsRepository).get(require_guild_id(interaction))
    server = await _get_interaction_rules(interaction)
    rules = [
        _word_rule_from(rule, server.unusable_patterns) for rule in server.rules if _applies(rule, interaction)
    ]
    await asyncio.to_thread(check_words, text, [WordRule(settings.word_filter or ()), *rules])


async def require_allowed_words_in(
    client: discord.Client, guild: discord.Guild, server_settings: ServerSettingsRepository, text: str
) -> None:
    """Raise RefusedWordsError if the server refuses that text from anybody: for what no command posts."""
    if not text:
        return
    settings, server = await server_settings.get(guild.id), await _get_server_rules(client, guild)
    rules = [_word_rule_from(rule, server.unusable_patterns) for rule in server.rules]
    await asyncio.to_thread(check_words, text, [WordRule(settings.word_filter or ()), *rules])


async def list_unusable_patterns(interaction: discord.Interaction[Any]) -> Sequence[str]:
    """Return the patterns of the server's AutoMod that are not checked here."""
    return (await _get_interaction_rules(interaction)).unusable_patterns


async def _get_interaction_rules(interaction: discord.Interaction[Any]) -> _ServerRules:
    """Return the rules of the server that an interaction is from; its moderators learn of unusable patterns."""
    guild = interaction.guild
    if guild is None:
        return _ServerRules()
    was_cached = guild.id in _cached_rules.get(interaction.client, ())
    server = await _get_server_rules(interaction.client, guild)
    if server.unusable_patterns and not was_cached:
        await _tell_moderators_once(interaction, guild.id, server.unusable_patterns)
    return server


async def _get_server_rules(client: discord.Client, guild: discord.Guild) -> _ServerRules:
    if guild.me is None or not guild.me.guild_permissions.manage_guild:
        return _ServerRules()
    cache = _cached_rules.setdefault(client, TTLCache(CACHED_SERVERS, CACHED_SECONDS))
    if (cached := cache.get(guild.id)) is not None:
        return cached
    try:
        rules = [rule for rule in await guild.fetch_automod_rules() if _is_about_words(rule)]
    except discord.HTTPException as error:
        log.warning("AutoMod's rules can't be read: Discord says %d", error.status)
        return _ServerRules()
    patterns = [pattern for rule in rules for pattern in rule.trigger.regex_patterns]
    unusable = await asyncio.to_thread(find_unusable_patterns, patterns)
    cache[guild.id] = server = _ServerRules(rules, unusable)
    return server


async def _tell_moderators_once(
    interaction: discord.Interaction[Any], server_id: int, unusable: Sequence[str]
) -> None:
    """Post to the server's log channel which patterns are not checked, unless it was said of the same ones."""
    key_values = KeyValueRepository(get_service(interaction, Database))
    name, digest = f"unusable patterns {server_id}", hashlib.sha256("\n".join(unusable).encode()).hexdigest()
    if await key_values.get(name) != digest:
        await key_values.set(name, digest)
        with use_locale(get_public_locale(interaction)):
            notice = describe_unusable_patterns(unusable)
        await post_to_log_channel(interaction, server_id, notice)


def _is_about_words(rule: discord.AutoModRule) -> bool:
    return rule.enabled and rule.trigger.type is discord.AutoModRuleTriggerType.keyword


def _applies(rule: discord.AutoModRule, interaction: discord.Interaction[Any]) -> bool:
    roles = {role.id for role in getattr(interaction.user, "roles", ())}
    return not roles & rule.exempt_role_ids and interaction.channel_id not in rule.exempt_channel_ids


def _word_rule_from(rule: discord.AutoModRule, unusable_patterns: Sequence[str]) -> WordRule:
    trigger = rule.trigger
    patterns = tuple(pattern for pattern in trigger.regex_patterns if pattern not in unusable_patterns)
    return WordRule(tuple(trigger.keyword_filter), patterns, tuple(trigger.allow_list))
