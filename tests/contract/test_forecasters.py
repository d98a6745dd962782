"""The laws that every Forecaster obeys. A new model is tested by being registered."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from forecast_cli.clock import Clock
from forecast_cli.config import Settings
from forecast_cli.data.future import extend
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.data.split import train_ends
from forecast_cli.errors import DataError
from forecast_cli.evaluation.conformal import calibrate
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast, Forecaster
from forecast_cli.monitor import SILENT
from forecast_cli.task import Task
from tests.conftest import make_panel

NAMES = [*registry.names(), "seasonal-naive-12"]
SMALL = Settings(max_steps=20, hidden=16, device="cpu")
TASK = Task(horizon=7, seasons=(24,), validation=24)
LENGTHS = (260, 210, 230)
HELD_OUT = 60

all_models = pytest.mark.parametrize("name", NAMES)
baselines = pytest.mark.parametrize("name", registry.names("baseline"))
poisons = pytest.mark.parametrize("poison", [np.nan, 1e12], ids=["nan", "1e12"])


@cache
def standard(covariates: tuple[str, ...] = ("past", "future")) -> Panel:
    """Three ragged series with gaps, covariates and a static feature."""
    panel = make_panel(LENGTHS, missing=0.05, covariates=covariates, seed=3)
    return replace(panel, static=np.array([[1.0], [2.0], [np.nan]]), static_names=("size",))


def cutoff(panel: Panel) -> Ints:
    return panel.ends - HELD_OUT


@cache
def fitted(name: str) -> Forecaster:
    """The model fitted on the standard panel before its cutoff."""
    return fit(name, standard())


def fit(name: str, panel: Panel, until: Ints | None = None, task: Task = TASK) -> Forecaster:
    model = registry.create(name, SMALL)
    return model.fit(panel, task, cutoff(panel) if until is None else until, SILENT)


def late_origins(panel: Panel, each: int = 8) -> Origins:
    """``each`` origins of every series after the cutoff, at uneven distances."""
    back = np.linspace(HELD_OUT, TASK.horizon, each).astype(np.int64)
    rows = (panel.ends[:, None] - 1 - back).ravel()
    return Origins(np.repeat(np.arange(panel.n_series), each), rows)


def poisoned(
    panel: Panel, rows: npt.NDArray[np.bool_], value: float, *, known_ahead: bool = False
) -> Panel:
    """The panel with target and past covariates overwritten in some rows, or all channels."""
    values, observed = panel.values.copy(), panel.observed.copy()
    for c, role in enumerate(panel.roles):
        if known_ahead or role != "future":
            values[rows, c] = value
            observed[rows, c] = np.isfinite(value)
    return replace(panel, values=values, observed=observed)


def same_bytes(a: Forecast, b: Forecast) -> bool:
    return a.values.tobytes() == b.values.tobytes()


@all_models
def test_forecast_has_its_shape_is_finite_and_its_quantiles_do_not_cross(name: str) -> None:
    panel = standard()
    origins = late_origins(panel)
    forecast = fitted(name).forecast(panel, origins)
    assert forecast.values.shape == (len(origins), TASK.horizon, len(TASK.quantiles))
    assert forecast.values.dtype == np.float64
    assert forecast.quantiles == TASK.quantiles
    assert np.isfinite(forecast.values).all()
    assert (np.diff(forecast.values, axis=2) >= 0).all()
    assert fitted(name).n_parameters >= 0


@all_models
def test_forecast_is_better_than_a_wild_guess(name: str) -> None:
    panel = standard()
    origins = late_origins(panel)
    actual = panel.target[origins.rows[:, None] + np.arange(1, TASK.horizon + 1)]
    error = np.nanmean(np.abs(fitted(name).forecast(panel, origins).point - actual))
    assert error < 6.0  # the levels of the series lie 10 apart, their waves swing by 3


@all_models
@poisons
def test_rows_after_the_cutoff_do_not_reach_the_fit(name: str, poison: float) -> None:
    panel = standard()
    after = np.arange(panel.n_rows) >= np.repeat(cutoff(panel), panel.lengths)
    foul = poisoned(panel, after, poison, known_ahead=True)
    origins = late_origins(panel)
    clean = fitted(name).forecast(panel, origins)
    assert same_bytes(clean, fit(name, foul).forecast(panel, origins))


@all_models
@poisons
def test_rows_after_an_origin_do_not_reach_its_forecast(name: str, poison: float) -> None:
    panel = standard()
    origins = late_origins(panel)
    assert len(origins) >= 20
    for o in range(len(origins)):
        one = origins[o : o + 1]
        foul = poisoned(panel, panel.times > panel.times[one.rows[0]], poison)
        clean = fitted(name).forecast(panel, one)
        assert same_bytes(clean, fitted(name).forecast(foul, one)), f"origin {o}"


@all_models
@poisons
def test_nothing_later_reaches_a_batch_of_origins(name: str, poison: float) -> None:
    panel = standard()
    origins = late_origins(panel)
    last = np.full(panel.n_series, -1, dtype=np.int64)
    np.maximum.at(last, origins.series, origins.rows)
    after = np.arange(panel.n_rows) > np.repeat(last, panel.lengths)
    foul = poisoned(panel, after, poison)
    assert same_bytes(fitted(name).forecast(panel, origins), fitted(name).forecast(foul, origins))


@all_models
def test_forecast_uses_what_was_observed_up_to_the_origin(name: str) -> None:
    panel = standard()
    origins = Origins(np.arange(panel.n_series), cutoff(panel) - 1)
    rows = np.repeat(origins.rows, panel.lengths) - np.arange(panel.n_rows)
    moved = replace(panel, values=panel.values.copy())
    moved.values[(rows >= 0) & (rows < 48), 0] += 5.0
    before, after = (fitted(name).forecast(p, origins).point for p in (panel, moved))
    assert (np.abs(after - before) > 0.01).all()


@all_models
def test_a_loaded_model_forecasts_byte_for_byte_what_the_saved_one_did(
    name: str, tmp_path: Path
) -> None:
    panel = standard()
    origins = late_origins(panel)
    fitted(name).save(tmp_path)
    loaded = registry.model_class(name).load(tmp_path, SMALL)
    assert loaded.name == name
    assert loaded.n_parameters == fitted(name).n_parameters
    assert same_bytes(fitted(name).forecast(panel, origins), loaded.forecast(panel, origins))


@all_models
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    panel = standard()
    origins = late_origins(panel)
    again = fit(name, panel)
    assert same_bytes(fitted(name).forecast(panel, origins), again.forecast(panel, origins))


@all_models
def test_scaling_and_shifting_the_target_scales_and_shifts_the_forecast(name: str) -> None:
    panel = standard()
    origins = late_origins(panel)
    centred = getattr(fitted(name), "centred", True)
    a, b = 3.7, 17.3 if centred else 0.0  # a multiplicative model follows no shift
    values = panel.values.copy()
    values[:, 0] = a * values[:, 0] + b
    moved = replace(panel, values=values)
    plain = fitted(name).forecast(panel, origins).values
    scaled = fit(name, moved).forecast(moved, origins).values
    np.testing.assert_allclose((scaled - b) / a, plain, rtol=0, atol=1e-9)


@all_models
def test_new_names_of_the_series_change_nothing(name: str) -> None:
    panel = standard()
    origins = late_origins(panel)
    renamed = replace(panel, ids=("zebra", "ant", "mole"))
    assert same_bytes(
        fitted(name).forecast(panel, origins), fit(name, renamed).forecast(renamed, origins)
    )


@all_models
def test_the_order_of_the_series_changes_nothing(name: str) -> None:
    panel = standard()
    shuffled = panel.select([2, 0, 1])
    model = fit(name, shuffled)
    for old, new in ((0, 1), (1, 2), (2, 0)):
        mine = Origins(np.array([old]), cutoff(panel)[[old]] - 1)
        theirs = Origins(np.array([new]), cutoff(shuffled)[[new]] - 1)
        np.testing.assert_allclose(
            model.forecast(shuffled, theirs).values,
            fitted(name).forecast(panel, mine).values,
            rtol=1e-7,
        )


@all_models
def test_series_are_recognised_by_name_in_another_panel(name: str) -> None:
    panel = standard()
    some = panel.select([2, 1])
    mine = fitted(name).forecast(panel, Origins(np.array([2, 1]), cutoff(panel)[[2, 1]] - 1))
    theirs = fitted(name).forecast(some, Origins(np.array([0, 1]), cutoff(some) - 1))
    np.testing.assert_allclose(theirs.values, mine.values, rtol=1e-5)


@all_models
def test_origins_asked_together_or_one_by_one_or_backwards_give_the_same(name: str) -> None:
    panel = standard()
    origins = late_origins(panel)
    together = fitted(name).forecast(panel, origins).values
    alone = [fitted(name).forecast(panel, origins[o : o + 1]).values for o in range(len(origins))]
    np.testing.assert_allclose(np.concatenate(alone), together, rtol=1e-5)
    backwards = fitted(name).forecast(panel, origins[::-1]).values
    np.testing.assert_allclose(backwards[::-1], together, rtol=1e-5)


@all_models
def test_no_origins_give_no_forecasts(name: str) -> None:
    none = Origins(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    forecast = fitted(name).forecast(standard(), none)
    assert forecast.values.shape == (0, TASK.horizon, len(TASK.quantiles))


@all_models
def test_forecast_and_fit_leave_the_panel_alone(name: str) -> None:
    panel = make_panel((150,), missing=0.1)
    copies = panel.values.copy(), panel.observed.copy(), panel.times.copy()
    fit(name, panel, panel.ends - 20).forecast(panel, Origins(np.array([0]), panel.ends - 10))
    for now, then in zip((panel.values, panel.observed, panel.times), copies, strict=True):
        np.testing.assert_array_equal(now, then)


@all_models
def test_the_levels_of_the_task_are_honoured(name: str) -> None:
    panel = make_panel((200, 180))
    task = Task(horizon=3, seasons=(24,), levels=(50, 90))
    model = fit(name, panel, panel.ends - 10, task)
    forecast = model.forecast(panel, Origins(np.array([1]), panel.ends[[1]] - 11))
    assert forecast.quantiles == (0.05, 0.25, 0.5, 0.75, 0.95)
    assert forecast.values.shape == (1, 3, 5)


@all_models
def test_a_forecast_reaches_beyond_the_end_of_the_history(name: str) -> None:
    panel = make_panel((200, 180))
    model = fit(name, panel, panel.ends)
    longer = extend(panel, TASK.horizon)
    forecast = model.forecast(longer, Origins.at_end(longer))
    assert np.isfinite(forecast.values).all()


@all_models
def test_an_unseen_series_is_forecast_or_refused_by_name(name: str) -> None:
    panel = make_panel((200, 200))
    stranger = replace(panel, ids=("s0", "stranger"))
    model = fit(name, panel, panel.ends - 30)
    origins = Origins(np.array([0, 1]), stranger.ends - 20)
    refusal: DataError | None = None
    try:
        forecast = model.forecast(stranger, origins)
    except DataError as error:
        refusal = error
    if refusal is None:
        assert np.isfinite(forecast.values).all()
    else:
        assert "stranger" in refusal.message
        assert refusal.fix


def constant(length: int = 120) -> Panel:
    panel = make_panel((length, length))
    return replace(panel, values=np.full_like(panel.values, 3.5))


def once_observed() -> Panel:
    panel = make_panel((120, 120))
    observed = panel.observed.copy()
    observed[:120] = False
    observed[40] = True
    return replace(panel, values=np.where(observed, panel.values, np.nan), observed=observed)


ODD = {
    "a third missing": lambda: make_panel((200, 170, 190), missing=0.3),
    "constant": constant,
    "shorter than two seasons": lambda: make_panel((40, 35)),
    "one long, one tiny": lambda: make_panel((300, 25)),
    "observed once": once_observed,
    "no calendar": lambda: make_panel((150, 140), freq=None),
    "monthly": lambda: replace(
        make_panel((60, 60)),
        clock=Clock(freq="MS"),
        times=np.tile(np.arange("2015-01", "2020-01", dtype="datetime64[M]"), 2)
        .astype("datetime64[ns]")
        .astype(np.int64),
    ),
    "negative and huge": lambda: replace(
        make_panel((150,)), values=1e9 - 1e3 * make_panel((150,)).values
    ),
}


@all_models
@pytest.mark.parametrize("case", ODD)
def test_odd_series_get_finite_forecasts(name: str, case: str) -> None:
    panel = ODD[case]()
    model = fit(name, panel, panel.ends - 8)
    forecast = model.forecast(panel, Origins(np.arange(panel.n_series), panel.ends - 8))
    assert np.isfinite(forecast.values).all()
    assert (np.diff(forecast.values, axis=2) >= 0).all()


@all_models
def test_a_series_that_turns_negative_after_the_cutoff_gets_finite_forecasts(name: str) -> None:
    """What multiplies was estimated where all was positive."""
    panel = make_panel((300,))
    values = panel.values.copy()
    values[:, 0] += 20 - values[:, 0].min()
    values[-30:, 0] -= 60
    panel = replace(panel, values=values)
    model = fit(name, panel, panel.ends - 40)
    rows = panel.ends[0] - np.arange(38, 10, -3)
    forecast = model.forecast(panel, Origins(np.zeros(len(rows), dtype=np.int64), rows))
    assert np.isfinite(forecast.values).all()


@baselines
def test_a_constant_series_stays_constant(name: str) -> None:
    panel = constant()
    model = fit(name, panel, panel.ends - 8)
    forecast = model.forecast(panel, Origins(np.arange(panel.n_series), panel.ends - 8))
    np.testing.assert_allclose(forecast.point, 3.5, atol=0.05)


@all_models
def test_a_series_that_begins_after_the_cutoff_is_no_obstacle(name: str) -> None:
    panel = make_panel((260, 60))
    until = np.array([panel.ends[0] - 80, panel.starts[1]])
    model = fit(name, panel, until)
    forecast = model.forecast(panel, Origins(np.array([0, 1]), panel.ends - 20))
    assert np.isfinite(forecast.values).all()


def block_origins(panel: Panel) -> Origins:
    """Three origins of every series, their steps in the validation block; the first before it."""
    ends = train_ends(panel, cutoff(panel), TASK.validation)
    rows = (ends[:, None] - 1 + np.array([0, 6, TASK.validation - TASK.horizon])).ravel()
    return Origins(np.repeat(np.arange(panel.n_series), 3), rows)


@all_models
def test_held_out_forecasts_are_whole_and_not_those_of_the_fit_itself(name: str) -> None:
    panel, origins = standard(), block_origins(standard())
    values = fitted(name).held_out(panel, TASK, cutoff(panel), origins).values
    assert values.shape == (len(origins), TASK.horizon, len(TASK.quantiles))
    assert np.isfinite(values).all()
    assert (np.diff(values, axis=2) >= 0).all()
    assert values.tobytes() != fitted(name).forecast(panel, origins).values.tobytes()


@baselines
@poisons
def test_what_is_held_out_has_learned_from_nothing_in_the_block(name: str, poison: float) -> None:
    """From the last row before it: what stands in the block is not known, and was not learned."""
    panel = standard()
    origins = block_origins(panel)[::3]
    block = np.arange(panel.n_rows) > np.repeat(origins.rows, panel.lengths)
    foul = poisoned(panel, block, poison)
    clean = fitted(name).held_out(panel, TASK, cutoff(panel), origins)
    assert same_bytes(clean, fitted(name).held_out(foul, TASK, cutoff(panel), origins))


@all_models
@poisons
def test_rows_after_the_cutoff_do_not_reach_what_is_held_out(name: str, poison: float) -> None:
    """Networks learn from the block when to stop, and from nothing after it."""
    panel, origins = standard(), block_origins(standard())
    after = np.arange(panel.n_rows) >= np.repeat(cutoff(panel), panel.lengths)
    foul = poisoned(panel, after, poison, known_ahead=True)
    clean = fitted(name).held_out(panel, TASK, cutoff(panel), origins)
    again = fit(name, foul).held_out(foul, TASK, cutoff(panel), origins)
    assert same_bytes(clean, again)


@all_models
def test_calibrated_intervals_keep_the_median_and_do_not_cross(name: str) -> None:
    panel, origins = standard(), late_origins(standard())
    calibration = calibrate([fitted(name)], panel, TASK, cutoff(panel), origins)
    assert calibration.calibrated == (True, True)
    own = fitted(name).forecast(panel, origins).values
    values = calibration.apply(own, TASK.quantiles)
    assert values[:, :, TASK.median].tobytes() == own[:, :, TASK.median].tobytes()
    assert (np.diff(values, axis=2) >= 0).all()
    assert np.isfinite(values).all()
