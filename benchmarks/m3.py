"""The M3 competition's series, by period. What is asked of them is not known here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from forecast_cli.data.panel import Floats

Series = dict[str, Floats]


def read(folder: Path, period: str) -> tuple[Series, Series]:
    """The training and the test part of each series of a period ("YEARLY", "OTHER", ...)."""
    listed = pd.read_csv(folder / "series.csv")
    wanted = set(listed.loc[listed["period"] == period, "series_id"])
    values = pd.read_csv(folder / "values.csv.gz")
    values = values[values["series_id"].isin(wanted)].sort_values(["series_id", "t"])
    past, after = (
        {
            str(name): part["value"].to_numpy(dtype=np.float64)
            for name, part in values[values["split"] == split].groupby("series_id")
        }
        for split in ("train", "test")
    )
    return past, after
