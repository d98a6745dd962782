"""Work in a process of its own, forked from one that has everything loaded already.

A fork costs milliseconds, so a case may crash, be killed, or run out of memory, and the next
one begins with a clean process. What the work returns comes back through a pipe; a process
that ends in any other way comes back as the words that say how.
"""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

LONGEST = 20  # seconds, after which a case is ended


def forked(work: Callable[[], Answer]) -> Answer | str:
    """What ``work`` returns in a child, or how that child ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(work, reading, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
    answer: Answer | str = pickle.loads(data) if data else "ended without an answer"
    return answer


def _answer(work: Callable[[], object], reading: int, writing: int) -> None:
    """In the child: work, answer, and leave without any ceremony."""
    os.close(reading)
    signal.alarm(LONGEST)
    try:
        data = pickle.dumps(work())
    except BaseException:
        data = pickle.dumps("".join(traceback.format_exc().splitlines()[-1:]))
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(data)
    os._exit(0)
