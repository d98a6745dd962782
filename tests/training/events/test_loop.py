"""The training loop of events: what is kept, when it ends, and what ranks."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from forecast_cli.errors import TrainingError
from forecast_cli.events import EventTask
from forecast_cli.monitor import SILENT, SilentMonitor
from forecast_cli.networks.events.inputs import EventInputs
from forecast_cli.networks.events.network import EventArchitecture, EventNetwork
from forecast_cli.networks.events.passes import Reach
from forecast_cli.networks.noise import Noise
from forecast_cli.training.events.batches import Sequences
from forecast_cli.training.events.loop import (
    EventPlan,
    answers,
    fit_events,
    loss_of,
)
from tests.events import random_histories

CPU = torch.device("cpu")
PLAN = EventPlan(steps=40, batch_size=8, learning_rate=1e-2, checks=8)


def test_the_loss_is_the_same_for_one_output_and_for_two() -> None:
    z, labels, weight = torch.randn(9, 1), torch.arange(9) % 2, torch.rand(9)
    two = torch.cat([torch.zeros(9, 1), z], dim=1)
    torch.testing.assert_close(loss_of(z, labels, weight), loss_of(two, labels, weight))


def _setting(signal: float) -> tuple[Sequences, EventNetwork]:
    panel, examples = random_histories(40, seed=0, signal=signal, shortest=3)
    task = EventTask("entity", "died")
    inputs = EventInputs.learn(panel, task, examples.moments)
    whole = Sequences(panel, inputs, examples.moments, Reach(), CPU, examples.labels)
    torch.manual_seed(0)
    shape = EventArchitecture(
        "gru",
        2,
        whole.resident.rows.shape[1],
        whole.resident.wide.shape[1],
        whole.resident.static.shape[1],
        hidden=8,
    )
    return whole, EventNetwork(shape, Noise(0, CPU))


def test_the_best_weights_are_kept_and_the_history_tells_of_them() -> None:
    whole, network = _setting(signal=1.0)
    learn, hold = whole.part(np.arange(30)), whole.part(np.arange(30, 40))
    learned = fit_events(network, learn, hold, PLAN, 0, SILENT)
    assert learned.score == max(row["average_precision"] for row in learned.history)
    found = average_precision_score(whole.labels[30:], answers(network, hold)[:, 0])
    assert found == pytest.approx(learned.score)
    assert learned.steps == learned.history[-1]["step"]


def test_a_request_to_stop_keeps_what_there_is() -> None:
    class Stop(SilentMonitor):
        def stop_requested(self) -> bool:
            return True

    whole, network = _setting(signal=1.0)
    part = whole.part(np.arange(30))
    learned = fit_events(network, part, part, PLAN, 0, Stop())
    assert learned.ended
    assert learned.steps == 1
    assert not network.training


def test_a_loss_that_is_no_number_ends_in_an_error() -> None:
    whole, network = _setting(signal=1.0)
    whole.resident.rows[:] = math.nan
    part = whole.part(np.arange(30))
    with pytest.raises(TrainingError, match="no longer a number"):
        fit_events(network, part, part, PLAN, 0, SILENT)


def test_a_batch_holds_each_pass_with_its_own_answers() -> None:
    whole, _ = _setting(signal=0.0)
    part = whole.part(np.array([4, 17, 30]))
    batch, asked = part.batch(np.array([2, 0]))
    numbers = part.some[asked]
    np.testing.assert_array_equal(batch.labels.numpy(), whole.labels[numbers])
    assert batch.rows.shape[1] == int(batch.lengths.max())
    for k, number in enumerate(numbers):
        last = whole._moments.rows[number]
        row = batch.rows[batch.each[k], batch.at[k]]
        torch.testing.assert_close(row, whole.resident.rows[last])
