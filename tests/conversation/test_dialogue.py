"""Which films answer, why, and what is said where none does."""

from datetime import date

import pytest

from bot.conversation.dialogue import Predictions
from bot.conversation.engine import ConversationEngine
from bot.conversation.models import Answer, Conversation, Reason, ReasonKind, TextKind
from bot.conversation.retrieval import stem
from bot.conversation.wording import describe_answer, describe_reason

NOTHING = Conversation()


def ask(engine: ConversationEngine, text: str, predictions: Predictions | None = None) -> Answer:
    understood = engine.read(text, NOTHING, date(2026, 11, 30))
    return engine.answer(understood, NOTHING, predictions=predictions)[0]


@pytest.mark.parametrize(
    ("text", "film"),
    [
        ("that film where a bodyguard avenges her ballet dancer friend", "ballerina-2023"),
        ("a poor family all get jobs in a rich familys house", "parasite-2019"),
        ("guy with no memory uses tatoos to hunt his wifes killer", "memento-2000"),
    ],
)
def test_a_film_is_found_by_its_story(engine: ConversationEngine, text: str, film: str) -> None:
    answer = ask(engine, text)
    assert answer.understood.kind is TextKind.DESCRIPTION
    assert answer.films[0].film.id == film
    assert answer.films[0].reason.kind is ReasonKind.ABOUT
    assert all(engine.index.find_evidence((word,), engine.index.row_of[film]).words
               for word in answer.films[0].reason.values)  # fmt: skip


def test_a_wrong_detail_is_forgiven(engine: ConversationEngine) -> None:
    answer = ask(engine, "french film where a bodyguard avenges her ballet dancer friend in the 80s")
    assert answer.films[0].film.id == "ballerina-2023"


def test_nothing_fits_says_what_to_leave_out(engine: ConversationEngine) -> None:
    answer = ask(engine, "a korean thriller under 60 minutes")
    assert not answer.films
    assert answer.dropped is not None
    assert answer.dropped.field == "runtime_max"
    without = ask(engine, "a korean thriller")
    assert answer.dropped_count == without.fit_count
    text = describe_answer(answer, {})
    assert f"No film matches all of that. Without “under 1 h”, {without.fit_count} films do." in text


def test_films_mostly_from_the_country_come_first_and_it_is_named(engine: ConversationEngine) -> None:
    """Past Lives is from the United States and South Korea."""
    films = ask(engine, "a korean film").films
    assert all(each.film.countries[0] == "KR" for each in films)
    (film,) = (each.film for each in ask(engine, "a korean film with greta lee").films)
    assert film.countries == ("US", "KR")
    assert " from South Korea" in describe_reason(Reason(ReasonKind.FITS, ("KR",)), film)


def test_reasons_are_true(engine: ConversationEngine) -> None:
    answer = ask(engine, "like Oldboy")
    for each in answer.films:
        if each.reason.kind is ReasonKind.LIKE_PERSON:
            assert {*each.reason.values} <= each.film.people_set
        elif each.reason.kind is ReasonKind.LIKE_GENRES:
            assert {*each.reason.values} <= {*each.film.genres}
        assert describe_reason(each.reason, each.film)
    answer = ask(engine, "films by the director of Parasite")
    assert answer.understood.request.people == ("Bong Joon Ho",)
    for each in answer.films:
        assert describe_reason(each.reason, each.film) == "Directed by Bong Joon Ho"


def test_predicted_stars_rank_and_what_is_refused_stays_away(engine: ConversationEngine) -> None:
    plain = ask(engine, "a thriller")
    last, refused = plain.films[-1].film.id, plain.films[0].film.id
    stars = {film.id: 3.0 for film in engine.index.films} | {last: 5.0}
    answer = ask(engine, "a thriller", Predictions(stars, frozenset({refused})))
    assert answer.films[0].film.id == last
    assert answer.films[0].stars == 5.0
    assert refused not in {each.film.id for each in answer.films}


def test_an_unknown_word_is_said_to_be_one(engine: ConversationEngine) -> None:
    answer = ask(engine, "a thriller with zorblaxians")
    assert answer.understood.not_understood == ("zorblaxians",)
    assert "I didn't understand: zorblaxians." in describe_answer(answer, {})


def test_endings_do_not_matter() -> None:
    assert len({stem(word) for word in ("kill", "kills", "killed", "killing")}) == 1
    assert stem("families") == stem("family")
    assert stem("bus") == "bus"
