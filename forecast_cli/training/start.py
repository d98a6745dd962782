"""Where training starts: the linear part at its closed-form optimum, the rest at zero.

A ridge regression of the next H steps on the last patches costs one small linear solve, and
beats many trained networks (Toner & Darlow 2024). The network starts there and learns what
a straight line cannot say, so that its validation loss starts where that of a linear
model ends.

What a penalty shrinks to matters as much as its strength: to "no change", the trend, the last
season, or the mean of all seasons seen. Both are chosen on the validation block, and kept where
the network is fitted again on all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from forecast_cli.data.windows import Batch
from forecast_cli.networks.heads import Highway

BATCHES = 40  # of sequences at most: some 40 000 windows
WORK = 1e10  # products of X'X after which there are enough of them: a second at most
LEAST_WINDOWS = 8000  # that are taken whatever they cost, except in a hurry
PENALTIES = (30.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4)  # of the mean square; safe first
ENOUGH = 0.8  # share of a window's targets that must count; the others count as "no change"


@dataclass(frozen=True)
class Start:
    """Which linear part training starts from.

    Parameters
    ----------
    guess : {"none", "last", "trend", "season", "seasons"}
        What the weights shrink to: no change, the trend of the last H steps (or the last
        season, where it is longer), the last season, or the mean of all that are seen.
        "none": the linear part stays zero.
    penalty : float
        In units of the mean square of the inputs.
    """

    guess: str
    penalty: float


UNTRIED = Start("last", 3.0)  # where nothing can be compared


@torch.no_grad()
def solve_highway(
    highway: Highway,
    draw: Callable[[], Batch],
    validation: Sequence[Batch],
    season: int,
    hurry: Callable[[], bool] = lambda: False,
    known: Start = UNTRIED,
) -> Start:
    """Set the linear part to the best ridge regression, or leave it at zero if that is better.

    Parameters
    ----------
    highway : Highway
    draw : callable
        Gives training batches.
    validation : sequence of Batch
        Where guesses and penalties are compared.
    season : int
        m.
    hurry : callable
        Asked after every batch and penalty; once true, what there is has to do.
    known : Start
        What is taken where there is no validation batch.

    Returns
    -------
    Start
        What was taken.
    """
    if not validation and known.guess == "none":
        return known
    gram, cross = _sums(highway, draw, hurry)
    scale = gram.diagonal()[:-1].mean()  # the last input is the constant
    if not float(scale) > 0:
        return Start("none", 0.0)
    guesses = _guesses(highway, season, gram)
    if not validation:
        guesses = {known.guess: guesses.get(known.guess, guesses["last"])}
    best, chosen = _error(highway, validation), Start("none", 0.0)
    kept = (highway.linear.weight.clone(), highway.linear.bias.clone())
    rest = torch.cat([cross - gram @ guess for guess in guesses.values()], dim=1)
    ridge = torch.eye(len(gram), dtype=gram.dtype) * scale
    ridge[-1, -1] = 1e-9 * scale
    for penalty in PENALTIES if validation else (known.penalty,):
        moves = torch.linalg.solve(gram + penalty * ridge, rest).split(highway.horizon, dim=1)
        for (name, guess), move in zip(guesses.items(), moves, strict=True):
            highway.linear.weight.copy_((guess + move)[:-1].T)
            highway.linear.bias.copy_((guess + move)[-1])
            error = _error(highway, validation)
            if error < best or not validation:
                best, chosen = error, Start(name, penalty)
                kept = (highway.linear.weight.clone(), highway.linear.bias.clone())
        if hurry():
            break
    highway.linear.weight.copy_(kept[0])
    highway.linear.bias.copy_(kept[1])
    return chosen


def _guesses(highway: Highway, season: int, gram: Tensor) -> dict[str, Tensor]:
    """Weights [K, H] of the guesses that the lags seen allow, the constant last."""
    lags, steps = highway.patch * highway.patches, torch.arange(highway.horizon)
    none = torch.zeros(len(gram), highway.horizon, dtype=gram.dtype)
    guesses = {"last": none}
    span = min(lags - 1, max(highway.horizon, season))
    if span > 0:
        trend = guesses["trend"] = none.clone()
        trend[lags - 1 - span] = -(steps + 1).to(gram.dtype) / span
    if 1 < season <= lags:
        one, several = none.clone(), none.clone()
        one[lags - season + steps % season, steps] = 1.0
        ago = torch.arange(lags - 1, -1, -1)[:, None]  # [lags, 1] steps before the last
        same = (ago + 1 + steps) % season == 0  # [lags, H]
        several[:lags] = same / same.sum(0)
        guesses |= {"season": one, "seasons": several}
    return guesses


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
        inputs = highway.inputs(batch.level, batch.known).flatten(0, 1)  # [B*N, K-1]
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
        each = torch.arange(len(at), device=at.device)
        linear = highway.at(batch.level, batch.known, each, at)  # [B, H]
        forecast = (batch.level[each, at, -1:] + linear)[:, None]  # [B, 1, H]
        total += float(((forecast - batch.target).abs() * batch.weight).sum())
        count += float(batch.weight.sum())
    return total / max(count, 1.0)
