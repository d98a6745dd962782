"""The sentences: every kind of answer of docs/verdict.md is put into words here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from forecast_cli.comparison import ForecastTable, Verdict
from forecast_cli.data.panel import Floats
from forecast_cli.evaluation.significance import against_reference
from forecast_cli.evaluation.units import independent_units, unit_losses
from forecast_cli.evaluation.verdict import percent, verdict
from tests.evaluation.tables import PROTOCOL, rows_of, scales_of, table_from, table_of

NETWORKS = ("lstm", "gru")


def said_of(
    table: ForecastTable,
    *,
    seconds: Mapping[str, float] | None = None,
    status: Mapping[str, str] | None = None,
    seasons: tuple[int, ...] = (24,),
    reference: str = "seasonal-naive",
    season: int = 24,
) -> Verdict:
    """The verdict on a table; ``status`` names models without forecasts and what became of them."""
    names = (*table.forecasts, *(status or {}))
    kinds = {name: "network" if name in NETWORKS else "baseline" for name in names}
    losses = unit_losses(table, independent_units(table, 4), scales_of(table), "mase")
    worth = against_reference(losses, reference)
    rows = [
        replace(row, versus_reference=worth.get(row.name))
        for row in rows_of(table, kinds, seconds, status)
    ]
    protocol = replace(PROTOCOL, reference=reference, season=season, origins=len(table.series))
    return verdict(rows, losses, protocol, seasons)


def exactly(leads: Mapping[str, float], noise: float = 0.1, origins: int = 30) -> ForecastTable:
    """Mean losses that are these numbers, over origins of one series."""
    rng = np.random.default_rng(1)
    shared = rng.lognormal(0, 0.3, (origins, 1))
    losses: dict[str, Floats] = {}
    for name, size in leads.items():
        loss = shared * rng.lognormal(0, noise, (origins, 1)) * np.ones(4)
        losses[name] = size * loss / loss.mean()
    return table_from(losses, origins=origins)


def test_a_network_that_won_is_worth_it() -> None:
    table = exactly({"lstm": 1.0, "gru": 1.1, "linear": 1.25, "seasonal-naive": 2.0}, noise=0.05)
    found = said_of(table, seconds={"lstm": 6.0, "linear": 0.5})
    assert (found.best, found.finding, found.ship) == ("lstm", "network", "lstm")
    assert found.text.startswith(
        "The network is worth it: lstm beats linear, the best simple model, by 20.0 % "
        "(95 % interval 1"
    )
    assert ", 30 origins); against seasonal-naive: lstm +50.0 % (4" in found.text
    assert "linear +37.5 % (3" in found.text
    assert "MASE: lstm 1, linear 1.25." in found.text
    assert "To fit and forecast took 6.0 s with lstm and 0.5 s with linear." in found.text
    assert found.text.endswith("Ship lstm: it earns its cost.")


def test_a_lead_that_may_be_chance_ships_the_cheaper_simple_model() -> None:
    table = exactly({"lstm": 0.97, "linear": 1.0, "seasonal-naive": 1.3}, noise=0.15, origins=58)
    found = said_of(table, seconds={"lstm": 40.0, "linear": 1.0})
    assert (found.best, found.finding, found.ship) == ("lstm", "no difference", "linear")
    assert found.text.startswith(
        "A simple model will do: lstm, the best network, is ahead of linear, the best simple "
        "model, by 3.0 % (95 % interval −"
    )
    assert "58 origins), which may be chance; against seasonal-naive: lstm +25.4 %" in found.text
    assert found.text.endswith(
        "Ship linear: no network is better beyond chance, and it is 40 times cheaper."
    )


def test_a_lag_that_may_be_chance_is_no_network_that_beats() -> None:
    table = exactly({"lstm": 1.02, "linear": 1.0}, noise=0.2)
    found = said_of(table, reference="linear")
    assert found.text.startswith(
        "A simple model will do: no network beats linear here; the MASE of lstm, the best "
        "network, is 2.0 % (95 % interval −"
    )
    assert ", 30 origins) higher, which may be chance. MASE" in found.text


def test_a_simple_model_that_won_beats_the_best_network() -> None:
    found = said_of(exactly({"lstm": 1.3, "linear": 1.0, "seasonal-naive": 1.6}))
    assert (found.finding, found.ship) == ("simple", "linear")
    assert found.text.startswith(
        "A simple model will do: linear beats lstm, the best network, whose MASE is 30.0 % (95 %"
    )


def test_a_lead_over_the_best_that_another_withstands_names_the_other() -> None:
    rng = np.random.default_rng(4)
    table = exactly({"lstm": 1.0, "linear": 1.2}, noise=0.02)
    wild = rng.lognormal(0, 1.2, (30, 1)) * np.ones(4)
    forecasts = {**table.forecasts, "ets": (1.22 * wild / wild.mean())[:, :, None]}
    found = said_of(replace(table, forecasts=forecasts))
    assert found.finding == "no difference"
    assert "by 16.7 % (95 % interval" in found.text
    assert "30 origins), but not surely of ets (18.0 % (95 % interval −" in found.text


def test_a_reference_that_a_model_does_not_clearly_beat_is_said_so() -> None:
    table = exactly({"lstm": 0.7, "linear": 1.0, "seasonal-naive": 1.01}, noise=0.15)
    found = said_of(table)
    assert ", linear +1.0 % (−" in found.text
    assert ", not significant." in found.text


@pytest.mark.parametrize(("origins", "noun"), [(1, "origin"), (19, "origins")])
def test_too_few_origins_are_inconclusive_and_ship_a_simple_model(origins: int, noun: str) -> None:
    found = said_of(table_of({"lstm": 1.0, "linear": 1.5}, origins=origins))
    assert (found.finding, found.ship) == ("inconclusive", "linear")
    assert found.text.startswith(
        f"Inconclusive: {origins} independent {noun} cannot tell the models apart, it takes at "
        "least 20. So far lstm, the best network, has a MASE of"
    )
    assert "Ship linear: a network has to prove its worth, and the evidence is" in found.text


def test_losses_too_erratic_for_a_share_are_inconclusive() -> None:
    spiky = np.zeros((40, 4))
    spiky[5] = 40.0
    table = table_from({"lstm": np.full((40, 4), 0.5), "linear": spiky}, origins=40)
    found = said_of(table)
    assert "the losses of linear differ so much between the 40 origins" in found.text


def test_the_rules_are_listed_with_their_numbers() -> None:
    found = said_of(exactly({"lstm": 1.0, "gru": 1.1, "linear": 1.25, "naive": 1.4}, noise=0.05))
    units, met, *shipping = found.rules
    assert units == "units: 30 origins at least a horizon apart; a firm answer takes 20"
    assert met.startswith("network or simple: lstm, gru against linear, naive: lstm has the least")
    assert "(p < 0.001); corrected for the choice, p < 0.001: network" in met
    assert shipping[0] == "a network is shipped: it beats every simple model"
    few = said_of(table_of({"lstm": 1.0, "linear": 1.5}, origins=3))
    assert "not decided" in few.rules[1]


def test_a_panel_on_a_calendar_says_that_both_ways_were_tested() -> None:
    found = said_of(table_of({"lstm": 1.0, "linear": 1.5}, origins=24, series=30))
    assert found.rules[0].startswith("units: 24 origins at least a horizon apart, tested over")
    assert found.finding == "network"


@pytest.mark.parametrize(
    ("names", "status", "seasons", "said"),
    [
        ("naive", {}, (24,), "(linear and seasonal-naive not asked): leave --baselines out"),
        ("seasonal-naive", {"linear": "failed"}, (24,), "(linear failed): see in the table"),
        ("seasonal-naive", {"linear": "timed out"}, (24,), "(linear timed out): give more time"),
        ("linear seasonal-naive", {}, (24, 168), "(seasonal-naive-168 not asked)"),
        (
            "linear",
            {"seasonal-naive-168": "failed"},
            (24, 168),
            "(seasonal-naive not asked, seasonal-naive-168 failed): leave --baselines out or add "
            "to it what is missing, see in the table what went wrong, and",
        ),
        ("linear seasonal-naive", {}, (24,), ""),
        ("linear seasonal-naive", {"arima": "timed out"}, (24,), "(arima timed out): give more"),
        ("linear seasonal-naive seasonal-naive-168", {}, (24, 168), ""),
    ],
)
def test_a_network_that_beat_a_weak_field_is_told_so(
    names: str, status: dict[str, str], seasons: tuple[int, ...], said: str
) -> None:
    table = table_of({"lstm": 1.0, **dict.fromkeys(names.split(), 1.5)})
    found = said_of(table, status=status, seasons=seasons)
    assert found.finding == "network"
    assert ("But " in found.text) == bool(said)
    strong = "linear" in said or "naive" in said
    assert ("the field was weak" in found.text) == strong
    assert said in found.text


def test_where_there_is_no_season_its_naive_is_not_missed() -> None:
    table = table_of({"lstm": 1.0, "linear": 1.5})
    assert "weak" not in said_of(table, season=1, seasons=(1,)).text


def test_a_simple_model_that_will_do_needs_no_stronger_field() -> None:
    assert "weak" not in said_of(table_of({"lstm": 1.6, "naive": 1.5})).text


def test_a_simple_model_without_error_will_do_however_few_the_origins() -> None:
    found = said_of(table_of({"lstm": 0.0, "linear": 0.0}, spread=0.0, origins=2))
    assert (found.finding, found.ship) == ("simple", "linear")
    assert found.text == (
        "A simple model will do: linear forecasts without error, and so does lstm. "
        "Ship linear: no model can lose less than nothing."
    )


def test_without_networks_the_best_simple_model_is_named_and_shipped() -> None:
    found = said_of(exactly({"linear": 1.5, "seasonal-naive": 2.0}))
    assert (found.best, found.finding, found.ship) == ("linear", "not asked", "linear")
    assert found.text.startswith(
        "There is no network to compare with. The best model is linear, MASE 1.5, better than "
        "seasonal-naive by 25.0 % (95 %"
    )


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0.99, "not significantly different from seasonal-naive-168."),
        (0.9, "The best model is linear, MASE 0.9. Ship"),
    ],
)
def test_one_kind_alone_is_still_set_against_the_reference(size: float, said: str) -> None:
    table = exactly({"linear": size, "seasonal-naive-168": 1.0}, noise=0.3)
    reference = "linear" if size == 0.9 else "seasonal-naive-168"
    assert said in said_of(table, reference=reference).text


@pytest.mark.parametrize("status", ["failed", "timed out"])
def test_what_became_of_the_networks_is_said_where_none_is_left(status: str) -> None:
    found = said_of(table_of({"linear": 1.0}), status={"lstm": status})
    assert f"(lstm {status})" in found.text


def test_where_every_model_failed_there_is_nothing_to_ship() -> None:
    found = said_of(table_of({}), status={"lstm": "failed"})
    assert (found.best, found.ship, found.finding) == ("", "", "not asked")


def test_the_lead_is_one_sentence_and_ships_last() -> None:
    found = said_of(exactly({"lstm": 1.0, "linear": 1.25, "seasonal-naive": 2.0}))
    sentences = found.text.split(". ")
    assert sentences[0].startswith("The network is worth it")
    assert sentences[-1].startswith("Ship ")


def test_a_network_that_is_a_simple_model_neither_leads_nor_lags() -> None:
    twin = exactly({"lstm": 1.0}).forecasts["lstm"]
    found = said_of(replace(exactly({"lstm": 1.0}), forecasts={"lstm": twin, "ets": twin}))
    assert "lstm, the best network, loses exactly as much as ets" in found.text
    assert "−0" not in found.text


@pytest.mark.parametrize(("noise", "is_sure_alone"), [(0.125, True), (0.15, True), (0.2, False)])
def test_a_lag_that_is_sure_alone_and_not_after_correction_says_so(
    noise: float, is_sure_alone: bool
) -> None:
    sizes = {"lstm": 1.12, "gru": 1.13, **{f"m{k}": 1.0 + 0.001 * k for k in range(7)}}
    found = said_of(exactly(sizes, noise=noise), reference="m6")
    assert found.finding == "no difference"
    assert (re.search(r"12\.0 % \(95 % interval \d", found.text) is not None) == is_sure_alone
    corrected = "higher, which may be chance after correction for the choice among 9 models"
    assert (corrected in found.text) == is_sure_alone


@pytest.mark.parametrize("share", [-0.0, -0.0004, 0.0004, 0.0])
def test_nothing_has_no_sign(share: float) -> None:
    assert percent(share) == "0.0"


def test_models_that_share_the_first_rank_are_all_named() -> None:
    found = said_of(table_of({"linear": 0.0, "naive": 0.0, "mean": 0.0, "ets": 1.0}, spread=0.0))
    assert "The best model is linear, MASE 0, and so are naive and mean." in found.text
