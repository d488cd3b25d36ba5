from datetime import timedelta

from bot.client import create_bot
from tests.conftest import World
from tests.reading import FILM, last, refused, review, told


async def test_rate_stores_stars_and_shows_what_the_server_makes_of_it(world: World) -> None:
    result = await world.mina.slash(world.channel, "rate", film=FILM, stars="3.5")
    assert result.ephemeral
    assert "Stored: ★★★½ for **Burning" in told(result)
    assert "plain mean 3.5 · 1 rating" in told(result)
    again = await world.mina.slash(world.channel, "rate", film=FILM, stars="★★★★★")
    assert "Stored anew: ★★★★★" in told(again)
    assert "plain mean 5.0 · 1 rating" in told(again)
    card = await world.jonas.slash(world.channel, "film", title=FILM)
    assert "plain mean 5.0 · 1 rating" in told(card)
    assert " gave ★" not in told(card)
    (picture,) = last(card).attachments
    assert picture.filename == "stars.png"
    assert picture.description is not None
    assert "1 rating. ½: 0" in picture.description
    assert "5: 1." in picture.description
    own = await world.mina.slash(world.channel, "film", title=FILM)
    assert "mina gave ★★★★★." in told(own)  # others see that card too
    await world.mina.slash(world.channel, "mydata hide")
    nameless = await world.mina.slash(world.channel, "film", title=FILM)
    assert "plain mean 5.0 · 1 rating" in told(nameless)
    assert " gave ★" not in told(nameless)  # it says above who asked
    asked = await world.mina.click(last(nameless), label="Set your country")
    assert "You gave ★★★★★." in told(await world.mina.select(last(asked), ["KR"]))  # she alone sees that one


async def test_stars_are_offered_and_wrong_ones_refused(world: World) -> None:
    offered = await world.mina.autocomplete(world.channel, "rate", "stars", "")
    assert [choice["value"] for choice in offered] == ["5", "4.5", "4", "3.5", "3", "2.5", "2", "1.5", "1", "0.5"]
    nearest = await world.mina.autocomplete(world.channel, "rate", "stars", "2,5")
    assert nearest[0] == {"name": "★★½ · 2½ stars", "value": "2.5"}
    films = await world.mina.autocomplete(world.channel, "rate", "film", "burnin")
    assert films[0]["value"] == FILM
    for stars in ("0", "6", "3.3", "lots"):
        result = await world.mina.slash(world.channel, "rate", film=FILM, stars=stars)
        refused(world, result, "½ to 5 in halves")


async def test_a_film_that_may_be_another_is_asked_about_instead_of_rated(world: World) -> None:
    result = await world.mina.slash(world.channel, "rate", film="burnign", stars="4")
    assert result.ephemeral
    assert "may be this film" in told(result)
    assert await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM) is None


async def test_what_is_taken_away_from_a_film_that_may_be_another_stays(world: World) -> None:
    for film in ("oldboy-2003", "oldboy-2013"):
        await world.mina.slash(world.channel, "rate", film=film, stars="4")
        await world.mina.slash(world.channel, "watchlist add", film=film)
    offered = "pick the film from the list that is offered while you type."
    for command, nothing in (
        ("review delete", "Nothing is deleted yet"),
        ("watchlist remove", "Nothing is off yet"),
    ):
        asked = await world.mina.slash(world.channel, command, film="oldboy")
        assert asked.ephemeral
        assert told(asked).startswith(f"“oldboy” may be this film. {nothing}: {offered}\n")
    for command, what in (("pick add", "planned"), ("pick suggest", "suggested")):
        asked = await world.sam.slash(world.channel, command, film="oldboy")
        assert told(asked).startswith("“oldboy” may be this film.\n")
        assert f"Nothing is {what} yet: {offered}" in told(asked)
    assert len(await world.services.reviews.repository.list_rated_films(world.server.id, world.mina.id)) == 2
    assert len(await world.services.watchlists.repository.list_film_ids(world.server.id, world.mina.id)) == 2


async def test_the_form_takes_stars_review_spoiler_and_day(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    assert card.response
    form = await world.mina.click(card.response, label="Rate")
    assert form.modal
    labels = [component["label"] for component in form.modal["components"]]
    assert labels == ["Stars", "Review (0/500 characters)", "Contains spoilers", "Watched on"]
    options = form.modal["components"][0]["component"]["options"]
    assert [option["value"] for option in options] == [str(stars) for stars in range(10, 0, -1)]
    result = await world.mina.submit_modal(
        form, {"stars": "9", "review": "Slow burn.", "spoiler": True, "watched": "yesterday"}
    )
    assert "Stored, stars and review: ★★★★½" in told(result)
    kept = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert kept is not None
    assert (kept.stars, kept.text, kept.is_spoiler) == (9, "Slow burn.", True)
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
    kept = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert kept is not None
    assert (kept.stars, kept.text, kept.is_spoiler) == (8, "", False)


async def test_a_future_day_is_refused_and_the_text_given_back(world: World) -> None:
    later = (world.env.now() + timedelta(days=3)).date().isoformat()
    result = await review(world, world.mina, "All of my `thoughts`, typed once.", watched=later)
    assert last(result).ephemeral
    assert "still to come. Give one up to today, or leave it out." in told(result)
    assert "All of my `thoughts`, typed once." in told(result)
    assert await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM) is None


async def test_a_form_opened_before_a_restart_is_taken_after_it(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    assert card.response
    form = await world.mina.click(card.response, label="Rate")
    await world.env.restart_bot(create_bot(world.services))
    result = await world.mina.submit_modal(form, {"stars": "4", "review": "Kept."})
    assert "Stored, stars and review: ★★" in told(result)
    again = await world.mina.click(card.response, label="Rate")
    assert again.modal


async def test_two_members_with_the_form_open_at_once_each_store_their_own(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    assert card.response
    hers = await world.mina.click(card.response, label="Rate")
    his = await world.jonas.click(card.response, label="Rate")
    await world.mina.submit_modal(hers, {"stars": "10", "review": "Hers."})
    await world.jonas.submit_modal(his, {"stars": "2", "review": "His."})
    for actor, stars, text in ((world.mina, 10, "Hers."), (world.jonas, 2, "His.")):
        kept = await world.services.reviews.repository.get_own(world.server.id, actor.id, FILM)
        assert kept is not None
        assert (kept.stars, kept.text) == (stars, text)


async def test_whom_a_review_means_to_mention_is_not_named_above_it(world: World) -> None:
    await review(world, world.mina, f"Ask <@{world.sam.id}> or <@123>.")
    result = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert last(result).content == f"-# <@{world.mina.id}>"


async def test_reviews_are_read_by_page_and_order(world: World) -> None:
    await review(world, world.mina, "First of all.", 4)
    await review(world, world.jonas, "Second.", 10)
    await review(world, world.sam, "Third, and he did it.", 2, spoiler=True)
    late = world.server.add_member(world.env.create_user("noor"))
    await review(world, late, "Fourth.", 6)
    result = await world.mina.slash(world.channel, "reviews", film=FILM)
    assert not result.ephemeral
    text = told(result)
    # Readers whose Discord has not met the writers have their names from the text, not from the embed.
    assert result.response
    assert result.response.content == f"-# <@{late.id}> <@{world.sam.id}> <@{world.jonas.id}>"
    assert [text.index(word) for word in ("Fourth.", "||Third, and he did it.||", "Second.")] == sorted(
        text.index(word) for word in ("Fourth.", "||Third, and he did it.||", "Second.")
    )
    assert "First of all." not in text
    assert result.response
    more = await world.mina.click(result.response, label="More")
    assert "First of all." in told(more)
    assert more.response
    assert more.response.id == result.response.id
    lowest = await world.mina.select(result.response, ["lowest"])
    assert told(lowest).index("Third") < told(lowest).index("First")
    highest = await world.jonas.slash(world.channel, "reviews", film=FILM, order="highest")
    assert told(highest).index("Second.") < told(highest).index("Fourth.")
    beside = await world.jonas.click(result.response, label="More")
    assert beside.ephemeral


async def test_words_that_follow_stars_are_no_edit_and_other_words_are(world: World) -> None:
    await world.mina.slash(world.channel, "rate", film=FILM, stars="4")
    await review(world, world.mina, "Look at the cat.")
    assert "edited" not in told(await world.jonas.slash(world.channel, "reviews", film=FILM))
    await review(world, world.mina, "Look at the dog.")
    assert "edited <t:" in told(await world.jonas.slash(world.channel, "reviews", film=FILM))


async def test_spoilers_open_for_who_asks_alone(world: World) -> None:
    await review(world, world.mina, "It was the barn.", spoiler=True)
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert "||It was the barn.||" in told(page)
    assert page.response
    shown = await world.jonas.click(page.response, label="Show (spoilers)")
    assert shown.ephemeral
    assert "It was the barn." in told(shown)
    assert "||" not in told(shown)


async def test_helpful_counts_once_and_not_ones_own(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert page.response
    for sentence in ("Counted", "before"):
        result = await world.jonas.click(page.response, label="1 · Helpful")
        assert result.ephemeral
        assert sentence in told(result)
    own = await world.mina.click(page.response, label="1 · Helpful")
    assert "for others to say" in told(own)
    assert "helped 1" in told(await world.jonas.slash(world.channel, "reviews", film=FILM, order="helpful"))


async def test_a_reply_is_shown_under_the_review(world: World) -> None:
    await review(world, world.mina, "Look at the cat.")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert page.response
    form = await world.jonas.click(page.response, label="Reply")
    result = await world.jonas.submit_modal(form, {"reply": "What **cat**? @everyone"})
    assert "stored" in told(result)
    text = told(await world.mina.slash(world.channel, "reviews", film=FILM))
    assert f"↳ <@{world.jonas.id}>: What \\*\\*cat\\*\\*?" in text
    assert "@everyone" not in text


async def test_a_long_review_never_breaks_the_card(world: World) -> None:
    for number, actor in enumerate((world.mina, world.jonas, world.sam)):
        text = ("*_~`|>" * 83 + "ab") if number else "||" + "👩‍👩‍👧" * 62 + " the end"
        await review(world, actor, text[:500])
        page = await actor.slash(world.channel, "reviews", film=FILM)
        assert page.response
        (embed,) = page.response.embeds
        assert len(embed) < 6_000
        for field in embed.fields:
            assert field.value is not None
            assert len(field.value) <= 1_024
            assert field.value.replace("\\|", "").count("||") % 2 == 0


async def test_deleting_ones_own(world: World) -> None:
    await review(world, world.mina, "Gone soon.")
    result = await world.mina.slash(world.channel, "review delete", film=FILM)
    assert result.ephemeral
    assert "Deleted" in told(result)
    again = await world.mina.slash(world.channel, "review delete", film=FILM)
    refused(world, again, "not rated that film here")
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert "Nobody here has written" in told(page)
    assert (await world.jonas.click(last(page), label="Rate")).modal


async def test_buttons_of_a_deleted_review_say_so(world: World) -> None:
    await review(world, world.mina, "Gone soon.", spoiler=True)
    page = await world.jonas.slash(world.channel, "reviews", film=FILM)
    assert page.response
    form = await world.jonas.click(page.response, label="Reply")
    await world.mina.slash(world.channel, "review delete", film=FILM)
    for label in ("1 · Helpful", "Reply", "Report", "Show (spoilers)"):
        result = await world.jonas.click(page.response, label=label)
        assert result.ephemeral
        assert "no longer there. `/reviews` shows those that are." in told(result)
    late = await world.jonas.submit_modal(form, {"reply": "Too late?"})
    assert "no longer there" in told(late)
    assert "Too late?" in told(late)
