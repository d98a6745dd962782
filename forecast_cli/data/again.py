"""Newer data, read as those of a training were: what was settled then is not inferred anew.

A few new rows need not show again in which order day and month stand, what marks a missing
value or which columns vary, and what they do show may mislead. Notable: an option that a new
file plainly contradicts (another separator, another step) is let go, and that is said. An
option that the user gives now is never let go.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from forecast_cli.config import DataOptions
from forecast_cli.data.dataset import Dataset, from_table, too_large
from forecast_cli.data.limits import Limits
from forecast_cli.data.notes import Notes
from forecast_cli.data.parse import read_table
from forecast_cli.data.read import Source, read_sources
from forecast_cli.data.table import Table
from forecast_cli.errors import DataError, UsageError
from forecast_cli.monitor import SILENT, Monitor

_FORMS = ("decimal", "sep", "date_format", "tz")  # how a file is written, not what is in it
_SPARSER = 1.75  # rows on the kept grid, for one on the grid that the new file suggests


def load_again(
    options: DataOptions,
    kept: Collection[str],
    labels: Mapping[str, tuple[str, ...]],
    monitor: Monitor = SILENT,
) -> Dataset:
    """Read newer data with the options of an earlier reading.

    Parameters
    ----------
    options : DataOptions
        As the earlier reading resolved them, with what is given now on top.
    kept : collection of str
        The options that come from the earlier reading.
    labels : mapping of column to labels
        Of the text statics, from the earlier reading.
    monitor : Monitor

    Returns
    -------
    Dataset
        With a warning for each option that was let go, and one for targets not in the file.

    Raises
    ------
    DataError
        Data that cannot be read with the kept options, nor without them; none of the targets.
    UsageError
        A column that is not in the file.
    """
    monitor.begin("reading " + ", ".join(options.data))
    try:
        settled = frozenset(name for name in kept if getattr(options, name))
        sources = read_sources(options.data, Limits(options.limits))
        return _on_kept_step(_Reading(sources, options, settled, labels))
    except MemoryError as cause:
        raise too_large(options) from cause
    finally:
        monitor.end()


@dataclass(frozen=True, eq=False)
class _Reading:
    """What is to be read, and what is known of it from before."""

    sources: Sequence[Source]
    options: DataOptions
    kept: frozenset[str]
    labels: Mapping[str, tuple[str, ...]]

    def without(self, *names: str) -> _Reading:
        """The same with some kept options left to be inferred."""
        defaults = {name: DataOptions.model_fields[name].default for name in names}
        return replace(
            self, options=self.options.model_copy(update=defaults), kept=self.kept - {*names}
        )

    def read(self) -> Dataset:
        """One attempt."""
        notes = Notes()
        table = read_table(self.sources, self.options, notes)
        options = _present(table, self.options, self.kept, notes)
        several = "target" in self.kept and len(self.options.target) > 1
        return from_table(table, self.sources, options, notes, self.labels, several)


def _on_kept_step(reading: _Reading) -> Dataset:
    """Read on the kept step, unless the file suggests another that the kept one cannot hold.

    A short file with gaps may look as if its step were longer; but where the kept step would
    leave nearly half of the rows empty, or average rows away, the data have another step.
    """
    if "freq" not in reading.kept:
        return _in_kept_form(reading)
    suggested = _in_kept_form(reading.without("freq"))
    if suggested.panel.clock.freq in (None, reading.options.freq):
        return suggested
    try:
        dataset = _in_kept_form(reading)
    except (DataError, UsageError):
        return suggested
    changed = {repair.kind for repair in dataset.summary.repairs}
    changed -= {repair.kind for repair in suggested.summary.repairs}
    sparser = dataset.panel.n_rows / suggested.panel.n_rows
    fits = 1 <= sparser <= _SPARSER and not changed & {"averaged", "off-grid times"}
    return dataset if fits else suggested


def _in_kept_form(reading: _Reading) -> Dataset:
    """Read in the kept form, or with the fewest options let go that stand in the way."""
    try:
        return reading.read()
    except (DataError, UsageError) as cause:
        first = cause
    forms = [name for name in _FORMS if name in reading.kept]
    try:
        dataset, released = reading.without(*forms).read(), tuple(forms)
    except (DataError, UsageError):
        raise first from None
    for size in range(1, len(forms)):
        for some in combinations(forms, size):
            try:
                fewer = reading.without(*some).read()
            except (DataError, UsageError):
                continue
            return _told(fewer, reading.options, some)
    return _told(dataset, reading.options, released)


def _told(dataset: Dataset, before: DataOptions, released: Sequence[str]) -> Dataset:
    """The data set with a warning that names what was let go, and what was taken instead."""
    changes = [
        f'--{name.replace("_", "-")} "{getattr(before, name)}" → '
        f'"{getattr(dataset.options, name) or "none"}"'
        for name in released
    ]
    sources = ", ".join(dataset.summary.sources)
    warning = f"{sources} cannot be read as in the training; inferred anew: {', '.join(changes)}"
    return replace(dataset, warnings=(warning, *dataset.warnings))


def _present(table: Table, options: DataOptions, kept: frozenset[str], notes: Notes) -> DataOptions:
    """The options without kept columns that the table does not have.

    Raises
    ------
    DataError
        None of the kept targets is there, or a covariate that the model reads is not.
    """
    name = table.sheets[0].source.name
    _require_covariates(table, options, kept, name)
    changes: dict[str, object] = {}
    if "time" in kept and not {*options.time} <= {*table.names}:
        changes |= {"time": ()} | ({"date_format": None} if "date_format" in kept else {})
        notes.warn(
            f"{name} has no time column {_listed(options.time)} as in the training; "
            "--time names another"
        )
    if "id" in kept and options.id not in table.names:
        changes["id"] = None
        notes.warn(f'{name} has no id column "{options.id}" as in the training; --id names another')
    if "target" in kept:
        there = _possible_targets(table, options)
        targets = tuple(target for target in options.target if target in there)
        absent = tuple(target for target in options.target if target not in there)
        if not targets:
            raise DataError(
                f"{name}: has none of the series of the training ({_listed(absent)})",
                "--target names what to forecast; columns are " + ", ".join(table.names[:12]),
            )
        if absent:
            notes.warn(
                f"{name} has {len(targets)} of the {len(options.target)} targets of the training; "
                f"not forecast: {_listed(absent)}"
            )
        changes["target"] = targets
    return options.model_copy(update=changes)


def _require_covariates(
    table: Table, options: DataOptions, kept: frozenset[str], name: str
) -> None:
    """The model reads these columns: without one it has no answer."""
    there = _possible_targets(table, options) | {*table.names}
    for role in ("past", "future", "static"):
        absent = [column for column in getattr(options, role) if column not in there]
        if role in kept and absent:
            raise DataError(
                f"{name}: has no column {_listed(absent)}, which the model of the training reads "
                f"(--{role})",
                "add the column, or train again without it",
            )


def _possible_targets(table: Table, options: DataOptions) -> set[str]:
    """Columns, or the variables of a name/value file."""
    if options.variable is None or options.variable not in table.names:
        return {*table.names}
    return {str(label) for label in table.labels(options.variable).dropna().unique()}


def _listed(names: Sequence[str]) -> str:
    """Names in quotation marks, the first few of them."""
    return ", ".join(f'"{name}"' for name in names[:5]) + (", …" if len(names) > 5 else "")
