"""The neural classifier: recurrent networks over histories, averaged and calibrated.

It ties the layers below together. Members of an ensemble hold out a fifth of the examples each
(training/events/), so that every example has an answer by a network that had not seen it: on these
the probabilities are calibrated, and whoever fits chooses the threshold. An answer is the mean of
the members' log-odds, calibrated. The classes at the end differ in their cell only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch

from forecast_cli.classifiers.base import Classifier, Held
from forecast_cli.config import Settings
from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.errors import RunError, TrainingError, UsageError
from forecast_cli.events import EventTask, event_task_from_json, event_task_to_json
from forecast_cli.forecasters.base import State
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.networks.events.inputs import EventInputs
from forecast_cli.networks.events.network import EventArchitecture, EventNetwork
from forecast_cli.networks.noise import Noise
from forecast_cli.networks.scale import canonical_order
from forecast_cli.training.device import isolated, resolve
from forecast_cli.training.ensemble import side_by_side
from forecast_cli.training.events.batches import Sequences
from forecast_cli.training.events.calibrate import Calibration
from forecast_cli.training.events.ensemble import EventLesson, EventTrained, learn_events
from forecast_cli.training.events.loop import answers

WEIGHTS = "network."  # prefix of the weights among the saved arrays, then number and name


class NeuralClassifier(Classifier):
    """A recurrent network as a Classifier.

    Attributes
    ----------
    history : list of dict
        Of the first member: rows of step, loss, val_loss, average_precision and seconds.
    stopped : str
        Why the training of the first member ended.
    device_name : str
        Where the networks were trained.
    """

    cell: ClassVar[str]
    both_ways: ClassVar[bool] = False
    task: EventTask
    inputs: EventInputs
    networks: tuple[EventNetwork, ...]
    calibration: Calibration

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.history: list[dict[str, float]] = []
        self.stopped = ""
        self.device_name = ""

    @property
    def n_parameters(self) -> int:
        return sum(network.n_parameters for network in self.networks)

    def fit(
        self, panel: Panel, task: EventTask, examples: Examples, monitor: Monitor = SILENT
    ) -> Self:
        """See :meth:`Classifier.fit`.

        Raises
        ------
        TrainingError
            Fewer than two classes among the examples, or a loss that is no number.
        UsageError
            Where it reads both ways and the question is about rows.
        """
        if self.both_ways and task.per_row:
            raise UsageError(
                f"{self.name} reads a history backwards, and this asks at each of its rows",
                "--model lstm, which reads onwards only",
            )
        if len(np.unique(examples.labels)) < 2:
            raise TrainingError(
                f"{len(examples)} examples of one class: there is nothing to tell apart",
                "histories of both, with and without the event",
            )
        arranged, ordered, place = _arranged(panel, examples)
        lesson = EventLesson(self.cell, self.both_ways, task, self.settings)
        trained = learn_events(lesson, arranged, ordered, monitor)
        self.task, self.inputs, self.networks = task, trained.inputs, trained.networks
        log_odds = trained.held[place]
        some = np.flatnonzero(np.isfinite(log_odds).all(axis=1))
        self.calibration = Calibration.fit(log_odds[some], examples.labels[some])
        if len(some):
            self.held = Held(examples[some], self.calibration.apply(log_odds[some]))
        else:  # the networks learned from all of them; there is nothing better
            self.held = Held(examples, self.probabilities(panel, examples.moments))
        first = trained.learned[0]
        # Any member may have been the one that was still learning.
        ended = next((one.stopped for one in trained.learned if one.ended), first.stopped)
        self.history, self.stopped = first.history, ended
        self.device_name = str(resolve(self.settings.device))
        self.notes = tuple(_notes(trained))
        return self

    def probabilities(self, panel: Panel, moments: Origins, monitor: Monitor = SILENT) -> Floats:
        """See :meth:`Classifier.probabilities`."""
        self.inputs.check(panel)
        monitor.begin(f"answering with {self.name}", len(moments))
        log_odds = self._log_odds(panel, moments)
        monitor.end()
        return self.calibration.apply(log_odds)

    def _log_odds(self, panel: Panel, moments: Origins) -> Floats:
        """[M, outputs] the mean over the members."""
        outputs = self.networks[0].architecture.outputs
        if not len(moments):
            return np.zeros((0, outputs))
        device = resolve(self.settings.device)
        lesson = EventLesson(self.cell, self.both_ways, self.task, self.settings)
        cores = torch.get_num_threads() if device.type == "cpu" else 1
        with isolated(device, self.settings.seed, threads=1):
            whole = Sequences(panel, self.inputs, moments, lesson.reach, device)
            part = whole.part(np.arange(len(moments)))
            networks = [network.to(device).eval() for network in self.networks]

            def ask(number: int, voice: Monitor) -> Floats:
                return answers(networks[number], part)

            each = side_by_side(ask, len(networks), SILENT, 1, cores)
        return np.asarray(np.mean(each, axis=0))

    def state(self) -> State:
        """See :meth:`Classifier.state`: weights and scaling as arrays, the rest as JSON."""
        weights = {
            f"{WEIGHTS}{number}.{name}": value.cpu().numpy()
            for number, network in enumerate(self.networks)
            for name, value in network.state_dict().items()
        }
        meta = {
            "task": event_task_to_json(self.task),
            "inputs": self.inputs.as_json(),
            "architectures": [asdict(network.architecture) for network in self.networks],
            "calibration": self.calibration.as_json(),
            "history": self.history,
            "stopped": self.stopped,
            "device": self.device_name,
            "notes": list(self.notes),
        }
        return weights | self.inputs.arrays(), meta

    @classmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        """See :meth:`Classifier.restore`.

        Raises
        ------
        RunError
            Where the state is not that of this kind of network.
        """
        model = cls(settings)
        try:
            model.task = event_task_from_json(meta["task"])
            model.inputs = EventInputs.from_saved(arrays, meta["inputs"])
            model.calibration = Calibration.from_json(meta["calibration"])
            model.history = list(meta["history"])
            model.stopped = meta["stopped"]
            model.device_name = meta["device"]
            model.notes = tuple(meta["notes"])
            model.networks = tuple(
                _restored(EventArchitecture(**shape), arrays, f"{WEIGHTS}{number}.")
                for number, shape in enumerate(meta["architectures"])
            )
        except (KeyError, TypeError, ValueError, RuntimeError) as cause:
            raise RunError(
                f"the saved {cls.name} is not one that this version wrote ({cause})",
                "train again with: forecast train",
            ) from cause
        return model


def _arranged(panel: Panel, examples: Examples) -> tuple[Panel, Examples, npt.NDArray[np.int64]]:
    """Entities that have examples in an order of their content, so that names and order do
    not lead the training another way; and [M] where each example went.
    """
    until = panel.starts.copy()
    moments = examples.moments
    np.maximum.at(until, moments.series, moments.rows + 1)
    order = canonical_order(panel, until)
    order = order[np.isin(order, moments.series)]
    chosen = panel.select(order)
    number = np.full(panel.n_series, -1, dtype=np.int64)
    number[order] = np.arange(len(order))
    series = number[moments.series]
    rows = chosen.starts[series] + moments.rows - panel.starts[moments.series]
    sort = np.lexsort([rows, series])
    place = np.empty(len(sort), dtype=np.int64)
    place[sort] = np.arange(len(sort))
    ordered = Examples(Origins(series[sort], rows[sort]), examples.labels[sort])
    return chosen, ordered, place


def _notes(trained: EventTrained) -> list[str]:
    """What the fit chose or could not do."""
    if not trained.tried:
        return ["too few examples of a class to hold any out: no calibration, no early stopping"]
    tried = ", ".join(f"{pool} {score:.3f}" for pool, score in trained.tried.items())
    what = "average precision" if trained.held.shape[1] == 1 else "minus log-loss"
    return [f"pooling by {what} on held-out examples: {tried}"]


def _restored(
    shape: EventArchitecture, arrays: Mapping[str, npt.NDArray[Any]], prefix: str
) -> EventNetwork:
    """A network with the saved weights whose names begin with ``prefix``."""
    cpu = torch.device("cpu")
    with isolated(cpu, seed=0):
        network = EventNetwork(shape, Noise(0, cpu)).eval()
    network.load_state_dict(
        {
            name.removeprefix(prefix): torch.from_numpy(np.array(value))
            for name, value in arrays.items()
            if name.startswith(prefix)
        }
    )
    return network


class LSTMClassifier(NeuralClassifier):
    """The default network."""

    name = "lstm"
    cell = "lstm"


class GRUClassifier(NeuralClassifier):
    """Fewer parameters; see networks/cells/gru.py."""

    name = "gru"
    cell = "gru"


class RNNClassifier(NeuralClassifier):
    """No gates; see networks/cells/rnn.py."""

    name = "rnn"
    cell = "rnn"


class BiLSTMClassifier(NeuralClassifier):
    """An LSTM each way, for whole histories; see networks/events/both_ways.py."""

    name = "bilstm"
    cell = "lstm"
    both_ways = True
