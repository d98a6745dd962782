"""What each choice of the default network is worth, measured on validation blocks.

Every figure is the error (MASE) of the network with one choice changed, divided by that of the
default network: above 1 the change does harm. It is measured on the block before the test
block, which no fit has seen: every network, the default too, learns from the rows before
that block, and holds out its own validation block among them by the rule of `forecast train`.
No row of a test block is read. The second fit, on all rows, is left out of every network to
save half of the time, but for the study of what it is worth.

A figure is the mean over the seeds, ± half of their range; the line of the default shows how
much seeds alone move the error. **Bold** is better with every seed than the default with any;
a single seed makes nothing bold. A set that was measured at another commit than its default is
left out ("–").
"=" is a change that never comes into play: the forecasts are those of the default, and it
counts as 1 in the geometric mean over the sets.

    python benchmarks/ablations.py --sets ETTh1 --variants Loss "4 members"
    python benchmarks/ablations.py --page
"""

from __future__ import annotations

import argparse
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

import ask
import epf
import ett
import frame
import m4_hourly
import nn5
import vic_elec
from forecast_cli.data.panel import Ints, Panel
from forecast_cli.data.split import Split, rolling_origins, split
from forecast_cli.data.windows import Batch
from forecast_cli.forecasters import learning, neural
from forecast_cli.networks import inputs, sizes
from forecast_cli.networks.heads import Highway
from forecast_cli.networks.network import Network
from forecast_cli.networks.sizes import Sizes, choose
from forecast_cli.training import loop, progress, start, step
from forecast_cli.training.loop import Plan
from forecast_cli.training.start import Start
from forecast_cli.training.step import Step
from frame import Row

PAGE = frame.REPOSITORY / "docs" / "ablations.md"
SCORES = frame.RESULTS / "ablations" / "scores.json"
REMARKS = Path(__file__).with_suffix(".toml")
DEFAULT, AS_IS = "Default", "as it is"
SAME = "the same forecasts"


# ---- The sets: panels that end where their test blocks begin.


@dataclass(frozen=True, eq=False)
class Case:
    """What is asked of one set.

    Parameters
    ----------
    panel : Panel
        Without the test block.
    horizon, stride : int
        H and the steps between origins.
    seasons : tuple of int
        The first is m of MASE.
    block : int
        Steps at the end of each series that are scored.
    """

    panel: Panel
    horizon: int
    seasons: tuple[int, ...]
    block: int
    stride: int

    @property
    def until(self) -> Ints:
        """[S] the rows before which is learned."""
        return self.panel.ends - self.block


def etth1(given: argparse.Namespace) -> Case:
    """Scored on the published validation months, with every seventh origin."""
    source = ett.SOURCES["ETTh1"]
    panel = ett.read(frame.data_set(given, "ett_h1_m1") / source.file, source)
    panel = panel.until(panel.starts + 16 * source.month)
    return Case(panel, 96, source.seasons, 4 * source.month, stride=7)


def nn5_daily(given: argparse.Namespace) -> Case:
    """Scored on twice the horizon, with an origin a week."""
    panel, until = nn5.read(frame.data_set(given, "nn5"))
    return Case(panel.until(until), nn5.HORIZON, (nn5.SEASON,), 2 * nn5.HORIZON, stride=7)


def m4_sample(given: argparse.Namespace) -> Case:
    """Every seventh series, scored on its last four days of training."""
    past = m4_hourly.read(frame.data_set(given, "m4_hourly") / "Hourly-train.csv")
    panel = ask.panel_of({name: past[name] for name in list(past)[::7]})
    return Case(panel, m4_hourly.HORIZON, (m4_hourly.SEASON, 168), 96, stride=12)


def nord_pool(given: argparse.Namespace) -> Case:
    """Scored on the 52 weeks before the two test years, from every midnight."""
    folder = frame.data_set(given, "epf_np_pjm")
    panel = epf.read(folder / "NP.csv.gz")
    theirs = pd.read_csv(folder / "forecasts_NP.csv.gz", index_col=0, parse_dates=True)
    panel = panel.until(epf.test_days(panel, theirs).rows[:1] + 1)
    return Case(panel, epf.DAY, (epf.DAY, 7 * epf.DAY), 364 * epf.DAY, stride=epf.DAY)


def victoria(given: argparse.Namespace) -> Case:
    """The year before the test block in hours, scored on its last fifth, with an origin a day."""
    path = frame.data_set(given, "vic_elec") / "vic_elec.csv.gz"
    panel = vic_elec.read(path, ("temperature",))
    panel = panel.until(split(panel, vic_elec.HORIZON).fit_ends)
    hours, day = 365 * 24, 24
    values = panel.values[-2 * hours :].reshape(hours, 2, -1).mean(axis=1)  # [hours, C]
    year = replace(
        panel,
        values=values,
        observed=np.isfinite(values),
        times=panel.times[-2 * hours :: 2],
        offsets=np.array([0, hours]),
        clock=replace(panel.clock, freq="h"),
    )
    return Case(year, day, (day, 7 * day), 73 * day, stride=day)


SETS: dict[str, Callable[[argparse.Namespace], Case]] = {
    "ETTh1, 96": etth1,
    "NN5": nn5_daily,
    "M4 Hourly": m4_sample,
    "Nord Pool": nord_pool,
    "Victoria": victoria,
}
QUICK = ("ETTh1, 96", "NN5")


# ---- The variants: the package with a name of it bound to something else for a while.


@dataclass(frozen=True)
class Change:
    """Something of the package, and what takes its place."""

    owner: Any
    name: str
    new: Any


@dataclass(frozen=True)
class Variant:
    """The default network with one choice changed."""

    name: str
    changes: tuple[Change, ...]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The package is changed within, and as it was after."""
        with ExitStack() as stack:
            for change in self.changes:
                stack.enter_context(patch.object(change.owner, change.name, change.new))
            yield


@dataclass(frozen=True)
class Study:
    """One choice: how it is made, in words, and what else was tried."""

    name: str
    default: str
    variants: tuple[Variant, ...]


def variant(name: str, *changes: Change) -> Variant:
    """Several changes that belong together."""
    return Variant(name, changes)


def resized(changed: Callable[[Sizes], Mapping[str, Any]]) -> Change:
    """Other sizes than those of the rule, made of those of each member."""

    def other(*given: Any) -> tuple[Sizes, ...]:
        return tuple(replace(chosen, **changed(chosen)) for chosen in choose(*given))

    return Change(neural, "choose", other)


def sized(**fields: Any) -> Change:
    """Sizes that do not depend on those of the rule."""
    return resized(lambda chosen: fields)


def architecture(**of_architecture: Callable[[Any], Any]) -> Change:
    """Other fields of every member's architecture, each made of the rows it reads."""
    as_it_is = learning.architecture

    def other(lesson: Any, read: Any, rows: Any, chosen: Sizes) -> Any:
        fields = {name: make(rows) for name, make in of_architecture.items()}
        return replace(as_it_is(lesson, read, rows, chosen), **fields)

    return Change(learning, "architecture", other)


def plan(**fields: Any) -> Change:
    """Another plan of training."""
    return Change(neural, "Plan", partial(Plan, **fields))


def settings(**fields: Any) -> Change:
    """Another setting of the user."""
    as_it_is = ask.settings
    return Change(ask, "settings", lambda given, **named: as_it_is(given, **(named | fields)))


def median_loss(of_error: Callable[[Tensor], Tensor]) -> Change:
    """Another loss of the medians; the pinball loss of the quantiles stays."""

    def loss(median: Tensor, target: Tensor, weight: Tensor, count: Tensor) -> Tensor:
        return (of_error(target - median) * weight).sum() / count.clamp(min=1)

    return Change(step, "median_loss", loss)


def huber(error: Tensor) -> Tensor:
    """Quadratic up to one spread of the series."""
    return functional.huber_loss(error, torch.zeros_like(error), reduction="none")


def guessing(name: str) -> Change:
    """The linear start shrinks to this guess alone, where the lags allow it.

    It goes by the name of the last value, the one guess that the start takes for granted.
    """
    as_it_is = start._guesses

    def guesses(*given: Any) -> dict[str, Tensor]:
        found = as_it_is(*given)
        return {"last": found.get(name, found["last"])}

    return Change(start, "_guesses", guesses)


def frozen_highway(self: Network) -> list[dict[str, Any]]:
    """The groups of the optimizer, with the linear part in one that never moves."""
    linear = set(self.highway.parameters())
    groups = [
        group | {"params": [each for each in group["params"] if each not in linear]}
        for group in AS_THEY_ARE(self)
    ]
    return [*(group for group in groups if group["params"]), {"params": [*linear], "share": 0.0}]


AS_THEY_ARE = Network.groups
UNSOLVED = Change(loop, "solve_highway", lambda *given: Start("none", 0.0))
NO_HIGHWAY = (
    UNSOLVED,
    Change(
        Highway,
        "forward",
        lambda self, level, known: level.new_zeros(*level.shape[:2], self.horizon),
    ),
    Change(
        Highway,
        "at",
        lambda self, level, known, each, at: level.new_zeros(len(each), self.horizon),
    ),
)


class Curriculum(Step):
    """In the first third of the steps, a quarter of the horizon counts."""

    def __init__(
        self, network: Network, draw: Callable[[], Batch], quantiles: Tensor, plan: Plan
    ) -> None:
        super().__init__(network, lambda: self._shortened(draw()), quantiles, plan)

    def _shortened(self, batch: Batch) -> Batch:
        H = batch.weight.shape[2]
        late = torch.arange(H, device=batch.weight.device) >= -(-H // 4)  # [H]
        early = self.optimizer.steps < self.plan.steps / 3  # []
        return replace(batch, weight=batch.weight.masked_fill(late & early, 0.0))


def part(of: int) -> Change:
    """The short patches are this part of the long ones, where it is a whole number."""
    return Change(sizes, "_part", lambda patch, *_: patch // of if patch % of == 0 else patch)


def long_patch(times: float) -> Change:
    """Other long patches, where that is a whole number of rows."""
    as_it_is = sizes._patch

    def other(season: int, typical: int) -> int:
        chosen = as_it_is(season, typical)
        return int(chosen * times) if (chosen * times).is_integer() else chosen

    return Change(sizes, "_patch", other)


SECOND_FIT = settings(final_fit="all")

STUDIES = (
    Study(
        "Loss",
        "absolute error of the medians, and pinball loss of the quantiles",
        (
            variant("squared error of the medians", median_loss(torch.square)),
            variant("Huber loss of the medians", median_loss(huber)),
            variant("pinball loss alone", median_loss(torch.zeros_like)),
        ),
    ),
    Study(
        "Linear highway",
        "the best of four ridge regressions, trained on with the rest at a fifth of the rate",
        (
            variant("no highway: residual from the last value", *NO_HIGHWAY),
            variant("a highway that starts at zero", UNSOLVED),
            variant("shrinks to the last value only", guessing("last")),
            variant("shrinks to the mean season only", guessing("seasons")),
            variant("a frozen highway", Change(Network, "groups", frozen_highway)),
            variant("the start alone, never trained", sized(steps=0)),
        ),
    ),
    Study(
        "Canonical patches",
        "each value of a patch enters at the place of its own time in the cycle",
        (variant("in the order of time", sized(canonical=False)),),
    ),
    Study(
        "Several patch lengths",
        "every second member sees long patches, the others about a third and a sixth of them",
        (
            variant("all see the long ones", part(1)),
            variant("half of them a half", part(2)),
            variant("half of them a third", part(3)),
            variant("half of them a quarter", part(4)),
            variant("half of them a sixth", part(6)),
            variant("half of them a twelfth", part(12)),
            variant("all twice as long", long_patch(2.0)),
            variant("all half as long", long_patch(0.5)),
        ),
    ),
    Study(
        "Causal normalisation",
        "half of the members see patches relative to the running mean, half to the last value",
        (
            variant("all relative to the running mean", architecture(relative=lambda _: "mean")),
            variant("all relative to the last value", architecture(relative=lambda _: "last")),
        ),
    ),
    Study(
        "Logarithms",
        "where the panel votes for them, see forecast_cli/networks/logs.py",
        (
            variant(
                "never",
                Change(
                    inputs, "choose_floors", lambda panel, *rest: np.full(panel.n_series, np.nan)
                ),
            ),
        ),
    ),
    Study(
        "Calendar",
        "for half of the members",
        (
            variant(
                "for all",
                architecture(calendar=lambda rows: rows.calendar.shape[1]),
            ),
            variant("for none", architecture(calendar=lambda _: 0)),
        ),
    ),
    Study(
        "Vector of a series",
        "learned, where there are several series",
        (variant("none", architecture(series=lambda _: 0)),),
    ),
    Study(
        "Dropout",
        "0.4, and 0.2 for ten series and more",
        tuple(variant(f"{share:.1f}", sized(dropout=share)) for share in (0.2, 0.4, 0.5)),
    ),
    Study(
        "Steps",
        "by the rule of forecast_cli/networks/sizes.py",
        (
            variant("half as many", resized(lambda chosen: {"steps": -(-chosen.steps // 2)})),
            variant("twice as many", resized(lambda chosen: {"steps": 2 * chosen.steps})),
        ),
    ),
    Study(
        "Curriculum",
        "the whole horizon from the first step on",
        (
            variant(
                "a quarter of it in the first third of the steps", Change(loop, "Step", Curriculum)
            ),
        ),
    ),
    Study(
        "Weight averaging",
        "a running mean over 30 steps",
        (
            variant("the weights as they are", plan(memory=1.0)),
            variant("a mean over 100 steps", plan(memory=100.0)),
        ),
    ),
    Study(
        "Ensemble",
        "four networks, their quantiles averaged; two of ten series and more or for long horizons",
        tuple(
            variant(f"{count} member{'s' * (count > 1)}", settings(members=count))
            for count in (1, 2, 4, 8)
        ),
    ),
    Study(
        "Final fit",
        "none in this table; the default is the first of these",
        (
            variant("again on all rows, for the steps that were enough", SECOND_FIT),
            variant(
                "again on all rows, for the steps that were best",
                SECOND_FIT,
                Change(progress, "NEAR", 1.0),
            ),
        ),
    ),
)


# ---- Measuring.


@dataclass(frozen=True, eq=False)
class Outcome:
    """A network, fitted and scored: its MASE, NaN where it failed.

    Its seconds are those that the processor spent on fit and forecasts, over all threads, so
    that other work on the machine does not count.
    """

    answer: ask.Answer
    score: float
    seconds: float


def outcome(case: Case, seed: int, given: argparse.Namespace) -> Outcome:
    """Fit the network, as the package now is, and score it on the block that it has not seen."""
    panel, until = case.panel, case.until
    blocks = Split(until, panel.ends, case.block, validation=0)
    origins = rolling_origins(panel, blocks, case.horizon, case.stride)
    task = ask.question(panel, until, case.horizon, case.seasons)
    options = argparse.Namespace(seed=seed, steps=given.steps)
    began = time.process_time()
    found = ask.answer(ask.NETWORK, options, panel, task, until, origins, final_fit="training")
    spent = time.process_time() - began
    scored = ask.scores(("mase",), panel, until, origins, found.point, task.season)
    return Outcome(found, float("nan") if found.failure else scored["MASE"], spent)


def measure(name: str, case: Case, given: argparse.Namespace) -> list[Row]:
    """The default and the chosen variants on one set; one row a variant and seed."""

    def outcomes(what: str, changed: Variant) -> list[Outcome]:
        print(f"{name}: {what}")
        with changed.applied():
            found = [outcome(case, seed, given) for seed in range(given.seeds)]
        print(f"    MASE {spread([each.score for each in found])}", flush=True)
        return found

    defaults = outcomes(AS_IS, variant(AS_IS))
    unit = float(np.mean([each.score for each in defaults]))
    series, ahead = case.panel.n_series, defaults[0].answer.point.shape
    typical = int(np.median(case.until - case.panel.starts))
    about = (
        f"{series} series, {typical} steps learned from, {ahead[0]} forecasts of {ahead[1]} steps"
    )
    rows = [Row(DEFAULT, name, "MASE", AS_IS, "ours", unit, note=about)]
    rows += rows_of(DEFAULT, AS_IS, name, defaults, unit)
    for study in STUDIES:
        for each in study.variants:
            if {study.name, each.name} & set(given.variants):
                found = outcomes(f"{study.name}, {each.name}", each)
                rows += rows_of(study.name, each.name, name, found, unit, defaults)
    return rows


def rows_of(
    study: str,
    who: str,
    name: str,
    found: Sequence[Outcome],
    unit: float,
    defaults: Sequence[Outcome] = (),
) -> list[Row]:
    """One row a seed: the error in ``unit``, that of the default network."""
    same = [
        np.array_equal(one.answer.point, default.answer.point, equal_nan=True)
        for one, default in zip(found, defaults, strict=False)
    ] or [False] * len(found)
    return [
        Row(
            study,
            name,
            f"seed {seed}",
            who,
            "ours",
            one.score / unit,
            seconds=round(one.seconds, 2),
            note=SAME if same[seed] else one.answer.failure,
        )
        for seed, one in enumerate(found)
    ]


# ---- The page.


@dataclass(frozen=True)
class Cell:
    """A variant on one set: its error in units of the default's, a value a seed."""

    ratios: tuple[float, ...]
    seconds: float
    same: bool

    @property
    def text(self) -> str:
        return "=" if self.same else spread(self.ratios)


def spread(ratios: Sequence[float]) -> str:
    """The mean, ± half of the range.

    Examples
    --------
    >>> spread([0.99, 1.03]), spread([1.25]), spread([])
    ('1.010 ± 0.020', '1.250', '–')
    """
    if not ratios or not np.isfinite(ratios).all():
        return "failed" if ratios else "–"
    around = f" ± {np.ptp(ratios) / 2:.3f}" if len(ratios) > 1 else ""
    return f"{np.mean(ratios):.3f}{around}"


def cells(rows: Iterable[Row]) -> dict[tuple[str, str], dict[str, Cell]]:
    """By study and variant, then by set."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.metric.startswith("seed"):
            groups.setdefault((row.table, row.who, row.row), []).append(row)
    found: dict[tuple[str, str], dict[str, Cell]] = {}
    for (study, who, name), group in groups.items():
        found.setdefault((study, who), {})[name] = Cell(
            ratios=tuple(row.value for row in group),
            seconds=float(np.mean([row.seconds for row in group])),
            same=all(row.note == SAME for row in group),
        )
    return found


def page(measured: frame.Results, said: Mapping[str, str]) -> str:
    """The whole document."""
    rows = present(measured)
    found = cells(rows)
    there = [s for s in STUDIES if any((s.name, each.name) in found for each in s.variants)]
    sections = [_section(study, found, said) for study in there]
    absent = [study.name for study in STUDIES if study not in there]
    if absent:
        sections.append(f"## Not measured with the present default\n\n{', '.join(absent)}.\n")
    return "\n".join([f"{HEADING}\n{measured.about}\n", _sets(rows), *sections, _runs(measured)])


def present(measured: frame.Results) -> list[Row]:
    """The rows of each set that belong to the commit of its default; ratios to another mislead."""
    commit = {
        row.row: run.stamp.commit
        for run in measured.runs
        for row in run.rows
        if row.table == DEFAULT
    }
    return [
        row for run in measured.runs for row in run.rows if run.stamp.commit == commit.get(row.row)
    ]


HEADING = """\
# Ablations

<!-- Written by benchmarks/ablations.py from benchmarks/results/ablations/; the words on what
     follows from the figures are those of benchmarks/ablations.toml. -->
"""


def _sets(rows: Sequence[Row]) -> str:
    """What is asked of each set, and the default's error there."""
    return _table(
        ("set", "what", "MASE of the default"),
        [(row.row, row.note, frame.number(row.value)) for row in rows if row.metric == "MASE"],
    )


def _section(
    study: Study, found: Mapping[tuple[str, str], Mapping[str, Cell]], said: Mapping[str, str]
) -> str:
    """One choice: as it is, the variants, and what follows."""
    names = [name for name in SETS if name in found.get((DEFAULT, AS_IS), {})]
    default = {name: found[DEFAULT, AS_IS][name] for name in names}
    lines: list[tuple[str, Mapping[str, Cell]]] = [(AS_IS, default)]
    lines += [(each.name, found.get((study.name, each.name), {})) for each in study.variants]
    table = _table(
        ("", *names, "all sets", "processor time"),
        [_line(who, of_sets, default) for who, of_sets in lines],
    )
    words = said.get(study.name, "").strip()
    as_is = f"{AS_IS.capitalize()}: {study.default}."
    return f"## {study.name}\n\n{as_is}\n\n{table}" + (f"\n{words}\n" if words else "")


def _line(who: str, of_sets: Mapping[str, Cell], default: Mapping[str, Cell]) -> tuple[str, ...]:
    """A variant on every set, over all that were measured, and the processor time that it takes."""
    both = [name for name in default if name in of_sets]
    if not both:
        return who, *["–" for _ in default], "–", "–"
    seeds = min(len(each[name].ratios) for each in (of_sets, default) for name in both)
    over_all, base = (  # geometric means, a value a seed
        np.exp(np.mean([np.log(each[name].ratios[:seeds]) for name in both], axis=0)).tolist()
        for each in (of_sets, default)
    )
    ratio = np.exp(
        np.mean([np.log(of_sets[name].seconds / default[name].seconds) for name in both])
    )
    marked = [
        _bold(of_sets[name].text, of_sets[name].ratios, default[name].ratios)
        if name in of_sets
        else "–"
        for name in default
    ]
    return who, *marked, _bold(spread(over_all), over_all, base), f"{ratio:.1f} ×"


def _bold(text: str, ratios: Sequence[float], default: Sequence[float]) -> str:
    """In bold where every seed, of several, is better than any of the default."""
    several = len(ratios) > 1 and len(default) > 1
    return f"**{text}**" if several and np.max(ratios) < min(default) else text


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Numbers to the right, words to the left."""
    rule = ["---" if place == 0 or title == "what" else "---:" for place, title in enumerate(head)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, rule, *lines))


def _runs(measured: frame.Results) -> str:
    """When and on what the figures were measured; each command once."""
    lines = []
    for stamp in (run.stamp for run in measured.runs):
        machine = stamp.machine
        on = [machine["processor"], f"{machine['cores']} cores", machine["memory"]]
        on += [f"{name} {version}" for name, version in stamp.versions.items()]
        lines.append(
            f"Measured {stamp.date} UTC by `{stamp.command}`, commit {stamp.commit}, "
            f"on {', '.join(on)}.\n"
        )
    return "## Measured\n\n" + "\n".join(dict.fromkeys(lines))


def remarks(path: Path = REMARKS) -> dict[str, str]:
    """What follows from the figures, in words, by study."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def write_page() -> None:
    """From all that was measured."""
    PAGE.write_text(page(frame.read(SCORES), remarks()), encoding="utf-8")
    print(f"written: {PAGE.relative_to(frame.REPOSITORY)}")


def main() -> None:
    every = [name for study in STUDIES for name in (study.name, *(v.name for v in study.variants))]
    parser = frame.options(__doc__, quick=f"one seed on {' and '.join(QUICK)}", seed=False)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--variants", nargs="+", choices=every, default=every, metavar="NAME")
    parser.add_argument("--seeds", type=int, default=2, help="networks a variant and set")
    parser.add_argument("--page", action="store_true", help="write the page, measure nothing")
    given = parser.parse_args()
    if given.quick:
        given.sets, given.seeds = list(QUICK), 1
    if given.page:
        write_page()
        return
    whole = given.sets == list(SETS) and given.variants == every
    stamp = frame.stamp()  # before the page is another one
    for place, name in enumerate(given.sets):
        rows = measure(name, SETS[name](given), given)
        if given.steps:
            print("nothing written: trained for a few steps only")
            continue
        about = frame.prose(__doc__)
        frame.save(SCORES, rows, stamp, about=about, partial=place > 0 or not whole)
        write_page()


if __name__ == "__main__":
    main()
