"""The training loop: what it minimises, when it ends, and that the best weights stay."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch

from forecast_cli.data.windows import Batch
from forecast_cli.errors import TrainingError
from forecast_cli.monitor import SILENT, SilentMonitor
from forecast_cli.networks.network import Architecture, Network
from forecast_cli.networks.noise import Noise
from forecast_cli.training.loop import Plan, fit_loop, one_cycle, validate
from forecast_cli.training.progress import NEAR, Learned
from forecast_cli.training.start import Start

B, N, P, H, Q = 8, 4, 2, 3, 3
SMALL = Architecture(
    cell="gru", patch=P, horizon=H, quantiles=Q, hidden=8, layers=1, highway=2, series=0,
    past=0, known=0, calendar=0, static=0, dropout=0.1, relative="mean",
)  # fmt: skip
QUANTILES = torch.tensor([0.1, 0.5, 0.9])


def batch(seed: int, scale: float = 1.0) -> Batch:
    """The next value is half the last: a law to learn."""
    generator = torch.Generator().manual_seed(seed)
    level = scale * torch.randn(B, N, P, generator=generator)
    nothing = torch.zeros(B, N, 0)
    return Batch(
        level=level,
        past=nothing,
        calendar=nothing,
        known=torch.zeros(B, N * P + H, 0),
        phase=torch.arange(B) % P,
        identity=torch.zeros(B, dtype=torch.int64),
        static=torch.zeros(B, 0),
        lengths=torch.full((B,), N),
        target=(level[:, :, -1:] / 2).expand(B, N, H),
        weight=torch.ones(B, N, H),
    )


def held_out() -> list[Batch]:
    given = batch(10_000)
    return [replace(given, target=given.target[:, -1:], weight=given.weight[:, -1:])]


def network(architecture: Architecture = SMALL, device: str = "cpu") -> Network:
    at = torch.device(device)
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        return Network(architecture, Noise(0, at)).to(at)


def trained(plan: Plan, validation: list[Batch], monitor: SilentMonitor = SILENT):  # type: ignore[no-untyped-def]
    made, seeds = network(), count()
    learned = fit_loop(made, lambda: batch(next(seeds)), validation, QUANTILES, plan, monitor)
    return made, learned


def test_validation_is_the_loss_of_what_the_network_says_after_each_last_patch() -> None:
    made = network().eval()
    torch.nn.init.normal_(made.change.linear.weight, generator=torch.Generator().manual_seed(0))
    given = replace(batch(1), lengths=torch.arange(B) % N + 1)
    some = torch.arange(B)
    weight = (torch.rand(B, 1, H, generator=torch.Generator().manual_seed(2)) < 0.7).float()
    at = given.lengths - 1
    last = replace(given, target=given.target[some, at][:, None], weight=weight)
    total = count_of = 0.0
    for b in range(B):  # one sequence at a time, without its padding
        n = int(given.lengths[b])
        alone = Batch(**{name: value[b : b + 1] for name, value in vars(given).items()})
        alone = replace(alone, level=alone.level[:, :n], known=alone.known[:, : n * P + H],
                        past=alone.past[:, :n], calendar=alone.calendar[:, :n])  # fmt: skip
        _, forecast = made(alone)  # [1, n, H, Q]
        error = (last.target[b, 0, :, None] - forecast[0, -1]).detach()  # [H, Q]
        pinball = torch.maximum(QUANTILES * error, (QUANTILES - 1) * error)
        total += float((2 * pinball.mean(1) * weight[b, 0]).sum())
        count_of += float(weight[b].sum())
    halves = [
        Batch(**{name: value[cut] for name, value in vars(last).items()})
        for cut in (slice(0, 3), slice(3, B))
    ]
    assert validate(made, halves, QUANTILES) == pytest.approx(total / count_of, rel=1e-5)


def test_the_learning_rate_rises_then_falls_to_almost_nothing() -> None:
    rates = [one_cycle(p) for p in np.linspace(0, 1, 101)]
    peak = int(np.argmax(rates))
    assert rates[0] < 0.1
    assert rates[peak] == pytest.approx(1, abs=0.01)
    assert np.all(np.diff(rates[:peak]) > 0)
    assert np.all(np.diff(rates[peak:]) < 0)
    assert rates[-1] < 0.01


def test_training_learns_and_keeps_the_best_weights() -> None:
    made, learned = trained(Plan(steps=120, learning_rate=1e-2), held_out())
    losses = [row["val_loss"] for row in learned.history]
    assert learned.best_loss == min(losses)
    assert validate(made, held_out(), QUANTILES) == pytest.approx(learned.best_loss, rel=1e-6)
    assert learned.best_loss < 0.5 * validate(network().eval(), held_out(), QUANTILES)
    assert not made.training


def test_the_best_weights_are_restored_and_not_the_last() -> None:
    """The validation block wants the opposite of what is trained: the first check is best."""
    contrary = [replace(b, target=-b.target) for b in held_out()]
    made, learned = trained(Plan(steps=60, learning_rate=1e-2, checks=60, patience=5), contrary)
    losses = [row["val_loss"] for row in learned.history]
    assert losses[-1] > min(losses)
    assert validate(made, contrary, QUANTILES) == pytest.approx(min(losses), rel=1e-6)
    assert learned.steps < 60
    assert learned.stopped == "no gain on the validation block"


def test_without_validation_all_steps_are_taken() -> None:
    _, learned = trained(Plan(steps=25, learning_rate=1e-3), [])
    assert learned.steps == 25
    assert learned.best_loss is None
    assert learned.stopped == "all 25 steps done"
    assert learned.enough == 25
    assert all("val_loss" not in row for row in learned.history)


def test_without_validation_the_linear_start_is_the_one_of_the_plan() -> None:
    given = Start("last", 0.01)
    _, learned = trained(Plan(steps=1, learning_rate=1e-3, start=given), [])
    assert learned.start == given
    made, learned = trained(Plan(1, 1e-3, start=Start("none", 0.0)), [])
    assert learned.start == Start("none", 0.0)
    assert made.highway.linear.weight.abs().max() <= 1e-3  # one step from zero


def test_a_plan_without_steps_keeps_the_linear_start() -> None:
    made, learned = trained(Plan(steps=0, learning_rate=1e-3), [])
    assert learned.steps == 0
    assert made.highway.linear.weight.abs().max() > 0
    assert made.change.linear.weight.eq(0).all()
    assert not made.training


def test_the_start_that_was_chosen_is_told() -> None:
    _, learned = trained(Plan(steps=1, learning_rate=1e-3), held_out())
    assert learned.start.guess != "none"
    assert learned.start.penalty < 0.01  # a law without noise


@pytest.mark.parametrize(
    ("losses", "enough"),
    [
        ([9.0, 2.0, 1.0, 0.99 * NEAR, 1.01 * NEAR], 30),  # rises again
        ([9.0, 2.0, 1.0, 2.0, 0.99 * NEAR], 40),  # near to the end
        ([1.0, 0.99 * NEAR, 2.0], 0),  # nothing beats the linear start
    ],
)
def test_steps_are_enough_up_to_the_last_validation_near_the_best(
    losses: list[float], enough: int
) -> None:
    history = [{"step": 10.0 * k, "val_loss": loss} for k, loss in enumerate(losses)]
    assert Learned(history, steps=40, best_loss=min(losses)).enough == enough


def test_time_ends_training_with_the_learning_rate_down() -> None:
    began = time.perf_counter()
    _, learned = trained(Plan(steps=10**6, learning_rate=1e-3, seconds=0.5), held_out())
    assert time.perf_counter() - began < 20
    assert learned.stopped == "time was up"
    assert learned.history[-1]["lr"] < 2e-4
    assert learned.best_loss is not None


def test_a_stop_request_ends_training_with_the_best_so_far() -> None:
    class Impatient(SilentMonitor):
        done = 0.0

        def update(self, done: float, note: str = "") -> None:
            self.done = done

        def stop_requested(self) -> bool:
            return self.done >= 7

    made, learned = trained(Plan(steps=1000, learning_rate=1e-3), held_out(), Impatient())
    assert learned.steps == 7
    assert learned.stopped == "stopped by the user"
    assert validate(made, held_out(), QUANTILES) == pytest.approx(learned.best_loss, rel=1e-6)


def test_the_linear_start_is_a_candidate_for_the_best_weights() -> None:
    made, learned = trained(Plan(steps=10, learning_rate=1.0, checks=10), held_out())
    first, *later = learned.history
    assert first["step"] == 0
    assert first.keys() == {"step", "val_loss", "lr", "seconds"}
    assert all(row["val_loss"] > first["val_loss"] for row in later)
    assert learned.best_loss == first["val_loss"]
    assert validate(made, held_out(), QUANTILES) == pytest.approx(first["val_loss"], rel=1e-6)


def test_a_stop_request_before_the_first_step_keeps_the_linear_start() -> None:
    class Gone(SilentMonitor):
        def stop_requested(self) -> bool:
            return True

    made, learned = trained(Plan(steps=1000, learning_rate=1e-3), held_out(), Gone())
    assert learned.steps == 0
    assert learned.stopped == "stopped by the user"
    assert made.highway.linear.weight.abs().max() > 0
    assert validate(made, held_out(), QUANTILES) == pytest.approx(learned.best_loss, rel=1e-6)


def test_the_linear_start_takes_a_share_of_the_seconds() -> None:
    drawn = count()

    def slow() -> Batch:
        time.sleep(0.05)
        return batch(next(drawn))

    learned = fit_loop(network(), slow, held_out(), QUANTILES, Plan(10**6, 1e-3, 0.8), SILENT)
    assert learned.stopped == "time was up"
    assert learned.steps >= 3
    assert next(drawn) - learned.steps <= 5  # a quarter of .8 s holds four draws


def test_a_loss_that_is_no_number_is_an_error_with_a_fix() -> None:
    made = network()
    with torch.no_grad():
        made.change.linear.bias.fill_(float("nan"))
    with pytest.raises(TrainingError, match="no longer a number") as caught:
        fit_loop(made, lambda: batch(0), [], QUANTILES, Plan(5, 1e-3), SILENT)
    assert "--learning-rate" in caught.value.fix


def test_progress_is_told_with_the_loss() -> None:
    notes: list[tuple[float, str]] = []

    class Listening(SilentMonitor):
        def update(self, done: float, note: str = "") -> None:
            notes.append((done, note))

    trained(Plan(steps=30, learning_rate=1e-3, checks=3), held_out(), Listening())
    assert [done for done, _ in notes] == list(range(1, 31))
    assert all(note.startswith("loss 0.") for _, note in notes)  # from the first step on
