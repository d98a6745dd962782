"""The neural forecaster: a few patched recurrent networks, shared by all series of a panel.

It ties the layers below together: scale the panel, put it on the device, train on forecasts
from every patch end, and answer from any origin with the state that was carried to it. The
three classes at the end differ in their cell only.

Notable: training has two parts. The first holds the validation block out, and finds out where
to start and how many steps are enough; the second learns from all rows, and is what
forecasts. Without it the latest rows, the ones that matter most, would never be learned from.

Sources: forking sequences, Wen et al. 2017; patches, Lin et al. 2023.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch

from forecast_cli.config import Settings
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.data.windows import Batch, Resident, Sampler, Windows
from forecast_cli.errors import DataError, RunError
from forecast_cli.forecasters.answers import Question, mean_answer
from forecast_cli.forecasters.base import (
    Forecast,
    Forecaster,
    State,
    task_from_json,
    task_to_json,
)
from forecast_cli.forecasters.shortcomings import shortcomings
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.networks.inputs import Inputs, tensor
from forecast_cli.networks.network import Architecture, Network
from forecast_cli.networks.noise import Noise
from forecast_cli.networks.scale import Scaling, canonical_order
from forecast_cli.networks.sizes import Cut, Sizes, choose
from forecast_cli.task import Task
from forecast_cli.training.device import isolated, resolve, threads_for
from forecast_cli.training.ensemble import Member, fit_members
from forecast_cli.training.loop import Learned, Plan
from forecast_cli.training.validation import train_ends, validation_batches

WEIGHTS = "network."  # prefix of the weights among the saved arrays, then number and name
ENOUGH_ROWS = 500_000  # of training, beyond which a second fit would take it past a minute


class NeuralForecaster(Forecaster):
    """A recurrent network as a Forecaster.

    Attributes
    ----------
    history : list of dict
        Rows of step, loss, val_loss, lr and seconds, one a validation; see training/loop.py.
    stopped : str
        Why training ended, and whether there was a second one.
    steps : int
        Training steps of the first member.
    best_loss : float or None
        Mean pinball loss on the validation block, in spreads of each series; None where there
        was no block.
    device_name : str
        Where the network was trained.
    sizes : tuple of Sizes
        The resolved settings of each member.
    """

    cell: ClassVar[str]
    inputs: Inputs
    networks: list[Network]

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.history: list[dict[str, float]] = []
        self.stopped = ""
        self.steps = 0
        self.best_loss: float | None = None
        self.device_name = ""

    @property
    def n_parameters(self) -> int:
        return sum(network.n_parameters for network in self.networks)

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        """See :meth:`Forecaster.fit`.

        Raises
        ------
        DataError
            Where nothing was observed, or no series has a patch and a row after it.
        TrainingError
            Where the loss stops being a number.
        """
        panel, until = _arranged(panel, until, task.validation)
        ends = train_ends(panel, until, task.validation)
        self.task = task
        self.sizes = choose(task, (ends - panel.starts)[ends > panel.starts], self.settings)
        seconds = self.settings.max_seconds
        again = self.settings.final_fit == "all" and bool((until > ends).any())
        again = again and int((ends - panel.starts).sum()) <= ENOUGH_ROWS
        plans = [
            Plan(
                sizes.steps,
                sizes.learning_rate,
                seconds and seconds / (1 + again),
                self.task.season,
                precision=self.settings.precision,
            )
            for sizes in self.sizes
        ]
        found = self._learn(panel, ends, until, plans, monitor)
        self.history = found[0].history
        self.stopped = found[0].stopped
        self.steps = found[0].steps
        losses = [learned.best_loss for learned in found if learned.best_loss is not None]
        self.best_loss = sum(losses) / len(losses) if losses else None
        if again and losses and not monitor.stop_requested():
            plans = [
                replace(plan, steps=one.enough, start=one.start)
                for plan, one in zip(plans, found, strict=True)
            ]
            validated = self.inputs, self.networks
            second = self._learn(panel, until, None, plans, monitor)
            if monitor.stop_requested():  # half a training is worth less than a whole one
                self.inputs, self.networks = validated
            else:
                self.stopped += f"; then {second[0].steps} steps again on all rows"
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
        monitor.begin(f"forecasting with {self.name}", len(origins))
        with isolated(device, self.settings.seed, threads=1):
            rows = self.inputs.resident(panel, device)
            question = Question(
                panel, rows, origins, units, self.task.horizon, len(self.task.quantiles)
            )
            networks = [network.to(device).eval() for network in self.networks]
            values = mean_answer(question, networks, self.sizes, workers, monitor)
        monitor.end()
        fallbacks = shortcomings(panel, origins, units, self.inputs, self.sizes, self.task.horizon)
        return Forecast(origins, values, self.task.quantiles, fallbacks)

    def _architecture(self, rows: Resident, sizes: Sizes) -> Architecture:
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
            calendar=rows.calendar.shape[1] if sizes.relative == "mean" else 0,
            static=rows.static.shape[1],
            dropout=sizes.dropout,
            relative=sizes.relative,
        )

    def _learn(
        self, panel: Panel, ends: Ints, until: Ints | None, plans: Sequence[Plan], monitor: Monitor
    ) -> list[Learned]:
        """Train networks on the rows before ``ends`` [S]; those up to ``until`` [S] validate."""
        device, settings = resolve(self.settings.device), self.settings
        self.device_name = str(device)
        self.inputs = Inputs.learn(panel, ends, self.task.season)
        threads = settings.threads or _threads(self.sizes[0], device)
        cores = torch.get_num_threads()
        with isolated(device, settings.seed, threads):
            rows = self.inputs.resident(panel, device)
            cuts = {
                cut: Windows(rows, cut.patch, cut.patches, self.task.horizon, cut.canonical)
                for cut in dict.fromkeys(sizes.cut for sizes in self.sizes)
            }
            blocks = {cut: list[Batch]() for cut in cuts}
            if until is not None:
                blocks = self._validation(cuts, panel, ends, until, monitor)
            members = []
            for number, (sizes, plan) in enumerate(zip(self.sizes, plans, strict=True)):
                seed = settings.seed + number
                torch.manual_seed(seed)
                network = Network(self._architecture(rows, sizes), Noise(seed, device)).to(device)
                sampler = Sampler(cuts[sizes.cut], tensor(ends, device), sizes.batch_size, seed)
                members.append(Member(network, sampler, blocks[sizes.cut], plan))
            self._refuse_nothing(members)
            quantiles = torch.tensor(self.task.quantiles, device=device)
            what = f"training {self.name}" + ("" if until is not None else " on all rows")
            monitor.begin(what, sum(plan.steps for plan in plans) / len(plans))
            try:
                learned = fit_members(members, quantiles, monitor, threads, cores)
            finally:
                monitor.end()
        self.networks = [member.network for member in members]
        return learned

    def _refuse_nothing(self, members: Sequence[Member]) -> None:
        """Refuse to learn from nothing."""
        if not np.isfinite(self.inputs.scaling.centre).any():
            raise DataError(
                "no series has an observed value to learn from",
                "look at what was read with: forecast inspect",
            )
        for member in members:
            if member.sampler.total == 0:
                raise DataError(
                    f"no series has more than {member.sampler.windows.patch} rows to learn from",
                    "a smaller --patch, a smaller --val-size or longer series",
                )

    def _validation(
        self,
        cuts: Mapping[Cut, Windows],
        panel: Panel,
        ends: Ints,
        until: Ints,
        monitor: Monitor,
    ) -> dict[Cut, list[Batch]]:
        """Windows of the validation block, for each cut; where there is no block it is said."""
        # A series without one observed training value has no scale to be validated in.
        measured = np.isfinite(self.inputs.scaling.centre)
        until = np.where(measured, until, ends)
        blocks = {
            cut: validation_batches(windows, panel, ends, until) for cut, windows in cuts.items()
        }
        if not any(blocks.values()):
            monitor.say("no room for a validation block: training takes a fixed number of steps")
        return blocks

    def state(self) -> State:
        """See :meth:`Forecaster.state`: weights and scaling as arrays, the rest as JSON."""
        weights = {
            f"{WEIGHTS}{number}.{name}": value.cpu().numpy()
            for number, network in enumerate(self.networks)
            for name, value in network.state_dict().items()
        }
        meta = {
            "task": task_to_json(self.task),
            "sizes": [asdict(sizes) for sizes in self.sizes],
            "inputs": self.inputs.as_json(),
            "architectures": [asdict(network.architecture) for network in self.networks],
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
            model.sizes = tuple(Sizes(**sizes) for sizes in meta["sizes"])
            model.inputs = Inputs.from_json(Scaling.from_arrays(arrays), meta["inputs"])
            model.history = list(meta["history"])
            model.stopped = meta["stopped"]
            model.steps = meta["steps"]
            model.best_loss = meta["best_loss"]
            model.device_name = meta["device"]
            model.networks = [
                _restored(Architecture(**architecture), arrays, f"{WEIGHTS}{number}.")
                for number, architecture in enumerate(meta["architectures"])
            ]
        except (KeyError, TypeError, ValueError, RuntimeError) as cause:
            raise RunError(
                f"the saved {cls.name} is not one that this version wrote ({cause})",
                "train again with: forecast train",
            ) from cause
        return model


def _threads(sizes: Sizes, device: torch.device) -> int:
    """Threads of a training step, where the user does not say."""
    if device.type != "cpu":
        return 1
    return threads_for(sizes.batch_size, sizes.hidden, sizes.patches)


def _restored(
    architecture: Architecture, arrays: Mapping[str, npt.NDArray[Any]], prefix: str
) -> Network:
    """A network with the saved weights whose names begin with ``prefix``."""
    cpu = torch.device("cpu")
    with isolated(cpu, seed=0):
        network = Network(architecture, Noise(0, cpu)).eval()
    network.load_state_dict(
        {
            name.removeprefix(prefix): torch.from_numpy(np.array(value))
            for name, value in arrays.items()
            if name.startswith(prefix)
        }
    )
    return network


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
