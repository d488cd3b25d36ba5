"""Days that most can make, films by turns and surprises: on plain values, in the database, and in Discord."""

from datetime import timedelta
from typing import Any

import pytest

from bot.core.errors import InvalidInputError
from bot.films.local_titles import FilmTitle
from bot.films.repository import FilmRepository
from bot.nights.models import Answer, Choosing, NightState, NotYourTurnError, PollClosedError, Repeat
from bot.nights.planning import choose_day
from bot.nights.service import NightEdit, parse_moments
from tests.conftest import World
from tests.nights.cinema import HERE, JONAS, MINA, SAM, START, Cinema
from tests.nights.steps import (
    NIGHTS,
    find_message,
    get_card,
    get_night,
    list_direct_messages,
    plan,
    press,
    read_card,
)
from tests.picks.moments import utc
from tests.picks.steps import OTHER, advance_to
from tests.repositories import delete_film, membership_repository, privacy_repository
from tests.responses import FILM, assert_refused, post_review, read_text, require_response

FRIDAY, SATURDAY, SUNDAY = (utc(f"2026-03-0{day}T20:00") for day in (6, 7, 8))


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("friday 20:00", [FRIDAY]),
        ("Friday, 8pm", [FRIDAY]),
        ("Mar 6, 2026", [FRIDAY]),
        ("sunday, friday 8pm, sat 20:00", [FRIDAY, SATURDAY, SUNDAY]),
        ("friday or saturday; friday 20:00", [FRIDAY, SATURDAY]),
    ],
)
def test_one_day_or_several_are_read(text: str, times: list[Any]) -> None:
    assert list(parse_moments(text, "UTC", START)) == times


@pytest.mark.parametrize("text", ["", ",", "friday, someday", ", ".join(f"{day} April" for day in range(1, 12))])
def test_what_is_no_choice_of_days_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_moments(text, "UTC", START)


def test_the_day_that_most_can_make_wins_and_the_first_of_equals() -> None:
    days = (FRIDAY, SATURDAY, SUNDAY)
    assert choose_day(days, [{SATURDAY}, {SATURDAY, SUNDAY}, {FRIDAY}], START) == SATURDAY
    assert choose_day(days, [{SUNDAY}, {SATURDAY}], START) == SATURDAY
    assert choose_day(days, [], START) == FRIDAY
    assert choose_day(days, [{FRIDAY}], FRIDAY) == SATURDAY  # what has passed is out
    assert choose_day(days, [{FRIDAY}], SUNDAY) is None


async def test_a_poll_sets_the_day_and_what_follows_moves_with_it(cinema: Cinema) -> None:
    night = await cinema.plan(starts="friday, saturday, sunday", reminders="1h", repeat=Repeat.WEEK)
    assert (night.state, night.poll_closes_at) == (NightState.POLLING, utc("2026-03-04T16:00"))
    await cinema.nominate(night, MINA, "alien")  # films can be named at once
    await cinema.come(night, SAM, answer=Answer.MAYBE)
    for member, days in ((MINA, [SATURDAY, SUNDAY]), (JONAS, [SUNDAY, START]), (SAM, [SUNDAY]), (MINA, [SUNDAY])):
        await cinema.nights.vote_days(HERE, night.id, member, days)
    assert await cinema.nights.repository.get_days(HERE, night.id, JONAS) == {SUNDAY}
    await cinema.nights.vote_days(HERE, night.id, JONAS, [])
    assert (await cinema.get(night)).day_voters == 2
    moved = await cinema.nights.edit(HERE, night.id, NightEdit(starts="friday, sunday"))
    assert moved.poll_times == (FRIDAY, SUNDAY)
    assert sorted(await cinema.advance_to("2026-03-04T16:00")) == ["announce", "day"]
    snapshot = await cinema.get(night)
    assert (snapshot.night.starts_at, snapshot.night.state) == (SUNDAY, NightState.NOMINATING)
    assert snapshot.night.ballot_closes_at == SUNDAY - timedelta(hours=1)
    assert (snapshot.list_members(Answer.YES), snapshot.list_members(Answer.MAYBE)) == ([MINA], [SAM])
    with pytest.raises(PollClosedError):
        await cinema.nights.vote_days(HERE, night.id, MINA, [FRIDAY])
    with pytest.raises(InvalidInputError):
        await cinema.nights.edit(HERE, night.id, NightEdit(starts="monday, tuesday"))
    jobs = await cinema.advance_to("2026-03-09T12:00")
    assert sorted(jobs) == ["announce", "rate", "remind:60", "result", "start", "summary"]
    following = await cinema.nights.find(HERE, None)
    assert (following.starts_at, following.state) == (SUNDAY + timedelta(days=7), NightState.NOMINATING)


async def test_a_host_can_end_a_poll_and_one_whose_days_are_over_cancels_the_night(cinema: Cinema) -> None:
    night = await cinema.plan(starts="friday, saturday", film_id="alien")
    late = await cinema.plan(starts="friday, saturday", name="Late", poll_closes="friday 19:00")
    ended = await cinema.nights.edit(HERE, night.id, NightEdit(starts="saturday 21:00"))
    assert (ended.state, ended.poll_closes_at) == (NightState.READY, None)
    cinema.now = utc("2026-03-08T00:00")  # Marquee was away
    await cinema.advance_to("2026-03-08T00:00")
    assert (await cinema.get(late)).night.state is NightState.CANCELLED
    assert (await cinema.get(night)).night.state is NightState.ENDED
    with pytest.raises(InvalidInputError):
        await cinema.plan(starts="friday, saturday", poll_closes="saturday")


async def test_members_choose_by_turns(cinema: Cinema) -> None:
    choosers = []
    for week in range(4):
        day = utc("2026-03-06T20:00") + timedelta(days=7 * week)
        night = await cinema.plan(starts=f"{day:%Y-%m-%d}", choosing=Choosing.TURNS)
        await cinema.come(night, MINA, JONAS)
        await cinema.come(night, SAM, answer=Answer.MAYBE)
        await cinema.advance_to(f"{day - timedelta(days=1):%Y-%m-%dT19:00}")
        current = (await cinema.get(night)).night
        assert current.state is NightState.CHOOSING
        member = current.turn_member_id
        assert member is not None
        choosers.append(member)
        film = await FilmRepository(cinema.database).get("alien")
        assert film is not None
        with pytest.raises(NotYourTurnError):
            await cinema.nights.choose_in_turn(HERE, night, SAM, film)
        await cinema.nights.choose_in_turn(HERE, night, member, film)
        jobs = await cinema.advance_to(f"{day + timedelta(days=1):%Y-%m-%dT12:00}")
        assert sorted(jobs) == ["rate", "remind:60", "result", "start", "summary"]
    assert choosers == [MINA, JONAS, MINA, JONAS]


async def test_a_turn_goes_on_when_its_member_passes_stays_away_leaves_or_deletes_their_data(
    cinema: Cinema,
) -> None:
    others = (4, 5)
    night = await cinema.plan(choosing=Choosing.TURNS)
    await cinema.come(night, MINA, JONAS, SAM, *others)
    await membership_repository(cinema.database).mark_departed(HERE, [SAM], cinema.now)
    assert await cinema.advance_to("2026-03-05T19:00") == ["announce", f"turn:{MINA}"]
    await cinema.nights.pass_turn(HERE, night.id, MINA)
    with pytest.raises(NotYourTurnError):
        await cinema.nights.pass_turn(HERE, night.id, MINA)
    assert await cinema.settle_jobs() == [f"turn:{JONAS}"]
    await cinema.come(night, JONAS, answer=Answer.NO)
    assert await cinema.settle_jobs() == ["turn:4"]  # Sam has left
    await privacy_repository(cinema.database).delete_data(4)
    assert (await cinema.get(night)).night.turn_member_id is None
    assert await cinema.advance_to("2026-03-05T19:01") == ["turn:5"]
    await cinema.nights.pass_turn(HERE, night.id, 5)
    assert await cinema.settle_jobs() == ["result"]
    assert (await cinema.get(night)).night.state is NightState.READY
    await cinema.nights.edit(HERE, night.id, NightEdit(film_id="dune"))
    jobs = await cinema.advance_to("2026-03-07T12:00")
    assert sorted(jobs) == ["rate", "remind:60", "start", "summary"]


async def test_nobody_chooses_in_time_or_nobody_comes(cinema: Cinema) -> None:
    slow = await cinema.plan(choosing=Choosing.TURNS)
    empty = await cinema.plan(choosing=Choosing.TURNS, name="Empty", starts="saturday")
    await cinema.come(slow, MINA)
    await cinema.advance_to("2026-03-06T19:00")
    for night in (slow, empty):
        found = (await cinema.get(night)).night
        assert (found.state, found.film_id, found.turn_member_id) == (NightState.READY, None, None)


async def test_a_surprise_is_stored_once_and_a_host_may_be_first(cinema: Cinema) -> None:
    night = await cinema.plan(choosing=Choosing.SURPRISE, repeat=Repeat.WEEK)
    assert night.nominations_close_at == night.ballot_closes_at == utc("2026-03-06T19:00")
    assert sorted(await cinema.advance_to("2026-03-06T19:00")) == ["announce", "remind:60", "surprise"]
    repository = cinema.scheduler.repository
    for film in ("alien", "brazil"):
        await repository.set_surprise(HERE, night.id, film, cinema.now)
    assert (await cinema.get(night)).film == FilmTitle("alien", "Alien", 2000)
    assert "result" in await cinema.advance_to("2026-03-07T12:00")
    assert await repository.list_watched(HERE) == {"alien"}
    following = await cinema.nights.find(HERE, None)
    assert (following.state, following.film_id) == (NightState.NOMINATING, None)
    await delete_film(cinema.database, FilmRepository(cinema.database), "alien")
    await cinema.nights.edit(HERE, following.id, NightEdit(film_id="clue"))
    assert "surprise" not in await cinema.advance_to("2026-03-14T12:00")


@pytest.mark.begins(NIGHTS)
async def test_a_night_with_a_poll_and_a_turn_as_members_live_it(world: World) -> None:
    await world.sam.slash(world.channel, "pick rotate", zone="Europe/Berlin")
    result = await plan(world, when="friday 20:00, saturday 20:00", choose="turns")
    assert "Members choose a day" in read_text(result)
    assert "Nobody has answered yet" in read_card(world)
    assert _list_labels(get_card(world)) == ["Choose days"]
    for member, places in ((world.mina, (1,)), (world.jonas, (0, 1)), (world.sam, (1,))):
        days = require_response(await press(world, member, "Choose days"))
        (menu,) = (item for row in days.components for item in row["components"])
        assert [option["label"] for option in menu["options"]] == [
            "1. Friday, March 6, 2026 at 20:00", "2. Saturday, March 7, 2026 at 20:00",
        ]  # fmt: skip
        values = [menu["options"][place]["value"] for place in places]
        for chosen in (values, [], values):  # whoever can make no day after all takes them back
            await member.select(days, values=chosen)
            assert str(days.content).count("✓") == len(chosen)
    await world.jonas.slash(world.channel, "mydata hide", hidden=True)
    await world.env.advance_time(1)
    assert "3 members have answered" in read_card(world)
    await advance_to(world, "2026-03-05T12:00")
    day = find_message(world, "How many can make each day")
    assert "**Friday film** is on <t:1772910000:F>" in day.content
    assert "<t:1772910000:F> · 3\n<t:1772823600:F> · 1" in day.content
    assert "Coming (3)" in read_card(world)
    await advance_to(world, "2026-03-06T18:01")
    turn = find_message(world, "It's your turn")
    assert turn.content.startswith(f"<@{world.mina.id}>")
    assert_refused(world, await world.sam.click(turn, label="Pass"), "It isn't your turn")
    assert_refused(world, await world.sam.click(turn, label="Choose the film"), "It isn't your turn")
    await world.mina.click(turn, label="Pass")
    await world.env.advance_time(1)
    # Jonas keeps his name out of lists: he is told directly, and the card does not name him.
    (told,) = list_direct_messages(world, world.jonas)
    assert told.startswith("It's your turn to choose the film")
    assert "It's a member's turn" in read_card(world)
    assert _list_labels(find_message(world, "It's your turn")) == ["Open the night"]  # hers is over
    result = await world.jonas.slash(world.channel, "night nominate", film=FILM)
    assert "is the film for **Friday film**" in read_text(result)
    await world.env.advance_time(1)
    assert find_message(world, "The film for **Friday film** is **Burning (2018)**")
    assert (await get_night(world)).state is NightState.READY
    # A host may set the day of a poll: those who voted hear of it, and who can make it comes.
    await plan(world, name="Second", when="in 10 days, in 11 days", choose="turns")
    second = (await world.services.nights.repository.list_open(world.server.id))[-1]
    for member, place in ((world.mina, 0), (world.jonas, 1)):
        await world.services.nights.vote_days(world.server.id, second.id, member.id, [second.poll_times[place]])
    when = int(second.poll_times[1].timestamp())
    await world.sam.slash(world.channel, "night edit", night="Second", when=f"<t:{when}>")
    await world.env.advance_time(1)
    told = f"The day is set: **Second** is on <t:{when}:F>."
    assert find_message(world, told).content == f"{told}\n<@{world.mina.id}>"
    assert told in list_direct_messages(world, world.jonas)  # his name is hidden
    snapshot = await world.services.nights.repository.get_snapshot(world.server.id, second.id)
    assert snapshot.list_members(Answer.YES) == [world.jonas.id]


def _list_labels(message: Any) -> list[str | None]:
    return [button.label for row in message.components for button in row.children]


@pytest.mark.begins(NIGHTS)
async def test_a_surprise_fits_those_who_come_and_was_not_watched_here(world: World) -> None:
    await post_review(world, world.mina, "Great.", 10, film=OTHER)
    await plan(world, choose="surprise", genre="Drama")
    await press(world, world.mina, "I'm coming")
    assert "A surprise" in read_card(world)
    assert_refused(world, await world.mina.slash(world.channel, "night nominate", film=FILM), "closed")
    await advance_to(world, "2026-03-06T19:01")
    night = await get_night(world)
    assert night.film_id is not None
    film = await world.services.film_repository.get(night.film_id)
    assert film is not None
    assert "Drama" in film.genres
    assert find_message(world, "The film for **Friday film** is")
