"""What ``fc.compare`` of an event returns in Python: the result, and the forms it is wanted in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forecast_cli.comparison import Verdict
from forecast_cli.event_comparison import EventCompareResult
from forecast_cli.workflows.comparison import given_or_written

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class EventComparison:
    """A comparison of event models, with its tables and reports.

    The fields of the result (``models``, ``protocol``, ``task``, ``notes``, …) can be read here
    too; all but ``table``, which is a method here and in ``result`` the answers as arrays.

    Parameters
    ----------
    result : EventCompareResult
    """

    result: EventCompareResult

    @property
    def verdict(self) -> Verdict:
        """Which model is best, which to ship, and why."""
        return self.result.verdict

    def table(self) -> pd.DataFrame:
        """One row a model, by rank: metrics, difference to the reference, decision, cost."""
        import pandas as pd

        rows = []
        for row in self.result.models:
            found = row.versus_reference
            rows.append(
                {
                    "model": row.name,
                    "kind": row.kind,
                    "rank": row.rank,
                    **row.metrics,
                    "difference": None if found is None else found.difference,
                    "decision": row.status if found is None else found.decision,
                    "fit_seconds": row.fit_seconds,
                }
            )
        return pd.DataFrame(rows).set_index("model")

    def answers(self) -> pd.DataFrame:
        """Every answer: entity, fold, time, model, class, probability, label."""
        import pandas as pd

        table, task = self.result.table, self.result.task
        times, classes = task.scale.show(table.times), list(task.classes)
        told = [1] if task.binary else range(len(classes))
        parts = [
            pd.DataFrame(
                {
                    "entity": [table.ids[e] for e in table.entity.tolist()],
                    "fold": table.fold + 1,
                    "time": times,
                    "model": model,
                    "class": classes[c],
                    "probability": shares[:, c],
                    "label": [classes[y] for y in table.labels.tolist()],
                }
            )
            for model, shares in table.probabilities.items()
            for c in told
        ]
        return pd.concat(parts, ignore_index=True)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """The report as one HTML page: returned, or written where a path is given."""
        from forecast_cli.report.events.page import compare_html

        return given_or_written(compare_html(self.result), path)

    def to_markdown(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """The report as Markdown: returned, or written where a path is given."""
        from forecast_cli.report.events.markdown import compare_markdown

        return given_or_written(compare_markdown(self.result), path)

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """The result as the JSON of the command line: returned, or written."""
        from forecast_cli.report.events.payload import compare_payload
        from forecast_cli.report.payload import dumps

        return given_or_written(dumps(compare_payload(self.result)), path)

    def __repr__(self) -> str:
        return f"<EventComparison: {self.verdict.text}>"

    def __getattr__(self, name: str) -> Any:
        """The fields of the result."""
        if name == "result" or name.startswith("__"):  # asked before there is one, by pickle
            raise AttributeError(name)
        return getattr(self.result, name)
