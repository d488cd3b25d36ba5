"""What speaks for each film for one member: a row of numbers per signal, before they are weighed.

docs/recommendations.md gives each signal's formula and its source.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.films.recommendations.content import Content, Floats, Ints
from bot.films.recommendations.crowd import LIKED, Crowd

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
REFUSED_STARS = 1.0
"""What "not for me" counts as: a film unseen and unwanted."""
YARDSTICK = 1_000
"""Films, the most rated first, over which a signal's spread is measured: the catalogue's size changes nothing."""


@dataclass(frozen=True, slots=True)
class Taste:
    """One member's ratings as rows of a Content.

    `above` is stars minus their damped mean; `seen` is 1, or 0 for a film refused unseen; `pull` is how much a
    rating speaks for what is like it, -1 to 2.5; `member` is their row in the crowd, -1 if they are not in it.
    """

    rows: Ints
    stars: Floats
    seen: Floats
    above: Floats
    pull: Floats
    mean: float
    member: int = -1

    @property
    def known(self) -> int:
        """How many ratings there are."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Signals:
    """SIGNALS x films, and what each row was divided by (0 where it is silent)."""

    table: NDArray[np.float64]
    spread: Floats


def taste_of(
    own: Mapping[str, float],
    content: Content,
    crowd_mean: float,
    refused: Collection[str] = (),
    member: int = -1,
) -> Taste:
    """Give the member's taste; films that `content` does not hold say nothing and are left out."""
    entries = [(content.at[film], stars, 1.0) for film, stars in own.items() if film in content.at]
    mean = (sum(stars for _, stars, _ in entries) + OWN_DAMPING * crowd_mean) / (len(entries) + OWN_DAMPING)
    entries += [
        (content.at[film], REFUSED_STARS, 0.0)
        for film in sorted(refused)
        if film in content.at and film not in own
    ]
    entries = sorted(entries, key=lambda entry: (-abs(entry[1] - mean), entry[0]))[:OWN_READ]
    rows = np.array([row for row, _, _ in entries], dtype=np.int64)
    stars = np.array([value for _, value, _ in entries], dtype=np.float64)
    return Taste(
        rows=rows,
        stars=stars,
        seen=np.array([value for _, _, value in entries], dtype=np.float64),
        above=stars - mean,
        pull=np.clip(stars - 2.5, -1.0, 2.5),
        mean=mean,
        member=member,
    )


def signals_of(taste: Taste, content: Content, crowd: Crowd) -> Signals:
    """Give every signal for every film; those that need ratings of the member's own are 0 without."""
    table = np.zeros((len(SIGNALS), len(content)))
    _plain(table, taste, content, crowd)
    if taste.known:
        _eras(table, taste, content)
        for name in ALIKE:
            table[AT[name]] = content.alike(name.removesuffix("_taste"), taste.rows, alike_weights(name, taste))
        if len(crowd.core):
            for name, values in pair_sums(taste, crowd).items():
                table[AT[name], crowd.core] = values
            _nearby(table, taste, crowd)
    return Signals(table, _scale(table, content, crowd))


def _plain(table: NDArray[np.float64], taste: Taste, content: Content, crowd: Crowd) -> None:
    fame, year = content.log_fame, (content.year - 1990) / 20
    own_fame = float(fame[taste.rows].mean()) if taste.known else 4.0
    table[AT["fame"]] = fame
    table[AT["fame_squared"]] = fame**2 / 5
    table[AT["fame_taste"]] = fame * (own_fame - 4.0)
    table[AT["seen"]] = np.log1p(crowd.seen)
    table[AT["liked"]] = np.log1p(crowd.liked)
    table[AT["quality"]] = crowd.quality
    table[AT["year"]] = year
    table[AT["year_squared"]] = year**2
    table[AT["year_fame"]] = year * fame / 3


def _eras(table: NDArray[np.float64], taste: Taste, content: Content) -> None:
    """Film years beside the member's own: a kernel density, the distance to the mean, years past the newest."""
    own = content.year[taste.rows]
    years, of = np.unique(content.year, return_inverse=True)
    density = np.exp(-np.abs(years[:, None] - own[None, :]) / 6).mean(axis=1)
    table[AT["era"]] = np.log(density + 0.02)[of]
    table[AT["era_middle"]] = -np.abs(content.year - own.mean()) / 10
    table[AT["era_after"]] = np.maximum(0.0, content.year - own.max() - 1) / 10


def alike_weights(name: str, taste: Taste) -> Floats:
    """Give how much each of the member's ratings counts in that signal of ALIKE."""
    weights = taste.above if name.endswith("_taste") else taste.seen
    return np.asarray(weights / np.sqrt(taste.known))


def pair_parts(taste: Taste, crowd: Crowd, films: Ints | slice) -> dict[str, NDArray[np.float64]]:
    """Give for each signal of PAIRS what each rating adds to each core film of `films`: ratings x films.

    Ratings of films outside the core add nothing.
    """
    inside = crowd.core_at[taste.rows]
    has = inside >= 0
    own = inside[has]
    seen, liked = crowd.seen[crowd.core], crowd.liked[crowd.core]
    members = len(crowd) + 1
    p_liked, p_seen = (liked[films] + 0.5) / members, (seen[films] + 0.5) / members

    def rows(matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        return matrix[own][:, films].astype(np.float64)

    def lift(counts: NDArray[np.float64], of: Floats, expected: Floats) -> NDArray[np.float64]:
        return np.log((counts + 5 * expected) / (of[own][:, None] + 5) / expected)

    both, together = rows(crowd.both_liked), rows(crowd.together)
    pull, was_seen = taste.pull[has][:, None], taste.seen[has][:, None]
    fond = np.clip((taste.stars[has] - 2.5) / 2, 0.0, 1.25)[:, None]
    return {
        "also_liked": pull * both / np.sqrt(np.outer(liked[own] + 20, liked[films] + 20)),
        "also_seen": was_seen * together / np.sqrt(np.outer(seen[own] + 20, seen[films] + 20)),
        "lift_liked": fond * lift(both, liked, p_liked),
        "lift_seen": was_seen * lift(together, seen, p_seen),
        "lift_seen_liked": was_seen * lift(rows(crowd.liked_after), seen, p_liked),
        "ease_liked": pull * rows(crowd.ease_liked),
        "ease_seen": was_seen * rows(crowd.ease_seen),
    }


def pair_sums(taste: Taste, crowd: Crowd) -> dict[str, Floats]:
    """Give PAIRS for every film of the core."""
    return {name: parts.sum(axis=0) for name, parts in pair_parts(taste, crowd, slice(None)).items()}


def _nearby(table: NDArray[np.float64], taste: Taste, crowd: Crowd) -> None:
    """People of like taste: what they like more than everybody does."""
    raters = crowd.by_film[taste.rows]
    owner = np.repeat(np.arange(taste.known), np.diff(raters.indptr))
    if not len(owner) or not taste.seen.any():
        return
    count, who = len(crowd), raters.indices
    owner = np.where(who == taste.member, -1, owner)  # nobody is their own neighbour
    owner, who, above = owner[owner >= 0], who[owner >= 0], raters.data[owner >= 0]
    rarity = (np.log((count + 1) / (crowd.seen[taste.rows] + 1)) + 0.3) * taste.seen
    match = np.exp(-0.5 * (above - taste.above[owner]) ** 2) + 0.3
    reach = np.sqrt(crowd.watched + 20)
    shared = np.bincount(who, rarity[owner], count) / reach
    agreed = np.bincount(who, (rarity[owner] * match), count) / reach
    for name, weights in (("near", shared), ("nearest", shared**3), ("agreeing", agreed**3)):
        table[AT[name]] = _local(weights, crowd)
    table[AT["likeliest"]] = _local(_likelihood(taste, crowd, (owner, who, match)), crowd)
    overlap = np.bincount(who, taste.seen[owner], count) / np.sqrt(crowd.watched * taste.known + 20)
    table[AT["kin"]] = _sum_of_likes(overlap, crowd) / np.sqrt(crowd.liked + 20)
    fond = np.maximum(np.bincount(who, taste.pull[owner] * (above + crowd.member_mean[who] >= LIKED), count), 0)
    likes = np.asarray(np.diff(crowd.likes.indptr), dtype=np.float64)
    table[AT["kin_liked"]] = _sum_of_likes((fond / np.sqrt(likes + 10)) ** 1.5, crowd)


def _likelihood(taste: Taste, crowd: Crowd, shared: tuple[Ints, Ints, Floats]) -> Floats:
    """Give how likely each member's list, smoothed with everybody's, would have brought the member's own."""
    owner, who, match = shared
    total = float(crowd.seen.sum())
    common = 0.5 * (crowd.seen[taste.rows] + 1) / (total + len(crowd.seen))
    gain = np.log1p(0.5 * match / 1.3 / (crowd.watched[who] + 20) / common[owner]) * taste.seen[owner]
    score = np.bincount(who, gain, len(crowd))
    likely = np.exp(score - score.max())
    if taste.member >= 0:
        likely[taste.member] = 0.0
    return np.asarray(likely)


def _top(weights: Floats) -> Ints:
    if len(weights) > NEIGHBOURS:
        return np.sort(np.argpartition(-weights, NEIGHBOURS)[:NEIGHBOURS]).astype(np.int64)
    return np.arange(len(weights), dtype=np.int64)


def _sum_of_likes(weights: Floats, crowd: Crowd) -> Floats:
    top = _top(weights)
    return np.asarray(crowd.likes[top].T @ weights[top])


def _local(weights: Floats, crowd: Crowd) -> Floats:
    """Give log of how much more often than everybody the weighted members like each film.

    The weighted share counts as many members as Kish's effective sample size, damped by five average ones.
    """
    top = _top(weights)
    total = float(weights[top].sum())
    if total <= 0:
        return np.zeros(len(crowd.seen))
    share = weights[top] / total
    size = 1 / float((share**2).sum())
    base = (crowd.liked + 1) / (len(crowd) + 2)
    return np.log((np.asarray(crowd.likes[top].T @ share) * size + 5 * base) / (size + 5) / base)


def _scale(table: NDArray[np.float64], content: Content, crowd: Crowd) -> Floats:
    """Divide every signal that is not PLAIN by its spread over the yardstick films; give the spreads."""
    spreads = np.ones(len(SIGNALS))
    yardstick = yardstick_of(content, crowd)
    for name in PAIRS + ALIKE + NEARBY:
        row = table[AT[name]]
        spread = float(row[yardstick].std()) if len(yardstick) else 0.0
        if spread > 1e-9:
            row /= spread
        else:
            row[:] = 0.0
        spreads[AT[name]] = spread if spread > 1e-9 else 0.0
    return spreads


def yardstick_of(content: Content, crowd: Crowd) -> Ints:
    """Give the rows of the films that most people know."""
    known = content.fame + crowd.seen
    if len(known) <= YARDSTICK:
        return np.arange(len(known), dtype=np.int64)
    return np.sort(np.argpartition(-known, YARDSTICK)[:YARDSTICK]).astype(np.int64)
