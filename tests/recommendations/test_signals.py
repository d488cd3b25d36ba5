"""The signals of one member, and their learnt weights."""

import numpy as np

from bot.recommendations.signals import SIGNALS, build_taste_profile, compute_signals, signal_weights
from tests.recommendations.world import fit_model, ratings


def test_nobody_is_their_own_neighbour() -> None:
    model = fit_model()
    own = {film: stars for member, film, stars in ratings() if member == "m00"}
    row = model.crowd.member_keys.index("m00")
    profile = build_taste_profile(own, model.content, model.crowd.mean_stars, crowd_row=row)
    with_self = compute_signals(
        build_taste_profile(own, model.content, model.crowd.mean_stars), model.signal_inputs
    )
    without = compute_signals(profile, model.signal_inputs)
    assert not np.allclose(with_self.values, without.values)


def test_weights_are_linear_between_tables_and_end_with_them() -> None:
    assert len(signal_weights(5, 29)) == len(SIGNALS)
    assert np.array_equal(signal_weights(5000, 10**7), signal_weights(50, 549))
    middle = signal_weights(7, 29)
    low, high = (
        np.minimum(signal_weights(5, 29), signal_weights(10, 29)),
        np.maximum(signal_weights(5, 29), signal_weights(10, 29)),
    )
    assert ((middle >= low - 1e-12) & (middle <= high + 1e-12)).all()
