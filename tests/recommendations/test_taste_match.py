"""How two members' tastes compare."""

from bot.recommendations.taste_match import match_tastes
from tests.recommendations.world import NOIR_FAN, SPACE_FAN, fit_model

MODEL = fit_model()


def test_agreement_grows_sure_with_films_in_common() -> None:
    films = [f"noir-{n}" for n in range(8)]
    one = dict.fromkeys(films, 4.5)
    few = match_tastes(MODEL, {"noir-1": 4.5}, one)
    many = match_tastes(MODEL, one, one)
    apart = match_tastes(MODEL, one, dict.fromkeys(films, 0.5))
    assert few.confidence < many.confidence < 1
    assert apart.agreement < few.agreement < many.agreement
    assert (many.differences, many.common_count) == ((), 8)
    assert [entry.film_id for entry in apart.differences] == ["noir-0", "noir-1", "noir-2"]
    assert match_tastes(MODEL, {}, {}).confidence == 0


def test_a_film_that_both_like_is_no_difference() -> None:
    """One rates a film 5 and the other 4: it is a favourite in common and not “Most different”."""
    match = match_tastes(MODEL, {"noir-1": 5.0, "noir-2": 5.0}, {"noir-1": 4.0, "noir-2": 2.0})
    assert [entry.film_id for entry in match.favourites] == ["noir-1"]
    assert [entry.film_id for entry in match.differences] == ["noir-2"]


def test_each_shows_the_other_what_they_liked_and_the_other_lacks() -> None:
    match = match_tastes(MODEL, NOIR_FAN | {"space-6": 4.0}, SPACE_FAN)
    assert match.films_for_second[0].film_id == "space-6"  # the one that the other would like most
    assert {film.film_id for film in match.films_for_first} == {"space-1", "space-2"}
