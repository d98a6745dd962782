"""The fan: a sample that fits into the page and reads back to the numbers of the table."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.comparison import CompareResult, ForecastTable
from forecast_cli.report.fan import BUDGET, NEVER, NOTHING, fan, packed, sample
from tests.report.conftest import MODELS, make_compare, make_table
from tests.report.test_charts import points


def read(result: CompareResult) -> dict:  # type: ignore[type-arg]
    """The data block, as the script parses it."""
    block = re.search(r'id="fan-data">(.*?)</script>', fan(result), re.S)
    assert block is not None
    return json.loads(block.group(1))  # type: ignore[no-any-return]


def numbers(text: str, low: float, high: float) -> np.ndarray:  # type: ignore[type-arg]
    steps = np.frombuffer(base64.b64decode(text), dtype="<u2").astype(float)
    return np.where(steps == NOTHING, np.nan, low + steps / (NOTHING - 1) * (high - low))


def test_packed_numbers_read_back_to_those_of_the_table(compare: CompareResult) -> None:
    t, drawn, data = compare.table, sample(compare), read(compare)
    assert drawn is not None
    one, kept = data["series"][0], drawn.series[0]
    step = (one["high"] - one["low"]) / (NOTHING - 1)
    actual = numbers(one["actual"], one["low"], one["high"]).reshape(len(kept.rows), -1)
    np.testing.assert_allclose(actual[:, data["past"] :], t.actual[kept.rows], atol=step)
    shape = (len(data["models"]), len(kept.rows), data["horizon"], data["quantiles"])
    forecasts = numbers(one["forecasts"], one["low"], one["high"]).reshape(shape)
    for k, name in enumerate(data["models"]):
        wanted = t.forecasts[name][kept.rows][:, :, list(drawn.quantiles)]
        inside = (wanted > one["low"]) & (wanted < one["high"])
        assert inside.mean() > 0.95
        np.testing.assert_allclose(forecasts[k][inside], wanted[inside], atol=step)


def test_times_and_origins_read_back_too(compare: CompareResult) -> None:
    t, drawn, data = compare.table, sample(compare), read(compare)
    assert drawn is not None
    kept = drawn.series[0]
    when = np.frombuffer(base64.b64decode(data["series"][0]["when"]), dtype="<u4")
    when = when.reshape(len(kept.rows), -1)[:, data["past"] :]
    shown = np.array(data["times"])[when]
    full = np.array(t.clock.show(t.times[kept.rows])).reshape(shown.shape)
    assert all(a.startswith(b) for a, b in zip(full.ravel(), shown.ravel(), strict=True))
    assert data["series"][0]["origins"] == t.clock.show(t.origin_times[kept.rows])


def test_the_past_is_what_came_before_the_origin(compare: CompareResult) -> None:
    drawn = sample(compare)
    assert drawn is not None
    t, kept = compare.table, drawn.series[0]
    came = dict(zip(t.times.ravel().tolist(), t.actual.ravel().tolist(), strict=True))
    for row, when, actual in zip(kept.rows, kept.when, kept.actual, strict=True):
        past = when[: drawn.past]
        assert (np.diff(past) > 0).all()
        assert past[-1] == t.origin_times[row]
        np.testing.assert_array_equal(actual[: drawn.past], [came[time] for time in past.tolist()])


def test_the_first_picture_is_drawn_without_a_script(compare: CompareResult) -> None:
    svg = fan(compare)
    mark = re.search(r'<line class="rule" x1="([\d.]+)"', svg)
    assert mark is not None
    origin = float(mark.group(1))
    actual = [point for stretch in points(svg, "actual") for point in stretch]
    (forecast,) = points(svg, "lstm")
    assert len(actual) == 3 * 24 - 1  # two horizons of past and what came; one was not observed
    assert origin in [x for x, _ in actual]
    assert len(forecast) == 24
    assert min(x for x, _ in forecast) > origin


def test_the_rival_is_the_best_of_the_other_kind(compare: CompareResult) -> None:
    svg = fan(compare)
    assert points(svg, "linear")
    assert "<title>gru</title>" not in svg


def test_series_reach_from_the_best_to_the_worst() -> None:
    result = make_compare(series=40)
    best = result.models[0]
    ranked = [result.table.ids[s] for s in np.argsort(best.by_series["mase"])]
    shown = [one["id"] for one in read(result)["series"]]
    assert len(shown) == 12
    assert (shown[0], shown[-1]) == (ranked[0], ranked[-1])
    assert [ranked.index(name) for name in shown] == sorted(ranked.index(n) for n in shown)
    assert "12 of 40 series" in fan(result)


@pytest.mark.parametrize("horizon", [1, 24, 500])
def test_the_sample_keeps_to_its_budget(horizon: int) -> None:
    result = make_compare(series=30, horizon=horizon)
    drawn = sample(result)
    assert drawn is not None
    assert len(json.dumps(packed(result.table, drawn))) < 1.4 * BUDGET  # times are text besides
    assert all(len(kept.rows) for kept in drawn.series)


def one_origin(table: ForecastTable) -> ForecastTable:
    return replace(
        table,
        series=table.series[:1],
        origin_times=table.origin_times[:1],
        times=table.times[:1],
        actual=table.actual[:1],
        forecasts={name: f[:1] for name, f in table.forecasts.items()},
    )


def test_a_lone_origin_has_no_past_and_is_drawn(compare: CompareResult) -> None:
    result = replace(compare, table=one_origin(compare.table))
    when = np.frombuffer(base64.b64decode(read(result)["series"][0]["when"]), dtype="<u4")
    assert (when[:48] == NEVER).all()
    assert len(points(fan(result), "lstm")[0]) == 24


def test_nothing_observed_and_nothing_forecast_make_no_number_undefined(
    compare: CompareResult,
) -> None:
    table = make_table()
    empty = replace(
        table,
        actual=np.full_like(table.actual, np.nan),
        forecasts={name: np.full_like(f, np.nan) for name, f in table.forecasts.items()},
    )
    assert not re.search(r'="[^"]*(nan|inf)[^"]*"', fan(replace(compare, table=empty)))


def test_an_exploding_forecast_does_not_flatten_the_picture(compare: CompareResult) -> None:
    wild = dict(compare.table.forecasts)
    wild["lstm"] = wild["lstm"] * 1e9
    one = read(replace(compare, table=replace(compare.table, forecasts=wild)))["series"][0]
    came = compare.table.actual[np.isfinite(compare.table.actual)]
    assert one["high"] - one["low"] <= 3.001 * (came.max() - came.min())


def test_no_forecasts_are_no_fan(compare: CompareResult) -> None:
    failed = tuple(replace(m, status="failed") for m in compare.models)
    table = replace(compare.table, forecasts={})
    assert fan(replace(compare, models=failed, table=table)) == ""
    assert len(MODELS) == len(compare.table.forecasts)
