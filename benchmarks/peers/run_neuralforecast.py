"""One network of neuralforecast on the long question, as its documentation says to use it.

Notable: only what costs time and changes no figure is turned off (progress bar, logger,
checkpoints). A loss is computed on ``windows_batch_size`` windows a step; the series all fit
in one batch.
"""

from __future__ import annotations

import argparse
from functools import partial

import neuralforecast
import numpy as np
import pandas as pd
import worker
from neuralforecast import NeuralForecast
from neuralforecast.models import GRU, LSTM, NHITS, DLinear

MODELS = {"LSTM": LSTM, "GRU": GRU, "DLinear": DLinear, "NHITS": NHITS}
QUIET = {"enable_progress_bar": False, "logger": False, "enable_checkpointing": False}


def table(values: worker.Floats) -> pd.DataFrame:
    """Series [S, rows] in the library's long format; time is the row number."""
    n_series, rows = values.shape
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"{s:02d}" for s in range(n_series)], rows),
            "ds": np.tile(np.arange(rows), n_series),
            "y": values.ravel().astype(np.float32),
        }
    )


def train(question: worker.Question, given: argparse.Namespace) -> worker.Trained:
    """Fit on the training rows."""
    horizon = question.horizon
    options = {} if given.steps is None else {"max_steps": given.steps}
    if given.input is not None:
        options["input_size"] = given.input
    model = MODELS[given.model](h=horizon, accelerator="cpu", **options, **QUIET)
    library = NeuralForecast([model], freq=1)
    library.fit(table(question.values[:, : question.train]), val_size=0)

    def answer(first: int, end: int) -> worker.Floats:
        """Forecasts [S, O, H] of the fitted network, nothing learned."""
        found = library.cross_validation(
            table(question.values[:, :end]),
            n_windows=None,
            test_size=end - first,
            step_size=question.stride,
            use_fitted=True,
        )
        found = found.sort_values(["unique_id", "cutoff", "ds"])
        origins = question.origins(first, end)
        if not np.array_equal(np.unique(found["cutoff"]), origins):
            raise ValueError("forecasts from other origins than were asked")
        values: worker.Floats = found[given.model].to_numpy(dtype=np.float64)
        return values.reshape(len(question.values), len(origins), horizon)

    return worker.Trained(answer, model.max_steps * model.windows_batch_size, model.max_steps)


def main() -> None:
    parser = worker.arguments()
    parser.add_argument("--input", type=int, help="input_size, the rows that a forecast sees")
    given = parser.parse_args()
    question = worker.Question.load(given.question)
    found = worker.measure(question, partial(train, given=given))
    worker.write(given.out, found, neuralforecast.__version__)


if __name__ == "__main__":
    main()
