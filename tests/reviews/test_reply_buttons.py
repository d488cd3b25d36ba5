"""A reply by itself: changed and deleted by who wrote it, reported by others, decided about by moderators."""

import csv
import io

from bot.client import create_bot
from tests.conftest import World
from tests.reading import FILM, Actor, Result, forge, last, review, told


async def reply(world: World, actor: Actor, text: str) -> Result:
    page = await actor.slash(world.channel, "reviews", film=FILM)
    form = await actor.click(last(page), label="Reply")
    return await actor.submit_modal(form, {"reply": text})


async def chosen(world: World, actor: Actor, number: int = 0) -> Result:
    """Open a review's replies and choose one."""
    page = await actor.slash(world.channel, "reviews", film=FILM)
    shown = await actor.click(last(page), custom_id=last(page).components[0]["components"][3]["custom_id"])
    assert shown.ephemeral
    options = last(shown).components[0]["components"][0]["options"]
    return await actor.select(last(shown), [options[number]["value"]])


async def page(world: World, actor: Actor) -> str:
    return told(await actor.slash(world.channel, "reviews", film=FILM))


async def test_its_author_changes_and_deletes_it(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat?")
    await reply(world, world.sam, "The one in the flat.")
    mine = await chosen(world, world.jonas)
    assert mine.ephemeral
    form = await world.jonas.click(last(mine), label="Edit")
    assert form.modal
    assert form.modal["components"][0]["component"]["value"] == "What cat?"
    late = await world.jonas.click(last(mine), label="Edit")
    await world.env.restart_bot(create_bot(world.services))
    assert "is changed" in told(await world.jonas.submit_modal(form, {"reply": "Which of them?"}))
    assert f"↳ <@{world.jonas.id}> (edited): Which of them?" in await page(world, world.mina)
    assert "is deleted" in told(await world.jonas.click(last(mine), label="Delete"))
    shown = await page(world, world.mina)
    assert "Which of them?" not in shown
    assert "The one in the flat." in shown
    refused = told(await world.jonas.submit_modal(late, {"reply": "Too late?"}))
    assert "no longer there. `/reviews` shows what is." in refused
    assert "Too late?" in refused
    assert "no longer there" in told(await world.jonas.click(last(mine), label="Delete"))


async def test_others_can_only_report_it(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat?")
    theirs = await chosen(world, world.mina)
    (row,) = last(theirs).components
    assert [button["label"] for button in row["components"]] == ["Report"]
    for identity in ("v1:reply-edit:1", "v1:reply-delete:1"):
        forge(world, last(theirs), {"type": 2, "style": 2, "label": "Forged", "custom_id": identity})
        assert "not yours" in told(await world.mina.click(last(theirs), custom_id=identity))
    assert "What cat?" in await page(world, world.mina)


async def test_the_menu_of_replies_gives_no_spoiler_away(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "It is ||in the well||, all the time; ||or not")
    page = await world.mina.slash(world.channel, "reviews", film=FILM)
    shown = await world.mina.click(last(page), label="1 reply")
    (option,) = last(shown).components[0]["components"][0]["options"]
    assert option["label"] == "1 · It is (spoiler), all the time; ||or not"


async def test_one_in_which_nothing_is_seen_is_none(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    for text in ("\u3164\u3164", "\u1160 \ufe0f", "\u2800"):
        assert "There is nothing in that reply." in told(await reply(world, world.jonas, text))
    assert "↳" not in await page(world, world.mina)


async def test_what_is_refused_is_given_back(world: World) -> None:
    await world.sam.slash(world.channel, "settings words", words="grot*")
    await review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat?")
    mine = await chosen(world, world.jonas)
    form = await world.jonas.click(last(mine), label="Edit")
    later = await world.jonas.click(last(mine), label="Edit")
    refused = told(await world.jonas.submit_modal(form, {"reply": "That grotty one?"}))
    assert "does not want that wording" in refused
    assert "That grotty one?" in refused
    await world.sam.slash(world.channel, "moderation block", member=world.jonas, days=1)
    assert "keep you from" in told(await world.jonas.submit_modal(later, {"reply": "That one?"}))
    assert "↳" in await page(world, world.mina)
    assert "edited" not in await page(world, world.mina)


async def report(world: World, actor: Actor, number: int = 0) -> Result:
    form = await actor.click(last(await chosen(world, actor, number)), label="Report")
    return await actor.submit_modal(form, {"reason": ["insult"]})


async def test_a_reported_reply_waits_for_a_moderator(world: World) -> None:
    channel = world.server.create_text_channel("mod-log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=channel, report_threshold=2)
    await review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat, you fool?")
    assert "Reported to the moderators." in told(await report(world, world.mina))
    assert "reported that before" in told(await report(world, world.mina))
    theirs = await chosen(world, world.mina)
    assert "The reply is hidden until they have decided." in told(await report(world, world.sam))
    assert channel.last_message is not None
    assert f"Reports hid a reply by <@{world.jonas.id}>" in channel.last_message.content
    assert "fool" not in await page(world, world.mina)
    assert "Look at the cat." in await page(world, world.mina)
    assert "no longer there" in told(await world.mina.click(last(theirs), label="Report"))
    queue = await world.sam.slash(world.channel, "moderation queue")
    for part in ("Look at the cat.", "What cat, you fool?", "The reply is what was reported", "insult: 2"):
        assert part in told(queue)
    assert "hidden after reports" in told(queue)
    form = await world.sam.click(last(queue), label="No problem")
    assert "found no problem with a reply" in told(await world.sam.submit_modal(form, {}))
    assert "fool" in await page(world, world.mina)
    assert "Nothing waits" in told(await world.sam.slash(world.channel, "moderation queue"))


async def test_a_moderator_hides_and_deletes_it_and_the_log_says_so(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat, you fool?")
    await report(world, world.mina)
    queue = await world.sam.slash(world.channel, "moderation queue")
    form = await world.sam.click(last(queue), label="Hide")
    assert "you hid a reply" in told(await world.sam.submit_modal(form, {"reason": "Tone"}))
    message = world.jonas.user.dm_channel.last_message
    assert message is not None
    assert "Your reply to a review of **Burning (2018)** in Film club is hidden now." in message.content
    assert "fool" not in await page(world, world.mina)
    assert "1 entry · page 1 of 1" in told(await world.sam.slash(world.channel, "moderation log"))
    hidden = await world.sam.slash(world.channel, "moderation queue", hidden=True)
    assert "1 of 1 that are hidden" in told(hidden)
    other = await world.sam.slash(world.channel, "moderation queue", hidden=True)
    form = await world.sam.click(last(hidden), label="Delete")
    assert "you deleted a reply" in told(await world.sam.submit_modal(form, {}))
    assert "What you wrote: What cat, you fool?" in world.jonas.user.dm_channel.last_message.content
    assert "no longer there" in told(await world.sam.click(last(other), label="Restore"))
    assert "Nothing is hidden" in told(await world.sam.slash(world.channel, "moderation queue", hidden=True))
    log = told(await world.sam.slash(world.channel, "moderation log"))
    assert f"<@{world.sam.id}> hid a reply: <@{world.jonas.id}>, **Burning (2018)**. Tone" in log
    assert f"<@{world.sam.id}> deleted a reply: <@{world.jonas.id}>" in log
    exported = await world.sam.slash(world.channel, "moderation log", export=True)
    rows = list(csv.DictReader(io.StringIO((await last(exported).attachments[0].read()).decode())))
    assert all(row["reply_id"] and row["rating_id"] for row in rows)
    assert "Look at the cat." in await page(world, world.mina)


async def test_replies_go_with_the_review(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat?")
    mine = await chosen(world, world.jonas)
    await report(world, world.sam)
    await world.mina.slash(world.channel, "review delete", film=FILM)
    for label in ("Edit", "Delete"):
        assert "no longer there" in told(await world.jonas.click(last(mine), label=label))
    assert "Nothing waits" in told(await world.sam.slash(world.channel, "moderation queue"))


async def test_one_written_anew_after_it_was_taken_down_waits_for_the_moderators(world: World) -> None:
    channel = world.server.create_text_channel("mod-log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=channel)
    await review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat, you fool?")
    mine = await chosen(world, world.jonas)
    await report(world, world.mina)
    form = await world.sam.click(last(await world.sam.slash(world.channel, "moderation queue")), label="Hide")
    await world.sam.submit_modal(form, {})
    form = await world.jonas.click(last(mine), label="Edit")
    unchanged = told(await world.jonas.submit_modal(form, {"reply": "What cat, you fool?"}))
    assert "Your reply is changed.\nThe reply stays hidden: a moderator hid it." in unchanged
    assert "is deleted" in told(await world.jonas.click(last(mine), label="Delete"))
    anew = await reply(world, world.jonas, "You fool, what cat?")
    first = "An earlier reply of yours was taken down, so the moderators look at this one first."
    assert told(anew) == f"Your reply is stored.\n{first}"
    note = f"A reply posted anew by <@{world.jonas.id}> waits: `/moderation queue`."
    assert channel.last_message is not None
    assert channel.last_message.content == note
    before = channel.last_message.id
    form = await world.jonas.click(last(anew), label="Edit")
    assert first in told(await world.jonas.submit_modal(form, {"reply": "Fool, what cat?"}))
    assert channel.last_message.id == before  # told once
    assert "what cat" not in await page(world, world.mina)
    queue = await world.sam.slash(world.channel, "moderation queue")
    for part in (
        "1 of 1 that wait",
        "Fool, what cat?",
        "The reply is what waits",
        "held until a moderator decides",
    ):
        assert part in told(queue)
    assert "no report: an earlier reply of theirs was taken down" in told(queue)
    form = await world.sam.click(last(queue), label="Restore")
    assert "Its author was told." in told(await world.sam.submit_modal(form, {}))
    message = world.jonas.user.dm_channel.last_message
    assert message is not None
    assert message.content == "Your reply to a review of **Burning (2018)** in Film club is shown now."
    assert "Fool, what cat?" in await page(world, world.mina)
    assert told(await reply(world, world.jonas, "The cat, then.")) == "Your reply is stored, under the review."
