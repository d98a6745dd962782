"""``forecast train --resume RUN``: a training that was killed goes on where it was.

Everything but the place of the runs comes from the unfinished run: its data, which must be the
same bytes, and its options. What is learned is what the uninterrupted training would have
learned, bit for bit on the same machine and versions. Nothing here trains.
"""

from __future__ import annotations

from pathlib import Path

from forecast_cli import __version__
from forecast_cli.config import TrainConfig
from forecast_cli.errors import DataError, RunError, UsageError
from forecast_cli.monitor import Monitor
from forecast_cli.results import DataSummary
from forecast_cli.runs import store
from forecast_cli.workflows.auto import Chosen

_OWN = {"resume", "runs"}  # what is not the unfinished run's to say


def taken_up(config: TrainConfig, monitor: Monitor) -> store.Unfinished:
    """The unfinished run that ``config.resume`` names, with the configuration to go on with.

    Raises
    ------
    RunError
        There is none, or it cannot be gone on with.
    UsageError
        An option is given that says otherwise than the run.
    """
    unfinished = store.take_up(Path(config.runs), str(config.resume), monitor)
    with unfinished.still_closed():
        _require_same_question(config, unfinished)
    data, told = unfinished.config.data, unfinished.begun["data"].get("absolute", [])
    if not all(name == "-" or Path(name).exists() for name in data) and isinstance(told, list):
        data = tuple(map(str, told))
    unfinished.config = unfinished.config.model_copy(update={"data": data, "runs": config.runs})
    if not unfinished.has_checkpoint:
        monitor.say(f"{unfinished.name} ended before its first checkpoint: it begins anew")
    return unfinished


def _require_same_question(config: TrainConfig, unfinished: store.Unfinished) -> None:
    """Refuse options that say otherwise than the run, and a run of another version.

    Raises
    ------
    UsageError, RunError
    """
    for name in sorted(config.model_fields_set - _OWN):
        if getattr(config, name) != getattr(unfinished.config, name):
            raise UsageError(
                f"--{name.replace('_', '-')} is not what {unfinished.name} was begun with",
                "leave it out, or begin a training of its own without --resume",
            )
    written = unfinished.begun.get("forecast_cli")
    if written != __version__:
        raise RunError(
            f"{unfinished.path}: begun by forecast-cli {written}, this is {__version__}",
            f"install forecast-cli=={written}, or train again",
        )


def require_same_data(unfinished: store.Unfinished, read: DataSummary) -> None:
    """Refuse data that have changed since the training began.

    Raises
    ------
    DataError
    """
    if read.sha256 != unfinished.begun["data"]["sha256"]:
        raise DataError(
            f"{', '.join(read.sources)}: changed since the training of {unfinished.name} began "
            "(another SHA-256)",
            "bring the data back, or train again without --resume",
        )


def chosen_before(unfinished: store.Unfinished) -> Chosen | None:
    """How the model was chosen, where a comparison chose it before the training began.

    Raises
    ------
    RunError
        It cannot be read.
    """
    kept = unfinished.begun.get("chosen")
    if kept is None:
        return None
    try:
        return Chosen(**{**kept, "rules": tuple(kept["rules"])})
    except (TypeError, KeyError) as cause:
        raise RunError(f"{unfinished.path}: cannot be taken up ({cause})", "train again") from cause
