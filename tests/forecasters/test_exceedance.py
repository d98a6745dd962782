"""The probability of a value above a threshold, read off quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from forecast_cli.forecasters.exceedance import probability_above

GRID = (0.1, 0.5, 0.9)


def above(values: list[float], threshold: float, quantiles: tuple[float, ...] = GRID) -> float:
    return float(probability_above(np.array([[values]]), quantiles, np.array([threshold]))[0, 0])


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (10.0, 0.5),  # the median itself
        (5.0, 0.7),  # half way between .1 and .5
        (20.0, 0.1),
        (22.0, 0.02),  # the tail goes on with the slope of its last piece ...
        (22.5, 0.0),
        (1e9, 0.0),  # ... and is bounded
        (-2.5, 1.0),
        (-1e9, 1.0),
    ],
)
def test_the_probability_is_read_off_the_linear_quantile_function(
    threshold: float, expected: float
) -> None:
    assert above([0.0, 10.0, 20.0], threshold) == pytest.approx(expected)


def test_a_certain_forecast_is_certain_except_at_its_own_value() -> None:
    assert above([3.0, 3.0, 3.0], 2.9) == 1
    assert above([3.0, 3.0, 3.0], 3.1) == 0
    assert above([3.0, 3.0, 3.0], 3.0) == 0.5


def test_equal_quantiles_at_the_threshold_count_with_the_middle_of_their_levels() -> None:
    assert above([0.0, 0.0, 5.0], 0.0) == pytest.approx(0.7)
    assert above([0.0, 5.0, 5.0], 6.0) == 0


def test_the_median_alone_says_yes_no_or_even() -> None:
    assert [above([1.0], t, (0.5,)) for t in (0.0, 1.0, 2.0)] == [1, 0.5, 0]


def test_an_unknown_origin_has_no_probability() -> None:
    assert np.isnan(above([0.0, 1.0, 2.0], np.nan))


def test_on_a_fine_grid_it_is_the_normal_law_that_made_the_quantiles() -> None:
    levels = tuple(np.round(np.linspace(0.005, 0.995, 199), 4))
    values = list(norm.ppf(levels))
    for threshold in (-2.0, -0.3, 0.0, 1.1, 2.4):
        assert above(values, threshold, levels) == pytest.approx(norm.sf(threshold), abs=1e-3)


@given(
    values=arrays(float, (2, 3, 5), elements=st.floats(-10, 10)),
    threshold=arrays(float, 2, elements=st.floats(-12, 12)),
    more=st.floats(0, 5),
)
def test_probabilities_are_bounded_and_fall_as_the_threshold_rises(
    values: np.ndarray, threshold: np.ndarray, more: float
) -> None:
    grid = (0.025, 0.1, 0.5, 0.9, 0.975)
    values = np.sort(values, axis=2)
    low = probability_above(values, grid, threshold)
    high = probability_above(values, grid, threshold + more)
    assert ((low >= 0) & (low <= 1)).all()
    assert (high <= low + 1e-9).all()
