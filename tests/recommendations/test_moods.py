"""What moods mean."""

from bot.recommendations.facts import FilmFacts
from bot.recommendations.moods import MOOD_WEIGHTS, Mood, mood_fit


def test_every_mood_means_something_and_keeps_to_it() -> None:
    assert set(MOOD_WEIGHTS) == set(Mood)
    assert (
        mood_fit(Mood.LAUGH, FilmFacts("a", 2000, ("Comedy",)))
        > 0
        >= mood_fit(Mood.LAUGH, FilmFacts("b", 2000, ("War",)))
    )
    assert (
        mood_fit(Mood.CLASSIC, FilmFacts("a", 1950))
        > 0
        >= mood_fit(Mood.CLASSIC, FilmFacts("b", 2000, ("Comedy",)))
    )
    assert mood_fit(Mood.LAUGH, FilmFacts("a", 2000, ("Comedy",), runtime=90)) > mood_fit(
        Mood.LAUGH, FilmFacts("b", 2000, ("Comedy",), runtime=150)
    )
