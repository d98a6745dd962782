"""Which origins one pass over a sequence answers.

A recurrent network is causal: while it reads a sequence it passes every patch end, and can
answer from each. Origins of one series and one phase (their row modulo the patch) that follow
each other share a pass, so a back-test from every origin costs a few steps an origin and not
a whole context.

Notable: where a pass begins is decided by the place of its origins on the time axis, never by
which other origins are asked; a forecast remains a function of its origin and of what
was before it. The context is thereby N patches on average, a fifth more or less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_cli.data.panel import Bools, Ints, Origins, Panel

WORTH_SHARING = 17  # patches of context: below, a shared pass might begin within the linear part


@dataclass(frozen=True)
class Carry:
    """How far state is carried.

    Parameters
    ----------
    warm : int
        Patches that a pass reads before its first answer, where the series has them.
    carried : int
        Answers that a pass gives at most, a patch apart.
    """

    warm: int
    carried: int

    @property
    def longest(self) -> int:
        """Patches of a whole pass."""
        return self.warm + self.carried

    @classmethod
    def around(cls, patches: int) -> Carry:
        """Contexts of ``patches`` on average.

        Examples
        --------
        >>> Carry.around(30)
        Carry(warm=24, carried=12)
        >>> Carry.around(5)
        Carry(warm=4, carried=1)
        """
        carried = 2 * patches // 5 if patches >= WORTH_SHARING else 1
        return cls(warm=patches - (carried + 1) // 2, carried=carried)


@dataclass(frozen=True, eq=False)
class Passes:
    """R passes, and where in them the O origins are answered.

    Parameters
    ----------
    series, last : [R] int64
        The row with which each pass ends.
    reach : [R] int64
        Patches of each pass at most.
    first : [R] int64
        The place in ``order`` of each pass's first origin.
    order : [O] int64
        The origins pass by pass.
    each, before_end : [O] int64
        In that order: the pass of each origin, and how many patches before its end it is answered.
    """

    series: Ints
    last: Ints
    reach: Ints
    first: Ints
    order: Ints
    each: Ints
    before_end: Ints


def share(
    panel: Panel, numbers: Ints, origins: Origins, patch: int, carry: Carry, apart: Bools
) -> Passes:
    """Sort the origins into passes.

    Parameters
    ----------
    numbers : [S] int64
        The number of each series' first step, see ``Clock.index``.
    patch : int
        P.
    apart : [O] bool
        Origins that cannot share, such as those with a scale of their own.
    """
    series, rows = origins.series, origins.rows
    ended = numbers[series] + rows + 1 - panel.starts[series]  # [O] the number of the next step
    whole, phase = ended // patch, ended % patch
    # With less than a patch of history: a pass that goes on has no patch end there to answer from.
    early = rows - panel.starts[series] + 1 < patch
    alone = np.where(apart | early, np.arange(len(rows)), -1)
    key = np.stack([series, phase, whole // carry.carried, alone])  # [4, O]
    order = np.lexsort([rows, *key[::-1]])
    new = np.append(True, (np.diff(key[:, order]) != 0).any(0))[: len(order)]
    # Passes come in the order in which they are first asked for, whatever the series' numbers.
    leader = np.minimum.reduceat(order, np.flatnonzero(new)) if len(order) else order
    order = order[np.argsort(leader[np.cumsum(new) - 1], kind="stable")]
    new = np.append(True, (np.diff(key[:, order]) != 0).any(0))[: len(order)]
    each = np.cumsum(new) - 1
    first = np.flatnonzero(new)  # [R]
    end = order[np.append(first[1:], len(order))[: len(first)] - 1]  # [R] the last origins
    return Passes(
        series=series[end],
        last=rows[end],
        reach=carry.warm + whole[end] % carry.carried + 1,
        first=first,
        order=order,
        each=each,
        before_end=whole[end][each] - whole[order],
    )
