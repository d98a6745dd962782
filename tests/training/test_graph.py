"""The CUDA graph of a step: what can be said of it without a GPU, and what it must equal on one."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
import torch

from forecast_cli.monitor import SILENT, SilentMonitor
from forecast_cli.training import graph as module
from forecast_cli.training.graph import WARM, Graphed, stepper
from forecast_cli.training.loop import Plan
from forecast_cli.training.step import Step
from tests.training.test_loop import QUANTILES, SMALL, batch, network


class Stream:
    def wait_stream(self, other: Any) -> None: ...


class Recorded:
    """Stands for torch's graph: replays what ran while it was open."""

    def __init__(self) -> None:
        self.registered: list[Any] = []
        self.replays = 0

    def register_generator_state(self, generator: Any) -> None:
        self.registered.append(generator)

    def replay(self) -> None:
        self.replays += 1


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> list[Recorded]:
    made: list[Recorded] = []

    def create() -> Recorded:
        made.append(Recorded())
        return made[-1]

    monkeypatch.setattr(module.torch.cuda, "Stream", Stream)
    monkeypatch.setattr(module.torch.cuda, "current_stream", Stream)
    monkeypatch.setattr(module.torch.cuda, "stream", lambda stream: nullcontext())
    monkeypatch.setattr(module.torch.cuda, "CUDAGraph", create)
    monkeypatch.setattr(module.torch.cuda, "graph", lambda *_, **__: nullcontext())
    return made


def test_a_step_is_captured_once_after_its_warm_up_and_then_replayed(cuda: list[Recorded]) -> None:
    calls: list[int] = []
    generator = torch.Generator()
    step = Graphed(lambda: calls.append(1), [generator], SILENT)
    for _ in range(WARM + 5):
        step()
    (graph,) = cuda
    assert len(calls) == WARM + 1  # the last one is the capture, which does not run
    assert graph.replays == 5
    assert graph.registered == [generator]


def test_where_the_capture_fails_training_goes_on_and_says_so_once(cuda: list[Recorded]) -> None:
    said: list[str] = []
    calls: list[int] = []

    class Listening(SilentMonitor):
        def say(self, message: str) -> None:
            said.append(message)

    def step() -> None:
        calls.append(1)
        if len(calls) == WARM + 1:
            raise RuntimeError("operation not permitted when stream is capturing\nmore")

    taken = Graphed(step, [], Listening())
    for _ in range(WARM + 5):
        taken()
    assert len(calls) == WARM + 1 + 5
    assert said == [
        "training goes on without a CUDA graph (operation not permitted when stream is capturing)"
    ]


def test_elsewhere_than_on_cuda_a_step_is_taken_as_it_is() -> None:
    def step() -> None: ...

    assert stepper(step, torch.device("cpu"), [], SILENT) is step


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_graph_takes_the_steps_of_the_eager_one() -> None:
    reached = []
    for graphed in (False, True):
        made = network(replace(SMALL, dropout=0.0), "cuda").train()
        given = batch(0)
        given = type(given)(**{name: value.to("cuda") for name, value in vars(given).items()})
        step = Step(made, lambda given=given: given, QUANTILES.cuda(), Plan(1, 1e-2))
        take = stepper(step, torch.device("cuda"), [], SILENT) if graphed else step
        for at in range(20):
            step.optimizer.set_rate(1e-2 / (at + 1))
            take()
        reached.append(torch.cat([p.detach().flatten() for p in step.mean.parameters()]))
    torch.testing.assert_close(*reached, rtol=1e-4, atol=1e-5)
