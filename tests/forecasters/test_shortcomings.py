"""What a forecast says of itself: each kind of shortcoming, counted where it was met."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecast_cli.config import Settings
from forecast_cli.data.panel import Ints, Origins, Panel
from forecast_cli.data.passes import Carry, share
from forecast_cli.forecasters.shortcomings import shortcomings
from forecast_cli.networks.inputs import Inputs
from forecast_cli.networks.sizes import choose
from forecast_cli.task import Task
from tests.conftest import make_panel
from tests.networks.test_inputs import multiplicative

HORIZON = 6
CONTEXT = 48  # two patches: too few to be shared by neighbouring origins


def lines(
    panel: Panel, origins: Origins, learned: Panel | None = None, context: int = CONTEXT
) -> tuple[str, ...]:
    """The shortcomings of a network that saw ``learned``, or the panel, but for its end."""
    seen = panel if learned is None else learned
    inputs = Inputs.learn(seen, seen.ends - 60, season=24)
    task = Task(HORIZON, (24,))
    members = choose(task, seen.lengths - 60, Settings(patch=24, context=context))
    return shortcomings(panel, origins, inputs.units(panel, origins), inputs, members, HORIZON)


def before_end(panel: Panel, back: int) -> Origins:
    return Origins(np.arange(panel.n_series), panel.ends - 1 - back)


def holed(panel: Panel, rows: Ints, channel: int = 0) -> Panel:
    """The panel without the values of a channel in some rows."""
    values = panel.values.copy()
    values[rows, channel] = np.nan
    return replace(panel, values=values, observed=np.isfinite(values))


def test_clean_data_have_none() -> None:
    panel = make_panel(covariates=("past", "future"))
    assert lines(panel, before_end(panel, HORIZON)) == ()


def test_origins_without_a_past_are_counted() -> None:
    panel = make_panel()
    empty = replace(holed(panel, np.arange(panel.ends[0])), ids=("new", "s1", "s2"))
    told = lines(empty, before_end(panel, HORIZON), learned=panel)
    assert told == ("no forecast from 1 origin without any past",)


def test_gaps_are_told_where_the_context_has_them_and_training_had_none() -> None:
    panel = make_panel()
    gap = holed(panel, panel.ends[:2] - 30)
    told = (
        "gaps in the context of 2 origins were carried over as if observed: "
        "there was no gap to learn from in training",
    )
    assert lines(gap, before_end(panel, 6)) == told
    assert lines(gap, before_end(panel, 29)) == told
    assert lines(gap, before_end(panel, 30)) == ()
    earlier = holed(panel, panel.ends[:2] - 1 - 6 - CONTEXT)  # the row before the context
    assert lines(earlier, before_end(panel, 6)) == ()
    assert lines(gap, before_end(panel, 6), learned=make_panel(missing=0.1)) == ()


def test_a_gap_is_in_the_context_of_the_origins_whose_pass_reads_it() -> None:
    panel = make_panel((24 * 50,))
    gap = panel.ends[0] - 24 * 15
    rows = np.arange(24 * 20, panel.ends[0] - HORIZON)
    origins = Origins(np.zeros_like(rows), rows)
    carry = Carry.around(18)
    numbers = panel.clock.index(panel.times[panel.starts])
    passes = share(panel, numbers, origins, 24, carry, np.zeros(len(rows), dtype=bool))
    begins = passes.last + 1 - 24 * passes.reach
    expected = int(((begins[passes.each] <= gap) & (gap <= rows[passes.order])).sum())
    assert carry.carried > 1
    told = lines(holed(panel, gap), origins, learned=panel, context=18 * 24)
    assert told[0].startswith(f"gaps in the context of {expected} origins")


def test_missing_covariates_of_the_future_are_counted_once() -> None:
    panel = make_panel(covariates=("future",))
    missing = holed(panel, panel.ends - 1, channel=1)
    several = Origins(np.repeat(np.arange(3), 2), np.repeat(panel.ends, 2) - 4)
    told = ('3 missing values of "future" covariates were carried forward',)
    assert lines(missing, several) == told
    assert lines(missing, before_end(panel, HORIZON + 1)) == ()


def test_values_below_the_floor_of_a_logarithm_are_counted_up_to_the_origin() -> None:
    panel = multiplicative()
    values = panel.values.copy()
    values[panel.ends[:3] - 20] = 0.0
    low = replace(panel, values=values)
    told = (
        "3 values under half of a series' smallest in training entered as that half: "
        "the network reads logarithms",
    )
    assert lines(low, before_end(low, 6)) == told
    assert lines(low, before_end(low, 20)) == ()
    assert lines(low, Origins(np.array([1]), panel.ends[[1]] - 2))[0].startswith("1 value under")
