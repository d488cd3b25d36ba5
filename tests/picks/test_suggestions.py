from tests.conftest import World
from tests.picks.steps import OTHER, THIRD, get_programme
from tests.responses import FILM, assert_refused, list_labels, read_text, require_response


async def test_suggestions_are_accepted_or_declined_with_a_click(world: World) -> None:
    suggested = await world.mina.slash(world.channel, "suggest", film=FILM, why="It **rains** not.")
    assert require_response(suggested).ephemeral
    again = await world.mina.slash(world.channel, "suggest", film=FILM)
    assert_refused(world, again, "You already suggested that film.")
    supported = await world.sam.slash(world.channel, "suggest", film=FILM)
    assert "Someone already suggested **Burning (2018)**, so I added your support." in read_text(supported)
    await world.jonas.slash(world.channel, "suggest", film=OTHER)
    too_long = await world.jonas.slash(world.channel, "suggest", film=THIRD, why="word " * 70)
    assert_refused(world, too_long, "The reason is too long")
    assert "word word" in read_text(too_long)
    queue = await world.sam.slash(world.channel, "suggestions")
    assert require_response(queue).ephemeral
    assert "It \\*\\*rains\\*\\* not." in read_text(queue)
    assert f"Also wanted by <@{world.sam.id}>" in read_text(queue)
    assert "1 of 2 open" in read_text(queue)
    assert list_labels(require_response(queue)) == ["Open film", "Accept", "Decline", "Next"]
    assert (
        require_response(queue).content == f"-# <@{world.mina.id}> <@{world.sam.id}>"
    )  # so that the name comes with it
    assert "Ballerina" in read_text(await world.sam.click(require_response(queue), label="Next"))
    declined = await world.sam.click(require_response(queue), label="Decline")
    assert "Declined **Ballerina (2023)**." in read_text(declined)
    # What was decided by mistake is open again.
    reopened = await world.sam.click(require_response(declined), label="Undo")
    assert "Ballerina (2023)" in read_text(reopened)
    assert "2 of 2 open" in read_text(reopened)
    taken = await world.sam.click(require_response(reopened), label="Accept")
    assert [pick.film_id for pick in (await get_programme(world)).queue] == [OTHER]
    reopened = await world.sam.click(require_response(taken), label="Undo")
    assert (await get_programme(world)).queue == ()
    late = await world.sam.slash(world.channel, "suggestions")
    await world.sam.click(require_response(late), label="Next")
    await world.sam.click(require_response(reopened), label="Decline")
    # Another curator has the same page, and goes on to the next.
    told = await world.sam.click(require_response(late), label="Decline")
    assert "That suggestion was already decided." in read_text(told)
    assert "Burning (2018)" in read_text(late)
    accepted = await world.sam.click(require_response(queue), label="Accept")
    assert "No open suggestions." in read_text(accepted)
    assert "<@" not in read_text(accepted)
    own = await world.mina.slash(world.channel, "suggestions")
    assert "accepted" in read_text(own)
    assert "Burning" in read_text(await world.mina.select(require_response(own), [FILM], custom_id="v1:open"))
    assert "declined" in read_text(await world.jonas.slash(world.channel, "suggestions"))
    assert [p.film_id for p in (await get_programme(world)).queue] == [FILM]
    await world.sam.slash(world.channel, "pick next")
    featured = await world.jonas.slash(world.channel, "suggest", film=FILM)
    assert_refused(world, featured, "That film is featured right now.")
