"""darts' BlockRNNModel on the long question, with its own defaults.

Notable: the model has no default for the rows that it sees; it is given the horizon. A loss is
computed on ``batch_size`` windows a step, 32 by default. Training ends after so many steps, or
after its default of 100 epochs.
"""

from __future__ import annotations

import argparse
import logging
from functools import partial

import darts
import numpy as np
import worker
from darts import TimeSeries
from darts.models import BlockRNNModel

WINDOWS = 32  # the library's default batch size


def train(question: worker.Question, given: argparse.Namespace) -> worker.Trained:
    """Fit on the training rows."""
    horizon = question.horizon
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    model = BlockRNNModel(
        model=given.model,
        input_chunk_length=horizon,
        output_chunk_length=horizon,
        batch_size=WINDOWS,
        random_state=1,
        pl_trainer_kwargs={"accelerator": "cpu", "max_steps": given.steps or -1, **quiet},
    )

    def series(values: worker.Floats) -> list[TimeSeries]:
        return [TimeSeries.from_values(one.astype(np.float32)) for one in values]

    model.fit(series(question.values[:, : question.train]))

    def answer(first: int, end: int) -> worker.Floats:
        """Forecasts [S, O, H] of the fitted network, nothing learned."""
        found = model.historical_forecasts(
            series(question.values[:, :end]),
            start=first,
            start_format="position",
            forecast_horizon=horizon,
            stride=question.stride,
            retrain=False,
            last_points_only=False,
            verbose=False,
        )
        cutoffs = np.array([one.start_time() for one in found[0]]) - 1
        if not np.array_equal(cutoffs, question.origins(first, end)):
            raise ValueError("forecasts from other origins than were asked")
        return np.array([[one.values()[:, 0] for one in some] for some in found], dtype=np.float64)

    steps = int(model.trainer.global_step)
    return worker.Trained(answer, steps * WINDOWS, steps)


def main() -> None:
    logging.disable(logging.WARNING)
    given = worker.arguments().parse_args()
    question = worker.Question.load(given.question)
    found = worker.measure(question, partial(train, given=given))
    worker.write(given.out, found, darts.__version__)


if __name__ == "__main__":
    main()
