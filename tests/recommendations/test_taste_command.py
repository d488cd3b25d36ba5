"""`/taste`: two members alone, unless both agree."""

from bot.reviews.models import Draft
from tests.conftest import World
from tests.responses import Actor, assert_refused, read_text, require_response

MINA = {"burning-2018": 10, "parasite-2019": 9, "oldboy-2003": 9, "zodiac-2007": 8}
JONAS = {"burning-2018": 2, "parasite-2019": 8, "oldboy-2003": 9, "john-wick-2014": 10}


async def rate(world: World, actor: Actor, stars: dict[str, int]) -> None:
    for film, halves in stars.items():
        await world.services.reviews.post(Draft(world.server.id, actor.id, film, halves))


async def test_agreement_is_what_it_says(world: World) -> None:
    await rate(world, world.mina, MINA)
    await rate(world, world.jonas, JONAS)
    result = await world.mina.slash(world.channel, "taste", member=world.jonas)
    assert require_response(result).ephemeral
    text = read_text(result)
    gaps = [abs(MINA[film] - JONAS[film]) / 2 for film in MINA.keys() & JONAS.keys()]
    agreement = 1 - (sum(gaps) + 5) / (len(gaps) + 5) / 2.25
    assert f"**{agreement:.0%} match**, from 3 films you both rated" in text
    differ = text.split("Most different\n")[1].splitlines()[0]
    assert differ == f"**Burning (2018)** · <@{world.mina.id}> ★★★★★ · <@{world.jonas.id}> ★"
    assert f"<@{world.mina.id}> should show <@{world.jonas.id}>\n**Zodiac (2007)**" in text
    assert f"<@{world.jonas.id}> should show <@{world.mina.id}>\n**John Wick (2014)**" in text


async def test_confidence_grows_with_films_in_common(world: World) -> None:
    await rate(world, world.mina, MINA)
    result = await world.mina.slash(world.channel, "taste", member=world.jonas)
    assert "haven't rated any of the same films yet" in read_text(result)
    shares = []
    for film in MINA:
        await rate(world, world.jonas, {film: 8})
        shares.append(
            (
                await world.services.recommendations.match_tastes(world.server.id, world.mina.id, world.jonas.id)
            ).confidence
        )
    assert shares == sorted(set(shares))


async def test_it_is_shown_to_all_only_when_both_agree(world: World) -> None:
    await rate(world, world.mina, MINA)
    await rate(world, world.jonas, JONAS)
    result = await world.mina.slash(world.channel, "taste", member=world.jonas)
    await world.env.restart_bot()
    asked = await world.mina.click(require_response(result), label="Share here")
    assert not require_response(asked).ephemeral
    assert "%" not in read_text(asked)
    for actor in (world.mina, world.sam):
        assert_refused(
            world,
            await actor.click(require_response(asked), label="Share it"),
            "Only the other member can answer that.",
        )
    agreed = await world.jonas.click(require_response(asked), label="Share it")
    assert "% match**" in read_text(agreed)
    assert require_response(agreed).content == f"-# <@{world.mina.id}> <@{world.jonas.id}>"
    assert not require_response(agreed).ephemeral


async def test_the_other_may_decline(world: World) -> None:
    for member in (world.mina, world.jonas):
        await rate(world, member, {"burning-2018": 8})
    result = await world.mina.slash(world.channel, "taste", member=world.jonas)
    asked = await world.mina.click(require_response(result), label="Share here")
    assert_refused(
        world, await world.sam.click(require_response(asked), label="No"), "Only the other member can answer that."
    )
    assert "stays private" in read_text(await world.jonas.click(require_response(asked), label="No"))


async def test_who_hides_is_not_compared(world: World) -> None:
    for member in (world.mina, world.jonas):
        await rate(world, member, {"burning-2018": 8})
    result = await world.mina.slash(world.channel, "taste", member=world.jonas)
    asked = await world.mina.click(require_response(result), label="Share here")
    await world.jonas.slash(world.channel, "mydata hide", hidden=True)
    assert_refused(
        world,
        await world.mina.slash(world.channel, "taste", member=world.jonas),
        "This member's taste is private.",
    )
    assert_refused(
        world,
        await world.mina.click(require_response(result), label="Share here"),
        "This member's taste is private.",
    )
    await world.mina.slash(world.channel, "mydata hide", hidden=True)
    assert_refused(
        world,
        await world.jonas.click(require_response(asked), label="Share it"),
        "This member's taste is private.",
    )


async def test_oneself_is_nobody_else(world: World) -> None:
    assert_refused(
        world, await world.mina.slash(world.channel, "taste", member=world.mina), "Choose another member"
    )
