"""Replies of `/settings` and `/me`."""

from collections.abc import Sequence

import discord

from bot.core.discord import COLOUR
from bot.core.text.cldr import describe_locale, format_country
from bot.core.text.formatting import escape_line, join_limited
from bot.core.text.i18n import _, get_spoken_locale, ngettext, use_locale
from bot.members.models import CountryPreference, CountrySource
from bot.members.server_settings import ServerSettings


def describe_language(locale: str, *, is_chosen: bool) -> str:
    """Return which language public messages in the server come in."""
    with use_locale(locale):
        spoken = get_spoken_locale()
    language = describe_locale(spoken)
    if is_chosen:
        return _("Public messages here are in {language}.").format(language=language)
    return _("Public messages here are in {language}, as set in Server Settings.").format(language=language)


def describe_server_country(country: str | None) -> str:
    """Return the reply to a moderator who set or removed the server's country."""
    if country is None:
        return _("Removed the server's country. Members now set their own with `/me country`.")
    return _("Set the server's country to **{country}**. Members can set their own with `/me country`.").format(
        country=format_country(country)
    )


def describe_current_server_country(country: str | None) -> str:
    """Return which country the server has."""
    if country is None:
        return _("This server has no country. Members set their own with `/me country`.")
    return _("This server's country is **{country}**. Members can set their own with `/me country`.").format(
        country=format_country(country)
    )


def describe_country_change(country: CountryPreference | None) -> str:
    """Return the reply to a member who set or removed their country; `country` is the one that applies now."""
    if country is None:
        return _("Removed your country.")
    name = format_country(country.code)
    if country.source is CountrySource.MEMBER:
        return _("Your country is **{country}**. Film cards now show where to stream there.").format(country=name)
    return _("Removed your country. Film cards now use the server's: **{country}**.").format(country=name)


def describe_country(country: CountryPreference) -> str:
    """Return which country applies to a member, and whose setting it is."""
    name = format_country(country.code)
    if country.source is CountrySource.MEMBER:
        return _("Your country is **{country}**.").format(country=name)
    return _("You haven't set a country, so film cards use the server's: **{country}**.").format(country=name)


def build_review_settings_embed(
    settings: ServerSettings, *, minimum_raters: int, report_threshold: int
) -> discord.Embed:
    """Return the server's settings for reviews; the two numbers are the ones that apply, set or default."""
    hiding = _("Reports don't hide reviews.")
    if report_threshold:
        hiding = ngettext(
            "{count} report hides a review until a moderator decides.",
            "{count} reports hide a review until a moderator decides.",
            report_threshold,
        ).format(count=report_threshold)
    role = f"<@&{settings.moderator_role_id}>" if settings.moderator_role_id else _("none")
    channel = f"<#{settings.log_channel_id}>" if settings.log_channel_id else _("none")
    lines = (
        ngettext(
            "`/top` lists films with at least {count} rating.",
            "`/top` lists films with at least {count} ratings.",
            minimum_raters,
        ).format(count=minimum_raters),
        hiding,
        _("Moderator role: {role}").format(role=role),
        _("Log channel: {channel}").format(channel=channel),
        _("Blocked words: {count} (see `/settings words`)").format(count=len(settings.word_filter or ())),
    )
    embed = discord.Embed(title=_("Review settings"), colour=COLOUR, description="\n".join(lines))
    if settings.moderator_role_id:
        embed.set_footer(text=describe_role_access("/moderation"))
    return embed


def describe_word_filter(words: tuple[str, ...]) -> str:
    """Return the words that reviews may not contain."""
    if not words:
        return _("No blocked words.")
    return _("Blocked in reviews and replies: {words}").format(
        words=join_limited([escape_line(word, 60) for word in words], 1_800)
    )


def describe_removed_words(words: Sequence[str]) -> str:
    """Return which words are no longer blocked, to be copied, "" for none."""
    if not words:
        return ""
    return _("No longer blocked: {words}").format(
        words=join_limited([escape_line(word, 60) for word in words], 1_000)
    )


def describe_automod(*, can_read: bool) -> str:
    """Return whether reviews are held against AutoMod's rules, too."""
    if can_read:
        return _("AutoMod's rules apply, too.")
    return _("I can't read AutoMod's rules. Allow me: Manage Server.")


def describe_curators(role_id: int | None) -> str:
    """Return who may plan the marquee, and what lets the role see the command."""
    # Translators: a quiet line under who can plan picks
    rest = "-# " + _("Set the channel, the time zone and the ping with `/pick rotate`.")
    if role_id is None:
        return _("Members who can manage the server can plan picks.") + f"\n{rest}"
    who = _("Members who can manage the server or have <@&{role_id}> can plan picks.").format(role_id=role_id)
    return f"{who}\n-# {describe_role_access('/pick')}\n{rest}"


def describe_role_access(command: str) -> str:
    """Return how to let a role see a command that Discord offers to nobody without a permission."""
    # Translators: “Server Settings” and “Integrations” are Discord's own words
    note = _("Allow the role to use {command} in Server Settings > Integrations, or it won't see the command.")
    return note.format(command=command)


def describe_night_hosts(settings: ServerSettings) -> str:
    """Return who may plan film nights, and whose ballots count."""
    if settings.night_host_role_id is None:
        hosts = _("Members who can manage the server or its events can plan film nights.")
    else:
        hosts = _("Members who can manage the server or its events, or have {role}, can plan film nights.").format(
            role=f"<@&{settings.night_host_role_id}>"
        )
    if settings.counts_departed_ballots is False:
        return hosts + " " + _("Ballots from members who left don't count.")
    return hosts + " " + _("Ballots from members who left count.")


def describe_server_rating_sharing(is_shared: bool) -> str:
    """Return whether the server's recommendations learn from other servers, and they from it."""
    if is_shared:
        return _(
            "This server shares ratings with other servers that do the same, to improve recommendations. Only "
            "members who allow it with `/mydata learning` are included, and nobody is named."
        )
    return _("This server doesn't share ratings with other servers.")


def describe_rating_sharing(is_shared: bool) -> str:
    """Return whether other servers may learn from the member's ratings."""
    if is_shared:
        return _("Your ratings can improve recommendations in other servers. You're never named.")
    return _("Your ratings are only used in the servers where you gave them.")


def describe_name_hidden(is_hidden: bool) -> str:
    """Return the reply to a member who hid their name or shows it again."""
    if is_hidden:
        return _("Your name is hidden: lists say “a member”. Your profile is private.")
    return _("Your name is visible in lists.")


def describe_diary_public(is_public: bool) -> str:
    """Return the reply to a member who opened or closed their diary."""
    return _("Everyone in your servers can read your diary.") if is_public else _("Your diary is private.")
