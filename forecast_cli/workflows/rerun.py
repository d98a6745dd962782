"""``forecast rerun``: a run again from its manifest, and whether the weights are the same.

The training itself is that of ``forecast train``, with every option as the run resolved it, on
data that are the same bytes. Notable: what it trains is written to a temporary folder and
read from there, so that what is compared is what lies on disk on both sides. It is kept only
where that is asked for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from forecast_cli.config import RerunConfig
from forecast_cli.data.limits import Limits
from forecast_cli.data.read import STDIN, fingerprint, read_sources
from forecast_cli.errors import DataError, UsageError
from forecast_cli.evaluation.sameness import Difference, first_difference, largest_difference
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.results import DataSummary, RerunResult
from forecast_cli.runs import store
from forecast_cli.workflows.common import Data, configure, sources_of
from forecast_cli.workflows.train import train_with

BY_HAND = ("by the user", "was ended", "not fitted again")  # how a training says that it was ended


def rerun(
    run: str | None = None, *, data: Data = (), monitor: Monitor = SILENT, **options: Any
) -> RerunResult:
    """Train a run again and compare what was learned, byte for byte.

    Parameters
    ----------
    run : str or None
        Name or path; the latest where None.
    data : str, path, or list of them
        The data of the run, where they have moved.
    monitor : Monitor
    **options
        Further fields of :class:`forecast_cli.config.RerunConfig`, such as ``keep=True``.

    Returns
    -------
    RerunResult
        A difference does not raise; the command line makes it exit code 6.

    Examples
    --------
    >>> import forecast_cli as fc
    >>> fc.rerun("20260102-101500-gru-3f9a1c").identical  # doctest: +SKIP
    True
    """
    return rerun_with(configure(RerunConfig, (data,), {**options, "run": run}), monitor)


def rerun_with(
    config: RerunConfig,
    monitor: Monitor = SILENT,
    heard: Callable[[DataSummary], None] = lambda summary: None,
) -> RerunResult:
    """:func:`rerun` with a configuration that is resolved already.

    Raises
    ------
    RunError
        No run, or one that cannot be used.
    DataError
        The data cannot be found, or are not those of the run.
    UsageError
        The run was trained from standard input.
    """
    run = store.find(Path(config.runs), config.run, monitor)
    sources = config.data or sources_of(run)
    _require_same(sources, run, moved=not config.data)
    with tempfile.TemporaryDirectory(prefix="forecast-rerun-") as elsewhere:
        folder = config.runs if config.keep else elsewhere
        options = run.config.model_copy(update={"data": sources, "runs": folder})
        result = train_with(options, monitor, heard)
        again = store.find(Path(folder), result.run)
        one, other = store.saved_state(run), store.saved_state(again)
    found = first_difference(one, other)
    return RerunResult(
        run=str(run.path),
        model=result.model,
        data=result.data,
        identical=found is None,
        largest_difference=largest_difference(one[0], other[0]),
        difference="" if found is None else _in_words(found),
        reasons=_reasons(run, again),
        seconds=result.seconds,
        kept=result.run if config.keep else "",
    )


def _require_same(sources: Sequence[str], run: store.Run, *, moved: bool) -> None:
    """Refuse data that are not there, or are not the bytes that the run was trained on.

    Raises
    ------
    UsageError, DataError
    """
    if STDIN in sources:
        raise UsageError(
            "standard input can be read only once", "save it, and name the file with --data"
        )
    try:
        found = fingerprint(read_sources(sources, Limits(run.config.limits)))
    except DataError as cause:
        fix = "name where the data of the run are now with --data" if moved else cause.fix
        raise DataError(cause.message, fix, cause.problems) from cause
    if found != run.manifest["data"]["sha256"]:
        raise DataError(
            f"{', '.join(sources)}: not the data that {run.name} was trained on (another SHA-256)",
            "name the file with those with --data",
        )


def _in_words(found: Difference) -> str:
    return f"{found.place} was {found.one}, and is {found.other} now"


def _reasons(run: store.Run, again: store.Run) -> tuple[str, ...]:
    """What may explain that the last bits differ, one line each."""
    before, now = _circumstances(run.manifest), _circumstances(again.manifest)
    lines = [
        f"{name} was {before[name] or 'not told'}, and is {now[name] or 'not told'} now"
        for name in before
        if name in now and before[name] != now[name]
    ]
    if run.config.max_seconds is not None:
        lines.append("the training may take --max-seconds at most, and no clock runs twice alike")
    stopped = str(run.manifest.get("stopped", ""))
    if any(words in stopped for words in BY_HAND):
        lines.append(f"the training of the run did not end by itself ({stopped})")
    return tuple(lines)


def _circumstances(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Versions, device and machine, by name."""
    flat = {
        "forecast-cli": manifest.get("forecast_cli", ""),
        "python": manifest.get("python", ""),
        **manifest.get("packages", {}),
        "device": manifest.get("device", ""),
        **manifest.get("machine", {}),
    }
    return {name: str(value) for name, value in flat.items()}
