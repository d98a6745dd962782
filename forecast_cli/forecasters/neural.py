"""The neural forecaster: one patched recurrent network, shared by all series of a panel.

It ties the layers below together: scale the panel, put it on the device, train on forecasts
from every patch end, and answer from any origin with the window that ends there. The three
classes at the end differ in their cell only.

Sources: forking sequences, Wen et al. 2017; patches, Lin et al. 2023.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from forecast_cli.config import Settings
from forecast_cli.data.calendar import calendar_features, calendar_names
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.data.windows import Batch, Resident, Sampler, Windows
from forecast_cli.errors import DataError, RunError
from forecast_cli.forecasters.base import Forecast, Forecaster, State
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.networks.network import Architecture, Network
from forecast_cli.networks.scale import Scaling, first_observed, fit_scaling, own_history, to_grid
from forecast_cli.networks.sizes import Sizes, choose
from forecast_cli.task import Task
from forecast_cli.training.device import isolated, resolve, threads_for
from forecast_cli.training.loop import Plan, fit_loop

CHUNK_ROWS = 2**19  # rows gathered at once when forecasting: some 10 MB a channel
DAYS_ROUND = {"time_of_day": 1, "day_of_week": 7, "day_of_year": 365}
MOST_VALIDATION = 512  # validation origins


class NeuralForecaster(Forecaster):
    """A recurrent network as a Forecaster.

    Attributes
    ----------
    history : list of dict
        Rows of step, loss, val_loss, lr and seconds, one a validation.
    stopped : str
        Why training ended.
    steps : int
        Training steps done.
    best_loss : float or None
        On the validation block, in units of the loss; None where there was no block.
    device_name : str
        Where the network runs.
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

    # -- learning ---------------------------------------------------------------------------

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        """See :meth:`Forecaster.fit`.

        Raises
        ------
        DataError
            Where no series has a patch and one observed value after it.
        TrainingError
            Where the loss stops being a number.
        """
        device = resolve(self.settings.device)
        self.device_name = str(device)
        until = np.clip(until, panel.starts, panel.known_ends)
        ends = _train_ends(panel, until, task)
        self.task = task
        self.sizes = choose(task, (ends - panel.starts)[ends > panel.starts], self.settings)
        self.scaling = fit_scaling(panel, ends)
        self.ids = panel.ids
        self.channels = tuple(zip(panel.channels, panel.roles, strict=True))
        self.gaps = _has_gaps(panel, ends)
        self.calendar = _turned_twice(panel, ends)
        threads = threads_for(self.sizes.batch_size, self.sizes.hidden)
        with isolated(device, self.settings.seed, threads):
            windows = self._windows(panel, device)
            self.network = Network(self._architecture(panel, windows.rows)).to(device)
            self._learn(windows, panel, ends, until, monitor)
        return self

    def _architecture(self, panel: Panel, rows: Resident) -> Architecture:
        sizes = self.sizes
        return Architecture(
            cell=self.cell,
            patch=sizes.patch,
            horizon=self.task.horizon,
            quantiles=len(self.task.quantiles),
            hidden=sizes.hidden,
            layers=sizes.layers,
            highway=sizes.highway,
            series=panel.n_series if panel.n_series > 1 else 0,
            past=rows.past.shape[1],
            known=rows.known.shape[1],
            calendar=rows.calendar.shape[1],
            static=rows.static.shape[1],
            dropout=sizes.dropout,
        )

    def _learn(
        self, windows: Windows, panel: Panel, ends: Ints, until: Ints, monitor: Monitor
    ) -> None:
        device = windows.rows.level.device
        sampler = Sampler(
            windows, torch.from_numpy(ends).to(device), self.sizes.batch_size, self.settings.seed
        )
        if sampler.total == 0:
            raise DataError(
                f"no series has more than {self.sizes.patch} rows to learn from",
                "a smaller --patch, a smaller --val-size or longer series",
            )
        scored = np.where(np.isfinite(self.scaling.centre), until, ends)
        validation = _validation(windows, panel, ends, scored)
        if not validation:
            monitor.say("no room for a validation block: training takes a fixed number of steps")
        plan = Plan(self.sizes.steps, self.sizes.learning_rate, self.settings.max_seconds)
        monitor.begin(f"training {self.name}", plan.steps)
        quantiles = torch.tensor(self.task.quantiles, device=device)
        learned = fit_loop(self.network, sampler.draw, validation, quantiles, plan, monitor)
        monitor.end()
        self.history = learned.history
        self.stopped = learned.stopped
        self.steps = learned.steps
        self.best_loss = learned.best_loss

    # -- forecasting ------------------------------------------------------------------------

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        """See :meth:`Forecaster.forecast`.

        Series that were not fitted are scaled by their own history up to each origin. An
        origin before which nothing was observed has no answer, unless its series was fitted.
        """
        self._check(panel)
        device = resolve(self.settings.device)
        self.network.to(device)
        known = self._known_as(panel)
        centre, spread, shift, factor = self._units(panel, origins, known)
        with isolated(device, self.settings.seed, threads=1), torch.inference_mode():
            windows = self._windows(panel, device)

        def answer(some: slice) -> Floats:
            torch.set_num_threads(1)  # counted for each thread of its own
            with torch.inference_mode():
                batch = windows.ending_at(
                    _tensor(origins.series[some], device),
                    _tensor(origins.rows[some], device),
                    shift=None if shift is None else _tensor(shift[some], device),
                    factor=None if factor is None else _tensor(factor[some], device),
                )
                return self.network.forecast(batch).double().cpu().numpy()

        out = self._in_chunks(answer, len(origins), device, monitor)
        out = centre[:, None, None] + spread[:, None, None] * out
        silent = int(np.isnan(centre).sum())
        fallbacks = (f"no forecast from {silent} origins without any past",) if silent else ()
        return Forecast(origins, out, self.task.quantiles, fallbacks)

    def _in_chunks(
        self, answer: Callable[[slice], Floats], total: int, device: torch.device, monitor: Monitor
    ) -> Floats:
        """[O, H, Q]: bounded memory, and every core on its own chunk.

        Threads inside the kernels would wait for one another at each of thousands of small
        steps; a thread a chunk never waits.
        """
        size = max(1, CHUNK_ROWS // (self.sizes.patch * self.sizes.patches))
        chunks = [slice(start, start + size) for start in range(0, total, size)]
        out = np.empty((total, self.task.horizon, len(self.task.quantiles)))
        workers = torch.get_num_threads() if device.type == "cpu" else 1
        monitor.begin(f"forecasting with {self.name}", total)
        with ThreadPoolExecutor(workers) as pool:
            for chunk, values in zip(chunks, pool.map(answer, chunks), strict=True):
                out[chunk] = values
                monitor.update(min(chunk.stop, total))
        monitor.end()
        return out

    def _units(
        self, panel: Panel, origins: Origins, known: Ints
    ) -> tuple[Floats, Floats, npt.NDArray[np.float32] | None, npt.NDArray[np.float32] | None]:
        """Centre and spread of each origin [O], and how resident values turn into scaled ones."""
        which = known[origins.series]
        fitted = which >= 0
        centre, spread = self.scaling.centre[which], self.scaling.spread[which]
        if fitted.all():
            return centre, spread, None, None
        anchor = first_observed(panel)
        new = own_history(
            panel, origins[~fitted], anchor, fallback=float(np.median(self.scaling.spread))
        )
        centre, spread = centre.copy(), spread.copy()
        centre[~fitted], spread[~fitted] = new.centre, new.spread
        shift = np.zeros(len(origins), dtype=np.float32)
        factor = np.ones(len(origins), dtype=np.float32)
        shift[~fitted] = np.nan_to_num(new.centre - anchor[origins.series[~fitted]])
        factor[~fitted] = 1 / new.spread
        return centre, spread, shift, factor

    def _known_as(self, panel: Panel) -> Ints:
        """[S] the number each series had in the fit; -1 where nothing was seen of it there."""
        seen = np.isfinite(self.scaling.centre)
        number = {name: i for i, name in enumerate(self.ids) if seen[i]}
        return np.array([number.get(name, -1) for name in panel.ids], dtype=np.int64)

    def _check(self, panel: Panel) -> None:
        there = tuple(zip(panel.channels, panel.roles, strict=True))
        if there[1:] != self.channels[1:]:
            raise DataError(
                f"the model was trained with covariates {list(self.channels[1:])}, "
                f"the data have {list(there[1:])}",
                "name the same --past and --future columns",
            )

    # -- the panel on the device --------------------------------------------------------------

    def _windows(self, panel: Panel, device: torch.device) -> Windows:
        rows = self._resident(panel, device)
        return Windows(rows, self.sizes.patch, self.sizes.patches, self.task.horizon)

    def _resident(self, panel: Panel, device: torch.device) -> Resident:
        """Scale the panel and lay it on the device; every row from its own past only."""
        scaling, known = self.scaling, self._known_as(panel)
        owner = panel.series_of_row
        fitted = known >= 0
        anchor = np.where(fitted, scaling.centre[known], first_observed(panel))
        unit = np.where(fitted, scaling.spread[known], 1.0)
        level, since = _carried_forward(panel, 0, anchor[owner], unit[owner])
        past = [panel.observed[:, 0], np.log1p(since)] if self.gaps else []
        covariates = {}
        for channel in range(1, len(panel.channels)):
            covariates[channel], _ = _carried_forward(
                panel, channel, scaling.covariate_centre[channel], scaling.covariate_spread[channel]
            )
        names = calendar_names(panel.clock)
        calendar = calendar_features(panel.times, panel.clock)  # [rows, K]
        calendar = calendar[:, [names.index(name) for name in self.calendar]]
        ahead = [covariates[i] for i in panel.channel_positions("future")]
        static = (panel.static - scaling.static_centre) / scaling.static_spread

        def columns(parts: list[Any]) -> Tensor:
            stacked = np.column_stack(parts) if parts else np.zeros((panel.n_rows, 0))
            return _tensor(stacked.astype(np.float32), device)

        return Resident(
            level=_tensor(level, device),
            observed=_tensor(panel.observed[:, 0], device),
            past=columns(past + list(covariates.values())),
            known=columns([*ahead, *calendar.T] if ahead else []),
            calendar=_tensor(calendar, device),
            starts=_tensor(panel.starts, device),
            ends=_tensor(panel.ends, device),
            identity=_tensor(known + 1 if len(self.ids) > 1 else 0 * known, device),
            static=_tensor(np.nan_to_num(static).astype(np.float32), device),
        )

    # -- disk ---------------------------------------------------------------------------------

    @property
    def n_parameters(self) -> int:
        return self.network.n_parameters

    def state(self) -> State:
        """See :meth:`Forecaster.state`: weights and scaling as arrays, the rest as JSON."""
        weights = {
            f"network.{name}": value.cpu().numpy()
            for name, value in self.network.state_dict().items()
        }
        meta = {
            "task": asdict(self.task),
            "sizes": asdict(self.sizes),
            "architecture": asdict(self.network.architecture),
            "ids": list(self.ids),
            "channels": [list(channel) for channel in self.channels],
            "gaps": self.gaps,
            "calendar": list(self.calendar),
            "history": self.history,
            "stopped": self.stopped,
            "steps": self.steps,
            "best_loss": self.best_loss,
            "device": self.device_name,
        }
        return weights | self.scaling.arrays(), meta

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
            Where the arrays are not those of this kind of network.
        """
        model = cls(settings)
        try:
            task = meta["task"]
            model.task = Task(
                task["horizon"], tuple(task["seasons"]), tuple(task["levels"]), task["validation"]
            )
            model.sizes = Sizes(**meta["sizes"])
            model.ids = tuple(meta["ids"])
            model.channels = tuple((name, role) for name, role in meta["channels"])
            model.gaps = meta["gaps"]
            model.calendar = tuple(meta["calendar"])
            model.history = list(meta["history"])
            model.stopped = meta["stopped"]
            model.steps = meta["steps"]
            model.best_loss = meta["best_loss"]
            model.device_name = meta["device"]
            model.scaling = Scaling.from_arrays(arrays)
            with isolated(torch.device("cpu"), settings.seed):
                model.network = Network(Architecture(**meta["architecture"]))
            prefix = "network."
            model.network.load_state_dict(
                {
                    name.removeprefix(prefix): torch.from_numpy(np.array(value))
                    for name, value in arrays.items()
                    if name.startswith(prefix)
                }
            )
        except (KeyError, TypeError, ValueError, RuntimeError) as cause:
            raise RunError(
                f"the saved {cls.name} is not one that this version wrote ({cause})",
                "train again with: forecast train",
            ) from cause
        model.network.eval()
        return model


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


def _train_ends(panel: Panel, until: Ints, task: Task) -> Ints:
    """[S] where training ends and the validation block begins.

    A series gives up a validation block only if at least as much is left to learn from.
    """
    cut = until - task.validation
    return np.where(cut - panel.starts >= max(task.validation, 1), cut, until)


def _has_gaps(panel: Panel, ends: Ints) -> bool:
    """Whether any target before ``ends`` is missing, so that the network must be told."""
    before = np.arange(panel.n_rows) < ends[panel.series_of_row]
    return bool((before & ~panel.observed[:, 0]).any())


def _turned_twice(panel: Panel, ends: Ints) -> tuple[str, ...]:
    """The calendar features whose circle the training rows went round twice.

    A network that saw one year learns its summer by heart, not what summers have in common.
    """
    some = ends > panel.starts
    if not some.any():
        return ()
    first, last = panel.times[panel.starts[some]].min(), panel.times[ends[some] - 1].max()
    days = (last - first) / 86_400e9
    return tuple(
        name
        for name in calendar_names(panel.clock)
        if days >= 2 * next(d for circle, d in DAYS_ROUND.items() if name.startswith(circle))
    )


def _carried_forward(
    panel: Panel, channel: int, centre: Floats | float, spread: Floats | float
) -> tuple[npt.NDArray[np.float32], Floats]:
    """A channel scaled and carried over gaps, and the steps since it was observed, both [rows]."""
    seen: Bools = panel.observed[:, channel]
    row = np.arange(panel.n_rows)
    start = panel.starts[panel.series_of_row]
    source = np.maximum.accumulate(np.where(seen, row, -1))
    nothing = source < start
    with np.errstate(invalid="ignore"):
        scaled = to_grid((panel.values[:, channel] - centre) / spread)
    since = np.where(nothing, row - start + 1, row - source).astype(np.float64)
    return np.where(nothing, np.float32(0), scaled[np.maximum(source, 0)]), since


def _validation(windows: Windows, panel: Panel, ends: Ints, until: Ints) -> list[Batch]:
    """Windows whose targets lie in rows ``ends``..``until``, evenly spread, at most 512."""
    H = windows.horizon
    room = np.where(ends > panel.starts, until - ends, 0)  # [S]
    count = np.where(room > 0, np.maximum(room - H, 0) + 1, 0)
    upto = np.cumsum(count)
    if upto[-1] == 0:
        return []
    chosen = np.linspace(0, upto[-1] - 1, min(int(upto[-1]), MOST_VALIDATION)).round()
    series = np.searchsorted(upto, chosen, side="right")
    last = (ends[series] - 1 + chosen - (upto[series] - count[series])).astype(np.int64)
    device = windows.rows.level.device
    batches = []
    for start in range(0, len(series), 128):
        some = slice(start, start + 128)
        batch = windows.ending_at(
            _tensor(series[some], device),
            _tensor(last[some], device),
            limit=_tensor(until[series[some]], device),
        )
        batches.append(_last_only(batch))
    return batches


def _last_only(batch: Batch) -> Batch:
    """Targets of the last patch alone: those of the others lie in the training rows."""
    each = torch.arange(len(batch.lengths), device=batch.lengths.device)
    at = batch.lengths - 1
    return replace(
        batch, target=batch.target[each, at][:, None], weight=batch.weight[each, at][:, None]
    )


def _tensor(array: npt.NDArray[Any], device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)
