"""A loss that is no number, or a device without memory, ends no training that can be mended.

A NaN or an infinity enters the loss at one of 20 steps, once: the training goes back to its
best weights, takes a quarter of the learning rate, and ends with finite weights and a note. One
that comes back at every step ends in one clear error after three tries. A device that has no
room for a batch gets halves of it, three times, and then the processor takes over; each is
said, and kept in the notes of the run.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import torch

from forecast_cli.config import Settings
from forecast_cli.errors import TrainingError
from forecast_cli.forecasters import learning, registry
from forecast_cli.monitor import SILENT, SilentMonitor
from forecast_cli.task import Task
from forecast_cli.training.loop import TRIES, Plan, fit_loop
from tests.conftest import make_panel
from tests.torture.frame import Outcome
from tests.training.test_loop import QUANTILES, batch, held_out, network

TITLE = "No number, no memory: back to the best state, then a clear failure"

STEPS, STEPS_SHORT = 20, 4
ROOMS = (16, 8, 4, 0)  # sequences that fit on the device: halved once, twice, thrice, and none do


def measure(short: bool) -> Outcome:
    """Injected losses with and without a validation block, and devices of several sizes."""
    failures, cases = list[str](), 0
    steps = STEPS_SHORT if short else STEPS
    for value in (float("nan"), float("inf")):
        for validated in (True, False):
            for step in range(1, steps + 1):
                cases += 1
                fault = _once(step, value, validated)
                failures += [f"{value} at step {step}: {fault}"] if fault else []
    for room in ROOMS[-1:] if short else ROOMS:
        cases += 1
        fault = _in_room(room)
        failures += [f"room for {room}: {fault}"] if fault else []
    cases += 1
    failures += [fault for fault in [_always()] if fault]
    return Outcome.of(cases, failures, losses_injected_at=f"{steps} steps each")


def _spoilt(drawn: int, value: float) -> Any:
    given = batch(drawn)
    return replace(given, target=torch.full_like(given.target, value))


def _once(step: int, value: float, validated: bool) -> str:
    """One loss that is no number, in a training of 30 steps."""
    made, drawn, spoilt = network(), count(), 0

    def draw() -> Any:
        nonlocal spoilt
        number = next(drawn)
        if made.training and not spoilt and number >= first + step:
            spoilt = 1
            return _spoilt(number, value)
        return batch(number)

    first = 40  # batches of the linear start
    blocks = held_out() if validated else []
    learned = fit_loop(made, draw, blocks, QUANTILES, Plan(60, 3e-3), SILENT)
    if not spoilt:
        return "never injected"
    if len(learned.notes) != 1:
        return f"{len(learned.notes)} notes"
    finite = all(torch.isfinite(value).all() for value in made.state_dict().values())
    return "" if finite and learned.stopped else "weights that are no numbers"


def _always() -> str:
    """A loss that never is a number again."""
    made = network()

    def draw() -> Any:
        return _spoilt(0, float("nan")) if made.training else batch(0)

    said: list[str] = []

    class Listening(SilentMonitor):
        def say(self, message: str) -> None:
            said.append(message)

    made.eval()
    try:
        fit_loop(made, draw, held_out(), QUANTILES, Plan(60, 3e-3), Listening())
    except TrainingError as failure:
        tried = sum("learning rate" in line for line in said)
        return "" if failure.fix and tried == TRIES else f"{tried} tries"
    return "no error"


def _in_room(room: int) -> str:
    """A device that holds so many sequences of a batch."""
    before, tried = learning.learn, list[tuple[int, str]]()
    said: list[str] = []

    class Listening(SilentMonitor):
        def say(self, message: str) -> None:
            said.append(message)

    def learn(lesson: Any, *arguments: Any) -> Any:
        size = max(one.batch_size for one in lesson.sizes)
        tried.append((size, lesson.settings.device))
        if lesson.settings.device != "cpu" and size > room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return before(lesson, *arguments)

    panel, task = make_panel((300,)), Task(horizon=6, seasons=(24,), validation=24)
    settings = Settings(max_steps=2, hidden=4, members=1, batch_size=32)
    learning.learn = learn
    try:
        model = registry.create("gru", settings).fit(panel, task, panel.known_ends, Listening())
    finally:
        learning.learn = before
    expected = {16: 1, 8: 2, 4: 3, 0: 4}[room]
    notes = [note for note in getattr(model, "notes", ()) if "memory" in note]
    if len(notes) != expected or any(f"warning: {note}" not in said for note in notes):
        return f"{notes}"
    if room == 0 and tried[expected] != (32, "cpu"):
        return f"tried {tried}"
    return ""
