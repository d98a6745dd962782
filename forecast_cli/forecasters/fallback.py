"""What a model could not do: one rule for all models, counted and told.

A forecast is refused where it is no number and where it is absurd: farther than ``ABSURD``
ranges of the series' history from its last value. There, and where a series has no fit at
all, a simpler model answers for all steps of the origin, in its own name.

Two models stand ready. The next simpler one is fitted on the series without a fit, and only
where there are any. The seasonal naive answers the rest: single origins, and series that no
model can be estimated from, such as constant ones. Neither sees more than the model did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecast_cli.comparison import Replaced
from forecast_cli.config import Settings
from forecast_cli.data.history import positions
from forecast_cli.data.panel import Bools, Floats, Ints, Origins, Panel
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast, Forecaster, State, in_words
from forecast_cli.forecasters.saving import Arrays, nest, nested
from forecast_cli.monitor import SILENT, Monitor
from forecast_cli.task import Task

ABSURD = 10.0  # ranges of its history that a forecast may lie from the last value
RULE = "seasonal-naive"  # needs no estimation, so it always answers

NOT_FINITE = "its forecast is not finite"
FAR = "its forecast left all history far behind"

Texts = npt.NDArray[np.object_]


def objections(values: Floats, last: Floats, extent: Floats) -> Texts:
    """Why each origin's forecast cannot stand; empty where it can.

    Parameters
    ----------
    values : [O, H, Q] float64
    last : [O] float64
        The last value known at the origin.
    extent : [O] float64
        Range of the series' history.

    Returns
    -------
    [O] str
    """
    why = np.full(len(values), "", dtype=object)
    with np.errstate(over="ignore", invalid="ignore"):
        middle = values[:, :, values.shape[2] // 2]  # [O, H]
        far = np.abs(middle - last[:, None]) > ABSURD * extent[:, None]
    why[far.any(axis=1)] = FAR
    why[~np.isfinite(values).all(axis=(1, 2))] = NOT_FINITE
    return why


class Fallback:
    """The simpler models behind one model.

    Parameters
    ----------
    model : str
        Whose forecasts are replaced.
    simpler : str
        Registered model that answers for series without a fit.
    settings : Settings
    """

    def __init__(self, model: str, simpler: str, settings: Settings) -> None:
        self._model, self._simpler, self._settings = model, simpler, settings
        self._rule = registry.create(RULE, settings)
        self._stand_in: Forecaster | None = None
        self._helped: tuple[str, ...] = ()  # series that the stand-in was fitted on

    def fit(
        self, panel: Panel, task: Task, until: Ints, unfitted: Bools, monitor: Monitor = SILENT
    ) -> Self:
        """Make the simpler models ready.

        Parameters
        ----------
        panel, task, until
            As of :meth:`Forecaster.fit`.
        unfitted : [S] bool
            Series that the model has no fit for, and that the next simpler one may have.
        monitor : Monitor
        """
        self._rule = registry.create(RULE, self._settings).fit(panel, task, until)
        self._stand_in, self._helped = None, ()
        if unfitted.any() and self._simpler != RULE:
            some = np.flatnonzero(unfitted)
            part = panel.select(some)
            ends = part.starts + (until - panel.starts)[some]
            self._helped = part.ids
            self._stand_in = registry.create(self._simpler, self._settings).fit(
                part, task, ends, monitor
            )
        return self

    def mend(
        self,
        panel: Panel,
        origins: Origins,
        values: Floats,
        why: Texts,
        task: Task,
        notes: tuple[str, ...] = (),
    ) -> Forecast:
        """The forecast, with the simpler models' answers in place of what cannot stand.

        Parameters
        ----------
        panel, origins
            As of :meth:`Forecaster.forecast`.
        values : [O, H, Q] float64
            Of the model; rows with a reason in ``why`` are overwritten.
        why : [O] str
            See :func:`objections`; ends a sentence that begins "as ...".
        task : Task
        notes : tuple of str
            What else there is to say of the forecast.
        """
        refused: Bools = why != ""
        helped = (positions(self._helped, panel.ids) >= 0)[origins.series]  # [O]
        records: list[Replaced] = []
        inner: list[Forecast] = []
        for model, here in (
            (self._stand_in, np.flatnonzero(refused & helped)),
            (self._rule, np.flatnonzero(refused & ~helped)),
        ):
            if model is not None and len(here):
                answer = model.forecast(panel, origins[here])
                values[here] = answer.values
                records += replacements(self._model, model.name, panel, origins, here, why)
                inner.append(answer)
        lines = [in_words(record) for record in records]
        lines += [line for answer in inner for line in answer.fallbacks]
        records += [record for answer in inner for record in answer.replaced]
        return Forecast(origins, values, task.quantiles, (*notes, *lines), tuple(records))

    def state(self) -> State:
        """All that :meth:`recall` needs."""
        arrays, meta = self._rule.state()
        found, told = {**nest("rule", arrays)}, {"simpler": self._simpler, "rule": meta}
        if self._stand_in is not None:
            arrays, meta = self._stand_in.state()
            found |= nest("stand-in", arrays)
            told |= {"stand-in": meta, "helped": list(self._helped)}
        return found, told

    def recall(self, arrays: Arrays, meta: Mapping[str, Any]) -> None:
        """Be the fallback that :meth:`state` described."""

        def again(name: str, part: str) -> Forecaster:
            kind = registry.model_class(name)
            return kind.restore(nested(part, arrays), meta[part], self._settings)

        self._simpler = str(meta["simpler"])
        self._rule = again(RULE, "rule")
        self._stand_in, self._helped = None, ()
        if "stand-in" in meta:
            self._stand_in = again(self._simpler, "stand-in")
            self._helped = tuple(meta["helped"])


def replacements(
    model: str, by: str, panel: Panel, origins: Origins, here: Ints, why: Texts
) -> list[Replaced]:
    """A record for each reason why ``by`` answered from the origins ``here`` (positions)."""
    records = []
    for reason in sorted(set(why[here])):
        some = here[why[here] == reason]
        names = tuple(panel.ids[s] for s in np.unique(origins.series[some]))
        records.append(Replaced(model, by, reason, len(some), len(origins), names))
    return records
