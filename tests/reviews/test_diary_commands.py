from tests.conftest import World
from tests.responses import FILM, assert_refused, post_review, read_text, require_response


async def rate(world: World, film: str, *stars: tuple[str, str]) -> None:
    for who, number in stars:
        await getattr(world, who).slash(world.channel, "rate", film=film, stars=number)


async def test_the_diary_is_by_date_and_private(world: World) -> None:
    await post_review(world, world.mina, "", 8, watched="2026-01-01")
    await post_review(world, world.mina, "", 9, watched="24.12.2025")
    await world.mina.slash(world.channel, "rate", film="ballerina-2023", stars="2.5")
    response = await world.mina.slash(world.channel, "diary")
    assert require_response(response).ephemeral
    lines = [line for line in read_text(response).splitlines() if "**" in line]
    assert "rated <t:" in lines[0]
    assert "**Ballerina (2023)** · ★★½" in lines[0]
    assert lines[1:] == [
        "1 January 2026 · **Burning (2018)** · ★★★★",
        "24 December 2025 · **Burning (2018)** · ★★★★½ · seen again",
    ]
    refusal = await world.jonas.slash(world.channel, "diary", member=world.mina)
    assert_refused(world, refusal, "private")
    await world.mina.slash(world.channel, "mydata diary", public=True)
    opened = await world.jonas.slash(world.channel, "diary", member=world.mina)
    assert "Burning" in read_text(opened)
    await world.jonas.slash(world.channel, "mydata diary", public=True)
    empty = read_text(await world.mina.slash(world.channel, "diary", member=world.jonas))
    assert empty.rstrip().endswith("Nothing yet.")  # nobody adds to another's diary


async def test_a_diary_that_was_closed_again_can_not_be_paged(world: World) -> None:
    entries = [entry async for entry in world.services.film_repository.stream_entries()]
    for entry in entries[:12]:
        await world.mina.slash(world.channel, "rate", film=entry.film_id, stars="3")
    await world.mina.slash(world.channel, "mydata diary", public=True)
    opened = await world.jonas.slash(world.channel, "diary", member=world.mina)
    assert "12 viewings · page 1 of 2" in read_text(opened)
    assert "page 2 of 2" in read_text(await world.jonas.click(require_response(opened), label="Earlier"))
    assert "page 1 of 2" in read_text(await world.jonas.click(require_response(opened), label="Later"))
    await world.mina.slash(world.channel, "mydata diary", public=False)
    result = await world.jonas.click(require_response(opened), label="Earlier")
    assert "private" in read_text(result)


async def test_the_profile(world: World) -> None:
    assert "No film rated here yet" in read_text(
        await world.jonas.slash(world.channel, "profile", member=world.mina)
    )
    await rate(world, FILM, ("mina", "5"))
    await rate(world, "ballerina-2023", ("mina", "2"))
    result = await world.jonas.slash(world.channel, "profile", member=world.mina)
    text = read_text(result)
    assert "2 films" in text
    assert "★ 3.50" in text
    assert "★★★★★ Burning (2018)\n★★ Ballerina (2023)" in text
    assert "Lee Chang-dong · 1" in text
    (picture,) = require_response(result).attachments
    assert picture.description is not None
    assert "2: 1" in picture.description
    await world.mina.slash(world.channel, "mydata hide")
    assert_refused(world, await world.jonas.slash(world.channel, "profile", member=world.mina), "keeps their name")
    alone = await world.mina.slash(world.channel, "profile")
    assert alone.ephemeral  # Discord says above it whose command it answers
    assert "Your profile" in read_text(alone)


async def test_top_films_need_enough_raters(world: World) -> None:
    await rate(world, FILM, ("mina", "5"), ("jonas", "4.5"), ("sam", "5"))
    await rate(world, "ballerina-2023", ("mina", "2"), ("jonas", "3"), ("sam", "2.5"))
    await rate(world, "john-wick-2014", ("mina", "5"))
    result = await world.mina.slash(world.channel, "top")
    text = read_text(result)
    assert text.index("1. **Burning (2018)**") < text.index("2. **Ballerina (2023)**")
    assert "John Wick" not in text
    (picture,) = require_response(result).attachments
    assert picture.description is not None
    assert picture.description.startswith("Average stars. 1. Burning (2018):")
    opened = await world.jonas.select(require_response(result), [FILM])
    assert "Burning (2018)" in read_text(opened)
    action = await world.mina.slash(world.channel, "top", genre="Action")
    assert "Burning" not in read_text(action)
    assert "Ballerina" in read_text(action)
    lately = read_text(await world.mina.slash(world.channel, "top", decade=2010, period="week"))
    assert "The best here: 2010s, rated in the last week" in lately
    assert "Burning" in lately
    assert "No such film" in read_text(await world.mina.slash(world.channel, "top", decade=1950))
    await world.env.advance_time(8 * 86_400)
    assert "No such film" in read_text(await world.mina.slash(world.channel, "top", period="week"))
    suggestions = await world.mina.autocomplete(world.channel, "top", "genre", "dra")
    assert suggestions[0]["value"] == "Drama"
    typed = await world.mina.slash(world.channel, "top", genre="drama")
    assert "The best here: Drama" in read_text(typed)
    assert_refused(
        world, await world.mina.slash(world.channel, "top", genre="Dramma"), "Pick one of those offered"
    )
