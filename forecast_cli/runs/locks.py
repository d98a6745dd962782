"""Folders that belong to a process for as long as it lives.

The lock is on the folder itself and ends with the process, however that ends: no number of a
process that another one may have by now, and no file to be left behind. Where a system has no
such locks nothing is ever taken from anybody, nor cleaned up.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from uuid import uuid4

if sys.platform != "win32":
    import fcntl

LOCKS = sys.platform != "win32"  # whether there are any
JUST_MADE = 60.0  # seconds in which a folder may not be locked yet


class Own:
    """A folder that this process holds.

    Parameters
    ----------
    path : Path
    descriptor : int or None
        That the lock is on.
    """

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path, self._descriptor = path, descriptor

    def release(self) -> None:
        """Let others have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def make_own(root: Path, prefix: str) -> Own:
    """A new folder whose name nobody has; raises OSError."""
    path = root / f"{prefix}{uuid4().hex[:12]}"
    path.mkdir(parents=True)
    return take(path) or Own(path, None)


def take(path: Path) -> Own | None:
    """Hold a folder, or None where another process does, or nobody can."""
    if sys.platform == "win32":
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return Own(path, descriptor)


def remove_left(root: Path, prefix: str, older: float = JUST_MADE) -> None:
    """Remove the folders of this name that no living process holds.

    Parameters
    ----------
    root : Path
    prefix : str
    older : float
        Seconds since the last change; younger ones stay.
    """
    for path in root.glob(f"{prefix}*"):
        try:
            young = time.time() - path.stat().st_mtime < older
        except OSError:
            continue
        if not young and (own := take(path)) is not None:
            shutil.rmtree(path, ignore_errors=True)
            own.release()
