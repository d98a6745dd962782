"""The filter against statsmodels' Kalman filter, the search against known processes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.arima_process import arma2ma, arma_generate_sample
from statsmodels.tsa.statespace.sarimax import SARIMAX

from forecast_cli.clock import Clock
from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Origins, Panel, Role
from forecast_cli.errors import DataError
from forecast_cli.forecasters import arima, arima_effort, arima_search, parallel
from forecast_cli.forecasters.arima import ArimaForecaster
from forecast_cli.forecasters.arima_effort import share_out
from forecast_cli.forecasters.arima_filter import (
    Arima,
    forecast_all,
    innovations,
    spread,
    whiten,
)
from forecast_cli.forecasters.regressors import Regressors
from forecast_cli.task import Task
from tests.conftest import make_panel
from tests.forecasters.conftest import M4, mase

M = 6
AR, MA, SEASONAL_AR, SEASONAL_MA = [0.6, -0.2], [0.4], [0.3], [-0.5]


def seasonal_model(sigma: float = 1.0) -> Arima:
    """(2,1,1)(1,1,1)6 with its polynomials multiplied out by numpy."""

    def lagged(coefficients: list[float], lag: int) -> Floats:
        polynomial = np.zeros(lag * len(coefficients) + 1)
        polynomial[0], polynomial[lag::lag] = 1.0, coefficients
        return polynomial

    ar = np.convolve([1.0, -AR[0], -AR[1]], lagged([-SEASONAL_AR[0]], M))
    ar = np.convolve(np.convolve(ar, [1.0, -1.0]), lagged([-1.0], M))
    ma = np.convolve([1.0, *MA], lagged(SEASONAL_MA, M))
    return Arima((2, 1, 1, 1, 1, 1, M), -ar[1:], ma[1:], 0.0, sigma)


def simulated(length: int = 600) -> Floats:
    model, rng = seasonal_model(), np.random.default_rng(0)
    y, e = np.zeros(length + 20), rng.normal(size=length + 20)
    for t in range(20, len(y)):
        y[t] = model.ar @ y[t - len(model.ar) : t][::-1]
        y[t] += e[t] + model.ma @ e[t - len(model.ma) : t][::-1]
    return y[20:]


def test_forecasts_from_all_origins_equal_those_of_the_kalman_filter() -> None:
    y, horizon = simulated(), 2 * M
    found = innovations(seasonal_model(), y, np.ones(len(y), dtype=bool))
    origins = np.array([400, 500, 599])
    mine = forecast_all(seasonal_model(), found, origins, horizon)
    params = [*AR, *MA, *SEASONAL_AR, *SEASONAL_MA, 1.0]
    for o, row in zip(origins, mine, strict=True):
        kalman = SARIMAX(y[: o + 1], order=(2, 1, 1), seasonal_order=(1, 1, 1, M))
        theirs = kalman.filter(params).get_forecast(horizon)
        np.testing.assert_allclose(row, theirs.predicted_mean, rtol=1e-6)
        np.testing.assert_allclose(spread(seasonal_model(), horizon), theirs.se_mean, rtol=1e-4)


def test_a_gap_is_forecast_and_bridged_almost_as_the_kalman_filter_does() -> None:
    y = arma_generate_sample([1, -0.8], [1, 0.3], 400, distrvs=np.random.default_rng(3).normal)
    known = np.ones(400, dtype=bool)
    known[200:210] = False
    model = Arima((1, 0, 1, 0, 0, 0, 1), np.array([0.8]), np.array([0.3]), 0.0, 1.0)
    found = innovations(model, np.where(known, y, np.nan), known)
    filled, e = found.filled, found.e
    kalman = SARIMAX(np.where(known, y, np.nan), order=(1, 0, 1)).filter([0.8, 0.3, 1.0])
    np.testing.assert_allclose(filled[200:210], kalman.fittedvalues[200:210], rtol=1e-6)
    assert (e[200:210] == 0).all()
    np.testing.assert_allclose(e[225:], kalman.resid[225:], atol=1e-4)


def test_innovations_of_the_true_model_are_the_noise_that_made_the_series() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(size=300)
    model = Arima((1, 0, 1, 0, 0, 0, 1), np.array([0.7]), np.array([0.4]), 2.0, 1.0)
    y = np.zeros(300)
    for t in range(300):
        y[t] = 2.0 + (0.7 * y[t - 1] + 0.4 * noise[t - 1] if t else 0.0) + noise[t]
    e = innovations(model, y, np.ones(300, dtype=bool)).e
    np.testing.assert_allclose(e[40:], noise[40:], atol=1e-8)
    np.testing.assert_allclose(whiten(model, y[:, None])[40:, 0] - 2.0 / 1.4, noise[41:], atol=1e-8)


def test_the_spread_grows_with_the_psi_weights() -> None:
    model = Arima((1, 0, 1, 0, 0, 0, 1), np.array([0.7]), np.array([0.4]), 0.0, 2.0)
    psi = arma2ma([1, -0.7], [1, 0.4], 5)
    np.testing.assert_allclose(spread(model, 5), 2.0 * np.sqrt(np.cumsum(psi**2)))


@given(st.lists(st.floats(-2.5, 2.5), min_size=1, max_size=4))
def test_any_numbers_give_an_admissible_polynomial_and_come_back(numbers: list[float]) -> None:
    u = np.array(numbers)
    c = arima_search._coefficients(u)
    assert np.abs(np.roots(np.r_[1.0, -c])).max() < 1.0
    np.testing.assert_allclose(arima_search._unbounded(c), u, atol=1e-5)


@settings(max_examples=10, deadline=None)
@given(st.floats(-0.8, 0.8).filter(lambda a: abs(a) > 0.3), st.integers(0, 1000))
def test_the_search_finds_the_autocorrelation_of_a_first_order_process(a: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = arma_generate_sample([1, -a], [1], 800, distrvs=rng.normal, burnin=50)
    best = arima_search.search(y, 1, may_have_mean=True)
    assert 0.85 < best.sigma < 1.15
    ar, ma = arima_search._polynomials(best.u, best.orders, 1)
    impulse = arma2ma(ar, ma, 3)
    assert abs(impulse[1] - a) < 0.15


def test_a_trend_without_season_is_followed_and_one_with_a_season_ends_flat() -> None:
    rng = np.random.default_rng(6)
    walk = np.cumsum(0.5 + 0.2 * rng.normal(size=200))
    for season, drifts in ((1, True), (12, False)):
        model = arima_search.find(walk / walk.std(), season, may_bend=False)
        assert model.order[1] == 1
        assert (model.constant > 0) == drifts


def test_the_number_of_models_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0
    estimate = arima_search._estimate

    def counted(*arguments: object) -> arima_search.Candidate:
        nonlocal tried
        tried += 1
        return estimate(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(arima_search, "_estimate", counted)
    w = np.diff(simulated())
    arima_search.search(w, M, may_have_mean=True, most_models=7)
    assert tried <= 7


def test_a_short_series_is_estimated_by_exact_likelihood() -> None:
    y = arma_generate_sample([1, -0.7], [1], 60, distrvs=np.random.default_rng(4).normal)
    exact = arima_search.find(y, 1)
    conditional = arima_search.find(y, 1, exact=False)
    assert exact.order == conditional.order
    p, _, q, *_ = exact.order
    w = y - y.mean() if exact.constant else y
    likelihood = SARIMAX(w, order=(p, 0, q), concentrate_scale=True)
    mine = likelihood.loglike([*exact.ar, *exact.ma])
    assert mine >= likelihood.loglike([*conditional.ar, *conditional.ma])


@pytest.mark.parametrize("exact", [True, False])
def test_the_spread_of_errors_is_not_flattered_by_few_values(exact: bool) -> None:
    """Each coefficient that is estimated takes one value from those that tell the variance."""
    shocks = np.random.default_rng(7).normal(size=(150, 20))
    variances = []
    for e in shocks:
        y = arma_generate_sample([1, -0.3], [1], 20, distrvs=lambda size, e=e: e)
        candidate = arima_search._estimate(y, 1, (1, 0, 0, 0), True, 3, None)
        if exact:
            candidate = arima_search._exact(y, candidate, 1)
        variances.append(candidate.sigma**2)
    assert 0.95 < np.mean(variances) / np.mean(shocks.var(axis=1, ddof=1)) < 1.05


def test_a_constant_or_tiny_series_has_no_arima() -> None:
    with pytest.raises(arima_search.NoArima, match="constant"):
        arima_search.find(np.ones(100), 1)
    with pytest.raises(arima_search.NoArima, match="repeats itself exactly"):
        arima_search.find(np.tile(np.arange(12.0), 8), 12)
    with pytest.raises(arima_search.NoArima, match="too few values"):
        arima_search.find(np.arange(6.0) ** 2, 1)


def ask(model: ArimaForecaster, panel: Panel) -> tuple[Floats, tuple[str, ...]]:
    origins = Origins(np.arange(panel.n_series), panel.ends - 13)
    forecast = model.forecast(panel, origins)
    return forecast.point, forecast.fallbacks


def test_a_covariate_known_ahead_is_used() -> None:
    driven = make_panel((300,), noise=0.1, covariates=("future",))  # moves the target, spread 1
    task = Task(horizon=12, seasons=(24,))
    model = ArimaForecaster().fit(driven, task, np.array([280]))
    point, fallbacks = ask(model, driven)
    assert np.abs(point[0] - driven.target[-12:]).mean() < 0.5  # 0.8 without it
    assert fallbacks == ()


@pytest.mark.parametrize("roles", [("target",), ("target", "past")], ids=["none", "past"])
def test_a_covariate_that_is_no_longer_known_ahead_is_missed_by_name(
    roles: tuple[Role, ...],
) -> None:
    """One of another role has values after an origin that are not to be read."""
    driven = make_panel((300,), covariates=("future",))
    model = ArimaForecaster().fit(driven, Task(horizon=12, seasons=(24,)), np.array([280]))
    n = len(roles)
    other = replace(
        driven,
        values=driven.values[:, :n],
        observed=driven.observed[:, :n],
        channels=driven.channels[:n],
        roles=roles,
    )
    with pytest.raises(DataError, match="arima: was fitted with x0 known ahead"):
        ask(model, other)


def test_a_long_season_becomes_fourier_terms() -> None:
    panel = make_panel((900,), season=200)
    model = ArimaForecaster().fit(panel, Task(horizon=12, seasons=(200,)), np.array([880]))
    assert model.orders()["s0"][-1] == 1  # type: ignore[index]
    point, _ = ask(model, panel)
    assert np.abs(point[0] - panel.target[-12:]).mean() < 0.6


def test_newer_data_meet_the_same_phase_of_a_long_season() -> None:
    panel = make_panel((900,), season=200)
    model = ArimaForecaster().fit(panel, Task(horizon=12, seasons=(200,)), np.array([600]))
    late = Panel(
        values=panel.values[350:],
        observed=panel.observed[350:],
        times=panel.times[350:],
        offsets=np.array([0, 550]),
        ids=panel.ids,
        clock=panel.clock,
    )
    np.testing.assert_allclose(ask(model, panel)[0], ask(model, late)[0], atol=0.05)


def on_clock(panel: Panel, freq: str) -> Panel:
    """The same numbers on other days; all series end together."""
    days = pd.date_range("2000-01-03", periods=int(panel.lengths.max()), freq=freq)
    last = days.as_unit("ns").asi8
    times = np.concatenate([last[len(last) - n :] for n in panel.lengths])
    return replace(panel, clock=Clock(freq=freq), times=times)


@pytest.mark.parametrize("freq", ["B", "MS", "QS"])
def test_a_long_season_is_counted_in_rows_whatever_the_calendar(freq: str) -> None:
    daily = on_clock(make_panel((780, 600), season=60), "D")
    other = on_clock(daily, freq)
    for frequency in (1 / 60, 1 / 260):
        cut = other.select([0]).until(np.array([700]))
        x = Regressors(frequencies=(frequency,), anchor=int(other.times[100])).rows(cut)
        turns = np.arange(700) - 100
        np.testing.assert_allclose(x[:, 0], np.sin(2 * np.pi * frequency * turns), atol=1e-9)
    task = Task(horizon=12, seasons=(5, 60))
    points = [
        ask(ArimaForecaster().fit(panel, task, panel.ends - 80), panel)[0]
        for panel in (daily, other)
    ]
    np.testing.assert_allclose(points[1], points[0], rtol=1e-6)


def test_newer_business_days_meet_the_same_phase_of_a_long_season() -> None:
    panel = on_clock(make_panel((900,), season=200), "B")
    model = ArimaForecaster().fit(panel, Task(horizon=12, seasons=(200,)), np.array([600]))
    rows = np.arange(900) >= 350
    late = replace(
        panel,
        values=panel.values[rows],
        observed=panel.observed[rows],
        times=panel.times[rows],
        offsets=np.array([0, 550]),
    )
    np.testing.assert_allclose(ask(model, panel)[0], ask(model, late)[0], atol=0.05)


@pytest.mark.parametrize(
    ("series", "length", "season", "searches"),
    [(10, 300, 24, 1), (10_000, 300, 24, 1), (3_000, 4_000, 24, 2), (100_000, 200, 7, 1)],
)
def test_the_work_of_all_series_together_is_bounded(
    series: int, length: int, season: int, searches: int
) -> None:
    lengths = np.full(series, length)
    effort = share_out(lengths, season, searches)
    base, candidate, exact = arima_effort._costs(lengths[: effort.series], season)
    spent = (base + effort.models * candidate + (exact if effort.exact else 0)).sum() * searches
    assert 0 < spent <= arima_effort.SECONDS
    assert effort.models >= 1
    assert effort.series == series or effort.models == 1


def test_effort_falls_as_series_are_added() -> None:
    efforts = [share_out(np.full(n, 300), 24, 1) for n in (10, 700, 3_000, 10_000, 100_000)]
    assert efforts[0].models == arima_search.MOST_MODELS
    assert efforts[0].exact
    assert efforts[-1].series < 100_000
    for more, less in pairwise(efforts):
        assert (less.models, less.exact) <= (more.models, more.exact)


def test_a_bounded_search_is_said_and_what_it_leaves_out_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(arima, "SECONDS", 0.025)  # of the work foretold, never of the clock
    panel = make_panel((200, 200, 200))
    model = ArimaForecaster().fit(panel, Task(horizon=12, seasons=(24,)), panel.ends - 20)
    orders = model.orders()
    assert orders["s0"] is not None
    assert orders["s2"] is None
    model.save(tmp_path)
    for asked in (model, ArimaForecaster.load(tmp_path)):
        point, fallbacks = ask(asked, panel)
        assert np.isfinite(point).all()
        said = " ".join(fallbacks)
        assert "1 candidate orders a series instead of up to 60, as 3 series share" in said
        assert "time or work was used up before its turn, from 1 of 3 origins (s2)" in said


def test_any_number_of_workers_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "HERE_SECONDS", 0.0)
    panel = make_panel((120, 140, 130), covariates=("future",))
    answers = set()
    for workers in (1, 2):
        model = ArimaForecaster(Settings(workers=workers, backend="threading"))
        model.fit(panel, Task(horizon=12, seasons=(24,)), panel.ends - 20)
        answers.add(ask(model, panel)[0].tobytes())
    assert len(answers) == 1


def test_a_time_limit_is_honoured() -> None:
    panel = make_panel((200, 200, 200))
    model = ArimaForecaster(Settings(max_seconds=1e-9))
    model.fit(panel, Task(horizon=12, seasons=(24,)), panel.ends - 20)
    assert set(model.orders().values()) == {None}
    point, fallbacks = ask(model, panel)
    assert np.isfinite(point).all()
    assert "time or work was used up before its turn, from 3 of 3 origins" in fallbacks[1]


def test_data_shorter_than_the_lags_are_told_as_too_early() -> None:
    panel = make_panel((300,))
    model = ArimaForecaster().fit(panel, Task(horizon=12, seasons=(24,)), panel.ends - 20)
    head = panel.until(panel.starts + 20)
    forecast = model.forecast(head, Origins(np.array([0]), np.array([19])))
    assert forecast.replaced[0].why == "the origin is too early for it"


def test_an_absurd_forecast_gives_way_to_the_seasonal_naive_by_name() -> None:
    panel = make_panel((200, 200))
    model = ArimaForecaster().fit(panel, Task(horizon=12, seasons=(24,)), panel.ends - 20)
    fitted = model._parameters[1]
    assert fitted is not None
    none = np.zeros(0)
    explosive = {"order": np.array([1, 0, 0, 0, 0, 0, 1]), "ar": np.array([3.0]), "ma": none}
    model._parameters[1] = {**fitted, **explosive}
    point, fallbacks = ask(model, panel)
    start = panel.ends[1] - 13 - 23
    np.testing.assert_array_equal(point[1], panel.target[start : start + 12])
    assert len(fallbacks) == 1
    assert "(s1)" in fallbacks[0]


@pytest.mark.slow
@pytest.mark.shared_data
def test_m4_hourly_is_forecast_as_well_as_by_the_competition_s_best(m4_hourly: M4) -> None:
    panel, actual = m4_hourly
    some = np.arange(0, panel.n_series, 6)
    part = panel.select(some)
    model = ArimaForecaster().fit(part, Task(horizon=48, seasons=(24,)), part.ends)
    point = model.forecast(part, Origins.at_end(part)).point
    assert mase(part, point, actual[some]) < 0.9
