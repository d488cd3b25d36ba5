"""Why a film is recommended: each reason told is worked out anew from what was rated."""

import re

import numpy as np

from bot.films.models import CreditJob
from bot.recommendations.filters import NO_FILTERS
from bot.recommendations.reasons import BecauseYouRated
from tests.conftest import World
from tests.recommendations.recommended import LIKED, blocks, pages, rate, require_film, texts
from tests.responses import read_text, require_response


async def test_what_is_because_of_a_rating_was_rated_so(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend")
    because = re.findall(r"Because you gave (.+)", texts(result))
    assert because
    titles = {(await require_film(world, film_id)).title: halves for film_id, halves in LIKED.items()}
    for reason in because:
        given = re.findall(r"(★+)(½?) to ((?:\*\*.+?\*\*(?: and )?)+)", reason)
        assert given
        for whole, half, named in given:
            for title in re.findall(r"\*\*(.+?)\*\*", named):
                assert titles[title] == 2 * len(whole) + len(half)


async def test_a_rating_named_as_the_reason_moves_the_film_up(world: World) -> None:
    """Without the ratings cited, a film scores lower than with them."""
    await rate(world, world.mina.id, LIKED)
    found = await world.services.recommendations.recommend(world.server.id, world.mina.id, NO_FILTERS)
    model = await world.services.recommendations.models.get(world.server.id)
    own = {film: halves / 2 for film, halves in LIKED.items()}
    cited = 0
    for suggestion in found.films:
        for reason in suggestion.reasons:
            if isinstance(reason, BecauseYouRated):
                for rated in reason.ratings:
                    cited += 1
                    assert own[rated.film_id] == rated.stars
                    assert rated.share > 0
                    rows = np.array([model.content.row_of[rated.film_id]])
                    films = np.array([model.content.row_of[suggestion.film.id]])
                    likeness = sum(
                        model.content.cosines(field, rows, films)[0, 0]
                        for field in ("genres", "directors", "cast", "languages")
                    )
                    assert likeness > 0
    assert cited


async def test_the_same_director_directed_both(world: World) -> None:
    await rate(world, world.mina.id, {"zodiac-2007": 10, "oldboy-2003": 10, "parasite-2019": 10})
    titles: dict[str, list[str]] = {}
    async for entry in world.services.film_repository.stream_entries():
        titles.setdefault(entry.title, []).append(entry.film_id)
    result = await world.mina.slash(world.channel, "recommend")
    told_of = 0
    for _ in range(4):
        for film_id, text in blocks(result):
            film = await require_film(world, film_id)
            for title, names in re.findall(r"Same directors? as \*\*(.+?)\*\*: (.+)", text):
                told_of += 1
                others = [await require_film(world, other) for other in titles[title]]
                assert any(set(names.split(", ")) <= set(other.directors) for other in others)
                assert set(names.split(", ")) <= set(film.directors)
            for names, title in re.findall(r"With (.+), as in \*\*(.+?)\*\*", text):
                others = [await require_film(world, other) for other in titles[title]]
                shown = set(re.sub(r" and \d+ more$", "", names).split(", "))
                assert shown <= set(film.list_names(CreditJob.CAST))
                assert any(shown <= set(other.list_names(CreditJob.CAST)) for other in others)
        result = await world.mina.click(require_response(result), label="More")
    assert told_of


async def test_the_servers_mean_is_the_servers(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    for member, halves in enumerate((10, 9, 7), start=1):
        await rate(world, member, {"anatomy-of-a-fall-2023": halves, **LIKED})
    await rate(world, 1, {"anatomy-of-a-fall-2023": 1}, server=4_242)
    texts_told = [text async for _, text in pages(world, world.mina)]
    (told_of,) = [text for text in texts_told if "Anatomy of a Fall" in text]
    assert "★ 4.3 average here from 3 ratings" in told_of
    await rate(world, 4, {"anatomy-of-a-fall-2023": 2})
    (told_of,) = [text async for _, text in pages(world, world.mina) if "Anatomy of a Fall" in text]
    assert "★ 3.5 average here from 4 ratings" in told_of


async def rate_something_else(world: World) -> None:
    """Ratings of members who have nothing to do with the others, beside whom those are likelier to like a film."""
    for member in range(201, 213):
        await rate(world, member, {"paddington-2-2017": 7, "toy-story-1995": 6})


async def test_how_many_who_liked_one_liked_the_other(world: World) -> None:
    await rate(world, world.mina.id, {"burning-2018": 10})
    for member in range(1, 6):
        await rate(world, member, {"burning-2018": 9} | ({"anatomy-of-a-fall-2023": 9} if member < 4 else {}))
    await rate_something_else(world)
    (text,) = [text async for _, text in pages(world, world.mina) if "Anatomy of a Fall" in text]
    # Mina liked Burning too: six did, three of whom liked the other, as did nobody else.
    assert "3 of 6 people who liked **Burning** also liked this" in text


async def test_few_raters_are_not_given_away(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    for member in (1, 2):
        await rate(world, member, {**LIKED, "anatomy-of-a-fall-2023": 10})
    (text,) = [text async for _, text in pages(world, world.mina) if "Anatomy of a Fall" in text]
    assert "average here" not in text
    assert "people who liked" not in text


async def test_no_reason_names_a_member_least_of_all_one_who_hides(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    await rate(world, world.jonas.id, {**LIKED, "anatomy-of-a-fall-2023": 10})
    for member in (world.sam.id, 1, 2):
        await rate(world, member, {**LIKED, "anatomy-of-a-fall-2023": 9})
    await rate_something_else(world)
    await world.jonas.slash(world.channel, "mydata hide", hidden=True)
    told_all = [text async for _, text in pages(world, world.mina)]
    told_all.append(texts(await world.mina.slash(world.channel, "similar", film="parasite-2019")))
    assert any("people who liked" in text for text in told_all)
    assert any("average here" in text for text in told_all)
    for text in told_all:
        assert "<@" not in text
        assert not re.search(r"\b(jonas|sam)\b", text, re.IGNORECASE)
        assert world.server.name not in text


async def test_the_stars_told_are_those_predicted(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    model = await world.services.recommendations.models.get(world.server.id)
    scores = model.score_films({film: halves / 2 for film, halves in LIKED.items()}, member_key=str(world.mina.id))
    for film_id, text in blocks(await world.mina.slash(world.channel, "recommend")):
        assert f"★\u00a0{scores.stars[model.content.row_of[film_id]]:.1f} for you" in text


async def test_servers_learn_from_each_other_only_where_both_and_the_member_say_so(world: World) -> None:
    elsewhere = 4_242
    recommendations = world.services.recommendations
    await rate(world, world.mina.id, {"burning-2018": 10})
    for member in range(101, 105):
        await rate(world, member, {"burning-2018": 9, "anatomy-of-a-fall-2023": 9}, server=elsewhere)
    await rate_something_else(world)
    likes = "people who liked **Burning** also liked this"

    async def told_of() -> bool:
        return any(likes in text for _, text in [page async for page in pages(world, world.mina)])

    assert not await told_of()
    assert "settings learning" not in world.mina.available_commands(world.channel)
    await world.sam.slash(world.channel, "settings learning", shared=True)
    await recommendations.set_server_sharing(elsewhere, True, actor_id=1)
    assert not await told_of()
    for member in range(101, 105):
        await recommendations.set_member_sharing(member, True)
    assert await told_of()
    text = "\n".join([text async for _, text in pages(world, world.mina)])
    assert str(elsewhere) not in text
    assert "<@" not in text
    assert "average here" not in text
    await recommendations.set_server_sharing(elsewhere, False, actor_id=1)
    assert not await told_of()


async def test_consent_is_told_and_taken_back(world: World) -> None:
    told_now = read_text(await world.mina.slash(world.channel, "mydata learning"))
    assert "Your ratings are only used in the servers" in told_now
    assert "Your ratings can improve recommendations in other servers" in read_text(
        await world.mina.slash(world.channel, "mydata learning", shared=True)
    )
    assert await world.services.recommendations.repository.is_member_sharing(world.mina.id)
    await world.mina.slash(world.channel, "mydata learning", shared=False)
    assert not await world.services.recommendations.repository.is_member_sharing(world.mina.id)
    assert "doesn't share ratings" in read_text(await world.sam.slash(world.channel, "settings learning"))
    assert "shares ratings with other servers" in read_text(
        await world.sam.slash(world.channel, "settings learning", shared=True)
    )
    await world.sam.slash(world.channel, "settings learning", shared=False)
    settings = await world.services.server_settings.get(world.server.id)
    assert settings.ratings_shared_at is None
