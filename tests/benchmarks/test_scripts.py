"""Every script says what it does, and ends without an error, where there are no data."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.benchmarks.conftest import BENCHMARKS

SHARED = {"ask", "frame", "m3", "rolling", "stamp"}  # imported by scripts
SCRIPTS = sorted({path.stem for path in BENCHMARKS.glob("*.py")} - SHARED)
ACCURACY = ("ett", "m4_hourly", "nn5", "m3_monthly", "epf", "vic_elec", "short_series", "events")


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name != "render"])
def test_help_works_without_data(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module(name)
    monkeypatch.setenv("FORECAST_SHARED_DATA", "/nowhere")
    monkeypatch.setattr("sys.argv", [f"benchmarks/{name}.py", "--help"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 0
    assert "usage" in capsys.readouterr().out


@pytest.mark.parametrize("name", ACCURACY)
def test_absent_data_are_said_and_no_result_file_is_touched(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    module = importlib.import_module(name)
    monkeypatch.setattr("frame.RESULTS", tmp_path / "results")
    monkeypatch.setattr("sys.argv", [f"benchmarks/{name}.py", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 0
    assert "nothing measured" in capsys.readouterr().out
    assert not (tmp_path / "results").exists()


def test_every_script_is_run_by_the_makefile() -> None:
    words = (BENCHMARKS.parent / "Makefile").read_text("utf-8").split()
    named = {Path(word).stem for word in words}
    assert [name for name in SCRIPTS if name not in named] == []
