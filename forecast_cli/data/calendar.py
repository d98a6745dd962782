"""Calendar features: what is known of a time before it comes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from forecast_cli.clock import Clock
from forecast_cli.data.panel import Ints


def calendar_names(clock: Clock) -> tuple[str, ...]:
    """The K features that make sense at this frequency; none where time is a plain step."""
    raise NotImplementedError


def calendar_features(times: Ints, clock: Clock) -> npt.NDArray[np.float32]:
    """[rows, K] sine and cosine of the position in day, week and year, in local time."""
    raise NotImplementedError
