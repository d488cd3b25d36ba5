"""Draws members of a community with some ratings known, and computes their signals of the films in question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import protocol
from benchmarks.communities import Community
from benchmarks.protocol import MIN_RELEVANT, SERVER_FILMS
from benchmarks.ratings_data import Records
from benchmarks.recommend_adapter import film_facts_from_record
from bot.recommendations.crowd import build_crowd
from bot.recommendations.facts import Content, build_content
from bot.recommendations.learning import Sample, make_sample
from bot.recommendations.signals import build_signal_inputs

KNOWN = (1, 5, 10, 20, 50)
MEMBERS_PER_SERVER = 3
"""Test members who meet the same server: drawing fewer servers is quicker."""
LEAST_RATINGS = 8
"""Ratings that a member of a server has at least."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Who else's ratings there are: of `size` members, None for everybody; `catalogue`: the shipped films."""

    size: int | None
    catalogue: bool = False

    def __str__(self) -> str:
        people = "crowd" if self.size is None else f"server of {self.size}"
        return f"{people}, shipped catalogue" if self.catalogue else people


CROWD = Situation(None)
SITUATIONS = (
    CROWD, Situation(30), Situation(5), Situation(30, catalogue=True), Situation(1, catalogue=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case(protocol.Case):
    """A test member, the ratings known and hidden, and the year of the last of them."""

    member: str
    last_year: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """Ratings to learn from, films to choose from, test members."""

    training: list[tuple[str, str, float]]
    films: Records
    cases: list[Case]


def draw(
    community: Community,
    situation: Situation,
    *,
    test_members: Sequence[str],
    others: Sequence[str],
    known: Sequence[int] = KNOWN,
    count: int = 150,
    seed: int = 1,
    folds: int = 3,
) -> Iterator[Drawn]:
    """Yield drawn ratings and cases, about `count` cases for each number of known ratings.

    Nobody learns from a test member: of a crowd the test members of a fold are left out, a server is drawn from
    the `others`.
    """
    random = np.random.default_rng([seed, 22])
    tests = [member for member in test_members if len(community.by_member[member]) >= LEAST_RATINGS]
    random.shuffle(tests)
    tests = tests[:count]
    if situation.size is None:
        for fold in range(folds):
            part = tests[fold::folds]
            left_out = set(part)
            training = [member for member in others if member not in left_out]
            yield _draw_one(community, situation, training, part, known, random)
        return
    active = [member for member in others if len(community.by_member[member]) >= LEAST_RATINGS]
    for start in range(0, len(tests), MEMBERS_PER_SERVER):
        part = tests[start : start + MEMBERS_PER_SERVER]
        choice = [active[at] for at in random.permutation(len(active))[: situation.size + MEMBERS_PER_SERVER]]
        training = [member for member in choice if member not in part][: situation.size - 1]
        yield _draw_one(community, situation, training, part, known, random)


def _draw_one(
    community: Community,
    situation: Situation,
    training: Sequence[str],
    tests: Sequence[str],
    known: Sequence[int],
    random: np.random.Generator,
) -> Drawn:
    rows = [(member, film, stars) for member in training for film, stars in community.by_member[member].items()]
    if situation.catalogue:
        films = community.catalogue
    elif situation.size is None:
        raters: dict[str, int] = {}
        for _, film, _ in rows:
            raters[film] = raters.get(film, 0) + 1
        films = {film: community.films[film] | {"fame": fame} for film, fame in raters.items()}
    else:
        ranked = sorted(community.films, key=lambda film: (-int(str(community.films[film]["fame"])), film))
        films = {film: community.films[film] for film in ranked[:SERVER_FILMS]}
    cases = []
    for member in tests:
        last_year = community.last_years[member]
        rated = [film for film in sorted(community.by_member[member]) if film in films]
        rated = [rated[at] for at in random.permutation(len(rated))]
        for number in known:
            own = {film: community.by_member[member][film] for film in rated[:number]}
            case = Case(
                own, {film: community.by_member[member][film] for film in rated[number:]}, member, last_year
            )
            if len(own) == number and len(case.relevant) >= MIN_RELEVANT:
                cases.append(case)
    return Drawn([row for row in rows if row[1] in films], films, cases)


def make_samples(drawn: Drawn, content: Content, setting: str) -> Iterator[Sample]:
    """Yield each case's signals of the films that any signal ranks high.

    Films that came out after the member's last rating are left out: that they are not among the hidden ones says
    nothing of the member's taste, and who learns from it learns that members don't like newer films.
    """
    crowd = build_crowd(drawn.training, content)
    inputs = build_signal_inputs(content, crowd)
    for case in drawn.cases:
        relevant = np.array([content.row_of[film] for film in case.relevant], dtype=np.int64)
        yield make_sample(inputs, case.known, relevant, setting, content.year <= case.last_year)


def facts_of(films: Records) -> Content:
    """Return the content of plain records."""
    return build_content([film_facts_from_record(film, record) for film, record in films.items()])
