"""From entities on their grid to the panel: one series for each entity and target.

Rows before a series' first value are left out. The history of an entity ends with the last
row in which any of its targets was observed: a target that is missing there fell silent, and
that is known of it. Later rows are the future as far as covariates that are known ahead reach;
those that hold only covariates of the past are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_cli.clock import Clock
from forecast_cli.data.columns import Roles
from forecast_cli.data.entities import Entities
from forecast_cli.data.notes import Notes
from forecast_cli.data.panel import Bools, Floats, Ints, Panel, Role
from forecast_cli.data.repair import Regular
from forecast_cli.errors import DataError


def make_panel(
    regular: Regular,
    entities: Entities,
    roles: Roles,
    static: Floats,
    clock: Clock,
    notes: Notes,
) -> Panel:
    """One series for each entity and target that has a value.

    Parameters
    ----------
    regular : Regular
        Its columns are the targets, then "past", then "future" covariates.
    entities : Entities
    roles : Roles
    static : [E, F] float64
    clock : Clock
    notes : Notes

    Raises
    ------
    DataError
        No series has a value.
    """
    reach = _reach(regular, roles)
    blocks = [_block(regular, roles, reach, t) for t in range(len(roles.targets))]
    n_entities, n_targets = len(entities.names), len(roles.targets)
    _tell_left_out(blocks, n_entities * n_targets, notes)
    _tell_trailing(regular, reach, notes)
    several = roles.several or n_targets > 1
    values = np.concatenate([b.values for b in blocks])
    entity = np.concatenate([b.entity for b in blocks])
    lengths = np.concatenate([b.lengths for b in blocks])
    past: list[Role] = ["past"] * len(roles.past)
    future: list[Role] = ["future"] * len(roles.future)
    ids = tuple(
        _series_id(entities.names[e], target, several)
        for target, block in zip(roles.targets, blocks, strict=True)
        for e in block.entity
    )
    _refuse_twins(ids)
    panel = Panel(
        values=values,
        observed=np.isfinite(values),
        times=np.concatenate([b.times for b in blocks]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        ids=ids,
        channels=("value" if several else roles.targets[0], *roles.past, *roles.future),
        roles=("target", *past, *future),
        static=static[entity],
        static_names=roles.static,
        clock=clock,
        id_name=entities.column,
        future_rows=np.concatenate([b.future_rows for b in blocks]),
    )
    if n_entities > 1 and n_targets > 1:
        panel = panel.select(np.argsort(entity, kind="stable"))
    return panel


@dataclass(frozen=True, eq=False)
class _Block:
    """One target of all entities that have a value of it (E' of them)."""

    values: Floats  # [rows, C]
    times: Ints  # [rows]
    lengths: Ints  # [E']
    future_rows: Ints  # [E']
    entity: Ints  # [E']
    trimmed: int


@dataclass(frozen=True, eq=False)
class _Reach:
    """One past the last row of each entity that matters, all [E]."""

    history: Ints  # in which any target was observed
    kept: Ints  # of the history, or known ahead
    used: Ints  # in which any column was observed


def _reach(regular: Regular, roles: Roles) -> _Reach:
    history = _after_last(regular, range(len(roles.targets)))
    width = regular.values.shape[1]
    ahead = _after_last(regular, range(width - len(roles.future), width))
    kept = np.maximum(history, ahead)
    past = _after_last(regular, range(len(roles.targets), width - len(roles.future)))
    return _Reach(history, kept, np.maximum(kept, past))


def _block(regular: Regular, roles: Roles, reach: _Reach, target: int) -> _Block:
    n_targets = len(roles.targets)
    columns = [target, *range(n_targets, n_targets + len(roles.past) + len(roles.future))]
    seen = np.isfinite(regular.values[:, target])  # [rows]
    first = _first_seen(seen, regular.offsets)  # [E]
    lengths = np.maximum(reach.kept - first, 0)  # 0 where nothing was seen
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    rows = np.repeat(first - offsets[:-1], lengths) + np.arange(offsets[-1])
    alive = np.flatnonzero(lengths > 0)
    return _Block(
        values=regular.values[np.ix_(rows, columns)],
        times=regular.times[rows],
        lengths=lengths[alive],
        future_rows=(reach.kept - reach.history)[alive],
        entity=alive,
        trimmed=int((first - regular.offsets[:-1])[alive].sum()),
    )


def _tell_left_out(blocks: Sequence[_Block], asked: int, notes: Notes) -> None:
    """Count leading rows and empty ones among the series that were asked for; refuse if all are."""
    over_all = ", counted over all series" if asked > 1 else ""
    notes.repair(
        "leading rows",
        sum(block.trimmed for block in blocks),
        f"before a series' first value, left out{over_all}",
    )
    empty = asked - sum(block.entity.size for block in blocks)
    notes.repair("series without a value", empty, "left out")
    if empty == asked:
        raise DataError("no series has a value", "--target names another column")


def _after_last(regular: Regular, columns: range) -> Ints:
    """[E] one past the last row in which any of the columns was observed; the start where none."""
    some = np.zeros(len(regular.values), dtype=np.bool_)  # [rows]
    for column in columns:
        some |= np.isfinite(regular.values[:, column])
    return np.maximum(_last_seen(some, regular.offsets) + 1, regular.offsets[:-1])


def _tell_trailing(regular: Regular, reach: _Reach, notes: Notes) -> None:
    """Count the rows at the end that are left out, and say what they hold."""
    bare = int((regular.offsets[1:] - reach.used).sum())
    notes.repair("trailing rows", bare, "hold none of the columns in use, left out")
    notes.repair(
        "rows after the last target",
        int((reach.used - reach.kept).sum()),
        "hold nothing but covariates of the past, left out: forecasts begin after the last target",
        "--future",
    )


def _refuse_twins(ids: tuple[str, ...]) -> None:
    """Two series of one name cannot be told apart in anything that is printed or saved."""
    twins = sorted({name for name, count in Counter(ids).items() if count > 1})
    if twins:
        raise DataError(
            f'{len(twins)} names stand for several series each (first: "{twins[0]}")',
            "rename an id or a column, so that id/column is different for each series",
        )


def _first_seen(seen: Bools, offsets: Ints) -> Ints:
    """[E] the first marked row of each entity; its end where none is."""
    n = len(seen)
    nearest = np.where(seen, np.arange(n), n)
    firsts = np.minimum.reduceat(nearest, offsets[:-1])
    return np.minimum(firsts, offsets[1:])


def _last_seen(seen: Bools, offsets: Ints) -> Ints:
    """[E] the last marked row of each entity; before its start where none is."""
    nearest = np.where(seen, np.arange(len(seen)), -1)
    return np.asarray(np.maximum.reduceat(nearest, offsets[:-1]))


def _series_id(entity: str, target: str, several: bool) -> str:
    if not entity:
        return target
    return f"{entity}/{target}" if several else entity
