"""What is told of settings."""

import discord

from bot.core.discord import COLOUR
from bot.core.text.countries import country_name, flag
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import join_limited
from bot.members.preferences import CountrySource
from bot.members.server_settings import ServerSettings


def server_country_stored(country: str | None) -> str:
    """Say what the server's country is now."""
    if country is None:
        return "This server's country is no longer set. Members who set none of their own see no country."
    where = f"{country_name(country)} {flag(country)}"
    return f"This server's country is **{where}**, for all members who set none of their own."


def country_stored(found: tuple[str, CountrySource] | None) -> str:
    """Say what holds for a member who has just set or forgotten their country."""
    where = f"{country_name(found[0])} {flag(found[0])}" if found is not None else ""
    if found is not None and found[1] is CountrySource.MEMBER:
        return f"Your country is **{where}**: cards show you where to stream there."
    rest = f"The server's counts for you now: **{where}**." if where else "No other counts for you here."
    return f"Your country is no longer set. {rest}"


def country_in_force(found: tuple[str, CountrySource] | None) -> str:
    """Say what country holds for a member, and why."""
    if found is None:
        return "No country is set, by you or by the server. `/me country` with a country sets yours."
    country, source = found
    where = f"{country_name(country)} {flag(country)}"
    if source is CountrySource.MEMBER:
        return f"Your country is **{where}**."
    return f"You have set no country; the server's is **{where}**."


def review_settings(settings: ServerSettings, *, minimum_raters: int, report_threshold: int) -> discord.Embed:
    """Return the embed with a server's settings for reviews; the two numbers are the ones that apply."""
    embed = discord.Embed(title="Reviews in this server", colour=COLOUR)
    role = f"<@&{settings.moderator_role_id}>" if settings.moderator_role_id else "none"
    channel = f"<#{settings.log_channel_id}>" if settings.log_channel_id else "none"
    lines = (
        f"`/top` lists films with at least {'1 rating' if minimum_raters == 1 else f'{minimum_raters} ratings'}.",
        _hiding(report_threshold),
        f"Role that moderates reviews, besides who may manage messages: {role}",
        f"Channel for moderators' decisions: {channel}",
        f"Words that reviews may not hold: {len(settings.word_filter or ())}; `/settings words` shows them.",
    )
    embed.description = "\n".join(lines)
    return embed


def _hiding(reports: int) -> str:
    if not reports:
        return "Reports alone hide nothing."
    return f"{'1 report hides' if reports == 1 else f'{reports} reports hide'} a review until a moderator decides."


def blocked_words(words: tuple[str, ...]) -> str:
    """Show which words reviews may not hold."""
    if not words:
        return "No word is refused but for what AutoMod's rules say, where Marquee may read them (Manage Server)."
    return "Refused in reviews and replies: " + join_limited([escape_line(word, 60) for word in words], 1_800)


def curators(role_id: int | None) -> str:
    """Say who may plan the marquee."""
    if role_id is None:
        return "The marquee is planned by those who may manage the server."
    return f"The marquee is planned by those who may manage the server and by <@&{role_id}>."


def server_learning(shared: bool) -> str:
    """Say whether the server's recommendations learn across servers."""
    if shared:
        return (
            "Recommendations here learn from other servers that share, and those from this one; only from the "
            "stars of members who allow it with `/mydata learning`. No server and no member is ever named."
        )
    return "Recommendations here learn from this server's own stars alone, and no other server from them."
