"""Measure the promises, all or those that are named, and write docs/reliability.md.

python -m tests.torture [NAME ...]      "none" measures nothing and writes the page anew
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time

from tests.torture.frame import PAGE, PROMISES, page, read, result, save


def main(names: list[str]) -> int:
    """Exit code 1 where a promise does not hold."""
    there = [n for n in PROMISES if importlib.util.find_spec(f"tests.torture.{n}") is not None]
    wrong = [name for name in names if name not in (*there, "none")]
    if wrong:
        print(f"unknown promise: {wrong[0]}; there are {', '.join(there)}")
        return 2
    broken = False
    for name in there:
        if names and name not in names:
            continue
        module = importlib.import_module(f"tests.torture.{name}")
        print(f"{module.TITLE} …", flush=True)
        begun = time.perf_counter()
        outcome = module.measure(short=False)
        seconds = time.perf_counter() - begun
        save(name, result(module, outcome, seconds))
        print(f"  {outcome.passed} of {outcome.cases} held, {seconds:.0f} s", flush=True)
        for failure in outcome.failures[:20]:
            print(f"  not held: {failure}")
        broken |= outcome.passed < outcome.cases
    PAGE.write_text(page(read()), encoding="utf-8")
    return int(broken)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
