"""Embeds, files and sentences about reports, decisions, blocks and the moderation log."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterable, Iterable, Sequence

import discord

from bot.core.discord import COLOUR
from bot.core.discord.error_handler import formats_error
from bot.core.discord.limits import FILE_SIZE_LIMIT
from bot.core.text.csv_files import write_csv
from bot.core.text.escaping import escape_line, escape_line_to_fit, format_user_text
from bot.core.text.formatting import format_count, join_limited, with_year
from bot.films.models import Film
from bot.films.service import FilmService
from bot.moderation.models import Action, BlockedError, Case, HiddenBy, LogEntry, LogPage, Reason

REPLIES_SHOWN = 5
ACTION_PHRASES = {
    Action.HIDE: "hid a {noun}",
    Action.RESTORE: "restored a {noun}",
    Action.DELETE: "deleted a {noun}",
    Action.DISMISS: "found no problem with a {noun}",
    Action.AUTO_HIDE: "hid a {noun} after reports",
    Action.BLOCK: "blocked a member",
    Action.UNBLOCK: "unblocked a member",
    Action.SETTINGS: "changed settings",
}
_HIDDEN_BY = {
    HiddenBy.REPORTS: "hidden after reports",
    HiddenBy.MODERATOR: "hidden by a moderator",
    HiddenBy.PRE_MODERATION: "held until a moderator decides",
}
_LOG_COLUMNS = ("id", "at", "action", "actor_id", "member_id", "film_id", "rating_id", "reply_id", "reason")


def build_case_embed(case: Case, film: Film | None) -> discord.Embed:
    """Return the embed with a reported or hidden text and all that a decision needs."""
    content = case.content
    title = escape_line(film.dated_title, 200) if film is not None else "a film that is gone"
    embed = discord.Embed(title=f"{content.stars} · {title}"[:256], colour=COLOUR)
    lines = [f"by <@{content.review.member_id}>", format_user_text(content.review.text, 1_200) or "(no text)"]
    lines += [
        f"↳ <@{reply.member_id}>: {format_user_text(reply.text, 330)}"
        for reply in content.replies[-REPLIES_SHOWN:]
    ]
    is_unreported = content.hidden_by is HiddenBy.PRE_MODERATION and not case.reasons
    if content.ref.is_reply:
        lines.append(f"**The reply is what {'waits' if is_unreported else 'was reported'}.**")
    embed.description = "\n".join(lines)
    reasons = format_reasons(case.reasons)
    if is_unreported:
        reasons = f"no report: an earlier {content.ref.noun} of theirs was taken down"
    embed.add_field(name="Reported for", value=reasons, inline=False)
    state = [_HIDDEN_BY[content.hidden_by] if content.hidden_by is not None else "shown"]
    if content.is_spoiler:
        state.append("marked as a spoiler")
    embed.add_field(name="Now", value=", ".join(state))
    embed.add_field(
        name="First report" if case.reasons else "Posted", value=discord.utils.format_dt(case.since, "R")
    )
    return embed


def format_reasons(reasons: dict[Reason, int]) -> str:
    """Return how many members gave each reason, the most frequent first."""
    ordered = sorted(reasons.items(), key=lambda item: -item[1])
    return ", ".join(f"{reason.value}: {members}" for reason, members in ordered) or "no report waits any more"


def build_empty_queue_embed(*, hidden: bool) -> discord.Embed:
    """Return the embed for a queue, or with `hidden` a list of hidden texts, that has nothing in it."""
    embed = discord.Embed(title="Nothing is hidden" if hidden else "Nothing waits", colour=COLOUR)
    embed.description = f"No review or reply {'is hidden' if hidden else 'waits for a decision'}."
    return embed


def build_log_embed(page: LogPage, films: FilmService) -> discord.Embed:
    """Return the embed with a page of the moderation log."""
    embed = discord.Embed(title="Moderation log", colour=COLOUR)
    embed.description = (
        "\n".join(format_log_entry(entry, films) for entry in page.entries) or "Nothing was done yet."
    )
    if page.entry_count:
        entries = format_count(page.entry_count, "entry", "entries")
        embed.set_footer(text=f"{entries} · page {page.page + 1} of {page.page_count}")
    return embed


def format_log_entry(entry: LogEntry, films: FilmService) -> str:
    """Return a line that says who did what when, to whom and why."""
    actor = f"<@{entry.actor_id}>" if entry.actor_id is not None else "Marquee"
    action = ACTION_PHRASES[entry.action].format(noun="reply" if entry.reply_id is not None else "review")
    line = f"{discord.utils.format_dt(entry.created_at, 'f')} · {actor} {action}"
    if entry.action is not Action.SETTINGS:
        line += f": <@{entry.member_id}>" if entry.member_id is not None else ": somebody whose data are deleted"
    if entry.film_id is not None:
        film = films.index.get(entry.film_id)
        title = f"**{escape_line_to_fit(with_year(film.title, film.year), 80)}**" if film else f"`{entry.film_id}`"
        line += f", {title}"
    return f"{line}. {escape_line_to_fit(entry.reason, 150)}".rstrip()


async def create_log_file(pages: AsyncIterable[Iterable[LogEntry]]) -> discord.File | None:
    """Return the log as a CSV file, its entries in the given order; packed where it is long, None where too long.

    It is written page by page, so that nobody waits for a long log.
    """
    text = io.StringIO(newline="")
    write_csv(text, [_LOG_COLUMNS])
    async for page in pages:
        write_csv(text, map(_get_log_row, page))
    content = await asyncio.to_thread(text.getvalue().encode)
    name, description = "moderation-log.csv", "The moderation log"
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
    return f"AutoMod patterns not checked in reviews and replies, because they are too large or invalid: {shown}"


def describe_hidden(hidden_by: HiddenBy | None, noun: str) -> list[str]:
    """Return sentences for the author of a `noun` that was just stored and is not shown, none if it is shown."""
    match hidden_by:
        case HiddenBy.PRE_MODERATION:
            return [f"An earlier {noun} of yours was taken down, so the moderators look at this one first."]
        case HiddenBy.MODERATOR:
            sentence = f"The {noun} stays hidden: a moderator hid it."
            return [f"{sentence} Other words would be looked at before they are shown."]
        case HiddenBy.REPORTS:
            return [f"The {noun} stays hidden until the moderators have decided about it."]
    return []


@formats_error(BlockedError)
def format_blocked_error(error: BlockedError) -> str:
    """Return the message for a blocked member: how long the block lasts, in their own time zone, and why."""
    lasts = f"until {discord.utils.format_dt(error.expires_at, 'R')}" if error.expires_at else "until they lift it"
    reason = f" Their reason: {escape_line(error.reason, 300)}" if error.reason else ""
    return f"{error} The block lasts {lasts}.{reason}"
