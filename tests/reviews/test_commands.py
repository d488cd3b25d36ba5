from dataclasses import replace
from datetime import timedelta

import pytest

from bot.client import create_bot
from tests.conftest import World
from tests.responses import (
    FILM,
    assert_refused,
    delete_review,
    list_labels,
    post_review,
    read_text,
    require_response,
)


async def test_rate_stores_stars_and_shows_the_servers_average(world: World) -> None:
    result = await world.mina.slash(world.channel, "rate", film=FILM, stars="3.5")
    assert result.ephemeral
    assert "Saved: ★★★½ for **Burning" in read_text(result)
    assert "**★ 3.5** average from 1 rating" in read_text(result)
    second = await world.mina.slash(world.channel, "rate", film=FILM, stars="★★★★★")
    assert "Updated: ★★★★★" in read_text(second)
    assert "**★ 5.0** average from 1 rating" in read_text(second)
    card = await world.jonas.slash(world.channel, "film", title=FILM)
    assert "**★ 5.0** average from 1 rating" in read_text(card)
    assert " rated it ★" not in read_text(card)
    title, picture = require_response(card).attachments
    assert (title.filename, picture.filename) == ("title.png", "stars.png")
    assert picture.description is not None
    assert "Chart of 1 rating by number of stars. ½: 0" in picture.description
    assert "5: 1." in picture.description
    own = await world.mina.slash(world.channel, "film", title=FILM)
    assert "mina rated it ★★★★★." in read_text(own)  # others see that card too
    await world.mina.slash(world.channel, "mydata hide", hidden=True)
    nameless = await world.mina.slash(world.channel, "film", title=FILM)
    assert "**★ 5.0** average from 1 rating" in read_text(nameless)
    assert " rated it ★" not in read_text(nameless)  # it says above who asked
    where = await world.mina.slash(world.channel, "where", film=FILM)
    question = await world.mina.click(require_response(where), label="Set your country")
    assert "You rated it ★★★★★." in read_text(
        await world.mina.select(require_response(question), ["KR"])
    )  # she alone sees that one


async def test_nothing_is_called_saved_once_the_database_file_is_deleted(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.mina.slash(world.channel, "rate", film=FILM, stars="4")
    delete_database(world)
    for actor, stars in ((world.mina, "3"), (world.jonas, "5")):
        result = await actor.slash(world.channel, "rate", film=FILM, stars=stars)
        assert_refused(world, result, "I can't save anything right now: my database file")
    typed = await post_review(world, world.jonas, "All my words.")
    assert "I can't save anything right now" in read_text(typed)
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
        assert_refused(world, result, "½ to 5 stars in halves")


async def test_an_ambiguous_film_is_rated_once_it_is_chosen(world: World) -> None:
    result = await world.mina.slash(world.channel, "rate", film="burnign", stars="7/10")
    assert result.ephemeral
    assert "Did you mean **Burning (2018)**?" in read_text(result)  # only one film is like it
    assert await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM) is None
    rated = await world.mina.click(require_response(result), label="Yes")
    assert "Saved: ★★★½ for **Burning (2018)**." in read_text(rated)
    added = await world.mina.slash(world.channel, "watchlist add", film="balerina", keep=True)
    listed = await world.mina.select(require_response(added), ["ballerina-2023"])
    assert "It stays there when you rate it.\nOthers here can see your watchlist." in read_text(listed)
    refused = await world.jonas.slash(world.channel, "review delete", film=FILM)
    assert "</rate:" in require_response(refused).content  # a tap opens the command


async def test_an_ambiguous_title_shows_the_likeliest_films_reviews_and_offers_the_others(world: World) -> None:
    for number, actor in enumerate((world.mina, world.jonas, world.sam)):
        await post_review(world, actor, f"Thought {number}.", film="oldboy-2003")
    result = await world.mina.slash(world.channel, "reviews", film="oldboy")
    assert not result.ephemeral
    assert read_text(result).startswith("2 films match “oldboy”. Showing **Oldboy (2003)**; pick another below.")
    assert "Thought 0." in read_text(result)
    await world.env.restart_bot()
    others = await world.jonas.select(require_response(result), ["oldboy-2013"])
    assert others.ephemeral
    assert "Oldboy (2013)" in read_text(others)
    await world.mina.select(require_response(result), ["oldboy-2013"])
    changed = world.env.backend.get_message(require_response(result).channel_id, require_response(result).id)
    assert "Oldboy (2013)" in str(changed.embeds)
    assert not changed.content
    back = await world.mina.select(require_response(result), ["oldboy-2003"])
    assert "Thought 2." in read_text(back)
    similar = await world.mina.slash(world.channel, "similar", film="oldboy")
    assert "Showing **Oldboy (2003)**; pick another below." in str(require_response(similar).components)
    assert "## Films like Oldboy (2003)" in str(require_response(similar).components)
    other = await world.jonas.select(require_response(similar), ["oldboy-2013"])
    assert "## Films like Oldboy (2013)" in str(require_response(other).components)


async def test_nothing_is_removed_or_planned_for_an_ambiguous_film(world: World) -> None:
    for film in ("oldboy-2003", "oldboy-2013"):
        await world.mina.slash(world.channel, "rate", film=film, stars="4")
        await world.mina.slash(world.channel, "watchlist add", film=film)
    for command in ("review delete", "watchlist remove", "pick add", "suggest"):
        question = await world.sam.slash(world.channel, command, film="oldboy")
        assert question.ephemeral
        assert read_text(question).startswith("Which film do you mean? These match “oldboy”.")
    recommendations = world.services.recommendations.repository
    assert len((await recommendations.get_rating_history(world.server.id, world.mina.id)).ratings) == 2
    assert len(await world.services.watchlists.repository.list_film_ids(world.server.id, world.mina.id)) == 2


async def test_the_modal_stores_stars_review_spoiler_and_day(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    form = await world.mina.click(require_response(card), label="Rate")
    assert form.modal
    labels = [component["label"] for component in form.modal["components"]]
    assert labels == ["Stars", "Review", "Contains spoilers", "Watched on", "Rewatch"]
    assert form.modal["components"][1]["component"]["max_length"] == 1_000
    options = form.modal["components"][0]["component"]["options"]
    assert [option["value"] for option in options] == [str(stars) for stars in range(10, 0, -1)]
    result = await world.mina.submit_modal(
        form, {"stars": "9", "review": "Slow burn.", "spoiler": True, "watched": "yesterday"}
    )
    assert "Saved: ★★★★½" in read_text(result)
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
    yesterday = world.env.now() - timedelta(days=1)
    assert fields[3]["value"] == f"{yesterday:%b} {yesterday.day}, {yesterday.year}"
    await world.mina.submit_modal(edit, {"stars": "8", "review": "", "spoiler": False})
    stored = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert stored is not None
    assert (stored.half_stars, stored.text, stored.is_spoiler) == (8, "", False)


async def test_what_is_wrong_opens_the_form_again_and_the_rest_is_saved(world: World) -> None:
    later = (world.env.now() + timedelta(days=3)).date().isoformat()
    result = await post_review(world, world.mina, "All of my thoughts.", 8, watched=later)
    assert require_response(result).ephemeral
    assert "Saved: ★★★★" in read_text(result)
    assert "That date is in the future. Enter today or an earlier day." in read_text(result)
    form = await world.mina.click(require_response(result), label="Fix it")
    assert form.modal
    fields = [component["component"] for component in form.modal["components"]]
    assert [option["value"] for option in fields[0]["options"] if option.get("default")] == ["8"]
    assert (fields[1]["value"], fields[3]["value"]) == ("All of my thoughts.", later)
    saved = await world.mina.submit_modal(
        form, {"stars": "8", "review": "All of my thoughts.", "watched": "today"}
    )
    assert "Updated: ★★★★ for" in read_text(saved)
    assert "⚠" not in read_text(saved)  # it stands in the place of what was wrong
    assert saved.response is not None
    assert saved.response.id == require_response(result).id
    (viewing,) = (await world.services.diary.repository.get_page(world.server.id, world.mina.id)).viewings
    assert viewing.watched_on == world.env.now().date()

    await world.sam.slash(world.channel, "settings words", words="grot*")
    refused = await post_review(world, world.mina, "Grotty `barn`.\nAnd more.", 6)
    assert "Updated: ★★★ for" in read_text(refused)
    stored = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert stored is not None
    assert (stored.half_stars, stored.text) == (6, "All of my thoughts.")
    form = await world.mina.click(require_response(refused), label="Fix it")
    assert form.modal
    assert form.modal["components"][1]["component"]["value"] == "Grotty `barn`.\nAnd more."


async def test_correcting_the_day_adds_no_viewing_and_a_rewatch_does(world: World) -> None:
    repository = world.services.diary.repository

    async def list_days() -> list[tuple[str, bool]]:
        page = await repository.get_page(world.server.id, world.mina.id)
        return [(str(viewing.watched_on), viewing.is_rewatch) for viewing in page.viewings]

    await post_review(world, world.mina, "", 8, watched="2026-01-02")
    await post_review(world, world.mina, "", 8, watched="01/01/2026")
    assert await list_days() == [("2026-01-01", False)]
    await post_review(world, world.mina, "", 8, watched="Jan 1, 2026", rewatch=True)
    undated = await list_days()
    assert sorted(undated) == [("2026-01-01", False), ("None", True)]
    rated = await world.mina.slash(world.channel, "rate", film=FILM, stars="5")
    await world.mina.click(require_response(rated), label="Rewatch")
    assert len(await list_days()) == 3
    await world.mina.click(require_response(rated), label="Rewatch")
    assert await list_days() == undated
    again = await post_review(world, world.mina, "", 8, watched="2025-12-30", rewatch=True)
    told = "Added to your diary as a rewatch."
    for is_rewatch in (False, True):  # it is this viewing that the button is about, not the undated one
        assert (told in read_text(again)) is not is_rewatch
        await world.mina.click(require_response(again), label="Rewatch")
        assert ("2025-12-30", is_rewatch) in await list_days()
        assert (told in require_response(again).content) is is_rewatch
    await world.mina.click(require_response(again), label="Rewatch")
    newest = await repository.get_newest_viewing(world.server.id, world.mina.id, FILM)
    assert newest is not None
    await repository.delete_viewing(world.server.id, world.mina.id, newest.id)
    first = await world.mina.slash(world.channel, "rate", film="ballerina-2023", stars="5")
    await world.mina.click(require_response(first), label="Rewatch")
    assert (str(None), True) == (await list_days())[0]
    assert len(await list_days()) == 3


async def test_today_is_the_day_in_the_servers_zone(world: World) -> None:
    await world.services.server_settings.change(
        world.server.id, lambda before: replace(before, time_zone="Pacific/Kiritimati")
    )
    await post_review(world, world.mina, "", 8, watched="today")
    (viewing,) = (await world.services.diary.repository.get_page(world.server.id, world.mina.id)).viewings
    assert viewing.watched_on == (world.env.now() + timedelta(hours=14)).date()


async def test_a_rating_is_liked_and_shared_under_the_members_name(world: World) -> None:
    rated = await world.mina.slash(world.channel, "rate", film=FILM, stars="4.5")
    assert list_labels(require_response(rated)) == ["Add a review", "Like", "Rewatch", "Share here"]
    await world.mina.click(require_response(rated), label="Like")
    assert "Liked" in list_labels(require_response(rated))
    form = await world.mina.click(require_response(rated), label="Add a review")
    written = await world.mina.submit_modal(form, {"stars": "9", "review": "It was the barn.", "spoiler": True})
    assert "Updated: ★★★★½ ❤️" in read_text(written)
    shared = await world.mina.click(require_response(written), label="Share here")
    card = require_response(shared)
    assert not card.ephemeral
    (embed,) = card.embeds
    assert (embed.author.name, embed.title) == ("mina", "Burning (2018)")
    assert embed.description == "**★★★★½ ❤️**\n\n||It was the barn.||"
    assert list_labels(card) == ["Helpful", "Reply", "Report", "Rate"]
    helped = await world.jonas.click(card, label="Helpful")
    assert "You marked this review helpful." in read_text(helped)
    assert "Shared" in list_labels(require_response(written))
    unliked = await world.mina.click(require_response(written), label="Liked")
    assert "Shared" in list_labels(require_response(written)), unliked
    later = await world.mina.slash(world.channel, "rate", film=FILM, stars="4.5")
    await delete_review(world, world.mina)
    gone = await world.mina.click(require_response(later), label="Share here")
    assert_refused(world, gone, "You haven't rated that film here.")


async def test_a_card_shows_everybody_the_stars_that_its_button_changed(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    assert len(require_response(card).embeds) == 1
    shown_labels = list_labels(require_response(card))
    form = await world.jonas.click(require_response(card), label="Rate")
    await world.jonas.submit_modal(form, {"stars": "8", "review": ""})
    film, stars = card.response.embeds if card.response else ()
    assert "**★ 4.0** average from 1 rating" in (stars.description or "")
    assert "rated it" not in (stars.description or "")  # the card is hers, who has not rated it
    form = await world.mina.click(require_response(card), label="Rate")
    await world.mina.submit_modal(form, {"stars": "9", "review": ""})
    film, stars = card.response.embeds if card.response else ()
    assert film.title == "Burning (2018)"
    assert stars.description == "**★ 4.3** average from 2 ratings\nmina rated it ★★★★½."
    assert [file.filename for file in require_response(card).attachments] == ["title.png", "stars.png"]
    assert film.image.url == "attachment://title.png"
    assert list_labels(require_response(card)) == shown_labels


async def test_only_ones_own_films_are_offered_to_edit_or_delete(world: World) -> None:
    for film in ("amelie-2001", FILM):
        await world.mina.slash(world.channel, "rate", film=film, stars="4")
    await world.jonas.slash(world.channel, "rate", film="ballerina-2023", stars="4")
    for command in ("review edit", "review delete"):
        offered = await world.mina.autocomplete(world.channel, command, "film", "")
        assert [choice["value"] for choice in offered] == [FILM, "amelie-2001"]
        for typed in ("amelie", "AMÉL", "ameile", "fabuleux"):
            found = await world.mina.autocomplete(world.channel, command, "film", typed)
            assert [choice["value"] for choice in found] == ["amelie-2001"], typed
        assert await world.mina.autocomplete(world.channel, command, "film", "ballerina") == []
    await delete_review(world, world.mina)
    offered = await world.mina.autocomplete(world.channel, "review edit", "film", "")
    assert [choice["value"] for choice in offered] == ["amelie-2001"]


async def test_a_modal_opened_before_a_restart_is_handled_after_it(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    form = await world.mina.click(require_response(card), label="Rate")
    await world.env.restart_bot(create_bot(world.services))
    result = await world.mina.submit_modal(form, {"stars": "4", "review": "Kept."})
    assert "Saved: ★★" in read_text(result)
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
    whole_review = await world.jonas.click(require_response(page), label="Show spoilers")
    assert whole_review.ephemeral
    assert "It was the barn." in read_text(whole_review)
    assert "||" not in read_text(whole_review)


async def test_helpful_votes_count_once_and_not_for_own_reviews(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    for actor, label, sentence, following in (
        (world.jonas, "Helpful", "You marked this review helpful.", "Helpful (1)"),
        (world.sam, "Helpful (1)", "You marked this review helpful.", "Helpful (2)"),
        (world.jonas, "Helpful (2)", "You took your vote back.", "Helpful (1)"),
    ):
        result = await actor.click(require_response(page), label=label)
        assert require_response(result).ephemeral
        assert sentence in read_text(result)
        assert following in list_labels(require_response(page))  # for everybody, on the page that was pressed
    own = await world.mina.click(require_response(page), label="Helpful (1)")
    assert "You can't mark your own review helpful." in read_text(own)


async def test_a_reply_is_shown_under_the_review(world: World) -> None:
    await post_review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    form = await world.jonas.click(require_response(page), label="Reply")
    result = await world.jonas.submit_modal(form, {"reply": "What **cat**? @everyone"})
    assert "Posted your reply." in read_text(result)
    text = read_text(await world.mina.slash(world.channel, "reviews", film=FILM))
    assert f"↳ <@{world.jonas.id}>: What \\*\\*cat\\*\\*?" in text
    assert "@everyone" not in text


async def test_a_long_review_never_breaks_the_card(world: World) -> None:
    for number, actor in enumerate((world.mina, world.jonas, world.sam)):
        text = ("*_~`|>" * 166 + "ab") if number else "||" + "👩‍👩‍👧" * 62 + " the end"
        await post_review(world, actor, text[:1_000])
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
    assert "Delete your ★★★★ and your review of **Burning (2018)**?" in read_text(result)
    other = await world.mina.slash(world.channel, "review delete", film=FILM)
    assert "Nothing was deleted." in read_text(await world.mina.click(require_response(other), label="Keep it"))
    repository = world.services.reviews.repository
    assert await repository.get_own(world.server.id, world.mina.id, FILM) is not None
    deleted = await world.mina.click(require_response(result), label="Delete")
    assert "Deleted your rating and review of **Burning (2018)**." in read_text(deleted)
    assert await repository.get_own(world.server.id, world.mina.id, FILM) is None
    second = await world.mina.slash(world.channel, "review delete", film=FILM)
    assert_refused(world, second, "You haven't rated that film here.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert "No reviews here yet." in read_text(page)
    assert (await world.jonas.click(require_response(page), label="Rate")).modal


async def test_buttons_of_a_deleted_review_say_so(world: World) -> None:
    await post_review(world, world.mina, "Gone soon.", spoiler=True)
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    form = await world.jonas.click(require_response(page), label="Reply")
    await delete_review(world, world.mina)
    for label in ("Helpful", "Reply", "Report", "Show spoilers"):
        result = await world.jonas.click(require_response(page), label=label)
        assert require_response(result).ephemeral
        assert "That review was deleted or hidden." in read_text(result)
    late = await world.jonas.submit_modal(form, {"reply": "Too late?"})
    assert "deleted or hidden" in read_text(late)
    assert "Too late?" in read_text(late)
