"""`/recommend` as members use it: what comes, what does not come back, what each option does."""

import re
from typing import Any

import pytest
from simcord.components import walk_components
from sqlalchemy import delete

from bot.core.rate_limiter import RateLimiter
from bot.films.tables import films
from bot.recommendations.facts import film_facts
from bot.recommendations.filters import NO_FILTERS
from bot.recommendations.moods import Mood, mood_fit
from bot.reviews.models import Draft
from bot.reviews.service import ReviewService
from tests.conftest import World
from tests.recommendations.recommended import LIKED, identities, pages, rate, require_film, shown, texts
from tests.repositories import delete_indexed_film
from tests.responses import FILM, assert_refused, list_messages, read_text, replace_component, require_response


async def test_five_films_with_stars_and_reasons(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend")
    assert require_response(result).ephemeral
    assert len(set(shown(result))) == 5
    assert not set(shown(result)) & LIKED.keys()
    assert "Based on your 5 ratings in this server" in texts(result)
    stars = [float(each) for each in re.findall(r"★\s(\d\.\d) for you", texts(result))]
    assert len(stars) == 5
    assert stars == sorted(stars, reverse=True)


async def test_nothing_seen_or_refused_comes_back(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    first = await world.mina.slash(world.channel, "recommend")
    seen, refuse = shown(first)[:2]
    form = await world.mina.click(require_response(first), custom_id=f"v1:seen:{seen}")
    assert "Saved: " in read_text(await world.mina.submit_modal(form, {"stars": "8", "review": ""}))
    await world.env.restart_bot()
    answer = await world.mina.click(require_response(first), custom_id=f"v1:refuse:{refuse}")
    assert require_response(answer).ephemeral
    assert "I won't recommend **" in read_text(answer)
    assert len(set(shown(first))) == 5  # the next one has come in, here for the film seen, too
    assert not {seen, refuse} & set(shown(first))
    everything = [film async for film, _ in pages(world, world.mina)]
    assert len(everything) == len(set(everything))
    assert not {seen, refuse, *LIKED} & set(everything)
    back = await world.mina.click(require_response(answer), label="Undo")
    assert "I may recommend **" in read_text(back)
    assert refuse in [film async for film, _ in pages(world, world.mina)]


async def test_a_film_seen_without_stars_does_not_come_back(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    film = shown(await world.mina.slash(world.channel, "recommend"))[0]
    await rate(world, world.mina.id, {film: 2})
    await world.services.reviews.delete(world.server.id, world.mina.id, film)
    assert film not in [each async for each, _ in pages(world, world.mina)]


async def test_more_skips_nothing_when_a_film_was_refused_meanwhile(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    first = await world.mina.slash(world.channel, "recommend")
    await world.mina.click(require_response(first), custom_id=f"v1:refuse:{shown(first)[0]}")
    history = await world.services.recommendations.recommend(world.server.id, world.mina.id, NO_FILTERS, 5)
    more = await world.mina.click(require_response(first), label="More")
    assert set(shown(more)) == {suggestion.film.id for suggestion in history.films}


@pytest.mark.parametrize(
    ("label", "state"), [("Start over", "top"), ("Anfang", "top"), ("From the top", "0"), ("Recommend now", "0")]
)
async def test_a_button_that_begins_again_does_so_whatever_its_language_and_age(
    world: World, label: str, state: str
) -> None:
    await rate(world, world.mina.id, LIKED)
    first = await world.mina.slash(world.channel, "recommend")
    message = require_response(first)
    refuse = {"type": 2, "style": 2, "label": "Not for me", "custom_id": f"v1:refuse:{shown(first)[0]}"}
    again = {"type": 2, "style": 2, "label": label, "custom_id": f"v1:more:{state}:,,,,,,,"}
    expected = shown(first)
    replace_component(world, message, refuse, again)
    assert shown(await world.mina.click(message, label=label)) == expected


async def test_a_page_turns_whatever_its_buttons_are_called(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    message = require_response(await world.mina.slash(world.channel, "recommend"))
    more = {"type": 2, "style": 2, "label": "Weiter", "custom_id": "v1:more:5:,,,,,,,"}
    replace_component(world, message, more)
    following = await world.services.recommendations.recommend(world.server.id, world.mina.id, NO_FILTERS, 5)
    expected = {suggestion.film.id for suggestion in following.films}
    assert set(shown(await world.mina.click(message, label="Weiter"))) == expected


async def test_a_rating_counts_at_once(world: World) -> None:
    await rate(world, world.mina.id, {"zodiac-2007": 10})
    before = shown(await world.mina.slash(world.channel, "recommend"))
    await rate(world, world.mina.id, {"spirited-away-2001": 10, "my-neighbor-totoro-1988": 10, "zodiac-2007": 1})
    result = await world.mina.slash(world.channel, "recommend")
    assert shown(result) != before
    assert "to **Zodiac**" not in texts(result)


async def test_the_buttons_under_a_film(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend")
    film = await require_film(world, shown(result)[0])
    card = await world.mina.click(require_response(result), custom_id=f"v1:card:{film.id}")
    assert require_response(card).ephemeral
    assert film.title in read_text(card)
    assert "to your watchlist" in read_text(
        await world.mina.click(require_response(result), custom_id=f"v1:watch:{film.id}")
    )
    assert await world.services.watchlists.repository.list_film_ids(world.server.id, world.mina.id) == [film.id]


async def test_each_option_filters(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    asked: dict[str, Any] = {
        "genre": "drama", "mood": "cry", "max_minutes": 150, "decade": 2010, "language": "Korean",
        "country": "South Korea",
    }  # fmt: skip
    result = await world.mina.slash(world.channel, "recommend", **asked)
    length = "up to 2\u00a0h\u00a030\u00a0min"
    heading = f"For you · Drama · Cry · {length} · 2010s · in Korean · made in South Korea"
    assert heading in texts(result)
    pages_seen = 0
    while identities(result, "v1:more:") and pages_seen < 3:
        for film_id in shown(result):
            film = await require_film(world, film_id)
            assert "Drama" in film.genres
            assert film.runtime is not None
            assert film.runtime <= 150
            assert film.year is not None
            assert 2010 <= film.year <= 2019
            assert "ko" in film.languages
            assert "KR" in film.countries
            assert mood_fit(Mood.CRY, film_facts(film)) > 0
        pages_seen += 1
        if not any(part.get("label") == "More" for part in walk_components(require_response(result).components)):
            break
        result = await world.mina.click(require_response(result), label="More")
    assert pages_seen


async def test_surprise_leaves_the_beaten_track(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    fame = []
    for options in ({}, {"surprise": 1.0}):
        result = await world.mina.slash(world.channel, "recommend", **options)
        fame.append(sum([(await require_film(world, film)).fame for film in shown(result)]))
    assert fame[1] < fame[0]
    assert "lesser known" in texts(result)


async def test_what_no_film_fits_is_said(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend", max_minutes=1)
    assert "No films you haven't seen match “up to 1\u00a0min”. Leave out a filter:" in texts(result)
    assert len(shown(await world.mina.click(require_response(result), label="up to 1 min ✕"))) == 5


@pytest.mark.parametrize(
    ("option", "typed", "sentence"),
    [
        ("genre", "Cooking", "don't know the genre “Cooking”"),
        ("language", "Klingonish", "No language"),
        ("country", "Narnia", "No country"),
    ],
)
async def test_what_is_no_choice_is_refused(world: World, option: str, typed: str, sentence: str) -> None:
    result = await world.mina.slash(world.channel, "recommend", **{option: typed})
    assert_refused(world, result, sentence)


async def test_options_are_offered(world: World) -> None:
    for option, typed, offered in (
        ("genre", "dr", "Drama"),
        ("language", "kor", "ko"),
        ("country", "korea", "KR"),
    ):
        choices = await world.mina.autocomplete(world.channel, "recommend", option, typed)
        assert offered in [choice["value"] for choice in choices]


async def test_without_ratings_ten_films_to_rate_by_one_click(world: World) -> None:
    result = await world.mina.slash(world.channel, "recommend", mood="think")
    assert "Rate a few films and I'll learn your taste" in texts(result)
    both = list_messages(result)
    assert len(both) == 2
    assert all(message.ephemeral for message in both)
    offered = list(dict.fromkeys(each.split(":")[0] for each in identities(result, "v1:star:")))
    assert len(offered) == 10
    await world.env.restart_bot()
    clicked = await world.mina.click(both[0], custom_id=f"v1:star:{offered[1]}:8")
    assert "★★★★ saved" in texts(clicked)
    rated = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, offered[1])
    assert rated is not None
    assert rated.half_stars == 8
    onward = await world.mina.click(both[1], label="Get recommendations")
    assert "For you · Think" in texts(onward)
    assert "Based on your 1 rating in this server" in texts(onward)
    assert not set(shown(onward)) & {offered[1]}


async def test_ratings_that_say_little_get_an_answer_that_makes_sense(world: World) -> None:
    every = [entry.film_id async for entry in world.services.film_repository.stream_entries()]
    await rate(world, 1, dict.fromkeys(every[:1], 1))
    await rate(world, 2, dict.fromkeys(every[:8], 5))
    limiter = RateLimiter(member_limit=10_000, server_limit=10_000)
    reviews = ReviewService(world.services.reviews.repository, limiter, world.env.now)
    for film_id in every[:120]:
        await reviews.post(Draft(world.server.id, 3, film_id, 10))
    for member in (1, 2, 3):
        found = await world.services.recommendations.recommend(world.server.id, member, NO_FILTERS)
        assert len(found.films) == 5
        assert all(0.5 <= (suggestion.stars or 0) <= 5 for suggestion in found.films)


async def test_an_empty_catalogue(world: World) -> None:
    async with world.services.database.write() as connection:
        await connection.execute(delete(films))
    result = await world.mina.slash(world.channel, "recommend")
    assert "You've seen or dismissed every film I know." in texts(result)
    assert "You've all seen every film I know." in texts(await world.mina.slash(world.channel, "tonight"))
    taste = await world.mina.slash(world.channel, "taste", member=world.jonas)
    assert "haven't rated any of the same films yet" in texts(taste)


async def test_a_refit_that_fails_is_noticed_by_nobody_but_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await rate(world, world.mina.id, LIKED)
    first = await world.mina.slash(world.channel, "recommend")

    def fails(*_: object) -> None:
        raise ValueError(f"not for the log: {world.mina.id}")

    monkeypatch.setattr("bot.recommendations.model_cache._fit_model", fails)
    await rate(world, world.mina.id, {shown(first)[0]: 9})
    for command in ("recommend", "tonight"):
        result = await world.mina.slash(world.channel, command)
        assert texts(result)
        assert "went wrong" not in texts(result)
    again = await world.mina.slash(world.channel, "recommend")
    assert len(shown(again)) == 5
    assert shown(first)[0] not in shown(again)  # what was rated counts at once, whatever becomes of the fit
    failures = [record.getMessage() for record in caplog.records if "could not be fitted" in record.getMessage()]
    assert len(failures) == 1
    assert str(world.mina.id) not in failures[0]


async def test_what_is_kept_goes_with_mydata(world: World) -> None:
    await world.services.recommendations.dismiss(world.server.id, world.mina.id, FILM)
    await world.services.recommendations.set_member_sharing(world.mina.id, True)
    await world.mina.slash(world.channel, "tonight")
    asked = await world.mina.slash(world.channel, "mydata delete")
    for line in (
        "Films you don't want recommended: 1",
        "Times you joined `/tonight`: 1",
        "Rating sharing choice: 1",
    ):
        assert line in read_text(asked)
    await world.mina.click(require_response(asked), label="Delete it all")
    assert not (
        await world.services.recommendations.repository.get_rating_history(world.server.id, world.mina.id)
    ).dismissed
    assert not await world.services.recommendations.repository.is_member_sharing(world.mina.id)


async def test_a_film_that_left_the_catalogue(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend")
    gone, *rest = shown(result)
    await delete_indexed_film(world.services, gone)
    for button in ("card", "refuse", "seen", "watch"):
        assert_refused(
            world,
            await world.mina.click(require_response(result), custom_id=f"v1:{button}:{gone}"),
            "no longer in the catalogue",
        )
    again = await world.mina.slash(world.channel, "recommend")
    assert gone not in shown(again)
    assert set(rest) <= set(shown(again))


async def test_recommendations_work_in_direct_messages(world: World) -> None:
    user = world.env.create_user("lena")
    lena = world.server.add_member(user)
    assert_refused(world, await user.slash("recommend"), "Use this command in a server first.")
    await rate(world, lena.id, LIKED)
    first = await user.slash("recommend", mood="think")
    expected = shown(await lena.slash(world.channel, "recommend", mood="think"))
    assert shown(first) == expected
    await world.env.restart_bot()
    message = require_response(first)
    here = f":{world.server.id}"
    refused = await user.click(message, custom_id=f"v1:refuse:{expected[0]}{here}")
    assert expected[0] not in shown(first)
    assert "I may recommend" in read_text(await user.click(require_response(refused), label="Undo"))
    listed = await user.click(message, custom_id=f"v1:watch:{expected[1]}{here}")
    assert await world.services.watchlists.repository.list_film_ids(world.server.id, lena.id) == [expected[1]]
    await user.click(require_response(listed), label="Remove")
    assert await world.services.watchlists.repository.list_film_ids(world.server.id, lena.id) == []
    stars = require_response(await user.click(message, custom_id=f"v1:seen:{expected[2]}{here}"))
    await user.click(stars, label="4 ★")
    rated = await world.services.reviews.repository.get_own(world.server.id, lena.id, expected[2])
    assert rated is not None
    assert rated.half_stars == 8
    more = await user.click(message, label="More")
    assert shown(more)
    assert not {expected[2]} & set(shown(more))

    neighbour = world.env.create_guild("Next door")
    there, channel = neighbour.add_member(user), neighbour.create_text_channel("films")
    await there.slash(channel, "watchlist add", film=FILM)
    question = require_response(await user.slash("recommend", genre="Drama"))
    assert question.content == "Which server?"
    onboarding = await user.select(question, [str(neighbour.id)])
    assert "Rate a few films and I'll learn your taste" in texts(onboarding)
    chosen = await user.select(question, [str(world.server.id)])
    assert "For you · Drama" in texts(chosen)
    forged = f"v1:refuse:{FILM}:{world.env.create_guild('Elsewhere').id}"
    replace_component(world, message, {"type": 2, "style": 2, "label": "Forged", "custom_id": forged})
    assert_refused(world, await user.click(message, label="Forged"), "Use this command in a server first.")
