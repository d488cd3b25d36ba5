"""`/tonight` as a group uses it."""

import re
from datetime import timedelta

import pytest
from simcord.components import walk_components

from bot.recommendations.filters import RecommendationFilters
from bot.reviews.models import Draft
from tests.conftest import World
from tests.responses import Actor, Result, assert_refused, list_labels, read_text, require_response

MINA = {"burning-2018": 10, "parasite-2019": 10, "oldboy-2003": 9, "zodiac-2007": 9}
JONAS = {"oldboy-2003": 2, "zodiac-2007": 2, "burning-2018": 1, "john-wick-2014": 10}


async def rate(world: World, actor: Actor, stars: dict[str, int]) -> None:
    for film, halves in stars.items():
        await world.services.reviews.post(Draft(world.server.id, actor.id, film, halves))


async def both(world: World) -> Result:
    """Mina asks, for herself and Jonas."""
    await rate(world, world.mina, MINA)
    await rate(world, world.jonas, JONAS)
    result = await world.mina.slash(world.channel, "tonight", max_minutes=130)
    return await world.mina.select(
        require_response(result), [world.mina, world.jonas], custom_id=menu(result, "who")
    )


def menu(result: Result, which: str) -> str:
    parts = [str(part.get("custom_id", "")) for part in walk_components(require_response(result).components)]
    return next(part for part in parts if part.startswith(f"v1:tonight-{which}:"))


def offered(result: Result) -> list[str]:
    (chooses,) = (
        part for part in walk_components(require_response(result).components)
        if str(part.get("custom_id", "")).startswith("v1:tonight-choose:")
    )  # fmt: skip
    return [option["value"] for option in chooses["options"]]


async def test_a_list_for_two_says_what_each_would_give(world: World) -> None:
    result = await both(world)
    text = read_text(result)
    lines = text.splitlines()
    assert (
        require_response(result).content == f"-# <@{world.mina.id}> <@{world.jonas.id}>"
    )  # so that the names come with it
    assert f"<@{world.mina.id}>, <@{world.jonas.id}>" in text
    films = [line for line in lines if re.match(r"\*\*\d\. ", line)]
    assert len(films) == text.count("\n\n**") == 5  # with a gap before each
    for line in lines:
        stars = re.findall(r"<@(\d+)> ★ (\d\.\d)", line)
        if stars:
            assert {int(member) for member, _ in stars} == {world.mina.id, world.jonas.id}
    for film_id in offered(result):
        film = await world.services.film_repository.get(film_id)
        assert film is not None
        assert film.runtime is not None
        assert film.runtime <= 130
        assert film_id not in ("burning-2018", "oldboy-2003", "zodiac-2007")


async def test_who_would_like_it_least_is_who_has_the_fewest_stars(world: World) -> None:
    result = await both(world)
    recommendations = world.services.recommendations
    session = await world.services.group_sessions.get_open(world.server.id, int(menu(result, "who").split(":")[2]))
    found = await recommendations.recommend_for_group(session, {})
    assert [entry.film.id for entry in found.films] == offered(result)
    for entry in found.films:
        assert entry.stars[entry.least_happy] == min(entry.stars.values())
        title = entry.film.dated_title
        after = read_text(result).split(title)[1].splitlines()
        assert after[2] == f"Least happy: <@{entry.least_happy}>"
        assert f"<@{world.mina.id}> ★ {entry.stars[world.mina.id]:.1f}" in after[1]


async def test_the_weight_changes_the_list_and_survives_a_restart(world: World) -> None:
    result = await both(world)
    await world.env.restart_bot()
    weighed = await world.mina.select(require_response(result), ["100"], custom_id=menu(result, "weight"))
    assert "Least happy only" in read_text(weighed)
    session = await world.services.group_sessions.get_open(world.server.id, int(menu(result, "who").split(":")[2]))
    assert session.least_happy_weight == 100
    worst = []
    for weight in (0, 100):
        changed = await world.services.group_sessions.set_least_happy_weight(session, weight)
        films = (await world.services.recommendations.recommend_for_group(changed, {})).films
        worst.append(sum(min(entry.stars.values()) for entry in films))
    assert worst[1] >= worst[0]


async def test_for_one_nobody_is_the_least_happy(world: World) -> None:
    await rate(world, world.mina, MINA)
    alone = await world.mina.slash(world.channel, "tonight")
    parts = [str(part.get("custom_id", "")) for part in walk_components(require_response(alone).components)]
    assert not [part for part in parts if part.startswith("v1:tonight-weight:")]
    assert require_response(alone).embeds[0].footer.text == "Predicted stars"
    people = [world.mina, world.jonas]
    together = await world.mina.select(require_response(alone), people, custom_id=menu(alone, "who"))
    assert menu(together, "weight")
    assert (
        require_response(together).embeds[0].footer.text
        == "Predicted stars · Balanced: average and least happy count equally"
    )


async def test_more_and_back(world: World) -> None:
    result = await both(world)
    first = offered(result)
    more = await world.mina.click(require_response(result), label="More")
    assert not set(offered(more)) & set(first)
    again = await world.mina.click(require_response(more), label="Start over")
    assert offered(again) == first


async def test_what_nobody_has_seen_comes_first_and_raters_own_stars_are_shown(world: World) -> None:
    filters = {"genre": "Thriller", "country": "South Korea"}
    await rate(world, world.mina, MINA)
    await rate(world, world.jonas, {"oldboy-2003": 4, "parasite-2019": 3})
    result = await world.mina.slash(world.channel, "tonight", **filters)
    people = [world.mina, world.jonas, world.sam]
    result = await world.mina.select(require_response(result), people, custom_id=menu(result, "who"))
    recommendations = world.services.recommendations
    session = await world.services.group_sessions.get_open(world.server.id, int(menu(result, "who").split(":")[2]))
    pages = [await recommendations.recommend_for_group(session, {}, skip) for skip in range(0, 60, 5)]
    found = [entry for page in pages for entry in page.films]
    assert len({entry.film.id for entry in found}) == len(found)
    has_been_seen = [bool(entry.seen_by) for entry in found]
    assert has_been_seen == sorted(has_been_seen)
    known = {entry.film.id: entry for entry in found if entry.seen_by}
    assert known.keys() == {"burning-2018", "oldboy-2003", "parasite-2019"}
    assert known["parasite-2019"].rated_by == known["parasite-2019"].seen_by == {world.mina.id, world.jonas.id}
    assert known["parasite-2019"].stars[world.jonas.id] == 1.5
    while "rated it" not in read_text(result):
        result = await world.mina.click(require_response(result), label="More")
    assert f"<@{world.mina.id}> rated it ★★★★½ · <@{world.jonas.id}> rated it ★★" in read_text(result)


def _value(stars: list[float], weight: int) -> float:
    """Return what the page's footer says that it is ordered by, worked out from the stars shown."""
    return round((1 - weight / 100) * sum(stars) / len(stars) + weight / 100 * min(stars), 6)


@pytest.mark.parametrize("weight", [0, 50, 100])
async def test_a_page_is_ordered_by_the_stars_it_shows(world: World, weight: int) -> None:
    result = await both(world)
    session_id = int(menu(result, "who").split(":")[2])
    session = await world.services.group_sessions.get_open(world.server.id, session_id)
    session = await world.services.group_sessions.set_least_happy_weight(session, weight)
    for skip in (0, 5, 10):
        films = (await world.services.recommendations.recommend_for_group(session, {}, skip)).films
        stars = [[round(each, 1) for each in entry.stars.values()] for entry in films]
        for place, better in enumerate(stars):
            for worse in stars[place + 1 :]:
                assert _value(better, weight) >= _value(worse, weight)
                # Nobody sees all their stars go up further down.
                assert better == worse or any(a > b for a, b in zip(better, worse, strict=True))


async def test_only_who_asked_changes_the_list(world: World) -> None:
    result = await both(world)
    pressed = await world.jonas.select(require_response(result), ["0"], custom_id=menu(result, "weight"))
    assert_refused(world, pressed, "Only the member who started this list")


async def test_a_member_joins_by_a_button_for_all(world: World) -> None:
    await rate(world, world.mina, MINA)
    result = await world.mina.slash(world.channel, "tonight")
    await world.env.restart_bot()
    joined = await world.jonas.click(require_response(result), label="I'm watching too")
    assert f"<@{world.mina.id}>, <@{world.jonas.id}> (no ratings yet)" in read_text(joined)
    again = await world.jonas.click(require_response(joined), label="I'm watching too")
    session = await world.services.group_sessions.get_open(world.server.id, int(menu(again, "who").split(":")[2]))
    assert session.members == (world.mina.id, world.jonas.id)


async def test_a_film_refused_by_one_is_for_nobody(world: World) -> None:
    result = await both(world)
    first = offered(result)[0]
    await world.services.recommendations.dismiss(world.server.id, world.jonas.id, first)
    again = await world.mina.select(require_response(result), ["50"], custom_id=menu(result, "weight"))
    assert first not in offered(again)


async def test_who_hides_is_left_out_and_bots_too(world: World) -> None:
    await world.jonas.slash(world.channel, "mydata hide", hidden=True)
    result = await both(world)
    assert "1 member is private and can't be added." in read_text(result)
    assert str(world.jonas.id) not in read_text(result)
    session = await world.services.group_sessions.get_open(world.server.id, int(menu(result, "who").split(":")[2]))
    assert session.members == (world.mina.id,)


async def test_who_gave_way_counts_more_the_next_evening(world: World) -> None:
    result = await both(world)
    chosen = await world.mina.select(require_response(result), ["0"], custom_id=menu(result, "weight"))
    session = await world.services.group_sessions.get_open(world.server.id, int(menu(chosen, "who").split(":")[2]))
    films = (await world.services.recommendations.recommend_for_group(session, {})).films
    unequal = max(films, key=lambda entry: max(entry.stars.values()) - min(entry.stars.values()))
    done = await world.mina.select(require_response(chosen), [unequal.film.id], custom_id=menu(chosen, "choose"))
    assert f"Tonight: {unequal.film.title}" in read_text(done).replace("\\", "")
    loser = unequal.least_happy
    lost = sum(unequal.stars.values()) / 2 - unequal.stars[loser]
    debts = await world.services.group_sessions.repository.get_fairness_debts(
        world.server.id, [world.mina.id, world.jonas.id]
    )
    assert abs(debts[loser] - lost) < 1e-6
    assert min(debts.values()) == 0
    assert f"<@{loser}> compromised tonight and counts more next time." in read_text(done)
    again = await both(world)
    assert "compromised last time, counts more" in read_text(again)
    # Whoever began the list can choose another film, and then nobody has compromised.
    refused = await world.jonas.click(require_response(done), label="Choose another film")
    assert_refused(world, refused, "Only the member who started this list")
    reopened = await world.mina.click(require_response(done), label="Choose another film")
    assert unequal.film.id in offered(reopened)
    assert "compromised last time" not in read_text(await both(world))


async def test_a_film_is_chosen_once(world: World) -> None:
    result = await both(world)
    session_id = int(menu(result, "who").split(":")[2])
    session = await world.services.group_sessions.get_open(world.server.id, session_id)
    await world.services.group_sessions.choose_film(session, offered(result)[0], {})
    pressed = await world.mina.select(
        require_response(result), [offered(result)[1]], custom_id=menu(result, "choose")
    )
    assert_refused(world, pressed, "You already chose a film from that list.")


async def test_a_list_no_longer_kept_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    result = await both(world)
    monkeypatch.setattr("bot.recommendations.service.OPEN_SESSION_LIFETIME", timedelta(seconds=-1))
    await world.services.group_sessions.create(world.server.id, [world.jonas.id], RecommendationFilters())
    pressed = await world.mina.click(require_response(result), label="More")
    assert_refused(world, pressed, "That list has expired.")


async def test_nobody_has_rated_anything(world: World) -> None:
    result = await world.mina.slash(world.channel, "tonight", mood="scare")
    assert "no ratings yet" in read_text(result)
    assert len(offered(result)) == 5


async def test_nothing_fits(world: World) -> None:
    result = await world.mina.slash(world.channel, "tonight", max_minutes=1)
    assert "No films you haven't seen match “up to 1\u00a0min”. Leave out a filter:" in read_text(result)
    labels = list_labels(require_response(result))
    assert [label for label in labels if label.endswith("✕")] == ["up to 1 min ✕"]
    result = await world.mina.click(require_response(result), label="up to 1 min ✕")
    assert len(offered(result)) == 5


async def test_a_list_whose_members_deleted_their_data_is_gone(world: World) -> None:
    result = await both(world)
    for member in (world.mina, world.jonas):
        await world.services.privacy.delete_data(member.id)
    (film, *_) = offered(result)
    for press in (
        await world.mina.click(require_response(result), label="More"),
        await world.mina.select(require_response(result), ["75"], custom_id=menu(result, "weight")),
        await world.mina.select(require_response(result), [film], custom_id=menu(result, "choose")),
        await world.mina.select(require_response(result), [world.mina], custom_id=menu(result, "who")),
    ):
        assert_refused(world, press, "That list has expired.")
