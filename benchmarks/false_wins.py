"""False winners and power: how often the verdict is wrong, and how often it sees what is there.

Comparisons of two networks and eight simple models are simulated a thousand times a row, and go
through the package's own units, tests and verdict. Where all models are equally good every
winner is false; the mark is 7 % of the comparisons. Losses are lognormal (deviation .4 of their
logarithm); four fifths of what moves them are shared by all models, a tenth by those of a kind.
"Autocorrelation" is that of the logarithms from origin to origin, "correlation" that between
series at one moment, in all that moves a loss; in panels a tenth of a model's own part stays
with the series. Panels of one moment are never decided: their series share it. The hardest case
for the verdict is not that all are equal, but that one simple model is as good as the networks
and the others are behind, by 30 % here.

One pair of models shows what the test is worth beside others. Diebold-Mariano with the
correction of Harvey, Leybourne and Newbold is the paired t test where origins lie a horizon
apart, and stands under that name; the circular block bootstrap is that of the skill, with
percentile intervals and blocks of 1.75 n^(1/3).

    python benchmarks/false_wins.py
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

import frame
from forecast_cli.clock import Clock
from forecast_cli.comparison import ForecastTable, ModelScore, Protocol, Verdict, Versus
from forecast_cli.data.panel import Floats
from forecast_cli.evaluation.metrics import Scales
from forecast_cli.evaluation.significance import LEVEL, against_reference, diebold_mariano, versus
from forecast_cli.evaluation.units import independent_units, unit_losses
from forecast_cli.evaluation.verdict import verdict

NETWORKS = ("lstm", "gru")
SIMPLE = ("seasonal-naive", "naive", "drift", "linear", "ets", "theta", "arima", "boosting")
KINDS = {name: "network" if name in NETWORKS else "baseline" for name in (*NETWORKS, *SIMPLE)}
STRONG = "linear"
SPREAD = 0.4  # deviation of the logarithm of a loss
SHARED, KIND = 0.8, 0.1  # of its variance: by all models, by those of one kind
STAYS = 0.1  # of the variance of a model's own part: with the series
MARK = 7.0
DRAWS = 1000
ORIGINS, AUTOCORRELATIONS = (20, 30, 58, 100, 200), (0.0, 0.3, 0.5, 0.7)
SERIES, MOMENTS, CORRELATIONS = (20, 50, 200), (1, 30), (0.0, 0.5)
SEEN = (20, 58, 200)  # origins of the tables with fewer rows
BEHIND = 1.3  # times the loss of the strong simple model
ADVANTAGES = (0.05, 0.1, 0.2)
RESAMPLES = 400
TESTS = ("long-run variance", "t test, Diebold-Mariano", "block bootstrap")
WINNERS, DECISIONS = "a winner is declared, %", "better or worse than the reference, %"
REFUSED = "equal models called different, %"
FOUND = {
    "network": "the networks' lead is found, %",
    "simple": "the simple models' lead is found, %",
}
PROTOCOL = Protocol(
    horizon=1,
    context=None,
    origins=1,
    origins_per_series=1,
    stride=1,
    test_size=1,
    val_size=0,
    metric="mae",
    season=24,
    refit=0,
    seeds=1,
    reference="seasonal-naive",
    quantiles=(0.5,),
    start="",
    end="",
)


@dataclass(frozen=True)
class World:
    """How losses come about."""

    origins: int  # moments
    autocorrelation: float
    series: int = 1
    correlation: float = 0.0  # between series
    networks: float = 1.0  # their mean loss, as a share of that of linear
    others: float = 1.0  # that of the simple models but linear

    @property
    def asked(self) -> str:
        """The row of the table."""
        origins = f"{self.origins} origin{'s' if self.origins > 1 else ''}"
        auto = f"autocorrelation {self.autocorrelation:g}"
        if self.series == 1:
            return f"{origins}, {auto}"
        return f"{self.series} series, {origins}, correlation {self.correlation:g}, {auto}"


def waves(world: World, rng: np.random.Generator, count: int) -> Floats:
    """[count, S, T] standard normal, with the world's dependence in time and between series."""
    draws = rng.normal(size=(count, world.series + 1, world.origins))  # the last one is common
    for t in range(1, world.origins):
        fresh = np.sqrt(1 - world.autocorrelation**2) * draws[:, :, t]
        draws[:, :, t] = world.autocorrelation * draws[:, :, t - 1] + fresh
    own, common = draws[:, :-1], draws[:, -1:]
    if world.series > 1:
        staying = rng.normal(size=(count, world.series, 1))
        own = np.sqrt(STAYS) * staying + np.sqrt(1 - STAYS) * own
    mixed: Floats = np.sqrt(world.correlation) * common + np.sqrt(1 - world.correlation) * own
    return mixed


def losses(world: World, rng: np.random.Generator) -> dict[str, Floats]:
    """[S, T] of every model; their means are equal but for what the world says."""
    n = len(KINDS)
    every = waves(world, rng, 3 + n)  # all models, each kind, each model
    found = {}
    for place, (name, kind) in enumerate(KINDS.items()):
        logarithm = (
            np.sqrt(SHARED) * every[0]
            + np.sqrt(KIND) * every[1 if kind == "network" else 2]
            + np.sqrt(1 - SHARED - KIND) * every[3 + place]
        )
        size = world.networks if kind == "network" else 1.0 if name == STRONG else world.others
        found[name] = size * np.exp(SPREAD * logarithm)
    return found


def table_of(lost: dict[str, Floats]) -> ForecastTable:
    """Forecasts one step ahead, of zero, that miss by these losses [S, T]."""
    series, origins = next(iter(lost.values())).shape
    hours = np.tile(np.arange(origins) * 3_600 * 10**9, series)
    return ForecastTable(
        ids=tuple(f"s{i}" for i in range(series)),
        series=np.repeat(np.arange(series), origins),
        origin_times=hours,
        times=hours[:, None] + 3_600 * 10**9,
        actual=np.zeros((series * origins, 1)),
        quantiles=(0.5,),
        forecasts={name: each.reshape(-1, 1, 1) for name, each in lost.items()},
        clock=Clock(freq="h"),
    )


def judged(lost: dict[str, Floats]) -> tuple[Verdict, dict[str, Versus]]:
    """What the package says to these losses."""
    table = table_of(lost)
    nothing = np.full(len(table.series), np.nan)
    scales = Scales(nothing, nothing)
    found = unit_losses(table, independent_units(table, 1), scales, PROTOCOL.metric)
    worth = dict(against_reference(found, PROTOCOL.reference))
    order = sorted(lost, key=lambda name: float(lost[name].mean()))
    rows = [
        _row(name, rank, float(lost[name].mean()), worth[name])
        for rank, name in enumerate(order, start=1)
    ]
    return verdict(rows, found, replace(PROTOCOL, origins=len(table.series))), worth


def _row(name: str, rank: int, loss: float, worth: Versus) -> ModelScore:
    return ModelScore(
        name=name,
        kind=KINDS[name],
        status="ok",
        reason="",
        rank=rank,
        metrics={PROTOCOL.metric: loss},
        by_step={},
        by_series={},
        skill=worth.skill,
        skill_by_step=(),
        fit_seconds=1.0,
        forecast_seconds=0.0,
        parameters=0,
        versus_reference=worth,
    )


def shares(world: World, draws: int, seed: int) -> dict[str, float]:
    """How often each finding is made, and any model is told from the reference; in per cent."""
    rng = np.random.default_rng([seed, world.origins, world.series])
    counts = dict.fromkeys(("network", "simple", "told apart"), 0)
    for _ in range(draws):
        said, worth = judged(losses(world, rng))
        if said.finding in counts:
            counts[said.finding] += 1
        counts["told apart"] += any(w.decision in ("better", "worse") for w in worth.values())
    return {name: 100 * count / draws for name, count in counts.items()}


def false_winners(title: str, world: World, draws: int, seed: int) -> Iterator[frame.Row]:
    """Equal models: whatever is found is false."""
    found = shares(world, draws, seed)
    values = {WINNERS: found["network"] + found["simple"], DECISIONS: found["told apart"]}
    for metric, value in values.items():
        yield frame.Row(title, world.asked, metric, "verdict", "ours", value, target=MARK)


def one_strong(world: World, draws: int, seed: int) -> Iterator[frame.Row]:
    """Networks and one simple model are equal, the rest is behind: the hardest case of all."""
    found = shares(replace(world, others=BEHIND), draws, seed)
    value = found["network"] + found["simple"]
    title = "False winners: one strong simple model"
    yield frame.Row(title, world.asked, WINNERS, "verdict", "ours", value, target=MARK)


def power(world: World, draws: int, seed: int) -> Iterator[frame.Row]:
    """Networks, or simple models, that are better by a share."""
    for advantage, (side, metric) in itertools.product(ADVANTAGES, FOUND.items()):
        size = 1 - advantage if side == "network" else 1 / (1 - advantage)
        found = shares(replace(world, networks=size), draws, seed)
        row = _better(world, advantage)
        yield frame.Row("Power", row, metric, "verdict", "ours", found[side], better="higher")


def bootstrap(mine: Floats, other: Floats, rng: np.random.Generator) -> bool:
    """Whether a percentile interval of the skill, by circular blocks, excludes zero.

    Politis & Romano (1992); blocks of 1.75 n^(1/3) units.
    """
    n = len(mine)
    length = max(1, round(1.75 * n ** (1 / 3)))
    starts = rng.integers(n, size=(RESAMPLES, -(-n // length), 1))
    places = ((starts + np.arange(length)) % n).reshape(RESAMPLES, -1)[:, :n]
    skill = 1 - mine[places].mean(axis=1) / other[places].mean(axis=1)
    lower, upper = np.quantile(skill, [LEVEL / 2, 1 - LEVEL / 2])
    return bool(lower > 0 or upper < 0)


def one_pair(world: World, draws: int, seed: int) -> Iterator[frame.Row]:
    """An equal network and simple model: four tests, three of them different."""
    rng = np.random.default_rng([seed, world.origins])
    counts = dict.fromkeys(TESTS, 0)
    for _ in range(draws):
        lost = losses(world, rng)
        mine, other = lost["lstm"][0], lost["linear"][0]
        counts[TESTS[0]] += versus(mine, other, "origins").p < LEVEL
        counts[TESTS[1]] += diebold_mariano(mine, other) < LEVEL
        counts[TESTS[2]] += bootstrap(mine, other, rng)
    for who, count in counts.items():
        kind: frame.Kind = "ours" if who == TESTS[0] else "peer"
        yield frame.Row("One pair", world.asked, REFUSED, who, kind, 100 * count / draws)


def rows_of(draws: int, seed: int) -> Iterator[frame.Row]:
    """Every table."""
    alone = [World(n, phi) for n, phi in itertools.product(ORIGINS, AUTOCORRELATIONS)]
    panels = [
        World(moments, phi, series, correlation)
        for series, moments, correlation in itertools.product(SERIES, MOMENTS, CORRELATIONS)
        for phi in ((0.3,) if moments > 1 else (0.0,))
    ]
    for world in alone:
        yield from _told(world, false_winners("False winners: one series", world, draws, seed))
    for world in (w for w in alone if w.origins in SEEN):
        yield from _told(world, one_strong(world, draws, seed))
    for world in panels:
        yield from _told(world, false_winners("False winners: panels", world, draws, seed))
    for world in alone:
        yield from _told(world, one_pair(world, draws, seed))
    seen = [World(n, phi) for n, phi in itertools.product(SEEN, (0.0, 0.5))]
    for world in [*seen, World(30, 0.3, 50, 0.0), World(30, 0.3, 50, 0.5)]:
        yield from _told(world, power(world, draws, seed))


def digest(rows: Sequence[frame.Row]) -> str:
    """The table of docs/verdict.md; a test holds that it stands there."""
    values = {row.key: f"{row.value:.1f}" for row in rows}
    one, strong = "False winners: one series", "False winners: one strong simple model"
    heads = ["origins", "auto-correlation", "false winners", "hardest case", "told from reference"]
    heads += ["one pair: this test", "t, Diebold-Mariano", "block bootstrap"]
    heads += [f"network {100 * share:g} % better, found" for share in ADVANTAGES]
    lines = [heads, ["---:"] * len(heads)]
    for world in (World(n, phi) for n, phi in itertools.product(SEEN, (0.0, 0.5))):
        ours = {
            (title, metric): values[title, world.asked, metric, "ours", "verdict"]
            for title, metric in ((one, WINNERS), (strong, WINNERS), (one, DECISIONS))
        }
        pair = [
            values["One pair", world.asked, REFUSED, kind, who]
            for kind, who in zip(("ours", "peer", "peer"), TESTS, strict=True)
        ]
        found = [
            values["Power", _better(world, share), FOUND["network"], "ours", "verdict"]
            for share in ADVANTAGES
        ]
        lines.append(
            [str(world.origins), f"{world.autocorrelation:g}", *ours.values(), *pair, *found]
        )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _better(world: World, share: float) -> str:
    return f"{world.asked}, {100 * share:g} % better"


def _told(world: World, rows: Iterator[frame.Row]) -> Iterator[frame.Row]:
    print(f"  {world.asked} ...", flush=True)
    return rows


def main() -> None:
    given: argparse.Namespace = frame.options(__doc__).parse_args()
    frame.finish(list(rows_of(given.steps or DRAWS, given.seed)), given)


if __name__ == "__main__":
    main()
