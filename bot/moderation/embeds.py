"""Embeds, files and sentences about reports, decisions, blocks and the moderation log."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from typing import Any

import discord

from bot.core.discord import COLOUR
from bot.core.discord.error_handler import formats_error
from bot.core.discord.limits import FILE_SIZE_LIMIT
from bot.core.text.cldr import describe_locale, format_country, format_number
from bot.core.text.csv_files import write_csv
from bot.core.text.formatting import escape_line, escape_line_to_fit, format_user_text, join_limited
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.local_titles import shown_title
from bot.films.models import Film
from bot.films.service import FilmService
from bot.moderation.models import (
    Action,
    BlockedError,
    Case,
    HiddenBy,
    LogEntry,
    LogPage,
    Reason,
    format_logged_settings,
    parse_logged_reports,
    parse_logged_settings,
)

REPLIES_SHOWN = 5
_LOG_SENTENCES = {
    Action.HIDE: (gettext_noop("{actor} hid a review"), gettext_noop("{actor} hid a reply")),
    Action.RESTORE: (gettext_noop("{actor} restored a review"), gettext_noop("{actor} restored a reply")),
    Action.APPROVE: (gettext_noop("{actor} approved a review"), gettext_noop("{actor} approved a reply")),
    Action.DELETE: (gettext_noop("{actor} deleted a review"), gettext_noop("{actor} deleted a reply")),
    Action.DISMISS: (
        gettext_noop("{actor} dismissed reports of a review"),
        gettext_noop("{actor} dismissed reports of a reply"),
    ),
    Action.AUTO_HIDE: (
        gettext_noop("{actor} hid a review after reports"),
        gettext_noop("{actor} hid a reply after reports"),
    ),
    Action.BLOCK: (gettext_noop("{actor} blocked a member"),) * 2,
    Action.UNBLOCK: (gettext_noop("{actor} unblocked a member"),) * 2,
    Action.DELETE_LIST: (gettext_noop("{actor} deleted a list"),) * 2,
    Action.REMOVE_LISTED: (gettext_noop("{actor} removed a film from a list"),) * 2,
    # Translators: “pick” is a film that curators feature
    Action.CHANGE_PICK: (gettext_noop("{actor} changed a pick"),) * 2,
    Action.REMOVE_PICK: (gettext_noop("{actor} removed a pick"),) * 2,
    Action.RESTORE_PICK: (gettext_noop("{actor} put a pick back"),) * 2,
    Action.START_PICK: (gettext_noop("{actor} featured a film"),) * 2,
    Action.END_PICK: (gettext_noop("{actor} stopped featuring a film"),) * 2,
    # Translators: a member's Letterboxd account
    Action.DISCONNECT: (gettext_noop("{actor} disconnected a Letterboxd account"),) * 2,
    Action.SETTINGS: (gettext_noop("{actor} changed settings"),) * 2,
}
_ABOUT_NO_MEMBER = {
    Action.SETTINGS,
    Action.CHANGE_PICK,
    Action.REMOVE_PICK,
    Action.RESTORE_PICK,
    Action.START_PICK,
    Action.END_PICK,
}
"""What need not be about a member: a pick may have been planned by whoever changes it, or by nobody."""
"""What was done, about a review and about a reply."""
_DONE = {
    Action.HIDE: (gettext_noop("You hid the review."), gettext_noop("You hid the reply.")),
    Action.RESTORE: (gettext_noop("You restored the review."), gettext_noop("You restored the reply.")),
    Action.APPROVE: (gettext_noop("You approved the review."), gettext_noop("You approved the reply.")),
    Action.DELETE: (gettext_noop("You deleted the review."), gettext_noop("You deleted the reply.")),
    Action.DISMISS: (gettext_noop("You dismissed the reports."),) * 2,
}
_HIDDEN_BY = {
    HiddenBy.REPORTS: gettext_noop("Hidden after reports"),
    HiddenBy.MODERATOR: gettext_noop("Hidden by a moderator"),
    HiddenBy.PRE_MODERATION: gettext_noop("Hidden until a moderator approves it"),
}
REASON_LABELS = {
    Reason.SPOILER: gettext_noop("Unmarked spoiler"),
    Reason.INSULT: gettext_noop("Insults someone"),
    Reason.HATE: gettext_noop("Hateful"),
    Reason.SPAM: gettext_noop("Spam"),
    Reason.OTHER: gettext_noop("Something else"),
}
SettingFormatter = Callable[[str | None], str]
"""Returns what the log shows of a setting's new value, as `parse_logged_settings` returns it."""
_setting_formatters: dict[str, SettingFormatter] = {}
_LOG_COLUMNS = (
    "id",
    "at",
    "action",
    "actor_id",
    "member_id",
    "film_id",
    "rating_id",
    "reply_id",
    "reason",
    "expires_at",
)


def formats_setting(name: str) -> Callable[[SettingFormatter], SettingFormatter]:
    """Decorate a function that says in the log what a setting was changed to.

    `name` is the field of `ServerSettings`. A setting without one is shown as it is stored.
    """

    def register(formatter: SettingFormatter) -> SettingFormatter:
        _setting_formatters[name] = formatter
        return formatter

    return register


@formats_setting("minimum_raters")
def _describe_minimum_raters(value: str | None) -> str:
    # Translators: the number of ratings that a film needs to be listed in the server's charts
    return _("Ratings needed for `/top`: {count}").format(count=value or _("none"))


@formats_setting("report_threshold")
def _describe_report_threshold(value: str | None) -> str:
    # Translators: {count} is a number, or “none”
    return _("Reports that hide a review: {count}").format(count=value if value and value != "0" else _("none"))


@formats_setting("moderator_role_id")
def _describe_moderator_role(value: str | None) -> str:
    return _("Moderator role: {role}").format(role=f"<@&{value}>" if value else _("none"))


@formats_setting("log_channel_id")
def _describe_log_channel(value: str | None) -> str:
    return _("Log channel: {channel}").format(channel=f"<#{value}>" if value else _("none"))


@formats_setting("word_filter")
def _describe_word_filter(value: str | None) -> str:
    return _("Blocked words: {count}").format(count=value if value and value != "0" else _("none"))


@formats_setting("country")
def _describe_country(value: str | None) -> str:
    return _("Country: {country}").format(country=format_country(value) if value else _("none"))


@formats_setting("language")
def _describe_language(value: str | None) -> str:
    # Translators: “Server Settings” is Discord's own name of a menu
    language = describe_locale(value) if value else _("Same as in Server Settings")
    return _("Language: {language}").format(language=language)


@formats_setting("curator_role_id")
def _describe_curator_role(value: str | None) -> str:
    # Translators: the role of those who plan picks
    return _("Curator role: {role}").format(role=f"<@&{value}>" if value else _("none"))


@formats_setting("night_host_role_id")
def _describe_host_role(value: str | None) -> str:
    # Translators: the role of those who plan film nights
    return _("Host role: {role}").format(role=f"<@&{value}>" if value else _("none"))


@formats_setting("counts_departed_ballots")
def _describe_departed_ballots(value: str | None) -> str:
    if value == str(False):
        return _("Ballots from members who left don't count.")
    return _("Ballots from members who left count.")


@formats_setting("ratings_shared_at")
def _describe_rating_sharing(value: str | None) -> str:
    # Translators: whether recommendations learn from other servers' ratings, and theirs from this server's
    return _("Ratings shared with other servers: yes") if value else _("Ratings shared with other servers: no")


@formats_setting("is_conversation_off")
def _describe_conversation(value: str | None) -> str:
    # Translators: whether the bot answers messages that mention it
    return _("Answers to mentions: off") if value == str(True) else _("Answers to mentions: on")


@formats_setting("conversation_channel_ids")
def _describe_conversation_channels(value: str | None) -> str:
    # Translators: {count} is the number of channels in which mentions are answered, or “all”
    sentence = _("Channels for mentions: {count}")
    # Translators: all channels
    return sentence.format(count=value or _("all"))


def describe_settings(values: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each of these settings, by the name of its field, as the log puts them."""
    logged = parse_logged_settings(format_logged_settings(values)) or {}
    return [_setting_formatters[name](value) for name, value in logged.items() if name in _setting_formatters]


def describe_action(action: Action, actor: str, *, is_reply: bool) -> str:
    """Return who did what, as in `@Sam hid a reply`."""
    return _(_LOG_SENTENCES[action][is_reply]).format(actor=actor)


def describe_done(action: Action, *, is_reply: bool) -> str:
    """Return the confirmation of a decision."""
    return _(_DONE[action][is_reply])


def build_case_embed(case: Case, film: Film | None, place: str) -> discord.Embed:
    """Return the embed with a reported or hidden text and all that a decision needs.

    `place` says which of how many it is.
    """
    content = case.content
    title = escape_line(film.shown_title, 200) if film is not None else _("A deleted film")
    embed = discord.Embed(title=f"{content.stars} · {title}"[:256], colour=COLOUR)
    text = format_user_text(content.review.text, 1_200) or _("(no review)")
    lines = [_("By {member}").format(member=f"<@{content.review.member_id}>"), text]
    lines += [
        f"↳ <@{reply.member_id}>: {format_user_text(reply.text, 330)}"
        for reply in content.replies[-REPLIES_SHOWN:]
    ]
    is_unreported = content.hidden_by is HiddenBy.PRE_MODERATION and not case.reasons
    if content.ref.is_reply:
        note = _("The reply needs your approval.") if is_unreported else _("The reply was reported.")
        lines.append(f"**{note}**")
    embed.description = "\n".join(lines)
    reasons = format_reasons(case.reasons)
    if is_unreported:
        reasons = (
            _("Not reported. A moderator took down this member's last reply.")
            if content.ref.is_reply
            else _("Not reported. A moderator took down this member's last review.")
        )
    embed.add_field(name=_("Reports"), value=reasons, inline=False)
    state = [_(_HIDDEN_BY[content.hidden_by]) if content.hidden_by is not None else _("Visible")]
    if content.is_spoiler:
        state.append(_("marked as spoiler"))
    embed.add_field(name=_("Status"), value=" · ".join(state))
    embed.add_field(
        name=_("First report") if case.reasons else _("Posted"), value=discord.utils.format_dt(case.since, "R")
    )
    embed.set_footer(text=place)
    return embed


def format_reasons(reasons: dict[Reason, int]) -> str:
    """Return how many members gave each reason, the most frequent first."""
    ordered = sorted(reasons.items(), key=lambda item: -item[1])
    return " · ".join(f"{_(REASON_LABELS[reason])}: {members}" for reason, members in ordered) or _(
        "No open reports"
    )


def build_empty_queue_embed(*, hidden: bool) -> discord.Embed:
    """Return the embed for a queue, or with `hidden` a list of hidden texts, that has nothing in it."""
    title = _("Nothing is hidden") if hidden else _("No open reports")
    embed = discord.Embed(title=title, colour=COLOUR)
    embed.description = _("No review or reply is hidden.") if hidden else _("You're all caught up.")
    return embed


def build_log_embed(page: LogPage, films: FilmService) -> discord.Embed:
    """Return the embed with a page of the moderation log."""
    embed = discord.Embed(title=_("Moderation log"), colour=COLOUR)
    embed.description = "\n".join(format_log_entry(entry, films) for entry in page.entries) or _(
        "Nothing here yet."
    )
    if page.entry_count:
        entries = ngettext("{count} entry", "{count} entries", page.entry_count)
        footer = [entries.format(count=format_number(page.entry_count))]
        if page.page_count > 1:
            footer.append(_("Page {page} of {pages}").format(page=page.page + 1, pages=page.page_count))
        embed.set_footer(text=" · ".join(footer))
    return embed


def format_log_entry(entry: LogEntry, films: FilmService) -> str:
    """Return a line that says who did what when, to whom and why."""
    actor = f"<@{entry.actor_id}>" if entry.actor_id is not None else "Marquee"
    parts = [
        discord.utils.format_dt(entry.created_at, "f"),
        describe_action(entry.action, actor, is_reply=entry.reply_id is not None),
    ]
    if entry.member_id is not None or entry.action not in _ABOUT_NO_MEMBER:
        parts.append(
            f"<@{entry.member_id}>" if entry.member_id is not None else _("a member who deleted their data")
        )
    if entry.film_id is not None:
        film = films.index.get(entry.film_id)
        title = shown_title(film) if film else _("A deleted film")
        parts.append(f"**{escape_line_to_fit(title, 80)}**")
    if entry.expires_at is not None:
        parts.append(_("until {time}").format(time=discord.utils.format_dt(entry.expires_at, "f")))
    parts.append(describe_reason(entry))
    return " · ".join(filter(None, parts))


def describe_decision(action: Action, case: Case, actor: str, films: FilmService, reason: str) -> str:
    """Return the line for the log channel that says who decided what about whose text on which film, and why."""
    film = films.index.get(case.content.film_id)
    title = shown_title(film) if film is not None else _("A deleted film")
    parts = (
        describe_action(action, actor, is_reply=case.content.ref.is_reply),
        f"<@{case.content.author_id}>",
        f"**{escape_line_to_fit(title, 80)}**",
        escape_line(reason, 300),
    )
    return " · ".join(filter(None, parts))


def describe_reason(entry: LogEntry) -> str:
    """Return why it was done as the moderator put it, or what Marquee noted, such as which settings changed."""
    if entry.action is Action.AUTO_HIDE and (count := parse_logged_reports(entry.reason)) is not None:
        return ngettext("{count} report", "{count} reports", count).format(count=format_number(count))
    changes = parse_logged_settings(entry.reason) if entry.action is Action.SETTINGS else None
    if changes is None or not changes.keys() <= _setting_formatters.keys():
        return escape_line_to_fit(entry.reason, 150)
    return join_limited([_setting_formatters[name](value) for name, value in changes.items()], 300, " · ")


async def create_log_file(pages: AsyncIterable[Iterable[LogEntry]]) -> discord.File | None:
    """Return the log as a CSV file, its entries in the given order; packed where it is long, None where too long.

    It is written page by page, so that nobody waits for a long log.
    """
    text = io.StringIO(newline="")
    write_csv(text, [_LOG_COLUMNS])
    async for page in pages:
        write_csv(text, map(_get_log_row, page))
    content = await asyncio.to_thread(text.getvalue().encode)
    name, description = "moderation-log.csv", _("The moderation log")
    if len(content) <= FILE_SIZE_LIMIT:
        return discord.File(io.BytesIO(content), name, description=description)
    packed = await asyncio.to_thread(_pack, name, content)
    if len(packed) > FILE_SIZE_LIMIT:
        return None
    return discord.File(io.BytesIO(packed), "moderation-log.zip", description=description)


def _get_log_row(entry: LogEntry) -> tuple[str | int | None, ...]:
    return (
        entry.id, entry.created_at.isoformat(), entry.action.value, entry.actor_id, entry.member_id, entry.film_id,
        entry.rating_id, entry.reply_id, entry.reason,
        entry.expires_at.isoformat() if entry.expires_at is not None else None,
    )  # fmt: skip


def _pack(name: str, content: bytes) -> bytes:
    """Return a ZIP with one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def describe_unusable_patterns(patterns: Sequence[str]) -> str:
    """Return for moderators which of AutoMod's patterns are not checked, "" for none."""
    if not patterns:
        return ""
    shown = join_limited([f"“{escape_line_to_fit(pattern, 80)}”" for pattern in patterns], 600)
    return _(
        "These AutoMod patterns are too large or invalid, so reviews aren't checked for them: {patterns}"
    ).format(patterns=shown)


def describe_hidden(hidden_by: HiddenBy | None, noun: str) -> list[str]:
    """Return sentences for the author of a `noun` that was just saved and is not shown, none if it is shown."""
    is_reply = noun == "reply"
    match hidden_by:
        case HiddenBy.PRE_MODERATION:
            return [
                _("A moderator took down your last reply, so a moderator reviews this one first.")
                if is_reply
                else _("A moderator took down your last review, so a moderator reviews this one first.")
            ]
        case HiddenBy.MODERATOR:
            return [
                _("A moderator hid your reply. If you edit it, a moderator reviews it first.")
                if is_reply
                else _("A moderator hid your review. If you edit it, a moderator reviews it first.")
            ]
        case HiddenBy.REPORTS:
            return [
                _("Your reply is hidden until a moderator reviews its reports.")
                if is_reply
                else _("Your review is hidden until a moderator reviews its reports.")
            ]
    return []


@formats_error(BlockedError)
def format_blocked_error(error: BlockedError) -> str:
    """Return the message for a blocked member: how long the block lasts, in their own time zone, and why."""
    sentences = [_("Moderators have blocked you from rating, reviewing and suggesting films here.")]
    if error.expires_at is not None:
        sentences.append(_("The block ends {time}.").format(time=discord.utils.format_dt(error.expires_at, "R")))
    if error.reason:
        sentences.append(_("Reason: {reason}").format(reason=escape_line(error.reason, 300)))
    return " ".join(sentences)
