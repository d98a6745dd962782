"""What only a process of its own can show: start-up, pipes, signals."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

HEAVY = {"torch", "pandas", "sklearn", "statsmodels", "scipy", "numpy", "rich", "plotext"}
FORECAST = (sys.executable, "-m", "forecast_cli")
REPOSITORY = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    """This environment, with the package importable from any folder."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FORECAST, *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["--version"], ["trian"]])
def test_help_imports_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    script = (
        "import sys\n"
        "from forecast_cli.cli.app import build\n"
        "from forecast_cli.cli.exits import run_app\n"
        f"run_app(build(), {words!r})\n"
        f"print('|'.join(sorted({HEAVY!r} & set(sys.modules))))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] == ""


def test_help_takes_no_more_than_four_tenths_of_a_second(tmp_path: Path) -> None:
    def spent() -> float:  # processor time, since tests run side by side
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    seconds = []
    for _ in range(3):
        before = spent()
        run(tmp_path, "--help")
        seconds.append(spent() - before)
    assert min(seconds) <= 0.4


def test_a_reader_that_leaves_early_is_no_failure(folder: Path) -> None:
    assert run(folder, "train", "data.csv", "--model", "naive", "--quiet").returncode == 0
    process = subprocess.Popen(
        [*FORECAST, "predict", "--format", "csv"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert "rror" not in error


@pytest.mark.parametrize(
    "words", [("inspect", "data.csv"), ("models", "--format", "json"), ("-h",)]
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_one_line_and_no_bug(folder: Path, words: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [*FORECAST, *words],
            cwd=folder,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    *_, first, second = ended.stderr.splitlines()
    assert "No space left on device" in first
    assert second.startswith("fix: ")
    assert "a bug" not in ended.stderr


@pytest.mark.skipif(os.name == "nt", reason="shell syntax")
@pytest.mark.parametrize(("closed", "code"), [(">&-", 1), ("2>&-", 0)])
def test_a_closed_stream_breaks_nothing(folder: Path, closed: str, code: int) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m forecast_cli inspect data.csv {closed}'],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr
    if code:
        assert ended.stderr.startswith("error: standard output cannot be written")


def test_warnings_of_libraries_are_no_lines_of_code_on_stderr(folder: Path) -> None:
    script = (
        "import sys, warnings\n"
        "from forecast_cli.cli import app\n"
        "from forecast_cli.report import tables\n"
        "tables.models_view = lambda entries: warnings.warn('overflow', RuntimeWarning)\n"
        "sys.argv = ['forecast', 'models', *sys.argv[1:]]\n"
        "app.main()\n"
    )
    for words, said in (([], False), (["--debug"], True)):
        ended = subprocess.run(
            [sys.executable, "-c", script, *words],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert ("RuntimeWarning" in ended.stderr) is said


def test_data_may_come_from_standard_input(folder: Path) -> None:
    with (folder / "data.csv").open() as data:
        ended = subprocess.run(
            [*FORECAST, "inspect", "-", "--format", "json"],
            cwd=folder,
            env=environment(),
            stdin=data,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert json.loads(ended.stdout)["data"]["rows"] == 480


def begun_training(folder: Path, changes: str = "") -> subprocess.Popen[str]:
    """A training that would take a while, once it has begun to learn."""
    script = (
        f"{changes}"
        "import sys\n"
        "from forecast_cli.cli import console\n"
        "console.LINE_SECONDS = 0.0\n"
        "from forecast_cli.cli.app import main\n"
        "sys.argv = ['forecast', 'train', 'data.csv', '--horizon', '6', '--max-steps', '4000',\n"
        "            '--hidden', '8', '--learning-rate', '1e-6']\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", script],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("training lstm: "):
            break
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_one_interrupt_ends_training_and_keeps_the_best_model(
    folder: Path, number: signal.Signals
) -> None:
    process = begun_training(folder)
    process.send_signal(number)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    assert "stopping with the best model so far" in error
    (kept,) = (folder / "runs").iterdir()
    assert kept.name in out
    assert run(folder, "predict", "--format", "csv").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_the_second_interrupt_leaves_at_once_and_keeps_what_was_learned_for_later(
    folder: Path, number: signal.Signals
) -> None:
    process = begun_training(
        folder,
        "from forecast_cli.runs import unfinished\n"
        "from forecast_cli.training import ensemble\n"
        "unfinished.SECONDS = 0.0\n"
        "def deaf(voice):\n"  # to the first one, so that there is time for the second
        "    return voice._everyone.monitor.stop_requested() and voice._everyone.over\n"
        "ensemble._Voice.stop_requested = deaf\n",
    )
    assert process.stderr is not None
    process.send_signal(number)
    for line in process.stderr:
        if "press Ctrl-C again" in line:
            break
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.endswith("interrupted\n")
    assert "Traceback" not in error
    (left,) = (folder / "runs").iterdir()
    assert f"kept: forecast train --resume {left.name.removeprefix('.unfinished-')}" in error


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="process groups of POSIX")
def test_an_interrupt_of_the_whole_group_spares_the_workers_and_keeps_what_they_found(
    folder: Path,
) -> None:
    """A terminal sends Ctrl-C to every process of the group, the workers among them."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2020-01-01", periods=200).astype(str)
    walks = [
        pd.DataFrame({"id": f"s{s:03}", "day": days, "y": rng.normal(size=200).cumsum()})
        for s in range(200)
    ]
    pd.concat(walks).to_csv(folder / "many.csv", index=False)
    script = (
        "import sys\n"
        "from forecast_cli.cli import console\n"
        "from forecast_cli.forecasters import parallel\n"
        "console.LINE_SECONDS = parallel.HERE_SECONDS = 0.0\n"
        "from forecast_cli.cli.app import main\n"
        "sys.argv = ['forecast', 'train', 'many.csv', '--model', 'arima', '--horizon', '6',\n"
        "            '--workers', '2']\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", script],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("fitting arima: 3 of"):
            break
    os.killpg(process.pid, signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    (kept,) = (folder / "runs").iterdir()
    assert kept.name in out
    assert json.loads((kept / "manifest.json").read_text())["stopped"] == "stopped by the user"
    assert "the fit was ended by the user before its turn" in error + out


def test_interrupting_before_the_training_leaves_at_once_and_keeps_nothing(folder: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from forecast_cli.workflows import train\n"
        "def load(*_):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    raise AssertionError('not reached')\n"
        "train.load = load\n"
        "from forecast_cli.cli.app import main\n"
        "sys.argv = ['forecast', 'train', 'data.csv']\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 130
    assert ended.stderr == "interrupted\n"
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("train._keep = then_interrupt(train._keep)", True),
        ("tables.train_view = then_interrupt(tables.train_view)", True),
        ("train.require_sound = then_interrupt(train.require_sound)", False),
    ],
)
def test_an_interrupt_after_the_training_ends_with_its_code_and_says_what_is_kept(
    folder: Path, where: str, kept: bool
) -> None:
    ended = interrupted(folder, where)
    assert ended.returncode == 130, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.endswith("interrupted\n")
    assert ("the run is kept: runs" in ended.stderr) is kept
    assert bool(list(folder.glob("runs/*-naive-*"))) is kept


def test_an_interrupt_while_the_process_ends_changes_nothing(folder: Path) -> None:
    where = "import atexit; atexit.register(then_interrupt(len), ())"
    ended = interrupted(folder, where)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""


def interrupted(folder: Path, where: str) -> subprocess.CompletedProcess[str]:
    """A training that is interrupted at a place of the code."""
    return subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(where=where)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores it
from forecast_cli.report import tables
from forecast_cli.workflows import train

def then_interrupt(work):
    def both(*arguments, **named):
        result = work(*arguments, **named)
        os.kill(os.getpid(), signal.SIGINT)
        return result
    return both

{where}
from forecast_cli.cli.app import main
sys.argv = ["forecast", "train", "data.csv", "--model", "naive", "--horizon", "6", "--quiet"]
main()
"""
