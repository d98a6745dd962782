"""The neural forecaster: one patched recurrent network, shared by all series of a panel.

It ties the layers below together: scale the panel, put it on the device, train on forecasts
from every patch end, and answer from any origin with the window that ends there. The three
classes at the end differ in their cell only.

Sources: forking sequences, Wen et al. 2017; patches, Lin et al. 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch

from forecast_cli.config import Settings
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.data.windows import Sampler, Windows
from forecast_cli.errors import DataError, RunError
from forecast_cli.forecasters.base import (
    Forecast,
    Forecaster,
    State,
    task_from_json,
    task_to_json,
)
from forecast_cli.forecasters.shortcomings import shortcomings
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.networks.inputs import Inputs, Units, tensor
from forecast_cli.networks.network import Architecture, Network
from forecast_cli.networks.scale import Scaling, canonical_order
from forecast_cli.networks.sizes import Sizes, choose
from forecast_cli.task import Task
from forecast_cli.training.device import isolated, resolve, threads_for
from forecast_cli.training.loop import Plan, fit_loop
from forecast_cli.training.validation import train_ends, validation_batches

CHUNK = 256  # origins answered at once: the gates of a recurrent step stay in cache
CHUNK_ROWS = 2**19  # rows gathered at once, however long a context is: some 10 MB a channel
WEIGHTS = "network."  # prefix of the weights among the saved arrays


class NeuralForecaster(Forecaster):
    """A recurrent network as a Forecaster.

    Attributes
    ----------
    history : list of dict
        Rows of step, loss, val_loss, lr and seconds, one a validation; see training/loop.py.
    stopped : str
        Why training ended.
    steps : int
        Training steps done.
    best_loss : float or None
        Mean pinball loss on the validation block, in spreads of each series; None where there
        was no block.
    device_name : str
        Where the network was trained.
    sizes : Sizes
        The resolved settings.
    """

    cell: ClassVar[str]

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.history: list[dict[str, float]] = []
        self.stopped = ""
        self.steps = 0
        self.best_loss: float | None = None
        self.device_name = ""

    @property
    def n_parameters(self) -> int:
        return self.network.n_parameters

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        """See :meth:`Forecaster.fit`.

        Raises
        ------
        DataError
            Where nothing was observed, or no series has a patch and a row after it.
        TrainingError
            Where the loss stops being a number.
        """
        device = resolve(self.settings.device)
        panel, until = _arranged(panel, until, task.validation)
        ends = train_ends(panel, until, task.validation)
        self.task = task
        self.device_name = str(device)
        self.sizes = choose(task, (ends - panel.starts)[ends > panel.starts], self.settings)
        self.inputs = Inputs.learn(panel, ends)
        threads = threads_for(self.sizes.batch_size, self.sizes.hidden)
        with isolated(device, self.settings.seed, threads):
            windows = self._windows(panel, device)
            self.network = Network(self._architecture(windows)).to(device)
            self._learn(windows, panel, ends, until, monitor)
        return self

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        """See :meth:`Forecaster.forecast`.

        Series that were not fitted are scaled by their own history up to each origin. Of
        these, an origin before which nothing was observed has no answer.
        """
        self.inputs.check(panel)
        device = resolve(self.settings.device)
        units = self.inputs.units(panel, origins)
        workers = torch.get_num_threads() if device.type == "cpu" else 1
        self.network.to(device)
        monitor.begin(f"forecasting with {self.name}", len(origins))
        with isolated(device, self.settings.seed, threads=1):
            values = self._answers(self._windows(panel, device), origins, units, workers, monitor)
        monitor.end()
        fallbacks = shortcomings(panel, origins, units, self.inputs, self.sizes, self.task.horizon)
        return Forecast(origins, values, self.task.quantiles, fallbacks)

    def _windows(self, panel: Panel, device: torch.device) -> Windows:
        rows = self.inputs.resident(panel, device)
        return Windows(rows, self.sizes.patch, self.sizes.patches, self.task.horizon)

    def _architecture(self, windows: Windows) -> Architecture:
        sizes, rows = self.sizes, windows.rows
        return Architecture(
            cell=self.cell,
            patch=sizes.patch,
            horizon=self.task.horizon,
            quantiles=len(self.task.quantiles),
            hidden=sizes.hidden,
            layers=sizes.layers,
            highway=sizes.highway,
            series=len(self.inputs.ids) if len(self.inputs.ids) > 1 else 0,
            past=rows.past.shape[1],
            known=rows.known.shape[1],
            calendar=rows.calendar.shape[1],
            static=rows.static.shape[1],
            dropout=sizes.dropout,
        )

    def _learn(
        self, windows: Windows, panel: Panel, ends: Ints, until: Ints, monitor: Monitor
    ) -> None:
        """Train the network and keep what is worth telling."""
        device = windows.rows.level.device
        sampler = Sampler(windows, tensor(ends, device), self.sizes.batch_size, self.settings.seed)
        measured = np.isfinite(self.inputs.scaling.centre)
        if not measured.any():
            raise DataError(
                "no series has an observed value to learn from",
                "look at what was read with: forecast inspect",
            )
        if sampler.total == 0:
            raise DataError(
                f"no series has more than {self.sizes.patch} rows to learn from",
                "a smaller --patch, a smaller --val-size or longer series",
            )
        # A series without one observed training value has no scale to be validated in.
        scored = np.where(measured, until, ends)
        validation = validation_batches(windows, panel, ends, scored)
        if not validation:
            monitor.say("no room for a validation block: training takes a fixed number of steps")
        plan = Plan(self.sizes.steps, self.sizes.learning_rate, self.settings.max_seconds)
        quantiles = torch.tensor(self.task.quantiles, device=device)
        monitor.begin(f"training {self.name}", plan.steps)
        try:
            learned = fit_loop(self.network, sampler.draw, validation, quantiles, plan, monitor)
        finally:
            monitor.end()
        self.history = learned.history
        self.stopped = learned.stopped
        self.steps = learned.steps
        self.best_loss = learned.best_loss

    def _answers(
        self, windows: Windows, origins: Origins, units: Units, workers: int, monitor: Monitor
    ) -> Floats:
        """Forecasts [O, H, Q] in chunks: bounded memory, and every core on its own chunk.

        Threads inside the kernels would wait for one another at each of thousands of small
        steps; a thread a chunk never waits.
        """
        device = windows.rows.level.device
        out = np.empty((len(origins), windows.horizon, len(self.task.quantiles)))

        def answer(some: slice) -> None:
            with torch.inference_mode():  # holds for the thread that enters it
                batch = windows.ending_at(
                    tensor(origins.series[some], device),
                    tensor(origins.rows[some], device),
                    shift=None if units.shift is None else tensor(units.shift[some], device),
                    factor=None if units.factor is None else tensor(units.factor[some], device),
                )
                scaled = self.network.forecast(batch).cpu().numpy()  # [B, H, Q]
            np.multiply(scaled, units.spread[some, None, None], out=out[some])
            out[some] += units.centre[some, None, None]

        size = max(1, min(CHUNK, CHUNK_ROWS // (windows.patch * windows.patches)))
        chunks = [slice(start, start + size) for start in range(0, len(origins), size)]
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for chunk, _ in zip(chunks, pool.map(answer, chunks), strict=True):
                monitor.update(min(chunk.stop, len(origins)))
        return out

    def state(self) -> State:
        """See :meth:`Forecaster.state`: weights and scaling as arrays, the rest as JSON."""
        weights = {
            WEIGHTS + name: value.cpu().numpy() for name, value in self.network.state_dict().items()
        }
        meta = {
            "task": task_to_json(self.task),
            "sizes": asdict(self.sizes),
            "inputs": self.inputs.as_json(),
            "architecture": asdict(self.network.architecture),
            "history": self.history,
            "stopped": self.stopped,
            "steps": self.steps,
            "best_loss": self.best_loss,
            "device": self.device_name,
        }
        return weights | self.inputs.scaling.arrays(), meta

    @classmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        """See :meth:`Forecaster.restore`.

        Raises
        ------
        RunError
            Where the state is not that of this kind of network.
        """
        model = cls(settings)
        try:
            model.task = task_from_json(meta["task"])
            model.sizes = Sizes(**meta["sizes"])
            model.inputs = Inputs.from_json(Scaling.from_arrays(arrays), meta["inputs"])
            model.history = list(meta["history"])
            model.stopped = meta["stopped"]
            model.steps = meta["steps"]
            model.best_loss = meta["best_loss"]
            model.device_name = meta["device"]
            with isolated(torch.device("cpu"), settings.seed):
                model.network = Network(Architecture(**meta["architecture"])).eval()
            model.network.load_state_dict(
                {
                    name.removeprefix(WEIGHTS): torch.from_numpy(np.array(value))
                    for name, value in arrays.items()
                    if name.startswith(WEIGHTS)
                }
            )
        except (KeyError, TypeError, ValueError, RuntimeError) as cause:
            raise RunError(
                f"the saved {cls.name} is not one that this version wrote ({cause})",
                "train again with: forecast train",
            ) from cause
        return model


def _arranged(panel: Panel, until: Ints, validation: int) -> tuple[Panel, Ints]:
    """The series in their canonical order, and [S] the rows before which they are learned.

    Batches are drawn, learned vectors numbered and sums taken in this order, so that neither
    the names nor the order of the series lead the training another way.
    """
    until = np.clip(until, panel.starts, panel.known_ends)
    if panel.n_series == 1:
        return panel, until
    order = canonical_order(panel, train_ends(panel, until, validation))
    length = (until - panel.starts)[order]
    panel = panel.select(order)
    return panel, panel.starts + length


class LSTMForecaster(NeuralForecaster):
    """The default network."""

    name = "lstm"
    cell = "lstm"


class GRUForecaster(NeuralForecaster):
    """Fewer parameters; see networks/cells/gru.py."""

    name = "gru"
    cell = "gru"


class RNNForecaster(NeuralForecaster):
    """No gates; see networks/cells/rnn.py."""

    name = "rnn"
    cell = "rnn"
