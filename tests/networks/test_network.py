"""The whole network: causal, blind to padding, the same from every door."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from forecast_cli.data.windows import Batch
from forecast_cli.networks.cells import CELLS
from forecast_cli.networks.network import Architecture, Network

B, N, P, H, Q = 4, 6, 3, 5, 5
FULL = Architecture(
    cell="lstm", patch=P, horizon=H, quantiles=Q, hidden=8, layers=2, highway=2, series=3,
    past=2, known=2, calendar=2, static=1, dropout=0.5,
)  # fmt: skip
PLAIN = replace(FULL, layers=1, series=0, past=0, known=0, calendar=0, static=0)


def network(architecture: Architecture = FULL) -> Network:
    """Every weight different from zero, so that no part is silent."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        made = Network(architecture)
        with torch.no_grad():
            for parameter in made.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.2 * torch.randn_like(parameter))
            if made.series is not None:
                made.series.weight[0] = 0
    return made.eval()


def batch(a: Architecture = FULL, seed: int = 0) -> Batch:
    generator = torch.Generator().manual_seed(seed)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    return Batch(
        level=random(B, N, P),
        past=random(B, N, P * a.past),
        calendar=random(B, N, a.calendar),
        known=random(B, N * P + H, a.known),
        identity=torch.arange(B) % (a.series + 1),
        static=random(B, a.static),
        lengths=torch.tensor([6, 1, 4, 6]),
        target=random(B, N, H),
        weight=torch.ones(B, N, H),
    )


@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("architecture", [FULL, PLAIN], ids=["full", "plain"])
def test_the_forecast_is_the_one_made_at_the_last_patch(
    cell: str, architecture: Architecture
) -> None:
    a = replace(architecture, cell=cell)
    made, given = network(a), batch(a)
    median, quantiles = made(given)
    last = made.forecast(given)
    each = torch.arange(B)
    assert last.shape == (B, H, Q)
    assert torch.allclose(last[..., Q // 2], median[each, given.lengths - 1], atol=1e-5)
    some = len(quantiles)
    assert torch.allclose(last[:some], quantiles[each[:some], given.lengths[:some] - 1], atol=1e-5)


def test_the_future_of_a_patch_reaches_none_of_its_forecasts() -> None:
    made, given = network(), batch()
    cut = 3
    later = replace(
        given,
        level=given.level.clone().index_fill(1, torch.arange(cut, N), 1e6),
        past=given.past.clone().index_fill(1, torch.arange(cut, N), 1e6),
        calendar=given.calendar.clone().index_fill(1, torch.arange(cut, N), 1e6),
    )
    assert torch.equal(made(given)[0][:, :cut], made(later)[0][:, :cut])


@pytest.mark.parametrize("poison", [1e12, float("nan")])
def test_padding_changes_no_forecast(poison: float) -> None:
    made, given = network(), batch()
    padding = torch.arange(N) >= given.lengths[:, None]  # [B, N]
    padded = replace(
        given,
        level=given.level.masked_fill(padding[..., None], poison),
        past=given.past.masked_fill(padding[..., None], poison),
    )
    assert torch.equal(made.forecast(padded), made.forecast(given))


def test_each_sequence_is_on_its_own() -> None:
    made, given = network(), batch()
    one = Batch(**{name: value[2:3] for name, value in vars(given).items()})
    assert torch.allclose(made.forecast(one), made.forecast(given)[2:3], atol=1e-5)


def test_an_untrained_network_forecasts_the_last_value() -> None:
    given = batch(PLAIN)
    median = Network(PLAIN).eval()(given)[0]
    assert torch.allclose(median, given.level[:, :, -1:].expand(B, N, H))


def test_every_part_that_is_present_matters() -> None:
    made, given = network(), batch()
    clean = made.forecast(given)
    for name in ("level", "past", "calendar", "known", "static"):
        moved = replace(given, **{name: getattr(given, name) + 1.0})
        assert not torch.allclose(made.forecast(moved), clean), name
    relabelled = replace(given, identity=(given.identity + 1) % 4)
    assert not torch.allclose(made.forecast(relabelled), clean)


def test_an_unknown_series_has_a_vector_of_zeros_that_is_never_trained() -> None:
    made, given = network(), batch()
    assert made.series is not None
    made(replace(given, identity=torch.zeros(B, dtype=torch.int64)))[0].sum().backward()
    assert made.series.weight[0].eq(0).all()
    assert made.series.weight.grad is not None
    assert made.series.weight.grad[0].eq(0).all()


def test_some_sequences_are_trained_as_if_their_series_were_unknown() -> None:
    made, given = network(replace(FULL, dropout=0.0)), batch()
    first = {name: value[:1].repeat_interleave(400, dim=0) for name, value in vars(given).items()}
    many = Batch(**first | {"identity": torch.ones(400, dtype=torch.int64)})
    known, unknown = (made.patches(replace(many, identity=many.identity * k)) for k in (1, 0))
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        drawn = made.train().patches(many)
    taken = (drawn == unknown).all((1, 2))
    assert (taken | (drawn == known).all((1, 2))).all()
    assert 0.05 < taken.float().mean() < 0.15


def test_the_optimizer_gets_every_trained_number_once() -> None:
    made = network()
    grouped = [p for group in made.groups() for p in group["params"]]
    assert sum(p.numel() for p in grouped) == made.n_parameters
    assert len(set(grouped)) == len(grouped)
