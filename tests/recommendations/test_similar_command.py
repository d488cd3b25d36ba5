"""`/similar` as members use it."""

import re

from tests.conftest import World
from tests.recommendations.recommended import blocks, rate, require_film, shown, texts
from tests.responses import FILM, require_response


async def test_films_like_one(world: World) -> None:
    for member in range(1, 6):
        await rate(world, member, {FILM: 9, "spirited-away-2001": 9})
    result = await world.mina.slash(world.channel, "similar", film=FILM)
    assert not require_response(result).ephemeral
    assert "Films like Burning (2018)" in texts(result)
    assert len(shown(result)) == 5
    assert FILM not in shown(result)
    burning = await require_film(world, FILM)
    for film_id, text in blocks(result):
        film = await require_film(world, film_id)
        assert "for you" not in text
        (reason,) = re.findall(r"^-# (.+)", text, re.MULTILINE)
        for part in reason.split(" · "):
            if part == "Same director":
                assert set(film.directors) & set(burning.directors)
            elif part == "Liked by the same people":
                assert film_id == "spirited-away-2001"
            elif part.startswith("With "):
                names = {credit.name for credit in film.credits} & {credit.name for credit in burning.credits}
                assert set(re.sub(r" and \d+ more$", "", part.removeprefix("With ")).split(", ")) <= names
            elif not part.startswith(("In ", "Made in ")):
                assert set(part.split(", ")) <= set(film.genres) & set(burning.genres)
    more = await world.jonas.click(require_response(result), label="More")
    assert require_response(more).ephemeral
    assert not set(shown(more)) & set(shown(result))


async def test_films_like_one_from_its_card(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    assert card.response is not None
    beside = await world.jonas.click(card.response, label="Similar")
    assert require_response(beside).ephemeral
    assert "Films like Burning (2018)" in texts(beside)
    more = await world.jonas.click(require_response(beside), label="More")
    assert require_response(more).id == require_response(beside).id
    # A private card stays where it is, too.
    private = await world.jonas.click(require_response(more), custom_id=f"v1:card:{shown(more)[0]}")
    again = await world.jonas.click(require_response(private), label="Similar")
    assert require_response(again).id != require_response(private).id


async def test_films_like_one_where_everybody_may_press(world: World) -> None:
    result = await world.mina.slash(world.channel, "similar", film=FILM)
    refuse = await world.jonas.click(require_response(result), custom_id=f"v1:refuse:{shown(result)[0]}")
    assert require_response(refuse).ephemeral
    assert (
        await world.services.recommendations.repository.get_rating_history(world.server.id, world.jonas.id)
    ).dismissed
    assert not (
        await world.services.recommendations.repository.get_rating_history(world.server.id, world.mina.id)
    ).dismissed


async def test_films_like_one_whose_title_may_mean_several(world: World) -> None:
    result = await world.mina.slash(world.channel, "similar", film="dune")
    assert "Films like Dune (2021)" in texts(result)
    assert len(shown(result)) == 5
    other = await world.mina.select(require_response(result), ["dune-1984"])
    assert "Films like Dune (1984)" in texts(other)
