"""One model of this package on the same questions, with its defaults.

Notable: the network learns from the training rows and chooses its best weights on the
validation rows, without the second fit that a user's training ends with; the seconds hold
both. A loss is computed at every patch end of every sequence, and each is a forecast of H
steps; the members of an ensemble are taken to have made as many steps as the first.

With ``--below`` it is trained again from the start with a growing number of steps, each a whole
training with a learning rate that comes down, until the error on the validation windows is
below the given one. The seconds are those of that last training.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import worker

from forecast_cli import __version__
from forecast_cli.clock import Clock
from forecast_cli.config import Settings
from forecast_cli.data.panel import Origins, Panel
from forecast_cli.forecasters import registry
from forecast_cli.forecasters.neural import NeuralForecaster
from forecast_cli.task import Task

SEASONS = (24, 168)
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 400, None)  # of the trainings with --below


def panel_of(flat: worker.Floats, lengths: worker.Ints, times: worker.Ints | None = None) -> Panel:
    """Series that lie one after another as a panel; without common times, time is a plain step."""
    steps = [np.arange(length, dtype=np.int64) if times is None else times for length in lengths]
    return Panel(
        values=flat[:, None],
        observed=np.isfinite(flat)[:, None],
        times=np.concatenate(steps),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        ids=tuple(f"{s:03d}" for s in range(len(lengths))),
        clock=Clock(freq=None if times is None else "h"),
    )


def mean_patches(rows: int, patch: int, patches: int) -> float:
    """Patches of a training sequence, whose last row is drawn from a series of so many rows.

    Examples
    --------
    >>> mean_patches(rows=5, patch=2, patches=2)  # the last row is row 1, 2 or 3
    1.3333333333333333
    """
    length = np.arange(patch, rows)  # rows up to the last one of the sequence
    return float(np.clip(length // patch, 1, patches).mean())


def train(question: worker.Question, name: str, steps: int | None) -> worker.Trained:
    """Fit on the training rows, choose on the validation rows."""
    n_series, rows = question.values.shape
    panel = panel_of(question.values.ravel(), np.full(n_series, rows), question.times)
    task = Task(horizon=question.horizon, seasons=SEASONS, validation=question.validation)
    settings = Settings(device="cpu", max_steps=steps, final_fit="training")
    model = registry.create(name, settings)
    model.fit(panel, task, panel.starts + question.train + question.validation)
    assert isinstance(model, NeuralForecaster)
    a_step = sum(
        sizes.batch_size * mean_patches(question.train, sizes.patch, sizes.patches)
        for sizes in model.sizes
    )

    def answer(first: int, end: int) -> worker.Floats:
        """Forecasts [S, O, H] of the fitted network."""
        origins = question.origins(first, end)
        series = np.repeat(np.arange(n_series), len(origins))
        last = panel.starts[series] + np.tile(origins, n_series)
        point = model.forecast(panel, Origins(series, last)).point  # [S*O, H]
        return point.reshape(n_series, len(origins), question.horizon)

    return worker.Trained(answer, model.steps * a_step, model.steps)


def reach(question: worker.Question, name: str, below: float) -> dict[str, Any] | None:
    """The shortest of the trainings whose validation error is below; None if none is."""
    for steps in STEPS:
        found = worker.measure(question, partial(train, name=name, steps=steps))
        if found["validation_mae"] < below:
            return found
    return None


def answer_sample(sample: worker.Sample, name: str) -> worker.Floats:
    """Forecasts [S, H] from the end of every history; one model for the whole sample."""
    panel = panel_of(sample.flat, sample.lengths)
    horizon = sample.future.shape[1]
    task = Task(horizon=horizon, seasons=SEASONS, validation=horizon)
    model = registry.create(name, Settings(device="cpu"))
    return model.fit(panel, task, panel.ends).forecast(panel, Origins.at_end(panel)).point


def main() -> None:
    parser = worker.arguments()
    parser.add_argument("--sample", action="store_true", help="the question is a sample")
    parser.add_argument("--below", type=float, help="validation error to reach")
    given = parser.parse_args()
    found: dict[str, Any] | None
    if given.sample:
        sample = worker.Sample.load(given.question)
        found = worker.measure_sample(sample, partial(answer_sample, name=given.model))
    else:
        question = worker.Question.load(given.question)
        if given.below is not None:
            found = reach(question, given.model, given.below)
        else:
            found = worker.measure(question, partial(train, name=given.model, steps=given.steps))
    worker.write(given.out, found or {}, __version__)


if __name__ == "__main__":
    main()
