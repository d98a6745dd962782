"""What the package needs is in the repository: an ignore pattern once hid a whole folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(shutil.which("git") is None or not (ROOT / ".git").exists(), reason="no git")
def test_no_file_of_the_package_is_hidden_from_the_repository() -> None:
    # What is new and not yet added counts as seen: git status shows it, a hidden file it does not.
    seen = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "forecast_cli"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    on_disk = {
        path.relative_to(ROOT).as_posix()
        for ending in ("py", "css", "js")
        for path in ROOT.glob(f"forecast_cli/**/*.{ending}")
    }
    assert {"forecast_cli/runs/store.py", "forecast_cli/report/report.js"} <= on_disk
    assert sorted(on_disk - set(seen)) == []
