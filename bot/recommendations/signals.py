"""What speaks for each film for one member: a row of numbers per signal, before they are weighed.

docs/recommendations.md gives each signal's formula and its source.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.recommendations.content import Content, Floats, Ints
from bot.recommendations.crowd import LIKED, Crowd

PLAIN = (
    "fame", "fame_squared", "fame_taste", "seen", "liked", "quality",
    "year", "year_squared", "year_fame", "era", "era_middle", "era_after",
)  # fmt: skip
"""Signals on a scale of their own."""
PAIRS = ("also_liked", "also_seen", "lift_liked", "lift_seen", "lift_seen_liked", "ease_liked", "ease_seen")
"""Signals that are sums over the member's ratings of something between two films."""
ALIKE = ("genres", "directors", "cast", "languages", "genres_taste", "directors_taste", "cast_taste")
"""Sums over the member's ratings of how alike two films are; `_taste` weighs by stars above their own mean."""
NEARBY = ("near", "nearest", "agreeing", "likeliest", "kin", "kin_liked")
"""Signals from the members whose films or stars resemble the member's."""
SIGNALS = PLAIN + PAIRS + ALIKE + NEARBY
AT = {name: row for row, name in enumerate(SIGNALS)}
OWN_READ = 300
"""Ratings of one member that take part: those furthest from their own mean."""
NEIGHBOURS = 600
"""Members that take part in a signal from people of like taste."""
OWN_DAMPING = 3.0
LEAST_SPREAD = 1e-6
"""A signal that varies less over the films says nothing."""
YARDSTICK = 1_000
"""Films, the most rated first, over which a signal's spread is measured: the catalogue's size changes nothing."""


Table = NDArray[np.float32]
"""SIGNALS x films."""


@dataclass(frozen=True, slots=True)
class Taste:
    """One member's ratings as rows of a Content.

    `above` is stars minus their damped mean; `pull` is how much a rating speaks for what is like it, -1 to 2.5;
    `refused` are rows of films unseen and unwanted; `member` is their row in the crowd, -1 if they are not in it.
    """

    rows: Ints
    stars: Floats
    above: Floats
    pull: Floats
    mean: float
    refused: Ints
    member: int = -1

    @property
    def known(self) -> int:
        """How many ratings there are."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Signals:
    """SIGNALS x films, and what each row was divided by (0 where it is silent)."""

    table: Table
    spread: Floats


def taste_of(
    own: Mapping[str, float],
    content: Content,
    crowd_mean: float,
    refused: Collection[str] = (),
    member: int = -1,
) -> Taste:
    """Give the member's taste; films that `content` does not hold say nothing and are left out."""
    entries = [(content.at[film], stars) for film, stars in own.items() if film in content.at]
    mean = (sum(stars for _, stars in entries) + OWN_DAMPING * crowd_mean) / (len(entries) + OWN_DAMPING)
    entries = sorted(entries, key=lambda entry: (-abs(entry[1] - mean), entry[0]))[:OWN_READ]
    stars = np.array([value for _, value in entries], dtype=np.float64)
    unwanted = sorted({content.at[film] for film in refused if film in content.at and film not in own})
    return Taste(
        rows=np.array([row for row, _ in entries], dtype=np.int64),
        stars=stars,
        above=stars - mean,
        pull=np.clip(stars - 2.5, -1.0, 2.5),
        mean=mean,
        refused=np.array(unwanted, dtype=np.int64),
        member=member,
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """What every question starts from: films, crowd, the signals that are the same for all, and the yardstick."""

    content: Content
    crowd: Crowd
    plain: Table
    yardstick: Ints


def ground_of(content: Content, crowd: Crowd) -> Ground:
    """Work out what every question starts from."""
    fame, year = content.log_fame, (content.year - 1990) / 20
    plain = {
        "fame": fame, "fame_squared": fame**2 / 5, "seen": np.log1p(crowd.seen), "liked": np.log1p(crowd.liked),
        "quality": crowd.quality, "year": year, "year_squared": year**2, "year_fame": year * fame / 3,
    }  # fmt: skip
    nothing = np.zeros(len(content))
    table = np.array([plain.get(name, nothing) for name in PLAIN], dtype=np.float32)
    return Ground(content, crowd, table, yardstick_of(content, crowd))


def signals_of(taste: Taste, ground: Ground) -> Signals:
    """Give every signal for every film; those that need ratings of the member's own are 0 without."""
    content, crowd = ground.content, ground.crowd
    table = np.zeros((len(SIGNALS), len(content)), np.float32)
    table[: len(PLAIN)] = ground.plain
    if taste.known:
        own_fame = float(content.log_fame[taste.rows].mean())
        table[AT["fame_taste"]] = content.log_fame * (own_fame - 4.0)
        _eras(table, taste, content)
        _alike(table, taste, content)
        if len(crowd.core):
            for name, values in pair_sums(taste, crowd).items():
                table[AT[name], crowd.core] = values
            _nearby(table, taste, crowd)
    return Signals(table, _scale(table, ground.yardstick))


def _alike(table: Table, taste: Taste, content: Content) -> None:
    for field in ("genres", "directors", "cast", "languages"):
        names = [name for name in (field, f"{field}_taste") if name in ALIKE]
        weights = np.array([alike_weights(name, taste) for name in names])
        for name, sums in zip(names, content.alike(field, taste.rows, weights), strict=True):
            table[AT[name]] = sums


def _eras(table: Table, taste: Taste, content: Content) -> None:
    """Film years beside the member's own: a kernel density, the distance to the mean, years past the newest."""
    own, years = content.year[taste.rows], content.years
    density = np.exp(-np.abs(years[:, None] - own[None, :]) / 6).mean(axis=1)
    by_year = {
        "era": np.log(density + 0.02),
        "era_middle": -np.abs(years - own.mean()) / 10,
        "era_after": np.maximum(0.0, years - own.max() - 1) / 10,
    }
    for name, values in by_year.items():
        np.take(values.astype(np.float32), content.year_at, out=table[AT[name]])


def alike_weights(name: str, taste: Taste) -> Floats:
    """Give how much each of the member's ratings counts in that signal of ALIKE."""
    weights = taste.above if name.endswith("_taste") else np.ones(taste.known)
    return np.asarray(weights / np.sqrt(taste.known))


def _pairs(taste: Taste, crowd: Crowd) -> tuple[Ints, dict[str, tuple[Floats, NDArray[np.float32], Floats]]]:
    """Give the member's core films and each signal of PAIRS as weights of ratings, pairs, and weights of films."""
    inside = crowd.core_at[taste.rows]
    has = inside >= 0
    own = inside[has]
    pull, fond = taste.pull[has], np.clip((taste.stars[has] - 2.5) / 2, 0.0, 1.25)
    liked, seen = (1 / np.sqrt(count[crowd.core] + 20) for count in (crowd.liked, crowd.seen))
    every, even = np.ones(len(crowd.core)), np.ones(len(own))
    return own, {
        "also_liked": (pull * liked[own], crowd.both_liked, liked),
        "also_seen": (seen[own], crowd.together, seen),
        "lift_liked": (fond, crowd.lift_liked, every),
        "lift_seen": (even, crowd.lift_seen, every),
        "lift_seen_liked": (even, crowd.lift_seen_liked, every),
        "ease_liked": (pull, crowd.ease_liked, every),
        "ease_seen": (even, crowd.ease_seen, every),
    }


def pair_parts(taste: Taste, crowd: Crowd, films: Ints) -> dict[str, Floats]:
    """Give for each signal of PAIRS what each rating of a core film adds to the core films of those places."""
    own, pairs = _pairs(taste, crowd)
    places = films[:, None], own[None, :]
    return {
        name: weights * matrix[places[1], places[0]] * scale[films][:, None]
        for name, (weights, matrix, scale) in pairs.items()
    }


def pair_sums(taste: Taste, crowd: Crowd) -> dict[str, Floats]:
    """Give PAIRS for every film of the core."""
    own, pairs = _pairs(taste, crowd)
    return {
        name: (weights.astype(np.float32) @ matrix[own]) * scale
        for name, (weights, matrix, scale) in pairs.items()
    }


def _nearby(table: Table, taste: Taste, crowd: Crowd) -> None:
    """People of like taste: log of how much more often than everybody they like each film, damped by five."""
    raters = crowd.by_film[taste.rows]
    owner = np.repeat(np.arange(taste.known), np.diff(raters.indptr))
    if not len(owner):
        return
    count, who = len(crowd), raters.indices
    owner = np.where(who == taste.member, -1, owner)  # nobody is their own neighbour
    owner, who, above = owner[owner >= 0], who[owner >= 0], raters.data[owner >= 0]
    rarity = np.log((count + 1) / (crowd.seen[taste.rows] + 1)) + 0.3
    match = np.exp(-0.5 * (above - taste.above[owner]) ** 2) + 0.3
    reach = np.sqrt(crowd.watched + 20)
    shared = np.bincount(who, rarity[owner], count) / reach
    agreed = np.bincount(who, (rarity[owner] * match), count) / reach
    overlap = np.bincount(who, minlength=count) / np.sqrt(crowd.watched * taste.known + 20)
    fond = np.maximum(np.bincount(who, taste.pull[owner] * (above + crowd.member_mean[who] >= LIKED), count), 0)
    likes = np.diff(crowd.likes.indptr)
    weights = np.array(
        [
            shared, shared**3, agreed**3, _likelihood(taste, crowd, (owner, who, match)), overlap,
            (fond / np.sqrt(likes + 10)) ** 1.5,
        ]
    )  # fmt: skip
    top = _top(shared)
    weights = weights[:, top]
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    weights[:4] /= total[:4]
    some, sums = _liked_by(top, weights, crowd)
    base = (crowd.liked[some] + 1) / (count + 2)
    for row, name in enumerate(("near", "nearest", "agreeing", "likeliest")):
        if weights[row].any():
            # The weighted share counts as many members as Kish's effective sample size.
            size = 1 / float((weights[row] ** 2).sum())
            table[AT[name]] = np.log(5 / (size + 5))
            table[AT[name], some] = np.log((sums[row] * size / base + 5) / (size + 5))
    table[AT["kin"], some] = sums[4] / np.sqrt(crowd.liked[some] + 20)
    table[AT["kin_liked"], some] = sums[5]


def _liked_by(members: Ints, weights: Floats, crowd: Crowd) -> tuple[Ints, Floats]:
    """Give the films that the members liked, and sums of each row of their weights over those who did."""
    likes = crowd.likes[members]
    liked = np.zeros(likes.shape[1], dtype=bool)
    liked[likes.indices] = True
    some = np.flatnonzero(liked).astype(np.int64)
    place = np.empty(likes.shape[1], dtype=np.int32)
    place[some] = np.arange(len(some), dtype=np.int32)
    close = sparse.csr_matrix((likes.data, place[likes.indices], likes.indptr), shape=(len(members), len(some)))
    return some, np.asarray(close.T @ weights.T).T


def _likelihood(taste: Taste, crowd: Crowd, shared: tuple[Ints, Ints, Floats]) -> Floats:
    """Give how likely each member's list, smoothed with everybody's, would have brought the member's own."""
    owner, who, match = shared
    total = float(crowd.seen.sum())
    common = 0.5 * (crowd.seen[taste.rows] + 1) / (total + len(crowd.seen))
    gain = np.log1p(0.5 * match / 1.3 / (crowd.watched[who] + 20) / common[owner])
    score = np.bincount(who, gain, len(crowd))
    likely = np.exp(score - score.max())
    if taste.member >= 0:
        likely[taste.member] = 0.0
    return np.asarray(likely)


def _top(weights: Floats) -> Ints:
    if len(weights) > NEIGHBOURS:
        return np.sort(np.argpartition(-weights, NEIGHBOURS)[:NEIGHBOURS]).astype(np.int64)
    return np.arange(len(weights), dtype=np.int64)


def _scale(table: Table, yardstick: Ints) -> Floats:
    """Divide every signal that is not PLAIN by its spread over the yardstick films; give the spreads."""
    spreads = np.ones(len(SIGNALS))
    if len(yardstick):
        spreads[len(PLAIN) :] = table[len(PLAIN) :, yardstick].std(axis=1)
        spreads[spreads < LEAST_SPREAD] = 0.0
        scale = np.divide(1.0, spreads, out=np.zeros_like(spreads), where=spreads > 0)
        table[len(PLAIN) :] *= scale[len(PLAIN) :, None].astype(np.float32)
    return spreads


def yardstick_of(content: Content, crowd: Crowd) -> Ints:
    """Give the rows of the films that most people know."""
    known = content.fame + crowd.seen
    if len(known) <= YARDSTICK:
        return np.arange(len(known), dtype=np.int64)
    return np.sort(np.argpartition(-known, YARDSTICK)[:YARDSTICK]).astype(np.int64)
