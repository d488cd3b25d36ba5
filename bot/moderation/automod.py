"""Checks texts against the words a server refuses: its own list, and its AutoMod rules if they are readable."""

import asyncio
import logging
from typing import Any
from weakref import WeakKeyDictionary

import discord
from cachetools import TTLCache

from bot.core.discord import get_service, require_guild_id
from bot.members.repository import ServerSettingsRepository
from bot.moderation.word_filter import WordRule, check_words

log = logging.getLogger(__name__)
CACHED_SERVERS, CACHED_SECONDS = 1_000, 60.0
"""Servers whose AutoMod rules are kept in memory, and how long a change of them may stay unseen."""
_cached_rules: WeakKeyDictionary[discord.Client, TTLCache[int, list[discord.AutoModRule]]] = WeakKeyDictionary()


async def require_allowed_words(interaction: discord.Interaction[Any], text: str) -> None:
    """Raise RefusedWordsError if the server refuses that text from this member in this channel."""
    if not text:
        return
    settings = await get_service(interaction, ServerSettingsRepository).get(require_guild_id(interaction))
    rules = [
        _word_rule_from(rule) for rule in await _get_automod_rules(interaction) if _applies(rule, interaction)
    ]
    await asyncio.to_thread(check_words, text, [WordRule(settings.word_filter or ()), *rules])


async def _get_automod_rules(interaction: discord.Interaction[Any]) -> list[discord.AutoModRule]:
    guild = interaction.guild
    if guild is None or guild.me is None or not guild.me.guild_permissions.manage_guild:
        return []
    cache = _cached_rules.setdefault(interaction.client, TTLCache(CACHED_SERVERS, CACHED_SECONDS))
    if (cached := cache.get(guild.id)) is not None:
        return cached
    try:
        rules = await guild.fetch_automod_rules()
    except discord.HTTPException as error:
        log.warning("AutoMod's rules can't be read: Discord says %d", error.status)
        return []
    cache[guild.id] = rules
    return rules


def _applies(rule: discord.AutoModRule, interaction: discord.Interaction[Any]) -> bool:
    roles = {role.id for role in getattr(interaction.user, "roles", ())}
    return (
        rule.enabled
        and rule.trigger.type is discord.AutoModRuleTriggerType.keyword
        and not roles & rule.exempt_role_ids
        and interaction.channel_id not in rule.exempt_channel_ids
    )


def _word_rule_from(rule: discord.AutoModRule) -> WordRule:
    trigger = rule.trigger
    return WordRule(tuple(trigger.keyword_filter), tuple(trigger.regex_patterns), tuple(trigger.allow_list))
