"""Recommendations for a group: a list that leaves nobody out, and the fairness debt of whoever gave way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.recommendations.facts import Content, Floats, Ints
from bot.recommendations.filters import NO_FILTERS, RecommendationFilters, allowed_films
from bot.recommendations.lists import choose_first_films, is_of_another_kind, mix_pages
from bot.recommendations.models import check_group_size
from bot.recommendations.ranking_model import MemberScores, RankingModel

SOFTNESS = 0.5
"""Stars by which the soft minimum looks past the least happy member; chosen on seeds 121 to 124."""
SHORTLIST_SIZE = 300
"""Films with the best mean score, among which the list is made by predicted stars."""
DEBT_DECAY = 0.5
"""The share of a fairness debt that is left after the next session."""
FAIR_FILMS = 60
"""The films of the list that are chosen one after another, for members whom those before leave out."""
FAIRNESS_SHARE, BEST_LIKELIHOOD, HALF_LIKELY_RANK = 4.0, 0.5, 20.0
"""Stars that it is worth that a member surely finds a film; how likely they like their best film; and at which
place of their own ranking that is half as likely."""
SCORE_SHARE = 0.8
"""Stars that a standard deviation of the group's mean score is worth beside predicted stars."""


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A member of a group: key, stars (0.5 to 5) by film id, dismissed films.

    `fairness_debt` is how many stars below the group's mean the chosen films were for the member before, decayed;
    0 for never.
    """

    key: str
    ratings: Mapping[str, float]
    dismissed: Collection[str] = ()
    fairness_debt: float = 0.0


@dataclass(frozen=True, slots=True)
class GroupRecommendation:
    """A film for the group: predicted stars by member key, who rated it, and who would like it least."""

    film_id: str
    score: float
    stars: dict[str, float]
    rated_by: tuple[str, ...]
    least_happy: str


@dataclass(frozen=True, slots=True)
class GroupScores:
    """A group's scores: of each member, and their mean for each of M films.

    `rows` are the films that may be recommended, those with the best mean score first. Where nobody has rated
    anything, `is_first` is true and they are well-loved films of many decades and countries.
    """

    content: Content
    members: tuple[GroupMember, ...]
    member_scores: tuple[MemberScores, ...]
    mean_scores: Floats
    rows: Ints
    is_first: bool = False

    def limited_to(self, film_ids: Collection[str]) -> "GroupScores":
        """Return the same scores with only those films left to recommend."""
        rows = [row for row in self.rows if self.content.ids[row] in film_ids]
        return replace(self, rows=np.array(rows, dtype=np.int64))


def score_for_group(
    model: RankingModel, members: Sequence[GroupMember], filters: RecommendationFilters = NO_FILTERS
) -> GroupScores:
    """Return the group's scores; what anybody dismissed or everybody rated is not to be recommended.

    Raises InvalidInputError for no member or more than MAX_GROUP_SIZE.
    """
    check_group_size(members)
    scores = tuple(model.score_films(member.ratings, member.dismissed, member.key) for member in members)
    rated_by_all = set.intersection(*(set(member.ratings) for member in members))
    dismissed = {film_id for member in members for film_id in member.dismissed}
    is_allowed = allowed_films(model.content, filters, rated_by_all | dismissed)
    mean_scores = np.mean([standardise(each.scores) for each in scores], axis=0)
    is_first = not any(len(each.profile) for each in scores)
    if is_first:
        rows = choose_first_films(model, is_allowed, SHORTLIST_SIZE)
    else:
        allowed = np.flatnonzero(is_allowed)
        rows = allowed[np.lexsort((allowed, -mean_scores[allowed]))]
    return GroupScores(model.content, tuple(members), scores, mean_scores, rows, is_first)


def rank_for_group(
    group: GroupScores, count: int = 5, least_happy_weight: float = 0.5
) -> list[GroupRecommendation]:
    """Return the group's films as pages of the best that go together (`mix_pages`).

    `least_happy_weight` from 0 to 1 weighs the least happy member's predicted stars against the members' mean, in
    which a member counts 1 + fairness debt times (Masthoff: Group modeling, 2004).
    """
    members, shortlist = group.members, group.rows[:SHORTLIST_SIZE]
    stars = np.array([scores.stars[shortlist] for scores in group.member_scores])
    debts = np.array([member.fairness_debt for member in members])
    values = blend_stars(stars, least_happy_weight, debts) + SCORE_SHARE * group.mean_scores[shortlist]
    recommendations = []
    places = np.arange(len(shortlist))
    if not group.is_first:
        profiles = [scores.profile for scores in group.member_scores]
        rated = np.unique(np.concatenate([profile.rows for profile in profiles]))
        liked = np.unique(np.concatenate([profile.rows[profile.engagement > 0] for profile in profiles]))
        order = order_fairly(values, _likelihoods(group, shortlist), debts)
        is_unlike = is_of_another_kind(group.content, liked, shortlist[order])
        order = np.concatenate([order[~is_unlike], order[is_unlike]])
        nobody_knows = np.zeros(len(group.content), dtype=bool)  # a group agrees on what is known
        mixed = mix_pages(group.content, shortlist[order], count, rated=rated, is_known=nobody_knows)
        place_of = {row: place for place, row in enumerate(shortlist.tolist())}
        places = np.array([place_of[row] for row in mixed.tolist()], dtype=np.int64)
    for place in places[:count]:
        film_id = group.content.ids[shortlist[place]]
        recommendations.append(
            GroupRecommendation(
                film_id=film_id,
                score=float(values[place]),
                stars={member.key: float(stars[row, place]) for row, member in enumerate(members)},
                rated_by=tuple(member.key for member in members if film_id in member.ratings),
                least_happy=members[int(np.argmin(stars[:, place]))].key,
            )
        )
    return recommendations


def _likelihoods(group: GroupScores, rows: Ints) -> Floats:
    """Return members x rows how likely each member likes the film, by its place in their own ranking."""
    likelihoods = []
    for member in group.member_scores:
        best_first = -np.sort(-member.scores[group.rows])
        rank = np.searchsorted(-best_first, -member.scores[rows])
        likelihoods.append(BEST_LIKELIHOOD / (1 + rank / HALF_LIKELY_RANK))
    return np.array(likelihoods)


def order_fairly(values: Floats, likelihoods: Floats, fairness_debts: Floats) -> Ints:
    """Return the places of the films, best first, so that every member finds a film early in the list.

    Each film is worth its value and the chance that it is the first which a member likes, a member counting
    1 + fairness debt (GFAR: Kaya, Bridge, Tintarev: Ensuring fairness in group recommendations by rank-sensitive
    balancing of relevance, RecSys 2020). After FAIR_FILMS they are ordered by value.
    """
    members = (1 + fairness_debts) * len(fairness_debts) / float((1 + fairness_debts).sum())
    left_out = np.ones(len(likelihoods))
    is_left = np.ones(len(values), dtype=bool)
    order: list[int] = []
    for _ in range(min(FAIR_FILMS, len(values))):
        worth = values + FAIRNESS_SHARE * ((members * left_out) @ likelihoods)
        best = int(np.argmax(np.where(is_left, worth, -np.inf)))
        order.append(best)
        is_left[best] = False
        left_out = left_out * (1 - likelihoods[:, best])
    others = np.argsort(-values, kind="stable")
    return np.array([*order, *others[is_left[others]].tolist()], dtype=np.int64)


def blend_stars(stars: Floats, least_happy_weight: float, fairness_debts: Floats) -> Floats:
    """Return each film's value to the group, in stars, from members x films predicted stars and members' debts.

    The least happy member is a soft minimum, -t log mean exp(-stars / t): predictions err by more than members
    differ, and a hard minimum would follow one member's prediction error.
    """
    weight = min(max(least_happy_weight, 0.0), 1.0)
    share = (1 + fairness_debts) / float((1 + fairness_debts).sum())
    # A debt counts in the minimum too: half of it lowers the member's stars, so that they are looked at first.
    lowered = stars - fairness_debts[:, None] / 2
    minimum = -SOFTNESS * np.log(np.exp(-lowered / SOFTNESS).mean(axis=0)) + float(fairness_debts.min()) / 2
    return np.asarray((1 - weight) * (share @ stars) + weight * minimum)


def updated_fairness_debts(stars: Mapping[str, float], debts: Mapping[str, float]) -> dict[str, float]:
    """Return each member's fairness debt after the group chose a film with these predicted stars by member key.

    It is what is left of the debt before, plus the stars by which the film is below the group's mean for the
    member.
    """
    mean = sum(stars.values()) / len(stars)
    return {key: DEBT_DECAY * debts.get(key, 0.0) + max(0.0, mean - value) for key, value in stars.items()}


def standardise(scores: Floats) -> Floats:
    """Return the scores with mean 0 and standard deviation 1, or zeros where they do not vary."""
    spread = float(scores.std()) if len(scores) else 0.0
    return (scores - scores.mean()) / spread if spread > 1e-9 else np.zeros(len(scores))
