"""Embeds, pictures and sentences about ratings, reviews, replies and diaries."""

from dataclasses import replace
from typing import Any

import discord

from bot.core.discord import COLOUR, get_service, is_ephemeral
from bot.core.discord.limits import FIELD_LIMIT
from bot.core.images.charts import create_histogram
from bot.core.text.cldr import format_date, format_decimal, format_number
from bot.core.text.formatting import (
    clean_line,
    escape_line,
    escape_line_to_fit,
    format_user_text,
    join_list,
    truncate,
)
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.card import CardAddition, CardContext, CardSection
from bot.films.local_titles import shown_title
from bot.films.models import Film
from bot.members.context import MemberNames, get_member_names
from bot.moderation.embeds import describe_hidden
from bot.reviews.diary import DiaryPage, Viewing
from bot.reviews.models import PostResult, Reply, Review, ReviewPage, SortOrder
from bot.reviews.service import ReviewService
from bot.reviews.star_emojis import show_stars
from bot.reviews.stars import STAR_LABELS, FilmStars, StarTotals

REVIEW_ROOM, REPLY_ROOM, REPLIES_SHOWN = 700, 320, 2
"""Characters of a review and of a reply on a page, and replies of each review: three reviews fit an embed."""
SHARED_REVIEW_LIMIT = 1_500
HEART = "❤️"
KEYCAP = "\ufe0f\u20e3"
"""Makes an emoji of the digit before it."""
SORT_LABELS = {
    SortOrder.NEWEST: gettext_noop("Newest first"),
    SortOrder.HIGHEST: gettext_noop("Highest rated first"),
    SortOrder.LOWEST: gettext_noop("Lowest rated first"),
    SortOrder.HELPFUL: gettext_noop("Most helpful first"),
}
STARS_FILENAME = "stars.png"
STARS_IMAGE_URL = f"attachment://{STARS_FILENAME}"


def summarise_stars(stars: FilmStars) -> str:
    """Return the average and the number of ratings, and whether these differ widely."""
    totals = stars.totals
    if not totals.rating_count:
        return _("No ratings here yet.")
    summary = ngettext(
        "**★ {average}** average from {count} rating",
        "**★ {average}** average from {count} ratings",
        totals.rating_count,
    ).format(average=format_decimal(totals.average), count=format_number(totals.rating_count))
    return _("{average} · opinions differ").format(average=summary) if totals.is_divisive else summary


def format_average(average: float, rating_count: int) -> str:
    """Return an average with the number of ratings for a line of a list."""
    return ngettext("★ {average} from {count} rating", "★ {average} from {count} ratings", rating_count).format(
        average=format_decimal(average), count=format_number(rating_count)
    )


def format_rating(half_stars: int, *, is_liked: bool) -> str:
    """Return the stars, with a heart if the film has one."""
    return f"{show_stars(half_stars)} {HEART}" if is_liked else show_stars(half_stars)


def build_stars_embed(stars: FilmStars, server_name: str | None, owner_name: str | None = None) -> discord.Embed:
    """Return the embed with the server's stars for a film, to be sent with `create_star_histogram`.

    `owner_name` names the member whose own stars these are, None where only they read it: others who see the card
    must not read "You".
    """
    title = (
        _("Ratings in {server}").format(server=escape_line(server_name, 100))
        if server_name
        else _("Ratings in this server")
    )
    embed = discord.Embed(title=title, colour=COLOUR, description=summarise_stars(stars))
    if stars.own_half_stars is not None:
        own = _("You rated it {stars}.") if owner_name is None else _("{name} rated it {stars}.")
        name = escape_line(owner_name or "", 40)
        own = own.format(name=name, stars=show_stars(stars.own_half_stars))
        embed.description = f"{embed.description}\n{own}"
    if stars.totals.rating_count:
        embed.set_image(url=STARS_IMAGE_URL)
    return embed


def create_star_histogram(totals: StarTotals) -> discord.File | None:
    """Return the histogram of the stars, or None without ratings."""
    if not totals.rating_count:
        return None
    counts = join_list(f"{label}: {count}" for label, count in zip(STAR_LABELS, totals.counts, strict=True))
    description = ngettext(
        "Chart of {count} rating by number of stars. {counts}.",
        "Chart of {count} ratings by number of stars. {counts}.",
        totals.rating_count,
    ).format(count=format_number(totals.rating_count), counts=counts)
    return create_histogram(totals.counts, STAR_LABELS, filename=STARS_FILENAME, description=description)


def describe_saved(film: Film, result: PostResult) -> str:
    """Return the confirmation for a rating that was saved."""
    review = result.review
    sentence = _("Saved: {stars} for {title}.") if result.is_first else _("Updated: {stars} for {title}.")
    stars = format_rating(review.half_stars, is_liked=review.is_liked)
    lines = [sentence.format(stars=stars, title=f"**{escape_line(film.shown_title, 200)}**")]
    if result.is_rewatch:
        lines.append(_("Added to your diary as a rewatch."))
    if result.left_watchlist:
        lines.append(_("Removed from your watchlist."))
    return "\n".join(lines + describe_hidden(review.hidden_by, "review"))


def describe_deleted(film: Film) -> str:
    """Return the confirmation for a rating that was deleted."""
    title = f"**{escape_line(film.shown_title, 200)}**"
    return _("Deleted your rating and review of {title}. It's still in your diary.").format(title=title)


def build_shared_rating_embed(
    film: Film, review: Review, author: discord.User | discord.Member, poster: str | None
) -> discord.Embed:
    """Return the public card of a member's stars and review, under their name."""
    embed = discord.Embed(title=escape_line_to_fit(film.shown_title, 256), colour=COLOUR)
    embed.set_author(name=truncate(clean_line(author.display_name), 256), icon_url=author.display_avatar.url)
    lines = [f"**{format_rating(review.half_stars, is_liked=review.is_liked)}**"]
    if review.readable_text:
        lines.append(format_user_text(review.readable_text, SHARED_REVIEW_LIMIT, spoiler=review.is_spoiler))
    embed.description = "\n\n".join(lines)
    if poster:
        embed.set_thumbnail(url=poster)
    return embed


def build_deleted_rating_embed(film: Film | None) -> discord.Embed:
    """Return what is left of such a card when the rating is deleted: nothing about its member."""
    title = escape_line_to_fit(film.shown_title, 256) if film is not None else None
    # Translators: in place of a member's stars and review, on a card that they shared in a channel
    return discord.Embed(title=title, colour=COLOUR, description=_("This rating was deleted."))


def build_reviews_embed(film: Film, page: ReviewPage, names: MemberNames) -> discord.Embed:
    """Return the embed with a page of the film's reviews, numbered like the rows of buttons under it."""
    title = _("Reviews of {title}").format(title=escape_line_to_fit(film.shown_title, 240))
    embed = discord.Embed(title=truncate(title, 256), colour=COLOUR)
    if not page.review_count:
        embed.description = _("No reviews here yet. Press **Rate** to write the first.")
        return embed
    for number, review in enumerate(page.reviews, start=1):
        heading = f"{number}{KEYCAP} {format_rating(review.half_stars, is_liked=review.is_liked)}"
        embed.add_field(name=heading, value=format_review(review, names), inline=False)
    reviews = ngettext("{count} review", "{count} reviews", page.review_count).format(
        count=format_number(page.review_count)
    )
    footer = [reviews]
    if page.page_count > 1:
        footer.append(_("Page {page} of {pages}").format(page=page.page + 1, pages=page.page_count))
    if page.review_count > 1:
        footer.append(_(SORT_LABELS[page.sort_order]))
    embed.set_footer(text=" · ".join(footer))
    return embed


def format_review(review: Review, names: MemberNames) -> str:
    """Return a review for an embed's field: who wrote it when, the text, the last replies. Spoilers are hidden."""
    written_at = review.text_written_at or review.edited_at or review.created_at
    when = discord.utils.format_dt(written_at, "D")
    facts = [names.format(review.member_id), _("edited {day}").format(day=when) if review.text_edited_at else when]
    if review.is_spoiler:
        facts.append(_("spoilers"))
    text = format_user_text(review.text, REVIEW_ROOM - 100, spoiler=review.is_spoiler)
    lines = [" · ".join(facts), text]
    remaining = FIELD_LIMIT - len("\n".join(lines))
    for reply in review.replies[-REPLIES_SHOWN:]:
        room = min(REPLY_ROOM, remaining - len(format_reply(reply, names, 0)) - 1)
        if room < 20:
            break
        line = format_reply(reply, names, room, spoiler=review.is_spoiler)
        lines.append(line)
        remaining -= len(line) + 1
    return "\n".join(lines)


def format_reply(reply: Reply, names: MemberNames, limit: int, *, spoiler: bool = False) -> str:
    """Return the reply on one line, its text at most `limit` characters long, hidden with `spoiler`."""
    name = names.format(reply.member_id)
    author = _("{name} (edited)").format(name=name) if reply.edited_at else name
    text = format_user_text(" ".join(reply.text.split()), limit, spoiler=spoiler)
    return f"↳ {author}: {text}"


def build_whole_review_embed(review: Review, names: MemberNames) -> discord.Embed:
    """Return the embed with a whole review, spoilers and all, and as many replies as fit."""
    embed = discord.Embed(colour=COLOUR, title=format_rating(review.half_stars, is_liked=review.is_liked))
    lines = [names.format(review.member_id), format_user_text(review.text, 2_200)]
    for reply in review.replies:
        line = format_reply(reply, names, 640)
        if len("\n".join([*lines, line])) > 4_000:
            lines.append("…")
            break
        lines.append(line)
    embed.description = "\n".join(lines)
    return embed


def build_diary_embed(page: DiaryPage, *, owner: str | None) -> discord.Embed:
    """Return the embed with a page of a diary; `owner` names its member, None for the reader's own."""
    embed = discord.Embed(title=_("Your diary") if owner is None else _("Diary"), colour=COLOUR)
    lines = [] if owner is None else [owner]
    lines += [format_viewing(viewing) for viewing in page.viewings]
    if page.viewing_count:
        entries = ngettext("{count} entry", "{count} entries", page.viewing_count)
        footer = [entries.format(count=format_number(page.viewing_count))]
        if page.page_count > 1:
            footer.append(_("Page {page} of {pages}").format(page=page.page + 1, pages=page.page_count))
        embed.set_footer(text=" · ".join(footer))
    elif owner is None:
        lines.append(_("Nothing here yet. Rate a film with `/rate` to add it."))
    else:
        lines.append(_("Nothing here yet."))
    embed.description = "\n".join(lines)
    return embed


def format_viewing(viewing: Viewing) -> str:
    """Return an entry of a diary on one line."""
    if viewing.watched_on:
        when = format_date(viewing.watched_on)
    else:
        when = _("rated {day}") if viewing.half_stars else _("added {day}")
        when = when.format(day=discord.utils.format_dt(viewing.created_at, "D"))
    parts = [when, f"**{escape_line(shown_title(viewing), 150)}**"]
    if viewing.half_stars:
        parts.append(show_stars(viewing.half_stars))
    if viewing.is_rewatch:
        parts.append(_("rewatch"))
    return " · ".join(parts)


async def _render_stars(context: CardContext) -> CardAddition | None:
    """Return the server's stars for the film, or None outside a server and if nobody there has rated the film."""
    return await _build_stars(context.interaction, context.film.id, context.interaction.user)


async def _build_stars(
    interaction: discord.Interaction[Any], film_id: str, reader: discord.User | discord.Member | None
) -> CardAddition | None:
    """Return the server's stars for the film, with those of the member whose card it is, or None without ratings.

    A member who hides their name sees their own stars only on a card that nobody else sees: above a reply Discord
    shows whose command it answers.
    """
    if interaction.guild_id is None:
        return None
    repository = get_service(interaction, ReviewService).repository
    reader_id = reader.id if reader is not None else None
    stars = await repository.get_film_stars(interaction.guild_id, film_id, reader_id)
    if stars == FilmStars():
        return None
    is_private = is_ephemeral(interaction)
    if reader is not None and stars.own_half_stars is not None and not is_private:
        names = await get_member_names(interaction, [reader.id])
        if names.is_hidden(reader.id):
            stars = replace(stars, own_half_stars=None)
    server_name = interaction.guild.name if interaction.guild else None
    owner_name = None if is_private or reader is None else reader.display_name
    embed = build_stars_embed(stars, server_name, owner_name)
    histogram = create_star_histogram(stars.totals)
    return CardAddition(embeds=(embed,), files=(histogram,) if histogram is not None else ())


async def replace_stars(
    interaction: discord.Interaction[Any],
    message: discord.Message,
    film_id: str,
    reader: discord.User | discord.Member | None,
) -> dict[str, Any]:
    """Return the edit of a film's card that brings the server's stars up to date; `reader` is whose card it is."""
    addition = await _build_stars(interaction, film_id, reader) or CardAddition()
    embeds: list[discord.Embed] = []
    is_replaced = False
    for embed in message.embeds:
        if _get_filename(embed.image.url) == STARS_FILENAME:
            embeds += addition.embeds
            is_replaced = True
        else:
            embeds.append(_with_attached_pictures(embed, message))
    if not is_replaced:
        embeds += addition.embeds
    kept = [each for each in message.attachments if each.filename != STARS_FILENAME]
    return {"embeds": embeds, "attachments": [*kept, *addition.files]}


def _with_attached_pictures(embed: discord.Embed, message: discord.Message) -> discord.Embed:
    """Return a copy of the embed whose pictures are the message's attachments again, and not their addresses.

    Discord would show an attachment a second time, below the embed, if the embed named it by its address.
    """
    copy, names = embed.copy(), {each.filename for each in message.attachments}
    for url, set_picture in ((embed.image.url, copy.set_image), (embed.thumbnail.url, copy.set_thumbnail)):
        if (filename := _get_filename(url)) in names:
            set_picture(url=f"attachment://{filename}")
    return copy


def _get_filename(url: str | None) -> str:
    """Return the last part of a picture's address, of an attachment too."""
    return (url or "").partition("?")[0].rpartition("/")[2]


STARS_SECTION = CardSection("stars", 90, _render_stars)
"""The server's stars on a film's card."""
