"""The README's tour: every command in it is run, in order, as a new user would."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = README.split("## A 60-second tour")[1].split("\n## ")[0]
COMMANDS = [
    line
    for block in re.findall(r"^```\n(.*?)^```", TOUR, flags=re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
PYTHON = re.findall(r"^```python\n(.*?)^```", TOUR, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder beside the sample data, as in a fresh clone."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / "sample_data").symlink_to(ROOT / "sample_data", target_is_directory=True)
    return folder


def test_the_tour_is_found_in_the_readme() -> None:
    assert len(COMMANDS) >= 8
    assert len(PYTHON) == 1


@pytest.mark.slow
def test_every_command_of_the_tour_runs_in_order(clone: Path) -> None:
    for command in COMMANDS:
        program, *arguments = shlex.split(command)
        assert program == "forecast"
        done = subprocess.run(
            [sys.executable, "-m", "forecast_cli", *arguments],
            cwd=clone,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert done.stdout.strip(), f"{command} printed nothing"
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_python_of_the_tour_runs_and_prints_the_verdict(clone: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PYTHON[0]], cwd=clone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "lstm" in done.stdout


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([a-z_/-]+\.md)\)", README))))
def test_every_page_that_the_readme_links_to_exists(link: str) -> None:
    assert (ROOT / link).is_file()
