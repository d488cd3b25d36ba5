from tests.conftest import World
from tests.responses import (
    FILM,
    Result,
    assert_refused,
    first_embed,
    list_labels,
    post_review,
    read_text,
    replace_component,
    require_response,
)


async def rate(world: World, film: str, *stars: tuple[str, str]) -> None:
    for who, number in stars:
        await getattr(world, who).slash(world.channel, "rate", film=film, stars=number)


async def test_the_diary_is_by_date_and_private(world: World) -> None:
    await post_review(world, world.mina, "", 8, watched="2026-01-01")
    await post_review(world, world.mina, "", 9, watched="24.12.2025", rewatch=True)
    await world.mina.slash(world.channel, "rate", film="ballerina-2023", stars="2.5")
    response = await world.mina.slash(world.channel, "diary")
    assert require_response(response).ephemeral
    lines = [line for line in read_text(response).splitlines() if "**" in line]
    assert "rated <t:" in lines[0]
    assert "**Ballerina (2023)** · ★★½" in lines[0]
    assert lines[1:] == [
        "January 1, 2026 · **Burning (2018)** · ★★★★",
        "December 24, 2025 · **Burning (2018)** · ★★★★½ · rewatch",
    ]
    await change_an_entry(world, response)
    refusal = await world.jonas.slash(world.channel, "diary", member=world.mina)
    assert_refused(world, refusal, "private")
    await world.mina.slash(world.channel, "mydata diary", public=True)
    opened = await world.jonas.slash(world.channel, "diary", member=world.mina)
    assert "Burning" in read_text(opened)
    await world.jonas.slash(world.channel, "mydata diary", public=True)
    empty = read_text(await world.mina.slash(world.channel, "diary", member=world.jonas))
    assert empty.rstrip().endswith("Nothing here yet.")  # nobody adds to another's diary


async def change_an_entry(world: World, diary: Result) -> None:
    """Correct the day of the oldest entry, delete it, and take that back."""
    repository = world.services.diary.repository
    oldest = (await repository.get_page(world.server.id, world.mina.id)).viewings[-1]
    entry = await world.mina.select(require_response(diary), [str(oldest.id)], custom_id="v1:viewings")
    assert list_labels(require_response(entry)) == ["Open film", "Change date", "Rate", "Delete entry"]
    form = await world.mina.click(require_response(entry), label="Change date")
    assert form.modal
    assert form.modal["components"][0]["component"]["value"] == "Dec 24, 2025"
    wrong = await world.mina.submit_modal(form, {"watched": "24 Smarch", "rewatch": True})
    assert "I can't read that date." in read_text(wrong)
    form = await world.mina.click(require_response(wrong), label="Fix it")
    assert form.modal
    assert form.modal["components"][0]["component"]["value"] == "24 Smarch"
    changed = await world.mina.submit_modal(form, {"watched": "12/25/2025", "rewatch": False})
    line = "December 25, 2025 · **Burning (2018)** · ★★★★½"
    assert line in read_text(changed)
    deleted = await world.mina.click(require_response(changed), label="Delete entry")
    assert f"Deleted from your diary: {line}" in read_text(deleted)
    assert (await repository.get_page(world.server.id, world.mina.id)).viewing_count == 2
    restored = await world.mina.click(require_response(deleted), label="Undo")
    assert line in read_text(restored)
    page = await repository.get_page(world.server.id, world.mina.id)
    assert [str(viewing.watched_on) for viewing in page.viewings] == ["None", "2026-01-01", "2025-12-25"]
    own = await world.jonas.slash(world.channel, "diary")
    identifier = f"v1:viewing-delete:{page.viewings[-1].id}"
    forged = {"type": 2, "style": 2, "label": "Forged", "custom_id": identifier}
    replace_component(world, require_response(own), forged)
    refused = await world.jonas.click(require_response(own), custom_id=identifier)
    assert "That entry is no longer in your diary." in read_text(refused)
    assert (await repository.get_page(world.server.id, world.mina.id)).viewing_count == 3


async def test_a_diary_that_was_closed_again_can_not_be_paged(world: World) -> None:
    entries = [entry async for entry in world.services.film_repository.stream_entries()]
    for entry in entries[:12]:
        await world.mina.slash(world.channel, "rate", film=entry.film_id, stars="3")
    await world.mina.slash(world.channel, "mydata diary", public=True)
    opened = await world.jonas.slash(world.channel, "diary", member=world.mina)
    assert "12 entries · Page 1 of 2" in read_text(opened)
    assert "Page 2 of 2" in read_text(await world.jonas.click(require_response(opened), label="Older"))
    assert "Page 1 of 2" in read_text(await world.jonas.click(require_response(opened), label="Newer"))
    await world.mina.slash(world.channel, "mydata diary", public=False)
    result = await world.jonas.click(require_response(opened), label="Older")
    assert "private" in read_text(result)


async def test_the_profile(world: World) -> None:
    for command in ("profile", "top"):
        empty = read_text(await world.mina.slash(world.channel, command))
        assert "Rate a film with `/rate`" in empty
    assert "No ratings here yet." in read_text(
        await world.jonas.slash(world.channel, "profile", member=world.mina)
    )
    await rate(world, FILM, ("mina", "5"))
    await rate(world, "ballerina-2023", ("mina", "2"))
    result = await world.jonas.slash(world.channel, "profile", member=world.mina)
    text = read_text(result)
    assert "mina's profile" in text
    assert "profile.png" in str(first_embed(result).image.url)
    opened = await world.jonas.select(require_response(result), [FILM], custom_id="v1:open")
    assert opened.ephemeral
    assert "Burning (2018)" in read_text(opened)
    (picture,) = require_response(result).attachments
    assert picture.description is not None
    assert picture.description.startswith(
        "mina's profile: 2 films rated · ★ 3.5 average · 4 hours watched. Favourite genres: Drama,"
    )
    assert picture.description.endswith(
        "Favourite decades: 2010s, 2020s. Favourite films: Burning (2018) ★★★★★, Ballerina (2023) ★★. "
        "Ratings by stars: 2: 1, 5: 1."
    )
    await world.mina.slash(world.channel, "mydata hide", hidden=True)
    assert_refused(
        world, await world.jonas.slash(world.channel, "profile", member=world.mina), "This profile is private."
    )
    alone = await world.mina.slash(world.channel, "profile")
    assert alone.ephemeral  # Discord says above it whose command it answers
    assert "Only you can see this. Your profile is private." in read_text(alone)


async def test_top_films_need_enough_raters(world: World) -> None:
    await rate(world, FILM, ("mina", "5"), ("jonas", "4.5"), ("sam", "5"))
    await rate(world, "ballerina-2023", ("mina", "2"), ("jonas", "3"), ("sam", "2.5"))
    await rate(world, "john-wick-2014", ("mina", "5"))
    result = await world.mina.slash(world.channel, "top")
    text = read_text(result)
    assert text.index("1. **Burning (2018)**") < text.index("2. **Ballerina (2023)**")
    assert "John Wick" not in text
    assert text.splitlines()[1:3] == ["Top films in Film club", "1. **Burning (2018)** · ★ 4.8 from 3 ratings"]
    assert "Films rated by at least 2 members here." in text
    opened = await world.jonas.select(require_response(result), [FILM], custom_id="v1:open")
    assert "Burning (2018)" in read_text(opened)
    form = await world.jonas.select(require_response(result), [FILM], custom_id="v1:rate-one")
    assert form.modal
    assert form.modal["title"] == "Rate Burning"
    chance = await world.jonas.click(require_response(result), label="Random film")
    assert chance.ephemeral
    assert any(title in read_text(chance) for title in ("Burning (2018)", "Ballerina (2023)"))
    (covers,) = require_response(result).attachments
    assert covers.description == "Covers: 1 · ★ 4.8 Burning (2018), 2 · ★ 2.5 Ballerina (2023)"
    action = await world.mina.slash(world.channel, "top", genre="Action")
    assert "Burning" not in read_text(action)
    assert "Ballerina" in read_text(action)
    lately = read_text(await world.mina.slash(world.channel, "top", decade=2010, period="week"))
    assert "**2010s · Rated in the last week**" in lately
    assert "Burning" in lately
    assert "No film has ratings from 2 members yet." in read_text(
        await world.mina.slash(world.channel, "top", decade=1950)
    )
    await world.env.advance_time(8 * 86_400)
    assert "No film has ratings from 2 members yet." in read_text(
        await world.mina.slash(world.channel, "top", period="week")
    )
    suggestions = await world.mina.autocomplete(world.channel, "top", "genre", "dra")
    assert suggestions[0]["value"] == "Drama"
    typed = await world.mina.slash(world.channel, "top", genre="drama")
    assert "**Drama**" in read_text(typed)
    assert_refused(
        world, await world.mina.slash(world.channel, "top", genre="Dramma"), "I don't know the genre “Dramma”."
    )


async def test_the_top_turns_its_pages_in_place_with_its_filters(world: World) -> None:
    entries = [entry async for entry in world.services.film_repository.stream_entries()]
    for entry in entries[:12]:
        await rate(world, entry.film_id, ("mina", "4"), ("jonas", "4"))
    first = require_response(await world.mina.slash(world.channel, "top", period="month"))
    assert "Page 1 of 2" in str(first.embeds[0].footer.text)
    second = await world.mina.click(first, label="More")
    assert require_response(second).id == first.id
    text = read_text(second)
    assert "**Rated in the last month**\n11. **" in text
    assert "Page 2 of 2" in text
    beside = await world.jonas.click(require_response(second), label="Back")
    assert beside.ephemeral
    assert "\n1. **" in read_text(beside)


async def test_the_diary_and_the_profile_work_in_direct_messages(world: World) -> None:
    user = world.env.create_user("lena")
    lena = world.server.add_member(user)
    assert_refused(world, await user.slash("diary"), "Use this command in a server first.")
    entries = [entry async for entry in world.services.film_repository.stream_entries()]
    for entry in entries[:11]:
        await lena.slash(world.channel, "rate", film=entry.film_id, stars="4")
    diary = require_response(await user.slash("diary"))
    assert diary.embeds[0].footer.text == "11 entries · Page 1 of 2"
    older = await user.click(diary, label="Older")
    assert "Page 2 of 2" in read_text(older)
    profile = require_response(await user.slash("profile"))
    assert "11 films rated · ★ 4.0 average" in str(profile.attachments[0].description)
    neighbour = world.env.create_guild("Next door")
    there, channel = neighbour.add_member(user), neighbour.create_text_channel("films")
    await there.slash(channel, "rate", film=FILM, stars="5")
    question = require_response(await user.slash("profile"))
    assert question.content == "Which server?"
    chosen = await user.select(question, [str(neighbour.id)])
    assert "1 film rated · ★ 5.0 average" in str(require_response(chosen).attachments[0].description)

    question = require_response(await user.slash("diary"))
    diary = require_response(await user.select(question, [str(world.server.id)]))
    latest = (await world.services.diary.repository.get_page(world.server.id, lena.id)).viewings[0]
    entry = require_response(await user.select(diary, [str(latest.id)], custom_id="v1:viewings"))
    assert list_labels(entry) == ["Open film", "Change date", "Delete entry"]
    form = await user.click(entry, label="Change date")
    reopened = await user.submit_modal(form, {"watched": "24 Smarch"})
    assert "I can't read that date." in read_text(reopened)
    form = await user.click(require_response(reopened), label="Fix it")
    changed = await user.submit_modal(form, {"watched": "2025-12-24"})
    assert "December 24, 2025" in read_text(changed)
    deleted = await user.click(require_response(changed), label="Delete entry")
    assert "Deleted from your diary" in read_text(deleted)
    restored = await user.click(require_response(deleted), label="Undo")
    assert "December 24, 2025" in read_text(restored)
    page = await world.services.diary.repository.get_page(world.server.id, lena.id)
    assert page.viewing_count == 11
