"""Moods: a documented mapping onto genres and features, the same for everybody.

A film's fit to a mood is the sum over `genres` of the weights of those it has, plus `short` where it runs 100
minutes at most, plus `old` where it is from before 1980. A film fits where the sum is above 0.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.recommendations.facts import FilmFacts

SHORT_MINUTES, OLD_BEFORE = 100, 1980


class Mood(StrEnum):
    """What a member may be in the mood for."""

    COSY = "cosy"
    LAUGH = "laugh"
    CRY = "cry"
    THRILL = "thrill"
    SCARE = "scare"
    THINK = "think"
    WONDER = "wonder"
    CLASSIC = "classic"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a mood means in genres and features; weights below 0 speak against."""

    genres: dict[str, float]
    short: float = 0.0
    old: float = 0.0


def _meaning(short: float = 0.0, old: float = 0.0, **weights: float) -> Meaning:
    """Build a meaning from genres written as words: Science_Fiction stands for Science Fiction."""
    genres = {genre.replace("_", " "): weight for genre, weight in weights.items()}
    aliases = {theirs: genres[ours] for ours, theirs in ALIASES.items() if ours in genres}
    return Meaning(genres | aliases, short, old)


ALIASES = {"Science Fiction": "Sci-Fi", "Noir": "Film-Noir", "Family": "Children"}
"""What MovieLens calls some of our genres."""
MEANINGS: dict[Mood, Meaning] = {
    Mood.COSY: _meaning(
        0.25, Family=1, Comedy=1, Romance=1, Animation=1, Music=0.5, Musical=0.5, Horror=-3, War=-3, Thriller=-2,
        Crime=-1.5,
    ),
    Mood.LAUGH: _meaning(0.25, Comedy=1, Horror=-0.5, War=-1),
    Mood.CRY: _meaning(Drama=1, Romance=1, War=0.5, Biography=0.5, Comedy=-1.5, Horror=-2, Action=-1),
    Mood.THRILL: _meaning(Thriller=1, Action=1, Crime=0.5, Adventure=0.5, Family=-2, Romance=-1),
    Mood.SCARE: _meaning(Horror=1, Comedy=-0.75, Family=-2),
    Mood.THINK: _meaning(
        Documentary=1, Mystery=1, Drama=0.75, History=0.75, Biography=0.5, Science_Fiction=0.5, Action=-1,
        Family=-1, Comedy=-0.5,
    ),
    Mood.WONDER: _meaning(
        Fantasy=1, Adventure=1, Science_Fiction=1, Animation=0.5, Crime=-1.5, War=-1, Horror=-1.5
    ),
    Mood.CLASSIC: _meaning(old=1.0, Noir=0.5, Western=0.25),
}  # fmt: skip


def fit(mood: Mood, film: FilmFacts) -> float:
    """Give how well the film fits the mood; above 0 it does."""
    meaning = MEANINGS[mood]
    total = sum(meaning.genres.get(genre, 0.0) for genre in film.genres)
    if total > 0 and film.runtime is not None and film.runtime <= SHORT_MINUTES:
        total += meaning.short
    if film.year is not None and film.year < OLD_BEFORE:
        total += meaning.old
    return total
