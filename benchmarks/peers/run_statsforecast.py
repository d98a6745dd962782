"""One classical model of statsforecast on the sample, in one process as by its default.

Notable: AutoARIMA compares orders by ``approximation=True``, which is what R does with series of
this length. The library's default is exact, and takes minutes for some of these series.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import statsforecast
import worker
from statsforecast import StatsForecast
from statsforecast.models import AutoARIMA, AutoETS, AutoTheta, SeasonalNaive

MODELS = {
    "AutoARIMA": partial(AutoARIMA, approximation=True),
    "AutoETS": AutoETS,
    "AutoTheta": AutoTheta,
    "SeasonalNaive": SeasonalNaive,
}


def answer(sample: worker.Sample, name: str) -> worker.Floats:
    """Forecasts [S, H]: fitted to each series, which ends where the forecast begins."""
    table = pd.DataFrame(
        {
            "unique_id": np.repeat(
                [f"{s:03d}" for s in range(len(sample.lengths))], sample.lengths
            ),
            "ds": np.concatenate([np.arange(length) for length in sample.lengths]),
            "y": sample.flat,
        }
    )
    library = StatsForecast(models=[MODELS[name](season_length=sample.season)], freq=1)
    found = library.forecast(df=table, h=sample.future.shape[1])
    found = found.sort_values(["unique_id", "ds"])
    values: worker.Floats = found[name].to_numpy(dtype=np.float64)
    return values.reshape(sample.future.shape)


def main() -> None:
    given = worker.arguments().parse_args()
    sample = worker.Sample.load(given.question)
    found = worker.measure_sample(sample, partial(answer, name=given.model))
    worker.write(given.out, found, statsforecast.__version__)


if __name__ == "__main__":
    main()
