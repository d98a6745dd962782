"""Answers about events as CSV, in the words of the user's own file.

Notable: with two classes a row tells the probability of the event; with more there is a row, or
a column, for each class. Text is disarmed and files are written whole, as in report/frames.py.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np

from forecast_cli.errors import UsageError
from forecast_cli.event_comparison import EventCompareResult, EventPredictResult
from forecast_cli.report.frames import CHUNK_ROWS, cell, whole_file


def write_answers(result: EventCompareResult, path: str | os.PathLike[str]) -> None:
    """Write every answer of a comparison in long form.

    Columns: entity, fold (from 1), time of the last row that was seen, model, class, its
    probability, and the class that came true.

    Parameters
    ----------
    path : path
        A name that ends in ``.gz`` is compressed.

    Raises
    ------
    UsageError
        Where the file cannot be written.
    """
    table, task = result.table, result.task
    classes = [cell(name) for name in task.classes]
    told = [1] if task.binary else list(range(len(classes)))
    names = [cell(name) for name in table.ids]
    try:
        with whole_file(Path(path)) as out:
            out.write("entity,fold,time,model,class,probability,label\n")
            for start in range(0, len(table.labels), CHUNK_ROWS):
                rows = slice(start, start + CHUNK_ROWS)
                times = [cell(text) for text in task.scale.show(table.times[rows])]
                entities, labels = table.entity[rows].tolist(), table.labels[rows].tolist()
                folds = (table.fold[rows] + 1).tolist()
                for model, answers in table.probabilities.items():
                    name = cell(model)
                    for c in told:
                        shares = answers[rows, c].tolist()
                        out.writelines(
                            f"{names[e]},{f},{t},{name},{classes[c]},{p!r},{classes[y]}\n"
                            for e, f, t, p, y in zip(
                                entities, folds, times, shares, labels, strict=True
                            )
                        )
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror or error})",
            "name a folder that exists and can be written: --forecasts FILE.csv",
        ) from error


def predict_csv(result: EventPredictResult) -> str:
    """Answers as CSV, with the user's own names of the id and time columns.

    Columns: id, time (where rows are asked about), then ``probability`` of the event and
    ``alarm`` (1 from the threshold of the run on); with more classes ``class``, the most probable
    one, and ``probability_NAME`` for each.
    """
    task, timed = result.task, any(result.times)
    out = io.StringIO()
    header = [cell(result.id_name), *([cell(result.time_name)] if timed else [])]
    if task.binary:
        header += ["probability", "alarm"]
    else:
        header += ["class", *(cell(f"probability_{name}") for name in task.classes)]
    out.write(",".join(header) + "\n")
    best = np.argmax(result.probabilities, axis=1).tolist()
    for k, shares in enumerate(result.probabilities.tolist()):
        row = [cell(result.entities[k]), *([cell(result.times[k])] if timed else [])]
        if task.binary:
            row += [repr(shares[1]), str(int(shares[1] >= result.threshold))]
        else:
            row += [cell(task.classes[best[k]]), *map(repr, shares)]
        out.write(",".join(row) + "\n")
    return out.getvalue()
