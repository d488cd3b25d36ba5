"""Blind rounds, and films on the watchlists of all who come."""

import pytest

from bot.nights.ballots import BallotMethod
from bot.nights.models import BallotClosedError, NightState, NominationGoneError, NotComingError
from bot.watchlists.repository import WatchlistRepository
from tests.conftest import World
from tests.nights.cinema import HERE, JONAS, MINA, SAM, Cinema
from tests.nights.steps import NIGHTS, find_message, get_night, plan, press, read_card, read_message
from tests.picks.steps import OTHER, THIRD, advance_to
from tests.repositories import membership_repository
from tests.responses import FILM, assert_refused, read_text, require_response


async def _open_round(cinema: Cinema) -> int:
    night = await cinema.plan(method=BallotMethod.BLIND)
    for member, film in ((MINA, "alien"), (JONAS, "brazil"), (SAM, "clue")):
        await cinema.nominate(night, member, film)
    await cinema.come(night, MINA, JONAS)
    await cinema.advance_to("2026-03-05T19:00")
    return night.id


async def test_a_match_of_all_who_come_ends_the_round(cinema: Cinema) -> None:
    night_id = await _open_round(cinema)
    nights = cinema.nights
    with pytest.raises(NotComingError):
        await nights.answer_blindly(HERE, night_id, SAM, "clue", accepts=True)
    with pytest.raises(NominationGoneError):
        await nights.answer_blindly(HERE, night_id, MINA, "dune", accepts=True)
    for member, film, accepts in (
        (MINA, "alien", True), (MINA, "brazil", True), (JONAS, "alien", False), (MINA, "brazil", False),
        (JONAS, "brazil", True),
    ):  # fmt: skip
        answers = await nights.answer_blindly(HERE, night_id, member, film, accepts=accepts)
    assert (answers.accepted, answers.declined) == (("brazil",), ("alien",))
    assert (await nights.get(HERE, night_id)).state is NightState.VOTING
    await nights.answer_blindly(HERE, night_id, MINA, "brazil", accepts=True)
    with pytest.raises(BallotClosedError):
        await nights.answer_blindly(HERE, night_id, MINA, "clue", accepts=True)
    assert await cinema.advance_to("2026-03-05T19:00") == ["result"]
    assert (await nights.get(HERE, night_id)).film_id == "brazil"


async def test_without_a_match_the_film_that_most_accept_wins(cinema: Cinema) -> None:
    night_id = await _open_round(cinema)
    for member, film, accepts in ((MINA, "clue", True), (MINA, "alien", False), (JONAS, "alien", False)):
        await cinema.nights.answer_blindly(HERE, night_id, member, film, accepts=accepts)
    await cinema.nights.clear_ballot(HERE, night_id, JONAS)
    await cinema.nights.answer_blindly(HERE, night_id, JONAS, "brazil", accepts=False)
    await cinema.advance_to("2026-03-06T19:00")
    assert (await cinema.nights.get(HERE, night_id)).film_id == "clue"
    box = await cinema.nights.repository.get_ballot_box(HERE, night_id)
    assert box is not None
    assert [ballot.choices for ballot in box.ballots] == [(), ("clue",)]


async def test_films_on_several_lists_come_with_how_many(cinema: Cinema) -> None:
    watchlists = WatchlistRepository(cinema.database, membership_repository(cinema.database))
    for member, films in ((MINA, ("alien", "brazil")), (JONAS, ("alien", "brazil")), (SAM, ("alien", "clue"))):
        for film in films:
            await watchlists.add_film(HERE, member, film, is_kept=False, now=cinema.now)
    listed = await watchlists.list_common_films(HERE, [MINA, JONAS, SAM], 10)
    assert [(each.film_id, each.list_count) for each in listed] == [("alien", 3), ("brazil", 2)]
    assert await watchlists.list_common_films(HERE, [MINA, SAM], 1) == [
        listed[0].__class__("alien", "Alien", 2000, 2)
    ]
    assert await watchlists.list_common_films(HERE + 1, [MINA, JONAS], 10) == []


@pytest.mark.begins(NIGHTS)
async def test_a_blind_round_among_films_of_all_lists(world: World) -> None:
    for member, films in ((world.mina, (FILM, OTHER)), (world.jonas, (FILM, OTHER, THIRD))):
        for film in films:
            await member.slash(world.channel, "watchlist add", film=film)
    await plan(world, ballot="blind")
    await press(world, world.jonas, "I'm coming")
    listed = require_response(await press(world, world.mina, "On our watchlists"))
    assert [field.name for field in listed.embeds[0].fields] == ["On all 2 watchlists"]
    (menu,) = (item for row in listed.components for item in row["components"])
    assert {option["value"] for option in menu["options"]} == {FILM, OTHER}
    for film in (FILM, OTHER):
        listed = require_response(await press(world, world.mina, "On our watchlists"))
        assert "is nominated for" in read_text(await world.mina.select(listed, values=[film]))
    empty = await press(world, world.sam, "On our watchlists")
    assert "No two of you coming have the same film" in read_text(empty)
    await advance_to(world, "2026-03-05T19:01")
    ballot = require_response(await press(world, world.mina, "Vote"))
    assert "Film 1 of 2" in read_message(ballot)
    assert_refused(world, await world.mina.click(ballot, label="Yes"), "Only members who are coming")
    await press(world, world.mina, "I'm coming")
    for member, answers in ((world.mina, ("Yes", "No")), (world.jonas, ("No", "Yes"))):
        ballot = require_response(await press(world, member, "Vote"))
        for answer in answers:
            await member.click(ballot, label=answer)
        assert "You've answered every film" in read_message(ballot)
    await world.mina.click(ballot := require_response(await press(world, world.mina, "Vote")), label="Start over")
    assert "Film 1 of 2" in read_message(ballot)
    assert (await get_night(world)).state is NightState.VOTING
    await world.mina.click(ballot, label="No")
    await world.mina.click(ballot, label="Yes")
    await world.env.advance_time(1)
    assert "It's a match: all of you would watch" in read_message(find_message(world, "the film is"))
    assert "Film night" in read_card(world)
