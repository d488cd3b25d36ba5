import csv
import io
from datetime import timedelta
from typing import Any

import discord
import pytest
import simcord

from bot.client import create_bot
from bot.core.rate_limiter import MEMBER_LIMIT
from bot.moderation import automod
from tests.conftest import World
from tests.repositories import list_blocks
from tests.responses import (
    FILM,
    Actor,
    Result,
    assert_refused,
    delete_review,
    post_review,
    read_text,
    require_response,
)

OTHER = "ballerina-2023"


async def report(world: World, actor: Actor, reason: str = "insult") -> Result:
    page = await actor.slash(world.channel, "reviews", film=FILM)
    form = await actor.click(require_response(page), label="Report")
    return await actor.submit_modal(form, {"reason": [reason]})


async def decide(world: World, actor: Actor, label: str, reason: str = "") -> Result:
    queue = await actor.slash(world.channel, "moderation queue")
    form = await actor.click(require_response(queue), label=label)
    return await actor.submit_modal(form, {"reason": reason})


async def test_a_report_is_in_the_queue_and_names_no_reporter(world: World) -> None:
    await post_review(world, world.mina, "You are all fools.")
    assert "Reported to the moderators." in read_text(await report(world, world.jonas))
    second = await report(world, world.jonas, "spam")
    assert "You already reported this." in read_text(second)
    page = await world.mina.slash(world.channel, "reviews", film=FILM)
    own = await world.mina.click(require_response(page), label="Report")
    assert own.modal is None  # who may not report it has no form to fill in first
    assert_refused(world, own, "You can't report your own review.")
    queue = await world.sam.slash(world.channel, "moderation queue")
    assert require_response(queue).ephemeral
    assert "You are all fools." in read_text(queue)
    assert "Insults someone: 1" in read_text(queue)
    assert str(world.jonas.id) not in read_text(queue)


async def test_three_reports_hide_a_review_until_it_is_decided(world: World) -> None:
    channel = world.server.create_text_channel("mod-log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=channel)
    await post_review(world, world.mina, "You are all fools.", spoiler=True)
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    noor = world.server.add_member(world.env.create_user("noor"))
    assert "hidden" not in read_text(await report(world, world.jonas))
    first = channel.last_message
    note = f"A review by <@{world.mina.id}> was reported: Insults someone. Run `/moderation queue` to decide."
    assert first is not None
    assert first.content == note
    assert "hidden" not in read_text(await report(world, world.sam))
    assert channel.last_message == first  # the second of the same text is in the queue, too
    assert "hidden until they decide" in read_text(await report(world, noor))
    assert "No reviews here yet." in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert "deleted or hidden" in read_text(await world.jonas.click(require_response(page), label="Show spoilers"))
    assert channel.last_message is not None
    assert "Reports hid a review" in channel.last_message.content
    result = await decide(world, world.sam, "Dismiss reports", "Harsh, but fair")
    assert "You dismissed the reports." in read_text(result)
    assert "I told the author by direct message." in read_text(result)
    assert "You are all fools." in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert "No open reports" in read_text(await world.sam.slash(world.channel, "moderation queue"))


@pytest.mark.parametrize(("label", "kept"), [("Hide", False), ("Delete", False), ("Restore", True)])
async def test_decisions_are_carried_out_announced_and_logged(world: World, label: str, kept: bool) -> None:
    await world.sam.slash(world.channel, "settings reviews", report_threshold=1)
    await post_review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    result = await decide(world, world.sam, label, "Mind your *tone*")
    assert "I told the author by direct message." in read_text(result)
    message = world.mina.user.dm_channel.last_message
    assert message is not None
    assert "review of **Burning (2018)** in Film club" in message.content
    assert "Mind your \\*tone\\*" in message.content
    assert ("Your text: " in message.content) == (label == "Delete")
    page = read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert ("You are all fools." in page) == kept
    stars = await world.services.reviews.repository.get_film_stars(world.server.id, FILM)
    assert stars.totals.rating_count == (0 if label == "Delete" else 1)
    log = read_text(await world.sam.slash(world.channel, "moderation log"))
    assert f"<@{world.sam.id}>" in log
    assert f"<@{world.mina.id}>" in log
    assert "Mind your" in log


async def test_the_queue_has_only_decisions_that_change_something(world: World) -> None:
    def list_labels(result: Result) -> list[str]:
        return [button["label"] for row in require_response(result).components for button in row["components"]]

    await post_review(world, world.mina, "You are all fools.", spoiler=True)
    await report(world, world.jonas)
    response = await world.sam.slash(world.channel, "moderation queue")
    assert "Visible · marked as spoiler" in read_text(response)
    assert list_labels(response) == ["Hide", "Delete", "Dismiss reports"]
    await decide(world, world.sam, "Hide")
    hidden = await world.sam.slash(world.channel, "moderation queue", hidden=True)
    assert "Hidden by a moderator · marked as spoiler" in read_text(hidden)
    assert list_labels(hidden) == ["Restore", "Delete"]
    await world.sam.slash(world.channel, "settings reviews", report_threshold=1)
    await post_review(world, world.sam, "So are you.")
    await report(world, world.jonas)
    by_reports = await world.sam.slash(world.channel, "moderation queue")
    assert "Hidden after reports" in read_text(by_reports)
    assert list_labels(by_reports) == ["Hide", "Restore", "Delete", "Dismiss reports"]


async def test_closed_direct_messages_stop_nothing(world: World) -> None:
    await post_review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    world.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    result = await decide(world, world.sam, "Hide")
    assert "doesn't accept my direct messages" in read_text(result)
    assert "No reviews here yet." in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))


async def test_a_missing_log_channel_is_mentioned(world: World) -> None:
    channel = world.server.create_text_channel("mod-log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=channel)
    await post_review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=404, code=10003)
    assert "I can't post in the log channel." in read_text(await decide(world, world.sam, "Hide"))
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=404, code=10003)
    blocked = await world.sam.slash(world.channel, "moderation block", member=world.mina)
    assert "I can't post in the log channel." in read_text(blocked)


async def test_moderator_rights_are_checked_at_every_press(world: World) -> None:
    await post_review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    with pytest.raises(simcord.SetupError, match="not visible"):
        await world.jonas.slash(world.channel, "moderation queue")
    # A server may show the command to everybody; the bot itself still asks for the rights.
    role = world.server.create_role("Reviewers")
    lena = world.server.add_member(world.env.create_user("lena"), roles=[role])
    shown_to: dict[Any, bool] = {world.jonas: True, role: True}
    world.server.set_command_permissions(world.env.bot.command_ids["moderation"], shown_to)  # type: ignore[attr-defined]
    for command in ("moderation queue", "moderation log"):
        assert_refused(world, await world.jonas.slash(world.channel, command), "Only moderators can do that")
    for command in ("moderation block", "moderation unblock"):
        assert_refused(
            world,
            await world.jonas.slash(world.channel, command, member=world.mina),
            "Only moderators can do that",
        )
    assert_refused(world, await lena.slash(world.channel, "moderation queue"), "Only moderators can do that")
    await world.sam.slash(world.channel, "settings reviews", moderator_role=role)
    queue = await lena.slash(world.channel, "moderation queue")
    assert "You are all fools." in read_text(queue)
    form = await lena.click(require_response(queue), label="Delete")
    await world.sam.slash(world.channel, "settings reviews", clear="moderator_role_id")
    for result in (
        await lena.click(require_response(queue), label="Hide"),
        await lena.submit_modal(form, {"reason": "Kept for later"}),
    ):
        assert "Only moderators can do that" in read_text(result)
    assert "Kept for later" in read_text(result)
    assert "You are all fools." in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))


async def test_hidden_reviews_are_listed_and_restored(world: World) -> None:
    for actor in (world.mina, world.sam):
        await post_review(world, actor, "You are all fools.")
        await report(world, world.jonas)
        await decide(world, world.sam, "Hide")
    hidden = await world.sam.slash(world.channel, "moderation queue", hidden=True)
    assert "1 of 2 hidden" in read_text(hidden)
    assert "No open reports" in read_text(hidden)
    turned = await world.sam.click(require_response(hidden), label="Next")
    assert "2 of 2 hidden" in read_text(turned)
    form = await world.sam.click(require_response(turned), label="Restore")
    assert "You restored the review." in read_text(await world.sam.submit_modal(form, {}))
    left = await world.sam.slash(world.channel, "moderation queue", hidden=True)
    assert "1 of 1 hidden" in read_text(left)


async def test_the_queue_is_paged_after_a_restart_too(world: World) -> None:
    await post_review(world, world.mina, "First fool.")
    await report(world, world.jonas)
    await post_review(world, world.sam, "Second fool.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    other_review = await world.services.reviews.repository.get_own(world.server.id, world.sam.id, FILM)
    assert other_review is not None
    form = await world.jonas.click(require_response(page), custom_id=f"v1:report:{other_review.id}")
    await world.jonas.submit_modal(form, {"reason": ["spam"]})
    queue = await world.sam.slash(world.channel, "moderation queue")
    assert "1 of 2 pending" in read_text(queue)
    await world.env.restart_bot(create_bot(world.services))
    turned = await world.sam.click(require_response(queue), label="Next")
    assert "2 of 2 pending" in read_text(turned)
    form = await world.sam.click(
        require_response(turned), label="Hide"
    )  # a moderator on their own review, logged like all
    assert "You hid the review." in read_text(await world.sam.submit_modal(form, {}))


async def test_a_blocked_member_learns_until_when(world: World) -> None:
    result = await world.sam.slash(world.channel, "moderation block", member=world.mina, days=2, reason="Shouting")
    assert ". The block ends <t:" in read_text(result)
    typed = await post_review(world, world.mina, "All my words.")
    assert "blocked you from rating, reviewing and suggesting films here" in read_text(typed)
    assert "The block ends <t:" in read_text(typed)
    assert "Shouting" in read_text(typed)
    assert "All my words." in read_text(typed)
    assert_refused(world, await world.mina.slash(world.channel, "rate", film=FILM, stars="3"), "blocked you from")
    again = read_text(await world.sam.slash(world.channel, "moderation block", member=world.mina))
    assert "until a moderator unblocks them. They were already blocked until <t:" in again
    again = read_text(await world.sam.slash(world.channel, "moderation block", member=world.mina, days=2))
    assert again.endswith("They were already blocked, with no end date. The new block replaces that one.")
    assert [block.reason for block in await list_blocks(world.services.database, world.server.id)] == ["Shouting"]
    assert_refused(
        world, await world.mina.slash(world.channel, "suggest", film=FILM, why="Loud."), "blocked you from"
    )
    await post_review(world, world.jonas, "Calm.")
    page = await world.mina.slash(world.channel, "reviews", film=FILM)
    form = await world.mina.click(require_response(page), label="Reply")
    assert "blocked you from" in read_text(await world.mina.submit_modal(form, {"reply": "Loud."}))
    assert "Unblocked <@" in read_text(
        await world.sam.slash(world.channel, "moderation unblock", member=world.mina)
    )
    assert "isn't blocked" in read_text(
        await world.sam.slash(world.channel, "moderation unblock", member=world.mina)
    )
    assert "Saved: " in read_text(await post_review(world, world.mina, "All my words."))
    await world.sam.slash(world.channel, "moderation block", member=world.mina, days=1)
    await world.env.advance_time(86_401)
    assert "Saved: " in read_text(await world.mina.slash(world.channel, "rate", film=OTHER, stars="3"))


async def test_moderators_block_neither_themselves_nor_bots(world: World) -> None:
    other_bot = world.server.add_member(world.env.create_user("jukebox", bot=True))
    marquee = simcord.builders.UserHandle(world.env, world.env.backend.bot_user)
    for member, why in (
        (world.sam, "You can't block yourself."),
        (other_bot, "You can't block a bot."),
        (marquee, "You can't block a bot."),
    ):
        assert_refused(world, await world.sam.slash(world.channel, "moderation block", member=member), why)
    assert await list_blocks(world.services.database, world.server.id) == []
    assert (await world.services.moderation.repository.get_log_page(world.server.id)).entry_count == 0
    assert "Saved: " in read_text(await post_review(world, world.sam, "Calm."))


async def test_the_log_is_paged_and_exported(world: World) -> None:
    for days in range(1, 13):
        await world.sam.slash(
            world.channel, "moderation block", member=world.mina, days=days, reason=f"no. {days}"
        )
    log = await world.sam.slash(world.channel, "moderation log")
    assert "12 entries · Page 1 of 2" in read_text(log)
    assert " · until <t:" in read_text(log)
    more = await world.sam.click(require_response(log), label="Older")
    assert "no. 2" in read_text(more)
    assert "no. 3\n" not in read_text(more)
    exported = await world.sam.slash(world.channel, "moderation log", export=True)
    (file,) = require_response(exported).attachments
    rows = list(csv.DictReader(io.StringIO((await file.read()).decode())))
    assert [row["reason"] for row in rows] == [f"no. {days}" for days in range(12, 0, -1)]
    assert all(row["expires_at"] > row["at"] for row in rows)
    assert {row["actor_id"] for row in rows} == {str(world.sam.id)}


async def test_an_exported_reason_is_no_formula(world: World) -> None:
    await world.sam.slash(world.channel, "moderation block", member=world.mina, reason="=cmd|' /C calc'!A0")
    exported = await world.sam.slash(world.channel, "moderation log", export=True)
    (file,) = require_response(exported).attachments
    assert "'=cmd|' /C calc'!A0" in (await file.read()).decode()
    assert ",=cmd" not in (await file.read()).decode()


async def test_refused_words_are_rejected_and_the_text_returned(world: World) -> None:
    await world.sam.slash(world.channel, "settings words", words="grot*, bad phrase")
    assert "grot\\*, bad phrase" in read_text(await world.sam.slash(world.channel, "settings words"))
    for text in ("What a GROTTY film.", "A bad phrase.", "g\u200brоt"):
        result = await post_review(world, world.mina, text)
        assert "This server doesn't allow some of these words. Rewrite it and try again." in read_text(result)
        assert text in read_text(result)
        assert require_response(result).ephemeral
    stored = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert stored is not None
    assert (stored.half_stars, stored.text) == (8, "")  # the stars are saved, the words are not
    await post_review(world, world.mina, "Fine.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    form = await world.jonas.click(require_response(page), label="Reply")
    assert "grotto" in read_text(await world.jonas.submit_modal(form, {"reply": "To the grotto!"}))
    await world.sam.slash(world.channel, "settings words", words="none")
    assert "Updated: " in read_text(await post_review(world, world.mina, "What a grotty film."))


async def test_automods_rules_apply_if_they_are_readable(world: World) -> None:
    guild = world.env.bot.get_guild(world.server.id)
    assert guild is not None
    with world.env.time_context():
        await guild.create_automod_rule(
            name="Language",
            event_type=discord.AutoModRuleEventType.message_send,
            trigger=discord.AutoModTrigger(
                keyword_filter=["fizz*"], regex_patterns=["(a+)+$", "ba+d"], allow_list=["fizzy"]
            ),
            actions=[discord.AutoModRuleAction()],
            enabled=True,
        )
    for text in ("Fizzle!", "It was BAAAD."):
        assert "doesn't allow some of these words" in read_text(await post_review(world, world.mina, text))
    assert "Updated: " in read_text(await post_review(world, world.mina, "Fizzy and good."))
    # A text made for a pattern that takes for ever on it holds nobody up.
    assert "⚠" not in read_text(await post_review(world, world.mina, "a" * 400 + "b"))


async def test_moderators_are_told_once_of_automod_patterns_that_are_not_checked(world: World) -> None:
    log = world.server.create_text_channel("log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=log)
    guild = world.env.bot.get_guild(world.server.id)
    assert guild is not None
    with world.env.time_context():
        await guild.create_automod_rule(
            name="Language",
            event_type=discord.AutoModRuleEventType.message_send,
            trigger=discord.AutoModTrigger(regex_patterns=["a{99999999}", "ba+d"]),
            actions=[discord.AutoModRuleAction()],
            enabled=True,
        )
    assert "Saved: " in read_text(await post_review(world, world.mina, "a" * 400))
    assert "doesn't allow some of these words" in read_text(await post_review(world, world.jonas, "It was BAAAD."))
    sentence = "These AutoMod patterns are too large or invalid, so reviews aren't checked for them: “a{99999999}”"
    assert [message.content for message in log.history()].count(sentence) == 1
    assert sentence in read_text(await world.sam.slash(world.channel, "settings words"))
    automod._cached_rules.clear()  # as after a minute, or a restart
    assert "Updated: " in read_text(await post_review(world, world.mina, "Good."))
    assert [message.content for message in log.history()].count(sentence) == 1


async def test_the_rate_limit_is_enforced(world: World) -> None:
    entries = [entry async for entry in world.services.film_repository.stream_entries()]
    for number in range(MEMBER_LIMIT):
        await world.services.reviews.post(draft(world, entries[number % 20].film_id, number))
    result = await world.mina.slash(world.channel, "rate", film=FILM, stars="3")
    assert_refused(world, result, "Try again <t:")
    assert "Saved: " in read_text(await world.jonas.slash(world.channel, "rate", film=FILM, stars="3"))
    await world.env.advance_time(timedelta(minutes=11).total_seconds())
    assert "Saved: " in read_text(await world.mina.slash(world.channel, "rate", film=FILM, stars="3"))


def draft(world: World, film_id: str, number: int):  # type: ignore[no-untyped-def]
    from bot.reviews.models import Draft

    return Draft(world.server.id, world.mina.id, film_id, 1 + number % 10)


async def test_departed_members_do_not_count_until_they_are_back(world: World) -> None:
    for actor, stars in ((world.mina, "5"), (world.jonas, "1")):
        await actor.slash(world.channel, "rate", film=FILM, stars=stars)
    world.server.remove_member(world.mina)
    await world.env.advance_time(86_401)
    await world.jonas.slash(world.channel, "film", title=FILM)  # looks up who is still there
    assert "**★ 1.0** average from 1 rating" in read_text(
        await world.jonas.slash(world.channel, "film", title=FILM)
    )
    back = world.server.add_member(world.mina.user)
    assert back.id == world.mina.id
    await world.env.advance_time(86_401)
    await world.jonas.slash(world.channel, "film", title=FILM)
    assert "**★ 3.0** average from 2 ratings" in read_text(
        await world.jonas.slash(world.channel, "film", title=FILM)
    )


async def test_settings_of_one_are_singular(world: World) -> None:
    response = await world.sam.slash(world.channel, "settings reviews", minimum_raters=1, report_threshold=1)
    assert "with at least 1 rating." in read_text(response)
    assert "\n1 report hides a review" in read_text(response)
    await world.sam.slash(world.channel, "settings words", words="fools")
    assert "Blocked words: 1\n" in read_text(await world.sam.slash(world.channel, "moderation log"))


async def test_settings_are_shown_and_have_a_range(world: World) -> None:
    response = await world.sam.slash(world.channel, "settings reviews", minimum_raters=1, report_threshold=0)
    assert "at least 1 rating." in read_text(response)
    assert "Reports don't hide reviews." in read_text(response)
    await post_review(world, world.mina, "You are all fools.")
    noor = world.server.add_member(world.env.create_user("noor"))
    for actor in (world.jonas, world.sam, noor):
        assert "hidden" not in read_text(await report(world, actor))
    with pytest.raises(simcord.backend.errors.SetupError):
        await world.jonas.slash(world.channel, "settings reviews", minimum_raters=1)


async def test_a_hidden_review_posted_again_is_in_the_queue(world: World) -> None:
    channel = world.server.create_text_channel("mod-log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=channel)
    await post_review(world, world.mina, "You are all fools.")
    await report(world, world.jonas)
    await decide(world, world.sam, "Hide")
    assert "Deleted" in read_text(await delete_review(world, world.mina))
    text = read_text(await post_review(world, world.mina, "All fools, you are.", 2))
    assert "Saved: ★" in text
    assert "A moderator took down your last review, so a moderator reviews this one first." in text
    assert "No reviews here yet." in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert "1 rating" in read_text(await world.jonas.slash(world.channel, "film", title=FILM))
    assert channel.last_message is not None
    assert (
        channel.last_message.content == f"A review by <@{world.mina.id}> needs approval. Run `/moderation queue`."
    )
    before = channel.last_message.id
    assert "reviews this one first" in read_text(await post_review(world, world.mina, "All of you, fools."))
    assert channel.last_message.id == before  # told once
    queue = await world.sam.slash(world.channel, "moderation queue")
    assert "All of you, fools." in read_text(queue)
    assert "1 of 1 pending" in read_text(queue)
    assert "Not reported. A moderator took down this member's last review." in read_text(queue)
    assert "Hidden until a moderator approves it" in read_text(queue)
    assert "Posted\n" in read_text(queue)
    labels = [button["label"] for row in require_response(queue).components for button in row["components"]]
    assert labels == ["Hide", "Approve", "Delete"]
    form = await world.sam.click(require_response(queue), label="Approve")
    done = read_text(await world.sam.submit_modal(form, {}))
    assert "You approved the review. I told the author by direct message." in done
    assert f"<@{world.sam.id}> approved a review" in read_text(
        await world.sam.slash(world.channel, "moderation log")
    )
    message = world.mina.user.dm_channel.last_message
    assert message is not None
    assert (
        message.content == "A moderator approved your review of **Burning (2018)** in Film club. It's visible now."
    )
    assert "All of you, fools." in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))


async def test_new_stars_for_a_hidden_review_say_that_it_stays_hidden(world: World) -> None:
    await post_review(world, world.mina, "You are all fools.")
    await world.sam.slash(world.channel, "settings reviews", report_threshold=1)
    await report(world, world.jonas)
    waits = "Your review is hidden until a moderator reviews its reports."
    assert waits in read_text(await world.mina.slash(world.channel, "rate", film=FILM, stars="2"))
    await decide(world, world.sam, "Hide")
    decided = "A moderator hid your review. If you edit it, a moderator reviews it first."
    assert decided in read_text(await world.mina.slash(world.channel, "rate", film=FILM, stars="3"))
    assert "reviews this one first" in read_text(await post_review(world, world.mina, "You are all dear to me."))
    queue = await world.sam.slash(world.channel, "moderation queue")
    form = await world.sam.click(require_response(queue), label="Approve")
    await delete_review(world, world.mina)
    assert "The author deleted that review. See what's open" in read_text(await world.sam.submit_modal(form, {}))
    assert "No open reports" in read_text(await world.sam.slash(world.channel, "moderation queue"))
