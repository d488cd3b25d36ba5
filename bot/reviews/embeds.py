"""Embeds, charts and sentences about ratings, reviews, replies, diaries, profiles and the server's best films."""

from dataclasses import replace

import discord

from bot.core.discord import COLOUR, get_service, is_ephemeral
from bot.core.discord.limits import FIELD_LIMIT
from bot.core.images.charts import LabelledBar, create_bar_chart, create_histogram
from bot.core.text.escaping import escape_line, escape_line_to_fit, format_user_text
from bot.core.text.formatting import clean_line, format_count, format_date, with_year
from bot.films.card import CardAddition, CardContext, CardSection
from bot.films.models import Film
from bot.members.context import MemberNames, get_member_names
from bot.moderation.embeds import describe_hidden
from bot.reviews.diary import DiaryPage, Profile, Viewing
from bot.reviews.models import PostResult, Reply, Review, ReviewPage, SortOrder
from bot.reviews.service import ReviewService
from bot.reviews.stars import STAR_LABELS, FilmStars, StarTotals, format_stars
from bot.reviews.top import RankedFilm

REVIEW_ROOM, REPLY_ROOM, REPLIES_SHOWN = 700, 320, 2
"""Characters of a review and of a reply on a page, and replies of each review: three reviews fit an embed."""
MAXIMUM_STARS = 5
SORT_LABELS = {
    SortOrder.NEWEST: "Newest first",
    SortOrder.HIGHEST: "Highest first",
    SortOrder.LOWEST: "Lowest first",
    SortOrder.HELPFUL: "Most helpful first",
}
STARS_FILENAME, TOP_FILENAME = "stars.png", "top.png"
STARS_IMAGE_URL, TOP_IMAGE_URL = f"attachment://{STARS_FILENAME}", f"attachment://{TOP_FILENAME}"


def summarise_stars(stars: FilmStars) -> str:
    """Return the average, the plain mean and the number of ratings, and whether these differ widely."""
    totals = stars.totals
    if not totals.rating_count:
        return "Nobody here has rated it yet."
    ratings = format_count(totals.rating_count, "rating")
    summary = f"**★ {stars.average:.1f}** · plain mean {totals.mean:.1f} · {ratings}"
    if totals.is_divisive:
        summary += f" · **divisive** (spread {totals.standard_deviation:.1f})"
    return summary


def build_stars_embed(stars: FilmStars, server_name: str | None, owner_name: str = "You") -> discord.Embed:
    """Return the embed with the server's stars for a film, to be sent with `create_star_histogram`.

    `owner_name` names the member whose own stars these are: others who see the card must not read "You".
    """
    title = f"Stars in {escape_line(server_name, 100)}" if server_name else "Stars in this server"
    embed = discord.Embed(title=title, colour=COLOUR, description=summarise_stars(stars))
    if stars.own_half_stars is not None:
        own = f"{escape_line(owner_name, 40)} gave {format_stars(stars.own_half_stars)}."
        embed.description = f"{embed.description}\n{own}"
    if stars.totals.rating_count:
        embed.set_image(url=STARS_IMAGE_URL)
    return embed


def create_star_histogram(totals: StarTotals) -> discord.File | None:
    """Return the histogram of the stars, or None without ratings."""
    if not totals.rating_count:
        return None
    counts = ", ".join(f"{label}: {count}" for label, count in zip(STAR_LABELS, totals.counts, strict=True))
    ratings = format_count(totals.rating_count, "rating")
    description = f"How often each number of stars was given, {ratings}. {counts}."
    return create_histogram(totals.counts, STAR_LABELS, filename=STARS_FILENAME, description=description)


def describe_stored(film: Film, result: PostResult) -> str:
    """Return the confirmation for a rating that was stored."""
    review = result.review
    verb = "Stored" if result.is_first else "Stored anew"
    what = f"{verb}, stars and review" if review.text else verb
    lines = [f"{what}: {format_stars(review.half_stars)} for **{escape_line(film.dated_title, 200)}**."]
    if result.is_rewatch:
        lines.append("Your diary has it as another viewing.")
    if result.left_watchlist:
        lines.append("It left your watchlist.")
    return "\n".join(lines + describe_hidden(review.hidden_by, "review"))


def describe_deleted(film: Film) -> str:
    """Return the confirmation for a rating that was deleted."""
    title = escape_line(film.dated_title, 200)
    return f"Deleted: your stars and review of **{title}**. Your diary keeps that you saw it."


def build_reviews_embed(film: Film, page: ReviewPage, names: MemberNames) -> discord.Embed:
    """Return the embed with a page of the film's reviews."""
    title = f"Reviews of {escape_line_to_fit(film.dated_title, 240)}"
    embed = discord.Embed(title=title, colour=COLOUR)
    if not page.review_count:
        embed.description = "Nobody here has written about it yet. **Rate** takes a few words too."
        return embed
    for number, review in enumerate(page.reviews, start=page.first_number):
        heading = f"{number} · {format_stars(review.half_stars)}"
        embed.add_field(name=heading, value=format_review(review, names), inline=False)
    reviews = format_count(page.review_count, "review")
    sort_label = SORT_LABELS[page.sort_order].lower()
    embed.set_footer(text=f"{reviews} · page {page.page + 1} of {page.page_count} · {sort_label}")
    return embed


def format_review(review: Review, names: MemberNames) -> str:
    """Return a review for an embed's field: who wrote it when, the text, the last replies. Spoilers are hidden."""
    when = discord.utils.format_dt(review.text_edited_at or review.edited_at or review.created_at, "d")
    facts = [names.format(review.member_id), f"edited {when}" if review.text_edited_at else when]
    if review.is_spoiler:
        facts.append("spoilers")
    if review.helpful_count:
        facts.append(f"helped {review.helpful_count:,}")
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
    edited = " (edited)" if reply.edited_at else ""
    text = format_user_text(" ".join(reply.text.split()), limit, spoiler=spoiler)
    return f"↳ {names.format(reply.member_id)}{edited}: {text}"


def build_whole_review_embed(review: Review, names: MemberNames) -> discord.Embed:
    """Return the embed with a whole review, spoilers and all, and as many replies as fit."""
    embed = discord.Embed(colour=COLOUR, title=format_stars(review.half_stars))
    lines = [names.format(review.member_id), format_user_text(review.text, 1_200)]
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
    embed = discord.Embed(title="Your diary" if owner is None else "Diary", colour=COLOUR)
    lines = [] if owner is None else [f"of {owner}"]
    lines += [_format_viewing(viewing) for viewing in page.viewings]
    if page.viewing_count:
        viewings = format_count(page.viewing_count, "viewing")
        embed.set_footer(text=f"{viewings} · page {page.page + 1} of {page.page_count}")
    else:
        lines.append("Nothing yet: `/rate`, or **Rate** on a film's card." if owner is None else "Nothing yet.")
    embed.description = "\n".join(lines)
    return embed


def _format_viewing(viewing: Viewing) -> str:
    if viewing.watched_on:
        when = format_date(viewing.watched_on)
    else:
        when = f"rated {discord.utils.format_dt(viewing.created_at, 'd')}"
    parts = [when, f"**{escape_line(with_year(viewing.title, viewing.year), 150)}**"]
    if viewing.half_stars:
        parts.append(format_stars(viewing.half_stars))
    if viewing.is_rewatch:
        parts.append("seen again")
    return " · ".join(parts)


def build_profile_embed(profile: Profile, *, owner: str | None) -> discord.Embed:
    """Return the embed with a profile, to be sent with `create_star_histogram`.

    `owner` names its member, None if they hide their name and so only they see it.
    """
    embed = discord.Embed(title="Your profile" if owner is None else "Profile", colour=COLOUR, description=owner)
    rating_count = profile.totals.rating_count
    if not rating_count:
        return embed.add_field(name="Rated", value="No film rated here yet.")
    embed.add_field(name="Rated", value=format_count(rating_count, "film"))
    embed.add_field(name="Mean", value=f"★ {profile.totals.mean:.2f}")
    embed.add_field(name="Viewings", value=f"{profile.viewing_count:,}")
    favourites = [f"{format_stars(film.half_star_sum)} {_format_title(film)}" for film in profile.favourites]
    embed.add_field(name="Favourites", value="\n".join(favourites), inline=False)
    directors = [f"{escape_line(name, 80)} · {film_count}" for name, film_count in profile.directors]
    if directors:
        embed.add_field(name="Most watched directors", value="\n".join(directors), inline=False)
    return embed.set_image(url=STARS_IMAGE_URL)


def build_top_embed(films: list[RankedFilm], *, filters: str, minimum_raters: int) -> discord.Embed:
    """Return the embed with the server's best films, to be sent with `create_top_chart`.

    `filters` says which films are ranked, "" for all.
    """
    title = f"The best here: {filters}" if filters else "The best here"
    embed = discord.Embed(title=escape_line_to_fit(title, 256), colour=COLOUR)
    ratings = format_count(minimum_raters, "rating")
    if not films:
        embed.description = f"No {'such ' if filters else ''}film has {ratings} yet."
        return embed
    embed.description = "\n".join(
        f"{place}. **{_format_title(film)}** · ★ {film.average:.2f}"
        f" · plain mean {film.half_star_sum / film.rating_count / 2:.2f} from {film.rating_count:,}"
        for place, film in enumerate(films, start=1)
    )
    embed.set_footer(text=f"Bayesian average of films with at least {ratings}")
    return embed.set_image(url=TOP_IMAGE_URL)


def create_top_chart(films: list[RankedFilm]) -> discord.File:
    """Return the server's best films as a bar chart."""
    bars = [
        LabelledBar(f"{place}. {with_year(film.title, film.year)}", film.average)
        for place, film in enumerate(films, start=1)
    ]
    averages = "; ".join(
        f"{place}. {clean_line(with_year(film.title, film.year))}: {film.average:.2f}"
        for place, film in enumerate(films, start=1)
    )
    description = f"Average stars. {averages}."
    return create_bar_chart(bars, maximum=MAXIMUM_STARS, filename=TOP_FILENAME, description=description)


def _format_title(film: RankedFilm) -> str:
    return escape_line(with_year(film.title, film.year), 120)


async def _render_stars(context: CardContext) -> CardAddition | None:
    """Return the server's stars for the film, or None outside a server and if nobody there has rated the film.

    A member who hides their name sees their own stars only on a card that nobody else sees: above a reply Discord
    shows whose command it answers.
    """
    interaction, user = context.interaction, context.interaction.user
    if interaction.guild_id is None:
        return None
    repository = get_service(interaction, ReviewService).repository
    stars = await repository.get_film_stars(interaction.guild_id, context.film.id, user.id)
    if not stars.totals.rating_count and stars.own_half_stars is None:
        return None
    is_hidden = stars.own_half_stars is not None and (await get_member_names(interaction, [user.id])).is_hidden(
        user.id
    )
    if is_hidden and not is_ephemeral(interaction):
        stars = replace(stars, own_half_stars=None)
    server_name = interaction.guild.name if interaction.guild else None
    embed = build_stars_embed(stars, server_name, "You" if is_hidden else user.display_name)
    histogram = create_star_histogram(stars.totals)
    return CardAddition(embeds=(embed,), files=(histogram,) if histogram is not None else ())


STARS_SECTION = CardSection("stars", 90, _render_stars)
"""The server's stars on a film's card."""
