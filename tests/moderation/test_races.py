"""What moderators decide while the world goes on: texts change, messages go, the log fills up."""

from bot.moderation.models import Action, ContentRef
from tests.conftest import World
from tests.reading import FILM, Actor, Result, last, review, told


async def report(world: World, actor: Actor) -> None:
    page = await actor.slash(world.channel, "reviews", film=FILM)
    form = await actor.click(last(page), label="Report")
    await actor.submit_modal(form, {"reason": ["insult"]})


async def queue(world: World) -> Result:
    return await world.sam.slash(world.channel, "moderation queue")


async def test_the_longest_reasons_fit_a_page_of_the_log(world: World) -> None:
    await review(world, world.mina, "Rain.")
    own = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert own is not None
    for _ in range(10):
        await world.services.moderation.decide(
            world.server.id, ContentRef(own.id), Action.DISMISS, actor_id=world.sam.id, reason="*" * 300
        )
    shown = await world.sam.slash(world.channel, "moderation log")
    assert told(shown).count("found no problem with a review") == 10
    assert len(last(shown).embeds[0].description or "") <= 4_096


async def test_a_text_changed_since_it_was_shown_is_not_let_through_unread(world: World) -> None:
    await review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    form = await world.sam.click(last(await queue(world)), label="Hide")
    await world.sam.submit_modal(form, {})
    await review(world, world.mina, "You are all dear to me.")
    shown = await queue(world)
    assert "dear to me" in told(shown)
    early = await world.sam.click(last(shown), label="Restore")
    await review(world, world.mina, "You are all fools, I said.")
    changed = "has changed since you were shown it. `/moderation queue` shows it as it is now."
    assert changed in told(await world.sam.submit_modal(early, {"reason": "Fine."}))
    assert changed in told(await world.sam.click(last(shown), label="Restore"))
    assert "Nobody here has written" in told(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert (await world.services.moderation.repository.get_log_page(world.server.id)).entry_count == 1
    # To hide it again needs no second look.
    form = await world.sam.click(last(shown), label="Hide")
    assert "you hid a review" in told(await world.sam.submit_modal(form, {}))


async def test_stars_given_anew_need_no_second_look(world: World) -> None:
    await review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    form = await world.sam.click(last(await queue(world)), label="No problem")
    await world.mina.slash(world.channel, "rate", film=FILM, stars="2")
    assert "found no problem with a review" in told(await world.sam.submit_modal(form, {}))


async def test_a_queue_dismissed_meanwhile_keeps_nobody_from_being_told(world: World) -> None:
    channel = world.server.create_text_channel("mod-log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=channel)
    await review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    form = await world.sam.click(last(await queue(world)), label="Hide")
    world.env.inject_error("PATCH", "/webhooks/*", status=404, code=10008, times=1)
    result = await world.sam.submit_modal(form, {})
    assert "Done: you hid a review. Its author was told." in told(result)
    assert channel.last_message is not None
    assert "hid a review" in channel.last_message.content
    assert world.mina.user.dm_channel.last_message is not None


async def test_of_two_moderators_the_second_is_told_that_it_is_decided(world: World) -> None:
    await review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    shown = await queue(world)
    first, again, other = [
        await world.sam.click(last(shown), label=each) for each in ("Hide", "Hide", "No problem")
    ]
    assert "you hid a review" in told(await world.sam.submit_modal(first, {}))
    for form in (again, other):
        assert "has decided about that review meanwhile" in told(await world.sam.submit_modal(form, {}))
    assert len(world.mina.user.dm_channel.history()) == 1
    assert (await world.services.moderation.repository.get_log_page(world.server.id)).entry_count == 1
