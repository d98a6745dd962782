"""A training step as one CUDA graph: captured once, then launched whole.

A step of a small network is some hundred kernels of a few microseconds each, and launching
them one by one takes longer than running them. Notable: where the capture fails, training goes
on eagerly, and says so. It knows nothing of what a step does, only that it takes nothing,
returns nothing and never waits for the device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from forecast_cli.monitor import Monitor

WARM = 3  # eager steps first: kernels are chosen and workspaces made, which no graph may do


class Graphed:
    """A step that becomes a graph after its first calls; every call is one step.

    Parameters
    ----------
    step : callable
        On the current CUDA device. Its tensors are read and written in place.
    generators : sequence of torch.Generator
        That the step draws from, beside the default one of the device.
    monitor : Monitor
        Hears of a capture that failed.
    """

    def __init__(
        self, step: Callable[[], None], generators: Sequence[torch.Generator], monitor: Monitor
    ) -> None:
        self._step, self._generators, self._monitor = step, generators, monitor
        self._run: Callable[[], None] | None = None
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._warm = 0

    def __call__(self) -> None:
        """One step."""
        if self._warm < WARM:
            self._warm += 1
            self._aside()
            return
        if self._run is None:
            self._run = self._captured()
        self._run()

    def _aside(self) -> None:
        """One eager step on the stream of the capture, as torch asks for."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            self._step()
        torch.cuda.current_stream().wait_stream(self._stream)

    def _captured(self) -> Callable[[], None]:
        """The replay of the step, or the step itself where it cannot be captured."""
        graph = torch.cuda.CUDAGraph()
        try:
            for generator in self._generators:
                graph.register_generator_state(generator)
            with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                self._step()
        except RuntimeError as cause:
            reason = str(cause).partition("\n")[0]
            self._monitor.say(f"training goes on without a CUDA graph ({reason})")
            return self._step
        return graph.replay


def stepper(
    step: Callable[[], None],
    device: torch.device,
    generators: Sequence[torch.Generator],
    monitor: Monitor,
) -> Callable[[], None]:
    """The fastest way to take a step on a device: a graph on CUDA, else the step itself."""
    return Graphed(step, generators, monitor) if device.type == "cuda" else step
