"""The GPU benchmark where there is no GPU."""

from __future__ import annotations

import importlib

import pytest
import torch


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_without_a_gpu_nothing_is_measured_and_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module("gpu")
    monkeypatch.setattr("sys.argv", ["benchmarks/gpu.py"])
    module.main()
    assert capsys.readouterr().out == "nothing measured: no CUDA device was found\n"
