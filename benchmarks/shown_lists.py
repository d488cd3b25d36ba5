"""Prints ten members' lists with the starter catalogue, to be read, and counts what members once noticed in lists.

Each of the ten is the only one who rates. With --data, members of two communities who are kept apart are asked,
too, each alone with the films of the starter catalogue; intervals of 95% are from resampling members.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.communities import Community, read_communities
from benchmarks.held_out import interval
from benchmarks.samples import Situation, draw, facts_of
from bot.films.models import Film
from bot.recommendations.crowd import build_crowd
from bot.recommendations.facts import film_facts
from bot.recommendations.filters import NO_FILTERS, allowed_films
from bot.recommendations.lists import choose_first_films, mix_list
from bot.recommendations.ranking_model import MemberScores, RankingModel
from bot.recommendations.reasons import BecauseYouRated, PeopleWhoLiked, SharedPeople, compute_server_means
from bot.sources.starter import bundled_data_path, load

NINETIES = (
    "Pulp Fiction", "Goodfellas", "Fight Club", "The Matrix", "Jurassic Park", "Toy Story", "Forrest Gump",
    "The Silence of the Lambs", "Se7en", "Titanic", "The Shawshank Redemption", "Heat", "Saving Private Ryan",
    "The Big Lebowski", "Fargo", "Trainspotting", "The Lion King", "Terminator 2: Judgment Day", "American Beauty",
    "The Usual Suspects",
)  # fmt: skip
MEMBERS: Mapping[str, Mapping[str, float]] = {
    "Twenty favourites of the nineties": dict.fromkeys(NINETIES, 5.0),
    "Fellini, and The Godfather": {"8½": 5.0, "The Godfather": 4.0, "La Dolce Vita": 4.5},
    "Horror, and no musicals": {
        "Halloween (1978)": 5.0, "The Thing": 5.0, "Scream": 4.0, "Hereditary": 4.5, "Notting Hill": 1.5,
        "Mamma Mia!": 1.0,
    },
    "Whimsy": {
        "Amélie": 5.0, "Spirited Away": 5.0, "Pan's Labyrinth": 4.5, "The Grand Budapest Hotel": 4.0,
        "Transformers": 1.0,
    },
    "Asian art house": {
        "Tokyo Story": 5.0, "In the Mood for Love": 5.0, "Seven Samurai": 4.5, "Parasite": 4.0,
        "The Avengers": 2.0,
    },
    "Silent and classic": {
        "Metropolis": 5.0, "Nosferatu (1922)": 4.5, "City Lights": 5.0, "Casablanca": 4.5, "Citizen Kane": 4.0,
    },
    "Family": {"Toy Story": 5.0, "Finding Nemo": 4.5, "Shrek": 4.0, "Frozen": 3.0, "The Lion King": 5.0},
    "Marvel, and little else": {
        "The Avengers": 5.0, "Iron Man": 4.5, "Guardians of the Galaxy": 4.5, "Black Panther": 4.0,
        "Thor: Ragnarok": 4.5, "Casablanca": 2.5,
    },
    "Romantic comedies": {
        "Notting Hill": 5.0, "When Harry Met Sally...": 5.0, "Pretty Woman": 4.0, "Bridget Jones's Diary": 4.5,
        "Alien": 1.5,
    },
    "One star for The Avengers": {"The Avengers": 0.5},
}  # fmt: skip
SHOWN, LONG_LIST = 10, 100
OLD_YEAR, LATER_YEAR = 1940, 2004
NOSFERATU = "tt0013442"
KNOWN = (1, 5, 10, 20)


class Catalogue:
    """The starter catalogue's films, by the title of the best known."""

    def __init__(self) -> None:
        films = load(bundled_data_path("films.jsonl")).films
        self.films = {film.id: film for film in films}
        self.facts = [film_facts(film) for film in films]
        self._by_title: dict[str, Film] = {}
        for film in sorted(films, key=lambda each: each.fame):
            self._by_title[film.title] = self._by_title[f"{film.title} ({film.year})"] = film

    def read(self, ratings: Mapping[str, float]) -> dict[str, float]:
        """Return stars by film id of stars by title."""
        return {self._by_title[title].id: stars for title, stars in ratings.items()}

    def name(self, film_id: str) -> str:
        """Return the film's title and year."""
        return f"{self.films[film_id].title} ({self.films[film_id].year})"


def list_for(model: RankingModel, member: MemberScores, ratings: Mapping[str, float], count: int) -> list[int]:
    """Return the rows of the list that the member is shown."""
    allowed = allowed_films(model.content, NO_FILTERS, ratings)
    rows: list[int] = mix_list(model, member, model.rank(member.scores, 700, allowed), count).tolist()
    return rows


def print_lists(catalogue: Catalogue) -> None:
    """Print each member's list with stars and the first reason."""
    for title, by_title in MEMBERS.items():
        ratings = catalogue.read(by_title)
        model = RankingModel.fit([("member", film, stars) for film, stars in ratings.items()], catalogue.facts)
        member = model.score_films(ratings, member_key="member")
        rows = list_for(model, member, ratings, LONG_LIST)
        print(f"\n## {title}\n")
        for number, film in enumerate(model.explain(member, np.array(rows[:SHOWN])), 1):
            reason = "Based on all your ratings"
            for each in film.reasons:
                match each:
                    case BecauseYouRated():
                        named = [
                            f"★{one.stars:g} to *{catalogue.films[one.film_id].title}*" for one in each.ratings
                        ]
                        reason = "Because you gave " + " and ".join(named)
                    case SharedPeople(job="directors"):
                        reason = f"Same director as *{catalogue.films[each.film_id].title}*"
                    case PeopleWhoLiked():
                        reason = f"{each.liked_both} of {each.likers} who liked *{each.film_id}*"
                    case _:
                        continue
                break
            print(f"{number}. {catalogue.name(film.film_id)}, ★ {film.stars:.1f}: {reason}")
        years = model.content.year[rows]
        print(f"(of {len(rows)}: {(years > LATER_YEAR).sum()} after {LATER_YEAR}, {(years < OLD_YEAR).sum()} old)")
        if len(ratings) == 1:
            order = np.argsort(-member.scores, kind="stable").tolist()
            sequels = [row for row in order if "Avengers: Endgame" in catalogue.name(model.content.ids[row])]
            print(f"(Avengers: Endgame is at place {order.index(sequels[0]) + 1} of the ranking)")
    model = RankingModel.fit([], catalogue.facts)
    first = choose_first_films(model, np.ones(len(model.content), dtype=bool), SHOWN)
    print("\n## Somebody new\n")
    for row in first.tolist():
        print(catalogue.name(model.content.ids[row]))


@dataclass(slots=True)
class Counts:
    """Of members alone with the starter catalogue, a number for each list."""

    with_nosferatu: list[float] = field(default_factory=list)
    old: list[float] = field(default_factory=list)
    own_old: list[float] = field(default_factory=list)
    shared_by_fives_and_ones: list[float] = field(default_factory=list)


def count(community: Community) -> None:
    """Print what is in the lists of members who are kept apart."""
    counts = {known: Counts() for known in KNOWN}
    situation = Situation(1, catalogue=True)
    drawings = draw(
        community, situation, test_members=community.kept_apart, others=community.development, known=KNOWN,
        count=150, seed=27,
    )  # fmt: skip
    for drawn in drawings:
        content = facts_of(drawn.films)
        for case in drawn.cases:
            found = counts[len(case.known)]
            lists = []
            for stars in (None, 5.0, 1.0):
                own = case.known if stars is None else dict.fromkeys(case.known, stars)
                crowd = build_crowd([("member", film, given) for film, given in own.items()], content)
                model = RankingModel(content, crowd, compute_server_means(crowd, None))
                lists.append(list_for(model, model.score_films(own, member_key="member"), own, SHOWN))
            found.with_nosferatu.append(float(NOSFERATU in {content.ids[row] for row in lists[0]}))
            found.old.append(float((content.year[lists[0]] < OLD_YEAR).mean()))
            own_years = [content.year[content.row_of[film]] for film in case.known]
            found.own_old.append(float((np.array(own_years) < OLD_YEAR).mean()))
            found.shared_by_fives_and_ones.append(len(set(lists[1]) & set(lists[2])) / SHOWN)
    for known, found in counts.items():
        if found.old:
            print(
                f"{community.name}, {known} known, {len(found.old)} members alone: before {OLD_YEAR}"
                f" {interval(found.old)} (own ratings {interval(found.own_old)}), lists with Nosferatu"
                f" {interval(found.with_nosferatu)}, all fives and all ones share"
                f" {interval(found.shared_by_fives_and_ones)}",
                flush=True,
            )


def main() -> None:
    """Print lists, and counts where there is data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with ml-latest-small and movietweetings")
    arguments = parser.parse_args()
    print_lists(Catalogue())
    if arguments.data:
        for community in read_communities(arguments.data).values():
            count(community)


if __name__ == "__main__":
    main()
