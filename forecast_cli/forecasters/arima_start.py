"""How an ARIMA filter begins: what is known of the innovations before its first row.

A moving average remembers innovations from before the series began. Taking them for 0 leaves
an error that dies as the inverse roots of the polynomial to the power of t: within a few rows
where they are small, never within a short series where one is near the unit circle. Here they
are unknowns with the distribution that the stationary process gives them, and every row tells
a little of them: recursive least squares, which is the Kalman filter of the same model written
for its initial state (Harvey 1989, section 3.4.4; Rosenberg 1973). Once a whole memory of rows
has told nothing new the start is settled, and the plain filter is exact.

Knows nothing of gaps, forecasts or units.
"""

from __future__ import annotations

import numpy as np

from forecast_cli.data.panel import Floats

SETTLED = 1e-8  # share of a row's variance that still comes from the start; its root in sigmas


class Start:
    """The q innovations before a row, learned from the rows after it.

    Parameters
    ----------
    ar : [p] float64
        Of the stationary process, without its differences.
    ma : [q] float64
    first : [p, K] float64
        The p values before the row, of K series of the same process with mean 0.
    rows : int
        T, from the row on.

    Attributes
    ----------
    weights : [q + T, q] float64
        How each innovation answers to each of the unknown ones, which are the first q.
    mean : [q, K] float64
        The unknown innovations as far as they are known; oldest first.
    settled : bool
        Whether further rows tell nothing more.
    """

    def __init__(self, ar: Floats, ma: Floats, first: Floats, rows: int) -> None:
        self.weights = _weights(ma, rows)
        self.mean, self._covariance = _prior(ar, ma, first)
        self.settled = len(ma) == 0
        self._still = 0  # rows that told nothing, in a row

    def learn(self, row: int, plain: Floats) -> tuple[Floats, float]:
        """Take in the next row.

        Parameters
        ----------
        row : int
        plain : [K] float64
            Its innovation as found with zeros in place of the unknown ones.

        Returns
        -------
        error : [K] float64
            Its innovation as it could be known.
        variance : float
            Of ``error``, in units of the innovations' own; 1 once settled.
        """
        weight = self.weights[self.weights.shape[1] + row]
        error: Floats = plain + weight @ self.mean
        gain = self._covariance @ weight
        excess = float(weight @ gain)
        self._covariance -= np.outer(gain, gain / (1.0 + excess))
        self.mean -= np.outer(gain, error / (1.0 + excess))
        self._still = self._still + 1 if excess < SETTLED else 0
        self.settled = self._still >= self.weights.shape[1]
        return error, 1.0 + excess

    def last(self, row: int, plain: Floats) -> Floats:
        """[q, K] the q innovations up to a row, from ``plain`` [q + T, K], as known by now."""
        here = slice(row + 1, row + 1 + self.weights.shape[1])
        return np.asarray(plain[here] + self.weights[here] @ self.mean)

    def rest(self, row: int, end: int, plain: Floats) -> Floats:
        """[end - row, K] the innovations from a row on, from ``plain`` [q + T, K]."""
        q = self.weights.shape[1]
        here = slice(q + row, q + end)
        return np.asarray(plain[here] + self.weights[here] @ self.mean)


def _weights(ma: Floats, rows: int) -> Floats:
    """[q + T, q] the answer of each innovation to each of those before the first row."""
    from scipy.signal import lfilter

    q = len(ma)
    if not q:
        return np.zeros((rows, 0))
    later, _ = lfilter([1.0], np.r_[1.0, ma], np.zeros((rows, q)), axis=0, zi=remembered(ma))
    return np.concatenate([np.eye(q), later])


def remembered(ma: Floats) -> Floats:
    """[q, q] what makes the last q innovations, oldest first, the state of the filter 1 / ma."""
    q = len(ma)
    state = np.zeros((q, q))
    for back in range(1, q + 1):
        state[: q - back + 1, q - back] = -ma[back - 1 :]
    return state


def _prior(ar: Floats, ma: Floats, first: Floats) -> tuple[Floats, Floats]:
    """Mean [q, K] and covariance [q, q] of the last q innovations, given the last p values."""
    p, q = len(ar), len(ma)
    if not p or not q:
        return np.zeros((q, first.shape[1])), np.eye(q)
    lags = np.abs(np.subtract.outer(np.arange(p), np.arange(p)))
    gamma = autocovariances(ar, ma)[lags]  # [p, p]
    # A value answers to the innovations up to its own by the psi weights.
    psi = psi_weights(ar, ma, q)
    back = np.arange(p)[:, None] - (np.arange(q) + p - q)[None, :]  # [p, q]
    shared = np.where(back >= 0, psi[np.maximum(back, 0)], 0.0)
    told = np.linalg.solve(gamma, np.column_stack([first, shared]))  # [p, K + q]
    k = first.shape[1]
    return shared.T @ told[:, :k], np.eye(q) - shared.T @ told[:, k:]


def psi_weights(ar: Floats, ma: Floats, count: int) -> Floats:
    """[count] the process as a moving average without end."""
    from scipy.signal import lfilter

    impulse = np.zeros(count)
    impulse[:1] = 1.0
    return np.asarray(lfilter(np.r_[1.0, ma], np.r_[1.0, -ar], impulse))


def autocovariances(ar: Floats, ma: Floats) -> Floats:
    """[p + 1] of a stationary process whose innovations have variance 1, from lag 0 on.

    The Yule-Walker equations with a moving average on their right side (Brockwell & Davis
    1991, section 3.3, third method).
    """
    p, moving = len(ar), np.r_[1.0, ma]
    psi = psi_weights(ar, ma, len(moving))
    right = np.zeros(p + 1)
    for lag in range(min(p + 1, len(moving))):
        right[lag] = moving[lag:] @ psi[: len(moving) - lag]
    left = np.eye(p + 1)
    rows = np.arange(p + 1)
    for i, coefficient in enumerate(ar, start=1):
        np.add.at(left, (rows, np.abs(rows - i)), -coefficient)
    return np.asarray(np.linalg.solve(left, right), dtype=np.float64)
