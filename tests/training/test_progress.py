"""A training that is interrupted anywhere and taken up again ends as if it had not been."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from forecast_cli.data.windows import Batch
from forecast_cli.errors import TrainingError
from forecast_cli.monitor import SILENT, SilentMonitor
from forecast_cli.networks.network import Network
from forecast_cli.training.checkpoint import Arrays, Keeper, Values
from forecast_cli.training.loop import Plan, fit_loop
from forecast_cli.training.progress import Learned
from tests.training.test_loop import QUANTILES, batch, held_out, network

PLAN = Plan(steps=30, learning_rate=3e-3, checks=5)


class Memory:
    """Checkpoints in memory, due after every step."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Arrays, Values]] = {}

    def due(self, key: str) -> bool:
        return True

    def save(self, key: str, arrays: Arrays, values: Values) -> None:
        self.kept[key] = ({n: a.copy() for n, a in arrays.items()}, dict(values))

    def load(self, key: str) -> tuple[Arrays, Values] | None:
        return self.kept.get(key)


class Killed(SilentMonitor):
    """Ends the process, as it were, after so many steps."""

    def __init__(self, after: int) -> None:
        self.after = after

    def update(self, done: float, note: str = "") -> None:
        if done > self.after:
            raise SystemExit


def learned(
    checkpoints: Memory, monitor: Any = SILENT, *, validated: bool = True, recipe: str = "a"
) -> tuple[Network, Learned]:
    made = network()
    generator = torch.Generator().manual_seed(5)

    def draw() -> Batch:
        return batch(int(torch.randint(1000, (1,), generator=generator)))

    blocks = held_out() if validated else []
    keeper = Keeper(checkpoints, "validated-0", recipe)
    generators = (generator, made.noise.generator)
    return made, fit_loop(made, draw, blocks, QUANTILES, PLAN, monitor, generators, keeper)


def same(one: Network, other: Network) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(a.numpy().tobytes() == b.numpy().tobytes() for a, b in pairs)


@pytest.mark.parametrize("validated", [True, False])
def test_a_training_taken_up_after_any_step_learns_the_same_bytes(validated: bool) -> None:
    whole, once = learned(Memory(), validated=validated)
    for after in range(1, 26):
        checkpoints = Memory()
        with pytest.raises(SystemExit):
            learned(checkpoints, Killed(after), validated=validated)
        again, twice = learned(checkpoints, validated=validated)
        assert same(whole, again), after
        assert [row["step"] for row in twice.history] == [row["step"] for row in once.history]
        assert (twice.best_loss, twice.steps) == (once.best_loss, once.steps)
        assert [row.get("loss") for row in twice.history] == [r.get("loss") for r in once.history]


def test_a_training_that_was_over_is_not_done_again() -> None:
    checkpoints = Memory()
    whole, once = learned(checkpoints)
    again, twice = learned(checkpoints, Killed(after=0))
    assert same(whole, again)
    assert twice == once


def test_what_another_recipe_left_is_passed_over() -> None:
    checkpoints = Memory()
    with pytest.raises(SystemExit):
        learned(checkpoints, Killed(10))
    with pytest.raises(SystemExit):
        learned(checkpoints, Killed(0), recipe="b")
    assert checkpoints.kept["validated-0"][1]["learned"]["steps"] == 10


def test_the_seconds_that_were_spent_count() -> None:
    checkpoints = Memory()
    with pytest.raises(SystemExit):
        learned(checkpoints, Killed(10))
    arrays, values = checkpoints.kept["validated-0"]
    checkpoints.kept["validated-0"] = arrays, {**values, "seconds": 1000.0}
    _, twice = learned(checkpoints)
    assert twice.history[-1]["seconds"] > 1000


def test_arrays_of_another_shape_are_an_error_with_a_fix() -> None:
    checkpoints = Memory()
    with pytest.raises(SystemExit):
        learned(checkpoints, Killed(10))
    arrays, values = checkpoints.kept["validated-0"]
    checkpoints.kept["validated-0"] = {**arrays, "sums": arrays["sums"][:1]}, values
    with pytest.raises(TrainingError, match="does not fit") as caught:
        learned(checkpoints)
    assert "--resume" in caught.value.fix
