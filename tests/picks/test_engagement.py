"""RSVPs, suggestions, and what members thought of a film."""

from datetime import timedelta

import pytest

from bot.picks.models import AlreadySuggestedError, PickGoneError, SuggestionDecidedError, SuggestionState
from tests.picks.marquee import FILMS, HERE, JONAS, MINA, START, THERE, Marquee
from tests.repositories import review_repository


async def test_members_join_and_leave_the_rsvps(marquee: Marquee) -> None:
    first, second = await marquee.plan(*FILMS[:2])
    with pytest.raises(PickGoneError):
        await marquee.engagement.toggle_rsvp(HERE, first, MINA)
    await marquee.picks.start(HERE, first)
    assert await marquee.engagement.toggle_rsvp(HERE, first, MINA)
    marquee.now += timedelta(minutes=1)
    assert await marquee.engagement.toggle_rsvp(HERE, first, JONAS)
    assert await marquee.engagement.repository.list_rsvps(first) == [MINA, JONAS]
    assert not await marquee.engagement.toggle_rsvp(HERE, first, MINA)
    assert await marquee.engagement.repository.list_rsvps(first) == [JONAS]
    assert await marquee.engagement.repository.list_rsvps(second) == []


async def test_suggestions_are_decided_once(marquee: Marquee) -> None:
    suggestion = await marquee.engagement.suggest(HERE, MINA, FILMS[0], "It rains.")
    assert (suggestion.title, suggestion.reason) == ("Film-0", "It rains.")
    with pytest.raises(AlreadySuggestedError):
        await marquee.engagement.suggest(HERE, MINA, FILMS[0])
    assert (await marquee.engagement.suggest(HERE, JONAS, FILMS[0])).supporter_ids == (MINA,)
    other = await marquee.engagement.suggest(HERE, MINA, FILMS[1])
    open_suggestions = await marquee.engagement.repository.list_open_suggestions(HERE)
    assert [each.id for each in open_suggestions] == [suggestion.id, other.id]
    assert [each.supporter_ids for each in open_suggestions] == [(JONAS,), ()]
    with pytest.raises(SuggestionDecidedError):
        await marquee.engagement.decide(THERE, suggestion.id, SuggestionState.ACCEPTED)
    decided = await marquee.engagement.decide(HERE, suggestion.id, SuggestionState.ACCEPTED)
    assert decided.state is SuggestionState.ACCEPTED
    await marquee.engagement.decide(HERE, other.id, SuggestionState.DECLINED)
    with pytest.raises(SuggestionDecidedError):
        await marquee.engagement.decide(HERE, suggestion.id, SuggestionState.DECLINED)
    assert [pick.film_id for pick in (await marquee.get_programme()).queue] == [FILMS[0]]
    own = await marquee.engagement.repository.list_suggestions_by(HERE, MINA)
    assert [each.state for each in own] == [SuggestionState.DECLINED, SuggestionState.ACCEPTED]
    supported = await marquee.engagement.repository.list_suggestions_by(HERE, JONAS)
    assert [each.state for each in supported] == [SuggestionState.ACCEPTED]


async def test_a_decision_is_undone_for_a_day(marquee: Marquee) -> None:
    engagement = marquee.engagement
    suggestion = await engagement.suggest(HERE, MINA, FILMS[0])
    await engagement.suggest(HERE, JONAS, FILMS[0])
    accepted = await engagement.decide(HERE, suggestion.id, SuggestionState.ACCEPTED)
    assert accepted.pick_id is not None
    with pytest.raises(PickGoneError):
        await engagement.undo_decision(HERE, suggestion.id, None)
    with pytest.raises(SuggestionDecidedError):
        await engagement.undo_decision(THERE, suggestion.id, accepted.pick_id)
    await engagement.undo_decision(HERE, suggestion.id, accepted.pick_id)
    assert (await marquee.get_programme()).queue == ()
    (open_one,) = await engagement.repository.list_open_suggestions(HERE)
    assert open_one.supporter_ids == (JONAS,)
    # Whoever has suggested it again since keeps that suggestion.
    await engagement.decide(HERE, suggestion.id, SuggestionState.DECLINED)
    again = await engagement.suggest(HERE, MINA, FILMS[0])
    await engagement.undo_decision(HERE, suggestion.id, None)
    listed = await engagement.repository.list_open_suggestions(HERE)
    assert {(each.id, each.supporter_ids) for each in listed} <= {
        (again.id, (JONAS,)),
        (suggestion.id + 1, (MINA,)),
    }
    accepted = await engagement.decide(HERE, again.id, SuggestionState.ACCEPTED)
    marquee.now += timedelta(days=1, seconds=1)
    with pytest.raises(SuggestionDecidedError):
        await engagement.undo_decision(HERE, again.id, accepted.pick_id)


async def test_the_disagreement_and_the_most_helpful_review(marquee: Marquee) -> None:
    assert await marquee.engagement.repository.find_disagreement(HERE, FILMS[0]) is None
    await marquee.rate(FILMS[0], 9, 2, 6)
    disagreement = await marquee.engagement.repository.find_disagreement(HERE, FILMS[0])
    assert disagreement is not None
    assert (disagreement.highest_member_id, disagreement.highest_half_stars) == (1, 9)
    assert (disagreement.lowest_member_id, disagreement.lowest_half_stars) == (2, 2)
    repository = review_repository(marquee.database)
    review = await repository.get_own(HERE, 3, FILMS[0])
    assert review is not None
    await repository.toggle_helpful_vote(HERE, review.id, MINA, START)
    best = await marquee.engagement.repository.find_most_helpful_review(HERE, FILMS[0])
    assert best is not None
    assert best.text == "From 3."
