"""What texts are understood to ask for."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.ask import UNDERSTOOD_FIELDS
from bot.conversation.engine import ConversationEngine
from bot.conversation.models import Conversation, Novelty, Request, TextKind, Understood

TODAY = date(2026, 11, 30)
NOTHING = Conversation()


def read(engine: ConversationEngine, text: str) -> Understood:
    return engine.read(text, NOTHING, TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a korean thriller under 2 hours", {"genres": ("Thriller",), "countries": ("KR",), "runtime_max": 120}),
        ("whodunits of the last five years", {"genres": ("Mystery",), "year_from": 2021}),
        ("rom-com on netflix", {"genres": ("Comedy", "Romance"), "services": ("Netflix",)}),
        ("sci-fi or fantasy", {"any_genres": ("Science Fiction", "Fantasy")}),
        ("anime", {"genres": ("Animation",), "countries": ("JP",)}),
        ("a 90'lar thriller", {"genres": ("Thriller",), "year_from": 1990, "year_to": 1999}),
        ("horror der 80er Jahre", {"genres": ("Horror",), "year_from": 1980, "year_to": 1989}),
        ("late 80s horror", {"genres": ("Horror",), "year_from": 1987, "year_to": 1989}),
        ("a western from Bhutan", {"genres": ("Western",), "countries": ("BT",)}),
        ("drama from before the war", {"genres": ("Drama",), "year_to": 1938}),
        ("crime films between 1990 and 1995", {"genres": ("Crime",), "year_from": 1990, "year_to": 1995}),
        ("nothing older than 2010, a thriller", {"genres": ("Thriller",), "year_from": 2010}),
        ("comedy, 1h40 at most", {"genres": ("Comedy",), "runtime_max": 100}),
        ("a war film of at least two and a half hours", {"genres": ("War",), "runtime_min": 150}),
        ("mystery between 90 and 120 minutes", {"genres": ("Mystery",), "runtime_min": 90, "runtime_max": 120}),
        ("not in english", {"not_languages": ("en",)}),
        ("a thriller in french", {"genres": ("Thriller",), "languages": ("fr",)}),
        ("no horror, a thriller", {"genres": ("Thriller",), "not_genres": ("Horror",)}),
        ("neither horror nor war films", {"not_genres": ("Horror", "War")}),
        ("a drama without romance or crime", {"genres": ("Drama",), "not_genres": ("Romance", "Crime")}),
        ("films by Bong Joon-ho", {"people": ("Bong Joon Ho",)}),
        ("a hitchcock film", {"people": ("Alfred Hitchcock",)}),
        ("like Oldboy but darker", {"like": ("oldboy-2003",)}),
        ("a western with my mum", {"genres": ("Western",), "group": True}),
        ("danish or swedish films", {"countries": ("DK", "SE")}),
        ("something on my services", {"services": ("my services",)}),
        (
            "ein koreanischer Thriller unter 2 Stunden",
            {"genres": ("Thriller",), "countries": ("KR",), "runtime_max": 120},
        ),
        ("un film coréen de moins de deux heures", {"countries": ("KR",), "runtime_max": 120}),
        ("una película de terror francesa", {"genres": ("Horror",), "countries": ("FR",)}),
        ("ein Liebesfilm aus Japan", {"genres": ("Romance",), "countries": ("JP",)}),
        ("un thriller dalla Corea del Sud", {"genres": ("Thriller",), "countries": ("KR",)}),
        (
            "корейский триллер короче двух часов",
            {"genres": ("Thriller",), "countries": ("KR",), "runtime_max": 120},
        ),
        ("koreański thriller do 90 minut", {"genres": ("Thriller",), "countries": ("KR",), "runtime_max": 90}),
        ("een Franse komedie", {"genres": ("Comedy",), "countries": ("FR",)}),
        ("Mann wacht jeden Tag am selben Tag auf", {}),
        ("der Film mit Tom Hanks", {"people": ("Tom Hanks",)}),
    ],
)
def test_constraints_are_understood(engine: ConversationEngine, text: str, expected: dict[str, Any]) -> None:
    request = read(engine, text).request
    empty = Request()
    got = {
        name: getattr(request, name)
        for name in UNDERSTOOD_FIELDS
        if getattr(request, name) != getattr(empty, name)
    }
    assert got == expected


def test_what_only_ranks_is_understood_too(engine: ConversationEngine) -> None:
    assert read(engine, "an obscure horror film").request.novelty is Novelty.OBSCURE
    assert read(engine, "a drama I haven't seen").request.novelty is Novelty.UNSEEN
    assert read(engine, "highly rated westerns").request.is_highly_rated
    assert read(engine, "something like Oldboy but funnier").request.tones == ("laugh",)
    assert read(engine, "an action film, no superheroes").request.not_words == ("superheroes",)
    mentioned = read(engine, "sci-fi for me and <@123456789012345678>").request
    assert (mentioned.group, mentioned.member_ids) == (True, (123456789012345678,))


def test_a_runtime_under_a_bound_excludes_it(engine: ConversationEngine) -> None:
    assert read(engine, "a comedy under 2 hours").request.inclusive_runtimes == (None, 119)
    assert read(engine, "a comedy of at most 2 hours").request.inclusive_runtimes == (None, 120)


@pytest.mark.parametrize("text", ["Oldboy", "show me Oldboy", "올드보이", "Scary Movie", "the truman show"])
def test_a_title_alone_is_looked_up(engine: ConversationEngine, text: str) -> None:
    understood = read(engine, text)
    if text == "Scary Movie" and "scary-movie-2000" not in engine.index.row_of:
        return
    assert understood.kind is TextKind.TITLE
    answer, _ = engine.answer(understood, NOTHING)
    assert len(answer.films) == 1


@pytest.mark.parametrize(
    "text",
    ["", "?!", "hello", "what's the weather in Berlin", "ignore all previous instructions", "you are stupid",
     "'; DROP TABLE films; --", "write me a python script", "@everyone https://example.com", "what is 2+2",
     "who is the president of the united states", "order me a pizza", "asdfghjkl", "thanks!", "guten morgen"],
)  # fmt: skip
def test_what_is_not_about_films_gets_none(engine: ConversationEngine, text: str) -> None:
    answer, _ = engine.answer(read(engine, text), NOTHING)
    assert answer.understood.kind is TextKind.OFF_TOPIC
    assert not answer.films


WORDS = (
    "a the not no or and but like under over 2 hours 90s horror korean french in by with for me my mum on netflix"
    " , . - ( @ <@1> before after 1990 shorter first"
)
TEXTS = st.text(max_size=200) | st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join)


@settings(max_examples=150)
@given(TEXTS)
def test_any_text_is_read_and_answered(engine: ConversationEngine, text: str) -> None:
    understood = read(engine, text)
    answer, after = engine.answer(understood, NOTHING)
    assert len(answer.films) <= 5
    if understood.kind is TextKind.REQUEST:
        assert all(answer.understood.request.allows(each.film) for each in answer.films)
    for part in answer.understood.request.parts():
        assert answer.understood.request.without(part) != answer.understood.request
    engine.answer(engine.read("shorter", after, TODAY), after)


@settings(max_examples=60)
@given(st.data())
def test_filtering_all_films_at_once_agrees_with_each(engine: ConversationEngine, data: st.DataObject) -> None:
    films = engine.index.films
    film = data.draw(st.sampled_from(films))
    values: dict[str, Any] = {
        "genres": film.genres, "any_genres": ("Horror", "War"), "not_genres": ("Comedy",),
        "countries": film.countries, "not_countries": ("US",), "languages": film.languages,
        "not_languages": ("en",), "people": film.directors, "not_people": film.cast[:1],
        "not_films": (film.id,), "like": (film.id,), "year_from": film.year, "year_to": film.year,
        "runtime_min": film.runtime, "runtime_max": film.runtime, "is_any_person": True, "is_runtime_open": True,
    }  # fmt: skip
    chosen = data.draw(st.sets(st.sampled_from(sorted(values))))
    request = Request(**{name: value for name, value in values.items() if name in chosen})
    allowed = engine.dialogue.filter.allowed(request)
    assert allowed.tolist() == [request.allows(each) for each in films]


def test_every_field_of_a_request_is_shown_or_says_how_another_is_meant() -> None:
    shown = {part.field for part in _full_request().parts()}
    unshown = {"is_runtime_open", "is_any_person", "member_ids", "not_films", "year_to", "runtime_max"}
    assert shown | unshown == {each.name for each in fields(Request)}


def _full_request() -> Request:
    values: dict[str, Any] = {}
    for each in fields(Request):
        values[each.name] = {"year_from": 1990, "year_to": 1999, "runtime_min": 60, "runtime_max": 90}.get(
            each.name, True if each.default is False else ("x",)
        )
    values |= {"novelty": Novelty.OBSCURE, "member_ids": (1,)}
    return Request(**values)


@pytest.mark.parametrize(
    "text",
    [
        "so wie Oldboy", "comme Oldboy", "parecida a Oldboy", "parecido com Oldboy", "simile a Oldboy",
        "podobne do Oldboy", "zoals Oldboy", "Oldboy gibi filmler", "похоже на Oldboy", "Oldboy みたいな映画",
        "Oldboy 같은 영화", "像Oldboy一样的电影", "Oldboy benzeri",
    ],
)  # fmt: skip
def test_likeness_is_read_in_every_language_that_is_spoken(engine: ConversationEngine, text: str) -> None:
    assert read(engine, text).request.like == ("oldboy-2003",)


@pytest.mark.parametrize(
    "text",
    [
        "who directed burning?", "Who's in Burning?", "how long is Burning",
        "when did burning come out?", "what is Burning about?",
    ],
)  # fmt: skip
def test_a_question_about_one_film_is_answered_with_it(engine: ConversationEngine, text: str) -> None:
    before = Conversation(Request(words=("wakes", "day")), TextKind.DESCRIPTION, ("groundhog-day-1993",))
    for conversation in (NOTHING, before):
        understood = engine.read(text, conversation, TODAY)
        assert understood.kind is TextKind.TITLE
        assert understood.request.like == ("burning-2018",)


@pytest.mark.parametrize(
    ("text", "not_understood"),
    [
        ("ein kurzer koreanischer Thriller unter 2 Stunden", ("kurzer",)),
        ("Mann wacht jeden Tag am selben Tag auf", ("mann", "wacht", "tag")),
        ("un homme se réveille chaque jour le même jour", ("homme", "reveille")),
        ("男が毎日同じ日に目覚める映画", ("男が毎日同じ日に目覚める映画",)),
    ],
)
def test_small_words_and_numbers_of_other_languages_are_no_theme(
    engine: ConversationEngine, text: str, not_understood: tuple[str, ...]
) -> None:
    understood = read(engine, text)
    assert understood.is_foreign
    assert understood.not_understood == not_understood
    assert not understood.request.words
    assert not understood.request.people


@pytest.mark.parametrize(
    "text",
    [
        "a de niro film about the mafia",
        "something set in rio de janeiro",
        "a thriller about a war",
        "what do 2 minutes matter",
    ],
)
def test_an_english_text_with_a_foreign_name_stays_english(engine: ConversationEngine, text: str) -> None:
    assert not read(engine, text).is_foreign
