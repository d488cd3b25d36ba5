"""Servers never see each other's: every command, button, menu and form there is, found by looking, tries to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands
from sqlalchemy import or_, select

from bot.core import discord as base
from bot.core.database.columns import metadata
from bot.core.discord.components import PersistentItem
from bot.recommendations.filter_options import pack_filters
from bot.recommendations.filters import RecommendationFilters
from tests.conftest import World
from tests.responses import (
    FILM,
    Actor,
    Result,
    assert_refused,
    list_messages,
    post_review,
    read_text,
    replace_component,
    require_response,
)

PRIVATE = "Only for this server's eyes"
REPLY = "Nor is this for others"
SERIES = "Nights unlike theirs"
WATCHED = "john-wick-2014"


@dataclass(frozen=True)
class Neighbour:
    """Another server with the same bot: a member and a moderator, who know nothing of the first."""

    server: Any
    channel: Any
    lena: Actor
    omar: Actor


@pytest.fixture
async def neighbour(world: World) -> Neighbour:
    server = world.env.create_guild("Next door")
    lena = server.add_member(world.env.create_user("lena"))
    rights = discord.Permissions(manage_guild=True, manage_messages=True)
    role = server.create_role("Moderators", permissions=rights)
    omar = server.add_member(world.env.create_user("omar"), roles=[role])
    return Neighbour(server, server.create_text_channel("films"), lena, omar)


async def fill(world: World) -> dict[str, list[str]]:
    """Leave something of everything in the first server; give what its custom_ids name, by name."""
    here = world.channel
    await post_review(world, world.mina, PRIVATE, 9, spoiler=True, watched="2025-12-31")
    kept = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert kept is not None
    answered = await world.services.replies.post(world.server.id, kept.id, world.jonas.id, REPLY)
    page = await world.jonas.slash(here, "reviews", film=FILM)
    form = await world.jonas.click(require_response(page), label="Report")
    await world.jonas.submit_modal(form, {"reason": ["spam"]})
    await world.mina.slash(here, "watchlist add", film=WATCHED, keep=True)
    await world.mina.slash(here, "mydata diary", public=True)
    await world.mina.slash(here, "suggest", film=WATCHED, why=PRIVATE)
    await world.sam.slash(here, "pick series create", name=SERIES)
    await world.sam.slash(here, "pick add", film=FILM, note=PRIVATE)
    await world.mina.slash(here, "tonight")
    await world.sam.slash(here, "list create", name=PRIVATE[:40], shared=True)
    await world.mina.slash(here, "list add", list="1", film=WATCHED)
    await world.sam.slash(here, "night plan", name=PRIVATE[:40], when="in 5 days", place=PRIVATE)
    await world.mina.slash(here, "night nominate", film=WATCHED, reason=PRIVATE)
    await world.env.advance_time(1)  # the card is posted
    await world.sam.slash(here, "moderation block", member=world.jonas, days=3, reason=PRIVATE)
    await world.sam.slash(here, "settings words", words="secretword")
    await world.sam.slash(here, "settings reviews", minimum_raters=1)
    return {
        "review_id": [str(kept.id)],
        "reply_id": [str(answered.reply.id)],
        "ref": [str(kept.id), f"reply-{answered.reply.id}"],
        "action": ["hide", "restore", "delete", "dismiss"],
        "decision": ["taken", "declined"],
        "session_id": ["1"],
        "pick_id": ["1"],
        "draft": ["1767400000.3.1"],
        "series_id": ["1"],
        "suggestion_id": ["1"],
        "member_id": [str(world.mina.id)],
        "owner": [str(world.mina.id), "server"],
        "one": [str(world.mina.id)],
        "other": [str(world.jonas.id)],
        "film_id": [FILM],
        "person_id": ["lee-chang-dong"],
        "source_id": ["1"],
        "way": ["part", "source"],
        "year": ["2018.", ""],
        "text": ["burning"],
        "sort": ["newest"],
        "stars": ["8"],
        "viewing_id": ["1"],
        "viewing": [":1"],
        "liked": ["0", "1"],
        "rewatch": ["1"],
        "state": ["mark", "unmark", "add", "undo"],
        "day": ["2026-01-02"],
        "filters": [pack_filters(RecommendationFilters())],
        "hidden": [":hidden"],
        "countries": ["DE"],
        "after": ["5"],
        "choice": ["hide", "show", "share", "stop", "open", "close"],
        "command": ["pick-add", "suggest", "night-nominate", "night-film", "list-add", "list-remove"],
        "details": ["1", "..1"],
        "server_id": [f":{world.server.id}", ""],
        "view": ["watchlist", "watchlist-server", "diary", "profile"],
        "period": ["week"],
        "decade": ["2010"],
        "genre": ["Drama"],
        "argument": [str(world.mina.id)],
        "import_id": ["1"],
        "private_review": ["1"],
        "unrated": [":stars", ""],
        "number": ["1"],
        "night_id": ["1"],
        "list_id": ["1"],
        "nomination_id": ["1"],
        "change": ["on", "off"],
        "mark": ["1"],
        "extent": ["one", "all"],
        "outcome": ["deleted", "removed"],
        "seconds": ["1"],
        "partner": [f":{world.mina.id}", ""],
        "half_stars": ["9"],
        "key": ["00000000"],
        "answer": ["y", "n", "yes", "no"],  # a conversation's, a night's
        "field": ["genres"],
        "value": ["Drama"],
        **{name: ["0"] for name in ("page", "place", "index", "skip", "first")},
    }


COMMAND_LINK = re.compile(r"</[\w -]+:\d+>")
"""A command's id, which in the simulated Discord can be that of a member, too."""


def nothing_of(world: World, text: str, where: str) -> None:
    text = COMMAND_LINK.sub("", text)
    members = (str(each.id) for each in (world.mina, world.jonas, world.sam))
    for secret in (PRIVATE, REPLY, SERIES, "secretword", "4.5** average", *members):
        assert secret not in text, (where, secret)


async def everything_told(result: Result) -> str:
    """All that the member reads, in embeds, forms, buttons and text files."""
    parts = [read_text(result), str(result.modal or "")]
    for message in list_messages(result):
        parts.append(str(message.components))
        for file in message.attachments:
            parts += [file.description or "", (await file.read()).decode(errors="ignore")]
    return "\n".join(parts)


async def kept_here(world: World) -> dict[str, list[Any]]:
    """Every row that is the first server's, or hangs on one that is."""
    found: dict[str, list[Any]] = {}
    async with world.services.database.read() as connection:
        for table in metadata.sorted_tables:
            theirs = [table.c.server_id == world.server.id] if "server_id" in table.c else []
            for key in table.foreign_keys:
                of = key.column.table
                if "server_id" in of.c:
                    ids = select(key.column).where(of.c.server_id == world.server.id)
                    theirs.append(key.parent.in_(ids))
            if theirs:
                rows = await connection.execute(select(table).where(or_(*theirs)))
                found[table.name] = sorted(map(str, rows.all()))
    return found


OPTIONS: dict[str, Any] = {
    "question": "a drama", "user": "somebody", "hours": 1,
    "title": FILM, "film": FILM, "stars": "4", "name": "Lee Chang-dong", "series": "1", "pick": "1", "list": "1",
    "country": "KR", "public": False, "when": "tomorrow 8pm",
}  # fmt: skip
SEVERAL: dict[str, list[dict[str, Any]]] = {
    "moderation log": [{}, {"export": True}],
    "moderation queue": [{}, {"hidden": True}],
    "featured": [{}, {"history": True}],
    "suggestions": [{}, {"mine": True}],
}
"""Commands of which an option shows something else."""


async def test_no_command_shows_or_changes_another_servers(world: World, neighbour: Neighbour) -> None:
    await fill(world)
    before = await kept_here(world)
    commands = [each for each in world.env.bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
    assert len(commands) > 40
    for command in commands:
        name = command.qualified_name
        needed = {
            option.display_name: neighbour.lena if option.name == "member" else OPTIONS[option.display_name]
            for option in command.parameters
            if option.required
        }
        for more in SEVERAL.get(name, [{}]):
            result = await neighbour.omar.slash(neighbour.channel, name, **needed, **more)
            nothing_of(world, await everything_told(result), f"/{name} {more}")
            assert "Something went wrong" not in read_text(result), name
    assert await kept_here(world) == before


async def test_a_member_of_both_servers_is_another_in_each(world: World, neighbour: Neighbour) -> None:
    await fill(world)
    twin = neighbour.server.add_member(world.mina.user)
    for command in ("diary", "profile", "watchlist show"):
        text = read_text(await twin.slash(neighbour.channel, command))
        assert "Burning" not in text
        assert "John Wick" not in text
    assert_refused(
        world, await twin.slash(neighbour.channel, "review delete", film=FILM), "You haven't rated that film here."
    )
    form = await twin.slash(neighbour.channel, "review edit", film=FILM)
    assert PRIVATE not in str(form.modal)
    hers = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert hers is not None


def kinds(of: type[Any]) -> Iterator[tuple[type[Any], re.Pattern[str]]]:
    """Every button, menu or form of the bot's that is a kind of that, with what its custom_ids look like."""
    for kind in of.__subclasses__():
        yield from kinds(kind)
        own = vars(kind)
        template = own.get("template") or own.get("__discord_ui_compiled_template__")
        if kind.__module__.startswith("bot.") and isinstance(template, re.Pattern) and template.pattern != "^$":
            yield kind, template


def forged(template: re.Pattern[str], names: dict[str, list[str]]) -> Iterator[str]:
    """Every custom_id that fits the template, with the first server's ids in it."""
    choices = [[(name, value) for value in names[name]] for name in template.groupindex]
    has_any = False
    for chosen in product(*choices):
        text = template.pattern
        for name, value in chosen:
            start = depth = text.index(f"(?P<{name}>")
            level = 0
            for depth in range(start, len(text)):
                level += {"(": 1, ")": -1}.get(text[depth], 0)
                if level == 0:
                    break
            text = text[:start] + value + text[depth + 1 :].removeprefix("?")
        text = text.removeprefix("(?s)")
        if template.fullmatch(text):
            has_any = True
            yield text
    assert has_any, template.pattern


MENUS: dict[str, Any] = {
    "sort": "newest",
    "viewings": "1",
    "replies": "1",
    "countries": "KR",
    "tonight-weight": "50",
}
"""What is chosen in a menu, by its name; a film elsewhere."""


async def press(world: World, neighbour: Neighbour, card: Any, kind: type[Any], identity: str) -> Result:
    """Press or choose, as a moderator next door, what a message there has been made to hold."""
    if issubclass(kind, base.Button):
        replace_component(world, card, {"type": 2, "style": 2, "label": "Forged", "custom_id": identity})
        return await neighbour.omar.click(card, custom_id=identity)
    if issubclass(kind, base.MemberMenu):
        replace_component(world, card, {"type": 5, "custom_id": identity, "min_values": 1, "max_values": 1})
        return await neighbour.omar.select(card, [neighbour.omar], custom_id=identity)
    value = MENUS.get(identity.split(":")[1], FILM)
    replace_component(
        world, card, {"type": 3, "custom_id": identity, "options": [{"label": "One", "value": value}]}
    )
    return await neighbour.omar.select(card, [value], custom_id=identity)


@pytest.mark.expects_errors  # a button on a message of another make than its own may fail
async def test_no_forged_button_or_menu_reaches_another_server(world: World, neighbour: Neighbour) -> None:
    names = await fill(world)
    before = await kept_here(world)
    found = list(kinds(PersistentItem))
    assert len(found) > 50
    for kind, template in found:
        for identity in forged(template, names):
            assert [each for each, pattern in found if pattern.fullmatch(identity)] == [kind], identity
            card = require_response(await neighbour.omar.slash(neighbour.channel, "about"))
            result = await press(world, neighbour, card, kind, identity)
            text = await everything_told(result)
            for whom in re.findall(r"\d{15,}", identity):
                text = text.replace(whom, "")  # who was asked about is no news to who asked
            nothing_of(world, text, identity)
            assert result.acknowledged, identity
    assert await kept_here(world) == before


def filled_in(form: base.Modal) -> dict[str, Any]:
    """Return values for every field of the form."""
    values: dict[str, Any] = {}
    for label in form.to_dict()["components"]:
        field: Any = label["component"]
        match field["type"]:
            case 4:
                values[field["custom_id"]] = "today" if field["custom_id"] == "watched" else "From next door"
            case 3:
                values[field["custom_id"]] = [field["options"][0]["value"]]
            case 21:
                values[field["custom_id"]] = field["options"][0]["value"]
            case 19:
                values[field["custom_id"]] = [("history.csv", b"title,year\n")]
            case _:
                values[field["custom_id"]] = False
    return values


async def test_no_forged_form_reaches_another_server(world: World, neighbour: Neighbour) -> None:
    names = await fill(world)
    before = await kept_here(world)
    found = list(kinds(base.Modal))
    assert len(found) > 4
    for kind, template in found:
        for identity in forged(template, names):
            match = template.fullmatch(identity)
            assert match is not None
            form = kind.from_custom_id_state(**match.groupdict())
            shown = await neighbour.omar.slash(neighbour.channel, "review edit", film=FILM)
            shown._interaction.modal = simcord.components.validate_modal(form.to_dict())
            result = await neighbour.omar.submit_modal(shown, filled_in(form))
            nothing_of(world, await everything_told(result), identity)
            assert "Something went wrong" not in read_text(result), identity
    assert await kept_here(world) == before
