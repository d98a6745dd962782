"""Every classifier by name. To add one: write its file, add one entry here; the tests find it.

Entries are strings, so that listing models or printing help imports no model.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Literal, cast

from forecast_cli.classifiers.base import Classifier
from forecast_cli.config import Settings
from forecast_cli.errors import UsageError, did_you_mean
from forecast_cli.events import EventKind

Kind = Literal["network", "baseline"]
_ANY: tuple[EventKind, ...] = ("entity", "row", "within", "threshold")
_HISTORIES: tuple[EventKind, ...] = ("entity", "row", "within")


@dataclass(frozen=True)
class Entry:
    """A classifier that can be named on the command line.

    Parameters
    ----------
    name : str
    path : str
        "module:Class" below ``forecast_cli.classifiers``.
    kind : Kind
    summary : str
        What it is, in a line.
    citation : str
    answers : tuple of EventKind
        The questions that it can be asked.
    use, cost, parameters : str
        As in ``forecasters.registry``.
    """

    name: str
    path: str
    kind: Kind
    summary: str
    citation: str
    answers: tuple[EventKind, ...] = _ANY
    use: str = ""
    cost: str = ""
    parameters: str = ""


ENTRIES: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            "lstm",
            "neural:LSTMClassifier",
            "network",
            "LSTM over values, what is missing, and time since last seen",
            "Hochreiter & Schmidhuber 1997; Che et al. 2018",
        ),
        Entry(
            "gru",
            "neural:GRUClassifier",
            "network",
            "GRU over values, what is missing, and time since last seen",
            "Cho et al. 2014; Che et al. 2018",
        ),
        Entry(
            "rnn",
            "neural:RNNClassifier",
            "network",
            "tanh RNN: what gates are measured against",
            "Elman 1990",
        ),
        Entry(
            "bilstm",
            "neural:BiLSTMClassifier",
            "network",
            "LSTM that reads a whole history in both directions",
            "Schuster & Paliwal 1997; Graves & Schmidhuber 2005",
            ("entity",),
        ),
        Entry(
            "prior",
            "prior:Prior",
            "baseline",
            "the share of each class: what knows nothing of a history",
            "",
        ),
        Entry(
            "logistic-means",
            "logistic:LogisticMeans",
            "baseline",
            "logistic regression on the mean of each channel",
            "Cox 1958",
            _HISTORIES,
        ),
        Entry(
            "logistic-three",
            "logistic:LogisticThree",
            "baseline",
            "logistic regression on the first, middle and last measurement of each channel",
            "Cox 1958",
            _HISTORIES,
        ),
        Entry(
            "logistic",
            "logistic:LogisticAggregates",
            "baseline",
            "logistic regression on mean, extremes, last, slope, count and time since last",
            "Cox 1958",
            _HISTORIES,
        ),
        Entry(
            "boosting",
            "boosting:BoostingAggregates",
            "baseline",
            "gradient-boosted trees on the same aggregates",
            "Friedman 2001; Ke et al. 2017",
            _HISTORIES,
        ),
        Entry(
            "climatology",
            "shares:Climatology",
            "baseline",
            "how often it happened at this phase of the season",
            "Murphy 1973",
            ("threshold",),
        ),
        Entry(
            "persistence",
            "shares:Persistence",
            "baseline",
            "how often it happened where the condition held now, and where it did not",
            "Murphy 1992",
            ("threshold",),
        ),
        Entry(
            "logistic-lags",
            "lags:LogisticLags",
            "baseline",
            "logistic regression on past values, the season's phase and covariates",
            "Cox 1958",
            ("threshold",),
        ),
        Entry(
            "quantiles",
            "quantiles:ForecastQuantiles",
            "baseline",
            "the forecaster's own quantiles: how much of them meets the condition",
            "Gneiting & Katzfuss 2014",
            ("threshold",),
        ),
    )
}


def names(question: EventKind, kind: Kind | None = None) -> list[str]:
    """The classifiers that can answer a question, in the order of the registry."""
    return [
        e.name
        for e in ENTRIES.values()
        if question in e.answers and (kind is None or e.kind == kind)
    ]


def entry(name: str, question: EventKind | None = None) -> Entry:
    """The entry behind a name.

    Raises
    ------
    UsageError
        Where no classifier has this name, or this one cannot answer ``question``.
    """
    found = ENTRIES.get(name)
    available = list(ENTRIES) if question is None else names(question)
    if found is None:
        raise UsageError(f'unknown event model "{name}"', did_you_mean(name, available))
    if question is not None and question not in found.answers:
        raise UsageError(
            f'the event model "{name}" cannot answer this question',
            "available: " + ", ".join(available),
        )
    return found


def model_class(name: str) -> type[Classifier]:
    """Import the class behind a name."""
    module, _, attribute = entry(name).path.partition(":")
    loaded = importlib.import_module(f"forecast_cli.classifiers.{module}")
    return cast("type[Classifier]", getattr(loaded, attribute))


def create(name: str, settings: Settings | None = None) -> Classifier:
    """A new, unfitted classifier."""
    return model_class(name)(settings)
