"""Films to rate first."""

from bot.recommendations.onboarding import choose_onboarding_films
from bot.recommendations.ranking_model import RankingModel
from tests.recommendations.world import FILMS, fit_model

MODEL = fit_model()


def test_onboarding_films_are_known_and_unlike_one_another() -> None:
    chosen = choose_onboarding_films(MODEL, 10)
    assert len(chosen) == len(set(chosen)) == 10
    assert {film[:4] for film in chosen[:2]} == {"noir", "spac"}
    assert "alone" not in chosen[:5]
    assert not set(choose_onboarding_films(MODEL, 20, exclude=chosen)) & set(chosen)
    assert len(choose_onboarding_films(RankingModel.fit([], FILMS), 3)) == 3
    assert choose_onboarding_films(RankingModel.fit([], []), 3) == []
