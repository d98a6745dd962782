"""The rolling validation block: windows whose targets lie in it, and in it alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from forecast_cli.data.panel import Ints, Panel
from forecast_cli.data.windows import Batch, Windows
from forecast_cli.networks.inputs import tensor

MOST_ORIGINS = 512
BATCH_SIZE = 128  # of the processor, for its cache; an accelerator takes all at once


def validation_batches(windows: Windows, panel: Panel, ends: Ints, until: Ints) -> list[Batch]:
    """Windows from origins before rows ``ends``..``until``, evenly spread, at most 512.

    They reach back into the training rows for their context. Where a block is shorter than
    the horizon, the steps beyond it do not count.

    Parameters
    ----------
    ends, until : [S] int64
        Each series' block; empty where they are equal.

    Returns
    -------
    list of Batch
        With targets [B, 1, H]; empty where no block has an observed target.
    """
    room = np.where(ends > panel.starts, until - ends, 0)  # [S]
    count = np.where(room > 0, np.maximum(room - windows.horizon, 0) + 1, 0)
    upto = np.cumsum(count)
    total = int(upto[-1])
    if total == 0:
        return []
    chosen = np.linspace(0, total - 1, min(total, MOST_ORIGINS)).round().astype(np.int64)
    series = np.searchsorted(upto, chosen, side="right")
    last = ends[series] - 1 + chosen - (upto[series] - count[series])
    device = windows.rows.level.device
    size = BATCH_SIZE if device.type == "cpu" else MOST_ORIGINS
    batches = [
        _last_only(
            windows.ending_at(
                tensor(series[some], device),
                tensor(last[some], device),
                limit=tensor(until[series[some]], device),
            )
        )
        for some in (slice(at, at + size) for at in range(0, len(series), size))
    ]
    return batches if any(bool(batch.weight.any()) for batch in batches) else []


def _last_only(batch: Batch) -> Batch:
    """Targets of the last patch alone [B, 1, H]: those of the others lie in training rows."""
    each = torch.arange(len(batch.lengths), device=batch.lengths.device)
    at = batch.lengths - 1
    return replace(
        batch, target=batch.target[each, at][:, None], weight=batch.weight[each, at][:, None]
    )
