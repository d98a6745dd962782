"""The rolling validation block: what lies in it, and that nothing else is scored."""

from __future__ import annotations

import numpy as np
import torch

from forecast_cli.data.panel import Panel
from forecast_cli.data.split import train_ends
from forecast_cli.data.windows import Resident, Windows
from forecast_cli.training.validation import MOST_ORIGINS, validation_batches
from tests.conftest import make_panel

P, N, H = 6, 4, 12


def numbered(panel: Panel) -> Windows:
    """Windows whose values are their own row numbers."""
    rows = panel.n_rows
    nothing = torch.zeros(rows, 0)
    resident = Resident(
        level=torch.arange(rows, dtype=torch.float32),
        observed=torch.from_numpy(panel.observed[:, 0]),
        past=nothing,
        known=nothing,
        calendar=nothing,
        starts=torch.from_numpy(panel.starts.copy()),
        ends=torch.from_numpy(panel.ends.copy()),
        numbers=torch.zeros(panel.n_series, dtype=torch.int64),
        identity=torch.zeros(panel.n_series, dtype=torch.int64),
        static=torch.zeros(panel.n_series, 0),
    )
    return Windows(resident, P, N, H)


def scored(windows: Windows, panel: Panel, ends: np.ndarray, until: np.ndarray) -> set[int]:
    batches = validation_batches(windows, panel, ends, until)
    return {int(row) for batch in batches for row in batch.target[batch.weight > 0]}


def test_targets_lie_in_the_block_and_all_of_it_is_scored() -> None:
    panel = make_panel((400, 300))
    until = panel.ends - 60
    ends = train_ends(panel, until, 48)
    block = np.concatenate([np.arange(ends[s], until[s]) for s in range(2)])
    assert scored(numbered(panel), panel, ends, until) == set(block)


def test_a_block_shorter_than_the_horizon_scores_what_there_is() -> None:
    panel = make_panel((100,))
    ends, until = panel.ends - 10, panel.ends - 5
    assert scored(numbered(panel), panel, ends, until) == set(range(90, 95))


def test_a_series_too_short_for_both_gives_up_no_block() -> None:
    panel = make_panel((400, 90))
    ends = train_ends(panel, panel.ends, 48)
    assert (panel.ends - ends).tolist() == [48, 0]
    assert train_ends(panel, panel.ends, 0).tolist() == panel.ends.tolist()


def test_many_origins_are_thinned_evenly() -> None:
    panel = make_panel((5000, 100))
    ends = panel.ends - np.array([4000, 40])
    batches = validation_batches(numbered(panel), panel, ends, panel.ends)
    first = torch.cat([batch.target[:, 0, 0] for batch in batches])
    assert len(first) == MOST_ORIGINS
    steps = first[first < 5000].diff()
    assert steps.max() - steps.min() <= 1


def test_without_an_observed_target_there_is_no_block() -> None:
    panel = make_panel((100,))
    panel.observed[80:] = False
    assert validation_batches(numbered(panel), panel, panel.ends - 20, panel.ends) == []
    assert validation_batches(numbered(panel), panel, panel.ends, panel.ends) == []
