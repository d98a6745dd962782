"""The neural forecaster: a few patched recurrent networks, shared by all series of a panel.

It ties the layers below together: train on forecasts from every patch end (see learning.py),
and answer from any origin with the state that was carried to it (see answers.py). The three
classes at the end differ in their cell only.

Notable: training has two parts. The first holds the validation block out, and finds out where
to start and how many steps are enough; the second learns from all rows, and is what
forecasts. Without it the latest rows, the ones that matter most, would never be learned from.
Where it fails or is ended, the networks of the first remain.

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
from forecast_cli.data.split import train_ends
from forecast_cli.errors import RunError, TrainingError
from forecast_cli.forecasters.answers import Question, mean_answer
from forecast_cli.forecasters.base import (
    Forecast,
    Forecaster,
    State,
    task_from_json,
    task_to_json,
)
from forecast_cli.forecasters.learning import (
    Lesson,
    Trained,
    arranged,
    block_ends,
    learn_in_memory,
    member_seeds,
)
from forecast_cli.forecasters.restoring import WEIGHTS, restored_networks
from forecast_cli.forecasters.shortcomings import shortcomings
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.networks.inputs import Inputs
from forecast_cli.networks.network import Network
from forecast_cli.networks.scale import Scaling
from forecast_cli.networks.sizes import Sizes, choose
from forecast_cli.task import Task
from forecast_cli.training.device import isolated, resolve
from forecast_cli.training.loop import Plan
from forecast_cli.training.progress import Learned

# Rows of training in all, and of a typical series, beyond which there is no second fit: it
# would take training past a minute, and a long history is much the same without its last part.
ENOUGH_ROWS, ENOUGH_A_SERIES = 500_000, 32_768


class NeuralForecaster(Forecaster):
    """A recurrent network as a Forecaster.

    Attributes
    ----------
    history : list of dict
        Of the first member: rows of step, loss, val_loss, lr and seconds, one a validation;
        see training/loop.py.
    stopped : str
        Why the training of the first member ended, and what became of the one on all rows.
    steps : int
        Training steps of the first member.
    best_loss : float or None
        Of the first member: the lowest mean pinball loss on the validation block, in spreads of
        each series; None where there was no block.
    device_name : str
        Where the networks were trained.
    notes : tuple of str
        What went otherwise than planned in the training, one line each.
    sizes : tuple of Sizes
        The resolved settings of each member.
    """

    cell: ClassVar[str]
    inputs: Inputs
    networks: tuple[Network, ...]

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._validated: Trained | None = None  # by the fit that held the block out; not saved
        self.history: list[dict[str, float]] = []
        self.stopped = ""
        self.steps = 0
        self.best_loss: float | None = None
        self.device_name = ""
        self.notes: tuple[str, ...] = ()

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
        self.fit_together([self], panel, task, until, monitor)
        return self

    @classmethod
    def fit_together(
        cls,
        models: Sequence[Self],
        panel: Panel,
        task: Task,
        until: Ints,
        monitor: Monitor = SILENT,
    ) -> None:
        """See :meth:`Forecaster.fit_together`: all networks of all models side by side.

        They share the rows on the device, their windows and the cores. Where the second
        training fails or is ended for one, all keep the networks of the first.
        """
        settings = models[0].settings
        panel, until = arranged(panel, until, task.validation)
        ends = train_ends(panel, until, task.validation)
        block = block_ends(panel, ends, until)
        lengths = (ends - panel.starts)[ends > panel.starts]  # of the series that are learned
        again = (
            settings.final_fit == "all"
            and bool((block > ends).any())
            and lengths.sum() <= ENOUGH_ROWS
            and np.median(lengths) <= ENOUGH_A_SERIES
        )
        sizes = choose(task, lengths, settings)
        seconds = settings.max_seconds and settings.max_seconds / (1 + again)
        seeds = [seed for model in models for seed in member_seeds(model.settings.seed, len(sizes))]
        lesson = Lesson(
            cls.cell, task, settings, sizes * len(models), tuple(seeds), models[0].checkpoints
        )
        plans = [
            Plan(one.steps, one.learning_rate, seconds, task.season, precision=settings.precision)
            for one in lesson.sizes
        ]
        lesson, validated, notes = learn_in_memory(lesson, panel, ends, block, plans, monitor)
        again = again and validated.learned[0].best_loss is not None
        final, problem = validated, ""
        if again:
            lesson, final, problem, later = _again(lesson, panel, until, plans, validated, monitor)
            notes += later
        for k, model in enumerate(models):
            own = slice(k * len(sizes), (k + 1) * len(sizes))
            then = problem or _in_words(final.learned[own][0]) if again else ""
            model.settings = model.settings.model_copy(update={"device": lesson.settings.device})
            model._take(task, lesson.sizes[own], validated.part(own), final.part(own), then)
            model.notes = (*notes, *_notes(validated.part(own), final.part(own)))

    def _take(
        self, task: Task, sizes: tuple[Sizes, ...], validated: Trained, final: Trained, then: str
    ) -> None:
        """Keep what was learned; ``then`` says what became of the training on all rows."""
        first = validated.learned[0]
        # Any member may have been the one that was still learning.
        stopped = next((one.stopped for one in validated.learned if one.ended), first.stopped)
        self.task, self.sizes = task, sizes
        self._validated = validated
        self.inputs, self.networks = final.inputs, final.networks
        self.history, self.steps, self.best_loss = first.history, first.steps, first.best_loss
        self.stopped = f"{stopped}; {then}" if then else stopped
        self.device_name = str(resolve(self.settings.device))

    def held_out(
        self,
        panel: Panel,
        task: Task,
        until: Ints,
        origins: Origins,
        monitor: Monitor = SILENT,
    ) -> Forecast:
        """See :meth:`Forecaster.held_out`: the networks of the first training answer.

        The block told them when to stop and where to start, and nothing else. A model that was
        loaded has them no more, and trains again.
        """
        if self._validated is None:
            return super().held_out(panel, task, until, origins, monitor)
        kept = self._validated
        return self._ask(kept.inputs, kept.networks, panel, origins, monitor)

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        """See :meth:`Forecaster.forecast`.

        Series that were not fitted are scaled by their own history up to each origin. Of
        these, an origin before which nothing was observed has no answer.
        """
        return self._ask(self.inputs, self.networks, panel, origins, monitor)

    def _ask(
        self,
        inputs: Inputs,
        trained: Sequence[Network],
        panel: Panel,
        origins: Origins,
        monitor: Monitor,
    ) -> Forecast:
        inputs.check(panel)
        device = resolve(self.settings.device)
        units = inputs.units(panel, origins)
        workers = torch.get_num_threads() if device.type == "cpu" else 1
        monitor.begin(f"forecasting with {self.name}", len(origins))
        with isolated(device, self.settings.seed, threads=1):
            rows = inputs.resident(panel, device)
            question = Question(
                panel, rows, origins, units, self.task.horizon, len(self.task.quantiles)
            )
            networks = [network.to(device).eval() for network in trained]
            values = mean_answer(question, networks, self.sizes, workers, monitor)
        monitor.end()
        fallbacks = shortcomings(panel, origins, units, inputs, self.sizes, self.task.horizon)
        return Forecast(origins, values, self.task.quantiles, fallbacks)

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
            model.networks = restored_networks(cls.cell, meta, model.task, model.sizes, arrays)
        except (KeyError, TypeError, ValueError, RuntimeError) as cause:
            raise RunError(
                f"the saved {cls.name} is not one that this version wrote ({cause})",
                "train again with: forecast train",
            ) from cause
        return model


def _again(
    lesson: Lesson,
    panel: Panel,
    until: Ints,
    plans: Sequence[Plan],
    validated: Trained,
    monitor: Monitor,
) -> tuple[Lesson, Trained, str, list[str]]:
    """What is learned from all rows before ``until`` [S], and why it is not, where it is not.

    With the lesson that found room in memory before it, and its notes after it.

    Half a training is worth less than a whole one: where it fails or is ended, the validated
    networks stay.
    """
    if monitor.stop_requested():
        return lesson, validated, "not fitted again on all rows", []
    plans = [
        replace(plan, steps=learned.enough, start=learned.start)
        for plan, learned in zip(plans, validated.learned, strict=True)
    ]
    try:
        smaller, trained, notes = learn_in_memory(lesson, panel, until, None, plans, monitor)
    except TrainingError as failure:
        outcome = f"the training on all rows failed ({failure.message}), the one before is kept"
        monitor.say(outcome)
        return lesson, validated, outcome, []
    if monitor.stop_requested():
        ended = "the training on all rows was ended, the one before is kept"
        return lesson, validated, ended, []
    return smaller, trained, "", notes


def _notes(validated: Trained, final: Trained) -> tuple[str, ...]:
    """Of all members, each once."""
    parts = (validated,) if final is validated else (validated, final)
    found = (note for part in parts for one in part.learned for note in one.notes)
    return tuple(dict.fromkeys(found))


def _in_words(learned: Learned) -> str:
    """The training on all rows."""
    steps = learned.steps
    again = f"{steps} step{'s' * (steps > 1)}" if steps else "the linear start"
    return f"then {again} again on all rows"


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
