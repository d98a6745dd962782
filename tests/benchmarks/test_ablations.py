"""Ablations: one choice is changed, no test block is read, and the page says what was found."""

from __future__ import annotations

import argparse
import doctest
import inspect
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import ablations
import frame
from ablations import DEFAULT, SAME, STUDIES, Case, Variant
from forecast_cli.clock import Clock
from forecast_cli.data.panel import Panel
from forecast_cli.networks.heads import Highway
from forecast_cli.training import start
from frame import Measured, Results, Row
from tests.benchmarks.test_frame import STAMP

VARIANTS = [each for study in STUDIES for each in study.variants]
IDLE = {  # for many series, in so few steps, and where it is the best guess anyway
    "0.2",
    "a mean over 100 steps",
    "shrinks to the last value only",
    "shrinks to the mean season only",
    "half of them a half",
    "2 members",
}


@pytest.fixture(scope="module")
def case() -> Case:
    """Hourly series that grow by per cents: every choice comes into play."""
    rng, series, length = np.random.default_rng(0), 20, 140
    wave = np.sin(2 * np.pi * np.arange(length) / 8)  # [T]
    growth = np.exp(np.arange(length) / 50)
    noise = rng.normal(size=(series, length))
    values = growth * np.exp(0.3 * wave + 0.1 * noise)  # [S, T]
    panel = Panel(
        values=values.reshape(-1, 1),
        observed=np.ones((series * length, 1), dtype=bool),
        times=np.tile(np.arange(length) * 3_600 * 10**9, series),
        offsets=np.arange(series + 1) * length,
        ids=tuple(f"s{s}" for s in range(series)),
        clock=Clock(freq="h"),
    )
    return Case(panel, horizon=4, seasons=(8,), block=8, stride=4)


def given(**changed: object) -> argparse.Namespace:
    return argparse.Namespace(**{"seeds": 1, "steps": 2, "variants": ()} | changed)


def bound(variant: Variant) -> list[object]:
    """What the names that a variant changes stand for."""
    return [inspect.getattr_static(change.owner, change.name) for change in variant.changes]


def test_the_examples_hold() -> None:
    found = doctest.testmod(ablations)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
def test_a_variant_is_there_within_and_gone_after(variant: Variant) -> None:
    before = bound(variant)
    changed: list[object] = [change.new for change in variant.changes]
    assert before != changed
    with variant.applied():
        assert bound(variant) == changed
    assert bound(variant) == before


def test_a_training_that_breaks_off_leaves_nothing_changed() -> None:
    before = bound(VARIANTS[0])

    def interrupted() -> None:
        with VARIANTS[0].applied():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert bound(VARIANTS[0]) == before


def test_names_are_unique() -> None:
    names = [each.name for each in VARIANTS] + [study.name for study in STUDIES]
    assert len(names) == len(set(names))


@pytest.fixture(scope="module")
def default(case: Case) -> ablations.Outcome:
    return ablations.outcome(case, 0, given())


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
def test_every_variant_trains_and_forecasts_something_else(
    variant: Variant, case: Case, default: ablations.Outcome
) -> None:
    with variant.applied():
        found = ablations.outcome(case, 0, given())
    assert found.answer.failure == ""
    same = np.array_equal(found.answer.point, default.answer.point)
    assert not same or variant.name in IDLE


@pytest.mark.parametrize("name", ["last", "seasons"])
def test_the_start_has_one_guess_where_the_lags_allow_it(name: str) -> None:
    guesses = ablations.guessing(name).new
    for season, expected in ((4, name), (5, "last")):
        highway, inputs = Highway(patch=4, patches=1, horizon=3), 6
        as_it_is = start._guesses(highway, season, torch.zeros(inputs, inputs))
        (only,) = guesses(highway, season, torch.zeros(inputs, inputs)).values()
        assert torch.equal(only, as_it_is[expected])


def test_what_does_not_come_into_play_is_marked_and_measured_in_units_of_the_default(
    case: Case,
) -> None:
    plain = replace(case, panel=replace(case.panel, clock=Clock()))  # no calendar
    rows = ablations.measure("plain", plain, given(variants=("Calendar", "1 member")))
    found = ablations.cells(rows)
    assert {key for key, of_sets in found.items() if of_sets["plain"].same} == {
        ("Calendar", "for all"),
        ("Calendar", "for none"),
    }
    assert found[DEFAULT, ablations.AS_IS]["plain"].ratios == (1.0,)
    assert found["Calendar", "for all"]["plain"].ratios == (1.0,)
    (row,) = (row for row in rows if row.metric == "MASE")
    assert row.note == "20 series, 132 steps learned from, 40 forecasts of 4 steps"


def test_the_block_that_is_scored_was_not_learned_from(case: Case) -> None:
    rng = np.random.default_rng(1)
    values = case.panel.values.copy()
    scored = (case.until[:, None] + np.arange(case.block)).ravel()
    values[scored] *= rng.uniform(0.5, 2, size=(len(scored), 1))
    other = replace(case, panel=replace(case.panel, values=values))
    points = [ablations.outcome(each, 0, given()).answer.point for each in (case, other)]
    first = slice(0, None, 2)  # the origin before the block; the second stands within
    assert np.array_equal(points[0][first], points[1][first])


def test_no_set_reaches_into_its_test_block(shared_data: Path) -> None:
    cases = {
        name: read(argparse.Namespace(data=shared_data)) for name, read in ablations.SETS.items()
    }
    assert set(cases["ETTh1, 96"].panel.lengths) == {16 * 30 * 24}
    assert set(cases["NN5"].panel.lengths) == {735}
    assert set(cases["M4 Hourly"].panel.lengths) == {700, 960}
    last = {
        name: np.datetime64(int(cases[name].panel.times[-1]), "ns").astype("datetime64[h]")
        for name in ("Nord Pool", "Victoria")
    }
    assert last == {
        "Nord Pool": np.datetime64("2016-12-26T23"),
        "Victoria": np.datetime64("2014-05-26T12"),  # UTC, 877 days after the first
    }
    for case in cases.values():
        assert case.block >= case.horizon
        assert (case.until - case.panel.starts > 4 * case.horizon).all()


def row(study: str, who: str, name: str, value: float, seed: int = 0, **named: object) -> Row:
    return replace(
        Row(study, name, f"seed {seed}", who, "ours", value, seconds=2.0),
        **named,  # type: ignore[arg-type]
    )


DEFAULTS = [
    Row(DEFAULT, "NN5", "MASE", ablations.AS_IS, "ours", 0.87, note="111 series"),
    *(
        row(DEFAULT, ablations.AS_IS, name, value, seed)
        for name in ("ETTh1, 96", "NN5")
        for seed, value in enumerate((0.99, 1.01))
    ),
]


def page(*rows: Row, said: dict[str, str] | None = None) -> str:
    return ablations.page(Results("How.", (Measured(STAMP, (*DEFAULTS, *rows)),)), said or {})


def line_of(text: str, who: str) -> str:
    (found,) = re.findall(rf"^\| {re.escape(who)}.*$", text, re.MULTILINE)
    return str(found)


def test_a_line_holds_each_set_their_geometric_mean_and_the_time() -> None:
    rows = [
        row("Ensemble", "4 members", name, value, seed, seconds=4.0)
        for name, values in (("ETTh1, 96", (0.9, 0.9)), ("NN5", (1.6, 1.6)))
        for seed, value in enumerate(values)
    ]
    assert line_of(page(*rows), "4 members") == (
        "| 4 members | **0.900 ± 0.000** | 1.600 ± 0.000 | 1.200 ± 0.000 | 2.0 × |"
    )


def test_the_default_heads_every_study_with_the_spread_of_its_seeds() -> None:
    text = page(*(row(study.name, study.variants[0].name, "NN5", 1.0) for study in STUDIES))
    heads = re.findall(r"^\| as it is \| 1.000 ± 0.010 \| 1.000 ± 0.010 \| .*$", text, re.M)
    assert len(heads) == len(STUDIES)
    assert "Not measured" not in text
    assert "| NN5 | 111 series | 0.8700 |" in text


def test_a_change_that_does_nothing_is_a_sign_and_one_that_was_not_measured_a_dash() -> None:
    rows = [
        row("Logarithms", "never", "NN5", value, seed, note=SAME)
        for seed, value in enumerate((0.99, 1.01))
    ]
    text = page(*rows)
    assert line_of(text, "never") == "| never | – | = | 1.000 ± 0.010 | 1.0 × |"
    text = page(row("Dropout", "0.2", "NN5", 1.0))
    assert line_of(text, "0.5") == "| 0.5 | – | – | – | – |"


def test_a_study_without_a_figure_is_named_at_the_end() -> None:
    text = page(row("Dropout", "0.2", "NN5", 1.0))
    assert "## Dropout" in text
    assert "## Ensemble" not in text
    assert "Ensemble" in text.partition("## Not measured with the present default")[2]


def test_ratios_to_the_default_of_another_commit_are_left_out() -> None:
    other = Measured(replace(STAMP, commit="another"), (row("Dropout", "0.2", "NN5", 0.5),))
    found = ablations.page(Results("How.", (Measured(STAMP, tuple(DEFAULTS)), other)), {})
    assert "| 0.2 |" not in found


def test_a_change_that_failed_is_said_and_not_averaged_away() -> None:
    rows = [row("Loss", "Huber loss of the medians", "NN5", math.nan, note="diverged")]
    line = line_of(page(*rows), "Huber")
    assert line == "| Huber loss of the medians | – | failed | failed | 1.0 × |"


def test_the_words_stand_below_their_table_and_the_runs_at_the_end() -> None:
    text = page(row("Ensemble", "8 members", "NN5", 1.0), said={"Ensemble": "Two pay."})
    ensemble = text.partition("## Ensemble")[2].partition("## Not measured")[0]
    assert ensemble.rstrip().endswith("Two pay.")
    assert "Measured 2026-01-02 03:04 UTC by `python benchmarks/some.py`, commit abc1234" in text


def test_remarks_are_about_studies_and_hold_no_figure() -> None:
    said = ablations.remarks()
    assert set(said) <= {study.name for study in STUDIES}
    assert [text for text in said.values() if re.search(r"\d\.\d|\d %", text)] == []


def test_the_page_of_the_repository_is_that_of_its_scores() -> None:
    if not ablations.PAGE.is_file():
        pytest.skip("nothing was measured yet")
    found = ablations.page(frame.read(ablations.SCORES), ablations.remarks())
    assert ablations.PAGE.read_text("utf-8") == found


def test_absent_data_are_said_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(ablations, "SCORES", tmp_path / "scores.json")
    monkeypatch.setattr("sys.argv", ["benchmarks/ablations.py", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        ablations.main()
    assert ended.value.code == 0
    assert "nothing measured" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
