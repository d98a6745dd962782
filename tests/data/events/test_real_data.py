"""The shared sets of histories are read with the right entities, rows and labels."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast_cli.config import CompareConfig
from forecast_cli.data.events.histories import Histories
from forecast_cli.data.events.read import load_histories
from forecast_cli.data.events.split import folds

pytestmark = pytest.mark.shared_data


def shares(histories: Histories) -> list[int]:
    return np.bincount(histories.examples.labels, minlength=len(histories.task.classes)).tolist()


@pytest.mark.slow
def test_physionet_is_read_in_ten_seconds(shared_data: Path):
    folder = shared_data / "physionet2012_set_a"
    began = time.process_time()
    histories = load_histories(
        CompareConfig(
            data=(str(folder / "set-a.csv.gz"),),
            labels=str(folder / "Outcomes-a.csv"),
            label="In-hospital_death",
            na=("-1",),
        )
    )
    assert time.process_time() - began < 10
    panel = histories.panel
    assert panel.n_series == 4000
    assert len(panel.channels) == 37
    assert panel.static_names == ("Age", "Gender", "Height", "ICUType")
    assert shares(histories) == [3446, 554]
    assert histories.task.scale.kind == "duration"
    # 1 678 892 cells: 4000 ids, 2223 marks and the statics are no measurements, some come twice
    raw = pd.read_csv(folder / "set-a.csv.gz")
    kept = raw[(raw.Value != -1) & ~raw.Parameter.isin({"RecordID", *panel.static_names})]
    assert panel.observed.sum() == len(kept.drop_duplicates())
    assert len(folds(histories, 5, 0)) == 5


def test_pbc_has_three_outcomes(shared_data: Path):
    file = str(shared_data / "pbc_sequential" / "pbcseq.csv")
    config = CompareConfig(data=(file,), id="id", time=("day",), label="status")
    histories = load_histories(config)
    assert (histories.panel.n_series, histories.panel.n_rows) == (312, 1945)
    assert histories.task.classes == ("0", "1", "2")
    assert sum(shares(histories)) == 312
    assert {"trt", "age", "sex"} <= set(histories.panel.static_names)
    assert any('"futime"' in line for line in histories.warnings)
    two = load_histories(config.model_copy(update={"positive": "2"}))
    assert two.task.classes == ("not 2", "2")
    assert shares(two) == [172, 140]


def test_epileptic_doses_warn_of_what_is_known_too_late(shared_data: Path):
    file = str(shared_data / "epileptic_dose" / "epileptic.csv")
    histories = load_histories(CompareConfig(data=(file,), label="with.status"))
    assert (histories.panel.n_series, histories.panel.n_rows) == (605, 2797)
    assert histories.panel.channels == ("dose",)
    assert shares(histories) == [384, 221]
    assert any('"with.status2" alone' in line for line in histories.warnings)


def test_indoor_movement_is_joined_on_a_commented_header(shared_data: Path):
    folder = shared_data / "indoor_movement"
    histories = load_histories(
        CompareConfig(
            data=(str(folder / "sequences.csv"),), labels=str(folder / "MovementAAL_target.csv")
        )
    )
    assert (histories.panel.n_series, histories.panel.n_rows) == (314, 13197)
    assert len(histories.panel.channels) == 4
    assert histories.task.classes == ("-1", "1")
    assert len(histories.examples) == 314


def test_engines_without_a_header_end_in_the_event(shared_data: Path):
    file = str(shared_data / "cmapss_fd001" / "train_FD001.txt.gz")
    histories = load_histories(CompareConfig(data=(file,), event_within="30"))
    assert (histories.panel.n_series, histories.panel.n_rows) == (100, 20631)
    assert shares(histories) == [20631 - 100 - 3000, 3000]


def test_cdnow_buyers_are_cut_at_a_date_and_labelled_by_what_came(
    shared_data: Path, tmp_path: Path
):
    rows = pd.read_csv(shared_data / "cdnow_transactions" / "cdnowElog.csv")
    cut = 19980101  # the last 26 weeks
    again = rows.loc[rows.date >= cut, "masterid"].unique()
    before = rows[rows.date < cut]
    buyers = before.masterid.unique()
    pd.DataFrame({"masterid": buyers, "again": np.isin(buyers, again).astype(int)}).to_csv(
        tmp_path / "again.csv", index=False
    )
    before.to_csv(tmp_path / "before.csv", index=False)
    histories = load_histories(
        CompareConfig(data=(str(tmp_path / "before.csv"),), labels=str(tmp_path / "again.csv"))
    )
    assert histories.panel.n_series == len(buyers)
    assert histories.panel.channels == ("cds", "sales")
    assert shares(histories)[1] == np.isin(buyers, again).sum()
    scale = histories.task.scale
    assert (scale.kind, scale.name) == ("date", "day")
    assert scale.show(histories.panel.times[:1]) == ["1997-01-01"]


def test_vowels_have_nine_speakers(shared_data: Path, tmp_path: Path):
    text = (shared_data / "japanese_vowels" / "JapaneseVowels_TRAIN.ts").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and line[0] not in "#@"]
    tables = []
    for u, line in enumerate(lines):
        *dimensions, speaker = line.split(":")
        columns = np.array([[float(v) for v in d.split(",")] for d in dimensions])  # [12, T]
        table = pd.DataFrame(columns.T, columns=[f"c{i}" for i in range(12)])
        table.insert(0, "frame", np.arange(columns.shape[1]))
        tables.append(table.assign(utterance=u, speaker=speaker))
    pd.concat(tables).dropna(how="all").to_csv(tmp_path / "vowels.csv", index=False)
    histories = load_histories(
        CompareConfig(
            data=(str(tmp_path / "vowels.csv"),), id="utterance", time=("frame",), label="speaker"
        )
    )
    assert histories.panel.n_series == 270
    assert len(histories.panel.channels) == 12
    assert shares(histories) == [30] * 9


def test_pumps_fail_within_their_last_cycles(sample_data: Path):
    file = str(sample_data / "pump_sensors_simulated.csv")
    histories = load_histories(CompareConfig(data=(file,), label="failed", event_within="30"))
    assert (histories.panel.n_series, histories.panel.n_rows) == (40, 6920)
    assert shares(histories)[1] == 30 * 30
    assert histories.panel.channels == ("vibration", "temperature", "pressure", "flow")


def test_physionet_outcomes_are_gzip_or_not(shared_data: Path, tmp_path: Path):
    folder = shared_data / "physionet2012_set_a"
    rows = gzip.decompress((folder / "set-a.csv.gz").read_bytes()).decode().splitlines()[:20_000]
    (tmp_path / "some.csv").write_text("\n".join(rows) + "\n")
    outcomes = tmp_path / "outcomes.csv.gz"
    outcomes.write_bytes(gzip.compress((folder / "Outcomes-a.csv").read_bytes()))
    histories = load_histories(
        CompareConfig(
            data=(str(tmp_path / "some.csv"),), labels=str(outcomes), label="In-hospital_death"
        )
    )
    assert (
        len(histories.examples)
        == histories.panel.n_series
        == len({r.split(",")[0] for r in rows}) - 1
    )
