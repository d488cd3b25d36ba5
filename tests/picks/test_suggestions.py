from tests.conftest import World
from tests.picks.steps import OTHER, THIRD, get_programme
from tests.reading import FILM, last, refused, told


async def test_suggestions_are_accepted_or_declined_with_a_click(world: World) -> None:
    suggested = await world.mina.slash(world.channel, "pick suggest", film=FILM, why="It **rains** not.")
    assert last(suggested).ephemeral
    refused(world, await world.jonas.slash(world.channel, "pick suggest", film=FILM), "suggested already")
    await world.jonas.slash(world.channel, "pick suggest", film=OTHER)
    too_long = await world.jonas.slash(world.channel, "pick suggest", film=THIRD, why="word " * 70)
    refused(world, too_long, "The reason is too long")
    assert "word word" in told(too_long)
    queue = await world.sam.slash(world.channel, "pick suggestions")
    assert last(queue).ephemeral
    assert "It \\*\\*rains\\*\\* not." in told(queue)
    assert "1 of 2 that wait" in told(queue)
    assert last(queue).content == f"-# <@{world.mina.id}>"  # so that the name comes with it
    assert "Ballerina" in told(await world.sam.click(last(queue), label="Next"))
    declined = await world.sam.click(last(queue), label="Decline")
    assert "Ballerina (2023)** · declined." in told(declined)
    accepted = await world.sam.click(last(queue), label="Take it")
    assert "No suggestion waits." in told(accepted)
    assert "<@" not in told(accepted)
    assert "taken: it is in the programme" in told(await world.mina.slash(world.channel, "pick suggestions"))
    assert "declined" in told(await world.jonas.slash(world.channel, "pick suggestions"))
    assert [p.film_id for p in (await get_programme(world)).queue] == [FILM]
