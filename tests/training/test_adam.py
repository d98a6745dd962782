"""Adam, against that of torch."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from forecast_cli.training.adam import Adam


def parameters() -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    shapes = ((3, 4), (5,), (2, 2))
    return [torch.nn.Parameter(torch.randn(s, generator=generator)) for s in shapes]


def test_the_steps_are_those_of_torch() -> None:
    mine, theirs = parameters(), parameters()
    optimizers = (
        Adam([{"params": mine[:2]}, {"params": mine[2:], "share": 0.5}], lr=0.2),
        torch.optim.Adam([{"params": theirs[:2]}, {"params": theirs[2:], "lr": 0.05}], lr=0.1),
    )
    optimizers[0].set_rate(0.1)
    for _ in range(30):
        for optimizer, given in zip(optimizers, (mine, theirs), strict=True):
            optimizer.zero_grad()
            losses = [(p**4 - p).sum() * 10.0**k for k, p in enumerate(given)]
            torch.stack(losses).sum().backward()
            optimizer.step()
        for a, b in zip(mine, theirs, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_a_parameter_without_a_gradient_stays() -> None:
    given = parameters()
    optimizer = Adam([{"params": given}], lr=0.1)
    given[0].sum().backward()
    optimizer.step()
    assert not torch.equal(given[0], parameters()[0])
    assert torch.equal(given[1], parameters()[1])


def test_rates_and_steps_are_tensors_that_a_captured_step_can_read() -> None:
    given = parameters()
    optimizer = Adam([{"params": given[:1]}, {"params": given[1:], "share": 0.5}], lr=0.1)
    rates = [group["lr"] for group in optimizer.param_groups]
    optimizer.set_rate(0.2)
    assert [float(rate) for rate in rates] == pytest.approx([0.2, 0.1])  # in place
    steps = optimizer.steps
    sum(p.sum() for p in given).backward()
    optimizer.step()
    assert steps is optimizer.steps
    assert float(steps) == 1


def test_a_training_does_not_load_the_compiler() -> None:
    code = """
import sys, torch
from tests.training.test_loop import Plan, held_out, trained
trained(Plan(steps=2, learning_rate=1e-3), held_out())
assert "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
