"""Every model by name. To add one: write its file, add one entry here; the tests find it.

Entries are strings, so that listing models or printing help imports no model.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from forecast_cli.config import Settings
from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.forecasters.base import Forecaster

if TYPE_CHECKING:
    from forecast_cli.forecasters.naive import SeasonalNaive

Kind = Literal["network", "baseline"]


@dataclass(frozen=True)
class Entry:
    """A model that can be named on the command line.

    ``path`` is "module:Class" below ``forecast_cli.forecasters``.
    """

    name: str
    path: str
    kind: Kind
    summary: str
    citation: str


ENTRIES: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            "lstm",
            "neural:LSTMForecaster",
            "network",
            "patched LSTM, one causal network shared by all series",
            "Hochreiter & Schmidhuber 1997; Gers et al. 2000",
        ),
        Entry(
            "gru",
            "neural:GRUForecaster",
            "network",
            "patched GRU: three quarters of the LSTM's parameters",
            "Cho et al. 2014",
        ),
        Entry(
            "rnn",
            "neural:RNNForecaster",
            "network",
            "patched tanh RNN: what gates are measured against",
            "Elman 1990",
        ),
        Entry(
            "seasonal-naive",
            "naive:SeasonalNaive",
            "baseline",
            "the value one season ago; seasonal-naive-M for season M",
            "Hyndman & Athanasopoulos 2021, section 5.2",
        ),
        Entry(
            "naive",
            "naive:Naive",
            "baseline",
            "the last value",
            "Hyndman & Athanasopoulos 2021, section 5.2",
        ),
        Entry(
            "drift",
            "naive:Drift",
            "baseline",
            "the last value plus the mean change",
            "Hyndman & Athanasopoulos 2021, section 5.2",
        ),
        Entry(
            "mean",
            "naive:Mean",
            "baseline",
            "the mean of the past",
            "Hyndman & Athanasopoulos 2021, section 5.2",
        ),
        Entry(
            "linear",
            "linear:LinearForecaster",
            "baseline",
            "ridge regression on lags, calendar and covariates, direct, shared by all series",
            "Hoerl & Kennard 1970; Toner & Darlow 2024",
        ),
        Entry(
            "arima",
            "arima:ArimaForecaster",
            "baseline",
            "ARIMA with a bounded stepwise order search, Fourier terms for long seasons",
            "Box & Jenkins 1970; Hyndman & Khandakar 2008",
        ),
    )
}

_SEASONAL = re.compile(r"seasonal-naive-([1-9]\d*)")


def names(kind: Kind | None = None) -> list[str]:
    """The registered names, in the order of the registry."""
    return [e.name for e in ENTRIES.values() if kind is None or e.kind == kind]


def entry(name: str) -> Entry:
    """The entry behind a name.

    Raises
    ------
    UsageError
        Where no model has this name.
    """
    found = ENTRIES.get("seasonal-naive" if _SEASONAL.fullmatch(name) else name)
    if found is None:
        raise UsageError(f'unknown model "{name}"', did_you_mean(name, ENTRIES))
    return found


def model_class(name: str) -> type[Forecaster]:
    """Import the class behind a name."""
    module, _, attribute = entry(name).path.partition(":")
    loaded = importlib.import_module(f"forecast_cli.forecasters.{module}")
    return cast("type[Forecaster]", getattr(loaded, attribute))


def create(name: str, settings: Settings | None = None) -> Forecaster:
    """A new, unfitted model."""
    season = _SEASONAL.fullmatch(name)
    cls = model_class(name)
    if season:
        return cast("type[SeasonalNaive]", cls).with_season(int(season.group(1)), settings)
    return cls(settings)
