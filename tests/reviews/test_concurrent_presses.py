"""Real presses and commands at the same moment: one clean outcome each."""

from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest

from bot.reviews.models import SortOrder
from bot.reviews.stars import StarTotals
from tests.conftest import World
from tests.reading import FILM, Result, last, messages, review, told


async def at_once(world: World, *acts: Coroutine[Any, Any, Result]) -> list[Result]:
    """Do all of it before the bot has answered any: SimCord otherwise waits for each answer."""

    async def wait_for_no_answer(**_: object) -> None:
        return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.env, "_settle_internal", wait_for_no_answer)
        results = [await act for act in acts]
    assert not any(messages(result) for result in results)
    await world.env.settle()
    return results


def outcomes(results: list[Result], *sentences: str) -> list[int]:
    """How many were told each of these sentences; everybody was told one of them."""
    counted = Counter(sentence for result in results for sentence in sentences if sentence in told(result))
    assert counted.total() == len(results), [told(result) for result in results]
    return [counted[sentence] for sentence in sentences]


async def test_one_button_pressed_several_times_at_once(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    presses = [world.jonas.click(last(page), label="1 · Helpful") for _ in range(4)]
    presses += [world.sam.click(last(page), label="1 · Helpful") for _ in range(2)]
    assert outcomes(await at_once(world, *presses), "Counted", "before") == [2, 4]
    assert (await world.services.reviews.repository.get_page(world.server.id, FILM, SortOrder.NEWEST)).reviews[
        0
    ].helpful_count == 2
    card = await world.mina.slash(world.channel, "film", title="ballerina-2023")
    await at_once(world, *(world.mina.click(last(card), label="Watchlist") for _ in range(4)))
    assert (await world.services.watchlists.repository.get_page(world.server.id, world.mina.id)).count == 1


async def test_members_rating_at_once(world: World) -> None:
    actors = (world.mina, world.jonas, world.sam, world.mina)
    rated = [
        actor.slash(world.channel, "rate", film=FILM, stars=stars)
        for actor, stars in zip(actors, ("5", "1", "3", "2"), strict=True)
    ]
    assert outcomes(await at_once(world, *rated), "Stored:", "Stored anew:") == [3, 1]
    kept = await world.services.reviews.repository.get_film_stars(world.server.id, FILM, world.mina.id)
    assert kept.own_stars in (10, 4)
    assert kept.totals == StarTotals.from_ratings([kept.own_stars, 2, 6])
    assert (await world.services.diary.repository.get_page(world.server.id, world.mina.id)).viewing_count == 1


async def test_a_review_edited_while_it_is_deleted(world: World) -> None:
    for turn in range(3):
        await review(world, world.mina, "Look at the cat.", 6)
        form = await world.mina.slash(world.channel, "review edit", film=FILM)
        edit = world.mina.submit_modal(form, {"stars": "9", "review": "What a cat."})
        delete = world.mina.slash(world.channel, "review delete", film=FILM)
        both = (edit, delete) if turn % 2 else (delete, edit)
        told_both = [told(result) for result in await at_once(world, *both)]
        assert any("Deleted" in text for text in told_both)
        kept = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
        anew = any("Stored anew" in text for text in told_both)
        # Either the edit came first and went with the review, or it came after and made a new one.
        assert (kept is None) == anew
        assert kept is None or (kept.stars, kept.text) == (9, "What a cat.")
        stars = await world.services.reviews.repository.get_film_stars(world.server.id, FILM)
        assert stars.totals == StarTotals.from_ratings([] if kept is None else [9])


async def test_a_reply_deleted_twice_at_once_and_a_review_decided_about_twice(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    form = await world.jonas.click(last(page), label="Reply")
    await world.jonas.submit_modal(form, {"reply": "What cat?"})
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    shown = await world.jonas.click(last(page), label="1 reply")
    mine = await world.jonas.select(last(shown), ["1"])
    presses = [world.jonas.click(last(mine), label="Delete") for _ in range(3)]
    assert outcomes(await at_once(world, *presses), "is deleted", "no longer there") == [1, 2]

    form = await world.jonas.click(last(page), label="Report")
    await world.jonas.submit_modal(form, {"reason": ["spam"]})
    queues = [await world.sam.slash(world.channel, "moderation queue") for _ in range(2)]
    forms = [await world.sam.click(last(queue), label="Delete") for queue in queues]
    decided = await at_once(world, *(world.sam.submit_modal(form, {}) for form in forms))
    assert outcomes(decided, "you deleted a review", "no longer there") == [1, 1]
    assert (await world.services.moderation.repository.get_log_page(world.server.id)).entry_count == 1
