"""The forecasts of trained networks from any origins of a panel, in chunks on every core.

Networks that see the same patches share the passes over a panel (see data/passes.py) and what
is gathered for them; those that see other patches have passes of their own. This file does
not know how the networks were trained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from forecast_cli.data.panel import Floats, Origins, Panel
from forecast_cli.data.passes import Carry, share
from forecast_cli.data.windows import Resident, Windows
from forecast_cli.monitor import Monitor
from forecast_cli.networks.inputs import Units, tensor
from forecast_cli.networks.network import Network
from forecast_cli.networks.sizes import Cut, Sizes

CHUNK = 128  # passes at once: the gates of a recurrent step stay in cache
CHUNK_ROWS = 2**19  # rows gathered and steps forecast at once, at most: some 10 MB a channel


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked.

    Parameters
    ----------
    panel : Panel
    rows : Resident
        The same panel, scaled, on the device of the networks.
    origins : Origins
    units : Units
        Of the O origins.
    horizon, quantiles : int
        H and Q.
    """

    panel: Panel
    rows: Resident
    origins: Origins
    units: Units
    horizon: int
    quantiles: int


def mean_answer(
    question: Question,
    networks: Sequence[Network],
    sizes: Sequence[Sizes],
    workers: int,
    monitor: Monitor,
) -> Floats:
    """Quantiles [O, H, Q] in the units of the series, averaged over the networks.

    Memory is bounded, and every core has its own chunk: threads inside the kernels would wait
    for one another at each of thousands of small steps; a thread a chunk never waits.

    Parameters
    ----------
    sizes : sequence of Sizes
        Of each network.
    workers : int
        Threads.
    """
    alike: dict[Cut, list[Network]] = {}
    for network, own in zip(networks, sizes, strict=True):
        alike.setdefault(own.cut, []).append(network)
    total = np.zeros((len(question.origins), question.horizon, question.quantiles))
    jobs = [_chunks(question, *some, total) for some in alike.items()]
    steps = sum(len(chunks) for _, chunks in jobs)
    done = 0
    with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        for add, chunks in jobs:  # one after another: each adds to the whole total
            for _ in pool.map(add, chunks):
                done += 1
                monitor.update(len(total) * done / steps)
    total /= len(networks)
    return question.units.restore(total, np.arange(len(total)))


def _chunks(
    question: Question, cut: Cut, networks: Sequence[Network], total: Floats
) -> tuple[Callable[[slice], None], list[slice]]:
    """What adds the scaled answers of the networks to ``total``, chunk by chunk; and the chunks."""
    rows, units = question.rows, question.units
    device = rows.level.device
    carry = Carry.around(cut.patches)
    windows = Windows(rows, cut.patch, carry.longest, question.horizon, cut.canonical)
    numbers = rows.numbers.cpu().numpy()
    passes = share(question.panel, numbers, question.origins, cut.patch, carry, units.apart)

    def add(some: slice) -> None:
        chosen = slice(*np.searchsorted(passes.each, [some.start, some.stop]))
        asked, lead = passes.order[chosen], passes.order[passes.first[some]]
        with torch.inference_mode():  # holds for the thread that enters it
            batch = windows.ending_at(
                tensor(passes.series[some], device),
                tensor(passes.last[some], device),
                reach=tensor(passes.reach[some], device),
                shift=None if units.shift is None else tensor(units.shift[lead], device),
                factor=None if units.factor is None else tensor(units.factor[lead], device),
            )
            each = tensor(passes.each[chosen] - some.start, device)
            position = batch.lengths[each] - 1 - tensor(passes.before_end[chosen], device)
            told = [network.forecast(batch, each, position) for network in networks]
            total[asked] += torch.stack(told).sum(0).cpu().numpy()  # [o, H, Q]

    a_pass = carry.longest * cut.patch + carry.carried * question.horizon
    size, count = max(1, min(CHUNK, CHUNK_ROWS // a_pass)), len(passes.last)
    return add, [slice(start, min(start + size, count)) for start in range(0, count, size)]
