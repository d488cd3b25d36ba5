"""What Discord shows of film nights: cards, nominations, results and their pictures."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote_plus

import discord
from discord.utils import format_dt

from bot.core.discord import COLOUR
from bot.core.discord.error_handler import formats_error
from bot.core.images.charts import LabelledBar, create_bar_chart
from bot.core.text.cldr import format_decimal
from bot.core.text.formatting import (
    clean_line,
    escape_line,
    escape_line_to_fit,
    format_runtime,
    format_user_text,
    join_limited,
    join_list,
    truncate,
)
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.local_titles import shown_title
from bot.members.context import MemberNames
from bot.nights.ballots import ONE_VOTE, BallotMethod, Count, TieBreak, hash_seed
from bot.nights.history_repository import NightRating
from bot.nights.models import (
    Answer,
    Choosing,
    Night,
    NightSnapshot,
    NightState,
    Nomination,
    Repeat,
    StruckError,
    ThemeMismatchError,
)
from bot.nights.recount import BallotBox
from bot.picks.rotation import to_local
from bot.recommendations.filter_options import describe_filters
from bot.reviews.stars import StarTotals, format_stars
from bot.watchlists.models import CommonFilm

NAMES_LENGTH, NOMINEES_LENGTH = 700, 1_000
"""Characters that names, and nominations, may take in a field of the card."""
RESULT_IMAGE = "result.png"
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~/?=&%#+-]*)?")
"""A link as a night's place, which members can press."""
LOVED, HATED = 9, 4
"""Half-stars from which somebody loved a film, and up to which they did not like it."""
METHOD_LABELS = {
    BallotMethod.SCHULZE: gettext_noop("Ranked (Schulze)"),
    BallotMethod.INSTANT_RUNOFF: gettext_noop("Ranked (instant run-off)"),
    BallotMethod.APPROVAL: gettext_noop("Approve as many as you like"),
    BallotMethod.BLIND: gettext_noop("Blind round: yes or no, one film at a time"),
    BallotMethod.ONE_VOTE: gettext_noop("One vote each"),
}
_RANK_SENTENCE = gettext_noop("Rank the films until {time}. Results stay hidden until then.")
VOTE_SENTENCES = {
    BallotMethod.SCHULZE: _RANK_SENTENCE,
    BallotMethod.INSTANT_RUNOFF: _RANK_SENTENCE,
    BallotMethod.APPROVAL: gettext_noop(
        "Vote for every film you'd watch, until {time}. Results stay hidden until then."
    ),
    BallotMethod.BLIND: gettext_noop("Say yes or no to each film until {time}. Results stay hidden until then."),
    BallotMethod.ONE_VOTE: gettext_noop("Vote for one film until {time}. Results stay hidden until then."),
}
REPEAT_LABELS = {
    Repeat.NEVER: gettext_noop("Once"),
    Repeat.WEEK: gettext_noop("Every week"),
    Repeat.MONTH: gettext_noop("Every month, on the same weekday"),
}
TIE_LABELS = {
    TieBreak.LAST_PLACES: gettext_noop("fewest last places"),
    TieBreak.FAIRNESS: gettext_noop("who was outvoted before"),
    TieBreak.SEED: gettext_noop("random draw"),
}
CHOOSING_LABELS = {
    Choosing.BALLOT: gettext_noop("Members nominate and vote"),
    Choosing.TURNS: gettext_noop("Members take turns choosing"),
    Choosing.SURPRISE: gettext_noop("A surprise, picked for everyone coming"),
    Choosing.HOST: gettext_noop("I choose"),
}
_STATE_LABELS = {
    NightState.POLLING: gettext_noop("Choosing a day"),
    NightState.CHOOSING: gettext_noop("Choosing the film"),
    NightState.NOMINATING: gettext_noop("Film night"),
    NightState.VOTING: gettext_noop("Voting is open"),
    NightState.READY: gettext_noop("Film night"),
    NightState.RUNNING: gettext_noop("Watching now"),
    NightState.ENDED: gettext_noop("Watched"),
    NightState.CANCELLED: gettext_noop("Cancelled"),
}


def format_reminder(minutes: int) -> str:
    """Return how long before the start a reminder comes, in the largest whole unit."""
    if minutes % 1_440 == 0:
        return ngettext("{count} day", "{count} days", minutes // 1_440).format(count=minutes // 1_440)
    if minutes % 60 == 0:
        return ngettext("{count} hour", "{count} hours", minutes // 60).format(count=minutes // 60)
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)


def describe_reminders(night: Night) -> str:
    """Return when members are reminded, in words."""
    if not night.reminders:
        return _("No reminders.")
    times = join_list(map(format_reminder, night.reminders))
    return _("Reminders: {times} before.").format(times=times)


def describe_place(night: Night) -> str:
    """Return where the night is held, "" if nobody said."""
    channel = f"<#{night.voice_channel_id}>" if night.voice_channel_id is not None else ""
    place = night.place if _ADDRESS.fullmatch(night.place) else escape_line(night.place, 100)
    return " · ".join(filter(None, (channel, place)))


def describe_theme(night: Night) -> str:
    """Return the night's theme with its filters, "" for none."""
    return " · ".join(filter(None, (escape_line(night.theme, 200), describe_filters(night.filters))))


@formats_error(StruckError)
def _describe_struck(error: StruckError) -> str:
    if not error.reason:
        return str(error)
    reason = escape_line(error.reason, 200)
    return _("A moderator removed that film from this night ({reason}). Nominate another.").format(reason=reason)


@formats_error(ThemeMismatchError)
def _describe_mismatch(error: ThemeMismatchError) -> str:
    theme = describe_filters(error.filters)
    return _("That film doesn't fit the night's theme: {theme}. Nominate another.").format(theme=theme)


def describe_start(night: Night) -> str:
    """Return when the night starts, in each reader's own time."""
    return f"{format_dt(night.starts_at, 'F')} ({format_dt(night.starts_at, 'R')})"


def describe_skipped_time(night: Night, zone: str) -> str:
    """Return that the zone's clocks leave out the time at which the night was to start, "" where they don't."""
    local = to_local(night.starts_at, zone)
    minutes = night.clock_minutes
    if minutes is None or minutes == 60 * local.hour + local.minute:
        return ""
    typed = f"{minutes // 60:02}:{minutes % 60:02}"
    # Translators: {time} is a time of day such as 02:30, {shown} the day and time at which a film night starts
    text = _("The clocks go forward that night and skip {time}, so it starts at {shown}.")
    return text.format(time=typed, shown=format_dt(night.starts_at, "t"))


def warnings_link(title: str) -> str:
    """Return the address at which content warnings of a film of that title are searched."""
    return f"https://www.doesthedogdie.com/search?q={quote_plus(title)}"


def build_card_embed(snapshot: NightSnapshot, names: MemberNames, *, missing: Sequence[str] = ()) -> discord.Embed:
    """Return the night's card. `missing` are sentences about what Marquee is not allowed to do here."""
    night = snapshot.night
    embed = discord.Embed(title=escape_line_to_fit(night.name, 256), colour=COLOUR)
    embed.set_author(name=_describe_state(night))
    lines = [] if night.state is NightState.POLLING else [describe_start(night)]
    if place := describe_place(night):
        lines.append(_("Where: {place}").format(place=place))
    if theme := describe_theme(night):
        lines.append(_("Theme: {theme}").format(theme=theme))
    if night.host_id is not None:
        lines.append(_("Host: {name}").format(name=names.format(night.host_id)))
    if night.repeat is not Repeat.NEVER:
        lines.append(_(REPEAT_LABELS[night.repeat]))
    embed.description = "\n".join(lines)
    if night.state is NightState.CANCELLED:
        return embed
    if night.state is NightState.POLLING:
        _add_poll_field(embed, snapshot)
    _add_film_field(embed, snapshot, names)
    if night.takes_nominations or night.state is NightState.VOTING:
        _add_nominations_field(embed, snapshot, names)
    for answer, label in ((Answer.YES, _("Coming")), (Answer.MAYBE, _("Maybe"))):
        members = snapshot.list_members(answer)
        if members:
            value = join_limited([names.format(member_id) for member_id in members], NAMES_LENGTH)
            embed.add_field(name=f"{label} ({len(members)})", value=value)
    if missing:
        embed.add_field(name=_("Permissions I need"), value=truncate("\n".join(missing), 1_000), inline=False)
    return embed


def _describe_state(night: Night) -> str:
    if night.state is NightState.NOMINATING and night.takes_nominations:
        return _("Nominations are open")
    if night.state is NightState.ENDED and night.film_id is None:
        # Translators: of a film night that is past and for which no film was chosen
        return _("Over")
    return _(_STATE_LABELS[night.state])


def _add_poll_field(embed: discord.Embed, snapshot: NightSnapshot) -> None:
    night = snapshot.night
    lines = [f"{number}. {format_dt(each, 'F')}" for number, each in enumerate(night.poll_times, start=1)]
    if night.poll_closes_at is not None:
        until = format_dt(night.poll_closes_at, "f")
        lines.append(_("Choose the days you can make until {time}.").format(time=until))
    count = snapshot.day_voters
    if count:
        answered = ngettext("{count} member has answered.", "{count} members have answered.", count)
        lines.append(answered.format(count=count))
    else:
        # Translators: no member has said yet which of the days of a film night they can make
        lines.append(_("Nobody has answered yet."))
    embed.add_field(name=_("When?"), value="\n".join(lines), inline=False)


def describe_days(counts: Sequence[tuple[datetime, int]]) -> str:
    """Return how many can make each of the days of a poll, those that most can make first."""
    ordered = sorted(counts, key=lambda each: (-each[1], each[0]))
    return "\n".join(f"{format_dt(at, 'F')} · {count}" for at, count in ordered)


def _describe_choosing(night: Night, names: MemberNames) -> str:
    """Return how the film will be chosen, "" where a ballot or the host does that."""
    at = night.nominations_close_at or night.starts_at
    if night.state is NightState.CHOOSING and night.turn_member_id is not None:
        until = format_dt(night.ballot_closes_at or night.starts_at, "f")
        return _("It's {name}'s turn to choose, until {time}.").format(
            name=names.format(night.turn_member_id), time=until
        )
    if night.choosing is Choosing.TURNS and night.state in (NightState.POLLING, NightState.NOMINATING):
        sentence = _("Of everyone coming, whoever has waited longest chooses the film.")
        if night.state is NightState.NOMINATING:
            sentence += " " + _("You'll see whose turn it is {time}.").format(time=format_dt(at, "R"))
        return sentence
    if night.choosing is Choosing.SURPRISE and night.state in (NightState.POLLING, NightState.NOMINATING):
        sentence = _("A surprise, based on the ratings of everyone coming.")
        if night.state is NightState.NOMINATING:
            sentence += " " + _("You'll see it {time}.").format(time=format_dt(at, "R"))
        return sentence
    return ""


def describe_missing_film() -> str:
    """Return that a night has no film, and who can choose one."""
    return _("No film yet. A host can pick one with `/night edit`.")


def _add_film_field(embed: discord.Embed, snapshot: NightSnapshot, names: MemberNames) -> None:
    night = snapshot.night
    if snapshot.film is not None:
        runtime = f" · {format_runtime(night.runtime)}" if night.runtime else ""
        title = escape_line(shown_title(snapshot.film), 200)
        link = _("[Content warnings]({url})").format(url=warnings_link(snapshot.film.title))
        embed.add_field(name=_("Film"), value=f"**{title}**{runtime}\n{link}", inline=False)
    elif choosing := _describe_choosing(night, names):
        embed.add_field(name=_("Film"), value=choosing, inline=False)
    elif night.state in (NightState.READY, NightState.RUNNING):
        embed.add_field(name=_("Film"), value=describe_missing_film(), inline=False)


def _add_nominations_field(embed: discord.Embed, snapshot: NightSnapshot, names: MemberNames) -> None:
    night = snapshot.night
    lines = []
    if night.state is NightState.NOMINATING:
        if night.nominations_close_at is not None:
            lines.append(
                ngettext(
                    "Nominate {count} film until {time}.", "Nominate up to {count} films until {time}.",
                    night.nominations_each,
                ).format(count=night.nominations_each, time=format_dt(night.nominations_close_at, "f"))
            )  # fmt: skip
    elif night.ballot_closes_at is not None:
        lines.append(_(VOTE_SENTENCES[night.method]).format(time=format_dt(night.ballot_closes_at, "f")))
    nominees = [format_nominee(each, names) for each in snapshot.standing]
    if nominees:
        lines.append(join_limited(nominees, NOMINEES_LENGTH - sum(map(len, lines)), "\n"))
    else:
        lines.append(_("No film yet."))
    embed.add_field(
        name=_("Nominated ({count})").format(count=len(nominees)),
        value=truncate("\n".join(lines), 1_024),
        inline=False,
    )


def format_nominee(nomination: Nomination, names: MemberNames) -> str:
    """Return one line about a nominated film."""
    parts = [f"**{escape_line(shown_title(nomination), 80)}**"]
    if nomination.runtime:
        parts.append(format_runtime(nomination.runtime))
    if nomination.supporters:
        parts.append(f"♥ {len(nomination.supporters)}")
    if nomination.member_id is not None:
        parts.append(names.format(nomination.member_id))
    return " · ".join(parts)


def build_common_embed(films: Sequence[CommonFilm], member_count: int) -> discord.Embed:
    """Return the films on the watchlists of so many members, under how many of them have each."""
    embed = discord.Embed(title=_("On your watchlists"), colour=COLOUR)
    blocks: dict[int, list[str]] = {}
    for each in films:
        title = escape_line(shown_title(each), 80)
        blocks.setdefault(each.list_count, []).append(f"**{title}**")
    for count, titles in blocks.items():
        name = (
            _("On all {count} watchlists").format(count=count)
            if count == member_count
            else _("On {count} of {total} watchlists").format(count=count, total=member_count)
        )
        embed.add_field(name=name, value=join_limited(titles, 1_000, "\n"), inline=False)
    return embed


def build_nominations_embed(snapshot: NightSnapshot, names: MemberNames) -> discord.Embed:
    """Return the list of a night's nominations with reasons, also those that were struck."""
    embed = discord.Embed(
        title=_("Nominated for {name}").format(name=escape_line_to_fit(snapshot.night.name, 200)), colour=COLOUR
    )
    blocks = []
    for each in snapshot.nominations:
        lines = [format_nominee(each, names)]
        if each.is_struck:
            reason = format_user_text(each.strike_reason or "", 200)
            lines = [f"~~{lines[0]}~~", _("Removed by a moderator: {reason}").format(reason=reason or "…")]
        else:
            if each.reason:
                lines.append(f"> {format_user_text(each.reason, 200)}")
            lines.append(_("[Content warnings]({url})").format(url=warnings_link(each.title)))
        blocks.append("\n".join(lines))
    embed.description = join_limited(blocks, 3_900, "\n\n") or _("No film yet.")
    night = snapshot.night
    if night.choosing is Choosing.BALLOT and night.state.is_open and night.film_id is None:
        # Translators: {hash} is a long code, shown before the vote, with which anybody can check afterwards that
        # the draw that breaks ties was not changed
        text = _("If a tie remains, a draw decides. Proof of the draw: {hash}")
        embed.set_footer(text=text.format(hash=hash_seed(night.seed)))
    return embed


def format_votes(hundredths: int) -> str:
    """Return votes in words: whole ones without a fraction."""
    return f"{hundredths / ONE_VOTE:.2f}".rstrip("0").rstrip(".")


def build_result_embed(night: Night, box: BallotBox, count: Count) -> discord.Embed:
    """Return the result of a night's ballot: how each film fared, and what broke ties."""
    winner = escape_line_to_fit(box.titles[count.winner], 150)
    embed = discord.Embed(
        title=_("{name}: the film is {title}").format(name=escape_line_to_fit(night.name, 80), title=winner),
        colour=COLOUR,
    )
    lines = []
    for place, film_id in enumerate(count.order, start=1):
        title = escape_line(box.titles[film_id], 60)
        lines.append(f"{place}. **{title}** · {_describe_fare(box, count, film_id)}")
    if box.method is BallotMethod.BLIND:
        lines.insert(0, _describe_match(box, count, winner))
    embed.description = join_limited(lines, 2_500, "\n")
    notes = [
        ngettext("{count} ballot", "{count} ballots", len(box.ballots)).format(count=len(box.ballots)),
    ]
    if count.tie_breaks:
        broken = join_list(_(TIE_LABELS[each]) for each in count.tie_breaks)
        notes.append(_("tie broken by {reasons}").format(reasons=broken))
    embed.set_footer(text=" · ".join(notes))
    embed.set_image(url=f"attachment://{RESULT_IMAGE}")
    return embed


def describe_draw(night: Night, box: BallotBox, count: Count) -> str:
    """Return what was decided where nobody voted for any film."""
    name, title = escape_line(night.name, 80), escape_line(box.titles[count.winner], 150)
    if box.ballots:
        # Translators: all who voted in a blind round said no to every film; {name} is a film night
        text = _("Nobody would watch any of the films for **{name}**. **{title}** was drawn at random.")
    else:
        # Translators: {name} is a film night, {title} a film
        text = _("Nobody voted for **{name}**, so the film was drawn at random: **{title}**.")
    text = text.format(name=name, title=title)
    return "\n".join((text, _("A host can pick another film with `/night edit`.")))


def _describe_match(box: BallotBox, count: Count, title: str) -> str:
    """Return whether all who answered a blind round, or how many, would watch the winner."""
    accepted = sum(count.winner in ballot.choices for ballot in box.ballots)
    if accepted == len(box.ballots) > 1:
        return _("It's a match: all of you would watch **{title}**.").format(title=title)
    return _("{accepted} of {count} would watch **{title}**.").format(
        accepted=accepted, count=len(box.ballots), title=title
    )


def _describe_fare(box: BallotBox, count: Count, film_id: str) -> str:
    votes = count.votes[film_id]
    # Where a vote counts more than one, a part of a vote takes the plural of a few.
    plural = votes // ONE_VOTE if votes % ONE_VOTE == 0 else 2
    if box.method is BallotMethod.BLIND:
        text = ngettext("{votes} would watch it", "{votes} would watch it", plural)
    elif box.method is BallotMethod.APPROVAL:
        text = ngettext("{votes} approval", "{votes} approvals", plural)
    elif box.method is BallotMethod.ONE_VOTE:
        text = ngettext("{votes} vote", "{votes} votes", plural)
    else:
        text = ngettext("{votes} first choice", "{votes} first choices", plural)
    return text.format(votes=format_votes(votes))


def create_result_chart(box: BallotBox, count: Count) -> discord.File:
    """Return the result as a picture: a bar for each film, in the order of the result."""
    values = {film_id: total / ONE_VOTE for film_id, total in count.votes.items()}
    unit = _("first choices") if box.method.is_ranked else _("votes")
    if count.pairs:
        unit = _("films beaten")
        values = {
            film_id: float(
                sum(
                    count.pairs[film_id, other] > count.pairs[other, film_id]
                    for other in count.order
                    if other != film_id
                )
            )
            for film_id in count.order
        }
    bars = [
        LabelledBar(f"{place}. {clean_line(box.titles[film_id])}", values[film_id])
        for place, film_id in enumerate(count.order[:10], start=1)
    ]
    spoken = join_list(f"{bar.label} {bar.value:g}" for bar in bars)
    description = _("The result, {unit} by film: {films}").format(unit=unit, films=spoken)
    highest = max(max(values.values()), 1.0)
    is_whole = all(value == int(value) for value in values.values())
    return create_bar_chart(
        bars, maximum=highest, filename=RESULT_IMAGE, description=description, digits=0 if is_whole else 2
    )


def build_summary_embed(
    snapshot: NightSnapshot, rated: Sequence[NightRating], names: MemberNames
) -> discord.Embed:
    """Return what those who came thought of the film, `rated` from the highest down, at least one."""
    title = shown_title(snapshot.film) if snapshot.film is not None else ""
    embed = discord.Embed(
        title=_("What you thought of {title}").format(title=escape_line_to_fit(title, 200)), colour=COLOUR
    )
    totals = StarTotals.from_ratings([each.half_stars for each in rated])
    lines = [
        ngettext(
            "{average} average from {count} rating", "{average} average from {count} ratings", len(rated)
        ).format(average=format_decimal(totals.mean), count=len(rated))
    ]
    if len(rated) > 1:
        lines.append(_("Spread: {deviation} stars").format(deviation=format_decimal(totals.standard_deviation)))
    shown = [each for each in rated if not names.is_hidden(each.member_id)]
    if loved := [each for each in shown if each.half_stars >= LOVED]:
        lines.append(_("Loved it: {names}").format(names=_format_raters(loved, names)))
    if hated := [each for each in reversed(shown) if each.half_stars <= HATED]:
        lines.append(_("Didn't like it: {names}").format(names=_format_raters(hated, names)))
    predicted = [each for each in rated if each.predicted_stars is not None]
    if predicted:
        expected = sum(each.predicted_stars or 0 for each in predicted) / len(predicted)
        given = sum(each.half_stars for each in predicted) / len(predicted) / 2
        lines.append(
            _("Predicted {expected}, given {given}").format(
                expected=format_decimal(expected), given=format_decimal(given)
            )
        )
    embed.description = "\n".join(lines)
    return embed


def _format_raters(rated: Sequence[NightRating], names: MemberNames) -> str:
    return join_limited([f"{names.format(each.member_id)} {format_stars(each.half_stars)}" for each in rated], 500)
