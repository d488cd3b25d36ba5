"""Learning how much each signal counts."""

import numpy as np

from bot.recommendations.learning import Sample, learn_weights, measure_ranges
from bot.recommendations.signals import SIGNAL_ROW, SIGNALS
from bot.recommendations.weights import SITUATION_TERMS, SignalWeights

FAME, GENRES = SIGNAL_ROW["fame"], SIGNAL_ROW["genres"]


def draw_samples(count: int = 60) -> list[Sample]:
    """Members who like what `genres` says, the more of their ratings are known, and whom fame leaves cold."""
    random = np.random.default_rng(3)
    samples = []
    for number in range(count):
        signals = random.normal(size=(80, len(SIGNALS))).astype(np.float32)
        known = (1, 50)[number % 2]
        liking = signals[:, GENRES] * (0.5 if known == 1 else 3.0) + random.normal(size=80)
        is_relevant = liking >= np.sort(liking)[-5]
        samples.append(Sample(signals, is_relevant, 5, known, 1_000.0, 30))
    return samples


def test_what_makes_films_relevant_is_learnt_for_each_situation() -> None:
    samples = draw_samples()
    start = SignalWeights(np.zeros((len(SIGNALS), SITUATION_TERMS)), *measure_ranges(samples))
    learnt = learn_weights(samples, start)
    few, many = learnt.at(1, 1_000, 30), learnt.at(50, 1_000, 30)
    assert many[GENRES] > few[GENRES] > 0.2
    assert abs(many[FAME]) < many[GENRES] / 5
    assert np.array_equal(learn_weights(samples, start).terms, learnt.terms)
    assert np.array_equal(learnt.low, start.low)


def test_a_strong_pull_or_no_sample_leaves_the_weights_and_a_fixed_signal_keeps_its_own() -> None:
    samples = draw_samples(20)
    terms = np.zeros((len(SIGNALS), SITUATION_TERMS))
    terms[FAME, 0] = 0.7
    start = SignalWeights(terms, *measure_ranges(samples))
    assert learn_weights([], start) is start
    assert np.allclose(learn_weights(samples, start, pull=1e4).terms, terms, atol=1e-3)
    learnt = learn_weights(samples, start, fixed=("fame",))
    assert np.allclose(learnt.terms[FAME], terms[FAME])
    assert learnt.at(20, 1_000, 30)[GENRES] > 0.2
