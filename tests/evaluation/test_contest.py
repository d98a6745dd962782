"""Who won: a side wins only if one of its models beats every contender of the other."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_cli.comparison import ForecastTable
from forecast_cli.data.panel import Floats
from forecast_cli.evaluation.contest import Contest, contenders, contest
from forecast_cli.evaluation.units import independent_units, unit_losses
from tests.evaluation.tables import row_of, rows_of, scales_of, table_from

NETWORKS = ("lstm", "gru")


def met(losses: dict[str, Floats], freq: str | None = "h") -> Contest:
    """A contest over these absolute errors [O, 4] of one series."""
    table = table_from(losses, origins=len(next(iter(losses.values()))), freq=freq)
    return meeting(table)


def meeting(table: ForecastTable) -> Contest:
    kinds = {name: "network" if name in NETWORKS else "baseline" for name in table.forecasts}
    rows = rows_of(table, kinds)
    losses = unit_losses(table, independent_units(table, 4), scales_of(table), "mase")
    networks = [row for row in rows if row.kind == "network"]
    simple = [row for row in rows if row.kind == "baseline"]
    return contest(networks, simple, losses, "mase")


def errors(size: float, noise: float = 0.1, seed: int = 0, origins: int = 40) -> Floats:
    """[origins, 4] about a size; the same seed has the same shared part."""
    rng = np.random.default_rng([seed, round(1000 * size)])
    shared = np.random.default_rng(0).lognormal(0, 0.3, (origins, 1))
    found: Floats = size * shared * rng.lognormal(0, noise, (origins, 1)) * np.ones(4)
    return found


def test_a_network_that_beats_every_simple_model_wins() -> None:
    found = met({"lstm": errors(1.0), "linear": errors(1.2), "naive": errors(1.3)})
    assert found.finding == "network"
    assert (found.network.name, found.simple.name) == ("lstm", "linear")
    assert found.pair.skill > 0
    assert found.p < 0.05


def test_a_simple_model_that_beats_every_network_wins() -> None:
    found = met({"lstm": errors(1.2), "gru": errors(1.25), "linear": errors(1.0)})
    assert found.finding == "simple"
    assert (found.network.name, found.simple.name) == ("lstm", "linear")
    assert found.p < 0.05


def test_a_network_that_one_contender_withstands_has_not_won() -> None:
    """It is far ahead of the best by loss, but not surely of a noisier one."""
    found = met(
        {"lstm": errors(1.0), "linear": errors(1.2), "ets": errors(1.22, noise=1.2, seed=4)}
    )
    assert found.pair.p < 0.05
    assert found.finding == "no difference"
    assert found.hardest.name == "ets"
    assert not found.against_hardest.p < 0.05


def test_an_erratic_model_that_is_far_behind_stands_in_nobodys_way() -> None:
    astray = errors(1.2)
    astray[3] *= 200
    found = met({"lstm": errors(1.0), "linear": errors(1.2), "drift": astray})
    assert found.finding == "network"
    assert found.contenders == (("lstm",), ("linear",))


def test_contenders_lose_at_most_half_again_what_the_best_loses() -> None:
    rows = [row_of("a", loss=1.0), row_of("b", loss=1.5), row_of("c", loss=1.51)]
    assert [row.name for row in contenders(rows, "mase")] == ["a", "b"]


def test_the_choice_among_two_networks_is_paid_for() -> None:
    """Of two networks one has p of .04: alone it wins, with a second that did not it does not."""
    rng = np.random.default_rng(2)
    base = errors(1.0)
    shift = rng.normal(size=(40, 1))
    for size in np.linspace(0, 0.2, 400):  # the smallest lead that is significant
        alone = {"lstm": base * (1 - size + 0.1 * shift), "linear": base}
        if met(alone, freq=None).pair.p < 0.04:
            break
    assert met(alone).finding == "network"
    other = base * (1 + 0.1 * rng.normal(size=(40, 1)))
    both = met({**alone, "gru": other})
    assert both.finding == "no difference"
    assert both.pair.p < 0.05 < both.p


def test_equal_models_are_no_difference() -> None:
    found = met({"lstm": errors(1.0), "linear": errors(1.0)})
    assert (found.finding, found.pair.p) == ("no difference", 1)


@pytest.mark.parametrize(("origins", "finding"), [(19, "inconclusive"), (20, "network")])
def test_below_twenty_units_nothing_is_found(origins: int, finding: str) -> None:
    found = met({"lstm": errors(1.0, origins=origins), "linear": errors(1.5, origins=origins)})
    assert found.finding == finding


def test_many_series_forecast_from_few_common_moments_are_inconclusive() -> None:
    rng = np.random.default_rng(0)
    losses = {name: size * rng.lognormal(0, 0.1, (60, 4)) for name, size in
              (("lstm", 1.0), ("linear", 1.5))}  # fmt: skip
    few = meeting(table_from(losses, origins=2, series=30))
    assert (few.finding, few.pair.units, few.pair.kind) == ("inconclusive", 2, "origins")
    apart = meeting(table_from(losses, origins=2, series=30, freq=None))
    assert (apart.finding, apart.pair.units, apart.pair.kind) == ("network", 30, "series")


def test_a_rival_whose_loss_may_be_nothing_leaves_it_open() -> None:
    spiky = np.zeros((40, 4))
    spiky[5] = 40.0
    assert met({"lstm": errors(0.5), "linear": spiky}).finding == "inconclusive"
