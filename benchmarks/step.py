"""One training step of the default network on the processor: what it costs, and what its cells.

ETTh1, 96 ahead, everything at its default: gather, forward, backward, clip, Adam, running mean of
the weights. The recurrent cells alone, forth and back, are compared with the bare matrix
products that they consist of, at the same shapes on the same single thread. What is compared
runs in turns, so that other work on the machine slows both alike; times are lower quartiles.

    python benchmarks/step.py
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

import ett
import frame
from forecast_cli.config import Settings
from forecast_cli.data.windows import Batch, Sampler, Windows
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.neural import NeuralForecaster
from forecast_cli.networks.network import Network
from forecast_cli.networks.noise import Noise
from forecast_cli.task import Task
from forecast_cli.training.loop import Plan
from forecast_cli.training.step import Step

TABLE = "Training step"
HORIZON = 96
LARGE = 1024  # sequences: a batch that does not stay in the cache
Timed = Callable[[], object]


class Whole(Step):
    """The step without micro-batches."""

    def _parts(self, batch: Batch) -> list[Batch]:
        return [batch]


def prepared(folder: Path, device: str) -> tuple[NeuralForecaster, Windows, Tensor]:
    """The default network on ETTh1 with its windows, and [S] the ends of the training rows."""
    source = ett.SOURCES["ETTh1"]
    panel = ett.read(folder / source.file, source)
    task = Task(horizon=HORIZON, seasons=source.seasons, validation=4 * source.month)
    model = cast("NeuralForecaster", registry.create("lstm", Settings(device=device, max_steps=1)))
    model.fit(panel, task, panel.starts + 16 * source.month)
    rows = model.inputs.resident(panel, torch.device(device))
    windows = Windows(rows, model.sizes[0].patch, model.sizes[0].patches, HORIZON)
    return model, windows, rows.starts + 12 * source.month


def step_of(
    model: NeuralForecaster,
    windows: Windows,
    ends: Tensor,
    *,
    batch: int,
    kind: type[Step] = Step,
    precision: str = "float32",
) -> tuple[Step, Sampler]:
    """A step of a network of its own, from the present weights."""
    first = model.networks[0]
    network = Network(first.architecture, Noise(0, ends.device)).to(ends.device).train()
    network.load_state_dict(first.state_dict())
    sampler = Sampler(windows, ends, batch, seed=0)
    quantiles = torch.tensor(model.task.quantiles, device=ends.device)
    plan = Plan(1, model.sizes[0].learning_rate, precision=precision)
    return kind(network, sampler.draw, quantiles, plan), sampler


def cells_of(step: Step, batch: Batch) -> Timed:
    """The recurrent cells alone, forth and back, on the inputs of a step."""
    encoder = step.network.encoder
    x = step.network.patches(batch).detach().requires_grad_()  # [B, N, D]
    slope = torch.randn_like(encoder(x)[0]) / x.numel()  # [B, N, D']

    def run() -> None:
        encoder.zero_grad()
        encoder(x)[0].backward(slope)

    return run


def products_of(step: Step, batch: Batch) -> tuple[Timed, float]:
    """The bare matrix products of an LSTM layer forth and back, and their operations."""
    layer = step.network.encoder.cells[0]
    sequences, patches, _ = batch.level.shape
    D, H, G, rows = layer.inputs, layer.hidden, 4 * layer.hidden, sequences * patches
    x, h, gates = torch.randn(rows, D), torch.randn(rows, H), torch.randn(rows, G)
    state, slope = torch.randn(sequences, H), torch.randn(sequences, G)
    W, U = torch.randn(G, D), torch.randn(G, H)

    def run() -> None:
        torch.mm(x, W.T)
        for _ in range(patches):
            torch.mm(state, U.T)
        for _ in range(patches):
            torch.mm(slope, U)
        torch.mm(gates.T, h)
        torch.mm(gates.T, x)
        torch.mm(gates, W)

    return run, 3 * 2.0 * rows * G * (D + H)


def in_turns(timed: Mapping[str, Timed], rounds: int) -> dict[str, float]:
    """Lower quartile of the seconds of each, called in turns; two rounds first to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for at in range(rounds + 2):
        for name, run in timed.items():
            began = time.perf_counter()
            run()
            if at >= 2:
                seconds[name].append(time.perf_counter() - began)
    return {name: statistics.quantiles(taken, n=4)[0] for name, taken in seconds.items()}


def measure(folder: Path, rounds: int) -> list[frame.Row]:
    """All rows."""
    model, windows, ends = prepared(folder, "cpu")
    step, sampler = step_of(model, windows, ends, batch=model.sizes[0].batch_size)
    low, _ = step_of(model, windows, ends, batch=model.sizes[0].batch_size, precision="bfloat16")
    batch = sampler.draw()
    products, operations = products_of(step, batch)
    timed = {
        "step": step,
        "gather": sampler.draw,
        "cells": cells_of(step, batch),
        "products": products,
        "bfloat16": low,
    }
    took = in_turns(timed, rounds)
    parts, _ = step_of(model, windows, ends, batch=LARGE)
    whole, _ = step_of(model, windows, ends, batch=LARGE, kind=Whole)
    large = in_turns({"parts": parts, "whole": whole}, max(2, rounds // 10))
    default = f"ETTh1, {HORIZON} ahead, {len(batch.level)} sequences of {model.sizes[0].patches}"
    big = default.replace(str(len(batch.level)), str(LARGE), 1)
    forecasts = len(batch.level) * model.sizes[0].patches

    def row(what: str, metric: str, value: float, **more: object) -> frame.Row:
        return frame.Row(TABLE, what, metric, "lstm", "ours", value, **more)  # type: ignore[arg-type]

    return [
        row(default, "milliseconds a step", 1e3 * took["step"]),
        row(default, "milliseconds to gather a batch", 1e3 * took["gather"]),
        row(default, "milliseconds of the cells", 1e3 * took["cells"]),
        row(default, "training forecasts a second", forecasts / took["step"], better="higher"),
        row(
            default,
            "share of the matrix-product rate that the cells reach",
            took["products"] / took["cells"],
            better="higher",
            target=0.6,
            note=f"products {operations / took['products'] / 1e9:.0f} GFLOP/s, "
            f"cells {operations / took['cells'] / 1e9:.0f}",
        ),
        row(
            default, "float32 over bfloat16 time", took["step"] / took["bfloat16"], better="higher"
        ),
        row(big, "whole over micro-batch time", large["whole"] / large["parts"], better="higher"),
    ]


def main() -> None:
    parser: argparse.ArgumentParser = frame.options(__doc__, seed=False)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = measure(frame.data_set(given, "ett_h1_m1"), given.steps or 60)
    frame.finish(rows, given)


if __name__ == "__main__":
    main()
