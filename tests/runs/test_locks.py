"""Folders that belong to living processes stay; those of dead ones go."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from forecast_cli.runs import locks

pytestmark = pytest.mark.skipif(not locks.LOCKS, reason="there are no such locks here")


def aged(path: Path) -> Path:
    os.utime(path, (time.time() - 3600,) * 2)
    return path


def test_a_folder_is_held_once(tmp_path: Path) -> None:
    own = locks.make_own(tmp_path, ".writing-")
    assert locks.take(own.path) is None
    own.release()
    own.release()
    again = locks.take(own.path)
    assert again is not None
    again.release()


def test_what_a_living_process_holds_is_never_removed(tmp_path: Path) -> None:
    own = locks.make_own(tmp_path, ".writing-")
    locks.remove_left(aged(own.path).parent, ".writing-")
    assert own.path.is_dir()
    own.release()
    locks.remove_left(tmp_path, ".writing-")
    assert not own.path.exists()


def test_what_was_only_just_made_may_not_be_locked_yet_and_stays(tmp_path: Path) -> None:
    (tmp_path / ".writing-young").mkdir()
    aged(tmp_path / ".writing-young").touch()
    os.utime(tmp_path / ".writing-young")
    (tmp_path / ".writing-old").mkdir()
    aged(tmp_path / ".writing-old")
    (tmp_path / "a-run").mkdir()
    aged(tmp_path / "a-run")
    locks.remove_left(tmp_path, ".writing-")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".writing-young", "a-run"]


def test_a_link_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".writing-link").symlink_to(tmp_path / "elsewhere")
    assert locks.take(tmp_path / ".writing-link") is None
