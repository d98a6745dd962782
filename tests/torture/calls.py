"""The calls of ``os`` that write, counted, so that each can be made to fail.

A call is counted before it is made. What happens at the n-th is up to whoever counts: the
process is killed, or an error is raised; a write may be torn first, half of it done.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

WRITING = ("write", "fsync", "rename", "replace", "mkdir", "unlink", "rmdir")


class Calls:
    """Inside a ``with`` block, the n-th writing call meets its fate.

    Parameters
    ----------
    number : int
        1 is the first.
    fate : callable
        Is told the name of the call.
    torn : bool
        Whether half of a write is done before its fate.
    lasting : bool
        Whether every later call meets it too.
    names : tuple of str
        What is counted, beside files that are opened to be written.
    """

    def __init__(
        self,
        number: int,
        fate: Callable[[str], None],
        *,
        torn: bool = False,
        lasting: bool = False,
        names: tuple[str, ...] = WRITING,
    ) -> None:
        self.number, self.fate, self.torn, self.lasting = number, fate, torn, lasting
        self.names, self.made = names, 0
        self._before = {name: getattr(os, name) for name in (*names, "open")}

    def __enter__(self) -> Self:
        for name in self.names:
            setattr(os, name, self._counted(name))
        os.open = self._opened  # type: ignore[assignment]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        cause: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name, call in self._before.items():
            setattr(os, name, call)

    def _counted(self, name: str) -> Callable[..., Any]:
        call = self._before[name]

        def counted(*arguments: Any, **named: Any) -> Any:
            if self._is_time():
                if self.torn and name == "write":
                    call(arguments[0], arguments[1][: len(arguments[1]) // 2])
                self.fate(name)
            return call(*arguments, **named)

        return counted

    def _opened(self, path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR) and self._is_time():
            self.fate("open")
        descriptor: int = self._before["open"](path, flags, *arguments, **named)
        return descriptor

    def _is_time(self) -> bool:
        self.made += 1
        return self.made == self.number or (self.lasting and self.made > self.number)
