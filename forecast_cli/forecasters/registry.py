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

    Parameters
    ----------
    name : str
    path : str
        "module:Class" below ``forecast_cli.forecasters``.
    kind : Kind
    summary : str
        What it is, in a line.
    citation : str
    use : str
        When to use it, and when not.
    cost : str
        What it costs, in words that hold on any machine of today.
    parameters : str
        What is estimated.
    members : tuple of str
        Models that it is made of, and that it can take over where they are fitted already.
    """

    name: str
    path: str
    kind: Kind
    summary: str
    citation: str
    use: str = ""
    cost: str = ""
    parameters: str = ""
    members: tuple[str, ...] = ()


ENTRIES: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            "lstm",
            "neural:LSTMForecaster",
            "network",
            "patched LSTM, one causal network shared by all series",
            "Hochreiter & Schmidhuber 1997; Gers et al. 2000",
            use=(
                "several long series, or one with thousands of values, with seasons "
                "that interact, covariates, or effects that a line cannot follow; "
                "compare it first"
            ),
            cost="seconds to minutes to train, milliseconds to forecast",
            parameters="the weights of the cell and the head, shared by all series",
        ),
        Entry(
            "gru",
            "neural:GRUForecaster",
            "network",
            "patched GRU: three quarters of the LSTM's parameters",
            "Cho et al. 2014",
            use="as the LSTM; a little smaller, and on short series sometimes steadier",
            cost="as the LSTM: on a processor no faster, though smaller",
            parameters="the weights of the cell and the head, shared by all series",
        ),
        Entry(
            "rnn",
            "neural:RNNForecaster",
            "network",
            "patched tanh RNN: what gates are measured against",
            "Elman 1990",
            use=("to see whether gates are worth it on these data; it forgets what lies far back"),
            cost="less than the LSTM",
            parameters="the weights of the cell and the head, shared by all series",
        ),
        Entry(
            "seasonal-naive",
            "naive:SeasonalNaive",
            "baseline",
            "the value one season ago; seasonal-naive-M for season M",
            "Hyndman & Athanasopoulos 2021, section 5.2",
            use=(
                "always, as the reference where there is a season: what does not beat "
                "it has learned nothing"
            ),
            cost="none",
            parameters="none, but for the spread of its errors",
        ),
        Entry(
            "naive",
            "naive:Naive",
            "baseline",
            "the last value",
            "Hyndman & Athanasopoulos 2021, section 5.2",
            use=(
                "as the reference where there is no season; hard to beat on prices and "
                "other random walks"
            ),
            cost="none",
            parameters="none, but for the spread of its errors",
        ),
        Entry(
            "drift",
            "naive:Drift",
            "baseline",
            "the last value plus the mean change",
            "Hyndman & Athanasopoulos 2021, section 5.2",
            use="series with a steady trend and no season",
            cost="none",
            parameters="none, but for the spread of its errors",
        ),
        Entry(
            "mean",
            "naive:Mean",
            "baseline",
            "the mean of the past",
            "Hyndman & Athanasopoulos 2021, section 5.2",
            use="series that swing about a level without trend or season",
            cost="none",
            parameters="none, but for the spread of its errors",
        ),
        Entry(
            "linear",
            "linear:LinearForecaster",
            "baseline",
            "ridge regression on lags, calendar and covariates, direct, shared by all series",
            "Hoerl & Kennard 1970; Toner & Darlow 2024",
            use=(
                "series with hundreds of values or many of them, with or without "
                "covariates: the simple model that networks most often fail to beat"
            ),
            cost="a second or two, whatever the number of series",
            parameters=(
                "a weight for each lag, calendar feature and covariate, and each step "
                "ahead; a penalty chosen on held-out blocks"
            ),
        ),
        Entry(
            "arima",
            "arima:ArimaForecaster",
            "baseline",
            "ARIMA with a bounded stepwise order search, Fourier terms for long seasons",
            "Box & Jenkins 1970; Hyndman & Khandakar 2008",
            use=(
                "single series of 50 to some thousand values, short horizons, one "
                "season of up to 168 steps; covariates known ahead enter as regressors"
            ),
            cost=(
                "some hundredths to tenths of a second a series, over all cores; a "
                "bound on the work of all"
            ),
            parameters=(
                "orders, and the coefficients of each series' own ARMA process and regressors"
            ),
        ),
        Entry(
            "naive2",
            "naive2:Naive2",
            "baseline",
            "the last value, on the series without its season",
            "Makridakis & Hibon 2000; Makridakis et al. 2020",
            use="as naive, for series with one season; the yardstick of the M competitions",
            cost="thousandths of a second a series",
            parameters="the indices of the season",
        ),
        Entry(
            "ses",
            "exponential:SES",
            "baseline",
            "simple exponential smoothing, on the series without its season",
            "Brown 1959; Gardner 1985",
            use="series without a trend, or too short for anything else",
            cost="thousandths of a second a series",
            parameters="the weight of the level and its start; the indices of the season",
        ),
        Entry(
            "holt",
            "exponential:Holt",
            "baseline",
            "exponential smoothing of level and slope, on the series without its season",
            "Holt 1957",
            use="series whose trend goes on; over long horizons prefer damped",
            cost="thousandths of a second a series",
            parameters="weights and starts of level and slope; the indices of the season",
        ),
        Entry(
            "damped",
            "exponential:Damped",
            "baseline",
            "exponential smoothing with a slope that dies away, on the series without its season",
            "Gardner & McKenzie 1985",
            use="many short series with a trend: hard to beat on yearly to monthly data",
            cost="thousandths of a second a series",
            parameters="as holt, and the damping",
        ),
        Entry(
            "ets",
            "exponential:ETS",
            "baseline",
            "exponential smoothing of level, trend and season, its form chosen by AICc",
            "Hyndman et al. 2002, 2008",
            use=(
                "series with one short season that changes slowly, or that grows with the level; "
                "seasons over 48 steps are taken out first"
            ),
            cost="about a tenth of a second a series",
            parameters="weights and starts of level, slope and season of the chosen form",
        ),
        Entry(
            "theta",
            "theta:Theta",
            "baseline",
            "smoothing with half the trend of a line, on the series without its season",
            "Assimakopoulos & Nikolopoulos 2000; Hyndman & Billah 2003",
            use="many short series: the winner of the M3 competition",
            cost="thousandths of a second a series",
            parameters="the weight of the level and its start, a line, the indices of the season",
        ),
        Entry(
            "dynamic-theta",
            "theta:DynamicTheta",
            "baseline",
            "theta with its weight estimated and a line that follows the series",
            "Fiorucci et al. 2016",
            use="as theta, where the trend changes its course",
            cost="thousandths of a second a series",
            parameters="as theta, and the weight of the line",
        ),
        Entry(
            "fourier-arma",
            "fourier_arma:FourierArmaForecaster",
            "baseline",
            "dynamic harmonic regression: sines and cosines of every season, ARMA errors",
            "Hyndman & Athanasopoulos 2021, section 10.5",
            use=(
                "long or several seasons whose shape stays as it is, such as 168 hours, 336 "
                "half-hours or a year of hours"
            ),
            cost="tenths of a second a series, hardly more for a longer season",
            parameters="two effects a harmonic, and each series' own ARMA process",
        ),
        Entry(
            "mstl",
            "mstl:MstlForecaster",
            "baseline",
            "seasons taken off by repeated local regression, the rest smoothed and damped",
            "Bandara, Hyndman & Bergmeir 2021; Cleveland et al. 1990",
            use="long or several seasons of any shape, which may change slowly",
            cost="hundredths to tenths of a second a series",
            parameters="the last cycle of every season and up to three weights a series",
        ),
        Entry(
            "boosting",
            "boosting:BoostingForecaster",
            "baseline",
            "gradient-boosted trees on lags, calendar and covariates, shared by all series",
            "Friedman 2001; Ke et al. 2017",
            use=(
                "many series, or thousands of values, with covariates whose effects bend or "
                "depend on each other; weak where a series leaves its former range"
            ),
            cost="some seconds, bounded whatever the data",
            parameters="the nodes of up to 400 trees, shared by all series",
        ),
        Entry(
            "ensemble",
            "ensemble:EnsembleForecaster",
            "baseline",
            "the median of ets, theta, arima and linear",
            "Petropoulos & Svetunkov 2020",
            use="where no single model is known to be best; seldom the worst, often the best",
            cost="that of its four members together",
            parameters="those of its members",
            members=("ets", "theta", "arima", "linear"),
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
