"""Tests that hold their level: against oracles, and the laws that tie p, interval and Holm."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.stattools import diebold_mariano_test

from forecast_cli.data.panel import Floats
from forecast_cli.evaluation.significance import (
    against_reference,
    compare,
    diebold_mariano,
    fieller,
    holm,
    simes,
    spread,
    versus,
)
from forecast_cli.evaluation.units import Kind, UnitLosses

SEEDS = st.integers(0, 10**6)
KINDS: tuple[Kind, ...] = ("origins", "series")


def pair(seed: int, n: int = 30, ahead: float = 0.1) -> Floats:
    """[2, n] losses that share most of what moves them."""
    rng = np.random.default_rng(seed)
    shared = rng.lognormal(0, 0.5, n)
    return shared * rng.lognormal(0, 0.2, (2, n)) * np.array([[1 - ahead], [1.0]])


def autoregressive(phi: float, shape: tuple[int, ...], seed: int = 0) -> Floats:
    draws = np.random.default_rng(seed).normal(size=shape)
    found = draws.copy()
    for t in range(1, shape[-1]):
        found[..., t] = phi * found[..., t - 1] + math.sqrt(1 - phi**2) * draws[..., t]
    return found


def test_series_are_compared_by_the_paired_t_test() -> None:
    mine, other = pair(0)
    found = versus(mine, other, "series")
    assert found.p == pytest.approx(stats.ttest_rel(mine, other).pvalue, rel=1e-12)
    assert found.skill == pytest.approx(1 - mine.mean() / other.mean())
    assert (found.units, found.kind) == (30, "series")
    assert math.isnan(found.p_dm)
    assert math.isnan(found.p_holm)


def test_origins_are_compared_by_the_long_run_variance_of_a_few_cosines() -> None:
    """Written out from Lazarus, Lewis, Stock & Watson (2018); 58 moments have 5 cosines."""
    mine, other = pair(1, n=58)
    d = mine - other
    t = np.arange(1, 59)
    projections = [
        math.sqrt(2 / 58) * sum(d * np.cos(math.pi * j * (t - 0.5) / 58)) for j in range(1, 6)
    ]
    statistic = math.sqrt(58) * d.mean() / math.sqrt(np.mean(np.square(projections)))
    assert versus(mine, other, "origins").p == pytest.approx(2 * stats.t.sf(abs(statistic), 5))


def test_with_all_cosines_the_long_run_variance_is_the_textbook_one() -> None:
    losses = np.array([1.0, 4.0, 2.0, 7.0])
    found = spread(losses, "origins")
    assert found.degrees == 3
    assert (found.parts**2).sum() == pytest.approx(losses.var(ddof=1) / 4)


def test_diebold_mariano_with_the_correction_agrees_with_statsmodels() -> None:
    """A horizon apart there are no lags: theirs by default takes ⌈n^(1/3)⌉ of them."""
    mine, other = pair(2)
    oracle = diebold_mariano_test(
        np.zeros(30), mine, other, lags=0, criterion="mae", harvey_adj=True, horizon=1
    )
    assert diebold_mariano(mine, other) == pytest.approx(oracle.pvalue, abs=1e-10)
    assert versus(mine, other, "origins").p_dm == pytest.approx(oracle.pvalue, abs=1e-10)


@given(SEEDS, st.floats(-0.5, 0.5), st.sampled_from(KINDS), st.integers(20, 60))
def test_the_interval_excludes_zero_exactly_where_p_is_below_its_level(
    seed: int, ahead: float, kind: Kind, n: int
) -> None:
    found = versus(*pair(seed, n, ahead), kind)
    assume(not math.isnan(found.p))
    lower, upper = found.ci95
    assert lower <= found.skill <= upper
    assert (lower > 0 or upper < 0) == (found.p < 0.05)


@given(SEEDS, st.sampled_from(KINDS))
def test_each_end_of_the_interval_is_a_skill_that_is_just_not_refused(
    seed: int, kind: Kind
) -> None:
    mine, other = pair(seed)
    found = versus(mine, other, kind)
    assume(not math.isnan(found.p))
    for skill in found.ci95:
        assert versus(mine, (1 - skill) * other, kind).p == pytest.approx(0.05, rel=1e-6)


@given(SEEDS, st.floats(1e-6, 1e6), st.sampled_from(KINDS))
def test_units_of_measurement_change_nothing(seed: int, factor: float, kind: Kind) -> None:
    mine, other = pair(seed)
    one, same = versus(mine, other, kind), versus(factor * mine, factor * other, kind)
    assert same.p == pytest.approx(one.p, rel=1e-6, nan_ok=True)
    assert same.ci95 == pytest.approx(one.ci95, rel=1e-6, nan_ok=True)


@given(SEEDS, st.sampled_from(KINDS))
def test_changing_places_keeps_p_and_turns_the_skill(seed: int, kind: Kind) -> None:
    mine, other = pair(seed)
    there, back = versus(mine, other, kind), versus(other, mine, kind)
    assume(not math.isnan(there.p) and not math.isnan(back.p))
    assert back.p == pytest.approx(there.p)
    assert 1 - back.skill == pytest.approx(1 / (1 - there.skill))
    assert 1 - back.ci95[0] == pytest.approx(1 / (1 - there.ci95[1]))


def test_fieller_agrees_with_a_search_over_all_ratios() -> None:
    mine, other = pair(4, ahead=0.3)
    lower, upper = versus(mine, other, "series").ci95
    skills = np.linspace(-1, 1, 20001)[:, None]
    p = stats.ttest_1samp(mine - (1 - skills) * other, 0, axis=1).pvalue
    kept = skills[p >= 0.05]
    assert (lower, upper) == pytest.approx((kept.min(), kept.max()), abs=1e-4)


def test_a_share_of_a_loss_that_may_be_nothing_is_not_stated() -> None:
    """One unit holds all of the loss: its mean is not clearly above zero."""
    other = np.zeros(30)
    other[3] = 5.0
    found = versus(other / 2, other, "series")
    assert found.skill == 0.5
    assert math.isnan(found.p)
    assert all(math.isnan(end) for end in found.ci95)
    assert fieller(-1.0, 0.0, spread(pair(0), "series")) == pytest.approx(
        (math.nan, math.nan), nan_ok=True
    )


@pytest.mark.parametrize("kind", KINDS)
def test_equal_losses_are_no_difference(kind: Kind) -> None:
    mine, _ = pair(0)
    found = versus(mine, mine, kind)
    assert found.p == 1
    assert found.ci95 == pytest.approx((0, 0), abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [0, 1, 2, 19])
def test_below_twenty_units_there_is_no_p(n: int, kind: Kind) -> None:
    found = versus(*pair(0, n), kind)
    assert found.units == n
    assert math.isnan(found.p)
    assert found.decision == "inconclusive"


def test_units_without_a_score_are_left_out_of_the_pairs() -> None:
    mine, other = pair(0, 31)
    mine[4] = np.nan
    kept = np.delete(np.stack([mine, other]), 4, axis=1)
    assert repr(versus(mine, other, "series")) == repr(versus(*kept, "series"))


def test_of_two_views_the_weaker_evidence_counts_with_its_interval() -> None:
    strong, weak = pair(0, ahead=0.5), pair(1, 25, ahead=0.0)
    losses = UnitLosses(
        ("origins", "series"), {"a": (weak[0], strong[0]), "b": (weak[1], strong[1])}
    )
    found, alone = compare(losses, "a", "b"), versus(weak[0], weak[1], "origins")
    assert (found.p, found.ci95, found.kind) == (alone.p, alone.ci95, "origins")


def test_a_view_with_too_few_units_leaves_it_open() -> None:
    strong, few = pair(0, ahead=0.5), pair(1, 3)
    losses = UnitLosses(("origins", "series"), {"a": (few[0], strong[0]), "b": (few[1], strong[1])})
    found = compare(losses, "a", "b")
    assert (found.units, found.kind, found.decision) == (3, "origins", "inconclusive")
    assert math.isnan(found.p)


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_holm_is_that_of_statsmodels(n: int) -> None:
    p = (np.random.default_rng(n).random(n) ** 3).tolist()
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_simes_lies_between_the_least_p_and_bonferroni(p: list[float]) -> None:
    assert min(p) <= simes(p) <= min(p) * len(p) * (1 + 1e-12)
    assert simes(p) <= max(p) + 1e-12


def test_each_model_is_decided_against_the_reference_after_the_correction() -> None:
    reference = pair(0, 60)[1]
    rng = np.random.default_rng(8)
    models = {
        "good": 0.6 * reference * rng.lognormal(0, 0.1, 60),
        "bad": 1.6 * reference * rng.lognormal(0, 0.1, 60),
        "same": reference * rng.lognormal(0, 0.3, 60),
        "naive": reference,
    }
    losses = UnitLosses(("origins",), {name: (loss,) for name, loss in models.items()})
    found = against_reference(losses, "naive")
    assert {name: one.decision for name, one in found.items()} == {
        "good": "better",
        "bad": "worse",
        "same": "inconclusive",
        "naive": "reference",
    }
    rivals = ("good", "bad", "same")
    assert tuple(found[name].p_holm for name in rivals) == holm([found[n].p for n in rivals])
    assert (found["naive"].skill, found["naive"].units) == (0.0, 60)


def test_without_the_reference_nothing_is_set_against_it() -> None:
    losses = UnitLosses(("origins",), {"a": (pair(0)[0],)})
    assert against_reference(losses, "naive") == {}


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("n", [20, 58, 200])
def test_the_test_of_origins_holds_its_level_where_the_t_test_does_not(n: int, phi: float) -> None:
    differences = autoregressive(phi, (10_000, n))
    shares = {}
    for kind in KINDS:
        found = spread(differences, kind)
        statistic = differences.mean(axis=1) / np.sqrt((found.parts**2).sum(axis=1))
        shares[kind] = float((2 * stats.t.sf(np.abs(statistic), found.degrees) < 0.05).mean())
    assert shares["origins"] <= 0.075  # 0.067 at most
    if phi == 0.5:
        assert shares["series"] > 0.2


def test_a_model_against_its_twin_has_no_minus_before_nothing() -> None:
    losses = np.random.default_rng(0).random(30) + 1
    found = versus(losses, losses.copy(), "origins")
    for value in (found.skill, *found.ci95):
        assert math.copysign(1, value) == 1
