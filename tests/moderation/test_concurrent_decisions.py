"""What moderators decide while the world goes on: texts change, messages go, the log fills up."""

from bot.moderation.models import Action, ContentRef
from tests.conftest import World
from tests.responses import FILM, Actor, Result, post_review, read_text, require_response


async def report(world: World, actor: Actor) -> None:
    page = await actor.slash(world.channel, "reviews", film=FILM)
    form = await actor.click(require_response(page), label="Report")
    await actor.submit_modal(form, {"reason": ["insult"]})


async def queue(world: World) -> Result:
    return await world.sam.slash(world.channel, "moderation queue")


async def test_the_longest_reasons_fit_a_page_of_the_log(world: World) -> None:
    await post_review(world, world.mina, "Rain.")
    own = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert own is not None
    for _ in range(10):
        await world.services.moderation.decide(
            world.server.id, ContentRef(own.id), Action.DISMISS, actor_id=world.sam.id, reason="*" * 300
        )
    response = await world.sam.slash(world.channel, "moderation log")
    assert read_text(response).count("dismissed reports of a review") == 10
    assert len(require_response(response).embeds[0].description or "") <= 4_096


async def test_a_text_changed_since_it_was_shown_is_not_approved_unread(world: World) -> None:
    await post_review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    form = await world.sam.click(require_response(await queue(world)), label="Hide")
    await world.sam.submit_modal(form, {})
    await post_review(world, world.mina, "You are all dear to me.")
    response, other = await queue(world), await queue(world)
    assert "dear to me" in read_text(response)
    early = await world.sam.click(require_response(response), label="Approve")
    await post_review(world, world.mina, "You are all fools, I said.")
    changed = "was edited after you opened it. Run `/moderation queue` to see it now."
    said = read_text(await world.sam.submit_modal(early, {"reason": "Fine."}))
    assert changed in said
    assert "fools, I said" in said  # the queue shows the text as it is now
    assert changed in read_text(await world.sam.click(require_response(other), label="Approve"))
    assert "No reviews here yet." in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert (await world.services.moderation.repository.get_log_page(world.server.id)).entry_count == 1
    # To hide it again needs no second look.
    form = await world.sam.click(require_response(response), label="Hide")
    assert "You hid the review." in read_text(await world.sam.submit_modal(form, {}))


async def test_new_stars_need_no_second_look(world: World) -> None:
    await post_review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    form = await world.sam.click(require_response(await queue(world)), label="Dismiss reports")
    await world.mina.slash(world.channel, "rate", film=FILM, stars="2")
    assert "You dismissed the reports." in read_text(await world.sam.submit_modal(form, {}))


async def test_the_author_is_notified_although_the_queue_was_dismissed(world: World) -> None:
    channel = world.server.create_text_channel("mod-log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=channel)
    await post_review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    form = await world.sam.click(require_response(await queue(world)), label="Hide")
    world.env.inject_error("PATCH", "/webhooks/*", status=404, code=10008, times=1)
    result = await world.sam.submit_modal(form, {})
    assert "You hid the review. I told the author by direct message." in read_text(result)
    assert channel.last_message is not None
    assert "hid a review" in channel.last_message.content
    assert world.mina.user.dm_channel.last_message is not None


async def test_the_second_of_two_moderators_learns_that_it_is_decided(world: World) -> None:
    await post_review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    response = await queue(world)
    first, *others = [
        await world.sam.click(require_response(response), label=each)
        for each in ("Hide", "Hide", "Dismiss reports", "Delete")
    ]
    assert "You hid the review." in read_text(await world.sam.submit_modal(first, {"reason": "Be nice"}))
    for form in others:  # nor is it deleted over the other's decision
        said = read_text(await world.sam.submit_modal(form, {}))
        assert "Already handled: <t:" in said
        assert f"<@{world.sam.id}> hid a review · <@{world.mina.id}> · **Burning" in said
        assert "Be nice" in said
        assert "No open reports" in said  # the page of the second moves on, too
    assert len(world.mina.user.dm_channel.history()) == 1
    assert (await world.services.moderation.repository.get_log_page(world.server.id)).entry_count == 1
    # Whoever sees that it is hidden can delete it; a third one reads that it was deleted, and by whom.
    hidden = await world.sam.slash(world.channel, "moderation queue", hidden=True)
    forms = [await world.sam.click(require_response(hidden), label="Delete") for _ in range(2)]
    said = read_text(await world.sam.submit_modal(forms[0], {}))
    assert "You deleted the review." in said
    assert "Nothing is hidden" in said  # the list of what is hidden goes on, not the queue
    assert f"<@{world.sam.id}> deleted a review" in read_text(await world.sam.submit_modal(forms[1], {}))
