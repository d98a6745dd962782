"""What drives a series from outside its own past: Fourier terms, covariates known ahead.

A season too long to be a lag is a few sines and cosines of the steps since an anchor, which
is kept, so that newer data meet the same phase. Steps are rows and not time: weekends count
for nothing in a series of business days, and every month is as long as the next.

Effects are estimated by least squares on what a first ARIMA made white, in series and
regressors alike, so that neither a trend nor a slow swing can pose as an effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from forecast_cli.clock import Clock
from forecast_cli.data.history import last_seen, seen, take
from forecast_cli.data.panel import Floats, Panel
from forecast_cli.forecasters.saving import record_from_json

MOST_HARMONICS = 10  # of each season


@dataclass(frozen=True)
class Regressors:
    """Which regressors there are: covariates first, then Fourier terms, slowest first.

    Parameters
    ----------
    frequencies : tuple of float
        Cycles a step; a sine and a cosine each.
    anchor : int
        Time of phase 0.
    channels : tuple of str
        Covariates known ahead.
    centre, spread : tuple of float
        That standardise them.
    """

    frequencies: tuple[float, ...] = ()
    anchor: int = 0
    channels: tuple[str, ...] = ()
    centre: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()

    @property
    def count(self) -> int:
        """K, the number of regressors."""
        return 2 * len(self.frequencies) + len(self.channels)

    def rows(self, series: Panel) -> Floats:
        """[T, K] the regressors in all rows of a panel of one series."""
        columns = []
        for name, centre, spread in zip(self.channels, self.centre, self.spread, strict=True):
            c = series.channels.index(name)
            known = take(series.values[:, c], last_seen(series, channel=c))
            columns.append((np.nan_to_num(known, nan=centre) - centre) / spread)
        if self.frequencies and series.n_rows:
            first = _steps(series.clock, self.anchor, int(series.times[0]))
            place = first + np.arange(series.n_rows)  # [T] steps since the anchor
            for frequency in self.frequencies:
                angle = 2 * np.pi * (place * frequency % 1.0)
                columns += [np.sin(angle), np.cos(angle)]
        return np.stack(columns, axis=1) if columns else np.zeros((series.n_rows, self.count))

    def estimate(self, e: Floats, x: Floats) -> Floats:
        """Effects by least squares, of as many leading regressors as pay (BIC).

        Parameters
        ----------
        e : [T] float64
            The series, made white by a filter.
        x : [T, K] float64
            The regressors through the same filter.

        Returns
        -------
        [K] float64
            0 for those left out.
        """
        best, effects = np.inf, np.zeros(x.shape[1])
        rows = len(e)
        harmonics = range(len(self.channels), x.shape[1] + 1, 2)
        for k in sorted({0, *harmonics}):
            if rows < 3 * k + 10:
                break
            found = np.linalg.lstsq(x[:, :k], e, rcond=1e-8)[0]
            left = e - x[:, :k] @ found
            score = rows * np.log(max(float(left @ left), 1e-300) / rows) + k * np.log(rows)
            if score < best:
                best, effects = score, np.r_[found, np.zeros(x.shape[1] - k)]
        return effects

    def to_json(self) -> dict[str, Any]:
        """The regressors as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Regressors:
        """The regressors that :meth:`to_json` wrote."""
        return record_from_json(cls, values)


def make_regressors(past: Panel, seasons: tuple[int, ...], season: int) -> Regressors:
    """Fourier terms for ``seasons``, beside the ``season`` that is modelled otherwise."""
    frequencies: list[float] = []
    for m in seasons:
        if past.lengths.max(initial=0) < 2 * m:
            continue
        for k in range(1, min(MOST_HARMONICS, m // 2) + 1):
            repeats = season > 1 and k * season % m == 0
            if not repeats and not np.isclose(frequencies, k / m).any():
                frequencies.append(k / m)
    future = past.channel_positions("future")
    known = [past.values[seen(past, c), c] for c in future]
    spread = [float(v.std()) if v.size else 0.0 for v in known]
    return Regressors(
        frequencies=tuple(frequencies),
        anchor=int(past.times.min()) if past.n_rows else 0,
        channels=tuple(past.channels[c] for c in future),
        centre=tuple(float(v.mean()) if v.size else 0.0 for v in known),
        spread=tuple(s if s > 0 else 1.0 for s in spread),
    )


@lru_cache(maxsize=1024)
def _steps(clock: Clock, start: int, end: int) -> int:
    """Signed steps from one time to another; many series begin together, so it is kept."""
    return clock.between(start, end) if start <= end else -clock.between(end, start)
