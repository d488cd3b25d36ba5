"""The anonymous file of a counted ballot, which anybody can count again with `marquee recount`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _
from bot.nights.ballots import (
    ONE_VOTE,
    Ballot,
    BallotMethod,
    Count,
    count_ballots,
    hash_seed,
)

FORMAT = "marquee-ballots-1"
MAX_FILMS, MAX_BALLOTS = 200, 1_000_000
"""What a file may hold; a night's own are far smaller."""


@dataclass(frozen=True, slots=True)
class BallotBox:
    """A ballot that is over: everything its count depends on, and nobody's name.

    `titles` are the films' titles by id, in the order in which they were nominated. The ballots are sorted by what
    is on them, so that their order says nothing about who cast them.
    """

    night: str
    method: BallotMethod
    titles: Mapping[str, str]
    seed: str
    ballots: tuple[Ballot, ...]

    def count(self) -> Count:
        """Return the count."""
        return count_ballots(self.method, tuple(self.titles), self.ballots, self.seed)

    def to_document(self) -> dict[str, Any]:
        """Return the file as plain values. Fairness debts are in it only where they had a part in the result."""
        count = self.count()
        has_debts = count.has_used_fairness
        return {
            "format": FORMAT,
            "night": self.night,
            "method": self.method.value,
            "seed": self.seed,
            "seed_sha256": hash_seed(self.seed),
            "films": [{"id": film_id, "title": title} for film_id, title in self.titles.items()],
            "ballots": [
                {
                    "choices": list(ballot.choices),
                    **({"weight": ballot.weight} if ballot.weight != ONE_VOTE else {}),
                    **({"fairness_debt": ballot.fairness_debt} if has_debts and ballot.fairness_debt else {}),
                }
                for ballot in self.ballots
            ],
            "result": list(count.order),
        }


def seal(
    night: str, method: BallotMethod, titles: Mapping[str, str], seed: str, ballots: Sequence[Ballot]
) -> BallotBox:
    """Return the ballots without any trace of the order in which they were cast."""
    ordered = sorted(ballots, key=lambda ballot: (ballot.choices, ballot.weight, ballot.fairness_debt))
    return BallotBox(night, method, titles, seed, tuple(ordered))


def read_document(document: object) -> tuple[BallotBox, tuple[str, ...], str]:
    """Return the ballot box of a file, the result that it states, and the hash of the seed that it states.

    Raises InvalidInputError if it is no such file.
    """
    try:
        return _read(document)
    except (KeyError, TypeError, ValueError, OverflowError):  # a weight of 1e999 is no whole number
        raise InvalidInputError(
            _("That isn't a film night's ballot file. Use the one under “How this was counted”.")
        ) from None


def _read(document: Any) -> tuple[BallotBox, tuple[str, ...], str]:
    if document["format"] != FORMAT:
        raise ValueError("another format")
    titles = {str(film["id"]): str(film["title"]) for film in document["films"]}
    if not 0 < len(titles) <= MAX_FILMS or len(document["ballots"]) > MAX_BALLOTS:
        raise ValueError("too many films or ballots")
    seed = str(document["seed"])
    "".join((seed, *titles)).encode()  # ties are broken by hashes of them, and half a surrogate pair has none
    ballots = []
    for each in document["ballots"]:
        choices = tuple(str(choice) for choice in each["choices"])
        weight, debt = int(each.get("weight", ONE_VOTE)), float(each.get("fairness_debt", 0.0))
        if len(set(choices)) < len(choices) or not 0 < weight <= 100 * ONE_VOTE or not 0 <= debt <= 100:
            raise ValueError("a ballot that nobody can have cast")
        ballots.append(Ballot(choices, weight, debt))
    box = BallotBox(
        str(document.get("night", "")), BallotMethod(document["method"]), titles, seed,
        tuple(ballots),
    )  # fmt: skip
    return box, tuple(str(film) for film in document["result"]), str(document["seed_sha256"])
