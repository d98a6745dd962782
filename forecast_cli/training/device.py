"""Where networks run: which device, how many threads, and what makes it repeatable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from forecast_cli.errors import UsageError

MOST_THREADS = 8  # a batch of some 32 sequences gives no more cores anything to do


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


@contextmanager
def isolated(device: torch.device, seed: int) -> Iterator[None]:
    """Seeded draws, bounded threads and repeatable kernels inside; all as before outside.

    On CUDA the recurrent kernels repeat themselves only with a fixed cuBLAS workspace, which
    is set unless the user chose one, and matrix products use TF32.
    """
    threads = torch.get_num_threads()
    tf32 = torch.backends.cuda.matmul.allow_tf32
    devices = [device.index or 0] if device.type == "cuda" else []
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        try:
            torch.set_num_threads(min(threads, MOST_THREADS))
            torch.backends.cuda.matmul.allow_tf32 = device.type == "cuda"
            yield
        finally:
            torch.set_num_threads(threads)
            torch.backends.cuda.matmul.allow_tf32 = tf32
