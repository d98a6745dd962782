"""Short series: 200 of 30 to 120 points, fifty each of M3's four periods.

Each period is a panel of its own, split by the package's rule, and forecast from every origin
of the test block. The network is set beside the best of the naive rules (last value, last
season, drift): the one that is best on the validation block, which a user could have chosen,
and the one that proves best on the test block, which nobody could. The mark is an error at
most 3 % above theirs.

    python benchmarks/short_series.py
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import ask
import frame
import m3
import rolling
from forecast_cli.data.panel import Panel
from forecast_cli.data.split import split

TABLE = "Short series"
SHORTEST, LONGEST = 30, 120
DRAWN = 50  # series of each period
DRAW = 3  # the seed that they are drawn with: the same for every seed of the network
OPPONENTS = ("linear", "arima")
MARK = 1.03
FORESEEN = "MASE / that of the naive chosen on validation"
ORACLE = "MASE / that of the best naive"


@dataclass(frozen=True)
class Period:
    """One of M3's, with the horizon that its series bear."""

    name: str
    season: int
    horizon: int

    @property
    def naive(self) -> tuple[str, ...]:
        """The naive rules; without a season, last season's value is the last."""
        return ("naive", "drift", *(["seasonal-naive"] if self.season > 1 else []))


PERIODS = (
    Period("YEARLY", 1, 6),
    Period("OTHER", 1, 8),
    Period("QUARTERLY", 4, 8),
    Period("MONTHLY", 12, 8),
)


def read(folder: Path, period: Period) -> Panel:
    """Fifty series of a period, drawn from those that are short enough."""
    past, after = m3.read(folder, period.name)
    whole = {name: np.concatenate([past[name], after[name]]) for name in sorted(past)}
    names = [name for name, values in whole.items() if SHORTEST <= len(values) <= LONGEST]
    drawn = np.random.default_rng(DRAW).choice(len(names), DRAWN, replace=False)
    return ask.panel_of({names[place]: whole[names[place]] for place in sorted(drawn)})


def chosen_naive(panel: Panel, period: Period, given: argparse.Namespace) -> str:
    """The naive rule that is best on the last rows before the test block."""
    blocks = split(panel, period.horizon)
    past = panel.until(blocks.fit_ends)
    before = split(past, period.horizon, max(blocks.validation, period.horizon), 0)
    found = rolling.compare(
        period.naive, given, past, period.horizon, (period.season,), 1, blocks=before
    )
    return min(period.naive, key=found.loss)


def run(folder: Path, period: Period, given: argparse.Namespace) -> list[frame.Row]:
    """All models on one period: MASE, and its ratios to both choices of a naive rule."""
    row = f"50 {period.name.lower()} series, {period.horizon} ahead"
    print(row)
    panel = read(folder, period)
    names = (ask.NETWORK, *OPPONENTS, *period.naive)
    found = rolling.compare(names, given, panel, period.horizon, (period.season,), stride=1)
    rows = rolling.rows_of(TABLE, row, found, names, ("mase",), "")
    best = min(period.naive, key=found.loss)
    for metric, naive in ((FORESEEN, chosen_naive(panel, period, given)), (ORACLE, best)):
        verdict = rolling.in_words(found.margin(ask.NETWORK, naive))
        for name in (ask.NETWORK, *OPPONENTS):
            ours = name == ask.NETWORK
            rows.append(
                frame.Row(
                    TABLE,
                    row,
                    metric,
                    name,
                    ask.kind_of(name),
                    found.loss(name) / found.loss(naive),
                    target=MARK if ours else None,
                    note=f"{naive}; ahead by {verdict}" if ours else naive,
                )
            )
    return rows


def mean_ratios(rows: list[frame.Row]) -> list[frame.Row]:
    """The mean over the periods of each model's ratios."""
    return [
        frame.Row(
            TABLE,
            "mean of the four periods",
            metric,
            name,
            ask.kind_of(name),
            float(np.mean([r.value for r in rows if r.metric == metric and r.who == name])),
            target=MARK if name == ask.NETWORK else None,
        )
        for metric in (FORESEEN, ORACLE)
        for name in dict.fromkeys(row.who for row in rows if row.metric == metric)
    ]


def main() -> None:
    given = frame.options(__doc__).parse_args()
    folder = frame.data_set(given, "m3")
    rows = [row for period in PERIODS for row in run(folder, period, given)]
    frame.finish([*rows, *mean_ratios(rows)], given)


if __name__ == "__main__":
    main()
