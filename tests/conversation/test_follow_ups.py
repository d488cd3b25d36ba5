"""What follows in a conversation."""

from datetime import date

import pytest

from bot.conversation.engine import ConversationEngine
from bot.conversation.models import Action, Answer, Conversation, TextKind

TODAY = date(2026, 11, 30)


def talk(engine: ConversationEngine, *lines: str) -> list[Answer]:
    conversation, answers = Conversation(), []
    for line in lines:
        answer, conversation = engine.answer(engine.read(line, conversation, TODAY), conversation)
        answers.append(answer)
    return answers


def ids(answer: Answer) -> list[str]:
    return [each.film.id for each in answer.films]


def test_shorter_and_newer_go_on_from_what_was_shown(engine: ConversationEngine) -> None:
    first, shorter, newer = talk(engine, "a korean thriller", "shorter", "ok, newer")
    assert max(each.film.runtime or 0 for each in shorter.films) < max(
        each.film.runtime or 0 for each in first.films
    )
    assert min(each.film.year or 0 for each in newer.films) > min(each.film.year or 0 for each in shorter.films)
    assert newer.understood.request.countries == ("KR",)


def test_more_shows_other_films_and_not_that_one_leaves_it_out(engine: ConversationEngine) -> None:
    first, more, again = talk(engine, "a drama", "more", "show me others")
    assert not {*ids(first)} & {*ids(more)}
    assert not {*ids(first), *ids(more)} & {*ids(again)}
    first, second, third = talk(engine, "a drama", "not that one", "I've seen the second")
    assert ids(first)[0] not in ids(second)
    assert ids(second)[1] not in ids(third)
    assert ids(first)[0] not in ids(third)


@pytest.mark.parametrize(
    ("text", "action", "place"),
    [
        ("the third, where can I watch it?", Action.WATCH, 2),
        ("add it to my list", Action.ADD_TO_WATCHLIST, 0),
        ("put number 2 on my watchlist", Action.ADD_TO_WATCHLIST, 1),
        ("tell me about the last one", Action.CARD, -1),
        ("why the second?", Action.WHY, 1),
    ],
)
def test_one_of_the_films_is_meant(engine: ConversationEngine, text: str, action: Action, place: int) -> None:
    first, answer = talk(engine, "a thriller", text)
    assert answer.understood.action is action
    assert ids(answer) == [ids(first)[place]]


def test_it_is_the_film_spoken_of_last(engine: ConversationEngine) -> None:
    first, _, added = talk(engine, "a thriller", "tell me about the third", "add it to my list")
    assert ids(added) == [ids(first)[2]]


def test_parts_are_replaced_added_and_taken_out(engine: ConversationEngine) -> None:
    *_, comedy = talk(engine, "a french thriller", "what about comedies?")
    assert comedy.understood.request.genres == ("Comedy",)
    assert comedy.understood.request.countries == ("FR",)
    *_, both = talk(engine, "a french thriller", "or italian")
    assert both.understood.request.countries == ("FR", "IT")
    *_, any_length = talk(engine, "a thriller under 90 minutes", "longer is fine")
    assert any_length.understood.request.runtime_max is None
    *_, anywhere = talk(engine, "a french thriller", "it doesn't have to be french")
    assert anywhere.understood.request.countries == ()
    *_, together = talk(engine, "a french thriller", "ok, and for @Jonas and me?")
    assert together.understood.request.group
    assert together.understood.request.countries == ("FR",)


def test_a_whole_new_request_and_start_over_forget_what_was_before(engine: ConversationEngine) -> None:
    *_, new = talk(engine, "a french thriller", "recommend me a japanese horror film")
    assert (new.understood.request.genres, new.understood.request.countries) == (("Horror",), ("JP",))
    *_, forgotten, new = talk(engine, "a french thriller", "start over", "comedies")
    assert forgotten.understood.action is Action.FORGET
    assert not forgotten.films
    assert new.understood.request.countries == ()


def test_a_description_grows(engine: ConversationEngine) -> None:
    first, second = talk(engine, "a man is locked up for fifteen years", "and it was korean, he ate dumplings")
    assert second.understood.kind is TextKind.DESCRIPTION
    assert set(first.understood.request.words) < set(second.understood.request.words)
    assert ids(second)[0] == "oldboy-2003"


def test_small_talk_changes_nothing(engine: ConversationEngine) -> None:
    _, talked, more = talk(engine, "a french thriller", "how are you?", "more")
    assert talked.understood.kind is TextKind.OFF_TOPIC
    assert more.understood.request.countries == ("FR",)
