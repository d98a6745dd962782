"""One training step of the default network on a CUDA device, as a graph and launched one by one.

ETTh1, 96 ahead. The time of the step is compared with that of its recurrent cells alone, forth
and back in the same cuDNN kernels at the same shapes; and the time that the device computes
with the time that passes. Without a CUDA device nothing is measured.

    python benchmarks/gpu.py
"""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

import frame
import step as processor
from forecast_cli.monitor import Monitor, SilentMonitor
from forecast_cli.training.device import isolated
from forecast_cli.training.graph import WARM, Graphed

TABLE = "Training step on a GPU"
STEPS = 200
BATCHES = (32, 1024)


class Printing(SilentMonitor):
    """A capture that fails is said."""

    def say(self, message: str) -> None:
        print(message)


def seconds(run: processor.Timed, steps: int) -> float:
    """Of one call, from many without a wait between them."""
    for _ in range(WARM + 2):
        run()
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(steps):
        run()
    torch.cuda.synchronize()
    return (time.perf_counter() - began) / steps


def busy(run: processor.Timed, steps: int) -> float:
    """Seconds a call that kernels run on the device."""
    with profile(activities=[ProfilerActivity.CUDA]) as traced:
        for _ in range(steps):
            run()
        torch.cuda.synchronize()
    return sum(event.self_device_time_total for event in traced.key_averages()) / 1e6 / steps


def measure(folder: Path, steps: int) -> list[frame.Row]:
    """All rows: each batch size and precision, eager and as a graph."""
    model, windows, ends = processor.prepared(folder, "cuda")
    monitor: Monitor = Printing()
    rows = []
    for batch in BATCHES:
        for precision in ("float32", "bfloat16"):
            eager, _ = processor.step_of(model, windows, ends, batch=batch, precision=precision)
            captured, sampler = processor.step_of(
                model, windows, ends, batch=batch, precision=precision
            )
            noise = captured.network.noise.generator
            graph = Graphed(captured, [sampler.generator, noise], monitor)
            cells = processor.cells_of(eager, sampler.draw())
            alone = seconds(cells, steps)
            for who, run in (("eager", eager), ("graph", graph)):
                took = seconds(run, steps)
                asked = f"ETTh1, 96 ahead, {batch} sequences, {precision}"
                figures = {
                    "steps a second": 1 / took,
                    "training forecasts a second": batch * model.sizes[0].patches / took,
                    "share of the time that the GPU is busy": busy(run, steps // 4) / took,
                    "cells alone in cuDNN over the step": alone / took,
                }
                rows += [
                    frame.Row(TABLE, asked, metric, f"lstm, {who}", "ours", value, better="higher")
                    for metric, value in figures.items()
                ]
    return rows


def main() -> None:
    given = frame.options(__doc__, seed=False).parse_args()
    if not torch.cuda.is_available():
        print("nothing measured: no CUDA device was found")
        return
    folder = frame.data_set(given, "ett_h1_m1")
    with isolated(torch.device("cuda"), seed=0):
        rows = measure(folder, given.steps or STEPS)
    frame.finish(rows, given)


if __name__ == "__main__":
    main()
