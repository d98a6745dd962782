"""A model of each series by itself: estimated series by series, asked from any origin.

A method of this kind is two functions of one series: ``estimate`` finds parameters in its
history, and ``points`` forecasts from any rows of it with them, without estimating again. All
else is the same for all of them and is here: units, gaps, the cut of long histories, the
cores, intervals, what answers where the method cannot, and the state on disk.

The method sees a series in units of its own spread (and without its mean, where a shift may
not matter), rounded, so that other units of the data lead no search another way.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.config import Settings
from forecast_cli.data.history import name_some, positions, seen
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.errors import DataError
from forecast_cli.forecasters.base import Forecast, State
from forecast_cli.forecasters.fallback import Fallback, objections
from forecast_cli.forecasters.features import fill
from forecast_cli.forecasters.frames import Frame, View, follow, make_frame
from forecast_cli.forecasters.frames import Series as Series
from forecast_cli.forecasters.intervals import error_quantiles, normal_quantiles, spread_origins
from forecast_cli.forecasters.kept import KeptForecaster
from forecast_cli.forecasters.parallel import fan_out
from forecast_cli.forecasters.saving import Arrays, nest, nested, pack, unpack
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

CONSTANT = "it is constant or has too few values"
EARLY = "the origin is too early for it"
LEFT_OUT = "time or work was used up before its turn"
ENDED = "the fit was ended by the user before its turn"
STOPPED = "stopped by the user"
UNTRIED = ("", CONSTANT, LEFT_OUT, ENDED)  # reasons that no estimation gave

Parameters = Mapping[str, npt.NDArray[Any]]  # of one series: a few named arrays


class NoFit(Exception):  # noqa: N818 (an answer of a method, no mishap)
    """A method has no answer for this series; the message says why in a few words."""


class LocalForecaster(KeptForecaster):
    """One small model a series; see the head of this file.

    Attributes
    ----------
    simpler : str
        Registered model that answers where this one cannot; the next simpler one.
    longest : int
        Last values of a series that it is estimated from; the cut is told.
    centred : bool
        Whether the method may see the series without its mean: false for multiplicative ones,
        which then follow a change of unit but not a shift.
    """

    simpler: ClassVar[str]
    longest: ClassVar[int]
    centred: ClassVar[bool] = True

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._frames: list[Frame] = []  # of each series
        self._parameters: list[Parameters | None] = []  # None: a simpler model answers
        self._reasons: tuple[str, ...] = ()  # why there are none; empty where there are
        self._errors: Floats = np.zeros((0, 1, 1))  # [S, H, Q] quantiles, in units of spread
        self._notes: tuple[str, ...] = ()
        self.stopped = ""  # why the fit ended before all series had their turn
        self._fallback = Fallback(self.name, self.simpler, self.settings)

    @abstractmethod
    def estimate(self, series: Series) -> Parameters:
        """Parameters of one series; a function of its arguments and the settings alone.

        It runs in other processes.

        Raises
        ------
        NoFit
            Where there is too little history, or the estimation did not converge.
        """

    @abstractmethod
    def points(self, parameters: Parameters, series: Series, at: Ints, horizon: int) -> Floats:
        """[O, H] forecasts from the rows ``at`` [O] of ``series.y``; causal row by row.

        NaN where a row is too early. No loop over origins.
        """

    @abstractmethod
    def deviation(self, parameters: Parameters, horizon: int) -> Floats:
        """[H] standard error of each step, for series too short to measure it."""

    def prepare(self, past: Panel) -> int:
        """Look at all series together before each is estimated by itself.

        Parameters
        ----------
        past : Panel
            What the fit may see.

        Returns
        -------
        int
            How many series, from the first, may be estimated: all, if the work has no bound.
        """
        return past.n_series

    def outside(self, panel: Panel, s: int) -> Floats:
        """[rows, K] what drives series ``s`` from outside its own past, in all of its rows."""
        return np.zeros((int(panel.lengths[s]), 0))

    def fit(self, panel: Panel, task: Task, until: Ints, monitor: Monitor = SILENT) -> Self:
        past = panel.until(until)
        self._task = task
        self._frames, self._parameters, self._notes = [], [], ()  # not to be sent along
        self._fallback = Fallback(self.name, self.simpler, self.settings)
        bound = self.prepare(past)
        view = View(past, fill(past, task.season), seen(past), task)
        frames = [make_frame(view, s, self.longest, self.centred) for s in range(past.n_series)]
        usable = [s for s, frame in enumerate(frames) if frame.extent > 0]
        work = [follow(view, s, frames[s], self.outside(past, s))[0] for s in usable if s < bound]
        found = dict(zip(usable, self._found(work, monitor), strict=False))
        self._ids, self._frames = panel.ids, frames
        self._parameters = [found[s].parameters if s in found else None for s in range(len(frames))]
        left_out = ENDED if monitor.stop_requested() and len(found) < len(work) else LEFT_OUT
        self.stopped = STOPPED if left_out == ENDED else ""
        self._reasons = tuple(
            found[s].reason if s in found else left_out if frame.extent > 0 else CONSTANT
            for s, frame in enumerate(frames)
        )
        nothing = np.zeros((task.horizon, len(task.quantiles)))
        self._errors = np.array(
            [found[s].errors if s in found else nothing for s in range(len(frames))]
        ).reshape(-1, *nothing.shape)
        self._notes = (*self._notes, *self._cut_in_words(past))
        for line in self._notes:
            monitor.say(line)
        tried = np.array([reason not in UNTRIED for reason in self._reasons], bool)
        self._fallback.fit(panel, task, until, tried, monitor)
        return self

    def _found(self, work: list[Series], monitor: Monitor) -> list[Fitted]:
        """What is found of the first series, as many as time allows."""
        limit = self.settings.max_seconds
        begun = time.monotonic()
        found: list[Fitted] = []
        with closing(
            fan_out(
                partial(_fitted, self, self._task),
                work,
                self.settings,
                monitor,
                f"fitting {self.name}",
            )
        ) as results:
            while limit is None or time.monotonic() - begun < limit:
                one = next(results, None)
                if one is None:
                    break
                found.append(one)
        return found

    def _cut_in_words(self, past: Panel) -> tuple[str, ...]:
        long = past.lengths > self.longest
        if not long.any():
            return ()
        names = name_some(np.asarray(past.ids)[long])
        return (
            f"{self.name}: estimated from the last {self.longest} values of up to "
            f"{past.lengths.max()} ({names})",
        )

    def forecast(self, panel: Panel, origins: Origins, monitor: Monitor = SILENT) -> Forecast:
        place = positions(self._ids, panel.ids)  # [S]
        asked = np.unique(origins.series)
        refuse_strangers(self.name, panel, asked[place[asked] < 0])
        task = self._task
        view = View(panel, fill(panel, task.season), seen(panel), task)
        values = np.full((len(origins), task.horizon, len(task.quantiles)), np.nan)
        why = np.full(len(origins), "", dtype=object)
        extent = np.zeros(len(origins))
        monitor.begin(f"forecasting with {self.name}", len(asked))
        for done, (s, here) in enumerate(by_series(origins), start=1):
            extent[here] = self._frames[place[s]].extent
            if self._parameters[place[s]] is None:
                why[here] = self._reasons[place[s]]
            else:
                values[here], early = self._answer(view, s, place[s], origins.rows[here])
                why[here[early]] = EARLY
            monitor.update(done)
        monitor.end()
        wrong = objections(values, fill(panel, 1)[origins.rows], extent)
        why = np.where(why == "", wrong, why)
        return self._fallback.mend(panel, origins, values, why, task, self._notes)

    def _answer(self, view: View, s: int, place: int, rows: Ints) -> tuple[Floats, Bools]:
        """[O, H, Q] forecasts from rows of series ``s``, and which rows are too early."""
        frame, parameters = self._frames[place], self._parameters[place]
        task = self._task
        last = int(rows.max())  # what comes later is not looked at
        series, begin = follow(view, s, frame, self.outside(view.panel, s), last)
        at = rows - begin  # [O]
        early: Bools = at < 0
        values = np.full((len(rows), task.horizon, len(task.quantiles)), np.nan)
        if parameters is not None and not early.all():
            point = self.points(parameters, series, at[~early], task.horizon)  # [O', H]
            ahead = point[:, :, None] + self._errors[place]  # [O', H, Q]
            values[~early] = frame.centre + frame.scale * ahead
            early[~early] = np.isnan(point).all(axis=1)
        return values, early

    @property
    def n_parameters(self) -> int:
        return sum(a.size for p in self._parameters if p is not None for a in p.values())

    def parameters(self) -> dict[str, Parameters | None]:
        """The parameters by series; None where a simpler model answers."""
        return dict(zip(self._ids, self._parameters, strict=True))

    def _behind(self) -> Fallback:
        return self._fallback

    def _own_state(self) -> State:
        units = [(frame.centre, frame.scale, frame.extent) for frame in self._frames]
        begins = [(frame.time, frame.first) for frame in self._frames]
        return (
            {
                **nest("parameters", pack(self._parameters)),
                "errors": self._errors,
                "units": np.array(units).reshape(-1, 3),
                "begins": np.array(begins, np.int64).reshape(-1, 2),
            },
            {"reasons": list(self._reasons), "notes": list(self._notes)},
        )

    def _recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        self._reasons, self._notes = tuple(meta["reasons"]), tuple(meta["notes"])
        self._parameters = list(unpack(nested("parameters", arrays)))
        self._errors = arrays["errors"]
        self._frames = [
            Frame(int(moment), int(first), *(float(u) for u in unit))
            for (moment, first), unit in zip(arrays["begins"], arrays["units"], strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Fitted:
    """What the estimation of one series brings home."""

    parameters: Parameters | None
    errors: Floats  # [H, Q] quantiles of its errors, in units of spread
    reason: str  # why there are no parameters; else empty


def by_series(origins: Origins) -> Iterator[tuple[int, Ints]]:
    """Each series that is asked, with the positions of its origins."""
    order = np.argsort(origins.series, kind="stable")
    asked, first = np.unique(origins.series[order], return_index=True)
    for s, here in zip(asked, np.split(order, first)[1:], strict=True):
        yield int(s), here


def refuse_strangers(name: str, panel: Panel, strangers: Ints) -> None:
    """Say which series a model of single series was not fitted on.

    Raises
    ------
    DataError
        Where there are any.
    """
    if len(strangers):
        raise DataError(
            f"{name}: was fitted without the series {name_some(np.asarray(panel.ids)[strangers])}",
            "train on data that hold these series, or use a model that they share (linear)",
        )


def _fitted(method: LocalForecaster, task: Task, series: Series) -> Fitted:
    """Estimate one series and measure the errors of its forecasts; runs in any process."""
    nothing = np.zeros((task.horizon, len(task.quantiles)))
    try:
        parameters = method.estimate(series)
    except NoFit as cause:
        return Fitted(None, nothing, str(cause))
    except (ValueError, ArithmeticError) as cause:
        return Fitted(None, nothing, f"its estimation failed ({cause})")
    return Fitted(parameters, measured(method, parameters, series, task), "")


def measured(method: LocalForecaster, parameters: Parameters, series: Series, task: Task) -> Floats:
    """[H, Q] error quantiles: of the method's own forecasts where enough, else Gaussian."""
    deviation = method.deviation(parameters, task.horizon)  # [H]
    errors = deviation[:, None] * normal_quantiles(task.quantiles)
    own = Panel(
        values=np.where(series.known, series.y, np.nan)[:, None],
        observed=series.known[:, None],
        times=np.arange(len(series.y)),
        offsets=np.array([0, len(series.y)]),
        ids=("series",),
    )
    for _, part, origins in spread_origins(own, task.horizon):
        point = method.points(parameters, series, origins.rows, task.horizon)
        empirical = error_quantiles(part, origins, point, task.quantiles)[0]
        errors = np.where(np.isnan(empirical), errors, empirical)
    errors[:, task.median] = 0.0
    return errors
