"""Ballots counted, against definitions written out."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.nights.ballots import (
    Ballot,
    BallotMethod,
    Count,
    TieBreak,
    count_ballots,
    draw_number,
    hash_seed,
    measure_disappointment,
)
from bot.nights.recount import read_document, seal
from tests.nights import reference

FILMS = ("alien", "brazil", "clue", "dune")
SEED = "5eed"


@st.composite
def elections(draw: st.DrawFn) -> tuple[tuple[str, ...], list[Ballot]]:
    films = FILMS[: draw(st.integers(1, len(FILMS)))]
    choices = st.permutations(films).flatmap(
        lambda order: st.integers(0, len(order)).map(lambda size: tuple(order[:size]))
    )
    debts = st.sampled_from([0.0, 0.25, 0.5])
    ballots = st.builds(Ballot, choices, st.sampled_from([100, 100, 150]), debts)
    return films, draw(st.lists(ballots, max_size=9))


def weighted(ballots: Sequence[Ballot]) -> list[tuple[tuple[str, ...], int]]:
    return [(ballot.choices, ballot.weight) for ballot in ballots]


def count(method: BallotMethod, films: Sequence[str], ballots: Sequence[Ballot]) -> Count:
    result = count_ballots(method, films, ballots, SEED)
    assert sorted(result.order) == sorted(films)
    return result


def cast(*ballots: str) -> list[Ballot]:
    """Return a ballot for each text: `3 abc` is three times alien, brazil, clue."""
    cast_ballots = []
    for text in ballots:
        number, letters = text.split()
        choices = tuple(next(film for film in FILMS if film[0] == letter) for letter in letters)
        cast_ballots += [Ballot(choices)] * int(number)
    return cast_ballots


@given(elections())
@example((FILMS, cast("3 ab", "3 ba", "2 cd")))
def test_schulze_elects_a_film_that_none_beats(election: tuple[tuple[str, ...], list[Ballot]]) -> None:
    films, ballots = election
    winners = reference.schulze_winners(films, weighted(ballots))
    result = count(BallotMethod.SCHULZE, films, ballots)
    assert result.winner in winners
    assert bool(result.tie_breaks) == (len(winners) > 1)
    lasts = {film: reference.last_places(films, weighted(ballots), film) for film in winners}
    assert lasts[result.winner] == min(lasts.values())
    for (one, other), votes in result.pairs.items():
        assert votes == reference.support(weighted(ballots), one, other)


@given(elections())
def test_each_next_place_is_beaten_by_none_of_those_below(
    election: tuple[tuple[str, ...], list[Ballot]],
) -> None:
    films, ballots = election
    order = count(BallotMethod.SCHULZE, films, ballots).order
    strength = {
        (one, other): reference.path_strength(films, weighted(ballots), one, other)
        for one in films
        for other in films
        if one != other
    }
    for place, film in enumerate(order):
        assert all(strength[film, below] >= strength[below, film] for below in order[place + 1 :])


@given(elections())
def test_a_runoff_elects_a_film_that_can_win_one(election: tuple[tuple[str, ...], list[Ballot]]) -> None:
    films, ballots = election
    winners = reference.runoff_winners(films, weighted(ballots))
    result = count(BallotMethod.INSTANT_RUNOFF, films, ballots)
    assert result.winner in winners
    assert len(winners) == 1 or result.tie_breaks
    for before, after in zip(result.rounds, result.rounds[1:], strict=False):
        assert before.eliminated is not None
        assert before.votes[before.eliminated] == min(before.votes.values())
        assert set(before.votes) - set(after.votes) == {before.eliminated}


@given(elections(), st.sampled_from([BallotMethod.APPROVAL, BallotMethod.ONE_VOTE]))
def test_approvals_and_single_votes_are_added_up(
    election: tuple[tuple[str, ...], list[Ballot]], method: BallotMethod
) -> None:
    films, ballots = election
    result = count(method, films, ballots)
    for film in films:
        chosen = [each for each in ballots if film in each.choices]
        if method is BallotMethod.ONE_VOTE:
            chosen = [each for each in chosen if each.choices[0] == film]
        assert result.votes[film] == sum(each.weight for each in chosen)
    assert list(result.order) == sorted(result.order, key=lambda film: -result.votes[film])


@given(elections(), st.sampled_from(list(BallotMethod)))
def test_neither_the_order_of_ballots_nor_that_of_films_matters(
    election: tuple[tuple[str, ...], list[Ballot]], method: BallotMethod
) -> None:
    films, ballots = election
    shuffled = list(reversed(ballots))
    before = count(method, films, ballots)
    assert count(method, films, shuffled).order == before.order
    assert count(method, tuple(reversed(films)), ballots).order == before.order


@given(elections(), st.sampled_from(list(BallotMethod)))
def test_a_film_of_a_majority_wins(election: tuple[tuple[str, ...], list[Ballot]], method: BallotMethod) -> None:
    films, ballots = election
    ballots = [*ballots, *[Ballot((films[-1],), 200)] * (len(ballots) + 1)]
    if method is not BallotMethod.APPROVAL:
        assert count(method, films, ballots).winner == films[-1]


@given(elections(), st.sampled_from(list(BallotMethod)))
def test_the_file_gives_the_same_result_and_no_order(
    election: tuple[tuple[str, ...], list[Ballot]], method: BallotMethod
) -> None:
    films, ballots = election
    titles = {film: film.title() for film in films}
    document = seal("Friday", method, titles, SEED, ballots).to_document()
    assert seal("Friday", method, titles, SEED, list(reversed(ballots))).to_document() == document
    box, result, seed_hash = read_document(document)
    assert box.count().order == result == count(method, films, ballots).order
    assert seed_hash == hash_seed(box.seed)


def test_a_known_election() -> None:
    """The first example of Schulze's article (2011)."""
    ballots = cast("8 acdb", "2 badc", "4 cdba", "4 dbac", "3 dcba")
    result = count(BallotMethod.SCHULZE, FILMS, ballots)
    assert result.order == ("dune", "alien", "clue", "brazil")


def test_a_compromise_wins_by_schulze_and_not_by_runoff() -> None:
    ballots = cast("4 abc", "3 cba", "2 bac")
    assert count(BallotMethod.SCHULZE, FILMS[:3], ballots).winner == "brazil"
    runoff = count(BallotMethod.INSTANT_RUNOFF, FILMS[:3], ballots)
    assert runoff.winner == "alien"
    assert [each.eliminated for each in runoff.rounds] == ["brazil", None]


def test_ties_are_broken_by_last_places_then_fairness_then_the_seed() -> None:
    # Alien and Brazil have two first choices each; Clue's voters would have Alien last.
    last = count(BallotMethod.ONE_VOTE, FILMS[:2], cast("2 a", "2 b"))
    assert last.tie_breaks == (TieBreak.LAST_PLACES, TieBreak.FAIRNESS, TieBreak.SEED)
    assert last.winner == min(FILMS[:2], key=lambda film: draw_number(SEED, film))
    ranked = count(BallotMethod.INSTANT_RUNOFF, FILMS[:3], cast("2 abc", "2 bac", "1 ca"))
    assert ranked.winner == "alien"
    loser = max(FILMS[:2], key=lambda film: draw_number(SEED, film))
    indebted = [*cast("2 a", "2 b"), Ballot((loser,), fairness_debt=0.3)]
    indebted.remove(Ballot((loser,)))
    settled = count(BallotMethod.ONE_VOTE, FILMS[:2], indebted)
    assert (settled.winner, settled.tie_breaks) == (loser, (TieBreak.LAST_PLACES, TieBreak.FAIRNESS))
    equal = count(BallotMethod.SCHULZE, FILMS[:3], cast("1 abc", "1 bac"))
    assert equal.order[2] == "clue"


def test_a_film_that_vanished_is_skipped() -> None:
    result = count(BallotMethod.SCHULZE, FILMS[:2], cast("2 dab", "1 cb"))
    assert result.order == FILMS[:2]
    assert count(BallotMethod.ONE_VOTE, FILMS[:2], cast("1 db")).votes == {"alien": 0, "brazil": 100}


@pytest.mark.parametrize(
    ("choices", "disappointment"), [("a", 0.0), ("ba", 1 / 3), ("bcda", 1.0), ("bc", 1.0), ("", 0.0)]
)
def test_disappointment_is_how_far_down_the_winner_is(choices: str, disappointment: float) -> None:
    named = tuple(next(film for film in FILMS if film[0] == letter) for letter in choices)
    assert measure_disappointment(named, "alien", len(FILMS)) == pytest.approx(disappointment)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"}, {"films": []}, {"method": "dice"}, {"ballots": [{"choices": ["alien", "alien"]}]},
        {"ballots": [{"choices": ["alien"], "weight": -1}]}, {"ballots": None}, {"seed_sha256": ...},
        {"ballots": [{"choices": ["alien"], "weight": float("inf")}]}, {"seed": "\ud800"},
        {"films": [{"id": "\ud800", "title": "Alien"}]},
    ],
)  # fmt: skip
def test_other_files_are_refused(change: dict[str, object]) -> None:
    box = seal("Friday", BallotMethod.APPROVAL, {"alien": "Alien", "brazil": "Brazil"}, SEED, cast("2 a"))
    document = {**box.to_document(), **change}
    if change.get("seed_sha256") is ...:
        del document["seed_sha256"]
    with pytest.raises(InvalidInputError, match="isn't a film night's ballot file"):
        read_document(document)
    with pytest.raises(InvalidInputError):
        read_document([1])
