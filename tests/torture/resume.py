"""A training that was killed and taken up again learns what it would have learned in one go.

Networks are trained with a checkpoint after every step, killed at points spread evenly over their
writing calls, through the fit that holds the validation block out and the one on all rows, and
taken up with `--resume`. The weights have to be those of the uninterrupted training, byte for
byte, on the processor; and nothing unfinished may remain.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from forecast_cli.forecasters import registry
from forecast_cli.runs import store, unfinished
from tests.torture.calls import Calls
from tests.torture.forks import forked
from tests.torture.frame import Outcome
from tests.torture.kills import killed_at
from tests.torture.small_runs import QUICK, data_file

TITLE = "train --resume equals the uninterrupted run"

POINTS, POINTS_SHORT = 25, 2
MODELS = ("lstm", "gru")
FIRST = 12  # writing calls, after which there is a checkpoint


def measure(short: bool) -> Outcome:
    """Kill points of both kinds of network."""
    import forecast_cli.workflows.train  # noqa: F401 - imported before the forks

    registry.model_class("gru")
    failures, points = list[str](), POINTS_SHORT if short else POINTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = data_file(folder)
        for model in MODELS[:1] if short else MODELS:
            calls = forked(lambda m=model: _calls(file, folder / m, m))  # type: ignore[misc]
            if isinstance(calls, str):
                return Outcome.of(points, [calls])
            (whole,) = (folder / model).glob("*/model.safetensors")
            for point in range(points):
                number = FIRST + (calls - FIRST) * point // points
                fault = _fault(number, file, folder / "runs", model, whole.read_bytes())
                failures += [f"{model}, call {number} of {calls}: {fault}"] if fault else []
    return Outcome.of(
        points * (1 if short else len(MODELS)),
        failures,
        kill_points="spread over both fits of " + (MODELS[0] if short else " and ".join(MODELS)),
    )


def train(file: Path, root: Path, model: str) -> None:
    """A small training, with a checkpoint after every step."""
    from forecast_cli.workflows.train import train as trained

    unfinished.SECONDS = 0.0
    trained(str(file), model=model, runs=str(root), **{**QUICK, "members": 2})


def _calls(file: Path, root: Path, model: str) -> int:
    """Train in one go, and count the writing calls."""
    with Calls(0, lambda name: None) as calls:
        train(file, root, model)
    return calls.made


def _fault(number: int, file: Path, root: Path, model: str, whole: bytes) -> str:
    """Kill a training, take it up, and say what is wrong with what it learned."""
    shutil.rmtree(root, ignore_errors=True)
    forked(lambda: killed_at(number, lambda r: train(file, r, model), root))
    entries = store.list_runs(root)
    if [bool(entry.problem) for entry in entries] == [False]:
        return "" if _weights(root) == whole else "other weights"  # it was over already
    if [entry.problem.startswith("unfinished;") for entry in entries] != [True]:
        return f"{len(entries)} runs, none to go on with"
    ended = forked(lambda: _resumed(root, entries[0].name))
    if ended != "resumed":
        return str(ended)
    if [bool(entry.problem) for entry in store.list_runs(root)] != [False]:
        return "something unfinished remains"
    return "" if _weights(root) == whole else "other weights"


def _resumed(root: Path, name: str) -> str:
    from forecast_cli.workflows.train import train as trained

    trained(resume=name, runs=str(root))
    return "resumed"


def _weights(root: Path) -> bytes:
    (file,) = root.glob("[!.]*/model.safetensors")
    return file.read_bytes()
