"""A run is stamped with what a reader has to know of it, and nobody's folders."""

from __future__ import annotations

import re

import pytest

import stamp


def test_the_folder_of_the_data_is_not_part_of_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = ["/a/benchmarks/ett.py", "--data", "/home/me", "--quick", "--data=/home/me"]
    monkeypatch.setattr("sys.argv", words)
    made = stamp.stamp()
    assert made.command == "python benchmarks/ett.py --quick"
    assert set(made.machine) >= {"processor", "cores", "memory", "GPU"}
    assert {"python", "torch", "forecast-cli"} <= set(made.versions)
    assert re.fullmatch(r"(unknown|[0-9a-f]{7,}( \+ changes)?)", made.commit)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", made.date)
