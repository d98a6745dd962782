"""Where training, validation and test part, and from which origins forecasts are asked.

The cuts are made in time where there is a calendar, so that no series lends its future to
another; by position from the end where time is a plain step. One set of origins serves all
models of a comparison.

Sizes that nobody gave follow from n, the median length of the histories, and the horizon H:

* test: a fifth of n or 20 H, whichever is more: 20 origins make a verdict possible. Where 20 H
  is more than half of n there is no room for a verdict, and three tenths of n are taken. At
  least H; cut to whole horizons, so that no row is left over where origins lie H apart;
* validation: a tenth of n or 5 H, whichever is more, but at most a fifth of n, and at least
  H; none where that would leave a typical series less than H for training.

A series is scored where at least H of its rows lie before the test block. One that ended
before the block is learned from, never scored; what a younger one has before the block is
learned from too. Rows after a history (``future_rows``) belong to no block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.errors import DataError


@dataclass(frozen=True, eq=False)
class Split:
    """Absolute end rows (exclusive) of each series' blocks, all [S] int64.

    A series that is never scored has ``fit_ends == test_ends``.
    """

    fit_ends: Ints  # training + validation: the ``until`` of Forecaster.fit
    test_ends: Ints
    test_size: int
    validation: int  # how a model parts its training from it is train_ends()


def split(
    panel: Panel, horizon: int, test_size: int | None = None, val_size: int | None = None
) -> Split:
    """Choose the blocks.

    Parameters
    ----------
    panel : Panel
    horizon : int
        H, in steps.
    test_size, val_size : int or None
        Steps; None for the rule of this file. With a calendar the test block begins
        ``test_size`` steps before the latest end of all histories. Validation is the last
        ``val_size`` steps of each series before it, as ``Forecaster.fit`` takes them.

    Raises
    ------
    DataError
        Where no series has one horizon before the test block and one in it.
    """
    lengths = panel.known_ends - panel.starts  # [S]
    longest = int(lengths.max(initial=0))
    if longest < 2 * horizon:
        raise DataError(
            f"the longest series has {longest} step{'s' * (longest != 1)}, too few to train and "
            f"test a horizon of {horizon}, which takes at least {2 * horizon}",
            f"--horizon {longest // 2} or less" if longest > 1 else "give a longer history",
        )
    n = int(np.median(lengths))
    test = _default_test(n, horizon) if test_size is None else test_size
    if test < horizon:
        raise DataError(
            f"a test block of {test} step{'s' * (test != 1)} is shorter than the horizon of "
            f"{horizon}",
            f"--test-size {horizon} or more, or --horizon {test} or less",
        )
    cuts = _test_starts(panel, test)
    room = cuts - panel.starts  # [S] rows before the test block
    tested = panel.known_ends - cuts  # [S] rows in it
    scored = (room >= horizon) & (tested >= horizon)  # [S]
    if not scored.any():
        raise _nothing_to_score(panel, test, horizon)
    validation = default_validation(n, test, horizon) if val_size is None else val_size
    roomiest = int(room[scored].max())
    if roomiest - validation < horizon:
        if val_size is not None:
            raise DataError(
                f"{validation} steps of validation before {test} of test leave no series the "
                f"{horizon} steps of training that a horizon of {horizon} takes",
                f"--val-size {roomiest - horizon} or less",
            )
        validation = 0  # the series that can be scored are shorter than the typical one
    if panel.clock.freq is None:  # no other series' future can be among these rows
        cuts = np.where(scored, cuts, panel.known_ends)
    return Split(
        fit_ends=cuts,
        test_ends=np.where(scored, panel.known_ends, cuts),
        test_size=test,
        validation=validation,
    )


def untested_ends(panel: Panel, test_size: int | None = None) -> Ints:
    """[S] ends of the rows that no test block can hold, whatever the horizon will be.

    A horizon that is chosen from the rows before them cannot have seen its own test. It must
    be at most a tenth of the median history: by the rule of this file the block then takes
    at most half of that.
    """
    n = int(np.median(panel.known_ends - panel.starts))
    return _test_starts(panel, max(n // 2, 1) if test_size is None else test_size)


def default_validation(n: int, test: int, horizon: int) -> int:
    """The validation steps of this file's rule.

    Parameters
    ----------
    n : int
        Steps of a typical history.
    test : int
        Steps at its end that are not for fitting; 0 where all of it is.
    horizon : int

    Examples
    --------
    >>> default_validation(1000, 200, horizon=5), default_validation(12, 5, horizon=5)
    (100, 0)
    """
    steps = max(min(max(5 * horizon, n // 10), n // 5), horizon)
    return steps if n - test - steps >= horizon else 0


def train_ends(panel: Panel, until: Ints, validation: int) -> Ints:
    """[S] where training ends and the validation block begins, before the rows ``until`` [S].

    A series gives up a block only if at least as much is left to learn from.
    """
    cut = until - validation
    return np.where(cut - panel.starts >= max(validation, 1), cut, until)


def rolling_origins(
    panel: Panel, blocks: Split, horizon: int, stride: int, limit: int | None = None
) -> Origins:
    """Origins whose H targets lie in the test block, ``stride`` apart.

    The first origin is the last row before the test block; ``limit`` keeps the latest
    origins of each series. Ordered by series, then time.

    Examples
    --------
    >>> times = np.arange(100)
    >>> panel = Panel(np.ones((100, 1)), np.ones((100, 1), bool), times, np.array([0, 100]), ("a",))
    >>> rolling_origins(panel, split(panel, horizon=5, test_size=12), horizon=5, stride=5).rows
    array([87, 92])
    """
    tested = blocks.test_ends - blocks.fit_ends  # [S]
    counts = np.where(tested >= horizon, (tested - horizon) // stride + 1, 0)
    kept = counts if limit is None else np.minimum(counts, limit)
    firsts = blocks.fit_ends - 1 + stride * (counts - kept)
    series = np.repeat(np.arange(panel.n_series), kept)  # [O]
    within = np.arange(len(series)) - np.repeat(np.cumsum(kept) - kept, kept)  # [O]
    return Origins(series, firsts[series] + stride * within)


def _default_test(n: int, horizon: int) -> int:
    verdict = 20 * horizon
    steps = max(verdict, n // 5) if verdict <= n // 2 else 3 * n // 10
    return max(steps // horizon, 1) * horizon


def _test_starts(panel: Panel, test: int) -> Ints:
    """[S] the first row of the test block; the end of the history where it has none."""
    if panel.clock.freq is None:
        return np.maximum(panel.known_ends - test, panel.starts)
    last_rows = panel.known_ends[panel.known_ends > panel.starts] - 1
    first = panel.clock.back(int(panel.times[last_rows].max()), test - 1)
    before = np.concatenate([[0], np.cumsum(panel.times < first)])  # [rows+1] rows before the cut
    cuts: Ints = panel.starts + before[panel.ends] - before[panel.starts]
    return np.minimum(cuts, panel.known_ends)


def _nothing_to_score(panel: Panel, test: int, horizon: int) -> DataError:
    """Why no series has H rows on both sides of the cut, and the nearest size that would do."""
    # A block from H rows before to L - H rows before a series' end can score it.
    lengths = panel.known_ends - panel.starts
    lasts = panel.times[panel.known_ends[lengths >= 2 * horizon] - 1]
    latest = int(panel.times[panel.known_ends[lengths > 0] - 1].max())
    if panel.clock.freq is None:
        lags = np.zeros(len(lasts), dtype=np.int64)
    else:
        lags = np.array([panel.clock.between(int(last), latest) for last in lasts])
    most = lengths[lengths >= 2 * horizon] + lags - horizon
    return DataError(
        f"a test block of {test} steps leaves no series {horizon} steps before it to train on "
        f"and {horizon} in it to forecast",
        f"--test-size {most[most < test].max()} or less"
        if np.any(most < test)
        else f"--test-size {(lags + horizon).min()} or more",
    )
