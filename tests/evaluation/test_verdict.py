"""The sentence: every rule of docs/protocol.md decides a case here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_rel

from forecast_cli.clock import Clock
from forecast_cli.comparison import ForecastTable, ModelScore, Protocol, Verdict
from forecast_cli.evaluation.metrics import RANKING, Scales
from forecast_cli.evaluation.verdict import (
    Margin,
    _percent,
    _range,
    _side,
    independent_units,
    judge,
    margin,
    unit_losses,
    verdict,
)

HOUR = 3_600 * 10**9


def table_of(
    errors: dict[str, float],
    *,
    origins: int = 30,
    series: int = 1,
    horizon: int = 4,
    stride: int = 4,
    spread: float = 0.1,
    freq: str | None = "h",
) -> ForecastTable:
    """Models with absolute errors about a size, over ``origins`` moments of every series."""
    rng = np.random.default_rng(0)
    n = origins * series
    times = np.tile(np.arange(origins) * stride, series) * (HOUR if freq else 1)
    return ForecastTable(
        ids=tuple(f"s{i}" for i in range(series)),
        series=np.repeat(np.arange(series), origins),
        origin_times=times,
        times=times[:, None] + np.arange(1, horizon + 1),
        actual=np.zeros((n, horizon)),
        quantiles=(0.5,),
        forecasts={
            name: np.abs(size + spread * rng.normal(size=(n, horizon)))[:, :, None]
            for name, size in errors.items()
        },
        clock=Clock(freq=freq),
    )


def scales_of(table: ForecastTable) -> Scales:
    return Scales(np.ones(len(table.series)), np.ones(len(table.series)))


def rows_of(
    table: ForecastTable, kinds: dict[str, str], fit_seconds: dict[str, float] | None = None
) -> list[ModelScore]:
    losses = {
        name: RANKING["mase"]
        .compute(
            actual=table.actual,
            forecast=forecast,
            quantiles=table.quantiles,
            scales=scales_of(table),
            series=table.series,
            n_series=len(table.ids),
        )
        .overall
        for name, forecast in table.forecasts.items()
    }
    rows = [
        ModelScore(
            name=name,
            kind=kinds[name],
            status="ok" if name in losses else "failed",
            reason="",
            rank=1 + sorted(losses.values()).index(losses[name]) if name in losses else None,
            metrics={"mase": losses[name]} if name in losses else {},
            by_step={},
            by_series={},
            skill=1 - losses[name] / 2 if name in losses else None,
            skill_by_step=(),
            fit_seconds=(fit_seconds or {}).get(name, 1.0),
            forecast_seconds=0.1,
            parameters=1,
        )
        for name in kinds
    ]
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0))


PROTOCOL = Protocol(
    horizon=4,
    context=None,
    origins=30,
    origins_per_series=30,
    stride=4,
    test_size=120,
    val_size=0,
    metric="mase",
    season=24,
    refit=0,
    seeds=1,
    reference="seasonal-naive",
    quantiles=(0.5,),
    start="",
    end="",
)
KINDS = {"lstm": "network", "gru": "network", "linear": "baseline", "naive": "baseline"}


def judged(errors: dict[str, float], **options: object) -> Verdict:
    seconds = options.pop("fit_seconds", None)
    table = table_of(errors, **options)  # type: ignore[arg-type]
    rows = rows_of(table, {n: k for n, k in KINDS.items() if n in errors}, seconds)  # type: ignore[arg-type]
    return verdict(rows, table, scales_of(table), PROTOCOL)


def test_a_network_that_is_clearly_better_is_worth_it() -> None:
    found = judged(
        {"lstm": 1.0, "gru": 1.1, "linear": 1.5, "naive": 2.0},
        fit_seconds={"lstm": 6.0, "linear": 0.5},
    )
    assert found.best == "lstm"
    assert found.finding == "network"
    assert found.text.startswith("The network is worth it: lstm has a MASE of")
    assert "linear, the best simple model" in found.text
    assert "30 non-overlapping origins" in found.text
    assert "12 times as long with lstm (6 s) as with linear (0.5 s)." in found.text
    assert "Skill against seasonal-naive: lstm +" in found.text
    assert "too narrow" in found.text


@pytest.mark.parametrize(
    ("names", "failed", "seasons", "said"),
    [
        ("naive", "", (24,), "(linear and seasonal-naive not asked)"),
        ("seasonal-naive", "linear", (24,), "(linear failed)"),
        ("linear seasonal-naive", "", (24, 168), "(seasonal-naive-168 not asked)"),
        ("linear", "seasonal-naive-168", (24, 168), "seasonal-naive not asked, seasonal-naive-1"),
        ("linear seasonal-naive", "", (24,), ""),
        ("linear seasonal-naive seasonal-naive-168", "", (24, 168), ""),
    ],
)
def test_a_network_that_beat_a_weak_field_is_told_so(
    names: str, failed: str, seasons: tuple[int, ...], said: str
) -> None:
    table = table_of({"lstm": 1.0, **dict.fromkeys(names.split(), 1.5)})
    kinds = dict.fromkeys((*names.split(), *failed.split()), "baseline")
    rows = rows_of(table, {"lstm": "network", **kinds})
    found = verdict(rows, table, scales_of(table), PROTOCOL, seasons)
    assert found.finding == "network"
    assert ("the field was weak" in found.text) == bool(said)
    assert said in found.text
    assert ("--baselines" in found.text) == ("not asked" in said)
    assert ("what went wrong" in found.text) == bool(failed)


def test_where_there_is_no_season_its_naive_is_not_missed() -> None:
    table = table_of({"lstm": 1.0, "linear": 1.5})
    rows = rows_of(table, {"lstm": "network", "linear": "baseline"})
    found = verdict(rows, table, scales_of(table), replace(PROTOCOL, season=1), (1,))
    assert "weak" not in found.text


def test_a_simple_model_that_will_do_needs_no_stronger_field() -> None:
    assert "weak" not in judged({"lstm": 1.6, "naive": 1.5}).text


def test_a_network_that_is_clearly_worse_means_that_a_simple_model_will_do() -> None:
    found = judged({"lstm": 1.6, "linear": 1.5})
    assert found.best == "linear"
    assert found.finding == "simple"
    assert found.text.startswith("A simple model will do: linear has a MASE of")
    assert "% higher (95 % interval" in found.text


def test_a_lead_that_may_be_chance_is_not_worth_a_network() -> None:
    found = judged({"lstm": 1.499, "linear": 1.5}, spread=0.4)
    assert found.finding == "no difference"
    assert found.text.startswith("A simple model will do: linear")
    assert "which may be chance" in found.text


@pytest.mark.parametrize(("origins", "finding"), [(19, "inconclusive"), (20, "network")])
def test_below_twenty_independent_origins_nothing_is_concluded(origins: int, finding: str) -> None:
    found = judged({"lstm": 1.0, "linear": 1.5}, origins=origins)
    assert found.finding == finding
    if finding == "inconclusive":
        assert found.text.startswith("Inconclusive: 19 independent origins cannot tell")
        assert "So far lstm, the best network" in found.text
        assert "too narrow" not in found.text


def test_many_series_are_the_units_even_with_one_origin_each() -> None:
    found = judged({"lstm": 1.0, "linear": 1.5}, series=25, origins=1)
    assert found.finding == "network"
    assert "25 series" in found.text


def test_a_single_origin_is_counted_in_the_singular() -> None:
    assert (
        "Inconclusive: 1 independent origin cannot"
        in judged({"lstm": 1.0, "linear": 1.5}, origins=1).text
    )


def test_overlapping_origins_are_thinned_to_a_horizon_apart() -> None:
    units = independent_units(table_of({}, origins=30, stride=1, horizon=4), stride=1)
    assert units.count == 8
    assert np.flatnonzero(units.of_origin >= 0).tolist() == [1, 5, 9, 13, 17, 21, 25, 29]


@pytest.mark.parametrize("freq", ["h", None])
def test_series_share_a_unit_at_the_same_moment(freq: str | None) -> None:
    units = independent_units(table_of({}, origins=5, series=3, freq=freq), stride=4)
    assert units.count == 5
    assert units.of_origin.tolist() == [4, 3, 2, 1, 0] * 3


def test_without_a_calendar_moments_count_back_from_the_end_of_each_series() -> None:
    table = replace(
        table_of({}, freq=None),
        series=np.array([0, 0, 0, 1, 1]),
        origin_times=np.array([4, 8, 12, 103, 107]),
        actual=np.zeros((5, 4)),
    )
    units = independent_units(table, stride=4)
    assert units.count == 3
    assert units.of_origin.tolist() == [2, 1, 0, 1, 0]


def test_a_unit_loss_is_the_metric_over_its_cells() -> None:
    table = table_of({"lstm": 1.0}, origins=3, series=2)
    units = independent_units(table, stride=4)
    found = unit_losses(table, units, scales_of(table), "lstm", "rmse")
    errors = table.forecasts["lstm"][:, :, 0] ** 2
    assert found[0] == pytest.approx(np.sqrt(errors[[2, 5]].mean()))


def test_units_without_a_score_are_left_out_of_the_pairs() -> None:
    (row,) = rows_of(table_of({"lstm": 1.0}), {"lstm": "network"})
    pairs = np.array([[1.0, 2.0, np.nan], [2.0, 3.5, 1.0]])
    assert margin(row, row, "mase", pairs, "origins").units == 2


def test_the_interval_is_that_of_the_paired_t_test() -> None:
    rng = np.random.default_rng(3)
    pairs = rng.random((2, 40)) + 1
    (row,) = rows_of(table_of({"lstm": 1.0}), {"lstm": "network"})
    found = margin(row, row, "mase", pairs, "origins")
    oracle = ttest_rel(pairs[1], pairs[0]).confidence_interval(0.95)
    assert found.lower == pytest.approx(oracle.low / pairs[1].mean())
    assert found.upper == pytest.approx(oracle.high / pairs[1].mean())


def test_equal_losses_are_no_difference() -> None:
    (row,) = rows_of(table_of({"lstm": 1.0}), {"lstm": "network"})
    found = margin(row, row, "mase", np.ones((2, 40)), "origins")
    assert judge(found) == "no difference"


def test_a_simple_model_without_error_will_do_however_few_the_origins() -> None:
    found = judged({"lstm": 0.0, "linear": 0.0}, spread=0.0, origins=2)
    assert found.finding == "simple"
    assert found.text == "A simple model will do: linear forecasts without error."


@pytest.mark.parametrize(
    ("network", "simple", "said"),
    [
        (6.0, 1e-5, "Fitting takes 6 s with lstm, none with linear."),
        (25.0, 0.1, "Fitting takes 250 times as long with lstm (25 s) as with linear (0.1 s)."),
        (6.0, 9.0, "Fitting takes 1.5 times as long with linear (9 s) as with lstm (6 s)."),
    ],
)
def test_the_cost_is_told_from_the_slower_model(network: float, simple: float, said: str) -> None:
    seconds = {"lstm": network, "linear": simple}
    assert said in judged({"lstm": 1.0, "linear": 1.5}, fit_seconds=seconds).text


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (0.02, 0.06, "2.0 to 6.0 % lower"),
        (-0.06, -0.02, "2.0 to 6.0 % higher"),
        (-0.01, 0.03, "1.0 % higher to 3.0 % lower"),
    ],
)
def test_the_interval_is_told_from_the_side_of_no_difference(
    lower: float, upper: float, said: str
) -> None:
    assert _range(Margin(0.0, lower, upper, 30, "origins")) == said


def test_without_networks_the_best_simple_model_is_named() -> None:
    found = judged({"linear": 1.5, "naive": 2.0})
    assert found.best == "linear"
    assert found.finding == "not asked"
    assert found.text.startswith("There is no network to compare with. The best model is linear")


def test_failed_networks_are_named_where_none_is_left() -> None:
    table = table_of({"linear": 1.0})
    rows = rows_of(table, {"lstm": "network", "linear": "baseline"})
    assert "(lstm failed)" in verdict(rows, table, scales_of(table), PROTOCOL).text


def test_where_every_model_failed_there_is_no_best() -> None:
    table = table_of({})
    found = verdict(rows_of(table, {"lstm": "network"}), table, scales_of(table), PROTOCOL)
    assert found.best == ""


@pytest.mark.parametrize(("ahead", "said"), [(-1e300, "1.0e+302 % higher"), (0.5, "50.0 % lower")])
def test_a_share_stays_short_however_large_it_is(ahead: float, said: str) -> None:
    assert _side(ahead) == said
    assert len(_range(Margin(0.0, -1e300, 1e300, 30, "origins"))) < 60
    assert _percent(-1e299, "+") == "-1.0e+301"
