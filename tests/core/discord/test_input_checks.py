"""What a modified client sends, and what older versions of Marquee have posted, is answered in words."""

import gc
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import discord
import pytest
from discord import ui
from simcord.components import walk_components

import cogs
from bot.client import Marquee
from bot.core import discord as base
from bot.core.discord.components import PersistentItem
from tests.conftest import World
from tests.responses import FILM, Actor, Result, post_review, read_text, replace_component, require_response
from tests.test_server_isolation import kinds

TOO_LARGE = str(2**63)
BROKEN = "half a pair \ud83d here"
Change = Callable[[dict[str, Any]], None]


def change_interactions(world: World, kind: discord.InteractionType, change: Change) -> None:
    """Let all interactions of that kind arrive at the bot with their data changed."""

    def forge(event: str, payload: dict[str, Any]) -> None:
        if event == "INTERACTION_CREATE" and payload["type"] == kind.value:
            change(payload["data"])

    world.env.backend.subscribers.insert(0, forge)


def assert_answered_in_words(result: Result, words: str) -> None:
    assert result.ephemeral
    assert words in read_text(result)
    assert "Something went wrong" not in read_text(result)


async def press(world: World, actor: Actor, component: dict[str, Any], values: list[str] | None = None) -> Result:
    """Press or choose, in a message that has been made to hold that button or menu."""
    message = require_response(await world.mina.slash(world.channel, "film", title=FILM))
    replace_component(world, message, component)
    if values is None:
        return await actor.click(message, custom_id=component["custom_id"])
    return await actor.select(message, values, custom_id=component["custom_id"])


def menu(custom_id: str, *values: str) -> dict[str, Any]:
    return {"type": 3, "custom_id": custom_id, "options": [{"label": value, "value": value} for value in values]}


@pytest.mark.parametrize(
    "custom_id",
    [
        "v0:rate:burning-2018",
        "v1:discontinued",
        "v2:film:burning-2018",
        f"v1:helpful:{TOO_LARGE}",
        f"v1:diary:{TOO_LARGE}:0",
        f"v1:taste-ask:{TOO_LARGE}",
        f"v1:taste-agree:{TOO_LARGE}:1",
        f"v1:taste-decline:1:{TOO_LARGE}",
    ],
)
async def test_a_button_that_no_version_or_an_older_one_has_is_answered(world: World, custom_id: str) -> None:
    button = {"type": 2, "style": 2, "label": "Old", "custom_id": custom_id}
    result = await press(world, world.jonas, button)
    assert_answered_in_words(result, "This button is out of date. Use the command again.")


def _list_groups(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each named group of the pattern with what it matches."""
    for start in re.finditer(r"\(\?P<(\w+)>", pattern):
        depth, end = 1, start.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(pattern[end], 0)
            end += 1
        yield start[1], pattern[start.end() : end - 1]


def test_no_id_in_a_button_menu_or_form_is_larger_than_a_database_stores() -> None:
    for module in pkgutil.iter_modules(cogs.__path__, "cogs."):
        importlib.import_module(module.name)
    found = [*kinds(PersistentItem), *kinds(base.Modal)]
    assert len(found) > 80
    wrong = [
        (kind.__name__, name)
        for kind, template in found
        for name, group in _list_groups(template.pattern)
        if re.fullmatch(group, TOO_LARGE) and not re.fullmatch(group, "a")
    ]
    assert wrong == []


async def test_a_menu_of_an_older_version_is_answered(world: World) -> None:
    result = await press(world, world.jonas, menu("v0:open", "one"), ["one"])
    assert_answered_in_words(result, "This menu is out of date. Use the command again.")


async def test_a_form_of_an_older_version_is_answered_and_its_text_returned(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title=FILM))
    form = await world.mina.click(card, label="Rate")

    def rename(data: dict[str, Any]) -> None:
        data["custom_id"] = "v0:rating:burning-2018"

    change_interactions(world, discord.InteractionType.modal_submit, rename)
    result = await world.mina.submit_modal(form, {"stars": "8", "review": "All my words."})
    assert_answered_in_words(result, "This form is out of date. Open it again.")
    assert "All my words." in read_text(result)


@pytest.mark.parametrize(
    ("custom_id", "value"),
    [
        ("v1:replies:1:0", TOO_LARGE),
        ("v1:replies:1:0", "9" * 40),
        ("v1:tonight-weight:1", "no number"),
        (f"v1:sort:{FILM}", ""),
        (f"v1:countries:{FILM}", "-1"),
        ("v1:open", "\ud800"),
    ],
)
async def test_a_choice_that_no_menu_offers_is_refused(world: World, custom_id: str, value: str) -> None:
    def forge(data: dict[str, Any]) -> None:
        data["values"] = [value]

    change_interactions(world, discord.InteractionType.component, forge)
    result = await press(world, world.jonas, menu(custom_id, "50"), ["50"])
    words = "a broken character" if value == "\ud800" else "Pick one of the choices in the menu."
    assert_answered_in_words(result, words)


STRANGER = {"id": TOO_LARGE, "username": "x", "discriminator": "0", "avatar": None}


@pytest.mark.parametrize("forged", [{"resolved": {"users": {TOO_LARGE: STRANGER}}}, {}])
async def test_somebody_who_is_no_member_is_refused(world: World, forged: dict[str, Any]) -> None:
    message = require_response(await world.mina.slash(world.channel, "tonight"))

    def forge(data: dict[str, Any]) -> None:
        del data["resolved"]
        data |= {"values": [TOO_LARGE], **forged}

    change_interactions(world, discord.InteractionType.component, forge)
    parts = [str(part.get("custom_id", "")) for part in walk_components(message.components)]
    (custom_id,) = (part for part in parts if part.startswith("v1:tonight-who:"))
    result = await world.mina.select(message, [world.jonas], custom_id=custom_id)
    assert_answered_in_words(result, "Pick members of this server in the menu.")


@pytest.mark.parametrize("stars", ["11", "99999999999999999999", "x", "8\ud800"])
async def test_a_choice_that_the_form_does_not_offer_is_refused(world: World, stars: str) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title=FILM))
    form = await world.mina.click(card, label="Rate")

    def forge(data: dict[str, Any]) -> None:
        data["components"][0]["component"]["value"] = stars

    change_interactions(world, discord.InteractionType.modal_submit, forge)
    result = await world.mina.submit_modal(form, {"stars": "8", "review": "All my words."})
    words = "a broken character" if "\ud800" in stars else "Pick one of the choices in the form."
    assert_answered_in_words(result, words)
    assert "All my words." in read_text(result)


@pytest.mark.parametrize("values", [["nonsense"], []])
async def test_a_report_needs_one_of_its_reasons(world: World, values: list[str]) -> None:
    await post_review(world, world.mina, "You are all fools.")
    page = require_response(await world.jonas.slash(world.channel, "reviews", film=FILM))
    form = await world.jonas.click(page, label="Report")

    def forge(data: dict[str, Any]) -> None:
        data["components"][0]["component"]["values"] = values

    change_interactions(world, discord.InteractionType.modal_submit, forge)
    result = await world.jonas.submit_modal(form, {"reason": ["spam"]})
    assert_answered_in_words(result, "Pick one of the choices in the form.")


def break_texts(value: Any, broken: str = BROKEN) -> None:
    """Put a text that no database stores in the place of every text typed in an interaction's data."""
    for part in value if isinstance(value, list) else [value]:
        for key in ("options", "components", "component"):
            if key in part:
                break_texts(part[key], broken)
        if isinstance(part.get("value"), str) and part.get("custom_id") != "stars":
            part["value"] = broken


@pytest.mark.parametrize("broken", [BROKEN, "a NUL \0 here"])
async def test_half_a_surrogate_pair_or_a_nul_in_a_command_is_refused(world: World, broken: str) -> None:
    """PostgreSQL stores no NUL, and can't even be asked for one."""
    change = partial(break_texts, broken=broken)
    change_interactions(world, discord.InteractionType.application_command, change)
    for command, option in (
        ("film", "title"),
        ("person", "name"),
        ("settings words", "words"),
        ("ask", "question"),
    ):
        result = await world.sam.slash(world.channel, command, **{option: "x"})
        assert_answered_in_words(result, "Your text has a broken character in it. Remove it and try again.")


async def test_half_a_surrogate_pair_is_completed_to_nothing(world: World) -> None:
    change_interactions(world, discord.InteractionType.autocomplete, break_texts)
    assert await world.mina.autocomplete(world.channel, "film", "title", "x") == []


async def test_half_a_surrogate_pair_in_a_form_is_refused_and_the_rest_returned(world: World) -> None:
    change_interactions(world, discord.InteractionType.modal_submit, break_texts)
    result = await post_review(world, world.mina, "x")
    assert_answered_in_words(result, "Your text has a broken character in it.")
    assert "half a pair ? here" in read_text(result)
    own = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert own is None


async def test_no_answer_keeps_a_view_in_memory(world: World, bot: Marquee) -> None:
    await post_review(world, world.mina, "Rain, and then the barn.")
    gc.collect()
    before = count_views()
    for command, options in (
        ("recommend", {}),
        ("similar", {"film": FILM}),
        ("film", {"title": FILM}),
        ("film", {"title": "balerina"}),
        ("reviews", {"film": FILM}),
        ("tonight", {}),
        ("mydata delete", {}),
        ("top", {}),
        ("watchlist show", {}),
        ("diary", {}),
    ):
        await world.mina.slash(world.channel, command, **options)
    gc.collect()
    assert count_views() <= before
    assert not bot.persistent_views


def count_views() -> int:
    return sum(isinstance(each, ui.View | ui.LayoutView) for each in gc.get_objects())
