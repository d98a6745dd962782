"""The search against statsmodels' likelihood, and what it chooses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.data.panel import Bools, Floats
from forecast_cli.forecasters.smoothing import Smoothing, run
from forecast_cli.forecasters.smoothing_search import Form, best, fit, forms


def simulated(model: Smoothing, length: int, sigma: float, seed: int = 0) -> Floats:
    """A series that the recursion itself has made, with additive errors and season."""
    rng = np.random.default_rng(seed)
    level, slope, season = model.level, model.slope, list(model.season)
    y = np.empty(length)
    for t in range(length):
        e = sigma * rng.normal()
        index = season.pop(0) if season else 0.0
        base = level + model.phi * slope
        y[t] = base + index + e
        level, slope = base + model.alpha * e, model.phi * slope + model.beta * e
        if len(model.season):
            season.append(index + model.gamma * e)
    return y


def known(y: Floats) -> Bools:
    return np.ones(len(y), dtype=bool)


LOCAL = Smoothing(0.4, 0.0, 0.0, 0.0, 20.0, 0.0, np.zeros(0))
DAMPED = Smoothing(0.5, 0.2, 0.0, 0.9, 20.0, 0.3, np.zeros(0))
SEASONAL = Smoothing(0.3, 0.0, 0.1, 0.0, 20.0, 0.0, 3 * np.sin(np.arange(12) * np.pi / 6))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("trend", ["none", "additive", "damped"])
def test_no_likelihood_is_clearly_below_that_of_statsmodels(
    trend: str, relative: bool, seed: int
) -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    y = simulated(DAMPED, 90, 0.5, seed)
    form = Form(relative, trend)  # type: ignore[arg-type]
    theirs = ETSModel(
        y,
        error="mul" if relative else "add",
        trend=None if trend == "none" else "add",
        damped_trend=trend == "damped",
    ).fit(disp=False)
    n, k = len(y), form.count(1)
    shared = n * (np.log(2 * np.pi) + 1)  # what AICc leaves out for all forms alike
    aicc = -2 * theirs.llf - shared + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    assert fit(form, y, known(y), 1).aicc < aicc + 0.5


def test_weights_are_recovered_from_a_long_series() -> None:
    y = simulated(LOCAL, 2000, 1.0)
    found = fit(Form(), y, known(y), 1)
    assert found.model.alpha == pytest.approx(0.4, abs=0.06)
    assert found.sigma == pytest.approx(1.0, abs=0.05)
    y = simulated(SEASONAL, 1500, 1.0)
    found = fit(Form(season="additive"), y, known(y), 12)
    assert found.model.alpha == pytest.approx(0.3, abs=0.06)
    assert found.model.gamma == pytest.approx(0.1, abs=0.05)


def test_the_form_that_made_the_series_is_chosen() -> None:
    y = simulated(SEASONAL, 150, 0.5)
    chosen = best(forms(y, 12, safe=False), y, known(y), 12)
    assert chosen is not None
    assert chosen.form == Form(season="additive")
    y = simulated(LOCAL, 150, 0.5, seed=1)
    chosen = best(forms(y, 12, safe=False), y, known(y), 12)
    assert chosen is not None
    assert chosen.form == Form()
    growing = simulated(SEASONAL, 150, 0.05) * np.linspace(1, 6, 150)
    chosen = best(forms(growing, 12, safe=True), growing, known(growing), 12)
    assert chosen is not None
    assert chosen.form.season == "multiplicative"


def test_gaps_do_not_count() -> None:
    y = simulated(LOCAL, 200, 1.0)
    seen = known(y)
    seen[50:60] = False
    foul = y.copy()
    foul[55] += 30.0
    clean = fit(Form(), np.where(seen, y, y[49]), seen, 1)
    hidden = fit(Form(), np.where(seen, foul, y[49]), seen, 1)
    assert hidden.sigma == clean.sigma
    assert fit(Form(), foul, known(y), 1).sigma > 1.5 * clean.sigma


def test_relative_errors_are_weighed_by_the_values_that_are_known() -> None:
    """Of a series that is level, errors taken either way are as likely, gaps or none."""
    y = 1000 + simulated(LOCAL, 300, 1.0)
    seen = known(y)
    seen[150:] = False
    gappy = np.where(seen, y, 5000.0)  # what fills a gap shall not weigh
    plain, relative = (fit(Form(relative=kind), gappy, seen, 1) for kind in (False, True))
    assert relative.aicc == pytest.approx(plain.aicc, abs=1.0)


def test_multiplicative_parts_are_tried_only_where_they_are_safe() -> None:
    y = simulated(SEASONAL, 100, 0.5)
    assert all(f == replace(f, relative=False) for f in forms(y, 12, safe=False))
    assert not any(f.season == "multiplicative" for f in forms(y, 12, safe=False))
    assert all(f.relative for f in forms(y, 12, safe=True) if f.season == "multiplicative")
    assert {f.season for f in forms(y[:30], 12, safe=True)} == {"none"}
    assert len(list(forms(y, 12, safe=True))) == 10


def test_a_series_that_is_too_short_for_all_has_no_form() -> None:
    y = np.array([1.0, 2.0, 1.5, 1.7])
    assert best([Form()], y, known(y), 1) is None
    y = np.array([1.0, 2.0, 1.5, 1.7, 1.6])
    assert best([Form(), Form(trend="damped")], y, known(y), 1) is not None


def test_the_first_states_are_part_of_the_search() -> None:
    y = np.r_[simulated(LOCAL, 60, 0.1)] + 5 * np.exp(-np.arange(60))
    found = fit(Form(), y, known(y), 1)
    assert abs(run(found.model, y).fitted[0] - y[0]) < 5
