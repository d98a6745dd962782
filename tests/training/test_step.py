"""The training step: its losses, its parts, and that nothing in it waits for the device."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch

from forecast_cli.data.windows import Batch, Resident, Sampler, Windows
from forecast_cli.networks.network import Network
from forecast_cli.networks.noise import Noise
from forecast_cli.training import step as module
from forecast_cli.training.adam import Adam
from forecast_cli.training.loop import Plan, validate
from forecast_cli.training.step import Step, median_loss, pinball_loss
from tests.training.test_loop import QUANTILES, SMALL, B, H, N, P, batch, network

PLAN = Plan(steps=1, learning_rate=1e-2)


def still() -> Network:
    """Without dropout, so that a step is a function of its batch."""
    made = network(replace(SMALL, dropout=0.0))
    torch.nn.init.normal_(made.change.linear.weight, generator=torch.Generator().manual_seed(0))
    return made.train()


def gradients(made: Network) -> torch.Tensor:
    return torch.cat([p.grad.flatten() for p in made.parameters() if p.grad is not None])


def weights(made: Network) -> torch.Tensor:
    return torch.cat([p.detach().flatten().clone() for p in made.parameters()])


def test_the_pinball_loss_is_that_of_the_definition() -> None:
    rng = np.random.default_rng(0)
    y, f = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4, 3))
    seen = rng.random((2, 3, 4)) < 0.7
    total = [
        2 * max(q * (y[i] - f[(*i, k)]), (q - 1) * (y[i] - f[(*i, k)]))
        for i in zip(*np.nonzero(seen), strict=True)
        for k, q in enumerate((0.1, 0.5, 0.9))
    ]
    loss = pinball_loss(
        torch.from_numpy(f), torch.from_numpy(y), torch.from_numpy(seen).double(), QUANTILES
    )
    assert float(loss) == pytest.approx(np.mean(total), rel=1e-6)


def test_the_median_loss_is_the_mean_absolute_error_of_what_was_observed() -> None:
    y, f = torch.tensor([[[1.0, 5.0]]]), torch.tensor([[[3.0, 9.0]]])
    assert median_loss(f, y, torch.tensor([[[1.0, 0.0]]])) == 2.0


def test_a_batch_without_targets_costs_nothing() -> None:
    nothing = torch.zeros(1, 1, 2)
    assert median_loss(torch.ones(1, 1, 2), nothing, nothing) == 0


@pytest.mark.parametrize("parts", [1, 2])
def test_parts_have_the_gradient_and_the_losses_of_the_whole(
    parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = batch(0)
    generator = torch.Generator().manual_seed(1)
    weight = (torch.rand(B, N, H, generator=generator) < 0.4).float()
    weight[1::2, 1:] = 0  # the parts count unequally
    given = replace(given, weight=weight)
    whole = still()
    median, forecast = whole(given)
    some = len(forecast)
    pinball = pinball_loss(forecast, given.target[:some], weight[:some], QUANTILES)
    loss = median_loss(median, given.target, weight) + pinball
    loss.backward()

    monkeypatch.setattr(module, "parts_of", lambda *_: parts)
    made = still()
    step = Step(made, lambda: given, QUANTILES, replace(PLAN, clip=1e9))
    step()
    torch.testing.assert_close(gradients(made), gradients(whole), rtol=1e-4, atol=1e-7)
    assert step.take_losses(1) == pytest.approx([loss.item(), pinball.item()], rel=1e-5)


def test_the_gradient_is_clipped() -> None:
    made = network()
    Step(made, lambda: batch(0, scale=1e6), QUANTILES, replace(PLAN, clip=0.5))()
    assert float(gradients(made).norm()) == pytest.approx(0.5, rel=1e-4)


def test_the_running_mean_is_a_plain_mean_first_then_forgets() -> None:
    made, seeds = network(), count()
    step = Step(made, lambda: batch(next(seeds)), QUANTILES, replace(PLAN, memory=3))
    seen = []
    for _ in range(4):
        step()
        seen.append(weights(made))
    third = torch.stack(seen[:3]).mean(0)
    torch.testing.assert_close(weights(step.mean), third + (seen[3] - third) / 3)
    assert not step.mean.training


def test_losses_are_those_since_they_were_taken() -> None:
    step = Step(still(), lambda: batch(0), QUANTILES, PLAN)
    step()
    first = step.take_losses(1)
    step()
    step()
    assert step.take_losses(2)[0] < first[0]


def test_the_told_loss_is_that_of_the_validation_and_not_the_minimised_one() -> None:
    made, given = still(), batch(0)
    quarter = Batch(**{name: value[: B // 4] for name, value in vars(given).items()})
    last = replace(quarter, target=quarter.target[:, -1:], weight=quarter.weight[:, -1:])
    only_last = replace(given, weight=torch.zeros(B, N, H).index_fill(1, torch.tensor(N - 1), 1.0))
    expected = validate(made.eval(), [last], QUANTILES)
    step = Step(made.train(), lambda: only_last, QUANTILES, PLAN)
    step()
    minimised, told = step.take_losses(1)
    assert told == pytest.approx(expected, rel=1e-5)
    assert minimised > told


def test_bfloat16_is_close_and_its_weights_stay_float32() -> None:
    exact, rough = still(), still()
    Step(exact, lambda: batch(0), QUANTILES, PLAN)()
    Step(rough, lambda: batch(0), QUANTILES, replace(PLAN, precision="bfloat16"))()
    a, b = gradients(exact), gradients(rough)
    assert 0 < float((a - b).norm() / a.norm()) < 0.1
    assert {p.dtype for p in rough.parameters()} == {torch.float32}


def on_meta(rows: Resident) -> Resident:
    return Resident(**{name: value.to("meta") for name, value in vars(rows).items()})


class Unseeded(Noise):
    """There are no generators for the meta device."""

    def kept(self, shape: tuple[int, ...], drop: float) -> torch.Tensor:
        return torch.empty(shape, device="meta").bernoulli_(1 - drop)


@pytest.mark.parametrize("relative", ["mean", "last"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_nothing_in_a_step_is_read_by_the_host(
    cell: str, relative: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tensors of the meta device have shapes and no values: whoever asks for one fails."""
    length = 50
    rows = Resident(
        level=torch.zeros(2 * length), observed=torch.ones(2 * length, dtype=torch.bool),
        past=torch.zeros(2 * length, 1), known=torch.zeros(2 * length, 2),
        calendar=torch.zeros(2 * length, 2), starts=torch.tensor([0, length]),
        ends=torch.tensor([length, 2 * length]), numbers=torch.tensor([0, 7]),
        identity=torch.tensor([1, 2]),
        static=torch.zeros(2, 1),
    )  # fmt: skip
    sampler = Sampler(Windows(rows, P, N, H), rows.ends, B, seed=0)
    sampler.windows = replace(sampler.windows, rows=on_meta(rows))
    sampler.ends, sampler.upto = sampler.ends.to("meta"), sampler.upto.to("meta")
    sampler.generator = None  # there is none for this device
    shape = replace(
        SMALL, cell=cell, relative=relative, layers=2, series=2, past=1, known=2, static=1,
        calendar=2 if relative == "mean" else 0,
    )  # fmt: skip
    steps = []
    monkeypatch.setattr(Adam, "step", lambda self: steps.append(self.steps.add_(1)))  # a kernel
    made = Network(shape, Unseeded(0, torch.device("cpu"))).to("meta")
    step = Step(made, sampler.draw, QUANTILES.to("meta"), PLAN)
    step()
    step.optimizer.set_rate(0.5)
    step()
    assert len(steps) == 2
    with pytest.raises((NotImplementedError, RuntimeError), match="meta"):
        step.take_losses(2)
