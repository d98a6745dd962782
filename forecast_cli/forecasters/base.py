"""What every model is: a Forecaster. From these origins, forecast the next H steps.

Networks and baselines obey the same four verbs, so comparing is a loop over the registry
and a baseline can be trained, saved and shipped like a network. The laws that every
Forecaster obeys are tests in tests/contract/, over the registry.

A model's state on disk is arrays (safetensors) and plain JSON; nothing is ever unpickled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy.typing as npt

from forecast_cli.comparison import Replaced
from forecast_cli.config import Settings
from forecast_cli.data.history import name_some
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.data.split import train_ends
from forecast_cli.errors import TrainingError
from forecast_cli.forecasters.state_files import ARRAYS_FILE as ARRAYS_FILE
from forecast_cli.forecasters.state_files import STATE_FILE as STATE_FILE
from forecast_cli.forecasters.state_files import State as State
from forecast_cli.forecasters.state_files import read_state, write_state
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task
from forecast_cli.training.checkpoint import NOWHERE, Checkpoints

MOST_STEPS = 10**8  # of a horizon or a season


@dataclass(frozen=True, eq=False)
class Forecast:
    """Quantile forecasts from O origins.

    Parameters
    ----------
    origins : Origins
        O of them, in the order asked.
    values : [O, H, Q] float64
        In the target's own units, not decreasing along Q. NaN where the model has no answer.
    quantiles : tuple of float, Q
        Ascending; holds 0.5, which is the point forecast.
    fallbacks : tuple of str
        What went otherwise than asked, one line a kind; those of ``replaced`` among them.
    replaced : tuple of Replaced
        Which simpler model answered where; empty if nowhere.
    """

    origins: Origins
    values: Floats
    quantiles: tuple[float, ...]
    fallbacks: tuple[str, ...] = ()
    replaced: tuple[Replaced, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or self.values.shape[0] != len(self.origins):
            raise ValueError("values must be [O, H, Q]")
        if self.values.shape[2] != len(self.quantiles) or 0.5 not in self.quantiles:
            raise ValueError("one value a quantile, the median among them")

    @property
    def point(self) -> Floats:
        """[O, H] the median."""
        return self.values[:, :, self.quantiles.index(0.5)]


def in_words(record: Replaced) -> str:
    """One line for the user.

    Examples
    --------
    >>> in_words(Replaced("ets", "holt", "there is no season", 2, 9, ("a", "b")))
    'ets: holt, as there is no season, from 2 of 9 origins (a, b)'
    """
    where = f"from {record.origins} of {record.of} origins ({name_some(record.series)})"
    return f"{record.told}, {where}"


def task_to_json(task: Task) -> dict[str, Any]:
    """The task as JSON, for :meth:`Forecaster.state` and for the manifest of a run."""
    return asdict(task)


def task_from_json(values: Mapping[str, Any]) -> Task:
    """The task that :func:`task_to_json` wrote.

    Raises
    ------
    ValueError, TypeError, KeyError
        It is none, or one that no data could answer.
    """
    task = Task(
        horizon=values["horizon"],
        seasons=tuple(values["seasons"]),
        levels=tuple(values["levels"]),
        validation=values["validation"],
    )
    numbers = (task.horizon, *task.seasons, *task.levels, task.validation)
    if not all(type(number) is int and 0 <= number < MOST_STEPS for number in numbers):
        raise ValueError(f"the task is out of all bounds ({', '.join(map(str, numbers))[:80]})")
    return task


class Forecaster(ABC):
    """A model that forecasts the next H steps of any series from any origin.

    Parameters
    ----------
    settings : Settings
        Seed, device and the knobs of training; a baseline reads what it needs of it.

    Attributes
    ----------
    checkpoints : Checkpoints
        Where a fit that takes long keeps where it stands, to be taken up again.

    Notes
    -----
    The promise of :meth:`fit` and :meth:`forecast`: nothing in a row at or after ``until``
    reaches the fit, and of the rows after an origin only "future" covariates reach its
    forecast.
    """

    name: str  # of the class; a seasonal naive of its own season has its own
    checkpoints: Checkpoints = NOWHERE
    _before_block: tuple[Panel, tuple[Task, bytes], Forecaster] | None = None

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()

    @abstractmethod
    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        """Learn from the rows of each series before ``until``.

        Parameters
        ----------
        panel : Panel
        task : Task
        until : [S] int64
            Absolute end row (exclusive) of what may be seen of each series. The last
            ``task.validation`` steps before it serve for early stopping, if the model stops.
        monitor : Monitor
        """

    @classmethod
    def fit_together(
        cls,
        models: Sequence[Self],
        panel: Panel,
        task: Task,
        until: Ints,
        monitor: Monitor = SILENT,
    ) -> None:
        """Fit models of this class that differ in their seed alone.

        What each learns is what it would learn alone by :meth:`fit`; together they may be
        quicker.
        """
        for model in models:
            model.fit(panel, task, until, monitor)

    @abstractmethod
    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        """Forecast H steps from every origin, with what was learned and the past of the origin.

        Parameters
        ----------
        panel : Panel
            May be another one than that of :meth:`fit` (newer data, other series); series are
            recognised by id. The H rows after every origin exist, with their times and
            "future" covariates (``data.future.extend`` makes them at the end of a panel).
        origins : Origins
        monitor : Monitor

        Returns
        -------
        Forecast
            [O, H, Q] for ``task.quantiles``.
        """

    def held_out(
        self,
        panel: Panel,
        task: Task,
        until: Ints,
        origins: Origins,
        monitor: Monitor = SILENT,
    ) -> Forecast:
        """Forecast from origins of the validation block, having learned from nothing in it.

        What this model errs there is what it will err after ``until``, so intervals are
        calibrated by it.

        Parameters
        ----------
        panel : Panel
        task : Task
        until : [S] int64
            All three as given to :meth:`fit`, which came before.
        origins : Origins
            With their H rows in the block, the last ``task.validation`` steps before ``until``,
            of series that have one (``data.split.train_ends``).
        monitor : Monitor

        Notes
        -----
        Another model of the same settings is fitted on what lies before the block. A model that
        kept one from its fit may ask that; then the block may have told it when to stop.

        Raises
        ------
        TrainingError
            Where the user ended that fit: half of it says nothing of the model.
        """
        return self.fitted_before(panel, task, until, monitor).forecast(panel, origins, monitor)

    def fitted_before(self, panel: Panel, task: Task, until: Ints, monitor: Monitor) -> Forecaster:
        """The fit that :meth:`held_out` asks, on what lies before the block; made once.

        Raises
        ------
        TrainingError
            Where the user ended it.
        """
        kept, question = self._before_block, (task, until.tobytes())
        if kept is not None and kept[0] is panel and kept[1] == question:
            return kept[2]
        ends = train_ends(panel, until, task.validation)
        model = self._twin(panel, task, until, monitor).fit(panel, task, ends, monitor)
        if monitor.stop_requested():
            raise TrainingError("you asked to stop")
        self._before_block = panel, question, model
        return model

    def _twin(self, panel: Panel, task: Task, until: Ints, monitor: Monitor) -> Self:
        """What is fitted before the block."""
        return self.unfitted()

    def borrow(self, fitted: Mapping[str, Forecaster]) -> tuple[str, ...]:
        """Be given, before :meth:`fit`, models that were fitted by the same arguments already.

        Parameters
        ----------
        fitted : mapping of name to Forecaster
            Some of the ``members`` in its registry entry.

        Returns
        -------
        tuple of str
            The names of those that it will not fit again.
        """
        return ()

    def unfitted(self) -> Self:
        """Another model of the same kind and settings, which has learned nothing."""
        return type(self)(self.settings)

    @property
    @abstractmethod
    def n_parameters(self) -> int:
        """Numbers that were estimated, over all series."""

    @abstractmethod
    def state(self) -> State:
        """All that :meth:`restore` needs: named arrays, and a JSON object with the rest."""

    @classmethod
    @abstractmethod
    def restore(
        cls,
        arrays: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        settings: Settings,
    ) -> Self:
        """Rebuild a fitted model from :meth:`state`."""

    def save(self, folder: Path) -> None:
        """Write the fitted model into an existing folder."""
        write_state(folder, self.name, self.state())

    @classmethod
    def load(cls, folder: Path, settings: Settings | None = None) -> Self:
        """Read a model that :meth:`save` wrote."""
        arrays, meta = read_state(folder)
        return cls.restore(arrays, meta, settings or Settings())
