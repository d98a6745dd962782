"""train and predict as functions: what is kept, what is read back, and what is said."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast_cli as fc
from forecast_cli.errors import DataError, ForecastError, RunError, TrainingError, UsageError
from forecast_cli.forecasters.base import Forecast
from forecast_cli.forecasters.naive import SeasonalNaive
from forecast_cli.monitor import SilentMonitor
from forecast_cli.results import PredictResult, TrainResult

START = "2026-01-05"


class Listener(SilentMonitor):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def frame(
    rows: int = 480, columns: tuple[str, ...] = ("load",), start: str = START
) -> pd.DataFrame:
    times = pd.date_range(start, periods=rows, freq="h")
    hours = (times - pd.Timestamp(START)) // pd.Timedelta("1h")
    noise = np.random.default_rng(0).normal(size=(rows, len(columns)))
    wave = np.sin(2 * np.pi * np.asarray(hours) / 24)[:, None]
    values = pd.DataFrame((10 + 3 * wave + 0.2 * noise).round(3), columns=list(columns))
    return pd.concat([pd.DataFrame({"when": times}), values], axis=1)


def long(table: pd.DataFrame) -> pd.DataFrame:
    return table.melt("when", var_name="meter", value_name="load")


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Write a frame to a CSV in the working folder, and return its name."""
    monkeypatch.chdir(tmp_path)

    def write_csv(table: pd.DataFrame, name: str = "data.csv") -> str:
        table.to_csv(name, index=False)
        return name

    return write_csv


def test_a_run_holds_every_file_and_every_resolved_value(write: Callable[..., str]) -> None:
    result = fc.train(write(frame()), horizon=12, model="linear")
    assert isinstance(result, TrainResult)
    path = Path(result.run)
    assert {file.name for file in path.iterdir()} == {
        "config.toml",
        "manifest.json",
        "manifest.sha256",
        "model.safetensors",
        "model.json",
        "calibration.json",
        "history.jsonl",
        "metrics.json",
        "report.html",
        "MODEL_CARD.md",
    }
    config = tomllib.loads((path / "config.toml").read_text())
    assert (config["horizon"], config["model"], config["data"]) == (12, "linear", ["data.csv"])
    assert config["val_size"] == 60  # five horizons
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["data"]["sha256"] == result.data.sha256
    assert manifest["data"]["absolute"] == [str(Path("data.csv").absolute())]
    assert manifest["command"] == "forecast train data.csv --horizon 12 --model linear"
    assert set(manifest["packages"]) >= {"torch", "numpy", "pandas"}
    assert (path / "MODEL_CARD.md").read_text().startswith("# linear")


def test_intervals_are_calibrated_by_default_and_left_as_they_are_on_request(
    write: Callable[..., str],
) -> None:
    data = write(frame())
    widths, medians = {}, {}
    for conformal in (True, False):
        run = fc.train(data, horizon=12, model="linear", conformal=conformal, runs=str(conformal))
        (series,) = fc.predict(run=run.run).series
        widths[conformal] = series.upper[80] - series.forecast
        medians[conformal] = series.forecast
        kept = Path(run.run) / "calibration.json"
        assert kept.exists() == conformal
        if conformal:
            factors = np.array(json.loads(kept.read_text())["factors"][0])
    np.testing.assert_array_equal(medians[True], medians[False])
    np.testing.assert_allclose(widths[True], factors * widths[False])


def test_newer_data_that_the_model_misses_widen_its_intervals(write: Callable[..., str]) -> None:
    result = fc.train(write(frame()), horizon=12, model="linear")
    longer = frame(540)
    wild = longer.copy()
    wild.loc[480:527, "load"] += np.random.default_rng(1).choice([-30.0, 30.0], size=48)
    widths = []
    for table in (longer, wild):
        (series,) = fc.predict(write(table, "new.csv"), run=result.run).series
        widths.append((series.upper[80] - series.lower[80]).mean())
    assert widths[1] > 2 * widths[0]


def test_the_configuration_of_a_run_makes_the_same_run_again(write: Callable[..., str]) -> None:
    first = fc.train(write(frame()), horizon=12, model="linear")
    config = tomllib.loads((Path(first.run) / "config.toml").read_text())
    again = fc.train(**config)
    assert again.settings == first.settings
    weights = [(Path(r.run) / "model.safetensors").read_bytes() for r in (first, again)]
    assert weights[0] == weights[1]


def test_a_horizon_that_nobody_gave_is_inferred_and_said(write: Callable[..., str]) -> None:
    result = fc.train(write(frame()), model="naive")
    assert result.horizon == 24
    assert [i.option for i in result.data.inferred if i.name == "horizon"] == ["--horizon 24"]


def test_predict_takes_the_latest_run_and_its_data(write: Callable[..., str]) -> None:
    data = frame()
    fc.train(write(data), horizon=12, model="naive")
    run = fc.train("data.csv", horizon=24, model="seasonal-naive").run
    result = fc.predict()
    assert isinstance(result, PredictResult)
    assert (result.run, result.model, result.time_name) == (run, "seasonal-naive", "when")
    (series,) = result.series
    assert series.times[0].startswith("2026-01-25 00:00")
    assert len(series.times) == 24
    np.testing.assert_allclose(series.forecast, data["load"][-24:], rtol=1e-6)
    np.testing.assert_allclose(series.past, data["load"][-96:])
    assert len(series.past_times) == 96
    for level in (80, 95):
        assert (series.lower[level] <= series.forecast).all()
        assert (series.forecast <= series.upper[level]).all()
    assert (series.upper[80] <= series.upper[95]).all()


def test_levels_are_those_of_the_training(write: Callable[..., str]) -> None:
    fc.train(write(frame()), horizon=3, model="naive", level=(90, 50))
    result = fc.predict()
    assert result.levels == (50, 90)
    assert set(result.series[0].lower) == {50, 90}


def test_newer_data_are_forecast_from_their_own_end(write: Callable[..., str]) -> None:
    run = fc.train(write(frame()), horizon=24, model="seasonal-naive").run
    newer = frame(rows=100, start="2026-03-02")
    result = fc.predict(write(newer, "new.csv"), run=Path(run).name)
    np.testing.assert_allclose(result.series[0].forecast, newer["load"][-24:], rtol=1e-6)
    assert result.series[0].times[0].startswith("2026-03-06 04:00")


def test_a_changed_file_is_said(write: Callable[..., str]) -> None:
    fc.train(write(frame()), horizon=12, model="naive")
    listener = Listener()
    fc.predict(monitor=listener)
    assert listener.said == []
    write(frame(rows=490))
    fc.predict(monitor=listener)
    assert "changed since the training" in listener.said[0]


def test_a_series_that_the_model_never_saw_is_said(write: Callable[..., str]) -> None:
    fc.train(write(long(frame(columns=("a", "b")))), horizon=12, model="naive")
    listener = Listener()
    result = fc.predict(write(long(frame(columns=("a", "z"))), "new.csv"), monitor=listener)
    assert [series.id for series in result.series] == ["a", "z"]
    assert any("never saw: z" in line for line in listener.said)


def test_series_of_the_training_that_are_not_there_are_said_and_the_rest_is_forecast(
    write: Callable[..., str],
) -> None:
    fc.train(write(frame(columns=("a", "b", "c"))), horizon=12, model="linear")
    listener = Listener()
    result = fc.predict(write(frame(columns=("z", "c", "a")), "new.csv"), monitor=listener)
    assert [series.id for series in result.series] == ["a", "c"]
    assert any('2 of the 3 targets of the training; not forecast: "b"' in s for s in listener.said)


def test_data_with_none_of_the_series_of_the_training_are_refused(
    write: Callable[..., str],
) -> None:
    fc.train(write(frame(columns=("a", "b"))), horizon=12, model="naive")
    with pytest.raises(DataError, match=r'none of the series of the training \("a", "b"\)'):
        fc.predict(write(frame(columns=("y", "z")), "new.csv"))


def test_what_a_mark_meant_in_the_training_it_means_in_the_forecast(
    write: Callable[..., str],
) -> None:
    table = frame()
    table.loc[[50, 51, 90], "load"] = -200.0
    fc.train(write(table), horizon=3, model="naive")
    newer = frame(rows=60, start="2026-03-02")
    newer.loc[59, "load"] = -200.0
    result = fc.predict(write(newer, "new.csv"))
    assert result.series[0].forecast[0] > 0
    (repair,) = [r for r in result.data.repairs if r.kind == "missing marks"]
    assert repair.count == 1


def test_a_column_that_was_constant_in_the_training_is_no_series_of_the_forecast(
    write: Callable[..., str],
) -> None:
    fc.train(write(frame().assign(flow=5.0)), horizon=3, model="naive")
    newer = frame(rows=60).assign(flow=np.arange(60.0) ** 1.5)
    assert [series.id for series in fc.predict(write(newer, "new.csv")).series] == ["load"]


def test_the_order_of_day_and_month_is_that_of_the_training(write: Callable[..., str]) -> None:
    def days(start: str, periods: int, form: str) -> str:
        times = pd.date_range(start, periods=periods)
        return write(pd.DataFrame({"day": times.strftime(form), "y": np.arange(periods) % 7.0}))

    fc.train(days("2026-01-01", 90, "%d/%m/%Y"), horizon=3, model="naive")
    assert fc.predict(days("2026-04-03", 2, "%d/%m/%Y")).series[0].times[0] == "2026-04-05"
    listener = Listener()
    result = fc.predict(days("2026-04-20", 9, "%m/%d/%Y"), monitor=listener)
    assert result.series[0].times[0] == "2026-04-29"
    assert any('--date-format "%d/%m/%Y" → "%m/%d/%Y"' in line for line in listener.said)


def test_a_short_file_with_a_gap_keeps_the_step_of_the_training(write: Callable[..., str]) -> None:
    fc.train(write(frame()), horizon=2, model="naive")
    result = fc.predict(write(frame(rows=7).iloc[[0, 2, 4, 6]].iloc[-2:], "new.csv"))
    assert result.data.frequency == "h"
    assert result.series[0].times[0].startswith("2026-01-05 07:00")


def test_a_label_means_the_same_in_the_training_and_in_the_forecast(
    write: Callable[..., str],
) -> None:
    kinds = {"a": "boiler", "b": "pump", "c": "valve"}
    table = long(frame(rows=200, columns=("a", "b", "c")))
    table["kind"] = table["meter"].map(kinds)
    options = {"static": "kind", "model": "linear", "horizon": 6}
    run = json.loads((Path(fc.train(write(table), **options).run) / "manifest.json").read_text())
    assert run["data"]["labels"] == {"kind": ["boiler", "pump", "valve"]}
    whole = {series.id: series.forecast for series in fc.predict().series}
    listener = Listener()
    few = fc.predict(write(table[table["meter"] != "a"], "new.csv"), monitor=listener)
    assert listener.said == []
    for series in few.series:
        np.testing.assert_allclose(series.forecast, whole[series.id])
    fc.predict(write(table.replace("pump", "fan"), "newest.csv"), monitor=listener)
    assert any("200 rows hold a value" in s and '("fan")' in s for s in listener.said)


def test_a_series_that_the_model_could_not_fit_is_said_at_once(write: Callable[..., str]) -> None:
    table = frame(columns=("a", "b"))
    table["b"] = table["b"].where(table.index > 471)
    result = fc.train(write(table), target=("a", "b"), model="arima", horizon=3)
    assert any("naive" in line and "(b)" in line for line in result.fallbacks)
    assert result.fallbacks == fc.predict().fallbacks


def test_a_run_says_how_its_data_were_read(write: Callable[..., str]) -> None:
    run = fc.train(write(frame().assign(flow=5.0)), horizon=3, model="naive").run
    config = tomllib.loads((Path(run) / "config.toml").read_text())
    expected = {
        "time": ["when"],
        "target": ["load"],
        "sep": ",",
        "decimal": ".",
        "freq": "h",
        "date_format": "%Y-%m-%d %H:%M:%S",
    }
    assert {name: config[name] for name in expected} == expected


def test_another_frequency_is_said(write: Callable[..., str]) -> None:
    fc.train(write(frame()), horizon=12, model="naive")
    daily = frame(rows=60).assign(when=pd.date_range(START, periods=60))
    listener = Listener()
    fc.predict(write(daily, "new.csv"), monitor=listener)
    assert any("steps are D, but were h" in line for line in listener.said)


def test_data_are_read_as_in_the_training_unless_told_otherwise(write: Callable[..., str]) -> None:
    fc.train(write(frame(columns=("a", "b"))), target="b", horizon=12, model="naive")
    assert [series.id for series in fc.predict().series] == ["b"]
    assert [series.id for series in fc.predict(target="a").series] == ["a"]


def test_the_data_are_found_again_from_another_folder(
    write: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Path(fc.train(write(frame()), horizon=12, model="naive").run).absolute()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert len(fc.predict(run=str(run)).series) == 1


def test_a_series_without_a_value_is_left_out_aloud(write: Callable[..., str]) -> None:
    table = frame(columns=("a", "b"))
    meters = long(table)
    fc.train(write(meters), id="meter", target="load", horizon=12, model="naive")
    meters.loc[meters["meter"] == "b", "load"] = np.nan
    listener = Listener()
    result = fc.predict(write(meters, "new.csv"), monitor=listener)
    assert [series.id for series in result.series] == ["a"]


def test_a_network_is_kept_and_forecasts_the_same_twice(write: Callable[..., str]) -> None:
    result = fc.train(write(frame()), horizon=12, max_steps=5, hidden=8, context=48, patch=12)
    assert result.kind == "network"
    assert result.steps == 5
    assert result.best_loss is not None
    assert result.history
    assert result.context == 48
    first, second = fc.predict(), fc.predict()
    assert first.series[0].forecast.tobytes() == second.series[0].forecast.tobytes()


def test_a_run_from_an_accelerator_works_without_one(write: Callable[..., str]) -> None:
    from forecast_cli.runs import store
    from forecast_cli.workflows.predict import _settings

    run = store.find(Path(fc.train(write(frame()), horizon=12, model="naive").run).parent)
    on_cuda = run.config.model_copy(update={"device": "cuda"})
    elsewhere = store.Run(run.path, run.manifest, on_cuda, run.task)
    assert _settings(elsewhere).device == "auto"
    assert _settings(run).device == "auto"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"model": "lsmt"}, UsageError),
        ({"horizon": 0}, UsageError),
        ({"horizn": 3}, UsageError),
        ({"target": "laod"}, UsageError),
        ({"horizon": 480}, DataError),
        ({"horizon": 12, "val_size": 470}, DataError),
    ],
)
def test_what_cannot_be_trained_is_refused_with_a_fix(
    write: Callable[..., str], options: dict[str, object], error: type[ForecastError]
) -> None:
    name = write(frame())
    with pytest.raises(error) as caught:
        fc.train(name, **{"model": "naive", **options})
    assert caught.value.fix
    assert not Path("runs").exists()


def test_a_model_that_breaks_is_a_training_error_and_keeps_nothing(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("CUDA out of memory\nlong story")

    monkeypatch.setattr(SeasonalNaive, "fit", breaks)
    with pytest.raises(TrainingError, match=r"seasonal-naive.*out of memory$"):
        fc.train(write(frame()), model="seasonal-naive")
    assert not Path("runs").exists()


def test_predict_without_a_run_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError) as caught:
        fc.predict()
    assert "forecast train" in caught.value.fix


def test_the_runs_are_listed_newest_first(write: Callable[..., str]) -> None:
    assert fc.runs() == ()
    name = write(frame())
    paths = [fc.train(name, horizon=6, model=model).run for model in ("naive", "drift")]
    entries = fc.runs()
    assert [entry.path for entry in entries] == paths[::-1]
    assert [entry.latest for entry in entries] == [True, False]
    assert (entries[0].horizon, entries[0].series, entries[0].data) == (6, 1, "data.csv")
    assert entries[0].size_bytes > 1000


def test_a_model_that_cannot_forecast_is_not_kept(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = SeasonalNaive.forecast

    def nothing(*arguments: object) -> Forecast:
        made = answer(*arguments)  # type: ignore[arg-type]
        return replace(made, values=np.full_like(made.values, np.nan))

    data = write(frame())
    monkeypatch.setattr(SeasonalNaive, "forecast", nothing)
    with pytest.raises(TrainingError, match="no finite forecast from the end"):
        fc.train(data, model="seasonal-naive", horizon=6)
    assert fc.runs() == ()


def test_a_prediction_without_numbers_is_said_with_its_count(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fc.train(write(frame()), model="seasonal-naive", horizon=6)
    answer = SeasonalNaive.forecast

    def nothing(*arguments: object) -> Forecast:
        made = answer(*arguments)  # type: ignore[arg-type]
        return replace(made, values=np.full_like(made.values, np.inf))

    monkeypatch.setattr(SeasonalNaive, "forecast", nothing)
    listener = Listener()
    fc.predict(monitor=listener)
    assert any("no finite forecast for 1 of 1 series" in line for line in listener.said)
