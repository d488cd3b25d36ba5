"""What members read about followed Letterboxd accounts: answers of `/letterboxd`, entries in the channel."""

from datetime import datetime

import discord

from bot.core.discord import COLOUR, Response, View
from bot.core.discord.error_handler import formats_error
from bot.core.text.cldr import format_date
from bot.core.text.formatting import escape_line, format_user_text, with_year
from bot.core.text.i18n import _
from bot.films.local_titles import known_title
from bot.imports.following_models import (
    POSTS_PER_HOUR,
    Account,
    AccountTakenError,
    FollowingOffError,
    InvalidUsernameError,
    LetterboxdUnavailableError,
    NotConnectedError,
    Post,
    UnknownUsernameError,
)
from bot.moderation.embeds import formats_setting
from bot.reviews.rating_views import RateButton
from bot.reviews.star_emojis import show_stars

REVIEW_LENGTH = 600
"""Characters of a review in the channel; Letterboxd has the rest."""


@formats_setting("letterboxd_channel_id")
def _describe_channel_change(value: str | None) -> str:
    # Translators: the channel in which members' new entries at Letterboxd are posted, or “none”
    return _("Letterboxd entries: {channel}").format(channel=f"<#{value}>" if value else _("none"))


@formats_setting("letterboxd_snoozed_until")
def _describe_snooze_change(value: str | None) -> str:
    if value is None:
        return _("Letterboxd entries: not paused")
    until = discord.utils.format_dt(datetime.fromisoformat(value), "f")
    return _("Letterboxd entries: paused until {time}").format(time=until)


def describe_connected(account: Account, channel_id: int | None) -> str:
    """Return the reply to a member who connected their account."""
    lines = [
        _("Connected to **{name}** on Letterboxd. New diary entries and ratings will show up here.").format(
            name=escape_line(account.username)
        )
    ]
    if account.takes_reviews:
        lines.append(_("Your new reviews are published here, too."))
    if channel_id is not None:
        lines.append(_("New entries are posted in {channel}.").format(channel=f"<#{channel_id}>"))
    lines.append(_("For everything before today, use `/import file`."))
    return "\n".join(lines)


def describe_account(account: Account | None, channel_id: int | None, snoozed_until: datetime | None) -> str:
    """Return which account a member has connected, and what the server does with entries."""
    if account is None:
        lines = [_("You haven't connected a Letterboxd account here. Use `/letterboxd connect`.")]
    else:
        name = escape_line(account.username)
        lines = [_("Connected to **{name}** on Letterboxd.").format(name=name)]
        if account.failure_count or account.missing_count:
            lines.append(_("I couldn't reach Letterboxd last time. I'll keep trying."))
    lines.append(describe_channel(channel_id, snoozed_until))
    return "\n".join(lines)


def describe_channel(
    channel_id: int | None, snoozed_until: datetime | None, *, is_for_moderator: bool = False
) -> str:
    """Return where entries are posted."""
    if channel_id is None and is_for_moderator:
        return _("Entries aren't posted in a channel. Choose one with `/letterboxd channel`.")
    if channel_id is None:
        return _("Entries aren't posted in a channel. Moderators can choose one with `/letterboxd channel`.")
    if snoozed_until is not None:
        return _("No entries are posted in {channel} until {time}.").format(
            channel=f"<#{channel_id}>", time=discord.utils.format_dt(snoozed_until, "f")
        )
    return _("New entries are posted in {channel}, up to {count} an hour.").format(
        channel=f"<#{channel_id}>", count=POSTS_PER_HOUR
    )


def describe_disconnected(member_id: int | None) -> str:
    """Return the reply to a member who disconnected their account, or to a moderator who did for another."""
    if member_id is not None:
        return _("Disconnected {member}'s Letterboxd account. What came from it stays.").format(
            member=f"<@{member_id}>"
        )
    return _("Disconnected. What came from Letterboxd stays; undo it with `/import history`.")


def describe_gone_account(username: str, server: str) -> str:
    """Return what a member is told whose account Letterboxd doesn't know any more."""
    return _(
        "Letterboxd no longer knows **{name}**, so I disconnected it in {server}. "
        "If you have a new name, use `/letterboxd connect` there."
    ).format(name=escape_line(username), server=escape_line(server, 100))


def render_post(post: Post, member: str, *, review: str) -> Response:
    """Return an entry as it is posted; `review` is "" where there is none to be shown."""
    known = known_title(post.film_id, post.title) if post.film_id is not None else post.title
    title = with_year(known, post.year)
    embed = discord.Embed(colour=COLOUR, title=escape_line(title, 200), url=post.link or None)
    facts = [show_stars(post.half_stars)] if post.half_stars is not None else []
    if post.is_liked:
        facts.append("❤️")
    if post.is_rewatch:
        facts.append(_("Rewatch"))
    if post.watched_on is not None:
        facts.append(format_date(post.watched_on))
    text = format_user_text(review, REVIEW_LENGTH, spoiler=post.is_spoiler) if review else ""
    embed.description = "\n".join(filter(None, (" · ".join(facts), text))) or None
    embed.set_footer(text=_("From Letterboxd"))
    sentence = _("{member} reviewed a film.") if text else _("{member} watched a film.")
    view = View(RateButton(post.film_id)) if post.film_id is not None else None
    return Response(
        "-# " + sentence.format(member=member),
        embeds=(embed,),
        view=view,
        allowed_mentions=discord.AllowedMentions.none(),
    )


@formats_error(FollowingOffError)
def _describe_off(_error: FollowingOffError) -> str:
    return _("Following Letterboxd is switched off here. Import your export with `/import file` instead.")


@formats_error(InvalidUsernameError)
def _describe_invalid(_error: InvalidUsernameError) -> str:
    return _("That isn't a Letterboxd name. Enter the one in the address of your profile: letterboxd.com/name.")


@formats_error(UnknownUsernameError)
def _describe_unknown(_error: UnknownUsernameError) -> str:
    return _("Letterboxd doesn't know that name. Enter the one in the address of your profile.")


@formats_error(LetterboxdUnavailableError)
def _describe_unavailable(_error: LetterboxdUnavailableError) -> str:
    return _("I can't reach Letterboxd right now. Try again in a few minutes.")


@formats_error(AccountTakenError)
def _describe_taken(_error: AccountTakenError) -> str:
    return _("Another member has connected that account here. If it's yours, ask a moderator to disconnect it.")


@formats_error(NotConnectedError)
def _describe_not_connected(error: NotConnectedError) -> str:
    if error.member_id is not None:
        return _("{member} hasn't connected a Letterboxd account here.").format(member=f"<@{error.member_id}>")
    return _("No Letterboxd account is connected. Connect one with `/letterboxd connect`.")
