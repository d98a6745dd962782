"""``--event "load > 4200"``: a condition on a regular series, and where its answer is known.

At a row the answer is yes if any observed value of the next H meets the condition. It is known
only where all H rows are there and at least three quarters of them were observed: a yes that
needs fewer would be known more readily than a no, and tilt the shares.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast_cli.data.events.histories import Examples
from forecast_cli.data.panel import Bools, Floats, Origins, Panel
from forecast_cli.errors import UsageError

OBSERVED_SHARE = 0.75  # of the H values that an answer needs
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_RULE = re.compile(
    r"\s*(?:\"(?P<quoted>[^\"]+)\"|'(?P<single>[^']+)'|(?P<bare>[^<>=!\"']+?))\s*"
    r"(?P<sign>[<>=!]+)\s*(?P<limit>[^<>=!\s]+)\s*"
)


@dataclass(frozen=True)
class Rule:
    """A condition on one column.

    Parameters
    ----------
    column : str
    sign : str
        One of > >= < <= == !=.
    limit : float
    """

    column: str
    sign: str
    limit: float

    def holds(self, values: Floats) -> Bools:
        """Where values meet the condition; False where they are NaN."""
        met = _OPERATORS[self.sign](values, self.limit)
        return np.asarray(met & np.isfinite(values), dtype=np.bool_)

    def __str__(self) -> str:
        """As ``parse_rule`` reads it again."""
        name = f'"{self.column}"' if set(self.column) & set("<>=!'") else self.column
        short = f"{self.limit:.10g}"
        return f"{name} {self.sign} {short if float(short) == self.limit else repr(self.limit)}"


def parse_rule(text: str) -> Rule:
    """Read a rule such as "load > 4200"; a name with signs in it stands in quotation marks.

    Raises
    ------
    UsageError

    Examples
    --------
    >>> parse_rule("load >= 4.2e3")
    Rule(column='load', sign='>=', limit=4200.0)
    """
    found = _RULE.fullmatch(text)
    fix = 'a column, one of > >= < <= == !=, and a number: --event "load > 4200"'
    if not found:
        raise UsageError(f'--event "{text}" is no condition', fix)
    column = found["quoted"] or found["single"] or found["bare"]
    if found["sign"] not in _OPERATORS:
        more = "; equality is written ==" if found["sign"] == "=" else ""
        raise UsageError(f'--event "{text}": "{found["sign"]}" is no comparison{more}', fix)
    try:
        limit = float(found["limit"])
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise UsageError(f'--event "{text}": "{found["limit"]}" is no number', fix)
    return Rule(column, found["sign"], limit)


def threshold_examples(panel: Panel, rule: Rule, horizon: int) -> Examples:
    """Every row whose next H values are known well enough.

    Parameters
    ----------
    panel : Panel
        Regular; channel 0 is the rule's column.
    rule : Rule
    horizon : int
        H.
    """
    values = np.where(panel.observed[:, 0], panel.target, np.nan)
    met = np.concatenate([[0], np.cumsum(rule.holds(values))])  # [rows+1] before each row
    seen = np.concatenate([[0], np.cumsum(np.isfinite(values))])
    known = np.repeat(panel.known_ends, panel.lengths)  # [rows] end of the row's history
    rows = np.flatnonzero(np.arange(panel.n_rows) + horizon < known)
    after = rows + 1
    enough = seen[after + horizon] - seen[after] >= math.ceil(OBSERVED_SHARE * horizon)
    rows, after = rows[enough], after[enough]
    labels = (met[after + horizon] > met[after]).astype(np.int64)
    return Examples(Origins(panel.series_of_row[rows], rows), labels)
