"""Which examples are learned from and which are scored: by entity, or in time.

Histories are divided by entity: all examples of one stand on one side, and each class, or
whether the event ever comes, has the same share in every part. Threshold events have a
calendar and are divided in time, as forecasts are; between the sides lie the H rows that
an answer depends on. All is drawn from a seed, and nothing here knows a model.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecast_cli.data.events.histories import Examples, Fold, Histories
from forecast_cli.data.panel import Bools, Ints, Origins, Panel
from forecast_cli.data.split import untested_ends
from forecast_cli.errors import DataError
from forecast_cli.events import EventTask
from forecast_cli.monitor import SILENT, Monitor

TEST_SHARE = 0.2  # of the rows of a regular series, at its end
_SHARES = (1.0, 1.5, 2.0, 2.5, 0.5)  # of the share asked for, until both sides hold all classes


def folds(histories: Histories, k: int, seed: int) -> tuple[Fold, ...]:
    """Divide the examples so that every entity is tested once, or in time.

    Parameters
    ----------
    histories : Histories
    k : int
        Folds; threshold events have one, whose test is the last fifth of the rows.
    seed : int

    Raises
    ------
    DataError
        Fewer entities with an answer than folds; or, in time, an event that does not come, or
        is never absent, on one of the sides.
    """
    panel, examples = histories.panel, histories.examples
    if histories.task.kind == "threshold":
        return (_in_time(histories),)
    entities, strata = entity_classes(histories.task, examples)
    if len(entities) < k:
        raise DataError(
            f"{len(entities)} entities have an answer, too few for {k} folds",
            f"--folds {len(entities)} or less" if len(entities) > 1 else "name more histories",
        )
    fold_of = np.full(panel.n_series, -1, dtype=np.int64)  # [S]
    fold_of[entities] = dealt(strata, k, seed)
    tested = fold_of[examples.moments.series]  # [M]
    return tuple(Fold(panel, examples[tested != f], examples[tested == f]) for f in range(k))


def entity_classes(task: EventTask, examples: Examples) -> tuple[Ints, Ints]:
    """[E] the entities that have examples, and [E] the class that each is stratified by.

    That is its rarest: with two classes the event, if it has any.
    """
    counts = np.bincount(examples.labels, minlength=len(task.classes))
    by_rarity = np.array([0, 1]) if task.binary else np.argsort(-counts, kind="stable")
    rank = np.argsort(by_rarity)  # [K] the place of each class, the rarest last
    entities, which = np.unique(examples.moments.series, return_inverse=True)
    rarest = np.zeros(len(entities), dtype=np.int64)
    np.maximum.at(rarest, which, rank[examples.labels])
    return entities, by_rarity[rarest]


def dealt(strata: Ints, k: int, seed: int) -> Ints:
    """[E] a part for each entity: shuffled, then dealt out class by class without a break.

    Parameters
    ----------
    strata : [E] int64
        See :func:`entity_classes`.
    k : int
        Parts.
    seed : int
    """
    shuffled = np.random.default_rng(seed).permutation(len(strata))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    fold = np.empty(len(strata), dtype=np.int64)
    fold[order] = np.arange(len(strata)) % k
    return fold


def hold_out(
    panel: Panel, task: EventTask, examples: Examples, share: float, seed: int
) -> tuple[Examples, Examples]:
    """Part the examples that a model may learn from: to learn, and to choose by.

    Parameters
    ----------
    panel : Panel
    task : EventTask
    examples : Examples
    share : float
        Of the entities, or of the rows in time, to hold out.
    seed : int

    Returns
    -------
    learn, hold : Examples
        No entity is in both; of threshold events, no answer of ``learn`` depends on a row at or
        after the first moment of ``hold``. ``learn`` has every class of ``examples``, also
        where a single entity has it. ``hold`` has them too where there are two such
        entities; it is empty where no class has two.
    """
    if task.kind == "threshold":
        return _held_in_time(panel, task, examples, share)
    entities, strata = entity_classes(task, examples)
    order = np.random.default_rng(seed).permutation(len(entities))
    chosen: list[Ints] = []
    for stratum in np.unique(strata):
        own = order[strata[order] == stratum]
        size = int(np.clip(round(share * len(own)), min(1, len(own) - 1), len(own) - 1))
        chosen.append(entities[own[:size]])
    held = np.isin(examples.moments.series, np.concatenate(chosen) if chosen else [])
    return examples[~held], examples[held]


def given(train: Histories, test: Histories, monitor: Monitor = SILENT) -> Fold:
    """One fold from two readings: learn from all of one, test on all of the other.

    Parameters
    ----------
    train, test : Histories
        ``test`` was read with the task of ``train`` (``load_test``), so that its codes and
        times mean the same.
    monitor : Monitor
        Is told which entities bear a name of ``train`` and are renamed; they count as others.

    Raises
    ------
    DataError
        ``test`` lacks a channel or a static of ``train``, or has no examples.
    """
    first, second = train.panel, _aligned(test.panel, train.panel)
    if not len(test.examples):
        raise DataError("the test data have no answers", "--test-labels names them")
    taken = set(first.ids)
    twins = sum(name in taken for name in second.ids)
    if twins:
        monitor.say(
            f"{twins} entities of the test data bear names of the training data; they count as "
            'others, and are called "… (test)"'
        )
    panel = replace(
        first,
        values=np.concatenate([first.values, second.values]),
        observed=np.concatenate([first.observed, second.observed]),
        times=np.concatenate([first.times, second.times]),
        offsets=np.concatenate([first.offsets, first.n_rows + second.offsets[1:]]),
        ids=(*first.ids, *_distinct(second.ids, taken)),
        static=np.concatenate([first.static, second.static]),
        future_rows=np.concatenate([first.future_rows, second.future_rows]),
    )
    moments = test.examples.moments
    moved = Origins(moments.series + first.n_series, moments.rows + first.n_rows)
    return Fold(panel, train.examples, Examples(moved, test.examples.labels))


def first_tested(panel: Panel) -> Ints:
    """[S] where the test of a threshold event begins: the last fifth of the rows.

    At a common moment where there is a calendar, so that no series lends its future to another.
    """
    longest = int((panel.known_ends - panel.starts).max(initial=0))
    return untested_ends(panel, max(round(TEST_SHARE * longest), 1))


def _in_time(histories: Histories) -> Fold:
    panel, task, examples = histories.panel, histories.task, histories.examples
    learn, test = _parted(examples, first_tested(panel), task.horizon)
    for side, words in ((learn, "the rows before the last fifth"), (test, "the last fifth")):
        missing = [c for i, c in enumerate(task.classes) if not np.any(side.labels == i)]
        if missing:
            never = "never comes" if missing[0] == task.classes[1] else "is never absent"
            raise DataError(
                f'the event "{task.event}" {never} in {words}: there is nothing to compare',
                "choose another limit, another horizon, or name a longer series",
            )
    return Fold(panel, learn, test)


def _held_in_time(
    panel: Panel, task: EventTask, examples: Examples, share: float
) -> tuple[Examples, Examples]:
    """The last examples in time; more or fewer of them where a class would be missing."""
    classes = np.unique(examples.labels).size
    parts = [_parted_at(panel, task, examples, share * factor) for factor in _SHARES]
    for learn, hold in parts:
        if np.unique(learn.labels).size == np.unique(hold.labels).size == classes:
            return learn, hold
    whole = [part for part in parts if np.unique(part[0].labels).size == classes]
    return whole[0] if whole else (examples, examples[:0])


def _parted_at(
    panel: Panel, task: EventTask, examples: Examples, share: float
) -> tuple[Examples, Examples]:
    series, rows = examples.moments.series, examples.moments.rows
    if panel.clock.freq is None:  # every series has a time of its own
        first = np.full(panel.n_series, panel.n_rows, dtype=np.int64)
        last = np.full(panel.n_series, -1, dtype=np.int64)
        np.minimum.at(first, series, rows)
        np.maximum.at(last, series, rows)
        span = np.maximum(last - first + 1, 0)
        cuts = last + 1 - np.ceil(share * span).astype(np.int64)
    else:
        moment = np.quantile(panel.times[rows], max(1 - share, 0), method="higher")
        before = np.concatenate([[0], np.cumsum(panel.times < moment)])  # [rows+1]
        cuts = panel.starts + before[panel.ends] - before[panel.starts]
    return _parted(examples, cuts, task.horizon)


def _parted(examples: Examples, cuts: Ints, horizon: int) -> tuple[Examples, Examples]:
    """Examples whose answers lie before the rows ``cuts`` [S], and those from there on."""
    rows, cut = examples.moments.rows, cuts[examples.moments.series]  # [M]
    learned: Bools = rows + horizon < cut
    return examples[learned], examples[rows >= cut]


def _aligned(panel: Panel, like: Panel) -> Panel:
    """The panel with the channels and statics of another, in its order."""
    named = (
        ("channel", panel.channels, like.channels),
        ("static", panel.static_names, like.static_names),
    )
    for what, own, wanted in named:
        missing = [name for name in wanted if name not in own]
        if missing:
            raise DataError(
                f'the test data lack the {what} "{missing[0]}" of the training data',
                "name test data with the same columns",
            )
    channels = [panel.channels.index(name) for name in like.channels]
    statics = [panel.static_names.index(name) for name in like.static_names]
    return replace(
        panel,
        values=panel.values[:, channels],
        observed=panel.observed[:, channels],
        channels=like.channels,
        roles=like.roles,
        static=panel.static[:, statics],
        static_names=like.static_names,
    )


def _distinct(names: tuple[str, ...], taken: set[str]) -> list[str]:
    """The names, with "(test)" behind those that are taken, as often as it needs."""
    used, result = set(taken) | set(names), []
    for name in names:
        new = name
        while new in taken or (new != name and new in used):
            new += " (test)"
        used.add(new)
        result.append(new)
    return result
