"""Replies: edited and deleted by their authors, reported by others, decided about by moderators."""

import csv
import io
import re

from bot.client import create_bot
from tests.conftest import World
from tests.responses import (
    FILM,
    Actor,
    Result,
    delete_review,
    post_review,
    read_text,
    replace_component,
    require_response,
)


async def reply(world: World, actor: Actor, text: str) -> Result:
    page = await actor.slash(world.channel, "reviews", film=FILM)
    form = await actor.click(require_response(page), label="Reply")
    return await actor.submit_modal(form, {"reply": text})


async def open_reply(world: World, actor: Actor, number: int = 0) -> Result:
    """Open the whole review and choose one of its replies."""
    page = await actor.slash(world.channel, "reviews", film=FILM)
    response = await actor.click(
        require_response(page), custom_id=require_response(page).components[0]["components"][3]["custom_id"]
    )
    assert response.ephemeral
    options = require_response(response).components[0]["components"][0]["options"]
    return await actor.select(require_response(response), [options[number]["value"]])


async def page(world: World, actor: Actor) -> str:
    return read_text(await actor.slash(world.channel, "reviews", film=FILM))


async def test_authors_edit_and_delete_their_reply(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat?")
    await reply(world, world.sam, "The one in the flat.")
    own_reply = await open_reply(world, world.jonas)
    assert own_reply.ephemeral
    form = await world.jonas.click(require_response(own_reply), label="Edit")
    assert form.modal
    assert form.modal["components"][0]["component"]["value"] == "What cat?"
    edit_form = await world.jonas.click(require_response(own_reply), label="Edit")
    await world.env.restart_bot(create_bot(world.services))
    assert "Updated your reply." in read_text(await world.jonas.submit_modal(form, {"reply": "Which of them?"}))
    assert f"↳ <@{world.jonas.id}> (edited): Which of them?" in await page(world, world.mina)
    question = await world.jonas.click(require_response(own_reply), label="Delete")
    assert "Delete this reply?" in read_text(question)
    assert "Which of them?" in await page(world, world.mina)
    assert "Deleted your reply." in read_text(await world.jonas.click(require_response(question), label="Delete"))
    response = await page(world, world.mina)
    assert "Which of them?" not in response
    assert "The one in the flat." in response
    refused = read_text(await world.jonas.submit_modal(edit_form, {"reply": "Too late?"}))
    assert "That reply was deleted or hidden." in refused
    assert "Too late?" in refused
    assert "deleted or hidden" in read_text(await world.jonas.click(require_response(own_reply), label="Delete"))


async def test_others_can_only_report_a_reply(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat?")
    others_reply = await open_reply(world, world.mina)
    (row,) = require_response(others_reply).components
    assert [button["label"] for button in row["components"]] == ["Report"]
    for identity in ("v1:reply-edit:1", "v1:reply-delete:1", "v1:reply-delete-yes:1"):
        replace_component(
            world,
            require_response(others_reply),
            {"type": 2, "style": 2, "label": "Forged", "custom_id": identity},
        )
        assert "Only its author can change that reply." in read_text(
            await world.mina.click(require_response(others_reply), custom_id=identity)
        )
    assert "What cat?" in await page(world, world.mina)


async def test_the_menu_of_replies_reveals_no_spoiler(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "It is ||in the well||, all the time; ||or not")
    page = await world.mina.slash(world.channel, "reviews", film=FILM)
    response = await world.mina.click(require_response(page), label="1 reply")
    (option,) = require_response(response).components[0]["components"][0]["options"]
    assert option["label"] == "1 · It is (spoiler), all the time; ||or not"


async def test_a_reply_without_visible_text_is_refused(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    for text in ("\u3164\u3164", "\u1160 \ufe0f", "\u2800"):
        assert "Your reply is empty." in read_text(await reply(world, world.jonas, text))
    assert "↳" not in await page(world, world.mina)


async def test_a_refused_reply_is_returned(world: World) -> None:
    await world.sam.slash(world.channel, "settings words", words="grot*")
    await post_review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat?")
    own_reply = await open_reply(world, world.jonas)
    form = await world.jonas.click(require_response(own_reply), label="Edit")
    second_form = await world.jonas.click(require_response(own_reply), label="Edit")
    refused = read_text(await world.jonas.submit_modal(form, {"reply": "That grotty one?"}))
    assert "doesn't allow some of these words" in refused
    assert "That grotty one?" in refused
    await world.sam.slash(world.channel, "moderation block", member=world.jonas, days=1)
    assert "blocked you from" in read_text(await world.jonas.submit_modal(second_form, {"reply": "That one?"}))
    assert "↳" in await page(world, world.mina)
    assert "edited" not in await page(world, world.mina)


async def report(world: World, actor: Actor, number: int = 0) -> Result:
    form = await actor.click(require_response(await open_reply(world, actor, number)), label="Report")
    return await actor.submit_modal(form, {"reason": ["insult"]})


async def test_a_reported_reply_is_in_the_queue(world: World) -> None:
    channel = world.server.create_text_channel("mod-log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=channel, report_threshold=2)
    await post_review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat, you fool?")
    assert "Reported to the moderators." in read_text(await report(world, world.mina))
    assert "You already reported this." in read_text(await report(world, world.mina))
    others_reply = await open_reply(world, world.mina)
    assert "The reply is hidden until they decide." in read_text(await report(world, world.sam))
    assert channel.last_message is not None
    assert f"Reports hid a reply by <@{world.jonas.id}>" in channel.last_message.content
    assert "fool" not in await page(world, world.mina)
    assert "Look at the cat." in await page(world, world.mina)
    assert "deleted or hidden" in read_text(await world.mina.click(require_response(others_reply), label="Report"))
    queue = await world.sam.slash(world.channel, "moderation queue")
    for part in ("Look at the cat.", "What cat, you fool?", "The reply was reported.", "Insults someone: 2"):
        assert part in read_text(queue)
    assert "Hidden after reports" in read_text(queue)
    form = await world.sam.click(require_response(queue), label="Dismiss reports")
    assert "You dismissed the reports." in read_text(await world.sam.submit_modal(form, {}))
    assert "fool" in await page(world, world.mina)
    assert "No open reports" in read_text(await world.sam.slash(world.channel, "moderation queue"))


async def test_moderators_hide_and_delete_replies_and_the_log_records_it(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat, you fool?")
    await report(world, world.mina)
    queue = await world.sam.slash(world.channel, "moderation queue")
    form = await world.sam.click(require_response(queue), label="Hide")
    assert "You hid the reply." in read_text(await world.sam.submit_modal(form, {"reason": "Tone"}))
    message = world.jonas.user.dm_channel.last_message
    assert message is not None
    assert "A moderator hid your reply to a review of **Burning (2018)** in Film club." in message.content
    assert "fool" not in await page(world, world.mina)
    assert "1 entry" in read_text(await world.sam.slash(world.channel, "moderation log"))
    hidden = await world.sam.slash(world.channel, "moderation queue", hidden=True)
    assert "1 of 1 hidden" in read_text(hidden)
    other = await world.sam.slash(world.channel, "moderation queue", hidden=True)
    form = await world.sam.click(require_response(hidden), label="Delete")
    assert "You deleted the reply." in read_text(await world.sam.submit_modal(form, {}))
    assert "Your text: What cat, you fool?" in world.jonas.user.dm_channel.last_message.content
    late = read_text(await world.sam.click(require_response(other), label="Restore"))
    assert "No review or reply is hidden." in late  # the list goes on
    decided = f"<@{world.sam.id}> deleted a reply · <@{world.jonas.id}> · **Burning (2018)**"
    assert re.search(rf"Already handled: <t:\d+:f> · {re.escape(decided)}", late)
    assert "Nothing is hidden" in read_text(await world.sam.slash(world.channel, "moderation queue", hidden=True))
    log = read_text(await world.sam.slash(world.channel, "moderation log"))
    assert f"<@{world.sam.id}> hid a reply · <@{world.jonas.id}> · **Burning (2018)** · Tone" in log
    assert f"<@{world.sam.id}> deleted a reply · <@{world.jonas.id}>" in log
    exported = await world.sam.slash(world.channel, "moderation log", export=True)
    rows = list(csv.DictReader(io.StringIO((await require_response(exported).attachments[0].read()).decode())))
    assert all(row["reply_id"] and row["rating_id"] for row in rows)
    assert "Look at the cat." in await page(world, world.mina)


async def test_replies_go_with_the_review(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat?")
    own_reply = await open_reply(world, world.jonas)
    await report(world, world.sam)
    await delete_review(world, world.mina)
    for label in ("Edit", "Delete"):
        assert "deleted or hidden" in read_text(await world.jonas.click(require_response(own_reply), label=label))
    assert "No open reports" in read_text(await world.sam.slash(world.channel, "moderation queue"))


async def test_a_reply_after_one_that_was_taken_down_is_in_the_queue(world: World) -> None:
    channel = world.server.create_text_channel("mod-log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=channel)
    await post_review(world, world.mina, "Look at the cat.")
    await reply(world, world.jonas, "What cat, you fool?")
    own_reply = await open_reply(world, world.jonas)
    await report(world, world.mina)
    form = await world.sam.click(
        require_response(await world.sam.slash(world.channel, "moderation queue")), label="Hide"
    )
    await world.sam.submit_modal(form, {})
    form = await world.jonas.click(require_response(own_reply), label="Edit")
    unchanged = read_text(await world.jonas.submit_modal(form, {"reply": "What cat, you fool?"}))
    assert (
        "Updated your reply.\nA moderator hid your reply. If you edit it, a moderator reviews it first."
        in unchanged
    )
    question = await world.jonas.click(require_response(own_reply), label="Delete")
    assert "Deleted your reply." in read_text(await world.jonas.click(require_response(question), label="Delete"))
    second = await reply(world, world.jonas, "You fool, what cat?")
    first = "A moderator took down your last reply, so a moderator reviews this one first."
    assert read_text(second) == f"Posted your reply.\n{first}"
    note = f"A reply by <@{world.jonas.id}> needs approval. Run `/moderation queue`."
    assert channel.last_message is not None
    assert channel.last_message.content == note
    before = channel.last_message.id
    form = await world.jonas.click(require_response(second), label="Edit")
    assert first in read_text(await world.jonas.submit_modal(form, {"reply": "Fool, what cat?"}))
    assert channel.last_message.id == before  # told once
    assert "what cat" not in await page(world, world.mina)
    queue = await world.sam.slash(world.channel, "moderation queue")
    for part in (
        "1 of 1 pending",
        "Fool, what cat?",
        "The reply needs your approval.",
        "Hidden until a moderator approves it",
    ):
        assert part in read_text(queue)
    assert "Not reported. A moderator took down this member's last reply." in read_text(queue)
    form = await world.sam.click(require_response(queue), label="Approve")
    assert "I told the author by direct message." in read_text(await world.sam.submit_modal(form, {}))
    message = world.jonas.user.dm_channel.last_message
    assert message is not None
    assert (
        message.content
        == "A moderator approved your reply to a review of **Burning (2018)** in Film club. It's visible now."
    )
    assert "Fool, what cat?" in await page(world, world.mina)
    assert read_text(await reply(world, world.jonas, "The cat, then.")) == "Posted your reply."
