"""The whole network: causal, blind to padding, the same from every door."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch

from forecast_cli.data.panel import Origins
from forecast_cli.data.passes import Carry, share
from forecast_cli.data.windows import Batch, Resident, Windows
from forecast_cli.networks.cells import CELLS
from forecast_cli.networks.network import Architecture, Network
from forecast_cli.networks.noise import Dropout, Noise
from tests.conftest import make_panel

CPU = torch.device("cpu")
B, N, P, H, Q = 4, 6, 3, 5, 5
FULL = Architecture(
    cell="lstm", patch=P, horizon=H, quantiles=Q, hidden=8, layers=2, highway=2, series=3,
    past=2, known=2, calendar=2, static=1, dropout=0.5, relative="mean",
)  # fmt: skip
LOCAL = replace(FULL, calendar=0, relative="last")
PLAIN = replace(FULL, layers=1, series=0, past=0, known=0, calendar=0, static=0)
ALL = pytest.mark.parametrize("architecture", [FULL, LOCAL, PLAIN], ids=["full", "local", "plain"])


def network(architecture: Architecture = FULL) -> Network:
    """Every weight different from zero, so that no part is silent."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        made = Network(architecture, Noise(0, CPU))
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
        calendar=random(B, N, FULL.calendar),
        known=random(B, N * P + H, a.known),
        phase=torch.arange(B) % P,
        identity=torch.arange(B) % (a.series + 1),
        static=random(B, a.static),
        lengths=torch.tensor([6, 1, 4, 6]),
        target=random(B, N, H),
        weight=torch.ones(B, N, H),
    )


def at_the_end(made: Network, given: Batch) -> torch.Tensor:
    """Quantiles [B, H, Q] after the last patch of each sequence."""
    return made.forecast(given, torch.arange(len(given.lengths)), given.lengths - 1)


def patches_by_loops(a: Architecture, given: Batch) -> torch.Tensor:
    """What enters with each patch, of a known series whose vector is zero, value by value."""
    rows = []
    for b in range(B):
        phase = int(given.phase[b])
        for n in range(N):
            mean = float(given.level[b, : n + 1].mean())
            last = float(given.level[b, n, -1])
            row = [0.0] * P * (1 + a.past)
            for j in range(P):
                place = (phase + j) % P  # in the cycle: the same time of day is the same place
                values = [float(given.level[b, n, j]) - (mean if a.relative == "mean" else last)]
                values += given.past[b, n, j * a.past : (j + 1) * a.past].tolist()
                row[place * len(values) : (place + 1) * len(values)] = values
            row += given.calendar[b, n, : a.calendar].tolist()
            row += [float(place == phase) for place in range(P)]
            row += given.static[b].tolist()
            rows.append(row + ([last - mean] if a.relative == "last" else []))
    return torch.tensor(rows).reshape(B, N, -1)


@ALL
def test_what_enters_stands_at_its_place_in_the_cycle(architecture: Architecture) -> None:
    made, given = network(architecture), batch(architecture)
    entered = made.patches(replace(given, identity=torch.zeros(B, dtype=torch.int64)))
    expected = patches_by_loops(architecture, given)
    width = architecture.SERIES_WIDTH if architecture.series else 0
    assert entered.shape == (B, N, expected.shape[2] + width)
    assert torch.allclose(entered[..., : expected.shape[2]], expected, atol=1e-6)
    assert entered[..., expected.shape[2] :].eq(0).all()


@pytest.mark.parametrize("cell", list(CELLS))
@ALL
def test_a_forecast_is_the_one_made_at_its_patch(cell: str, architecture: Architecture) -> None:
    a = replace(architecture, cell=cell)
    made, given = network(a), batch(a)
    median, quantiles = made(given)
    assert median.shape == (B, N, H)
    assert quantiles.shape == (B // 4, N, H, Q)
    each, position = torch.tensor([0, 2, 0, 3, 1, 0]), torch.tensor([3, 5, 0, 1, 0, 0])
    forecast = made.forecast(given, each, position)
    assert forecast.shape == (6, H, Q)
    assert torch.allclose(forecast[..., Q // 2], median[each, position], atol=1e-5)
    some = each < len(quantiles)
    assert torch.allclose(forecast[some], quantiles[each[some], position[some]], atol=1e-5)


@ALL
def test_a_pass_that_goes_on_answers_as_one_that_ends_there(architecture: Architecture) -> None:
    made, given = network(architecture), batch(architecture)
    for n in range(N):
        lengths = torch.full((B,), n + 1)
        carried = made.forecast(given, torch.arange(B), lengths - 1)
        shorter = replace(
            given,
            level=given.level[:, : n + 1],
            past=given.past[:, : n + 1],
            calendar=given.calendar[:, : n + 1],
            known=given.known[:, : (n + 1) * P + H],
            lengths=lengths,
        )
        assert torch.allclose(carried, at_the_end(made, shorter), atol=1e-5)


@ALL
def test_shared_passes_answer_as_windows_of_their_own(architecture: Architecture) -> None:
    """Every origin of three series, from the windows that a back-test gathers."""
    panel, carry = make_panel((90, 2, 75)), Carry.around(20)
    generator = torch.Generator().manual_seed(0)
    rows = Resident(
        level=torch.randn(panel.n_rows, generator=generator),
        observed=torch.ones(panel.n_rows, dtype=torch.bool),
        past=torch.randn(panel.n_rows, architecture.past, generator=generator),
        known=torch.randn(panel.n_rows, architecture.known, generator=generator),
        calendar=torch.randn(panel.n_rows, FULL.calendar, generator=generator),
        starts=torch.from_numpy(panel.starts),
        ends=torch.from_numpy(panel.ends),
        numbers=torch.tensor([0, 88, 16]),
        identity=torch.arange(3) + 1,
        static=torch.randn(3, architecture.static, generator=generator),
    )
    windows = Windows(rows, P, carry.longest, H)
    origins = Origins(panel.series_of_row, np.arange(panel.n_rows))
    made = network(architecture)

    def answers(alone: bool) -> torch.Tensor:
        apart = np.full(len(origins), alone)
        passes = share(panel, rows.numbers.numpy(), origins, P, carry, apart)
        series, last, reach, each, before_end = (
            torch.from_numpy(getattr(passes, name))
            for name in ("series", "last", "reach", "each", "before_end")
        )
        given = windows.ending_at(series, last, reach=reach)
        position = given.lengths[each] - 1 - before_end
        out = torch.empty(len(origins), H, Q)
        out[torch.from_numpy(passes.order)] = made.forecast(given, each, position)
        return out

    with torch.inference_mode():
        assert torch.allclose(answers(alone=False), answers(alone=True), atol=1e-5)


@ALL
def test_the_future_of_a_patch_reaches_none_of_its_forecasts(architecture: Architecture) -> None:
    made, given = network(architecture), batch(architecture)
    cut = 3
    late = torch.arange(cut, N)
    later = replace(
        given,
        level=given.level.index_fill(1, late, 1e6),
        past=given.past.index_fill(1, late, 1e6),
        calendar=given.calendar.index_fill(1, late, 1e6),
        known=given.known.index_fill(1, torch.arange(cut * P + H, N * P + H), 1e6),
    )
    assert torch.equal(made(given)[0][:, :cut], made(later)[0][:, :cut])
    at = torch.arange(B), torch.full((B,), cut - 1)
    assert torch.equal(made.forecast(given, *at), made.forecast(later, *at))


@pytest.mark.parametrize("poison", [1e12, float("nan")])
def test_padding_changes_no_forecast(poison: float) -> None:
    made, given = network(), batch()
    padding = torch.arange(N) >= given.lengths[:, None]  # [B, N]
    padded = replace(
        given,
        level=given.level.masked_fill(padding[..., None], poison),
        past=given.past.masked_fill(padding[..., None], poison),
    )
    assert torch.equal(at_the_end(made, padded), at_the_end(made, given))


def test_each_sequence_is_on_its_own() -> None:
    made, given = network(), batch()
    one = Batch(**{name: value[2:3] for name, value in vars(given).items()})
    assert torch.allclose(at_the_end(made, one), at_the_end(made, given)[2:3], atol=1e-5)


@ALL
def test_an_untrained_network_forecasts_the_last_value(architecture: Architecture) -> None:
    given = batch(architecture)
    median = Network(architecture, Noise(0, CPU)).eval()(given)[0]
    assert torch.allclose(median, given.level[:, :, -1:].expand(B, N, H))


def test_every_part_that_is_present_matters() -> None:
    made, given = network(), batch()
    clean = at_the_end(made, given)
    for name in ("level", "past", "calendar", "known", "static"):
        moved = replace(given, **{name: getattr(given, name) + 1.0})
        assert not torch.allclose(at_the_end(made, moved), clean), name
    relabelled = replace(given, identity=(given.identity + 1) % 4)
    assert not torch.allclose(at_the_end(made, relabelled), clean)
    turned = replace(given, phase=(given.phase + 1) % P)
    assert not torch.allclose(at_the_end(made, turned), clean)


def test_a_network_that_does_without_the_calendar_does_not_see_it() -> None:
    made, given = network(LOCAL), batch(LOCAL)
    moved = replace(given, calendar=given.calendar + 1.0)
    assert torch.equal(at_the_end(made, moved), at_the_end(made, given))


@ALL
def test_a_forecast_moves_with_the_level(architecture: Architecture) -> None:
    made, given = network(architecture), batch(architecture)
    higher = replace(given, level=given.level + 5)
    assert torch.allclose(at_the_end(made, higher), at_the_end(made, given) + 5, atol=1e-4)


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
    drawn = made.train().patches(many)
    taken = (drawn == unknown).all((1, 2))
    assert (taken | (drawn == known).all((1, 2))).all()
    assert 0.05 < taken.float().mean() < 0.15


def test_training_draws_from_the_noise_of_the_network_alone() -> None:
    given, before = batch(), torch.get_rng_state()
    one, same = network().train(), network().train()
    first = one(given)[0]
    assert torch.equal(first, same(given)[0])
    assert not torch.equal(first, one(given)[0])
    assert torch.equal(before, torch.get_rng_state())
    drawing = [m for m in deepcopy(one).modules() if isinstance(m, Dropout | Network)]
    assert [module.noise is one.noise for module in drawing] == [True] * 3


def test_the_optimizer_gets_every_trained_number_once() -> None:
    made = network()
    grouped = [p for group in made.groups() for p in group["params"]]
    assert sum(p.numel() for p in grouped) == made.n_parameters
    assert len(set(grouped)) == len(grouped)


@ALL
def test_the_linear_part_learns_slower_and_the_vectors_of_series_faster(
    architecture: Architecture,
) -> None:
    made = network(architecture)
    shares = {p: group["share"] for group in made.groups() for p in group["params"]}
    names = {name: shares[p] for name, p in made.named_parameters() if p.requires_grad}
    assert {share for name, share in names.items() if name.startswith("highway.")} == {0.2}
    vectors = {share for name, share in names.items() if name.startswith("series.")}
    assert vectors == ({3.0} if architecture.series else set())
    others = {s for name, s in names.items() if name.split(".")[0] not in ("highway", "series")}
    assert others == {1.0}
