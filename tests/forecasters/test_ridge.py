"""Ridge from moments against ridge from rows."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import Ridge as Reference

from forecast_cli.data.panel import Floats, Ints
from forecast_cli.forecasters.ridge import accumulate, choose

BLOCKS = 3


def rows(n: int = 300, noise: float = 0.5, seed: int = 0) -> tuple[Floats, Floats, Ints]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5))
    y = x @ rng.normal(size=(5, 4)) + noise * rng.normal(size=(n, 4))
    return x, y, np.arange(n) * BLOCKS // n


def test_parts_sum_to_the_whole() -> None:
    x, y, block = rows()
    whole = accumulate([(x, y, block)], BLOCKS)
    parts = accumulate([(x[:120], y[:120], block[:120]), (x[120:], y[120:], block[120:])], BLOCKS)
    np.testing.assert_allclose(parts.gram, whole.gram)
    np.testing.assert_allclose(parts.cross, whole.cross)
    np.testing.assert_allclose(whole.power.sum(axis=0), (y**2).sum(axis=0))


def test_weights_are_those_of_ridge_on_the_rows() -> None:
    x, y, block = rows()
    fit = choose(accumulate([(x, y, block)], BLOCKS), [np.zeros((5, 4))])
    reference = Reference(alpha=fit.penalty * len(x), fit_intercept=False).fit(x, y)
    np.testing.assert_allclose(fit.weights, reference.coef_.T, rtol=1e-8)


def test_held_out_weights_and_errors_come_from_the_other_blocks() -> None:
    x, y, block = rows()
    fit = choose(accumulate([(x, y, block)], BLOCKS), [np.zeros((5, 4))])
    squares = np.zeros(4)
    for k in range(BLOCKS):
        rest = block != k
        reference = Reference(alpha=fit.penalty * rest.sum(), fit_intercept=False)
        reference.fit(x[rest], y[rest])
        np.testing.assert_allclose(fit.held_out[k], reference.coef_.T, rtol=1e-8)
        squares += ((y[~rest] - reference.predict(x[~rest])) ** 2).sum(axis=0)
    np.testing.assert_allclose(fit.rmse, np.sqrt(squares / len(x)))


def test_the_penalty_is_light_for_clear_data_and_heavy_for_noise() -> None:
    clear, noise = rows(noise=0.01), rows(n=60, noise=100.0)
    light = choose(accumulate([clear], BLOCKS), [np.zeros((5, 4))])
    heavy = choose(accumulate([noise], BLOCKS), [np.zeros((5, 4))])
    assert light.penalty < 0.01 < 10 <= heavy.penalty


def test_the_better_guess_is_chosen_and_kept_where_data_are_few() -> None:
    rng = np.random.default_rng(1)
    x, truth = rng.normal(size=(12, 8)), rng.normal(size=(8, 2))
    y = x @ truth + 0.01 * rng.normal(size=(12, 2))
    moments = accumulate([(x, y, np.arange(12) * BLOCKS // 12)], BLOCKS)
    fit = choose(moments, [np.zeros((8, 2)), truth])
    assert fit.guess == 1
    np.testing.assert_allclose(fit.weights, truth, atol=0.02)


def test_one_block_alone_is_still_fitted() -> None:
    x, y, _ = rows()
    fit = choose(accumulate([(x, y, np.zeros(len(x), dtype=np.int64))], BLOCKS), [np.ones((5, 4))])
    assert np.isfinite(fit.weights).all()
    assert np.isfinite(fit.rmse).all()
