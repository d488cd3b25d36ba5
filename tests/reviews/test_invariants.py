"""What must hold whatever happens: servers apart, forged buttons, double presses, Discord's errors."""

import asyncio
import logging

import pytest

from bot.reviews.models import Draft, SortOrder
from tests.conftest import World
from tests.responses import FILM, post_review, read_text, replace_component, require_response


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
async def test_forged_custom_ids_are_answered(world: World, custom_id: str) -> None:
    card = await world.sam.slash(world.channel, "film", title=FILM)
    replace_component(
        world, require_response(card), {"type": 2, "style": 2, "label": "Forged", "custom_id": custom_id}
    )
    result = await world.sam.click(require_response(card), custom_id=custom_id)
    assert result.acknowledged
    assert "Something went wrong" not in read_text(result)


async def test_thirty_two_members_at_once_lose_nothing(world: World) -> None:
    reviews = world.services.reviews
    drafts = [
        Draft(world.server.id, member, FILM, 1 + member % 10, f"Number {member}.") for member in range(1, 33)
    ]
    posted = await asyncio.gather(*(reviews.post(draft) for draft in drafts))
    votes = await asyncio.gather(
        *(
            reviews.toggle_helpful_vote(world.server.id, posted[0].review.id, draft.member_id)
            for draft in drafts[1:]
        )
    )
    assert sorted(vote.count for vote in votes) == list(range(1, 32))
    replies = [
        world.services.replies.post(world.server.id, posted[1].review.id, draft.member_id, "So?")
        for draft in drafts
    ]
    await asyncio.gather(*replies)
    assert (await reviews.repository.get_film_stars(world.server.id, FILM)).totals.rating_count == 32
    first = (await reviews.repository.get_page(world.server.id, FILM, SortOrder.HELPFUL)).reviews[0]
    assert (first.id, first.helpful_count) == (posted[0].review.id, 31)
    assert len((await reviews.get(world.server.id, posted[1].review.id)).replies) == 32


REFUSALS = [(404, 10062), (429, 0), (500, 0), (403, 50013), (404, 10003), (404, 10008)]
"""Unknown interaction, too many requests, Discord's own failure, no permission, a deleted channel or message."""


@pytest.mark.expects_errors
@pytest.mark.parametrize(("status", "code"), REFUSALS)
async def test_discords_errors_while_answering_are_survived_and_logged_once(
    world: World, caplog: pytest.LogCaptureFixture, status: int, code: int
) -> None:
    await post_review(world, world.mina, "Before.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)

    def logged_once() -> bool:
        return len([each for each in caplog.records if each.levelno >= logging.WARNING]) == 1

    # Where the answer itself is refused, and where it follows a deferral.
    for path, act in (
        ("/interactions/*/callback", lambda: world.jonas.click(require_response(page), label="Helpful")),
        ("/webhooks/*", lambda: world.jonas.slash(world.channel, "rate", film=FILM, stars="4")),
    ):
        caplog.clear()
        world.env.inject_error("*", path, status=status, code=code, times=None)
        await act()
        world.env.backend.faults.clear()
        assert logged_once(), caplog.messages
    # What Discord did not take an acknowledgement of is not stored: the member reads that it failed.
    repository = world.services.reviews.repository
    assert (await repository.get_page(world.server.id, FILM, SortOrder.NEWEST)).reviews[0].helpful_count == 0
    await world.jonas.click(require_response(page), label="Helpful")
    assert (await repository.get_page(world.server.id, FILM, SortOrder.NEWEST)).reviews[0].helpful_count == 1
    assert "Updated:" in read_text(await world.jonas.slash(world.channel, "rate", film=FILM, stars="5"))


@pytest.mark.expects_errors
async def test_a_modal_that_could_not_be_stored_returns_the_text(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    form = await world.mina.click(require_response(card), label="Rate")

    async def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(world.services.reviews.repository, "store", broken)
    result = await world.mina.submit_modal(form, {"stars": "8", "review": "An hour's work.\nAnd ```more```."})
    assert require_response(result).ephemeral
    assert "Something went wrong" in read_text(result)
    assert "An hour's work.\nAnd" in read_text(result)
    assert "the disk" not in read_text(result)
    assert await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM) is None
