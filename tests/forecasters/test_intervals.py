"""Quantiles of errors against numpy, and the cases in which there is no answer."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.data.panel import Floats, Panel
from forecast_cli.forecasters import intervals
from forecast_cli.forecasters.intervals import error_quantiles, spread_origins

QUANTILES = (0.1, 0.5, 0.9)


def panel_of(*series: Floats) -> Panel:
    values = np.concatenate(series)[:, None]
    return Panel(
        values=values,
        observed=np.isfinite(values),
        times=np.arange(len(values)),
        offsets=np.cumsum([0, *(len(y) for y in series)]),
        ids=tuple(f"s{s}" for s in range(len(series))),
    )


def quantiles_around_zero(past: Panel, horizon: int = 2) -> Floats:
    """Those of a forecast that is always 0, whose errors are the values themselves."""
    result = np.full((past.n_series, horizon, 3), np.nan)
    for block, part, origins in spread_origins(past, horizon):
        zero = np.zeros((len(origins), horizon))
        result[block] = error_quantiles(part, origins, zero, QUANTILES)
    return result


def test_they_are_the_empirical_quantiles_of_each_series_and_step() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=300), 5 * rng.normal(size=200)
    found = quantiles_around_zero(panel_of(a, b))
    for s, y in enumerate((a, b)):
        for h in (1, 2):
            expected = np.quantile(y[h:], QUANTILES, method="weibull")
            np.testing.assert_allclose(found[s, h - 1, [0, 2]], expected[[0, 2]])


def test_missing_targets_do_not_count() -> None:
    y = np.random.default_rng(1).normal(size=300)
    y[::3] = np.nan
    found = quantiles_around_zero(panel_of(y))
    seen = y[1:][np.isfinite(y[1:])]
    np.testing.assert_allclose(found[0, 0, 2], np.quantile(seen, 0.9, method="weibull"))


def test_an_interval_holds_its_own_forecast() -> None:
    found = quantiles_around_zero(panel_of(3 + np.random.default_rng(2).random(200)))
    assert (found[:, :, 0] == 0).all()
    assert (found[:, :, 2] > 3).all()


def test_few_errors_and_spans_as_long_as_the_history_have_no_answer() -> None:
    rng = np.random.default_rng(3)
    assert np.isnan(quantiles_around_zero(panel_of(rng.normal(size=30)))).all()
    found = quantiles_around_zero(panel_of(rng.normal(size=90)), horizon=40)
    assert np.isfinite(found[0, :30]).all()
    assert np.isnan(found[0, 30:]).all()


def test_a_block_holds_its_own_series_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    past = panel_of(*np.random.default_rng(5).normal(size=(5, 60)))
    monkeypatch.setattr(intervals, "BLOCK_CELLS", 2 * 2 * 60)  # two series at a time
    blocks = list(spread_origins(past, 2))
    assert [list(block) for block, _, _ in blocks] == [[0, 1], [2, 3], [4]]
    for block, part, origins in blocks:
        assert part.ids == tuple(past.ids[s] for s in block)
        assert part.n_rows == 60 * len(block)
        np.testing.assert_array_equal(origins.rows, np.arange(part.n_rows))


def test_many_series_are_asked_for_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    past = panel_of(*np.random.default_rng(4).normal(size=(7, 60)), np.zeros(0))
    whole = quantiles_around_zero(past)
    monkeypatch.setattr(intervals, "BLOCK_CELLS", 2 * 2 * 60)  # two series at a time
    np.testing.assert_array_equal(quantiles_around_zero(past), whole)
    assert np.isnan(whole[7]).all()
