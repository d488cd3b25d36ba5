"""Presses and commands at the same moment have one clean outcome each."""

from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest

from bot.reviews.models import SortOrder
from bot.reviews.stars import StarTotals
from tests.conftest import World
from tests.responses import FILM, Result, list_messages, post_review, read_text, require_response


async def at_once(world: World, *acts: Coroutine[Any, Any, Result]) -> list[Result]:
    """Run all interactions before the bot has answered any: SimCord otherwise waits for each reply."""

    async def wait_for_no_answer(**_: object) -> None:
        return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.env, "_settle_internal", wait_for_no_answer)
        results = [await act for act in acts]
    assert not any(list_messages(result) for result in results)
    await world.env.settle()
    return results


def outcomes(results: list[Result], *sentences: str) -> list[int]:
    """Return how many replies have each of these sentences; every reply has one of them."""
    counted = Counter(sentence for result in results for sentence in sentences if sentence in read_text(result))
    assert counted.total() == len(results), [read_text(result) for result in results]
    return [counted[sentence] for sentence in sentences]


async def test_one_button_pressed_several_times_at_once(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    presses = [world.jonas.click(require_response(page), label="Helpful") for _ in range(3)]
    presses += [world.sam.click(require_response(page), label="Helpful") for _ in range(2)]
    counted, taken_back = "You marked this review helpful.", "You took your vote back."
    assert outcomes(await at_once(world, *presses), counted, taken_back) == [3, 2]
    assert (await world.services.reviews.repository.get_page(world.server.id, FILM, SortOrder.NEWEST)).reviews[
        0
    ].helpful_count == 1
    card = await world.mina.slash(world.channel, "film", title="ballerina-2023")
    await at_once(world, *(world.mina.click(require_response(card), label="Watchlist") for _ in range(4)))
    assert (await world.services.watchlists.repository.get_page(world.server.id, world.mina.id)).count == 1


async def test_members_rating_at_once(world: World) -> None:
    actors = (world.mina, world.jonas, world.sam, world.mina)
    rated = [
        actor.slash(world.channel, "rate", film=FILM, stars=stars)
        for actor, stars in zip(actors, ("5", "1", "3", "2"), strict=True)
    ]
    assert outcomes(await at_once(world, *rated), "Saved:", "Updated:") == [3, 1]
    stored = await world.services.reviews.repository.get_film_stars(world.server.id, FILM, world.mina.id)
    assert stored.own_half_stars in (10, 4)
    assert stored.totals == StarTotals.from_ratings([stored.own_half_stars, 2, 6])
    assert (await world.services.diary.repository.get_page(world.server.id, world.mina.id)).viewing_count == 1


async def test_a_review_edited_while_it_is_deleted(world: World) -> None:
    for turn in range(3):
        await post_review(world, world.mina, "Look at the cat.", 6)
        form = await world.mina.slash(world.channel, "review edit", film=FILM)
        edit = world.mina.submit_modal(form, {"stars": "9", "review": "What a cat."})
        question = await world.mina.slash(world.channel, "review delete", film=FILM)
        delete = world.mina.click(require_response(question), label="Delete")
        both = (edit, delete) if turn % 2 else (delete, edit)
        texts = [read_text(result) for result in await at_once(world, *both)]
        assert any("Deleted" in text for text in texts)
        stored = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
        is_stored_again = any("Saved:" in text for text in texts)
        # Either the edit came first and went with the review, or it came after and made a new one.
        assert (stored is not None) == is_stored_again
        assert stored is None or (stored.half_stars, stored.text) == (9, "What a cat.")
        stars = await world.services.reviews.repository.get_film_stars(world.server.id, FILM)
        assert stars.totals == StarTotals.from_ratings([] if stored is None else [9])


async def test_a_reply_deleted_twice_at_once_and_a_review_decided_about_twice(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    form = await world.jonas.click(require_response(page), label="Reply")
    await world.jonas.submit_modal(form, {"reply": "What cat?"})
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    whole_review = await world.jonas.click(require_response(page), label="1 reply")
    own_reply = await world.jonas.select(require_response(whole_review), ["1"])
    question = await world.jonas.click(require_response(own_reply), label="Delete")
    presses = [world.jonas.click(require_response(question), label="Delete") for _ in range(3)]
    replies = await at_once(world, *presses)
    assert sum("deleted or hidden" in read_text(result) for result in replies) == 2
    assert "Deleted your reply." in require_response(question).content

    form = await world.jonas.click(require_response(page), label="Report")
    await world.jonas.submit_modal(form, {"reason": ["spam"]})
    queues = [await world.sam.slash(world.channel, "moderation queue") for _ in range(2)]
    forms = [await world.sam.click(require_response(queue), label="Delete") for queue in queues]
    decided = await at_once(world, *(world.sam.submit_modal(form, {}) for form in forms))
    assert outcomes(decided, "You deleted the review.", "Already handled:") == [1, 1]
    assert (await world.services.moderation.repository.get_log_page(world.server.id)).entry_count == 1
