"""How a ballot was counted: everything that the result leaves out, shown privately to whoever asks."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    Response,
    custom_id,
    get_service,
    require_guild_id,
    respond,
)
from bot.core.text.formatting import escape_line, escape_line_to_fit, join_limited, join_list
from bot.core.text.i18n import _, ngettext
from bot.films.local_titles import shown_title
from bot.nights.ballots import Count, hash_seed
from bot.nights.embeds import METHOD_LABELS, TIE_LABELS, format_votes
from bot.nights.models import NightGoneError, Nomination
from bot.nights.recount import BallotBox
from bot.nights.service import NightService

FILE_NAME = "ballots.json"
LARGEST_TABLE = 8
"""Films of which a table of preferences still fits a phone."""


def with_shown_titles(box: BallotBox, nominations: Sequence[Nomination]) -> BallotBox:
    """Return the ballots with the films' titles as the server's readers know them.

    The file keeps the main titles: ballots can be counted again in any language.
    """
    shown = {each.film_id: shown_title(each) for each in nominations if each.film_id in box.titles}
    return replace(box, titles={**box.titles, **shown})


def build_count_embed(night_name: str, box: BallotBox) -> discord.Embed:
    """Return how the ballots were counted: rounds, preferences, what broke ties, and the proof of the draw."""
    count = box.count()
    embed = discord.Embed(title=escape_line_to_fit(night_name, 200), colour=COLOUR)
    lines = [
        ngettext("{count} ballot", "{count} ballots", len(box.ballots)).format(count=len(box.ballots)),
        _(METHOD_LABELS[box.method]),
    ]
    if count.tie_breaks:
        broken = join_list(_(TIE_LABELS[each]) for each in count.tie_breaks)
        lines.append(_("tie broken by {reasons}").format(reasons=broken))
    films = [
        f"{place}. **{escape_line(box.titles[film_id], 60)}**"
        for place, film_id in enumerate(count.order, start=1)
    ]
    embed.description = "\n".join((" · ".join(lines), join_limited(films, 2_500, "\n")))
    if count.rounds:
        rounds = [_describe_round(box, number, count) for number in range(len(count.rounds))]
        embed.add_field(name=_("Rounds"), value=join_limited(rounds, 1_000, "\n"), inline=False)
    if count.pairs and len(count.order) <= LARGEST_TABLE:
        # Translators: the heading of a table; its rows and columns are films by their place
        name = _("How many prefer the row's film to the column's")
        embed.add_field(name=name, value=_format_pairs(count), inline=False)
    # Translators: {hash} is a code that members could see before the vote, {seed} the number that it was made from
    proof = _(
        "Seed: `{seed}`\nCode shown before the vote: `{hash}`\n"
        "The file has all ballots, without names. Whoever runs the bot can count them again."
    )
    # Translators: the heading above the numbers that show that nobody could influence a random draw
    name = _("Proof of the draw")
    embed.add_field(name=name, value=proof.format(seed=box.seed, hash=hash_seed(box.seed)), inline=False)
    return embed


def _describe_round(box: BallotBox, number: int, count: Count) -> str:
    current = count.rounds[number]
    votes = join_list(
        f"{escape_line(box.titles[film_id], 40)} {format_votes(total)}"
        for film_id, total in sorted(current.votes.items(), key=lambda item: -item[1])
    )
    if current.eliminated is None:
        return f"{number + 1}. {votes}"
    out = _("out: {title}").format(title=escape_line(box.titles[current.eliminated], 40))
    return f"{number + 1}. {votes} → {out}"


def _format_pairs(count: Count) -> str:
    """Return the table of preferences in a code block; rows and columns are places in the result."""
    numbers = range(1, len(count.order) + 1)
    cells = [["", *map(str, numbers)]]
    for place, film_id in enumerate(count.order, start=1):
        row = ["·" if other == film_id else format_votes(count.pairs[film_id, other]) for other in count.order]
        cells.append([str(place), *row])
    width = max(len(cell) for row in cells for cell in row) + 1
    return "```\n" + "\n".join("".join(cell.rjust(width) for cell in row) for row in cells) + "\n```"


def create_ballot_file(box: BallotBox) -> discord.File:
    """Return the ballots as the file that `marquee recount` reads."""
    document = json.dumps(box.to_document(), ensure_ascii=False, indent=1).encode()
    return discord.File(io.BytesIO(document), FILE_NAME, description=_("All ballots, without names"))


class CountButton(Button, template=r"v1:night-count:(?P<night_id>\d{1,18})"):
    """Shows how a night's ballots were counted."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, night_id: str) -> None:
        self.night_id = int(night_id)
        # Translators: a button under the result of a vote
        label = _("How this was counted")
        super().__init__(ui.Button(label=label, custom_id=custom_id("night-count", night_id), row=0))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it with the file of the ballots, for the member alone.

        Raises NightGoneError, also for one whose ballots were never counted.
        """
        server_id = require_guild_id(interaction)
        repository = get_service(interaction, NightService).repository
        snapshot = await repository.get_snapshot(server_id, self.night_id)
        box = await repository.get_ballot_box(server_id, self.night_id)
        if box is None:
            raise NightGoneError
        embed = build_count_embed(snapshot.night.name, with_shown_titles(box, snapshot.standing))
        response = Response(embeds=(embed,), files=(create_ballot_file(box),))
        await respond(interaction, response, ephemeral=True)


ITEMS = (CountButton,)
