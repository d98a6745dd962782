"""Where training starts: the linear part at its closed-form optimum, the rest at zero.

A ridge regression of the next H steps on the last patches costs one small linear solve, and
beats many trained networks (Toner & Darlow 2024). The network starts there and learns what
a straight line cannot say, so that its validation loss starts where that of a linear
model ends. The strength of the penalty is chosen on the validation block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from forecast_cli.data.windows import Batch
from forecast_cli.networks.heads import Highway

BATCHES = 40  # of sequences at most: some 40 000 windows
WORK = 1e10  # products of X'X after which there are enough of them: a second at most
LEAST_WINDOWS = 8000  # that are taken whatever they cost, except in a hurry
PENALTIES = (1.0, 1e-1, 1e-2, 1e-3, 1e-4)  # in units of the inputs' mean square; the safe first
ENOUGH = 0.8  # share of a window's targets that must count; the others count as "no change"


@torch.no_grad()
def solve_highway(
    highway: Highway,
    draw: Callable[[], Batch],
    validation: Sequence[Batch],
    hurry: Callable[[], bool] = lambda: False,
) -> float | None:
    """Set the linear part to the best ridge regression, or leave it at zero if that is better.

    Parameters
    ----------
    highway : Highway
    draw : callable
        Gives training batches.
    validation : sequence of Batch
        Where penalties are compared; with none, the strongest is taken.
    hurry : callable
        Asked after every batch and penalty; once true, what there is has to do.

    Returns
    -------
    float or None
        The penalty taken; None where the linear part stays zero.
    """
    gram, cross = _sums(highway, draw, hurry)
    size = len(gram)
    scale = gram.diagonal()[:-1].mean()  # the last input is the constant
    if not float(scale) > 0:
        return None
    ridge = torch.eye(size, dtype=gram.dtype) * scale
    ridge[-1, -1] = 1e-9 * scale
    best, chosen = _error(highway, validation), None
    kept = (highway.linear.weight.clone(), highway.linear.bias.clone())
    for penalty in PENALTIES if validation else PENALTIES[:1]:
        solution = torch.linalg.solve(gram + penalty * ridge, cross)
        highway.linear.weight.copy_(solution[:-1].T)
        highway.linear.bias.copy_(solution[-1])
        error = _error(highway, validation)
        if error < best or not validation:
            best, chosen = error, penalty
            kept = (highway.linear.weight.clone(), highway.linear.bias.clone())
        if hurry():
            break
    highway.linear.weight.copy_(kept[0])
    highway.linear.bias.copy_(kept[1])
    return chosen


def _sums(
    highway: Highway, draw: Callable[[], Batch], hurry: Callable[[], bool]
) -> tuple[Tensor, Tensor]:
    """X'X [K, K] and X'Y [K, H] over the drawn windows; K counts the constant.

    Each batch in float32, which is twice as fast, and their sum in float64; so on the host:
    not every accelerator knows float64, and some round float32 products.
    """
    gram = cross = torch.zeros((), dtype=torch.float64)
    windows = 0
    for _ in range(BATCHES):
        batch = draw()
        inputs = highway.inputs(batch.level).flatten(0, 1)  # [B*N, K-1]
        change = (batch.target - batch.level[:, :, -1:]) * batch.weight  # [B, N, H]
        whole = (batch.weight.mean(2) >= ENOUGH).flatten()  # [B*N]
        X = torch.nn.functional.pad(inputs, (0, 1), value=1.0)[whole].cpu()
        Y = change.flatten(0, 1)[whole].cpu()
        gram = gram + (X.T @ X).double()
        cross = cross + (X.T @ Y).double()
        windows += len(inputs)
        if windows >= max(LEAST_WINDOWS, WORK / X.shape[1] ** 2) or hurry():
            break
    return gram, cross


def _error(highway: Highway, validation: Sequence[Batch]) -> float:
    """Mean absolute error of last value + linear part on the validation targets."""
    total = count = 0.0
    for batch in validation:
        at = batch.lengths - 1
        last = batch.level[torch.arange(len(at), device=at.device), at, -1][:, None, None]
        error = (last + highway.at(batch.level, at) - batch.target).abs()
        total += float((error * batch.weight).sum())
        count += float(batch.weight.sum())
    return total / max(count, 1.0)
