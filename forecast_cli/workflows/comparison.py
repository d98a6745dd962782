"""What ``fc.compare`` returns in Python: the result, and the forms that people want it in.

The result itself is plain data (comparison.py), which evaluation fills and reports read; the
tables and pages made of it stand here, above both.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_cli.comparison import CompareResult, Verdict

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """A comparison, with its tables and reports.

    The fields of the result (``models``, ``protocol``, ``notes``, ``calibration``, …) can be
    read here too; all but ``table``, which is a method here and in ``result`` the forecasts as
    arrays.

    Parameters
    ----------
    result : CompareResult
    """

    result: CompareResult

    @property
    def verdict(self) -> Verdict:
        """Which model is best, which to ship, and why."""
        return self.result.verdict

    def table(self) -> pd.DataFrame:
        """One row a model, by rank: metrics, skill with its interval, decision, cost."""
        from forecast_cli.report.dataframes import models_frame

        return models_frame(self.result)

    def forecasts(self) -> pd.DataFrame:
        """Every forecast: id, origin, time, step, actual, model, forecast and its bounds."""
        from forecast_cli.report.dataframes import forecasts_frame

        return forecasts_frame(self.result.table)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """The report as one HTML page: returned, or written where a path is given."""
        from forecast_cli.report.html import compare_html

        return given_or_written(compare_html(self.result), path)

    def to_markdown(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """The report as Markdown: returned, or written where a path is given."""
        from forecast_cli.report.markdown import compare_markdown

        return given_or_written(compare_markdown(self.result), path)

    def _repr_html_(self) -> str:
        """What a notebook shows: the verdict and the table of models."""
        from forecast_cli.report.html import compare_fragment

        return compare_fragment(self.result)

    def __repr__(self) -> str:
        return f"<Comparison: {self.verdict.text}>"

    def __getattr__(self, name: str) -> Any:
        """The fields of the result."""
        if name == "result" or name.startswith("__"):  # asked before there is one, by pickle
            raise AttributeError(name)
        return getattr(self.result, name)


def given_or_written(words: str, path: str | os.PathLike[str] | None) -> str | None:
    """The words where no path is given; else nothing, and a file."""
    if path is None:
        return words
    Path(path).write_text(words, encoding="utf-8")
    return None
