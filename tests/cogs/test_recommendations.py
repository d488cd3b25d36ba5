"""`/recommend` and `/similar` as members use them. Each reason told is worked out anew from what was rated."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from simcord.components import walk_components
from sqlalchemy import delete

from bot.films.film import Film, Job
from bot.films.flood import Flood
from bot.films.recommendations.facts import facts_of
from bot.films.recommendations.moods import Mood, fit
from bot.films.recommendations.reasons import BecauseYouRated
from bot.films.recommendations.wishes import NO_WISHES
from bot.films.reviews import Draft
from bot.storage.schema import films
from tests.cogs.reading import FILM, Actor, Result, last, messages, refused, told
from tests.conftest import World

LIKED = {"burning-2018": 9, "parasite-2019": 9, "oldboy-2003": 8, "zodiac-2007": 8, "john-wick-2014": 3}
PAGES = 12


def texts(result: Result) -> str:
    """Everything that texts between buttons say."""
    parts = [told(result)]
    for message in messages(result):
        parts += [part["content"] for part in walk_components(message.components) if part.get("type") == 10]
    return "\n".join(parts)


def identities(result: Result, prefix: str) -> list[str]:
    """What the buttons' custom_ids say after the prefix, message by message."""
    return [
        part["custom_id"].removeprefix(prefix)
        for message in messages(result)
        for part in walk_components(message.components)
        if str(part.get("custom_id", "")).startswith(prefix)
    ]


def shown(result: Result) -> list[str]:
    return identities(result, "v1:refuse:")


async def rate(world: World, member: int, stars: dict[str, int], server: int | None = None) -> None:
    for film, halves in stars.items():
        await world.services.reviews.post(Draft(server or world.server.id, member, film, halves))


def blocks(result: Result) -> list[tuple[str, str]]:
    """Each film on the message with what is told of it."""
    parts = [part["content"] for part in walk_components(last(result).components) if part.get("type") == 10]
    return list(zip(shown(result), parts[1:], strict=True))


async def pages(world: World, actor: Actor) -> AsyncIterator[tuple[str, str]]:
    """The films recommended to the member, page by page, with what is told of each."""
    result = await actor.slash(world.channel, "recommend")
    for _ in range(PAGES):
        for block in blocks(result):
            yield block
        if not any(part.get("label") == "More" for part in walk_components(last(result).components)):
            return
        result = await actor.click(last(result), label="More")


async def film_of(world: World, film_id: str) -> Film:
    film = await world.services.catalogue.get(film_id)
    assert film is not None
    return film


async def test_five_films_with_stars_and_reasons(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend")
    assert last(result).ephemeral
    assert len(set(shown(result))) == 5
    assert not set(shown(result)) & LIKED.keys()
    assert "From 5 ratings of yours" in texts(result)
    assert len(re.findall(r"★ \d\.\d for you", texts(result))) == 5


async def test_what_is_because_of_a_rating_was_rated_so(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend")
    because = re.findall(r"Because you gave (.+)", texts(result))
    assert because
    titles = {(await film_of(world, film_id)).title: halves for film_id, halves in LIKED.items()}
    for reason in because:
        given = re.findall(r"(★+)(½?) to ((?:\*\*.+?\*\*(?: and )?)+)", reason)
        assert given
        for whole, half, named in given:
            for title in re.findall(r"\*\*(.+?)\*\*", named):
                assert titles[title] == 2 * len(whole) + len(half)


async def test_a_rating_named_as_the_reason_moves_the_film_up(world: World) -> None:
    """Without the ratings cited, a film scores lower than with them."""
    await rate(world, world.mina.id, LIKED)
    found = await world.services.recommender.recommend(world.server.id, world.mina.id, NO_WISHES)
    model = await world.services.recommender.models.of(world.server.id)
    own = {film: halves / 2 for film, halves in LIKED.items()}
    cited = 0
    for suggestion in found.films:
        for reason in suggestion.reasons:
            if isinstance(reason, BecauseYouRated):
                for rated in reason.films:
                    cited += 1
                    assert own[rated.film_id] == rated.stars
                    assert rated.share > 0
                    likeness = sum(
                        model.content.cosine(
                            field, model.content.at[rated.film_id], model.content.at[suggestion.film.id]
                        )
                        for field in ("genres", "directors", "cast", "languages")
                    )
                    assert likeness > 0
    assert cited


async def test_the_same_director_directed_both(world: World) -> None:
    await rate(world, world.mina.id, {"zodiac-2007": 10, "oldboy-2003": 10, "parasite-2019": 10})
    titles: dict[str, list[str]] = {}
    async for entry in world.services.film_store.entries():
        titles.setdefault(entry.title, []).append(entry.film_id)
    result = await world.mina.slash(world.channel, "recommend")
    told_of = 0
    for _ in range(4):
        for film_id, text in blocks(result):
            film = await film_of(world, film_id)
            for title, names in re.findall(r"Same directors? as \*\*(.+?)\*\*: (.+)", text):
                told_of += 1
                others = [await film_of(world, other) for other in titles[title]]
                assert any(set(names.split(", ")) <= set(other.directors) for other in others)
                assert set(names.split(", ")) <= set(film.directors)
            for names, title in re.findall(r"With (.+), as in \*\*(.+?)\*\*", text):
                others = [await film_of(world, other) for other in titles[title]]
                assert set(names.split(", ")) <= set(film.names(Job.CAST))
                assert any(set(names.split(", ")) <= set(other.names(Job.CAST)) for other in others)
        result = await world.mina.click(last(result), label="More")
    assert told_of


async def test_the_servers_mean_is_the_servers(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    for member, halves in enumerate((10, 9, 7), start=1):
        await rate(world, member, {"memories-of-murder-2003": halves, **LIKED})
    await rate(world, 1, {"memories-of-murder-2003": 1}, server=4_242)
    texts_told = [text async for _, text in pages(world, world.mina)]
    (told_of,) = [text for text in texts_told if "Memories of Murder" in text]
    assert f"The server's ★ {26 / 6:.1f} from 3" in told_of
    await rate(world, 4, {"memories-of-murder-2003": 2})
    (told_of,) = [text async for _, text in pages(world, world.mina) if "Memories of Murder" in text]
    assert f"The server's ★ {28 / 8:.1f} from 4" in told_of


async def test_how_many_who_liked_one_liked_the_other(world: World) -> None:
    await rate(world, world.mina.id, {"burning-2018": 10})
    for member in range(1, 6):
        await rate(world, member, {"burning-2018": 9, "spirited-away-2001": 9 if member < 4 else 4})
    (text,) = [text async for _, text in pages(world, world.mina) if "Spirited Away" in text]
    # Mina liked Burning too: six did, three of whom liked the other.
    assert "3 of 6 who liked **Burning** liked it" in text


async def test_few_raters_are_not_given_away(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    for member in (1, 2):
        await rate(world, member, {**LIKED, "memories-of-murder-2003": 10})
    (text,) = [text async for _, text in pages(world, world.mina) if "Memories of Murder" in text]
    assert "The server's" not in text
    assert "who liked" not in text


async def test_nothing_seen_or_refused_comes_back(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    first = await world.mina.slash(world.channel, "recommend")
    seen, refuse = shown(first)[:2]
    form = await world.mina.click(last(first), custom_id=f"v1:seen:{seen}")
    assert "Stored" in told(await world.mina.submit_modal(form, {"stars": "8", "review": ""}))
    await world.env.restart_bot()
    answer = await world.mina.click(last(first), custom_id=f"v1:refuse:{refuse}")
    assert last(answer).ephemeral
    assert "will not be recommended to you again" in told(answer)
    assert "stays away" in told(await world.mina.click(last(first), custom_id=f"v1:refuse:{refuse}"))
    everything = [film async for film, _ in pages(world, world.mina)]
    assert len(everything) == len(set(everything))
    assert not {seen, refuse, *LIKED} & set(everything)
    back = await world.mina.click(last(answer), label="Take it back")
    assert "may be recommended to you again" in told(back)
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
    await world.mina.click(last(first), custom_id=f"v1:refuse:{shown(first)[0]}")
    history = await world.services.recommender.recommend(world.server.id, world.mina.id, NO_WISHES, 4)
    more = await world.mina.click(last(first), label="More")
    assert shown(more) == [suggestion.film.id for suggestion in history.films]


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
    film = await film_of(world, shown(result)[0])
    card = await world.mina.click(last(result), custom_id=f"v1:card:{film.id}")
    assert last(card).ephemeral
    assert film.title in told(card)
    assert "on your watchlist" in told(await world.mina.click(last(result), custom_id=f"v1:watch:{film.id}"))
    assert await world.services.watchlists.film_ids(world.server.id, world.mina.id) == [film.id]


async def test_each_option_filters(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    asked: dict[str, Any] = {
        "genre": "drama", "mood": "cry", "max_minutes": 150, "decade": 2010, "language": "Korean",
        "country": "South Korea",
    }  # fmt: skip
    result = await world.mina.slash(world.channel, "recommend", **asked)
    length = "at most 2\u00a0h\u00a030\u00a0min"
    heading = f"For you · Drama · mood: cry · {length} · from the 2010s · in Korean · made in South Korea"
    assert heading in texts(result)
    pages_seen = 0
    while identities(result, "v1:more:") and pages_seen < 3:
        for film_id in shown(result):
            film = await film_of(world, film_id)
            assert "Drama" in film.genres
            assert film.runtime is not None
            assert film.runtime <= 150
            assert film.year is not None
            assert 2010 <= film.year <= 2019
            assert "ko" in film.languages
            assert "KR" in film.countries
            assert fit(Mood.CRY, facts_of(film)) > 0
        pages_seen += 1
        if not any(part.get("label") == "More" for part in walk_components(last(result).components)):
            break
        result = await world.mina.click(last(result), label="More")
    assert pages_seen


async def test_surprise_leaves_the_beaten_track(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    fame = []
    for options in ({}, {"surprise": 1.0}):
        result = await world.mina.slash(world.channel, "recommend", **options)
        fame.append(sum([(await film_of(world, film)).fame for film in shown(result)]))
    assert fame[1] < fame[0]
    assert "off the beaten track" in texts(result)


async def test_what_no_film_fits_is_said(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend", max_minutes=1)
    assert "No film of the catalogue is left for “at most 1\u00a0min”: ask for less." in texts(result)


@pytest.mark.parametrize(
    ("option", "typed", "sentence"),
    [
        ("genre", "Cooking", "no such genre"),
        ("language", "Klingonish", "No language"),
        ("country", "Narnia", "No country"),
    ],
)
async def test_what_is_no_choice_is_refused(world: World, option: str, typed: str, sentence: str) -> None:
    result = await world.mina.slash(world.channel, "recommend", **{option: typed})
    refused(world, result, sentence)


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
    assert "Nothing of your taste is known here yet" in texts(result)
    both = messages(result)
    assert len(both) == 2
    assert all(message.ephemeral for message in both)
    offered = list(dict.fromkeys(each.split(":")[0] for each in identities(result, "v1:star:")))
    assert len(offered) == 10
    await world.env.restart_bot()
    clicked = await world.mina.click(both[0], custom_id=f"v1:star:{offered[1]}:8")
    assert "★★★★ stored" in texts(clicked)
    rated = await world.services.reviews.own(world.server.id, world.mina.id, offered[1])
    assert rated is not None
    assert rated.stars == 8
    onward = await world.mina.click(both[1], label="Recommend now")
    assert "For you · mood: think" in texts(onward)
    assert "From 1 rating of yours" in texts(onward)
    assert not set(shown(onward)) & {offered[1]}


async def test_ratings_that_say_little_get_an_answer_that_makes_sense(world: World) -> None:
    every = [entry.film_id async for entry in world.services.film_store.entries()]
    await rate(world, 1, dict.fromkeys(every[:1], 1))
    await rate(world, 2, dict.fromkeys(every[:8], 5))
    world.services.reviews._flood = Flood(member_limit=10_000, server_limit=10_000)
    await rate(world, 3, dict.fromkeys(every[:120], 10))
    for member in (1, 2, 3):
        found = await world.services.recommender.recommend(world.server.id, member, NO_WISHES)
        assert len(found.films) == 5
        assert all(0.5 <= (suggestion.stars or 0) <= 5 for suggestion in found.films)


async def test_an_empty_catalogue(world: World) -> None:
    async with world.services.database.write() as connection:
        await connection.execute(delete(films))
    result = await world.mina.slash(world.channel, "recommend")
    assert "There is nothing to recommend" in texts(result)
    assert "No film is left that fits" in texts(await world.mina.slash(world.channel, "tonight"))
    taste = await world.mina.slash(world.channel, "taste", member=world.jonas)
    assert "have not rated the same film yet" in texts(taste)


async def test_no_reason_names_a_member_least_of_all_one_who_hides(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    await rate(world, world.jonas.id, {**LIKED, "memories-of-murder-2003": 10})
    for member in (world.sam.id, 1, 2):
        await rate(world, member, {**LIKED, "memories-of-murder-2003": 9})
    await world.jonas.slash(world.channel, "mydata hide")
    told_all = [text async for _, text in pages(world, world.mina)]
    told_all.append(texts(await world.mina.slash(world.channel, "similar", film="parasite-2019")))
    assert any("who liked" in text for text in told_all)
    assert any("The server's" in text for text in told_all)
    for text in told_all:
        assert "<@" not in text
        assert not re.search(r"\b(jonas|sam)\b", text, re.IGNORECASE)
        assert world.server.name not in text


async def test_the_stars_told_are_those_predicted(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    model = await world.services.recommender.models.of(world.server.id)
    asked = model.ask({film: halves / 2 for film, halves in LIKED.items()}, member=str(world.mina.id))
    for film_id, text in blocks(await world.mina.slash(world.channel, "recommend")):
        assert f"★ {asked.stars[model.content.at[film_id]]:.1f} for you" in text


async def test_a_refit_that_fails_is_noticed_by_nobody_but_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await rate(world, world.mina.id, LIKED)
    first = await world.mina.slash(world.channel, "recommend")

    def fails(*_: object) -> None:
        raise ValueError(f"not for the log: {world.mina.id}")

    monkeypatch.setattr("bot.films.recommendations.models._fitted", fails)
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


async def test_films_like_one(world: World) -> None:
    for member in range(1, 6):
        await rate(world, member, {FILM: 9, "spirited-away-2001": 9})
    result = await world.mina.slash(world.channel, "similar", film=FILM)
    assert not last(result).ephemeral
    assert "Like Burning (2018)" in texts(result)
    assert len(shown(result)) == 5
    assert FILM not in shown(result)
    burning = await film_of(world, FILM)
    for film_id, text in blocks(result):
        film = await film_of(world, film_id)
        assert "as **Burning**" in text or "like **Burning**" in text or "who liked **Burning**" in text
        assert "for you" not in text
        for names in re.findall(r"Same directors? as \*\*Burning\*\*: (.+)", text):
            assert set(names.split(", ")) <= set(film.directors) & set(burning.directors)
        for kinds in re.findall(r"^-# ([A-Z][\w, ]+) like \*\*Burning", text, re.MULTILINE):
            if not kinds.startswith(("In ", "Made in ")):
                assert set(kinds.split(", ")) <= set(film.genres) & set(burning.genres)
        for liked, of in re.findall(r"(\d+) of (\d+) who liked", text):
            assert (film_id, liked, of) == ("spirited-away-2001", "5", "5")
    more = await world.jonas.click(last(result), label="More")
    assert last(more).ephemeral
    assert not set(shown(more)) & set(shown(result))


async def test_films_like_one_from_its_card(world: World) -> None:
    card = await world.mina.slash(world.channel, "film", title=FILM)
    assert card.response is not None
    beside = await world.jonas.click(card.response, label="Similar")
    assert last(beside).ephemeral
    assert "Like Burning (2018)" in texts(beside)
    more = await world.jonas.click(last(beside), label="More")
    assert last(more).id == last(beside).id
    # A private card stays where it is, too.
    private = await world.jonas.click(last(more), custom_id=f"v1:card:{shown(more)[0]}")
    again = await world.jonas.click(last(private), label="Similar")
    assert last(again).id != last(private).id


async def test_films_like_one_where_everybody_may_press(world: World) -> None:
    result = await world.mina.slash(world.channel, "similar", film=FILM)
    refuse = await world.jonas.click(last(result), custom_id=f"v1:refuse:{shown(result)[0]}")
    assert last(refuse).ephemeral
    assert (await world.services.recommender.history(world.server.id, world.jonas.id)).refused
    assert not (await world.services.recommender.history(world.server.id, world.mina.id)).refused


async def test_servers_learn_from_each_other_only_where_both_and_the_member_say_so(world: World) -> None:
    elsewhere = 4_242
    recommender = world.services.recommender
    await rate(world, world.mina.id, {"burning-2018": 10})
    for member in range(101, 105):
        await rate(world, member, {"burning-2018": 9, "spirited-away-2001": 9}, server=elsewhere)
    likes = "who liked **Burning** liked it"

    async def told_of() -> bool:
        return any(likes in text for _, text in [page async for page in pages(world, world.mina)])

    assert not await told_of()
    assert "settings learning" not in world.mina.available_commands(world.channel)
    await world.sam.slash(world.channel, "settings learning", shared=True)
    await recommender.set_server_shares(elsewhere, True)
    assert not await told_of()
    for member in range(101, 105):
        await recommender.set_member_shares(member, True)
    assert await told_of()
    text = "\n".join([text async for _, text in pages(world, world.mina)])
    assert str(elsewhere) not in text
    assert "<@" not in text
    assert "The server's" not in text
    await recommender.set_server_shares(elsewhere, False)
    assert not await told_of()


async def test_consent_is_told_and_taken_back(world: World) -> None:
    told_now = told(await world.mina.slash(world.channel, "mydata learning"))
    assert "Your stars stay in the servers" in told_now
    assert "may learn from your stars" in told(
        await world.mina.slash(world.channel, "mydata learning", shared=True)
    )
    assert await world.services.recommender.tastes.member_shares(world.mina.id)
    await world.mina.slash(world.channel, "mydata learning", shared=False)
    assert not await world.services.recommender.tastes.member_shares(world.mina.id)
    assert "stars alone" in told(await world.sam.slash(world.channel, "settings learning"))
    assert "learn from other servers" in told(
        await world.sam.slash(world.channel, "settings learning", shared=True)
    )
    await world.sam.slash(world.channel, "settings learning", shared=False)
    assert not await world.services.recommender.tastes.server_shares(world.server.id)


async def test_what_is_kept_goes_with_mydata(world: World) -> None:
    await world.services.recommender.refuse(world.server.id, world.mina.id, FILM)
    await world.services.recommender.set_member_shares(world.mina.id, True)
    await world.mina.slash(world.channel, "tonight")
    asked = await world.mina.slash(world.channel, "mydata delete")
    for line in ("Films you never want to be recommended: 1", "Evenings you took part in: 1", "Consent that"):
        assert line in told(asked)
    await world.mina.click(last(asked), label="Delete it all")
    assert not (await world.services.recommender.history(world.server.id, world.mina.id)).refused
    assert not await world.services.recommender.tastes.member_shares(world.mina.id)


async def test_a_film_that_left_the_catalogue(world: World) -> None:
    await rate(world, world.mina.id, LIKED)
    result = await world.mina.slash(world.channel, "recommend")
    gone, *rest = shown(result)
    await world.services.catalogue.delete(gone)
    for button in ("card", "refuse", "seen", "watch"):
        refused(
            world,
            await world.mina.click(last(result), custom_id=f"v1:{button}:{gone}"),
            "no longer in the catalogue",
        )
    again = await world.mina.slash(world.channel, "recommend")
    assert gone not in shown(again)
    assert set(rest) <= set(shown(again))
