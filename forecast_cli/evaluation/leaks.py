"""The leak certificate: nothing after a cutoff reached a fit or a forecast, shown and not promised.

Everything after a cutoff is replaced by noise, what happened before is asked for again, and all
bytes are compared: those of what each fit learned, and those of what each model forecasts. A
single bit that depended on the future would come out otherwise.

Notable: the noise stands where values stood, so that a model sees the same gaps; it lies far
outside the data, so that no rounding swallows it. Of the rows after an origin the covariates
that are known ahead stay for one horizon, since a model may read them there. Intervals are
those of the model itself: calibration is not looked at here. Whether a covariate is really known
ahead no such comparison can tell; suspects.py has a hint on that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast_cli.comparison import LeakCertificate, Proof
from forecast_cli.data.panel import Floats, Ints, Origins, Panel
from forecast_cli.evaluation.backtest import Fold, Outcome, moments, one_line
from forecast_cli.evaluation.sameness import Difference, digest, first_difference
from forecast_cli.evaluation.suspects import suspects
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.base import Forecast, Forecaster
from forecast_cli.monitor import SILENT, Hushed, Monitor
from forecast_cli.task import Task

MOST_MOMENTS = 200
FEWEST_MOMENTS = 20
ROWS = 20_000_000  # of panels that are asked, for each model: some seconds to a minute
FAR = 10.0  # standard deviations of a channel: the spread of the noise
SEED = 20_260_101


def certify(
    outcomes: Sequence[Outcome],
    panel: Panel,
    task: Task,
    plan: Sequence[Fold],
    origins: Origins,
    monitor: Monitor = SILENT,
) -> LeakCertificate:
    """Repeat a back-test with noise after every cutoff, and compare bytes.

    Parameters
    ----------
    outcomes : sequence of Outcome
        Of the back-test; models that failed are left out. Of several networks that differ in
        their seed, the last is looked at.
    panel, task, origins
        As the back-test had them.
    plan : sequence of Fold
        Its fits.
    monitor : Monitor

    Returns
    -------
    LeakCertificate
        ``cutoffs`` counts the moments from which forecasts were asked: all of them, or 200
        spread evenly, and fewer (at least 20) where rows are many.

    Notes
    -----
    A training that ends by the clock is never the same twice: ``max_seconds`` must not be set.
    """
    asked = chosen_moments(panel, origins)
    noise = _noise(panel)
    answered = [outcome for outcome in outcomes if outcome.fitted is not None]
    proofs = []
    for number, outcome in enumerate(answered, start=1):
        label = f"leak certificate: {outcome.name} ({number} of {len(answered)})"
        trial = _Trial(outcome.name, panel, task, plan, origins, asked, noise)
        proofs.append(trial.proof(outcome, Hushed(monitor, label)))
    return LeakCertificate(
        proved=bool(proofs) and all(proof.same for proof in proofs),
        cutoffs=len(asked),
        proofs=tuple(proofs),
        suspects=tuple(suspects(panel, plan[0].until, task.season, task.horizon).values()),
    )


def chosen_moments(panel: Panel, origins: Origins) -> Ints:
    """The moments from which forecasts are asked again: all, or as many as is bearable."""
    distinct = np.unique(moments(panel)[origins.rows])
    most = min(MOST_MOMENTS, max(FEWEST_MOMENTS, ROWS // max(panel.n_rows, 1)))
    if len(distinct) <= most:
        return distinct
    return distinct[np.linspace(0, len(distinct) - 1, most).round().astype(np.int64)]


def scrambled(panel: Panel, noise: Floats, ends: Ints, ahead: int | None = None) -> Panel:
    """The panel with noise in place of every value at or after the rows ``ends`` [S].

    Parameters
    ----------
    noise : [rows, C] float64
    ahead : int or None
        Steps after ``ends`` for which covariates that are known ahead stay; None: they do not.
    """
    row = np.arange(panel.n_rows)
    after = np.zeros(panel.values.shape, dtype=bool)  # [rows, C]
    first = np.repeat(ends, panel.lengths)  # [rows]
    for channel, role in enumerate(panel.roles):
        stays = ahead if ahead is not None and role == "future" else 0
        after[:, channel] = row >= first + stays
    return replace(panel, values=np.where(after & panel.observed, noise, panel.values))


@dataclass(frozen=True, eq=False)
class _Trial:
    """One model on trial."""

    name: str
    panel: Panel
    task: Task
    plan: Sequence[Fold]
    origins: Origins
    asked: Ints  # moments
    noise: Floats  # [rows, C]

    def proof(self, outcome: Outcome, monitor: Monitor) -> Proof:
        """Every fit and every forecast again."""
        assert outcome.fitted is not None
        fits, forecasts, difference = hashlib.sha256(), hashlib.sha256(), ""
        moment = moments(self.panel)[self.origins.rows]  # [O]
        for number, fold in enumerate(self.plan, start=1):
            # The back-test keeps its last fit; those before it are made again as it made them.
            model = outcome.fitted
            if number < len(self.plan):
                model = self._fit(model, self.panel, fold.until, monitor)
            fits.update(digest(model.state()).encode())
            again, found = self._fit_again(model, fold.until, monitor)
            difference = difference or found
            here = np.intersect1d(moment[fold.chosen], self.asked)
            monitor.begin("forecasts", len(here))
            for done, when in enumerate(here, start=1):
                origins = self.origins[fold.chosen[moment[fold.chosen] == when]]
                was = model.forecast(self.panel, origins)
                forecasts.update(was.values.tobytes())
                difference = difference or self._forecast_difference(again, was, when)
                monitor.update(done)
            monitor.end()
        return Proof(
            model=self.name,
            fit_sha256=fits.hexdigest(),
            forecasts_sha256=forecasts.hexdigest(),
            same=not difference,
            difference=difference,
        )

    def _fit(self, like: Forecaster, panel: Panel, until: Ints, monitor: Monitor) -> Forecaster:
        return registry.create(self.name, like.settings).fit(panel, self.task, until, monitor)

    def _fit_again(
        self, model: Forecaster, until: Ints, monitor: Monitor
    ) -> tuple[Forecaster, str]:
        """A fit with noise after its end, and its first difference in words."""
        try:
            again = self._fit(model, scrambled(self.panel, self.noise, until), until, monitor)
        except Exception as cause:  # whatever a model does wrong is its own difference
            return model, f"the fit: with noise after its end it failed ({one_line(cause)})"
        found = first_difference(model.state(), again.state())
        return again, "" if found is None else _in_words("the fit", found, "after its end")

    def _forecast_difference(self, again: Forecaster, was: Forecast, moment: int) -> str:
        """The first difference of the forecasts from one moment, in words.

        They are asked of the fit that saw noise: one that kept what it should not have seen,
        outside of its state, answers otherwise.
        """
        panel = self.panel
        known = np.concatenate([[0], np.cumsum(moments(panel) <= moment)])  # [rows+1]
        ends = panel.starts + known[panel.ends] - known[panel.starts]  # [S]
        foul = scrambled(panel, self.noise, ends, self.task.horizon)
        place = f"the forecast from {panel.clock.show(panel.times[was.origins.rows[[0]]])[0]}"
        try:
            values = again.forecast(foul, was.origins).values
        except Exception as cause:
            return f"{place}: with noise after it, it failed ({one_line(cause)})"
        unequal = np.argwhere(_bits(was.values) != _bits(values))
        if not len(unequal):
            return ""
        origin, step, level = unequal[0]
        cell = f'series "{panel.ids[was.origins.series[origin]]}", step {step + 1}'
        told = [f"{array[origin, step, level]:.6g}" for array in (was.values, values)]
        return _in_words(place, Difference(cell, *told), "after it")


def _in_words(what: str, found: Difference, where: str) -> str:
    return f"{what}: {found.place} is {found.one}, and {found.other} with noise {where}"


def _bits(values: Floats) -> Ints:
    """The bits of each number: -0.0 is not 0.0, and NaN is itself."""
    return np.ascontiguousarray(values).view(np.int64)


def _noise(panel: Panel) -> Floats:
    """[rows, C] far outside each channel."""
    noise = np.random.default_rng(SEED).normal(size=panel.values.shape)
    for channel in range(panel.values.shape[1]):
        seen = panel.values[panel.observed[:, channel], channel]
        spread = float(seen.std()) if len(seen) else 0.0
        if not np.isfinite(spread) or spread == 0:
            spread = 1.0
        middle = float(seen.mean()) if len(seen) else 0.0
        noise[:, channel] = middle + FAR * spread * noise[:, channel]
    return noise
