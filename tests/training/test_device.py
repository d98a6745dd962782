"""Where networks run, and that nothing outside notices."""

from __future__ import annotations

import os

import pytest
import torch

from forecast_cli.errors import UsageError
from forecast_cli.training import device
from forecast_cli.training.device import WORKSPACE, fixed_workspace, isolated, resolve, threads_for


def test_auto_takes_an_accelerator_where_there_is_one() -> None:
    expected = "cuda" if torch.cuda.is_available() else None
    if expected is None:
        expected = "mps" if torch.backends.mps.is_available() else "cpu"
    assert resolve("auto").type == expected
    assert resolve("cpu").type == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_a_device_that_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(UsageError, match='no device "cuda"') as caught:
        resolve("cuda")
    assert "cpu" in caught.value.fix


def test_draws_and_threads_inside_do_not_show_outside() -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    tf32 = torch.backends.cuda.matmul.allow_tf32
    with isolated(torch.device("cpu"), seed=1, threads=1):
        first = torch.rand(3)
        assert torch.get_num_threads() == 1
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == threads
    assert torch.backends.cuda.matmul.allow_tf32 == tf32
    with isolated(torch.device("cpu"), seed=1):
        assert torch.equal(first, torch.rand(3))


def test_an_error_inside_restores_all_the_same() -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), isolated(torch.device("cpu"), seed=1, threads=1):
        torch.rand(1).item() / 0
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == threads


def test_the_workspace_is_fixed_inside_only_and_never_against_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(WORKSPACE, raising=False)
    with fixed_workspace(wanted=False):
        assert WORKSPACE not in os.environ
    with fixed_workspace(wanted=True):
        assert os.environ[WORKSPACE] == ":4096:8"
    assert WORKSPACE not in os.environ
    monkeypatch.setenv(WORKSPACE, ":16:8")
    with fixed_workspace(wanted=True):
        assert os.environ[WORKSPACE] == ":16:8"
    assert os.environ[WORKSPACE] == ":16:8"


def test_the_default_step_runs_on_one_thread_without_being_timed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device, "_seconds", None)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 64)
    assert threads_for(batch=32, hidden=128) == 1


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ({1: 4.0, 2: 2.0, 4: 1.0}, 4),
        ({1: 4.0, 2: 2.0, 4: 1.9}, 2),  # the last gain is not worth it
        ({1: 1.0, 2: 4.0, 4: 5.0}, 1),  # other work on the machine
    ],
)
def test_a_large_step_takes_the_threads_that_are_fastest(
    seconds: dict[int, float], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_seconds", lambda layer, x, threads: seconds[threads])
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    assert threads_for(batch=1024, hidden=128) == expected


def test_timing_shows_neither_in_the_draws_nor_in_the_threads() -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    layer = torch.nn.LSTM(4, 4, batch_first=True)
    torch.set_rng_state(state)
    assert device._seconds(layer, torch.zeros(2, 3, 4), threads=1) > 0
    assert 1 <= threads_for(batch=256, hidden=128) <= threads
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == threads
