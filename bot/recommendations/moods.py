"""Moods: what each means in genres, runtime and age.

A new mood is a member of Mood, its weights in MOOD_WEIGHTS, and its label in `MOODS` of filter_options.py.

A film's fit to a mood is the sum of the weights of its genres, plus `short` where it runs SHORT_MINUTES at most
and a genre speaks for it, plus `old` where it was released before OLD_BEFORE. A film fits where the sum is above
0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.films.models import GENRE_NAMES
from bot.recommendations.facts import FilmFacts

SHORT_MINUTES, OLD_BEFORE = 100, 1980


class Mood(StrEnum):
    """What a member may be in the mood for. Values are stored and stand in custom_ids."""

    COSY = "cosy"
    LAUGH = "laugh"
    CRY = "cry"
    THRILL = "thrill"
    SCARE = "scare"
    THINK = "think"
    WONDER = "wonder"
    CLASSIC = "classic"


@dataclass(frozen=True, slots=True)
class MoodWeights:
    """What a mood means: weights of genres (below 0 they speak against it), of being short and of being old."""

    genres: Mapping[str, float]
    short: float = 0.0
    old: float = 0.0


MOOD_WEIGHTS: dict[Mood, MoodWeights] = {
    Mood.COSY: MoodWeights(
        {
            "Family": 1, "Comedy": 1, "Romance": 1, "Animation": 1, "Music": 0.5, "Musical": 0.5, "Horror": -3,
            "War": -3, "Thriller": -2, "Crime": -1.5,
        },
        short=0.25,
    ),
    Mood.LAUGH: MoodWeights({"Comedy": 1, "Horror": -0.5, "War": -1}, short=0.25),
    Mood.CRY: MoodWeights(
        {"Drama": 1, "Romance": 1, "War": 0.5, "Biography": 0.5, "Comedy": -1.5, "Horror": -2, "Action": -1}
    ),
    Mood.THRILL: MoodWeights(
        {"Thriller": 1, "Action": 1, "Crime": 0.5, "Adventure": 0.5, "Family": -2, "Romance": -1}
    ),
    Mood.SCARE: MoodWeights({"Horror": 1, "Comedy": -0.75, "Family": -2}),
    Mood.THINK: MoodWeights(
        {
            "Documentary": 1, "Mystery": 1, "Drama": 0.75, "History": 0.75, "Biography": 0.5,
            "Science Fiction": 0.5, "Action": -1, "Family": -1, "Comedy": -0.5,
        }
    ),
    Mood.WONDER: MoodWeights(
        {
            "Fantasy": 1, "Adventure": 1, "Science Fiction": 1, "Animation": 0.5, "Crime": -1.5, "War": -1,
            "Horror": -1.5,
        }
    ),
    Mood.CLASSIC: MoodWeights({"Noir": 0.5, "Western": 0.25}, old=1.0),
}  # fmt: skip


def mood_fit(mood: Mood, film: FilmFacts) -> float:
    """Return how well the film fits the mood: it fits where this is above 0."""
    weights = MOOD_WEIGHTS[mood]
    fit = sum(weights.genres.get(GENRE_NAMES.get(genre, genre), 0.0) for genre in film.genres)
    if fit > 0 and film.runtime is not None and film.runtime <= SHORT_MINUTES:
        fit += weights.short
    if film.year is not None and film.year < OLD_BEFORE:
        fit += weights.old
    return fit
