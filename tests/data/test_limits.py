"""Limits are said with the option that raises them."""

from __future__ import annotations

import pytest

from forecast_cli.data.limits import PLAIN, Limits
from forecast_cli.errors import DataError


def test_at_a_limit_nothing_is_refused_and_one_above_it_is() -> None:
    PLAIN.check("data.csv", rows=PLAIN.rows, columns=PLAIN.columns, series=PLAIN.series)
    with pytest.raises(DataError, match=r"data.csv: holds more than 20000 columns \(20001\)") as e:
        PLAIN.check("data.csv", columns=PLAIN.columns + 1)
    assert e.value.fix.startswith("--limits 2 doubles")


def test_all_limits_are_raised_together() -> None:
    doubled = Limits(2.0)
    for name in ("bytes", "rows", "columns", "series"):
        assert getattr(doubled, name) == 2 * getattr(PLAIN, name)
