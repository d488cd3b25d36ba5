import numpy as np
import pytest
from bot.recommendations.ease import ease_by_films, ease_by_members
from bot.recommendations.model import Model
from bot.recommendations.weights import weights_for
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.films.models import Credit, Film, Job
from bot.recommendations.content import content_of
from bot.recommendations.crowd import crowd_of
from bot.recommendations.facts import LEARNABLE, FilmFacts, facts_of, ratings_of_fame
from bot.recommendations.filters import Wishes
from bot.recommendations.moods import MEANINGS, Mood, fit
from bot.recommendations.signals import SIGNALS, signals_of, taste_of
from tests.recommendations.world import FILMS, model, ratings

FITTED = model()
IDS = [film.film_id for film in FILMS]
HALF_STARS = st.integers(1, 10).map(lambda half: half / 2)


def film(source: str) -> Film:
    credits = (Credit("Dora Lind", Job.DIRECTOR, None, "dora"), Credit("Ada Voss", Job.CAST, "Eve", "ada"))
    return Film("a", "A", "A", 1999, genres=("Drama",), languages=("de",), countries=("DE",), runtime=90,
                credits=credits, fame=80.0, source=source)  # fmt: skip


@pytest.mark.parametrize("source", ["tmdb", "somebody's", ""])
def test_nothing_of_a_film_reaches_the_model_unless_its_source_allows_it(source: str) -> None:
    assert facts_of(film(source)) == FilmFacts("a")
    assert facts_of(film(source), {"a": 7}) == FilmFacts("a", fame=7.0)  # members' ratings are not the source's
    assert "tmdb" not in LEARNABLE


def test_the_facts_of_a_film_that_may_be_learnt_from_come_through() -> None:
    facts = facts_of(film("starter"))
    assert (facts.directors, facts.cast, facts.genres, facts.year) == (("dora",), ("ada",), ("Drama",), 1999)
    assert facts.fame == ratings_of_fame(80.0) > ratings_of_fame(20.0) > ratings_of_fame(0.0) == 0.0


def test_a_film_that_may_not_be_learnt_from_is_unlike_every_other() -> None:
    content = content_of([facts_of(film("tmdb")), FilmFacts("b", 1999, ("Drama",), ("dora",), ("ada",), ("de",))])
    assert all(content.cosine(field, 0, 1) == 0 for field in content.vectors)


def test_each_camp_gets_its_own() -> None:
    noir = FITTED.recommend({"noir-1": 5.0, "noir-2": 4.5, "space-3": 1.0}, 3)
    space = FITTED.recommend({"space-1": 5.0, "space-2": 4.5, "noir-3": 1.0}, 3)
    assert all(one.film_id.startswith("noir") for one in noir)
    assert all(one.film_id.startswith("space") for one in space)


def test_predicted_stars_tell_the_camps_apart() -> None:
    asked = FITTED.ask({"noir-1": 5.0, "noir-2": 4.5, "space-3": 1.0})
    stars = dict(zip(FITTED.content.ids, asked.stars, strict=True))
    assert stars["noir-4"] > 4 > 3 > stars["space-4"]


@settings(max_examples=60, deadline=None)
@given(
    own=st.dictionaries(st.sampled_from([*IDS, "unheard-of"]), HALF_STARS), refused=st.sets(st.sampled_from(IDS))
)
def test_what_was_seen_or_refused_never_comes_back_and_figures_are_sound(
    own: dict[str, float], refused: set[str]
) -> None:
    found = FITTED.recommend(own, 5, refused=refused)
    told = [one.film_id for one in found]
    assert len(told) == len(set(told)) == min(5, len(set(IDS) - own.keys() - refused))
    assert not set(told) & (own.keys() | refused)
    assert all(0.5 <= one.stars <= 5 and np.isfinite(one.score) for one in found)
    assert FITTED.recommend(own, 5, refused=refused) == found


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"noir-1": 0.5},
        {"unheard-of": 5.0},
        {"alone": 5.0},
        {film.film_id: 5.0 for film in FILMS[:-2]},
        dict.fromkeys(IDS[:10], 3.5),
        {f"unheard-of-{n}": 5.0 for n in range(1000)},
    ],
    ids=["none", "one", "unknown", "nobody else knows it", "all fives", "all alike", "a thousand unknown"],
)
def test_odd_members_get_an_answer(own: dict[str, float]) -> None:
    found = FITTED.recommend(own)
    assert found
    assert all(0.5 <= one.stars <= 5 for one in found)


def test_a_thousand_fives_and_only_half_stars_are_predicted_within_the_scale() -> None:
    films = [FilmFacts(f"f{n}", 1950 + n % 70, ("Drama",), fame=float(n % 50)) for n in range(1200)]
    crowd = [(f"m{m}", f"f{n}", 0.5 + (m * n) % 10 / 2) for m in range(20) for n in range(m, 1200, 7)]
    big = Model.fit(crowd, films)
    fives, halves = ({f"f{n}": stars for n in range(1000)} for stars in (5.0, 0.5))
    assert big.ask(fives).stars.min() > big.ask(halves).stars.max() - 1.5
    assert {one.film_id for one in big.recommend(fives, 300)} == {f"f{n}" for n in range(1000, 1200)}


@pytest.mark.parametrize("films", [[], FILMS[:1], FILMS])
def test_without_ratings_or_films_the_answer_is_still_an_answer(films: list[FilmFacts]) -> None:
    bare = Model.fit([], films)
    assert len(bare.recommend({}, 5)) == min(5, len(films))
    assert len(bare.recommend({"noir-0": 4.0}, 5)) == max(0, min(5, len(films) - 1))


def test_the_order_of_ratings_and_a_second_fit_change_nothing() -> None:
    again = Model.fit(list(reversed(ratings())), FILMS)
    own = {"noir-1": 5.0, "space-2": 2.0}
    assert [one.film_id for one in again.recommend(own)] == [one.film_id for one in FITTED.recommend(own)]
    assert np.array_equal(model().ask(own).score, FITTED.ask(own).score)


def test_a_new_rating_counts_at_once() -> None:
    before = FITTED.ask({"space-1": 3.0})
    after = FITTED.ask({"space-1": 3.0, "noir-1": 5.0})
    row = FITTED.content.at["noir-2"]
    assert after.score[row] - after.score.mean() > before.score[row] - before.score.mean()


def test_not_for_me_moves_what_is_like_it_down() -> None:
    own = {"noir-1": 4.5, "space-1": 4.5}
    row, other = FITTED.content.at["space-3"], FITTED.content.at["noir-3"]
    before, after = FITTED.ask(own), FITTED.ask(own, refused=["space-2"])
    assert after.score[row] < before.score[row]
    assert after.score[other] == before.score[other]
    assert after.stars[row] < before.stars[row]


def test_nobody_is_their_own_neighbour() -> None:
    own = {film: stars for member, film, stars in ratings() if member == "m00"}
    at = FITTED.crowd.members.index("m00")
    taste = taste_of(own, FITTED.content, FITTED.crowd.mean, member=at)
    with_self = signals_of(taste_of(own, FITTED.content, FITTED.crowd.mean), FITTED.ground)
    without = signals_of(taste, FITTED.ground)
    assert not np.allclose(with_self.table, without.table)


def test_wishes_hold() -> None:
    own = {"noir-1": 5.0}
    assert {one.film_id[:5] for one in FITTED.recommend(own, 9, Wishes(genre="Science Fiction"))} == {"space"}
    short = FITTED.recommend(own, 20, Wishes(max_minutes=100))
    assert {one.film_id for one in short} == {"noir-0", "noir-2"}  # noir-1 is rated; no runtime: not known to fit
    assert {one.film_id for one in FITTED.recommend(own, 9, Wishes(decade=1990))} == {"alone"}
    assert {one.film_id for one in FITTED.recommend(own, 9, Wishes(language="de", country="DE"))} == {"alone"}
    assert FITTED.recommend(own, 9, Wishes(genre="Western")) == []


def test_surprise_takes_famous_films_down() -> None:
    own = {"noir-1": 5.0}
    fame = {film.film_id: film.fame for film in FILMS}

    def mean_fame(surprise: float) -> float:
        return float(np.mean([fame[one.film_id] for one in FITTED.recommend(own, 4, Wishes(surprise=surprise))]))

    assert mean_fame(1.0) < mean_fame(0.0)


def test_every_mood_means_something_and_keeps_to_it() -> None:
    assert set(MEANINGS) == set(Mood)
    assert (
        fit(Mood.LAUGH, FilmFacts("a", 2000, ("Comedy",))) > 0 >= fit(Mood.LAUGH, FilmFacts("b", 2000, ("War",)))
    )
    assert fit(Mood.CLASSIC, FilmFacts("a", 1950)) > 0 >= fit(Mood.CLASSIC, FilmFacts("b", 2000, ("Comedy",)))
    assert fit(Mood.LAUGH, FilmFacts("a", 2000, ("Comedy",), runtime=90)) > fit(
        Mood.LAUGH, FilmFacts("b", 2000, ("Comedy",), runtime=150)
    )


def test_both_closed_forms_of_ease_agree() -> None:
    dense = (np.random.default_rng(5).random((30, 12)) < 0.3).astype(np.float32)
    assert np.allclose(ease_by_members(dense, 20.0), ease_by_films(dense.T @ dense, 20.0), atol=1e-4)


def test_a_film_rated_twice_counts_by_the_last() -> None:
    content = content_of(FILMS)
    crowd = crowd_of([("m", "alone", 1.0), ("m", "alone", 5.0), ("m", "unheard-of", 5.0)], content)
    assert crowd.seen.sum() == 1
    assert crowd.liked[content.at["alone"]] == 1


def test_weights_are_linear_between_tables_and_end_with_them() -> None:
    assert len(weights_for(5, 29)) == len(SIGNALS)
    assert np.array_equal(weights_for(5000, 10**7), weights_for(50, 549))
    middle = weights_for(7, 29)
    low, high = (
        np.minimum(weights_for(5, 29), weights_for(10, 29)),
        np.maximum(weights_for(5, 29), weights_for(10, 29)),
    )
    assert ((middle >= low - 1e-12) & (middle <= high + 1e-12)).all()
