"""A model of each series by itself: estimated series by series, asked from any origin.

A method of this kind is two functions of one series: ``estimate`` finds parameters in its
history, and ``points`` forecasts from any rows of it with them, without estimating again. All
else is the same for all of them and is here: units, gaps, the cut of long histories, the
cores, intervals, what answers where the method cannot, and the state on disk.

The method sees a series in units of its own spread (and without its mean, where a shift may
not matter), rounded, so that other units of the data lead no search another way.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.forecasters.base import Forecast, Forecaster, State
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

Parameters = Mapping[str, npt.NDArray[Any]]  # of one series: a few named arrays


class NoFit(Exception):
    """A method has no answer for this series; the message says why in a few words."""


@dataclass(frozen=True, eq=False)
class Series:
    """One series as a method sees it.

    Parameters
    ----------
    y : [T] float64
        In its own units of spread; gaps are filled causally (last value of the phase, else the
        last value). Begins with an observed value.
    known : [T] bool
        Where y was observed.
    first : int
        Rows of the whole series before y[0]: row ``first + t`` modulo a season is the phase
        of y[t], whatever was cut off.
    seasons : tuple of int
        Of the task, the main one first; (1,) for none.
    """

    y: Floats
    known: Bools
    first: int
    seasons: tuple[int, ...]


class LocalForecaster(Forecaster):
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
