"""Ridge regression from moments: one pass over the rows, then only small matrices.

The rows are summed into one Gram matrix a block of time. From those sums every fit and every
held-out error follows exactly, so choosing the penalty costs one eigendecomposition a block
and no second look at the data. Blocks, not single rows, are held out: windows that overlap
all but one step are no test of each other.

Coefficients shrink towards a guess (last value, last season, mean of the past) instead of
zero; the guess is chosen with the penalty. With little data the model is that guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from forecast_cli.data.panel import Floats, Ints

PENALTIES = np.logspace(-4, 3, 8)  # a row, for columns of about unit size
SCORED_STEPS = 24  # steps on which the penalty is chosen, spread over the horizon


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over the rows of each of K blocks.

    Parameters
    ----------
    gram : [K, F, F] float64
    cross : [K, F, H] float64
    power : [K, H] float64
        Sums of squared targets.
    count : [K] float64
    """

    gram: Floats
    cross: Floats
    power: Floats
    count: Floats


def accumulate(parts: Iterable[tuple[Floats, Floats, Ints]], blocks: int) -> Moments:
    """Sum parts of ``(x [n, F], y [n, H], block [n])``."""
    gram = cross = power = None
    count = np.zeros(blocks)
    for x, y, block in parts:
        if gram is None or cross is None or power is None:
            gram = np.zeros((blocks, x.shape[1], x.shape[1]))
            cross = np.zeros((blocks, x.shape[1], y.shape[1]))
            power = np.zeros((blocks, y.shape[1]))
        for k in np.unique(block):
            here = block == k
            gram[k] += x[here].T @ x[here]
            cross[k] += x[here].T @ y[here]
            power[k] += (y[here] ** 2).sum(axis=0)
            count[k] += here.sum()
    if gram is None or cross is None or power is None:
        raise ValueError("no rows to sum")
    return Moments(gram, cross, power, count)


@dataclass(frozen=True, eq=False)
class Ridge:
    """A fit and how it was chosen.

    Parameters
    ----------
    weights : [F, H] float64
        From all rows.
    held_out : [K, F, H] float64
        From the rows of all blocks but one, for errors that were not fitted.
    rmse : [H] float64
        Root mean squared error on the blocks when held out.
    penalty : float
    guess : int
        Which of the guesses the weights shrink to.
    """

    weights: Floats
    held_out: Floats
    rmse: Floats
    penalty: float
    guess: int


def choose(moments: Moments, guesses: list[Floats]) -> Ridge:
    """Fit with the penalty and the guess that err least on blocks that were held out.

    Parameters
    ----------
    moments : Moments
    guesses : list of [F, H]
    """
    used = [k for k, n in enumerate(moments.count) if n > 0]
    horizon = moments.power.shape[1]
    scored = np.unique(np.linspace(0, horizon - 1, min(SCORED_STEPS, horizon)).astype(np.int64))
    gram, cross, count = moments.gram.sum(0), moments.cross.sum(0), moments.count.sum()
    error = np.zeros((len(guesses), len(PENALTIES)))
    bases = {}
    for k in used if len(used) > 1 else ():
        bases[k] = basis = np.linalg.eigh(gram - moments.gram[k])
        rest = (gram - moments.gram[k], cross - moments.cross[k], count - moments.count[k])
        for g, guess in enumerate(guesses):
            for p, penalty in enumerate(PENALTIES):
                w = _solve(basis, *rest, penalty, guess, scored)  # [F, h]
                error[g, p] += _squares(moments, k, w, scored).sum()
    g, p = divmod(int(np.argmin(error)), len(PENALTIES)) if bases else (0, len(PENALTIES) - 1)
    steps, penalty, guess = np.arange(horizon), float(PENALTIES[p]), guesses[g]
    weights = _solve(np.linalg.eigh(gram), gram, cross, count, penalty, guess, steps)
    held_out = np.tile(weights, (len(moments.count), 1, 1))  # [K, F, H]
    for k, basis in bases.items():
        rest = (gram - moments.gram[k], cross - moments.cross[k], count - moments.count[k])
        held_out[k] = _solve(basis, *rest, penalty, guess, steps)
    squares = np.sum([_squares(moments, k, held_out[k], steps) for k in used], axis=0)
    rmse = np.sqrt(np.maximum(squares, 0.0) / count)
    return Ridge(weights, held_out, rmse, penalty, int(g))


def _squares(moments: Moments, k: int, weights: Floats, steps: Ints) -> Floats:
    """[h] summed squared errors of weights [F, h] on the rows of block k."""
    inner = moments.gram[k] @ weights - 2 * moments.cross[k][:, steps]
    squares: Floats = moments.power[k][steps] + (weights * inner).sum(axis=0)
    return squares


def _solve(
    basis: tuple[Floats, Floats],
    gram: Floats,
    cross: Floats,
    count: float,
    penalty: float,
    guess: Floats,
    steps: Ints,
) -> Floats:
    """[F, h] ridge weights that shrink to ``guess``, for some of the steps."""
    values, vectors = basis
    toward = guess[:, steps]
    missing = vectors.T @ (cross[:, steps] - gram @ toward)  # [F, h]
    damped = missing / (np.maximum(values, 0.0) + penalty * count)[:, None]
    return toward + vectors @ damped
