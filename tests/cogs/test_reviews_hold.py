"""What must hold whatever happens: servers apart, forged buttons, double presses, Discord's errors."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import discord
import pytest
import simcord

from bot.films.reviews import Draft, Sort
from bot.ui import moderation as moderation_ui
from bot.ui import reviews as reviews_ui
from tests.cogs.reading import FILM, Actor, last, refused, review, told
from tests.conftest import World

PRIVATE = "Only for this server's eyes"
REPLY = "Nor is this for others"


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
    role = server.create_role(
        "Moderators", permissions=discord.Permissions(manage_guild=True, manage_messages=True)
    )
    omar = server.add_member(world.env.create_user("omar"), roles=[role])
    return Neighbour(server, server.create_text_channel("films"), lena, omar)


async def fill(world: World) -> int:
    """Leave something of everything in the first server; give its review's id."""
    await review(world, world.mina, PRIVATE, 9, spoiler=True, watched="2025-12-31")
    kept = await world.services.reviews.own(world.server.id, world.mina.id, FILM)
    assert kept is not None
    await world.services.replies.post(world.server.id, kept.id, world.jonas.id, REPLY)
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    form = await world.jonas.click(last(page), label="Report")
    await world.jonas.submit_modal(form, {"reason": ["spam"]})
    await world.mina.slash(world.channel, "watchlist add", film="john-wick-2014", keep=True)
    await world.mina.slash(world.channel, "mydata diary", public=True)
    await world.sam.slash(world.channel, "moderation block", member=world.jonas, days=3, reason=PRIVATE)
    await world.sam.slash(world.channel, "settings words", words="secretword")
    await world.sam.slash(world.channel, "settings reviews", minimum_raters=1)
    return kept.id


def nothing_of(world: World, text: str) -> None:
    for secret in (
        PRIVATE,
        REPLY,
        "secretword",
        "1 rating",
        *(str(each.id) for each in (world.mina, world.jonas, world.sam)),
    ):
        assert secret not in text, secret


async def test_no_command_shows_another_servers(world: World, neighbour: Neighbour) -> None:
    await fill(world)
    here, channel = neighbour.omar, neighbour.channel
    calls: list[tuple[str, dict[str, Any]]] = [
        ("film", {"title": FILM}),
        ("reviews", {"film": FILM}),
        ("top", {}),
        ("profile", {}),
        ("diary", {}),
        ("watchlist show", {}),
        ("watchlist server", {}),
        ("moderation queue", {}),
        ("moderation log", {}),
        ("settings words", {}),
        ("settings reviews", {}),
        ("mydata delete", {}),
        ("review edit", {"film": FILM}),
        ("rate", {"film": "ballerina-2023", "stars": "4"}),
    ]
    for command, options in calls:
        result = await here.slash(channel, command, **options)
        shown = told(result).replace("plain mean 4.0 · 1 rating", "")
        nothing_of(world, shown + str(result.modal or ""))
    refused(world, await here.slash(channel, "review delete", film=FILM), "not rated that film here")
    refused(world, await here.slash(channel, "watchlist random"), "nothing on that watchlist")
    exported = await here.slash(channel, "moderation log", export=True)
    (file,) = last(exported).attachments
    nothing_of(world, (await file.read()).decode())
    kept = await world.services.reviews.film_stars(world.server.id, FILM)
    assert kept.totals.count == 1


async def test_a_member_of_both_servers_is_another_in_each(world: World, neighbour: Neighbour) -> None:
    await fill(world)
    twin = neighbour.server.add_member(world.mina.user)
    for command in ("diary", "profile", "watchlist show"):
        text = told(await twin.slash(neighbour.channel, command))
        assert "Burning" not in text
        assert "John Wick" not in text
    refused(world, await twin.slash(neighbour.channel, "review delete", film=FILM), "not rated that film here")
    form = await twin.slash(neighbour.channel, "review edit", film=FILM)
    assert PRIVATE not in str(form.modal)
    hers = await world.services.reviews.own(world.server.id, world.mina.id, FILM)
    assert hers is not None


def forge(world: World, message: Any, custom_id: str) -> None:
    """Let the first button of a message carry another custom_id, as a modified client can send."""
    stored = world.env.backend.get_message(message.channel_id, message.id)
    stored.components[0]["components"][0]["custom_id"] = custom_id


async def test_forged_buttons_reach_no_other_servers_review(world: World, neighbour: Neighbour) -> None:
    review_id = await fill(world)
    await neighbour.lena.slash(neighbour.channel, "rate", film=FILM, stars="2")
    before = await world.services.reviews.get(world.server.id, review_id)
    log_before = await world.services.moderation.whole_log(world.server.id)
    card = await neighbour.lena.slash(neighbour.channel, "film", title=FILM)
    ids = [f"v1:{name}:{review_id}" for name in ("helpful", "show", "reply", "report")]
    ids += [f"v1:decide:{action}:{review_id}" for action in ("hide", "restore", "delete", "dismiss")]
    for custom_id in ids:
        forge(world, last(card), custom_id)
        result = await neighbour.omar.click(last(card), custom_id=custom_id)
        nothing_of(world, told(result) + str(result.modal or ""))
        assert "no longer there" in told(result), custom_id
    for custom_id in ("v1:log:0", "v1:queue:0", f"v1:reviews:{FILM}:newest:0", "v1:watchlist:server:0"):
        forge(world, last(card), custom_id)
        nothing_of(world, told(await neighbour.omar.click(last(card), custom_id=custom_id)))
    for custom_id in (f"v1:diary:{world.mina.id}:0", f"v1:watchlist:{world.mina.id}:0"):
        forge(world, last(card), custom_id)
        text = told(await neighbour.omar.click(last(card), custom_id=custom_id))
        assert "Burning" not in text
        assert "John Wick" not in text
    assert await world.services.reviews.get(world.server.id, review_id) == before
    assert await world.services.moderation.whole_log(world.server.id) == log_before


async def test_forged_forms_reach_no_other_servers_review(world: World, neighbour: Neighbour) -> None:
    review_id = await fill(world)
    before = await world.services.reviews.get(world.server.id, review_id)
    await neighbour.lena.slash(neighbour.channel, "rate", film=FILM, stars="2")
    forms: list[tuple[Any, dict[str, Any]]] = [
        (reviews_ui.FORMS[1](str(review_id)), {"reply": "From next door"}),
        (reviews_ui.FORMS[2](str(review_id)), {"reason": ["hate"]}),
        *((moderation_ui.DecisionForm(action, str(review_id)), {}) for action in ("hide", "delete")),
    ]
    for form, values in forms:
        shown = await neighbour.omar.slash(neighbour.channel, "review edit", film=FILM)
        shown._interaction.modal = simcord.components.validate_modal(form.to_dict())
        result = await neighbour.omar.submit_modal(shown, values)
        assert "no longer there" in told(result)
        nothing_of(world, told(result))
    assert await world.services.reviews.get(world.server.id, review_id) == before


@pytest.mark.parametrize(
    "custom_id",
    [
        "v1:helpful:999999999999999999",
        "v1:rate:no-such-film",
        "v1:reviews:no-such-film:newest:3",
        f"v1:reviews:{FILM}:newest:999999",
        "v1:diary:8999999999999999999:0",
        "v1:watchlist:8999999999999999999:9999",
        "v1:queue:999",
        "v1:decide:delete:1",
    ],
)
async def test_custom_ids_out_of_thin_air_are_answered(world: World, custom_id: str) -> None:
    card = await world.sam.slash(world.channel, "film", title=FILM)
    forge(world, last(card), custom_id)
    result = await world.sam.click(last(card), custom_id=custom_id)
    assert result.acknowledged
    assert "Something went wrong" not in told(result)


async def test_thirty_two_members_at_once_lose_nothing(world: World) -> None:
    reviews = world.services.reviews
    drafts = [
        Draft(world.server.id, member, FILM, 1 + member % 10, f"Number {member}.") for member in range(1, 33)
    ]
    posted = await asyncio.gather(*(reviews.post(draft) for draft in drafts))
    votes = await asyncio.gather(
        *(reviews.set_helpful(world.server.id, posted[0].review.id, draft.member_id) for draft in drafts[1:] * 2)
    )
    assert sum(votes) == 31
    replies = [
        world.services.replies.post(world.server.id, posted[1].review.id, draft.member_id, "So?")
        for draft in drafts
    ]
    await asyncio.gather(*replies)
    assert (await reviews.film_stars(world.server.id, FILM)).totals.count == 32
    first = (await reviews.page(world.server.id, FILM, Sort.HELPFUL)).reviews[0]
    assert (first.id, first.helpful) == (posted[0].review.id, 31)
    assert len((await reviews.get(world.server.id, posted[1].review.id)).replies) == 32


@pytest.mark.expects_errors
@pytest.mark.parametrize(("status", "code"), [(404, 10062), (500, 0), (403, 50013), (404, 10008)])
async def test_discords_errors_while_answering_are_survived(
    world: World, caplog: pytest.LogCaptureFixture, status: int, code: int
) -> None:
    await review(world, world.mina, "Before.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        world.env.inject_error("POST", "/interactions/*/callback", status=status, code=code, times=None)
        await world.jonas.click(last(page), label="1 · Helpful")
    world.env.backend.faults.clear()
    assert 1 <= len([record for record in caplog.records if record.name == "bot.errors"]) <= 2
    kept = (await world.services.reviews.page(world.server.id, FILM, Sort.NEWEST)).reviews[0]
    assert kept.helpful == 1
    assert "before" in told(await world.jonas.click(last(page), label="1 · Helpful"))


@pytest.mark.expects_errors
async def test_a_form_that_could_not_be_stored_gives_the_text_back(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    form = await world.mina.click(last(card), label="Rate")

    async def broken(*_: object) -> None:
        raise OSError("the disk is full")

    store = world.services.reviews._store
    original, store.put = store.put, broken  # type: ignore[method-assign]
    try:
        result = await world.mina.submit_modal(form, {"stars": "8", "review": "An hour's work.\nAnd ```more```."})
    finally:
        store.put = original  # type: ignore[method-assign]
    assert last(result).ephemeral
    assert "Something went wrong" in told(result)
    assert "An hour's work.\nAnd" in told(result)
    assert "the disk" not in told(result)
    assert await world.services.reviews.own(world.server.id, world.mina.id, FILM) is None


async def test_pressing_twice_at_once_counts_once(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    kept = await world.services.reviews.own(world.server.id, world.mina.id, FILM)
    assert kept is not None
    votes = [world.services.reviews.set_helpful(world.server.id, kept.id, world.jonas.id) for _ in range(8)]
    assert sum(await asyncio.gather(*votes)) == 1
    found = await world.services.reviews.get(world.server.id, kept.id)
    assert found.helpful == 1
    adds = [world.services.watchlists.add(world.server.id, world.mina.id, FILM) for _ in range(8)]
    assert sum(await asyncio.gather(*adds)) == 1
