"""Classical seasonal indices: taking a fixed season out of a series, and putting it back.

This is how the simple methods of the M competitions were given seasonal series: a test of
the autocorrelation says whether there is a season, ratios to a centred moving average say
which, and the method sees what is left (Makridakis & Hibon 2000; Makridakis et al. 2020).

Multiplicative where all values and all indices are clearly positive, additive elsewhere.
The indices are estimated once; a forecast from any later row uses them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast_cli.data.panel import Floats, Ints
from forecast_cli.forecasters.local import Series

ONE_SIDED_95 = 1.645  # standard deviations: the two-sided test at 90 % of the competitions
FEWEST_SEASONS = 3  # below which the competitions take a series for one without season
SMALLEST_INDEX = 0.02  # a value is divided by its index: a smaller one would blow up noise


@dataclass(frozen=True, eq=False)
class Indices:
    """A fixed season.

    Parameters
    ----------
    values : [m] float64
        By phase, that of row 0 of the whole series first; of mean 1 where they multiply, of
        mean 0 where they are added; empty for no season.
    multiply : bool
    """

    values: Floats
    multiply: bool

    def remove(self, y: Floats, rows: Ints) -> Floats:
        """y without its season; ``rows``, of y's shape, count from row 0 of the whole series."""
        if not len(self.values):
            return y
        index = self.values[rows % len(self.values)]
        return y / index if self.multiply else y - index

    def put_back(self, y: Floats, rows: Ints) -> Floats:
        """The inverse of :meth:`remove`."""
        if not len(self.values):
            return y
        index = self.values[rows % len(self.values)]
        return y * index if self.multiply else y + index

    def to_parameters(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays that :meth:`from_parameters` needs."""
        return {"indices": self.values, "multiply": np.array([self.multiply])}

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, npt.NDArray[Any]]) -> Indices:
        """The indices among the parameters of a method."""
        return cls(parameters["indices"], bool(parameters["multiply"][0]))


NO_SEASON = Indices(np.zeros(0), False)


def find_indices(series: Series) -> Indices:
    """The indices of a series' main season; none where the test finds no season."""
    season = series.seasons[0]
    if not is_seasonal(series.y, season):
        return NO_SEASON
    if series.y.min() > 0:
        ratios = classical_indices(series.y, season, multiply=True)
        if ratios.min() >= SMALLEST_INDEX:
            return Indices(np.roll(ratios, series.first), True)
    added = classical_indices(series.y, season, multiply=False)
    return Indices(np.roll(added, series.first), False)


def is_seasonal(y: Floats, season: int) -> bool:
    """Whether the autocorrelation at lag m is significant at 90 %.

    Parameters
    ----------
    y : [T] float64
    season : int
        m; a series of fewer than ``FEWEST_SEASONS`` of them counts as not seasonal.

    Notes
    -----
    Bartlett's formula gives the variance under a moving average of order m - 1 (Makridakis et
    al. 2020, appendix; Fiorucci et al. 2016, section 2).
    """
    if season < 2 or len(y) < FEWEST_SEASONS * season:
        return False
    centred = y - y.mean()
    power = float(centred @ centred)
    if power <= 1e-18 * len(y) * max(float(np.abs(y).max()), 1e-300) ** 2:
        return False
    lags = [float(centred[k:] @ centred[:-k]) / power for k in range(1, season + 1)]  # [m]
    limit = ONE_SIDED_95 * np.sqrt((1 + 2 * np.sum(np.square(lags[:-1]))) / len(y))
    return bool(abs(lags[-1]) > limit)


def classical_indices(y: Floats, season: int, *, multiply: bool) -> Floats:
    """[m] indices of the phases of y[0], y[1], ... by classical decomposition.

    Parameters
    ----------
    y : [T] float64
        At least two seasons; positive where the indices multiply.
    season : int
        m, at least 2.
    multiply : bool
        Ratios to the centred moving average, of mean 1; otherwise differences, of mean 0.
    """
    half = season // 2
    weights = np.full(2 * half + 1, 1.0 / season)
    if season % 2 == 0:
        weights[[0, -1]] /= 2
    trend = np.convolve(y, weights, "valid")  # [T - 2 half]
    middle = y[half : len(y) - half]
    change = middle / trend if multiply else middle - trend
    phase = np.arange(half, len(y) - half) % season
    mean = np.bincount(phase, change, season) / np.bincount(phase, minlength=season)
    return np.asarray(mean / mean.mean() if multiply else mean - mean.mean())
