"""Loading a run executes nothing of it, and a damaged run is never taken for a whole one.

Some fifty runs as somebody who wants to do harm would make them, with checksums that are right,
and single bits flipped in every file of two good runs, evenly over the files. A load has to end
within 2 seconds and within the size of the run and 200 MB, in a result or in one line that names
the file that is wrong. A pickle that would leave a file behind if it ran is among them. Runs are
loaded as `forecast predict` loads them: found, listed, model and calibration restored.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from forecast_cli.errors import ExitCode, RunError
from forecast_cli.forecasters import registry
from forecast_cli.runs import store
from forecast_cli.runs.folder import EDITABLE_FILES, MANIFEST_FILE, sha256
from tests.torture.forks import forked
from tests.torture.frame import Outcome
from tests.torture.small_runs import small_run

TITLE = "Loading a run never executes code and never lies"

FLIPS, FLIPS_SHORT, FLIPS_A_FORK = 100_000, 400, 200
MOST_SECONDS, MOST_BYTES = 2.0, 200 * 2**20

Case = Callable[[Path], None]


class Loaded(NamedTuple):
    """How a load ended."""

    problem: str  # the message of the RunError, empty where it was loaded
    wrong: str  # any other end
    seconds: float
    grown: int  # bytes of memory, at the peak


def measure(short: bool) -> Outcome:
    """All hostile runs, and some flips or all of them."""
    failures, slowest, largest = list[str](), 0.0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bases = [small_run(folder / model, model) for model in ("gru", "seasonal-naive")]
        registry.model_class("gru")  # imports torch before the forks, and runs nothing of it
        cases = hostile(folder / "canary")
        for label, base, (where, spoil) in (
            (f"{base.parent.name}: {label}", base, case)
            for base in bases
            for label, case in cases.items()
        ):
            root = folder / "hostile"
            victim = root / base.name
            shutil.copytree(base, victim)
            try:
                spoil(victim)
            except NotApplicableError:
                continue
            finally:
                loaded = forked(lambda root=root: load(root))  # type: ignore[misc]
                shutil.rmtree(root)
            slowest, largest = max(slowest, loaded.seconds), max(largest, loaded.grown)
            failures += [f"{label}: {fault}" for fault in faults(loaded, where)]
        if (folder / "canary").exists():
            failures.append("a pickle was executed")
        count = FLIPS_SHORT if short else FLIPS
        flipped = [flip_all(base, count // len(bases), seed) for seed, base in enumerate(bases)]
    for seconds, grown, wrong in flipped:
        slowest, largest = max(slowest, seconds), max(largest, grown)
        failures += wrong
    return Outcome.of(
        len(bases) * len(cases) + count,
        failures,
        hostile_runs=f"{len(cases)} kinds, of a network and of a baseline",
        bits_flipped=f"{count:,}",
        code_executed="never" if not any("executed" in f for f in failures) else "yes",
        slowest_load=f"{slowest:.2f} s",
        most_memory_beyond_the_start=f"{largest / 2**20:.0f} MB",
    )


class NotApplicableError(Exception):
    """A kind of harm that this model has no place for; its run is loaded as it is."""


def load(root: Path) -> Loaded:
    """Load the latest run of a folder, as ``forecast predict`` does."""
    (name,) = (path.name for path in root.iterdir())
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before, began = _status("VmRSS"), time.perf_counter()
    problem = wrong = ""
    try:
        run = store.find(root, name)
        store.load_model(run)
        store.load_calibration(run)
        store.saved_state(run)
    except RunError as failure:
        problem = failure.message
        if failure.exit_code != ExitCode.BAD_RUN or not failure.fix:
            wrong = "no fix, or another exit code"
    except BaseException as failure:
        wrong = f"{type(failure).__name__}: {failure}"[:200]
    try:
        store.list_runs(root)
    except BaseException as failure:
        wrong = f"listing: {type(failure).__name__}: {failure}"[:200]
    return Loaded(problem, wrong, time.perf_counter() - began, _status("VmHWM") - before)


def _status(field: str) -> int:
    """Bytes of memory of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return 1024 * int(line.split()[1])


def faults(loaded: Loaded | str, where: str) -> list[str]:
    """What is wrong with the end of a load that had to speak of the file ``where``."""
    if isinstance(loaded, str):
        return [loaded]
    found = [loaded.wrong] if loaded.wrong else []
    if where and not loaded.problem and not loaded.wrong:
        found.append("was loaded")
    if loaded.problem and (not where or where not in loaded.problem or "\n" in loaded.problem):
        found.append(f"said: {loaded.problem[:200]}")
    if loaded.seconds > MOST_SECONDS:
        found.append(f"took {loaded.seconds:.1f} s")
    if loaded.grown > MOST_BYTES + 70 * 2**20:
        found.append(f"took {loaded.grown / 2**20:.0f} MB")
    return found


def flip_all(base: Path, count: int, seed: int) -> tuple[float, int, list[str]]:
    """Flip bits of a run, one at a time: the slowest load, the largest, and what was wrong."""
    slowest, largest, wrong = 0.0, 0, list[str]()
    for start in range(0, count, FLIPS_A_FORK):
        some = range(start, min(count, start + FLIPS_A_FORK))
        outcome = forked(lambda some=some: [flip(base, number, seed) for number in some])  # type: ignore[misc]
        if isinstance(outcome, str):
            wrong += [f"flips {some}: {outcome}"] * len(some)
            continue
        for number, (loaded, where) in zip(some, outcome, strict=True):
            slowest, largest = max(slowest, loaded.seconds), max(largest, loaded.grown)
            # A damaged checksum of the manifest cannot tell which of the two is damaged.
            where = MANIFEST_FILE if where == "manifest.sha256" else where
            told = "" if where in EDITABLE_FILES else where
            wrong += [f"flip {number} in {where}: {fault}" for fault in faults(loaded, told)]
    return slowest, largest, wrong


def flip(base: Path, number: int, seed: int) -> tuple[Loaded, str]:
    """Load a run with one bit flipped, and put the bit back."""
    rng = random.Random(1_000_003 * seed + number)
    files = sorted(file for file in base.iterdir() if file.stat().st_size)
    file = files[number % len(files)]
    place = rng.randrange(file.stat().st_size)
    with file.open("r+b") as opened:
        opened.seek(place)
        byte = opened.read(1)[0]
        opened.seek(place)
        opened.write(bytes([byte ^ (1 << rng.randrange(8))]))
        opened.flush()
        loaded = load(base.parent)
        opened.seek(place)
        opened.write(bytes([byte]))
    return loaded, file.name


def sealed(change: Case) -> Case:
    """The same harm with checksums that are right, as its author would make them."""

    def both(run: Path) -> None:
        change(run)
        file = run / MANIFEST_FILE
        told = json.loads(file.read_text())
        for name in told["files"]:
            if (run / name).is_file() and not (run / name).is_symlink():
                told["files"][name] = sha256(run / name)
        file.write_text(json.dumps(told))
        store.seal(run)

    return both


def hostile(canary: Path) -> dict[str, tuple[str, Case]]:
    """Every kind of hostile run: its name, the file that has to be named, and its making."""
    arrays, state, manifest = "model.safetensors", "model.json", MANIFEST_FILE
    pickled = pickle.dumps(_Canary(canary))
    one = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    many = {
        f"a{i}": {"dtype": "F32", "shape": [1], "data_offsets": [4 * i, 4 * i + 4]}
        for i in range(100_000)
    }
    deep = "[" * 200_000 + "]" * 200_000

    def weights(data: bytes) -> tuple[str, Case]:
        return arrays, sealed(lambda run: _write(run / arrays, data))

    def header(described: Any, body: bytes = bytes(16)) -> tuple[str, Case]:
        text = json.dumps(described).encode()
        return weights(struct.pack("<Q", len(text)) + text + body)

    def text(name: str, content: str, where: str = "") -> tuple[str, Case]:
        return where or name, sealed(lambda run: _write(run / name, content.encode()))

    def told(**changes: Any) -> tuple[str, Case]:
        return manifest, lambda run: _tell(run, **changes)

    def described(**changes: Any) -> tuple[str, Case]:
        return "model.", sealed(lambda run: _describe(run, changes))

    def raw_manifest(content: str) -> tuple[str, Case]:
        def change(run: Path) -> None:
            _write(run / manifest, content.encode())
            store.seal(run)

        return manifest, change

    def tensors(change: Callable[[Any], Any]) -> tuple[str, Case]:
        return arrays, sealed(lambda run: _rearrange(run, change))

    def file_named(name: str) -> tuple[str, Case]:
        return manifest, lambda run: _tell(
            run, files={**json.loads((run / manifest).read_text())["files"], name: "0" * 64}
        )

    def in_place_of(name: str, make: Case) -> tuple[str, Case]:
        def change(run: Path) -> None:
            shutil.move(run / name, run.parent.parent / "outside")
            make(run / name)

        return name, change

    return {
        "a pickle named .safetensors": weights(pickled),
        "a pickle named model.json": (state, sealed(lambda run: _write(run / state, pickled))),
        "a pickle named manifest.json": (manifest, lambda run: _write(run / manifest, pickled)),
        "a header of 2^63 bytes": weights(struct.pack("<Q", 2**63) + bytes(100)),
        "a header longer than the file": weights(struct.pack("<Q", 10_000) + b"{}"),
        "a header of 90 MB": weights(struct.pack("<Q", 90 * 2**20) + b" " * (90 * 2**20)),
        "no header": weights(b""),
        "three bytes": weights(b"abc"),
        "a header that is no JSON": weights(struct.pack("<Q", 4) + b"{{{{"),
        "a header that is a list": header([]),
        "overlapping offsets": header({"a": one, "b": one}),
        "negative offsets": header({"a": {**one, "data_offsets": [-16, 0]}}),
        "offsets beyond the end": header({"a": {**one, "data_offsets": [0, 2**40]}}),
        "a hole between arrays": header({"a": {**one, "data_offsets": [4, 20]}}, bytes(20)),
        "a shape of terabytes": header({"a": {**one, "shape": [2**40, 2**40]}}),
        "a shape of another size": header({"a": {**one, "shape": [3, 3]}}),
        "a negative shape": header({"a": {**one, "shape": [-2, -2]}}),
        "a shape that is a text": header({"a": {**one, "shape": "22"}}),
        "a foreign dtype": header({"a": {**one, "dtype": "PICKLE"}}),
        "a dtype of eight bits": header({"a": {**one, "dtype": "F8_E4M3", "shape": [16]}}),
        "a dtype that numpy has not": header({"a": {**one, "dtype": "BF16", "shape": [8]}}),
        "an array twice": weights(
            (lambda t: struct.pack("<Q", len(t)) + t + bytes(32))(
                b'{"a":%b,"a":%b}' % ((json.dumps(one).encode(),) * 2)
            )
        ),
        "100 000 arrays": header(many, bytes(400_000)),
        "a deep header": weights(struct.pack("<Q", len(deep)) + deep.encode()),
        "arrays without a body": tensors(lambda found: {}),
        "weights that are no numbers": tensors(_no_numbers),
        "weights that are infinite": tensors(_infinite),
        "weights of another shape": tensors(_transposed),
        "weights of another kind": tensors(_as_float64),
        "weights of another model": tensors(lambda found: {"else": np.zeros(3, np.float32)}),
        "a state of another model": described(model="arima"),
        "a width of terabytes": described(architectures=lambda a: [{**a[0], "hidden": 10**9}]),
        "a million layers": described(architectures=lambda a: [{**a[0], "layers": 10**6}]),
        "a horizon of terabytes": described(task=lambda t: {**t, "horizon": 10**12}),
        "a context of terabytes": described(sizes=lambda s: [{**s[0], "patches": 10**12}]),
        "a billion series": described(architectures=lambda a: [{**a[0], "series": 10**9}]),
        "a cell that is a module": described(
            architectures=lambda a: [{**a[0], "cell": "os:system"}]
        ),
        "100 000 networks": described(architectures=lambda a: a * 100_000),
        "a state that is a list": text(state, "[]"),
        "a deep state": text(state, f'{{"a": {deep}}}'),
        "a number of 10 000 digits": text(state, f'{{"a": {"9" * 10_000}}}'),
        "a number that JSON has not": text(state, '{"a": NaN}'),
        "a name twice": text(state, '{"model": "gru", "model": "naive"}'),
        "ten million values": text(state, '{"a": [' + "[]," * 10_000_000 + "0]}"),
        "a text that is no UTF-8": (state, sealed(lambda run: _write(run / state, b"\xff\xfe{}"))),
        "a deep configuration": text("config.toml", f"a = {deep}"),
        "a configuration of another verb": text("config.toml", "folds = 5"),
        "a configuration of 2 MB": text("config.toml", "#" * 2**21),
        "a manifest of another version": told(schema="forecast-cli/run/9"),
        "a model that is a path": told(model="../../../etc/passwd"),
        "a model that is no text": told(model={"a": 1}),
        "a file name with ../": file_named("../../outside"),
        "an absolute file name": file_named("/etc/passwd"),
        "a file name with a NUL": file_named("a\0b"),
        "files without checksums": told(files={}),
        "checksums that are wrong": (state, lambda run: _append(run / state)),
        "a deep manifest": raw_manifest(deep),
        "a manifest of 70 MB": raw_manifest(" " * (70 * 2**20)),
        "a task beyond all bounds": told(task={**_TASK, "horizon": 10**12}),
        "a task of another kind": told(task={**_TASK, "horizon": "6"}),
        "a link in place of the weights": in_place_of(
            arrays, lambda path: path.symlink_to(path.parent.parent.parent / "outside")
        ),
        "a link to a device": in_place_of(state, lambda path: path.symlink_to("/dev/zero")),
        "a pipe in place of the manifest": in_place_of(manifest, os.mkfifo),
        "a pipe in place of the weights": in_place_of(arrays, os.mkfifo),
        "a folder in place of the state": in_place_of(state, Path.mkdir),
        "no weights": (arrays, lambda run: (run / arrays).unlink()),
        "no manifest": (manifest, lambda run: (run / manifest).unlink()),
        "files that nobody knows": ("", lambda run: _write(run / "extra.pkl", pickled)),
    }


_TASK = {"horizon": 6, "seasons": [24], "levels": [80, 95], "validation": 12}


class _Canary:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


def _tell(run: Path, **changes: Any) -> None:
    file = run / MANIFEST_FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    store.seal(run)


def _describe(run: Path, changes: dict[str, Any]) -> None:
    file = run / "model.json"
    found = json.loads(file.read_text())
    for name, change in changes.items():
        if name not in found:
            raise NotApplicableError
        found[name] = change(found[name]) if callable(change) else change
    file.write_text(json.dumps(found))


def _rearrange(run: Path, change: Callable[[Any], Any]) -> None:
    from safetensors.numpy import load_file, save_file

    file = run / "model.safetensors"
    changed = change(load_file(file))
    file.unlink()
    save_file(changed, file)


def _first(found: Any, change: Callable[[Any], Any]) -> Any:
    """The first array of weights, changed."""
    names = [name for name in sorted(found) if name.startswith("network.") and found[name].ndim > 1]
    if not names:
        raise NotApplicableError
    return {**found, names[0]: np.ascontiguousarray(change(found[names[0]].copy()))}


def _no_numbers(found: Any) -> Any:
    return _first(found, lambda array: np.full_like(array, np.nan))


def _infinite(found: Any) -> Any:
    return _first(found, lambda array: np.full_like(array, np.inf))


def _transposed(found: Any) -> Any:
    return _first(found, lambda array: array.reshape(-1, 1))


def _as_float64(found: Any) -> Any:
    return _first(found, lambda array: array.astype(np.float64))
