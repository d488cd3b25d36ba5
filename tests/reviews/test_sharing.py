"""A card that a member shared follows its review: edited with it, hidden with it, emptied when it is deleted."""

from dataclasses import replace
from typing import Any

import discord

from bot.moderation.models import Action, ContentRef
from tests.conftest import World
from tests.responses import (
    FILM,
    Actor,
    delete_review,
    list_labels,
    post_review,
    require_response,
)

DELETED = "This rating was deleted."
OTHER = "ballerina-2023"


async def share(world: World, actor: Actor, text: str, film: str = FILM) -> Any:
    """Rate the film with a review and share that in the channel; return the card."""
    written = await post_review(world, actor, text, film=film)
    return require_response(await actor.click(require_response(written), label="Share here"))


def read(world: World, card: Any) -> discord.Embed:
    """Return what the card shows now to everybody."""
    stored = world.env.backend.get_message(card.channel_id, card.id)
    (embed,) = stored.embeds
    return embed if isinstance(embed, discord.Embed) else discord.Embed.from_dict(embed)


def count_buttons(world: World, card: Any) -> int:
    stored = world.env.backend.get_message(card.channel_id, card.id)
    return sum(len(row["components"]) for row in stored.components)


async def test_a_shared_card_follows_its_review_until_it_is_deleted(world: World) -> None:
    first = await share(world, world.mina, "It was the barn.")
    again = await share(world, world.mina, "It was the barn.")
    jonas = await share(world, world.jonas, "Nobody knows.")
    for card in (first, again):
        assert (read(world, card).description or "").endswith("It was the barn.")

    await post_review(world, world.mina, "It was the greenhouse.", stars=5, spoiler=True)
    for card in (first, again):
        assert (read(world, card).description or "") == "**★★½**\n\n||It was the greenhouse.||"
        assert read(world, card).author.name == "mina"

    form = await world.jonas.click(first, label="Reply")
    await world.jonas.submit_modal(form, {"reply": "So I thought."})
    assert list_labels(world.env.backend.get_message(again.channel_id, again.id)) == [
        "Helpful", "Reply", "1 reply", "Report", "Rate",
    ]  # fmt: skip

    review = await world.services.reviews.get_own(world.server.id, world.mina.id, FILM)
    await world.services.moderation.decide(
        world.server.id, ContentRef(review.id), Action.HIDE, actor_id=world.jonas.id
    )
    await world.env.restart_bot()  # what changed while the bot was away is made up for
    assert read(world, first).description == "**★★½**"
    assert "greenhouse" not in str(read(world, first).to_dict())

    world.env.backend.delete_message(again.channel_id, again.id)
    await delete_review(world, world.mina)
    emptied = read(world, first)
    assert (emptied.title, emptied.description) == ("Burning (2018)", DELETED)
    assert (emptied.author.name, count_buttons(world, first)) == (None, 0)
    assert (read(world, jonas).description or "").endswith("Nobody knows.")
    assert [card.message_id for card in await world.services.shared_reviews.list_all()] == [jonas.id]
    assert world.env.errors == []


async def test_reports_that_hide_a_review_hide_it_on_its_card(world: World) -> None:
    card = await share(world, world.mina, "Mine.")
    await world.services.server_settings.change(
        world.server.id, lambda before: replace(before, report_threshold=1)
    )
    form = await world.jonas.click(card, label="Report")
    await world.jonas.submit_modal(form, {"reason": ["spam"]})
    assert read(world, card).description == "**★★★★**"


async def test_cards_are_emptied_with_all_data_of_their_member(world: World) -> None:
    cards = [await share(world, world.mina, "Mine.", film) for film in (FILM, OTHER)]
    question = await world.mina.slash(world.channel, "mydata delete")
    await world.mina.click(require_response(question), label="Delete it all")
    for card in cards:
        assert read(world, card).description == DELETED
        assert "mina" not in str(read(world, card).to_dict())
    assert await world.services.shared_reviews.list_all() == []
