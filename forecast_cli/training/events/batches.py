"""Batches of histories as index gathers from flat rows on the device.

Sequences of about one length share a batch, so that little is padding; which of them is drawn
from a generator. The padding is the last row of the sequence again: a causal network
answers before it comes, and one that reads both ways turns each sequence within its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.networks.events.inputs import EventInputs
from forecast_cli.networks.events.network import EventBatch
from forecast_cli.networks.events.passes import Passes, Reach, passes_of
from forecast_cli.networks.inputs import tensor

BUCKET = 8  # batches' worth of sequences that are sorted by length together
STEPS = 32_768  # of a batch that answers, padding included


@dataclass(frozen=True, eq=False)
class Resident:
    """What a network reads of a panel, on the device.

    Parameters
    ----------
    rows : [rows, D] float32
    static : [S, F] float32
    wide : [M, W] float32
        Of the moments that are asked.
    """

    rows: Tensor
    static: Tensor
    wide: Tensor


class Sequences:
    """Moments of a panel, and the passes that answer them.

    Parameters
    ----------
    panel : Panel
    inputs : EventInputs
    moments : Origins
    reach : Reach
    device : torch.device
    labels : [M] int64, optional
    weight : [M] float64, optional
        Of each answer in a loss; 1 where not given.

    Attributes
    ----------
    passes : Passes
    """

    def __init__(
        self,
        panel: Panel,
        inputs: EventInputs,
        moments: Origins,
        reach: Reach,
        device: torch.device,
        labels: Ints | None = None,
        weight: Floats | None = None,
    ) -> None:
        self.resident = Resident(
            tensor(inputs.rows(panel), device),
            tensor(inputs.static_features(panel), device),
            tensor(inputs.aggregates(panel, moments), device),
        )
        self.device = device
        self.labels = np.zeros(len(moments), dtype=np.int64) if labels is None else labels
        self.weight = np.ones(len(moments)) if weight is None else weight
        self._panel, self._moments, self._reach = panel, moments, reach

    def part(self, some: Ints) -> Part:
        """Some of the moments [A], by number, and the passes that answer them."""
        passes = passes_of(self._panel, self._moments[some], self._reach)
        return Part(self, some, passes)


class Part:
    """Some moments of :class:`Sequences`, in batches."""

    def __init__(self, whole: Sequences, some: Ints, passes: Passes) -> None:
        self.whole, self.some, self.passes = whole, some, passes
        self._order = np.argsort(passes.each, kind="stable")  # [A] the moments pass by pass
        count = np.bincount(passes.each, minlength=len(passes.series))
        self._begin = np.concatenate([[0], np.cumsum(count)])  # [R+1]

    def __len__(self) -> int:
        return len(self.passes.series)

    def batch(self, chosen: Ints) -> tuple[EventBatch, Ints]:
        """The passes ``chosen`` [B], and which of the part's moments their answers are [A]."""
        passes, whole = self.passes, self.whole
        lengths = passes.lengths[chosen]
        steps = np.arange(int(lengths.max()))
        rows = passes.first[chosen, None] + np.minimum(steps, lengths[:, None] - 1)  # [B, T]
        count = self._begin[chosen + 1] - self._begin[chosen]
        each = np.repeat(np.arange(len(chosen)), count)
        within = np.arange(len(each)) - np.repeat(np.cumsum(count) - count, count)
        asked = self._order[self._begin[chosen][each] + within]  # [A]
        number = self.some[asked]
        device = whole.device
        resident = whole.resident
        return (
            EventBatch(
                rows=resident.rows[tensor(rows, device)],
                lengths=tensor(lengths, device),
                static=resident.static[tensor(passes.series[chosen], device)],
                each=tensor(each, device),
                at=tensor(passes.at[asked], device),
                wide=resident.wide[tensor(number, device)],
                labels=tensor(whole.labels[number], device),
                weight=tensor(whole.weight[number].astype(np.float32), device),
            ),
            asked,
        )

    def epochs(self, size: int, generator: np.random.Generator) -> Iterator[EventBatch]:
        """Batches of ``size`` passes without end; each pass once an epoch."""
        lengths = self.passes.lengths
        while True:
            order = generator.permutation(len(self))
            batches = []
            for begin in range(0, len(order), BUCKET * size):
                bucket = order[begin : begin + BUCKET * size]
                bucket = bucket[np.argsort(lengths[bucket], kind="stable")]
                batches += [bucket[at : at + size] for at in range(0, len(bucket), size)]
            for number in generator.permutation(len(batches)):
                yield self.batch(batches[number])[0]

    def in_order(self) -> Iterator[tuple[EventBatch, Ints]]:
        """All passes once, the shortest first, as many at a time as memory takes."""
        lengths = self.passes.lengths
        order = np.argsort(lengths, kind="stable")
        begin = 0
        while begin < len(order):
            end = begin + 1
            while end < len(order) and (end + 1 - begin) * lengths[order[end]] <= STEPS:
                end += 1
            yield self.batch(order[begin:end])
            begin = end
