"""The training of an ensemble on the rows of a panel: series in, networks out.

Notable: what was learned is returned whole, so that a training that fails or is ended leaves
nothing half done behind it; and on a processor the default comes out the same, byte for byte,
on any number of cores. This file does not know that a network is fitted twice, and not how it
forecasts or is saved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch

from forecast_cli.config import SEEDS, Settings
from forecast_cli.data.panel import Ints, Panel
from forecast_cli.data.split import train_ends
from forecast_cli.data.windows import Batch, Resident, Sampler, Windows
from forecast_cli.errors import DataError, UsageError
from forecast_cli.monitor import Monitor
from forecast_cli.networks.inputs import Inputs, tensor
from forecast_cli.networks.network import Architecture, Network
from forecast_cli.networks.noise import Noise
from forecast_cli.networks.scale import canonical_order
from forecast_cli.networks.sizes import Cut, Sizes
from forecast_cli.task import Task
from forecast_cli.training.checkpoint import NOWHERE, Checkpoints, Keeper
from forecast_cli.training.device import isolated, resolve, threads_for
from forecast_cli.training.ensemble import Member, fit_members
from forecast_cli.training.loop import Plan
from forecast_cli.training.progress import Learned
from forecast_cli.training.validation import validation_batches

MOST_A_CORE = 8  # threads
HALVINGS = 3  # of the batches, before an accelerator without room is given up
MOST_MEMBERS = 1000  # that have seeds of their own


@dataclass(frozen=True)
class Lesson:
    """What is to be learned, and by which networks.

    Parameters
    ----------
    cell : str
        Of the registry in networks/cells.
    task : Task
    settings : Settings
        Seed, device and threads.
    sizes : tuple of Sizes
        Of each member.
    seeds : tuple of int
        Of each member: its first weights, its batches and its dropout.
    checkpoints : Checkpoints
        Where the training stands, now and then.
    """

    cell: str
    task: Task
    settings: Settings
    sizes: tuple[Sizes, ...]
    seeds: tuple[int, ...]
    checkpoints: Checkpoints = NOWHERE


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of a lesson.

    Parameters
    ----------
    inputs : Inputs
        What the networks read of a panel.
    networks : tuple of Network
        One a member, with its best weights.
    learned : tuple of Learned
        What the training of each did.
    """

    inputs: Inputs
    networks: tuple[Network, ...]
    learned: tuple[Learned, ...]

    def part(self, members: slice) -> Trained:
        """Some of the members."""
        return Trained(self.inputs, self.networks[members], self.learned[members])


def member_seeds(seed: int, members: int) -> tuple[int, ...]:
    """The seeds of the members of a model.

    No two models share one: members of the same seed would be the same network, and models of
    several seeds more alike than they are.

    Examples
    --------
    >>> member_seeds(0, 3), member_seeds(2, 2)
    ((0, 1, 2), (2000, 2001))
    """
    return tuple((MOST_MEMBERS * seed + number) % SEEDS for number in range(members))


def arranged(panel: Panel, until: Ints, validation: int) -> tuple[Panel, Ints]:
    """The series in their canonical order, and [S] the rows before which they are learned.

    Batches are drawn, learned vectors numbered and sums taken in this order, so that neither
    the names nor the order of the series lead the training another way.
    """
    until = np.clip(until, panel.starts, panel.known_ends)
    if panel.n_series == 1:
        return panel, until
    order = canonical_order(panel, train_ends(panel, until, validation))
    length = (until - panel.starts)[order]
    panel = panel.select(order)
    return panel, panel.starts + length


def block_ends(panel: Panel, ends: Ints, until: Ints) -> Ints:
    """[S] where the validation block ends that begins at ``ends`` [S], at most at ``until`` [S].

    It is empty where no target was observed in it, and where none was before: such a series
    has no scale to be compared in.
    """
    observed = np.append(0, np.cumsum(panel.observed[:, 0]))  # [rows + 1] before each row
    before = observed[ends] > observed[panel.starts]
    within = observed[until] > observed[ends]
    return np.where(before & within, until, ends)


def learn(
    lesson: Lesson,
    panel: Panel,
    ends: Ints,
    until: Ints | None,
    plans: Sequence[Plan],
    monitor: Monitor,
) -> Trained:
    """Train networks on the rows before ``ends`` [S].

    Parameters
    ----------
    lesson : Lesson
    panel : Panel
        In canonical order, see :func:`arranged`.
    ends : [S] int64
    until : [S] int64, or None
        Where the validation blocks end that begin at ``ends``. None: all rows are learned from,
        and the plans know the start and how many steps are enough.
    plans : sequence of Plan
        Of each member.
    monitor : Monitor
        Is told where no block holds anything to validate on.

    Raises
    ------
    DataError
        Where nothing was observed, or no series has a patch and a row after it.
    TrainingError
        Where the loss stops being a number.
    """
    task, settings = lesson.task, lesson.settings
    device = resolve(settings.device)
    inputs = Inputs.learn(panel, ends, task.season)
    threads, cores = threads_of_a_step(lesson, device), torch.get_num_threads()
    with isolated(device, settings.seed, threads):
        rows = inputs.resident(panel, device)
        windows = {
            sizes.cut: Windows(rows, sizes.patch, sizes.patches, task.horizon, sizes.canonical)
            for sizes in lesson.sizes
        }
        blocks = _blocks(windows, panel, ends, until, monitor)
        members: list[Member] = []
        for seed, sizes, plan in zip(lesson.seeds, lesson.sizes, plans, strict=True):
            torch.manual_seed(seed)
            network = Network(architecture(lesson, inputs, rows, sizes), Noise(seed, device))
            sampler = Sampler(windows[sizes.cut], tensor(ends, device), sizes.batch_size, seed)
            keeper = _keeper(lesson, len(members), plan, until is not None, threads, device)
            members.append(Member(network.to(device), sampler, blocks[sizes.cut], plan, keeper))
        _refuse_nothing(inputs, members)
        _refuse_repeats(settings, members)
        quantiles = torch.tensor(task.quantiles, device=device)
        what = f"training {lesson.cell}" + ("" if until is not None else " on all rows")
        monitor.begin(what, round(sum(plan.steps for plan in plans) / len(plans)))
        try:
            learned = fit_members(members, quantiles, monitor, threads, cores)
        finally:
            monitor.end()
    return Trained(inputs, tuple(member.network for member in members), tuple(learned))


def learn_in_memory(
    lesson: Lesson,
    panel: Panel,
    ends: Ints,
    until: Ints | None,
    plans: Sequence[Plan],
    monitor: Monitor,
) -> tuple[Lesson, Trained, list[str]]:
    """:func:`learn`, with smaller batches where the accelerator has no room for them.

    After :data:`HALVINGS` of them the processor takes over, with the batches as they were.

    Returns
    -------
    tuple of Lesson, Trained, list of str
        The lesson that found room, what came of it, and what was changed, one line each.
    """
    smaller, notes = lesson, list[str]()
    while True:
        try:
            return smaller, learn(smaller, panel, ends, until, plans, monitor), notes
        except torch.OutOfMemoryError:
            if smaller.settings.device == "cpu":
                raise
        # Here, where the failure and all that it holds on to is gone.
        torch.cuda.empty_cache()
        if len(notes) < HALVINGS and all(sizes.batch_size > 1 for sizes in smaller.sizes):
            smaller = _halved(smaller)
            what = f"batches of {max(sizes.batch_size for sizes in smaller.sizes)}"
        else:
            settings = lesson.settings.model_copy(update={"device": "cpu"})
            smaller, what = replace(lesson, settings=settings), "the processor"
        notes.append(f"the memory of the device was full: training began again with {what}")
        monitor.say(f"warning: {notes[-1]}")


def _halved(lesson: Lesson) -> Lesson:
    sizes = tuple(replace(one, batch_size=max(1, one.batch_size // 2)) for one in lesson.sizes)
    return replace(lesson, sizes=sizes)


def _keeper(
    lesson: Lesson, number: int, plan: Plan, validated: bool, threads: int, device: torch.device
) -> Keeper:
    """Where a member's training is kept, with all that decides what it learns."""
    recipe = {
        "cell": lesson.cell,
        "seed": lesson.seeds[number],
        "sizes": asdict(lesson.sizes[number]),
        "plan": asdict(plan),
        "threads": threads,
        "device": str(device),
        "torch": torch.__version__,
    }
    fit = "validated" if validated else "final"
    return Keeper(lesson.checkpoints, f"{fit}-{number}", json.dumps(recipe, sort_keys=True))


def _blocks(
    windows: Mapping[Cut, Windows],
    panel: Panel,
    ends: Ints,
    until: Ints | None,
    monitor: Monitor,
) -> dict[Cut, list[Batch]]:
    """Windows of the validation block for each cut; where it is empty, that is said."""
    if until is None:
        return {cut: [] for cut in windows}
    blocks = {cut: validation_batches(cuts, panel, ends, until) for cut, cuts in windows.items()}
    if not any(blocks.values()):
        monitor.say("no room for a validation block: training takes a fixed number of steps")
    return blocks


def _refuse_nothing(inputs: Inputs, members: Sequence[Member]) -> None:
    """Refuse to learn from nothing."""
    if not np.isfinite(inputs.scaling.centre).any():
        raise DataError(
            "no series has an observed value to learn from",
            "look at what was read with: forecast inspect",
        )
    for member in members:
        if member.sampler.total == 0:
            raise DataError(
                f"no series has more than {member.sampler.windows.patch} rows to learn from",
                "a smaller --patch, a smaller --val-size or longer series",
            )


def _refuse_repeats(settings: Settings, members: Sequence[Member]) -> None:
    """Refuse a batch that could only hold the same sequences many times over."""
    most = min(member.sampler.total for member in members)
    if settings.batch_size is not None and settings.batch_size > most:
        raise UsageError(
            f"a batch of {settings.batch_size} sequences is more than the {most} that there are",
            f"--batch-size {most} or less",
        )


def architecture(lesson: Lesson, inputs: Inputs, rows: Resident, sizes: Sizes) -> Architecture:
    """The shape of a member that reads these rows."""
    return Architecture(
        cell=lesson.cell,
        patch=sizes.patch,
        horizon=lesson.task.horizon,
        quantiles=len(lesson.task.quantiles),
        hidden=sizes.hidden,
        layers=sizes.layers,
        highway=sizes.highway,
        series=len(inputs.ids) if len(inputs.ids) > 1 else 0,
        past=rows.past.shape[1],
        known=rows.known.shape[1],
        calendar=rows.calendar.shape[1] if sizes.relative == "mean" else 0,
        static=rows.static.shape[1],
        dropout=sizes.dropout,
        relative=sizes.relative,
    )


def threads_of_a_step(lesson: Lesson, device: torch.device) -> int:
    """How many threads a training step takes.

    On another number of threads the last bits come out otherwise. So it is one, whatever the
    machine has, but where the user names a number, or a width or batch of their own: the largest
    of such members is timed, see :func:`threads_for`.

    Raises
    ------
    UsageError
        Where so many are asked for that they would only wait for one another.
    """
    settings = lesson.settings
    if settings.threads is not None:
        most = MOST_A_CORE * (os.cpu_count() or 1)
        if settings.threads > most:
            raise UsageError(
                f"{settings.threads} threads are more than {MOST_A_CORE} a core",
                f"--threads {most // MOST_A_CORE}, or leave it out",
            )
        return settings.threads
    asked = settings.batch_size is not None or settings.hidden is not None
    if device.type != "cpu" or not asked:
        return 1
    largest = max(lesson.sizes, key=lambda sizes: sizes.batch_size * sizes.hidden**2)
    return threads_for(largest.batch_size, largest.hidden, largest.patches)
