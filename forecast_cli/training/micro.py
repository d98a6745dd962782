"""Micro-batches: parts of a batch that stay in the cache, with the gradient of the whole.

A processor that works on a large batch at once moves every intermediate through memory, and
loses a quarter of its speed; in parts it does not. The gradients of the parts add up to that
of the batch because every part is divided by the weights of all of them, see
training/step.py. An accelerator takes its batches whole.
"""

from __future__ import annotations

from forecast_cli.data.windows import Batch

ROOM = 2**19  # numbers of a state [B, N, D] that stay in the cache with all that goes with them
LEAST = 16  # sequences, below which the products of a recurrent step are too thin


def parts_of(sequences: int, patches: int, hidden: int) -> int:
    """Into how many parts of one size a batch is cut; 1 where no such cut is worth it.

    Examples
    --------
    >>> parts_of(sequences=32, patches=30, hidden=128)
    1
    >>> parts_of(sequences=1024, patches=30, hidden=128)
    8
    """
    most = max(LEAST, ROOM // (patches * hidden))  # sequences
    if sequences <= most:
        return 1
    cuts = (parts for parts in range(2, sequences + 1) if sequences % parts == 0)
    parts = next(parts for parts in cuts if sequences // parts <= most)
    return parts if sequences // parts >= min(LEAST, most) else 1


def micro_batches(batch: Batch, parts: int) -> list[Batch]:
    """Parts of equal size: the k-th has the sequences k, k + parts, k + 2 · parts, ...

    So the first sequences of all parts are the first ones of the batch: what a network does
    with these alone, it does with the same ones in parts.
    """
    if parts == 1:
        return [batch]
    return [
        Batch(**{name: value[first::parts] for name, value in vars(batch).items()})
        for first in range(parts)
    ]
