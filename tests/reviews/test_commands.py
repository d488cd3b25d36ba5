from datetime import timedelta

import pytest

from bot.client import create_bot
from tests.conftest import World
from tests.responses import FILM, assert_refused, post_review, read_text, require_response


async def test_rate_stores_stars_and_shows_the_servers_average(world: World) -> None:
    result = await world.mina.slash(world.channel, "rate", film=FILM, stars="3.5")
    assert result.ephemeral
    assert "Stored: ★★★½ for **Burning" in read_text(result)
    assert "plain mean 3.5 · 1 rating" in read_text(result)
    second = await world.mina.slash(world.channel, "rate", film=FILM, stars="★★★★★")
    assert "Stored anew: ★★★★★" in read_text(second)
    assert "plain mean 5.0 · 1 rating" in read_text(second)
    card = await world.jonas.slash(world.channel, "film", title=FILM)
    assert "plain mean 5.0 · 1 rating" in read_text(card)
    assert " gave ★" not in read_text(card)
    title, picture = require_response(card).attachments
    assert (title.filename, picture.filename) == ("title.png", "stars.png")
    assert picture.description is not None
    assert "1 rating. ½: 0" in picture.description
    assert "5: 1." in picture.description
    own = await world.mina.slash(world.channel, "film", title=FILM)
    assert "mina gave ★★★★★." in read_text(own)  # others see that card too
    await world.mina.slash(world.channel, "mydata hide")
    nameless = await world.mina.slash(world.channel, "film", title=FILM)
    assert "plain mean 5.0 · 1 rating" in read_text(nameless)
    assert " gave ★" not in read_text(nameless)  # it says above who asked
    question = await world.mina.click(require_response(nameless), label="Set your country")
    assert "You gave ★★★★★." in read_text(
        await world.mina.select(require_response(question), ["KR"])
    )  # she alone sees that one


async def test_nothing_is_called_saved_once_the_database_file_is_deleted(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.mina.slash(world.channel, "rate", film=FILM, stars="4")
    delete_database(world)
    for actor, stars in ((world.mina, "3"), (world.jonas, "5")):
        result = await actor.slash(world.channel, "rate", film=FILM, stars=stars)
        assert_refused(world, result, "Nothing can be saved right now: Marquee's database file")
    typed = await post_review(world, world.jonas, "All my words.")
    assert "Nothing can be saved right now" in read_text(typed)
    assert "All my words." in read_text(typed)
    assert "marquee.db was deleted, moved or replaced" in caplog.text


def delete_database(world: World) -> None:
    for path in world.services.settings.data_dir.glob("marquee.db*"):
        path.unlink()


async def test_stars_are_suggested_and_invalid_ones_refused(world: World) -> None:
    suggestions = await world.mina.autocomplete(world.channel, "rate", "stars", "")
    assert [choice["value"] for choice in suggestions] == [
        "5",
        "4.5",
        "4",
        "3.5",
        "3",
        "2.5",
        "2",
        "1.5",
        "1",
        "0.5",
    ]
    nearest = await world.mina.autocomplete(world.channel, "rate", "stars", "2,5")
    assert nearest[0] == {"name": "★★½ · 2½ stars", "value": "2.5"}
    films = await world.mina.autocomplete(world.channel, "rate", "film", "burnin")
    assert films[0]["value"] == FILM
    for stars in ("0", "6", "3.3", "lots"):
        result = await world.mina.slash(world.channel, "rate", film=FILM, stars=stars)
        assert_refused(world, result, "½ to 5 in halves")


async def test_an_ambiguous_film_is_not_rated(world: World) -> None:
    result = await world.mina.slash(world.channel, "rate", film="burnign", stars="4")
    assert result.ephemeral
    assert "Did you mean this film?" in read_text(result)
    assert await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM) is None


async def test_nothing_is_removed_or_planned_for_an_ambiguous_film(world: World) -> None:
    for film in ("oldboy-2003", "oldboy-2013"):
        await world.mina.slash(world.channel, "rate", film=film, stars="4")
        await world.mina.slash(world.channel, "watchlist add", film=film)
    hint = "Use the command again and pick the film from the list."
    for command in ("review delete", "watchlist remove"):
        question = await world.mina.slash(world.channel, command, film="oldboy")
        assert question.ephemeral
        assert read_text(question).startswith(f"Did you mean this film? {hint}\n")
    for command in ("pick add", "pick suggest"):
        question = await world.sam.slash(world.channel, command, film="oldboy")
        assert read_text(question).startswith("Did you mean this film?\n")
        assert hint in read_text(question)
    recommendations = world.services.recommendations.repository
    assert len((await recommendations.get_rating_history(world.server.id, world.mina.id)).ratings) == 2
    assert len(await world.services.watchlists.repository.list_film_ids(world.server.id, world.mina.id)) == 2


async def test_the_modal_stores_stars_review_spoiler_and_day(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    form = await world.mina.click(require_response(card), label="Rate")
    assert form.modal
    labels = [component["label"] for component in form.modal["components"]]
    assert labels == ["Stars", "Review (0/500 characters)", "Contains spoilers", "Watched on"]
    options = form.modal["components"][0]["component"]["options"]
    assert [option["value"] for option in options] == [str(stars) for stars in range(10, 0, -1)]
    result = await world.mina.submit_modal(
        form, {"stars": "9", "review": "Slow burn.", "spoiler": True, "watched": "yesterday"}
    )
    assert "Stored, stars and review: ★★★★½" in read_text(result)
    stored = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert stored is not None
    assert (stored.half_stars, stored.text, stored.is_spoiler) == (9, "Slow burn.", True)
    diary = await world.services.diary.repository.get_page(world.server.id, world.mina.id)
    assert [viewing.watched_on for viewing in diary.viewings] == [(world.env.now() - timedelta(days=1)).date()]

    edit = await world.mina.slash(world.channel, "review edit", film=FILM)
    assert edit.modal
    fields = [component["component"] for component in edit.modal["components"]]
    assert [option["value"] for option in fields[0]["options"] if option.get("default")] == ["9"]
    assert fields[1]["value"] == "Slow burn."
    assert fields[2]["default"] is True
    assert edit.modal["components"][1]["label"] == "Review (10/500 characters)"
    await world.mina.submit_modal(edit, {"stars": "8", "review": "", "spoiler": False})
    stored = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert stored is not None
    assert (stored.half_stars, stored.text, stored.is_spoiler) == (8, "", False)


async def test_a_future_day_is_refused_and_the_text_returned(world: World) -> None:
    later = (world.env.now() + timedelta(days=3)).date().isoformat()
    result = await post_review(world, world.mina, "All of my `thoughts`, typed once.", watched=later)
    assert require_response(result).ephemeral
    assert "still to come. Give one up to today, or leave it out." in read_text(result)
    assert "All of my `thoughts`, typed once." in read_text(result)
    assert await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM) is None


async def test_a_modal_opened_before_a_restart_is_handled_after_it(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    form = await world.mina.click(require_response(card), label="Rate")
    await world.env.restart_bot(create_bot(world.services))
    result = await world.mina.submit_modal(form, {"stars": "4", "review": "Kept."})
    assert "Stored, stars and review: ★★" in read_text(result)
    second = await world.mina.click(require_response(card), label="Rate")
    assert second.modal


async def test_two_members_with_open_modals_each_store_their_own(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    form = await world.mina.click(require_response(card), label="Rate")
    other_form = await world.jonas.click(require_response(card), label="Rate")
    await world.mina.submit_modal(form, {"stars": "10", "review": "Hers."})
    await world.jonas.submit_modal(other_form, {"stars": "2", "review": "His."})
    for actor, stars, text in ((world.mina, 10, "Hers."), (world.jonas, 2, "His.")):
        stored = await world.services.reviews.repository.get_own(world.server.id, actor.id, FILM)
        assert stored is not None
        assert (stored.half_stars, stored.text) == (stars, text)


async def test_mentions_inside_a_review_are_not_repeated_above_it(world: World) -> None:
    await post_review(world, world.mina, f"Ask <@{world.sam.id}> or <@123>.")
    result = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert require_response(result).content == f"-# <@{world.mina.id}>"


async def test_reviews_are_read_by_page_and_order(world: World) -> None:
    await post_review(world, world.mina, "First of all.", 4)
    await post_review(world, world.jonas, "Second.", 10)
    await post_review(world, world.sam, "Third, and he did it.", 2, spoiler=True)
    late = world.server.add_member(world.env.create_user("noor"))
    await post_review(world, late, "Fourth.", 6)
    result = await world.mina.slash(world.channel, "reviews", film=FILM)
    assert not result.ephemeral
    text = read_text(result)
    # Readers whose Discord has not met the writers have their names from the text, not from the embed.
    assert require_response(result).content == f"-# <@{late.id}> <@{world.sam.id}> <@{world.jonas.id}>"
    assert [text.index(word) for word in ("Fourth.", "||Third, and he did it.||", "Second.")] == sorted(
        text.index(word) for word in ("Fourth.", "||Third, and he did it.||", "Second.")
    )
    assert "First of all." not in text
    more = await world.mina.click(require_response(result), label="More")
    assert "First of all." in read_text(more)
    assert require_response(more).id == require_response(result).id
    lowest = await world.mina.select(require_response(result), ["lowest"])
    assert read_text(lowest).index("Third") < read_text(lowest).index("First")
    highest = await world.jonas.slash(world.channel, "reviews", film=FILM, order="highest")
    assert read_text(highest).index("Second.") < read_text(highest).index("Fourth.")
    beside = await world.jonas.click(require_response(result), label="More")
    assert beside.ephemeral


async def test_a_first_text_is_no_edit_and_a_different_one_is(world: World) -> None:
    await world.mina.slash(world.channel, "rate", film=FILM, stars="4")
    await post_review(world, world.mina, "Look at the cat.")
    assert "edited" not in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    await post_review(world, world.mina, "Look at the dog.")
    assert "edited <t:" in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))


async def test_spoilers_are_shown_only_to_the_member_who_presses(world: World) -> None:
    await post_review(world, world.mina, "It was the barn.", spoiler=True)
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert "||It was the barn.||" in read_text(page)
    whole_review = await world.jonas.click(require_response(page), label="Show (spoilers)")
    assert whole_review.ephemeral
    assert "It was the barn." in read_text(whole_review)
    assert "||" not in read_text(whole_review)


async def test_helpful_votes_count_once_and_not_for_own_reviews(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    for sentence in ("Counted", "before"):
        result = await world.jonas.click(require_response(page), label="1 · Helpful")
        assert result.ephemeral
        assert sentence in read_text(result)
    own = await world.mina.click(require_response(page), label="1 · Helpful")
    assert "for others to say" in read_text(own)
    assert "helped 1" in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM, order="helpful"))


async def test_a_reply_is_shown_under_the_review(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    form = await world.jonas.click(require_response(page), label="Reply")
    result = await world.jonas.submit_modal(form, {"reply": "What **cat**? @everyone"})
    assert "stored" in read_text(result)
    text = read_text(await world.mina.slash(world.channel, "reviews", film=FILM))
    assert f"↳ <@{world.jonas.id}>: What \\*\\*cat\\*\\*?" in text
    assert "@everyone" not in text


async def test_a_long_review_never_breaks_the_card(world: World) -> None:
    for number, actor in enumerate((world.mina, world.jonas, world.sam)):
        text = ("*_~`|>" * 83 + "ab") if number else "||" + "👩‍👩‍👧" * 62 + " the end"
        await post_review(world, actor, text[:500])
        page = await actor.slash(world.channel, "reviews", film=FILM)
        assert require_response(page)
        (embed,) = require_response(page).embeds
        assert len(embed) < 6_000
        for field in embed.fields:
            assert field.value is not None
            assert len(field.value) <= 1_024
            assert field.value.replace("\\|", "").count("||") % 2 == 0


async def test_members_delete_their_own_review(world: World) -> None:
    await post_review(world, world.mina, "Gone soon.")
    result = await world.mina.slash(world.channel, "review delete", film=FILM)
    assert result.ephemeral
    assert "Deleted" in read_text(result)
    second = await world.mina.slash(world.channel, "review delete", film=FILM)
    assert_refused(world, second, "not rated that film here")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert "Nobody here has written" in read_text(page)
    assert (await world.jonas.click(require_response(page), label="Rate")).modal


async def test_buttons_of_a_deleted_review_say_so(world: World) -> None:
    await post_review(world, world.mina, "Gone soon.", spoiler=True)
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    form = await world.jonas.click(require_response(page), label="Reply")
    await world.mina.slash(world.channel, "review delete", film=FILM)
    for label in ("1 · Helpful", "Reply", "Report", "Show (spoilers)"):
        result = await world.jonas.click(require_response(page), label=label)
        assert result.ephemeral
        assert "no longer there. `/reviews` shows those that are." in read_text(result)
    late = await world.jonas.submit_modal(form, {"reply": "Too late?"})
    assert "no longer there" in read_text(late)
    assert "Too late?" in read_text(late)
