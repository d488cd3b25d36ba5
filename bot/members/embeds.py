"""Replies of `/settings` and `/me`."""

import discord

from bot.core.discord import COLOUR
from bot.core.text.countries import format_country
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import format_count, join_limited
from bot.core.text.i18n import _
from bot.members.models import CountryPreference, CountrySource
from bot.members.server_settings import ServerSettings


def describe_server_country(country: str | None) -> str:
    """Return the reply to a moderator who set or removed the server's country."""
    if country is None:
        return "This server's country is no longer set. Members who set none of their own see no country."
    return f"This server's country is **{format_country(country)}**, for all members who set none of their own."


def describe_country_change(country: CountryPreference | None) -> str:
    """Return the reply to a member who set or removed their country; `country` is the one that applies now."""
    if country is None:
        return "Your country is no longer set. No other counts for you here."
    name = format_country(country.code)
    if country.source is CountrySource.MEMBER:
        return f"Your country is **{name}**: cards show you where to stream there."
    return f"Your country is no longer set. The server's counts for you now: **{name}**."


def describe_country(country: CountryPreference | None) -> str:
    """Return which country applies to a member, and whose setting it is."""
    if country is None:
        return "No country is set, by you or by the server. `/me country` with a country sets yours."
    name = format_country(country.code)
    if country.source is CountrySource.MEMBER:
        return f"Your country is **{name}**."
    return f"You have set no country; the server's is **{name}**."


def build_review_settings_embed(
    settings: ServerSettings, *, minimum_raters: int, report_threshold: int
) -> discord.Embed:
    """Return the server's settings for reviews; the two numbers are the ones that apply, set or default."""
    ratings = format_count(minimum_raters, "rating")
    reports = "1 report hides" if report_threshold == 1 else f"{report_threshold} reports hide"
    hiding = (
        f"{reports} a review until a moderator decides." if report_threshold else "Reports alone hide nothing."
    )
    role = f"<@&{settings.moderator_role_id}>" if settings.moderator_role_id else "none"
    channel = f"<#{settings.log_channel_id}>" if settings.log_channel_id else "none"
    lines = (
        f"`/top` lists films with at least {ratings}.",
        hiding,
        f"Role that moderates reviews, besides who may manage messages: {role}",
        f"Channel for moderators' decisions: {channel}",
        f"Words that reviews may not hold: {len(settings.word_filter or ())}; `/settings words` shows them.",
    )
    return discord.Embed(title="Reviews in this server", colour=COLOUR, description="\n".join(lines))


def describe_word_filter(words: tuple[str, ...]) -> str:
    """Return the words that reviews may not contain."""
    if not words:
        return "No word is refused but for what AutoMod's rules say, where Marquee may read them (Manage Server)."
    return "Refused in reviews and replies: " + join_limited([escape_line(word, 60) for word in words], 1_800)


def describe_curators(role_id: int | None) -> str:
    """Return who may plan the marquee."""
    if role_id is None:
        return "The marquee is planned by those who may manage the server."
    return f"The marquee is planned by those who may manage the server and by <@&{role_id}>."


def describe_night_hosts(settings: ServerSettings) -> str:
    """Return who may plan film nights, and whose ballots count."""
    if settings.night_host_role_id is None:
        hosts = _("Film nights are planned by members who may manage the server or its events.")
    else:
        hosts = _(
            "Film nights are planned by members who may manage the server or its events, and by {role}."
        ).format(role=f"<@&{settings.night_host_role_id}>")
    if settings.counts_departed_ballots is False:
        return hosts + " " + _("Ballots of members who left don't count.")
    return hosts + " " + _("Ballots of members who left count.")


def describe_server_rating_sharing(is_shared: bool) -> str:
    """Return whether the server's recommendations learn from other servers, and they from it."""
    if is_shared:
        return (
            "Recommendations here learn from other servers that share, and those from this one; only from the "
            "stars of members who allow it with `/mydata learning`. No server and no member is ever named."
        )
    return "Recommendations here learn from this server's own stars alone, and no other server from them."


def describe_rating_sharing(is_shared: bool) -> str:
    """Return whether other servers may learn from the member's ratings."""
    if is_shared:
        return (
            "Other servers' recommendations may learn from your stars, where the moderators of both servers share "
            "them. You are never named, nor the server."
        )
    return "Your stars stay in the servers you gave them in."


def describe_name_hidden(is_hidden: bool) -> str:
    """Return the reply to a member who hid their name or shows it again."""
    if is_hidden:
        return "Your name stays out of lists: they say “a member”. Your profile is yours alone."
    return "Lists show your name."


def describe_diary_public(is_public: bool) -> str:
    """Return the reply to a member who opened or closed their diary."""
    return "Others may read your diary." if is_public else "Your diary is yours alone."
