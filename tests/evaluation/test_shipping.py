"""What to ship: every rule of docs/verdict.md decides a case here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.comparison import Replaced
from forecast_cli.evaluation.contest import contest
from forecast_cli.evaluation.shipping import Choice, choose, cost
from forecast_cli.evaluation.units import independent_units, unit_losses
from tests.evaluation.tables import PROTOCOL, row_of, rows_of, scales_of, table_from

NETWORKS = ("lstm", "gru")


def shipped(
    sizes: dict[str, float],
    seconds: dict[str, float] | None = None,
    *,
    origins: int = 40,
    noise: float = 0.05,
    noisy: tuple[str, ...] = (),
    replaced: dict[str, tuple[Replaced, ...]] | None = None,
) -> Choice:
    """What is shipped of models with losses about these sizes."""
    shared = np.random.default_rng(0).lognormal(0, 0.3, (origins, 1))
    losses = {}
    for place, (name, size) in enumerate(sizes.items()):
        own = np.random.default_rng(place + 1).normal(size=(origins, 1))
        own = (own - own.mean()) * (1.0 if name in noisy else noise)
        losses[name] = size * shared / shared.mean() * np.exp(own) * np.ones(4)
        losses[name] *= size / losses[name].mean()
    table = table_from(losses, origins=origins)
    rows = [
        replace(row, replaced=(replaced or {}).get(row.name, ()))
        for row in rows_of(
            table, {n: "network" if n in NETWORKS else "baseline" for n in sizes}, seconds
        )
    ]
    found = unit_losses(table, independent_units(table, 4), scales_of(table), "mase")
    networks = [row for row in rows if row.kind == "network"]
    simple = [row for row in rows if row.kind == "baseline"]
    met = contest(networks, simple, found, "mase") if networks and simple else None
    return choose(rows, met, found, replace(PROTOCOL, origins=origins))


def test_a_network_that_beats_every_simple_model_is_shipped_whatever_it_costs() -> None:
    found = shipped({"lstm": 1.0, "linear": 1.2}, {"lstm": 300.0, "linear": 0.1})
    assert found.name == "lstm"
    assert "it earns its cost" in found.why


def test_a_network_has_to_prove_its_worth() -> None:
    found = shipped({"lstm": 1.0, "linear": 1.02}, {"lstm": 40.0}, noisy=("lstm",))
    assert found.name == "linear"
    assert found.why == "no network is better beyond chance, and it is 40 times cheaper"


def test_an_unproven_network_is_not_shipped_even_if_it_costs_the_same() -> None:
    assert shipped({"lstm": 0.9, "linear": 1.0}, noisy=("lstm",)).name == "linear"


def test_with_too_few_origins_the_simple_model_with_the_least_loss_is_shipped() -> None:
    found = shipped({"lstm": 0.5, "linear": 1.0, "naive": 1.2}, origins=10)
    assert found.name == "linear"
    assert "the evidence is too thin" in found.why


def test_a_simple_model_that_won_is_shipped() -> None:
    found = shipped({"lstm": 1.3, "linear": 1.0, "naive": 1.6})
    assert (found.name, found.why) == ("linear", "no network comes up to it")


@pytest.mark.parametrize(
    ("lead", "seconds", "name"),
    [(0.005, 60.0, "linear"), (0.005, 4.0, "lstm"), (0.02, 60.0, "lstm")],
)
def test_a_gain_below_one_per_cent_is_not_worth_five_times_the_cost(
    lead: float, seconds: float, name: str
) -> None:
    found = shipped({"lstm": 1 - lead, "linear": 1.0}, {"lstm": seconds}, noise=0.002)
    assert found.name == name
    if name == "linear":
        assert found.why == "the network's gain of 0.50 % is real but not worth its cost"
        assert any("60 times the cost" in rule for rule in found.rules)


def test_the_walk_changes_to_a_close_model_that_costs_at_most_a_fifth() -> None:
    found = shipped(
        {"lstm": 1.5, "arima": 1.0, "linear": 1.02}, {"arima": 60.0, "linear": 2.0}, noise=0.2
    )
    assert found.name == "linear"
    assert found.why == "within 2.0 % of arima, and 30 times cheaper"


@pytest.mark.parametrize(
    ("loss", "seconds", "why_not"),
    [(1.02, 12.1, "costs more than a fifth"), (1.051, 2.0, "more than five per cent behind")],
)
def test_the_walk_stays_where_a_model_is_not_close_or_not_cheap(
    loss: float, seconds: float, why_not: str
) -> None:
    sizes = {"lstm": 1.5, "arima": 1.0, "linear": loss}
    found = shipped(sizes, {"arima": 60.0, "linear": seconds}, noise=0.2)
    assert found.name == "arima", why_not


def test_the_walk_passes_over_a_close_model_that_is_significantly_worse() -> None:
    sizes = {"lstm": 1.5, "arima": 1.0, "linear": 1.03}
    found = shipped(sizes, {"arima": 60.0}, noise=0.005)
    assert found.name == "arima"
    assert "close, but significantly worse: linear" in found.rules


def test_the_walk_goes_on_from_each_change() -> None:
    sizes = {"lstm": 1.5, "boosting": 1.0, "arima": 1.01, "theta": 1.02, "linear": 1.03}
    seconds = {"boosting": 900.0, "arima": 100.0, "theta": 30.0, "linear": 20.0}
    found = shipped(sizes, seconds, noise=0.2)
    assert found.name == "linear"  # arima on the way; theta costs more than a fifth of it
    assert [rule.split(" (")[0] for rule in found.rules[-2:]] == ["arima", "linear"]


def test_costs_below_a_second_are_equal() -> None:
    sizes = {"lstm": 1.5, "theta": 1.0, "linear": 1.01}
    found = shipped(sizes, {"theta": 0.9, "linear": 0.001}, noise=0.2)
    assert found.name == "theta"
    assert cost(row_of("linear", seconds=0.001)) == 1.0


def test_the_cost_is_that_of_fitting_and_forecasting() -> None:
    assert cost(replace(row_of("a", seconds=3.0), forecast_seconds=4.0)) == 7.0


def test_where_no_simple_model_was_scored_the_best_network_is_shipped() -> None:
    assert shipped({"lstm": 1.0, "gru": 1.2}).name == "lstm"


def test_where_no_network_was_scored_the_best_simple_model_is_shipped() -> None:
    found = shipped({"linear": 1.0, "naive": 1.2})
    assert found.name == "linear"
    assert found.why == "the least loss of the 2 models that were scored"


def holt(origins: int, by: str = "holt") -> Replaced:
    return Replaced("ets", by, "there is no season", origins, 40, ("s0",))


@pytest.mark.parametrize(
    ("records", "others", "name"),
    [
        ((holt(40),), {"holt": 1.001}, "holt"),
        ((holt(39),), {"holt": 1.001}, "ets"),
        ((holt(40),), {"naive": 1.3}, "ets"),
        ((holt(30), holt(10, "naive")), {"holt": 1.001, "naive": 1.3}, "holt"),
        ((Replaced("holt", "naive", "too short", 40, 40, ("s0",)),), {"naive": 1.3}, "ets"),
    ],
)
def test_a_model_that_never_answered_itself_is_not_shipped_under_its_name(
    records: tuple[Replaced, ...], others: dict[str, float], name: str
) -> None:
    found = shipped({"lstm": 1.5, "ets": 1.0, **others}, replaced={"ets": records})
    assert found.name == name
    assert any("gave every one of its answers" in rule for rule in found.rules) == (name == "holt")


def test_the_same_losses_and_times_give_the_same_choice() -> None:
    sizes, seconds = {"lstm": 1.0, "linear": 1.01}, {"lstm": 30.0}
    assert shipped(sizes, seconds) == shipped(sizes, seconds)


def test_every_choice_says_which_rules_led_to_it() -> None:
    def rules(sizes: dict[str, float]) -> str:
        return "; ".join(shipped(sizes).rules)

    assert "it beats every simple model" in rules({"lstm": 1.0, "linear": 1.3})
    assert "has to prove its worth" in rules({"lstm": 1.3, "linear": 1.0})
    assert "one kind of model" in rules({"linear": 1.0})


def test_a_factor_is_a_bound_where_a_cost_is_below_a_second() -> None:
    found = shipped({"lstm": 1.0, "linear": 1.02}, {"lstm": 6.1, "linear": 0.2}, noisy=("lstm",))
    assert found.why == "no network is better beyond chance, and it is at least 6 times cheaper"


def test_without_a_season_the_naive_is_shipped_and_not_its_seasonal_twin() -> None:
    rows = [row_of("lstm", "network", 1.5), row_of("seasonal-naive"), row_of("naive")]
    losses = {"lstm": np.full((40, 4), 1.5), "seasonal-naive": np.ones((40, 4))}
    table = table_from({**losses, "naive": np.ones((40, 4))}, origins=40)
    found = unit_losses(table, independent_units(table, 4), scales_of(table), "mase")
    met = contest(rows[:1], rows[1:], found, "mase")
    rows = [*rows[1:], rows[0]]
    assert choose(rows, met, found, replace(PROTOCOL, origins=40, season=1)).name == "naive"
