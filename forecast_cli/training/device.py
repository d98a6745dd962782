"""Where networks run: which device, how many threads, and what makes it repeatable."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from forecast_cli.errors import UsageError
from forecast_cli.training.micro import parts_of

THREAD_WORK = 2**22  # floating point operations of a recurrent step that occupy one core
TIMED_STEPS = 8  # recurrent steps that are timed
TIMED_SEQUENCES = 128  # at most
WORTH = 0.85  # of the time with fewer threads: what more of them have to reach
WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"


def resolve(name: str) -> torch.device:
    """The device behind a name; "auto" takes CUDA, then MPS, then the processor.

    Raises
    ------
    UsageError
        Where the named device is not there.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(kind for kind, found in there.items() if found))
    if not there[name]:
        found = ", ".join(kind for kind, here in there.items() if here)
        raise UsageError(f'no device "{name}" was found', f"--device auto (found: {found})")
    return torch.device(name)


def threads_for(batch: int, hidden: int, patches: int = 30) -> int:
    """How many threads a training step of this size can use, at most those of torch.

    Small steps run on one: a second gains little, and loses fourfold where cores are shared.
    For larger ones a recurrent layer of this size is timed on 1, 2, 4, ... threads for a
    fraction of a second. Kernels round otherwise on another number of threads, so what has to
    come out the same, byte for byte, does not ask here.

    Examples
    --------
    >>> threads_for(batch=32, hidden=128)
    1
    """
    sequences = min(TIMED_SEQUENCES, batch // parts_of(batch, patches, hidden))
    most = min(torch.get_num_threads(), 8 * sequences * hidden**2 // THREAD_WORK)
    if most < 2:
        return 1
    with torch.random.fork_rng([]):
        layer = torch.nn.LSTM(hidden, hidden, batch_first=True)
    x = torch.zeros(sequences, TIMED_STEPS, hidden)  # [B, T, D]
    threads = fastest = 1
    least = _seconds(layer, x, fastest)
    while (threads := 2 * threads) <= most:
        seconds = _seconds(layer, x, threads)
        if seconds < WORTH * least:
            fastest, least = threads, seconds
    return fastest


def _seconds(layer: torch.nn.Module, x: Tensor, threads: int) -> float:
    """The shorter of two passes forth and back; the first before them wakes the threads."""
    before, taken = torch.get_num_threads(), []
    torch.set_num_threads(threads)
    try:
        for _ in range(3):
            began = time.perf_counter()
            layer(x)[0].sum().backward()
            taken.append(time.perf_counter() - began)
    finally:
        torch.set_num_threads(before)
    return min(taken[1:])


@contextmanager
def isolated(device: torch.device, seed: int, threads: int | None = None) -> Iterator[None]:
    """Seeded draws, bounded threads and repeatable kernels inside; all as before outside.

    On CUDA the recurrent kernels repeat themselves only with a fixed cuBLAS workspace, which
    is set unless the user chose one, and matrix products use TF32.
    """
    cuda = device.type == "cuda"
    before = torch.get_num_threads()
    tf32 = torch.backends.cuda.matmul.allow_tf32
    devices = [device.index or 0] if cuda else []
    with fixed_workspace(cuda), torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        try:
            torch.set_num_threads(threads or before)
            torch.backends.cuda.matmul.allow_tf32 = cuda
            yield
        finally:
            torch.set_num_threads(before)
            torch.backends.cuda.matmul.allow_tf32 = tf32


@contextmanager
def fixed_workspace(wanted: bool) -> Iterator[None]:
    """A fixed cuBLAS workspace inside where ``wanted``, unless the user chose one."""
    if not wanted or WORKSPACE in os.environ:
        yield
        return
    os.environ[WORKSPACE] = ":4096:8"
    try:
        yield
    finally:
        os.environ.pop(WORKSPACE, None)
