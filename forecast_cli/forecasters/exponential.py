"""Exponential smoothing: simple, Holt's, damped, and a choice of forms by AICc.

``ses`` has a level, ``holt`` a level and a slope, ``damped`` a slope that dies away (Gardner &
McKenzie 1985). They have no season of their own: as in the M competitions a series that has
one is deseasonalised first by classical indices (seasonal_indices.py). ``ets`` chooses among
up to ten forms with a season of their own that follows the series (Hyndman et al. 2002); a
season longer than ``LONGEST_SEASON`` is taken out first there too, since it would have more
states than a history can tell.

Multiplicative parts are tried where no value is near zero. Parameters are estimated once
(smoothing_search.py); one pass of the recursion gives the states that every origin is forecast
from (smoothing.py).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

import numpy as np

from forecast_cli.data.panel import Floats, Ints
from forecast_cli.forecasters.local import LocalForecaster, NoFit, Parameters, Series
from forecast_cli.forecasters.seasonal_indices import NO_SEASON, Indices, find_indices
from forecast_cli.forecasters.smoothing import Smoothing, forecast_all, join_late, run, spread
from forecast_cli.forecasters.smoothing_search import Form, best, forms

LONGEST_SEASON = 48  # with states of its own
SAFE = 0.1  # of the mean: the smallest value of a series that multiplicative parts are tried on


class _Exponential(LocalForecaster):
    """A recursion with estimated weights, on a series whose season may be taken out first."""

    longest = 2000
    centred = False

    def _indices(self, series: Series) -> Indices:
        """The season that is taken out first."""
        return find_indices(series)

    @abstractmethod
    def _forms(self, y: Floats, m: int) -> Iterable[Form]:
        """The candidates for y [T]; a season that is taken out first has m = 1."""

    def estimate(self, series: Series) -> Parameters:
        indices = self._indices(series)
        rows = series.first + np.arange(len(series.y))
        y = indices.remove(series.y, rows)
        m = 1 if len(indices.values) else series.seasons[0]
        found = best(self._forms(y, m), y, series.known, m)
        if found is None:
            raise NoFit(f"{series.known.sum()} values are too few")
        return {
            **indices.to_parameters(),
            **found.model.to_parameters(),
            "sigma": np.array([found.sigma]),
            "first": np.array([series.first]),
        }

    def points(self, parameters: Parameters, series: Series, at: Ints, horizon: int) -> Floats:
        indices = Indices.from_parameters(parameters)
        y = indices.remove(series.y, series.first + np.arange(len(series.y)))
        late = series.first - int(parameters["first"][0])
        model = join_late(Smoothing.from_parameters(parameters), late, y)
        ahead = series.first + at[:, None] + np.arange(1, horizon + 1)  # [O, H]
        return indices.put_back(forecast_all(model, run(model, y), at, horizon), ahead)

    def deviation(self, parameters: Parameters, horizon: int) -> Floats:
        model = Smoothing.from_parameters(parameters)
        return spread(model, horizon) * float(parameters["sigma"][0])


class SES(_Exponential):
    """Simple exponential smoothing: a level."""

    name = "ses"
    simpler = "naive"

    def _forms(self, y: Floats, m: int) -> Iterable[Form]:
        return [Form()]


class Holt(_Exponential):
    """A level and a slope that goes on for ever."""

    name = "holt"
    simpler = "ses"

    def _forms(self, y: Floats, m: int) -> Iterable[Form]:
        return [Form(trend="additive")]


class Damped(_Exponential):
    """A level and a slope that dies away."""

    name = "damped"
    simpler = "ses"

    def _forms(self, y: Floats, m: int) -> Iterable[Form]:
        return [Form(trend="damped")]


class ETS(_Exponential):
    """The form of least AICc."""

    name = "ets"
    simpler = "damped"

    def _indices(self, series: Series) -> Indices:
        return find_indices(series) if series.seasons[0] > LONGEST_SEASON else NO_SEASON

    def _forms(self, y: Floats, m: int) -> Iterable[Form]:
        safe = bool(y.min() > SAFE * abs(y.mean()))
        return forms(y, m if m <= LONGEST_SEASON else 1, safe=safe)
