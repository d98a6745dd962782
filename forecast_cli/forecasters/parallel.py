"""The same work for many series, spread over the cores of a machine or of a cluster.

The first seconds of work are done here, in this process: most panels are through by then, and
starting others costs as long. So is what would be over soon, as the work done foretells: two
processes have to halve more than they cost. What is left goes to joblib, whose backends reach from
processes of this machine to a dask or ray cluster. Where a piece of work is done never shows
in its result: it is a function of its arguments, and results come back in order.

Ctrl-C in a terminal reaches the processes started here too. They are deaf to it: what it
means is for this process to say, which keeps what is there by then.

Knows nothing of series or models.
"""

from __future__ import annotations

import importlib
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from forecast_cli.config import Settings
from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.monitor import Monitor

Item = TypeVar("Item")
Result = TypeVar("Result")

HERE_SECONDS = 2.0  # what it takes to start processes and import the libraries in them
WORTH = 3.0  # times that, of work left: two processes then save half of it, and cost a third
LOKY = "loky"  # joblib's name of processes of this machine
RAY = "ray"
WITHOUT_ORDER = "multiprocessing"  # of joblib; it gives all results at the end, or none
HELD_BACK = "sequential"  # joblib's name of staying in this one


def fan_out(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    settings: Settings,
    monitor: Monitor,
    what: str,
) -> Generator[Result, None, None]:
    """``function`` of every item, in order.

    Parameters
    ----------
    function : callable
        Can be pickled, and depends on nothing but the item.
    items : sequence
        Can be pickled each.
    settings : Settings
        ``workers`` and ``backend`` are read.
    monitor : Monitor
        Told after each item; a request to stop ends the work, with fewer results.
    what : str
        The piece of work, for the monitor.
    """
    workers = worker_count(settings)
    alone = workers == 1 or settings.backend == HELD_BACK
    begun, done = time.monotonic(), 0
    monitor.begin(what, len(items))
    try:
        while done < len(items) and (
            alone or _here(time.monotonic() - begun, done, len(items) - done)
        ):
            if monitor.stop_requested():
                return
            yield function(items[done])
            done += 1
            monitor.update(done)
        with closing(_elsewhere(function, items[done:], workers, settings.backend)) as results:
            for result in _until_broken(results, monitor):
                yield result
                done += 1
                monitor.update(done)
                if monitor.stop_requested():
                    return
    finally:
        monitor.end()


def _here(spent: float, done: int, left: int) -> bool:
    """Whether the next item is still done in this process, after ``spent`` seconds of work."""
    if spent < HERE_SECONDS:
        return True
    return done > 0 and spent / done * left < WORTH * HERE_SECONDS


def worker_count(settings: Settings) -> int:
    """Processes to use: as told, or one a core that this process may use."""
    if settings.workers is not None:
        return settings.workers
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_backend(name: str) -> None:
    """Refuse a backend that joblib does not know or cannot use.

    Dask is registered by joblib itself where it is asked for; ray is asked to.

    Raises
    ------
    UsageError
    """
    if name in (LOKY, HELD_BACK):
        return
    if name == WITHOUT_ORDER:
        raise UsageError(
            f'backend "{name}" gives no result before the last one is there, so that no work '
            "could be ended early",
            f"--backend {LOKY}, which uses processes too",
        )
    from joblib import parallel_config
    from joblib.parallel import BACKENDS, EXTERNAL_BACKENDS

    known = sorted({*BACKENDS, *EXTERNAL_BACKENDS, RAY} - {WITHOUT_ORDER})
    if name not in known:
        raise UsageError(f'unknown backend "{name}"', did_you_mean(name, known))
    try:
        if name == RAY:
            importlib.import_module("ray.util.joblib").register_ray()
        with parallel_config(name):
            pass
    except (ImportError, ValueError) as cause:
        first = str(cause).strip().splitlines()[0]
        raise UsageError(
            f'backend "{name}": {first}', f"install {name} and start its client, or use {LOKY}"
        ) from cause


@dataclass(frozen=True)
class _Deaf(Generic[Item, Result]):
    """A function that makes a process other than ``home`` ignore Ctrl-C before all else."""

    function: Callable[[Item], Result]
    home: int

    def __call__(self, item: Item) -> Result:
        if os.getpid() != self.home and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        return self.function(item)


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Have processes started inside deaf to Ctrl-C from their first moment, where that exists.

    They inherit what this thread does not listen to; what it missed it hears at the end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _until_broken(
    results: Generator[Result, None, None], monitor: Monitor
) -> Generator[Result, None, None]:
    """The results; where processes die after a request to stop, those that came before it."""
    from concurrent.futures.process import BrokenProcessPool

    try:
        yield from results
    except BrokenProcessPool:
        if not monitor.stop_requested():
            raise


def _elsewhere(
    function: Callable[[Item], Result], items: Sequence[Item], workers: int, backend: str
) -> Generator[Result, None, None]:
    """Results in order through joblib; closing the iterator gives up what is left."""
    if not items:
        return
    from joblib import Parallel, delayed, parallel_config

    # One thread each: as many processes as cores are at work already.
    options = {"inner_max_num_threads": 1} if backend == LOKY else {}
    task = _Deaf(function, os.getpid()) if backend == LOKY else function
    with parallel_config(backend, n_jobs=workers, **options), _deaf_children():
        results = Parallel(return_as="generator")(delayed(task)(item) for item in items)
    try:
        for result in results:  # noqa: UP028 - "yield from" would close it before "finally"
            yield result
    finally:
        with warnings.catch_warnings():
            # Joblib warns of what was done in vain; here it was given up on purpose.
            warnings.filterwarnings("ignore", message=r"\d+ tasks", category=UserWarning)
            results.close()
