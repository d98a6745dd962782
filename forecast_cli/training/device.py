"""Where networks run: which device, how many threads, and what makes it repeatable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from forecast_cli.errors import UsageError

THREAD_WORK = 2**24  # floating point operations of a recurrent step that occupy one core
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


def threads_for(batch: int, hidden: int) -> int:
    """How many threads a training step of this size can use, at most those of torch.

    Small steps run on one: a second gains little, loses tenfold where cores are shared, and
    the same bytes come out on machines with few and with many cores.

    Examples
    --------
    >>> threads_for(batch=32, hidden=128)
    1
    """
    return max(1, min(torch.get_num_threads(), 8 * batch * hidden**2 // THREAD_WORK))


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
